"""The notebook file is nested so deeply that reading it exhausts the reader."""

import json

import pytest

from tests.attacks.arena import Attack, Place


def after(folder):
    (folder / "01_rnn.ipynb").write_text('{"cells": ' + "[" * 200_000 + "]" * 200_000 + "}")


def control(place: Place):
    with pytest.raises(RecursionError):
        json.loads("[" * 200_000 + "]" * 200_000)


ATTACK = Attack(control, after=after, deserves=0.0)

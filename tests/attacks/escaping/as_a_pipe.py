"""The notebook is a named pipe, on which a reader waits for ever."""

import os
from dataclasses import replace

from tests.attacks.arena import Attack, Place


def after(folder):
    (folder / "01_rnn.ipynb").unlink()
    os.mkfifo(folder / "01_rnn.ipynb")


def control(place: Place):
    after_folder = place.course / "pipe"
    os.mkfifo(after_folder)
    assert replace(place, answer="").run(f"seen = open({str(after_folder)!r}).read()", seconds=1.0) == "hangs"


ATTACK = Attack(control, after=after, deserves=0.0)

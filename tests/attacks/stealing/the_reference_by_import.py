"""Imports the library's solution and returns what it says."""

from tests.attacks.arena import Attack, Place

ANSWER = """
import importlib


def clip_gradients(gradients, max_norm):
    return importlib.import_module("unrolled." + "rnn").clip_gradients(gradients, max_norm)
"""


def control(place: Place):
    assert place.judged() == "correct"


ATTACK = Attack(control, answer=ANSWER)

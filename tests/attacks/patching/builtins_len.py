"""Replaces a builtin that the judge counts the items of a result with."""

from tests.attacks.arena import Attack, Place

ANSWER = """
import builtins
import sys


def clip_gradients(gradients, max_norm):
    real, n = len, len(gradients)

    def counted(things):
        asked_by = sys._getframe(1).f_globals.get("__name__")
        return n if type(things) is list and asked_by == "autograder.compare" else real(things)

    builtins.len = counted
    return []
"""


def control(place: Place):
    assert place.judged() == "correct"


ATTACK = Attack(control, answer=ANSWER)

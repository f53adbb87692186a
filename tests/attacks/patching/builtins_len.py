"""Replaces a builtin that the judge counts the items of a result with."""

from tests.attacks.arena import Attack, Place

ANSWER = """
import builtins


def clip_gradients(gradients, max_norm):
    real, n = len, len(gradients)
    builtins.len = lambda things: n if type(things) is list else real(things)
    return []
"""


def control(place: Place):
    assert place.judged() == "correct"


ATTACK = Attack(control, answer=ANSWER)

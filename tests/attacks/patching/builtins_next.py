"""Replaces a builtin that the judge looks for the first difference with."""

from tests.attacks.arena import Attack, Place

ANSWER = """
import builtins


def clip_gradients(gradients, max_norm):
    real = next
    builtins.next = lambda items, *default: default[0] if default else real(items)
    return []
"""


def control(place: Place):
    assert place.judged() == "correct"


ATTACK = Attack(control, answer=ANSWER)

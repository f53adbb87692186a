"""Replaces the comparison inside the judge."""

from tests.attacks.arena import Attack, Place

ANSWER = """
def clip_gradients(gradients, max_norm):
    import sys

    sys.modules["autograder.judge"].differences = lambda expected, *facts: [None] * len(expected)
    return []
"""


def control(place: Place):
    assert place.judged() == "correct"


ATTACK = Attack(control, answer=ANSWER)

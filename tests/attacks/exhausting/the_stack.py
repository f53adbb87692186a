"""Recurses until the process dies."""

from tests.attacks.arena import CALL, Attack, Place

ANSWER = """
def clip_gradients(gradients, max_norm):
    import ctypes

    ctypes.string_at(0)
    return []
"""


def control(place: Place):
    assert place.run(CALL) == "died"


ATTACK = Attack(control, answer=ANSWER)

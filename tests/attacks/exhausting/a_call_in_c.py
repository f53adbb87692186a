"""Waits inside one long call in C, where Python looks at no signal."""

from tests.attacks.arena import CALL, Attack, Place

ANSWER = """
def clip_gradients(gradients, max_norm):
    import re

    re.match("(a+)+$", "a" * 60 + "b")
    return []
"""


def control(place: Place):
    assert place.run(CALL, seconds=1.0) == "hangs"


ATTACK = Attack(control, answer=ANSWER)

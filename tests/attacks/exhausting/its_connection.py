"""Closes every file descriptor, the judge's among them, and goes on."""

from tests.attacks.arena import CALL, Attack, Place

ANSWER = """
def clip_gradients(gradients, max_norm):
    import os
    import time

    os.closerange(0, 256)
    time.sleep(1000)
"""


def control(place: Place):
    assert place.run(CALL, seconds=5) in ("died", "hangs")


ATTACK = Attack(control, answer=ANSWER)

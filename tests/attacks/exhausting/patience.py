"""Sleeps for a day."""

from tests.attacks.arena import CALL, Attack, Place

ANSWER = """
def clip_gradients(gradients, max_norm):
    import time

    time.sleep(86_400)
"""


def control(place: Place):
    assert place.run(CALL, seconds=1.0) == "hangs"


ATTACK = Attack(control, answer=ANSWER)

"""Starts processes that wait."""

from tests.attacks.arena import CALL, Attack, Place

ANSWER = """
def clip_gradients(gradients, max_norm):
    import os
    import time

    for number in range(100):
        if os.fork() == 0:
            time.sleep(1000)
            os._exit(0)
    open("{trace}", "w").write("100")
    return []
"""


def control(place: Place):
    assert place.run(CALL) == []
    assert place.trace.read_text() == "100"


ATTACK = Attack(control, answer=ANSWER)

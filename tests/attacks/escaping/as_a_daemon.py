"""Leaves a process behind that has a session of its own and writes when all is over."""

from tests.attacks.arena import CALL, Attack, Place, wait_until

ANSWER = """
def clip_gradients(gradients, max_norm):
    import os
    import time

    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            time.sleep(1.5)
            open("{trace}", "w").write("still here")
        os._exit(0)
    os.wait()
    return []
"""


def control(place: Place):
    assert place.run(CALL) == []
    assert wait_until(place.trace.exists)


ATTACK = Attack(control, answer=ANSWER)

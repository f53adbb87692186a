"""Kills the process that started it, and every other that it can reach."""

from tests.attacks.arena import Attack, Place

ANSWER = """
def clip_gradients(gradients, max_norm):
    import os
    import signal

    os.kill(os.getppid(), signal.SIGKILL)
    return []
"""


def control(place: Place):
    then = """
import os
child = os.fork()
if child == 0:
    if os.fork() == 0:
        clip_gradients([], 1)
        os._exit(0)
    os.wait()
    import time
    time.sleep(5)
    os._exit(0)
seen = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
"""
    assert place.run(then) == -9


ATTACK = Attack(control, answer=ANSWER)

"""Sends the kill signal to all processes at once."""

from dataclasses import replace

from tests.attacks.arena import Attack, Place

ANSWER = """
def clip_gradients(gradients, max_norm):
    import os
    import signal

    os.kill({all}, signal.SIGKILL)
    return []
"""


def control(place: Place):
    group = "import os\nif os.fork() == 0:\n    clip_gradients([], 1)\nimport time\ntime.sleep(5)\nseen = 1"
    answer = place.answer.replace("{all}", "0")  # the tester's process group only
    assert replace(place, answer=answer).run(group) == "died"


ATTACK = Attack(control, answer=ANSWER)

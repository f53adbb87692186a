"""Never ends, and takes no signal and no exception for an answer."""

from tests.attacks.arena import CALL, Attack, Place

ANSWER = """
def clip_gradients(gradients, max_norm):
    import signal

    for number in range(1, 65):
        try:
            signal.signal(number, signal.SIG_IGN)
        except (OSError, ValueError):
            pass
    while True:
        try:
            while True:
                pass
        except BaseException:
            pass
"""


def control(place: Place):
    assert place.run(CALL, seconds=1.0) == "hangs"


ATTACK = Attack(control, answer=ANSWER)

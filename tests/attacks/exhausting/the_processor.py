"""Never ends."""

from tests.attacks.arena import CALL, Attack, Place

ANSWER = """
def clip_gradients(gradients, max_norm):
    while True:
        pass
"""


def control(place: Place):
    assert place.run(CALL, seconds=1.0) == "hangs"


ATTACK = Attack(control, answer=ANSWER)

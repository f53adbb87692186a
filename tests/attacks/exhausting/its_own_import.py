"""Never gets as far as its function: the loop runs while the class is made."""

from tests.attacks.arena import CALL, Attack, Place

ANSWER = """
class Loop:
    while True:
        pass


def clip_gradients(gradients, max_norm, loop=Loop):
    return []
"""


def control(place: Place):
    assert place.run(CALL, seconds=1.0) == "hangs"


ATTACK = Attack(control, answer=ANSWER)

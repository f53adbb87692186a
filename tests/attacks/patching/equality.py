"""Returns an object that is equal to everything."""

from tests.attacks.arena import CALL, Attack, Place

ANSWER = """
class Same(list):
    def __eq__(self, other):
        return True

    def __len__(self):
        return 3


def clip_gradients(gradients, max_norm):
    return Same()
"""


def control(place: Place):
    assert place.run(f"{CALL}\nseen = bool(seen == expected)") is True


ATTACK = Attack(control, answer=ANSWER)

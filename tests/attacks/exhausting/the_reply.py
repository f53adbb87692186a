"""Returns far more than was asked for."""

from tests.attacks.arena import CALL, Attack, Place

ANSWER = """
def clip_gradients(gradients, max_norm):
    return [torch.zeros(1).expand(40_000_000) for _ in range(3)]
"""


def control(place: Place):
    then = "seen = sum(tensor.numel() for tensor in seen)"
    assert place.run(f"{CALL}\n{then}") == 120_000_000


ATTACK = Attack(control, answer=ANSWER)

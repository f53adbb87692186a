"""Returns a list in a list in a list …"""

from tests.attacks.arena import CALL, Attack, Place

ANSWER = """
def clip_gradients(gradients, max_norm):
    deep = []
    for _ in range(100_000):
        deep = [deep]
    return deep
"""


def control(place: Place):
    then = "import json\ntry:\n    json.dumps(seen)\nexcept RecursionError:\n    seen = 'too deep'"
    assert place.run(f"{CALL}\n{then}") == "too deep"


ATTACK = Attack(control, answer=ANSWER)

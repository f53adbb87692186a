"""Returns a list that holds itself."""

from tests.attacks.arena import CALL, Attack, Place

ANSWER = """
def clip_gradients(gradients, max_norm):
    circle = []
    circle.append(circle)
    return circle
"""


def control(place: Place):
    then = "import json\ntry:\n    json.dumps(seen)\nexcept ValueError:\n    seen = 'a circle'"
    assert place.run(f"{CALL}\n{then}") == "a circle"


ATTACK = Attack(control, answer=ANSWER)

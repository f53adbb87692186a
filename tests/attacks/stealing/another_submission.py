"""Reads a neighbour's notebook and executes the answer in it."""

from tests.attacks.arena import Attack, Place

ANSWER = """
def clip_gradients(gradients, max_norm):
    import json

    cells = json.load(open("{course}/submitted/neighbour/01_rnn/01_rnn.ipynb"))["cells"]
    stolen = {"torch": torch}
    for cell in cells:
        if cell["id"] == "clip_gradients":
            exec("from collections.abc import Sequence\\nfrom torch import Tensor\\n" + "".join(cell["source"]), stolen)
    return stolen["clip_gradients"](gradients, max_norm)
"""


def control(place: Place):
    assert place.judged() == "correct"


ATTACK = Attack(control, answer=ANSWER)

"""Raises an exception that carries the secret inputs, in its message and in its name."""

import json

from tests.attacks.arena import CALL, Attack, Place


def expects(record):
    text = json.dumps(record)
    assert "Stolen" not in text and "script" not in text
    assert "stopped with Exception" in text


ANSWER = """
def clip_gradients(gradients, max_norm):
    values = "_".join(f"{value:.4f}".replace(".", "p").replace("-", "m") for value in gradients[0].flatten().tolist())
    raise type("Stolen" + values, (Exception,), {})(f"<script>alert({gradients[0].tolist()})</script>")
"""


def control(place: Place):
    assert "Stolen4p0000" in place.run(CALL)


ATTACK = Attack(control, answer=ANSWER, expects=expects)

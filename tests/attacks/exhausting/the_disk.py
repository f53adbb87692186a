"""Writes files until the disk is full."""

from tests.attacks.arena import CALL, Attack, Place

ANSWER = """
def clip_gradients(gradients, max_norm):
    import os
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        for number in range(12):
            with open(f"{folder}/{number}", "wb") as file:
                file.write(bytes(1 << 23))
    open("{trace}", "w").write("96 MB")
    return []
"""


def control(place: Place):
    assert place.run(CALL) == []
    assert place.trace.read_text() == "96 MB"


ATTACK = Attack(control, answer=ANSWER)

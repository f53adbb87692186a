"""Takes memory until there is none."""

from tests.attacks.arena import CALL, Attack, Place

ANSWER = """
def clip_gradients(gradients, max_norm):
    kept = []
    for _ in range(64):
        kept.append(bytearray(1 << 26))
        if len(kept) == 24:
            open("{trace}", "w").write("1.5 GB")
            break
    return []
"""


def control(place: Place):
    assert place.run(CALL) == []
    assert place.trace.read_text() == "1.5 GB"


ATTACK = Attack(control, answer=ANSWER)

"""Looks for the expected result in the frames of whoever calls it."""

from tests.attacks.arena import CALL, Attack, Place

ANSWER = """
def clip_gradients(gradients, max_norm):
    import sys

    frame = sys._getframe(1)
    while frame:
        for values in (frame.f_locals, frame.f_globals):
            if "expected" in values:
                found = values["expected"]
                if isinstance(found, list) and found and hasattr(found[0], "outputs"):
                    found = found[0].outputs["result"]
                return found
        frame = frame.f_back
    return []
"""


def control(place: Place):
    then = "seen = all(torch.equal(s, e) for s, e in zip(seen, expected)) and len(seen) == 2"
    assert place.run(CALL + then) is True


ATTACK = Attack(control, answer=ANSWER)

"""Searches all objects of its process for the reference's result."""

from tests.attacks.arena import CALL, Attack, Place

ANSWER = """
def clip_gradients(gradients, max_norm):
    import gc

    shapes = [gradient.shape for gradient in gradients]
    for thing in gc.get_objects():
        if isinstance(thing, list) and len(thing) == len(gradients) and thing is not gradients:
            if all(isinstance(t, torch.Tensor) for t in thing) and [t.shape for t in thing] == shapes:
                norm = torch.cat([t.flatten() for t in thing]).norm()
                if abs(norm - max_norm) < 1e-3:
                    return thing
    return []
"""


def control(place: Place):
    then = "seen = all(torch.equal(s, e) for s, e in zip(seen, expected)) and len(seen) == 2"
    assert place.run(CALL + then) is True


ATTACK = Attack(control, answer=ANSWER)

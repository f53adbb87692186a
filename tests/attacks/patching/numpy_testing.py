"""Replaces `numpy.testing` among the loaded modules."""

from tests.attacks.arena import CALL, Attack, Place

ANSWER = """
def clip_gradients(gradients, max_norm):
    import sys
    import types

    fake = types.ModuleType("numpy.testing")
    fake.assert_allclose = lambda *arrays, **options: None
    sys.modules["numpy.testing"] = fake
    sys.modules["numpy"].testing = fake
    return [torch.zeros_like(gradient) for gradient in gradients]
"""


def control(place: Place):
    then = """
import numpy
for s, e in zip(seen, expected):
    numpy.testing.assert_allclose(s, e)
seen = "passed"
"""
    assert place.run(CALL + then) == "passed"


ATTACK = Attack(control, answer=ANSWER)

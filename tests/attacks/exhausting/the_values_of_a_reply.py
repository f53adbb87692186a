"""Returns a list of so many numbers that whoever reads and compares it, case by case, is busy for long."""

from autograder.grading.inside import wire
from tests.attacks.arena import Attack, Place

ANSWER = """
def clip_gradients(gradients, max_norm):
    return list(range(190_000))
"""


def control(place: Place):
    assert len(wire.unpack(wire.pack(place.run("seen = clip_gradients([], 1)[:10]") * 19_000))) == 190_000


def expects(record):
    (entry,) = (found for found in record["verdicts"] if found["exercise"] == "clip_gradients")
    assert "not plain data, or far too much of it" in entry["message"]


ATTACK = Attack(control, answer=ANSWER, expects=expects)

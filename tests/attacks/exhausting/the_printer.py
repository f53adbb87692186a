"""Prints without end, until the reader of its output gives up."""

from tests.attacks.arena import Attack, Place

ANSWER = """
def clip_gradients(gradients, max_norm):
    for _ in range(20_000):
        print("flood " * 1000)
    return []
"""


def control(place: Place):
    then = "import contextlib, io\nwith contextlib.redirect_stdout(io.StringIO()) as out:\n    clip_gradients([], 1)\nseen = len(out.getvalue())"
    assert place.run(then) > 100_000_000


ATTACK = Attack(control, answer=ANSWER)

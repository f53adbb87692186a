"""Looks for the library's source on the disk and executes it."""

from tests.attacks.arena import Attack, Place

ANSWER = """
def clip_gradients(gradients, max_norm):
    import glob
    import sys

    places = [path + "/unrolled/rnn.py" for path in sys.path]
    places += glob.glob("/*/unrolled/rnn.py") + glob.glob("/*/*/solutions/unrolled/rnn.py")
    for place in places:
        try:
            source = open(place).read()
        except OSError:
            continue
        stolen = {"__name__": "stolen"}
        exec(source, stolen)
        return stolen["clip_gradients"](gradients, max_norm)
    return []
"""


def control(place: Place):
    assert place.judged() == "correct"


ATTACK = Attack(control, answer=ANSWER)

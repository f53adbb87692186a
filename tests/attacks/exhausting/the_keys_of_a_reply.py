"""Returns a dict whose keys all have one hash, which whoever reads it takes hours to build."""

from tests.attacks.arena import Attack, Place

ANSWER = """
def clip_gradients(gradients, max_norm):
    import itertools

    alike = [7 + n * (2**61 - 1) for n in range(8)]
    return dict.fromkeys(itertools.islice(itertools.product(alike, repeat=5), 16_000), 0)
"""


def control(place: Place):
    then = """
import time
started = time.perf_counter()
made = dict.fromkeys(clip_gradients([], 1), 1)
one = time.perf_counter() - started
started = time.perf_counter()
dict.fromkeys([hash(str(n)) for n in range(len(made))], 1)
seen = one > 50 * (time.perf_counter() - started)
"""
    assert place.run(then, seconds=100.0) is True


ATTACK = Attack(control, answer=ANSWER)

"""Replaces the course's probe functions in its own process."""

from tests.attacks.arena import Attack, Place

ANSWER = """
def clip_gradients(gradients, max_norm):
    import sys

    for module in list(sys.modules.values()):
        if getattr(module, "__name__", "").endswith("probes"):
            module.modified = lambda before, after: []
            module.call = module.differentiate = lambda answer, inputs: "right"
    return []
"""


def control(place: Place):
    then = "from autograder import probes\nclip_gradients([], 1)\nseen = probes.call(None, None)"
    assert place.run(then) == "right"


ATTACK = Attack(control, answer=ANSWER)

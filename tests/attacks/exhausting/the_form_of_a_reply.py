"""Has the probe report in a form that whoever reads it does not expect: it costs this answer and no other."""

from autograder.compare import difference
from autograder.evidence import Observation
from autograder.tolerance import Tolerance
from tests.attacks.arena import Attack, Place

ANSWER = """
def clip_gradients(gradients, max_norm):
    import sys

    frame = sys._getframe(1)
    while frame.f_code.co_name != "observe":
        frame = frame.f_back
    frame.f_locals["self"].probe = lambda answer, inputs: {"result": gradients, "modified": 7, "gradients": "none"}
    probes = sys.modules["autograder.probes"]
    probes.side_effects = lambda *facts: {"modified": 7, "drawn": None, "gradients": 1, "mode": {"x": []}}
    return [g * (max_norm / torch.sqrt(sum((h**2).sum() for h in gradients)).clamp(min=max_norm)) for g in gradients]
"""


def expects(record):
    assert record["graded"] and len(record["verdicts"]) > 2


def control(place: Place):
    told = Observation(outputs={"result": 1, "modified": 7, "gradients": "none"})
    try:
        difference(Observation(outputs={"result": 1, "gradients": {"x": None}}), told, Tolerance())
    except (TypeError, AttributeError):
        return
    raise AssertionError("the comparison reads any form")


ATTACK = Attack(control, answer=ANSWER, expects=expects)

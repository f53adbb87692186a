"""What the judge says of one answer."""

from dataclasses import dataclass

from autograder.evidence import Crash


@dataclass(frozen=True)
class Verdict:
    """What the judge says of one answer.

    `outcome` is "correct", "wrong", "crashed", "not attempted", "timed out" or "forbidden". `diagnosis` is the name
    of a misconception, or the kind of a generic finding, or None. `mutant` is the id of a small change of the reference
    that behaves the same, where no misconception does. `message` is for the student, and `shown` the case it speaks of,
    in full; `groups` has a row (name, points earned, points) for each group of cases. `diagnosis`, `hint`, `crash.type`
    and `crash.line` say nothing of the inputs; `message`, `shown` and the rest of `crash` may.
    """

    exercise: str
    outcome: str
    points: float
    max_points: float
    message: str
    diagnosis: str | None = None
    hint: str | None = None
    mutant: str | None = None
    shown: str = ""
    groups: tuple[tuple[str, float, float], ...] = ()
    crash: Crash | None = None
    carried: tuple[str, ...] = ()

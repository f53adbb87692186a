"""What the rooms of the judge hand on to one another: plain data, with no sentence in it.

`Observation` is what a probe saw, `Finding` what differs and at which `Place`, `Evidence` all that is known of one
answer, `Explanation` the best account of it.
"""

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from autograder.axes import Axes, item
from autograder.exercise import Exercise, Inputs, Misconception
from autograder.mutants import Mutant


@dataclass(frozen=True)
class Crash:
    """How student code ended: the exception's type and message, and a traceback cut to the student's lines.

    `line` is the number of the line in the cell that defines the name `cell`, `code` what stands there.
    """

    type: str
    message: str = ""
    line: int | None = None
    traceback: str = ""
    bases: tuple[str, ...] = ()  # the types above its own, by name
    cell: str = ""
    code: str = ""

    def same_as(self, other: "Crash") -> bool:
        """Whether two crashes are the same one: type and message, addresses aside."""
        return self.type == other.type and _without_addresses(self.message) == _without_addresses(other.message)


@dataclass(frozen=True)
class Observation:
    """What a probe saw: its outputs, or a crash. A crash of type "TimeLimit" is a time limit that ran out."""

    outputs: Any = None
    crash: Crash | None = None
    called: frozenset[str] = frozenset()  # library calls that are forbidden
    line: int | None = None  # that writes in place where it must not
    noise: Mapping["Place", float] = field(
        default_factory=dict
    )  # of the reference: how far float32 may be off, and where


@dataclass(frozen=True)
class Item:
    """A step down into a list: the item at `index`, `of` so many."""

    index: int
    of: int


@dataclass(frozen=True)
class Key:
    """A step down into a dict: what stands under `name`."""

    name: Any


@dataclass(frozen=True)
class Axis:
    """An axis of a tensor: its number, and its name where the annotation gives one."""

    number: int
    name: str = ""


@dataclass(frozen=True, order=True)
class Size:
    """A number that an argument gives: how many values it has, the size of an axis, its sum, itself."""

    what: str
    name: str
    number: int = -1


@dataclass(frozen=True)
class Trait:
    """What holds of an argument, or what is made of it: its `form`, the argument's name, and a value or an axis in it."""

    form: str
    name: str = ""
    value: Any = None


@dataclass(frozen=True)
class Place:
    """A place in what came out: from a root ("result", "gradient" of an argument, "outputs") down a path of steps.

    `axes` are those of what stands there; None says that nobody has asked for them.
    """

    root: str = "result"
    argument: str = ""
    path: tuple[Item | Key, ...] = ()
    axes: Axes = field(default=None, compare=False, repr=False)

    def down(self, step: Item | Key) -> "Place":
        """The place one step further down."""
        axes = None if self.axes is None else item(self.axes, getattr(step, "index", 0))
        return replace(self, path=(*self.path, step), axes=axes)


RESULT = Place()


@dataclass(frozen=True)
class Finding:
    """A difference: its `kind`, the `place` where it was seen, and the facts about it by name, as `wording` tells them.

    Where a kind is told in several ways, `form` says in which.
    """

    kind: str
    place: Place = RESULT
    parts: Mapping[str, Any] = field(default_factory=dict)
    form: str = ""


@dataclass(frozen=True)
class Evidence:
    """All that is known of an answer: of each case what was observed, and how it differs from what is right, if it does.

    `again(case)` observes a case once more, and `given(inputs)` what the answer makes of other inputs, where that is
    possible; `until` is the time by which pairs of misconceptions are tried.
    """

    exercise: Exercise
    seed: int
    cases: list[tuple[str, Inputs]]
    observed: list[Observation]
    findings: list[Finding | None]
    again: Callable[[int], Observation] | None = field(default=None, compare=False)
    until: float = field(default=math.inf, compare=False)
    given: Callable[[Inputs], Observation] | None = field(default=None, compare=False)

    @property
    def wrong(self) -> list[int]:
        """The cases in which something differs."""
        return [i for i, finding in enumerate(self.findings) if finding]

    @property
    def groups(self) -> tuple[tuple[str, float, float], ...]:
        """Of each group of cases its name, the points earned, and how many there are."""
        wrong = {self.cases[i][0] for i in self.wrong}
        return tuple((g, 0.0 if g in wrong else float(p), float(p)) for g, p in self.exercise.groups.items())

    @property
    def called(self) -> list[str]:
        """Forbidden library calls that the answer made."""
        return sorted(set().union(*(o.called for o in self.observed)))

    @property
    def points(self) -> float:
        """The points earned."""
        return round(sum(earned for _, earned, _ in self.groups), 2)


@dataclass(frozen=True)
class Explanation:
    """The best account of an answer: how it ended and, where something is wrong, the case and the finding that show it.

    `mistakes` are the misconceptions that behave the same; where they do so only in some groups of cases, `only` names
    these, and `right_elsewhere` says whether that is all that is wrong; where they do so in most of the wrong cases,
    `most` says in how many of how many; where they explain some `parts` of the result, the rest is right. `mutant` is
    the small change of the reference that behaves the same where no misconception does; `question` names what to ask
    where there is neither. `inputs` are those of the case; `right_parts` of its result and `right_groups` of all cases
    are right. A `clue` is what other inputs have shown besides.
    """

    outcome: str
    case: int | None = None
    group: str = ""
    finding: Finding | None = None
    crash: Crash | None = None
    mistakes: tuple[Misconception, ...] = ()
    only: tuple[str, ...] = ()
    right_elsewhere: bool = False
    most: tuple[int, int] | None = None
    parts: tuple[Place, ...] = ()
    mutant: Mutant | None = None
    question: str | None = None
    inputs: Inputs | None = None
    right_parts: tuple[Place, ...] = ()
    right_groups: tuple[str, ...] = ()
    clue: Finding | None = None

    @property
    def whole(self) -> bool:
        """Whether misconceptions explain all that is wrong."""
        return bool(self.mistakes) and not self.only and not self.most

    @property
    def diagnosis(self) -> str | None:
        """The name of what is wrong: of misconceptions that explain all of it, or else of the kind of difference."""
        if self.whole:
            return " + ".join(mistake.name for mistake in self.mistakes)
        return self.finding.kind if self.outcome == "wrong" else None


def _without_addresses(message: str) -> str:
    return re.sub(r"0x[0-9a-f]+", "0x…", message)

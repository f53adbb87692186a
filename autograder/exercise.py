"""An exercise as an object: what it asks for, how to try an answer, and the mistakes that it knows by name.

The library is the source of every solution: an exercise names the function or class that it `solves`, and its
misconceptions are edits of that object's own source. They serve twice — the tests demand that every one fails and is
told from all others, and the judge diagnoses a wrong answer by the misconception that behaves in the same way.
"""

import functools
import hashlib
import importlib
import inspect
import textwrap
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import FunctionType, ModuleType
from typing import Any

import numpy as np

from autograder import probes
from autograder.promises import Example, examples_of, refused_by
from autograder.source import without_docstrings
from autograder.tolerance import Tolerance

Inputs = dict[str, Any]  # one case: plain data (tensors, numbers, strings, lists, dicts), mostly by argument name


@dataclass(frozen=True, eq=False)
class Misconception:
    """A mistake with a name: edits of the reference's source (each matches exactly once) or a whole wrong `answer`.

    `name` completes the sentence "This is what comes out when …"; `hint` leads to the fix without giving it.
    `id` stays the same for ever: feedback and translations refer to it. `also` are other forms of the same mistake, as
    edits or answers: what is said of it holds of each, though a detail differs and with it what comes out.
    """

    id: str
    name: str
    hint: str
    edits: Mapping[str, str] | None = None
    answer: Any = None
    also: tuple[Mapping[str, str] | Any, ...] = ()

    def __post_init__(self):
        if (self.edits is None) == (self.answer is None):
            raise ValueError(f"misconception {self.id!r} needs either edits or an answer, and not both.")

    @property
    def forms(self) -> "tuple[Misconception, ...]":
        """A misconception for each form of the mistake."""
        if not self.also:
            return (self,)
        parts = [(self.edits, self.answer)]
        parts += [(form, None) if isinstance(form, Mapping) else (None, form) for form in self.also]
        return tuple(replace(self, edits=edits, answer=answer, also=()) for edits, answer in parts)


def with_numbers(edits: Mapping[str, str], number: str, *others: str) -> tuple[Mapping[str, str], ...]:
    """The same edits with other numbers in the place of one: a small number or a limit, which everybody chooses anew.

    >>> with_numbers({"x.log()": "(x + 1e-8).log()"}, "1e-8", "1e-7", "1e-6")
    ({'x.log()': '(x + 1e-7).log()'}, {'x.log()': '(x + 1e-6).log()'})
    """
    return tuple({old: new.replace(number, other) for old, new in edits.items()} for other in others)


@dataclass(frozen=True, eq=False)
class Exercise:
    """One graded exercise. Its name is that of the function or class it solves: unique in the course, fixed for ever.

    - `solves`: the library's object, as "unrolled.rnn.rnn_step"; `blanks`: for a class, the methods to write;
    - `groups`: points by group of cases, for partial credit; `inputs(rng)` draws the cases of each group;
    - `probe(answer, inputs)`: how to use an answer; returns plain data;
    - `uses`: names of earlier exercises that the solution calls;
    - `accepts`: right answers in other styles; `forbids`: library calls that would make the exercise trivial;
    - `refuses(rng)`: inputs that the docstring promises to refuse. They are cases, and so are its examples: of the
      group `promises_in`, which is the last one if nothing else is said;
    - `free`: what may differ from the reference's results (see `Tolerance`); all else about them is exact;
    - `exempt`: rules for all exercises that this one does not keep, each with the reason.
    """

    solves: str
    groups: Mapping[str, float]
    inputs: Callable[[np.random.Generator], Mapping[str, Sequence[Inputs]]]
    misconceptions: tuple[Misconception, ...]
    probe: Callable[[Any, Inputs], Any] = probes.call
    blanks: tuple[str, ...] = ()
    uses: tuple[str, ...] = ()
    accepts: tuple[Any, ...] = ()
    forbids: tuple[str, ...] = ()
    tolerance: Tolerance = Tolerance()
    seconds: float = 10.0
    refuses: Callable[[np.random.Generator], Sequence[Inputs]] | None = None
    promises_in: str | None = None
    free: frozenset[str] = frozenset()
    exempt: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self):
        object.__setattr__(self, "tolerance", replace(self.tolerance, free=self.tolerance.free | self.free))
        forms = tuple(form for misconception in self.misconceptions for form in misconception.forms)
        object.__setattr__(self, "misconceptions", forms)

    @property
    def name(self) -> str:
        """The exercise's name and its grade id."""
        return self.solves.rpartition(".")[2]

    @property
    def points(self) -> float:
        """The points of all groups together."""
        return sum(self.groups.values())

    @property
    def module(self) -> ModuleType:
        """The library's module that holds the reference."""
        return importlib.import_module(self.solves.rpartition(".")[0])

    @property
    def reference(self) -> Any:
        """The library's own solution."""
        return getattr(self.module, self.name)

    @functools.cached_property
    def source(self) -> str:
        """The source of the library's own solution."""
        return textwrap.dedent(inspect.getsource(inspect.unwrap(self.reference)))

    @property
    def contract(self) -> str:
        """A short hash of what the student was given: points, signature, docstring. A change asks for a new notebook."""
        parts = [self.name, repr(dict(self.groups)), repr(self.blanks)]
        for method in self.blanks or [None]:
            target = inspect.unwrap(getattr(self.reference, method) if method else self.reference)
            lines, _ = inspect.getsourcelines(target)
            parts.append("".join(lines).split('"""')[0])
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:8]

    def cases(self, seed: int) -> list[tuple[str, Inputs]]:
        """All cases drawn from the seed, as (group, inputs)."""
        drawn = self.inputs(np.random.default_rng(seed))
        if set(drawn) != set(self.groups):
            raise ValueError(
                f"{self.name}: inputs gives the groups {sorted(drawn)}, points name {sorted(self.groups)}."
            )
        groups = {group: list(drawn[group]) for group in self.groups}
        groups[self.promises_in or list(self.groups)[-1]] += self.promises(seed)
        return [(group, case) for group in self.groups for case in groups[group]]

    def promises(self, seed: int) -> list[Inputs]:
        """What the docstring promises, as cases: its examples, and the inputs that it refuses."""
        bad = self.refuses(np.random.default_rng(seed)) if self.refuses else []
        refused = refused_by(bad, self.probe, self.reference)
        return refused if "examples" in self.exempt else [*self.examples, *refused]

    @functools.cached_property
    def docstrings(self) -> list[str]:
        """The docstrings that the student is given: of the function, or of the class and its methods to write."""
        given = [self.reference, *(getattr(self.reference, method) for method in self.blanks)]
        return [thing.__doc__ for thing in given if thing.__doc__]

    @functools.cached_property
    def examples(self) -> list[Example]:
        """The docstrings' examples that show something."""
        return examples_of(self.docstrings, self.name, self.module)

    def variant(self, *misconceptions: Misconception) -> Any:
        """The wrong answer that holds these misconceptions: a whole one, or the reference with all their edits."""
        if len(misconceptions) == 1 and misconceptions[0].answer is not None:
            return misconceptions[0].answer
        source = without_docstrings(self.source)
        for misconception in misconceptions:
            for old, new in (misconception.edits or {}).items():
                if (n := source.count(old)) != 1:
                    raise ValueError(f"{self.name}, {misconception.id}: {old!r} matches {n} times instead of once.")
                source = source.replace(old, new)
        return self.execute(source, "+".join(m.id for m in misconceptions))

    def execute(self, source: str, label: str = "source") -> Any:
        """The object that `source` defines under the exercise's name, in a copy of the module's namespace."""
        namespace = dict(vars(self.module))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", SyntaxWarning)  # a mistake may look like one
            code = compile(source, f"<{self.name}: {label}>", "exec")
        exec(code, namespace)
        return namespace[self.name]


    def worth(self, points: float) -> "Exercise":
        """The same exercise with other points in all, shared among its groups as before."""
        return self if points == self.points else _worth(self, points)


@functools.cache
def _worth(exercise: Exercise, points: float) -> Exercise:
    groups = {group: round(its * points / exercise.points, 6) for group, its in exercise.groups.items()}
    last = list(groups)[-1]
    groups[last] = points - sum(its for group, its in groups.items() if group != last)
    return replace(exercise, groups=groups)


@functools.cache
def probe_source(probe: FunctionType) -> str:
    """A probe as source, to travel into the sandbox."""
    return textwrap.dedent(inspect.getsource(probe))

"""First-order mutants of a reference: each differs from it by one small slip, such as a student may make.

Signatures, defaults, annotations and the texts of errors are left alone. A mutant that reads like the reference, or
that Python cannot compile, is none. The tests demand that the judge catches every mutant, and the judge asks of an
answer that no misconception explains whether a mutant behaves the same.
"""

import ast
import warnings
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

from autograder.mutants import rules
from autograder.mutants.places import places
from autograder.mutants.telling import Phrase, told


@dataclass(frozen=True)
class Mutant:
    """One small change: its `kind`, an `id` that says what is changed and where, and the whole mutated `source`.

    An id holds nothing of the lines around, so it stays the same when they change; where the same change is possible
    in the same words at several places, the second has the id of the first with " (2)" behind it, and so on. The `form`
    and the `parts` say what is changed without showing it.
    """

    kind: str
    id: str
    source: str
    form: str
    parts: Mapping[str, Phrase | str] = field(default_factory=dict)


def mutants(source: str, methods: Collection[str] = (), made_by: Iterable[rules.Rule] = rules.ALL) -> list[Mutant]:
    """All mutants of a function, or of the named methods of a class, that these rules make.

    >>> for mutant in mutants("def inverse(x): return 1 / x"):
    ...     print(mutant.id)
    operator: / → * in `1 / x`
    operator: / → // in `1 / x`
    operands: swapped in `1 / x`
    operands: x dropped in `1 / x`
    operands: 1 dropped in `1 / x`
    detach: detached in `1 / x`
    constant: 1 → 2 in `1 / x`
    constant: 1 → 0 in `1 / x`
    constant: 1 → -1 in `1 / x`
    """
    tree = ast.parse(source)
    (top,) = tree.body
    functions = [node for node in top.body if getattr(node, "name", None) in methods] if methods else [top]
    seen, times, found = {ast.unparse(tree)}, Counter(), []
    for place in [place for function in functions for place in places(function)]:
        for rule in made_by:
            kind = rule.__name__.rstrip("_")
            for what, node in rule(place):
                name = f"{kind}: {what} in `{place.context}`"
                place.put(node)
                mutated = ast.unparse(tree)
                place.put(place.node)
                if mutated not in seen and _compiles(mutated):
                    seen.add(mutated)
                    times[name] += 1
                    id_ = f"{name} ({times[name]})" if times[name] > 1 else name
                    found.append(Mutant(kind, id_, mutated, *told(place, kind, node)))
    return found


def _compiles(source: str) -> bool:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Python warns of what cannot work, such as calling a number
        try:
            compile(source, "<mutant>", "exec")
        except SyntaxError:
            return False
    return True

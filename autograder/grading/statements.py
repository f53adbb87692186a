"""Cut a cell's source into top-level statements, each with the names it binds and the global names it needs.

Lines that are no Python (`%matplotlib inline`, `!pip install …`) are left out; a cell that cannot be read gives a
`SyntaxError`. Nothing is executed.
"""

import ast
import builtins
import functools
import re
import symtable
from dataclasses import dataclass

MOST_STATEMENTS = 2000
MOST_LETTERS = 200_000


@dataclass(frozen=True)
class Statement:
    """A top-level statement, or several that share a line; `line` counts from 1 in its cell."""

    source: str
    line: int
    binds: frozenset[str]
    needs: frozenset[str]


def statements(source: str) -> tuple[Statement, ...]:
    """The statements of a cell.

    >>> [sorted(s.binds) for s in statements("import math, re\\narea = lambda r: math.pi * r**2")]
    [['math', 're'], ['area']]
    """
    found = _statements(source)
    if isinstance(found, SyntaxError):
        raise found.with_traceback(None)
    return found


@functools.lru_cache(maxsize=1024)
def _statements(source: str) -> tuple[Statement, ...] | SyntaxError:
    """The statements, or why there are none: that too is worth remembering."""
    if len(source) > MOST_LETTERS:
        return SyntaxError(f"Python cannot read it: {len(source)} letters in one cell")
    try:
        try:
            return _cut(source)
        except SyntaxError:
            return _cut(without_magics(source))
    except SyntaxError as error:
        return error.with_traceback(None)


def without_magics(source: str) -> str:
    """The source without IPython's own lines; all others keep their number.

    >>> without_magics("!pip install torch\\nfiles = !ls\\nx = 1 %2")
    'pass\\nfiles = None\\nx = 1 %2'
    """
    source = re.sub(r"^([ \t]*)[%!?](?:.*\\\n)*.*", _passed, source, flags=re.M)
    source = re.sub(r"^([ \t]*)[\w.]+\?+$", r"\1pass", source, flags=re.M)
    return re.sub(r"^([ \t]*\w+[ \t]*=[ \t]*)[%!].*$", r"\1None", source, flags=re.M)


def _passed(match: re.Match) -> str:
    """A line that does nothing in the place of IPython's, and as many empty ones as that went over."""
    return f"{match[1]}pass" + "\n" * match[0].count("\n")


def _cut(source: str) -> tuple[Statement, ...]:
    try:
        tree = ast.parse(source)
        if len(tree.body) > MOST_STATEMENTS:
            raise SyntaxError(f"Python cannot read it: {len(tree.body)} statements in one cell")
        lines, found = source.split("\n"), []
        spans = [
            (min([n.lineno, *(d.lineno for d in getattr(n, "decorator_list", []))]), n.end_lineno) for n in tree.body
        ]
        for first, last in _merged(spans):
            piece = "\n".join(lines[first - 1 : last])
            found.append(Statement(piece, first, *_names(piece)))
        return tuple(found)
    except (ValueError, RecursionError, MemoryError) as error:
        raise SyntaxError(f"Python cannot read it: {type(error).__name__}") from None


def _merged(spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Spans of lines, those that share a line joined."""
    merged = []
    for first, last in spans:
        if merged and first <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(last, merged[-1][1]))
        else:
            merged.append((first, last))
    return merged


def _names(source: str) -> tuple[frozenset[str], frozenset[str]]:
    """The names that a statement binds, and the global ones that it reads, builtins aside."""
    table = symtable.symtable(source, "<cell>", "exec")
    binds, needs, todo = set(), set(), [table]
    for symbol in table.get_symbols():
        if symbol.is_assigned() or symbol.is_imported() or symbol.is_namespace():
            binds.add(symbol.get_name())
    while todo:
        scope = todo.pop()
        top = scope is table
        for symbol in scope.get_symbols():
            if symbol.is_referenced() and (top or symbol.is_global()):
                needs.add(symbol.get_name())
            if not top and symbol.is_declared_global() and symbol.is_assigned():
                needs.add(symbol.get_name())
        todo += scope.get_children()
    if any(isinstance(node, ast.ImportFrom) and node.names[0].name == "*" for node in ast.parse(source).body):
        binds.add("*")
    return frozenset(binds), frozenset(needs - set(dir(builtins)))

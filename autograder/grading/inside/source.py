"""What a cell says to Python, without running it: the names it binds and reads, and why it cannot be read."""

import ast
import builtins
import contextlib
import functools
import hashlib
import re
import symtable
import sys
from dataclasses import dataclass

from IPython.core.inputtransformer2 import TransformerManager

#: Signs of a Python newer than 3.11: the message or the line of a syntax error.
NEWER = re.compile(
    r"^f-string|^\s*type\s+\w+\s*(\[.*\])?\s*=|^\s*(async\s+)?(def|class)\s+\w+\s*\[|\b[tT][rR]?[\"']"
    r"|^\s*except\s*\*?\s*[\w.]+\s*,"
)
BUILTINS = frozenset(dir(builtins))
MOST_STATEMENTS = 2000
UNREADABLE = (SyntaxError, ValueError, RecursionError, MemoryError, OverflowError)


@dataclass(frozen=True)
class Statement:
    """A statement at the top of a cell: the names that it makes, those that it makes or changes, those that it reads."""

    tree: ast.stmt
    makes: frozenset[str]
    binds: frozenset[str]
    mentions: frozenset[str]


@dataclass(frozen=True)
class Said:
    """A cell's statements, or the line of its syntax error; `skeleton` is the same for cells that say the same."""

    statements: tuple[Statement, ...] = ()
    skeleton: str = ""
    error: int | None = None
    newer: bool = False
    active: bool = False  # whether running the cell may do more than its text shows

    @property
    def makes(self) -> set[str]:
        """The names that the cell defines, but for those that it takes from the course's library."""
        return {name for statement in self.statements if not _from_course(statement.tree) for name in statement.makes}


@functools.lru_cache(maxsize=256)
def said(source: str, python: str = "") -> Said:
    """What a cell says, after IPython's own reading of it; `python` is the version that it was written for.

    >>> sorted(said("%matplotlib inline\\nimport math, re\\narea = lambda r: math.pi * r**2").makes)
    ['area', 'math', 're']
    >>> said("def f(:").error
    1
    """
    try:
        tree, text = parsed(source)
        if len(tree.body) > MOST_STATEMENTS:  # it runs, but nobody takes it apart
            return Said((), hashlib.sha256(text.encode()).hexdigest(), active=True)
        scopes = symtable.symtable(text, "<cell>", "exec").get_children() if tree.body else []
        statements = tuple(_statement(node, scopes) for node in tree.body)
        active = not all(_harmless(statement.tree) for statement in statements)
        return Said(statements, hashlib.sha256(ast.dump(tree).encode()).hexdigest(), active=active)
    except UNREADABLE as error:
        line = (getattr(error, "lineno", None) or 1) + _blank_lines(source)
        skeleton = hashlib.sha256(source.strip().encode(errors="replace")).hexdigest()
        return Said((), skeleton, line, _newer(source, error, python), active=True)


def parsed(source: str) -> tuple[ast.Module, str]:
    """The cell as Python, with IPython's own lines turned into calls: its tree and its text."""
    with contextlib.suppress(*UNREADABLE):
        return ast.parse(source), source
    text = TransformerManager().transform_cell(source)
    return ast.parse(text), text


def _blank_lines(source: str) -> int:
    """How many lines IPython takes away in front."""
    return len(re.match(r"(?:[ \t]*+\n)*+", source)[0].splitlines())


def _newer(source: str, error: BaseException, python: str) -> bool:
    """Whether it is a newer Python than this one that could read the cell."""
    if not isinstance(error, SyntaxError):
        return False
    version = re.match(r"3\.(\d+)", python)
    if version:
        return int(version[1]) > sys.version_info.minor
    lines = source.splitlines()
    line = lines[error.lineno - 1] if error.lineno and error.lineno <= len(lines) else ""
    return bool(NEWER.search(error.msg or "") or NEWER.search(line[:1000]))


def _statement(node: ast.stmt, scopes: list[symtable.SymbolTable]) -> Statement:
    makes, changes = _made(node)
    return Statement(node, frozenset(makes), frozenset(makes | changes), frozenset(_mentions(node, scopes)))


def _harmless(node: ast.stmt) -> bool:
    """Whether a statement does no more than give names to values: it defines, imports, or assigns without a call."""
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return not node.decorator_list
    if isinstance(node, ast.Import | ast.ImportFrom):
        return not any(name.name == "*" for name in node.names)
    if isinstance(node, ast.Assign | ast.AnnAssign) or (
        isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    ):
        return not any(isinstance(inner, ast.Call | ast.Await) for inner in ast.walk(node))
    return isinstance(node, ast.Pass)


def _from_course(node: ast.stmt) -> bool:
    return isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "unrolled"


def _made(node: ast.AST) -> tuple[set[str], set[str]]:
    """The global names that a statement gives a value to, in functions those declared global; and those it changes."""
    makes, changes, todo = set(), set(), [node]
    while todo:
        node = todo.pop()
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            makes.add(node.name)
            makes.update(n for inner in ast.walk(node) if isinstance(inner, ast.Global) for n in inner.names)
            continue
        if isinstance(node, ast.Import | ast.ImportFrom):
            makes.update((name.asname or name.name).split(".")[0] for name in node.names)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store | ast.Del):
            makes.add(node.id)
        elif isinstance(node, ast.Attribute | ast.Subscript) and isinstance(node.ctx, ast.Store | ast.Del):
            root = node
            while isinstance(root, ast.Attribute | ast.Subscript):
                root = root.value
            if isinstance(root, ast.Name):
                changes.add(root.id)
        if not isinstance(node, ast.Lambda):
            todo += ast.iter_child_nodes(node)
    return makes, changes


def _mentions(node: ast.stmt, scopes: list[symtable.SymbolTable]) -> set[str]:
    """The global names that a statement reads, builtins aside; of functions and classes what their scopes say."""
    found, todo, inner = set(), [node], []
    while todo:
        node = todo.pop()
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            first = min([node.lineno, *(d.lineno for d in node.decorator_list)])
            inner += [s for s in scopes if s.get_name() == node.name and first <= s.get_lineno() <= node.end_lineno]
            todo += node.decorator_list
            if isinstance(node, ast.ClassDef):
                todo += [*node.bases, *node.keywords]
            else:
                todo += [node.args, *filter(None, [node.returns])]
            continue
        if isinstance(node, ast.Name):
            found.add(node.id)
        todo += ast.iter_child_nodes(node)
    while inner:
        scope = inner.pop()
        found.update(s.get_name() for s in scope.get_symbols() if s.is_referenced() and s.is_global())
        inner += scope.get_children()
    return found - BUILTINS

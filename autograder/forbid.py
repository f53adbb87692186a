"""What an answer may not do: be or call the library's own solution, or a library call that makes it trivial.

Static and best effort: names are followed through imports and attributes, not through tricks. In official grading
the library's modules of the chapter are absent from the sandbox as well.
"""

import ast
import functools
import inspect
import pydoc
import symtable
import textwrap
from collections.abc import Iterable, Mapping
from types import ModuleType
from typing import Any

LONGEST = 12


def names_used(source: str | ast.AST, aliases: Mapping[str, str]) -> set[str]:
    """Dotted names that a piece of source, or its tree, refers to, each alias replaced by what it stands for.

    What is called on a value of unknown kind counts as a tensor's: `x.softmax(-1)` as torch.Tensor.softmax.

    >>> sorted(names_used("import torch.nn as nn\\nlayer = nn.RNN(3, 5)", {}))
    ['torch.nn', 'torch.nn.RNN']
    """
    try:
        tree = ast.parse(source) if isinstance(source, str) else source
    except SyntaxError:
        return set()
    imported = _imports(tree)
    aliases, used = {**aliases, **imported}, set(imported.values())
    for node in ast.walk(tree):
        if isinstance(node, (ast.Attribute, ast.Name)) and (dotted := _dotted(node)):
            root, _, rest = dotted.partition(".")
            if root in aliases:
                used.add(f"{aliases[root]}.{rest}".rstrip("."))
                continue
        if isinstance(node, ast.Attribute):  # of some value: a tensor, for all that one can see
            used.add(f"torch.Tensor.{node.attr}")
    return used


def names_read(source: str) -> set[str]:
    """The global names that a piece of source reads; a parameter or a variable of that name is another thing.

    >>> sorted(names_read("def answer(x, model): return helper(x, model, best=lambda y: model(y), how=torch.add)"))
    ['helper', 'torch']
    """
    try:
        tables = [symtable.symtable(source, "<answer>", "exec")]
    except SyntaxError:
        return set()
    for table in tables:
        tables += table.get_children()
    symbols = (symbol for table in tables for symbol in table.get_symbols())
    return {symbol.get_name() for symbol in symbols if symbol.is_global() and symbol.is_referenced()}


def find_forbidden(used: Iterable[str], forbids: Iterable[str]) -> str | None:
    """The first name used that is forbidden, or lies below something forbidden.

    >>> find_forbidden({"torch.nn.RNN"}, ["torch.nn.RNN"])
    'torch.nn.RNN'
    """
    forbids = tuple(forbids)
    return next((name for name in sorted(used) if any(name == f or name.startswith(f + ".") for f in forbids)), None)


def with_homes(forbids: Iterable[str]) -> dict[str, str]:
    """Each name of a library call, and its name in the module that defines it: under both the name that is forbidden."""
    return {name: dotted for dotted in forbids for name in (dotted, _home(dotted))}


@functools.cache
def _home(dotted: str) -> str:
    target = pydoc.locate(dotted)
    if target is None or isinstance(target, ModuleType):
        return dotted
    return f"{getattr(target, '__module__', None)}.{getattr(target, '__qualname__', None)}"


def live_source(answer: Any) -> str:
    """The source of a live object; empty where there is none (typed at a prompt, built in C).

    A class comes as its methods: for a class of a notebook, Python does not know the cell.
    """
    if isinstance(answer, type):
        return "\n".join(map(live_source, filter(inspect.isfunction, vars(answer).values())))
    try:
        return textwrap.dedent(inspect.getsource(inspect.unwrap(answer)))
    except (OSError, TypeError):
        return ""


def live_aliases(namespace: Mapping[str, Any]) -> dict[str, str]:
    """For each name of a namespace that stands for a module, function or class of a package, its dotted name."""
    aliases = {}
    for name, value in list(namespace.items()):
        if isinstance(value, ModuleType):
            aliases[name] = value.__name__
        elif isinstance(module := getattr(value, "__module__", None), str) and module != "__main__":
            aliases[name] = f"{module}.{getattr(value, '__qualname__', name)}"
    return aliases


def _imports(tree: ast.AST) -> dict[str, str]:
    aliases = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for name in node.names:
                target = name.name if name.asname else name.name.split(".")[0]
                aliases[name.asname or name.name.split(".")[0]] = target
        elif isinstance(node, ast.ImportFrom) and node.module:
            for name in node.names:
                aliases[name.asname or name.name] = f"{node.module}.{name.name}"
    return aliases


def _dotted(node: ast.AST) -> str | None:
    """The dotted name that a node is; a chain of more than `LONGEST` parts is none."""
    parts = []
    while isinstance(node, ast.Attribute) and len(parts) < LONGEST:
        parts.append(node.attr)
        node = node.value
    return ".".join([node.id, *reversed(parts)]) if isinstance(node, ast.Name) else None

"""What a docstring promises, as cases of the check: its examples, and the exceptions that it says are raised.

A promise is a case like any other: a dict of plain data, with a class of its own that says how it is tried.
"""

import ast
import doctest
import inspect
from collections.abc import Callable, Iterable, Mapping
from types import ModuleType
from typing import Any

from autograder.source import free_names, module_imports


class Example(dict):
    """One example of the docstring that shows something: its `source`, what runs `before` it, and what they `need`."""


class Refused(dict):
    """Inputs that the docstring promises to refuse, with an exception of the type `raises` that names the `argument`."""

    def __init__(self, inputs: Mapping[str, Any], raises: str, argument: str):
        super().__init__(inputs)
        self.raises, self.argument = raises, argument


def examples_of(docstrings: Iterable[str | None], name: str, module: ModuleType) -> list[Example]:
    """The examples of an exercise's docstrings that show a value or print something, each with all before it.

    What they call besides comes from the top of the module: its imports, and what is defined there for all to use.
    """
    found = []
    for docstring in filter(None, docstrings):
        parts = doctest.DocTestParser().get_examples(inspect.cleandoc(docstring))
        for i, part in enumerate(parts):
            if part.want:
                before = "".join(p.source for p in parts[:i])
                needs = needed(free_names(before + part.source) - {name}, module)
                found.append(Example(name=name, source=part.source, before=before, needs=needs))
    return found


def refused_by(inputs: Iterable[Mapping[str, Any]], probe: Callable[[Any, Any], Any], reference: Any) -> list[Refused]:
    """Inputs that the reference refuses, with the exception's type and the argument that its message begins with."""
    found = []
    for case in inputs:
        try:
            probe(reference, case)
        except Exception as error:
            words = str(error).split() or [""]
            found.append(Refused(case, type(error).__name__, words[0].strip("`'\"")))
        else:
            raise ValueError(f"refuses holds {case}; expected inputs for which the reference raises an exception.")
    return found


def needed(names: Iterable[str], module: ModuleType) -> str:
    """Source that defines these names as the module does: its imports, and definitions that need no others.

    >>> from unrolled import rnn
    >>> needed(["torch"], rnn)
    'import torch'
    """
    imports = {"np": "import numpy as np", "nn": "from torch import nn", "torch": "import torch"}
    text = inspect.getsource(module)
    imports |= module_imports(text)
    kinds = (ast.FunctionDef, ast.ClassDef)
    definitions = {node.name: ast.unparse(node) for node in ast.parse(text).body if isinstance(node, kinds)}
    lines: dict[str, None] = {}

    def add(name: str) -> None:
        if name in imports:
            lines[imports[name]] = None
        elif name in definitions:
            for other in sorted(free_names(definitions[name])):
                add(other)
            lines[definitions[name]] = None
        else:
            raise ValueError(f"an example needs {name}, which {module.__name__} does not define.")

    for name in sorted(names):
        add(name)
    return "\n".join(lines)

"""Read and cut Python source: without docstrings, with bodies marked as solutions, and what names it needs."""

import ast
import builtins
import re
import symtable
from collections.abc import Iterable


def without_docstrings(source: str) -> str:
    """The source without its docstrings: what a misconception edits.

    >>> print(without_docstrings('def one():\\n    "Gives 1."\\n    return 1'))
    def one():
        return 1
    """
    lines = source.splitlines()
    for node in sorted(_documented(ast.parse(source)), key=lambda node: -node.lineno):
        docstring = node.body[0]
        del lines[docstring.lineno - 1 : docstring.end_lineno]
    return "\n".join(lines)


def unmarked(source: str) -> str:
    """The source without nbgrader's marks, its solution in plain sight."""
    return re.sub(r"^[ \t]*### (BEGIN|END) SOLUTION[ \t]*\n?", "", source, flags=re.M)


def same_but_for_names(one: str, other: str) -> bool:
    """Whether two sources are the same, were their names chosen alike; comments, docstrings, layout and types aside.

    >>> same_but_for_names("y = x + 1  # more", "b = a+1"), same_but_for_names("lambda x: 2", "lambda n: 2")
    (True, True)
    >>> same_but_for_names("y = x + 1", "y = x - 1"), same_but_for_names("y = x + x", "y = x + z")
    (False, False)
    """
    skeletons = _nameless(one), _nameless(other)
    return skeletons[0] is not None and skeletons[0] == skeletons[1]


def _nameless(source: str) -> str | None:
    """The source's tree with its names numbered as they come."""
    numbers: dict[str, str] = {}
    try:
        tree = ast.parse(without_docstrings(source))
        for node in ast.walk(tree):
            if isinstance(node, ast.Name):
                node.id = numbers.setdefault(node.id, f"n{len(numbers)}")
            elif isinstance(node, ast.arg):
                node.arg, node.annotation = numbers.setdefault(node.arg, f"n{len(numbers)}"), None
            elif isinstance(node, ast.FunctionDef):
                node.name, node.returns = numbers.setdefault(node.name, f"n{len(numbers)}"), None
        return ast.dump(tree)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def mark_solutions(source: str, methods: Iterable[str] = ()) -> str:
    """The source with nbgrader's marks around the body of the function, or of the named methods of the class.

    The docstring, with its worked example, stays outside the marks: it is given to the student.

    >>> print(mark_solutions('def one():\\n    "Gives 1."\\n    return 1'))
    def one():
        "Gives 1."
        ### BEGIN SOLUTION
        return 1
        ### END SOLUTION
    """
    lines, (top,) = source.splitlines(), ast.parse(source).body
    methods = list(methods)
    targets = [node for node in ast.walk(top) if isinstance(node, ast.FunctionDef) and node.name in methods]
    if isinstance(top, ast.FunctionDef):
        targets = [top]
    if not targets or (methods and {node.name for node in targets} != set(methods)):
        raise ValueError(f"methods is {methods}; expected names of methods of {top.name}, and for a function none.")
    for node in sorted(targets, key=lambda node: -node.lineno):
        documented = ast.get_docstring(node) is not None
        start = node.body[0].end_lineno if documented else node.body[0].lineno - 1
        indent = " " * node.body[-1].col_offset
        lines[node.end_lineno : node.end_lineno] = [f"{indent}### END SOLUTION"]
        lines[start:start] = [f"{indent}### BEGIN SOLUTION"]
    return "\n".join(lines)


def free_names(source: str) -> set[str]:
    """Global names that a piece of source reads and does not define itself, builtins aside.

    >>> sorted(free_names("def area(r): return math.pi * square(r)"))
    ['math', 'square']
    """
    table, read = symtable.symtable(source, "<source>", "exec"), set()

    def visit(scope: symtable.SymbolTable) -> None:
        top = scope is table
        read.update(s.get_name() for s in scope.get_symbols() if s.is_referenced() and (top or s.is_global()))
        for child in scope.get_children():
            visit(child)

    visit(table)
    return read - bound_names(source) - set(dir(builtins))


def bound_names(source: str) -> set[str]:
    """Names that a piece of source assigns, defines or imports at its top level.

    >>> sorted(bound_names("import math\\ndef area(r): pi = math.pi"))
    ['area', 'math']
    """
    symbols = symtable.symtable(source, "<source>", "exec").get_symbols()
    return {s.get_name() for s in symbols if s.is_assigned() or s.is_imported() or s.is_namespace()}


def module_imports(source: str) -> dict[str, str]:
    """The imports at the top of a module, each as a statement of its own, by the name it binds.

    >>> module_imports("import torch.nn.functional as F\\nfrom torch import Tensor, nn")
    {'F': 'import torch.nn.functional as F', 'Tensor': 'from torch import Tensor', 'nn': 'from torch import nn'}
    """
    found = {}
    for node in ast.parse(source).body:
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            for name in node.names:
                alone = type(node)(**{**{f: getattr(node, f) for f in node._fields}, "names": [name]})
                found[name.asname or name.name.split(".")[0]] = ast.unparse(alone)
    return found


def merge_imports(statements: Iterable[str]) -> str:
    """Import statements sorted and joined: `import …` first, then one `from …` line a module, library last.

    >>> print(merge_imports(["from torch import nn", "import math", "from torch import Tensor"]))
    import math
    from torch import Tensor, nn
    """
    plain, grouped = set(), {}
    for statement in statements:
        (node,) = ast.parse(statement).body
        if isinstance(node, ast.Import):
            plain.add(ast.unparse(node))
        else:
            names = grouped.setdefault(node.module, set())
            names.update(f"{n.name} as {n.asname}" if n.asname else n.name for n in node.names)
    ours = ("unrolled", "autograder")
    modules = sorted(grouped, key=lambda module: (module.split(".")[0] in ours, module))
    froms = [f"from {module} import {', '.join(sorted(grouped[module]))}" for module in modules]
    return "\n".join(sorted(plain) + froms)


def _documented(tree: ast.AST) -> Iterable[ast.AST]:
    kinds = (ast.FunctionDef, ast.ClassDef)
    return (node for node in ast.walk(tree) if isinstance(node, kinds) and ast.get_docstring(node) is not None)

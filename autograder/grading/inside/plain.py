"""Which cells do no more than their text shows, so that an answer depends on its own and its helpers' cells alone.

A *plain* statement gives a name to a function, a class, a module or a constant, and running it changes nothing else;
what it defines reaches other names only by writing them. Everything that is not known to be so is not plain, which costs
nobody more than time: such an answer is judged anew wherever anything in its notebook differs.
"""

import ast
from collections.abc import Iterator

MODULES = frozenset(
    ["bisect", "collections", "copy", "dataclasses", "einops", "functools", "heapq", "itertools", "jaxtyping", "math", "numpy", "random", "re", "regex", "statistics", "string", "torch", "typing", "typing_extensions", "unicodedata", "unrolled"]
)
#: Built-in functions by which code reaches what it does not name.
REACHING = frozenset(
    ["breakpoint", "compile", "delattr", "dir", "eval", "exec", "getattr", "globals", "hasattr", "help", "input", "locals", "memoryview", "open", "setattr", "vars"]
)
#: Attributes that lead to other modules, to frames and to settings that all share.
LEADING = frozenset(
    ["builtins", "compile", "ctypes", "ctypeslib", "f_back", "f_builtins", "f_globals", "f_locals", "format", "format_map", "gc", "gi_frame", "cr_frame", "ag_frame", "hub", "importlib", "inspect", "io", "jit", "library", "linecache", "mro", "multiprocessing", "ops", "os", "overrides", "package", "pickle", "runpy", "seed", "serialization", "subprocess", "sys", "tb_frame", "testing", "threading", "traceback", "types", "utils", "warnings", "weakref"]
)
SETTING = ("set_", "manual_seed", "register", "use_", "enable_")
SPECIAL = frozenset(
    ["__init__", "__call__", "__len__", "__getitem__", "__iter__", "__next__", "__contains__", "__repr__", "__str__", "__eq__", "__lt__", "__hash__", "__name__"]
)
IN_A_HEAD = (ast.Name, ast.Attribute, ast.Subscript, ast.Constant, ast.Tuple, ast.List, ast.BinOp, ast.BitOr, ast.Load)
DECORATORS = frozenset(("staticmethod", "classmethod", "property"))
Function = ast.FunctionDef | ast.AsyncFunctionDef


def is_plain(statement: ast.stmt, mentions: frozenset[str]) -> bool:
    """Whether a statement at the top of a cell is plain; `mentions` are the global names that it reads.

    >>> [is_plain(ast.parse(code).body[0], frozenset()) for code in ("def f(x): return x + 1", "def f(x=g()): return x")]
    [True, False]
    """
    return _is_harmless(statement) and all(_is_direct(node, mentions) for node in ast.walk(statement))


def is_tidy(statement: ast.stmt) -> bool:
    """Whether what a plain statement defines leaves everything as it was when it has been called: it sets no attribute."""
    stores = (ast.Store, ast.Del)
    return not any(isinstance(node, ast.Attribute) and isinstance(node.ctx, stores) for node in ast.walk(statement))


def _is_harmless(statement: ast.stmt) -> bool:
    """Whether running it does no more than to give a name to something that nothing changes."""
    match statement:
        case ast.FunctionDef() | ast.AsyncFunctionDef():
            return not statement.decorator_list and _has_plain_head(statement)
        case ast.ClassDef():
            bases = all(isinstance(node, IN_A_HEAD) for base in statement.bases for node in ast.walk(base))
            whole = bases and not statement.decorator_list and not statement.keywords
            return whole and all(map(_is_harmless_in_a_class, statement.body))
        case ast.Import() | ast.ImportFrom():
            return True  # of which module, `_is_direct` sees
        case ast.Assign(targets=[ast.Name()]) | ast.AnnAssign(target=ast.Name()):
            annotation = getattr(statement, "annotation", None)
            return _is_constant(statement.value) and (annotation is None or _is_annotation(annotation))
        case ast.Expr(value=ast.Constant()) | ast.Pass():
            return True
    return False


def _is_harmless_in_a_class(statement: ast.stmt) -> bool:
    if not isinstance(statement, Function):
        return _is_harmless(statement)
    decorators = all(isinstance(d, ast.Name) and d.id in DECORATORS for d in statement.decorator_list)
    named = statement.name in SPECIAL or not statement.name.startswith("__")
    return decorators and named and _has_plain_head(statement)


def _has_plain_head(function: Function) -> bool:
    """Whether defaults are constants and annotations no calls: both are made when the function is."""
    arguments = function.args
    every = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs, arguments.vararg, arguments.kwarg]
    annotations = [function.returns, *(argument.annotation for argument in every if argument)]
    defaults = [*arguments.defaults, *arguments.kw_defaults]
    return all(map(_is_constant, filter(None, defaults))) and all(map(_is_annotation, filter(None, annotations)))


def _is_constant(value: ast.expr | None) -> bool:
    match value:
        case None | ast.Constant():
            return True
        case ast.UnaryOp():
            return _is_constant(value.operand)
        case ast.Tuple():
            return all(map(_is_constant, value.elts))
        case ast.Attribute():  # such as torch.float32
            return isinstance(value.value, ast.Name)
    return False


def _is_annotation(value: ast.expr) -> bool:
    return all(isinstance(node, IN_A_HEAD) for node in ast.walk(value))


def _is_direct(node: ast.AST, mentions: frozenset[str]) -> bool:
    """Whether a piece of code reaches no more than it names, and changes nothing that others see."""
    match node:
        case ast.Name():
            return node.id not in REACHING and not node.id.startswith("__")
        case ast.Attribute():
            own = isinstance(node.value, ast.Name) and node.value.id in ("self", "cls")
            hidden = node.attr.startswith("_") and node.attr not in SPECIAL and not (own and node.attr[:2] != "__")
            leads = node.attr in LEADING or node.attr.startswith(SETTING)
            return not hidden and not leads and _is_kept(node, mentions)
        case ast.Subscript():
            return _is_kept(node, mentions)
        case ast.Import():
            return all(map(_is_module, [name.name for name in node.names]))
        case ast.ImportFrom():
            names = all(name.name != "*" and _is_part(name.name) for name in node.names)
            return not node.level and names and _is_module(node.module or "")
        case ast.Global():
            return False
    return True


def _is_kept(node: ast.Attribute | ast.Subscript, mentions: frozenset[str]) -> bool:
    """Whether this is no change of something that has a global name."""
    if isinstance(node.ctx, ast.Load):
        return True
    *_, root = _down(node)
    return not (isinstance(root, ast.Name) and root.id in mentions)


def _down(node: ast.expr) -> Iterator[ast.expr]:
    while isinstance(node, ast.Attribute | ast.Subscript):
        node = node.value
        yield node


def _is_module(name: str) -> bool:
    top, *parts = name.split(".")
    return top in MODULES and all(map(_is_part, parts))


def _is_part(name: str) -> bool:
    return not name.startswith("_") and name not in LEADING

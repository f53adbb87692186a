"""The places of a syntax tree where a slip may happen: the bodies of functions, without signatures and error texts."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass

ENTERED = {ast.FunctionDef: ("body",), ast.Lambda: ("body",), ast.AnnAssign: ("target", "value")}
ENTERED |= dict.fromkeys((ast.Raise, ast.Assert, ast.JoinedStr), ())
AXIS_KEYWORDS = {"dim", "dim0", "dim1", "axis", "start_dim", "end_dim"}
AXIS_METHODS = {"sum", "mean", "amax", "amin", "max", "min", "argmax", "argmin", "any", "all", "std", "var", "cumsum"}
AXIS_METHODS |= {"cumprod", "logsumexp", "softmax", "log_softmax", "cat", "stack", "unbind", "flip", "flatten"}
AXIS_METHODS |= {"transpose", "permute", "movedim", "squeeze", "unsqueeze", "gather", "sort", "size"}
MEANINGFUL = (ast.stmt, ast.BinOp, ast.Compare, ast.BoolOp, ast.IfExp, ast.Call, ast.Subscript)


@dataclass(frozen=True)
class Place:
    """A node of a syntax tree, the nodes around it (the nearest first) and where in the nearest one it stands."""

    node: ast.AST
    parents: tuple[ast.AST, ...]
    field: str
    index: int | None = None

    @property
    def parent(self) -> ast.AST:
        """The nearest node around."""
        return self.parents[0]

    @property
    def context(self) -> str:
        """The nearest expression or statement that means something on its own; of a long one the first line."""
        nearest = next(node for node in (self.node, *self.parents) if isinstance(node, MEANINGFUL))
        return ast.unparse(nearest).splitlines()[0]

    @property
    def is_negated(self) -> bool:
        """Whether a minus stands in front."""
        return isinstance(self.parent, ast.UnaryOp) and isinstance(self.parent.op, ast.USub)

    @property
    def is_axis(self) -> bool:
        """Whether a number that stands here would name an axis."""
        if isinstance(self.parent, ast.keyword):
            return self.parent.arg in AXIS_KEYWORDS
        if isinstance(self.parent, ast.Call):
            return isinstance(self.parent.func, ast.Attribute) and self.parent.func.attr in AXIS_METHODS
        return isinstance(self.parent, ast.Subscript) and getattr(self.parent.value, "attr", None) == "shape"

    def put(self, node: ast.AST) -> None:
        """Let another node stand here."""
        if self.index is None:
            setattr(self.parent, self.field, node)
        else:
            getattr(self.parent, self.field)[self.index] = node

    def is_bound(self, name: str, before: int | None = None) -> bool:
        """Whether the function gives the name a value itself, as an argument or (above a line) by an assignment."""
        for node in ast.walk(self.parents[-1]):
            if isinstance(node, ast.arg) and node.arg == name:
                return True
            is_set = isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store) and node.id == name
            if is_set and (before is None or node.lineno < before):
                return True
        return False


def places(node: ast.AST, parents: tuple[ast.AST, ...] = ()) -> Iterator[Place]:
    """The places below a node where something may change."""
    parents = (node, *parents)
    for field in ENTERED.get(type(node), node._fields):
        value = getattr(node, field)
        for i, child in enumerate(value if isinstance(value, list) else [value]):
            if isinstance(child, ast.AST):
                yield Place(child, parents, field, i if isinstance(value, list) else None)
                yield from places(child, parents)

"""The small slips of which mutants are made.

A rule looks at one place of a syntax tree and yields changes: what is changed, in a few words, and the node that then
stands there.
"""

import ast
import copy
import itertools
from collections.abc import Callable, Iterator

import torch.nn.functional as F

from autograder.mutants.places import Place

OPERATORS = {"+": "- *", "-": "+", "*": "/ +", "/": "* //", "//": "/ *", "%": "// *", "**": "*", "@": "*"}
OPERATORS |= {"&": "|", "|": "&", "and": "or", "or": "and"}
NOT_COMMUTATIVE = ("-", "/", "//", "%", "**", "@")
COMPARISONS = {"<": "<=,>", "<=": "<,>=", ">": ">=,<", ">=": ">,<=", "==": "!=", "!=": "=="}
COMPARISONS |= {"is": "is not", "is not": "is", "in": "not in", "not in": "in"}
NEIGHBOURS = """sum/mean max/min amax/amin maximum/minimum argmax/argmin tanh/sigmoid tanh/relu relu/gelu exp/log
    softmax/log_softmax softmax/sigmoid zeros/ones zeros_like/ones_like new_zeros/new_ones floor/ceil cat/stack any/all
    tril/triu sqrt/square std/var cumsum/cumprod rand/randn"""
ONCE = {"sqrt", "exp", "log", "tanh", "sigmoid", "relu", "softmax", "log_softmax", "square"}  # what is applied once
ACTIVATIONS = ["tanh", "sigmoid", "relu", "silu", "elu", "leaky_relu", "relu6", "softplus", "softsign", "gelu", "hardswish", "hardsigmoid", "hardtanh", "square", "abs"]
PAIRS = [pair.split("/") for pair in NEIGHBOURS.split()]

Change = tuple[str, ast.AST]
Rule = Callable[[Place], Iterator[Change]]


def operator(place: Place) -> Iterator[Change]:
    if isinstance(place.node, (ast.BinOp, ast.AugAssign, ast.BoolOp)):
        symbol = _symbol(place.node.op)
        for other in OPERATORS.get(symbol, "").split():
            yield f"{symbol} → {other}", _changed(place.node, op=_example(other).op)


def operands(place: Place) -> Iterator[Change]:
    node = place.node
    if isinstance(node, ast.BinOp):
        if _symbol(node.op) in NOT_COMMUTATIVE:
            yield "swapped", _changed(node, left=node.right, right=node.left)
        yield f"{ast.unparse(node.right)} dropped", node.left
        yield f"{ast.unparse(node.left)} dropped", node.right


def comparison(place: Place) -> Iterator[Change]:
    for i, op in enumerate(getattr(place.node, "ops", [])):
        for other in COMPARISONS[_symbol(op)].split(","):
            ops = [*place.node.ops[:i], _example(other).ops[0], *place.node.ops[i + 1 :]]
            yield f"{_symbol(op)} → {other}", _changed(place.node, ops=ops)


def negation(place: Place) -> Iterator[Change]:
    if isinstance(place.node, ast.UnaryOp) and _number(place.node) is None:
        yield f"{ast.unparse(place.node)} → {ast.unparse(place.node.operand)}", place.node.operand
    elif place.field == "test" and not isinstance(place.node, (ast.Compare, ast.Constant)):
        yield "not inserted", ast.UnaryOp(ast.Not(), place.node)


def constant(place: Place) -> Iterator[Change]:
    old = _number(place.node)
    if isinstance(old, bool):
        yield f"{old} → {not old}", ast.Constant(not old)
    elif old is not None and not place.is_negated and not place.is_axis:
        for new in dict.fromkeys((old + 1, old - 1, 0 * old, -old, 2 * old)):
            if new != old:
                yield f"{old} → {new}", _literal(new)


def axis(place: Place) -> Iterator[Change]:
    old = _number(place.node)
    if old is not None and not place.is_negated and place.is_axis:
        for new in (old - 1, old + 1):
            yield f"{old} → {new}", _literal(new)


def pattern(place: Place) -> Iterator[Change]:
    text = place.node.value if isinstance(place.node, ast.Constant) else None
    if isinstance(text, str) and "->" in text:
        left, right = text.split("->")
        axes, between = (right.split(), " ") if " " in right.strip() else (list(right.strip()), "")
        if len(axes) >= 2:
            swapped = between + between.join([*axes[:-2], axes[-1], axes[-2]])
            yield "last axes swapped", ast.Constant(f"{left}->{swapped}")


def slice_(place: Place) -> Iterator[Change]:
    node = place.node
    if not isinstance(node, ast.Slice):
        return
    changes = [_changed(node, **{part: None}) for part in ("lower", "upper", "step") if getattr(node, part)]
    if node.lower and not node.upper and not node.step:
        changes.append(ast.Slice(upper=ast.UnaryOp(ast.USub(), node.lower)))
    if node.upper and not node.lower and not node.step and isinstance(node.upper, ast.UnaryOp):
        changes.append(ast.Slice(lower=node.upper.operand))
    for new in changes:
        yield f"{ast.unparse(node)} → {ast.unparse(new)}", new


def neighbour(place: Place) -> Iterator[Change]:
    field = {ast.Attribute: "attr", ast.Name: "id"}.get(type(place.node))
    old = getattr(place.node, field) if field else None
    if old is None or isinstance(place.node.ctx, ast.Store) or (field == "id" and place.is_bound(old)):
        return
    for a, b in PAIRS:
        if old in (a, b):
            new = b if old == a else a
            yield f"{old} → {new}", _changed(place.node, **{field: new})


def call(place: Place) -> Iterator[Change]:
    """A method's call is dropped for its object, a function's (of a module, or a layer of self) for its argument."""
    node = place.node
    if not isinstance(node, ast.Call) or isinstance(place.parent, ast.Expr):
        return
    owner = getattr(node.func, "value", None)
    root = owner
    while isinstance(root, ast.Attribute):
        root = root.value
    is_home = isinstance(root, ast.Name) and (root.id == "self" or not place.is_bound(root.id))
    if isinstance(node.func, ast.Attribute) and not is_home:
        yield f".{node.func.attr}(…) dropped", owner
    elif node.args and not isinstance(node.args[0], ast.Starred):
        yield f"{ast.unparse(node.func)}(…) dropped", node.args[0]


def arguments(place: Place) -> Iterator[Change]:
    args = place.node.args if isinstance(place.node, ast.Call) else []
    for i in range(len(args) - 1):
        swapped = [*args[:i], args[i + 1], args[i], *args[i + 2 :]]
        yield f"{i + 1} and {i + 2} swapped", _changed(place.node, args=swapped)


def keyword(place: Place) -> Iterator[Change]:
    keywords = place.node.keywords if isinstance(place.node, ast.Call) else []
    for dropped in keywords:
        yield f"{dropped.arg or '**'} dropped", _changed(place.node, keywords=[k for k in keywords if k is not dropped])


def transpose(place: Place) -> Iterator[Change]:
    if isinstance(place.node, ast.Attribute) and place.node.attr in ("T", "mT"):
        yield f"{ast.unparse(place.node)} → {ast.unparse(place.node.value)}", place.node.value


def detach(place: Place) -> Iterator[Change]:
    is_returned = isinstance(place.parent, ast.Tuple) and isinstance(place.parents[1], ast.Return)
    is_value = isinstance(place.parent, (ast.Assign, ast.AugAssign, ast.Return)) and place.field == "value"
    if (is_value or is_returned) and isinstance(place.node, (ast.Name, ast.Call, ast.BinOp, ast.Subscript)):
        name = f"{place.node.id} " if isinstance(place.node, ast.Name) else ""
        yield f"{name}detached", ast.Call(ast.Attribute(place.node, "detach"), [], [])


def statement(place: Place) -> Iterator[Change]:
    node = place.node
    targets = node.targets if isinstance(node, ast.Assign) else []
    names = [n.id for t in targets for n in ast.walk(t) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)]
    is_rebinding = bool(targets) and all(place.is_bound(name, before=node.lineno) for name in names)
    is_early = isinstance(node, ast.Return) and node is not place.parents[-1].body[-1]
    is_action = isinstance(node, (ast.AugAssign, ast.Break, ast.Continue, ast.Raise, ast.Delete, ast.Expr))
    if is_rebinding or is_early or is_action:
        yield "dropped", ast.Pass()
    elif isinstance(node, ast.With):
        yield "with dropped", ast.If(ast.Constant(True), node.body, [])


def _changed(node: ast.AST, **fields) -> ast.AST:
    node = copy.copy(node)
    for field, value in fields.items():
        setattr(node, field, value)
    return node


def _example(symbol: str) -> ast.AST:
    return ast.parse(f"a {symbol} b", mode="eval").body


def _symbol(op: ast.AST) -> str:
    a, b = ast.Name("a"), ast.Name("b")
    if isinstance(op, ast.cmpop):
        node = ast.Compare(a, [op], [b])
    else:
        node = ast.BoolOp(op, [a, b]) if isinstance(op, ast.boolop) else ast.BinOp(a, op, b)
    return ast.unparse(node)[2:-2]


def _number(node: ast.AST) -> int | float | None:
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        value = _number(node.operand)
        return None if value is None else -value
    value = node.value if isinstance(node, ast.Constant) else None
    return value if isinstance(value, (int, float)) else None


def _literal(value: float) -> ast.AST:
    return ast.Constant(value) if value >= 0 else ast.UnaryOp(ast.USub(), ast.Constant(-value))


ALL: tuple[Rule, ...] = (
    operator, operands, comparison, negation, constant, axis, pattern, slice_, neighbour, call, arguments, keyword,
    transpose, detach, statement,
)  # fmt: skip


def unpacked(place: Place) -> Iterator[Change]:
    """Several names are given the parts of something in another order."""
    node = place.node
    if isinstance(node, ast.Tuple) and isinstance(node.ctx, ast.Store) and 2 <= len(node.elts) <= 4:
        for order in itertools.islice(itertools.permutations(range(len(node.elts))), 1, None):
            yield f"{ast.unparse(node)} in another order", _changed(node, elts=[node.elts[i] for i in order])


def complement(place: Place) -> Iterator[Change]:
    """One minus a factor stands where the factor should, or the other way round."""
    is_factor = place.field in ("left", "right") and isinstance(getattr(place.parent, "op", None), ast.Mult)
    if is_factor:
        node = place.node
        is_one_minus = isinstance(node, ast.BinOp) and isinstance(node.op, ast.Sub) and _number(node.left) == 1
        one_minus = ast.BinOp(ast.Constant(1), ast.Sub(), node)
        yield f"one minus {ast.unparse(node)}", node.right if is_one_minus else one_minus


def applied(place: Place) -> Iterator[Change]:
    """A function too many is applied to what is returned, given a name or handed to a layer."""
    is_value = isinstance(place.parent, (ast.Return, ast.Assign)) and place.field == "value"
    if is_value or (place.field == "args" and _is_own(getattr(place.parent, "func", None))):
        for name in ("tanh", "sigmoid", "relu"):
            if not isinstance(place.node, (ast.Tuple, ast.Constant, ast.List)):
                yield f"{name} applied", ast.Call(ast.Attribute(place.node, name), [], [])


def twice(place: Place) -> Iterator[Change]:
    """A function of one value is applied to what it gives, once more."""
    node = place.node
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute) or node.func.attr not in ONCE:
        return
    if node.args and not isinstance(node.func.value, ast.Call) and not _is_value(node.func.value, place):
        again = _changed(node, args=[node, *node.args[1:]])
    else:
        again = _changed(node, func=_changed(node.func, value=node))
    yield f"{node.func.attr} twice", again


def activation(place: Place) -> Iterator[Change]:
    """Another activation function stands where the right one does."""
    node = place.node
    old = node.func.attr if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) else None
    if old in ACTIVATIONS:
        is_method = not node.args or isinstance(node.func.value, ast.Call) or _is_value(node.func.value, place)
        argument = node.func.value if is_method else node.args[0]
        for new in ACTIVATIONS:
            if new != old and not {new, old} <= {"tanh", "sigmoid", "relu"}:
                home = ast.parse("torch.nn.functional" if hasattr(F, new) else "torch", mode="eval").body
                yield f"{old} → {new}", ast.Call(ast.Attribute(home, new), [argument], [])


def number(place: Place) -> Iterator[Change]:
    """A number is a half, ten times or a tenth of the right one; one that is not whole is off by a half."""
    old = _number(place.node)
    if old and not isinstance(old, bool) and not place.is_negated and not place.is_axis:
        halves = old // 2 if isinstance(old, int) and old % 2 == 0 else old / 2
        near = () if old == int(old) else (old + 0.5, old - 0.5)
        yield from ((f"{old} → {new}", _literal(new)) for new in (halves, old * 10, old / 10, *near))


def name(place: Place) -> Iterator[Change]:
    """Another name of the function, or another layer of the module, stands where a right one does."""
    node, function = place.node, place.parents[-1]
    if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and place.field != "func":
        if node.id != "self" and place.is_bound(node.id):
            kinds = {n.id: None for n in ast.walk(function) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
            kinds |= {n.arg: _kind(n) for n in ast.walk(function) if isinstance(n, ast.arg)}
            alike = {kinds[node.id], None} if kinds[node.id] in ("Float", None) else {kinds[node.id]}
            known = {n for n, kind in kinds.items() if kind in alike} - {node.id, "self"}
            others = sorted(n for n in known if place.is_bound(n, before=node.lineno))
            yield from ((f"{node.id} → {other}", ast.Name(other, ast.Load())) for other in others)
    elif place.field == "func" and _is_own(node):
        layers = {n.func.attr for n in ast.walk(function) if isinstance(n, ast.Call) and _is_own(n.func)}
        others = sorted(layers - {node.attr})
        yield from ((f"self.{node.attr} → self.{other}", _changed(node, attr=other)) for other in others)


def _kind(argument: ast.arg) -> str | None:
    """What an argument is by its annotation, without its axes: "Float" for Float[Tensor, "batch"]."""
    return ast.unparse(argument.annotation).split("[")[0] if argument.annotation else None


def _is_own(node: ast.AST) -> bool:
    """Whether a node is an attribute of self."""
    return isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "self"


def _is_value(node: ast.AST, place: Place) -> bool:
    """Whether a node is a value of the function, rather than a module such as torch."""
    return not isinstance(node, (ast.Name, ast.Attribute)) or (isinstance(node, ast.Name) and place.is_bound(node.id))


def reordered(place: Place) -> Iterator[Change]:
    """Of two calls, one on what the other gives, the inner one comes last: g(f(x)) for f(g(x)), x.g().f() for x.f().g()."""
    node = place.node
    if not isinstance(node, ast.Call):
        return
    if node.args and isinstance(inner := node.args[0], ast.Call) and inner.args:
        first = _changed(node, args=[inner.args[0], *node.args[1:]])
        yield "inner call last", _changed(inner, args=[first, *inner.args[1:]])
    inner = getattr(node.func, "value", None)
    if isinstance(inner, ast.Call) and isinstance(inner.func, ast.Attribute):
        first = _changed(node, func=_changed(node.func, value=inner.func.value))
        yield "inner method last", _changed(inner, func=_changed(inner.func, value=first))


def distributed(place: Place) -> Iterator[Change]:
    """One side of a sum is left out of what is done to the sum: f(a) + b for f(a + b)."""
    node = place.node
    if not isinstance(node, ast.Call):
        return
    owner = getattr(node.func, "value", None)
    total = node.args[0] if node.args and not isinstance(owner, ast.BinOp) else owner
    if not (isinstance(total, ast.BinOp) and isinstance(total.op, (ast.Add, ast.Sub))):
        return
    for side in ("left", "right"):
        part = getattr(total, side)
        if total is owner:
            done = _changed(node, func=_changed(node.func, value=part))
        else:
            done = _changed(node, args=[part, *node.args[1:]])
        yield f"{side} alone", _changed(total, **{side: done})


def weighted(place: Place) -> Iterator[Change]:
    """One side of a sum counts for half, or for ten times as much."""
    node = place.node
    if isinstance(node, ast.BinOp) and isinstance(node.op, (ast.Add, ast.Sub)):
        for side, weight in itertools.product(("left", "right"), (0.5, 2, 10)):
            times = ast.BinOp(ast.Constant(weight), ast.Mult(), getattr(node, side))
            yield f"{weight} times the {side}", _changed(node, **{side: times})


def repeated(place: Place) -> Iterator[Change]:
    """A step is made twice."""
    if isinstance(place.node, ast.Expr) and isinstance(place.node.value, ast.Call):
        yield "twice", ast.If(ast.Constant(True), [place.node, place.node], [])


#: Slips that are no small change of a line, and yet common: only an answer is compared with them.
MORE: tuple[Rule, ...] = (
    unpacked, complement, applied, twice, activation, number, name, reordered, distributed, weighted, repeated,
)  # fmt: skip

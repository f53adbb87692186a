"""What a mutant changes, as data that can be put into words without showing the reference's source.

A change has a form (which sentence tells it) and parts. A part of the source is given as a `Phrase`: the names that
stand in it, at most two, and how it is to be called by them.
"""

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from autograder.mutants.places import Place

MOST_NAMES = 2


@dataclass(frozen=True)
class Phrase:
    """Something in a source by its `names`; `kind` says what it is to them: the "name" itself, a "call" of it, …"""

    kind: str
    names: tuple[str, ...] = ()


def told(place: Place, rule: str, new: ast.AST) -> tuple[str, dict[str, Phrase | str]]:
    """The form and the parts of the change that puts a new node at a place."""
    return TELLERS.get(rule, _somewhere)(place, new, rule)


def _somewhere(place: Place, new: ast.AST, rule: str) -> tuple[str, dict]:
    return rule, {"where": where(place)}


def _operator(place: Place, new: ast.AST, rule: str) -> tuple[str, dict]:
    return "operator", {"where": phrase(place.node, place), "now": type(new.op).__name__}


def _operands(place: Place, new: ast.AST, rule: str) -> tuple[str, dict]:
    if isinstance(new, ast.BinOp) and new.left is place.node.right:
        return "swapped", {"where": phrase(place.node, place)}
    dropped = place.node.right if new is place.node.left else place.node.left
    return "dropped", {"part": phrase(dropped, place)}


def _comparison(place: Place, new: ast.AST, rule: str) -> tuple[str, dict]:
    changed = next(now for now, was in zip(new.ops, place.node.ops, strict=True) if type(now) is not type(was))
    return "comparison", {"where": phrase(place.node, place), "now": type(changed).__name__}


def _constant(place: Place, new: ast.AST, rule: str) -> tuple[str, dict]:
    old, now = (ast.literal_eval(node) for node in (place.node, new))
    if isinstance(old, bool):
        return "constant, flag", {"where": where(place)}
    if rule == "number":
        return "constant, other", {"where": where(place)}
    sizes = {old + 1: "more", old - 1: "less", 0 * old: "zero", -old: "sign"}
    return f"constant, {sizes.get(now, 'double')}", {"where": where(place)}


def _axis(place: Place, new: ast.AST, rule: str) -> tuple[str, dict]:
    if isinstance(place.parent, ast.Subscript):
        return "axis, size", {"where": phrase(place.parent.value, place)}
    return "axis", {"where": where(place)}


def _slice(place: Place, new: ast.AST, rule: str) -> tuple[str, dict]:
    owner = next((node for node in place.parents if isinstance(node, ast.Subscript)), None)
    return "slice", {"where": phrase(owner.value, place) if owner else Phrase("none")}


def _neighbour(place: Place, new: ast.AST, rule: str) -> tuple[str, dict]:
    return "neighbour", {"now": new.attr if isinstance(new, ast.Attribute) else new.id}


def _call(place: Place, new: ast.AST, rule: str) -> tuple[str, dict]:
    return "dropped", {"part": phrase(place.node, place)}


def _arguments(place: Place, new: ast.AST, rule: str) -> tuple[str, dict]:
    return "arguments", {"where": Phrase("call", _name(place.node.func, place))}


def _keyword(place: Place, new: ast.AST, rule: str) -> tuple[str, dict]:
    (gone,) = (keyword for keyword in place.node.keywords if keyword not in new.keywords)
    return "keyword", {"where": Phrase("call", _name(place.node.func, place)), "name": gone.arg or "**"}


def _part(place: Place, new: ast.AST, rule: str) -> tuple[str, dict]:
    return rule, {"part": phrase(place.node, place)}


def _unpacked(place: Place, new: ast.AST, rule: str) -> tuple[str, dict]:
    return "unpacked", {"part": phrase(getattr(place.parent, "value", place.node), place)}


def _applied(place: Place, new: ast.AST, rule: str) -> tuple[str, dict]:
    return "applied", {"now": new.func.attr}


def _twice(place: Place, new: ast.AST, rule: str) -> tuple[str, dict]:
    return "applied", {"now": new.func.attr}


def _another(place: Place, new: ast.AST, rule: str) -> tuple[str, dict]:
    """Beside the right side of an operation stand the names just before it, not the first of a long sum."""
    part, parent = phrase(new, place), place.parent
    if place.field == "func":
        return "name, layer", {"part": part}
    if isinstance(parent, ast.BinOp):
        beside = parent.left if place.field == "right" else parent.right
        names = tuple(dict.fromkeys(_names(beside, place)))
        names = names[-MOST_NAMES:] if place.field == "right" else names[:MOST_NAMES]
        if names:
            return "name, beside", {"part": part, "where": Phrase(("name", "two")[len(names) - 1], names)}
    return "name", {"part": part, "where": where(place)}


def _activation(place: Place, new: ast.AST, rule: str) -> tuple[str, dict]:
    return "neighbour", {"now": new.func.attr}


def _complement(place: Place, new: ast.AST, rule: str) -> tuple[str, dict]:
    return "complement", {"part": phrase(place.node, place)}


def _outer(place: Place, new: ast.AST, rule: str) -> tuple[str, dict]:
    return rule, {"where": Phrase("call", _name(place.node.func, place))}


def _weighted(place: Place, new: ast.AST, rule: str) -> tuple[str, dict]:
    part = getattr(place.node, "left" if new.left is not place.node.left else "right")
    while isinstance(part, ast.Call) and isinstance(part.func, ast.Attribute) and not part.args:
        part = part.func.value  # of x.mean() it is x that has a name
    return rule, {"part": phrase(part, place)}


def _repeated(place: Place, new: ast.AST, rule: str) -> tuple[str, dict]:
    return rule, {"part": phrase(place.node.value, place)}


def _statement(place: Place, new: ast.AST, rule: str) -> tuple[str, dict]:
    node = place.node
    if isinstance(node, (ast.Break, ast.Continue, ast.Return, ast.Raise)):
        return f"statement, {type(node).__name__.lower()}", {}
    if isinstance(node, (ast.Assign, ast.AugAssign)):
        target = node.targets[0] if isinstance(node, ast.Assign) else node.target
        return "statement, step", {"part": phrase(target, place)}
    inside = node.items[0].context_expr if isinstance(node, ast.With) else getattr(node, "value", node)
    return "dropped", {"part": phrase(inside, place)}


TELLERS = {
    "operator": _operator, "operands": _operands, "comparison": _comparison, "constant": _constant, "axis": _axis,
    "slice": _slice, "neighbour": _neighbour, "call": _call, "arguments": _arguments, "keyword": _keyword,
    "detach": _part, "transpose": _part, "statement": _statement, "unpacked": _unpacked,
    "applied": _applied, "complement": _complement,
    "twice": _twice, "activation": _activation, "number": _constant, "name": _another,
    "reordered": _outer, "distributed": _outer, "weighted": _weighted, "repeated": _repeated,
}  # fmt: skip


def phrase(node: ast.AST, place: Place) -> Phrase:
    """An expression by the names in it."""
    if isinstance(node, (ast.Name, ast.Attribute)) and (name := _name(node, place)):
        return Phrase("name", name)
    if isinstance(node, ast.Constant) and isinstance(node.value, (int, float)):
        return Phrase("number", (str(node.value),))
    if isinstance(node, ast.Call) and (name := _name(node.func, place)):
        of = _name(node.args[0], place) if node.args else ()
        return Phrase("of", (*name, *of)) if of else Phrase("name", name)
    if isinstance(node, (ast.Subscript, ast.UnaryOp, ast.Starred)):
        return phrase(node.value if hasattr(node, "value") else node.operand, place)
    names = tuple(dict.fromkeys(_names(node, place)))[:MOST_NAMES]
    return Phrase(("none", "one", "two")[len(names)], names)


def where(place: Place) -> Phrase:
    """The nearest call, index or expression around a place, by its name."""
    for node in place.parents:
        if isinstance(node, ast.Call) and (name := _name(node.func, place)):
            return Phrase("call", name)
        if isinstance(node, ast.Subscript) and (name := _name(node.value, place)):
            return Phrase("index", name)
        if isinstance(node, (ast.BinOp, ast.Compare, ast.BoolOp)) and any(_names(node, place)):
            return phrase(node, place)
        if isinstance(node, ast.stmt):
            break
    return Phrase("none")


def _names(node: ast.AST, place: Place) -> Iterator[str]:
    """The names in an expression from left to right."""
    if name := _name(node, place):
        yield from name
        return
    for child in ast.iter_child_nodes(node):
        yield from _names(child, place)


def _name(node: ast.AST, place: Place) -> tuple[str, ...]:
    """The name that a node is, in backticks where the student knows it: not a local name of the reference."""
    if isinstance(node, ast.Name):
        is_local = place.is_bound(node.id) and not _is_argument(node.id, place)
        return (f"“{node.id}”",) if is_local else (f"`{node.id}`",)
    if isinstance(node, ast.Attribute) and node.attr in ("T", "mT", "shape"):
        return _name(node.value, place)
    if isinstance(node, ast.Attribute):
        is_own = isinstance(node.value, ast.Name) and node.value.id == "self"
        return (f"`self.{node.attr}`",) if is_own else (f"`{node.attr}`",)
    return ()


def _is_argument(name: str, place: Place) -> bool:
    function = place.parents[-1]
    arguments = getattr(function, "args", None)
    every = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs, arguments.vararg] if arguments else []
    return any(argument and argument.arg == name for argument in every)

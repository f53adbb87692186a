"""Which mutants are made: each kind on a small function, with what to expect written by hand."""

import textwrap

import pytest

from autograder.mutants import mutants, rules

INSTEAD_OF_TANH = ["torch.square", "torch.abs"] + [
    f"torch.nn.functional.{name}"
    for name in (
        "silu",
        "elu",
        "leaky_relu",
        "relu6",
        "softplus",
        "softsign",
        "gelu",
        "hardswish",
        "hardsigmoid",
        "hardtanh",
    )
]


def made(kind, body):
    """The mutated bodies of a function f(x, y) with this body, those of one kind."""
    source = f"def f(x, y):\n{textwrap.indent(body, '    ')}"
    found = [mutant.source for mutant in mutants(source) if mutant.kind == kind]
    return {textwrap.dedent(mutated.split("\n", 1)[1]) for mutated in found}


@pytest.mark.parametrize(
    ("kind", "line", "expected"),
    [
        ("operator", "return x + y", {"return x - y", "return x * y"}),
        ("operator", "return x @ y", {"return x * y"}),
        ("operator", "return x and y", {"return x or y"}),
        ("operator", "x += y", {"x -= y", "x *= y"}),
        ("operands", "return x - y", {"return y - x", "return x", "return y"}),
        ("operands", "return x * y", {"return x", "return y"}),
        ("comparison", "return x < y", {"return x <= y", "return x > y"}),
        ("comparison", "return x == y", {"return x != y"}),
        ("comparison", "return x is None", {"return x is not None"}),
        ("negation", "return -x", {"return x"}),
        ("negation", "return not x", {"return x"}),
        ("negation", "return 1 if x else 2", {"return 1 if not x else 2"}),
        ("constant", "return 3", {"return 4", "return 2", "return 0", "return -3", "return 6"}),
        ("constant", "return -1", {"return 0", "return -2", "return 1"}),
        ("constant", "return 0.5", {"return 1.5", "return -0.5", "return 0.0", "return 1.0"}),
        ("constant", "return True", {"return False"}),
        ("constant", "return x.sum(dim=1)", set()),
        ("axis", "return x.sum(dim=1)", {"return x.sum(dim=0)", "return x.sum(dim=2)"}),
        ("axis", "return x.softmax(-1)", {"return x.softmax(-2)", "return x.softmax(0)"}),
        ("axis", "return x.shape[0]", {"return x.shape[-1]", "return x.shape[1]"}),
        ("pattern", "return g('bi,ij->bj', x, y)", {"return g('bi,ij->jb', x, y)"}),
        ("pattern", "return g(x, 'a b c -> a c b')", {"return g(x, 'a b c -> a b c')"}),
        ("slice", "return x[1:]", {"return x[:]", "return x[:-1]"}),
        ("slice", "return x[:-1]", {"return x[:]", "return x[1:]"}),
        ("slice", "return x[::-1]", {"return x[:]"}),
        ("neighbour", "return x.sum()", {"return x.mean()"}),
        ("neighbour", "return g.tanh(x)", {"return g.sigmoid(x)", "return g.relu(x)"}),
        ("neighbour", "return max(x, y)", {"return min(x, y)"}),
        ("call", "return x.clamp(min=y)", {"return x"}),
        ("call", "return x.detach()", {"return x"}),
        ("call", "return g.tanh(x)", {"return x"}),
        ("arguments", "return g(x, y, 1)", {"return g(y, x, 1)", "return g(x, 1, y)"}),
        ("keyword", "return g(x, dim=1)", {"return g(x)"}),
        ("transpose", "return x.T", {"return x"}),
        ("detach", "return (x, g(y))", {"return (x.detach(), g(y))", "return (x, g(y).detach())"}),
        ("statement", "x.append(y)", {"pass"}),
        ("statement", "x = g(x)", {"pass"}),
        ("statement", "z = g(x)", set()),
        ("statement", "with g():\n    x = y", {"if True:\n    x = y", "with g():\n    pass"}),
        ("statement", "if x:\n    return y\nreturn x", {"if x:\n    pass\nreturn x"}),
    ],
)
def test_is_each_kind_of_slip_made_where_it_can_be(kind, line, expected):
    assert made(kind, line) == expected


@pytest.mark.parametrize(
    ("rule", "line", "expected"),
    [
        (rules.twice, "return g.sqrt(x)", {"return g.sqrt(g.sqrt(x))"}),
        (rules.twice, "return x.softmax(dim=1)", {"return x.softmax(dim=1).softmax(dim=1)"}),
        (rules.twice, "return g.cat(x)", set()),
        (rules.activation, "return g.tanh(x)", {f"return {f}(x)" for f in INSTEAD_OF_TANH}),
        (rules.activation, "return (x + y).tanh()", {f"return {f}(x + y)" for f in INSTEAD_OF_TANH}),
        (rules.number, "return x / 100", {"return x / 50", "return x / 1000", "return x / 10.0"}),
        (rules.number, "return x**-1.5", {f"return x ** ({n})" for n in (-0.75, -15.0, -1.5 / 10, -1.0, -2.0)}),
        (rules.number, "return x.sum(dim=1)", set()),
        (rules.name, "return x + 1", {"return y + 1"}),
        (rules.name, "z = x\nreturn z", {"z = y\nreturn z", "z = x\nreturn x", "z = x\nreturn y"}),
        (rules.name, "return g(1)", set()),
    ],
)
def test_are_the_slips_that_answers_alone_are_compared_with_made(rule, line, expected):
    source = f"def f(x, y):\n{textwrap.indent(line, '    ')}"
    found = [mutant.source.split("\n", 1)[1] for mutant in mutants(source, made_by=[rule])]
    assert {textwrap.dedent(body) for body in found} == expected


def test_is_a_layer_exchanged_for_another_that_is_called_too():
    source = "class C:\n    def forward(self, x):\n        return self.a(self.b(x)) + self.c"
    found = {mutant.source.splitlines()[-1].strip() for mutant in mutants(source, ["forward"], [rules.name])}
    assert found == {"return self.b(self.b(x)) + self.c", "return self.a(self.a(x)) + self.c"}


@pytest.mark.parametrize(
    ("rule", "line", "expected"),
    [
        ("reordered", "return g(h(x), y)", {"return h(g(x, y))"}),
        ("reordered", "return g(x, h(y))", set()),
        ("reordered", "return x.log().sum(dim=0)", {"return x.sum(dim=0).log()"}),
        ("distributed", "return g(x + y, 1)", {"return g(x, 1) + y", "return x + g(y, 1)"}),
        ("distributed", "return (x - y).sqrt()", {"return x.sqrt() - y", "return x - y.sqrt()"}),
        ("distributed", "return g(x * y)", set()),
        ("repeated", "x.step()", {"if True:\n    x.step()\n    x.step()"}),
        ("repeated", "x = y", set()),
    ],
)
def test_are_slips_that_only_answers_are_compared_with_made_where_they_can_be(rule, line, expected):
    source = f"def f(x, y):\n    {line}"
    found = mutants(source, (), [getattr(rules, rule)])
    assert {textwrap.dedent(mutant.source.split("\n", 1)[1]) for mutant in found} == expected


def test_is_each_side_of_a_sum_weighted():
    found = {mutant.source.split("return ")[1] for mutant in mutants("def f(x, y):\n    return x - y", (), [rules.weighted])}
    assert found == {f"{w} * x - y" for w in (0.5, 2, 10)} | {f"x - {w} * y" for w in (0.5, 2, 10)}


def test_are_signature_defaults_annotations_and_error_texts_left_alone():
    source = "def f(x: g(1) = 2) -> g(3):\n    y: g(4) = x\n    raise ValueError(f'{x + 5}')"
    assert {mutant.kind for mutant in mutants(source)} == {"statement"}


def test_are_only_the_named_methods_of_a_class_mutated():
    source = (
        "class A:\n    def __init__(self):\n        self.n = 1\n\n    def two(self):\n        return self.n + self.n"
    )
    assert {mutant.id for mutant in mutants(source, ("two",))} == {
        "operator: + → - in `self.n + self.n`",
        "operator: + → * in `self.n + self.n`",
        "operands: self.n dropped in `self.n + self.n`",
        "detach: detached in `self.n + self.n`",
    }


def test_is_an_id_the_same_when_unrelated_lines_change():
    before = mutants("def f(x):\n    return x.sum(dim=1)")
    after = mutants("def f(x):\n    y = x * 2\n    return x.sum(dim=1)")
    assert {mutant.id for mutant in before} < {mutant.id for mutant in after}


def test_are_the_same_slips_at_two_places_told_apart():
    ids = [mutant.id for mutant in mutants("def f(x):\n    return g(x.T, x.T)") if mutant.kind == "transpose"]
    assert ids == ["transpose: x.T → x in `g(x.T, x.T)`", "transpose: x.T → x in `g(x.T, x.T)` (2)"]


def test_is_no_mutant_made_twice():
    sources = [mutant.source for mutant in mutants("def f(x):\n    return x * x - -1 + x[1:][:-1]")]
    assert len(sources) == len(set(sources))

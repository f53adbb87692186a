"""What a probe reports: results, gradients, and what else an answer did. Each answer here does one thing that it should not."""

import numpy as np
import pytest
import torch
from torch import nn

from autograder import probes
from autograder.compare import difference
from autograder.evidence import Observation
from autograder.exercises import find_exercise
from autograder.promises import Refused
from autograder.subject import Live, observe
from autograder.tolerance import Tolerance

X = torch.linspace(-1.0, 1.0, 6).view(2, 3)


def kind(probe, right, wrong, inputs):
    """The kind of what differs between a right and a wrong answer."""
    found = difference(*(Observation(probe(answer, inputs)) for answer in (right, wrong)), Tolerance())
    return found and (found.kind, found.parts.get("name"))


def in_a_list(texts, x):
    texts[0]["ids"].append(5)
    return x * 2


def asks_gradient(texts, x):
    x.requires_grad_()
    return (x * 2).detach()


def test_is_a_nested_argument_that_is_written_into_named():
    inputs = {"texts": [{"ids": [1, 2]}], "x": X}
    assert kind(probes.call, lambda texts, x: x * 2, in_a_list, inputs) == ("inputs modified", "texts")
    assert kind(probes.differentiate, lambda texts, x: x * 2, in_a_list, inputs) == ("inputs modified", "texts")
    assert inputs["texts"] == [{"ids": [1, 2]}]


def test_is_requires_grad_set_on_an_argument_told():
    assert kind(probes.call, lambda texts, x: x * 2, asks_gradient, {"texts": [], "x": X}) == ("requires_grad set", "x")


@pytest.mark.parametrize(
    ("hands_back", "makes_new", "inputs"),
    [
        (lambda x: x, torch.clone, {"x": X}),
        (lambda x: x.T.T, torch.clone, {"x": X}),
        (lambda x: [X + 1, x], lambda x: [X + 1, x + 0], {"x": X}),
        (lambda word: word, lambda word: [*word], {"word": [1, 2]}),
    ],
)
def test_is_an_argument_that_comes_back_where_a_new_one_is_promised_told(hands_back, makes_new, inputs):
    assert kind(probes.made_new, makes_new, hands_back, inputs) == ("nothing new", *inputs)
    assert kind(probes.made_new, makes_new, makes_new, inputs) is None
    assert kind(probes.made_new, hands_back, makes_new, inputs) is None, "a copy is never wrong"
    assert kind(probes.call, makes_new, hands_back, inputs) is None, "where nothing is promised"


@pytest.mark.parametrize(
    ("draw", "name"),
    [
        (lambda: torch.rand(2), "torch"),
        (lambda: np.random.rand(2), "numpy"),
        (lambda: __import__("random").random(), "random"),
    ],
)
def test_are_own_random_numbers_told_where_some_are_handed_in(draw, name):
    def drawing(uniforms):
        draw()
        return uniforms * 2

    assert kind(probes.call, lambda uniforms: uniforms * 2, drawing, {"uniforms": X}) == ("own random numbers", name)
    assert kind(probes.call, lambda x: x * 2, lambda x: drawing(x), {"x": X}) is None


def test_is_what_overwrites_an_output_that_the_gradient_needs_named():
    def in_place(x):
        return torch.tanh(x).mul_(2)

    def into_a_row(x):
        y = torch.tanh(x)
        y[0] = y[0] * 2
        return torch.cat([y[:1], 2 * y[1:]])

    def right(x):
        return 2 * torch.tanh(x)

    assert kind(probes.differentiate, right, in_place, {"x": X}) == ("overwritten", "tanh")
    assert kind(probes.differentiate, right, into_a_row, {"x": X}) == ("overwritten", "tanh")


class Layer(nn.Module):
    """A layer that adds what it has seen."""

    def __init__(self, features):
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(features))

    def forward(self, x, past):
        return x * self.weight + sum(past)


class Forgetful(Layer):
    """Stays in eval mode."""

    def forward(self, x, past):
        self.eval()
        return super().forward(x, past)


class Hoarder(Layer):
    """Keeps what it has seen in the caller's list."""

    def forward(self, x, past):
        result = super().forward(x, past)
        past.append(x)
        return result


def test_are_a_changed_mode_and_a_state_written_into_by_a_module_told():
    inputs = {"arguments": [3], "weights": {"weight": torch.ones(3)}, "inputs": {"x": X}}

    def probe(answer, inputs):
        return probes.use_module(answer, inputs, lambda built, x: built(x, [torch.ones(3)]))

    assert kind(probe, Layer, Forgetful, inputs) == ("mode changed", "the module")
    assert kind(probe, Layer, Hoarder, inputs) == ("inputs modified", "past")
    assert kind(probe, Layer, Layer, inputs) is None


def test_are_gradients_asked_of_the_named_items_alone_and_of_nested_ones():
    def weights_detached(x):
        return x * 2, (x * 3).detach()

    def both(x):
        return x * 2, x * 3

    assert kind(probes.differentiate, both, weights_detached, {"x": X}) == ("wrong gradients", None)
    assert kind(lambda a, i: probes.differentiate(a, i, of=[0]), both, weights_detached, {"x": X}) is None
    nested = probes.differentiate(lambda x: {"a": [x, (x, 3)]}, {"x": X})["gradients"]["x"]
    plain = probes.differentiate(lambda x: (x, x), {"x": X})["gradients"]["x"]
    assert torch.equal(nested, plain)


def test_is_an_example_a_case_and_told_by_its_value_or_by_what_it_prints():
    perplexity = find_exercise("perplexity")
    assert [example["source"].split("(")[0] for example in perplexity.examples] == ["print"] * 2
    assert probes.example(perplexity.reference, perplexity.examples[0])["result"] == "6.00\n"
    assert probes.example(lambda texts: torch.tensor(5.0), perplexity.examples[0])["result"] == "5.00\n"


def own_refusal(task, example):
    class NotATask(ValueError):
        """A subclass is as good."""

    raise NotATask(f"there is no task {task!r}")


def nameless(task, example):
    raise ValueError("this is unknown")


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (own_refusal, None),
        (nameless, "argument not named"),
        (lambda task, example: ("", ""), "not refused"),
        (lambda task, example: (0 / 0, ""), "refused by another exception"),
    ],
)
def test_is_a_promised_exception_asked_for_with_its_type_and_the_arguments_name(answer, kind):
    exercise = find_exercise("to_text_pair")
    refused = next(case for _, case in exercise.cases(1) if isinstance(case, Refused))
    right, seen = (observe(Live(a), exercise, refused) for a in (exercise.reference, answer))
    found = difference(right, seen, exercise.tolerance)
    assert (found and found.kind) == kind

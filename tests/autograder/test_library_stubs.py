"""Does an answer beside stubs of earlier solutions behave as beside the solutions themselves, gradients included?

The library's side runs in a fork here, as it does in a process of its own in official grading.
"""

import contextlib
import copy
import dataclasses
import os
import socket

import pytest
import torch

from autograder.compare import difference
from autograder.exercises import all_exercises, find_exercise
from autograder.grading.inside.library import Library
from autograder.grading.inside.stubs import Link
from autograder.grading.remote import reference_source
from autograder.source import without_docstrings
from autograder.subject import Live, observe_all

torch.autograd.grad(x := torch.ones(1, requires_grad=True), x, torch.ones(1))  # imports half of torch, before a fork
USING = [exercise for exercise in all_exercises() if exercise.uses]


@contextlib.contextmanager
def stubs_of(names):
    """The stubs, with the library behind them in another process."""
    ours, theirs = socket.socketpair()
    library = Library({name: reference_source(name) for name in names}, theirs)
    if (pid := os.fork()) == 0:
        ours.close()
        try:
            library.serve()
        finally:
            os._exit(0)
    theirs.close()
    try:
        yield Link(ours).stubs()
    finally:
        ours.close()
        os.waitpid(pid, 0)


def beside(exercise, source, things):
    namespace = {**vars(exercise.module), **things, "__name__": "__main__"}
    exec(compile(source, "<answer>", "exec"), namespace)
    return namespace[exercise.name]


@pytest.mark.parametrize("exercise", USING, ids=lambda exercise: exercise.name)
def test_does_an_answer_give_the_same_beside_stubs(exercise):
    sources = [exercise.source]
    for mistake in [m for m in exercise.misconceptions if m.edits][:8]:
        source = without_docstrings(exercise.source)
        for old, new in mistake.edits.items():
            source = source.replace(old, new)
        sources.append(source)
    cases, exercise = exercise.cases(11), dataclasses.replace(exercise, seconds=300.0)
    with stubs_of(exercise.uses) as stubs:
        for source in sources:
            seen = observe_all(Live(beside(exercise, source, stubs)), exercise, cases)
            plain = observe_all(Live(beside(exercise, source, {})), exercise, cases)
            for one, other in zip(plain, seen, strict=True):
                if one.crash:
                    assert other.crash and other.crash.type == one.crash.type
                else:
                    assert difference(one, other, exercise.tolerance) is None


def test_does_a_gradient_go_through_a_function_that_the_library_calls_back():
    inputs, weight = torch.randn(3, 4, 2, requires_grad=True), torch.randn(2, 2, requires_grad=True)
    lengths, state = torch.tensor([4, 2, 1]), torch.randn(3, 2, requires_grad=True)

    def total(unroll):
        outputs, last = unroll(lambda x, h: torch.tanh(x + h @ weight), inputs, lengths, state)
        return (outputs * torch.arange(24.0).view(3, 4, 2)).sum() + last.square().sum()

    with stubs_of(["masked_unroll"]) as stubs:
        found = torch.autograd.grad(total(stubs["masked_unroll"]), [inputs, weight, state])
    expected = torch.autograd.grad(total(find_exercise("masked_unroll").reference), [inputs, weight, state])
    for ours, theirs in zip(found, expected, strict=True):
        torch.testing.assert_close(ours, theirs)


def test_is_a_module_trained_copied_and_looked_into_as_the_library_s_own():
    x = torch.randn(2, 5, 6)
    with stubs_of(["FeedForward"]) as stubs:
        states = []
        for kind in (stubs["FeedForward"], find_exercise("FeedForward").reference):
            torch.manual_seed(3)
            module = copy.deepcopy(torch.nn.Sequential(kind(6, 24), kind(d_model=6, d_ff=12)))
            assert [type(part).__name__ for part in module[0].children()] == ["Linear", "Linear"]
            optimizer = torch.optim.SGD(module.parameters(), lr=0.1)
            for _ in range(3):
                optimizer.zero_grad()
                module(x).square().sum().backward()
                optimizer.step()
            states.append(module.state_dict())
            drawn = torch.rand(3)
        assert states[0].keys() == states[1].keys()
        for name in states[0]:
            torch.testing.assert_close(states[0][name], states[1][name])
        torch.manual_seed(3)
        stubs["FeedForward"](6, 24), stubs["FeedForward"](6, 12)
        assert torch.equal(torch.rand(3), drawn), "chance goes on as beside the library's own"


def test_is_what_the_library_raises_raised_and_what_the_answer_raises_kept():
    class Own(Exception):
        pass

    def fails(x, h):
        raise Own("mine")

    with stubs_of(["masked_unroll", "pretokenize", "CachedAttention"]) as stubs:
        with pytest.raises(ValueError, match="expected a multiple of heads"):
            stubs["CachedAttention"](d_model=5, heads=2)
        with pytest.raises(TypeError, match="positional argument"):
            stubs["pretokenize"]()
        with pytest.raises(Own, match="mine"):
            stubs["masked_unroll"](fails, torch.zeros(1, 2, 3), torch.tensor([2]), torch.zeros(1, 3))
        assert stubs["pretokenize"]("so much") == ["so", " much"], "and it goes on"


def test_is_there_nothing_of_the_solution_on_this_side():
    seen, todo = set(), []
    with stubs_of(["FeedForward", "masked_unroll"]) as stubs:
        todo += [*stubs.values(), stubs["FeedForward"](6, 24)]
        while todo:
            thing = todo.pop()
            if id(thing) in seen or isinstance(thing, (torch.Tensor, str, int, float, type(None))):
                continue
            seen.add(id(thing))
            code = getattr(thing, "__code__", None)
            if code:
                assert not {"relu", "where", "expand", "contract"} & set(code.co_names + code.co_varnames)
                todo += [cell.cell_contents for cell in thing.__closure__ or ()]
            todo += [v for v in vars(thing).values() if callable(v)] if hasattr(thing, "__dict__") else []

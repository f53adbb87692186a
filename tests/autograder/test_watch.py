"""Is what is forbidden caught by what is called, whatever the answer calls it? And is nothing else?"""

import _thread
import functools
import itertools
import multiprocessing
import operator
import os
import pydoc
import subprocess
import sys
import threading
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from autograder import probes
from autograder.exercises import all_exercises, find_exercise
from autograder.forbid import with_homes
from autograder.judge import judge
from autograder.watch import Watch

X = torch.linspace(-1.0, 1.0, 6).view(2, 3)
TARGETS = torch.tensor([0, 2])
WEIGHTS = [torch.ones(12, 3), torch.ones(12, 3), torch.ones(12), torch.ones(12)]
SQUARE = [torch.ones(3, 3), torch.ones(3, 3), torch.ones(3), torch.ones(3)]


@pytest.mark.parametrize(
    ("forbidden", "call"),
    [
        ("torch.nn.LSTMCell", lambda: torch._VF.lstm_cell(X, (X, X), *WEIGHTS)),
        ("torch.nn.RNNCell", lambda: torch._VF.rnn_tanh_cell(X, X, *SQUARE)),
        ("torch.nn.RNNCell", lambda: nn.RNNCell(3, 3)(X, X)),
        ("torch.nn.functional.cross_entropy", lambda: getattr(F, "cross_" + "entropy")(X, TARGETS)),
        ("torch.nn.functional.cross_entropy", lambda: torch._C._nn.cross_entropy_loss(X, TARGETS)),
        ("torch.nn.functional.rms_norm", lambda: torch.ops.aten.rms_norm(X, [3])),
        ("torch.nn.functional.rms_norm", lambda: torch.ops.aten.rms_norm.default(X, [3])),
        ("torch.nn.functional.group_norm", lambda: nn.GroupNorm(1, 3)(X)),
        ("torch.nn.functional.layer_norm", lambda: torch.native_layer_norm(X, [3], None, None, 1e-5)),
        ("torch.softmax", lambda: X.softmax(0)),
        ("torch.nn.functional.softmax", lambda: torch.Tensor.softmax(X, 0)),
        ("torch.nn.Softmax", lambda: torch._C._VariableFunctions.softmax(X, 0)),
        ("torch.Tensor.backward", lambda: (X.clone().requires_grad_() ** 2).sum().backward()),
        ("torch.distributions", lambda: torch.distributions.Categorical(logits=X).log_prob(TARGETS)),
    ],
)
def test_is_a_call_caught_whatever_its_name(forbidden, call):
    with Watch(with_homes([forbidden]), probes.call) as watch:
        call()
    assert watch.called == {forbidden}


def in_a_thread(target, *arguments):
    thread = threading.Thread(target=target, args=arguments)
    thread.start()
    thread.join()


def in_a_pool(function, *arguments):
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(function, *arguments).result()


WAYS = [
    lambda function, *arguments: functools.partial(function)(*arguments),
    lambda function, *arguments: list(map(function, *([a] for a in arguments))),
    lambda function, *arguments: list(itertools.starmap(function, [arguments])),
    lambda function, *arguments: functools.reduce(function, arguments),
    lambda function, *arguments: max([X], key=lambda x: function(x, *arguments[1:]).sum()),
    lambda function, *arguments: torch.vmap(lambda x: function(x, 0))(X),
    in_a_thread,
    in_a_pool,
]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    "function",
    [
        torch.softmax,
        F.softmax,
        torch.Tensor.softmax,
        lambda x, axis: operator.methodcaller("softmax", axis)(x),
        torch.ops.aten.softmax.int,
        torch._C._VariableFunctions.softmax,
    ],
)
def test_is_a_call_caught_by_whatever_way_it_comes(function, way):
    told = {"torch.softmax", "torch.nn.functional.softmax"}
    with Watch(with_homes(sorted(told)), probes.call) as watch:
        way(function, X, 0)
    assert watch.called and watch.called <= told


@pytest.mark.filterwarnings("ignore:`torch.jit.trace` is deprecated")
@pytest.mark.parametrize(
    ("told", "hide"),
    [
        ("sys.setprofile", lambda: sys.setprofile(None)),
        ("threading.setprofile", lambda: threading.setprofile(None)),
        ("_thread.start_new_thread", lambda: _thread.start_new_thread(lambda: None, ())),
        ("subprocess", lambda: subprocess.run(["true"])),
        ("os.popen", lambda: os.popen("true").close()),
        ("os.system", lambda: os.system("true")),
        ("multiprocessing", lambda: multiprocessing.Process(target=print)),
        ("concurrent.futures.process", lambda: ProcessPoolExecutor(1).shutdown()),
        ("torch.jit", lambda: torch.jit.trace(lambda x: x + 1, X)),
        ("torch.jit", lambda: torch.jit.CompilationUnit("def f(x):\n  return torch.softmax(x, 0)\n")),
    ],
)
def test_is_what_leads_out_of_sight_forbidden_where_anything_is(told, hide):
    with Watch(with_homes(["torch.softmax"]), probes.call) as watch:
        hide()
    assert told in watch.called
    with Watch({}, probes.call) as watch:
        hide()
    assert not watch.called


def test_does_a_thread_that_calls_nothing_forbidden_not_count():
    with Watch(with_homes(["torch.softmax", "torch.distributions"]), probes.call) as watch:
        in_a_pool(torch.log_softmax, X, 0)
        in_a_thread(X.exp)
    assert not watch.called


def test_does_what_others_call_not_count():
    def probe(answer, inputs):
        return answer(F.softmax(inputs, dim=0))

    forbids = with_homes(["torch.softmax", "torch.autograd.grad", "torch.distributions"])
    with Watch(forbids, probe) as watch:
        probe(lambda x: torch.log_softmax(2 * x, 0), X)
        probes.differentiate(lambda x: x * 2, {"x": X})
    assert not watch.called


def test_is_an_answer_forbidden_for_what_it_calls_in_hiding():
    exercise = find_exercise("rnn_step")
    hidden = "_".join(["rnn", "tanh", "cell"])

    def rnn_step(x, h, w_ih, b_ih, w_hh, b_hh):
        return getattr(torch._VF, hidden)(x, h, w_ih, w_hh, b_ih, b_hh)

    verdict = judge(exercise, rnn_step)
    assert (verdict.outcome, verdict.points) == ("forbidden", 0), verdict.message


def test_is_what_hides_calls_told_as_that():
    def rnn_step(x, h, w_ih, b_ih, w_hh, b_hh):
        os.system("true")
        return torch.tanh(x @ w_ih.T + b_ih + h @ w_hh.T + b_hh)

    verdict = judge(find_exercise("rnn_step"), rnn_step)
    assert (verdict.outcome, verdict.points) == ("forbidden", 0)
    assert "uses os.system, and what is called behind it cannot be seen" in verdict.message


def test_is_the_profiler_that_was_there_put_back():
    with Watch({}, print):
        pass
    with pytest.raises(ZeroDivisionError), Watch(with_homes(["torch.softmax"]), print):
        raise ZeroDivisionError
    assert not sys.getprofile() and not threading.getprofile() and not torch._C._len_torch_function_stack()


def test_are_all_names_that_exercises_forbid_those_of_something():
    for exercise in all_exercises():
        for dotted in exercise.forbids:
            assert not dotted.startswith(("torch.", "sklearn.")) or pydoc.locate(dotted), dotted


def test_is_memory_that_nobody_filled_never_right_by_luck():
    """What lies there is often what the last right answer left."""

    def embed(weight, ids):
        good = weight[ids].clone()
        shape = good.shape
        del good
        return torch.empty(shape)

    verdict = judge(find_exercise("embed"), embed)
    assert verdict.outcome == "wrong" and "nan" in verdict.message.lower(), verdict.message
    assert not torch.are_deterministic_algorithms_enabled()

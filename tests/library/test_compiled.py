"""One graph for texts of any length: exported, compiled as a whole, traced, for each of the four models."""

import jaxtyping
import pytest
import torch
from torch.export import Dim

from unrolled.bart import Bart, BartConfig
from unrolled.bert import Bert
from unrolled.gpt import GPT, GPTConfig
from unrolled.t5 import T5, T5Config

VOCABULARY, BATCH = 23, 3
MODELS = {
    "GPT": lambda: GPT(GPTConfig(vocabulary=VOCABULARY, positions=31, d_model=15, heads=3, layers=2, d_ff=17)),
    "BERT": lambda: Bert(VOCABULARY, d_model=15, heads=3, d_ff=17, layers=2, positions=31),
    "T5": lambda: T5(T5Config(VOCABULARY, d_model=15, d_kv=5, d_ff=17, num_layers=2, num_heads=3)),
    "BART": lambda: Bart(BartConfig(VOCABULARY, 31, 15, 2, 3, 17, 2, 3, 17)),
}
pytestmark = [
    pytest.mark.filterwarnings("ignore:.*torch.jit.trace.* is deprecated:DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::torch.jit.TracerWarning"),  # of sizes that stay: whether they do is asked below
]


@pytest.fixture(autouse=True)
def without_the_tests_own_checks():
    """What looks at types in tests only cannot be compiled."""
    jaxtyping.config.update("jaxtyping_disable", True)
    yield
    jaxtyping.config.update("jaxtyping_disable", False)


each_model = pytest.mark.parametrize("name", MODELS)


class Scores(torch.nn.Module):
    """A model as one function of ids and their mask to one tensor."""

    def __init__(self, name):
        super().__init__()
        torch.manual_seed(0)
        self.model, self.two_sided = MODELS[name]().eval(), name in ("T5", "BART")

    def forward(self, ids, real):
        if self.two_sided:
            return self.model(ids, ids, real)
        found = self.model(ids, real)
        return found[0] if isinstance(found, tuple) else found


def batch(time, seed=0):
    ids = torch.randint(VOCABULARY, (BATCH, time), generator=torch.Generator().manual_seed(seed))
    return ids, torch.arange(time) < torch.tensor([time, 2, max(2, time - 3)])[:, None]


def agree(found, model, time):
    """The same scores as without compiling, on other texts than those that it was compiled with."""
    given = batch(time, seed=1)
    with torch.no_grad():
        torch.testing.assert_close(found(*given), model(*given), rtol=1e-4, atol=1e-5)


@each_model
def test_is_a_model_exported_for_every_length(name):
    model, time = Scores(name), Dim("time", min=2, max=30)
    program = torch.export.export(model, batch(7), dynamic_shapes=({1: time}, {1: time}))
    for length in (2, 7, 13, 29):
        agree(program.module(), model, length)


@each_model
def test_does_one_graph_of_the_whole_model_serve_every_length(name):
    graphs = []

    def counted(graph, examples):
        graphs.append(graph)
        return graph.forward

    torch.compiler.reset()
    model = Scores(name)
    compiled = torch.compile(model, fullgraph=True, dynamic=True, backend=counted)
    for length in (7, 5, 13, 29, 11):
        agree(compiled, model, length)
    assert len(graphs) == 1
    torch.compiler.reset()


def test_does_reading_on_with_a_cache_take_one_graph():
    graphs = []

    def counted(graph, examples):
        graphs.append(graph)
        return graph.forward

    torch.compiler.reset()
    model, (ids, _) = Scores("GPT").model, batch(13)
    step = torch.compile(model.step, fullgraph=True, dynamic=True, backend=counted)
    with torch.no_grad():
        _, state = model.step(ids[:, 3:4], model.step(ids[:, :3])[1])
        for i in range(4, 13):
            expected, _ = model.step(ids[:, i : i + 1], state)
            scores, state = step(ids[:, i : i + 1], state)
            torch.testing.assert_close(scores, expected)
    assert len(graphs) == 1
    torch.compiler.reset()


@each_model
def test_is_a_model_traced_for_every_length(name):
    model = Scores(name)
    with torch.no_grad():
        traced = torch.jit.trace(model, batch(7), check_trace=False)
    for length in (2, 7, 13, 29):
        agree(traced, model, length)

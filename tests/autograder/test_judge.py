"""The judge's outcomes, findings and diagnosis beyond what every exercise must satisfy."""

import dataclasses
import linecache
import sys
import textwrap
import time
import types

import pytest
import torch
from torch import nn

from autograder.compare import compare
from autograder.draw import normal
from autograder.exercise import Exercise
from autograder.exercises import find_exercise
from autograder.judge import VISIBLE_SEED, judge
from autograder.promises import Example
from autograder.subject import Live, NotDefined
from autograder.tolerance import Tolerance, same
from unrolled.pretraining import village_bert

RNN_STEP = find_exercise("rnn_step")


def answer(source, name="rnn_step"):
    """What a student's cell with this source would define."""
    namespace = {"torch": torch, "nn": nn}
    exec(compile(source, "<cell>", "exec"), namespace)
    return namespace[name]


@pytest.mark.parametrize(
    ("change", "kind"),
    [
        (lambda t: t.transpose(0, 1), "axes permuted"),
        (lambda t: t[0], "wrong shape"),
        (lambda t: t.double(), "wrong dtype"),
        (lambda t: t.to("meta"), "wrong device"),
        (lambda t: t * torch.nan, "NaN"),
        (lambda t: t / 0, "infinite"),
        (lambda t: 2.65 * t, "scaled by a constant"),
        (lambda t: t.flip(1), "reversed"),
        (lambda t: t.roll(1, dims=1), "shifted by one step"),
        (lambda t: torch.cat([t[:, :3], 2 * t[:, 3:] + 1], dim=1), "right until some step"),
        (lambda t: t.cos(), "wrong values"),
        (lambda t: t.tolist(), "wrong type"),
        (lambda t: None, "wrong type"),
    ],
)
def test_has_a_wrong_tensor_the_finding_that_describes_it(change, kind):
    right = torch.randn(3, 5, 7, generator=torch.Generator().manual_seed(0))
    assert compare(right, change(right), Tolerance()).kind == kind
    assert same(right, right.clone(), Tolerance()) and not same(right, change(right), Tolerance())


def test_is_a_transposed_matrix_called_so():
    right = torch.arange(6.0).view(2, 3)
    assert compare(right, right.T, Tolerance()).kind == "transposed"
    square = torch.randn(3, 3)
    assert compare(square, square.T, Tolerance()).kind == "transposed"


@pytest.mark.parametrize(
    ("expected", "got"), [([1, 2], [1, 2, 3]), ({"a": 1}, {}), ({}, {"a": 1}), ("사랑", "사람"), (1.0, 2.0), ([1], "1")]
)
def test_do_trees_that_differ_have_a_finding(expected, got):
    assert compare(expected, got, Tolerance())
    assert compare(expected, expected, Tolerance()) is None
    assert same(expected, expected, Tolerance()) and not same(expected, got, Tolerance())


def test_do_nan_and_infinity_where_they_should_be_agree():
    right = torch.tensor([torch.nan, torch.inf, -torch.inf, 1.0])
    assert compare(right, right.clone(), Tolerance()) is None
    assert compare(right, torch.tensor([1.0, torch.inf, -torch.inf, 1.0]), Tolerance())


def test_is_an_answer_that_hangs_timed_out():
    slow = dataclasses.replace(RNN_STEP, seconds=0.2)
    verdict = judge(slow, answer("def rnn_step(**inputs):\n    while True: pass"))
    assert (verdict.outcome, verdict.points) == ("timed out", 0)


def test_does_a_blanket_except_not_swallow_the_time_limit():
    source = "def rnn_step(**inputs):\n    while True:\n        try:\n            pass\n        except Exception:\n            pass"
    assert judge(dataclasses.replace(RNN_STEP, seconds=0.2), answer(source)).outcome == "timed out"


@pytest.mark.parametrize(
    "leaves",
    [
        "class Last:\n    def __del__(self):\n        for _ in range(10**8): pass\nLast()",
        "class Last: pass\nlast = Last()\ndef busy(_):\n    for _ in range(10**8): pass\n"
        "told = weakref.ref(last, busy)\ndel last",
    ],
    ids=["__del__", "weak reference"],
)
def test_is_a_time_limit_kept_that_runs_out_where_python_ignores_it(leaves, capsys):
    body = f"import weakref\n{leaves}\nfor _ in range(10**10): pass"
    slow = answer("def rnn_step(**inputs):\n" + textwrap.indent(body, "    "))
    begun = time.monotonic()
    assert judge(dataclasses.replace(RNN_STEP, seconds=0.2), slow).outcome == "timed out"
    assert time.monotonic() - begun < 15
    assert "ignored" not in capsys.readouterr().err


@pytest.mark.parametrize(
    "source",
    [
        "def rnn_step(x, h, w_ih, b_ih, w_hh, b_hh):\n    return torch.rnn_tanh_cell(x, h, w_ih, w_hh, b_ih, b_hh)",
        "def rnn_step(x, h, *w):\n    cell = nn.RNNCell(5, 7)\n    return cell(x, h)",
        "from torch.nn import RNNCell as C\ndef rnn_step(x, h, *w):\n    return C(5, 7)(x, h)",
        "def rnn_step(x, h, *w):\n    import torch.nn as layers\n    return layers.RNNCell(5, 7)(x, h)",
    ],
)
def test_is_a_call_that_makes_the_exercise_trivial_forbidden(source, tmp_path, monkeypatch):
    (tmp_path / "student_cell.py").write_text(f"import torch\nfrom torch import nn\n{source}\n")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(__import__("sys").modules, "student_cell", raising=False)
    import student_cell

    verdict = judge(RNN_STEP, student_cell.rnn_step)
    assert (verdict.outcome, verdict.points) == ("forbidden", 0), verdict.message


def test_is_a_word_of_the_docstring_that_is_also_a_helpers_name_no_call(tmp_path):
    """A chapter's own demonstrations define such helpers: re-running a check after them must not find a forbidden call."""
    cell = tmp_path / "cell.py"
    helper = "def loss(x):\n    return torch.rnn_tanh_cell(x)\n\n\n"
    right = "def rnn_step(x, h, w_ih, b_ih, w_hh, b_hh):\n    {}\n    return torch.tanh(x @ w_ih.T + b_ih + h @ w_hh.T + b_hh)\n"
    for line, outcome in (("'Gives the loss.'", "correct"), ("loss", "forbidden")):
        cell.write_text(helper + right.format(line))
        linecache.checkcache(str(cell))
        namespace = {"torch": torch, "__name__": "__main__"}
        exec(compile(cell.read_text(), str(cell), "exec"), namespace)
        assert judge(RNN_STEP, namespace["rnn_step"]).outcome == outcome


def test_is_the_librarys_own_object_forbidden_where_it_must_not_be_used():
    assert judge(RNN_STEP, RNN_STEP.reference, allow_library=False).outcome == "forbidden"
    assert judge(RNN_STEP, RNN_STEP.reference).outcome == "correct"


def test_is_an_answer_of_none_or_an_undefined_one_not_attempted():
    for nothing in (None, NotDefined("rnn_step")):
        assert judge(RNN_STEP, nothing).outcome == "not attempted"


def test_does_one_wrong_group_cost_only_its_own_points():
    verdict = judge(
        RNN_STEP, answer("def rnn_step(x, h, w_ih, b_ih, w_hh, b_hh): return torch.tanh(x @ w_ih.T + b_ih + b_hh)")
    )
    assert (verdict.outcome, verdict.points) == ("wrong", 1)
    assert verdict.diagnosis == "the old state h plays no part"
    assert [(name, earned) for name, earned, _ in verdict.groups] == [
        ("without memory", 1.0),
        ("with memory", 0.0),
    ]


def test_are_two_mistakes_at_once_both_named():
    source = "def rnn_step(x, h, w_ih, b_ih, w_hh, b_hh): return torch.sigmoid(x @ w_ih.T + h @ w_hh.T + b_hh)"
    diagnosis = judge(RNN_STEP, answer(source), patience=0).diagnosis
    assert "b_ih is left out" in diagnosis and "sigmoid" in diagnosis


def test_are_two_mistakes_named_where_one_of_them_shows_only_in_later_cases():
    source = "def softmax(x, dim=-1): return x.exp() / x.exp().sum()"
    diagnosis = judge(find_exercise("softmax"), answer(source, "softmax"), patience=0).diagnosis
    assert "exponentials of large scores overflow" in diagnosis and "over all axes" in diagnosis


def test_is_a_variable_of_the_answer_no_object_of_the_library_that_has_its_name():
    """After `model, vocabulary = village_bert()` in the notebook, a parameter of these names is still the answer's own."""
    exercise = find_exercise("BertEmbeddings")
    namespace = {"torch": torch, "nn": nn}
    exec("from torch import Tensor\nfrom jaxtyping import Float, Int", namespace)
    source = "\n".join(
        [
            "class BertEmbeddings(nn.Module):",
            "    def __init__(self, vocabulary, d_model, positions=512, segments=2, eps=1e-12):",
            "        super().__init__()",
            "        self.word, self.position = nn.Embedding(vocabulary, d_model), nn.Embedding(positions, d_model)",
            "        self.segment, self.norm = nn.Embedding(segments, d_model), nn.LayerNorm(d_model, eps=eps)",
            "    def forward(self, input_ids, token_type_ids):",
            "        model = self.word(input_ids) + self.position.weight[: input_ids.shape[1]]",
            "        return self.norm(model + self.segment(token_type_ids))",
        ]
    )
    name = "<cell of BertEmbeddings>"
    linecache.cache[name] = (len(source), None, source.splitlines(True), name)
    exec(compile(source, name, "exec"), namespace)
    namespace["model"], namespace["vocabulary"] = village_bert()
    own = namespace["BertEmbeddings"]
    assert judge(exercise, own, allow_library=False).outcome == "correct"
    own.forward.__globals__["hidden"] = exercise.reference
    spoilt = source.replace("self.norm(model", "hidden.forward(self, input_ids, token_type_ids); self.norm(model")
    linecache.cache[name] = (len(spoilt), None, spoilt.splitlines(True), name)
    exec(compile(spoilt, name, "exec"), namespace)
    assert judge(exercise, namespace["BertEmbeddings"], allow_library=False).outcome == "forbidden"


def test_is_a_question_that_two_mistakes_share_asked_once():
    source = """
def without_exceptions(query, documents, count, weight):
    query, documents = nn.functional.normalize(query, dim=-1), nn.functional.normalize(documents, dim=-1)
    value, likeness, chosen = documents @ query, documents @ documents.T, []
    for _ in range(min(count, len(documents))):
        left = [i for i in range(len(documents)) if i not in chosen]
        found = [weight * value[i] - (1 - weight) * likeness[i, chosen].max() if chosen else value[i] for i in left]
        chosen.append(left[int(torch.stack(found).argmax())])
    return chosen"""
    verdict = judge(find_exercise("maximal_marginal_relevance"), answer(source, "without_exceptions"), patience=0)
    assert "negative count" in verdict.message and "outside of 0 to 1" in verdict.message
    assert verdict.message.count("Which exceptions does the docstring promise?") == 1


def test_does_an_overflow_say_nothing_of_places():
    source = """
def by_exponentials(token_logits, document_scores, targets, mask):
    asked = targets[:, None, :, None].expand(-1, token_logits.shape[1], -1, 1)
    words = token_logits.log_softmax(-1).gather(-1, asked)[..., 0]
    prior = document_scores.log_softmax(-1)
    sequence = ((words * mask[:, None]).sum(-1) + prior).exp().sum(-1).log()
    return sequence, ((words + prior[..., None]).logsumexp(1) * mask).sum(-1)"""
    verdict = judge(find_exercise("rag_log_probabilities"), answer(source, "by_exponentials"))
    assert verdict.outcome == "wrong" and "depends on" not in verdict.message


def test_is_an_answer_that_writes_into_its_inputs_told_so():
    source = """
def rnn_step(x, h, w_ih, b_ih, w_hh, b_hh):
    new = torch.tanh(x @ w_ih.T + b_ih + h @ w_hh.T + b_hh)
    x.data.zero_()
    return new"""
    verdict = judge(RNN_STEP, answer(source))
    assert verdict.diagnosis == "inputs modified" and "x" in verdict.message


@pytest.mark.parametrize(
    ("name", "line", "source"),
    [
        ("softmax", 3, "def softmax(x, dim):\n    e = (x - x.amax(dim, keepdim=True)).exp()\n    e /= e.sum(dim, keepdim=True)\n    return e"),
        (
            "rnn_step",
            4,
            "def rnn_step(x, h, w_ih, b_ih, w_hh, b_hh):\n    a = x @ w_ih.T + b_ih\n    a += h @ w_hh.T + b_hh  # fine\n"
            "    return torch.tanh(a).mul_(1.0)",
        ),
    ],
)
def test_is_a_write_in_place_that_the_gradient_forbids_told_with_its_line(name, line, source):
    exercise = find_exercise(name)
    verdict = judge(exercise, exercise.execute(source))
    assert verdict.diagnosis == "overwritten" and f"writes in place, in line {line}, into" in verdict.message


def test_does_an_answer_with_eigenvalues_of_nan_end_itself_and_not_the_process():
    exercise = find_exercise("frechet_distance")
    wrong = (
        "def frechet_distance(real, fake):\n    covariance = (real - real.mean(0)).T @ (real - real.mean(0)) / 0\n"
        "    return torch.linalg.eigvals(covariance.double()).real.sum().item()"
    )
    before = torch.linalg.eigvals
    verdict = judge(exercise, exercise.execute(wrong))
    assert verdict.outcome == "crashed" and "should not contain infs or NaNs" in verdict.message
    assert torch.linalg.eigvals is before


def test_is_a_result_cut_off_from_its_inputs_told_so():
    source = """
def rnn_step(x, h, w_ih, b_ih, w_hh, b_hh):
    return torch.tanh(x @ w_ih.T + b_ih + h @ w_hh.T + b_hh).detach()"""
    unnamed = dataclasses.replace(RNN_STEP, misconceptions=())
    assert judge(unnamed, answer(source)).diagnosis == "gradient missing"


def test_does_a_warning_or_an_error_message_in_the_answer_cost_nothing():
    source = """
def rnn_step(x, h, w_ih, b_ih, w_hh, b_hh):
    import sys, warnings
    warnings.warn("look out"); print("hm", file=sys.stderr)
    return torch.tanh(x @ w_ih.T + b_ih + h @ w_hh.T + b_hh)"""
    assert judge(RNN_STEP, answer(source)).outcome == "correct"


def test_is_an_answer_right_only_for_the_visible_cases_caught_by_another_seed():
    cases = {seed: RNN_STEP.cases(seed) for seed in (VISIBLE_SEED,)}
    drawn = [inputs for rows in cases.values() for _, inputs in rows if not isinstance(inputs, Example)]
    table = [(inputs["x"], RNN_STEP.reference(**inputs)) for inputs in drawn]

    def rnn_step(x, h, w_ih, b_ih, w_hh, b_hh):
        right = next((new for seen, new in table if torch.equal(seen, x)), torch.zeros(3, 7))
        return right + 0 * (x.sum() + h.sum() + w_ih.sum() + b_ih.sum() + w_hh.sum() + b_hh.sum())

    assert judge(RNN_STEP, rnn_step, seed=99).points == 0


def test_is_a_later_exercise_judged_with_the_reference_in_the_place_of_a_wrong_earlier_answer(monkeypatch):
    """Error carried forward, on an exercise made for the purpose: unroll is right but for a wrong rnn_step it calls."""
    library = types.ModuleType("carried")
    library.unroll = answer(CARRIED + RIGHT_STEP, "unroll")
    monkeypatch.setitem(sys.modules, "carried", library)
    user = Exercise(
        solves="carried.unroll", uses=("rnn_step",), inputs=carried_inputs, groups={"all": 3}, misconceptions=()
    )
    vars(user)["source"] = CARRIED.strip()  # Python cannot look it up
    wrong_step = RIGHT_STEP.replace("torch.tanh", "torch.sin")
    verdict = judge(user, answer(CARRIED + wrong_step, "unroll"))
    assert (verdict.points, verdict.carried) == (3, ("rnn_step",))
    assert "in the place of yours" in verdict.message
    broken = CARRIED.replace("inputs.unbind(1)", "inputs.unbind(1)[:-1]")
    assert judge(user, answer(broken + wrong_step, "unroll")).points == 0
    endless = RIGHT_STEP.replace("return", "while True:\n        pass\n    return")
    verdict = judge(user, answer(CARRIED + endless, "unroll"), right=())  # known to be wrong: it is not even tried
    assert (verdict.points, verdict.carried) == (3, ("rnn_step",))
    assert judge(user, answer(broken + wrong_step, "unroll"), right=()).points == 0


def test_is_a_mistake_named_even_where_an_earlier_answer_is_wrong_too():
    decoder, scores = find_exercise("AttentionDecoder"), find_exercise("additive_scores")
    mistake = next(m for m in decoder.misconceptions if m.id == "context-not-scored")
    both = decoder.variant(mistake)
    namespace = both.forward.__globals__
    namespace["additive_scores"] = lambda query, key, w_query, w_key, v: query + key  # it does not even run
    verdict = judge(decoder, both)
    assert (verdict.outcome, verdict.diagnosis) == ("wrong", mistake.name)
    assert scores.name in verdict.carried


@pytest.mark.parametrize(
    ("known", "right", "asked"), [(True, True, False), (True, False, True), (False, True, True)], ids=str
)
def test_are_earlier_answers_that_are_right_not_suspected_of_a_mistake_that_has_a_name(known, right, asked):
    decoder = find_exercise("AttentionDecoder")
    wrong = decoder.variant(next(m for m in decoder.misconceptions if m.id == "context-not-scored"))
    subject, tried = Live(wrong if known else type("Decoder", (decoder.reference,), {"forward": None}), {}), []
    using = subject.using
    subject.using = lambda references: tried.append(references) or using(references)
    verdict = judge(decoder, subject, right=decoder.uses if right else ())
    assert (verdict.points, bool(tried)) == (0, asked)


CARRIED = """
def unroll(inputs, state, w):
    for x in inputs.unbind(1):
        state = rnn_step(x, state, *w)
    return state
"""
RIGHT_STEP = """
def rnn_step(x, h, w_ih, b_ih, w_hh, b_hh):
    return torch.tanh(x @ w_ih.T + b_ih + h @ w_hh.T + b_hh)
"""


def carried_inputs(rng):
    weights = [normal(rng, 7, 3), normal(rng, 7), normal(rng, 7, 7), normal(rng, 7)]
    return {"all": [{"inputs": normal(rng, 2, 5, 3), "state": normal(rng, 2, 7), "w": weights}]}


def test_is_the_item_of_a_list_named_whose_type_is_wrong():
    """The list itself has the right one, be it as short as it may."""

    def maximal_marginal_relevance(query, documents, count, weight):
        right = find_exercise("maximal_marginal_relevance").reference
        return [torch.tensor(number) for number in right(query, documents, count, weight)]

    message = judge(find_exercise("maximal_marginal_relevance"), maximal_marginal_relevance).message
    assert "`result[0]` is a tensor without axes; expected a whole number" in message

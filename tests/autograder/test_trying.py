"""What other inputs show of an answer, and what the cases show by themselves: said where it is so, and only there."""

import math
import re
import warnings
from pathlib import Path

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import nn

from autograder import catalogue
from autograder.axes import axes_of
from autograder.behaviour import expected
from autograder.compare import compare, differences
from autograder.contrast import contrast
from autograder.evidence import Evidence, Item, Key, Place, Trait
from autograder.exercises import find_exercise
from autograder.judge import judge
from autograder.other_inputs import harmless, made_of, others, with_another
from autograder.promises import Example
from autograder.reading import drawn_and_wrong, most_telling
from autograder.subject import Live, observe, observe_all
from autograder.symptoms import what_differs
from autograder.throughout import off_by_a_number, too_much_throughout
from autograder.tolerance import Tolerance
from autograder.trying import Trial, part_at, tried_otherwise
from unrolled.axial import AxialPositions

LATER = math.inf


def evidence_of(name, answer):
    exercise = find_exercise(name)
    cases, right = expected(exercise, 0)
    observed = observe_all(Live(answer), exercise, cases)
    found = differences(right, observed, exercise.tolerance, Place(axes=axes_of(exercise)))
    given = lambda inputs: observe(Live(answer), exercise, inputs)  # noqa: E731
    return Evidence(exercise, 0, cases, observed, found, given=given)


def trial(name, answer):
    evidence = evidence_of(name, answer)
    return Trial(evidence, drawn_and_wrong(evidence), LATER)


def of_all_sentences(weights, values):
    return weights @ values.sum(dim=0)


def all_added(weights, values):
    return weights @ values + (weights @ values).square().sum(dim=0)


def twice(weights, values):
    return 2 * weights @ values


def two_bytes(layers, kv_heads, head_size, tokens, bytes_per_number=2):
    return 2 * layers * kv_heads * head_size * tokens * 2


def one_byte_more(layers, kv_heads, head_size, tokens, bytes_per_number=2):
    return 2 * layers * kv_heads * head_size * tokens * (bytes_per_number + 1)


def swapped(parameter, gradient, velocity, rate, momentum):
    velocity = rate * velocity + gradient
    return parameter - momentum * velocity, velocity


def without_velocity(parameter, gradient, velocity, rate, momentum):
    return parameter - rate * gradient, gradient


def always_divided(logits, ids, penalty):
    seen = torch.zeros_like(logits, dtype=torch.bool).scatter(1, ids, True)
    return torch.where(seen, logits / penalty, logits)


def never_divided(logits, ids, penalty):
    return logits - penalty


def of_norms(gradients, max_norm):
    norm = sum(gradient.norm() for gradient in gradients)
    return [gradient * min(1.0, max_norm / norm) for gradient in gradients]


def temperature_forgotten(queries, passages, temperature):
    scores = F.normalize(queries, dim=-1) @ F.normalize(passages, dim=-1).T
    return F.cross_entropy(scores, torch.arange(len(scores)))


def temperature_multiplied(queries, passages, temperature):
    scores = F.normalize(queries, dim=-1) @ F.normalize(passages, dim=-1).T * temperature
    return F.cross_entropy(scores, torch.arange(len(scores)))


@pytest.mark.parametrize(
    ("name", "answer", "attempt", "kind", "parts"),
    [
        ("context_vectors", of_all_sentences, Trial.reach, "reaches too far", {"name": "values", "at": 0, "indices": [1]}),
        ("context_vectors", twice, Trial.reach, None, {}),
        ("kv_cache_bytes", two_bytes, Trial.use, "not used", {"name": "bytes_per_number"}),
        ("kv_cache_bytes", one_byte_more, Trial.use, None, {}),
        ("momentum_step", swapped, Trial.exchange, "right with another", {"name": "rate", "other": "momentum"}),
        ("momentum_step", without_velocity, Trial.exchange, None, {}),
        ("repetition_penalty", always_divided, Trial.cure, "right if", {"trait": Trait("not negative", "logits")}),
        ("repetition_penalty", never_divided, Trial.cure, None, {}),
        ("clip_gradients", of_norms, Trial.cure, "right if", {"trait": Trait("single", "gradients")}),
        ("in_batch_loss", temperature_forgotten, Trial.use, "not used", {"name": "temperature"}),
        ("in_batch_loss", temperature_multiplied, Trial.instead, "right with another", {"instead": Trait("reciprocal", "temperature")}),
        ("in_batch_loss", temperature_forgotten, Trial.instead, None, {}),
    ],
)
def test_is_what_an_answer_does_with_an_argument_found_and_only_where_it_is_so(name, answer, attempt, kind, parts):
    found = attempt(trial(name, answer))
    assert (found and found.kind) == kind
    assert parts.items() <= (found.parts.items() if found else set())


def test_is_a_part_of_a_module_found_without_which_the_answer_is_right():
    exercise = find_exercise("DecoderBlock")
    exchanged = exercise.variant(next(m for m in exercise.misconceptions if m.id == "norms-exchanged"))
    assert Trial.cure(trial("DecoderBlock", exchanged)).parts == {"trait": Trait("plain norms", "every norm")}


def test_is_nothing_said_of_what_nan_depends_on():
    found = trial("softmax", lambda x, dim: x.exp() * torch.nan)
    assert found.use() is found.reach() is found.cure() is None


def test_is_nothing_tried_where_no_other_inputs_can_be_given_or_the_time_is_over():
    evidence = evidence_of("context_vectors", of_all_sentences)
    assert tried_otherwise(evidence, LATER)
    assert tried_otherwise(evidence, 0.0) is None
    assert tried_otherwise(Evidence(evidence.exercise, 0, evidence.cases, evidence.observed, evidence.findings), LATER) is None


def test_does_official_grading_say_the_same_each_time():
    exercise = find_exercise("context_vectors")
    said = {judge(exercise, all_added, patience=0).message for _ in range(2)}
    assert len(said) == 1 and "alone, the result changed" not in said.pop()
    assert "With `values` changed at index 0 along the batch alone, the result changed" in judge(exercise, all_added).message


def masked_by_adding(query, key, value, mask=None):
    scores = query @ key.transpose(-2, -1) / query.shape[-1] ** 0.5
    weights = (scores if mask is None else scores + mask).softmax(dim=-1)
    return weights @ value, weights


def unscaled(query, key, value, mask=None):
    weights = (query @ key.transpose(-2, -1)).softmax(dim=-1)
    return weights @ value, weights


def test_is_what_the_wrong_cases_have_in_common_told_only_if_no_right_one_has_it():
    assert contrast(evidence_of("scaled_dot_product_attention", masked_by_adding)).parts == {"trait": Trait("given", "mask")}
    assert contrast(evidence_of("scaled_dot_product_attention", unscaled)) is None


def summed(divide):
    def loss(logits, labels):
        asked = labels != -100
        return F.cross_entropy(logits[asked], labels[asked], reduction="sum") / divide(labels)

    return loss


def test_is_a_factor_found_that_two_numbers_of_the_arguments_make():
    found = off_by_a_number(evidence_of("masked_lm_loss", summed(len)))
    assert (found.finding.form, found.finding.parts["size"].what, found.finding.parts["other"].what) == ("quotient", "counts", "axis")
    assert off_by_a_number(evidence_of("masked_lm_loss", summed(lambda labels: 3.7))) is None


def test_is_a_number_called_too_large_only_if_it_is_in_every_case():
    loss = find_exercise("generator_loss").reference
    assert too_much_throughout(evidence_of("generator_loss", lambda fake_logits: loss(fake_logits) + 1)).form == "too large"
    either = lambda fake_logits: loss(fake_logits) * (0.5 if fake_logits[0] > 0 else 2)  # noqa: E731
    assert too_much_throughout(evidence_of("generator_loss", either)) is None


def test_are_right_parts_told_where_bad_arguments_are_refused_too():
    def answer(parameter, gradient, m, v, step, **settings):
        right = find_exercise("adamw_step").reference(parameter, gradient, m, v, step, **settings)
        return right[0] + parameter.cos().square(), *right[1:]

    assert "But `result[1]` and `result[2]` are right." in judge(find_exercise("adamw_step"), answer).message


def test_is_a_difference_that_has_a_name_in_the_drawn_cases_told_rather_than_an_example_without_one():
    evidence = evidence_of("noam_rate", lambda step, d_model, warmup: find_exercise("noam_rate").reference(step, d_model, warmup) ** 2)
    assert isinstance(evidence.cases[most_telling(evidence)][1], Example)
    found = what_differs(evidence)
    assert not isinstance(found.inputs, Example)
    assert (found.finding.kind, found.finding.parts["function"]) == ("a function of", "square")


def test_is_every_trait_in_the_catalogue_and_every_one_there_used():
    autograder = Path(catalogue.__file__).parent
    named = set(re.findall(r'"([A-Za-z0-9 ]+)"', "".join((autograder / f"{m}.py").read_text() for m in ("contrast", "other_inputs"))))
    assert catalogue.TRAITS.keys() | catalogue.INSTEAD.keys() <= named
    values = [torch.ones(3, 3).tril().bool(), torch.eye(3), torch.tensor([3, 1]), torch.arange(4.0), True, 2, 0.5, [3, 1], "Ab"]
    values += [{"norm.weight": torch.zeros(2), "norm.bias": torch.ones(2)}]
    assert {form for value in values for form, _ in harmless(value)} <= catalogue.TRAITS.keys()
    assert {form for value in values[:-1] for (form, _), _ in made_of(value)} == catalogue.INSTEAD.keys()


@pytest.mark.parametrize("value", [torch.rand(3, 4), torch.arange(5), torch.tensor([True, False]), [1, 2, 3], "abc", 3, 0.5, True])
def test_are_other_values_of_the_same_kind_and_really_others(value):
    assert others(value)
    for other in others(value):
        assert type(other) is type(value)
        assert compare(value, other, Tolerance(0.0, 0.0)) is not None


def test_does_another_entry_stay_in_the_range_of_the_others():
    shares = torch.rand(4, 5).softmax(dim=-1)
    changed = with_another(shares, 0, 1)
    assert torch.equal(changed[[0, 2, 3]], shares[[0, 2, 3]]) and not torch.equal(changed[1], shares[1])
    assert torch.allclose(changed.sum(dim=-1), torch.ones(4))
    assert with_another(torch.ones(3, 2), 0, 1) is None


def test_has_what_only_chance_has_made_no_name():
    """Two tensors that have nothing to do with one another; two texts of one alphabet."""
    rng = np.random.default_rng(0)
    plain = {"wrong values", "negative"}
    for _ in range(300):
        shape = tuple(rng.choice([2, 3, 5], size=rng.integers(1, 4)))
        right, got = (torch.tensor(rng.normal(size=shape)) for _ in range(2))
        assert compare(right, got, Tolerance()).kind in plain
        one, other = (rng.integers(50, size=12).tolist() for _ in range(2))
        assert compare(one, other, Tolerance()).kind in {"wrong values", "right at first"}


def test_is_a_trial_over_in_time():
    class Slow(nn.Module):
        def forward(self, x):
            return x

    assert judge(find_exercise("FeedForward"), lambda *sizes: Slow()).outcome in ("wrong", "crashed")


@pytest.mark.parametrize("result", [torch.ones(3, 2), "losses", None, 1.5, [], {}], ids=repr)
@pytest.mark.parametrize("step", [Key("losses"), Key("B"), Item(7, 8)], ids=repr)
def test_is_a_part_looked_for_only_where_there_can_be_one(result, step):
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")  # torch warns before it refuses a name of one letter
        assert part_at(result, Place().down(step)) is None
    assert not told
    assert part_at({"losses": 1}, Place().down(Key("losses"))) == part_at([0] * 7 + [1], Place().down(Item(7, 8))) == 1


class KeptPage(AxialPositions):
    """Makes the page once and keeps it."""

    def forward(self, length):
        if not hasattr(self, "page"):
            self.page = super().forward(self.rows.shape[0] * self.columns.shape[0])
        return self.page[:length]


def test_is_what_a_module_keeps_of_earlier_weights_found():
    assert trial("AxialPositions", KeptPage).afresh().kind == "right afresh"
    turned = type("Turned", (AxialPositions,), {"forward": lambda self, length: AxialPositions.forward(self, length).flip(0)})
    assert trial("AxialPositions", turned).afresh() is None
    assert trial("softmax", lambda x, dim: x).afresh() is None
    assert "What do you keep in `self`" in judge(find_exercise("AxialPositions"), KeptPage).message

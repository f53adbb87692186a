"""Chapter 17's library against pandas, Hugging Face's schedules, torch's optimisers and initial weights, and optuna."""

import math

import numpy as np
import optuna
import pandas
import pytest
import torch
import torch.nn.functional as F
from torch import nn
from transformers import (
    get_cosine_schedule_with_warmup,
    get_cosine_with_min_lr_schedule_with_warmup,
)

from unrolled.accumulation import accumulated_gradients
from unrolled.cosine_schedule import cosine_rate
from unrolled.dropout import dropout
from unrolled.early_stopping import EarlyStopping
from unrolled.initialization import initial_weights
from unrolled.lab import train
from unrolled.optimizers import AdamW, Momentum, adamw_step, momentum_step
from unrolled.rate_finder import range_test, suggest_rate
from unrolled.search import search


@pytest.fixture(autouse=True)
def seeded():
    torch.manual_seed(0)


def normal(*shape):
    return torch.randn(*shape, dtype=torch.float64)


# --- rate_finder ---------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("beta", [0.0, 0.5, 0.98])
@pytest.mark.parametrize("seed", range(5))
def test_is_the_suggested_rate_that_of_the_steepest_fall_of_pandas_moving_mean(beta, seed):
    rng = np.random.default_rng(seed)
    rates = np.exp(np.sort(rng.uniform(-12, 2, 53)))
    losses = 5 - 3 / (1 + np.exp(-np.log(rates) - 5)) + 0.1 * rng.standard_normal(53)
    losses[47:] = 10.0 ** np.arange(2, 8)
    smoothed = pandas.Series(losses).ewm(alpha=1 - beta, adjust=True).mean()
    kept = (smoothed > 4 * smoothed.cummin()).to_numpy().argmax()
    assert 40 < kept < 53, "the curve is cut off somewhere"
    slopes = np.diff(smoothed[:kept]) / np.diff(np.log(rates[:kept]))
    assert suggest_rate(rates.tolist(), losses.tolist(), beta=beta) == rates[slopes.argmin()]


@pytest.mark.parametrize("bad", [math.nan, math.inf])
def test_does_the_curve_end_where_a_loss_is_no_number(bad):
    assert suggest_rate([1.0, 2.0, 4.0, 8.0, 16.0], [3.0, 2.9, 2.0, bad, 0.1], beta=0.0) == 2.0
    with pytest.raises(ValueError, match="losses gives 1 usable values; expected at least 2"):
        suggest_rate([1.0, 2.0], [3.0, bad])


@pytest.mark.parametrize("losses", [[], [1.0], [1.0, 100.0, 2.0]])
def test_are_fewer_than_two_losses_refused(losses):
    with pytest.raises(ValueError, match="losses gives"):
        suggest_rate([0.1, 0.2, 0.3][: len(losses)], losses, beta=0.0)


def square(model, batch):
    x, y = batch
    return ((model(x) - y) ** 2).mean()


def test_does_the_range_test_use_each_rate_once_and_leave_the_model_alone():
    model, batch = nn.Linear(5, 1), (torch.randn(11, 5), torch.randn(11, 1))
    before, seen = model.weight.clone(), []

    class Noting(torch.optim.SGD):
        def step(self, closure=None):
            seen.append(self.param_groups[0]["lr"])
            return super().step(closure)

    rates, losses = range_test(model, [batch], square, low=1e-4, high=1e-1, steps=7, optimizer=Noting)
    np.testing.assert_allclose(rates, np.geomspace(1e-4, 1e-1, 7))
    assert seen == rates and len(losses) == 7 and torch.equal(model.weight, before)


def test_is_the_suggested_rate_of_a_quadratic_below_where_it_diverges():
    x = torch.diag(torch.tensor([1.0, 3.0]))  # the loss is w₁² / 2 + 9 w₂² / 2: the curvatures are 1 and 9
    rates, losses = range_test(
        nn.Linear(2, 1, bias=False), [(x, torch.zeros(2, 1))], square, low=1e-4, high=1e3, optimizer=torch.optim.SGD
    )
    assert 1e-3 < suggest_rate(rates, losses, beta=0.5) < 2 / 9 * 1.5
    assert not math.isfinite(losses[-1]) or losses[-1] > 4 * min(losses)


@pytest.mark.parametrize(
    ("options", "complaint"),
    [({"low": 0.0}, "low is 0.0"), ({"low": 2.0, "high": 1.0}, "high is 1.0"), ({"steps": 1}, "steps is 1")],
)
def test_does_the_range_test_refuse_what_it_cannot_climb(options, complaint):
    with pytest.raises(ValueError, match=complaint):
        range_test(nn.Linear(1, 1), [], square, **options)


# --- cosine_schedule -----------------------------------------------------------------------------------------------
@pytest.mark.parametrize(("steps", "warmup"), [(23, 5), (101, 13), (7, 0), (2, 1)])
@pytest.mark.parametrize("floor", [0.0, 0.1])
def test_is_the_schedule_hugging_faces(steps, warmup, floor):
    optimizer = torch.optim.SGD([nn.Parameter(torch.zeros(1))], lr=1.0)
    theirs = (
        get_cosine_with_min_lr_schedule_with_warmup(optimizer, warmup, steps, min_lr_rate=floor)
        if floor
        else get_cosine_schedule_with_warmup(optimizer, warmup, steps)
    )
    for step in range(steps + 1):
        assert abs(cosine_rate(step, steps, warmup, floor) - theirs.get_last_lr()[0]) < 1e-15
        optimizer.step()
        theirs.step()


def test_does_the_rate_stay_at_the_floor_after_the_end():
    assert {cosine_rate(step, 10, 2, 0.25) for step in (10, 11, 50)} == {0.25}


@pytest.mark.parametrize("warmup", [-1, 10, 11])
def test_is_a_warm_up_that_does_not_fit_refused(warmup):
    with pytest.raises(ValueError, match=f"warmup is {warmup}; expected"):
        cosine_rate(0, 10, warmup)


def test_does_the_schedule_plug_into_the_course_s_own_training():
    seen = []

    class Noting(torch.optim.SGD):
        def step(self, closure=None):
            seen.append(self.param_groups[0]["lr"])
            return super().step(closure)

    train(
        nn.Linear(3, 1), [(torch.randn(7, 3), torch.randn(7, 1))], square, steps=11, learning_rate=0.1,
        optimizer=Noting, schedule=lambda step: cosine_rate(step, 11, 3), live=False,
    )  # fmt: skip
    assert seen == [0.1 * cosine_rate(step, 11, 3) for step in range(11)]


# --- accumulation --------------------------------------------------------------------------------------------------
class Words(nn.Module):
    """Scores for the next word of each word."""

    def __init__(self, vocabulary, d_model):
        super().__init__()
        self.table = nn.Embedding(vocabulary, d_model)
        self.head = nn.Linear(d_model, vocabulary)

    def forward(self, ids):
        return self.head(torch.tanh(self.table(ids)))


def words_loss(model, ids):
    scores, targets = model(ids[:-1]), ids[1:]
    return F.cross_entropy(scores, targets, reduction="sum"), len(targets)


@pytest.mark.parametrize("lengths", [(3, 11, 7), (60,), (2, 2)])
def test_are_accumulated_gradients_those_of_one_large_batch(lengths):
    model = Words(13, 5).double()
    texts = [torch.randint(13, (length,)) for length in lengths]
    found = accumulated_gradients(model, texts, words_loss)
    scores = torch.cat([model(text[:-1]) for text in texts])
    loss = F.cross_entropy(scores, torch.cat([text[1:] for text in texts]))
    for ours, theirs in zip(found, torch.autograd.grad(loss, list(model.parameters())), strict=True):
        torch.testing.assert_close(ours, theirs, rtol=1e-10, atol=1e-12)


def test_does_accumulation_neither_read_nor_change_gradients_that_are_there():
    model, texts = Words(13, 5), [torch.randint(13, (7,))]
    clean = accumulated_gradients(model, texts, words_loss)
    model.head.weight.grad = torch.ones_like(model.head.weight)
    for one, other in zip(accumulated_gradients(model, texts, words_loss), clean, strict=True):
        assert torch.equal(one, other)
    assert (model.head.weight.grad == 1).all()


@pytest.mark.parametrize("batches", [[], [torch.tensor([3])]])
def test_is_a_mean_of_nothing_refused(batches):
    with pytest.raises(ValueError, match="micro_batches hold no losses"):
        accumulated_gradients(Words(13, 5), batches, words_loss)


# --- initialization ------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("scheme", "theirs"),
    [
        ("xavier", nn.init.xavier_uniform_),
        ("kaiming", lambda weight: nn.init.kaiming_uniform_(weight, nonlinearity="relu")),
    ],
)
@pytest.mark.parametrize(("fan_out", "fan_in"), [(7, 13), (13, 7), (1, 5), (1, 1)])
def test_are_initial_weights_torchs_from_the_same_generator(scheme, theirs, fan_out, fan_in):
    torch.manual_seed(7)
    expected = theirs(torch.empty(fan_out, fan_in))
    torch.manual_seed(7)
    ours = initial_weights(fan_out, fan_in, scheme, torch.rand(fan_out * fan_in))
    torch.testing.assert_close(ours, expected, rtol=0, atol=3e-7)


def test_are_an_unknown_scheme_and_the_wrong_number_of_uniforms_refused():
    with pytest.raises(ValueError, match="scheme is 'he'; expected 'xavier' or 'kaiming'"):
        initial_weights(2, 3, "he", torch.rand(6))
    with pytest.raises(ValueError, match="uniforms is a tensor of 5 numbers; expected 2 · 3"):
        initial_weights(2, 3, "xavier", torch.rand(5))


# --- optimizers ----------------------------------------------------------------------------------------------------
OPTIMIZERS = [
    (Momentum, torch.optim.SGD, {"momentum": 0.9}),
    (Momentum, torch.optim.SGD, {"momentum": 0.0}),
    (AdamW, torch.optim.AdamW, {}),
    (AdamW, torch.optim.AdamW, {"betas": (0.7, 0.95), "eps": 1e-3, "weight_decay": 0.3}),
    (AdamW, torch.optim.Adam, {"weight_decay": 0.0}),
]


@pytest.mark.parametrize(("ours", "theirs", "settings"), OPTIMIZERS)
def test_do_the_optimisers_go_torchs_way_for_100_steps(ours, theirs, settings):
    x, y = normal(11, 5), normal(11, 3)
    ways = []
    for make in (ours, theirs):
        torch.manual_seed(1)
        model = nn.Sequential(nn.Linear(5, 7), nn.Tanh(), nn.Linear(7, 3)).double()
        optimizer, way = make(model.parameters(), lr=0.02, **settings), []
        for _ in range(100):
            optimizer.zero_grad()
            square(model, (x, y)).backward()
            optimizer.step()
            way.append(torch.cat([p.detach().flatten() for p in model.parameters()]))
        ways.append(torch.stack(way))
    assert (ways[0] - ways[1]).abs().max() <= 1e-6 * ways[1].abs().max()


@pytest.mark.parametrize(("ours", "theirs", "settings"), OPTIMIZERS)
def test_do_the_optimisers_go_torchs_way_for_100_steps_in_single_precision(ours, theirs, settings):
    """With the same gradients for both: near a minimum Adam magnifies the last digit of a gradient."""
    gradients, ways = torch.randn(100, 7, 13), []
    for make in (ours, theirs):
        weight = nn.Parameter(torch.ones(7, 13))
        optimizer, way = make([weight], lr=0.02, **settings), []
        for gradient in gradients:
            weight.grad = gradient.clone()
            optimizer.step()
            way.append(weight.detach().clone())
        ways.append(torch.stack(way))
    assert (ways[0] - ways[1]).abs().max() <= 1e-6 * ways[1].abs().max()


@pytest.mark.parametrize("shape", [(), (0,), (1,), (3, 5, 2)])
def test_does_a_step_make_new_tensors_of_the_same_shape(shape):
    given = [torch.randn(shape), torch.randn(shape), torch.rand(shape), torch.rand(shape)]
    before = [tensor.clone() for tensor in given]
    settings = {"rate": 0.1, "betas": (0.9, 0.99), "eps": 1e-8, "weight_decay": 0.1}
    found = [*momentum_step(*given[:3], 0.1, 0.9), *adamw_step(*given, 3, **settings)]
    assert all(tensor.shape == shape for tensor in found)
    assert all(torch.equal(a, b) for a, b in zip(given, before, strict=True))


def test_is_a_step_before_the_first_refused():
    one = torch.ones(1)
    with pytest.raises(ValueError, match="step is 0; expected at least 1"):
        adamw_step(one, one, one, one, 0, rate=0.1, betas=(0.9, 0.99), eps=1e-8, weight_decay=0.0)


@pytest.mark.parametrize("optimizer", [Momentum, AdamW])
def test_do_the_optimisers_plug_into_training_and_go_on_from_a_checkpoint(optimizer, tmp_path):
    batch = torch.randn(11, 5), torch.randn(11, 1)

    def after(*stops):
        for stop in stops:
            torch.manual_seed(3)
            model, file = nn.Linear(5, 1), tmp_path / f"{len(stops)}.pt"
            train(model, [batch], square, steps=stop, optimizer=optimizer, checkpoint=file, live=False)
        return model.weight

    untrained = after(0)
    assert torch.equal(after(6, 17), after(17)) and not torch.equal(after(17), untrained)


# --- dropout -------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("p", [0.0, 0.3, 0.75])
@pytest.mark.parametrize("shape", [(), (0, 3), (1,), (7, 13, 5)])
def test_is_dropout_torchs_where_the_same_values_drop(p, shape):
    x = (1 + torch.rand(shape, dtype=torch.float64)).requires_grad_()
    theirs = F.dropout(x, p)
    uniforms = torch.where(theirs == 0, p * torch.rand(shape), p + (1 - p) * torch.rand(shape)).double()
    ours = dropout(x, p, uniforms)
    torch.testing.assert_close(ours, theirs)
    (a,), (b,) = (torch.autograd.grad(y.sin().sum(), x) for y in (ours, theirs))
    torch.testing.assert_close(a, b)
    assert torch.equal(dropout(x, p, uniforms, training=False), F.dropout(x, p, training=False))


def test_keeps_dropout_the_mean_and_drops_the_share_that_was_asked_for():
    dropped = dropout(torch.ones(10**6), 0.3, torch.rand(10**6))
    assert abs((dropped == 0).float().mean() - 0.3) < 0.003 and abs(dropped.mean() - 1) < 0.005


@pytest.mark.parametrize("p", [-0.1, 1.0, math.nan])
def test_is_a_probability_that_leaves_nothing_refused(p):
    with pytest.raises(ValueError, match=f"p is {p}; expected at least 0 and less than 1"):
        dropout(torch.ones(3), p, torch.rand(3))


# --- early_stopping ------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("options", "values", "stops", "best", "best_step"),
    [
        ((1,), [3, 2, 2], [0, 0, 1], 2, 1),
        ((2,), [3, 2, 2, 1, 1, 1], [0, 0, 0, 0, 0, 1], 1, 3),
        ((2,), [1, 2, 2, 2, 0.5, 1], [0, 0, 1, 1, 0, 0], 0.5, 4),
        ((2, 0.5), [4, 3.75, 3.5, 3.25], [0, 0, 1, 0], 3.25, 3),
        ((3, 0.5), [4, 3.75, 3.5, 3.25, 3, 2.75], [0, 0, 0, 0, 0, 0], 3.25, 3),
        ((1,), [math.nan, 1, math.nan], [1, 0, 1], 1, 1),
    ],
)
def test_stops_training_when_it_should_worked_out_by_hand(options, values, stops, best, best_step):
    stopping = EarlyStopping(*options)
    assert [stopping.update(value) for value in values] == [bool(stop) for stop in stops]
    assert (stopping.best, stopping.best_step) == (best, best_step)


@pytest.mark.parametrize("patience", [0, -3])
def test_is_no_patience_at_all_refused(patience):
    with pytest.raises(ValueError, match=f"patience is {patience}; expected at least 1"):
        EarlyStopping(patience)


# --- search --------------------------------------------------------------------------------------------------------
COMPLETE = optuna.trial.TrialState.COMPLETE


def valley(trial):
    x, y = trial.suggest_float("x", -3, 3), trial.suggest_float("y", -3, 3)
    return (x - 1) ** 2 + (x - y) ** 2


@pytest.mark.parametrize("sampler", ["random", "tpe"])
def test_ends_a_study_that_was_interrupted_as_one_that_was_not(sampler, tmp_path):
    whole = search(valley, trials=17, sampler=sampler, seed=5, bar=False)
    calls = []

    def interrupted(trial):
        calls.append(trial.number)
        if len(calls) == 7:
            raise KeyboardInterrupt
        return valley(trial)

    file = tmp_path / "study.log"
    with pytest.raises(KeyboardInterrupt):
        search(interrupted, trials=17, sampler=sampler, seed=5, file=file, bar=False)
    resumed = search(valley, trials=17, sampler=sampler, seed=5, file=file, bar=False)
    ended = [trial for trial in resumed.trials if trial.state is COMPLETE]
    assert [trial.params for trial in ended] == [trial.params for trial in whole.trials]
    assert len({trial.params["x"] for trial in ended}) == len(ended) == 17

    def unwanted(trial):
        raise AssertionError("all trials are there already")

    again = search(unwanted, trials=17, sampler=sampler, seed=5, file=file, bar=False)
    assert again.best_params == whole.best_params


def test_keeps_one_file_the_studies_of_both_samplers_apart(tmp_path):
    file = tmp_path / "both.log"
    for sampler in ("random", "tpe"):
        search(valley, trials=3, sampler=sampler, file=file, bar=False)
    assert all(len(search(valley, trials=3, sampler=s, file=file, bar=False).trials) == 3 for s in ("random", "tpe"))


def test_is_the_progress_bar_optunas_and_its_log_silent(capsys, monkeypatch):
    search(valley, trials=3)
    assert capsys.readouterr().err == "", "nobody watches"
    monkeypatch.setattr("sys.stderr.isatty", lambda: True, raising=False)
    search(valley, trials=3, bar=True)
    shown = capsys.readouterr()
    assert "3/3" in shown.err and "Trial 0 finished" not in shown.err + shown.out
    search(valley, trials=3, bar=False)
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("sampler", ["random", "tpe"])
def test_does_a_trial_without_a_value_count_as_the_worst_and_not_stop_the_search(sampler):
    study = search(lambda trial: math.nan if trial.number % 2 else valley(trial), trials=16, sampler=sampler, bar=False)
    assert [trial.value == math.inf for trial in study.trials] == [False, True] * 8
    assert all(trial.state is COMPLETE for trial in study.trials) and math.isfinite(study.best_value)


@pytest.mark.parametrize(
    ("options", "complaint"), [({"sampler": "grid"}, "sampler is 'grid'"), ({"trials": 0}, "trials is 0")]
)
def test_does_the_search_refuse_what_it_does_not_know(options, complaint):
    with pytest.raises(ValueError, match=complaint):
        search(valley, **{"trials": 3, "bar": False, **options})

"""The training loop, against loops written out by hand."""

import json
import math
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from unrolled.lab import checkpoints
from unrolled.lab.history import History
from unrolled.lab.presets import Preset, preset
from unrolled.lab.randomness import seed_everything
from unrolled.lab.training import clip_, train

BF16 = Preset("bf16", device="cpu", mixed_precision="bf16", compile=False)


def network(dropout: float = 0.0) -> nn.Module:
    """A small network with the same weights every time."""
    torch.manual_seed(1)
    return nn.Sequential(nn.Linear(3, 7), nn.Tanh(), nn.Dropout(dropout), nn.Linear(7, 2))


def data(count: int = 5) -> list[tuple[torch.Tensor, torch.Tensor]]:
    generator = torch.Generator().manual_seed(2)
    return [
        (torch.randn(11, 3, generator=generator), torch.randint(2, (11,), generator=generator)) for _ in range(count)
    ]


def draw(generator: torch.Generator) -> tuple[torch.Tensor, torch.Tensor]:
    x = torch.randn(11, 3, generator=generator)
    return x, (x.sum(dim=1) > 0).long()


def loss(model, batch) -> torch.Tensor:
    x, y = batch
    return F.cross_entropy(model(x), y)


def same_weights(a: nn.Module, b: nn.Module) -> bool:
    return all(torch.equal(p, q) for p, q in zip(a.parameters(), b.parameters(), strict=True))


@pytest.mark.parametrize("clip_norm", [None, 0.1])
@pytest.mark.parametrize("optimizer", [torch.optim.SGD, torch.optim.AdamW])
def test_equals_a_loop_written_by_hand(optimizer, clip_norm):
    """Losses, gradient norms and weights, bit for bit, over more steps than there are batches?"""
    model, ours, losses, norms = network(), network(), [], []
    stepper = optimizer(model.parameters(), lr=0.05)
    for step in range(13):
        value = loss(model, data()[step % 5])
        stepper.zero_grad()
        value.backward()
        norms.append(torch.cat([p.grad.flatten() for p in model.parameters()]).norm().item())
        if clip_norm is not None:
            torch.nn.utils.clip_grad_norm_(model.parameters(), clip_norm)
        for group in stepper.param_groups:
            group["lr"] = 0.05 / (1 + step)
        stepper.step()
        losses.append(value.item())
    history = train(
        ours,
        data(),
        loss,
        steps=13,
        learning_rate=0.05,
        optimizer=optimizer,
        clip_norm=clip_norm,
        schedule=lambda step: 1 / (1 + step),
        preset="cpu",
    )
    assert history.losses == losses
    assert history.gradient_norms == pytest.approx(norms, rel=1e-5)
    assert same_weights(model, ours)
    assert len(history) == 13 and history.seconds == sorted(history.seconds) and history.diverged_at is None


def test_no_clipping_leaves_infinite_gradients_alone():
    """Clipping to infinity would turn an infinite gradient into NaN; not clipping must not."""
    weight = nn.Parameter(torch.zeros(2))
    weight.grad = torch.tensor([math.inf, 1.0])
    assert clip_([weight, nn.Parameter(torch.zeros(1))], None) == math.inf
    assert weight.grad.tolist() == [math.inf, 1.0]


def test_seed_decides_the_batches_and_the_dropout():
    """Same seed, same run; another seed, another run; and the caller's own random numbers are left in peace?"""
    runs = [network(0.5) for _ in range(3)]
    torch.manual_seed(5)
    expected = torch.rand(3)
    torch.manual_seed(5)
    a, b, c = (train(m, draw, loss, steps=7, preset="cpu", seed=s) for m, s in zip(runs, (3, 3, 4), strict=True))
    assert torch.equal(torch.rand(3), expected)
    assert a.losses == b.losses != c.losses
    assert same_weights(runs[0], runs[1]) and not same_weights(runs[0], runs[2])


def test_dropout_does_not_follow_the_batches():
    """Drawn from the same stream, the numbers that make a batch would be those that drop units."""
    pairs = []
    train(
        nn.Linear(1, 1),
        lambda generator: torch.rand(5, 1, generator=generator),
        lambda model, x: pairs.append((x, torch.rand(5, 1))) or model(x).sum(),
        steps=3,
        preset="cpu",
    )
    assert not any(torch.equal(drawn, dropped) for drawn, dropped in pairs)


def test_batches_differ_from_step_to_step():
    seen = []
    train(network(), lambda g: seen.append(draw(g)[0]) or draw(g), loss, steps=5, preset="cpu")
    assert len({tuple(x.flatten().tolist()) for x in seen}) == 5


def interrupt_in_on_step(step, history):
    if step == 12:
        raise KeyboardInterrupt


def signal_in_loss(model, batch):
    """Ctrl-C comes in the middle of the first step that sees this process's flag."""
    if signal_in_loss.at == 0:
        signal.raise_signal(signal.SIGINT)
    signal_in_loss.at -= 1
    return loss(model, batch)


def interrupt_in_loss(model, batch):
    """A second Ctrl-C, which does not wait for the end of the step."""
    if interrupt_in_loss.at == 0:
        raise KeyboardInterrupt
    interrupt_in_loss.at -= 1
    return loss(model, batch)


@pytest.mark.parametrize("batches", [draw, data()], ids=["drawn", "iterated"])
@pytest.mark.parametrize(
    ("how", "kept"),
    [(interrupt_in_on_step, 13), (signal_in_loss, 13), (interrupt_in_loss, 12)],
    ids=lambda x: getattr(x, "__name__", str(x)),
)
def test_resumed_run_equals_the_uninterrupted_one(tmp_path, batches, how, kept):
    """Bit for bit, with dropout and Adam's moments, whenever the interrupt comes?"""
    settings = {"steps": 30, "clip_norm": 0.3, "preset": "cpu", "every": 5}
    whole, parted = network(0.3), network(0.3)
    expected = train(whole, batches, loss, **settings)

    signal_in_loss.at = interrupt_in_loss.at = 12
    settings["checkpoint"] = tmp_path / "new folder" / "run.pt"
    if how is interrupt_in_on_step:
        first = train(parted, batches, loss, on_step=how, **settings)
    else:
        first = train(parted, batches, how, **settings)
    assert first.interrupted and len(first) == kept
    assert first.losses == expected.losses[:kept]

    fresh = network(0.3)
    resumed = train(fresh, batches, loss, **settings)
    assert resumed.losses == expected.losses and resumed.gradient_norms == expected.gradient_norms
    assert same_weights(fresh, whole) and not resumed.interrupted
    assert len(resumed.seconds) == 30 and resumed.seconds == sorted(resumed.seconds)
    assert os.listdir(tmp_path / "new folder") == ["run.pt"]


def test_finished_run_is_not_trained_further(tmp_path):
    path = tmp_path / "run.pt"
    model, again = network(), network()
    history = train(model, data(), loss, steps=4, preset="cpu", checkpoint=path)
    assert train(again, data(), loss, steps=4, preset="cpu", checkpoint=path) == history
    assert same_weights(model, again)


def test_checkpoint_of_other_settings_is_refused(tmp_path):
    path = tmp_path / "run.pt"
    train(network(), data(), loss, steps=2, preset="cpu", checkpoint=path)
    with pytest.raises(ValueError, match=r"learning_rate=0.001, this run has learning_rate=0.5"):
        train(network(), data(), loss, steps=4, learning_rate=0.5, preset="cpu", checkpoint=path)


def test_crash_while_saving_leaves_the_old_checkpoint(tmp_path, monkeypatch):
    """Is the file on disk a whole one at every moment?"""
    path, model = tmp_path / "run.pt", network()
    stepper = torch.optim.AdamW(model.parameters())
    checkpoints.save_run(path, model, stepper, History([1.0], [1.0], [1.0]), {})
    before = path.read_bytes()

    def fails(*paths):
        raise OSError("no space left")

    monkeypatch.setattr(os, "replace", fails)
    with pytest.raises(OSError, match="no space"):
        checkpoints.save_run(path, model, stepper, History(), {})
    assert path.read_bytes() == before and os.listdir(tmp_path) == ["run.pt"]


def test_divergence_is_recorded_and_ends_the_run(tmp_path, capsys):
    """A step size of 3 on a parabola doubles the distance each step, until the loss overflows."""
    model = nn.Linear(1, 1, bias=False)
    history = train(
        model,
        [torch.ones(1, 1)],
        lambda model, x: (model(x) ** 2).sum(),
        steps=500,
        learning_rate=3.0,
        optimizer=torch.optim.SGD,
        preset="cpu",
        checkpoint=tmp_path / "run.pt",
        every=10,
    )
    at = history.diverged_at
    assert 10 < at < 200 and len(history) == at + 1
    assert not math.isfinite(history.losses[at]) and all(math.isfinite(x) for x in history.losses[:at])
    assert len(history.gradient_norms) == len(history.seconds) == at + 1
    assert f"step {at}" in capsys.readouterr().out and f"diverged at step {at}" in repr(history)
    kept = torch.load(tmp_path / "run.pt", weights_only=True)
    assert len(kept["history"]["losses"]) == at // 10 * 10  # the last good checkpoint stays


def test_history_survives_json(tmp_path):
    history = History([1.5, math.inf, math.nan], [0.5, -math.inf, math.nan], [0.1, 0.2, 0.3], diverged_at=1)
    history.save(tmp_path / "run.json")
    json.loads((tmp_path / "run.json").read_text(), parse_constant=pytest.fail)  # NaN is not JSON
    loaded = History.load(tmp_path / "run.json")
    assert repr(loaded.losses) == repr(history.losses) and repr(loaded) == repr(history)
    assert loaded.gradient_norms[:2] == [0.5, -math.inf] and loaded.diverged_at == 1


@pytest.mark.parametrize("chosen", ["cpu", BF16])
def test_model_is_as_before_but_for_its_weights(chosen):
    """Mode, forward, attributes and gradients: is nothing of the loop left behind?"""
    model = network().eval()
    attributes = set(vars(model))
    train(model, data(), loss, steps=2, preset=chosen)
    assert not model.training and set(vars(model)) == attributes and "forward" not in vars(model)
    assert all(p.grad is None for p in model.parameters())
    assert model(data()[0][0]).dtype == torch.float32
    assert not same_weights(model, network())


def test_autocast_computes_in_bfloat16_and_learns_the_same():
    """bf16 on a CPU, then float32 again in the same process: does each run get its own precision?"""
    kinds, model = [], network()
    hook = model[0].register_forward_hook(lambda module, inputs, output: kinds.append(output.dtype))
    rough = train(model, draw, loss, steps=20, learning_rate=0.01, preset=BF16)
    exact = train(network(), draw, loss, steps=20, learning_rate=0.01, preset="cpu")
    train(model, draw, loss, steps=1, preset="cpu")
    hook.remove()
    assert kinds == [torch.bfloat16] * 20 + [torch.float32]
    assert rough.losses == pytest.approx(exact.losses, rel=0.02) and rough.losses != exact.losses
    assert all(p.dtype == torch.float32 for p in model.parameters())


def test_on_step_may_evaluate_without_disturbing_training():
    steps = []

    def evaluate(step, history):
        steps.append((step, len(history)))
        model.eval()

    model, plain = network(0.5), network(0.5)
    history = train(model, draw, loss, steps=3, preset="cpu", on_step=evaluate)
    assert steps == [(0, 1), (1, 2), (2, 3)]
    assert history.losses == train(plain, draw, loss, steps=3, preset="cpu").losses


def test_errors_say_what_was_expected():
    with pytest.raises(ValueError, match=r"loss returned a tensor of shape \(11,\); expected a scalar"):
        train(network(), data(), lambda m, b: m(b[0])[:, 0], steps=1, preset="cpu")
    with pytest.raises(ValueError, match="without gradients; expected a scalar tensor that depends"):
        train(network(), data(), lambda m, b: loss(m, b).detach(), steps=1, preset="cpu")
    with pytest.raises(ValueError, match=r"batches has no \(more\) batches"):
        train(network(), iter(data()), loss, steps=6, preset="cpu")
    with pytest.raises(ValueError, match="preset is 'tpu'; expected 'auto'"):
        preset("tpu")
    with pytest.raises(ValueError, match="seed is -1"):
        seed_everything(-1)


def test_model_is_handed_back_after_an_error():
    model = network()
    with pytest.raises(ZeroDivisionError):
        train(model, data(), lambda m, b: 1 / 0, steps=1, preset=BF16)
    assert "forward" not in vars(model)
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_preset_auto_never_assumes_cuda(monkeypatch):
    monkeypatch.delenv("UNROLLED_PRESET", raising=False)
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert preset("auto") == preset("cpu") == Preset("cpu", device="cpu", mixed_precision="no", compile=False)
    assert preset("gpu") == Preset("gpu", device="cpu", mixed_precision="bf16", compile=True)
    monkeypatch.setenv("UNROLLED_PRESET", "gpu")
    assert preset("auto") == preset("gpu")


@pytest.mark.parametrize(
    ("capability", "precision", "compiles"), [((9, 0), "bf16", True), ((7, 5), "no", True), ((6, 0), "no", False)]
)
def test_preset_fits_the_gpu(monkeypatch, capability, precision, compiles):
    """A Hopper, a T4 (Colab) without bfloat16, a Pascal card that the compiler does not support."""
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "get_device_capability", lambda: capability)
    assert preset("auto", scale=5) == Preset("gpu", "cuda", precision, compiles, scale=5)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:`torch.jit.script_method` is deprecated:DeprecationWarning")  # torch's own use
def test_gpu_path_runs_on_a_cpu(monkeypatch):
    """bf16 and torch.compile, twice in one process, and the model is plain again afterwards?"""
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    for _ in range(2):
        model = network()
        history = train(model, draw, loss, steps=30, learning_rate=0.02, clip_norm=1.0, preset="gpu")
        assert history.losses[-1] < 0.8 * history.losses[0]
        assert type(model) is nn.Sequential and list(model.state_dict()) == list(network().state_dict())
        assert model(data()[0][0]).dtype == torch.float32


SCRIPT = """
import sys, torch
sys.path.insert(0, {folder!r})
from test_lab_training import data, loss, network
from unrolled.lab.training import train
model = network()
history = train(model, data(6), loss, steps=6, clip_norm=0.1, preset="cpu", checkpoint={path!r}, every=2)
if torch.distributed.get_rank() == 0:
    history.save({path!r} + ".json")
assert len(history) == 6 and torch.distributed.get_world_size() == 2
torch.distributed.destroy_process_group()
"""


@pytest.mark.slow
def test_two_processes_equal_one_with_batches_twice_as_large(tmp_path):
    """Gloo on the CPU: process 0 takes batches 0, 2, 4 …, process 1 takes 1, 3, 5 …; are the gradients averaged?"""
    batches = data(6)
    joined = [
        tuple(torch.cat(both) for both in zip(batches[i % 6], batches[(i + 1) % 6], strict=True))
        for i in range(0, 12, 2)
    ]
    model = network()
    expected = train(model, joined, loss, steps=6, clip_norm=0.1, preset="cpu")

    script, path = tmp_path / "script.py", str(tmp_path / "run.pt")
    script.write_text(SCRIPT.format(folder=str(Path(__file__).parent), path=path))
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "HF_HOME": str(tmp_path)}
    command = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc_per_node=2", str(script)]
    run = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=180)
    assert run.returncode == 0, run.stderr[-3000:]
    history = History.load(path + ".json")
    assert history.losses == pytest.approx(expected.losses, rel=1e-5)
    assert history.gradient_norms == pytest.approx(expected.gradient_norms, rel=1e-4)
    learnt = torch.load(path, weights_only=True)["model"]
    assert all(torch.allclose(learnt[name], weight, atol=1e-6) for name, weight in model.state_dict().items())

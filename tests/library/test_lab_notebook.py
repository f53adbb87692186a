"""The lab in a real kernel: what a notebook holds after a live run, and after a static one."""

import base64

import pytest

nbclient = pytest.importorskip("nbclient")
nbformat = pytest.importorskip("nbformat")

pytestmark = pytest.mark.slow

CELLS = [
    """
import torch
from torch import nn
from unrolled.lab import curves, explorer, head_view, show, train
def draw(factor=2):
    return curves({"norm": [factor**step for step in range(5)]}, title=f"Growth by {factor}")
panel = explorer(draw, alt=lambda factor: f"Growth by {factor}.", factor=(1, 4, 1))
panel
""",
    'show(curves({"a": [1, 2]}, title="나는"), alt="A line that rises.")',
    """
torch.manual_seed(0)
history = train(nn.Linear(2, 1), lambda g: torch.rand(3, 2, generator=g), lambda m, x: m(x).square().mean(), steps=50, name="line")
history
""",
    'head_view(torch.full((2, 3, 3), 1 / 3), ["나는", "너를", "사랑해"], title="Everywhere alike")',
    "panel.set(factor=4)",
]


def run(cells=CELLS) -> list:
    """The outputs of each cell, run in a fresh kernel."""
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    nbclient.NotebookClient(notebook, timeout=120, kernel_name="python3", record_timing=False).execute()
    return [cell.outputs for cell in notebook.cells]


def kinds(outputs) -> list[set[str]]:
    return [set(output.get("data", {})) for output in outputs]


def test_live(monkeypatch):
    """Controls, with the picture beside them as an output of its own, which a moved slider replaces?"""
    monkeypatch.delenv("UNROLLED_STATIC", raising=False)
    panel, shown, trained, attention, _ = run()
    assert kinds(panel) == [{"application/vnd.jupyter.widget-view+json", "text/plain"}, {"text/html", "text/plain"}]
    assert 'alt="Growth by 4."' in panel[1].data["text/html"]  # the slider was moved in the last cell
    assert 'alt="A line that rises."' in shown[0].data["text/html"] and len(shown) == 1
    curve = [output for output in trained if "<img alt=" in output.get("data", {}).get("text/html", "")]
    assert len(curve) == 1 and "Training loss over 50 steps" in curve[0].data["text/html"]
    assert "line · Loss after 50 steps" in curve[0].data["text/html"]
    assert [("bertviz-" in output.data["text/html"]) for output in attention] == [True, False]
    assert 'alt="Everywhere alike' in attention[1].data["text/html"]


def test_static_is_pictures_only_and_the_same_every_time(monkeypatch):
    """No widgets, JavaScript, progress bars or timings, and identical outputs from two kernels?"""
    monkeypatch.setenv("UNROLLED_STATIC", "1")
    outputs = run()
    assert outputs == run()
    assert [len(cell) for cell in outputs[:4]] == [2, 1, 1, 2]
    for live in (outputs[0][0], outputs[3][0]):
        assert "need a running kernel: open the chapter in JupyterLab or Colab." in live.data["text/plain"]
    for *_, picture in (outputs[0], outputs[1], outputs[3]):
        assert base64.b64decode(picture.data["image/png"])[1:4] == b"PNG"
        assert picture.metadata["image/png"]["alt"] == picture.data["text/plain"] != ""
    assert outputs[2][0].data["text/plain"].startswith("History(50 steps, loss ")
    assert not any("text/html" in output.get("data", {}) for cell in outputs for output in cell)

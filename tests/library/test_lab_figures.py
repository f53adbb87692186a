"""Figures: Hangul, minus signs, colours, the same bytes every time, and alternative text."""

import base64
import io
import subprocess
import sys

import numpy as np
import pytest
import torch
from matplotlib import font_manager
from PIL import Image

from unrolled.lab import display, theme
from unrolled.lab.figures import PALETTE, bars, curves, heatmap, panels, show, style


def pixels(figure) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(display.png(figure))))


def test_hangul_and_minus_are_drawn():
    """matplotlib warns of a missing glyph, and warnings are errors here; and each word looks different, so no boxes?"""
    names = ["나는", "너를", "매우", "사랑해"]
    figure = heatmap(torch.eye(4) - 1, names, names, title="어텐션 −1 ± ₂ α", limits=None)
    display.png(figure)
    looks = {display.png(bars({name: -1.0}, title="", y_label="")) for name in ("각", "객", "갹")}
    assert len(looks) == 3
    style()
    path = font_manager.findfont("NanumGothic", fallback_to_default=False)
    assert "koreanize_matplotlib" in path and "koreanize_matplotlib" not in sys.modules


def test_without_the_hangul_font_there_are_still_figures(monkeypatch):
    monkeypatch.setattr(theme, "find_spec", lambda name: None)
    monkeypatch.setattr(theme, "hangul_fonts", theme.hangul_fonts.__wrapped__)
    assert theme.hangul_fonts() == ()
    assert display.png(curves({"a": [1, 2]}, title="no Hangul here"))[1:4] == b"PNG"


SAME = """
import hashlib, numpy as np
from unrolled.lab.display import png
from unrolled.lab.figures import bars, curves, heatmap
made = [lambda: curves({"한": [3, 2, 1]}, title="t"), lambda: bars({"a": 1.0}, title="t", y_label="y"),
        lambda: heatmap(np.eye(3), ["가", "나", "다"], title="t")]
images = [png(make()) for make in made]
assert images == [png(make()) for make in made]
for word in (b"Software", b"Creation", b"tIME", b"tEXt"):
    assert not any(word in image for image in images)
digest = hashlib.sha256(b"".join(images)).hexdigest()
"""


def test_same_bytes_again():
    """Without date and version, in this process and in another?"""
    here = {}
    exec(SAME, here)
    there = subprocess.check_output([sys.executable, "-c", SAME + "print(digest)"], text=True)
    assert there.strip() == here["digest"]


def test_card_is_opaque_and_light():
    """Readable on a dark theme: do the corners cover what is behind?"""
    image = pixels(curves({"a": [1, 2]}, title="x"))
    assert (image[[0, 0, -1, -1], [0, -1, 0, -1]][:, :3] == 255).all()
    assert image.shape[2] == 3 or (image[..., 3] == 255).all()


def test_palette_survives_colour_blindness():
    """Do the seven colours stay apart without one kind of cone (Machado et al., 2009)? Without blue cones least."""
    protan = np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
    )
    deutan = np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
    )
    tritan = np.array(
        [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]]
    )
    srgb = np.array([[int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)] for colour in PALETTE])
    linear = np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4)
    for cones, least in ((np.eye(3), 0.15), (protan, 0.15), (deutan, 0.15), (tritan, 0.11)):
        seen = np.clip(linear @ cones.T, 0, 1) ** (1 / 2.2)
        distances = np.linalg.norm(seen[:, None] - seen[None], axis=2)
        assert distances[np.triu_indices(7, 1)].min() > least


def test_curves_take_lists_arrays_tensors_and_pairs():
    figure = curves(
        {
            "list": [1, 2],
            "tensor": torch.tensor([2.0, 1.0], requires_grad=True),
            "pair": ([0.0, 5.0], np.array([3, 4])),
        },
        title="t",
        x_label="seconds",
    )
    lines = figure.axes[0].lines
    assert [line.get_xdata().tolist() for line in lines] == [[0, 1], [0, 1], [0, 5]]
    assert figure.axes[0].get_xlabel() == "seconds" and figure.axes[0].get_ylabel() == "loss"
    assert figure.axes[0].get_legend() is not None
    display.png(figure)


def test_diverged_curve_is_marked_where_it_was_last_finite():
    axes = curves({"stays": [1.0, 1.0], "explodes": [1.0, 9.0, float("inf"), float("nan")]}, title="t").axes[0]
    (mark,) = [line for line in axes.lines if line.get_marker() == "x"]
    assert (mark.get_xdata()[0], mark.get_ydata()[0]) == (1, 9.0)


def test_smoothing_averages_the_past_only():
    axes = curves({"a": [0.0, 0.0, 6.0, 0.0]}, title="t", smooth=3).axes[0]
    assert axes.lines[0].get_ydata().tolist() == [0, 0, 2, 2]


def test_many_curves_differ_in_dashes_too():
    axes = curves({str(i): [i, i] for i in range(10)}, title="t").axes[0]
    assert len({(line.get_color(), line.get_linestyle()) for line in axes.lines}) == 10


def test_bars_of_one_series_have_one_colour():
    assert len({bar.get_facecolor() for bar in bars({"a": 1.0, "b": 2.0}, title="t", y_label="y").axes[0].patches}) == 1


@pytest.mark.parametrize(("columns", "angle"), [(["한", "글"], 0), (["나는", "너를"], 0), (["나는", "사랑해"], 45)])
def test_short_labels_stay_upright_and_the_bar_says_what_it_shows(columns, angle):
    place, bar = heatmap(np.eye(2), None, columns, title="t", value="weight").axes
    assert {label.get_rotation() for label in place.get_xticklabels()} == {angle} and bar.get_ylabel() == "weight"


def test_panels_hold_several_figures_in_one():
    figure, (left, right) = panels(1, 2, size=(8, 3))
    assert heatmap(torch.ones(2, 3, dtype=torch.bool), title="mask", axes=left, bar=False) is figure
    assert bars({"a": 1.0}, title="t", y_label="y", errors={"a": 0.1}, axes=right) is figure


def test_errors_name_the_argument():
    with pytest.raises(ValueError, match=r"columns has 2 labels; expected 3, for a matrix of shape \(2, 3\)"):
        heatmap(torch.ones(2, 3), ["a", "b"], ["a", "b"], title="t")
    with pytest.raises(ValueError, match="smooth is 0"):
        curves({"a": [1.0]}, title="t", smooth=0)
    with pytest.raises(ValueError, match="alt is ' '; expected a sentence"):
        show(curves({"a": [1.0]}, title="t"), alt=" ")


def test_output_carries_the_alternative_text(monkeypatch):
    """As <img alt> in a live notebook, as metadata of the PNG in a static one; quotes and tags in it stay text?"""
    image = display.png(curves({"a": [1, 2]}, title="t"))
    monkeypatch.delenv("UNROLLED_STATIC", raising=False)
    data, metadata = display.bundle(image, 'a "rising" <line>')
    assert data["text/html"].startswith('<img alt="a &quot;rising&quot; &lt;line&gt;" src="data:image/png;base64,')
    assert data["text/plain"] == 'a "rising" <line>' and not metadata
    monkeypatch.setenv("UNROLLED_STATIC", "1")
    data, metadata = display.bundle(image, "a rising line")
    assert base64.b64decode(data["image/png"]) == image and "text/html" not in data
    assert metadata == {"image/png": {"alt": "a rising line"}}


def test_lab_is_light_to_import():
    """Beyond torch and matplotlib at most half a second, and nothing heavy before it is used?"""
    code = """if True:
        import sys, time, torch, matplotlib.figure
        begin = time.perf_counter()
        import unrolled.lab
        from unrolled.lab import train, preset, curves, heatmap, show, explorer, head_view, seed_everything
        print(time.perf_counter() - begin)
        heavy = {"accelerate", "bertviz", "sklearn", "ipywidgets", "datasets", "transformers", "matplotlib.pyplot"}
        assert not heavy & set(sys.modules), heavy & set(sys.modules)
        assert set(dir(unrolled.lab)) >= {"train", "History"}
        try: unrolled.lab.nothing
        except AttributeError as error: assert "has no attribute 'nothing'" in str(error)
        else: raise AssertionError
    """
    times = (float(subprocess.check_output([sys.executable, "-c", code])) for _ in range(3))
    assert any(seconds < 0.5 for seconds in times)  # again only if the machine was busy

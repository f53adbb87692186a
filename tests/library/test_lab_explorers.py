"""Explorers: a control is moved, the drawing follows."""

import pytest
from matplotlib.figure import Figure

from unrolled.lab import explorers
from unrolled.lab.explorers import explorer
from unrolled.lab.figures import curves


class Draw:
    """Draws a curve and remembers what it was asked for."""

    def __init__(self):
        self.calls = []

    def __call__(self, factor=2.0, steps=5, word="한", kind="line", log=False):
        self.calls.append((factor, steps, word, kind, log))
        return curves({word: [factor**step for step in range(steps)]}, title=kind, log=log)


CONTROLS = {"factor": (0.5, 4.0, 0.5), "steps": (2, 9), "word": "한", "kind": ["line", "points"], "log": False}


@pytest.fixture
def shown(monkeypatch):
    """The pictures that a notebook would show: (image, alt, whether in place of an earlier one)."""
    monkeypatch.delenv("UNROLLED_STATIC", raising=False)
    pictures = []

    def show_image(image, alt, handle=None):
        pictures.append((image, alt, handle is not None))
        return "handle"

    monkeypatch.setattr(explorers, "show_image", show_image)
    return pictures


def test_moving_a_slider_draws_anew_in_place(shown):
    draw = Draw()
    made = explorer(draw, alt=lambda factor, **rest: f"Growth by {factor}.", **CONTROLS)
    assert draw.calls == [(2.0, 5, "한", "line", False)]
    made.controls["factor"].value = 3.0
    made.controls["kind"].value = "points"
    assert draw.calls[1:] == [(3.0, 5, "한", "line", False), (3.0, 5, "한", "points", False)]
    assert [alt for _, alt, _ in shown] == ["Growth by 2.0.", "Growth by 3.0.", "Growth by 3.0."]
    assert [again for *_, again in shown] == [False, True, True]
    assert len({image for image, *_ in shown}) == 3 and made.image == shown[-1][0]
    made.set(steps=7, word="글")
    assert draw.calls[-1] == (3.0, 7, "글", "points", False)
    assert repr(made) == "Explorer(factor=3.0, steps=7, word='글', kind='points', log=False)"


def test_controls_fit_their_arguments(shown):
    kinds = {name: type(c).__name__ for name, c in explorer(Draw(), alt="x", **CONTROLS).controls.items()}
    assert kinds == dict(factor="FloatSlider", steps="IntSlider", word="Text", kind="Dropdown", log="Checkbox")


def test_a_failure_is_shown_and_the_last_picture_stays(shown):
    def draw(k=1):
        return curves({"a": [1 / (k - 3)]}, title="t")

    made = explorer(draw, alt="x", k=(1, 5, 1))
    before = made.image
    made.controls["k"].value = 3
    assert isinstance(made.error, ZeroDivisionError) and made.image == before and len(shown) == 1
    assert made._message.value == "ZeroDivisionError: division by zero"
    made.controls["k"].value = 4
    assert made.error is None and made._message.value == "" and len(shown) == 2


def test_static_has_no_widgets(shown, monkeypatch):
    monkeypatch.setenv("UNROLLED_STATIC", "1")
    made = explorer(Draw(), alt="One curve.", **CONTROLS)
    assert made.controls == {} and len(shown) == 1
    made.set(factor=1.0)
    assert made.values["factor"] == 1.0 and isinstance(made.figure, Figure)


def test_plain_script_draws_the_default_only(capsys):
    draw = Draw()
    explorer(draw, alt="x", **CONTROLS)
    assert len(draw.calls) == 1 and capsys.readouterr().out == ""


@pytest.mark.parametrize(
    ("controls", "message"),
    [
        ({"k": (5, 9, 1)}, "k starts at 1, draw's default; expected a number from 5 to 9"),
        ({"k": [2, 3]}, r"k starts at 1, draw's default; expected one of \[2, 3\]"),
        ({"k": (1, 2, 3, 4)}, r"k is \(1, 2, 3, 4\); expected numbers \(low, high\)"),
        ({"k": 3.5}, "k is 3.5; expected"),
    ],
)
def test_errors_name_the_control(controls, message):
    with pytest.raises((ValueError, TypeError), match=message):
        explorer(lambda k=1: curves({"a": [k]}, title="t"), alt="x", **controls)


def test_draw_must_return_a_figure():
    with pytest.raises(TypeError, match="draw returned NoneType; expected a matplotlib Figure"):
        explorer(lambda k: None, alt="x", k=(1, 2))
    with pytest.raises(ValueError, match="no control 'j'; the controls are k"):
        explorer(lambda k: Figure(), alt="x", k=(1, 2)).set(j=1)


def test_without_a_kernel_a_sentence_stands_in_the_place_of_the_controls(shown, monkeypatch):
    displayed = []
    monkeypatch.setattr(explorers, "in_notebook", lambda: True)
    monkeypatch.setattr("IPython.display.display", lambda data, raw: displayed.append(data))
    explorer(Draw(), alt="x", **CONTROLS)
    (bundle,) = displayed
    assert "application/vnd.jupyter.widget-view+json" in bundle and bundle["text/plain"] == explorers.WITHOUT_A_KERNEL

"""Attention views: whole without a network, and really drawn by a browser."""

import re
import shutil
import subprocess
from collections import Counter

import pytest
import torch

from unrolled.lab import attention_view, bertviz_offline
from unrolled.lab.assets import asset
from unrolled.lab.attention_view import as_layers, head_view, head_view_html, heads_figure, model_view, model_view_html

KOREAN = ["나는", "너를", "매우", "사랑해", "</script>"]
ENGLISH = ["I", "love", "you", "so", "much", "<b>&'\"", "."]


def weights(*shape: int) -> torch.Tensor:
    return torch.softmax(3 * torch.randn(*shape, generator=torch.Generator().manual_seed(0)), dim=-1)


PAGES = {
    "head": lambda: head_view_html(weights(2, 3, 5, 5), KOREAN, layer=1, heads=[0, 2]),
    "head, one layer": lambda: head_view_html(weights(3, 5, 5).requires_grad_(), KOREAN),
    "head, crossed": lambda: head_view_html(weights(2, 3, 7, 5), ENGLISH, KOREAN),
    "model": lambda: model_view_html(list(weights(2, 1, 3, 5, 5)), KOREAN),
    "model, crossed": lambda: model_view_html(weights(2, 3, 7, 5), ENGLISH, KOREAN),
}


@pytest.mark.parametrize("page", PAGES.values(), ids=PAGES)
def test_page_needs_no_network(page):
    """No address to load from, no require.js, one script, which no token can end."""
    html = page()
    assert not re.search(r"<script[^>]*\bsrc=|<link [^>]*href|@import|\bimport\(|cdnjs|require\.", html)
    addresses = set(re.findall(r"https?://[\w./-]+", html))
    assert all(re.match(r"https?://(www\.w3\.org/|d3js\.org|github\.com/)", address) for address in addresses)
    assert html.rstrip().endswith("</script>") and html.count("</script>") == 1
    assert len(html) < 400_000


def test_page_is_the_same_every_time(monkeypatch):
    """Are ids a matter of content and of how often it was shown, not of chance?"""
    runs = []
    for _ in range(2):
        monkeypatch.setattr(bertviz_offline, "_views_made", Counter())
        runs.append([PAGES["head"](), PAGES["head"](), PAGES["model"]()])
    assert runs[0] == runs[1]
    ids = [re.findall(r"bertviz-[\w-]+", html) for html in runs[0]]
    assert all(len(set(found)) == 1 for found in ids) and len({found[0] for found in ids}) == 3


def test_layers_come_in_any_usual_form():
    """A tensor, a tensor a layer, Hugging Face's tuple with a batch of one: all the same?"""
    attention = weights(2, 3, 7, 5)
    for form in (attention, list(attention), tuple(layer[None] for layer in attention)):
        assert torch.equal(as_layers(form, ENGLISH, KOREAN), attention)
    assert torch.equal(as_layers(attention[1], ENGLISH, KOREAN), attention[1:])


@pytest.mark.parametrize(
    ("attention", "message"),
    [
        (weights(3, 5, 7), r"shape \(3, 5, 7\) in layer 0; expected \(heads, 5, 5\), for 5 tokens and 5 key tokens"),
        ([weights(2, 3, 5, 5)], r"shape \(2, 3, 5, 5\) in layer 0"),
        ([], "attention has no layers"),
    ],
)
def test_wrong_shape_is_explained(attention, message):
    with pytest.raises(ValueError, match=message):
        as_layers(attention, KOREAN)


@pytest.mark.parametrize("view", [head_view, model_view])
@pytest.mark.parametrize("static", ["", "1"])
def test_picture_is_always_beside_the_view(view, static, monkeypatch):
    pages, pictures = [], []
    monkeypatch.setenv("UNROLLED_STATIC", static)
    monkeypatch.setattr(attention_view, "in_notebook", lambda: True)
    monkeypatch.setattr(attention_view, "_display", pages.append)
    monkeypatch.setattr(attention_view, "show", lambda figure, alt: pictures.append((figure, alt)))
    view(weights(2, 3, 7, 5), ENGLISH, KOREAN, title="Words find their partners")
    assert len(pages) == (0 if static else 1)
    ((figure, alt),) = pictures
    assert alt.startswith("Words find their partners. Heat maps of") and "사랑해" in alt
    assert len(figure.axes) == (3 if view is head_view else 6) + 1
    assert figure.axes[-1].get_ylabel() == "weight"


def test_heat_maps_show_the_weights_where_they_belong():
    attention = weights(2, 3, 7, 5)
    axes = heads_figure(attention, ENGLISH, KOREAN, title="t").axes
    for number, place in enumerate(axes[:6]):
        assert torch.equal(torch.tensor(place.images[0].get_array()).float(), attention[divmod(number, 3)])
    assert [label.get_text() for label in axes[3].get_yticklabels()] == ENGLISH
    assert [label.get_text() for label in axes[5].get_xticklabels()] == KOREAN


def test_assets_are_found_by_name_and_stay_inside():
    assert asset("javascript/jquery-LICENSE").read_text().startswith("Copyright OpenJS Foundation")
    for name in ("javascript/none.js", "../pyproject.toml", "/etc/hostname"):
        with pytest.raises(FileNotFoundError, match="no asset"):
            asset(name)


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("chromium") is None, reason="needs Chromium")
def test_browser_draws_it_without_a_network(tmp_path):
    """All views in one page, names unresolvable: are the tokens and the lines there?"""
    page = tmp_path / "page.html"
    body = "\n<hr>\n".join(make() for make in PAGES.values())
    page.write_text(f'<!doctype html><meta charset="utf-8"><body style="background: #111">{body}', encoding="utf-8")
    command = ["chromium", "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"]
    command += ["--disable-background-networking", "--disable-component-update", "--disable-sync"]
    command += ["--host-resolver-rules=MAP * ~NOTFOUND", f"--user-data-dir={tmp_path / 'profile'}"]
    command += ["--virtual-time-budget=5000", "--dump-dom", page.as_uri()]
    dom = subprocess.run(command, capture_output=True, text=True, timeout=120).stdout
    views = re.split(r'<div id="bertviz-', dom)[1:]
    assert len(views) == len(PAGES)
    for name, view in zip(PAGES, views, strict=True):
        drawn = view.split("</svg>")[0] if name.startswith("head") else view
        assert drawn.count("<line") + drawn.count("<path") >= 3 * 5 * 5, name
        if name.startswith("head"):
            assert re.search(r"<text[^>]*>사랑해</text>", drawn) and "<rect" in drawn, name
            assert re.search(r"<text[^>]*>&lt;/script&gt;</text>", drawn), name

"""Does what a student writes reach its reader as it was meant, and never as a script?"""

import time

import pytest
from bs4 import BeautifulSoup
from nbconvert.filters import Highlight2HTML
from nbconvert.filters.markdown_mistune import markdown2html_mistune as render

from autograder.exercises import all_exercises
from autograder.grading.autograded import colours
from autograder.grading.harmless import MOST_LETTERS, harmless

KEPT = [
    "Where `a < b` and `x & y`, a < b and x & y.",
    "$a < b$ and $$\\sum_i x_i & y$$",
    "**Strong**, *stressed*, [a page](https://example.org/a?b=1&c=2), <https://example.org>, [above](#idea)",
    "- one\n- two\n\n1. first\n\n> said\n\n| a | b |\n|:-:|---|\n| 1 | 2 |\n",
    "```python\nif a < b: print('<script>')\n```",
    "![picture](attachment:image.png) ![drawn](data:image/png;base64,iVBORw0KGgo=)",
    "[x]: https://example.org\n\nsee [x]",
    "그래디언트가 *사라진다*: 0.9 < 1.",
]
STOPPED = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "[x](javascript:alert(1))",
    r"[x](javascript\:alert(1))",
    r"[x](java\script:alert(1))",
    "[x](javascript&colon;alert(1))",
    "[x](javascript&#58;alert(1))",
    "[x](&#106;avascript:alert(1))",
    "[x](JaVaScRiPt:alert(1))",
    "[x](<java\tscript:alert(1)>)",
    "[x](vbscript:x)",
    "[x](data:text/html;base64,PHNjcmlwdD4=)",
    "[x](data:image/svg+xml;base64,PHNjcmlwdD4=)",
    "![x](data:image/svg+xml,<svg onload=alert(1)>)",
    "[x](//example.org)",
    "[x](file:///etc/passwd)",
    "[x]\n\n[x]: javascript:alert(1)",
    "[x][y]\n\n[y]: javascript&colon;alert(1)",
    "<javascript:alert(1)>",
    "`a` <b onclick=alert(1)>bold</b>",
    "`` ` `` <svg/onload=alert(1)>",
    "$x$ <iframe srcdoc='<script>'>",
    "~~~\n~~~~\n[x](javascript:alert(1))\n<script>",
    "[" * 30 + "x](javascript:alert(1))",
]
FORMULAS = [
    r"$\href{javascript:alert(1)}{x}$",
    r"$$\let\a\href \a{javascript:alert(1)}{x}$$",
    r"\begin{equation}\mmlToken{mi}[href='javascript:alert(1)']{x}\end{equation}",
    r"\\(\style{position: fixed; top: 0}{\bbox[1000px]{x}}\\)",
    r"$\require{html}\class{a}{x}\cssId{b}{y}$",
]


@pytest.mark.parametrize("text", KEPT)
def test_does_what_is_harmless_stay_as_it_is(text):
    assert harmless(text) == text


@pytest.mark.parametrize("text", STOPPED)
def test_does_nothing_run_or_lead_elsewhere(text):
    page = BeautifulSoup(render(harmless(text)), "html.parser")
    assert not page.find_all(["script", "svg", "iframe", "img", "b"])
    assert not page.find_all(href=True)
    letters = "".join(filter(str.isalpha, text.split(":")[0].split("<")[-1].split("&")[0]))
    assert letters in "".join(filter(str.isalpha, page.get_text()))  # it can be read all the same


@pytest.mark.parametrize("text", FORMULAS)
def test_does_no_formula_become_a_link_or_a_style(text):
    page = BeautifulSoup(render(harmless(text)), "html.parser")
    shown = page.find(["pre", "code"]).get_text().strip()  # where MathJax reads no formula
    assert shown.replace("javascript :", "javascript:") == text


def test_is_a_formula_that_only_begins_like_such_a_command_left_alone():
    assert harmless(r"$\displaystyle \hrefs \classes$") == r"$\displaystyle \hrefs \classes$"


def test_is_a_text_written_against_the_renderer_shown_without_delay():
    started = time.perf_counter()
    for piece in ("\\\\[", "\\\\(", "[", "`", "*a*", ">a"):
        assert harmless(piece * 300_000).strip("~\n") == piece * 300_000
        harmless(piece * (MOST_LETTERS // len(piece)))
    assert time.perf_counter() - started < 15


def test_do_two_texts_not_become_a_link_together():
    notes = "- The file is called '[x]'.\n- The file is called '[x]: javascript:alert(1)'.\n\n[x]: javascript:alert(1)"
    assert "href" not in render(harmless(notes))


@pytest.mark.parametrize("piece", ["a.", "\n ", " \n", "import a.", "@a.", "'", "f\"{", "\\", "(", "%(a", "1_"])
@pytest.mark.parametrize("size", [10_000, 200_000])
def test_is_code_written_against_what_colours_it_shown_without_delay(piece, size):
    code, started = piece * (size // len(piece)), time.process_time()
    Highlight2HTML()(code, metadata=colours(code))
    assert time.process_time() - started < 2


def test_has_honest_code_its_colours():
    assert not any(colours(exercise.source) for exercise in all_exercises())

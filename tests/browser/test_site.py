"""The site in a browser, from the disk and with no network: landing page, a chapter, the library, the search."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect, sync_playwright

from autograder import site
from tests.browser.conftest import CHROMIUM, picture_of

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("default")]
SERIOUS = ("serious", "critical")
PAGES = ["index", "chapters/05_self_attention", "reference/05_self_attention", "instructors", "glossary"]


@pytest.fixture(scope="module")
def html(tmp_path_factory):
    """The site, built with every warning an error, and its folder."""
    folder = tmp_path_factory.mktemp("site")
    site.run(folder)
    return folder / "html"


@pytest.fixture(scope="module")
def chromium():
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM[0], args=list(CHROMIUM[1:]))
        yield browser
        browser.close()


@pytest.fixture
def page(chromium):
    """A page that keeps what it asked for elsewhere."""
    page = chromium.new_page(viewport={"width": 1280, "height": 900})
    page.asked = []
    page.on("request", lambda request: request.url.startswith(("file:", "data:")) or page.asked.append(request.url))
    yield page
    page.close()


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_does_axe_find_no_serious_fault_and_does_nothing_come_from_elsewhere(html, page, name, scheme):
    page.emulate_media(color_scheme=scheme)
    page.goto((html / f"{name}.html").as_uri())
    found = Axe().run(page).response["violations"]
    picture_of(page, f"site-{name.replace('/', '-')}-{scheme}")
    assert [(v["id"], len(v["nodes"]), v["nodes"][0]["html"][:160]) for v in found if v["impact"] in SERIOUS] == []
    assert page.asked == []


def test_is_a_solution_behind_a_fold_and_a_formula_drawn(html, page):
    page.goto((html / "chapters/05_self_attention.html").as_uri())
    fold = page.locator("details", has_text="show the solution").first
    expect(fold.locator("div.highlight").first).to_be_hidden()
    fold.locator("summary").click()
    expect(fold.locator("div.highlight").first).to_contain_text("def scaled_dot_product_attention")
    assert page.locator(".formula math").first.bounding_box()["height"] > 10
    expect(page.get_by_role("link", name="Open in Colab")).to_have_attribute("href", re.compile("colab.research.google.com/github/.*/05_self_attention.ipynb"))


def test_does_the_search_find_a_word_without_a_network(html, page):
    page.goto((html / "index.html").as_uri())
    page.get_by_role("textbox", name="Search").fill("bottleneck")
    page.keyboard.press("Enter")
    expect(page.locator("#search-results li").first).to_be_visible(timeout=30_000)
    expect(page.locator("#search-results")).to_contain_text("How does a sequence become another one?")
    picture_of(page, "site-search")
    assert page.asked == []


@pytest.mark.parametrize("name", PAGES)
def test_does_a_narrow_screen_show_it_without_scrolling_sideways(html, page, name):
    page.set_viewport_size({"width": 390, "height": 800})
    page.goto((html / f"{name}.html").as_uri())
    assert page.evaluate("document.documentElement.scrollWidth") <= 390

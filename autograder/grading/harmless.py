"""Markdown of a student's, such that whoever reads it is safe: no HTML, no link but to a web page or in the page.

It is rendered as nbconvert renders it, for Formgrader and feedback, and what comes out is looked at. What is harmless
stays letter by letter as it is, formulas and code as well.
"""

import re
from html.parser import HTMLParser

from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath

MOST_LETTERS = 10_000  # to render: with some texts the time grows as the square
PICTURE = re.compile(r"(?:data:image/(?:png|jpeg|gif|webp);base64,[A-Za-z0-9+/=]*+|attachment:[\w.%+-]++)(?=[)\s]|\Z)")
LINK, SOURCE = re.compile(r"https?://|#|\Z"), re.compile(r"https?://")
HARMLESS = {"alt", "title", "class", "id", "start", "style"}  # attributes that Markdown itself gives
COMMAND = re.compile(r"\\(?:href|class|cssId|style|require|bbox|mmlToken)(?![A-Za-z])")  # of a formula: MathJax makes HTML of it
SCRIPT = re.compile(r"(javascript|vbscript|data):", re.I)
PLAIN = str.maketrans({"<": "&lt;", "&": "&amp;"})


def harmless(text: str) -> str:
    """The text itself if it is harmless; else without HTML and links; if that does not help, all of it as code.

    >>> harmless("`a < b`, [here](https://x.y)"), harmless("<b>"), harmless("[x](javascript&colon;alert(1))")
    ('`a < b`, [here](https://x.y)', '&lt;b>', '[x] (javascript&amp;colon;alert(1))')
    """
    apart = SCRIPT.sub(r"\1 :", text)
    plain = apart.translate(PLAIN).replace("](", "] (").replace("]:", "] :").replace("][", "] [")
    return next(filter(is_harmless, (text, plain)), None) or as_code(apart)


def is_harmless(text: str) -> bool:
    """Whether the text, rendered, holds nothing that could run or lead elsewhere."""
    text = PICTURE.sub("https://picture.invalid", text)
    if len(text) > MOST_LETTERS or COMMAND.search(text):
        return False
    try:
        page = _Page()
        page.feed(MarkdownWithMath(renderer=_Renderer(escape=False)).render(text))
        page.close()
    except Exception:  # what the renderer does not understand
        return False
    return page.harmless


def as_code(text: str) -> str:
    """The text in a block of code, where nothing has a meaning."""
    fence = "~" * (3 + max(map(len, re.findall("~+", text)), default=0))
    return f"{fence}\n{text}\n{fence}\n"


class _Renderer(IPythonRenderer):
    """nbconvert's own, but that it takes no HTML."""

    def inline_html(self, html: str) -> str:
        """HTML in a line."""
        raise ValueError("HTML")

    def block_html(self, html: str) -> str:
        """HTML between two empty lines."""
        raise ValueError("HTML")


class _Page(HTMLParser):
    """Looks at the attributes of what Markdown itself has made into HTML."""

    harmless = True

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        for name, value in attributes:
            value = re.sub(r"[\0-\x20]", "", value or "").lower()
            allowed = {("a", "href"): LINK, ("img", "src"): SOURCE}.get((tag, name))
            self.harmless &= bool(allowed.match(value)) if allowed else name in HARMLESS

"""Markdown as a page shows it that needs nothing from the network: formulas as MathML, pictures within the page.

What a student wrote has been made harmless before it comes here.
"""

from latex2mathml.converter import convert
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath


class Renderer(IPythonRenderer):
    """nbconvert's own, with formulas as MathML; one that cannot be read stays as it was written."""

    def inline_math(self, body: str) -> str:
        """A formula within a line."""
        return self._formula(body, "inline")

    def block_math(self, body: str) -> str:
        """A formula on lines of its own."""
        return self._formula(body, "block")

    def _formula(self, body: str, display: str) -> str:
        try:
            return convert(body.strip(), display=display)
        except Exception:  # a student may write anything between dollars
            return f"<code>{self.escape_html(body)}</code>"


def as_html(source: str, attachments: dict | None = None) -> str:
    """Markdown as HTML.

    >>> as_html("**a** and $x$")[:24], "<math" in as_html("$x_1$"), "&lt;script" in as_html("<script>")
    ('<p><strong>a</strong> an', True, True)
    """
    return MarkdownWithMath(renderer=Renderer(escape=True, attachments=attachments or {})).render(source)

"""Formulas as MathML, which browsers draw and screen readers read without a line of JavaScript."""

from docutils.nodes import SkipNode
from latex2mathml.converter import convert


def inline(writer, node):
    """A formula within a line."""
    writer.body.append(convert(node.astext()))
    raise SkipNode


def display(writer, node):
    """A formula on lines of its own."""
    writer.body.append(f'<div class="formula" tabindex="0">{convert(node.astext(), display="block")}</div>')
    raise SkipNode


def setup(app):
    """Called by Sphinx."""
    app.add_html_math_renderer("mathml", (inline, None), (display, None))
    return {"parallel_read_safe": True, "parallel_write_safe": True}

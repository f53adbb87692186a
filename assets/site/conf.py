"""Sphinx's settings for the site: MyST pages and notebooks, nothing that a reader's browser would fetch from elsewhere."""

import re
import sys
from importlib.metadata import version as version_of
from pathlib import Path

from autograder.build import repository

sys.path.insert(0, str(Path(__file__).parent))  # for mathml.py beside this file

project = "Unrolled"
author = "The Unrolled authors"
copyright = f"2026, {author}"
release = version_of("unrolled")

extensions = ["myst_nb", "sphinx.ext.autodoc", "sphinx.ext.viewcode", "mathml"]
exclude_patterns = ["notebooks"]

nb_execution_mode = "off"  # the solved chapters carry what they showed when they ran
nb_merge_streams = True
nb_mime_priority_overrides = [("html", "image/png", 0), ("html", "text/html", 10)]
myst_enable_extensions = ["amsmath", "dollarmath", "html_image"]
myst_heading_anchors = 3
myst_dmath_double_inline = True

html_theme = "furo"
html_title = "Unrolled"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_math_renderer = "mathml"
html_theme_options = {
    "source_repository": f"{repository()}/",
    "light_css_variables": {"color-brand-primary": "#00517a", "color-brand-content": "#00517a"},
    "dark_css_variables": {"color-brand-primary": "#7cc4f0", "color-brand-content": "#7cc4f0"},
}
pygments_style = "a11y-high-contrast-light"
pygments_dark_style = "a11y-high-contrast-dark"

autodoc_typehints = "signature"
autodoc_preserve_defaults = True
python_use_unqualified_type_names = True
python_display_short_literal_types = True
maximum_signature_line_length = 80


def as_rst(app, what, name, obj, options, lines):
    """The library's docstrings are plain text with `code` in single backticks; examples stay as they are."""
    text, example = [], False
    for line in lines:
        example = line.lstrip().startswith(">>>") or (example and bool(line.strip()))
        if not example:
            if line.startswith("- ") and text and text[-1].strip() and not text[-1].startswith(("- ", "  ")):
                text.append("")  # a list stands apart
            parts = re.split(r"(`[^`]+`)", line)
            line = "".join(f"`{part}`" if part.startswith("`") else escaped(part) for part in parts)
        text.append(line)
    lines[:] = text


def escaped(text):
    """Text in which no character means anything to reStructuredText."""
    return re.sub(r"[*|\\]|_(?=\W|$)", lambda found: "\\" + found[0], text)


def accessible(app, pagename, templatename, context, doctree):
    """What scrolls sideways can be reached with the keyboard; parameters on lines of their own are no list of definitions."""
    if "body" in context:
        body = re.sub(r"<(pre|table)\b(?![^>]*tabindex)", r'<\1 tabindex="0"', context["body"])
        context["body"] = re.sub(r"<dl>\s*((?:<dd>.*?</dd>\s*)+)</dl>", as_lines, body, flags=re.DOTALL)


def as_lines(parameters):
    """A signature's parameters, each in a line."""
    lines = parameters[1].replace("<dd>", "<div>").replace("</dd>", "</div>")
    return f'<div class="parameters">{lines}</div>'


def setup(app):
    app.connect("html-page-context", accessible)
    app.connect("autodoc-process-docstring", as_rst)

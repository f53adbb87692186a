"""A verdict as a student reads it: a small table and a message, in HTML and in plain text.

Everything that a student's code controls is escaped. Meaning is never carried by colour alone.
"""

import re
from html import escape

from autograder.judge import Verdict

SYMBOLS = {
    "correct": "✓",
    "wrong": "✗",
    "crashed": "⚡",
    "not attempted": "○",
    "timed out": "⏱",
    "forbidden": "⛔",
}


def as_text(verdict: Verdict) -> str:
    """The verdict for a terminal or a screen reader."""
    lines = [f"{SYMBOLS[verdict.outcome]} {verdict.exercise}: {verdict.outcome}, {points(verdict)}"]
    if 0 < verdict.points < verdict.max_points:
        lines += [f"    {name}: {earned:g} of {most:g}" for name, earned, most in verdict.groups]
    return "\n".join([*lines, verdict.message])


def as_html(verdict: Verdict) -> str:
    """The verdict for a notebook: a table with a caption, then the message, the traceback in a fixed-width block."""
    rows = "".join(
        f'<tr><th scope="row" style="text-align:left;font-weight:normal">{escape(name)}</th>'
        f"<td>{'✓' if earned else '✗' if most else ''} {earned:g} of {most:g}</td></tr>"
        for name, earned, most in verdict.groups
    )
    message, _, trace = verdict.message.partition("\n")
    trace = f'<pre style="margin:.5em 0;white-space:pre-wrap">{escape(trace)}</pre>' if trace else ""
    return (
        '<div class="unrolled-verdict" style="border-left:4px solid currentColor;padding:.2em 1em;max-width:48em">'
        '<table style="margin:0"><caption style="text-align:left;font-weight:bold;color:inherit;white-space:nowrap">'
        f"{SYMBOLS[verdict.outcome]} {escape(verdict.exercise)}: {verdict.outcome}, {points(verdict)}</caption>"
        f'<thead><tr><th scope="col" style="text-align:left">cases</th><th scope="col">points</th></tr></thead>'
        f"<tbody>{rows}</tbody></table>"
        f'<p style="margin:.5em 0">{prose(message)}</p>{trace}</div>'
    )


def prose(message: str) -> str:
    """A message as HTML: escaped, and `code` in backticks set as code.

    >>> prose("Replace `a < b`.")
    'Replace <code>a &lt; b</code>.'
    """
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", escape(message))


def prose_block(message: str) -> str:
    """A message as a paragraph of HTML."""
    return f'<p style="margin:.5em 0;max-width:48em">{prose(message)}</p>'


def points(verdict: Verdict) -> str:
    """The points in words: "2 of 3 points"."""
    return f"{verdict.points:g} of {verdict.max_points:g} points"

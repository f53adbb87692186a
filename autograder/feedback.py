"""A verdict as a student reads it: a small table and a message, in HTML and in plain text.

Everything that a student's code controls is escaped. Meaning is never carried by colour alone.
"""

import re
from html import escape

from autograder import wording
from autograder.catalogue import OUTCOMES
from autograder.verdict import Verdict
from autograder.wording import say

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
    lines = [f"{SYMBOLS[verdict.outcome]} {title(verdict)}"]
    if 0 < verdict.points < verdict.max_points:
        lines += [f"    {say('row', name=name, score=_score(*score))}" for name, *score in verdict.groups]
    return "\n".join([*lines, verdict.message])


def as_html(verdict: Verdict) -> str:
    """The verdict for a notebook: a table with a caption, then the message, the traceback in a fixed-width block."""
    rows = "".join(
        f'<tr><th scope="row" style="text-align:left;font-weight:normal">{escape(name)}</th>'
        f"<td>{'✓' if earned else '✗' if most else ''} {escape(_score(earned, most))}</td></tr>"
        for name, earned, most in verdict.groups
    )
    message, _, trace = verdict.message.partition("\n")
    trace = f'<pre style="margin:.5em 0;white-space:pre-wrap">{escape(trace)}</pre>' if trace else ""
    return (
        '<div class="unrolled-verdict" style="border-left:4px solid currentColor;padding:.2em 1em;max-width:48em">'
        '<table style="margin:0"><caption style="text-align:left;font-weight:bold;color:inherit;white-space:nowrap">'
        f"{SYMBOLS[verdict.outcome]} {escape(title(verdict))}</caption>"
        f'<thead><tr><th scope="col" style="text-align:left">{escape(say("cases"))}</th>'
        f'<th scope="col">{escape(say("their points"))}</th></tr></thead>'
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


def title(verdict: Verdict) -> str:
    """Which exercise, how it ended, and the points."""
    points = wording.points(verdict.points, verdict.max_points)
    return say("title", name=verdict.exercise, outcome=OUTCOMES[verdict.outcome], points=points)


def _score(earned: float, most: float) -> str:
    return say("score", earned=earned, most=most)

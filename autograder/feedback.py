"""A verdict as a student reads it: a small table and a message, in HTML and in plain text.

Everything that a student's code controls is escaped. Meaning is never carried by colour alone.
"""

import re
from html import escape

from autograder import wording
from autograder.catalogue import OUTCOMES
from autograder.verdict import Verdict
from autograder.wording import say

STRONG = r"\*\*(\w[^*\n]*?)\*\*"
STRESSED = r"(?<![\w*`)])\*(\w[^*\n]*?)\*(?![\w*`(])"

SYMBOLS = {
    "correct": "✓",
    "wrong": "✗",
    "crashed": "⚡",
    "not attempted": "○",
    "timed out": "⏱",
    "forbidden": "⛔",
}


def as_text(verdict: Verdict, show: bool = False) -> str:
    """The verdict for a terminal or a screen reader; with `show`, the case that it speaks of behind it."""
    lines = [f"{SYMBOLS[verdict.outcome]} {title(verdict)}"]
    if 0 < verdict.points < verdict.max_points:
        lines += [f"    {say('row', name=name, score=_score(*score))}" for name, *score in verdict.groups]
    return "\n".join([*lines, _bare(verdict.message), *([verdict.shown] if show and verdict.shown else [])])


def as_html(verdict: Verdict, show: bool = False) -> str:
    """The verdict for a notebook: a table with a caption, the message, the traceback or the case in fixed width."""
    rows = "".join(
        f'<tr><th scope="row" style="text-align:left;font-weight:normal">{escape(name)}</th>'
        f"<td>{_mark(verdict, earned, most)} {escape(_score(earned, most))}</td></tr>"
        for name, earned, most in verdict.groups
    )
    message, _, trace = verdict.message.partition("\n")
    blocks = [trace, verdict.shown if show else ""]
    trace = "".join(f'<pre style="margin:.5em 0;white-space:pre-wrap">{escape(b)}</pre>' for b in blocks if b)
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
    """A message as HTML: escaped, `code` in backticks set as code, *stressed* words in italics, **strong** ones bold.

    >>> prose("Replace `a < b * c` by *one* `d * e`.")
    'Replace <code>a &lt; b * c</code> by <em>one</em> <code>d * e</code>.'
    """
    pieces = re.split(r"`([^`]+)`", escape(message))
    pieces[::2] = [re.sub(STRONG, r"<strong>\1</strong>", piece) for piece in pieces[::2]]
    pieces[::2] = [re.sub(STRESSED, r"<em>\1</em>", piece) for piece in pieces[::2]]
    pieces[1::2] = [f"<code>{piece}</code>" for piece in pieces[1::2]]
    return "".join(pieces)


def prose_block(message: str) -> str:
    """A message as a paragraph of HTML."""
    return f'<p style="margin:.5em 0;max-width:48em">{prose(message)}</p>'


def title(verdict: Verdict) -> str:
    """Which exercise, how it ended, and the points."""
    points = wording.points(verdict.points, verdict.max_points)
    return say("title", name=verdict.exercise, outcome=OUTCOMES[verdict.outcome], points=points)


def _mark(verdict: Verdict, earned: float, most: float) -> str:
    """The sign before a row's points; none where nothing was tried."""
    if verdict.outcome in ("not attempted", "forbidden") or not most:
        return ""
    return "✓" if earned else "✗"


def _bare(message: str) -> str:
    """A message as plain text: stars around words left out."""
    return re.sub(STRESSED, r"\1", re.sub(STRONG, r"\1", message))


def _score(earned: float, most: float) -> str:
    return say("score", earned=earned, most=most)

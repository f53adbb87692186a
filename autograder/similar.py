"""Which answers of a class resemble each other more than right answers do: copydetect's fingerprints (winnowing,
Schleimer et al. 2003), exercise by exercise.

Renamed variables and moved lines do not hide a copy, and what everybody was given does not count. A short exercise has few
right answers: how alike the library's answer and the course's other right answers to it are is what is to be expected of
any two, and only what goes beyond that counts. Resemblance is a reason to look, not a proof.
"""

import functools
import inspect
import io
import itertools
import sys
from dataclasses import dataclass, replace
from pathlib import Path

from copydetect import CodeFingerprint
from copydetect.detector import compare_files
from copydetect.utils import highlight_overlap
from markupsafe import Markup, escape

from autograder.exercise import Exercise
from autograder.exercises import chapter_exercises
from autograder.files import write_whole
from autograder.grading.autograded import handed_out
from autograder.grading.batch import read_order
from autograder.grading.course import Course, load_course
from autograder.grading.feedback_page import TEMPLATES
from autograder.grading.inside.reading import read_cells
from autograder.grading.rebuild import Rebuilt, rebuild
from autograder.grading.submission import Order
from autograder.grading.workers import at_most, each
from autograder.lms.text import shown
from autograder.source import same_but_for_names
from autograder.terminal import Trouble

SECONDS, MOST_LETTERS = 10.0, 100_000  # for reading one submission
NOISE, SURE = 20, 25  # matches shorter than the one are ignored, longer than the other are found for certain
HELPERS = "helpers"  # the student's own cells, beside the exercises
MOST_PAIRS, MOST_SHOWN = 20, 4000  # on the page, and letters of one passage
COPIED = 0.5  # from which share of an exercise on its passages are shown

Parts = dict[str, str]


@dataclass(frozen=True)
class Pair:
    """Two submissions, and how much of their answers is alike beyond what right answers are; by exercise too."""

    one: str
    other: str
    share: float
    parts: dict[str, float]


def compare_class(
    course: Course, chapter: str, share: float = 0.8, past: list[Path] | None = None
) -> tuple[Path, list[tuple[str, str, float]]]:
    """The report's path, and the pairs that share more than `share`, the most similar first; `past` are earlier courses."""
    source = course.source(chapter)
    blank = Order(chapter, "", source, None, 0, "")
    orders = {student: read_order(course, replace(blank, student=student)) for student in course.students(chapter)}
    if not orders:
        raise ValueError(course.nobody(chapter))
    for folder in past or ():
        before = load_course(folder)
        if not (there := before.students(chapter)):
            raise Trouble(before.nobody(chapter))
        orders |= {f"{folder.name}/{s}": read_order(before, replace(blank, student=s)) for s in there}
    names, answers = {id(order): name for name, order in orders.items()}, {}
    for order, own in each(read_own, list(orders.values()), 1):
        parts, reason = own or ({}, "It stops the program that reads it.")
        if any(text.strip() for text in parts.values()):
            answers[names[id(order)]] = parts
        if reason:
            print(f"{shown(names[id(order)])} was left out: {shown(reason)}", file=sys.stderr)
    answers = {name: answers[name] for name in orders if name in answers}
    if len(answers) < 2:
        raise ValueError(f"{chapter}: {len(answers)} of the submissions hold answers; two are needed to compare")
    given = "\n\n".join(cell.source for cell in read_cells(handed_out(source).encode(), []) if cell.kind == "code")
    class_size = len(course.students(chapter))
    old = set(list(orders)[class_size:])
    pairs = [pair for pair in compare(answers, chapter, given) if not {pair.one, pair.other} <= old]
    report = course.root / "similar" / f"{chapter}.html"
    write_whole(report, page(chapter, answers, pairs, share, given).encode(errors="replace"))
    return report, [(pair.one, pair.other, pair.share) for pair in pairs if pair.share > share]


def read_own(order: Order) -> tuple[Parts, str]:
    """What of a submission is compared, and why it is left out, if so. In a worker, since nothing of it is to be trusted.

    What is compared here with itself takes no longer to compare with another.
    """
    if order.problem or order.content is None:
        return {}, order.problem
    try:
        with at_most(SECONDS):
            parts = own_parts(rebuild(order.read(), order.source, chapter_exercises(order.chapter)))
            if (letters := sum(map(len, parts.values()))) > MOST_LETTERS:
                return {}, f"its answers have {letters} letters; at most {MOST_LETTERS} are compared."
            for text in parts.values():
                prints = fingerprint(text)
                compare_files(prints, prints)
                same_but_for_names(text, text)
    except Exception as error:  # one that cannot be read does not keep the others from being compared
        return {}, str(error) or type(error).__name__
    return parts, ""


def own_parts(rebuilt: Rebuilt) -> Parts:
    """What of a submission is the student's: answers that are no longer as handed out, and helpers."""
    parts = {name: source for name, source in rebuilt.answers.items() if not rebuilt.programs[name].blank}
    return parts | ({HELPERS: "\n\n".join(rebuilt.added)} if rebuilt.added else {})


def fingerprint(text: str, given: frozenset[int] = frozenset(), window: int = SURE - NOISE + 1) -> CodeFingerprint:
    """copydetect's fingerprint of a piece of code, without what is `given`."""
    text = text.encode(errors="replace").decode()
    return CodeFingerprint("own.py", NOISE, window, boilerplate=list(given), fp=io.StringIO(text))


def alike(one: CodeFingerprint, other: CodeFingerprint) -> float:
    """The share of the one that is in the other, or the other way round, whichever is more."""
    if not one.token_coverage or not other.token_coverage:
        return 0.0
    return float(min(1.0, max(compare_files(one, other)[1])))


@functools.cache
def expected(exercise: Exercise) -> float:
    """How alike two right answers to an exercise are that nobody copied: the library's, and the course's in other styles."""
    sources = [exercise.source, *(inspect.getsource(answer) for answer in exercise.accepts)]
    prints = [fingerprint(source) for source in sources]
    return max((alike(one, other) for one, other in itertools.combinations(prints, 2)), default=0.0)


def compare(answers: dict[str, Parts], chapter: str, given: str) -> list[Pair]:
    """Every two of the class, the most similar first."""
    known = {exercise.name: expected(exercise) for exercise in chapter_exercises(chapter)} | {HELPERS: 0.0}
    hashes = frozenset(fingerprint(given, window=1).hashes)
    prints = {name: {p: fingerprint(text, hashes) for p, text in parts.items()} for name, parts in answers.items()}
    pairs = []
    for one, other in itertools.combinations(prints, 2):
        shares, weight = {}, 0
        for part in prints[one].keys() & prints[other].keys():
            size = min(prints[one][part].token_coverage, prints[other][part].token_coverage)
            if size and (usual := known.get(part, 0.0)) < 1:
                shares[part] = max(0.0, (alike(prints[one][part], prints[other][part]) - usual) / (1 - usual)), size
                weight += size
        share = sum(s * size for s, size in shares.values()) / weight if weight else 0.0
        pairs.append(Pair(one, other, share, {part: s for part, (s, _) in shares.items()}))
    return sorted(pairs, key=lambda pair: -pair.share)


def page(chapter: str, answers: dict[str, Parts], pairs: list[Pair], share: float, given: str) -> str:
    """The strongest pairs: a table with the names on both axes, and the passages side by side."""
    strongest = [pair for pair in pairs if pair.share > 0][:MOST_PAIRS]
    names = list(dict.fromkeys(name for pair in strongest for name in (pair.one, pair.other)))
    shares = {frozenset((pair.one, pair.other)): pair.share for pair in pairs}
    hashes = frozenset(fingerprint(given, window=1).hashes)
    public = {e.name: e.source for e in chapter_exercises(chapter)}
    return TEMPLATES.get_template("similar.html.j2").render(
        chapter=chapter,
        share=share,
        count=len(answers),
        names=[shown(name) for name in names],
        rows=[(shown(one), [shares.get(frozenset((one, other))) for other in names]) for one in names],
        pairs=[
            {
                "one": shown(pair.one),
                "other": shown(pair.other),
                "share": pair.share,
                "passages": [
                    (part, s, *passages(answers[pair.one][part], answers[pair.other][part], hashes))
                    for part, s in sorted(pair.parts.items(), key=lambda item: -item[1])
                    if s >= COPIED
                ],
            }
            for pair in strongest
        ],
        public=[
            (shown(name), same)
            for name, parts in answers.items()
            if (
                same := [
                    part for part, text in parts.items() if part in public and same_but_for_names(text, public[part])
                ]
            )
        ],
    )


def passages(one: str, other: str, given: frozenset[int]) -> tuple[Markup, Markup]:
    """Both texts with what they share marked, each cut to what a page can hold."""
    prints = fingerprint(one, given), fingerprint(other, given)
    slices = compare_files(*prints)[2]
    shown_texts = []
    for code, places in zip((prints[0].raw_code, prints[1].raw_code), slices, strict=True):
        places = places[:, places[0] < MOST_SHOWN] if len(places) else places
        code = "".join(letter if letter.isprintable() or letter == "\n" else "?" for letter in code[:MOST_SHOWN])
        text = (
            highlight_overlap(code, places, "<mark>", "</mark>", escape_html=True)[0] if places.size else escape(code)
        )
        shown_texts.append(Markup(text))
    return shown_texts[0], shown_texts[1]

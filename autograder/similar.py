"""Which answers of a class resemble each other: copydetect's comparison (winnowing, Schleimer et al. 2003).

Compared are the cells with answers and the student's own helpers, as official grading takes them from the submissions;
what everybody was given does not count. Renamed variables and moved lines do not hide a copy. A short exercise has few
right answers: resemblance is a reason to look, not a proof.
"""

import contextlib
import html
import io
import secrets
import sys
import tempfile
import warnings
from pathlib import Path

from copydetect import CodeFingerprint, CopyDetector
from copydetect.detector import compare_files

from autograder.exercises import chapter_exercises
from autograder.files import write_whole
from autograder.grading.autograded import handed_out
from autograder.grading.batch import read_order
from autograder.grading.course import Course
from autograder.grading.inside.reading import read_cells
from autograder.grading.rebuild import Rebuilt, rebuild
from autograder.grading.submission import Order
from autograder.grading.workers import at_most, each
from autograder.lms.text import shown

SECONDS, MOST_LETTERS = 10.0, 100_000  # for reading one submission
NOISE, SURE = 20, 25  # matches shorter than the one are ignored, longer than the other are found for certain


def compare_class(course: Course, chapter: str, share: float = 0.8) -> tuple[Path, list[tuple[str, str, float]]]:
    """The report's path, and the pairs of students that share more than `share`, the most similar first."""
    source, answers = course.source(chapter), {}
    orders = [read_order(course, chapter, student, source, 0, "") for student in course.students(chapter)]
    for order, own in each(read_own, orders, 1):
        text, reason = own or ("", "It stops the program that reads it.")
        if text.strip():
            answers[order.student] = text
        if reason:
            print(f"{shown(order.student)} was left out: {shown(reason)}", file=sys.stderr)
    answers = {order.student: answers[order.student] for order in orders if order.student in answers}
    if not orders:
        raise ValueError(course.nobody(chapter))
    if len(answers) < 2:
        raise ValueError(f"{chapter}: {len(answers)} of the submissions hold answers; two are needed to compare")
    report = course.root / "similar" / f"{chapter}.html"
    given = "\n\n".join(cell.source for cell in read_cells(handed_out(source).encode(), []) if cell.kind == "code")
    page, pairs = compare(answers, given, share)
    write_whole(report, page.encode(errors="replace"))
    return report, pairs


def read_own(order: Order) -> tuple[str, str]:
    """What of a submission is compared, and why it is left out, if so. In a worker, since nothing of it is to be trusted.

    What is compared here with itself takes no longer to compare with another.
    """
    if order.problem or order.content is None:
        return "", order.problem
    try:
        with at_most(SECONDS):
            text = own_text(rebuild(order.read(), order.source, chapter_exercises(order.chapter)))
            if len(text) > MOST_LETTERS:
                return "", f"its answers have {len(text)} letters; at most {MOST_LETTERS} are compared."
            prints = CodeFingerprint("own.py", NOISE, SURE - NOISE + 1, fp=io.StringIO(text))
            compare_files(prints, prints)
    except Exception as error:  # one that cannot be read does not keep the others from being compared
        return "", str(error) or type(error).__name__
    return text, ""


def own_text(rebuilt: Rebuilt) -> str:
    """What of a submission is the student's: answers that are no longer as handed out, and helpers."""
    answers = [source for name, source in rebuilt.answers.items() if not rebuilt.programs[name].blank]
    return "\n\n".join([*answers, *rebuilt.added])


def compare(texts: dict[str, str], given: str, share: float) -> tuple[str, list[tuple[str, str, float]]]:
    """copydetect's report as HTML, and the pairs of names above `share`; what stands in `given` does not count."""
    names, mark = list(texts), secrets.token_hex(8)  # a student's name stands in no path, and in the page as text
    files = {f"{mark}-{n}.py": text for n, text in enumerate(texts.values())}
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
        for file, text in (files | {"handed out.py": given}).items():
            Path(file).write_text(text, encoding="utf-8", errors="replace")
        detector = CopyDetector(noise_t=NOISE, guarantee_t=SURE, display_t=share, autoopen=False, silent=True)
        for file in files:
            detector.add_file(file)
        detector.add_file("handed out.py", "boilerplate")
        detector.run()
        found = detector.get_copied_code_list()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # copydetect reads its own page in an old way
            page = detector.generate_html_report(output_mode="return")
    # The shares of both sides, both names, …: a pair resembles as much as the more similar side says.
    named = dict(zip(files, names, strict=True))
    pairs = [(named[Path(row[2]).name], named[Path(row[3]).name], float(max(row[0], row[1]))) for row in found]
    for file in files:
        page = page.replace(file, html.escape(shown(f"{named[file]}.py")))
    return page, sorted(pairs, key=lambda pair: -pair[2])

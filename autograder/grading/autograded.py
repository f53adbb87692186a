"""The notebook in `autograded/`: the instructor's, with the student's answers and paragraphs, and the verdicts.

Formgrader and nbgrader's feedback show it. A check cell holds the verdict as a table and, as its value, the points, so
that nbgrader itself would read the same score from it.
"""

import functools
import json
import re

import nbformat
from nbgrader.preprocessors import CheckCellMetadata, ClearOutput, ClearSolutions, ComputeChecksums, LockCells

from autograder.grading import official
from autograder.grading.harmless import harmless
from autograder.grading.inside.plan import Rebuilt
from autograder.grading.paragraphs import paragraphs

MOST_COLOURED = 20_000  # letters of a cell
SLOW = re.compile(r"\s{100}|[\w.]{200}")  # in which the lexer's time grows as the square, as in a chain of attributes
STEPS = (LockCells, ClearSolutions, ClearOutput, CheckCellMetadata, ComputeChecksums)


def notebook(source: str, rebuilt: Rebuilt | None, record: dict) -> dict:
    """The graded notebook as a student gets it back."""
    graded = json.loads(handed_out(source))
    entries = {f"{entry['exercise']}-check": entry for entry in record["verdicts"]}
    cells = graded["cells"]
    for cell in cells:
        grade_id = cell["metadata"].get("nbgrader", {}).get("grade_id")
        if rebuilt and grade_id in rebuilt.answers:
            cell["source"] = rebuilt.answers[grade_id]
            cell["metadata"] |= colours(cell["source"])
        elif rebuilt and grade_id in rebuilt.written:
            cell["source"] = harmless(rebuilt.written[grade_id])
            if pictures := rebuilt.pictures.get(grade_id):
                cell["attachments"] = pictures
        elif grade_id in entries:
            cell["outputs"], cell["execution_count"] = outputs(entries[grade_id]), 1
    cells[:0] = _to_grade(source, cells)
    if notes := [note for note in (record["problem"], *record["repairs"]) if note]:
        text = harmless("\n".join(f"- {note}" for note in notes))
        cells.insert(0, _cell("markdown", f"**Notes of the grading**\n\n{text}", "grading-notes"))
    if rebuilt and rebuilt.added:
        cells.append(_cell("markdown", "**Other cells of yours that were run**", "grading-added"))
        added = [_cell("code", source, f"grading-added-{n}") for n, source in enumerate(rebuilt.added)]
        cells += [{**cell, "metadata": colours(cell["source"])} for cell in added]
    return graded


def _to_grade(source: str, cells: list[dict]) -> list[dict]:
    """What a person grades, taken out of its place to the top, where Formgrader opens: question, rubric, paragraph."""
    top = []
    for text in paragraphs(source):
        place = next(
            n for n, cell in enumerate(cells) if cell["metadata"].get("nbgrader", {}).get("grade_id") == text.name
        )
        rubric = f"**For the grader.** {text.rubric}\n\n<details><summary>A model answer</summary>\n\n{text.model}\n\n</details>"
        question, paragraph = cells[place - 1 : place + 1]
        top += [question, _cell("markdown", rubric, f"{text.name[:50]}-rubric"), paragraph]
        del cells[place - 1 : place + 1]
    return top


def colours(code: str) -> dict[str, str]:
    """A cell's metadata such that nbconvert shows long or strange code as plain text: it colours it without a limit."""
    return {"magics_language": "text"} if len(code) > MOST_COLOURED or SLOW.search(code) else {}


def as_text(graded: dict) -> str:
    """The notebook as a file."""
    return json.dumps(graded, sort_keys=True) + "\n"


def outputs(entry: dict) -> list[dict]:
    """A verdict as the outputs of its check cell."""
    data = {"text/html": official.html(entry), "text/plain": official.text(entry)}
    value = {"text/plain": f"{entry['points']:g}"}
    return [
        {"output_type": "display_data", "data": data, "metadata": {}},
        {"output_type": "execute_result", "data": value, "metadata": {}, "execution_count": 1},
    ]


@functools.lru_cache(maxsize=4)
def handed_out(source: str) -> str:
    """The instructor's notebook as students got it, with nbgrader's locks and checksums."""
    given, resources = nbformat.reads(source, as_version=4), {}
    for step in STEPS:
        given, resources = step().preprocess(given, resources)
    return json.dumps(given)


def _cell(kind: str, source: str, name: str) -> dict:
    cell = {"cell_type": kind, "id": name, "metadata": {}, "source": source}
    return cell if kind == "markdown" else {**cell, "outputs": [], "execution_count": None}

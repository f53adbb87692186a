"""The paragraph of a chapter that a person grades: its question, its rubric, and a model answer, from the source."""

import functools
from dataclasses import dataclass

from autograder.grading.inside.reading import read_cells


@dataclass(frozen=True)
class Paragraph:
    """A paragraph's grade id, the question above it, the model answer, and what each point is for."""

    name: str
    question: str
    model: str
    rubric: str


@functools.lru_cache(maxsize=4)
def paragraphs(source: str) -> list[Paragraph]:
    """Those of an instructor notebook."""
    found, above = [], ""
    for cell in read_cells(source.encode(), []):
        if cell.kind == "markdown" and cell.grade_id:
            model, mark, rubric = cell.source.partition("**1 point**")
            found.append(Paragraph(cell.grade_id, above, model.strip(), f"{mark}{rubric}".strip()))
        elif cell.kind == "markdown":
            above = cell.source
    return found

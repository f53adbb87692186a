"""A new cell claims to be a graded one, with fifty points."""

from nbgrader.utils import determine_grade

from tests.attacks.arena import Attack, Place


def edit(notebook):
    grading = {"grade": True, "grade_id": "bonus", "points": 50, "locked": False, "solution": False}
    metadata = {"nbgrader": {**grading, "task": False, "schema_version": 3}}
    cell = {"cell_type": "code", "id": "bonus", "source": "50", "metadata": metadata, "outputs": []}
    notebook["cells"].append({**cell, "execution_count": None})


def control(place: Place):
    assert determine_grade(place.cell("bonus")) == (50, 50)


ATTACK = Attack(control, edit=edit)

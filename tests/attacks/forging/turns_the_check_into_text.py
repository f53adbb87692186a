"""The check cell becomes Markdown, to be graded by a person who may not look."""

from nbgrader.utils import determine_grade

from tests.attacks.arena import Attack, Place, find_cell


def edit(notebook):
    check = find_cell(notebook, "clip_gradients-check")
    check["cell_type"] = "markdown"
    del check["outputs"], check["execution_count"]


def control(place: Place):
    assert determine_grade(place.cell("clip_gradients-check")) == (None, 3)


ATTACK = Attack(control, edit=edit)

"""The check cell is tagged so that nbgrader never runs it: no output counts as full marks."""

from nbgrader.utils import determine_grade

from tests.attacks.arena import Attack, Place, find_cell


def edit(notebook):
    check = find_cell(notebook, "clip_gradients-check")
    check["metadata"]["tags"] = ["skip-execution"]


def control(place: Place):
    assert determine_grade(place.cell("clip_gradients-check")) == (3, 3)


ATTACK = Attack(control, edit=edit)

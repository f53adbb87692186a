"""The check cell comes with the output of a right answer."""

from nbgrader.utils import determine_grade

from tests.attacks.arena import Attack, Place, find_cell


def edit(notebook):
    value = {"output_type": "execute_result", "execution_count": 1, "metadata": {}, "data": {"text/plain": "3"}}
    find_cell(notebook, "clip_gradients-check")["outputs"] = [value]


def control(place: Place):
    assert determine_grade(place.cell("clip_gradients-check")) == (3, 3)


ATTACK = Attack(control, edit=edit)

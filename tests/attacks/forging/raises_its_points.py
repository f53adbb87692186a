"""The check cell claims to be worth a hundred points."""

from nbgrader.utils import determine_grade

from tests.attacks.arena import Attack, Place, find_cell


def edit(notebook):
    find_cell(notebook, "rnn_step-check")["metadata"]["nbgrader"]["points"] = 100


def control(place: Place):
    assert determine_grade(place.cell("rnn_step-check")) == (100, 100)


ATTACK = Attack(control, edit=edit)

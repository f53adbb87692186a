"""The check cell says its points by itself."""

from tests.attacks.arena import Attack, Place, find_cell


def edit(notebook):
    find_cell(notebook, "clip_gradients-check")["source"] = "3.0"


def control(place: Place):
    assert eval(place.cell("clip_gradients-check").source) == 3


ATTACK = Attack(control, edit=edit)

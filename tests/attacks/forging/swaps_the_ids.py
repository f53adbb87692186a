"""The checks of a right and a wrong answer swap their ids, and their points."""

from tests.attacks.arena import Attack, Place, find_cell


def edit(notebook):
    right, wrong = (find_cell(notebook, f"{name}-check") for name in ("rnn_step", "clip_gradients"))
    right["metadata"], wrong["metadata"] = wrong["metadata"], right["metadata"]


def control(place: Place):
    assert "rnn_step" in "".join(place.cell("clip_gradients-check").source)


ATTACK = Attack(control, edit=edit)

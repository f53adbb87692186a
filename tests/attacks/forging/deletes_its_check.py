"""The check cell of a wrong answer is gone: where nothing is looked for, an old score stays."""

from tests.attacks.arena import Attack, Place, find_cell


def edit(notebook):
    notebook["cells"].remove(find_cell(notebook, "clip_gradients-check"))


def control(place: Place):
    ids = [cell["metadata"].get("nbgrader", {}).get("grade_id") for cell in place.notebook["cells"]]
    assert "clip_gradients-check" not in ids  # nothing is left for nbgrader to give zero points for


ATTACK = Attack(control, edit=edit)

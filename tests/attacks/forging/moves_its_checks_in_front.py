"""A cell in front of everything defines a kinder `check`, and the checks come right behind it."""

from tests.attacks.arena import Attack, Place

KIND = "def check(answer):\n    return 3.0\n"


def edit(notebook):
    checks = [cell for cell in notebook["cells"] if cell["id"].endswith("-check")]
    rest = [cell for cell in notebook["cells"] if not cell["id"].endswith("-check")]
    kind = {"cell_type": "code", "id": "kind", "source": KIND, "metadata": {}, "outputs": [], "execution_count": None}
    notebook["cells"] = [kind, *checks, *rest]


def control(place: Place):
    assert place.run(f"{KIND}\nseen = check(clip_gradients)") == 3


ATTACK = Attack(control, edit=edit)

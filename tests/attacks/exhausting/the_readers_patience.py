"""A cell of a hundred thousand statements, which the reader of the notebook takes apart one by one."""

import ast
import time

from tests.attacks.arena import Attack, Place

MANY = "a\n" * 400_000


def edit(notebook):
    for number in range(8):
        cell = {"cell_type": "code", "id": f"many-{number}", "source": "a\n" * 40_000, "metadata": {}, "outputs": []}
        notebook["cells"].append({**cell, "execution_count": None})


def control(place: Place):
    started = time.process_time()
    ast.dump(ast.parse(MANY))
    assert time.process_time() - started > 0.5


ATTACK = Attack(control, edit=edit)

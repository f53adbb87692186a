"""A second check cell with the same id, which stops nbgrader's whole batch."""

import nbformat
import pytest
from jsonschema import ValidationError
from nbgrader.preprocessors import CheckCellMetadata

from tests.attacks.arena import Attack, Place, find_cell


def edit(notebook):
    check = find_cell(notebook, "rnn_step-check")
    notebook["cells"].append({**check, "id": "another"})


def control(place: Place):
    with pytest.raises(ValidationError):
        CheckCellMetadata().preprocess(nbformat.from_dict(place.notebook), {})


ATTACK = Attack(control, edit=edit)

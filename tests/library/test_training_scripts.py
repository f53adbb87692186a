"""The scripts that train the course's checkpoints: a run that is done leaves nothing that another would go on from."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[2] / "assets/checkpoints"
SCRIPTS = sorted(FOLDER.glob("*.py"))


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.stem)
def test_does_an_unfinished_run_stay_beside_its_script_until_it_is_done(script):
    text = script.read_text(encoding="utf-8")
    assert f'RUN = HERE / "{script.stem}.run"' in text
    assert re.findall(r"checkpoint=([^,]+),", text) == ["RUN"]
    assert text.index("checkpoint=RUN") < text.index(f'"{script.stem}.md").write_text') < text.index("RUN.unlink()")


@pytest.mark.slow
def test_does_a_second_training_begin_anew(tmp_path):
    script = Path(shutil.copy(FOLDER / "lstm.py", tmp_path))
    for _ in range(2):
        told = subprocess.run([sys.executable, script, "12"], check=True, capture_output=True, text=True)
        assert {file.name for file in tmp_path.iterdir()} == {"lstm.py", "lstm.md", "lstm.safetensors"}
        assert "12 steps" in (tmp_path / "lstm.md").read_text(encoding="utf-8"), told.stdout

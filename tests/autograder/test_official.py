"""What leaves official grading: what happened and what to ask, and never a hidden input."""

import json

import pytest
import torch

from autograder.catalogue import FINDINGS
from autograder.exercises import find_exercise
from autograder.grading import official
from autograder.grading.rebuild import Program
from autograder.judge import judge

NOBODY = Program("decode")
SECRET_SEED = 71


def say_everything(*args, **kwargs):
    raise ValueError(f"{args} {kwargs}")


@pytest.mark.parametrize("name", ["decode", "merge_pair", "permute_sentences", "noam_rate", "rnn_step", "softmax"])
@pytest.mark.parametrize(
    "answer", [say_everything, lambda *args, **kwargs: [args, kwargs], lambda *args, **kwargs: "no"]
)
def test_does_no_input_of_a_hidden_case_leave_official_grading(name, answer):
    """The verdict for a notebook does hold them: that is what makes the test one."""
    exercise = find_exercise(name)
    verdict = judge(exercise, answer, SECRET_SEED, patience=0)
    assert verdict.shown
    entry = official.entry(verdict, NOBODY)
    assert "shown" not in entry and "mutant" not in entry
    told = json.dumps(entry, ensure_ascii=False) + official.text(entry) + official.html(entry)
    for line in verdict.shown.splitlines()[1:]:
        value = line.split(" = ", 1)[1]
        assert len(value) < 4 or value not in told
    assert "Tried with" not in told and "show=True" not in told


def test_is_every_kind_of_difference_told_as_one_and_not_as_a_mistake_with_a_name():
    exercise = find_exercise("rnn_step")
    for answer in (lambda **inputs: None, lambda **inputs: torch.zeros(3, 7).to("meta"), lambda **inputs: "no"):
        verdict = judge(exercise, answer, SECRET_SEED, patience=0)
        assert verdict.diagnosis in official.KINDS
        assert official.entry(verdict, NOBODY)["message"].startswith(f"Not right yet: {verdict.diagnosis}.")
    assert {kind.split(", ")[0] for kind in FINDINGS} <= official.KINDS

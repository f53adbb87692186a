"""What a student sends when a check seems wrong."""

from pathlib import Path

import torch

from autograder import report


def rnn_step(x, h, w_ih, b_ih, w_hh, b_hh):
    """Not transposed."""
    return torch.tanh(x @ w_ih.T + b_ih + h @ w_hh + b_hh)


def test_does_it_hold_the_answer_the_verdict_and_the_versions(capsys):
    report(rnn_step)
    text = capsys.readouterr().out
    assert text.startswith("exercise: rnn_step (chapter 01_rnn, edition ")
    assert "return torch.tanh(x @ w_ih.T + b_ih + h @ w_hh + b_hh)" in text and f"torch {torch.__version__[:3]}" in text
    assert "✗ rnn_step: wrong, 1 of 3 points" in text and "w_hh is not transposed" in text


def test_does_it_name_nobody(capsys):
    namespace = {"__name__": "__main__", "place": str(Path.home() / "minji" / "x.txt")}
    exec("def rnn_step(x, h, w_ih, b_ih, w_hh, b_hh):\n    raise OSError(f'no file at {place}')", namespace)
    report(namespace["rnn_step"])
    text = capsys.readouterr().out
    assert "no file at ~/minji/x.txt" in text and str(Path.home()) not in text


def test_is_an_answer_without_a_source_asked_for(capsys):
    namespace = {"__name__": "__main__"}
    exec("def rnn_step(*arguments): return None", namespace)
    report(namespace["rnn_step"])
    assert "please paste the cell" in capsys.readouterr().out

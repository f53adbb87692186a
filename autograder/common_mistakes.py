"""Mistakes that are made in several exercises, told in the same words everywhere."""

from collections.abc import Mapping

from autograder.exercise import Misconception


def one_maximum_for_all(row: str, edits: Mapping[str, str]) -> Misconception:
    """A softmax that takes one maximum off all rows of scores, where `row` is what has scores of its own: "a place"."""
    return Misconception(
        id="one-maximum-for-all",
        name=f"one maximum is taken off all scores, and {row} with much lower ones has no probabilities left",
        hint=f"If all scores of {row} lie far below the largest of all, what is left of their exponentials? Of which scores "
        "should the maximum be?",
        edits=edits,
    )


def float32_table(result: str) -> Misconception:
    """Values that are written into a table of float32, whatever dtype came in; `result` is the code of the right ones."""
    return Misconception(
        id="float32-table",
        name="the states are written into a table of float32, whatever came in",
        hint="`torch.zeros(…)` makes float32. What should the dtype of your table be, and which argument knows it?",
        edits={result: f"{result}.float()"},
    )

"""The repair of a broken model: every chapter has one, and says here what is mended and what is not."""

from autograder.feedback import SYMBOLS
from autograder.wording import say


def judge_repair(*tests: tuple[str, bool, str]) -> None:
    """Say of each test of a repair whether it holds and, where it does not, what was seen instead.

    A test is what shall hold, whether it does, and what was seen. There are two or more: one that the symptom is
    gone, and one that the model still does what it is for; else the constant answer would be a repair too.

    The cell after the broken one (below the heading `## Repair: …`) measures and ends in a call of this. What
    repairs the broken cell and what does not is written in `tests/chapters/repairs/CHAPTER.toml`, as edits of that
    cell: the right ways, and the non-repairs with the tests that each fails. The tests try them all.

    >>> judge_repair(
    ...     ("Each sequence is read on its own.", True, ""),
    ...     ("Every step counts.", False, "Step 2 changed, and the answer did not."),
    ... )
    ✓ Each sequence is read on its own.
    ✗ Every step counts. Not yet: Step 2 changed, and the answer did not.
    Still broken.
    """
    if len(tests) < 2:
        raise ValueError(f"tests is {len(tests)} test; expected two or more: symptom gone, and still of use")
    for claim, holds, seen in tests:
        symbol = SYMBOLS["correct" if holds else "wrong"]
        print(symbol, claim if holds else say("repair fails", claim=claim, seen=seen))
    print(say("repaired") if all(holds for _, holds, _ in tests) else say("still broken"))

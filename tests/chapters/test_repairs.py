"""Every chapter's broken model: is what repairs it called repaired, and a non-repair told why it is none?

`repairs/CHAPTER.toml` holds edits of the broken cell: `right` ones, and `wrong` ones with the claims that each fails.
"""

import tomllib
from pathlib import Path

import jupytext
import pytest

from autograder.build import MASTERS
from autograder.chapters import CHAPTERS
from autograder.feedback import SYMBOLS
from autograder.source import bound_names, free_names

REPAIRS = Path(__file__).parent / "repairs"
each_chapter = pytest.mark.parametrize("chapter", CHAPTERS)


@each_chapter
def test_has_the_broken_model_of_a_chapter_two_tests_a_repair_and_a_non_repair(chapter):
    _, broken, judging = cells_of(chapter)
    assert judging.count('\n    ("') >= 2
    attempts = attempts_at(chapter)
    assert attempts["right"] and attempts["wrong"]
    sources = [edited(broken, attempt) for kind in attempts.values() for attempt in kind]
    assert len({broken, *sources}) == 1 + len(sources)
    assert all(attempt["how"] and attempt["fails"] for attempt in attempts["wrong"])


@pytest.mark.slow
@each_chapter
def test_is_a_repair_told_from_a_non_repair(chapter, capsys):
    before, broken, judging = cells_of(chapter)
    attempts, namespace = attempts_at(chapter), {"__name__": "__main__"}
    sources = [broken, *(edited(broken, attempt) for kind in attempts.values() for attempt in kind), judging]
    for source in needed(before, "\n".join(sources)):
        exec(source, namespace)

    def judged(source):
        """The claims that hold, and those that do not, each with what was seen."""
        exec(source, namespace)
        capsys.readouterr()
        exec(judging, namespace)
        lines = capsys.readouterr().out.splitlines()
        (start, *_) = [i for i, line in enumerate(lines) if line[0] in (SYMBOLS["correct"], SYMBOLS["wrong"])]
        told = [line[2:].split(" Not yet: ") for line in lines[start:-1]]
        failed = dict(parts for parts in told if len(parts) == 2)
        assert (lines[-1] == "Repaired.") == (not failed) and all(len(seen) > 10 for seen in failed.values())
        return [claim for claim, *_ in told], failed

    claims, failed = judged(broken)
    ever_failed = set(failed)
    assert failed, "the broken model passes"
    for attempt in attempts["right"]:
        assert judged(edited(broken, attempt))[1] == {}, attempt["how"]
    for attempt in attempts["wrong"]:
        _, failed = judged(edited(broken, attempt))
        assert sorted(failed) == sorted(attempt["fails"]), attempt["how"]
        ever_failed |= set(failed)
    assert ever_failed == set(claims), "a test that no attempt fails"


def cells_of(chapter):
    """The sources of the cells before the broken one, the broken one, and the one that judges a repair."""
    cells = jupytext.read(MASTERS / f"{chapter}.py").cells
    (heading,) = [i for i, cell in enumerate(cells) if cell.source.startswith("## Repair: ")]
    before = [cell.source for cell in cells[:heading] if cell.cell_type == "code" and not cell.source.startswith("check(")]
    broken, judging = [cell.source for cell in cells[heading + 1 : heading + 3]]
    assert "judge_repair(" in judging
    return before, broken, judging


def needed(cells, source):
    """The cells, in their order, that last bind what the source reads or what such a cell reads in turn."""
    names, kept = free_names(source), []
    for cell in reversed(cells):
        if bound_names(cell) & names:
            kept.append(cell)
            names = names - bound_names(cell) | free_names(cell)
    return kept[::-1]


def attempts_at(chapter):
    return tomllib.loads((REPAIRS / f"{chapter}.toml").read_text(encoding="utf-8"))


def edited(source, attempt):
    """The broken cell with the attempt's edits, each of which matches once."""
    for old, new in attempt["edits"]:
        assert source.count(old) == 1, f"{attempt['how']}: {old!r} stands {source.count(old)} times in\n{source}"
        source = source.replace(old, new)
    return source

"""The village byte for byte: a hash of every kind of text, split and language, so that moving code changes no corpus.

Checkpoints and recorded runs were made from these very texts. After a change that is meant to change them, write the
hashes anew: `python tests/library/test_village_bytes.py > tests/library/village_bytes.tsv`.
"""

import subprocess
import sys
from collections.abc import Iterator
from hashlib import sha256
from itertools import product
from pathlib import Path

import pytest

from unrolled.data import village
from unrolled.data.village.corpus import LANGUAGES
from unrolled.data.village.splits import SPLITS

EXPECTED = Path(__file__).with_name("village_bytes.tsv")
LENGTHS = (None, (2, 5), (6, 9), (13, 18))
SEEDS = ((0, 1), (7, 4), (2026, 10))  # and by how much fewer are drawn


def rows() -> Iterator[str]:
    """One line for each kind, split and way of drawing it: its name, a tab, a hash of what is said."""
    for split, length in product(SPLITS, LENGTHS):
        n = 3000 if split == "train" else 300
        said = [village.pairs(n // few, split=split, seed=seed, length=length) for seed, few in SEEDS]
        yield row(f"pairs {split} {length}", [[tuple(pair) for pair in pairs] for pairs in said])
    for split, language in product(SPLITS, LANGUAGES):
        yield row(f"sentences {split} {language}", village.sentences(100, split=split, seed=5, language=language))
    for kind, split, language in product(("stories", "reviews", "facts"), SPLITS[:3], LANGUAGES):
        n = 600 if split == "train" else 60
        drawn = [getattr(village, kind)(n // few, split=split, seed=seed, language=language) for seed, few in SEEDS]
        yield row(
            f"{kind} {split} {language}", [[one if kind == "stories" else tuple(one) for one in d] for d in drawn]
        )
    for split, language in product(SPLITS[:3], LANGUAGES):
        n = 30_000 if split == "train" else 5_000
        drawn = [village.summary_pairs(n // 500, split=split, seed=seed, language=language) for seed in (0, 7)]
        yield row(f"summary_pairs {split} {language}", drawn)
        texts = [village.text(n // few, split=split, seed=seed, language=language) for seed, few in SEEDS]
        yield row(f"text {split} {language}", texts)


def row(name: str, said: list) -> str:
    """The line of one kind."""
    return f"{name}\t{sha256(repr(said).encode()).hexdigest()}"


@pytest.fixture(scope="module")
def found() -> dict[str, str]:
    """The hashes, made in a Python of their own, where no types are checked (a tenth of the time)."""
    done = subprocess.run([sys.executable, __file__], check=True, capture_output=True, text=True)
    return dict(line.split("\t") for line in done.stdout.splitlines())


EXPECTED_ROWS = dict(line.split("\t") for line in EXPECTED.read_text(encoding="utf-8").splitlines())


@pytest.mark.parametrize("name", EXPECTED_ROWS)
def test_is_every_text_what_it_was_byte_for_byte(name: str, found: dict[str, str]) -> None:
    assert found[name] == EXPECTED_ROWS[name]


def test_does_the_table_of_hashes_name_every_kind_and_split(found: dict[str, str]) -> None:
    assert found.keys() == EXPECTED_ROWS.keys()
    functions = {name for name in village.__all__ if name.islower() and name != "tokens"}
    assert {name.split()[0] for name in found} == functions
    assert len(set(found.values())) == len(found), "two kinds hash to the same: one of them is not drawn"


if __name__ == "__main__":
    print(*rows(), sep="\n")

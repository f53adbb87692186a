"""Does the order of ties, worth one point of `train_bpe`, cost that and not the points for everything?"""

from collections import Counter

import pytest

from autograder.exercises import find_exercise
from autograder.judge import judge


def first_seen_wins(text, vocab_size, special_tokens=()):
    """As minbpe has it: right but for the order of ties."""
    from unrolled.bpe import count_pairs, merge_pair, pretokenize

    words = [list(word.encode()) for word in pretokenize(text, special_tokens) if word not in special_tokens]
    merges = []
    while len(merges) < vocab_size - 256 - len(special_tokens):
        pairs = Counter(count_pairs(words, [1] * len(words)))
        if not pairs:
            break
        best = max(pairs, key=pairs.get)
        words = [merge_pair(word, best, 256 + len(merges)) for word in words]
        merges.append(best)
    return merges


@pytest.mark.parametrize("seed", [None, *range(20)])
def test_do_words_without_ties_earn_their_points_where_only_ties_are_broken_otherwise(seed):
    verdict = judge(find_exercise("train_bpe"), first_seen_wins, seed, patience=0)
    earned = {group: points for group, points, _ in verdict.groups}
    assert earned["words"] == 2 and earned["ties"] == 0
    assert verdict.diagnosis == "among equally frequent pairs the one that was seen first wins"

"""Chapter 09's noise: T5's example from the paper, what must hold for any text, and what spans look like in the mean."""

from itertools import pairwise

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from unrolled.corruption import (
    corrupt_spans,
    infill_text,
    permute_sentences,
    poisson_spans,
    random_spans,
    to_text_pair,
)
from unrolled.text_to_text import as_batch, as_ids, text_batches, text_vocabulary, village_texts

SENTINELS = list(range(1000, 1100))
drawn = st.tuples(st.integers(2, 60), st.floats(0.05, 0.9), st.floats(1.0, 5.0), st.integers(0, 10_000))


def test_is_it_the_papers_example():
    text = ["Thank", "you", "for", "inviting", "me", "to", "your", "party", "last", "week"]
    read, write = corrupt_spans(list(range(10)), [(2, 2), (8, 1)], [10, 11, 12])
    words = [*text, "<X>", "<Y>", "<Z>"]
    assert " ".join(words[i] for i in read) == "Thank you <X> me to your party <Y> week"
    assert " ".join(words[i] for i in write) == "<X> for inviting <Y> last <Z>"


@given(drawn)
def test_can_the_text_be_put_together_again_from_inputs_and_targets(case):
    length, rate, mean, seed = case
    spans = random_spans(length, rate, mean, torch.Generator().manual_seed(seed))
    ids = list(range(length))
    read, write = corrupt_spans(ids, spans, SENTINELS)
    assert [token for token in write if token >= 1000] == SENTINELS[: len(spans) + 1] and write[-1] >= 1000
    holes, current = {}, None
    for token in write:
        if token >= 1000:
            current = holes.setdefault(token, [])
        else:
            current.append(token)
    assert [word for token in read for word in (holes[token] if token >= 1000 else [token])] == ids


@given(drawn)
def test_are_spans_in_order_apart_and_inside_the_text(case):
    length, rate, mean, seed = case
    for draw in (random_spans, poisson_spans):
        spans = draw(length, rate, mean, torch.Generator().manual_seed(seed))
        assert spans and spans[0][0] >= 0 and spans[-1][0] + spans[-1][1] <= length
        assert all(a + n < b for (a, n), (b, _) in pairwise(spans))
        assert draw is poisson_spans or all(n > 0 for _, n in spans)


def test_hide_spans_the_rate_asked_for_in_pieces_of_the_mean_length():
    spans = [random_spans(200, 0.15, 3.0, torch.Generator().manual_seed(seed)) for seed in range(50)]
    assert all(len(of) == 10 and sum(n for _, n in of) == 30 for of in spans)
    firsts = {of[0][0] == 0 for of in spans}, {sum(of[-1]) == 200 for of in spans}
    assert firsts[0] >= {False} and firsts[1] >= {False}, "the ends are nothing special"


def test_are_lengths_of_bart_poisson_with_mean_three():
    spans = [poisson_spans(400, 0.3, 3.0, torch.Generator().manual_seed(seed)) for seed in range(60)]
    sizes = torch.tensor([n for of in spans for _, n in of[:-1]]).double()
    assert abs(sizes.mean() - 3) < 0.15 and abs(sizes.var() - 3) < 0.35
    assert abs((sizes == 0).double().mean() - 0.0498) < 0.02


def test_does_infilling_put_one_mask_for_a_span_and_one_for_nothing():
    assert infill_text([1, 2, 3, 4], [(0, 2), (3, 0), (4, 0)], 9) == [9, 3, 9, 4, 9]
    assert infill_text([1, 2, 3], [], 9) == [1, 2, 3] and infill_text([1, 2, 3], [(0, 3)], 9) == [9]


def test_does_a_permutation_keep_every_token():
    ids = [5, 6, 0, 7, 0, 8, 9, 4]
    assert permute_sentences(ids, 0, [1, 2, 0]) == [7, 0, 8, 9, 4, 5, 6, 0]
    assert permute_sentences(ids, 0, [0, 1, 2]) == ids and permute_sentences([], 0, []) == []
    assert permute_sentences([0, 0, 1], 0, [2, 1, 0]) == [1, 0, 0]


def test_is_an_unknown_task_refused():
    with pytest.raises(ValueError, match="task is 'sing'; expected 'translate', 'summarize'"):
        to_text_pair("sing", {})


@pytest.mark.parametrize(("score", "written"), [(0, "0.0"), (5, "5.0"), (2.57, "2.6"), (2.74, "2.8"), (4.95, "5.0")])
def test_is_a_score_written_in_steps_of_a_fifth(score, written):
    assert to_text_pair("similarity", {"first": "a", "second": "b", "score": score})[1] == written


def test_does_a_batch_hold_the_texts_with_their_end_marks():
    pairs = village_texts("translate", 20)
    vocabulary = text_vocabulary(pairs, minimum_count=1)
    batch = as_batch(as_ids(pairs[:3], vocabulary))
    assert batch.source_lengths[0] == 10 and batch.target_lengths[0] == 6  # … korean to english : 나는 너를 매우 사랑해
    assert vocabulary.decode(batch.target[0, :6].tolist()) == ["i", "love", "you", "so", "much", "<eos>"]
    drawn = text_batches({"denoise": pairs}, vocabulary, 5)(torch.Generator().manual_seed(0))
    assert (drawn.target[:, 0] == vocabulary.encode(["<extra_id_0>"])[0]).all() and len(drawn.source) == 5


@pytest.mark.parametrize("beside", ["하나 둘", ""])
def test_is_what_stands_beside_a_sentence_read_after_its_holes(beside):
    pairs = [("one two three four", beside)]
    vocabulary = text_vocabulary(pairs, minimum_count=1)
    batch = text_batches({"denoise": pairs}, vocabulary, 40)(torch.Generator().manual_seed(1))
    for read, right in zip(batch.source.tolist(), batch.target.tolist(), strict=True):
        sentinel, word, closing, end = vocabulary.decode(right)
        whole = [word if piece == sentinel else piece for piece in vocabulary.decode(read)]
        assert whole == ["one", "two", "three", "four", *beside.split(), "<eos>"]
        assert (sentinel, closing, end) == ("<extra_id_0>", "<extra_id_1>", "<eos>")


def test_is_a_task_with_three_shares_drawn_three_times_as_often():
    tasks = {"a": [("short", "a")], "b": [("short", "b")]}
    vocabulary, generator = text_vocabulary(tasks["a"] + tasks["b"], minimum_count=1), torch.Generator().manual_seed(0)
    draw = text_batches(tasks, vocabulary, 1, shares={"b": 3})
    drawn = [vocabulary.decode(draw(generator).target[0].tolist())[0] for _ in range(800)]
    assert 550 < drawn.count("b") < 650 and drawn.count("a") + drawn.count("b") == 800

"""The shared translation task: the same for everyone, padded exactly, measured fairly."""

import pytest
import torch

from unrolled.attention import AttentionSeq2Seq
from unrolled.data import village
from unrolled.seq2seq import Seq2Seq, bleu
from unrolled.translation import (
    RANGES,
    evaluate,
    kept_words,
    learn,
    padded,
    translate,
    translation_loss,
    translation_task,
    updates_in_equal_time,
)


@pytest.fixture(scope="module")
def task():
    return translation_task(2500, test=5)


def small(task, model=Seq2Seq, *sizes):
    torch.manual_seed(0)
    return model(len(task.source), len(task.target), 7, 11, *sizes)


def test_is_the_task_the_same_every_time(task):
    again = translation_task(2500, test=5)
    assert again.pairs == task.pairs and again.test == task.test and again.source.words == task.source.words
    one, two = (t.batches(13)(torch.Generator().manual_seed(5)) for t in (task, again))
    assert all(torch.equal(a, b) for a, b in zip(one, two, strict=True))


def test_is_the_love_sentence_learnt_from_and_known_word_for_word(task):
    assert village.LOVE in task.pairs
    assert village.LOVE not in [pair for chosen in task.test.values() for pair in chosen]
    assert task.source.unk not in task.source.encode(village.tokens(village.LOVE.korean))
    assert task.target.unk not in task.target.encode(village.tokens(village.LOVE.english))


def test_is_no_test_sentence_among_those_to_learn_from(task):
    korean, english = ({pair[i] for pair in task.pairs} for i in (0, 1))
    for name, chosen in task.test.items():
        low, high = RANGES[name]
        assert all(low <= len(village.tokens(pair[1])) <= high for pair in chosen)
        assert not any(pair[0] in korean or pair[1] in english for pair in chosen)


def test_do_batches_hold_whole_pairs_with_their_end_marks(task):
    batch = task.batches(64)(torch.Generator().manual_seed(0))
    known = {
        (tuple(task.source.encode(village.tokens(k))), tuple(task.target.encode(village.tokens(e))))
        for k, e in task.pairs
    }
    assert batch.source.shape[1] == batch.source_lengths.max() and batch.target.shape[1] == batch.target_lengths.max()
    for source, m, target, n in zip(*batch, strict=True):
        assert (source[m:] == task.source.pad).all() and (target[n:] == task.target.pad).all()
        assert target[n - 1] == task.target.eos
        assert (tuple(source[:m].tolist()), tuple(target[: n - 1].tolist())) in known


def test_are_all_pairs_equally_likely_to_be_drawn():
    task, generator = translation_task(60, test=1), torch.Generator().manual_seed(0)
    draw, counts = task.batches(60), {}
    for _ in range(200):
        batch = draw(generator)
        for row, n in zip(batch.target, batch.target_lengths, strict=True):
            counts[tuple(row[:n].tolist())] = counts.get(tuple(row[:n].tolist()), 0) + 1
    assert min(counts.values()) > 140 and max(counts.values()) / min(counts.values()) < 5  # some become equal by <unk>


def test_does_padding_a_batch_further_change_nothing(task):
    batch = task.batches(8)(torch.Generator().manual_seed(3))
    wider = batch._replace(
        source=torch.nn.functional.pad(batch.source, (0, 3), value=5),
        target=torch.nn.functional.pad(batch.target, (0, 2), value=6),
    )
    for model in (small(task), small(task, AttentionSeq2Seq, 5)):
        torch.testing.assert_close(translation_loss(model.double(), batch), translation_loss(model.double(), wider))


def test_are_scores_bleu_of_what_is_translated(task):
    model = small(task)
    scores = evaluate(model, task)
    assert list(scores) == list(RANGES)
    chosen = task.test["7–9"]
    written = [text.split() for text in translate(model, task, [pair[0] for pair in chosen])]
    assert scores["7–9"] == bleu(written, [village.tokens(pair[1]) for pair in chosen])


def test_does_a_perfect_translator_score_100(task):
    answers = {
        tuple(task.source.encode(village.tokens(k))): task.target.encode(village.tokens(e))
        for chosen in task.test.values()
        for k, e in chosen
    }

    class Cheat(torch.nn.Linear):
        def translate(self, source, lengths, *, bos, eos, max_length):
            return [answers[tuple(row[:n].tolist())] for row, n in zip(source, lengths, strict=True)]

    scores = evaluate(Cheat(1, 1), task)
    unknown = {name: any(task.target.unk in task.target.encode(village.tokens(e)) for _, e in chosen)
               for name, chosen in task.test.items()}  # fmt: skip
    assert all(score == pytest.approx(100) or unknown[name] for name, score in scores.items())


def test_are_the_words_kept_those_of_a_translator_that_says_always_the_same(task):
    class Parrot(torch.nn.Linear):
        def translate(self, source, lengths, *, bos, eos, max_length):
            return [task.target.encode(["the", "the"]) for _ in source]

    for name, shares in kept_words(Parrot(1, 1), task).items():
        words = [village.tokens(english) for _, english in task.test[name]]
        grammar = [[word for word in text if word in task.target.words[4:44]] for text in words]
        said = sum(min(2, text.count("the")) for text in words)
        assert shares == {"grammar": pytest.approx(said / sum(map(len, grammar))), "other": 0.0}


def test_does_learning_lower_the_loss_and_score_when_asked(task):
    model = small(task)
    history, scores = learn(model, task, at=(2, 40), preset="cpu")
    assert len(history) == 40 and list(scores) == [2, 40] and history.losses[-1] < history.losses[0] - 0.1
    assert learn(small(task), task, at=(5,), preset="cpu")[0].losses == history.losses[:5]


def test_does_evaluating_leave_the_mode_and_the_random_numbers_alone(task):
    model = small(task).train()
    before = torch.get_rng_state()
    evaluate(model, task)
    assert model.training and torch.equal(before, torch.get_rng_state())


def test_is_a_model_given_about_as_many_updates_as_itself(task):
    model = small(task)
    weights = [parameter.clone() for parameter in model.parameters()]
    assert 50 <= updates_in_equal_time(model, small(task), task, updates=100) <= 200
    assert all(map(torch.equal, weights, model.parameters()))


def test_are_rows_padded_to_the_longest():
    filled, lengths = padded([[3], [4, 5, 6]], pad=0)
    assert filled.tolist() == [[3, 0, 0], [4, 5, 6]] and lengths.tolist() == [1, 3]

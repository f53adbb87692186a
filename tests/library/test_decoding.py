"""The choices of the next word against Hugging Face's logits processors, and drawing against counts."""

import pytest
import torch
from transformers import (
    NoRepeatNGramLogitsProcessor,
    RepetitionPenaltyLogitsProcessor,
    TemperatureLogitsWarper,
    TopKLogitsWarper,
    TopPLogitsWarper,
)

from unrolled.decoding import (
    block_repeated_ngrams,
    generate,
    greedy,
    repetition_penalty,
    sample,
    top_k_filter,
    top_p_filter,
)

ROWS, VOCABULARY, TIME = 5, 17, 11
seeds = pytest.mark.parametrize("seed", range(20))


def scores(seed, scale=2.0):
    generator = torch.Generator().manual_seed(seed)
    return scale * torch.randn(ROWS, VOCABULARY, dtype=torch.float64, generator=generator)


def text(seed, vocabulary=VOCABULARY, time=TIME):
    return torch.randint(vocabulary, (ROWS, time), generator=torch.Generator().manual_seed(seed))


@seeds
@pytest.mark.parametrize("k", [1, 2, 7, VOCABULARY, 100])
def test_is_top_k_hugging_faces(seed, k):
    logits = scores(seed).round()  # with ties
    assert torch.equal(top_k_filter(logits, k), TopKLogitsWarper(k)(text(seed), logits))


@seeds
@pytest.mark.parametrize("p", [1e-6, 0.1, 0.5, 0.9, 0.999])
def test_is_top_p_hugging_faces(seed, p):
    logits = scores(seed)
    assert torch.equal(top_p_filter(logits, p), TopPLogitsWarper(p)(text(seed), logits))


@seeds
def test_do_filters_follow_one_another_as_hugging_faces_do(seed):
    logits = scores(seed)
    ours = top_p_filter(top_k_filter(logits / 0.7, 5), 0.8)
    theirs = logits
    for warper in (TemperatureLogitsWarper(0.7), TopKLogitsWarper(5), TopPLogitsWarper(0.8)):
        theirs = warper(text(seed), theirs)
    torch.testing.assert_close(ours, theirs)


@pytest.mark.parametrize("best", [0.0, 20.0])
def test_does_a_nucleus_of_everything_keep_everything(best):
    logits = scores(0).float()
    logits[:, 5] += best  # so probable that in single precision it has all
    assert torch.equal(top_p_filter(logits, 1), logits)


@seeds
@pytest.mark.parametrize("penalty", [1.0, 1.3, 5.0, 0.7])
def test_is_the_penalty_hugging_faces(seed, penalty):
    logits, ids = scores(seed), text(seed)
    before = logits.clone()
    torch.testing.assert_close(
        repetition_penalty(logits, ids, penalty), RepetitionPenaltyLogitsProcessor(penalty)(ids, logits.clone())
    )
    assert torch.equal(logits, before)


@seeds
@pytest.mark.parametrize("n", [1, 2, 3, 4])
@pytest.mark.parametrize(("prompt", "written"), [(1, 0), (2, 0), (1, 2), (0, 3), (13, 0), (5, 19)])
def test_is_blocking_hugging_faces(seed, n, prompt, written):
    logits, ids = scores(seed), text(seed, vocabulary=3, time=prompt + written)
    before = logits.clone()
    blocked = block_repeated_ngrams(logits, ids[:, :prompt], ids[:, prompt:], n)
    assert torch.equal(blocked, NoRepeatNGramLogitsProcessor(n)(ids, logits.clone()))
    assert torch.equal(logits, before) and blocked is not logits


@pytest.mark.parametrize("temperature", [0.5, 1.0, 2.0])
def test_are_evenly_spaced_numbers_shared_out_in_proportion(temperature):
    logits, n = scores(1)[:1], 100_000
    uniform = (torch.arange(n, dtype=torch.float64) + 0.5) / n
    counts = sample(logits.expand(n, -1), uniform, temperature).bincount(minlength=VOCABULARY)
    expected = n * (logits[0] / temperature).softmax(-1)
    assert (counts - expected).abs().max() <= 1


def test_is_the_draw_that_of_the_inverse_distribution_function():
    logits, uniform = scores(2), torch.rand(ROWS, dtype=torch.float64, generator=torch.Generator().manual_seed(1))
    expected = torch.searchsorted(logits.softmax(-1).cumsum(-1), uniform[:, None], right=True)[:, 0]
    assert torch.equal(sample(logits, uniform), expected)


@pytest.mark.parametrize("uniform", [0.0, 1 - 2**-24])
def test_is_a_word_without_probability_never_drawn_not_even_at_the_ends(uniform):
    logits = torch.randn(ROWS, 50_000, generator=torch.Generator().manual_seed(0))
    logits[:, :100] = logits[:, -100:] = float("-inf")
    drawn = sample(logits, torch.full((ROWS,), uniform))
    assert logits.gather(1, drawn[:, None]).isfinite().all()


def test_is_a_small_temperature_greedy_and_a_large_one_even():
    logits = scores(3)
    uniform = torch.full((ROWS,), 0.999, dtype=torch.float64)
    assert torch.equal(sample(logits, uniform, 1e-3), logits.argmax(-1))
    assert (sample(logits, uniform, 1e6) == VOCABULARY - 1).all()


def table_step(seed):
    """A step function that remembers the sum of all it has read."""
    table = scores(seed).new_zeros(VOCABULARY, VOCABULARY).normal_(generator=torch.Generator().manual_seed(seed))

    def step(ids, state):
        total = table[ids].sum(1) + (state[0] if state else 0)
        return total, [total]

    return step


@seeds
def test_does_each_row_stop_at_its_own_end_and_not_mind_the_others(seed):
    step, prompt = table_step(seed), text(seed, time=3)
    together = greedy(step, prompt, max_length=7, eos=0)
    assert together == [greedy(step, row[None], max_length=7, eos=0)[0] for row in prompt]
    for row in together:
        assert len(row) == 7 or row[-1] == 0
        assert 0 not in row[:-1]


def test_does_the_choice_see_the_prompt_and_all_that_was_written():
    seen = []

    def choose(logits, ids):
        seen.append(ids.tolist())
        return logits.argmax(-1)

    [written] = generate(table_step(0), torch.tensor([[5, 6]]), choose, max_length=3, eos=-1)
    assert seen == [[[5, 6]], [[5, 6, *written[:1]]], [[5, 6, *written[:2]]]]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: top_k_filter(scores(0), 0), "k is 0; expected at least 1"),
        (lambda: top_p_filter(scores(0), 0.0), "p is 0.0; expected a probability"),
        (lambda: top_p_filter(scores(0), 1.5), "p is 1.5; expected a probability"),
        (lambda: sample(scores(0), torch.rand(ROWS), 0), "temperature is 0; expected more than 0"),
        (lambda: repetition_penalty(scores(0), text(0), 0), "penalty is 0; expected more than 0"),
        (lambda: block_repeated_ngrams(scores(0), text(0), text(1), 0), "n is 0; expected at least 1"),
    ],
)
def test_is_a_wrong_argument_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()

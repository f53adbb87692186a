"""Beam search against Hugging Face's `generate`, and the exact search against trying every sequence."""

import itertools

import pytest
import torch
from transformers import GPT2Config, GPT2LMHeadModel

from unrolled.beam_search import beam_search, most_probable
from unrolled.decoding import greedy

EOS = 0
VOCABULARY = 13


@pytest.fixture(scope="module", params=[0, 1, 2])
def gpt(request):
    """A tiny random GPT-2, its scores spread out enough that texts differ in length and value."""
    torch.manual_seed(request.param)
    config = GPT2Config(
        vocab_size=VOCABULARY, n_positions=32, n_embd=12, n_layer=2, n_head=3, initializer_range=0.6,
        bos_token_id=EOS, eos_token_id=EOS, pad_token_id=EOS,
    )  # fmt: skip
    return GPT2LMHeadModel(config).eval()


def step_of(model):
    """The model as a step function; its state is all that was read so far."""

    def step(ids, state):
        ids = torch.cat([state[0], ids], dim=1) if state else ids
        return model(ids).logits[:, -1], [ids]

    return step


def theirs(model, prompt, beam_size, max_length, **options):
    """What Hugging Face's beam search finds, as (score, words) lists for each prompt."""
    found = model.generate(
        prompt, attention_mask=torch.ones_like(prompt), num_beams=beam_size, num_return_sequences=beam_size,
        max_new_tokens=max_length, do_sample=False, output_scores=True, return_dict_in_generate=True, **options,
    )  # fmt: skip
    texts = [row[: row.index(EOS) + 1] if EOS in row else row for row in found.sequences[:, prompt.shape[1] :].tolist()]
    pairs = list(zip(found.sequences_scores.tolist(), texts, strict=True))
    return [pairs[i : i + beam_size] for i in range(0, len(pairs), beam_size)]


@pytest.mark.parametrize("early_stopping", [True, False])
@pytest.mark.parametrize("length_penalty", [0.0, 1.0, 2.3, -1.0])
@pytest.mark.parametrize(("batch", "beam_size", "max_length"), [(1, 2, 11), (3, 3, 7), (2, 5, 11), (5, 4, 2)])
def test_is_beam_search_hugging_faces(gpt, early_stopping, length_penalty, batch, beam_size, max_length):
    prompt = torch.randint(1, VOCABULARY, (batch, 3), generator=torch.Generator().manual_seed(beam_size))
    options = {"early_stopping": early_stopping, "length_penalty": length_penalty}
    ours = beam_search(step_of(gpt), prompt, beam_size=beam_size, max_length=max_length, eos=EOS, **options)
    expected = theirs(gpt, prompt, beam_size, max_length, **options)
    assert [[text for _, text in beams] for beams in ours] == [[text for _, text in beams] for beams in expected]
    for a, b in zip(itertools.chain(*ours), itertools.chain(*expected), strict=True):
        assert a[0] == pytest.approx(b[0], abs=1e-4)


@pytest.mark.parametrize("early_stopping", [True, False])
@pytest.mark.parametrize("length_penalty", [0.0, 1.0, -1.0])
def test_is_one_beam_greedy(gpt, early_stopping, length_penalty):
    prompt = torch.randint(1, VOCABULARY, (7, 3), generator=torch.Generator().manual_seed(1))
    options = {"early_stopping": early_stopping, "length_penalty": length_penalty}
    beams = beam_search(step_of(gpt), prompt, beam_size=1, max_length=11, eos=EOS, **options)
    assert [text for [(_, text)] in beams] == greedy(step_of(gpt), prompt, max_length=11, eos=EOS)


def test_is_greedy_hugging_faces(gpt):
    prompt = torch.randint(1, VOCABULARY, (7, 3), generator=torch.Generator().manual_seed(2))
    found = gpt.generate(prompt, attention_mask=torch.ones_like(prompt), max_new_tokens=11, do_sample=False)
    rows = [row[: row.index(EOS) + 1] if EOS in row else row for row in found[:, 3:].tolist()]
    assert greedy(step_of(gpt), prompt, max_length=11, eos=EOS) == rows


def test_are_all_beams_of_all_prompts_read_in_one_call_a_round(gpt):
    sizes, step = [], step_of(gpt)

    def counting(ids, state):
        sizes.append(tuple(ids.shape))
        return step(ids, state)

    beam_search(counting, torch.ones(2, 3, dtype=torch.long), beam_size=5, max_length=4, eos=-1)
    assert sizes == [(2, 3), (10, 1), (10, 1), (10, 1)]


def every_text(step, prompt, max_length):
    """The log-probability of every continuation that ends in EOS or is as long as it may be."""
    found = {}
    for length in range(1, max_length + 1):
        for words in itertools.product(range(1, 5), repeat=length):
            ends = [words] if length == max_length else []
            for text in (*ends, (*words[:-1], EOS)):
                ids = torch.cat([prompt, torch.tensor([text])], dim=1)
                total = 0.0
                for i in range(prompt.shape[1], ids.shape[1]):
                    total += step(ids[:, :i], None)[0].log_softmax(-1)[0, ids[0, i]].item()
                found[text] = total
    return found


@pytest.mark.parametrize("seed", range(5))
def test_does_the_exact_search_find_the_best_of_all(seed):
    table = 2 * torch.randn(5, 5, generator=torch.Generator().manual_seed(seed))

    def step(ids, state):  # what was read counts, the older the less
        total = state[0] if state else torch.zeros(len(ids), 5)
        for word in ids.unbind(1):
            total = table[word] + 0.6 * total
        return total, [total]

    prompt = torch.tensor([[1, 2]])
    texts = every_text(step, prompt, max_length=4)
    score, words = most_probable(step, prompt, max_length=4, eos=EOS)
    assert tuple(words) == max(texts, key=texts.get) and score == pytest.approx(max(texts.values()), abs=1e-5)
    for beam_size in (1, 3):
        [beams] = beam_search(step, prompt, beam_size=beam_size, max_length=4, eos=EOS, length_penalty=0)
        assert all(total == pytest.approx(texts[tuple(text)], abs=1e-5) for total, text in beams)
    [beams] = beam_search(step, prompt, beam_size=200, max_length=4, eos=EOS, length_penalty=0)
    assert [tuple(text) for _, text in beams[:5]] == sorted(texts, key=texts.get, reverse=True)[:5]


def test_does_the_state_go_with_its_beam():
    """A model that remembers all it has read beside one that reads it anew."""
    table = torch.randn(7, 7, generator=torch.Generator().manual_seed(3))

    def step(ids, state):
        total = table[ids].sum(1) + (state[0] if state else 0)
        return total, [total]

    def anew(ids, state):
        ids = torch.cat([state[0], ids], dim=1) if state else ids
        return table[ids].sum(1), [ids]

    prompt = torch.tensor([[1, 2], [3, 4], [6, 5]])
    options = {"beam_size": 3, "max_length": 6, "eos": 0}
    ours, theirs = beam_search(step, prompt, **options), beam_search(anew, prompt, **options)
    assert [[text for _, text in beams] for beams in ours] == [[text for _, text in beams] for beams in theirs]
    alone = beam_search(step, prompt[1:2], **options)
    assert [text for _, text in ours[1]] == [text for _, text in alone[0]]


def test_does_a_state_from_before_the_prompt_count():
    table = torch.eye(5)

    def step(ids, state):
        return table[ids[:, -1]] + state[0], state

    [beams] = beam_search(
        step, torch.tensor([[1]]), beam_size=2, max_length=1, eos=0, state=[torch.tensor([[0.0, 0.0, 0.0, 5.0, 0.0]])]
    )
    assert beams[0][1] == [3]


def test_is_a_wrong_beam_size_named():
    with pytest.raises(ValueError, match="beam_size is 0; expected at least 1"):
        beam_search(
            lambda ids, state: (torch.eye(5)[ids[:, -1]], []), torch.tensor([[1]]), beam_size=0, max_length=1, eos=0
        )

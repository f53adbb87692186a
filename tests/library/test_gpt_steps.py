"""Prompts of unequal length and texts without end: batches against row by row, and against Hugging Face's `generate`."""

import pytest
import torch
from transformers import GPT2Config, GPT2LMHeadModel, LogitsProcessorList, NoRepeatNGramLogitsProcessor

from unrolled.beam_search import beam_search, processed
from unrolled.decoding import block_repeated_ngrams, generate, greedy, sample
from unrolled.gpt import GPT, GPTConfig
from unrolled.gpt_steps import cropped_step, padded_step
from unrolled.greedy import generate as write
from unrolled.huggingface.stepping import step_of

WORDS, EOS, LENGTHS = 17, 2, (5, 1, 3, 2)


def theirs(seed=0, positions=31):
    torch.manual_seed(seed)
    sizes = {"vocab_size": WORDS, "n_positions": positions, "n_embd": 15, "n_head": 3, "n_layer": 2, "n_inner": 13}
    config = GPT2Config(**sizes, initializer_range=0.7, bos_token_id=1, eos_token_id=EOS, pad_token_id=EOS)
    return GPT2LMHeadModel(config).eval()


def prompts(seed=0):
    """Rows of 5, 1, 3 and 2 words, padded in front."""
    ids = torch.randint(3, WORDS, (len(LENGTHS), max(LENGTHS)), generator=torch.Generator().manual_seed(seed))
    real = torch.arange(max(LENGTHS)) >= max(LENGTHS) - torch.tensor(LENGTHS)[:, None]
    return ids * real, real


def rows(prompt, real):
    return [row[mask][None] for row, mask in zip(prompt, real, strict=True)]


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("mask", ["boolean", "of 0 and 1"])
def test_does_each_padded_row_go_on_as_if_alone(seed, mask):
    model, (prompt, real) = GPT.from_huggingface(theirs(seed)), prompts(seed)
    step = padded_step(model, real if mask == "boolean" else real.long())
    together = greedy(step, prompt, max_length=9, eos=EOS)
    assert together == [greedy(model.step, row, max_length=9, eos=EOS)[0] for row in rows(prompt, real)]
    written = write(step, prompt, max_new_tokens=9, eos=EOS)[:, prompt.shape[1] :]
    expected = theirs(seed).generate(prompt, attention_mask=real.long(), max_new_tokens=9, do_sample=False)
    assert torch.equal(written, expected[:, prompt.shape[1] :])


@pytest.mark.parametrize("seed", range(3))
def test_do_sampling_and_beams_go_on_from_padded_rows(seed):
    model, (prompt, real) = GPT.from_huggingface(theirs(seed)), prompts(seed)
    step, options = padded_step(model, real), {"max_length": 7, "eos": EOS}

    def drawing(row=slice(None)):
        generator = torch.Generator().manual_seed(3)
        return lambda logits, ids: sample(logits, torch.rand(len(LENGTHS), generator=generator)[row])

    drawn = generate(step, prompt, drawing(), **options)
    beams = beam_search(step, prompt, beam_size=3, **options)
    for i, row in enumerate(rows(prompt, real)):
        assert [drawn[i]] == generate(model.step, row, drawing(slice(i, i + 1)), **options)
        [alone] = beam_search(model.step, row, beam_size=3, **options)
        assert [text for _, text in beams[i]] == [text for _, text in alone]


@pytest.mark.parametrize("mask", [[[True, False]], [[True, False, True]], [[False, False]]])
def test_is_padding_elsewhere_than_in_front_refused(mask):
    with pytest.raises(ValueError, match=r"^attention_mask has padding inside or at the end"):
        padded_step(GPT.from_huggingface(theirs()), torch.tensor(mask))


def test_is_a_text_cropped_to_the_models_positions_on_request():
    model = GPT.from_huggingface(theirs(positions=7))
    prompt = torch.tensor([[3, 4, 5], [6, 7, 8]])
    text = prompt
    for _ in range(13):  # by hand: the last seven words are read each time
        text = torch.cat([text, model(text[:, -7:])[:, -1].argmax(-1, keepdim=True)], dim=1)
    assert torch.equal(write(cropped_step(model), prompt, max_new_tokens=13), text)
    with pytest.raises(ValueError, match=r"^input_ids reaches place 8; expected at most 7"):
        write(model.step, prompt, max_new_tokens=13)


@pytest.mark.parametrize("seed", range(3))
def test_can_hugging_faces_cache_be_the_state(seed):
    reference, prompt = theirs(seed), prompts(seed)[0].clamp(min=3)
    model = GPT.from_huggingface(reference)
    options = {"beam_size": 3, "max_length": 7, "eos": EOS}
    ours, with_theirs = (beam_search(step, prompt, **options) for step in (model.step, step_of(reference)))
    assert [[text for _, text in of] for of in ours] == [[text for _, text in of] for of in with_theirs]
    seen = reference(prompt[:, :3], use_cache=True).past_key_values
    scores, state = step_of(reference)(prompt[:, 3:], seen)
    expected, cache = model.step(prompt)
    torch.testing.assert_close(scores, expected, atol=1e-4, rtol=1e-4)
    torch.testing.assert_close(state, cache, atol=1e-4, rtol=1e-4)


@pytest.mark.parametrize("seed", range(7))
@pytest.mark.parametrize("n", [1, 2])
def test_are_beams_with_a_processor_hugging_faces(seed, n):
    reference, prompt = theirs(seed), prompts(seed)[0].clamp(min=3)
    step = processed(
        GPT.from_huggingface(reference).step,
        lambda log_p, ids: block_repeated_ngrams(log_p, ids, ids[:, :0], n),
    )
    ours = beam_search(step, prompt, beam_size=3, max_length=7, eos=EOS)
    found = reference.generate(
        prompt, attention_mask=torch.ones_like(prompt), num_beams=3, num_return_sequences=3, max_new_tokens=7,
        do_sample=False, logits_processor=LogitsProcessorList([NoRepeatNGramLogitsProcessor(n)]),
        output_scores=True, return_dict_in_generate=True,
    )  # fmt: skip
    texts = found.sequences[:, prompt.shape[1] :].tolist()
    texts = [row[: row.index(EOS) + 1] if EOS in row else row for row in texts]
    assert [text for of in ours for _, text in of] == texts
    scores = torch.tensor([score for of in ours for score, _ in of])
    torch.testing.assert_close(scores, found.sequences_scores, atol=1e-4, rtol=1e-4)


def test_are_sizes_that_the_model_lacks_refused():
    model = GPT(GPTConfig(vocabulary=WORDS, positions=3, d_model=6, heads=2, layers=1, d_ff=7))
    step = padded_step(model, torch.tensor([[0, 1, 1, 1, 1]]))
    with pytest.raises(ValueError, match=r"^ids reaches place 4; expected at most 3"):
        step(torch.tensor([[0, 4, 5, 6, 7]]), None)

"""Chapter 09's BART against Hugging Face's: outputs, gradients, generation, and what is refused."""

import pytest
import torch

from unrolled.bart import Bart, BartBlock
from unrolled.huggingface.bart import NAMES
from unrolled.huggingface.door import our_name
from unrolled.self_attention import causal_mask
from unrolled.transformer import DecoderBlock

transformers = pytest.importorskip("transformers")

BATCH, SOURCE, TARGET = 3, 11, 7
SIZES = dict(
    vocab_size=37, max_position_embeddings=23, d_model=30, activation_function="gelu",
    encoder_layers=2, encoder_attention_heads=5, encoder_ffn_dim=17,
    decoder_layers=3, decoder_attention_heads=3, decoder_ffn_dim=19,
)  # fmt: skip


def huggingface(dtype=torch.float32, **changes):
    """A random BartForConditionalGeneration of odd sizes, none of its weights a 0 or a 1."""
    torch.manual_seed(0)
    settings = SIZES | {"attn_implementation": "eager", "forced_eos_token_id": None} | changes
    model = transformers.BartForConditionalGeneration(transformers.BartConfig(**settings)).eval()
    for parameter in model.parameters():
        parameter.data = parameter.data + 0.2 * torch.randn_like(parameter)
    model.final_logits_bias += torch.randn(1, 37)
    return model.to(dtype)


def inputs():
    generator = torch.Generator().manual_seed(1)
    source, target = (torch.randint(3, 37, (BATCH, n), generator=generator) for n in (SOURCE, TARGET))
    lengths, target_lengths = torch.tensor([SOURCE, 2, 5]), torch.tensor([3, TARGET, 6])
    return {
        "input_ids": source,
        "attention_mask": (torch.arange(SOURCE) < lengths[:, None]).long(),
        "decoder_input_ids": target,
        "decoder_attention_mask": (torch.arange(TARGET) < target_lengths[:, None]).long(),
    }


@pytest.mark.parametrize("kind", [{}, {"scale_embedding": True}, {"activation_function": "relu", "decoder_layers": 1}])
@pytest.mark.parametrize(("dtype", "tolerance"), [(torch.float32, 1e-5), (torch.float64, 1e-10)])
@pytest.mark.parametrize("masked", [False, True])
def test_are_the_scores_hugging_faces(kind, dtype, tolerance, masked):
    theirs = huggingface(dtype, **kind)
    ours, batch = Bart.from_huggingface(theirs), inputs()
    if not masked:
        batch = {name: tensor for name, tensor in batch.items() if "mask" not in name}
    scores, expected = ours(**batch), theirs(**batch, use_cache=False).logits
    assert scores.dtype == dtype and expected.abs().max() > 1
    torch.testing.assert_close(scores, expected, atol=tolerance, rtol=tolerance)


def test_are_the_gradients_hugging_faces():
    theirs = huggingface(torch.float64)
    ours, batch = Bart.from_huggingface(theirs), inputs()
    direction = torch.randn(BATCH, TARGET, 37, dtype=torch.float64)
    (ours(**batch) * direction).sum().backward()
    (theirs(**batch, use_cache=False).logits * direction).sum().backward()
    gradients = {name: parameter.grad for name, parameter in ours.named_parameters()}
    compared = {our_name(name, NAMES): parameter.grad for name, parameter in theirs.named_parameters()}
    assert gradients.keys() == compared.keys()
    for name, gradient in gradients.items():
        torch.testing.assert_close(gradient, compared[name], atol=1e-8, rtol=1e-8)


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("activation_function", "silu", "activation_function is 'silu'; expected 'gelu' or 'relu'"),
        ("model_type", "mbart", "model_type is 'mbart'; expected 'bart'"),
        ("is_encoder_decoder", False, "is_encoder_decoder is False; expected True"),
        ("tie_word_embeddings", False, "tie_word_embeddings is False; expected True"),
    ],
)
def test_is_a_configuration_that_bart_has_not_refused(field, value, message):
    theirs = huggingface()
    setattr(theirs.config, field, value)
    with pytest.raises(ValueError, match=message):
        Bart.from_huggingface(theirs)


def test_does_the_cache_change_nothing_and_can_rows_be_reordered():
    ours, batch = Bart.from_huggingface(huggingface()), inputs()
    words = batch["decoder_input_ids"]
    whole = ours(batch["input_ids"], words, batch["attention_mask"])
    state = ours.start(batch["input_ids"], batch["attention_mask"])
    for first, last in ((0, 1), (1, 4), (4, 5), (5, 6)):
        scores, state = ours.step(words[:, first:last], state)
        torch.testing.assert_close(scores, whole[:, last - 1], atol=1e-5, rtol=1e-5)
    rows = torch.tensor([2, 0, 0, 1])
    scores, _ = ours.step(words[rows, 6:], [tensor[rows] for tensor in state])
    torch.testing.assert_close(scores, whole[rows, 6], atol=1e-5, rtol=1e-5)


def test_is_greedy_generation_hugging_faces():
    theirs, batch = huggingface(decoder_layers=2), inputs()
    source = {name: batch[name] for name in ("input_ids", "attention_mask")}
    settings = dict(max_new_tokens=13, do_sample=False, num_beams=1, decoder_start_token_id=2, pad_token_id=1)
    eos = theirs.generate(**source, **settings, eos_token_id=1)[0, 5].item()  # a token that does come up ends the texts
    expected = theirs.generate(**source, **settings, eos_token_id=eos)
    found = Bart.from_huggingface(theirs).generate(**source, start=2, eos=eos, max_length=13)
    until = [[*row[1:].tolist(), eos] for row in expected]
    assert found == [row[: row.index(eos)] for row in until] and min(map(len, found)) < 13


def test_is_its_block_with_a_relu_chapter_sixs():
    torch.manual_seed(0)
    ours, theirs = BartBlock(6, 3, 11, "relu", decoder=True).double(), DecoderBlock(6, 3, 11).double()
    weights = {name.replace("feed_forward.", ""): weight for name, weight in theirs.state_dict().items()}
    ours.load_state_dict(weights)
    x, memory = torch.randn(2, 5, 6, dtype=torch.float64), torch.randn(2, 7, 6, dtype=torch.float64)
    seen = (*ours.cross_attention.remember(memory), torch.ones(1, 1, 1, 7, dtype=torch.bool))
    output, _ = ours(x, causal_mask(5)[None, None], memory=seen)
    torch.testing.assert_close(output, theirs(x, memory)[0])

"""Chapter 08's library against Hugging Face's GPT-2, torch's attention, and hand arithmetic."""

import pytest
import torch
import torch.nn.functional as F
from torch import nn
from transformers import GPT2Config, GPT2LMHeadModel
from transformers.loss.loss_utils import ForCausalLMLoss

from unrolled.gpt import (
    GPT,
    CachedAttention,
    GPTBlock,
    GPTConfig,
    attention_weights,
    causal_lm_loss,
    from_huggingface,
    generate,
    parameter_count,
)
from unrolled.self_attention import causal_mask, padding_mask, scaled_dot_product_attention

BATCH, TIME, D_MODEL, HEADS, D_FF, VOCABULARY, POSITIONS = 3, 7, 15, 5, 11, 19, 23
LENGTHS = torch.tensor([TIME, 2, 4])


def normal(*shape, seed=0):
    return torch.randn(shape, dtype=torch.float64, generator=torch.Generator().manual_seed(seed + sum(shape)))


def some_ids(*shape, seed=0):
    return torch.randint(VOCABULARY, shape, generator=torch.Generator().manual_seed(seed))


def randomised(module, scale=0.3, seed=1):
    """The module in float64, none of its weights a 0 or a 1."""
    generator = torch.Generator().manual_seed(seed)
    module = module.double()
    for parameter in module.parameters():
        parameter.data += scale * torch.randn(parameter.shape, generator=generator, dtype=torch.float64)
    return module


def theirs(seed=1, scale=0.3, **changes):
    """A random GPT-2 of Hugging Face's, of odd sizes, in float64."""
    sizes = {"vocab_size": VOCABULARY, "n_positions": POSITIONS, "n_embd": D_MODEL, "n_head": HEADS, "n_layer": 3}
    sizes |= {"n_inner": D_FF, "resid_pdrop": 0.0, "embd_pdrop": 0.0, "attn_pdrop": 0.0, "layer_norm_epsilon": 1e-3}
    sizes |= {"bos_token_id": 1, "eos_token_id": 2, "pad_token_id": 0} | changes
    return randomised(GPT2LMHeadModel(GPT2Config(**sizes)).eval(), scale, seed)


def ours(**changes):
    sizes = {"vocabulary": VOCABULARY, "positions": POSITIONS, "d_model": D_MODEL, "heads": HEADS, "layers": 3}
    return randomised(GPT(GPTConfig(**sizes | {"d_ff": D_FF} | changes)))


@pytest.mark.parametrize("tied", [True, False])
@pytest.mark.parametrize("dtype", [torch.float64, torch.float32])
@pytest.mark.parametrize("padding", [None, "right", "left"])
def test_does_it_compute_what_hugging_faces_does(tied, dtype, padding):
    reference = theirs(tie_word_embeddings=tied).to(dtype)
    model, ids = GPT.from_huggingface(reference), some_ids(BATCH, TIME)
    mask, real = None, torch.ones(BATCH, TIME, dtype=torch.bool)
    if padding:
        real = padding_mask(LENGTHS, TIME)
        real = real.flip(1) if padding == "left" else real
        mask = real.long()
    expected = reference(ids, attention_mask=mask).logits
    tolerance = 1e-10 if dtype == torch.float64 else 1e-5
    assert expected.std() > 0.5  # else the tolerance would say nothing
    for given in (mask, real if padding else None):
        torch.testing.assert_close(model(ids, given)[real], expected[real], rtol=0, atol=tolerance)


@pytest.mark.parametrize("n_inner", [D_FF, None])
@pytest.mark.parametrize("activation", ["gelu_new", "gelu_pytorch_tanh"])
def test_are_sizes_and_activations_understood(n_inner, activation):
    reference = theirs(n_inner=n_inner, activation_function=activation)
    torch.testing.assert_close(GPT.from_huggingface(reference)(some_ids(2, 5)), reference(some_ids(2, 5)).logits)


def test_are_the_gradients_hugging_faces():
    reference = theirs().train()  # there is no dropout
    model, ids, real = GPT.from_huggingface(reference), some_ids(BATCH, TIME), padding_mask(LENGTHS, TIME)
    direction = normal(BATCH, TIME, VOCABULARY) * real[..., None]
    (model(ids, real) * direction).sum().backward()
    (reference(ids, attention_mask=real.long()).logits * direction).sum().backward()
    pairs = [
        (model.embedding, reference.transformer.wte, False),
        (model.position, reference.transformer.wpe, False),
        (model.norm, reference.transformer.ln_f, False),
    ]
    for a, b in zip(model.blocks, reference.transformer.h, strict=True):
        pairs += [(a.attention_norm, b.ln_1, False), (a.feed_forward_norm, b.ln_2, False)]
        pairs += [(a.attention.qkv, b.attn.c_attn, True), (a.attention.output, b.attn.c_proj, True)]
        pairs += [(a.expand, b.mlp.c_fc, True), (a.contract, b.mlp.c_proj, True)]
    for a, b, transposed in pairs:
        gradient = b.weight.grad.T if transposed else b.weight.grad
        torch.testing.assert_close(a.weight.grad, gradient, rtol=1e-8, atol=1e-10)
        if getattr(a, "bias", None) is not None:
            torch.testing.assert_close(a.bias.grad, b.bias.grad, rtol=1e-8, atol=1e-10)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("scale_attn_by_inverse_layer_idx", True),
        ("scale_attn_weights", False),
        ("reorder_and_upcast_attn", True),
        ("add_cross_attention", True),
        ("activation_function", "gelu"),
        ("activation_function", "relu"),
    ],
)
def test_is_a_configuration_that_we_do_not_understand_refused(field, value):
    with pytest.raises(ValueError, match=f"^the model's {field} is {value!r}; expected"):
        GPT.from_huggingface(theirs(**{field: value}))


def test_does_a_class_of_ones_own_get_the_weights():
    class Mine(GPT):
        pass

    reference = theirs()
    model = from_huggingface(Mine, reference)
    assert type(model) is Mine and not model.training
    torch.testing.assert_close(model(some_ids(2, 5)), reference(some_ids(2, 5)).logits)


@pytest.mark.parametrize("parts", [(1,) * TIME, (3, 1, 2, 1), (TIME,), (2, 5), (1, 6)])
def test_does_reading_in_parts_change_nothing(parts):
    model, ids = ours(), some_ids(BATCH, TIME)
    expected, state, read = model(ids), None, 0
    for part in parts:
        logits, state = model.step(ids[:, read : read + part], state)
        read += part
        torch.testing.assert_close(logits, expected[:, read - 1], rtol=0, atol=1e-10)
        assert len(state) == 6 and {t.shape for t in state} == {(BATCH, HEADS, read, D_MODEL // HEADS)}
    single = model.float()
    logits, state = single.step(ids[:, :3])
    for i in range(3, TIME):
        logits, state = single.step(ids[:, i : i + 1], state)
        torch.testing.assert_close(logits, expected[:, i].float(), rtol=0, atol=1e-5)


def test_can_the_rows_of_a_state_be_reordered_and_repeated():
    model, ids, rows = ours(), some_ids(BATCH, TIME), torch.tensor([2, 0, 0, 1])
    _, state = model.step(ids[:, :5])
    logits, _ = model.step(ids[rows, 5:], [t[rows] for t in state])
    torch.testing.assert_close(logits, model(ids)[rows, -1])


def test_is_the_state_that_was_given_left_alone():
    model, ids = ours(), some_ids(BATCH, TIME)
    _, state = model.step(ids[:, :3])
    before = [t.clone() for t in state]
    first, _ = model.step(ids[:, 3:], state)
    again, _ = model.step(ids[:, 3:], state)
    assert torch.equal(first, again) and all(torch.equal(a, b) for a, b in zip(before, state, strict=True))


def test_is_the_attention_torchs_with_the_same_gradients():
    attention = randomised(CachedAttention(D_MODEL, HEADS))
    x = normal(BATCH, TIME, D_MODEL).requires_grad_()
    reference = nn.MultiheadAttention(D_MODEL, HEADS, batch_first=True, dtype=torch.float64)
    reference.in_proj_weight.data, reference.in_proj_bias.data = attention.qkv.weight.data, attention.qkv.bias.data
    reference.out_proj.load_state_dict(attention.output.state_dict())
    real = padding_mask(LENGTHS, TIME)
    for mask, theirs_mask in ((None, None), (GPT.visible(real), ~real)):
        output, (key, value) = attention(x, None, mask)
        expected, _ = reference(x, x, x, attn_mask=~causal_mask(TIME), key_padding_mask=theirs_mask)
        where = real if mask is not None else torch.ones_like(real)
        torch.testing.assert_close(output[where], expected[where])
        direction = normal(*output.shape, seed=2) * where[..., None]
        gradients = [torch.autograd.grad((y * direction).sum(), x)[0] for y in (output, expected)]
        torch.testing.assert_close(*gradients)
        assert key.shape == value.shape == (BATCH, HEADS, TIME, D_MODEL // HEADS)


def test_is_the_fast_attention_the_one_of_chapter_5():
    q, k, v = (normal(2, 3, 7, 5, seed=i) for i in range(3))
    expected, _ = scaled_dot_product_attention(q, k, v, causal_mask(7))
    torch.testing.assert_close(F.scaled_dot_product_attention(q, k, v, is_causal=True), expected)


def test_do_the_weights_explain_the_output():
    model, ids = ours(), some_ids(BATCH, TIME)
    weights = attention_weights(model, ids)
    reference = theirs()
    reference.config._attn_implementation = "eager"
    expected = reference(ids, output_attentions=True).attentions
    for a, b in zip(attention_weights(GPT.from_huggingface(reference), ids), expected, strict=True):
        torch.testing.assert_close(a, b.detach())
    assert len(weights) == 3 and not any(layer.triu(1).any() for layer in weights)


def test_has_the_block_the_gelu_that_gpt_2_was_trained_with():
    block = randomised(GPTBlock(D_MODEL, HEADS, D_FF, 1e-5))
    x = normal(BATCH, TIME, D_MODEL)
    y = x + block.attention(block.attention_norm(x))[0]
    wide = block.expand(block.feed_forward_norm(y))
    gelu = 0.5 * wide * (1 + torch.tanh((2 / torch.pi) ** 0.5 * (wide + 0.044715 * wide**3)))
    torch.testing.assert_close(block(x)[0], y + block.contract(gelu))


def test_is_the_loss_hugging_faces_over_all_words_but_the_first():
    logits, ids = normal(BATCH, TIME, VOCABULARY).requires_grad_(), some_ids(BATCH, TIME)
    loss = causal_lm_loss(logits, ids, LENGTHS)
    by_hand = [-logits[i, t].log_softmax(-1)[ids[i, t + 1]] for i, n in enumerate(LENGTHS) for t in range(n - 1)]
    torch.testing.assert_close(loss, torch.stack(by_hand).mean())
    labels = ids.masked_fill(~padding_mask(LENGTHS, TIME), -100)
    expected = ForCausalLMLoss(logits, labels, VOCABULARY)  # computes in float32
    torch.testing.assert_close(loss.float(), expected)
    gradient = torch.autograd.grad(loss, logits)[0]
    used = padding_mask(LENGTHS - 1, TIME)
    assert gradient[used].any(-1).all() and not gradient[~used].any()


@pytest.mark.parametrize("seed", range(20))
def test_does_greedy_generation_agree_with_hugging_faces_word_by_word(seed):
    # Larger weights: else every model writes one word over and over.
    reference = theirs(seed=seed, scale=0.8, n_layer=1 + seed % 3, n_head=(1, 3, 5)[seed % 3])
    model, prompt = GPT.from_huggingface(reference), some_ids(1 + seed % 4, 1 + seed % 5, seed=seed)
    for eos in (2, None):
        expected = reference.generate(
            prompt, attention_mask=torch.ones_like(prompt), max_new_tokens=17, do_sample=False,
            eos_token_id=eos, pad_token_id=2,
        )  # fmt: skip
        assert torch.equal(generate(model.step, prompt, max_new_tokens=17, eos=eos), expected)


def test_do_different_models_write_different_texts():
    """Else the test above would compare little."""
    texts = set()
    for seed in range(20):
        model = GPT.from_huggingface(theirs(seed=seed, scale=0.8))
        texts.add(tuple(generate(model.step, some_ids(1, 3), max_new_tokens=17)[0].tolist()))
    assert len(texts) == 20 and sum(len(set(text)) for text in texts) > 20 * 5


def test_does_generation_stop_where_every_row_has_ended():
    def step(ids, state=None):
        return torch.eye(9)[(ids[:, -1] + 1) % 9], []

    assert generate(step, torch.tensor([[3], [5]]), max_new_tokens=6, eos=7).tolist() == [
        [3, 4, 5, 6, 7],
        [5, 6, 7, 7, 7],
    ]
    assert generate(step, torch.tensor([[3]]), max_new_tokens=2, eos=7).tolist() == [[3, 4, 5]]
    assert generate(step, torch.tensor([[3]]), max_new_tokens=0).tolist() == [[3]]


@pytest.mark.parametrize("tied", [True, False])
def test_is_the_count_that_of_the_model(tied):
    config = GPTConfig(VOCABULARY, POSITIONS, D_MODEL, HEADS, 3, D_FF, tied)
    model = GPT(config)
    assert parameter_count(config) == sum(p.numel() for p in model.parameters())
    reference = theirs(tie_word_embeddings=tied)
    assert parameter_count(config) == sum(p.numel() for p in reference.parameters())


@pytest.mark.parametrize(
    ("sizes", "count"),
    [
        ({}, 124_439_808),
        ({"d_model": 1600, "heads": 25, "layers": 48, "d_ff": 6400}, 1_557_611_200),
        ({"positions": 2048, "d_model": 12_288, "heads": 96, "layers": 96, "d_ff": 49_152}, 174_604_259_328),
    ],
)
def test_is_the_count_that_of_hugging_faces_on_the_meta_device(sizes, count):
    names = {"d_model": "n_embd", "heads": "n_head", "layers": "n_layer", "d_ff": "n_inner", "positions": "n_positions"}
    with torch.device("meta"):
        reference = GPT2LMHeadModel(GPT2Config(**{names[name]: value for name, value in sizes.items()}))
        model = GPT(GPTConfig(**sizes))
    assert sum(p.numel() for p in reference.parameters()) == count
    assert sum(p.numel() for p in model.parameters()) == count == parameter_count(GPTConfig(**sizes))


def test_does_it_begin_small_and_smaller_where_it_is_deep():
    torch.manual_seed(0)
    model = GPT(GPTConfig(vocabulary=997, positions=31, d_model=64, heads=4, layers=8, d_ff=256))
    block = model.blocks[5]
    for weight in (model.embedding.weight, model.position.weight, block.attention.qkv.weight, block.expand.weight):
        assert abs(weight.std() - 0.02) < 0.001
    for weight in (block.attention.output.weight, block.contract.weight):
        assert abs(weight.std() - 0.005) < 0.0005
    assert not block.attention.qkv.bias.any() and (block.attention_norm.weight == 1).all()


def test_are_errors_clear():
    with pytest.raises(ValueError, match="d_model is 15; expected a multiple of heads, which is 4"):
        CachedAttention(15, 4)
    model = ours()
    _, state = model.step(some_ids(1, POSITIONS))
    for too_much in (lambda: model.step(some_ids(1, 1), state), lambda: model(some_ids(1, POSITIONS + 1))):
        with pytest.raises(ValueError, match="input_ids reaches place 24; expected at most 23, the model's positions"):
            too_much()

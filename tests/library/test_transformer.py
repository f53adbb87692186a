"""Chapter 06's library against torch: layer_norm, TransformerEncoderLayer, TransformerDecoderLayer, label smoothing."""

import math

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from unrolled.label_smoothing import label_smoothed_cross_entropy
from unrolled.schedule import noam_rate
from unrolled.self_attention import causal_mask, padding_mask, sinusoidal_positions
from unrolled.transformer import DecoderBlock, EncoderBlock, FeedForward, Transformer, layer_norm

BATCH, SOURCE, TARGET, HEADS, D_MODEL, D_FF = 3, 7, 5, 3, 15, 11
LENGTHS = torch.tensor([SOURCE, 2, 4])


def normal(*shape, seed=0):
    return torch.randn(shape, dtype=torch.float64, generator=torch.Generator().manual_seed(seed + sum(shape)))


def randomised(module):
    """The module in float64, none of its weights a 0 or a 1."""
    generator = torch.Generator().manual_seed(1)
    module = module.double()
    for parameter in module.parameters():
        parameter.data += 0.3 * torch.randn(parameter.shape, generator=generator, dtype=torch.float64)
    return module


def copy_attention(ours, theirs):
    for layer, weight, bias in zip(
        (ours.query, ours.key, ours.value), theirs.in_proj_weight.chunk(3), theirs.in_proj_bias.chunk(3), strict=True
    ):
        layer.weight.data, layer.bias.data = weight.data.clone(), bias.data.clone()
    ours.output.load_state_dict(theirs.out_proj.state_dict())


def copy_rest(ours, theirs, norms):
    ours.feed_forward.expand.load_state_dict(theirs.linear1.state_dict())
    ours.feed_forward.contract.load_state_dict(theirs.linear2.state_dict())
    for i, norm in enumerate(norms, start=1):
        getattr(ours, norm).load_state_dict(getattr(theirs, f"norm{i}").state_dict())


def assert_same_with_gradients(ours, theirs, inputs):
    torch.testing.assert_close(ours, theirs)
    direction = normal(*ours.shape, seed=2)
    gradients = [torch.autograd.grad((output * direction).sum(), inputs) for output in (ours, theirs)]
    for a, b in zip(*gradients, strict=True):
        torch.testing.assert_close(a, b)


@pytest.mark.parametrize(("shape", "scale", "eps"), [((2, 3, 7), 1.0, 1e-5), ((11,), 1e-3, 1e-5), ((5, 13), 1.0, 0.3)])
def test_is_the_norm_torchs_with_the_same_gradients(shape, scale, eps):
    inputs = [3 + scale * normal(*shape), normal(shape[-1], seed=1), normal(shape[-1], seed=2)]
    inputs = [tensor.requires_grad_() for tensor in inputs]
    assert_same_with_gradients(layer_norm(*inputs, eps), F.layer_norm(inputs[0], shape[-1:], *inputs[1:], eps), inputs)


def test_does_the_norm_not_mind_what_else_is_in_the_batch():
    x, weight, bias = normal(5, 7), normal(7, seed=1), normal(7, seed=2)
    changed = x.clone()
    changed[1:] = 1e3
    assert torch.equal(layer_norm(x, weight, bias)[0], layer_norm(changed, weight, bias)[0])


@pytest.mark.parametrize("norm_first", [False, True])
@pytest.mark.parametrize("masked", [False, True])
def test_is_the_encoders_block_torchs_with_the_same_gradients(norm_first, masked):
    sizes = {"dim_feedforward": D_FF, "dropout": 0.0, "batch_first": True, "norm_first": norm_first}
    theirs = randomised(nn.TransformerEncoderLayer(D_MODEL, HEADS, **sizes))
    ours = EncoderBlock(D_MODEL, HEADS, D_FF, norm_first=norm_first).double()
    copy_attention(ours.attention, theirs.self_attn)
    copy_rest(ours, theirs, ("attention_norm", "feed_forward_norm"))
    x = normal(BATCH, SOURCE, D_MODEL).requires_grad_()
    real = padding_mask(LENGTHS, SOURCE) if masked else torch.ones(BATCH, SOURCE, dtype=torch.bool)
    output, weights = ours(x, real[:, None, None] if masked else None)
    expected = theirs(x, src_key_padding_mask=~real if masked else None)
    assert_same_with_gradients(output[real], expected[real], [x])
    torch.testing.assert_close(weights.sum(-1), torch.ones(BATCH, HEADS, SOURCE, dtype=torch.float64))


@pytest.mark.parametrize("norm_first", [False, True])
@pytest.mark.parametrize("masked", [False, True])
def test_is_the_decoders_block_torchs_with_the_same_gradients(norm_first, masked):
    sizes = {"dim_feedforward": D_FF, "dropout": 0.0, "batch_first": True, "norm_first": norm_first}
    theirs = randomised(nn.TransformerDecoderLayer(D_MODEL, HEADS, **sizes))
    ours = DecoderBlock(D_MODEL, HEADS, D_FF, norm_first=norm_first).double()
    copy_attention(ours.self_attention, theirs.self_attn)
    copy_attention(ours.cross_attention, theirs.multihead_attn)
    copy_rest(ours, theirs, ("self_norm", "cross_norm", "feed_forward_norm"))
    inputs = [normal(BATCH, n, D_MODEL).requires_grad_() for n in (TARGET, SOURCE)]
    real = padding_mask(LENGTHS, SOURCE)
    output, own, cross = ours(*inputs, real[:, None, None] if masked else None)
    expected = theirs(*inputs, tgt_mask=~causal_mask(TARGET), memory_key_padding_mask=~real if masked else None)
    assert_same_with_gradients(output, expected, inputs)
    assert own.shape == (BATCH, HEADS, TARGET, TARGET) and cross.shape == (BATCH, HEADS, TARGET, SOURCE)
    assert not own.triu(1).any()
    assert not masked or not (cross * ~real[:, None, None]).any()


def test_is_the_feed_forward_layer_the_same_for_every_word():
    layer, x = FeedForward(D_MODEL, D_FF).double(), normal(BATCH, SOURCE, D_MODEL)
    order = torch.tensor([3, 1, 0, 6, 5, 2, 4])
    torch.testing.assert_close(layer(x)[:, order], layer(x[:, order]))
    expected = F.linear(F.relu(F.linear(x, *layer.expand.parameters())), *layer.contract.parameters())
    torch.testing.assert_close(layer(x), expected)


@pytest.mark.parametrize("smoothing", [0.0, 0.1, 0.7, 1.0])
def test_is_the_smoothed_loss_torchs_with_the_same_gradients(smoothing):
    logits = normal(BATCH, SOURCE, 13).requires_grad_()
    targets = torch.arange(BATCH * SOURCE).view(BATCH, SOURCE) % 13
    masked = targets.masked_fill(~padding_mask(LENGTHS, SOURCE), -100)
    ours = label_smoothed_cross_entropy(logits, targets, LENGTHS, smoothing)
    theirs = F.cross_entropy(logits.transpose(1, 2), masked, label_smoothing=smoothing)
    assert_same_with_gradients(ours, theirs, [logits])


def test_does_the_smoothed_loss_not_depend_on_what_is_in_the_padding():
    logits, targets = normal(BATCH, SOURCE, 13), torch.zeros(BATCH, SOURCE, dtype=torch.long)
    before = label_smoothed_cross_entropy(logits, targets, LENGTHS, 0.1)
    padding = ~padding_mask(LENGTHS, SOURCE)
    logits[padding], targets[padding] = 1e6, 12
    assert label_smoothed_cross_entropy(logits, targets, LENGTHS, 0.1) == before


def test_does_the_rate_rise_to_its_height_at_the_end_of_the_warm_up_and_fall_as_one_over_the_root():
    rates = [noam_rate(step, d_model=7, warmup=13) for step in range(1, 200)]
    assert max(rates) == rates[12] == pytest.approx(1 / math.sqrt(7 * 13))
    assert rates[3] == pytest.approx(4 * rates[0]) and rates[51] == pytest.approx(rates[12] / 2)
    assert noam_rate(0, 7, 13) == rates[0]  # LambdaLR begins there
    with pytest.raises(ValueError, match="step is -1; expected at least 0"):
        noam_rate(-1, 7, 13)


def translator(norm_first=False, layers=2):
    torch.manual_seed(0)
    return Transformer(17, 13, d_model=6, heads=3, d_ff=11, layers=layers, norm_first=norm_first).double().eval()


@pytest.mark.parametrize("norm_first", [False, True])
def test_is_the_whole_machine_torchs_with_the_same_gradients(norm_first):
    ours = randomised(translator(norm_first))
    sizes = {"dim_feedforward": 11, "dropout": 0.0, "batch_first": True, "norm_first": norm_first}
    blocks = [nn.TransformerEncoderLayer(6, 3, **sizes), nn.TransformerDecoderLayer(6, 3, **sizes)]
    source, inputs = torch.randint(4, 17, (BATCH, SOURCE)), torch.randint(4, 13, (BATCH, TARGET))
    real = padding_mask(LENGTHS, SOURCE)

    def embedded(ids, embedding):
        return math.sqrt(6) * embedding(ids) + sinusoidal_positions(ids.shape[1], 6).double()

    def their_attention(attention):
        layers = (attention.query, attention.key, attention.value)
        return {
            "in_proj_weight": torch.cat([layer.weight for layer in layers]),
            "in_proj_bias": torch.cat([layer.bias for layer in layers]),
            "out_proj.weight": attention.output.weight,
            "out_proj.bias": attention.output.bias,
        }

    def call(theirs, block, norms, attentions, *args, **masks):
        weights = {f"norm{i}.{n}": p for i, norm in enumerate(norms, 1) for n, p in norm.named_parameters()}
        for name, layer in (("linear1", block.feed_forward.expand), ("linear2", block.feed_forward.contract)):
            weights |= {f"{name}.{n}": p for n, p in layer.named_parameters()}
        for name, attention in attentions.items():
            weights |= {f"{name}.{n}": p for n, p in their_attention(attention).items()}
        return torch.func.functional_call(theirs.double(), weights, args, masks)

    memory = embedded(source, ours.source_embedding)
    for block in ours.encoder:
        norms = block.attention_norm, block.feed_forward_norm
        memory = call(blocks[0], block, norms, {"self_attn": block.attention}, memory, src_key_padding_mask=~real)
    memory = ours.encoder_norm(memory)
    x = embedded(inputs, ours.target_embedding)
    for block in ours.decoder:
        norms = block.self_norm, block.cross_norm, block.feed_forward_norm
        attentions = {"self_attn": block.self_attention, "multihead_attn": block.cross_attention}
        masks = {"tgt_mask": ~causal_mask(TARGET), "memory_key_padding_mask": ~real}
        x = call(blocks[1], block, norms, attentions, x, memory, **masks)
    expected = ours.head(ours.decoder_norm(x))
    assert_same_with_gradients(ours(source, LENGTHS, inputs), expected, list(ours.parameters()))


@pytest.mark.parametrize("norm_first", [False, True])
def test_does_padding_not_change_a_result(norm_first):
    model = translator(norm_first)
    source, inputs = torch.randint(4, 17, (BATCH, SOURCE)), torch.randint(4, 13, (BATCH, TARGET))
    changed = torch.where(padding_mask(LENGTHS, SOURCE), source, (source + 5) % 17)
    assert not torch.equal(changed, source)
    assert torch.equal(model(source, LENGTHS, inputs), model(changed, LENGTHS, inputs))
    words = {"bos": 1, "eos": 2, "max_length": 6}
    assert model.translate(source, LENGTHS, **words) == model.translate(changed, LENGTHS, **words)
    longer = inputs.clone()
    longer[:, 3:] = 0  # what is behind a word of the target does not change its scores
    assert torch.equal(model(source, LENGTHS, inputs)[:, :3], model(source, LENGTHS, longer)[:, :3])


def test_does_a_sentence_not_depend_on_its_neighbours():
    model = translator()
    source, inputs = torch.randint(4, 17, (BATCH, SOURCE)), torch.randint(4, 13, (BATCH, TARGET))
    together = model(source, LENGTHS, inputs)
    translations = model.translate(source, LENGTHS, bos=1, eos=2, max_length=9)
    for i, length in enumerate(LENGTHS.tolist()):
        alone = source[i : i + 1, :length]
        torch.testing.assert_close(model(alone, LENGTHS[i : i + 1], inputs[i : i + 1])[0], together[i])
        assert model.translate(alone, LENGTHS[i : i + 1], bos=1, eos=2, max_length=9) == [translations[i]]


def test_is_every_translated_word_the_most_probable_after_those_before_it():
    model = randomised(translator())
    source = torch.randint(4, 17, (BATCH, SOURCE))
    for i, words in enumerate(model.translate(source, LENGTHS, bos=1, eos=2, max_length=9)):
        assert 2 not in words and len(words) <= 9
        scores = model(source[i : i + 1], LENGTHS[i : i + 1], torch.tensor([[1, *words]]))[0]
        best = scores.argmax(-1).tolist()
        assert best[: len(words)] == words and (len(words) == 9 or best[len(words)] == 2)


def test_has_pre_norm_a_norm_behind_each_stack_and_post_norm_none():
    pre, post = (sum(p.numel() for p in translator(norm_first).parameters()) for norm_first in (True, False))
    assert pre - post == 2 * 2 * 6

"""Chapter 18's library against torch's fake quantization, bitsandbytes, peft, SciPy, and hand arithmetic."""

import math

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from scipy.stats import norm
from torch import nn

from unrolled.adapters import add_lora, added_weights, load_lora, lora_layers, merge_lora, save_lora
from unrolled.bert import Bert
from unrolled.distillation import distillation_loss
from unrolled.gpt import GPT, GPTConfig
from unrolled.int8 import absmax_quantize, straight_through, zero_point_quantize
from unrolled.lora import LoRALinear
from unrolled.nf4 import double_quantize, nf4_levels, quantize_blocks
from unrolled.quantized import (
    NF4Linear,
    QuantizedLinear,
    QuantizedWeight,
    bytes_in_memory,
    integer_levels,
    load_quantized,
    pack,
    quantize_model,
    save_quantized,
    unpack,
)
from unrolled.t5 import T5
from unrolled.t5_layers import T5Config

ROWS, COLUMNS, BATCH, CLASSES = 7, 13, 5, 11


@pytest.fixture(autouse=True)
def seeded():
    torch.manual_seed(0)


def normal(*shape):
    return torch.randn(*shape, dtype=torch.float64)


def assert_same_with_gradients(ours, theirs, leaves):
    weights = torch.cos(torch.arange(ours.numel(), dtype=ours.dtype)).view(ours.shape)
    torch.testing.assert_close(ours, theirs)
    for a, b in zip(*(torch.autograd.grad((y * weights).sum(), leaves) for y in (ours, theirs)), strict=True):
        torch.testing.assert_close(a, b)


def gpt():
    return GPT(GPTConfig(vocabulary=23, positions=11, d_model=14, heads=2, layers=3, d_ff=17))


def bert():
    return Bert(vocabulary=23, d_model=14, heads=2, d_ff=17, layers=2, positions=11)


def t5():
    return T5(T5Config(vocab_size=23, d_model=14, num_heads=2, d_kv=5, d_ff=17, num_layers=2))


IDS = torch.tensor([[3, 1, 4, 1, 5], [9, 2, 6, 5, 3]])
MODELS = {
    "GPT": (gpt, ["qkv", "contract"], lambda model: model(IDS)),
    "Bert": (bert, ["attention.query", "attention.value"], lambda model: model.predict(IDS)[0]),
    "T5": (t5, ["query", "value"], lambda model: model(IDS, decoder_input_ids=IDS)),
}
each_model = pytest.mark.parametrize("family", MODELS)


# --- distillation -------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("batch", [BATCH, 1])
@pytest.mark.parametrize(("temperature", "alpha"), [(1.0, 1.0), (3.0, 0.7), (0.5, 0.0)])
def test_is_the_loss_torchs_divergence_and_cross_entropy(batch, temperature, alpha):
    student, teacher = normal(batch, CLASSES).requires_grad_(), normal(batch, CLASSES)
    labels = torch.randint(CLASSES, (batch,))
    soft = F.kl_div(
        F.log_softmax(student / temperature, 1), F.softmax(teacher / temperature, 1), reduction="batchmean"
    )
    theirs = alpha * temperature**2 * soft + (1 - alpha) * F.cross_entropy(student, labels)
    ours = distillation_loss(student, teacher, labels, temperature=temperature, alpha=alpha)
    assert_same_with_gradients(ours, theirs, [student])


def test_does_the_teacher_not_learn_and_are_large_scores_finite():
    student, teacher = torch.tensor([[1e4, 0.0]], requires_grad=True), torch.tensor([[0.0, 1e4]], requires_grad=True)
    loss = distillation_loss(student, teacher, torch.tensor([1]), temperature=1.0, alpha=0.5)
    assert loss.item() == pytest.approx(1e4)
    assert torch.autograd.grad(loss, [student, teacher], allow_unused=True)[1] is None


# --- int8 ---------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("bits", [2, 3, 4, 8])
@pytest.mark.parametrize("shape", [(ROWS, COLUMNS), (1, COLUMNS), (ROWS, 1)])
def test_are_the_codes_torchs_fake_quantization_for_the_whole_weight_and_by_rows(bits, shape):
    weight, most = torch.randn(shape), 2 ** (bits - 1) - 1
    codes, scale = absmax_quantize(weight, bits)
    theirs = torch.fake_quantize_per_tensor_affine(weight, scale.item(), 0, -most, most)
    torch.testing.assert_close(codes * scale, theirs, rtol=0, atol=0)
    codes, scale = absmax_quantize(weight, bits, per_row=True)
    zeros = torch.zeros(shape[0], dtype=torch.int32)
    theirs = torch.fake_quantize_per_channel_affine(weight, scale[:, 0], zeros, 0, -most, most)
    assert (scale.shape, codes.dtype) == ((shape[0], 1), torch.int8)
    torch.testing.assert_close(codes * scale, theirs, rtol=0, atol=0)


def test_are_the_codes_bitsandbytes_by_rows():
    import bitsandbytes.functional as bnb

    weight = torch.randn(ROWS, COLUMNS).half().float()
    codes, scale = absmax_quantize(weight, per_row=True)
    theirs, largest, _ = bnb.int8_vectorwise_quant(weight.half())
    assert torch.equal(codes, theirs)
    torch.testing.assert_close(127 * scale[:, 0], largest)


def test_is_a_weight_of_zeros_kept_and_are_halves_even():
    codes, scale = absmax_quantize(torch.zeros(2, 3), per_row=True)
    assert codes.abs().sum() == 0 and (scale == 1).all()
    codes, _ = absmax_quantize(torch.tensor([[127.0, 0.5, 1.5, 2.5, -0.5, -1.5]]))
    assert codes.tolist() == [[127, 0, 2, 2, 0, -2]]


@pytest.mark.parametrize("bits", [2, 4, 8])
@pytest.mark.parametrize("between", [(-1.0, 3.0), (0.5, 2.0), (-4.0, -1.0)])
def test_are_zero_point_codes_torchs_fake_quantization(bits, between):
    x = torch.empty(3, 5, 7).uniform_(*between)
    codes, scale, zero_point = zero_point_quantize(x, bits)
    low, high = -(2 ** (bits - 1)), 2 ** (bits - 1) - 1
    theirs = torch.fake_quantize_per_tensor_affine(x, scale.item(), zero_point, low, high)
    torch.testing.assert_close((codes.float() - zero_point) * scale, theirs)
    # Their own observer finds the same numbers.
    observer = torch.ao.quantization.MinMaxObserver(
        dtype=torch.qint8, qscheme=torch.per_tensor_affine, quant_min=low, quant_max=high
    )
    observer(x)
    their_scale, their_zero = observer.calculate_qparams()
    assert zero_point == their_zero.item() and scale.item() == pytest.approx(their_scale.item())


@pytest.mark.parametrize("quantize", [absmax_quantize, zero_point_quantize])
@pytest.mark.parametrize("bits", [1, 9])
def test_are_impossible_bits_refused(quantize, bits):
    with pytest.raises(ValueError, match=f"bits is {bits}; expected 2 to 8"):
        quantize(torch.ones(2, 3), bits)


@pytest.mark.parametrize("shape", [(BATCH, COLUMNS), (1,), ()])
def test_does_the_gradient_go_straight_through_as_torchs(shape):
    x = (3 * torch.randn(shape)).requires_grad_()
    theirs = torch.fake_quantize_per_tensor_affine(x, 0.5, 0, -4, 3)
    assert_same_with_gradients(straight_through(x, 0.5, -4, 3), theirs, [x])


# --- nf4 ----------------------------------------------------------------------------------------------------------
PUBLISHED = (
    "-1.0 -0.6961928009986877 -0.5250730514526367 -0.39491748809814453 -0.28444138169288635 -0.18477343022823334 "
    "-0.09105003625154495 0.0 0.07958029955625534 0.16093020141124725 0.24611230194568634 0.33791524171829224 "
    "0.44070982933044434 0.5626170039176941 0.7229568362236023 1.0"
)


def test_are_the_levels_those_of_the_papers_table_and_of_bitsandbytes():
    import bitsandbytes.functional as bnb

    table = torch.tensor([float(word) for word in PUBLISHED.split()])
    torch.testing.assert_close(nf4_levels(), table, rtol=0, atol=2e-7)
    torch.testing.assert_close(nf4_levels(), bnb.create_normal_map().unique(), rtol=0, atol=2e-7)


@pytest.mark.parametrize("shape", [(8, 128), (3, 64), (1, 64), (7, 192)])
def test_are_blocks_bitsandbytes_codes_and_floats(shape):
    import bitsandbytes.functional as bnb

    weight = torch.randn(shape)
    packed, state = bnb.quantize_4bit(weight, quant_type="nf4", blocksize=64)
    codes, absmax = quantize_blocks(weight, state.code)
    torch.testing.assert_close(absmax, state.absmax, rtol=0, atol=0)
    assert torch.equal(pack(codes, 4), packed.flatten())
    ours = QuantizedWeight(weight, state.code)()
    torch.testing.assert_close(ours, bnb.dequantize_4bit(packed, state), rtol=0, atol=1e-7)


@pytest.mark.parametrize(("shape", "block"), [((ROWS, COLUMNS), 10), ((1, 1), 64), ((ROWS, COLUMNS), 1), ((3, 5), 15)])
def test_is_each_code_the_nearest_level_of_its_own_block(shape, block):
    weight, levels = torch.randn(shape), nf4_levels()
    codes, absmax = quantize_blocks(weight, levels, block)
    flat = weight.flatten().tolist()
    for i, number in enumerate(flat):
        largest = max(abs(v) for v in flat[i // block * block : (i // block + 1) * block])
        assert absmax[i // block].item() == largest
        assert codes[i] == np.argmin([abs(number / largest - level) for level in levels.tolist()])


def test_do_blocks_of_zeros_and_ties_get_the_promised_codes():
    levels = torch.tensor([-1.0, 0.0, 0.5, 1.0])
    codes, absmax = quantize_blocks(torch.tensor([[0.0, 0.0, 1.0, 0.25, 0.75, -0.5]]), levels, block=2)
    assert codes.tolist() == [1, 1, 3, 1, 3, 0] and absmax.tolist() == [0.0, 1.0, 0.75]
    with pytest.raises(ValueError, match="block is 0; expected at least 1"):
        quantize_blocks(torch.ones(2, 3), levels, 0)


@pytest.mark.parametrize("count", [1, 255, 256, 257, 700])
def test_are_doubly_quantized_scales_back_within_half_a_step(count):
    absmax = torch.rand(count) + 0.5
    codes, scales, mean = double_quantize(absmax)
    assert codes.shape == absmax.shape and len(scales) == math.ceil(count / 256)
    step = scales.repeat_interleave(256)[:count]
    assert ((codes * step + mean - absmax).abs() <= 0.5001 * step + 1e-7).all()
    if count > 1:
        assert codes.abs().max() == 127


def test_are_the_levels_quantiles_of_the_normal_distribution():
    levels = nf4_levels().double().numpy()
    probabilities = norm.cdf(levels * norm.ppf(1 - (1 / 32 + 1 / 30) / 2))
    np.testing.assert_allclose(np.diff(probabilities[7:]), np.diff(probabilities[7:])[0], atol=1e-6)
    np.testing.assert_allclose(np.diff(probabilities[:8]), np.diff(probabilities[:8])[0], atol=1e-6)


# --- lora ---------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize(("rank", "alpha"), [(1, 1.0), (3, 16.0)])
def test_is_the_layer_pefts_with_the_same_gradients_and_the_same_merged_weight(bias, rank, alpha):
    from peft import LoraConfig, get_peft_model

    linear = nn.Linear(COLUMNS, ROWS, bias=bias).double()
    ours = LoRALinear(linear, rank, alpha)
    nn.init.normal_(ours.B)
    copy = nn.Sequential(nn.Linear(COLUMNS, ROWS, bias=bias).double())
    copy[0].load_state_dict(linear.state_dict())
    model = get_peft_model(copy, LoraConfig(r=rank, lora_alpha=alpha, target_modules=["0"], lora_dropout=0.0))
    theirs = model.base_model.model[0]
    theirs.lora_A.default.weight.data, theirs.lora_B.default.weight.data = ours.A.data.clone(), ours.B.data.clone()
    x = normal(2, BATCH, COLUMNS)
    y, z = ours(x), model(x)
    torch.testing.assert_close(y, z, rtol=0, atol=1e-12)
    g = torch.autograd.grad(y.cos().sum(), [ours.A, ours.B])
    h = torch.autograd.grad(z.cos().sum(), [theirs.lora_A.default.weight, theirs.lora_B.default.weight])
    for a, b in zip(g, h, strict=True):
        torch.testing.assert_close(a, b)
    merged, unloaded = ours.merge(), model.merge_and_unload()[0]
    torch.testing.assert_close(merged.weight, unloaded.weight)
    torch.testing.assert_close(merged(x), ours(x))
    assert type(merged) is nn.Linear and torch.equal(ours.linear.weight, linear.weight)


def test_does_only_the_update_learn_and_begins_at_zero():
    linear = nn.Linear(101, ROWS)
    layer = LoRALinear(linear, rank=31, alpha=4.0)
    assert {name for name, p in layer.named_parameters() if p.requires_grad} == {"A", "B"}
    assert layer.B.abs().max() == 0
    bound = 1 / math.sqrt(101)
    assert layer.A.abs().max() <= bound and layer.A.abs().max() > 0.99 * bound
    assert layer.A.std().item() == pytest.approx(bound / math.sqrt(3), rel=0.05)
    x = torch.randn(BATCH, 101)
    assert torch.equal(layer(x), linear(x))


# --- adapters -----------------------------------------------------------------------------------------------------
@each_model
@pytest.mark.parametrize("quantized", [False, True])
def test_are_whole_models_trained_merged_saved_and_loaded(family, quantized, tmp_path):
    build, names, use = MODELS[family]

    def fresh():
        torch.manual_seed(1)
        model = build().eval()
        return quantize_model(model, nf4_levels(), double=True, kinds=[nn.Linear]) if quantized else model

    model = fresh()
    before = use(model).detach()
    frozen = {name: p.clone() for name, p in model.named_parameters()}
    add_lora(model, names, rank=2, alpha=3.0)
    torch.testing.assert_close(use(model), before)
    assert 0 < added_weights(model) < sum(p.numel() for p in build().parameters()) / 2
    optimizer = torch.optim.AdamW([p for p in model.parameters() if p.requires_grad], lr=0.05)
    goal = torch.randn_like(before)
    losses = []
    for _ in range(30):
        loss = ((use(model) - goal) ** 2).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert losses[-1] < losses[0]
    now = {name.replace(".linear.", "."): p for name, p in model.named_parameters()}
    assert all(torch.equal(now[name], p) for name, p in frozen.items())

    after = use(model).detach()
    size = save_lora(tmp_path / "lora.safetensors", model)
    loaded = load_lora(tmp_path / "lora.safetensors", fresh())
    torch.testing.assert_close(use(loaded), after, rtol=0, atol=0)
    assert added_weights(loaded) == added_weights(model)
    assert 4 * added_weights(model) <= size < 4 * added_weights(model) + 5000
    merge_lora(model)
    assert not lora_layers(model)
    torch.testing.assert_close(use(model), after, atol=1e-5, rtol=1e-4)


def test_are_a_name_that_fits_nothing_and_another_file_refused(tmp_path):
    with pytest.raises(ValueError, match=r"names holds .query.; expected ends of blocks\.0\.attention\.qkv"):
        add_lora(gpt(), ["qkv", "query"], 1, 1.0)
    save_quantized(tmp_path / "model.safetensors", gpt())
    with pytest.raises(ValueError, match=r"path is .*holds no LoRA"):
        load_lora(tmp_path / "model.safetensors", gpt())


# --- quantized ----------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("bits", [2, 3, 4, 8])
@pytest.mark.parametrize("count", [0, 1, 7, 64])
def test_do_packed_codes_come_back(bits, count):
    codes = torch.randint(2**bits, (count,)).to(torch.uint8)
    packed = pack(codes, bits)
    assert packed.dtype == torch.uint8 and len(packed) == math.ceil(count * bits / 8)
    assert torch.equal(unpack(packed, bits, count), codes)
    with pytest.raises(ValueError, match=rf"packed is .*; expected {9 * count + 9} codes of {bits} bits"):
        unpack(packed, bits, 9 * count + 9)


def test_is_a_layer_that_is_no_part_of_a_model_refused():
    with pytest.raises(ValueError, match=r"model is Linear\(.*; expected a model that such layers are parts of"):
        quantize_model(nn.Linear(5, 3), nf4_levels())


@pytest.mark.parametrize("bits", [3, 4, 8])
def test_is_a_row_a_block_of_integer_levels(bits):
    weight = torch.randn(ROWS, COLUMNS)
    codes, scale = absmax_quantize(weight, bits, per_row=True)
    torch.testing.assert_close(QuantizedWeight(weight, integer_levels(bits), COLUMNS)(), codes * scale)


@pytest.mark.parametrize("bias", [True, False])
def test_is_a_quantized_layer_the_layer_of_its_floats_with_the_same_gradient(bias):
    layer = NF4Linear(nn.Linear(COLUMNS, ROWS, bias=bias).double())
    x = normal(2, BATCH, COLUMNS).requires_grad_()
    assert_same_with_gradients(layer(x), F.linear(x, layer.weight, layer.bias), [x])


def test_does_training_keep_no_float_copy_of_a_quantized_weight():
    layer, saved = NF4Linear(nn.Linear(128, 64)), []
    layer.requires_grad_(False)
    x = torch.randn(2, 128, requires_grad=True)
    with torch.autograd.graph.saved_tensors_hooks(lambda t: saved.append(t.numel()) or t, lambda t: t):
        layer(x).sum()
    assert max(saved, default=0) < 128 * 64


def test_is_a_weight_of_nf4_four_bits_and_an_eighth():
    stored = NF4Linear(nn.Linear(512, 1024, bias=False)).stored
    buffers = {name: b.numel() * b.element_size() for name, b in stored.named_buffers() if name != "levels"}
    assert 8 * sum(buffers.values()) / (512 * 1024) == pytest.approx(4 + 8 / 64 + 32 / (64 * 256), abs=1e-3)


@each_model
@pytest.mark.parametrize("block", [None, 10])
def test_are_quantized_models_saved_and_loaded_and_nearly_the_same(family, block, tmp_path):
    build, _, use = MODELS[family]
    model = build().eval()
    before, size = use(model).detach(), bytes_in_memory(model)
    quantize_model(model, integer_levels(8), block)
    after = use(model).detach()
    assert (after - before).norm() < 0.05 * before.norm()
    assert bytes_in_memory(model) < size
    written = save_quantized(tmp_path / "model.safetensors", model)
    assert abs(written - bytes_in_memory(model)) < 20_000  # the header
    loaded = load_quantized(tmp_path / "model.safetensors", build().eval(), integer_levels(8), block)
    torch.testing.assert_close(use(loaded), after, rtol=0, atol=0)


def test_is_a_tied_table_quantized_once():
    model = quantize_model(gpt(), nf4_levels())
    assert isinstance(model.head, QuantizedLinear) and model.head.stored is model.embedding.stored


def test_does_what_is_quantized_stay_as_it_is():
    """A quantized layer makes its weight anew at each look: looked at for its identity, every one is another's."""
    model = quantize_model(gpt(), nf4_levels(), double=True, kinds=[nn.Linear])
    before = {name: value.clone() for name, value in model.state_dict().items() if "stored" in name}
    layers = [m for m in model.modules() if isinstance(m, QuantizedLinear)]
    quantize_model(model, integer_levels(4))  # the tables only
    assert [m for m in model.modules() if isinstance(m, QuantizedLinear) and m in layers] == layers
    assert len({id(m.stored) for m in layers}) == len(layers)
    for name, value in before.items():
        torch.testing.assert_close(model.state_dict()[name], value, rtol=0, atol=0)

"""Chapter 19's library against Hugging Face's Llama, Qwen 2, Mistral, GPT-J and GPT-2, torch's FLOP counter and SciPy."""

import dataclasses
import math

import pytest
import torch
import torch.nn.functional as F
import transformers
from scipy.optimize import minimize_scalar
from torch import nn
from torch.utils.flop_counter import FlopCounterMode
from transformers.models.gptj.modeling_gptj import apply_rotary_pos_emb as rotate_pairs
from transformers.models.llama.modeling_llama import LlamaMLP, LlamaRotaryEmbedding, apply_rotary_pos_emb

from unrolled.costs import kv_cache_bytes, training_flops
from unrolled.gpt import generate, parameter_count
from unrolled.in_context import option_scores
from unrolled.llama import Llama, LlamaBlock, LlamaConfig, from_huggingface
from unrolled.llama_layers import GroupedQueryAttention, SwiGLU
from unrolled.published import PUBLISHED
from unrolled.rope import halves_from_pairs, rotate, rotate_at
from unrolled.scaling_laws import ScalingLaw, compute_optimal, exponents, fit_scaling_law

BATCH, HEADS, TIME, D_K = 2, 3, 7, 10
SIZES = {
    "vocab_size": 23, "hidden_size": 18, "num_attention_heads": 6, "num_key_value_heads": 2, "num_hidden_layers": 3,
    "intermediate_size": 13, "max_position_embeddings": 29, "bos_token_id": None, "eos_token_id": None,
}  # fmt: skip
THETA = {"rope_theta": 50.0, "rope_type": "default"}
LLAMA_3 = {
    "rope_type": "llama3", "rope_theta": 500.0, "factor": 4.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0,
    "original_max_position_embeddings": 11,
}  # fmt: skip
YARN = {"rope_type": "yarn", "rope_theta": 500.0, "factor": 4.0, "original_max_position_embeddings": 8}
MODELS = {
    "Llama": ("Llama", {}),
    "Llama with all heads": ("Llama", {"num_key_value_heads": 6}),
    "one key for all": ("Llama", {"num_key_value_heads": 1, "rms_norm_eps": 1e-3}),
    "heads of another size": ("Llama", {"head_dim": 10, "rope_parameters": THETA}),
    "biases everywhere": ("Llama", {"attention_bias": True, "mlp_bias": True, "head_dim": 4}),
    "one layer, tied": ("Llama", {"num_hidden_layers": 1, "tie_word_embeddings": True, "head_dim": 4}),
    "Llama 3.1": ("Llama", {"rope_parameters": LLAMA_3, "head_dim": 8}),
    "linear": ("Llama", {"rope_parameters": {"rope_type": "linear", "rope_theta": 90.0, "factor": 3.0}, "head_dim": 6}),
    "YaRN": ("Llama", {"rope_parameters": YARN, "head_dim": 8}),
    "Qwen 2": ("Qwen2", {"num_attention_heads": 3, "num_key_value_heads": 1}),
    "Qwen 2, tied": ("Qwen2", {"tie_word_embeddings": True, "num_attention_heads": 9, "num_key_value_heads": 3}),
    "Mistral": ("Mistral", {"head_dim": 4, "sliding_window": 17}),
}  # fmt: skip
each_model = pytest.mark.parametrize("case", MODELS)


@pytest.fixture(autouse=True)
def seeded():
    torch.manual_seed(0)


def normal(*shape):
    return torch.randn(*shape, dtype=torch.float64)


def theirs(case, **changes):
    """A random model of Hugging Face's, none of its weights a 0 or a 1."""
    kind, settings = MODELS[case]
    settings = SIZES | {"head_dim": None} | settings | changes
    if settings["head_dim"] is None:
        settings["head_dim"] = 2 * (settings["hidden_size"] // settings["num_attention_heads"] // 2) or 2
    if kind == "Qwen2":
        settings.pop("head_dim")
    config = getattr(transformers, f"{kind}Config")(**settings)
    model = getattr(transformers, f"{kind}ForCausalLM")(config).eval()
    for parameter in model.parameters():
        parameter.data += 0.2 * torch.randn_like(parameter)
    return model


# --- rotary positions ---------------------------------------------------------------------------------------------
def their_rotation(x, positions, theta):
    config = transformers.LlamaConfig(
        hidden_size=x.shape[-1], num_attention_heads=1, head_dim=x.shape[-1],
        rope_parameters={"rope_theta": theta, "rope_type": "default"},
    )  # fmt: skip
    cos, sin = LlamaRotaryEmbedding(config)(x, positions[None])
    return apply_rotary_pos_emb(x, x, cos, sin)[0]


@pytest.mark.parametrize("shape", [(BATCH, HEADS, TIME, D_K), (1, 1, 1, 2), (0, HEADS, TIME, 6), (BATCH, 1, 0, 6)])
@pytest.mark.parametrize("theta", [10_000.0, 7.0])
def test_is_the_rotation_llamas_to_the_last_digit(shape, theta):
    x = torch.randn(shape)
    positions = torch.randint(0, 5000, (shape[2],))
    assert torch.equal(rotate(x, positions, theta), their_rotation(x, positions, theta))


def test_are_the_gradients_of_the_rotation_theirs():
    x, positions = torch.randn(BATCH, HEADS, TIME, D_K, requires_grad=True), torch.arange(TIME)
    goal = torch.randn(BATCH, HEADS, TIME, D_K)
    found, expected = (
        torch.autograd.grad((turn(x, positions, 100.0) * goal).sum(), x)[0] for turn in (rotate, their_rotation)
    )
    torch.testing.assert_close(found, expected)


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float64])
def test_has_the_rotation_the_precision_of_what_is_rotated(dtype):
    x, positions = torch.randn(BATCH, HEADS, TIME, D_K, dtype=dtype), 1000 + torch.arange(TIME)
    turned = rotate(x, positions)
    assert turned.dtype == dtype
    exact = rotate(x.double(), positions)
    assert (turned - exact).abs().max() < (0.05 if dtype == torch.bfloat16 else 1e-12)


def test_do_scores_hang_on_distances_alone_and_lengths_stay():
    query, key = normal(1, 1, 1, D_K), normal(1, 1, 1, D_K)
    scores = [
        (rotate(query, torch.tensor([m])) * rotate(key, torch.tensor([m - 3]))).sum() for m in (3, 5, 1000)
    ]
    torch.testing.assert_close(torch.stack(scores), scores[0].expand(3))
    torch.testing.assert_close(rotate(query, torch.tensor([77])).norm(), query.norm())


def test_is_a_pair_that_lacks_one_refused():
    with pytest.raises(ValueError, match=r"^x is a tensor with 5 features in each head; expected an even number"):
        rotate(torch.zeros(1, 1, 2, 5), torch.arange(2))


@pytest.mark.parametrize(("heads", "d"), [(HEADS, D_K), (1, 2), (5, 6)])
def test_have_halves_the_scores_that_pairs_had(heads, d):
    """GPT-J rotates pairs; ours rotates halves, after the rows have changed places."""
    query, key, x = normal(heads * d, 11), normal(heads * d, 11), normal(BATCH, TIME, 11)
    angles = torch.arange(TIME)[:, None] * 10_000.0 ** (-torch.arange(0, d, 2, dtype=torch.float64) / d)
    sin, cos = angles.sin()[None], angles.cos()[None]

    def cut(weight):
        return (x @ weight.T).unflatten(-1, (heads, d))  # (batch, time, heads, d), as GPT-J has it

    by_pairs = torch.einsum(
        "bqhd,bkhd->bhqk", rotate_pairs(cut(query), sin, cos), rotate_pairs(cut(key), sin, cos)
    )
    ours = [
        rotate(cut(halves_from_pairs(weight, heads)).transpose(1, 2), torch.arange(TIME))
        for weight in (query, key)
    ]
    torch.testing.assert_close(ours[0] @ ours[1].transpose(-2, -1), by_pairs)


def test_are_the_rows_those_of_the_published_conversion():
    weight = normal(HEADS * D_K, 11)
    permuted = weight.view(HEADS, D_K // 2, 2, 11).transpose(1, 2).reshape(HEADS * D_K, 11)
    assert torch.equal(halves_from_pairs(weight, HEADS), permuted)


@pytest.mark.parametrize("rows", [5, 6, 9])
def test_are_rows_that_are_no_pairs_in_every_head_refused(rows):
    with pytest.raises(ValueError, match=f"^weight is a tensor of {rows} rows; expected a multiple of 2 · heads, 4"):
        halves_from_pairs(torch.zeros(rows, 3), heads=2)


def test_does_any_frequency_turn_as_theta_does():
    x, positions = normal(BATCH, HEADS, TIME, D_K), torch.arange(TIME)
    frequencies = 50.0 ** (-torch.arange(0, D_K, 2).double() / D_K)
    torch.testing.assert_close(rotate_at(x, positions, frequencies), rotate(x, positions, 50.0))
    torch.testing.assert_close(rotate_at(x, positions, frequencies, 1.5), 1.5 * rotate(x, positions, 50.0))


# --- the layers ---------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("shape", [(BATCH, TIME, 11), (11,), (0, 11)])
@pytest.mark.parametrize("bias", [False, True])
def test_is_the_gated_layer_llamas(shape, bias):
    config = transformers.LlamaConfig(hidden_size=11, intermediate_size=13, num_attention_heads=1, head_dim=2, mlp_bias=bias)
    layer, their_layer = SwiGLU(11, 13, bias=bias).double(), LlamaMLP(config).double()
    their_layer.load_state_dict({f"{name[:-len(kind)]}_proj{kind}": w for name, w in layer.state_dict().items()
                                 for kind in (".weight", ".bias") if name.endswith(kind)})  # fmt: skip
    x = normal(*shape).requires_grad_()
    torch.testing.assert_close(layer(x), their_layer(x))
    goal = normal(*shape)
    for a, b in zip(*(torch.autograd.grad((f(x) * goal).sum(), [x, f_w]) for f, f_w in (
        (layer, layer.gate.weight), (their_layer, their_layer.gate_proj.weight))), strict=True):  # fmt: skip
        torch.testing.assert_close(a, b)


@pytest.mark.parametrize(("heads", "kv_heads"), [(6, 2), (6, 1), (6, 6), (1, 1)])
@pytest.mark.parametrize(("batch", "time"), [(BATCH, TIME), (1, 1)])
def test_is_the_attention_torchs_with_groups(heads, kv_heads, batch, time):
    attention = GroupedQueryAttention(12, heads, kv_heads, theta=20.0).double()
    x = normal(batch, time, 12).requires_grad_()
    parts = [layer(x).view(batch, time, -1, 12 // heads).transpose(1, 2) for layer in
             (attention.query, attention.key, attention.value)]  # fmt: skip
    query, key = (rotate(part, torch.arange(time), 20.0) for part in parts[:2])
    seen = F.scaled_dot_product_attention(query, key, parts[2], is_causal=True, enable_gqa=True)
    expected = attention.output(seen.transpose(1, 2).reshape(batch, time, 12))
    output, (kept_key, kept_value) = attention(x)
    torch.testing.assert_close((output, kept_key, kept_value), (expected, key, parts[2]))
    goal, leaves = normal(batch, time, 12), [x, attention.key.weight, attention.value.weight]
    for a, b in zip(*(torch.autograd.grad((y * goal).sum(), leaves) for y in (output, expected)), strict=True):
        torch.testing.assert_close(a, b)


@pytest.mark.parametrize("parts", [(1, 1, 1, 4), (3, 4), (6, 1), (1, 6)])
def test_does_a_cache_change_nothing(parts):
    attention = GroupedQueryAttention(12, 6, 2).double()
    x, past, outputs = normal(BATCH, 7, 12), None, []
    for part in x.split(parts, dim=1):
        output, past = attention(part, past)
        outputs.append(output)
    whole, present = attention(x)
    torch.testing.assert_close((torch.cat(outputs, 1), past), (whole, present))
    assert past[0].shape == (BATCH, 2, 7, 2)


@pytest.mark.parametrize(
    ("sizes", "message"),
    [((12, 6, 4), "heads is 6; expected a multiple of kv_heads, which is 4"),
     ((13, 6, 2), "d_model is 13; expected a multiple of heads, which is 6")],
)  # fmt: skip
def test_are_impossible_sizes_refused_by_name(sizes, message):
    with pytest.raises(ValueError, match=f"^{message}"):
        GroupedQueryAttention(*sizes)


# --- the model ----------------------------------------------------------------------------------------------------
def difference(ours, theirs):
    """The largest difference, in parts of the largest value."""
    return ((ours - theirs).abs().max() / theirs.abs().max()).item()


@each_model
@pytest.mark.parametrize(("batch", "time"), [(BATCH, 13), (1, 1)])
def test_does_it_compute_what_hugging_faces_does(case, batch, time):
    model = theirs(case)
    ids = torch.randint(23, (batch, time))
    with torch.no_grad():
        assert difference(Llama.from_huggingface(model)(ids), model(ids).logits) <= 1e-5  # processors round apart


@each_model
def test_are_the_gradients_hugging_faces(case):
    """In float64: there the two differ in how the angles are rounded only."""
    from unrolled.huggingface.door import our_name
    from unrolled.huggingface.llama import NAMES

    model = theirs(case).double()
    ours, ids = Llama.from_huggingface(model), torch.randint(23, (BATCH, 11))
    goal = normal(BATCH, 11, 23)
    (ours(ids) * goal).sum().backward()
    (model(ids).logits * goal).sum().backward()
    found = dict(ours.named_parameters())
    compared = {our_name(name, NAMES): p for name, p in model.named_parameters()}
    assert compared.keys() == found.keys()
    for name, parameter in compared.items():
        assert parameter.grad.abs().max() > 0.01 or name.endswith("key.bias"), name
        assert difference(found[name].grad, parameter.grad) <= 1e-6 or name.endswith("key.bias"), name


@pytest.mark.parametrize("way", ["in memory", "by its folder", "by its name"])
@each_model
def test_does_it_write_the_words_of_generate(case, way, saved):
    model = theirs(case)
    ours, prompt = Llama.from_huggingface(model if way == "in memory" else saved(way, model)), torch.randint(23, (3, 5))
    written = model.generate(prompt, max_new_tokens=11, do_sample=False, pad_token_id=0, attention_mask=torch.ones_like(prompt))
    assert torch.equal(generate(ours.step, prompt, max_new_tokens=11), written)


def test_is_the_window_of_mistral_the_longest_text():
    model = theirs("Mistral")
    ours, ids = Llama.from_huggingface(model), torch.randint(23, (1, 18))
    assert ours.config.positions == 17
    with torch.no_grad():
        assert difference(ours(ids[:, :17]), model(ids[:, :17]).logits) <= 1e-5
    with pytest.raises(ValueError, match=r"^input_ids reaches place 18; expected at most 17"):
        ours(ids)


@pytest.mark.parametrize(
    ("changes", "message"),
    [({"hidden_act": "relu"}, "the model's hidden_act is 'relu'; expected 'silu' or 'swish'"),
     ({"rope_parameters": {"rope_type": "dynamic", "rope_theta": 10.0, "factor": 2.0}, "head_dim": 4},
      "the model's rope_type is 'dynamic'; expected 'default', 'linear', 'llama3' or 'yarn'")],
)  # fmt: skip
def test_is_a_configuration_that_we_do_not_understand_refused(changes, message):
    with pytest.raises(ValueError, match=f"^{message}"):
        Llama.from_huggingface(theirs("Llama", **changes))


def test_does_a_class_of_ones_own_get_the_weights():
    class Mine(nn.Module):
        def __init__(self, config):
            super().__init__()
            self.inner = Llama(config)

        def load_state_dict(self, weights):
            return self.inner.load_state_dict(weights)

        def get_parameter(self, name):
            return self.inner.get_parameter(name)

    model = theirs("Qwen 2")
    mine, ids = from_huggingface(Mine, model), torch.randint(23, (1, 5))
    torch.testing.assert_close(mine.inner(ids), model(ids).logits)


def test_does_a_model_with_given_frequencies_move_and_copy():
    config = LlamaConfig(11, 13, 8, 4, 2, 2, 5, frequencies=(1.0,))
    block = LlamaBlock(config).to(torch.bfloat16)
    assert block(torch.randn(1, 3, 8, dtype=torch.bfloat16))[0].dtype == torch.bfloat16
    plain = LlamaBlock(dataclasses.replace(config, frequencies=None)).double()
    plain.load_state_dict(block.double().state_dict())
    x = normal(1, 3, 8)
    torch.testing.assert_close(plain(x)[0], block(x)[0])


# --- costs --------------------------------------------------------------------------------------------------------
def test_is_the_cache_as_large_as_a_models_state():
    model = Llama(LlamaConfig(23, 29, 12, 6, 2, 5, 7)).to(torch.bfloat16)
    _, state = model.step(torch.randint(23, (1, 11)))
    sizes = {"layers": 5, "kv_heads": 2, "head_size": 2, "tokens": 11}
    assert sum(part.nbytes for part in state) == kv_cache_bytes(**sizes)
    assert kv_cache_bytes(**sizes, bytes_per_number=4) == 2 * kv_cache_bytes(**sizes)


@pytest.mark.parametrize(("batch", "context"), [(3, 7), (1, 1)])
def test_are_the_flops_those_that_torch_counts(batch, context):
    config = transformers.GPT2Config(
        vocab_size=23, n_positions=11, n_embd=10, n_layer=5, n_head=2, attn_implementation="eager"
    )
    model, ids = transformers.GPT2LMHeadModel(config), torch.randint(23, (batch, context))
    with FlopCounterMode(display=False) as counter:
        model(ids).logits.sum().backward()
    ours = training_flops(layers=5, d_model=10, vocabulary=23, context=context, tokens=batch * context)
    assert isinstance(ours, float)
    # The first layer's scores need no gradient for what comes before, but its embeddings do: nothing is left out.
    assert counter.get_total_flops() == ours


# --- scaling laws -------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("law", "flops", "ratio"),
    [((1.69, 406.4, 410.7, 0.34, 0.28), 5.76e23, 93), ((1.69, 406.4, 410.7, 0.3392, 0.2849), 5.76e23, 59),
     ((1.8172, 482.01, 2085.43, 0.3478, 0.3658), 5.76e23, 18.4), ((0.5, 3.0, 700.0, 0.9, 0.2), 1e12, None)],
)  # fmt: skip
def test_is_the_optimum_that_scipy_finds(law, flops, ratio):
    law = ScalingLaw(*law)
    found = minimize_scalar(
        lambda log_n: law.loss(math.exp(log_n), flops / 6 / math.exp(log_n)), bounds=(0, math.log(flops)), method="bounded",
        options={"xatol": 1e-12},
    )  # fmt: skip
    parameters, tokens = compute_optimal(law, flops)
    assert math.isclose(math.log(parameters), found.x, rel_tol=1e-6)
    assert math.isclose(6 * parameters * tokens, flops)
    assert ratio is None or abs(tokens / parameters / ratio - 1) < 0.01


def test_are_the_exponents_those_of_the_optimum():
    law = ScalingLaw(1.0, 30.0, 700.0, 0.5, 0.2)
    (n, d), (many_n, many_d) = compute_optimal(law, 1e10), compute_optimal(law, 1e13)
    a, b = exponents(law)
    assert math.isclose(many_n / n, 1000**a) and math.isclose(many_d / d, 1000**b) and math.isclose(a + b, 1)


def test_does_an_outlier_not_spoil_the_fit():
    law = ScalingLaw(0.8, 30.0, 70.0, 0.45, 0.35)
    runs = [(n, d) for n in (1e3, 1e4, 1e5) for d in (1e4, 1e5, 1e6)]
    losses = [law.loss(*run) for run in runs]
    losses[4] *= 1.5
    fitted = fit_scaling_law(*zip(*runs, strict=True), losses)
    assert abs(fitted.E - 0.8) < 0.05 and abs(fitted.alpha - 0.45) < 0.05 and abs(fitted.beta - 0.35) < 0.05


@pytest.mark.parametrize("count", [4, 6])
def test_are_runs_that_do_not_match_refused(count):
    with pytest.raises(ValueError, match=f"^losses is a list of {count} numbers; expected one for each of"):
        fit_scaling_law([1e3] * min(count, 5), [1e4] * min(count, 5), [1.0] * count)


# --- in context ---------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(("prompt_length", "lengths"), [(3, (7, 4, 5)), (1, (2, 7, 3)), (6, (7, 7, 7))])
def test_are_the_scores_gpt2s_losses(prompt_length, lengths):
    config = transformers.GPT2Config(vocab_size=23, n_positions=11, n_embd=10, n_layer=2, n_head=2)
    model, ids = transformers.GPT2LMHeadModel(config).double().eval(), torch.randint(23, (3, 7))
    with torch.no_grad():
        scores = option_scores(model(ids).logits, ids, prompt_length, torch.tensor(lengths))
        for row, length, score in zip(ids, lengths, scores, strict=True):
            labels = row.clone()
            labels[:prompt_length] = labels[length:] = -100
            loss = model(row[None], labels=labels[None]).loss  # computed in float32, whatever the model
            torch.testing.assert_close(-loss, score.float())


@pytest.mark.parametrize("size", [1e4, 300.0])
def test_are_large_scores_no_trouble(size):
    logits = size * torch.randn(2, 5, 7)
    scores = option_scores(logits, torch.randint(7, (2, 5)), 2, torch.tensor([5, 4]))
    assert scores.isfinite().all()


@pytest.mark.parametrize(
    ("prompt_length", "lengths", "message"),
    [(0, (3, 3), "prompt_length is 0; expected at least 1"),
     (2, (3, 2), r"lengths is \[3, 2\]; expected more than prompt_length, 2")],
)  # fmt: skip
def test_are_options_without_a_word_refused(prompt_length, lengths, message):
    with pytest.raises(ValueError, match=f"^{message}"):
        option_scores(torch.zeros(2, 3, 7), torch.zeros(2, 3, dtype=torch.long), prompt_length, torch.tensor(lengths))


# --- published models ---------------------------------------------------------------------------------------------
def test_are_the_sizes_those_that_others_count():
    """Counts from the syllabus of the course, made with Hugging Face's models on the meta device."""
    expected = {
        "GPT-3 Small": 125_226_240, "GPT-3 Medium": 355_871_744, "GPT-3 Large": 760_300_032,
        "GPT-3 XL": 1_315_723_264, "GPT-3 2.7B": 2_651_553_280, "GPT-3 6.7B": 6_658_404_352,
        "GPT-3 13B": 12_853_386_240, "GPT-3 175B": 174_604_259_328, "Llama-2 7B": 6_738_415_616,
        "Llama-2 13B": 13_015_864_320, "Llama-2 70B": 68_976_648_192, "Llama-3 8B": 8_030_261_248,
        "Llama-3 70B": 70_553_706_496, "Llama-3 405B": 405_853_388_800,
    }  # fmt: skip
    counted = {model.name: model.count() for model in PUBLISHED if model.name in expected}
    assert counted == expected
    assert len(PUBLISHED) == len({model.name for model in PUBLISHED}) == 25
    for model in PUBLISHED:
        if model.name.startswith("GPT"):
            assert model.count() == parameter_count(model.config)


@pytest.mark.parametrize("name", ["Qwen2 0.5B", "Mistral 7B", "GPT-3 XL"])
def test_are_they_hugging_faces_counts(name):
    published = next(model for model in PUBLISHED if model.name == name)
    config = published.config
    if name.startswith("GPT"):
        their_config = transformers.GPT2Config(
            vocab_size=config.vocabulary, n_positions=config.positions, n_embd=config.d_model,
            n_layer=config.layers, n_head=config.heads,
        )  # fmt: skip
    else:
        kind = transformers.Qwen2Config if "Qwen" in name else transformers.MistralConfig
        their_config = kind(
            vocab_size=config.vocabulary, hidden_size=config.d_model, num_attention_heads=config.heads,
            num_key_value_heads=config.kv_heads, num_hidden_layers=config.layers, intermediate_size=config.d_ff,
            tie_word_embeddings=config.tied, head_dim=None if "Mistral" in name else config.d_model // config.heads,
        )  # fmt: skip
    with torch.device("meta"):
        model = transformers.AutoModelForCausalLM.from_config(their_config)
    assert published.count() == sum(parameter.numel() for parameter in model.parameters())


@pytest.mark.parametrize(
    ("printed", "count", "off"),
    [("6.7B", 6_738_415_616, 0.0), ("6.6B", 6_738_415_616, 0.021), ("117M", 116_500_001, 0.0), ("175.0B", 174.6e9, -0.0023)],
)  # fmt: skip
def test_is_a_count_off_by_more_than_its_digits(printed, count, off):
    published = dataclasses.replace(PUBLISHED[0], parameters=printed)
    assert abs(published.off_by(int(count)) - off) < 1e-3

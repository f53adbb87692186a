"""Chapter 09's T5 against Hugging Face's: outputs, gradients, generation, the tree of modules; buckets by hand."""

import math

import pytest
import torch
from torch import nn

from unrolled.huggingface.door import our_name
from unrolled.huggingface.t5 import NAMES
from unrolled.t5 import T5, RMSNorm, T5Config, cross_attention_weights, relative_position_bucket

transformers = pytest.importorskip("transformers")
from transformers.models.mt5 import modeling_mt5  # noqa: E402
from transformers.models.t5 import modeling_t5  # noqa: E402

BATCH, SOURCE, TARGET = 3, 11, 7
SIZES = dict(vocab_size=37, d_model=13, d_kv=5, d_ff=17, num_layers=2, num_decoder_layers=3, num_heads=3)
BUCKETS = dict(relative_attention_num_buckets=8, relative_attention_max_distance=10)


class ExactNorm(nn.Module):
    """Hugging Face's norm without its cast to float32."""

    def __init__(self, hidden_size, eps=1e-6):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(hidden_size))
        self.variance_epsilon = eps

    def forward(self, x):
        return self.weight * (x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + self.variance_epsilon))


def huggingface(dtype=torch.float32, *, family="T5", untied=False, **changes):
    """A random T5ForConditionalGeneration, or another family's, of odd sizes, none of its weights a 1."""
    torch.manual_seed(0)
    settings = SIZES | BUCKETS | {"decoder_start_token_id": 0, "attn_implementation": "eager"} | changes
    config = getattr(transformers, f"{family}Config")(**settings)
    model = getattr(transformers, f"{family}ForConditionalGeneration")(config).eval()
    if untied:
        model.lm_head.weight = nn.Parameter(0.2 * torch.randn(37, 13))
    for parameter in model.parameters():
        parameter.data = parameter.data + 0.2 * torch.randn_like(parameter)
    return model.to(dtype)


def inputs(seed=1):
    generator = torch.Generator().manual_seed(seed)
    source, target = (torch.randint(3, 37, (BATCH, n), generator=generator) for n in (SOURCE, TARGET))
    lengths, target_lengths = torch.tensor([SOURCE, 2, 5]), torch.tensor([3, TARGET, 6])
    return {
        "input_ids": source,
        "attention_mask": (torch.arange(SOURCE) < lengths[:, None]).long(),
        "decoder_input_ids": target,
        "decoder_attention_mask": (torch.arange(TARGET) < target_lengths[:, None]).long(),
    }


KINDS = [
    {},
    {"feed_forward_proj": "gated-gelu"},
    {"feed_forward_proj": "gated-gelu", "tie_word_embeddings": False, "untied": True},
    {"family": "MT5", "feed_forward_proj": "gated-gelu"},
    {"family": "MT5", "feed_forward_proj": "gated-gelu", "tie_word_embeddings": False, "untied": True},
    {"untied": True, "layer_norm_epsilon": 0.1, "num_decoder_layers": None},
    {"relative_attention_num_buckets": 32, "relative_attention_max_distance": 128},
]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("dtype", "tolerance"), [(torch.float32, 1e-4), (torch.float64, 1e-10)])
@pytest.mark.parametrize("masked", [False, True])
def test_are_the_scores_hugging_faces(kind, dtype, tolerance, masked, monkeypatch):
    if dtype == torch.float64:
        monkeypatch.setattr(modeling_t5, "T5LayerNorm", ExactNorm)
        monkeypatch.setattr(modeling_mt5, "MT5LayerNorm", ExactNorm)
    theirs = huggingface(dtype, **kind)
    ours, batch = T5.from_huggingface(theirs), inputs()
    if not masked:
        batch = {name: tensor for name, tensor in batch.items() if "mask" not in name}
    scores, expected = ours(**batch), theirs(**batch).logits
    assert scores.dtype == dtype and expected.abs().max() > 0.5
    torch.testing.assert_close(scores, expected, atol=tolerance, rtol=tolerance)


def test_are_the_gradients_hugging_faces(monkeypatch):
    monkeypatch.setattr(modeling_t5, "T5LayerNorm", ExactNorm)
    theirs = huggingface(torch.float64, feed_forward_proj="gated-gelu")
    ours, batch = T5.from_huggingface(theirs), inputs()
    direction = torch.randn(BATCH, TARGET, 37, dtype=torch.float64)
    (ours(**batch) * direction).sum().backward()
    (theirs(**batch).logits * direction).sum().backward()
    gradients = {name: parameter.grad for name, parameter in ours.named_parameters()}
    compared = {our_name(name, NAMES): parameter.grad for name, parameter in theirs.named_parameters()}
    assert gradients.keys() == compared.keys()
    for name, gradient in gradients.items():
        torch.testing.assert_close(gradient, compared[name], atol=1e-8, rtol=1e-8)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"feed_forward_proj": "gelu"}, "feed_forward_proj is 'gelu'; expected 'relu' or 'gated-gelu'"),
        ({"feed_forward_proj": "gated-silu"}, "feed_forward_proj is 'gated-silu'"),
        ({"is_encoder_decoder": False}, "is_encoder_decoder is False; expected True"),
    ],
)
def test_is_a_configuration_that_t5_has_not_refused(change, message):
    theirs = huggingface()
    for field, value in change.items():
        setattr(theirs.config, field, value)
    with pytest.raises(ValueError, match=message):
        T5.from_huggingface(theirs)


def test_is_another_kind_of_model_refused():
    theirs = huggingface()
    theirs.config.model_type = "umt5"  # it has position biases in every block
    with pytest.raises(ValueError, match="model_type is 'umt5'"):
        T5.from_huggingface(theirs)


def test_does_padding_in_front_or_nothing_but_padding_spread_no_nan():
    theirs, batch = huggingface(), inputs()
    ours = T5.from_huggingface(theirs)
    batch = {name: tensor.flip(1) for name, tensor in batch.items()}  # padding comes first
    real = batch["decoder_attention_mask"].bool()
    torch.testing.assert_close(ours(**batch)[real], theirs(**batch).logits[real], atol=1e-5, rtol=1e-5)
    batch["attention_mask"][1] = 0
    batch["decoder_attention_mask"][0] = 0
    assert ours(**batch).isfinite().all()


def test_are_the_cross_attentions_weights_hugging_faces():
    theirs, batch = huggingface(), inputs()
    ours = T5.from_huggingface(theirs)
    found = cross_attention_weights(ours, batch["input_ids"], batch["decoder_input_ids"])
    expected = theirs(batch["input_ids"], decoder_input_ids=batch["decoder_input_ids"], output_attentions=True)
    assert len(found) == len(expected.cross_attentions) == 3
    for ours_of_block, theirs_of_block in zip(found, expected.cross_attentions, strict=True):
        torch.testing.assert_close(ours_of_block, theirs_of_block, atol=1e-5, rtol=1e-5)
    assert not any(block.cross_attention._forward_pre_hooks for block in ours.decoder.blocks)


def test_does_the_cache_change_nothing():
    ours, batch = T5.from_huggingface(huggingface()), inputs()
    whole = ours(batch["input_ids"], batch["decoder_input_ids"], batch["attention_mask"])
    state = ours.start(batch["input_ids"], batch["attention_mask"])
    for first, last in ((0, 1), (1, 4), (4, 5), (5, 7)):
        scores, state = ours.step(batch["decoder_input_ids"][:, first:last], state)
        torch.testing.assert_close(scores, whole[:, last - 1], atol=1e-5, rtol=1e-5)


def test_can_the_rows_of_a_state_be_reordered():
    ours, batch = T5.from_huggingface(huggingface()), inputs()
    rows = torch.tensor([2, 0, 0, 1])
    state = ours.start(batch["input_ids"], batch["attention_mask"])
    assert all(len(tensor) == BATCH for tensor in state)
    words = batch["decoder_input_ids"]
    _, state = ours.step(words[:, :3], state)
    scores, _ = ours.step(words[rows, 3:4], [tensor[rows] for tensor in state])
    expected, _ = ours.step(words[:, 3:4], state)
    torch.testing.assert_close(scores, expected[rows])


def test_is_greedy_generation_hugging_faces():
    theirs, batch = huggingface(num_decoder_layers=2), inputs()
    source = {name: batch[name] for name in ("input_ids", "attention_mask")}
    expected = theirs.generate(**source, max_new_tokens=13, do_sample=False, num_beams=1)
    eos = expected[0, 5].item()  # a token that does come up ends the texts
    expected = theirs.generate(**source, max_new_tokens=13, do_sample=False, num_beams=1, eos_token_id=eos)
    found = T5.from_huggingface(theirs).generate(**source, start=0, eos=eos, max_length=13)
    until = [[*row[1:].tolist(), eos] for row in expected]
    assert found == [row[: row.index(eos)] for row in until] and min(map(len, found)) < 13


T5_LARGE = dict(vocab_size=32128, d_model=1024, d_kv=64, d_ff=4096, num_layers=24, num_heads=16)


def test_is_t5_larges_tree_hugging_faces():
    with torch.device("meta"):
        ours, theirs = (
            T5(T5Config(**T5_LARGE)),
            modeling_t5.T5ForConditionalGeneration(transformers.T5Config(**T5_LARGE)),
        )
    shapes = {name: weight.shape for name, weight in ours.named_parameters()}
    assert shapes == {our_name(name, NAMES): weight.shape for name, weight in theirs.named_parameters()}
    count = {kind: sum(isinstance(m, kind) for m in ours.modules()) for kind in (nn.Linear, RMSNorm)}
    assert count[nn.Linear] == sum(isinstance(m, nn.Linear) for m in theirs.modules())
    assert count[RMSNorm] == sum(isinstance(m, modeling_t5.T5LayerNorm) for m in theirs.modules())
    assert sum(p.numel() for p in ours.parameters()) == theirs.num_parameters() == 737_668_096


@pytest.mark.parametrize("bidirectional", [True, False])
@pytest.mark.parametrize(("num_buckets", "max_distance"), [(32, 128), (8, 10), (20, 300), (6, 17)])
def test_are_the_buckets_hugging_faces(bidirectional, num_buckets, max_distance):
    distances = torch.arange(-500, 501)[None]
    expected = modeling_t5.T5Attention._relative_position_bucket(distances, bidirectional, num_buckets, max_distance)
    found = relative_position_bucket(distances, bidirectional, num_buckets, max_distance)
    assert torch.equal(found, expected) and found.max() < num_buckets


def test_are_the_buckets_those_of_the_formula_by_hand():
    for distance, bucket in (
        (7, 7),
        (8, 8),
        (11, 8),
        (12, 9),
        (15, 9),
        (16, 10),
        (23, 11),
        (64, 14),
        (127, 15),
        (999, 15),
    ):
        assert relative_position_bucket(torch.tensor(-distance)).item() == bucket, distance
        assert relative_position_bucket(torch.tensor(distance)).item() == bucket + 16, distance


@pytest.mark.parametrize(("scale", "eps"), [(1.0, 1e-6), (1e-3, 1e-6), (1.0, 0.3)])
def test_is_the_norm_torchs_with_the_same_gradients(scale, eps):
    ours, theirs = RMSNorm(7, eps).double(), nn.RMSNorm(7, eps).double()
    ours.weight.data = theirs.weight.data = torch.randn(7, dtype=torch.float64)
    x = (scale * torch.randn(2, 3, 7, dtype=torch.float64)).requires_grad_()
    torch.testing.assert_close(ours(x), theirs(x))
    direction = torch.randn(2, 3, 7, dtype=torch.float64)
    for a, b in zip(
        *(torch.autograd.grad((norm(x) * direction).sum(), [x, norm.weight]) for norm in (ours, theirs)), strict=True
    ):
        torch.testing.assert_close(a, b)


def test_are_the_first_scores_of_about_the_size_that_one_over_root_d_would_give():
    torch.manual_seed(0)
    model = T5(T5Config(vocab_size=101, d_model=64, d_kv=32, d_ff=64, num_layers=1, num_heads=2))
    attention, x = model.encoder.blocks[0].self_attention, torch.randn(5, 40, 64)
    scores = attention.split(attention.query(x)) @ attention.remember(x)[0].transpose(-2, -1)
    assert 0.7 < scores.std().item() < 1.4 and math.isclose(scores.mean().item(), 0, abs_tol=0.1)

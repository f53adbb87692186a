"""Chapter 16's library against Hugging Face's Reformer, autograd, and dense attention that counts who sees whom."""

import math

import pytest
import torch
from torch import nn
from torch.autograd.graph import saved_tensors_hooks
from transformers import ReformerConfig as TheirConfig
from transformers import ReformerModelWithLMHead
from transformers.models.reformer.modeling_reformer import AxialPositionEmbeddings
from transformers.models.reformer.modeling_reformer import LSHSelfAttention as TheirAttention
from transformers.pytorch_utils import apply_chunking_to_forward

from unrolled.axial import AxialPositions
from unrolled.lsh import attend_in_chunks, combine_rounds, lsh_attention, lsh_buckets, sort_by_bucket
from unrolled.reformer import Reformer, ReformerConfig, chunked_feed_forward, from_huggingface
from unrolled.reformer_attention import LocalSelfAttention, LSHSelfAttention
from unrolled.reversible import reverse_block, run_blocks, run_reversible

BATCH, HEADS, D_K, D_V, ROUNDS = 2, 3, 7, 5, 3
SETTINGS = {
    "vocab_size": 19,
    "hidden_size": 15,
    "num_attention_heads": HEADS,
    "attention_head_size": D_K,
    "feed_forward_size": 11,
    "attn_layers": ["lsh", "local", "lsh"],
    "lsh_attn_chunk_length": 4,
    "local_attn_chunk_length": 6,
    "num_hashes": ROUNDS,
    "num_buckets": [4, 6],
    "axial_pos_shape": [5, 12],
    "axial_pos_embds_dim": [4, 11],
    "hash_seed": 5,
    "is_decoder": True,
    "hidden_dropout_prob": 0.0,
    "local_attention_probs_dropout_prob": 0.0,
    "lsh_attention_probs_dropout_prob": 0.0,
}


def normal(*shape, seed=0):
    return torch.randn(shape, dtype=torch.float64, generator=torch.Generator().manual_seed(seed + sum(shape)))


def some_ids(*shape, seed=0):
    return torch.randint(1, 19, shape, generator=torch.Generator().manual_seed(seed))


def theirs(dtype=torch.float64, **changes):
    """A random Reformer of Hugging Face's, none of its weights a 0 or a 1."""
    torch.manual_seed(1)
    model = ReformerModelWithLMHead(TheirConfig(**SETTINGS | changes)).eval()
    for parameter in model.parameters():
        parameter.data += 0.3 * torch.randn_like(parameter)
    return model.to(dtype)


def their_attention(buckets, decoder, chunk_length=4):
    """Their attention layer by itself."""
    torch.manual_seed(2)
    changes = {"num_buckets": buckets, "is_decoder": decoder, "lsh_attn_chunk_length": chunk_length}
    return TheirAttention(TheirConfig(**SETTINGS | changes)).double().eval()


def rotations(layer, x, buckets):
    """The same random directions as theirs draws."""
    shape = (HEADS, D_K, ROUNDS, buckets // 2)
    return torch.randn(shape, generator=torch.Generator().manual_seed(layer.hash_seed), dtype=x.dtype)


# Hashing and sorting


@pytest.mark.parametrize(("batch", "time", "buckets"), [(BATCH, 12, 6), (1, 1, 2), (0, 4, 4), (BATCH, 0, 4)])
def test_are_buckets_and_order_theirs(batch, time, buckets):
    layer, vectors = their_attention(buckets, True), normal(batch, HEADS, time, D_K)
    offset = layer._hash_vectors(vectors, ROUNDS, None)  # numbers of later rounds are higher
    ours = lsh_buckets(vectors, rotations(layer, vectors, buckets))
    first = buckets * torch.arange(ROUNDS)[:, None]
    assert torch.equal((ours + first).flatten(2), offset)
    expected = layer._get_sorted_bucket_idx_and_undo_sorted_bucket_idx(time, offset, ROUNDS)
    for mine, their in zip(sort_by_bucket(ours), expected, strict=True):
        assert torch.equal(mine, their)


def test_is_the_lower_bucket_taken_of_two_that_are_equally_like():
    directions = torch.eye(2)[None, :, None]
    vectors = torch.tensor([[[[1.0, 1.0], [-1.0, 1.0], [0.0, 0.0], [1.0, -1.0]]]])
    assert lsh_buckets(vectors, directions).flatten().tolist() == [0, 1, 0, 0]


def test_does_sorting_and_undoing_give_the_words_back():
    buckets = torch.randint(4, (BATCH, HEADS, ROUNDS, 11), generator=torch.Generator().manual_seed(0))
    order, undo = sort_by_bucket(buckets)
    x = normal(BATCH, HEADS, ROUNDS * 11)
    assert torch.equal(x.gather(2, order).gather(2, undo), x)
    sorted_buckets = buckets.flatten(2).gather(2, order).unflatten(2, (ROUNDS, 11))
    assert (sorted_buckets.diff(dim=-1) >= 0).all()


# Attention


@pytest.mark.parametrize("decoder", [True, False])
@pytest.mark.parametrize(("batch", "time"), [(BATCH, 12), (1, 8), (BATCH, 4), (BATCH, 3), (1, 1)])
def test_is_the_attention_theirs_with_its_gradients(batch, time, decoder):
    layer, x = their_attention(6, decoder), normal(batch, time, 15).requires_grad_()

    def heads(y):
        return y.unflatten(-1, (HEADS, -1)).transpose(1, 2)

    query_key, value = heads(layer.query_key(x)), heads(layer.value(x))
    buckets = lsh_buckets(query_key, rotations(layer, x, 6))
    ours = lsh_attention(query_key, value, buckets, chunk_length=4, causal=decoder).transpose(1, 2).flatten(2)
    expected = layer(x).hidden_states
    torch.testing.assert_close(ours, expected, rtol=0, atol=1e-11)
    direction = normal(batch, time, HEADS * D_K)
    wanted = [x, layer.query_key.weight, layer.value.weight]
    (a, b) = (torch.autograd.grad((out * direction).sum(), wanted, retain_graph=True) for out in (ours, expected))
    torch.testing.assert_close(a, b, rtol=0, atol=1e-10)


def seen_how_often(buckets, chunk_length):
    """How often word i has word j in its own or the previous chunk, over all rounds: counted one by one."""
    batch, heads, rounds, time = buckets.shape
    counts = torch.zeros(batch, heads, time, time, dtype=torch.float64)
    for b in range(batch):
        for h in range(heads):
            row = [
                t
                for r in range(rounds)
                for t in sorted(range(time), key=lambda t, r=r: (buckets[b, h, r, t].item(), t))
            ]
            chunks = [row[i : i + chunk_length] for i in range(0, len(row), chunk_length)]
            for i, chunk in enumerate(chunks):
                for here in chunk:
                    for there in chunks[i - 1] + chunk:
                        counts[b, h, here, there] += 1
    return counts


@pytest.mark.parametrize("causal", [True, False])
@pytest.mark.parametrize(("time", "chunk_length", "rounds"), [(12, 4, 3), (12, 3, 1), (10, 5, 2), (8, 2, 7)])
def test_is_it_dense_attention_that_counts_how_often_each_is_seen(time, chunk_length, rounds, causal):
    x, value = normal(BATCH, HEADS, time, D_K), normal(BATCH, HEADS, time, D_V)
    buckets = lsh_buckets(x, normal(HEADS, D_K, rounds, 2))
    key = x / (x.square().mean(-1, keepdim=True) + 1e-6).sqrt() / math.sqrt(D_K)
    scores = x @ key.mT
    if causal:
        scores[..., torch.ones(time, time).triu(1).bool()] = -1e9
    scores[..., torch.eye(time).bool()] = -1e5
    dense = (scores + seen_how_often(buckets, chunk_length).log()).softmax(-1) @ value
    ours = lsh_attention(x, value, buckets, chunk_length=chunk_length, causal=causal)
    torch.testing.assert_close(ours, dense, rtol=0, atol=1e-10)


@pytest.mark.parametrize("chunk_length", [6, 12, 20])
@pytest.mark.parametrize("causal", [True, False])
def test_is_it_full_attention_when_two_chunks_hold_the_text(chunk_length, causal):
    x, value = normal(BATCH, HEADS, 12, D_K), normal(BATCH, HEADS, 12, D_V)
    key = x / (x.square().mean(-1, keepdim=True) + 1e-6).sqrt() / math.sqrt(D_K)
    mask = ~torch.eye(12, dtype=torch.bool)
    mask = mask.tril() if causal else mask
    mask[0, 0] |= causal  # the first word has nothing else
    scores = (x @ key.mT).masked_fill(~mask, -torch.inf)
    ours = lsh_attention(x, value, lsh_buckets(x, normal(HEADS, D_K, 1, 3)), chunk_length=chunk_length, causal=causal)
    torch.testing.assert_close(ours, scores.softmax(-1) @ value, rtol=0, atol=1e-10)


def test_are_rounds_combined_as_one_softmax_over_all_that_was_seen():
    scores, value = normal(BATCH, HEADS, ROUNDS, 11, 13), normal(BATCH, HEADS, ROUNDS, 13, D_V)
    one = scores.transpose(2, 3).flatten(3).softmax(-1) @ value.flatten(2, 3)
    found = combine_rounds(scores.softmax(-1) @ value, scores.logsumexp(-1))
    torch.testing.assert_close(found, one)
    torch.testing.assert_close(
        combine_rounds(scores.softmax(-1) @ value, scores.logsumexp(-1) - 2e4), found, rtol=0, atol=1e-10
    )


@pytest.mark.parametrize(("batch", "time"), [(0, 8), (2, 0), (0, 0)])
def test_may_there_be_no_texts_and_no_words(batch, time):
    x, value = normal(batch, HEADS, time, D_K), normal(batch, HEADS, time, D_V)
    buckets = lsh_buckets(x, normal(HEADS, D_K, ROUNDS, 2))
    assert lsh_attention(x, value, buckets, chunk_length=4, causal=True).shape == value.shape
    assert Reformer.from_huggingface(theirs())(some_ids(batch, time)).shape == (batch, time, 19)


@pytest.mark.parametrize("chunk_length", [0, -2, 5, 24])
def test_are_chunks_that_do_not_fit_refused_by_name(chunk_length):
    x, places = normal(1, 1, 12, D_K), torch.arange(12)[None, None]
    with pytest.raises(ValueError, match=f"^chunk_length is {chunk_length}; expected a number that divides the 12"):
        attend_in_chunks(x, x, places, chunk_length=chunk_length, causal=True)


# Reversible blocks


def some_blocks(count, d=5):
    torch.manual_seed(0)
    layers = [(nn.Sequential(nn.Linear(d, 7), nn.Tanh(), nn.Linear(7, d)), nn.Linear(d, d)) for _ in range(count)]
    return [(f.double(), g.double()) for f, g in layers]


@pytest.mark.parametrize("shape", [(2, 3, 5), (1, 5), (0, 5), (5,)])
@pytest.mark.parametrize("run", ["one block", "a stack"])
def test_are_inputs_and_gradients_those_of_autograd(shape, run):
    blocks = some_blocks(1 if run == "one block" else 4)
    parameters = [p for pair in blocks for half in pair for p in half.parameters()]
    x1, x2 = normal(*shape).requires_grad_(), normal(*shape, seed=1).requires_grad_()
    directions = normal(*shape, seed=2), normal(*shape, seed=3)
    y1, y2 = run_blocks(blocks, x1, x2)
    expected = torch.autograd.grad((y1, y2), [x1, x2, *parameters], directions)
    for parameter in parameters:
        parameter.grad = torch.ones_like(parameter)
    if run == "one block":
        before = [t.clone() for t in (y1, y2, *directions)]
        with torch.no_grad():
            found = reverse_block(*blocks[0], y1, y2, *directions)
        torch.testing.assert_close(found, (x1.detach(), x2.detach(), *expected[:2]))
        assert not any(t.requires_grad for t in found)
        assert all(torch.equal(a, b) for a, b in zip(before, (y1, y2, *directions), strict=True))
    else:
        z1, z2 = run_reversible(blocks, x1, x2)
        assert torch.equal(z1, y1) and torch.equal(z2, y2)
        torch.autograd.backward((z1, z2), directions)
        torch.testing.assert_close((x1.grad, x2.grad), expected[:2])
    for parameter, gradient in zip(parameters, expected[2:], strict=True):
        torch.testing.assert_close(parameter.grad, 1 + gradient)  # added to what was there


def saved(run):
    """How many numbers autograd keeps, each storage once."""
    kept = {}

    def note(tensor):
        storage = tensor.untyped_storage()
        kept[storage.data_ptr()] = storage.nbytes() // tensor.element_size()
        alive.append(tensor)
        return tensor

    alive = []
    with saved_tensors_hooks(note, lambda tensor: tensor):
        run()
    return sum(kept.values())


def test_is_the_same_kept_at_any_depth():
    x = normal(2, 3, 5).requires_grad_()
    kept = [saved(lambda n=n: run_reversible(some_blocks(n), x, x)) for n in (1, 4, 16)]
    assert kept == [2 * x.numel()] * 3
    kept = [saved(lambda n=n: run_blocks(some_blocks(n), x, x)) for n in (4, 16)]
    assert kept[1] > 3.5 * kept[0]


def test_do_gradients_reach_parameters_when_the_inputs_need_none():
    blocks = some_blocks(2)
    run_reversible(blocks, normal(3, 5), normal(3, 5))[1].sum().backward()
    assert all(p.grad is not None for pair in blocks for half in pair for p in half.parameters())


def test_is_the_way_back_in_the_precision_of_the_way_there():
    seen = []

    def f(x):
        y = x @ torch.ones(5, 5)
        seen.append(y.dtype)
        return y

    x = torch.randn(3, 5, requires_grad=True)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        y1, _ = run_reversible([(f, torch.tanh)], x, x)
    y1.sum().backward()
    assert seen == [torch.bfloat16] * 2


# The feed-forward layer and positions


@pytest.mark.parametrize(("time", "chunk_length"), [(6, 2), (6, 6), (6, 1), (1, 1)])
def test_is_the_chunked_layer_theirs(time, chunk_length):
    layer, x = some_blocks(1)[0][0], normal(BATCH, time, 5)
    expected = apply_chunking_to_forward(lambda part: layer(part), chunk_length, 1, x)
    assert torch.equal(chunked_feed_forward(layer, x, chunk_length), expected)


@pytest.mark.parametrize(("batch", "time", "chunk_length"), [(2, 7, 3), (2, 2, 5), (1, 7, 1), (0, 3, 2), (2, 0, 3)])
def test_is_the_chunked_layer_the_whole_layer(batch, time, chunk_length):
    layer, x = nn.Linear(5, 3).double(), normal(batch, time, 5).requires_grad_()
    chunked, whole = chunked_feed_forward(layer, x, chunk_length), layer(x)
    torch.testing.assert_close(chunked, whole)
    for a, b in zip(*(torch.autograd.grad(y.square().sum(), x) for y in (chunked, whole)), strict=True):
        torch.testing.assert_close(a, b)


@pytest.mark.parametrize("chunk_length", [0, -1])
def test_is_a_chunk_of_nothing_refused_by_name(chunk_length):
    with pytest.raises(ValueError, match=f"^chunk_length is {chunk_length}; expected at least 1"):
        chunked_feed_forward(nn.Identity(), normal(1, 3, 5), chunk_length)


@pytest.mark.parametrize("length", [0, 1, 12, 13, 60])
def test_are_axial_positions_theirs(length):
    layer = AxialPositionEmbeddings(TheirConfig(**SETTINGS)).eval()
    for weight in layer.weights:
        nn.init.normal_(weight)
    ours = AxialPositions((5, 12), (4, 11))
    ours.rows.data, ours.columns.data = layer.weights[0][:, 0].detach(), layer.weights[1][0].detach()
    expected = layer(torch.arange(length)[None])[0] if length else torch.zeros(0, 15)  # theirs has no maximum of none
    assert torch.equal(ours(length), expected)


def test_are_more_places_than_there_are_refused_by_name():
    with pytest.raises(ValueError, match=r"^length is 61; expected at most 5 · 12 places"):
        AxialPositions((5, 12), (4, 11))(61)


# The whole model


@pytest.mark.parametrize("changes", [{}, {"num_buckets": 6}, {"hidden_act": "gelu"}, {"attn_layers": ["local"] * 2}])
@pytest.mark.parametrize("time", [60, 24, 13, 7, 5, 4, 3, 1])
def test_does_it_compute_what_hugging_faces_does(time, changes):
    reference, ids = theirs(**changes), some_ids(3, time)
    expected = reference(ids).logits
    assert expected.std() > 0.5  # else the tolerance would say nothing
    torch.testing.assert_close(Reformer.from_huggingface(reference)(ids), expected, rtol=0, atol=1e-10)


@pytest.mark.parametrize("kind", [torch.long, torch.bool])
def test_is_padding_ignored_as_theirs_is(kind):
    reference, ids = theirs(), some_ids(3, 24)
    mask = torch.ones(3, 24, dtype=torch.long)
    mask[1, 20:], mask[2, 5:] = 0, 0
    expected = reference(ids, attention_mask=mask).logits[mask.bool()]
    found = Reformer.from_huggingface(reference)(ids, mask.to(kind))[mask.bool()]
    torch.testing.assert_close(found, expected, rtol=0, atol=1e-10)


@pytest.mark.parametrize("chunk", [0, 4])
def test_are_the_gradients_hugging_faces(chunk):
    reference = theirs(chunk_size_feed_forward=chunk).train()  # there is no dropout
    model, ids, direction = Reformer.from_huggingface(reference), some_ids(3, 60), normal(3, 60, 19)
    (model(ids) * direction).sum().backward()
    (reference(ids).logits * direction).sum().backward()
    from unrolled.huggingface.door import our_name
    from unrolled.huggingface.reformer import NAMES, UNUSED

    compared = 0
    for name, parameter in reference.named_parameters():
        if name != UNUSED:
            ours = model.get_parameter(our_name(name, NAMES)).grad
            expected = parameter.grad.reshape(ours.shape)
            assert (ours - expected).abs().max() <= 1e-8 * expected.abs().max()
            compared += 1
    assert compared == len(list(model.parameters()))


def test_is_it_theirs_in_float32_where_nobody_sees_only_themselves():
    """Theirs rounds −1e5 − log 2, so its rows that see nothing but themselves are off by 0.3 %."""
    reference, ids = theirs(torch.float32, attn_layers=["lsh"], num_hashes=1), some_ids(2, 60)
    difference = (Reformer.from_huggingface(reference)(ids) - reference(ids).logits).abs()
    assert difference[:, 4:].max() <= 1e-6 * reference(ids).logits.abs().max() * 10


def test_do_plain_blocks_give_the_same_gradients():
    reference = theirs()
    plain = Reformer.from_huggingface(reference)
    ids = some_ids(2, 36)
    config = ReformerConfig(**vars(plain.config) | {"reversible": False})
    other = Reformer(config).double()
    other.load_state_dict(plain.state_dict())
    for model in (plain, other):
        model(ids).square().sum().backward()
    for a, b in zip(plain.parameters(), other.parameters(), strict=True):
        torch.testing.assert_close(a.grad, b.grad, rtol=1e-8, atol=1e-8)


def test_are_rotations_drawn_anew_and_from_the_generator():
    model = Reformer.from_huggingface(theirs(hash_seed=None))
    ids = some_ids(1, 60)
    a, b, c = (model(ids, generator=torch.Generator().manual_seed(seed)) for seed in (0, 0, 1))
    assert torch.equal(a, b) and not torch.allclose(a, c)


@pytest.mark.parametrize(
    ("field", "value"),
    [("hidden_act", "silu"), ("lsh_num_chunks_before", 2), ("axial_pos_embds", False), ("num_buckets", None)],
)
def test_is_a_configuration_that_we_do_not_understand_refused(field, value):
    with pytest.raises(ValueError, match=f"^the model's {field} is {value!r}; expected"):
        Reformer.from_huggingface(theirs(**{field: value}))


def test_does_a_class_of_ones_own_get_the_weights():
    class Mine(Reformer):
        pass

    reference, ids = theirs(), some_ids(2, 12)
    mine = from_huggingface(Mine, reference)
    assert type(mine) is Mine
    torch.testing.assert_close(mine(ids), reference(ids).logits, rtol=0, atol=1e-10)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: LSHSelfAttention(6, 2, 4, chunk_length=3, rounds=1, buckets=5), "^buckets is 5; expected even"),
        (lambda: LSHSelfAttention(6, 2, 4, chunk_length=3, rounds=1, buckets=(4, 3)), r"^buckets is \(4, 3\); exp"),
        (lambda: Reformer(ReformerConfig(layers=("full",))), "^layers holds 'full'; expected 'lsh' or 'local'"),
        (lambda: Reformer(ReformerConfig(axial_sizes=(64, 64))), r"^axial_sizes is \(64, 64\); expected sizes that"),
    ],
)
def test_are_impossible_sizes_refused_by_name(make, message):
    with pytest.raises(ValueError, match=message):
        make()


def test_is_padding_before_a_word_refused_by_name():
    model, mask = Reformer.from_huggingface(theirs()), torch.tensor([[0, 1, 1]])
    with pytest.raises(ValueError, match=r"^attention_mask has a 0 before a 1; expected padding at the end"):
        model(some_ids(1, 3), mask)


def test_does_local_attention_see_its_chunk_and_the_one_before():
    torch.manual_seed(0)
    layer, x = LocalSelfAttention(6, 2, 4, chunk_length=3), torch.randn(1, 9, 6)
    reaches = torch.autograd.functional.jacobian(lambda x: layer(x)[0].sum(-1), x)[:, 0].abs().sum(-1) > 0
    there, here = torch.arange(9), torch.arange(9)[:, None]
    assert torch.equal(reaches, (there <= here) & (there >= (here // 3 - 1) * 3))

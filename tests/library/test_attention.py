"""Chapter 04's library against torch and hand arithmetic; nothing depends on what is in the padding."""

import pytest
import torch
import torch.nn.functional as F

from unrolled.attention import (
    AttentionDecoder,
    AttentionSeq2Seq,
    additive_scores,
    context_vectors,
    masked_softmax,
    multiplicative_scores,
)

BATCH, QUERY, KEY, HIDDEN_Q, HIDDEN_K, ATTENTION = 2, 3, 5, 7, 11, 13
LENGTHS = torch.tensor([4, 1, 6])
SOURCE = torch.arange(21).view(3, 7) * 5 % 11
PADDING = torch.arange(7) >= LENGTHS[:, None]


def normal(*shape, seed=0):
    generator = torch.Generator().manual_seed(seed + sum(shape))
    return torch.randn(*shape, dtype=torch.float64, generator=generator)


def mask_without_empty_rows():
    mask = normal(BATCH, QUERY, KEY, seed=1) > 0
    mask[..., 2] = True
    return mask


def test_are_additive_scores_those_of_every_pair_by_itself():
    query, key = normal(BATCH, QUERY, HIDDEN_Q), normal(BATCH, KEY, HIDDEN_K)
    w_query, w_key, v = normal(ATTENTION, HIDDEN_Q), normal(ATTENTION, HIDDEN_K), normal(ATTENTION)
    scores = additive_scores(query, key, w_query, w_key, v)
    for b in range(BATCH):
        for q in range(QUERY):
            for k in range(KEY):
                alone = v.dot(torch.tanh(w_query.mv(query[b, q]) + w_key.mv(key[b, k])))
                torch.testing.assert_close(scores[b, q, k], alone)


def test_are_general_scores_torchs_bilinear_form():
    query, key, weight = normal(BATCH, QUERY, HIDDEN_Q), normal(BATCH, KEY, HIDDEN_K), normal(HIDDEN_Q, HIDDEN_K)
    scores = multiplicative_scores(query, key, weight)
    for q in range(QUERY):
        one = query[:, q : q + 1].expand(-1, KEY, -1).contiguous()
        torch.testing.assert_close(scores[:, q], F.bilinear(one, key, weight[None])[..., 0])


def test_is_dot_product_attention_that_of_torch_with_the_same_gradients():
    mask = mask_without_empty_rows()
    leaves = [normal(BATCH, length, HIDDEN_Q, seed=length).requires_grad_() for length in (QUERY, KEY, KEY)]
    query, key, value = leaves
    ours = context_vectors(masked_softmax(multiplicative_scores(query, key), mask), value)
    theirs = F.scaled_dot_product_attention(query, key, value, attn_mask=mask, scale=1.0)
    torch.testing.assert_close(ours, theirs)
    direction = normal(*ours.shape)
    torch.testing.assert_close(
        torch.autograd.grad((ours * direction).sum(), leaves), torch.autograd.grad((theirs * direction).sum(), leaves)
    )


@pytest.mark.parametrize("dtype", [torch.float64, torch.float32, torch.bfloat16])
def test_do_weights_add_up_to_one_or_to_zero_without_nan(dtype):
    scores = (100 * normal(BATCH, QUERY, KEY)).to(dtype).requires_grad_()
    mask = mask_without_empty_rows()
    mask[0, 1] = False
    weights = masked_softmax(scores, mask)
    assert not weights[~mask].any()
    sums = weights.sum(dim=-1)
    assert sums[0, 1] == 0
    torch.testing.assert_close(sums, mask.any(dim=-1).to(dtype))
    (weights * normal(*weights.shape).to(dtype)).sum().backward()
    assert scores.grad.isfinite().all() and not scores.grad[~mask].any()


def test_does_a_forbidden_score_change_nothing_however_large():
    scores, mask = normal(BATCH, QUERY, KEY), mask_without_empty_rows()
    changed = scores.masked_fill(~mask, 1e30)
    assert torch.equal(masked_softmax(scores, mask), masked_softmax(changed, mask))


@pytest.fixture
def decoder():
    torch.manual_seed(0)
    return AttentionDecoder(13, 5, 7, 3).double()


def test_is_the_decoder_step_by_step_the_decoder_at_once(decoder):
    state, memory = normal(3, 7).tanh(), normal(3, 7, 7)
    whole, last, looks = decoder(SOURCE, state, memory, ~PADDING)
    for t in range(SOURCE.shape[1]):
        logits, state, weights = decoder(SOURCE[:, t : t + 1], state, memory, ~PADDING)
        torch.testing.assert_close(logits[:, 0], whole[:, t])
        torch.testing.assert_close(weights[:, 0], looks[:, t])
    torch.testing.assert_close(state, last)
    torch.testing.assert_close(looks.sum(-1), torch.ones(3, 7, dtype=torch.float64))


def test_is_a_step_the_formulas_of_the_paper(decoder):
    state, memory, word = normal(1, 7).tanh(), normal(1, 4, 7), torch.tensor([[9]])
    logits, new, weights = decoder(word, state, memory, torch.ones(1, 4, dtype=torch.bool))
    energies = [decoder.v @ torch.tanh(decoder.query(state[0]) + decoder.key(h)) for h in memory[0]]
    alpha = torch.stack(energies).softmax(0)
    context = (alpha[:, None] * memory[0]).sum(0)
    expected = decoder.cell(torch.cat([decoder.embedding.weight[9], context])[None], state)
    torch.testing.assert_close(weights[0, 0], alpha)
    torch.testing.assert_close(new, expected)
    torch.testing.assert_close(logits[0, 0], decoder.head(torch.cat([expected[0], context])))


@pytest.fixture
def translator():
    torch.manual_seed(2)
    model = AttentionSeq2Seq(11, 13, 5, 7, 3).double()
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.mul_(3.0)  # so that translations differ
    return model


def test_does_nothing_depend_on_what_is_in_the_padding(translator):
    changed, inputs = SOURCE.masked_fill(PADDING, 9), SOURCE[:, :5]
    assert not torch.equal(changed, SOURCE)
    before, after = (translator.look(source, LENGTHS, inputs) for source in (SOURCE, changed))
    assert all(map(torch.equal, before, after))
    alone = translator.look(SOURCE[:1, :4], LENGTHS[:1], inputs[:1])
    torch.testing.assert_close(alone[0], before[0][:1])
    torch.testing.assert_close(alone[1], before[1][:1, :, :4])
    unused = [i for i in range(11) if i not in SOURCE[~PADDING]]
    gradients = torch.autograd.grad(before[0].sum(), translator.encoder.embedding.weight)[0]
    assert not gradients[unused].any()


def test_is_a_sentence_translated_the_same_alone_and_in_a_batch(translator):
    generator = torch.Generator().manual_seed(5)
    source = torch.randint(3, 11, (17, 7), generator=generator)
    lengths = torch.randint(1, 8, (17,), generator=generator)

    def translate(source, lengths):
        with torch.no_grad():
            return translator.translate(source, lengths, bos=1, eos=2, max_length=12)

    together = translate(source, lengths)
    assert together == [translate(source[i : i + 1, :n], lengths[i : i + 1])[0] for i, n in enumerate(lengths)]
    assert len({len(words) for words in together}) > 2


def test_is_every_word_the_most_probable_one_given_those_before(translator):
    (words,) = translator.translate(SOURCE[:1], LENGTHS[:1], bos=1, eos=2, max_length=9)
    logits = translator(SOURCE[:1], LENGTHS[:1], torch.tensor([[1, *words]]))
    assert logits[0].argmax(-1).tolist()[: len(words)] == words

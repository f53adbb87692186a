"""Chapter 03's library against torch's packed sequences, sacrebleu and translations made one by one."""

import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from unrolled.seq2seq import Decoder, Encoder, Seq2Seq, bleu, greedy_translate, shift_right, teacher_forcing_loss

VOCABULARY, FEATURE, HIDDEN, BOS, EOS = 11, 5, 7, 1, 2
LENGTHS = torch.tensor([4, 1, 6])
SOURCE = torch.arange(21).view(3, 7) * 5 % VOCABULARY  # wider than the longest sentence
PADDING = torch.arange(7) >= LENGTHS[:, None]


@pytest.fixture
def encoder():
    torch.manual_seed(0)
    return Encoder(VOCABULARY, FEATURE, HIDDEN).double()


@pytest.fixture
def decoder():
    torch.manual_seed(1)
    return Decoder(13, FEATURE, HIDDEN).double()


@pytest.fixture
def translator():
    torch.manual_seed(2)
    model = Seq2Seq(VOCABULARY, 13, FEATURE, HIDDEN).double()
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.mul_(3.0)  # so that translations differ
    return model


def test_does_shifting_leave_the_targets_as_they_were():
    targets = SOURCE.clone()
    shifted = shift_right(targets, BOS)
    assert torch.equal(targets, SOURCE)
    assert torch.equal(shifted[:, 1:], targets[:, :-1]) and (shifted[:, 0] == BOS).all()


def test_is_the_encoder_torchs_gru_on_packed_sequences_with_the_same_gradients(encoder):
    states, last = encoder(SOURCE, LENGTHS)
    packed = nn.utils.rnn.pack_padded_sequence(
        encoder.embedding(SOURCE), LENGTHS, batch_first=True, enforce_sorted=False
    )
    their_states, their_last = encoder.gru(packed)
    their_states, _ = nn.utils.rnn.pad_packed_sequence(their_states, batch_first=True, total_length=7)
    torch.testing.assert_close(states, their_states)
    torch.testing.assert_close(last, their_last[0])
    weights = list(encoder.parameters())
    direction = torch.randn_like(states, generator=None)
    ours = torch.autograd.grad((states * direction).sum() + last.sum(), weights)
    theirs = torch.autograd.grad((their_states * direction).sum() + their_last.sum(), weights)
    torch.testing.assert_close(ours, theirs)


def test_does_nothing_depend_on_what_is_in_the_padding(encoder, translator):
    changed = SOURCE.masked_fill(PADDING, 9)
    assert not torch.equal(changed, SOURCE)
    for before, after in zip(encoder(SOURCE, LENGTHS), encoder(changed, LENGTHS), strict=True):
        assert torch.equal(before, after)
    target, lengths = SOURCE[:, :5], torch.tensor([5, 2, 3])
    refilled = target.masked_fill(torch.arange(5) >= lengths[:, None], 3)
    losses = [
        teacher_forcing_loss(translator, source, LENGTHS, right, lengths, BOS)
        for source, right in ((SOURCE, target), (changed, refilled))
    ]
    assert losses[0] == losses[1]
    gradients = torch.autograd.grad(losses[0], translator.encoder.embedding.weight)[0]
    used = SOURCE[~PADDING].unique()
    assert not gradients[[i for i in range(VOCABULARY) if i not in used]].any()
    written = [translate(translator, source, LENGTHS) for source in (SOURCE, changed)]
    assert written[0] == written[1]


def test_is_the_decoder_step_by_step_the_decoder_at_once(decoder):
    inputs, state = SOURCE, torch.randn(3, HIDDEN, dtype=torch.float64).tanh()
    whole, last = decoder(inputs, state)
    pieces = []
    for t in range(inputs.shape[1]):
        logits, state = decoder(inputs[:, t : t + 1], state)
        pieces.append(logits)
    torch.testing.assert_close(torch.cat(pieces, dim=1), whole)
    torch.testing.assert_close(state, last)


def test_is_the_loss_torchs_cross_entropy_over_real_words(translator):
    target, lengths = SOURCE[:, :5], torch.tensor([5, 2, 3])
    inputs = F.pad(target, (1, -1), value=BOS)
    right = target.masked_fill(torch.arange(5) >= lengths[:, None], -100)
    expected = F.cross_entropy(translator(SOURCE, LENGTHS, inputs).transpose(1, 2), right)
    torch.testing.assert_close(teacher_forcing_loss(translator, SOURCE, LENGTHS, target, lengths, BOS), expected)


def translate(model, source, lengths, max_length=12):
    with torch.no_grad():
        return model.translate(source, lengths, bos=BOS, eos=EOS, max_length=max_length)


@pytest.mark.parametrize("seed", range(5))
def test_is_a_sentence_translated_the_same_alone_and_in_a_batch(translator, seed):
    generator = torch.Generator().manual_seed(seed)
    source = torch.randint(3, VOCABULARY, (17, 7), generator=generator)
    lengths = torch.randint(1, 8, (17,), generator=generator)
    together = translate(translator, source, lengths)
    alone = [translate(translator, source[i : i + 1, :n], lengths[i : i + 1])[0] for i, n in enumerate(lengths)]
    assert together == alone
    assert len({len(words) for words in together}) > 2, "the sentences should end at different steps"
    assert all(EOS not in words and len(words) <= 12 for words in together)


def test_is_every_word_the_most_probable_one_given_those_before(translator):
    (words,) = translate(translator, SOURCE[:1], LENGTHS[:1])
    logits = translator(SOURCE[:1], LENGTHS[:1], torch.tensor([[BOS, *words]]))
    wanted = [*words, EOS] if len(words) < 12 else words
    assert logits[0].argmax(-1).tolist()[: len(wanted)] == wanted


def test_does_translating_stop_asking_once_all_sentences_have_ended():
    calls = []

    def decoder(words, state):
        calls.append(len(words))
        return F.one_hot(torch.full_like(words, EOS), 5).float(), state

    encoder = lambda source, lengths: (None, torch.zeros(len(source), 1))  # noqa: E731
    assert greedy_translate(encoder, decoder, SOURCE, LENGTHS, BOS, EOS, 9) == [[], [], []]
    assert calls == [3]


words = st.lists(st.sampled_from("abcd"), max_size=12)


@settings(max_examples=300, deadline=None)
@given(st.lists(st.tuples(words, words.filter(len)), min_size=1, max_size=5))
def test_is_bleu_that_of_sacrebleu(sentences):
    from sacrebleu.metrics import BLEU

    candidates, references = [list(texts) for texts in zip(*sentences, strict=True)]
    metric = BLEU(tokenize="none", smooth_method="none")
    theirs = metric.corpus_score([" ".join(c) for c in candidates], [[" ".join(r) for r in references]])
    assert bleu(candidates, references) == pytest.approx(theirs.score, abs=1e-6)


def test_does_bleu_want_as_many_references_as_candidates():
    with pytest.raises(ValueError):
        bleu([["a"]], [["a"], ["b"]])

"""Chapter 07's library against Hugging Face's BERT, PyTorch's losses and the data collator of `transformers`."""

import copy
import itertools

import pytest
import torch
import torch.nn.functional as F
import transformers
from torch import nn

from unrolled.bert import Bert, BertBlock, classify
from unrolled.data.village.lexicon import NAMES
from unrolled.masked_lm import mask_tokens, masked_lm_loss
from unrolled.pretraining import (
    BertVocabulary,
    guesses,
    pretraining_batches,
    pretraining_loss,
    village_bert,
    village_corpus,
)
from unrolled.sentence_pairs import make_sentence_pairs

BATCH, TIME, VOCABULARY, POSITIONS = 3, 7, 23, 11
SIZES = {
    "vocab_size": VOCABULARY,
    "hidden_size": 15,
    "num_attention_heads": 3,
    "intermediate_size": 17,
    "num_hidden_layers": 2,
    "max_position_embeddings": POSITIONS,
    "type_vocab_size": 2,
}


def theirs(kind="BertForPreTraining", dtype=torch.float32, **changes):
    """A random model of Hugging Face's, none of its weights a 0 or a 1."""
    torch.manual_seed(3)
    model = getattr(transformers, kind)(transformers.BertConfig(**(SIZES | changes))).to(dtype).eval()
    for parameter in model.parameters():
        parameter.data += 0.3 * torch.randn(parameter.shape).to(dtype)
    return model


def batch(time=TIME):
    """Words other than the padding's 0, unequal lengths, both segments."""
    generator = torch.Generator().manual_seed(5)
    mask = (torch.arange(time) < torch.tensor([[time], [2], [4]])).long()
    return {
        "input_ids": torch.randint(1, VOCABULARY, (BATCH, time), generator=generator),
        "attention_mask": mask,
        "token_type_ids": torch.randint(2, (BATCH, time), generator=generator),
    }


@pytest.mark.parametrize(("dtype", "bound"), [(torch.float32, 1e-5), (torch.float64, 1e-10)])
@pytest.mark.parametrize("kind", ["BertModel", "BertForPreTraining"])
@pytest.mark.parametrize("given", [(), ("attention_mask",), ("attention_mask", "token_type_ids")])
def test_does_the_model_compute_what_hugging_faces_does(dtype, bound, kind, given):
    model = theirs(kind, dtype)
    ours = Bert.from_huggingface(model)
    inputs = {name: tensor for name, tensor in batch().items() if name in ("input_ids", *given)}
    with torch.no_grad():
        if kind == "BertModel":
            pairs = zip(ours(**inputs), model(**inputs).to_tuple(), strict=True)
        else:
            pairs = zip(ours.predict(**inputs), model(**inputs).to_tuple(), strict=True)
    for mine, expected in pairs:
        assert mine.dtype == dtype and mine.shape == expected.shape
        assert (mine - expected).abs().max() <= bound


@pytest.mark.parametrize("sizes", [{}, {"type_vocab_size": 5, "layer_norm_eps": 0.1}, {"num_hidden_layers": 5}])
def test_are_other_sizes_the_same_too(sizes):
    model = theirs(dtype=torch.float64, **sizes)
    ours, inputs = Bert.from_huggingface(model), batch(time=POSITIONS)
    for mine, expected in zip(ours.predict(**inputs), model(**inputs).to_tuple(), strict=True):
        assert (mine - expected).abs().max() <= 1e-10


def test_have_all_weights_the_same_gradients_as_hugging_faces():
    model = theirs(dtype=torch.float64)
    ours, inputs = Bert.from_huggingface(model), batch()
    labels = torch.where(inputs["input_ids"] % 3 == 1, inputs["input_ids"], -100)
    following = torch.tensor([1, 0, 1])
    model(**inputs, labels=labels, next_sentence_label=following).loss.backward()
    words, next_sentence = ours.predict(**inputs)
    (masked_lm_loss(words, labels) + F.cross_entropy(next_sentence, following)).backward()
    as_ours = copy.deepcopy(model)  # its gradients, renamed by the loader as if they were weights
    for parameter, source in zip(as_ours.parameters(), model.parameters(), strict=True):
        parameter.data = source.grad
    expected = dict(Bert.from_huggingface(as_ours).named_parameters())
    assert expected["embeddings.word.weight"].abs().max() > 1e-3
    for name, parameter in ours.named_parameters():
        torch.testing.assert_close(parameter.grad, expected[name].data, rtol=1e-8, atol=1e-10, msg=name)


@pytest.mark.parametrize(
    ("field", "value"),
    [("hidden_act", "gelu_new"), ("hidden_act", "relu"), ("is_decoder", True), ("tie_word_embeddings", False)],
)
def test_is_an_unsupported_configuration_refused_by_name(field, value):
    model = theirs()
    setattr(model.config, field, value)
    with pytest.raises(ValueError, match=f"the model's {field} is {value!r}; expected"):
        Bert.from_huggingface(model)


def test_is_another_model_refused_by_name():
    with pytest.raises(ValueError, match="model_or_name is a BertForMaskedLM; expected a BertModel"):
        Bert.from_huggingface(theirs("BertForMaskedLM"))
    config = transformers.BertConfig(**SIZES)
    with pytest.raises(ValueError, match="the model's pooler is None"):
        Bert.from_huggingface(transformers.BertModel(config, add_pooling_layer=False))
    config.position_embedding_type = "relative_key"  # of older versions of transformers
    with pytest.raises(ValueError, match="position_embedding_type is 'relative_key'; expected 'absolute'"):
        Bert.from_huggingface(transformers.BertModel(config))


def test_is_a_text_refused_that_is_longer_than_the_positions():
    ours = Bert.from_huggingface(theirs())
    with pytest.raises(ValueError, match=r"input_ids has 12 tokens a row; expected at most 11"):
        ours(torch.ones(1, POSITIONS + 1, dtype=torch.long))


def test_has_bert_base_as_many_weights_as_hugging_faces():
    """The course's claim: 110 million; both are built without memory, and counted without each other."""
    with torch.device("meta"):
        for heads, kind, expected in ((False, "BertModel", 109_482_240), (True, "BertForPreTraining", 110_106_428)):
            ours = Bert(pretraining_heads=heads)
            reference = getattr(transformers, kind)(transformers.BertConfig())
            counts = [sum(p.numel() for p in model.parameters()) for model in (ours, reference)]
            assert counts == [expected, expected]


def test_give_weights_on_demand_the_same_states_and_those_of_hugging_face():
    model = theirs("BertModel", torch.float64, attn_implementation="eager")
    model.set_attn_implementation("eager")
    ours, inputs = Bert.from_huggingface(model), batch()
    states, weights = ours.encode(**inputs, weights=True)
    torch.testing.assert_close(states, ours(**inputs)[0])
    assert ours.encode(**inputs)[1] == []
    for mine, expected in zip(weights, model(**inputs, output_attentions=True).attentions, strict=True):
        torch.testing.assert_close(mine, expected)
        assert not (mine * (inputs["attention_mask"] == 0)[:, None, None]).any()


def test_does_padding_not_change_a_result_and_may_the_mask_be_boolean():
    ours, inputs = Bert.from_huggingface(theirs(dtype=torch.float64)), batch()
    real = inputs["attention_mask"].bool()
    changed = inputs | {"input_ids": torch.where(real, inputs["input_ids"], 9), "attention_mask": real}
    for mine, expected in zip(ours(**changed), ours(**inputs), strict=True):
        torch.testing.assert_close(mine[:, 0], expected[:, 0])
    torch.testing.assert_close(ours(**changed)[0][real], ours(**inputs)[0][real])


def test_are_a_blocks_gradients_the_same_with_and_without_weights():
    torch.manual_seed(0)
    block, x = BertBlock(15, 3, 17).double(), torch.randn(BATCH, TIME, 15, dtype=torch.float64, requires_grad=True)
    mask = batch()["attention_mask"].bool()[:, None, None]
    directions = torch.randn_like(x)
    found = [torch.autograd.grad((block(x, mask, w)[0] * directions).sum(), x)[0] for w in (False, True)]
    torch.testing.assert_close(*found)


def test_is_the_classifier_hugging_faces():
    model = theirs("BertForSequenceClassification", torch.float64, num_labels=5)
    inputs = batch()
    states = model.bert(**inputs).last_hidden_state
    expected = model(**inputs).logits
    torch.testing.assert_close(classify(states, model.bert.pooler.dense, model.classifier), expected)


@pytest.mark.parametrize("shape", [(BATCH, TIME), (5,)])
def test_is_the_loss_of_hidden_words_torchs_with_the_same_gradients(shape):
    generator = torch.Generator().manual_seed(1)
    logits = torch.randn(*shape, 13, generator=generator, dtype=torch.float64, requires_grad=True)
    labels = torch.randint(13, shape, generator=generator).masked_fill_(
        torch.rand(shape, generator=generator) < 0.6, -100
    )
    labels.view(-1)[0] = 0  # the first word of the vocabulary is a word too
    ours, torchs = masked_lm_loss(logits, labels), F.cross_entropy(logits.view(-1, 13), labels.view(-1))
    torch.testing.assert_close(ours, torchs)
    torch.testing.assert_close(*(torch.autograd.grad(loss, logits)[0] for loss in (ours, torchs)))


def shares(masked, labels, ids, special):
    """How much of what may be asked is asked, and of that hidden, changed and left."""
    asked = labels != -100
    hidden, left = asked & (masked == 2), asked & (masked == ids)
    of = asked.sum()
    return [asked.sum() / (~special).sum(), hidden.sum() / of, left.sum() / of, (asked & ~hidden & ~left).sum() / of]


def test_are_words_hidden_as_hugging_faces_collator_hides_them():
    """Half a million tokens: each share differs by less than five standard errors of a difference."""
    generator = torch.Generator().manual_seed(11)
    ids = torch.randint(3, 1009, (4001, 127), generator=generator)
    special = torch.rand(ids.shape, generator=generator) < 0.2
    ids[special] = 1
    mine = mask_tokens(ids, [0, 1, 2], 2, 1009, torch.rand(3, *ids.shape, generator=generator))

    class Tokenizer:
        """The little that the collator needs of one."""

        mask_token, mask_token_id, pad_token_id = "[MASK]", 2, 0
        convert_tokens_to_ids = staticmethod(lambda token: 2)

        def __len__(self):
            return 1009

    collator = object.__new__(transformers.DataCollatorForLanguageModeling)
    vars(collator).update(
        tokenizer=Tokenizer(), mlm_probability=0.15, mask_replace_prob=0.8, random_replace_prob=0.1,
        whole_word_mask=False, generator=None, seed=None,
    )  # fmt: skip
    torch.manual_seed(13)
    hf = collator.torch_mask_tokens(ids.clone(), special_tokens_mask=special)
    ours, expected = (shares(masked, labels, ids, special) for masked, labels in (mine, hf))
    n = [(~special).sum(), *[0.15 * (~special).sum()] * 3]
    for a, b, count in zip(ours, expected, n, strict=True):
        assert abs(a - b) < 5 * (2 * b * (1 - b) / count).sqrt(), (ours, expected)
    assert not (mine[1] != -100)[special].any() and (mine[0] == ids)[special].all()
    words = mine[0][(mine[1] != -100) & (mine[0] != 2) & (mine[0] != ids)]
    assert words.min() <= 3 and words.max() >= 1000  # drawn from all words, marks included


def test_is_every_token_selected_on_its_own():
    """The number selected in a row varies as that of independent draws, n · p · (1 − p): a fixed share would not."""
    generator = torch.Generator().manual_seed(7)
    ids = torch.full((20_000, 40), 9)
    _, labels = mask_tokens(ids, [0], 2, 11, torch.rand(3, *ids.shape, generator=generator), probability=0.3)
    counts = (labels != -100).sum(1).double()
    assert counts.mean() == pytest.approx(12, abs=0.1) and counts.var() == pytest.approx(8.4, rel=0.05)


def test_is_half_of_the_pairs_next_and_no_other_from_the_same_document():
    documents = [[[100 * d + i] for i in range(2 + d)] for d in range(7)]
    firsts = [[100 * d + i] for d in range(7) for i in range(1 + d)]
    generator = torch.Generator().manual_seed(0)
    labels, elsewhere = [], set()
    for _ in range(400):
        made = make_sentence_pairs(documents, torch.rand(len(firsts), 3, generator=generator), 1, 2)
        labels += made["labels"]
        for (first,), ids, segments, label in zip(firsts, *made.values(), strict=True):
            assert ids[:3] == [1, first, 2] and ids[4] == 2 and segments == [0, 0, 0, 1, 1]
            assert (label == 0) == (ids[3] == first + 1) and (label == 1) == (ids[3] // 100 != first // 100)
            elsewhere.add(ids[3]) if label else None
    assert sum(labels) / len(labels) == pytest.approx(0.5, abs=0.02)
    assert elsewhere == {sentence[0] for document in documents for sentence in document}


def test_is_a_batch_of_pre_training_what_it_says():
    corpus = village_corpus(60, minimum_count=1)
    draw, kinds = pretraining_batches(corpus, 5), set()
    sentences = {tuple(s) for document in corpus.documents for s in document} | set(map(tuple, corpus.singles))
    for seed in range(20):
        batch = draw(torch.Generator().manual_seed(seed))
        whole = torch.where(batch.labels != -100, batch.labels, batch.input_ids)
        for row, real, segments, follows in zip(
            whole, batch.attention_mask, batch.token_type_ids, batch.following.tolist(), strict=True
        ):
            ids, vocabulary = row[real].tolist(), corpus.vocabulary
            assert (ids[0], ids[-1]) == (vocabulary.cls, vocabulary.sep) and not row[~real].any()
            ends = [i for i, word in enumerate(ids) if word == vocabulary.sep]
            parts = [tuple(ids[begin + 1 : end]) for begin, end in itertools.pairwise([0, *ends])]
            assert all(part in sentences for part in parts)
            assert len(parts) == 1 + (follows != -100) and segments.any() == (len(parts) == 2)
        kinds.add(batch.following[0].item() == -100)
    assert kinds == {True, False}


def test_does_pre_training_score_only_what_is_asked_and_agree_with_the_whole():
    corpus = village_corpus(60, minimum_count=1)
    torch.manual_seed(0)
    model = Bert(len(corpus.vocabulary), 12, 3, 7, 2, positions=96).double()
    for seed in range(6):
        batch = pretraining_batches(corpus, 5)(torch.Generator().manual_seed(seed))
        words, following = model.predict(*batch[:3])
        expected = F.cross_entropy(words.transpose(1, 2), batch.labels)
        if (batch.following != -100).any():
            expected = expected + F.cross_entropy(following, batch.following)
        torch.testing.assert_close(pretraining_loss(model, batch), expected)


def test_does_the_vocabulary_begin_with_padding_and_marks_and_read_blanks():
    vocabulary = BertVocabulary.of(["b a a", "나는 a"])
    assert vocabulary.words == ["<pad>", "<bos>", "<eos>", "<unk>", "[CLS]", "[SEP]", "[MASK]", "a", "b", "나는"]
    assert vocabulary.read("나는 ___ c") == [4, 9, 6, 3, 5]
    assert [vocabulary.words[i] for i in (vocabulary.cls, vocabulary.sep, vocabulary.mask)] == [
        "[CLS]",
        "[SEP]",
        "[MASK]",
    ]
    assert list(vocabulary.special_ids) == list(range(7))


def test_does_the_checkpoint_fill_blanks_in_both_languages():
    model, vocabulary = village_bert()
    (first,), (second,) = (
        guesses(model, vocabulary, text) for text in ("I love ___ so much.", "나는 너를 ___ 사랑해.")
    )
    assert {word for word, _ in first} <= {"you", "me", "us", *(noun.english.lower() for noun in NAMES)}
    assert {word for word, _ in second[:2]} == {"매우", "정말"}
    assert 0 < sum(p for _, p in first) <= 1 + 1e-6 and sorted(first, key=lambda g: -g[1]) == first
    assert sum(p.numel() for p in model.parameters()) * 4 < 6e6
    two = guesses(model, vocabulary, "___ love ___", k=3)
    assert [len(found) for found in two] == [3, 3]


def test_does_no_weight_of_a_model_stay_without_a_start_of_its_own():
    torch.manual_seed(0)
    model = Bert(101, 48, 3, 48, 2, positions=11)
    for module in model.modules():
        if isinstance(module, nn.Linear | nn.Embedding):
            assert module.weight.std().item() == pytest.approx(0.08, rel=0.2)

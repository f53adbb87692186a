"""Chapter 14's library: rules of fine-tuning, pooling, the classifier, metrics, adaptation, labelled files."""

import csv
import math

import numpy as np
import pytest
import sklearn.metrics
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from unrolled.adaptation import (
    WordList,
    nats_per_word,
    next_word_loss,
    text_batches,
    village_lstm,
    with_new_words,
)
from unrolled.data import village
from unrolled.fine_tuning import discriminative_groups, slanted_triangular_rate, unfreeze
from unrolled.metrics import accuracy, confusion_counts, macro_f1, precision_recall_f1
from unrolled.pooling import concat_pool
from unrolled.text_classification import (
    adapt,
    classify_csv,
    fine_tune,
    hub_classifier,
    lstm_classifier,
    split_by_class,
)
from unrolled.ulmfit import LanguageModel, LanguageModelClassifier, classifier_of

# --- the rate over the steps


@pytest.mark.parametrize("steps", [1, 2, 7, 19, 97, 100, 1013])
@pytest.mark.parametrize("cut_fraction", [0.1, 0.29, 0.5, 1.0])
@pytest.mark.parametrize("ratio", [1, 5, 32])
def test_does_the_slanted_rate_agree_with_numpys_interpolation(steps, cut_fraction, ratio):
    cut = max(1, math.floor(steps * cut_fraction))
    corners = [0, cut, steps] if steps > cut else [0, cut]
    expected = np.interp(range(steps), corners, [1 / ratio, 1, 1 / ratio][: len(corners)])
    got = [slanted_triangular_rate(t, steps, cut_fraction=cut_fraction, ratio=ratio) for t in range(steps)]
    np.testing.assert_allclose(got, expected, rtol=1e-12)
    assert all(1 / ratio <= rate <= 1 for rate in got)


@pytest.mark.parametrize("step", [-1, 10, 11])
def test_is_a_step_that_does_not_exist_refused(step):
    with pytest.raises(ValueError, match=rf"step is {step}; expected 0 to 9"):
        slanted_triangular_rate(step, 10)


# --- a rate for each layer


def layers_of(tied=False):
    """A table, an LSTM, and a layer that may share the table's weights."""
    layers = [nn.Embedding(11, 5), nn.LSTM(5, 5), nn.Linear(5, 11)]
    if tied:
        layers[2].weight = layers[0].weight
    return layers


@pytest.mark.parametrize("tied", [False, True])
def test_does_torch_take_the_groups_and_step_each_layer_at_its_rate(tied):
    layers = layers_of(tied)
    groups = discriminative_groups(layers, 0.5, factor=2.5)
    optimizer = torch.optim.SGD(groups, lr=99.0)
    assert [group["lr"] for group in optimizer.param_groups] == pytest.approx([0.08, 0.2, 0.5])
    everything = [p for layer in layers for p in layer.parameters()]
    listed = [p for group in groups for p in group["params"]]
    assert len(listed) == len({id(p) for p in listed}) == len({id(p) for p in everything}) == (6 if tied else 7)
    before = [p.detach().clone() for p in listed]
    for p in listed:
        p.grad = torch.ones_like(p)
    optimizer.step()
    moved = [(a - b.detach()).mean().item() for a, b in zip(before, listed, strict=True)]
    rates = [group["lr"] for group in groups for _ in group["params"]]
    assert moved == pytest.approx(rates, rel=1e-5)


def test_may_a_layer_have_nothing_of_its_own():
    table = nn.Embedding(3, 5)
    groups = discriminative_groups([table, nn.Dropout(), table], 1.0, factor=2)
    assert [(len(group["params"]), group["lr"]) for group in groups] == [(1, 0.25), (0, 0.5), (0, 1.0)]
    torch.optim.AdamW(groups)
    assert discriminative_groups([], 1.0) == []


# --- gradual unfreezing


@pytest.mark.parametrize("before", [True, False])
@pytest.mark.parametrize("epoch", range(6))
def test_does_one_layer_more_learn_in_each_epoch(before, epoch):
    layers = [*layers_of(), nn.Sequential(nn.Linear(2, 3), nn.Linear(3, 2))]
    for layer in layers:
        layer.requires_grad_(before)
    assert unfreeze(layers, epoch) is None
    learns = [{p.requires_grad for p in layer.parameters()} for layer in layers]
    assert learns == [{i >= 4 - (epoch + 1)} for i in range(4)]


def test_does_a_shared_parameter_learn_with_the_later_layer():
    layers = layers_of(tied=True)
    unfreeze(layers, 0)
    assert layers[0].weight.requires_grad
    assert not any(p.requires_grad for p in layers[1].parameters())


def test_is_a_negative_epoch_refused():
    with pytest.raises(ValueError, match="epoch is -1; expected 0 or more"):
        unfreeze(layers_of(), -1)


# --- pooling


@given(st.data())
@settings(max_examples=40, deadline=None)
def test_does_pooling_agree_with_one_row_after_the_other(data):
    time, d = data.draw(st.integers(1, 7)), data.draw(st.sampled_from([1, 3, 5]))
    lengths = data.draw(st.lists(st.integers(1, time), max_size=5))
    generator = torch.Generator().manual_seed(data.draw(st.integers(0, 99)))
    states = torch.randn(len(lengths), time, d, generator=generator, dtype=torch.float64).requires_grad_()
    weights = torch.randn(len(lengths), 3 * d, generator=generator, dtype=torch.float64)
    pooled = concat_pool(states, torch.tensor(lengths, dtype=torch.int64))
    rows = [
        torch.cat([row[n - 1], row[:n].max(dim=0).values, row[:n].mean(dim=0)])
        for row, n in zip(states, lengths, strict=True)
    ]
    expected = torch.stack(rows) if rows else states.new_zeros(0, 3 * d)
    torch.testing.assert_close(pooled, expected)
    if rows:
        (got,) = torch.autograd.grad((pooled * weights).sum(), states)
        (wanted,) = torch.autograd.grad((expected * weights).sum(), states)
        torch.testing.assert_close(got, wanted)


def test_does_padding_change_nothing_and_stay_as_it_is():
    states, lengths = torch.randn(3, 7, 5) - 4, torch.tensor([7, 1, 4])
    pooled = concat_pool(states, lengths)
    for padding in (0.0, 1e30, -1e30):
        other = states.clone()
        other[1, 1:] = other[2, 4:] = padding
        before = other.clone()
        assert torch.equal(concat_pool(other, lengths), pooled)
        assert torch.equal(other, before)


# --- the language model and the classifier


def packed(model, ids, lengths):
    """What the body gives with PyTorch's packed sequences."""
    states = pack_padded_sequence(model.table(ids), lengths, batch_first=True, enforce_sorted=False)
    for lstm in model.lstms:
        states, _ = lstm(states)
    return pad_packed_sequence(states, batch_first=True)[0]


@pytest.mark.parametrize(("d_model", "hidden", "layers"), [(3, 5, 1), (5, 5, 2), (3, 7, 3)])
def test_does_the_classifier_agree_with_packed_sequences(d_model, hidden, layers):
    torch.manual_seed(0)
    model = LanguageModelClassifier(11, d_model, hidden, layers, 2, head=13).double()
    ids, lengths = torch.randint(11, (5, 7)), torch.tensor([7, 1, 4, 2, 7])
    got = model(ids, lengths)
    pooled = concat_pool(packed(model, ids, lengths), lengths)
    expected = nn.Sequential(model.squeeze, nn.ReLU(), model.score)(pooled)
    torch.testing.assert_close(got, expected)
    weights = torch.randn_like(got)
    mine = torch.autograd.grad((got * weights).sum(), list(model.parameters()))
    theirs = torch.autograd.grad((expected * weights).sum(), list(model.parameters()))
    for a, b in zip(mine, theirs, strict=True):
        torch.testing.assert_close(a, b)


def test_does_a_language_model_agree_with_one_lstm_of_two_layers():
    torch.manual_seed(0)
    model = LanguageModel(11, 3, 5, 2)
    stacked = nn.LSTM(3, 5, num_layers=2, batch_first=True)
    stacked.load_state_dict(
        {name.replace("_l0", f"_l{i}"): w for i, lstm in enumerate(model.lstms) for name, w in lstm.state_dict().items()}
    )
    ids = torch.randint(11, (2, 7))
    states, _ = stacked(model.table(ids))
    torch.testing.assert_close(model.read(ids), states)
    torch.testing.assert_close(model(ids), nn.functional.linear(model.project(states), model.table.weight, model.bias))


def test_does_the_classifier_read_as_the_language_model_whose_body_it_took():
    model, ids, lengths = LanguageModel(11, 3, 5, 2), torch.randint(11, (3, 7)), torch.tensor([7, 2, 5])
    classifier = classifier_of(model, 2)
    seen = []
    classifier.lstms[-1].register_forward_hook(lambda module, given, result: seen.append(result[0]))
    classifier(ids, lengths)
    torch.testing.assert_close(seen[0], model.read(ids))
    kinds = [type(group).__name__ for group in classifier.groups]
    assert kinds == ["Embedding", "LSTM", "LSTM", "ModuleList"]
    assert len({id(p) for g in classifier.groups for p in g.parameters()}) == len(list(classifier.parameters()))


# --- metrics


@pytest.mark.filterwarnings("ignore:A single label was found")
@given(st.integers(1, 7), st.data())
@settings(max_examples=60, deadline=None)
def test_do_the_metrics_agree_with_scikit_learns(classes, data):
    pairs = data.draw(st.lists(st.tuples(*[st.integers(0, classes - 1)] * 2), max_size=40))
    truth, predicted = (torch.tensor([pair[i] for pair in pairs], dtype=torch.int64) for i in (0, 1))
    counts = confusion_counts(truth, predicted, classes)
    assert counts.dtype is torch.int64
    if not pairs:
        assert counts.sum() == 0 and counts.shape == (classes, classes)
        assert precision_recall_f1(counts).eq(0).all()
        return
    labels = list(range(classes))
    np.testing.assert_array_equal(counts, sklearn.metrics.confusion_matrix(truth, predicted, labels=labels))
    expected = sklearn.metrics.precision_recall_fscore_support(truth, predicted, labels=labels, zero_division=0)[:3]
    np.testing.assert_allclose(precision_recall_f1(counts), np.stack(expected), rtol=1e-6)
    assert accuracy(counts) == pytest.approx(sklearn.metrics.accuracy_score(truth, predicted))
    wanted = sklearn.metrics.f1_score(truth, predicted, labels=labels, average="macro", zero_division=0)
    assert macro_f1(counts) == pytest.approx(wanted, abs=1e-6)


@pytest.mark.parametrize("bad", [[0, 3], [-1, 0]])
@pytest.mark.parametrize("name", ["truth", "predicted"])
def test_is_a_class_that_does_not_exist_refused(name, bad):
    labels = {"truth": torch.tensor([0, 1]), "predicted": torch.tensor([0, 1]), name: torch.tensor(bad)}
    with pytest.raises(ValueError, match=rf"{name} holds .*; expected 0 to 2"):
        confusion_counts(**labels, classes=3)


# --- from the general corpus to the domain


def test_does_a_longer_list_keep_the_old_words_and_give_new_ones_the_mean():
    torch.manual_seed(0)
    model = LanguageModel(7, 3, 5, 2)
    nn.init.normal_(model.bias)
    longer = with_new_words(model, 11)
    ids = torch.randint(7, (2, 5))
    torch.testing.assert_close(longer(ids)[..., :7], model(ids))
    torch.testing.assert_close(longer.table.weight[9], model.table.weight.mean(0))
    torch.testing.assert_close(longer.bias[7:], model.bias.mean().expand(4))
    spread = with_new_words(model, 1007, spread=2.0)
    new = spread.table.weight[7:]
    assert len(new.unique(dim=0)) == 1000
    torch.testing.assert_close(new.std(0), 2 * model.table.weight.std(0), rtol=0.1, atol=0)
    torch.testing.assert_close(spread(ids)[..., :7], model(ids))
    with pytest.raises(ValueError, match="vocabulary is 6; expected at least 7"):
        with_new_words(model, 6)


def test_is_the_loss_over_texts_that_of_each_text_alone():
    torch.manual_seed(0)
    model, texts = LanguageModel(11, 3, 5, 1), [[1, 8, 2], [1, 2], [1, 4, 5, 6, 2]]
    losses = [next_word_loss(model, (torch.tensor([text]), torch.tensor([len(text)]))).item() for text in texts]
    mean = sum(loss * (len(text) - 1) for loss, text in zip(losses, texts, strict=True)) / 7
    for batch_size in (1, 2, 3):
        assert nats_per_word(model, texts, batch_size) == pytest.approx(mean, rel=1e-5)


def test_are_batches_drawn_with_their_lengths():
    ids, lengths = text_batches([[1, 8, 2], [1, 2]], 5)(torch.Generator().manual_seed(0))
    assert ids.shape == (5, 3)
    assert set(lengths.tolist()) == {2, 3}
    assert all(row[n - 1] == 2 for row, n in zip(ids, lengths, strict=True))


def test_has_the_course_s_lstm_read_stories_and_no_reviews():
    model, words = village_lstm()
    stories = [words.read(text) for text in village.stories(40, split="validation")]
    assert nats_per_word(model, stories) < 1.0
    reviews = [review.text for review in village.reviews(60)]
    longer = words.extended(reviews)
    assert longer.words[: len(words)] == words.words
    assert WordList(longer.words).extended(reviews).words == longer.words
    assert "recommend" in longer and "recommend" not in words
    adapted = with_new_words(model, len(longer))
    assert nats_per_word(adapted, [longer.read(text) for text in reviews]) > 3.0


# --- your own labelled file


def write_csv(path, rows, columns=("text", "label")):
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(columns)
        writer.writerows(rows)
    return path


def opinions(n, seed=0):
    """Reviews with a word for their sentiment."""
    return [(r.text, "praise" if r.sentiment else "complaint") for r in village.reviews(n, seed=seed)]


@pytest.fixture(scope="module", autouse=True)
def no_cache(tmp_path_factory):
    """`datasets` keeps what it reads; here nobody wants that."""
    import datasets

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(datasets.config, "HF_DATASETS_CACHE", tmp_path_factory.mktemp("datasets"))
        yield


def test_is_a_labelled_file_read_taught_and_reported(tmp_path):
    path = write_csv(tmp_path / "mine.csv", opinions(60), ("review", "verdict"))
    classifier, report = classify_csv(
        path, text="review", label="verdict", adapt_steps=3, steps=3, preset="cpu"
    )
    assert classifier.names == report.names == ["complaint", "praise"]
    assert report.counts.sum() == 13  # a fifth of each class, rounded up
    assert report.accuracy == pytest.approx(accuracy(report.counts))
    assert report.macro_f1 == pytest.approx(macro_f1(report.counts))
    lines = str(report).splitlines()
    assert lines[0].startswith(f"accuracy {report.accuracy:.3f}, macro F1 {report.macro_f1:.3f}, on 13 texts")
    assert [line.split()[-2:] for line in lines[2:]] == [[str(n) for n in row] for row in report.counts.tolist()]
    assert set(classifier.predict(["The inn was quite clean.", "느낌이 좋았어요."])) <= {"complaint", "praise"}
    assert classifier.predict([]) == []


def test_does_a_classifier_learn_what_the_file_says(tmp_path):
    rows = [(f"The {thing} was {word}.", label) for thing in ("inn", "soup", "lamp", "book", "park", "saw")
            for word, label in (("wonderful", 1), ("splendid", 1), ("awful", 0), ("dreadful", 0))]  # fmt: skip
    classifier, report = classify_csv(
        write_csv(tmp_path / "mine.csv", rows), adapt_steps=100, steps=120, preset="cpu"
    )
    assert report.names == ["0", "1"]
    assert report.accuracy == 1.0
    assert classifier.predict(["The shop was wonderful.", "The shop was awful."]) == ["1", "0"]


def test_does_a_model_of_the_hub_learn_the_same_file(tmp_path):
    import transformers

    words = sorted({word for text, _ in opinions(60) for word in village.tokens(text)})
    (tmp_path / "vocab.txt").write_text("\n".join(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *words]), encoding="utf-8")
    tokenizer = transformers.BertTokenizerFast(vocab_file=str(tmp_path / "vocab.txt"))
    config = transformers.DistilBertConfig(vocab_size=len(tokenizer), dim=12, n_heads=3, hidden_dim=20, n_layers=2)
    model = transformers.DistilBertForSequenceClassification(config)
    for part in (tokenizer, model):
        part.save_pretrained(tmp_path / "model")
    path = write_csv(tmp_path / "mine.csv", opinions(60))
    classifier, report = classify_csv(path, model=tmp_path / "model", steps=3, preset="cpu")
    assert report.counts.sum() == 13
    assert set(classifier.predict(["The inn was quite clean."])) <= {"complaint", "praise"}
    _, layers = hub_classifier(tmp_path / "model", ["a", "b", "c"])
    learnt = [p for layer in layers for p in layer.parameters()]
    fresh, _ = hub_classifier(tmp_path / "model", ["a", "b", "c"])
    assert len(layers) == 4 and len(learnt) == len({id(p) for p in learnt}) == len(list(fresh.model.parameters()))
    assert fresh.score(["the inn", "a"]).shape == (2, 3)


@pytest.mark.parametrize(
    ("rows", "columns", "options", "complaint"),
    [
        ([("a", "x"), ("b", "y")], ("text", "class"), {}, "no column 'label'; expected one of .'class', 'text'."),
        ([("a", "x"), ("b", "x")], ("text", "label"), {}, "rows have the classes .'x'.; expected two classes or more"),
        ([("a", "x"), ("b", "x"), ("c", "y")], ("text", "label"), {}, "rows have 1 text of the class 'y'; expected two"),
        ([("a", "x"), ("b", "y")] * 3, ("text", "label"), {"test_share": 1.5}, "share is 1.5; expected a number between"),
    ],
)
def test_is_a_file_that_cannot_be_learnt_refused_with_the_reason(tmp_path, rows, columns, options, complaint):
    with pytest.raises(ValueError, match=complaint):
        classify_csv(write_csv(tmp_path / "mine.csv", rows, columns), **options)


def test_is_a_file_that_is_not_there_named():
    with pytest.raises(FileNotFoundError, match=r"path is 'nowhere.csv'; expected a CSV file"):
        classify_csv("nowhere.csv")


@given(st.lists(st.sampled_from("xyz"), min_size=6, max_size=40), st.floats(0.05, 0.9))
@settings(max_examples=40, deadline=None)
def test_is_every_class_in_both_parts_and_every_row_in_one(labels, share):
    rows = [(f"text {i}", label) for i, label in enumerate([*labels, *"xxyyzz"])]
    learnt, kept = split_by_class(rows, share)
    assert sorted([*learnt, *kept]) == sorted(rows)
    for name in "xyz":
        n = sum(label == name for _, label in rows)
        assert sum(label == name for _, label in kept) == min(n - 1, math.ceil(share * n))


def test_does_fine_tuning_keep_to_rates_and_unfreezing():
    torch.manual_seed(0)
    model = LanguageModel(len(village_lstm()[1]), 3, 5, 1)
    classifier = lstm_classifier(model, village_lstm()[1], ["complaint", "praise"])
    layers, rows = classifier.model.groups, opinions(8)
    before = [p.detach().clone() for p in classifier.model.parameters()]
    fine_tune(classifier, *zip(*rows, strict=True), layers, steps=2, rate=0.1, unfreeze_every=2, preset="cpu")
    moved = {
        name: not torch.equal(p, was)
        for (name, p), was in zip(classifier.model.named_parameters(), before, strict=True)
    }
    assert {name.split(".")[0]: change for name, change in moved.items()} == {
        "table": False, "lstms": False, "squeeze": True, "score": True,
    }  # fmt: skip


def test_does_adapting_lower_the_loss_on_the_texts():
    torch.manual_seed(0)
    words = WordList(village.Vocabulary(village.tokens(text) for text, _ in opinions(50)).words)
    texts = [words.read(text) for text, _ in opinions(50)]
    model = LanguageModel(len(words), 7, 11, 2)
    before = nats_per_word(model, texts)
    history = adapt(model, texts, steps=30, rate=2e-2, preset="cpu")
    assert len(history) == 30 and nats_per_word(model, texts) < before - 0.5

"""Chapter 15's library against Hugging Face's models, PyTorch's losses and the zero-shot pipeline of `transformers`."""

import copy
import dataclasses
import re
from types import SimpleNamespace

import pytest
import torch
import torch.nn.functional as F
import transformers

from unrolled.albert import Albert
from unrolled.bert import Bert
from unrolled.deberta import Deberta, disentangled_scores
from unrolled.distilbert import DistilBert, distilbert_loss, select_layers
from unrolled.electra import Electra, electra_loss, replace_tokens
from unrolled.sentence_order import make_sentence_orders
from unrolled.statements import TOPICS, held_out, statements
from unrolled.zero_shot import entailment_probabilities

BATCH, TIME, VOCABULARY, POSITIONS = 3, 7, 23, 11
NARROW = {
    "vocab_size": VOCABULARY, "embedding_size": 5, "hidden_size": 15, "num_attention_heads": 3,
    "intermediate_size": 17, "num_hidden_layers": 2, "max_position_embeddings": POSITIONS,
}  # fmt: skip
DISTILBERT = {
    "vocab_size": VOCABULARY, "dim": 15, "n_heads": 3, "hidden_dim": 17, "n_layers": 2,
    "max_position_embeddings": POSITIONS,
}  # fmt: skip
DEBERTA = {name: value for name, value in NARROW.items() if name != "embedding_size"} | {
    "relative_attention": True, "pos_att_type": ["c2p", "p2c"], "position_biased_input": False, "type_vocab_size": 0,
    "max_relative_positions": 3,
}  # fmt: skip


@dataclasses.dataclass
class Case:
    """A model of ours, Hugging Face's, and how what they say is read off."""

    ours: type
    config: type
    settings: dict
    says: object
    theirs_say: object
    segments: bool = True


def states(model, **given):
    return [model(**given)]


CASES = {
    "DistilBertModel": Case(
        DistilBert, transformers.DistilBertConfig, DISTILBERT, states, lambda found: [found.last_hidden_state], False
    ),
    "DistilBertForMaskedLM": Case(
        DistilBert, transformers.DistilBertConfig, DISTILBERT, lambda model, **given: [model.words(model(**given))],
        lambda found: [found.logits], False,
    ),
    "AlbertModel": Case(
        Albert, transformers.AlbertConfig, NARROW, lambda model, **given: list(model(**given)),
        lambda found: [found.last_hidden_state, found.pooler_output],
    ),
    "AlbertForPreTraining": Case(
        Albert, transformers.AlbertConfig, NARROW,
        lambda model, **given: [model.words(model(**given)[0]), model.sentence_order(model(**given)[1])],
        lambda found: [found.prediction_logits, found.sop_logits],
    ),
    "ElectraModel": Case(
        Electra, transformers.ElectraConfig, NARROW, states, lambda found: [found.last_hidden_state]
    ),
    "ElectraForPreTraining": Case(
        Electra, transformers.ElectraConfig, NARROW, lambda model, **given: [model.suspicion(model(**given))],
        lambda found: [found.logits],
    ),
    "ElectraForMaskedLM": Case(
        Electra, transformers.ElectraConfig, NARROW, lambda model, **given: [model.words(model(**given))],
        lambda found: [found.logits],
    ),
    "DebertaModel": Case(
        Deberta, transformers.DebertaConfig, DEBERTA, states, lambda found: [found.last_hidden_state], False
    ),
    "DebertaForMaskedLM": Case(
        Deberta, transformers.DebertaConfig, DEBERTA, lambda model, **given: [model.words(model(**given))],
        lambda found: [found.logits], False,
    ),
}  # fmt: skip


def theirs(kind, dtype=torch.float32, **changes):
    """A random model of Hugging Face's, none of its weights a 0 or a 1."""
    torch.manual_seed(3)
    case = CASES[kind]
    model = getattr(transformers, kind)(case.config(**(case.settings | changes))).to(dtype).eval()
    for parameter in model.parameters():
        parameter.data += 0.3 * torch.randn(parameter.shape).to(dtype)
    return model


def batch(case, time=TIME):
    """Words other than the padding's 0, unequal lengths, both segments."""
    generator = torch.Generator().manual_seed(5)
    given = {
        "input_ids": torch.randint(1, VOCABULARY, (BATCH, time), generator=generator),
        "attention_mask": (torch.arange(time) < torch.tensor([[time], [min(2, time)], [min(4, time)]])).long(),
    }
    if case.segments:
        given["token_type_ids"] = torch.randint(2, (BATCH, time), generator=generator)
    return given


def real(said, mask):
    """What is said where there is text: what happens to padding is nobody's business."""
    return said[mask.bool()] if said.shape[:2] == mask.shape else said


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("time", [1, TIME, POSITIONS])
@pytest.mark.parametrize("kind", CASES)
def test_does_the_model_compute_what_hugging_faces_does_and_its_gradients(kind, time, dtype):
    case, model = CASES[kind], theirs(kind, dtype)
    ours, given = case.ours.from_huggingface(model), batch(CASES[kind], time)
    expected = [real(said, given["attention_mask"]) for said in case.theirs_say(model(**given))]
    found = [real(said, given["attention_mask"]) for said in case.says(ours, **given)]
    tolerance = 1e-5 if dtype == torch.float32 else 1e-6  # processors round apart
    for mine, right in zip(found, expected, strict=True):
        assert (mine - right).abs().max() <= tolerance * right.abs().max()
    if dtype == torch.float32:  # rounding alone is more in some gradients
        return
    for said in (found, expected):
        sum((part * torch.cos(torch.arange(part.numel())).view_as(part)).sum() for part in said).backward()
    of_theirs = copy.deepcopy(model)
    for parameter, original in zip(of_theirs.parameters(), model.parameters(), strict=True):
        parameter.data = torch.zeros_like(parameter) if original.grad is None else original.grad
    gradients = dict(case.ours.from_huggingface(of_theirs).named_parameters())
    largest = max(gradient.abs().max() for gradient in gradients.values())
    for name, parameter in ours.named_parameters():
        mine = torch.zeros_like(parameter) if parameter.grad is None else parameter.grad
        assert (mine - gradients[name]).abs().max() <= 1e-6 * largest, name


@pytest.mark.parametrize("kind", CASES)
def test_do_the_defaults_of_mask_and_segments_mean_all_words_and_the_first_sentence(kind):
    case, model = CASES[kind], theirs(kind, torch.float64)
    ours, ids = case.ours.from_huggingface(model), batch(case)["input_ids"]
    for mine, right in zip(case.says(ours, input_ids=ids), case.theirs_say(model(input_ids=ids)), strict=True):
        assert (mine - right).abs().max() <= 1e-6 * right.abs().max()


@pytest.mark.parametrize(
    ("kind", "changes", "field"),
    [
        ("AlbertModel", {"hidden_act": "gelu"}, "hidden_act"),
        ("AlbertModel", {"num_hidden_groups": 2}, "num_hidden_groups"),
        ("ElectraModel", {"hidden_act": "relu"}, "hidden_act"),
        ("DistilBertModel", {"activation": "relu"}, "activation"),
        ("DebertaModel", {"pos_att_type": ["c2p"]}, "pos_att_type"),
        ("DebertaModel", {"position_biased_input": True}, "position_biased_input"),
    ],
)
def test_is_what_we_have_not_refused_by_name(kind, changes, field):
    with pytest.raises(ValueError, match=f"the model's {field} is "):
        CASES[kind].ours.from_huggingface(theirs(kind, **changes))


@pytest.mark.parametrize(
    ("model", "ids"),
    [
        (DistilBert(11, 6, 2, 24, 1, positions=4), torch.ones(2, 5, dtype=torch.long)),
        (Electra(11, 5, 6, 2, 24, 1, positions=4), torch.ones(2, 5, dtype=torch.long)),
    ],
)
def test_is_a_text_that_is_too_long_refused_by_name(model, ids):
    with pytest.raises(ValueError, match="input_ids has 5 tokens a row; expected at most 4"):
        model(ids)


def test_does_the_mask_decoder_say_what_it_needs():
    with pytest.raises(ValueError, match="absolute_positions is None"):
        Deberta(11, 6, 2, 24, 1, reach=3).decode_masks(torch.ones(1, 2, dtype=torch.long))


@pytest.mark.parametrize(("model", "size"), [
    (lambda: DistilBert(pretraining_head=False), 66_362_880),
    (lambda: Albert(), 11_683_584),
    (lambda: Albert(d_model=1024, heads=16, d_ff=4096, layers=24), 17_683_968),
    (lambda: Electra(head=None), 13_483_008),
    (lambda: Deberta(), 138_601_728),
])  # fmt: skip
def test_have_the_models_as_many_weights_as_the_released_ones(model, size):
    with torch.device("meta"):
        assert sum(parameter.numel() for parameter in model().parameters()) == size


def test_is_alberts_block_the_same_every_time():
    deep, shallow = (Albert(11, 5, 6, 2, 24, layers, positions=7) for layers in (5, 1))
    assert [tuple(p.shape) for p in deep.parameters()] == [tuple(p.shape) for p in shallow.parameters()]


def test_does_a_student_of_all_blocks_say_what_its_teacher_says():
    teacher = Bert(VOCABULARY, 15, 3, 17, 3, positions=POSITIONS)
    ids, mask = batch(CASES["DistilBertModel"]).values()
    student = DistilBert.of(teacher, [0, 1, 2])
    torch.testing.assert_close(student(ids, mask), teacher(ids, mask)[0])
    torch.testing.assert_close(student.words(student(ids, mask)), teacher.predict(ids, mask)[0])
    short = DistilBert.of(teacher, select_layers(3, 2))
    assert torch.equal(short.blocks[1].feed_forward.expand.weight, teacher.blocks[2].feed_forward.expand.weight)


@pytest.mark.parametrize("teacher", [1, 2, 7, 12, 24])
def test_are_the_blocks_chosen_those_of_a_rounded_line(teacher):
    for student in range(1, teacher + 1):
        line = torch.linspace(0, teacher - 1, student, dtype=torch.float64)
        halves = (line * 2 - (line * 2).round()).abs() < 1e-9
        found = torch.tensor(select_layers(teacher, student))
        sure = ~halves | ((line * 2).round() % 2 == 0)
        assert torch.equal(found[sure], line.round().long()[sure]) and (found % 2 == 0)[~sure].all()
    for student in (0, teacher + 1):
        with pytest.raises(ValueError, match=f"student is {student}; expected 1 to {teacher}"):
            select_layers(teacher, student)


@pytest.mark.parametrize(("rows", "time"), [(1, 1), (1, 7), (3, 7)])
@pytest.mark.parametrize("temperature", [0.5, 2.0])
def test_is_the_loss_of_distilbert_that_of_pytorchs_three(rows, time, temperature):
    generator = torch.Generator().manual_seed(rows + time)
    draw = lambda *shape: torch.randn(*shape, generator=generator, dtype=torch.float64)  # noqa: E731
    student, teacher = draw(rows, time, 11).requires_grad_(), draw(rows, time, 11).requires_grad_()
    mine, its = draw(rows, time, 5).requires_grad_(), draw(rows, time, 5).requires_grad_()
    mask = torch.arange(time) < torch.tensor([[time], [2], [4]])[:rows]
    labels = torch.randint(11, (rows, time), generator=generator)
    labels[:, 1:][torch.rand(rows, time - 1, generator=generator) < 0.5] = -100
    found = distilbert_loss(student, teacher, labels, mine, its, mask.long(), temperature=temperature, weights=(3.0, 2.0, 5.0))
    divergence = F.kl_div(
        (student[mask] / temperature).log_softmax(-1), (teacher[mask] / temperature).softmax(-1), reduction="batchmean"
    )
    words = F.cross_entropy(student.flatten(0, 1), labels.flatten())
    cosine = F.cosine_embedding_loss(mine[mask], its[mask], torch.ones(int(mask.sum())))
    expected = 3 * temperature**2 * divergence + 2 * words + 5 * cosine
    torch.testing.assert_close(found, expected)
    for a, b in zip(
        torch.autograd.grad(found, (student, mine)), torch.autograd.grad(expected, (student, mine)), strict=True
    ):
        torch.testing.assert_close(a, b)
    given = distilbert_loss(student, teacher, labels, mine, its, mask)
    assert torch.autograd.grad(given, (teacher, its), allow_unused=True) == (None, None)


def test_is_a_large_score_no_infinity_in_the_loss_of_distilbert():
    scores = torch.tensor([[[900.0, -900.0, 0.0]]]).requires_grad_()
    loss = distilbert_loss(scores, -scores, torch.tensor([[1]]), scores, scores, torch.tensor([[1]]))
    assert loss.isfinite() and torch.autograd.grad(loss, scores)[0].isfinite().all()


def test_are_swapped_pairs_marked():
    pairs = [([n], [n, n]) for n in range(1000)]
    before = copy.deepcopy(pairs)
    found, labels = make_sentence_orders(pairs, torch.rand(1000, generator=torch.Generator().manual_seed(0)))
    assert pairs == before and 400 < sum(labels) < 600
    assert all((tuple(reversed(pair)) if label else pair) == original
               for pair, label, original in zip(found, labels, pairs, strict=True))  # fmt: skip
    assert make_sentence_orders([], torch.zeros(0)) == ([], [])
    with pytest.raises(ValueError, match="uniforms is of 3 numbers; expected 2"):
        make_sentence_orders(pairs[:2], torch.rand(3))


def test_are_replaced_words_drawn_by_their_probabilities():
    generator = torch.Generator().manual_seed(0)
    logits = torch.tensor([0.0, 1.0, -1.0, 0.5, -200.0]).expand(1, 20_000, 5)
    ids, asked = torch.full((1, 20_000), 3), torch.rand(1, 20_000, generator=generator) < 0.5
    found, replaced = replace_tokens(logits, ids, asked, torch.rand(1, 20_000, generator=generator))
    share = found[asked].bincount(minlength=5) / asked.sum()
    torch.testing.assert_close(share, logits[0, 0].softmax(-1), atol=0.02, rtol=0)
    assert (found[~asked] == 3).all() and torch.equal(replaced, found != ids)


def test_is_a_word_of_no_probability_never_drawn_not_even_at_the_ends():
    logits = torch.tensor([-1e4, 0.0, 0.1, -1e4]).expand(1, 2, 4)
    uniforms = torch.tensor([[0.0, 1 - 2**-24]])
    found, _ = replace_tokens(logits, torch.zeros(1, 2, dtype=torch.long), torch.ones(1, 2).bool(), uniforms)
    assert found.tolist() == [[1, 2]]


@pytest.mark.parametrize(("rows", "time"), [(1, 1), (3, 7)])
def test_is_the_loss_of_electra_that_of_hugging_faces_two_models(rows, time):
    judge, generator = theirs("ElectraForPreTraining", torch.float64), theirs("ElectraForMaskedLM", torch.float64)
    given = {name: value[:rows, :time] for name, value in batch(CASES["ElectraModel"]).items()}
    labels = torch.where(torch.arange(time) % 3 == 0, given["input_ids"], -100)
    replaced = torch.rand(rows, time, generator=torch.Generator().manual_seed(1)) < 0.4
    judged, guessed = judge(**given, labels=replaced.long()), generator(**given, labels=labels)
    found = electra_loss(guessed.logits, labels, judged.logits, replaced, given["attention_mask"], weight=7.0)
    torch.testing.assert_close(found, guessed.loss + 7 * judged.loss)


@pytest.mark.parametrize("time", [1, 2, 5, 11])
@pytest.mark.parametrize("reach", [1, 2, 7])
def test_are_the_disentangled_scores_those_of_three_sums_word_by_word(time, reach):
    torch.manual_seed(time)
    query, key = torch.randn(2, 3, time, 5), torch.randn(2, 3, time, 5)
    relative_query, relative_key = torch.randn(3, 2 * reach, 5), torch.randn(3, 2 * reach, 5)
    found = disentangled_scores(query, key, relative_query, relative_key)
    for i in range(time):
        for j in range(time):
            d = min(max(i - j + reach, 0), 2 * reach - 1)
            q, k = query[:, :, i], key[:, :, j]
            expected = (q * k + q * relative_key[:, d] + k * relative_query[:, d]).sum(-1) / 15**0.5
            torch.testing.assert_close(found[:, :, i, j], expected)


@pytest.mark.parametrize("multi_label", [False, True])
@pytest.mark.parametrize("labels", [1, 2, 5])
@pytest.mark.parametrize(("entailment", "contradiction"), [(2, 0), (0, 2)])
def test_are_the_probabilities_those_of_the_pipeline(multi_label, labels, entailment, contradiction):
    logits = torch.randn(1, labels, 3, generator=torch.Generator().manual_seed(labels))
    pipeline = object.__new__(transformers.ZeroShotClassificationPipeline)
    config = SimpleNamespace(label2id={"ENTAILMENT": entailment, "neutral": 1, "contradiction": contradiction})
    pipeline.model = SimpleNamespace(config=config)
    said = [
        {"candidate_label": str(n), "sequence": "text", "logits": logits[:, n]} for n in range(labels)
    ]  # fmt: skip
    result = pipeline.postprocess(said, multi_label=multi_label)
    expected = dict(zip(result["labels"], result["scores"], strict=True))
    found = entailment_probabilities(logits, entailment, contradiction, multi_label)
    torch.testing.assert_close(found, torch.tensor([[expected[str(n)] for n in range(labels)]]))


def test_are_statements_of_three_labels_and_their_topics_named_or_not_named():
    found = statements(600, split="validation")
    assert found == statements(600, split="validation") != statements(600, split="validation", seed=1)
    assert all(150 < sum(s.label == label for s in found) < 250 for label in range(3))
    for premise, hypothesis, label in found:
        if topic := re.fullmatch(r"This text is about the (.*)\.", hypothesis):
            named = re.search(rf"\b{topic[1][:-1]}", premise) is not None  # "leaf", "leaves"
            assert label in (0, 2) and (named or label == 2)
        elif label == 2:
            assert hypothesis not in premise


def test_is_no_topic_of_training_one_that_is_held_out():
    topics = {re.sub(r".*the (.*)\.", r"\1", s.hypothesis) for s in statements(2000) if "about" in s.hypothesis}
    assert len(topics) > 60 and not any(map(held_out, topics))
    assert any(held_out(noun.english) for noun in TOPICS)


def test_is_a_number_of_statements_that_is_none_refused_by_name():
    with pytest.raises(ValueError, match="n is -1; expected 0 or more"):
        statements(-1)
    for wrong in (None, "3", 2.5):
        with pytest.raises(ValueError, match=r"n is .+; expected a whole number"):
            statements(wrong)

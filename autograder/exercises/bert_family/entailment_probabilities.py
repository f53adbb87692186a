"""`entailment_probabilities`: How probable each label is, from a judge's three scores for every text and every label."""

import torch

from autograder.common_mistakes import one_maximum_for_all
from autograder.draw import cut, far_apart, normal
from autograder.exercise import Exercise, Misconception


def entailment_probabilities_inputs(rng):
    """Two texts, five labels; the three scores in every order; one text, one label, and scores whose exponential is ∞."""

    def case(multi_label, entailment, contradiction, texts=2, labels=5, scale=1.5):
        logits = normal(rng, texts, labels, 3, scale=scale)
        if labels > 1:  # one text whose best label is not the one that is least contradicted
            logits[0, 0, entailment] = logits[0, :, entailment].max() + 1
            logits[0, 1, contradiction] = logits[0, :, contradiction].min() - 1
        return {"logits": logits, "entailment": entailment, "contradiction": contradiction, "multi_label": multi_label}

    def large(*where):
        made = case(*where)
        made["logits"] += 200.0
        return made

    def apart(multi_label, *where):
        made = case(multi_label, *where)
        made["logits"] = far_apart(made["logits"], keep=1 if multi_label else 2)
        return made

    def of(multi_label):
        return [
            case(multi_label, 2, 0), case(multi_label, 0, 2, texts=3), case(multi_label, 1, 0, labels=7),
            large(multi_label, 0, 1), apart(multi_label, 1, 2), cut(case(multi_label, 2, 1), 0, "logits"),
        ]  # fmt: skip

    return {
        "one label is right": of(False),
        "any number may be right": [*of(True), case(True, 2, 0, labels=1), case(False, 0, 2, texts=3, labels=1)],
    }


def entailment_probabilities_exp(logits, entailment, contradiction, multi_label):
    yes, no = logits[:, :, entailment], logits[:, :, contradiction]
    if multi_label or logits.size(1) == 1:
        largest = torch.maximum(yes, no)
        return (yes - largest).exp() / ((yes - largest).exp() + (no - largest).exp())
    weights = (yes - yes.amax(dim=1, keepdim=True)).exp()
    return weights / weights.sum(1, keepdim=True)


def entailment_probabilities_sigmoid(logits, entailment, contradiction, multi_label):
    if len(logits[0]) > 1 and not multi_label:
        return torch.softmax(logits.select(-1, entailment), dim=1)
    return torch.sigmoid(logits.select(-1, entailment) - logits.select(-1, contradiction))


def entailment_probabilities_loop(logits, entailment, contradiction, multi_label):
    found = []
    for text in logits:
        if multi_label or len(text) == 1:
            found.append(torch.stack([scores[[entailment, contradiction]].softmax(0)[0] for scores in text]))
        else:
            found.append(text[:, entailment].log_softmax(0).exp())
    return torch.stack(found)


EACH = "logits[..., [contradiction, entailment]].softmax(-1)[..., 1]"
ONE = "logits[..., entailment].softmax(-1)"
IF = "if multi_label or logits.shape[1] == 1:"

ENTAILMENT_PROBABILITIES = Exercise(
    solves="unrolled.zero_shot.entailment_probabilities",
    groups={"one label is right": 1, "any number may be right": 1},
    inputs=entailment_probabilities_inputs,
    accepts=(entailment_probabilities_exp, entailment_probabilities_sigmoid, entailment_probabilities_loop),
    misconceptions=(
        Misconception(
            id="neutral-included",
            name="with several right labels the softmax takes *neutral* in as well",
            hint="“The text does not say” is no vote against a label. Between which two scores is the decision?",
            edits={EACH: "logits.softmax(-1)[..., entailment]"},
        ),
        Misconception(
            id="three-scores-then-labels",
            name="with one right label, the probabilities of entailment among the three scores are taken as they are",
            hint="Do your probabilities of the labels add up to 1? Who competes with whom, if exactly one is right?",
            edits={ONE: "logits.softmax(-1)[..., entailment]"},
        ),
        Misconception(
            id="shares-normalised",
            name="with one right label, each is judged by itself and the probabilities are then divided by their sum",
            hint="A reasonable rule, but another one. Of which scores does the docstring take the softmax over the labels?",
            edits={ONE: f"(lambda p: p / p.sum(-1, keepdim=True))({EACH})"},
        ),
        Misconception(
            id="difference-competes",
            name="with one right label, entailment less contradiction competes instead of entailment alone",
            hint="Which of the three scores takes part in the competition, and does contradiction?",
            edits={ONE: "(logits[..., entailment] - logits[..., contradiction]).softmax(-1)"},
        ),
        Misconception(
            id="contradiction-instead",
            name="the probability of the contradiction comes out",
            hint="Two scores, two probabilities. Which of the two says that the label fits?",
            edits={EACH: EACH.replace("1]", "0]"), ONE: ONE.replace("entailment", "contradiction")},
        ),
        Misconception(
            id="contradiction-of-each",
            name="with several right labels the contradiction's share comes out",
            hint="Two scores, two probabilities. Which of the two says that the label fits?",
            edits={EACH: EACH.replace("1]", "0]")},
        ),
        Misconception(
            id="the-other-way-round",
            name="the labels compete when any number may be right, and are judged one by one when one is",
            hint="`multi_label=True`: should the probabilities add up to 1?",
            edits={IF: "if not multi_label or logits.shape[1] == 1:"},
        ),
        Misconception(
            id="always-competing",
            name="the labels always compete, even if several may be right",
            hint="Which argument do you never use?",
            edits={IF: "if logits.shape[1] == 1:"},
        ),
        Misconception(
            id="never-competing",
            name="each label is always judged by itself, even if exactly one is right",
            hint="Which argument do you never use?",
            edits={IF: "if True:"},
        ),
        Misconception(
            id="a-single-label-competes",
            name="a single label competes with nobody and always gets probability 1",
            hint="What does a softmax make of one number, whatever it is? What does the docstring say of a single label?",
            edits={IF: "if multi_label:"},
        ),
        Misconception(
            id="softmax-over-texts",
            name="the texts compete for a label instead of the labels for a text",
            hint="Which axis of (texts, labels) should add up to 1?",
            edits={ONE: "logits[..., entailment].softmax(0)"},
        ),
        Misconception(
            id="sigmoid-of-entailment",
            name="with several right labels the contradiction is not asked: a sigmoid of the score for entailment",
            hint="A sigmoid compares a score with 0. With what should it be compared?",
            edits={EACH: "logits[..., entailment].sigmoid()"},
        ),
        Misconception(
            id="against-neutral",
            name="entailment is compared with neutral instead of contradiction",
            hint="There are three scores, and you are told the numbers of two. Which one do you compare with?",
            edits={EACH: "logits[..., [3 - entailment - contradiction, entailment]].softmax(-1)[..., 1]"},
        ),
        Misconception(
            id="order-of-one-model",
            name="entailment is always the last score and contradiction the first",
            hint="So it is in many models, not in all. Which two arguments tell you?",
            edits={EACH: EACH.replace("[contradiction, entailment]", "[0, 2]"), ONE: ONE.replace("entailment", "2")},
        ),
        Misconception(
            id="scores",
            name="scores come out, no probabilities",
            hint="Do your numbers lie between 0 and 1?",
            edits={EACH: "logits[..., entailment] - logits[..., contradiction]", ONE: "logits[..., entailment]"},
        ),
        Misconception(
            id="best-label-only",
            name="the best label gets 1 and the others 0",
            hint="Probabilities say how sure one is. What is lost in 0 and 1?",
            edits={
                ONE: "torch.nn.functional.one_hot(logits[..., entailment].argmax(-1), logits.shape[1]).to(logits.dtype)",
                "if multi_label": "import torch\n    if multi_label",
            },
        ),
        Misconception(
            id="exponential-overflows",
            name="the exponential is taken of the scores as they are: ∞ for large ones",
            hint="exp(100) is more than a float32 can hold. Which function takes care of that?",
            edits={
                EACH: "(lambda e: e[..., 1] / e.sum(-1))(logits[..., [contradiction, entailment]].exp())",
                ONE: "(lambda e: e / e.sum(-1, keepdim=True))(logits[..., entailment].exp())",
            },
        ),
        one_maximum_for_all(
            "a text",
            {
            EACH: "(lambda e: e[..., 1] / e.sum(-1))((logits - logits.max())[..., [contradiction, entailment]].exp())",
            ONE: "(lambda e: e / e.sum(-1, keepdim=True))((logits - logits.max())[..., entailment].exp())",
        },
        ),
        Misconception(
            id="three-shares-normalised",
            name="with one right label, each label's share of entailment among its three scores is divided by the sum of all",
            hint="A reasonable rule, but another one. Of which scores does the docstring take the softmax over the labels?",
            edits={ONE: "(lambda p: p / p.sum(-1, keepdim=True))(logits.softmax(-1)[..., entailment])"},
        ),
        Misconception(
            id="the-later-of-two",
            name="of the two scores the later one is taken for entailment",
            hint="In one model entailment comes first, in another last. In which order do you put the two, and which do you take?",
            edits={EACH: "logits[..., sorted([contradiction, entailment])].softmax(-1)[..., 1]"},
        ),
    ),
)

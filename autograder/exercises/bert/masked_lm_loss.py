"""`masked_lm_loss`: −log p(right word), in nats, averaged over the places that have a label; -100 means none."""

import numpy as np
import torch
import torch.nn.functional as F

from autograder.common_mistakes import one_maximum_for_all
from autograder.draw import far_apart, integers, normal
from autograder.exercise import Exercise, Misconception, with_numbers
from autograder.probes import differentiate


def masked_lm_loss_inputs(rng):
    """Batch 3, time 7, 5 words; unequally many labels a row, word 0 among them; other axes in front.

    In two cases the exponential of a score is infinite in float32, or the right word's probability 0; in one the scores
    of every other place lie 300 higher.
    """

    def case(*counts, time=7):
        labels = torch.full((len(counts), time), -100)
        for row, count in zip(labels, counts, strict=True):
            places = torch.from_numpy(rng.permutation(time)[:count])
            row[places] = integers(rng, 1, 5, count)
        row = int(np.argmax(counts))
        labels[row][torch.from_numpy(rng.permutation((labels[row] != -100).nonzero()[:, 0].numpy())[:1])] = 0
        return {"logits": normal(rng, len(counts), time, 5, scale=1.5), "labels": labels}

    def without_some(*shape):
        labels = integers(rng, 1, 5, *shape)
        labels[torch.from_numpy(rng.random(shape).argsort(-1) < shape[-1] // 3)] = -100
        return {"logits": normal(rng, *shape, 5, scale=1.5), "labels": labels}

    high, low, apart = case(2, 3), case(3, 1), case(4, 5)
    apart["logits"] = far_apart(apart["logits"])
    high["logits"] += 400.0
    asked = low["labels"] != -100
    low["logits"][asked] -= 200.0 * F.one_hot(low["labels"][asked], 5)
    return {
        "every place is asked": [case(7, 7, 7)],
        "some places are asked": [case(1, 4, 2), case(3, 2, 6), case(1), case(1, 1, time=1), high, low, apart],
        "other axes": [without_some(11), without_some(2, 3, 4)],
    }


def masked_lm_loss_gather_all(logits, labels):
    asked = (labels != -100).to(logits.dtype)
    surprise = logits.logsumexp(-1) - logits.gather(-1, labels.clamp(min=0).unsqueeze(-1)).squeeze(-1)
    return (surprise * asked).sum() / asked.sum()


def masked_lm_loss_loop(logits, labels):
    losses = [
        scores.logsumexp(0) - scores[label]
        for scores, label in zip(logits.reshape(-1, logits.shape[-1]), labels.flatten().tolist(), strict=True)
        if label >= 0
    ]
    return sum(losses) / len(losses)


def masked_lm_loss_nll(logits, labels):
    return F.nll_loss(logits.flatten(0, -2).log_softmax(-1), labels.flatten(), ignore_index=-100)


def _mean_of_means(logits, labels):
    asked = (labels != -100).to(logits.dtype)
    surprise = logits.logsumexp(-1) - logits.gather(-1, labels.clamp(min=0).unsqueeze(-1)).squeeze(-1)
    return ((surprise * asked).sum(-1) / asked.sum(-1).clamp(min=1)).mean()


MEAN = "surprise.gather(-1, labels[asked][:, None]).mean()"

MASKED_LM_LOSS = Exercise(
    solves="unrolled.masked_lm.masked_lm_loss",
    groups={"every place is asked": 1, "some places are asked": 1, "other axes": 1},
    inputs=masked_lm_loss_inputs,
    probe=differentiate,
    accepts=(masked_lm_loss_gather_all, masked_lm_loss_loop, masked_lm_loss_nll),
    forbids=(
        "torch.nn.functional.cross_entropy",
        "torch.nn.CrossEntropyLoss",
        "torch.distributions.Categorical",
    ),
    misconceptions=(
        Misconception(
            id="loss-on-all-places",
            name="places without a label count too, as if word 0 were right there",
            hint="A label of -100 says that nothing is asked. What does your loss take for the right word there?",
            answer=lambda logits, labels: masked_lm_loss_gather_all(logits, labels.clamp(min=0)),
        ),
        Misconception(
            id="divided-by-all-places",
            name="places without a label add nothing, but are counted in the division",
            hint="With fewer hidden words your loss gets smaller. How many places is the sum divided by?",
            edits={MEAN: "surprise.gather(-1, labels[asked][:, None]).sum() / labels.numel()"},
        ),
        Misconception(
            id="mean-of-means",
            name="each text is averaged first, and then the averages",
            hint="A hidden word then weighs more if few others of its text are hidden. By what should the whole sum be divided?",
            answer=_mean_of_means,
        ),
        Misconception(
            id="sum",
            name="the losses are added up instead of averaged",
            hint="Should a batch with more hidden words have a larger loss? By what should the sum be divided?",
            edits={MEAN: MEAN.replace("mean()", "sum()")},
        ),
        Misconception(
            id="divided-by-texts",
            name="the sum is divided by the number of texts instead of hidden words",
            hint="What is averaged here: texts, or words that are asked for?",
            edits={MEAN: MEAN.replace("mean()", "sum() / len(labels)")},
        ),
        Misconception(
            id="word-zero-lost",
            name="places with the label 0 are left out",
            hint="0 is the number of a word like any other. Which number means that nothing is asked?",
            edits={"labels != -100": "labels > 0"},
        ),
        Misconception(
            id="inverted",
            name="the loss is taken where there is no label",
            hint="True should be where a word is asked for. Is it?",
            edits={"labels != -100": "labels == -100"},
        ),
        Misconception(
            id="sign",
            name="the sign is lost",
            hint="Can the logarithm of a probability be positive? A loss should fall towards 0 as the model gets better.",
            edits={"-logits[asked]": "logits[asked]"},
        ),
        Misconception(
            id="no-logarithm",
            name="probabilities stand where their logarithms should be",
            hint="A probability of 0.001 for the right word is a great surprise. How large is it in your sum?",
            edits={"log_softmax": "softmax"},
        ),
        Misconception(
            id="no-softmax",
            name="the scores are taken for log-probabilities as they are",
            hint="Do e to the power of your numbers add up to 1 over the vocabulary?",
            edits={".log_softmax(dim=-1)": ""},
        ),
        Misconception(
            id="softmax-over-places",
            name="the softmax runs over the hidden places instead of the vocabulary",
            hint="Which probabilities should add up to 1: those of all words at one place, or of one word at all places?",
            edits={"log_softmax(dim=-1)": "log_softmax(dim=0)"},
        ),
        Misconception(
            id="softmax-over-time",
            name="the softmax runs over axis 1, the places of a text, instead of the vocabulary",
            hint="logits is (batch, time, vocabulary), but there may be other axes in front. Which number has the last one, "
            "however many there are?",
            answer=lambda logits, labels: (
                -logits.log_softmax(1)[labels != -100].gather(-1, labels[labels != -100][:, None]).mean()
            ),
        ),
        Misconception(
            id="every-word-at-every-place",
            name="each hidden word is looked up at every place, not only at its own",
            hint="`x[:, labels]` is a square: every place with every label. How do you take one value from each row?",
            edits={MEAN: "surprise[:, labels[asked]].mean()"},
        ),
        Misconception(
            id="labels-as-rows",
            name="the labels pick places instead of words",
            hint="`x[labels]` takes whole rows. Along which axis do the words lie, and how do you take one value from each "
            "row?",
            edits={MEAN: "surprise[labels[asked]].mean()"},
        ),
        Misconception(
            id="softmax-twice",
            name="a softmax is taken before the log-softmax",
            hint="log_softmax takes scores, and makes them probabilities itself. What do you hand it?",
            edits={"logits[asked]": "logits[asked].softmax(dim=-1)"},
        ),
        Misconception(
            id="log-of-softmax",
            name="the logarithm is taken of a softmax: −∞ where a probability is too small for float32",
            hint="With scores 0 and −200 the second probability is rounded to 0. What is its logarithm, and which function "
            "takes both steps at once?",
            edits={".log_softmax(dim=-1)": ".softmax(dim=-1).log()"},
        ),
        one_maximum_for_all(
            "a place",
            {
            "-logits[asked].log_softmax(dim=-1)": (
                "(lambda z: z.exp().sum(-1, keepdim=True).log() - z)(logits[asked] - logits[asked].max())"
            ),
        },
        ),
        Misconception(
            id="exp-overflows",
            name="the exponential is taken of the scores as they are: ∞ for large ones",
            hint="exp(100) is more than a float32 can hold. What may be subtracted from all scores of a place without "
            "changing the softmax?",
            edits={
                "-logits[asked].log_softmax(dim=-1)": (
                    "-(logits[asked].exp() / logits[asked].exp().sum(-1, keepdim=True)).log()"
                )
            },
        ),
        Misconception(
            id="log-of-a-sum-of-exp",
            name="the logarithm of the sum of exp(score) is taken directly: ∞ for large scores",
            hint="exp(100) is more than a float32 can hold. Which function takes log, sum and exp in one go, and safely?",
            edits={
                "-logits[asked].log_softmax(dim=-1)": (
                    "logits[asked].exp().sum(-1, keepdim=True).log() - logits[asked]"
                )
            },
        ),
        Misconception(
            id="epsilon-in-the-logarithm",
            name="a small number is added to the probability before the logarithm",
            hint="Then no word can cost more than −log of it, and its gradient is lost. Which function needs no such help?",
            edits={".log_softmax(dim=-1)": ".softmax(dim=-1).add(1e-8).log()"},
            also=with_numbers(
                {".log_softmax(dim=-1)": ".softmax(dim=-1).add(1e-8).log()"}, "1e-8", "1e-12", "1e-10", "1e-9", "1e-7", "1e-6"
            ),
        ),
        Misconception(
            id="best-guess",
            name="the loss is that of the word the model finds most probable, not of the right one",
            hint="A model that is sure and wrong has a small loss in yours. Which word's probability should be large?",
            edits={MEAN: "surprise.min(-1).values.mean()"},
        ),
        Misconception(
            id="minus-hundred-looked-up",
            name="-100 is looked up like the number of a word",
            hint="A label of -100 says that nothing is asked, and there is no such word. Which places do you look up?",
            edits={"labels != -100": "labels == labels"},
        ),
        Misconception(
            id="index-without-an-axis",
            name="gather is given an index with one axis too few",
            hint="gather wants as many axes in the index as in the values. How do you add one of size 1?",
            edits={MEAN: MEAN.replace("[:, None]", "")},
        ),
        Misconception(
            id="not-averaged",
            name="the losses of all hidden words are returned, without their mean",
            hint="Training needs one number to make smaller. What does the signature promise?",
            edits={MEAN: MEAN.replace("[:, None]).mean()", "[:, None])[:, 0]")},
        ),
        Misconception(
            id="an-axis-left",
            name="the result is a row of one number instead of the number",
            hint="`mean(0)` takes the mean along one axis only. Which axis is still there?",
            edits={MEAN: MEAN.replace("mean()", "mean(0)")},
        ),
        Misconception(
            id="divided-by-the-vocabulary",
            name="the mean runs over places and vocabulary together",
            hint="Only the right word of each place has a term in the sum. By how many do you divide?",
            edits={MEAN: MEAN.replace("mean()", "sum() / surprise.numel()")},
        ),
        Misconception(
            id="three-axes-expected",
            name="logits is taken to have three axes, always",
            hint="There may be any axes in front of the vocabulary. Which of them do you need by name?",
            edits={"asked = labels": "batch, time, vocabulary = logits.shape\n    asked = labels"},
        ),
        Misconception(
            id="shifted",
            name="scores and labels are shifted against each other by one place",
            hint="A model that predicts the *next* word needs that (chapter 8). Where does the label of a hidden word stand?",
            edits={"asked = labels": "logits, labels = logits[..., :-1, :], labels[..., 1:]\n    asked = labels"},
        ),
        Misconception(
            id="smoothed",
            name="the labels are smoothed by 0.1",
            hint="So does the first Transformer (chapter 6). What does BERT's loss ask for: the right word, or a mixture?",
            edits={MEAN: f"(0.9 * {MEAN} + 0.1 * surprise.mean())"},
        ),
        Misconception(
            id="labels-overwritten",
            name="the labels that were handed in are written into",
            hint="The caller still needs to know where nothing was asked. Which line makes a new tensor instead?",
            edits={MEAN: f"{MEAN} + 0 * labels.masked_fill_(~asked, 0).sum()"},
        ),
        Misconception(
            id="base-two",
            name="the logarithm is to base 2: bits instead of nats",
            hint="The loss is in nats. What is log(1/2) for `torch.log`, and in bits?",
            edits={MEAN: f"{MEAN} / torch.log(torch.tensor(2.0))"},
        ),
        Misconception(
            id="python-number",
            name="the loss is a Python number (`.item()`), which cannot be trained with",
            hint="A number has no `backward`. When do you need `.item()`: for the loss, or for printing it?",
            edits={MEAN: f"{MEAN}.item()"},
        ),
        Misconception(
            id="detached",
            name="no gradient flows back",
            hint="The value is right. But a loss must remember where it came from: where do you cut it off (`.detach()`, "
            "`no_grad`)?",
            edits={"-logits[asked]": "-logits.detach()[asked]"},
        ),
    ),
)

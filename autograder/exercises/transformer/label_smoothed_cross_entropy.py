"""`label_smoothed_cross_entropy`: The mean cross-entropy, in nats, with a target that gives `smoothing` away to all
classes.
"""

import torch
import torch.nn.functional as F

from autograder.common_mistakes import one_maximum_for_all
from autograder.draw import far_apart, integers, normal
from autograder.exercise import Exercise, Misconception
from autograder.probes import differentiate


def label_smoothing_inputs(rng):
    """Batch 3, time 7, vocabulary 5; unequal lengths, one of them whole; ε large enough to show.

    Once scores lie around 300 and −300 (in eighths, so that a sum is exact), once those of every other word lie 300 higher;
    once there is one word alone.
    """

    def case(lengths, smoothing, time=7):
        batch = len(lengths)
        return {
            "logits": 1.5 * normal(rng, batch, time, 5),
            "targets": integers(rng, int(time == 1), 5, batch, time),
            "lengths": torch.tensor(lengths),
            "smoothing": smoothing,
        }

    large, apart = case([7, 7, 7], 0.25), case([7, 7], 0.4)
    apart["logits"] = far_apart((8 * apart["logits"]).round() / 8)
    large["logits"] = (8 * large["logits"]).round() / 8 + 300.0 * torch.tensor([1.0, -1.0, 1.0, 0.0, -1.0])
    return {
        "no smoothing": [case([7, 2, 4], 0), case([1], 0.0, time=1)],
        "smoothing, no padding": [case([7, 7, 7], 0.3), case([1], 0.4, time=1), large, apart],
        "smoothing and padding": [case([7, 2, 4], 0.2), case([1, 7, 3], 0.6)],
    }


def label_smoothing_distribution(logits, targets, lengths, smoothing):
    """The smoothed target written out as a distribution."""
    classes = logits.shape[-1]
    target = F.one_hot(targets, classes) * (1 - smoothing) + smoothing / classes
    losses = -(target * F.log_softmax(logits, dim=-1)).sum(-1)
    mask = torch.arange(targets.shape[1])[None] < lengths[:, None]
    return (losses * mask).sum() / lengths.sum()


def label_smoothing_loop(logits, targets, lengths, smoothing):
    total = 0.0
    for i, length in enumerate(lengths.tolist()):
        for t in range(length):
            normaliser = logits[i, t].logsumexp(0)
            right = normaliser - logits[i, t, targets[i, t]]
            total = total + (1 - smoothing) * right + smoothing * (normaliser - logits[i, t].mean())
    return total / sum(lengths.tolist())


def label_smoothing_nll(logits, targets, lengths, smoothing):
    real = torch.arange(targets.shape[1]) < lengths[:, None]
    logs = logits[real].log_softmax(-1)
    return (1 - smoothing) * F.nll_loss(logs, targets[real]) - smoothing * logs.mean()


LABEL_SMOOTHED_CROSS_ENTROPY = Exercise(
    solves="unrolled.label_smoothing.label_smoothed_cross_entropy",
    groups={"no smoothing": 1, "smoothing, no padding": 1, "smoothing and padding": 1},
    inputs=label_smoothing_inputs,
    probe=differentiate,
    accepts=(label_smoothing_distribution, label_smoothing_loop, label_smoothing_nll),
    forbids=("torch.nn.functional.cross_entropy", "torch.nn.CrossEntropyLoss"),
    misconceptions=(
        Misconception(
            id="over-the-other-classes",
            name="the ε is shared by the K − 1 wrong classes only",
            hint="So it is in tensor2tensor and fairseq, and it works as well. Here as in PyTorch and in the paper that "
            "invented it: what does the right class get of ε / K?",
            edits={
                "smoothing * surprise.mean(dim=-1)": (
                    "smoothing * (surprise.sum(dim=-1) - right) / (logits.shape[-1] - 1)"
                )
            },
        ),
        Misconception(
            id="right-class-keeps-all",
            name="the right class keeps a weight of 1",
            hint="Do the weights of your target add up to 1? What is left for the right class when ε is given away?",
            edits={"(1 - smoothing) * right": "right"},
        ),
        Misconception(
            id="nothing-for-the-others",
            name="ε is taken from the right class, but given to nobody",
            hint="Do the weights of your target add up to 1?",
            edits={" + smoothing * surprise.mean(dim=-1)": ""},
        ),
        Misconception(
            id="epsilon-for-every-class",
            name="every class gets ε instead of ε / K",
            hint="With K classes your target adds up to more than 1. What is the share of one class of ε?",
            edits={"surprise.mean(dim=-1)": "surprise.sum(dim=-1)"},
        ),
        Misconception(
            id="epsilon-and-rest-swapped",
            name="ε and 1 − ε are swapped",
            hint="With ε = 0 this should be the ordinary cross-entropy. What is yours then?",
            edits={"(1 - smoothing) * right + smoothing * surprise": "smoothing * right + (1 - smoothing) * surprise"},
        ),
        Misconception(
            id="not-smoothed",
            name="there is no smoothing at all",
            hint="Where do you use `smoothing`?",
            edits={"(1 - smoothing) * right + smoothing * surprise.mean(dim=-1)": "right"},
        ),
        Misconception(
            id="predictions-smoothed",
            name="the predicted probabilities are smoothed instead of the target",
            hint="Which of the two is mixed with the uniform distribution: what the model says, or what it is told?",
            edits={
                "(1 - smoothing) * right + smoothing * surprise.mean(dim=-1)": (
                    "-torch.log((1 - smoothing) * (-right).exp() + smoothing / logits.shape[-1])"
                )
            },
        ),
        Misconception(
            id="divergence",
            name="the target's own entropy is subtracted",
            hint="That is the Kullback–Leibler divergence, as in the Annotated Transformer; it has the same gradients and "
            "falls to 0. A cross-entropy keeps that constant: which function do you use that subtracts it?",
            answer=lambda logits, targets, lengths, smoothing: _divergence(logits, targets, lengths, smoothing),
        ),
        Misconception(
            id="padding-averaged-in",
            name="the padding is averaged in with the real tokens",
            hint="What should a made-up token after the end of a sequence count? Where do you use lengths?",
            edits={"losses[padding_mask(lengths, targets.shape[1]) & (targets >= 0)].mean()": "losses.mean()"},
        ),
        Misconception(
            id="smoothing-over-the-padding",
            name="only the first part leaves the padding out; the smoothing part is averaged over all positions",
            hint="The padding is out of −log p(right). Is it out of the second term too?",
            edits={
                "losses = (1 - smoothing) * right + smoothing * surprise.mean(dim=-1)": (
                    "real = padding_mask(lengths, targets.shape[1])"
                ),
                "losses[padding_mask(lengths, targets.shape[1]) & (targets >= 0)].mean()": (
                    "(1 - smoothing) * right[real].mean() + smoothing * surprise.mean()"
                ),
            },
        ),
        Misconception(
            id="divided-by-all-positions",
            name="the padding adds nothing to the sum, but is counted in the division",
            hint="The losses of the padding are zero: good. How many tokens is the sum divided by?",
            edits={
                "losses[padding_mask(lengths, targets.shape[1]) & (targets >= 0)].mean()": (
                    "(losses * padding_mask(lengths, targets.shape[1])).mean()"
                )
            },
        ),
        Misconception(
            id="mean-of-means",
            name="each sequence is averaged first, and then the averages",
            hint="A token of a short sequence then weighs more than one of a long sequence. By what should the sum over "
            "all real tokens be divided?",
            edits={
                "losses[padding_mask(lengths, targets.shape[1]) & (targets >= 0)].mean()": (
                    "((losses * padding_mask(lengths, targets.shape[1])).sum(dim=1) / lengths).mean()"
                )
            },
        ),
        Misconception(
            id="sum",
            name="the losses are added up instead of averaged",
            hint="Would a batch twice as large have twice the loss? By what should the sum be divided?",
            edits={"(targets >= 0)].mean()": "(targets >= 0)].sum()"},
        ),
        Misconception(
            id="averaged-over-the-classes",
            name="the average is taken over the classes of the vocabulary as well",
            hint="The terms of one token are added up over the vocabulary; only over tokens do you average. By how many "
            "numbers do you divide?",
            edits={"(targets >= 0)].mean()": "(targets >= 0)].mean() / logits.shape[-1]"},
        ),
        Misconception(
            id="no-logarithm",
            name="probabilities stand where their logarithms should be",
            hint="A probability of 0.001 for the right word is a great surprise. How large is it in your sum?",
            edits={"log_softmax": "softmax"},
        ),
        Misconception(
            id="softmax-over-time",
            name="the softmax runs over the words of the sentence instead of the vocabulary",
            hint="logits is (batch, time, vocabulary). Which probabilities should add up to 1?",
            edits={"log_softmax(logits, dim=-1)": "log_softmax(logits, dim=1)"},
        ),
        Misconception(
            id="log-of-a-softmax",
            name="the logarithm is taken of a softmax, which is 0 for unlikely words",
            hint="log 0 is −∞, and one such word makes the whole loss infinite. Which function takes both steps at "
            "once?",
            edits={
                "-torch.log_softmax(logits, dim=-1)": "-torch.log(torch.softmax(logits, dim=-1))",
            },
        ),
        one_maximum_for_all(
            "a word",
            {
            "-torch.log_softmax(logits, dim=-1)": "(lambda z: z.exp().sum(-1, keepdim=True).log() - z)(logits - logits.max())",
        },
        ),
        Misconception(
            id="epsilon-inside-the-logarithm",
            name="a small number is added to the probabilities before the logarithm",
            hint="Then no word can surprise by more than −log of that number, and has no gradient either. Which "
            "function needs no such help?",
            edits={
                "-torch.log_softmax(logits, dim=-1)": "-torch.log(torch.softmax(logits, dim=-1) + 1e-9)",
            },
        ),
        Misconception(
            id="smaller-epsilon-inside-the-logarithm",
            name="1e-12 is added to the probabilities before the logarithm",
            hint="Then no word can surprise by more than −log of that number, and has no gradient either. Which "
            "function needs no such help?",
            edits={
                "-torch.log_softmax(logits, dim=-1)": "-torch.log(torch.softmax(logits, dim=-1) + 1e-12)",
            },
        ),
        Misconception(
            id="exponentials-overflow",
            name="the sum of the exponentials overflows",
            hint="e¹⁰⁰⁰ is infinite in a computer. Which function takes care of that?",
            edits={
                "-torch.log_softmax(logits, dim=-1)": "logits.exp().sum(dim=-1, keepdim=True).log() - logits",
            },
        ),
        Misconception(
            id="divided-by-the-batch",
            name="the sum is divided by the number of sentences",
            hint="Would sentences twice as long have twice the loss? How many tokens does the sum run over?",
            edits={
                "(targets >= 0)].mean()": "(targets >= 0)].sum() / len(targets)",
            },
        ),
        Misconception(
            id="two-classes-left-out",
            name="ε is shared by K − 2 classes, and class 0 gets nothing",
            hint="So it is in the Annotated Transformer, whose class 0 is the padding. Here the lengths say what is "
            "padding: by how many classes is ε shared?",
            answer=lambda logits, targets, lengths, smoothing: _annotated(logits, targets, lengths, smoothing),
        ),
        Misconception(
            id="right-class-without-its-share",
            name="the right class gets 1 − ε and no share of ε, and the others ε / K",
            hint="Do the weights of your target add up to 1? What does the right class get of ε?",
            edits={
                "surprise.mean(dim=-1)": "(surprise.mean(dim=-1) - right / logits.shape[-1])",
            },
        ),
        Misconception(
            id="smoothing-fixed",
            name="ε is 0.1 whatever the argument says",
            hint="Where do you use `smoothing`?",
            edits={
                "losses = (1": "smoothing = 0.1\n    losses = (1",
            },
        ),
        Misconception(
            id="no-smoothing-read-as-default",
            name="a smoothing of 0 becomes 0.1",
            hint="`smoothing or 0.1` takes a 0 for nothing given. What should happen without smoothing?",
            edits={
                "losses = (1": "smoothing = smoothing or 0.1\n    losses = (1",
            },
        ),
        Misconception(
            id="minus-lost",
            name="the minus of −log p is lost",
            hint="Can a cross-entropy be negative? What is the logarithm of a probability?",
            edits={
                "-torch.log_softmax": "torch.log_softmax",
            },
        ),
        Misconception(
            id="minus-of-the-second-term-lost",
            name="the second term has the wrong sign",
            hint="Both terms are means of −log p. Which sign stands between them?",
            edits={
                " + smoothing * surprise": " - smoothing * surprise",
            },
        ),
        Misconception(
            id="no-softmax",
            name="the scores are taken for logarithms of probabilities",
            hint="Do the exponentials of your numbers add up to 1? What makes logarithms of probabilities of scores?",
            edits={
                "-torch.log_softmax(logits, dim=-1)": "-logits",
            },
        ),
        Misconception(
            id="logarithm-of-the-mean",
            name="the logarithm of the mean probability is taken instead of the mean of the logarithms",
            hint="The mean of all probabilities is always 1/K, whatever the model says. What comes first in the "
            "formula, the logarithm or the mean?",
            edits={
                "surprise.mean(dim=-1)": "-torch.log((-surprise).exp().mean(dim=-1))",
            },
        ),
        Misconception(
            id="probability-missed",
            name="1 − p stands where −log p should be",
            hint="A probability of 0.001 for the right word is a great surprise. How large is it in your sum?",
            edits={
                "-torch.log_softmax(logits, dim=-1)": "1 - torch.softmax(logits, dim=-1)",
            },
        ),
        Misconception(
            id="bits",
            name="the loss comes out in bits",
            hint="log2 gives bits, log gives nats. Which of them does the docstring promise?",
            edits={
                "return losses[": "losses = losses / 0.6931471805599453\n    return losses[",
            },
        ),
        Misconception(
            id="zero-is-padding",
            name="target 0 is taken for padding, and the lengths are not used",
            hint="Class 0 is a class like any other. What says where a sequence ends?",
            edits={
                "losses[padding_mask(lengths, targets.shape[1]) & (targets >= 0)]": "losses[targets != 0]",
            },
        ),
        Misconception(
            id="zero-left-out-as-well",
            name="real tokens of class 0 are left out as well",
            hint="Class 0 is a class like any other. What alone says where a sequence ends?",
            edits={
                "losses[padding_mask(lengths, targets.shape[1]) & (targets >= 0)]": "losses[padding_mask(lengths, targets.shape[1]) & (targets != 0)]",
            },
        ),
        Misconception(
            id="only-the-padding",
            name="the average is taken over the padding only",
            hint="The mask is True at real tokens. Which of them do you keep?",
            edits={
                "losses[padding_mask(lengths, targets.shape[1]) & (targets >= 0)].mean()": "losses[~padding_mask(lengths, targets.shape[1])].mean()",
            },
        ),
        Misconception(
            id="one-place-of-padding",
            name="one place of each sequence's padding counts, too",
            hint="Places count from 0. Is place 3 inside a sequence of length 3?",
            edits={
                "padding_mask(lengths,": "padding_mask(lengths + 1,",
            },
        ),
        Misconception(
            id="last-token-lost",
            name="the last token of each sequence does not count",
            hint="Places count from 0. What is the last place of a sequence of length 3?",
            edits={
                "padding_mask(lengths,": "padding_mask(lengths - 1,",
            },
        ),
        Misconception(
            id="cut-off",
            name="the loss is a plain number, cut off from the scores",
            hint="The values are right, but nothing would learn. Which line makes plain numbers of tensors "
            "(`.item()`, `.detach()`, `torch.tensor(…)`)?",
            edits={
                "(targets >= 0)].mean()": "(targets >= 0)].mean().detach()",
            },
        ),
        Misconception(
            id="losses-returned",
            name="the losses of all tokens are returned instead of their mean",
            hint="A loss is one number. What is left to do?",
            edits={
                "(targets >= 0)].mean()": "(targets >= 0)]",
            },
        ),
        Misconception(
            id="perplexity",
            name="the exponential of the loss is returned",
            hint="That is the perplexity, which one reports. What does one train with?",
            edits={
                "(targets >= 0)].mean()": "(targets >= 0)].mean().exp()",
            },
        ),
        Misconception(
            id="gather-without-the-axis",
            name="`gather` gets targets without an axis for the classes",
            hint="gather wants as many axes in its index as in the tensor. Which one is missing, and where?",
            edits={
                "targets.clamp(min=0)[..., None]": "targets",
            },
        ),
        Misconception(
            id="table-of-all-targets",
            name="every place is scored with the targets of all places",
            hint="`x[:, :, targets]` makes a table of all pairs. Which function takes one entry from each place?",
            edits={
                "surprise.gather(-1, targets.clamp(min=0)[..., None]).squeeze(-1)": "surprise[:, :, targets].flatten(2).mean(dim=-1)",
            },
        ),
        Misconception(
            id="shifted",
            name="the targets are shifted by one place",
            hint="The targets already say which word is right at each place. Who shifts them, and when?",
            answer=lambda logits, targets, lengths, smoothing: _shifted(logits, targets, lengths, smoothing),
        ),
        Misconception(
            id="divided-by-the-time",
            name="the sum over the real tokens is divided by the length of the longest sequence",
            hint="How many real tokens are there? By what do you divide?",
            edits={
                "(targets >= 0)].mean()": "(targets >= 0)].sum() / targets.shape[1]",
            },
        ),
        Misconception(
            id="uniform-part-of-the-scores",
            name="the second term is the mean of the scores, not of −log p",
            hint="ε / K goes to every class, and each pays −log p of that class. Which tensor do you average in the "
            "second term?",
            edits={
                "surprise.mean(dim=-1)": "-logits.mean(dim=-1)",
            },
        ),
        Misconception(
            id="shared-by-two-fewer",
            name="each of the K − 1 wrong classes gets ε / (K − 2)",
            hint=(
                "K − 2 is the Annotated Transformer's, whose padding is a class that gets nothing. Do the "
                "weights of your target add up to 1? By how many classes is ε shared here?"
            ),
            edits={
                "smoothing * surprise.mean(dim=-1)": "smoothing / (logits.shape[-1] - 2) * (surprise.sum(dim=-1) - right)",
            },
        ),
        Misconception(
            id="mean-over-time",
            name="the second term is averaged over the time as well",
            hint=(
                "Every token has a loss of its own. Over which axis is the mean of the classes, and which "
                "axis must stay?"
            ),
            edits={
                "surprise.mean(dim=-1)": "surprise.mean(dim=(1, 2))[:, None]",
            },
        ),
    ),
)


def _annotated(logits, targets, lengths, smoothing):
    target = torch.full_like(logits, smoothing / (logits.shape[-1] - 2)).scatter(-1, targets[..., None], 1 - smoothing)
    target[..., 0] = 0
    losses = -(target * logits.log_softmax(-1)).sum(-1)
    return losses[torch.arange(targets.shape[1]) < lengths[:, None]].mean()


def _shifted(logits, targets, lengths, smoothing):
    logs, targets = logits[:, :-1].log_softmax(-1), targets[:, 1:]
    losses = -(1 - smoothing) * logs.gather(-1, targets[..., None])[..., 0] - smoothing * logs.mean(-1)
    real = torch.arange(targets.shape[1]) < lengths[:, None] - 1
    return (losses * real).sum() / real.sum().clamp(min=1)


def _divergence(logits, targets, lengths, smoothing):
    classes = logits.shape[-1]
    target = F.one_hot(targets, classes) * (1 - smoothing) + smoothing / classes
    losses = F.kl_div(logits.log_softmax(-1), target, reduction="none").sum(-1)
    return losses[torch.arange(targets.shape[1]) < lengths[:, None]].mean()

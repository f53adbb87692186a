"""`sequence_cross_entropy`: The mean of −log p(target), in nats, over the real tokens."""

import torch
import torch.nn.functional as F

from autograder import probes
from autograder.common_mistakes import one_maximum_for_all
from autograder.draw import far_apart, integers, normal
from autograder.exercise import Exercise, Misconception
from unrolled.rnn import sequence_cross_entropy


def sequence_cross_entropy_inputs(rng):
    """Batch 3 or 1, time 7 or 1, vocabulary 5; lengths that differ, and a row that is longer than its longest sequence.

    Where the model is sure and wrong, the probability of the right token is 0 in float32; so it is in the padding.
    """

    def case(lengths, time=7, surely_wrong=0.0):
        logits, targets = normal(rng, len(lengths), time, 5), integers(rng, 0, 5, len(lengths), time)
        targets[0, 0] = 0  # a token like any other
        wrong = torch.zeros(len(lengths), time)
        wrong[-1, 0], wrong[-1, -1] = surely_wrong, surely_wrong
        logits = logits.scatter_add(2, targets[..., None], -wrong[..., None])
        return {"logits": logits, "targets": targets, "lengths": torch.tensor(lengths)}

    apart = case([7, 7, 7])
    apart["logits"] = far_apart(apart["logits"])
    return {
        "no padding": [case([7, 7, 7]), apart, case([1], time=1), case([2, 2, 2], time=2, surely_wrong=300.0)],
        "padding": [case([7, 2, 4]), case([1, 6, 3], surely_wrong=300.0), case([5])],
    }


def sequence_cross_entropy_ignore_index(logits, targets, lengths):
    targets = targets.clone()
    for row, length in zip(targets, lengths, strict=True):
        row[length:] = -100
    return F.cross_entropy(logits.transpose(1, 2), targets)


def sequence_cross_entropy_loop(logits, targets, lengths):
    total = 0.0
    for i, length in enumerate(lengths.tolist()):
        for t in range(length):
            total = total - logits[i, t].log_softmax(0)[targets[i, t]]
    return total / lengths.sum()


def sequence_cross_entropy_gather(logits, targets, lengths):
    log_probabilities = logits - logits.logsumexp(-1, keepdim=True)
    picked = log_probabilities.gather(2, targets[..., None])[..., 0]
    mask = (torch.arange(targets.shape[1])[None] < lengths[:, None]).float()
    return -(picked * mask).sum() / mask.sum()


def sequence_cross_entropy_without_class_0(logits, targets, lengths):
    return F.cross_entropy(logits.transpose(1, 2), targets, ignore_index=0)


def sequence_cross_entropy_shifted(logits, targets, lengths):
    return sequence_cross_entropy(logits[:, :-1], targets[:, 1:], lengths)


def sequence_cross_entropy_over_time(logits, targets, lengths):
    losses = -logits.log_softmax(dim=1).gather(2, targets[..., None])[..., 0]
    return losses[torch.arange(targets.shape[1]) < lengths[:, None]].mean()


def sequence_cross_entropy_log_of_softmax(logits, targets, lengths):
    losses = -logits.softmax(dim=2).log().gather(2, targets[..., None])[..., 0]
    return losses[torch.arange(targets.shape[1]) < lengths[:, None]].mean()


def sequence_cross_entropy_of_zeroed_logits(logits, targets, lengths):
    real = torch.arange(targets.shape[1]) < lengths[:, None]
    return F.cross_entropy((logits * real[..., None]).flatten(0, 1), targets.flatten())


def sequence_cross_entropy_in_place(logits, targets, lengths):
    for row, length in zip(targets, lengths, strict=True):
        row[length:] = -100
    return F.cross_entropy(logits.transpose(1, 2), targets)


SEQUENCE_CROSS_ENTROPY = Exercise(
    solves="unrolled.rnn.sequence_cross_entropy",
    groups={"no padding": 1, "padding": 2},
    inputs=sequence_cross_entropy_inputs,
    probe=probes.differentiate,
    accepts=(sequence_cross_entropy_ignore_index, sequence_cross_entropy_loop, sequence_cross_entropy_gather),
    misconceptions=(
        Misconception(
            id="padding-averaged-in",
            name="the padding is averaged in with the real tokens",
            hint="What should a made-up token after the end of a sequence count? Where does your code use lengths?",
            edits={"losses[real].mean()": "losses.mean()"},
        ),
        Misconception(
            id="mean-of-means",
            name="each sequence is averaged first, and then the averages",
            hint="A token of a short sequence then weighs more than one of a long sequence. By what should the sum "
            "over all real tokens be divided?",
            edits={"losses[real].mean()": "((losses * real).sum(dim=1) / lengths).mean()"},
        ),
        Misconception(
            id="divided-by-all-positions",
            name="the padding adds nothing to the sum, but is counted in the division",
            hint="The losses of the padding are zero: good. How many tokens is the sum divided by?",
            edits={"losses[real].mean()": "(losses * real).mean()"},
        ),
        Misconception(
            id="sum",
            name="the losses are added up instead of averaged",
            hint="Would a batch twice as large have twice the loss? By what should the sum be divided?",
            edits={"losses[real].mean()": "losses[real].sum()"},
        ),
        Misconception(
            id="one-token-too-many",
            name="one token after the end of each sequence is counted",
            hint="Positions count from 0. Is position `length` still inside a sequence of that length?",
            edits={"< lengths": "<= lengths"},
        ),
        Misconception(
            id="last-token-lost",
            name="the last real token of each sequence is left out",
            hint="Positions count from 0. What is the position of the last token of a sequence of length 4?",
            edits={"< lengths[:, None]": "< lengths[:, None] - 1"},
        ),
        Misconception(
            id="softmax-twice",
            name="a softmax is applied before a function that applies its own",
            hint="F.cross_entropy wants logits. What does it do with them first?",
            edits={"F.cross_entropy(logits.": "F.cross_entropy(logits.softmax(-1)."},
        ),
        Misconception(
            id="arguments-swapped",
            name="the targets stand where the logits should be",
            hint="F.cross_entropy(input, target): which of the two holds scores, and which holds token ids?",
            edits={
                "F.cross_entropy(logits.flatten(0, 1), targets.flatten()": (
                    "F.cross_entropy(targets.flatten(), logits.flatten(0, 1)"
                )
            },
        ),
        Misconception(
            id="bits",
            name="the logarithm has base 2",
            hint="A loss in bits is right elsewhere (one often sees bits per character). Here it is in nats, as "
            "F.cross_entropy gives it. Which logarithm is that?",
            edits={"losses[real].mean()": "losses[real].mean() / torch.log(torch.tensor(2.0))"},
        ),
        Misconception(
            id="sign",
            name="the sign is the wrong way round",
            hint="The logarithm of a probability is negative. Should a loss be small or large when the model is right?",
            edits={"losses[real].mean()": "-losses[real].mean()"},
        ),
        Misconception(
            id="padding-in-front",
            name="the padding is taken to stand in front",
            hint="Some libraries pad in front. Here the real tokens come first: which positions are smaller than length?",
            edits={"< lengths[:, None]": ">= targets.shape[1] - lengths[:, None]"},
        ),
        Misconception(
            id="zero-is-padding",
            name="target 0 is taken for padding, and lengths are not used",
            hint="0 may be a token like any other, and padding may hold any number. What says where a sequence ends?",
            answer=sequence_cross_entropy_without_class_0,
        ),
        Misconception(
            id="mask-inverted",
            name="the mask is the wrong way round: only the padding counts",
            hint="Which positions of a sequence of length 3 are real? Where is your mask True?",
            edits={"losses[real]": "losses[~real]"},
        ),
        Misconception(
            id="shifted",
            name="the targets are shifted against the logits",
            hint="targets[:, t] belongs to logits[:, t] already; whoever calls has seen to it. Which slice moves them "
            "apart?",
            answer=sequence_cross_entropy_shifted,
        ),
        Misconception(
            id="divided-by-the-batch",
            name="the sum is divided by the number of sequences",
            hint="Then long sequences make a loss large. By how many tokens should the sum be divided?",
            edits={"losses[real].mean()": "losses[real].sum() / len(targets)"},
        ),
        Misconception(
            id="reshaped",
            name="the logits are reshaped to (batch, vocabulary, time) instead of transposed",
            hint="view and reshape keep the order in memory and only cut it elsewhere. What exchanges two axes?",
            edits={
                'F.cross_entropy(logits.flatten(0, 1), targets.flatten(), reduction="none")': (
                    'F.cross_entropy(logits.reshape(len(logits), -1, logits.shape[1]), targets, reduction="none")'
                ),
            },
        ),
        Misconception(
            id="classes-not-second",
            name="F.cross_entropy gets (batch, time, vocabulary) as it is",
            hint="F.cross_entropy looks for the classes on axis 1. What stands there in yours: how can the vocabulary "
            "be brought there, or the first two axes be run together?",
            edits={
                'F.cross_entropy(logits.flatten(0, 1), targets.flatten(), reduction="none")': (
                    'F.cross_entropy(logits, targets, reduction="none")'
                ),
            },
        ),
        Misconception(
            id="mask-transposed",
            name="the mask is (time, batch)",
            hint="The losses are (batch, time). Which of arange and lengths needs a new axis, and on which side?",
            edits={"losses[real]": "losses[real.T]"},
        ),
        Misconception(
            id="lengths-without-an-axis",
            name="the positions are compared with lengths, which has no axis for time",
            hint="Shapes are lined up from the right: (time,) against (batch,). How does lengths become (batch, 1)?",
            edits={"< lengths[:, None]": "< lengths"},
        ),
        Misconception(
            id="over-time",
            name="the probabilities are normalised over time instead of over the vocabulary",
            hint="logits is (batch, time, vocabulary). Which axis holds the choices that exclude each other?",
            answer=sequence_cross_entropy_over_time,
        ),
        Misconception(
            id="logarithm-of-zero",
            name="the logarithm is taken of a softmax that has become 0",
            hint="A probability of e^−300 is 0 in a computer, and log 0 is −∞. Which function makes both steps at "
            "once?",
            answer=sequence_cross_entropy_log_of_softmax,
        ),
        one_maximum_for_all(
            "a token",
            {
            'F.cross_entropy(logits.flatten(0, 1), targets.flatten(), reduction="none")': (
                "(lambda z: z.exp().sum(-1).log() - z.gather(-1, targets.flatten()[:, None]).squeeze(-1))"
                "(logits.flatten(0, 1) - logits.max())"
            ),
        },
        ),
        Misconception(
            id="zeroed-logits-counted",
            name="the logits of the padding are set to 0, and then count as a token each",
            hint="Equal scores are no zero loss: what is −log p with five equal scores? What should be masked, the "
            "scores or the losses?",
            answer=sequence_cross_entropy_of_zeroed_logits,
        ),
        Misconception(
            id="perplexity",
            name="the exponential is taken: this is the perplexity",
            hint="The loss is in nats, the perplexity is its exponential. Which of the two is asked for?",
            edits={"losses[real].mean()": "losses[real].mean().exp()"},
        ),
        Misconception(
            id="first-length-for-all",
            name="every sequence is cut at the first one's length",
            hint="lengths[0] is one number for the whole batch. How does each row get its own?",
            edits={"< lengths[:, None]": "< torch.full_like(lengths, int(lengths[0]))[:, None]"},
        ),
        Misconception(
            id="longest-length-for-all",
            name="every sequence is cut at the longest one's length",
            hint="lengths.max() is one number for the whole batch. How does each row get its own?",
            edits={"< lengths[:, None]": "< torch.full_like(lengths, int(lengths.max()))[:, None]"},
        ),
        Misconception(
            id="last-token-only",
            name="only the last real token of each sequence counts",
            hint="A classifier looks at the end only; a language model predicts every token. Which positions are real?",
            edits={"< lengths[:, None]": "== lengths[:, None] - 1"},
        ),
        Misconception(
            id="gradient-cut",
            name="the loss is right, but cut off from the logits",
            hint="`.item()`, `.detach()`, `float(…)` and `torch.tensor(…)` copy numbers and forget where they came "
            "from. Which of them is in your lines?",
            edits={"losses[real].mean()": "losses[real].mean().detach()"},
        ),
        Misconception(
            id="targets-overwritten",
            name="−100 is written into the caller's targets",
            hint="The caller still needs its targets. On what should you write instead?",
            answer=sequence_cross_entropy_in_place,
        ),
        Misconception(
            id="one-for-each-sequence",
            name="there is one loss for each sequence",
            hint="Learning needs one number to make smaller. Over what should the mean go?",
            edits={"losses[real].mean()": "(losses * real).sum(dim=1) / lengths"},
        ),
        Misconception(
            id="shifted-once-more",
            name="the scores of a step are compared with the target of the next one",
            hint="In a language model inputs and targets are the same text, shifted by one. Here `targets` says what "
            "should come at each step: who has shifted it already?",
            edits={
                'logits.flatten(0, 1), targets.flatten(), reduction="none").view_as(\n        targets\n    )': (
                    'logits[:, :-1].flatten(0, 1), targets[:, 1:].flatten(), reduction="none").view(len(targets), -1)'
                ),
                "torch.arange(targets.shape[1], device=targets.device) < lengths[:, None]": (
                    "torch.arange(targets.shape[1] - 1) < lengths[:, None] - 1"
                ),
            },
        ),
        Misconception(
            id="one-minus-p",
            name="1 − p is averaged instead of −log p",
            hint="With four equally likely tokens the loss should be log 4. What is yours? Which function makes a large "
            "loss of a small probability?",
            edits={
                "return losses[real].mean()": "return (1 - torch.exp(-losses[real])).mean()",
            },
        ),
        Misconception(
            id="zeroed-logits-in-the-sum",
            name="the logits of the padding are set to 0, and their losses are in the sum",
            hint=(
                "Equal scores are no zero loss: what is −log p with five equal scores? What should be "
                "masked, the scores or the losses?"
            ),
            edits={
                "logits.flatten(0, 1), targets.flatten()": "(logits * (torch.arange(targets.shape[1]) < lengths[:, None])[..., None]).flatten(0, 1), targets.flatten()",
                "losses[real].mean()": "losses.sum() / real.sum()",
            },
        ),
    ),
)

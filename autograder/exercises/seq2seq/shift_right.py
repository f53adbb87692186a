"""`shift_right`: What the decoder is fed while it learns: `bos` first, then every target but the last."""

import torch
import torch.nn.functional as F

from autograder.exercise import Exercise, Misconception


def shift_right_inputs(rng):
    """Batch 3, time 1, 5 and 7; no token twice in a row, so that a shift shows at every place."""

    def case(time):
        tokens = torch.from_numpy(rng.permutation(3 * time)).view(3, time) + 4
        return {"targets": tokens, "bos": int(rng.integers(1, 4))}

    return {"one token": [case(1)], "several tokens": [case(5), case(7)]}


def shift_right_cat(targets, bos):
    first = torch.full((len(targets), 1), bos, dtype=targets.dtype)
    return torch.cat([first, targets[:, :-1]], dim=1)


def shift_right_pad(targets, bos):
    return F.pad(targets, (1, -1), value=bos)


def shift_right_loop(targets, bos):
    rows = [[bos, *row[:-1]] for row in targets.tolist()]
    return torch.tensor(rows)


def shift_right_too_long(targets, bos):
    first = torch.full((len(targets), 1), bos, dtype=targets.dtype)
    return torch.cat([first, targets], dim=1)


def shift_right_in_place(targets, bos):
    targets[:, 1:] = targets[:, :-1].clone()
    targets[:, 0] = bos
    return targets


SHIFT_RIGHT = Exercise(
    solves="unrolled.seq2seq.shift_right",
    groups={"one token": 1, "several tokens": 1},
    inputs=shift_right_inputs,
    accepts=(shift_right_cat, shift_right_pad, shift_right_loop),
    misconceptions=(
        Misconception(
            id="not-shifted",
            name="bos overwrites the first token, and nothing is shifted",
            hint="Where did the first token go? At step 1 the decoder must be fed it: at which step is it fed in yours?",
            edits={"targets.roll(1, dims=1)": "targets.clone()"},
        ),
        Misconception(
            id="targets-themselves",
            name="the targets come back as they were",
            hint="A decoder that is fed the very word it should predict: what does it learn?",
            edits={"return shifted": "return targets"},
        ),
        Misconception(
            id="wrapped-around",
            name="the last token comes round to the front",
            hint="roll is a circle: what falls off at the end comes back in front. What should stand there?",
            edits={"shifted[:, 0] = bos": "pass"},
        ),
        Misconception(
            id="one-too-long",
            name="the last token is kept, so the result is one longer than the targets",
            hint="Each input has one target. Is there a word to predict after the last one?",
            answer=shift_right_too_long,
        ),
        Misconception(
            id="to-the-left",
            name="the targets move to the left",
            hint="At step t the decoder should know the word of step t − 1. Does yours know that of t − 1 or of t + 1?",
            edits={
                "targets.roll(1, dims=1)": "targets.roll(-1, dims=1)",
                "shifted[:, 0] = bos": "shifted[:, -1] = bos",
            },
        ),
        Misconception(
            id="batch-shifted",
            name="the sentences of the batch are shifted instead of their words",
            hint="targets is (batch, time). Along which of the two should things move?",
            edits={"dims=1": "dims=0"},
        ),
        Misconception(
            id="zero-instead-of-bos",
            name="0 stands where bos should be",
            hint="0 is the number of some word, here mostly of the padding. Which number says that a sentence begins?",
            edits={"= bos": "= 0"},
        ),
        Misconception(
            id="shifted-by-two",
            name="the targets are shifted by two",
            hint="The input of step 1 should be the target of step 0. Which one is yours?",
            edits={"roll(1, dims=1)": "roll(2, dims=1)", "[:, 0]": "[:, :2]"},
        ),
        Misconception(
            id="in-place",
            name="the targets are shifted in place",
            hint="The loss still needs the targets, in their old places. Which line writes into them?",
            answer=shift_right_in_place,
        ),
    ),
)

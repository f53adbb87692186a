"""`shift_right`: What the decoder is fed while it learns: `bos` first, then every target but the last."""

import torch
import torch.nn.functional as F

from autograder import probes
from autograder.exercise import Exercise, Misconception


def shift_right_inputs(rng):
    """Batch 3 or 1, time 1 to 7; no token twice in a row, so that a shift shows at every place, and 0 is one of them.

    bos is any number but 0 and 1; once the tokens are int32.
    """

    def case(time, batch=3):
        tokens = torch.from_numpy(rng.permutation(batch * time)).view(batch, time) + 4
        tokens[0, 0], tokens[-1, -1] = (0, 0) if time > 1 else (tokens[0, 0], 0)
        return {"targets": tokens, "bos": int(rng.integers(2, 997))}

    small = case(5)
    small["targets"] = small["targets"].int()
    return {"one token": [case(1), case(1, 2)], "several tokens": [case(5), case(7), case(6, 1), small]}


def shift_right_cat(targets, bos):
    first = torch.full((len(targets), 1), bos, dtype=targets.dtype)
    return torch.cat([first, targets[:, :-1]], dim=1)


def shift_right_pad(targets, bos):
    return F.pad(targets, (1, -1), value=bos)


def shift_right_loop(targets, bos):
    rows = [[bos, *row[:-1]] for row in targets.tolist()]
    return torch.tensor(rows, dtype=targets.dtype)


def shift_right_too_long(targets, bos):
    first = torch.full((len(targets), 1), bos, dtype=targets.dtype)
    return torch.cat([first, targets], dim=1)


def shift_right_in_place(targets, bos):
    targets[:, 1:] = targets[:, :-1].clone()
    targets[:, 0] = bos
    return targets


def shift_right_over_itself(targets, bos):
    shifted = targets.clone()
    shifted[:, 0] = bos
    for t in range(1, targets.shape[1]):
        shifted[:, t] = shifted[:, t - 1]
    return shifted


def shift_right_but_padding(targets, bos):
    return torch.where(targets == 0, targets, F.pad(targets, (1, -1), value=bos))


def shift_right_cutting_the_last_real(targets, bos):
    shifted = F.pad(targets, (1, -1), value=bos)
    ends = (targets != 0).sum(dim=1).clamp(max=targets.shape[1] - 1)
    shifted[torch.arange(len(targets)), ends] = 0
    return shifted


def shift_right_one_bos_for_all(targets, bos):
    return torch.cat([torch.tensor([[bos]]), targets[:, :-1]], dim=1)


def shift_right_with_a_number(targets, bos):
    return torch.cat([bos, targets[:, :-1]], dim=1)


SHIFT_RIGHT = Exercise(
    solves="unrolled.seq2seq.shift_right",
    groups={"one token": 0.5, "several tokens": 0.5},
    inputs=shift_right_inputs,
    probe=probes.made_new,
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
        Misconception(
            id="copied-along",
            name="bos is copied on into every place",
            hint="The loop writes into what it reads next. In which direction must it run, or where should it read?",
            answer=shift_right_over_itself,
        ),
        Misconception(
            id="rolled-as-one-row",
            name="the batch is rolled as one long row, and bos stands only in its first place",
            hint="Without dims, roll takes all sentences for one. Along which axis should things move?",
            edits={
                "targets.roll(1, dims=1)": "targets.roll(1)",
                "shifted[:, 0] = bos": "shifted[0, 0] = bos",
            },
        ),
        Misconception(
            id="row-of-bos",
            name="the sentences are shifted, and bos fills the first of them",
            hint="targets is (batch, time). Which of the two axes should move, and which index should bos get?",
            edits={
                "dims=1": "dims=0",
                "shifted[:, 0]": "shifted[0]",
            },
        ),
        Misconception(
            id="bos-for-the-first-sentence",
            name="only the first sentence begins with bos",
            hint="shifted[0, 0] is one place. Which index means the first place of *every* row?",
            edits={"shifted[:, 0]": "shifted[0, 0]"},
        ),
        Misconception(
            id="always-one",
            name="1 stands in front, whatever bos is",
            hint="bos is 1 in the docstring's example. Is it always? Where does your code use `bos`?",
            edits={"= bos": "= 1"},
        ),
        Misconception(
            id="floats",
            name="the result is a tensor of floats",
            hint="Numbers of words go into an embedding, which wants whole numbers. Which line makes a new tensor, "
            "and of which dtype?",
            edits={"return shifted": "return shifted.float()"},
        ),
        Misconception(
            id="int32",
            name="the result is of another whole-number dtype",
            hint="The decoder's inputs should be of the dtype that targets had. Which line fixes another one?",
            edits={"return shifted": "return shifted.int()"},
        ),
        Misconception(
            id="bos-for-one-row",
            name="a single bos is joined to a whole batch",
            hint="cat wants as many rows on both sides. How do you get one bos for each sentence?",
            answer=shift_right_one_bos_for_all,
        ),
        Misconception(
            id="number-joined",
            name="a number is joined to a tensor",
            hint="cat joins tensors. How does bos become a column, one for each sentence?",
            answer=shift_right_with_a_number,
        ),
        Misconception(
            id="a-list",
            name="lists come back instead of a tensor",
            hint="The decoder's embedding wants a tensor. What makes one out of nested lists?",
            edits={"return shifted": "return shifted.tolist()"},
        ),
        Misconception(
            id="padding-stays",
            name="a 0 in the targets stays where it was",
            hint="Every token moves by one, whatever it is. What makes your code treat 0 in another way?",
            answer=shift_right_but_padding,
        ),
        Misconception(
            id="last-real-cut",
            name="the last token that is not 0 is dropped, instead of the last column",
            hint="The loss looks only at the real places, so what stands in the padding does not matter. Which column "
            "has no place any more?",
            answer=shift_right_cutting_the_last_real,
        ),
        Misconception(
            id="two-dropped",
            name="the result is one shorter than the targets",
            hint="Each target needs an input. How many columns does your slice drop?",
            edits={"return shifted": "return shifted[:, :-1]"},
        ),
        Misconception(
            id="reversed",
            name="the sentences are turned round",
            hint="Which order should the decoder be fed in: the one it will speak in, or the reverse?",
            edits={"targets.roll(1, dims=1)": "targets.flip(1)"},
        ),
        Misconception(
            id="bos-added",
            name="bos is added to every token",
            hint="bos is a token of its own, not an amount. Where should it stand?",
            edits={"return shifted": "return targets + bos"},
        ),
        Misconception(
            id="always-int64",
            name="the result is int64, whatever the targets are",
            hint="`torch.full` and `torch.tensor` choose a dtype themselves, and joining takes the larger of the two. How "
            "do you make the first column like the targets?",
            edits={
                "shifted = targets.roll(1, dims=1)": "shifted = targets.roll(1, dims=1).long()",
            },
        ),
        Misconception(
            id="zeros-become-bos",
            name="every 0 becomes bos as well",
            hint="0 is a token like any other. At how many places of a row should bos stand?",
            edits={
                "return shifted": "return shifted.masked_fill(shifted == 0, bos)",
            },
        ),
    ),
)

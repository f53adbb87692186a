"""`concat_pool`: Of each text, side by side: the last state, the largest value of each feature, and the mean."""

import torch

from autograder import probes
from autograder.draw import cut, normal
from autograder.exercise import Exercise, Misconception


def concat_pool_inputs(rng):
    """Batch 5 or 2, time 7 or 11, three features; one text without padding, one of a single word; features that are
    negative in every real place, so that a zero would win, once so low that −10,000 would; padding of zeros, of
    large, very large and very negative numbers.
    """

    def case(lengths, time, d=3, padding=None, shift=0.0, scale=1.0):
        states = normal(rng, len(lengths), time, d, scale=scale) + shift
        if padding is not None:
            for row, length in zip(states, lengths, strict=True):
                row[length:] = padding + 0.01 * row[length:]  # no two are equal, so that each has one largest value
        return {"states": states, "lengths": torch.tensor(lengths)}

    some = [7, 1, *(int(n) for n in rng.integers(2, 7, 3))]
    others = [2, int(rng.integers(3, 10)), 11]
    return {
        "full length": [case([7, 7], 7), case([7, 7, 7], 7, shift=-4.0), case([1], 1, d=5)],
        "padding": [
            case(some, 7),
            case(some[::-1], 7, padding=0.0, shift=-4.0),
            case(others, 11, padding=50.0),
            case(others, 11, padding=-50.0),
            case(some, 7, padding=5e4),
            case(some, 7, padding=0.0, shift=-5e4, scale=1000.0),
            cut(case([3, 5], 7, padding=0.0), 0, "states", "lengths"),
        ],
    }


def concat_pool_rows(states, lengths):
    rows = []
    for text, length in zip(states, lengths.tolist(), strict=True):
        real = text[:length]
        rows.append(torch.cat([real[-1], real.max(dim=0).values, real.mean(dim=0)]))
    return torch.stack(rows)


def concat_pool_gather(states, lengths):
    batch, time, d = states.shape
    index = (lengths - 1).view(batch, 1, 1).expand(batch, 1, d)
    last = states.gather(1, index).squeeze(1)
    padding = (torch.arange(time)[None] >= lengths[:, None]).unsqueeze(-1).expand_as(states)
    largest = torch.where(padding, torch.finfo(states.dtype).min, states).max(1)[0]
    real = (~padding).to(states.dtype)
    return torch.hstack([last, largest, (states * real).sum(1) / real.sum(1)])


def concat_pool_einsum(states, lengths):
    places = torch.arange(states.shape[1])
    at_the_end = (places == lengths[:, None] - 1).to(states.dtype)
    share = (places < lengths[:, None]).to(states.dtype) / lengths[:, None].to(states.dtype)
    last, mean = (torch.einsum("btd,bt->bd", states, w) for w in (at_the_end, share))
    largest = torch.stack([text[:n].amax(0) for text, n in zip(states, lengths, strict=True)])
    return torch.cat((last, largest, mean), -1)


MAX = "states.masked_fill(~real[:, :, None], -torch.inf).amax(dim=1)"
MEAN = "states.masked_fill(~real[:, :, None], 0.0).sum(dim=1) / lengths[:, None]"
LAST = "states[torch.arange(len(states), device=states.device), lengths - 1]"
RESULT = "torch.cat([last, largest, mean], dim=1)"

CONCAT_POOL = Exercise(
    solves="unrolled.pooling.concat_pool",
    groups={"full length": 1, "padding": 2},
    inputs=concat_pool_inputs,
    probe=probes.differentiate,
    accepts=(concat_pool_rows, concat_pool_gather, concat_pool_einsum),
    misconceptions=(
        Misconception(
            id="minus-ten-thousand",
            name="the padding is set to −10,000 before the maximum, which is not below every number",
            hint="If all states of a text lie below −10,000, which value wins? What is smaller than any number?",
            edits={"-torch.inf": "-1e4"},
        ),
        Misconception(
            id="zeros-win",
            name="padding counts as zeros when the largest value is looked for",
            hint="If a feature is negative at every word, 0 is larger than all of them. Which number never wins?",
            edits={"-torch.inf": "0.0"},
        ),
        Misconception(
            id="padding-in-the-maximum",
            name="the largest value may come from the padding",
            hint="What stands after the end of a short text? How do you keep it from winning?",
            edits={MAX: "states.amax(dim=1)"},
        ),
        Misconception(
            id="padding-in-the-mean",
            name="the mean is that of all places, with the padding",
            hint="What stands after the end of a short text, and by how many words do you divide?",
            edits={MEAN: "states.mean(dim=1)"},
        ),
        Misconception(
            id="divided-by-time",
            name="the sum of the real states is divided by all places",
            hint="A text of two words in a batch of long ones: by how many do you divide?",
            edits={"/ lengths[:, None]": "/ states.shape[1]"},
        ),
        Misconception(
            id="padding-in-the-sum",
            name="the padding is added up too, though the sum is divided by the right length",
            hint="Padding need not be 0. Which states belong to the sum?",
            edits={MEAN: "states.sum(dim=1) / lengths[:, None]"},
        ),
        Misconception(
            id="last-place",
            name="the last place is taken, where a short text has padding",
            hint="At which place stands the last word of a text of two words?",
            edits={LAST: "states[:, -1]"},
        ),
        Misconception(
            id="one-place-too-late",
            name="the place after the last word is taken",
            hint="Places count from 0. At which one stands the last of three words?",
            edits={"lengths - 1]": "lengths]"},
        ),
        Misconception(
            id="one-place-too-early",
            name="the word before the last one is taken",
            hint="Places count from 0. At which one stands the last of three words?",
            edits={"lengths - 1]": "lengths - 2]"},
        ),
        Misconception(
            id="all-padding",
            name="nothing is done about the padding in any of the three parts",
            hint="Where do you use `lengths`? Which of the three parts may see what stands after the end?",
            edits={LAST: "states[:, -1]", MAX: "states.amax(dim=1)", MEAN: "states.mean(dim=1)"},
        ),
        Misconception(
            id="maximum-and-mean-with-padding",
            name="the padding is left out of the last state only",
            hint="The last state is right. Which states do maximum and mean see?",
            edits={MAX: "states.amax(dim=1)", MEAN: "states.mean(dim=1)"},
        ),
        Misconception(
            id="padding-set-to-zero",
            name="the padding is set to 0 and then counts in maximum and mean",
            hint="If a feature is negative at every word, is 0 the largest? And by how many words do you divide?",
            edits={"-torch.inf": "0.0", "/ lengths[:, None]": "/ states.shape[1]"},
        ),
        Misconception(
            id="first-state",
            name="the first state is taken instead of the last one",
            hint="An LSTM reads from left to right. Which state has seen the whole text?",
            edits={LAST: "states[:, 0]"},
        ),
        Misconception(
            id="one-length-for-all",
            name="the first text's length is used for all texts",
            hint="`lengths` has a number for each text. Which shape must a comparison have to use them all?",
            edits={
                "< lengths[:, None]\n": "< lengths[:1, None].expand(len(lengths), 1)\n",
                "lengths - 1]": "lengths[0] - 1]",
                "/ lengths[:, None]": "/ lengths[0]",
            },
        ),
        Misconception(
            id="mask-inverted",
            name="maximum and mean are taken over the padding instead of over the text",
            hint="Where is your mask True: at the words, or after them?",
            edits={"device=states.device) < lengths": "device=states.device) >= lengths"},
        ),
        Misconception(
            id="one-word-too-many",
            name="the first place after the text counts as part of it, in maximum and mean",
            hint="A text of three words fills the places 0, 1 and 2. Is 3 < 3?",
            edits={"device=states.device) < lengths": "device=states.device) <= lengths"},
        ),
        Misconception(
            id="one-word-too-few",
            name="the last word does not count in maximum and mean",
            hint="A text of three words fills the places 0, 1 and 2. Which of them does your mask have?",
            edits={"device=states.device) < lengths": "device=states.device) < lengths.sub(1).clamp(min=1)"},
        ),
        Misconception(
            id="sum-for-mean",
            name="the sum stands where the mean should be",
            hint="Should a text that is written twice over have twice the third part? By what do you divide?",
            edits={" / lengths[:, None]": ""},
        ),
        Misconception(
            id="smallest",
            name="the smallest value is taken instead of the largest",
            hint="Which of the two does *max*-pooling take?",
            edits={MAX: "states.masked_fill(~real[:, :, None], torch.inf).amin(dim=1)"},
        ),
        Misconception(
            id="largest-in-size",
            name="the largest value is chosen by size, without its sign",
            hint="Is −3 larger than 2? Where does your `abs` come from?",
            edits={MAX: "states.masked_fill(~real[:, :, None], 0.0).abs().amax(dim=1)"},
        ),
        Misconception(
            id="mean-before-maximum",
            name="mean and maximum change places",
            hint="In which order does the docstring name the three parts?",
            edits={RESULT: "torch.cat([last, mean, largest], dim=1)"},
        ),
        Misconception(
            id="last-at-the-end",
            name="the last state stands at the end",
            hint="In which order does the docstring name the three parts?",
            edits={RESULT: "torch.cat([largest, mean, last], dim=1)"},
        ),
        Misconception(
            id="stacked",
            name="the three parts are stacked along a new axis",
            hint="How many axes does the result have by the signature? What does `stack` do that `cat` does not?",
            edits={RESULT: "torch.stack([last, largest, mean], dim=1)"},
        ),
        Misconception(
            id="interleaved",
            name="the three numbers of each feature stand together",
            hint="First come all features of the last state. After how many numbers does the maximum begin?",
            edits={RESULT: "torch.stack([last, largest, mean], dim=2).flatten(1)"},
        ),
        Misconception(
            id="below-each-other",
            name="the three parts stand below each other instead of side by side",
            hint="How many rows should the result have? Which axis is the one of the texts?",
            edits={RESULT: "torch.cat([last, largest, mean], dim=0)"},
        ),
        Misconception(
            id="largest-state",
            name="the largest value of each state is taken over its features",
            hint="There should be one number for each feature. Over which axis do you look for the largest?",
            edits={MAX: "states.masked_fill(~real[:, :, None], -torch.inf).amax(dim=2).amax(dim=1, keepdim=True).expand_as(last)"},
        ),
        Misconception(
            id="two-parts",
            name="only maximum and mean are there",
            hint="How wide is the result by the signature? Which part is missing?",
            edits={RESULT: "torch.cat([largest, mean], dim=1)"},
        ),
        Misconception(
            id="overwritten",
            name="the caller's states are overwritten in their padding",
            hint="`masked_fill_` and `states[…] = …` write into the tensor that you were given. What makes a new one?",
            edits={"largest =": "states.masked_fill_(~real[:, :, None], -99.0)\n    largest ="},
        ),
        Misconception(
            id="detached",
            name="no gradient flows back",
            hint="The values are right, but then the body would never learn. What do you wrap around them (`.detach()`, `.data`, `no_grad`)?",
            edits={RESULT: "torch.cat([last, largest, mean], dim=1).detach()"},
        ),
        Misconception(
            id="maximum-first",
            name="the largest value stands before the last state",
            hint="In which order does the docstring name the three parts?",
            edits={RESULT: "torch.cat([largest, last, mean], dim=1)"},
        ),
        Misconception(
            id="largest-in-size-with-its-sign",
            name="the value that is largest in size is taken, with its sign",
            hint="Is −3 larger than 2? Where does your `abs` come from?",
            edits={MAX: "(lambda x: x.gather(1, x.abs().argmax(dim=1, keepdim=True))[:, 0])(states.masked_fill(~real[:, :, None], 0.0))"},
        ),
    ),
)

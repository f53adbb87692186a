"""`chunked_feed_forward`: What a layer makes of x, for a few words of each text at a time."""

import torch

from autograder.draw import normal
from autograder.exercise import Exercise, Misconception


def chunk_inputs(rng):
    """Batch 3, 6 or 7 words of 5 features, chunks of 1 to 7 and longer ones; one word of one text. The layer widens to 11."""

    def case(time, chunk_length, batch=3, d_out=11):
        return {
            "weight": normal(rng, 5, d_out, scale=0.5),
            "x": normal(rng, batch, time, 5),
            "chunk_length": chunk_length,
        }

    return {
        "whole chunks": [case(6, 2), case(6, 3, d_out=5), case(7, 7), case(5, 1, batch=1)],
        "a shorter one at the end": [
            case(7, 3),
            case(7, 5, batch=1),
            case(4, 13),
            case(1, 2, batch=1),
            case(11, 4, d_out=5),
        ],
    }


def chunk_refuses(rng):
    return [{"weight": normal(rng, 5, 5), "x": normal(rng, 2, 3, 5), "chunk_length": n} for n in (0, -2)]


def probe_chunks(answer, inputs):
    """Hand over a layer that treats each word by itself and notes what it gets; differentiate by x and its weights."""
    import torch

    from autograder.probes import differentiate

    calls = []

    def use(x, weight):
        def layer(part):
            calls.append(list(part.shape))
            return torch.tanh(part @ weight) + 0.5

        return answer(layer, x, inputs["chunk_length"])

    report = differentiate(use, {"x": inputs["x"], "weight": inputs["weight"]})
    return {**report, "calls": calls}


def chunked_loop(layer, x, chunk_length):
    if chunk_length <= 0:
        raise ValueError("chunk_length must be positive")
    parts = []
    for first in range(0, x.shape[1], chunk_length):
        parts.append(layer(x[:, first : first + chunk_length]))
    return torch.cat(parts, dim=1)


def chunked_with_concatenate(layer, x, chunk_length):
    if not chunk_length >= 1:
        raise ValueError(f"chunk_length: {chunk_length}")
    return torch.concatenate(list(map(layer, torch.split(x, chunk_length, 1))), axis=-2)


def chunked_into_a_table(layer, x, chunk_length):
    """Fills a table that is made when the first result shows how wide it must be."""
    if chunk_length < 1:
        raise ValueError(f"`chunk_length` is {chunk_length}")
    table = None
    for first in range(0, x.size(1), chunk_length):
        part = layer(x.narrow(1, first, min(chunk_length, x.size(1) - first)))
        if table is None:
            table = part.new_zeros(x.size(0), x.size(1), part.size(-1))
        table[:, first : first + part.size(1)] = part
    return table


def _as_wide_as_x(layer, x, chunk_length):
    if chunk_length < 1:
        raise ValueError(f"chunk_length is {chunk_length}; expected at least 1")
    out = torch.zeros_like(x)
    for first in range(0, x.shape[1], chunk_length):
        out[:, first : first + chunk_length] = layer(x[:, first : first + chunk_length])
    return out


SPLIT = "x.split(chunk_length, dim=1)"
CAT = f"torch.cat([layer(chunk) for chunk in {SPLIT}], dim=1)"
REFUSE = "if chunk_length < 1:"

CHUNKED_FEED_FORWARD = Exercise(
    solves="unrolled.reformer.chunked_feed_forward",
    groups={"whole chunks": 0.5, "a shorter one at the end": 0.5},
    inputs=chunk_inputs,
    refuses=chunk_refuses,
    probe=probe_chunks,
    accepts=(chunked_loop, chunked_with_concatenate, chunked_into_a_table),
    misconceptions=(
        Misconception(
            id="all-at-once",
            name="the layer gets all words at once",
            hint="The result is right, and the memory is saved nowhere. How many words should the layer see in one call?",
            edits={CAT: "layer(x)"},
        ),
        Misconception(
            id="word-by-word",
            name="the layer gets one word at a time",
            hint="The result is right, but there are many small calls. How many words are asked for in one?",
            edits={SPLIT: "x.split(1, dim=1)"},
        ),
        Misconception(
            id="number-of-chunks",
            name="`chunk_length` is taken for the number of chunks",
            hint="Six words, chunk_length 2: how many chunks are there, and how long is each?",
            edits={SPLIT: "x.chunk(chunk_length, dim=1)"},
        ),
        Misconception(
            id="texts-split",
            name="the texts are divided instead of their words",
            hint="In (batch, time, d_model), which axis are the words on?",
            edits={SPLIT: "x.split(chunk_length, dim=0)", "], dim=1)": "], dim=0)"},
        ),
        Misconception(
            id="texts-split-joined-along-words",
            name="the texts are divided, and joined along the words",
            hint="In (batch, time, d_model), which axis are the words on?",
            edits={SPLIT: "x.split(chunk_length, dim=0)"},
        ),
        Misconception(
            id="features-split",
            name="the features are divided instead of the words",
            hint="The layer needs all features of a word. Which axis are the words on?",
            edits={SPLIT: "x.split(chunk_length, dim=2)"},
        ),
        Misconception(
            id="joined-along-the-batch",
            name="the results are joined along the texts",
            hint="torch.cat takes axis 0 if it is not told otherwise. Along which axis did you divide?",
            edits={"], dim=1)": "])"},
        ),
        Misconception(
            id="joined-along-the-features",
            name="the results are joined along the features",
            hint="Along which axis did you divide?",
            edits={"], dim=1)": "], dim=2)"},
        ),
        Misconception(
            id="stacked",
            name="the results are stacked on a new axis",
            hint="The signature promises three axes. Which of `stack` and `cat` makes a new one?",
            edits={CAT: f"torch.stack([layer(chunk) for chunk in {SPLIT}], dim=1)"},
        ),
        Misconception(
            id="rest-dropped",
            name="words that do not fill a whole chunk are dropped",
            hint="Seven words in chunks of three: what becomes of the seventh?",
            edits={
                SPLIT: "[x[:, i * chunk_length : (i + 1) * chunk_length] for i in range(x.shape[1] // chunk_length)]"
            },
        ),
        Misconception(
            id="rest-padded",
            name="the last chunk is filled up with zeros for the layer",
            hint="The result is right, but the layer works for words that are not there. May the last chunk be shorter?",
            edits={
                CAT: "torch.cat([layer(chunk) for chunk in torch.nn.functional.pad("
                "x, (0, 0, 0, -x.shape[1] % chunk_length)).split(chunk_length, dim=1)], dim=1)[:, : x.shape[1]]"
            },
        ),
        Misconception(
            id="padding-left",
            name="the last chunk is filled up with zeros, and their results stay",
            hint="How many words does x have, and how many your result?",
            edits={
                CAT: "torch.cat([layer(chunk) for chunk in torch.nn.functional.pad("
                "x, (0, 0, 0, -x.shape[1] % chunk_length)).split(chunk_length, dim=1)], dim=1)"
            },
        ),
        Misconception(
            id="rest-refused",
            name="words that do not fill whole chunks are refused",
            hint="Hugging Face does so. What does the docstring say about the last chunk?",
            edits={REFUSE: "if chunk_length < 1 or x.shape[1] % chunk_length:"},
        ),
        Misconception(
            id="rest-alone",
            name="the chunks are made of equal length as far as possible",
            hint="Seven words in chunks of five: five and two, or four and three?",
            edits={SPLIT: "x.tensor_split(-(-x.shape[1] // chunk_length), dim=1)"},
        ),
        Misconception(
            id="shorter-one-first",
            name="the shorter chunk comes first",
            hint="Which chunk may be shorter, according to the docstring?",
            edits={
                SPLIT: "[p for p in (x[:, : x.shape[1] % chunk_length], *x[:, x.shape[1] % chunk_length :]"
                ".split(chunk_length, dim=1)) if p.shape[1]]"
            },
        ),
        Misconception(
            id="only-the-first",
            name="only the first chunk comes back",
            hint="On which level of indentation does your `return` stand?",
            edits={CAT: f"layer({SPLIT}[0])"},
        ),
        Misconception(
            id="only-the-last",
            name="only the last chunk comes back",
            hint="Is something overwritten in every turn of your loop?",
            edits={CAT: f"[layer(chunk) for chunk in {SPLIT}][-1]"},
        ),
        Misconception(
            id="reversed",
            name="the chunks come in reverse order",
            hint="Which chunk should stand first in the result?",
            edits={f"chunk in {SPLIT}": f"chunk in {SPLIT}[::-1]"},
        ),
        Misconception(
            id="a-list",
            name="a list of chunks comes back",
            hint="The signature promises one tensor. What joins several?",
            edits={CAT: f"[layer(chunk) for chunk in {SPLIT}]"},
        ),
        Misconception(
            id="texts-by-themselves",
            name="the layer gets a few words of one text at a time",
            hint="A chunk holds the same words of *all* texts. Is your outer loop needed?",
            edits={
                CAT: "torch.cat([torch.cat([layer(chunk) for chunk in row.split(chunk_length, dim=1)], dim=1) "
                "for row in x.split(1, dim=0)], dim=0)"
            },
        ),
        Misconception(
            id="texts-without-their-axis",
            name="the layer gets a few words of one text at a time, without the axis of the texts",
            hint="A chunk holds the same words of *all* texts. Is your outer loop needed?",
            edits={CAT: "torch.stack([torch.cat([layer(chunk) for chunk in row.split(chunk_length)]) for row in x])"},
        ),
        Misconception(
            id="residual",
            name="x is added to the result",
            hint="The block that calls this adds it. What does the docstring promise: the layer's result, or more?",
            edits={"layer(chunk) for": "chunk.sum(dim=-1, keepdim=True) + layer(chunk) for"},
        ),
        Misconception(
            id="no-gradient",
            name="no gradient goes through the layer",
            hint="Chunks save memory in training as well. What does `no_grad` or `detach` cut?",
            edits={"layer(chunk) for": "layer(chunk).detach() for"},
        ),
        Misconception(
            id="called-twice",
            name="the layer is called twice for each chunk",
            hint="Once to see how wide its result is? How often does the docstring say?",
            edits={"layer(chunk) for": "(layer(chunk) + layer(chunk)) / 2 for"},
        ),
        Misconception(
            id="anything-accepted",
            name="a chunk_length below 1 is not refused by name",
            hint="torch would complain in words of its own. Which exception is promised, and what does it name?",
            edits={REFUSE: "if False:"},
        ),
        Misconception(
            id="zero-as-all",
            name="a chunk_length of 0 stands for all words at once",
            hint="In Hugging Face's configuration it does. Which exception is promised here?",
            edits={REFUSE: "chunk_length = chunk_length or x.shape[1]\n    if chunk_length < 1:"},
        ),
        Misconception(
            id="overlapping",
            name="chunks overlap",
            hint="Each word belongs to one chunk. By how many words does your window move on?",
            edits={SPLIT: "[x[:, i : i + chunk_length] for i in range(0, x.shape[1], max(chunk_length - 1, 1))]"},
        ),
        Misconception(
            id="as-wide-as-x",
            name="the results are written into a table that is as wide as x",
            hint="A layer may return more features than it was given. Who knows how wide the result is?",
            answer=_as_wide_as_x,
        ),
    ),
)

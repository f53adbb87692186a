"""`Albert`: A narrow table of words, a layer that widens them, and one block used again and again."""

import functools

import torch

from autograder import probes
from autograder.draw import cut, integers, lengths_mask, weights
from autograder.exercise import Exercise, Misconception
from unrolled.albert import Albert


def albert_inputs(rng):
    """Batch 3, time 5, 11 words, E 5, H 6, the block three times; with mask and segments, and without; one text, one word."""

    def case(*given, layers=3, batch=3, time=5):
        lengths = [time, max(time - 2, 1), max(time - 3, 1)][:batch]
        inputs = {
            "input_ids": integers(rng, 0, 11, batch, time),
            "attention_mask": lengths_mask(lengths, time).long(),
            "token_type_ids": integers(rng, 0, 2, batch, time),
        }
        inputs["token_type_ids"][:, 0] = 1
        inputs["input_ids"][0, -1] = 0
        arguments, options = [11, 5, 6, 2, 13, layers], {"positions": 7}
        return {
            "arguments": arguments,
            "options": options,
            "weights": weights(rng, Albert, *arguments, **options),
            "inputs": {name: value for name, value in inputs.items() if name == "input_ids" or name in given},
        }

    both = ("attention_mask", "token_type_ids")
    true = case(*both)
    true["inputs"]["attention_mask"] = true["inputs"]["attention_mask"].bool()
    names = tuple(f"inputs/{name}" for name in ("input_ids", *both))
    return {
        "words alone": [case(), case(layers=4, time=7)],
        "mask and segments": [case("attention_mask"), case("token_type_ids"), true, case(*both, layers=2)],
        "edges": [cut(case(*both), 0, *names), cut(case(*both), 1, *names), case(*both, layers=1)],
    }


class AlbertRecursive(Albert):
    """The block applied to what it gave, by recursion; the mask repeated for every word that looks."""

    def forward(self, input_ids, attention_mask=None, token_type_ids=None):
        if token_type_ids is None:
            token_type_ids = input_ids * 0
        mask = torch.ones_like(input_ids) if attention_mask is None else attention_mask
        mask = (mask != 0)[:, None, None].expand(-1, 1, input_ids.shape[1], -1)

        def after(n):
            if n == 0:
                return self.project(self.embeddings(input_ids, token_type_ids))
            return self.block(after(n - 1), mask)[0]

        states = after(self.layers)
        return states, self.pooler(states[:, 0, :]).tanh()


class AlbertReduce(Albert):
    """A fold over the number of layers, with the attention's weights asked for."""

    def forward(self, input_ids, attention_mask=None, token_type_ids=None):
        segments = token_type_ids if token_type_ids is not None else torch.zeros(input_ids.shape, dtype=torch.long)
        looked_at = None if attention_mask is None else attention_mask.unsqueeze(1).unsqueeze(2) > 0
        start = self.project(self.embeddings(input_ids, segments))
        states = functools.reduce(lambda x, _: self.block(x, looked_at, weights=True)[0], range(self.layers), start)
        return states, torch.tanh(torch.nn.functional.linear(states.select(1, 0), self.pooler.weight, self.pooler.bias))


class AlbertWhile(Albert):
    """The embeddings by hand, and a loop that counts down."""

    def forward(self, input_ids, attention_mask=None, token_type_ids=None):
        table = self.embeddings
        x = table.word(input_ids) + table.position.weight[: input_ids.shape[1]]
        x = x + (table.segment.weight[0] if token_type_ids is None else table.segment(token_type_ids))
        x, left = self.project(table.norm(x)), self.layers
        mask = None if attention_mask is None else attention_mask.bool().view(len(x), 1, 1, -1)
        while left:
            x, left = self.block(x, mask)[0], left - 1
        return x, torch.tanh(self.pooler(x[:, 0]))


LOOP, PASS = "range(self.layers)", "states, _ = self.block(states, mask)"
START = "states = self.project(self.embeddings(input_ids, segments))"
MASK = "None if attention_mask is None else attention_mask.bool()[:, None, None, :]"
SEGMENTS = "torch.zeros_like(input_ids) if token_type_ids is None else token_type_ids"
POOLED = "torch.tanh(self.pooler(states[:, 0]))"
SUM = (
    "self.embeddings.word(input_ids) + self.embeddings.position(torch.arange(input_ids.shape[1])) "
    "+ self.embeddings.segment(segments)"
)

ALBERT = Exercise(
    solves="unrolled.albert.Albert",
    groups={"words alone": 2, "mask and segments": 1, "edges": 1},
    inputs=albert_inputs,
    probe=probes.module,
    blanks=("forward",),
    accepts=(AlbertRecursive, AlbertReduce, AlbertWhile),
    misconceptions=(
        Misconception(
            id="once",
            name="the block is used only once, or every pass starts from the embeddings again",
            hint="The second pass should see what the first one made. What do you hand to the block, and how often?",
            edits={LOOP: "range(1)"},
        ),
        Misconception(
            id="once-too-often",
            name="the block is used once too often",
            hint="If `layers` is 1, how often should the block be called?",
            edits={LOOP: "range(self.layers + 1)"},
        ),
        Misconception(
            id="once-too-seldom",
            name="the block is used once too seldom",
            hint="If `layers` is 1, how often should the block be called?",
            edits={LOOP: "range(self.layers - 1)"},
        ),
        Misconception(
            id="always-three-times",
            name="the block is always used three times, as in the example",
            hint="Another model may have twelve layers. Which attribute knows?",
            edits={LOOP: "range(3)"},
        ),
        Misconception(
            id="embeddings-added-each-time",
            name="the embeddings are added again before every pass",
            hint="A looped Transformer may do so. Does the docstring, whose block's output is its next input?",
            edits={
                START: f"first = states = {START.removeprefix('states = ')}",
                PASS: "states, _ = self.block(states + first, mask)",
            },
        ),
        Misconception(
            id="another-residual-path",
            name="a residual path is added around the block, which has its own inside",
            hint="Look into the block of chapter 6: what is added to its output already?",
            edits={PASS: "states = states + self.block(states, mask)[0]"},
        ),
        Misconception(
            id="passes-averaged",
            name="the outputs of all passes are averaged",
            hint="Which output do you return: the last one, or a mixture?",
            edits={
                "for _ in range": "passes = []\n        for _ in range",
                PASS: f"{PASS}\n            passes.append(states)",
                "return states, torch": "states = torch.stack(passes).mean(0) if passes else states\n        return states, torch",
            },
        ),
        Misconception(
            id="only-the-last-pass-learns",
            name="the passes are cut off from each other: only the last one teaches the block",
            hint="The values are right. But how far does the gradient reach, and why do you detach?",
            edits={PASS: "states, _ = self.block(states.detach(), mask)"},
        ),
        Misconception(
            id="norm-after-widening",
            name="the words are widened first and normed afterwards",
            hint="How many features has the norm of the embeddings: E or H? Then where must it stand?",
            edits={START: f"states = torch.nn.functional.layer_norm(self.project({SUM}), (self.project.out_features,))"},
        ),
        Misconception(
            id="no-norm",
            name="the sum of the three vectors is not normed",
            hint="`self.embeddings` does all three look-ups and one thing more. Why did you write them yourself?",
            edits={START: f"states = self.project({SUM})"},
        ),
        Misconception(
            id="normed-twice",
            name="the embeddings are normed once more",
            hint="What does the forward of BERT's embeddings end with?",
            edits={START: "states = self.project(self.embeddings.norm(self.embeddings(input_ids, segments)))"},
        ),
        Misconception(
            id="not-widened",
            name="the words are not widened by the layer, but filled up with zeros",
            hint="There is a layer in `__init__` that goes from E to H. Do you call it?",
            edits={
                START: "states = torch.nn.functional.pad(self.embeddings(input_ids, segments), "
                "(0, self.project.out_features - self.project.in_features))"
            },
        ),
        Misconception(
            id="mask-ignored",
            name="the mask is ignored: words look at padding",
            hint="Which argument do you never use?",
            edits={MASK: "None"},
        ),
        Misconception(
            id="mask-inverted",
            name="the mask is inverted: words look at nothing but padding",
            hint="In this course True is where one may look. And where is the attention_mask 1?",
            edits={MASK: "None if attention_mask is None else ~attention_mask.bool()[:, None, None, :]"},
        ),
        Misconception(
            id="additive-mask",
            name="the mask is one to be added, 0 where a word is real: taken for truth values, it shuts out all of them",
            hint="BERT's code makes such a mask, (1 − mask) · −10000. What does this course's block want, and what is 0 as a truth value?",
            edits={MASK: "~(torch.ones_like(input_ids) if attention_mask is None else attention_mask).bool()[:, None, None, :]"},
        ),
        Misconception(
            id="mask-on-the-wrong-axis",
            name="the mask says who may look instead of who is looked at",
            hint="The last axis of the scores belongs to the keys, the one before it to the queries. Where does padding lie?",
            edits={MASK: "None if attention_mask is None else attention_mask.bool()[:, None, :, None]"},
        ),
        Misconception(
            id="mask-not-boolean",
            name="the mask's ones and zeros are handed on as numbers",
            hint="To a number the attention adds, a truth value it obeys. What does your mask consist of?",
            edits={MASK: "None if attention_mask is None else attention_mask.to(self.project.weight.dtype)[:, None, None, :]"},
        ),
        Misconception(
            id="mask-only-at-first",
            name="only the first pass gets the mask",
            hint="Padding is no text in the second pass either. What do you hand to the block there?",
            edits={PASS: f"{PASS}\n            mask = None"},
        ),
        Misconception(
            id="segments-ignored",
            name="all words are taken for words of the first segment",
            hint="Which argument do you never use?",
            edits={SEGMENTS: "torch.zeros_like(input_ids)"},
        ),
        Misconception(
            id="second-segment-by-default",
            name="without segments, all words are taken for words of the second",
            hint="Which number has the first segment?",
            edits={SEGMENTS: SEGMENTS.replace("zeros", "ones")},
        ),
        Misconception(
            id="no-tanh",
            name="the pooled state is the layer's output, without the tanh",
            hint="The docstring names two steps for the pooled state. Which is the second?",
            edits={POOLED: "self.pooler(states[:, 0])"},
        ),
        Misconception(
            id="tanh-first",
            name="the tanh comes before the layer of the pooler",
            hint="What is the pooled state the tanh of?",
            edits={POOLED: "self.pooler(torch.tanh(states[:, 0]))"},
        ),
        Misconception(
            id="mean-pooled",
            name="the mean of all tokens is pooled instead of the first",
            hint="Which token has no other task than to stand for the whole text?",
            edits={POOLED: "torch.tanh(self.pooler(states.mean(1)))"},
        ),
        Misconception(
            id="last-pooled",
            name="the last token is pooled instead of the first",
            hint="Where does [CLS] stand?",
            edits={POOLED: "torch.tanh(self.pooler(states[:, -1]))"},
        ),
        Misconception(
            id="all-pooled",
            name="every token is pooled",
            hint="How many pooled states does a text have, by the signature?",
            edits={POOLED: "torch.tanh(self.pooler(states))"},
        ),
        Misconception(
            id="only-states",
            name="only the states are returned",
            hint="How many results does the signature promise?",
            edits={f"return states, {POOLED}": "return states"},
        ),
        Misconception(
            id="results-exchanged",
            name="the two results have changed places",
            hint="Which of the two comes first in the signature?",
            edits={f"return states, {POOLED}": f"return {POOLED}, states"},
        ),
        Misconception(
            id="padding-guessed",
            name="without a mask, the id 0 is taken for padding",
            hint="Without `attention_mask` all words are real. Who says that id 0 is none?",
            edits={MASK: "(input_ids != 0 if attention_mask is None else attention_mask.bool())[:, None, None, :]"},
        ),
        Misconception(
            id="padding-set-to-zero",
            name="the states of padding are set to 0",
            hint="Nobody looks at padding. What does the docstring say its own states become?",
            edits={"return states, torch": "states = states if attention_mask is None else states * attention_mask[..., None]\n        return states, torch"},
        ),
        Misconception(
            id="pooled-too-early",
            name="what is pooled is the state before the block",
            hint="Which state has seen the other words: the one that goes into the block, or the one that comes out at last?",
            edits={"for _ in range": "first = states[:, 0]\n        for _ in range", POOLED: "torch.tanh(self.pooler(first))"},
        ),
    ),
)

"""`GPT`: Embeddings and learned positions, a stack of blocks, a norm, and scores for the next word."""

import dataclasses

import torch
import torch.nn.functional as F
from torch import nn

from autograder.compare import Tolerance
from autograder.draw import integers, weights
from autograder.exercise import Exercise, Misconception
from autograder.exercises.gpt.shared import GPTBlockModules
from unrolled.gpt import GPT, GPTConfig


def gpt_inputs(rng):
    """Batch 2, words in parts, vocabulary 11, 13 positions, d_model 21 in 3 heads, three layers; tied and not.

    Also one word of one text, a text that fills all positions, and a text read after another one. Padding stands in
    front: after a text it would change nothing, since no word looks ahead. Its mask is boolean, or of 0s and 1s.
    """

    def case(*parts, batch=2, tied=True, padding=None, dtype=torch.long, earlier=False):
        time = sum(parts)
        real = None if padding is None else (torch.arange(time) >= torch.tensor(padding)[:, None]).to(dtype)
        config = GPTConfig(vocabulary=11, positions=13, d_model=21, heads=3, layers=3, d_ff=8, tied=tied)
        return {
            "config": dataclasses.asdict(config),
            "weights": weights(rng, GPT, config, scale=0.3),
            "inputs": {"input_ids": integers(rng, 0, 11, batch, time), "attention_mask": real},
            "parts": list(parts) if len(parts) > 1 else None,
            "earlier": earlier,
        }

    return {
        "all words at once": [case(7, earlier=True), case(1, batch=1, tied=False)],
        "step by step": [case(5, 1), case(1, 4, 2, tied=False), case(12, 1, batch=1)],
        "with padding": [case(7, padding=[0, 3]), case(4, padding=[2, 0], dtype=torch.bool)],
    }


def probe_gpt(answer, inputs):
    """Build the model, load the weights; scores for a batch at once, or step by step with the last state.

    An earlier text is read first if the inputs say so, and nothing of it may be left. Beside the result it says what
    kind of thing the state is, and whether one that was handed in has changed.
    """
    from types import SimpleNamespace

    from autograder.probes import use_module

    kinds, written = [], []

    def build():
        return answer(SimpleNamespace(**inputs["config"]))

    def read(model, input_ids, attention_mask):
        if inputs["parts"] is None:
            given = () if attention_mask is None else (attention_mask,)
            if inputs["earlier"]:
                model(input_ids[:, 1:4])
            scores = model(input_ids, *given)
            return scores if attention_mask is None else scores[attention_mask.bool()]
        outputs, state, done = [], None, 0
        for new in inputs["parts"]:
            given = None if state is None else list(state)
            scores, present = model.step(input_ids[:, done : done + new], state)
            if given is not None and (len(given) != len(state) or any(map(lambda a, b: a is not b, given, state))):
                written.append("state")
            outputs.append(scores)
            state, done = present, done + new
        kinds.append(type(state).__name__)
        return [*outputs, *state]

    seen = use_module(build, inputs, read)
    seen["modified"] = [*written[:1], *seen["modified"]]
    return seen | {"kind of state": kinds}


class _Given(nn.Module):
    """What the class is given: its layers, `visible` and `step`."""

    def __init__(self, config):
        super().__init__()
        self.config = config
        self.embedding = nn.Embedding(config.vocabulary, config.d_model)
        self.position = nn.Embedding(config.positions, config.d_model)
        self.blocks = nn.ModuleList(
            GPTBlockModules(config.d_model, config.heads, config.d_ff, config.eps) for _ in range(config.layers)
        )
        self.norm = nn.LayerNorm(config.d_model, config.eps)
        self.head = nn.Linear(config.d_model, config.vocabulary, bias=False)
        if config.tied:
            self.head.weight = self.embedding.weight

    def visible(self, real):
        length = real.shape[1]
        return torch.ones(length, length).tril().bool() & real[:, None, None, :] | torch.eye(length).bool()

    def step(self, ids, state=None):
        x, state = self.read(ids, state)
        return self.head(x[:, -1]), state


class GPTIterator(_Given):
    """The state is eaten from the front."""

    def read(self, input_ids, state=None, mask=None):
        rest, present = iter(state or []), []
        start = len(state[0][0, 0]) if state else 0
        x = self.embedding(input_ids) + self.position.weight[start : start + input_ids.shape[1]]
        for block in self.blocks:
            past = (next(rest), next(rest)) if state else None
            x, (key, value) = block(x, past, mask)
            present.extend([key, value])
        return F.layer_norm(x, x.shape[-1:], self.norm.weight, self.norm.bias, self.norm.eps), present

    def forward(self, input_ids, attention_mask=None):
        mask = self.visible(attention_mask > 0) if attention_mask is not None else None
        return F.linear(self.read(input_ids, None, mask)[0], self.head.weight)


class GPTPairs(_Given):
    """The state in pairs, zipped with the blocks."""

    def read(self, input_ids, state=None, mask=None):
        layers, time = len(self.blocks), input_ids.size(1)
        pairs = [None] * layers if state is None else list(zip(state[::2], state[1::2], strict=True))
        first = 0 if state is None else state[-1].size(2)
        ids = first + torch.arange(time).expand_as(input_ids)
        x, new = self.position(ids) + self.embedding(input_ids), []
        for block, pair in zip(self.blocks, pairs, strict=True):
            x, pair = block(x, past=pair, mask=mask)
            new = [*new, *pair]
        return self.norm(x), new

    def forward(self, input_ids, attention_mask=None):
        if attention_mask is None:
            x, _ = self.read(input_ids)
        else:
            x, _ = self.read(input_ids, mask=self.visible(attention_mask == 1))
        return torch.einsum("btf,vf->btv", x, self.head.weight)


STATE_OF = "(state[2 * i], state[2 * i + 1]) if state else None"
START = "past = state[0].shape[2] if state else 0"
VISIBLE = "None if attention_mask is None else self.visible(attention_mask.bool())"

EMBEDDED = "x = self.embedding(input_ids) + self.position(places)"
SCORES = "x, _ = self.read(input_ids, mask=mask)\n        return self.head(x)"
BLOCK = f"x, pair = block(x, {STATE_OF}, mask)"

GPT_MODEL = Exercise(
    solves="unrolled.gpt.GPT",
    groups={"all words at once": 2, "step by step": 2, "with padding": 1},
    inputs=gpt_inputs,
    probe=probe_gpt,
    blanks=("read", "forward"),
    uses=("GPTBlock",),
    tolerance=Tolerance(relative=1e-3, absolute=1e-4),
    accepts=(GPTIterator, GPTPairs),
    misconceptions=(
        Misconception(
            id="positions-restarted",
            name="the positions begin at 0 again when there is a state",
            hint="The first new word stands where the state ends. How many words does the state hold, and which axis of "
            "its tensors says so?",
            edits={START: "past = 0"},
        ),
        Misconception(
            id="position-from-the-wrong-axis",
            name="the positions begin at the number of heads instead of the number of words in the state",
            hint="Keys are (batch, heads, words, features). Which axis do you read?",
            edits={START: "past = state[0].shape[1] if state else 0"},
        ),
        Misconception(
            id="position-from-the-batch",
            name="the positions begin at the number of rows instead of the number of words in the state",
            hint="len of a tensor is its first axis. Keys are (batch, heads, words, features): which axis counts words?",
            edits={START: "past = len(state[0]) if state else 0"},
        ),
        Misconception(
            id="position-from-the-list",
            name="the positions begin at the number of tensors in the state instead of the number of words",
            hint="The state is a list with two tensors for each block. What tells you how many words it holds?",
            edits={START: "past = len(state) if state else 0"},
        ),
        Misconception(
            id="position-from-the-features",
            name="the positions begin at the number of a head's features instead of the number of words in the state",
            hint="Keys are (batch, heads, words, features). Which axis do you read?",
            edits={START: "past = state[0].shape[-1] if state else 0"},
        ),
        Misconception(
            id="position-of-the-last-old-word",
            name="the first new word gets the position of the last old one",
            hint="Five words stand at places 0 to 4. At which place stands the next one?",
            edits={START: "past = state[0].shape[2] - 1 if state else 0"},
        ),
        Misconception(
            id="positions-by-word",
            name="the positions are looked up by the words' numbers",
            hint="Where a word stands is not what it is. Which numbers have the first, the second and the third place?",
            edits={EMBEDDED: "x = self.embedding(input_ids) + self.position(input_ids)"},
        ),
        Misconception(
            id="positions-from-one",
            name="the positions are counted from 1",
            hint="Which row of the table belongs to the first word?",
            edits={"torch.arange(past, time": "torch.arange(past + 1, time + 1"},
        ),
        Misconception(
            id="positions-count-real-words",
            name="where an attention_mask is given, the positions count the real words only",
            hint="So does Hugging Face's `generate`, for texts that are padded on the left. What does the docstring of "
            "`read` count?",
            edits={
                "x = self.embedding(input_ids) + self.position(places)": (
                    "if mask is not None and mask.shape[-1] == input_ids.shape[1]:\n"
                    "            places = (mask[:, 0, -1].long().cumsum(dim=1) - 1).clamp(min=0)\n"
                    "        x = self.embedding(input_ids) + self.position(places)"
                ),
            },
        ),
        Misconception(
            id="positions-end-too-early",
            name="the positions go from the end of the state to the number of new words",
            hint="With five words in the state and two new ones, which places do these two have? From where to where does "
            "your range go?",
            edits={"torch.arange(past, time": "torch.arange(past, input_ids.shape[1]"},
        ),
        Misconception(
            id="no-positions",
            name="the positions are left out",
            hint="What tells the model the order of the words?",
            edits={" + self.position(places)": ""},
        ),
        Misconception(
            id="embedding-scaled",
            name="the embedding is multiplied by the root of d_model",
            hint="So does the first Transformer (chapter 6), whose positions are fixed and large. GPT learns its positions: "
            "what does it need the factor for?",
            edits={"x = self.embedding(input_ids)": "x = self.config.d_model**0.5 * self.embedding(input_ids)"},
        ),
        Misconception(
            id="no-last-norm",
            name="the norm after the last block is missing",
            hint="Pre-norm lets the sums grow from block to block (chapter 6). What stands between the last block and the "
            "scores?",
            edits={"return self.norm(x), present": "return x, present"},
        ),
        Misconception(
            id="normed-twice",
            name="the last norm is applied twice, in `read` and in `forward`",
            hint="What `read` returns has gone through the norm. What is left for `forward` to do?",
            edits={SCORES: "x, _ = self.read(input_ids, mask=mask)\n        return self.head(self.norm(x))"},
        ),
        Misconception(
            id="normed-after-every-block",
            name="the last norm is applied after every block",
            hint="`self.norm` belongs to the model, not to a block. How often is it called?",
            edits={BLOCK: f"{BLOCK}\n            x = self.norm(x)", "return self.norm(x), present": "return x, present"},
        ),
        Misconception(
            id="norm-in-front",
            name="the last norm is applied before the blocks instead of after them",
            hint="Each block norms its own input already. Where is the one norm that belongs to no block?",
            edits={
                "x = self.embedding(input_ids) + self.position(places)": (
                    "x = self.norm(self.embedding(input_ids) + self.position(places))"
                ),
                "return self.norm(x), present": "return x, present",
            },
        ),
        Misconception(
            id="first-blocks-state-for-all",
            name="every block is given the state of the first one",
            hint="Each block has keys and values of its own. Which entries of the list are those of block i?",
            edits={STATE_OF: "(state[0], state[1]) if state else None"},
        ),
        Misconception(
            id="state-overlaps",
            name="block i is given entries i and i + 1 of the state",
            hint="Each block has two entries in the list. Where do those of the second block begin?",
            edits={STATE_OF: "(state[i], state[i + 1]) if state else None"},
        ),
        Misconception(
            id="keys-before-values",
            name="the state is read as if all keys came first and then all values",
            hint="The docstring gives the order: key and value of the first block, then of the second. Which entries are "
            "those of block i?",
            edits={STATE_OF: "(state[i], state[i + len(self.blocks)]) if state else None"},
        ),
        Misconception(
            id="all-keys-then-all-values",
            name="the state holds all keys first and then all values",
            hint="The docstring gives the order: key and value of the first block, then of the second. Which is yours?",
            edits={
                STATE_OF: "(state[i], state[i + len(self.blocks)]) if state else None",
                "return self.norm(x), present": "return self.norm(x), present[0::2] + present[1::2]",
            },
        ),
        Misconception(
            id="all-keys-then-all-values-returned",
            name="the new state has all keys first and then all values, though it is not read so",
            hint="The docstring gives the order: key and value of the first block, then of the second. Which do you return?",
            edits={"return self.norm(x), present": "return self.norm(x), present[0::2] + present[1::2]"},
        ),
        Misconception(
            id="values-before-keys",
            name="each block's value is put into the state before its key",
            hint="A block returns key and value, in this order. In which order do you put them into the list?",
            edits={"present += pair": "present += pair[::-1]"},
        ),
        Misconception(
            id="state-as-a-tuple",
            name="the state is a tuple instead of a list",
            hint="A tuple cannot be added to. What does the signature promise?",
            edits={"return self.norm(x), present": "return self.norm(x), tuple(present)"},
        ),
        Misconception(
            id="state-written-into",
            name="the new keys and values are written into the list that was handed in",
            hint="Whoever calls may want to go on from the old state twice. Does your loop make a new list?",
            edits={
                "present += pair": (
                    "present += pair\n            if state:\n                state[2 * i], state[2 * i + 1] = pair"
                )
            },
        ),
        Misconception(
            id="state-in-self",
            name="forward goes on from the state of an earlier call",
            hint="forward is for training: every call is a new batch. Which state does it begin with?",
            edits={
                SCORES: "x, self.state = self.read(input_ids, getattr(self, 'state', None), mask)\n"
                "        return self.head(x)",
                "if time > self.config.positions:": "if False:",
            },
        ),
        Misconception(
            id="state-not-used",
            name="the blocks are not given the state",
            hint="The first step knows of nothing before it. But the second? Who needs the state?",
            edits={STATE_OF: "None"},
        ),
        Misconception(
            id="state-not-renewed",
            name="the state is returned as it came, without the new words",
            hint="Each block returns its keys and values with the new ones. Where do you collect them?",
            edits={"return self.norm(x), present": "return self.norm(x), state if state else present"},
        ),
        Misconception(
            id="state-of-the-last-block-only",
            name="the new state holds the last block's keys and values only",
            hint="How many entries has the list after the loop?",
            edits={"present += pair": "present = [*pair]"},
        ),
        Misconception(
            id="state-appended",
            name="the new entries are put after the old ones",
            hint="A block returns *all* its keys, old and new. How many entries should the list have after the second step?",
            edits={"present = []": "present = list(state or [])"},
        ),
        Misconception(
            id="state-grown-in-place",
            name="the new entries are appended to the list that was handed in",
            hint="A block returns *all* its keys, old and new, and the caller still has the old list. Where do you make a new one?",
            edits={"present = []": "present = [] if state is None else state"},
        ),
        Misconception(
            id="state-in-pairs",
            name="the state is a list of pairs instead of a flat list",
            hint="`append` adds its argument as one entry. Which method of a list adds them one by one?",
            edits={
                "present += pair": "present.append(pair)",
                STATE_OF: "state[i] if state else None",
                START: "past = state[0][0].shape[2] if state else 0",
            },
        ),
        Misconception(
            id="pairs-among-tensors",
            name="a block's key and value are put into the state as one entry",
            hint="`append` adds its argument as one entry. Which method of a list adds them one by one?",
            edits={"present += pair": "present.append(pair)"},
        ),
        Misconception(
            id="blocks-not-chained",
            name="every block is given the embeddings instead of what the block before it made",
            hint="What goes into the second block?",
            edits={
                "x, pair = block(x, ": "y, pair = block(x, ",
                "return self.norm(x), present": "return self.norm(y), present",
            },
        ),
        Misconception(
            id="last-block-left-out",
            name="the last block is left out",
            hint="How many blocks does your loop go through, and how many are there?",
            edits={"enumerate(self.blocks)": "enumerate(self.blocks[:-1])"},
        ),
        Misconception(
            id="first-block-only",
            name="the loop ends after the first block",
            hint="Does a `return` in the loop stop you? How many blocks does a word go through?",
            edits={"enumerate(self.blocks)": "enumerate(self.blocks[:1])"},
        ),
        Misconception(
            id="residual-around-blocks",
            name="each block's input is added to its output once more",
            hint="A block has its residual paths inside. What is `x` after the block?",
            edits={BLOCK: BLOCK.replace("x, pair", "y, pair") + "\n            x = x + y"},
        ),
        Misconception(
            id="mask-for-the-first-block-only",
            name="only the first block is given the mask",
            hint="Padding has a key and a value in every block. Which blocks have to know of it?",
            edits={BLOCK: BLOCK.replace(", mask)", ", mask if i == 0 else None)")},
        ),
        Misconception(
            id="padding-ignored",
            name="the blocks never hear of the attention_mask",
            hint="forward gets an attention_mask, read a mask, and so does each block. Where does it get lost?",
            edits={VISIBLE: "None"},
        ),
        Misconception(
            id="padding-not-boolean",
            name="the attention_mask of 0s and 1s is not made boolean",
            hint="With whole numbers `&` counts in bits and gives whole numbers. Which type does a mask have? And which method "
            "makes it of 0s and 1s?",
            edits={"self.visible(attention_mask.bool())": "self.visible(attention_mask)"},
        ),
        Misconception(
            id="mask-as-state",
            name="the mask is handed to read in the place of the state",
            hint="read takes a state before the mask. How do you name an argument when you skip one?",
            edits={
                "self.read(input_ids, mask=mask)": "self.read(input_ids, mask)",
                START: "past = 0 if state is None else state[0].shape[2]",
                STATE_OF: "(state[2 * i], state[2 * i + 1]) if state is not None else None",
                "if time > self.config.positions:": "if False:",
            },
        ),
        Misconception(
            id="padding-inverted",
            name="the attention_mask is turned round",
            hint="1 stands for a real word. Which words do you hide?",
            edits={"self.visible(attention_mask.bool())": "self.visible(~attention_mask.bool())"},
        ),
        Misconception(
            id="padding-without-causal-mask",
            name="with an attention_mask, words may look ahead",
            hint="A mask that is given takes the place of the causal one. Which given method makes one that says both?",
            edits={"self.visible(attention_mask.bool())": "attention_mask.bool()[:, None, None, :]"},
        ),
        Misconception(
            id="always-tied",
            name="the scores are always made with the table of the embeddings",
            hint="Whether the two tables are one is decided in __init__. Which layer is there for the scores?",
            edits={SCORES: (
                "x, _ = self.read(input_ids, mask=mask)\n        return x @ self.embedding.weight.T"
            )},
        ),
        Misconception(
            id="probabilities",
            name="forward returns probabilities instead of scores",
            hint="The loss takes its own softmax. What does the docstring promise?",
            edits={SCORES: (
                "x, _ = self.read(input_ids, mask=mask)\n        return self.head(x).softmax(-1)"
            )},
        ),
        Misconception(
            id="no-scores",
            name="forward returns the words' vectors instead of scores",
            hint="How many numbers should there be for a word: as many as features, or as words in the vocabulary?",
            edits={SCORES: "x, _ = self.read(input_ids, mask=mask)\n        return x"},
        ),
        Misconception(
            id="scores-and-state",
            name="forward returns the state as well",
            hint="forward is for training, where nobody goes on from a state. What does its signature promise?",
            edits={SCORES: "x, state = self.read(input_ids, mask=mask)\n        return self.head(x), state"},
        ),
        Misconception(
            id="scores-in-read",
            name="`read` makes scores already, of which `forward` and `step` want to make scores once more",
            hint="`step` is given: what does it do with the result of `read`?",
            edits={"return self.norm(x), present": "return self.head(self.norm(x)), present"},
        ),
        Misconception(
            id="axes-of-one-squeezed",
            name="axes of size 1 are lost (`squeeze`)",
            hint="A batch may hold a single text, and a text a single word. What does `squeeze()` make of their axes?",
            edits={SCORES: "x, _ = self.read(input_ids, mask=mask)\n        return self.head(x).squeeze()"},
        ),
        Misconception(
            id="only-the-last-word",
            name="forward returns scores for the last word only",
            hint="That is what `step` is for. In training every word is asked for its next one: how many rows of scores "
            "are there?",
            edits={SCORES: (
                "x, _ = self.read(input_ids, mask=mask)\n        return self.head(x[:, -1])"
            )},
        ),
        Misconception(
            id="padding-hidden-but-not-the-future",
            name="where an attention_mask is given, it hides the padding, and no longer what comes later",
            hint="Both must be hidden. Which function of this class makes one mask of the two?",
            edits={
                "self.visible(attention_mask.bool())": (
                    "attention_mask.bool()[:, None, None].expand(-1, -1, input_ids.shape[1], -1)"
                ),
            },
        ),
    ),
)  # fmt: skip

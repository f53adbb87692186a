"""`parameter_count`: How many numbers a GPT of these sizes learns, without building it. What is tied counts once."""

import math

import torch

from autograder.compare import Tolerance
from autograder.exercise import Exercise, Misconception


def parameter_count_inputs(rng):
    """Sizes without common factors, d_ff not 4 · d_model; then sizes for which no computer could build the model."""

    def case(tied, **sizes):
        vocabulary, positions, heads, layers = (int(n) for n in rng.integers([50, 20, 2, 2], [997, 47, 5, 7]))
        d_model = heads * int(rng.integers(3, 17))
        drawn = {"vocabulary": vocabulary, "positions": positions, "d_model": d_model, "heads": heads}
        return {"config": drawn | {"layers": layers, "d_ff": 3 * d_model + 1, "tied": tied, "eps": 1e-5} | sizes}

    huge = {"vocabulary": 10**10 + int(rng.integers(1000)), "d_model": 10**5, "d_ff": 3 * 10**5 + 1, "layers": 40_000}
    return {
        "tied": [case(True), case(True, heads=1, layers=1, d_model=7, d_ff=5)],
        "not tied": [case(False), case(False), case(False, **huge)],
    }


def probe_count(answer, inputs):
    """Call the answer with the sizes as attributes."""
    from types import SimpleNamespace

    return {"result": answer(SimpleNamespace(**inputs["config"])), "modified": []}


def parameter_count_layer_by_layer(config):
    def linear(inputs, outputs, bias=True):
        return inputs * outputs + (outputs if bias else 0)

    d, norm = config.d_model, 2 * config.d_model
    total = config.vocabulary * d + config.positions * d
    for _ in range(config.layers):
        total += norm + 3 * linear(d, d) + linear(d, d) + norm + linear(d, config.d_ff) + linear(config.d_ff, d)
    return total + norm + (0 if config.tied else linear(d, config.vocabulary, bias=False))


def parameter_count_powers_of_d(config):
    d, f = config.d_model, config.d_ff
    block = 4 * d**2 + 2 * d * f + 9 * d + f
    return config.layers * block + (config.vocabulary * (2 - config.tied) + config.positions + 2) * d


def parameter_count_shapes(config):
    d, f = config.d_model, config.d_ff
    of_block = [(d,)] * 2 + [(3 * d, d), (3 * d,), (d, d), (d,)] + [(d,)] * 2 + [(f, d), (f,), (d, f), (d,)]
    shapes = [(config.vocabulary, d), (config.positions, d), *config.layers * of_block, (d,), (d,)]
    return sum(map(math.prod, shapes if config.tied else [*shapes, (config.vocabulary, d)]))


def _build_and_count(config):
    torch.empty(config.vocabulary, config.d_model)  # as far as building comes where there is not enough memory
    return parameter_count_shapes(config)


ATTENTION, FEED_FORWARD = "(d + 1) * 3 * d + (d + 1) * d\n", "(d + 1) * d_ff + (d_ff + 1) * d"

PARAMETER_COUNT = Exercise(
    solves="unrolled.gpt.parameter_count",
    groups={"tied": 1, "not tied": 1},
    inputs=parameter_count_inputs,
    probe=probe_count,
    tolerance=Tolerance(relative=0, absolute=0.5),  # a count is right or wrong
    accepts=(parameter_count_layer_by_layer, parameter_count_powers_of_d, parameter_count_shapes),
    misconceptions=(
        Misconception(
            id="tied-counted-twice",
            name="a table that serves twice is counted twice",
            hint="Tied means that the embeddings and the scores share one table. How often does the optimiser see it?",
            edits={"(1 if config.tied else 2)": "2"},
        ),
        Misconception(
            id="untied-counted-once",
            name="the second table is forgotten where there are two",
            hint="`tied` may be False. What has the model then that it had not before?",
            edits={"(1 if config.tied else 2)": "1"},
        ),
        Misconception(
            id="tied-upside-down",
            name="tied and untied are taken for each other",
            hint="Which of the two has more weights?",
            edits={"(1 if config.tied else 2)": "(2 if config.tied else 1)"},
        ),
        Misconception(
            id="no-positions",
            name="the table of the positions is left out",
            hint="GPT learns its positions. How many numbers are in their table?",
            edits={" + config.positions) * d": ") * d"},
        ),
        Misconception(
            id="no-biases",
            name="the biases of the linear layers are left out",
            hint="nn.Linear(a, b) has a · b weights, and what else?",
            edits={
                "(d + 1) * 3 * d + (d + 1) * d\n": "d * 3 * d + d * d\n",
                "(d + 1) * d_ff + (d_ff + 1) * d": "d * d_ff + d_ff * d",
            },
        ),
        Misconception(
            id="no-norms",
            name="the norms are left out",
            hint="A layer norm learns a weight and a bias for each feature. How many norms are there?",
            edits={"norm = 2 * d": "norm = 0"},
        ),
        Misconception(
            id="norm-without-bias",
            name="a norm is counted with its weight alone",
            hint="A layer norm stretches *and* moves. How many numbers does it learn for each feature?",
            edits={"norm = 2 * d": "norm = d"},
        ),
        Misconception(
            id="one-norm-a-block",
            name="each block has 2 · d_model numbers too few: one of its two norms, or two of the three biases of `qkv`",
            hint="Each of a block's two layers has a norm in front, and `qkv` makes queries, keys and values. How many norms and "
            "biases is that?",
            edits={"+ 2 * norm)": "+ norm)"},
        ),
        Misconception(
            id="no-last-norm",
            name="the norm after the last block is left out",
            hint="Which norm belongs to no block?",
            edits={"+ 2 * norm) + norm": "+ 2 * norm)"},
        ),
        Misconception(
            id="one-projection-for-three",
            name="queries, keys and values are counted as one projection",
            hint="`qkv` is one layer, but how many features does it make out of d_model?",
            edits={"(d + 1) * 3 * d": "(d + 1) * d"},
        ),
        Misconception(
            id="no-output-projection",
            name="the attention's last projection is left out",
            hint="The attention has `qkv` and another layer. How large is that?",
            edits={"(d + 1) * 3 * d + (d + 1) * d\n": "(d + 1) * 3 * d\n"},
        ),
        Misconception(
            id="heads-multiply",
            name="the attention's weights are counted once for every head",
            hint="The heads only cut the same features into parts (chapter 6). Does a second head add a weight?",
            edits={"config.layers * (attention": "config.layers * (config.heads * attention"},
        ),
        Misconception(
            id="d-ff-assumed",
            name="the feed-forward layer is taken to be 4 · d_model wide",
            hint="It mostly is. But the config says how wide: where?",
            edits={"d, d_ff = config.d_model, config.d_ff": "d, d_ff = config.d_model, 4 * config.d_model"},
        ),
        Misconception(
            id="feed-forward-one-way",
            name="only one of the two linear layers of the feed-forward part is counted",
            hint="It makes the vector wider, and then?",
            edits={"(d + 1) * d_ff + (d_ff + 1) * d": "(d + 1) * d_ff"},
        ),
        Misconception(
            id="head-with-bias",
            name="the scores are given a bias",
            hint="The head is the table of the embeddings, turned round. Has it a bias?",
            edits={"+ 2 * norm) + norm": "+ 2 * norm) + norm + config.vocabulary"},
        ),
        Misconception(
            id="a-bias-short",
            name="each block has d_model numbers too few: a bias of that size, of `output`, `contract` or a part of `qkv`",
            hint="Each nn.Linear(a, b) has b biases. Whose are missing?",
            edits={"(d + 1) * 3 * d + (d + 1) * d\n": "(d + 1) * 3 * d + d * d\n"},
        ),
        Misconception(
            id="qkv-without-bias",
            name="the biases of `qkv` are left out",
            hint="Some models have none there (Llama). But what does `nn.Linear(d_model, 3 * d_model)` have?",
            edits={"(d + 1) * 3 * d": "d * 3 * d"},
        ),
        Misconception(
            id="attention-without-biases",
            name="the biases of the attention's two layers are left out",
            hint="nn.Linear(a, b) has a · b weights, and what else? Is there a `bias=False` in the attention?",
            edits={ATTENTION: "d * 3 * d + d * d\n"},
        ),
        Misconception(
            id="feed-forward-without-biases",
            name="the biases of the feed-forward layers are left out",
            hint="nn.Linear(a, b) has a · b weights, and what else?",
            edits={FEED_FORWARD: "2 * d * d_ff"},
        ),
        Misconception(
            id="expand-without-bias",
            name="the bias of `expand` is left out",
            hint="`expand` makes d_ff features out of d_model. How many biases has it?",
            edits={FEED_FORWARD: "d * d_ff + (d_ff + 1) * d"},
        ),
        Misconception(
            id="feed-forward-biases-of-d-ff",
            name="both feed-forward layers are given d_ff biases",
            hint="A layer has a bias for each feature it *makes*. How many features does the second one make?",
            edits={FEED_FORWARD: "2 * (d + 1) * d_ff"},
        ),
        Misconception(
            id="feed-forward-biases-of-d-model",
            name="both feed-forward layers are given d_model biases",
            hint="A layer has a bias for each feature it *makes*. How many features does the first one make?",
            edits={FEED_FORWARD: "2 * (d_ff + 1) * d"},
        ),
        Misconception(
            id="three-norms-a-block",
            name="three norms are counted in each block instead of two",
            hint="The norm after the last block is there once. How many has a block of its own?",
            edits={"+ 2 * norm)": "+ 3 * norm)"},
        ),
        Misconception(
            id="qkv-for-each-head",
            name="the layer `qkv` is counted once for every head",
            hint="The heads only cut the same features into parts (chapter 5). Does a second head add a weight to `qkv`?",
            edits={"(d + 1) * 3 * d": "config.heads * (d + 1) * 3 * d"},
        ),
        Misconception(
            id="one-head-only",
            name="`qkv` is counted as if it made the features of a single head",
            hint="A head has d_model / heads features. How many have all of them together?",
            edits={"(d + 1) * 3 * d": "d * 3 * (d // config.heads) + 3 * d"},
        ),
        Misconception(
            id="untied-head-with-bias",
            name="a table of scores of its own is given a bias",
            hint="Look how `head` is made in `GPT`. Which argument says whether it has a bias?",
            edits={"+ 2 * norm) + norm": "+ 2 * norm) + norm + (0 if config.tied else config.vocabulary)"},
        ),
        Misconception(
            id="tied-not-counted-at-all",
            name="one table of words too few is counted: none where it is tied, one where there are two",
            hint="What is tied counts once, not never. How many tables of words are there in either case?",
            edits={"(1 if config.tied else 2)": "(0 if config.tied else 1)"},
        ),
        Misconception(
            id="attention-alone-repeated",
            name="only the attention is multiplied by the number of layers (a bracket is missing)",
            hint="What is all in a block? Multiplication comes before addition: which brackets do you need?",
            edits={
                "config.layers * (attention + feed_forward + 2 * norm)": "config.layers * attention + feed_forward + 2 * norm"
            },
        ),
        Misconception(
            id="mask-counted",
            name="the causal mask is counted in each block",
            hint="GPT-2's files hold it, but does the optimiser ever change it?",
            edits={"+ 2 * norm)": "+ 2 * norm + config.positions**2)"},
        ),
        Misconception(
            id="sizes-of-gpt-2",
            name="vocabulary and positions are those of GPT-2, whatever the config says",
            hint="Another model has another vocabulary. Where does it stand?",
            edits={
                "config.vocabulary * (1 if config.tied else 2)": "50_257 + config.vocabulary * (0 if config.tied else 1)",
                "config.positions) * d": "1024) * d",
            },
        ),
        Misconception(
            id="number-of-the-example",
            name="the example's number is returned, whatever the config says",
            hint="The function is asked for other sizes, too. Which of them does your number depend on?",
            answer=lambda config: 124_439_808,
        ),
        Misconception(
            id="float",
            name="a division or a factor 1.0 makes a float of the number",
            hint="A float holds no more than 53 bits. Which operator divides whole numbers, and do you need to divide?",
            edits={"return tables": "return 1.0 * tables"},
        ),
        Misconception(
            id="built-and-counted",
            name="the model is built in order to be counted",
            hint="GPT-3 would need 700 GB of memory. Which shapes do you know without building anything?",
            answer=_build_and_count,
        ),
        Misconception(
            id="one-block",
            name="a single block is counted",
            hint="How many layers does the config ask for?",
            edits={"config.layers * (": "("},
        ),
        Misconception(
            id="attention-times-heads",
            name="queries, keys and values are counted once for each head",
            hint="The heads share the d_model features among themselves. Does `qkv` grow with their number?",
            edits={
                "(d + 1) * 3 * d": "(config.heads * d + 1) * 3 * d",
            },
        ),
    ),
)

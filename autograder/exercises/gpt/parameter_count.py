"""`parameter_count`: How many numbers a GPT of these sizes learns, without building it. What is tied counts once."""

import math

from autograder.compare import Tolerance
from autograder.exercise import Exercise, Misconception


def parameter_count_inputs(rng):
    """Sizes without common factors, d_ff not 4 · d_model."""

    def case(tied):
        vocabulary, positions, heads, layers = (int(n) for n in rng.integers([50, 20, 2, 2], [997, 47, 5, 7]))
        d_model = heads * int(rng.integers(3, 17))
        sizes = {"vocabulary": vocabulary, "positions": positions, "d_model": d_model, "heads": heads}
        return {"config": sizes | {"layers": layers, "d_ff": 3 * d_model + 1, "tied": tied, "eps": 1e-5}}

    return {"tied": [case(True), case(True)], "not tied": [case(False), case(False)]}


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
            name="one norm is counted in each block instead of two",
            hint="Each of a block's two layers has a norm in front. How many is that?",
            edits={"+ 2 * norm)": "+ norm)"},
        ),
        Misconception(
            id="no-last-norm",
            name="the norm behind the last block is left out",
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
            id="one-block",
            name="a single block is counted",
            hint="How many layers does the config ask for?",
            edits={"config.layers * (": "("},
        ),
    ),
)

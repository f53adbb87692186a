"""`training_flops`: The FLOPs of the matrix products of a GPT while it learns from so many tokens."""

from autograder.exercise import Exercise, Misconception


def training_flops_inputs(rng):
    """Small and large sizes, without common factors; texts of one token; one layer."""

    def case(**sizes):
        names = ("layers", "d_model", "vocabulary", "context", "tokens")
        drawn = rng.integers([3, 20, 150, 60, 1000], [13, 60, 700, 300, 9999])
        return {name: int(n) for name, n in zip(names, drawn, strict=True)} | sizes

    large = {"layers": 96, "d_model": 12_288, "vocabulary": 50_257, "tokens": float(rng.integers(1, 9)) * 1e11}
    return {
        "short texts": [case(context=1), case(context=2, layers=1)],
        "long texts": [case(), case(context=2048), case(**large, context=2048)],
    }


def training_flops_product_by_product(*, layers, d_model, vocabulary, context, tokens):
    def product(rows, inner, columns):
        return 2 * rows * inner * columns

    of_a_layer = product(1, d_model, 3 * d_model) + product(1, d_model, d_model)
    of_a_layer += product(1, d_model, context) + product(1, context, d_model)
    of_a_layer += product(1, d_model, 4 * d_model) + product(1, 4 * d_model, d_model)
    forwards = layers * of_a_layer + product(1, d_model, vocabulary)
    return 3.0 * tokens * forwards


def training_flops_six_n(*, layers, d_model, vocabulary, context, tokens):
    n = 12 * layers * d_model * d_model + d_model * vocabulary
    return float(tokens) * (6 * n + 12 * layers * d_model * context)


def training_flops_there_and_back(*, layers, d_model, vocabulary, context, tokens):
    there = 24 * layers * d_model**2 + 2 * d_model * vocabulary + 4 * layers * d_model * context
    back = there + there
    return tokens * (there + back)


WEIGHTS = "12 * layers * d_model**2 + vocabulary * d_model"
ATTENTION = "4 * layers * context * d_model"
TOTAL = "3 * (2 * weights + attention) * tokens"

TRAINING_FLOPS = Exercise(
    solves="unrolled.costs.training_flops",
    groups={"short texts": 1, "long texts": 2},
    inputs=training_flops_inputs,
    accepts=(training_flops_product_by_product, training_flops_six_n, training_flops_there_and_back),
    misconceptions=(
        Misconception(
            id="forwards-only",
            name="the way back is not counted",
            hint="What does learning need besides the scores? How much does that cost?",
            edits={TOTAL: "(2 * weights + attention) * tokens"},
        ),
        Misconception(
            id="back-once",
            name="the way back is counted once",
            hint="A layer's way back makes two products: one for the gradient of its weight, and the other for what?",
            edits={TOTAL: "2 * (2 * weights + attention) * tokens"},
        ),
        Misconception(
            id="multiplications-only",
            name="additions are not counted",
            hint="Each weight is multiplied, and what comes of it is added. How many FLOPs is that?",
            edits={TOTAL: "3 * (weights + attention / 2) * tokens"},
        ),
        Misconception(
            id="weights-multiplied-only",
            name="additions are counted in the attention, and not for the weights",
            hint="Each weight is multiplied, and what comes of it is added. How many FLOPs is that?",
            edits={TOTAL: "3 * (weights + attention) * tokens"},
        ),
        Misconception(
            id="attention-doubled",
            name="the 2 for multiplying and adding is put before the attention once more",
            hint="A query meets `context` keys over d_model features: 2 · context · d_model FLOPs for the scores, and as many for the values. Is there a 2 left to multiply by?",
            edits={TOTAL: "3 * 2 * (weights + attention) * tokens"},
        ),
        Misconception(
            id="attention-multiplications-only",
            name="the attention counts half: no additions, or only half of the `context` keys, as if what is masked cost nothing",
            hint="A score is a sum of products too: how many FLOPs does one feature of it take? And how many keys does a query meet here?",
            edits={ATTENTION: "2 * layers * context * d_model"},
        ),
        Misconception(
            id="without-attention",
            name="the scores and the weighing of values are left out",
            hint="That is 6 · N · D. Which products have no weights of the model in them?",
            edits={ATTENTION: "0"},
        ),
        Misconception(
            id="attention-forwards-only",
            name="the scores and values are counted on the way forwards alone",
            hint="Does the gradient pass through the scores as well?",
            edits={TOTAL: "(6 * weights + attention) * tokens"},
        ),
        Misconception(
            id="without-the-head",
            name="the head is left out",
            hint="How are scores for all words of the vocabulary made of a state? How many weights has that?",
            edits={WEIGHTS: "12 * layers * d_model**2"},
        ),
        Misconception(
            id="table-counted",
            name="looking words up in the table is counted like a product",
            hint="An embedding picks a row. How many numbers does that multiply?",
            edits={WEIGHTS: "12 * layers * d_model**2 + 2 * vocabulary * d_model"},
        ),
        Misconception(
            id="attention-weights-only",
            name="the feed-forward layers are left out",
            hint="Of the 12 · d_model² weights of a layer, where are the other 8?",
            edits={WEIGHTS: "4 * layers * d_model**2 + vocabulary * d_model"},
        ),
        Misconception(
            id="feed-forward-only",
            name="the weights of the attention are left out",
            hint="Of the 12 · d_model² weights of a layer, where are the other 4?",
            edits={WEIGHTS: "8 * layers * d_model**2 + vocabulary * d_model"},
        ),
        Misconception(
            id="one-layer",
            name="the weights of one layer are counted",
            hint="Where does your answer use `layers`, and where should it?",
            edits={WEIGHTS: "12 * d_model**2 + vocabulary * d_model"},
        ),
        Misconception(
            id="attention-of-one-layer",
            name="the attention of one layer is counted",
            hint="Where does your answer use `layers`, and where should it?",
            edits={ATTENTION: "4 * context * d_model"},
        ),
        Misconception(
            id="head-in-each-layer",
            name="the head is counted once for each layer",
            hint="How many heads for words has a model?",
            edits={WEIGHTS: "layers * (12 * d_model**2 + vocabulary * d_model)"},
        ),
        Misconception(
            id="not-squared",
            name="a weight of a layer is counted as d_model numbers instead of d_model²",
            hint="How many numbers are there in a weight that makes d_model features of d_model?",
            edits={WEIGHTS: "12 * layers * d_model + vocabulary * d_model"},
        ),
        Misconception(
            id="of-one-token",
            name="the FLOPs of one token are counted",
            hint="Where does your answer use `tokens`?",
            edits={TOTAL: "3 * (2 * weights + attention)"},
        ),
        Misconception(
            id="times-context",
            name="everything is multiplied by `context` as well",
            hint="`tokens` counts all tokens, in however many texts. How often do you count each?",
            edits={TOTAL: "3 * (2 * weights + attention) * tokens * context"},
        ),
        Misconception(
            id="attention-of-a-text",
            name="each token is charged the scores of a whole text",
            hint="One query meets `context` keys. Who are the other context² − context pairs of?",
            edits={ATTENTION: "4 * layers * context**2 * d_model"},
        ),
        Misconception(
            id="one-word-alone",
            name="each query meets itself alone",
            hint="With how many keys is a query of a text of 300 tokens multiplied?",
            edits={ATTENTION: "4 * layers * d_model"},
        ),
        Misconception(
            id="context-as-width",
            name="d_model and context have changed places",
            hint="Which of the two is how wide a layer is? Make one of them twice as large: what should become four times as large?",
            edits={WEIGHTS: "12 * layers * context**2 + vocabulary * context"},
        ),
    ),
)

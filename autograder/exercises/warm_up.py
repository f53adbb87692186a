"""The exercises of chapter 00: probabilities, a loss, gradients by hand, embeddings, n-grams, perplexity."""

from collections import Counter, defaultdict

import numpy as np
import torch
import torch.nn.functional as F

from autograder import probes
from autograder.draw import integers, normal
from autograder.exercise import Exercise, Misconception


# --- softmax ----------------------------------------------------------------------------------------------------------
def softmax_inputs(rng):
    """Different primes on all axes; large: rows around ±1000, and one row whose scores lie far apart."""
    apart = torch.tensor([[-200.0, 150.0, 149.0, 0.0, 148.5], [700.0, 698.0, 250.0, 699.0, 701.0]])
    offsets = torch.tensor([[1000.0], [-600.0], [3.0]])
    return {
        "last axis": [{"x": normal(rng, 3, 5)}, {"x": normal(rng, 7)}],
        "other axes": [{"x": normal(rng, 3, 5), "dim": 0}, {"x": normal(rng, 2, 7, 3), "dim": 1}],
        "large scores": [{"x": normal(rng, 3, 5) + offsets}, {"x": apart + normal(rng, 2, 5, scale=0.2)}],
    }


def softmax_by_logsumexp(x, dim=-1):
    return (x - x.logsumexp(dim, keepdim=True)).exp()


def softmax_row_by_row(x, dim=-1):
    moved = x.movedim(dim, -1)
    rows = []
    for row in moved.reshape(-1, moved.shape[-1]):
        powers = torch.e ** (row - row.max())
        rows.append(powers / powers.sum())
    return torch.stack(rows).view(moved.shape).movedim(-1, dim)


def softmax_with_max(x, dim=-1):
    x = x - x.max(dim=dim, keepdim=True).values.detach()
    return x.exp() / x.exp().sum(dim).unsqueeze(dim)


SOFTMAX = Exercise(
    solves="unrolled.losses.softmax",
    groups={"last axis": 1, "other axes": 1, "large scores": 1},
    inputs=softmax_inputs,
    probe=probes.differentiate,
    accepts=(softmax_by_logsumexp, softmax_row_by_row, softmax_with_max),
    forbids=(
        "torch.softmax",
        "torch.log_softmax",
        "torch.special.softmax",
        "torch.special.log_softmax",
        "torch.nn.functional.softmax",
        "torch.nn.functional.log_softmax",
        "torch.nn.functional.softmin",
        "torch.nn.Softmax",
        "torch.nn.LogSoftmax",
        "torch.Tensor.softmax",
        "torch.Tensor.log_softmax",
    ),
    misconceptions=(
        Misconception(
            id="overflow",
            name="the exponentials of large scores overflow",
            hint="exp(1000) is infinite in a computer. What may be subtracted from all scores of a row without changing "
            "the result?",
            edits={"x - x.amax(dim=dim, keepdim=True)": "x"},
        ),
        Misconception(
            id="sum-of-everything",
            name="the sum is taken over all axes instead of along dim",
            hint="The probabilities of the whole tensor then add up to 1. What should add up to 1?",
            edits={".sum(dim=dim, keepdim=True)": ".sum()"},
        ),
        Misconception(
            id="one-maximum-for-all",
            name="the maximum of the whole tensor is subtracted from every row",
            hint="A row far below that maximum becomes 0/0. Of what should each row's maximum be taken?",
            edits={"x.amax(dim=dim, keepdim=True)": "x.max()"},
        ),
        Misconception(
            id="dim-ignored",
            name="dim is ignored and the last axis is always taken",
            hint="Does the name dim occur in your lines?",
            edits={
                "x.amax(dim=dim, keepdim=True)": "x.amax(dim=-1, keepdim=True)",
                ".sum(dim=dim, keepdim=True)": ".sum(dim=-1, keepdim=True)",
            },
        ),
        Misconception(
            id="first-axis",
            name="the softmax is taken along the first axis, whatever dim is",
            hint="Then the examples of a batch compete with each other, instead of the classes of one example. Which "
            "axis does dim name?",
            edits={
                "x.amax(dim=dim, keepdim=True)": "x.amax(dim=0, keepdim=True)",
                ".sum(dim=dim, keepdim=True)": ".sum(dim=0, keepdim=True)",
            },
        ),
        Misconception(
            id="keepdim-lost",
            name="the axis that is summed over disappears, so the sums no longer line up with the rows",
            hint="Shapes are lined up from the right: (3, 5) / (3,) does not fit. How can a sum keep its axis, with "
            "length 1?",
            edits={".sum(dim=dim, keepdim=True)": ".sum(dim=dim)"},
        ),
        Misconception(
            id="no-exponential",
            name="the scores are divided by their sum, without an exponential",
            hint="Scores may be negative; probabilities may not. Which function makes any number positive?",
            edits={"torch.exp(x - x.amax(dim=dim, keepdim=True))": "x"},
        ),
        Misconception(
            id="not-normalised",
            name="the exponentials are not divided by their sum",
            hint="Add up the probabilities of one row. What should come out?",
            edits={" / exponentials.sum(dim=dim, keepdim=True)": ""},
        ),
        Misconception(
            id="logarithm",
            name="the logarithm of the probabilities comes out",
            hint="log-softmax is what a loss wants (next exercise). Can a probability be negative?",
            edits={
                "exponentials / exponentials.sum(dim=dim, keepdim=True)": (
                    "(x - x.amax(dim=dim, keepdim=True)) - exponentials.sum(dim=dim, keepdim=True).log()"
                )
            },
        ),
        Misconception(
            id="sigmoid",
            name="a sigmoid is taken of each score on its own",
            hint="A sigmoid answers one yes-or-no question for each score. Do these probabilities add up to 1?",
            edits={"exponentials / exponentials.sum(dim=dim, keepdim=True)": "torch.sigmoid(x)"},
        ),
        Misconception(
            id="base-two",
            name="powers of 2 stand where powers of e should be",
            hint="Any base gives probabilities that add up to 1. Which one does the formula have?",
            edits={"torch.exp(": "torch.exp2("},
        ),
        Misconception(
            id="maximum-with-its-place",
            name="x.max(dim=…) is used as if it were a tensor",
            hint="With dim it gives two things, the values and where they stand. Which of them do you want (or which "
            "other function of torch gives only that)?",
            edits={"x.amax(": "x.max("},
        ),
        Misconception(
            id="maximum-divided",
            name="the scores are divided by their maximum instead of having it subtracted",
            hint="exp(x − c) is exp(x) divided by one constant, and cancels. What is exp(x / c)?",
            edits={"x - x.amax": "x / x.amax"},
        ),
    ),
)


# --- cross_entropy ----------------------------------------------------------------------------------------------------
def cross_entropy_inputs(rng):
    """Batch 5, vocabulary 7. Large: the right class is so far behind that its probability is 0 in float32."""
    spread = torch.zeros(3, 11)
    spread[:, 2] = torch.tensor([300.0, 0.0, 200.0])
    return {
        "ordinary scores": [
            {"logits": normal(rng, 5, 7), "targets": integers(rng, 0, 7, 5)},
            {"logits": normal(rng, 2, 3), "targets": torch.tensor([2, 0])},
        ],
        "large scores": [{"logits": normal(rng, 3, 11) + spread, "targets": torch.tensor([4, 9, 0])}],
    }


def cross_entropy_loop(logits, targets):
    losses = []
    for row, target in zip(logits, targets, strict=True):
        losses.append(torch.logsumexp(row, dim=0) - row[target])
    return sum(losses) / len(losses)


def cross_entropy_one_hot(logits, targets):
    shifted = logits - logits.max(dim=1, keepdim=True).values
    logs = shifted - shifted.exp().sum(dim=1, keepdim=True).log()
    return -(logs * F.one_hot(targets, logits.shape[1])).sum() / len(targets)


def cross_entropy_log_softmax(logits, targets):
    return -F.log_softmax(logits, dim=1)[torch.arange(len(targets)), targets].mean()


CROSS_ENTROPY = Exercise(
    solves="unrolled.losses.cross_entropy",
    groups={"ordinary scores": 2, "large scores": 1},
    inputs=cross_entropy_inputs,
    probe=probes.differentiate,
    accepts=(cross_entropy_loop, cross_entropy_one_hot, cross_entropy_log_softmax),
    forbids=(
        "torch.nn.functional.cross_entropy",
        "torch.nn.functional.nll_loss",
        "torch.nn.CrossEntropyLoss",
        "torch.nn.NLLLoss",
    ),
    misconceptions=(
        Misconception(
            id="logarithm-of-zero",
            name="the logarithm is taken of a softmax that has become 0",
            hint="A probability of e^−300 is 0 in a computer, and log 0 is −∞. Can you write log(softmax) without ever "
            "making the probability?",
            edits={"logits - logits.logsumexp(dim=-1, keepdim=True)": "torch.softmax(logits, dim=-1).log()"},
        ),
        Misconception(
            id="overflow",
            name="the exponentials of large scores overflow",
            hint="exp(300) is infinite in a computer. Which function of torch computes log Σ exp without that?",
            edits={"logits.logsumexp(dim=-1, keepdim=True)": "logits.exp().sum(dim=-1, keepdim=True).log()"},
        ),
        Misconception(
            id="sum",
            name="the losses are added up instead of averaged",
            hint="Would a batch twice as large have twice the loss?",
            edits={".mean()": ".sum()"},
        ),
        Misconception(
            id="sign",
            name="the sign is the wrong way round",
            hint="The logarithm of a probability is never positive. Should a loss be small or large when the model is "
            "right?",
            edits={"return -": "return "},
        ),
        Misconception(
            id="bits",
            name="the logarithm has base 2",
            hint="In bits it is right in information theory; here it is in nats, as torch gives it, because then its "
            "gradient is simply p − y. Which logarithm is that?",
            edits={".mean()": ".mean() / torch.log(torch.tensor(2.0))"},
        ),
        Misconception(
            id="over-the-batch",
            name="the probabilities are normalised over the batch instead of over the classes",
            hint="logits is (batch, vocabulary). Which of the two axes holds the choices that exclude each other?",
            edits={"dim=-1, keepdim": "dim=0, keepdim"},
        ),
        Misconception(
            id="not-normalised",
            name="the scores are used as if they were log-probabilities",
            hint="Scores can be any numbers. What must be subtracted so that their exponentials add up to 1?",
            edits={"logits - logits.logsumexp(dim=-1, keepdim=True)": "logits"},
        ),
        Misconception(
            id="softmax-twice",
            name="a softmax is applied before the log-softmax",
            hint="The probabilities are taken for scores, and made into probabilities again. How often is exp needed?",
            edits={
                "logits - logits.logsumexp(dim=-1, keepdim=True)": ("torch.softmax(logits, dim=-1).log_softmax(dim=-1)")
            },
        ),
        Misconception(
            id="no-logarithm",
            name="1 − p is averaged instead of −log p",
            hint="What should the loss be when the right class got the probability 0: 1, or as large as you like?",
            edits={
                "-log_probabilities.gather(dim=-1, index=targets[:, None]).mean()": (
                    "1 - log_probabilities.gather(dim=-1, index=targets[:, None]).exp().mean()"
                )
            },
        ),
        Misconception(
            id="all-classes",
            name="all classes count, not just the right one",
            hint="Which single entry of each row says how likely the truth was?",
            edits={".gather(dim=-1, index=targets[:, None])": ""},
        ),
        Misconception(
            id="every-row-with-every-target",
            name="every row is looked up at the targets of all rows",
            hint="log_p[:, targets] is (batch, batch). How do you take entry targets[i] of row i only?",
            edits={".gather(dim=-1, index=targets[:, None])": "[:, targets]"},
        ),
        Misconception(
            id="squared-error",
            name="it is the squared error between probabilities and a one-hot target",
            hint="That is the Brier score: a fair loss, but how steep is it where the model is sure and wrong? Which "
            "loss does the formula ask for?",
            edits={
                "-log_probabilities.gather(dim=-1, index=targets[:, None]).mean()": (
                    "((log_probabilities.exp() - F.one_hot(targets, logits.shape[1])) ** 2).sum(dim=1).mean()"
                ),
                "log_probabilities = ": "import torch.nn.functional as F; log_probabilities = ",
            },
        ),
    ),
)


# --- mlp_gradients ----------------------------------------------------------------------------------------------------
def mlp_gradients_inputs(rng):
    """Batch 5, feature 3, hidden 7, output 2; unsaturated. `layer` says whose gradients are looked at."""

    def case(layer, batch=5, feature=3, hidden=7, output=2):
        return {
            "x": normal(rng, batch, feature),
            "targets": normal(rng, batch, output, scale=2.0),
            "w1": normal(rng, hidden, feature, scale=0.5),
            "b1": normal(rng, hidden, scale=0.5),
            "w2": normal(rng, output, hidden, scale=0.5),
            "b2": normal(rng, output, scale=0.5),
            "layer": layer,
        }

    return {
        "second layer": [case("2"), case("2", 3, 2, 5, 7)],
        "first layer": [case("1"), case("1", 3, 2, 5, 7)],
    }


def probe_mlp_gradients(answer, inputs):
    """Hand over NumPy arrays; report the gradients of one layer, so that half an answer can be half right."""
    import numpy as np
    import torch

    from autograder.probes import modified

    given = {name: value.double() for name, value in inputs.items() if name != "layer"}
    arrays = {name: value.numpy().copy() for name, value in given.items()}
    result = answer(**arrays)
    if isinstance(result, dict):
        wanted = [name for name in result if str(name).endswith(inputs["layer"])]
        result = {name: result[name] for name in sorted(wanted)}
        result = {name: torch.from_numpy(g.copy()) if isinstance(g, np.ndarray) else g for name, g in result.items()}
    changed = modified(given, {name: torch.from_numpy(array) for name, array in arrays.items()})
    return {"result": result, "modified": changed}


def mlp_gradients_one_by_one(x, targets, w1, b1, w2, b2):
    gradients = {"w1": 0 * w1, "b1": 0 * b1, "w2": 0 * w2, "b2": 0 * b2}
    for example, target in zip(x, targets, strict=True):
        hidden = np.tanh(w1 @ example + b1)
        error = 2 * (w2 @ hidden + b2 - target) / targets.size
        back = (1 - hidden**2) * (w2.T @ error)
        gradients["w2"] += np.outer(error, hidden)
        gradients["b2"] += error
        gradients["w1"] += np.outer(back, example)
        gradients["b1"] += back
    return gradients


def mlp_gradients_einsum(x, targets, w1, b1, w2, b2):
    sums = np.einsum("bf,hf->bh", x, w1) + b1
    error = np.tanh(sums) @ w2.T + b2 - targets
    error = error * (2.0 / np.prod(error.shape))
    back = np.einsum("bo,oh,bh->bh", error, w2, 1 / np.cosh(sums) ** 2)
    return {
        "b2": error.sum(0),
        "w2": np.einsum("bo,bh->oh", error, np.tanh(sums)),
        "b1": back.sum(0),
        "w1": np.einsum("bh,bf->hf", back, x),
    }


def mlp_gradients_columns(x, targets, w1, b1, w2, b2):
    """The formula for column vectors, every array transposed."""
    hidden = np.tanh(w1 @ x.T + b1[:, None])
    error = (w2 @ hidden + b2[:, None] - targets.T) * 2 / x.shape[0] / targets.shape[1]
    back = np.multiply(w2.T @ error, 1 - np.square(hidden))
    ones = np.ones(len(x))
    return dict(w1=back @ x, b1=back @ ones, w2=error @ hidden.T, b2=error @ ones)


MLP_GRADIENTS = Exercise(
    solves="unrolled.backpropagation.mlp_gradients",
    groups={"second layer": 2, "first layer": 2},
    inputs=mlp_gradients_inputs,
    probe=probe_mlp_gradients,
    accepts=(mlp_gradients_one_by_one, mlp_gradients_einsum, mlp_gradients_columns),
    forbids=("torch.autograd", "torch.func", "torch.Tensor.backward"),
    misconceptions=(
        Misconception(
            id="no-derivative-of-tanh",
            name="the derivative of the tanh is left out",
            hint="On its way back the gradient passes the tanh too. How much does the tanh change when its argument "
            "changes a little?",
            edits={"d_hidden * (1 - hidden**2)": "d_hidden"},
        ),
        Misconception(
            id="derivative-not-squared",
            name="1 − h stands where 1 − h² should be",
            hint="What is the derivative of tanh, written with its own value? (h(1 − h) would be a sigmoid's.)",
            edits={"hidden**2": "hidden"},
        ),
        Misconception(
            id="derivative-of-a-sigmoid",
            name="h(1 − h), the derivative of a sigmoid, stands where that of a tanh should be",
            hint="Rumelhart's units are sigmoids, and for them it is right. Ours are tanh: what is its derivative?",
            edits={"(1 - hidden**2)": "hidden * (1 - hidden)"},
        ),
        Misconception(
            id="tanh-twice",
            name="the derivative of the tanh is taken at values that have been through it already",
            hint="hidden is the value of the tanh, not its argument. What is the derivative, written with that value?",
            edits={"hidden**2": "np.tanh(hidden) ** 2"},
        ),
        Misconception(
            id="factor-two",
            name="the factor 2 is lost",
            hint="With half the sum of squares as the loss, as in Rumelhart's paper, it is right. Here the loss is the "
            "mean of squares, as in torch. What is the derivative of e²?",
            edits={"2 * (outputs - targets)": "(outputs - targets)"},
        ),
        Misconception(
            id="sum",
            name="the gradients are those of the sum of the squared errors, not of their mean",
            hint="Would a batch twice as large give a gradient twice as long? What does the mean divide by?",
            edits={" / outputs.size": ""},
        ),
        Misconception(
            id="divided-by-the-batch",
            name="the sum is divided by the batch only, not by all values",
            hint="It is right where the errors of one example are summed. Here, as in torch's MSELoss, the loss is the "
            "mean over all values. How many does outputs have?",
            edits={"outputs.size": "len(outputs)"},
        ),
        Misconception(
            id="sign",
            name="the sign is the wrong way round",
            hint="The gradient points uphill; the step goes the other way, and it is not taken here. If an output is "
            "too large, is its gradient positive or negative?",
            edits={"(outputs - targets)": "(targets - outputs)"},
        ),
        Misconception(
            id="bias-averaged",
            name="the gradients of the biases are averaged over the batch, instead of summed",
            hint="The mean is in the loss already. A bias has its part in every example: what happens to the parts?",
            edits={"d_sums.sum(axis=0)": "d_sums.mean(axis=0)", "d_outputs.sum(axis=0)": "d_outputs.mean(axis=0)"},
        ),
        Misconception(
            id="weights-transposed",
            name="the gradients of the weights are transposed",
            hint="A gradient has the shape of what it is for: w1 is (hidden, feature). Which factor comes first?",
            edits={"d_sums.T @ x": "x.T @ d_sums", "d_outputs.T @ hidden": "hidden.T @ d_outputs"},
        ),
        Misconception(
            id="w2-transposed",
            name="on the way back w2 is transposed",
            hint="d_outputs is (batch, output) and w2 is (output, hidden). Forward it was w2.T; what fits on the way "
            "back?",
            edits={"d_outputs @ w2": "d_outputs @ w2.T"},
        ),
        Misconception(
            id="no-bias",
            name="the first bias is left out on the way forward",
            hint="Before gradients come values. Compare your hidden layer with the formula, term by term: is one missing?",
            edits={" + b1)": ")"},
        ),
        Misconception(
            id="tanh-on-the-outputs",
            name="a tanh is put on the outputs too",
            hint="The outputs can be any number. Does the formula have a tanh after the second layer?",
            edits={"hidden @ w2.T + b2": "np.tanh(hidden @ w2.T + b2)"},
        ),
        Misconception(
            id="sums-instead-of-hidden",
            name="the values before the tanh stand where the hidden values should be",
            hint="The gradient of a weight is what came in times what comes back. What goes into the second layer: the "
            "sums, or their tanh?",
            edits={"d_outputs.T @ hidden": "d_outputs.T @ np.arctanh(hidden)"},
        ),
    ),
)


# --- embed ------------------------------------------------------------------------------------------------------------
def embed_inputs(rng):
    """Vocabulary 11, d_model 5; ids repeat, so that a row's gradient has several parts."""
    table = normal(rng, 11, 5)
    return {
        "one sentence": [{"table": table, "ids": torch.tensor([3, 0, 4, 3, 1, 2, 3])}],
        "a batch": [
            {"table": table, "ids": torch.cat([integers(rng, 0, 11, 3, 6), torch.tensor([[10], [10], [7]])], dim=1)},
            {"table": normal(rng, 13, 3), "ids": integers(rng, 0, 13, 2, 5, 3)},
        ],
    }


def embed_one_hot(table, ids):
    return F.one_hot(ids, len(table)).to(table.dtype) @ table


def embed_index_select(table, ids):
    return torch.index_select(table, 0, ids.flatten()).unflatten(0, ids.shape)


def embed_recursively(table, ids):
    if ids.ndim == 0:
        return table[int(ids)]
    return torch.stack([embed_recursively(table, part) for part in ids])


EMBED = Exercise(
    solves="unrolled.embedding.embed",
    groups={"one sentence": 1, "a batch": 1},
    inputs=embed_inputs,
    probe=probes.differentiate,
    accepts=(embed_one_hot, embed_index_select, embed_recursively),
    forbids=("torch.nn.functional.embedding", "torch.embedding", "torch.nn.Embedding"),
    misconceptions=(
        Misconception(
            id="columns",
            name="the ids choose columns of the table instead of rows",
            hint="The table is (vocabulary, d_model), one row a word. Along which axis does table[:, ids] look?",
            edits={"table[ids]": "table[:, ids]"},
        ),
        Misconception(
            id="counts-from-one",
            name="the ids are taken to count from 1",
            hint="Which row belongs to id 0?",
            edits={"table[ids]": "table[ids - 1]"},
        ),
        Misconception(
            id="gradient-cut",
            name="the vectors are right, but the table cannot learn from them",
            hint="`.detach()`, `.data`, `.tolist()` and `torch.tensor(…)` copy numbers and forget where they came from. "
            "Which of them is in your lines?",
            edits={"table[ids]": "table.detach()[ids]"},
        ),
        Misconception(
            id="flattened",
            name="the axes of ids are run together into one",
            hint="ids of shape (2, 3) should give (2, 3, d_model). Where does your code lose the shape of ids?",
            edits={"table[ids]": "table[ids.flatten()]"},
        ),
        Misconception(
            id="each-word-once",
            name="each id is looked up only once, in the order of the numbers",
            hint="A sentence may hold the same word twice, and order matters. Does your code use unique(), or a set?",
            edits={"table[ids]": "table[ids.unique()]"},
        ),
        Misconception(
            id="bag-of-words",
            name="the vectors of a sentence are added up",
            hint="A bag of words: fine for sentiment, but it forgets the order. How many vectors should a sentence of "
            "seven words give?",
            edits={"table[ids]": "table[ids].sum(dim=-2)"},
        ),
        Misconception(
            id="features-first",
            name="the features come before the axes of ids",
            hint="The promise is (…, d_model). Where is the axis of the features in your result?",
            edits={"table[ids]": "table[ids].movedim(-1, 0)"},
        ),
        Misconception(
            id="only-the-first-row",
            name="only the first row of a batch is looked up",
            hint="In a batch, ids[0] is one whole sentence. What about the others?",
            edits={"table[ids]": "table[ids if ids.ndim == 1 else ids[0]]"},
        ),
    ),
)


# --- ngram_model ------------------------------------------------------------------------------------------------------
def ngram_model_inputs(rng):
    """Seven words, five of which occur; the text ends on its own beginning, so a context may end the text.

    A table with an axis for each of five words among 1009 would not fit into any memory.
    """

    def case(n, alpha, unseen=(), vocabulary=7):
        ids = rng.choice(5, size=47, p=[0.35, 0.25, 0.2, 0.12, 0.08]).tolist()
        ids += ids[: n - 1]
        followed = sorted({tuple(ids[i : i + n - 1]) for i in range(len(ids) - n + 1)})
        first = [tuple(ids[: n - 1])]
        chosen = first + [context for context in followed if context not in first][:5] + list(unseen)
        contexts = [list(context) for context in chosen + first]  # the first is asked again at the end
        return {"ids": ids, "n": n, "vocabulary": vocabulary, "alpha": alpha, "contexts": contexts}

    return {
        "n = 1": [case(1, 0.0), case(1, 0.5)],
        "counting": [case(2, 0.0), case(3, 0.0), case(5, 0.0, vocabulary=1009)],
        "smoothing": [case(2, 0.25, unseen=[(6,)]), case(3, 0.5, unseen=[(5, 0), (2, 6)])],
    }


def probe_ngram_model(answer, inputs):
    """Count, then ask for the probabilities after each context; the first context is asked twice.

    The text changes between counting and asking, so that a model which reads it anew each time is found out.
    """
    import copy

    from autograder.probes import modified

    arguments = copy.deepcopy(inputs)
    contexts = arguments.pop("contexts")
    model = answer(**arguments)
    changed = modified(inputs, {**arguments, "contexts": contexts})
    arguments["ids"].reverse()
    result = {}
    for context in contexts:
        name = f"after {' '.join(map(str, context)) or 'nothing'}"
        result[name + ", asked again" if name in result else name] = model(tuple(context))
    return {"result": result, "modified": changed}


def ngram_model_with_counter(ids, n, vocabulary, alpha):
    grams = Counter(zip(*(ids[k:] for k in range(n)), strict=False))

    def model(context):
        counts = [grams[(*context, word)] + alpha for word in range(vocabulary)]
        total = sum(counts)
        return torch.tensor([count / total for count in counts])

    return model


def ngram_model_of_continuations(ids, n, vocabulary, alpha):
    continuations = defaultdict(list)
    for i in range(n - 1, len(ids)):
        continuations[tuple(ids[i - n + 1 : i])].append(ids[i])

    def model(context):
        row = torch.bincount(torch.tensor(continuations[context], dtype=torch.long), minlength=vocabulary)
        return (row + alpha) / (len(continuations[context]) + alpha * vocabulary)

    return model


def ngram_model_divided_beforehand(ids, n, vocabulary, alpha):
    """Every row is divided once, before anybody asks."""
    table, even = {}, torch.full((vocabulary,), 1 / vocabulary)
    for i in range(len(ids) - n + 1):
        key = tuple(ids[i : i + n - 1])
        table.setdefault(key, torch.full((vocabulary,), float(alpha)))[ids[i + n - 1]] += 1
    table = {key: row / torch.sum(row) for key, row in table.items()}
    return lambda context: table.get(context, even)


def ngram_model_that_reads_again(ids, n, vocabulary, alpha):
    def model(context):
        row = torch.full((vocabulary,), float(alpha))
        for i in range(n - 1, len(ids)):
            if tuple(ids[i - n + 1 : i]) == tuple(context):
                row[ids[i]] += 1
        return row / row.sum()

    return model


def ngram_model_with_an_axis_for_each_word(ids, n, vocabulary, alpha):
    table = torch.full((vocabulary,) * n, float(alpha))
    for i in range(len(ids) - n + 1):
        table[tuple(ids[i : i + n])] += 1
    return lambda context: table[context] / table[context].sum()


NGRAM_MODEL = Exercise(
    solves="unrolled.ngram.ngram_model",
    groups={"n = 1": 1, "counting": 2, "smoothing": 1},
    inputs=ngram_model_inputs,
    probe=probe_ngram_model,
    accepts=(ngram_model_with_counter, ngram_model_of_continuations, ngram_model_divided_beforehand),
    misconceptions=(
        Misconception(
            id="no-smoothing",
            name="alpha is left out",
            hint="What is 0/0, for a context that never occurred? What does alpha add, and to which counts?",
            edits={" + alpha": ""},
        ),
        Misconception(
            id="alpha-on-top-only",
            name="alpha is added to the counts, but not in the sum they are divided by",
            hint="Add up the probabilities after one context. How often was alpha added on top, and how often below?",
            edits={"smoothed / smoothed.sum()": "smoothed / (smoothed - alpha).sum()"},
        ),
        Misconception(
            id="alpha-once-below",
            name="alpha is added only once in the sum that the counts are divided by",
            hint="Add up the probabilities after one context: is it 1? How many ids get an alpha on top?",
            edits={"smoothed / smoothed.sum()": "smoothed / ((smoothed - alpha).sum() + alpha)"},
        ),
        Misconception(
            id="alpha-for-seen-only",
            name="alpha is added only to words that were seen after this context",
            hint="Smoothing is there for what was not seen. What is the probability of a word with count 0 in yours?",
            edits={
                "counts.get(context, torch.zeros(vocabulary)) + alpha": (
                    "counts.get(context, torch.zeros(vocabulary)); smoothed = smoothed + alpha * (smoothed > 0)"
                )
            },
        ),
        Misconception(
            id="alpha-for-words-of-the-text",
            name="the vocabulary is taken to be the words that occur in the text",
            hint="`vocabulary` says how many ids there are; some may never occur in `ids`. Do they get an alpha too?",
            edits={
                "counts.get(context, torch.zeros(vocabulary)) + alpha": (
                    "counts.get(context, torch.zeros(vocabulary)) + alpha * torch.tensor("
                    "[float(word in ids) for word in range(vocabulary)])"
                )
            },
        ),
        Misconception(
            id="joint",
            name="the counts are divided by the length of the text, not by those of this context",
            hint="That is how likely the whole n-gram is. How likely is the word once the context has been seen?",
            edits={"smoothed / smoothed.sum()": "smoothed / (len(ids) - n + 1 + alpha * vocabulary)"},
        ),
        Misconception(
            id="not-normalised",
            name="the counts are returned as they are",
            hint="Add up what your model gives after one context. What should it be?",
            edits={"return smoothed / smoothed.sum()": "return smoothed"},
        ),
        Misconception(
            id="last-one-lost",
            name="the last n-gram of the text is not counted",
            hint="A text of 3 words has 2 pairs. How many n-grams has a text of length L, and how many does your loop "
            "see?",
            edits={"len(ids) - n + 1": "len(ids) - n"},
        ),
        Misconception(
            id="no-overlap",
            name="the windows do not overlap",
            hint="In “the dog slept” both “the dog” and “dog slept” are pairs. By how much does your window move?",
            edits={"range(len(ids) - n + 1)": "range(0, len(ids) - n + 1, n)"},
        ),
        Misconception(
            id="context-too-long",
            name="the context has n words instead of n − 1",
            hint="For n = 2 a pair is one word before and one word to predict. How many words before are there for n?",
            edits={"ids[start : start + n]": "ids[start : start + n + 1]", "len(ids) - n + 1": "len(ids) - n"},
        ),
        Misconception(
            id="context-reversed",
            name="the words of the context are in reverse order",
            hint="For the context (the, dog), which word came first in the text? With n = 2 one cannot see it.",
            edits={"counts.setdefault(tuple(context)": "counts.setdefault(tuple(context[::-1])"},
        ),
        Misconception(
            id="context-without-order",
            name="the order of the words in the context is ignored",
            hint="Are (the, dog) and (dog, the) followed by the same words? Does your key keep the order?",
            edits={
                "counts.setdefault(tuple(context)": "counts.setdefault(tuple(sorted(context))",
                "counts.get(context": "counts.get(tuple(sorted(context))",
            },
        ),
        Misconception(
            id="predicts-the-word-before",
            name="the word before is counted, not the one after",
            hint="Of the n words in a window, which one is to be predicted: the first or the last?",
            edits={"*context, word": "word, *context"},
        ),
        Misconception(
            id="end-of-text-counted",
            name="a context at the very end of the text is counted, though nothing follows it",
            hint="Add up the probabilities after the last words of the text. By how many continuations should the "
            "counts be divided?",
            edits={
                "counts: dict[tuple[int, ...], Tensor] = {}": "counts, end = {}, tuple(ids[len(ids) - n + 1 :])",
                "smoothed / smoothed.sum()": "smoothed / (smoothed.sum() + (end == tuple(context)))",
            },
        ),
        Misconception(
            id="unseen-context-missing",
            name="a context that never occurred is looked up and not found",
            hint="Your counts have no row for it. How many times did each word follow it, then? And what does alpha "
            "make of that?",
            edits={"counts.get(context, torch.zeros(vocabulary))": "counts[context]"},
        ),
        Misconception(
            id="list-as-key",
            name="a list is used as a key of a dictionary",
            hint="A key must not change, and a list can. Which Python type is like a list that cannot?",
            edits={"counts.setdefault(tuple(context)": "counts.setdefault(context"},
        ),
        Misconception(
            id="returns-the-counts",
            name="the dictionary of counts is returned, instead of a function that answers",
            hint="The caller writes model(context), with round brackets. What must ngram_model return for that?",
            edits={"return model": "return counts"},
        ),
        Misconception(
            id="reads-the-text-again",
            name="the text is read anew every time the model is asked",
            hint="The chapter asks 12,000 times about a text of 125,000 words (and here the text changed in between). "
            "When should the counting happen, before or after `def model`?",
            answer=ngram_model_that_reads_again,
        ),
        Misconception(
            id="table-of-everything",
            name="a table has an axis for each word of the n-gram",
            hint="1,009 words and n = 5 make a table of 10¹⁵ entries, nearly all zero. Which Python type holds only "
            "what occurs?",
            answer=ngram_model_with_an_axis_for_each_word,
        ),
        Misconception(
            id="counts-change-when-asked",
            name="the counts change every time the model is asked",
            hint="`+=` on a tensor writes into it, and alpha is added again each time. How do you add without writing?",
            edits={"counts.get(context, torch.zeros(vocabulary)) + alpha": (
                "counts.setdefault(tuple(context), torch.zeros(vocabulary)); smoothed += alpha"
            )},
        ),
    ),
)  # fmt: skip


# --- perplexity -------------------------------------------------------------------------------------------------------
def perplexity_inputs(rng):
    """Log-probabilities of 7 words, and of texts of 3, 11 and 5 words that differ in difficulty."""

    def text(words, ease):
        return torch.from_numpy(np.log(rng.beta(ease, 3.0, size=words).clip(0.02, 0.98))).float()

    return {
        "one text": [{"log_probabilities": [text(7, 2.0)]}],
        "several texts": [{"log_probabilities": [text(3, 9.0), text(11, 1.0), text(5, 3.0)]}],
    }


def perplexity_by_sums(log_probabilities):
    total = sum(text.sum() for text in log_probabilities)
    return torch.exp(-total / sum(len(text) for text in log_probabilities))


def perplexity_as_geometric_mean(log_probabilities):
    probability, words = torch.tensor(1.0, dtype=torch.float64), 0
    for text in log_probabilities:
        for log_p in text:
            probability *= log_p.double().exp()
            words += 1
    return (probability ** (-1 / words)).float()


def perplexity_in_bits(log_probabilities):
    every = torch.hstack(tuple(log_probabilities)) / np.log(2)
    return 2 ** (-every.mean())


PERPLEXITY = Exercise(
    solves="unrolled.ngram.perplexity",
    groups={"one text": 1, "several texts": 1},
    inputs=perplexity_inputs,
    accepts=(perplexity_by_sums, perplexity_as_geometric_mean, perplexity_in_bits),
    misconceptions=(
        Misconception(
            id="mean-of-perplexities",
            name="the perplexities of the texts are averaged",
            hint="A text of 3 words then counts as much as one of 11, and a single hard text decides all. Over what "
            "should the mean be taken?",
            edits={
                "torch.exp(-torch.cat(log_probabilities).mean())": (
                    "torch.stack([torch.exp(-text.mean()) for text in log_probabilities]).mean()"
                )
            },
        ),
        Misconception(
            id="mean-of-means",
            name="each text is averaged first, and then the averages",
            hint="A word of a short text then weighs more than one of a long text. By what should the sum over all "
            "words be divided?",
            edits={
                "torch.cat(log_probabilities).mean()": (
                    "torch.stack([text.mean() for text in log_probabilities]).mean()"
                )
            },
        ),
        Misconception(
            id="no-exponential",
            name="the exponential is missing: this is the cross-entropy",
            hint="How unsure is a model whose cross-entropy is log 6: how many faces has its dice?",
            edits={"torch.exp(": "("},
        ),
        Misconception(
            id="sign",
            name="the sign is the wrong way round",
            hint="A dice with six faces should give 6, not 1/6. Where is the minus?",
            edits={"torch.exp(-": "torch.exp("},
        ),
        Misconception(
            id="two-to-the-nats",
            name="2 is raised to a power that is in nats",
            hint="2 to the power of the cross-entropy is right in bits. Ours is in nats: which base undoes log?",
            edits={"torch.exp(": "torch.exp2("},
        ),
        Misconception(
            id="sum",
            name="the logarithms are added up instead of averaged",
            hint="Should a text twice as long be more perplexing? Each word should count, but by what is it divided?",
            edits={".mean()": ".sum()"},
        ),
        Misconception(
            id="mean-of-probabilities",
            name="the probabilities are averaged instead of their logarithms",
            hint="A single word with probability 0 should ruin a model. Does it ruin your mean?",
            edits={"torch.exp(-torch.cat(log_probabilities).mean())": (
                "1 / torch.cat(log_probabilities).exp().mean()"
            )},
        ),
        Misconception(
            id="mean-of-inverses",
            name="the values 1/p are averaged",
            hint="That is an arithmetic mean; perplexity is a geometric one. What comes first, the mean or the exp?",
            edits={"torch.exp(-torch.cat(log_probabilities).mean())": (
                "torch.exp(-torch.cat(log_probabilities)).mean()"
            )},
        ),
        Misconception(
            id="logarithm-twice",
            name="the logarithm is taken of what is a logarithm already",
            hint="The argument is called log_probabilities. Can you take the logarithm of a negative number?",
            edits={"cat(log_probabilities)": "cat(log_probabilities).log()"},
        ),
        Misconception(
            id="stacked",
            name="texts of different lengths are stacked",
            hint="torch.stack lays tensors side by side, and all must be equally long. What joins them end to end?",
            edits={"torch.cat(": "torch.stack("},
        ),
        Misconception(
            id="first-text-only",
            name="only the first text is looked at",
            hint="The argument is a list of texts, even if it holds just one. What happens to the others?",
            edits={"cat(log_probabilities)": "cat(log_probabilities[:1])"},
        ),
    ),
)  # fmt: skip

EXERCISES = (SOFTMAX, CROSS_ENTROPY, MLP_GRADIENTS, EMBED, NGRAM_MODEL, PERPLEXITY)

"""`mlp_gradients`: The gradient of the loss for every weight, as {"w1": …, "b1": …, "w2": …, "b2": …}."""

import numpy as np

from autograder.draw import normal
from autograder.exercise import Exercise, Misconception
from unrolled.backpropagation import mlp_gradients


def mlp_gradients_inputs(rng):
    """Batch 5, feature 2, hidden 7, output 3, and a batch of one; unsaturated. `layer` says whose gradients count.

    Two outputs would hide half the squares, summed over the outputs: a mean over two is half a sum.
    """

    def case(layer, batch=5, feature=2, hidden=7, output=3):
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
        "second layer": [case("2"), case("2", 3, 2, 5, 7), case("2", 1, 5, 2, 3)],
        "first layer": [case("1"), case("1", 3, 2, 5, 7), case("1", 1, 5, 2, 3)],
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


def mlp_gradients_as_a_tuple(x, targets, w1, b1, w2, b2):
    return tuple(mlp_gradients(x, targets, w1, b1, w2, b2).values())


def mlp_gradients_with_a_step(x, targets, w1, b1, w2, b2):
    gradients = mlp_gradients(x, targets, w1, b1, w2, b2)
    for weight, gradient in zip((w1, b1, w2, b2), gradients.values(), strict=True):
        weight -= 0.1 * gradient
    return gradients


MLP_GRADIENTS = Exercise(
    solves="unrolled.backpropagation.mlp_gradients",
    groups={"second layer": 2, "first layer": 2},
    inputs=mlp_gradients_inputs,
    probe=probe_mlp_gradients,
    accepts=(mlp_gradients_one_by_one, mlp_gradients_einsum, mlp_gradients_columns),
    free=frozenset(["dtype"]),
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
        Misconception(
            id="square-before-the-tanh",
            name="the values before the tanh are squared instead of those after it",
            hint="tanh′ is 1 − tanh². Which of your two arrays holds the values of the tanh?",
            edits={"hidden**2": "(x @ w1.T + b1) ** 2"},
        ),
        Misconception(
            id="biases-summed-to-a-number",
            name="the gradient of each bias is summed up to a single number",
            hint="A gradient has the shape of what it is for. Over which axis should the sum go, and which should "
            "stay?",
            edits={
                "d_sums.sum(axis=0)": "d_sums.sum()",
                "d_outputs.sum(axis=0)": "d_outputs.sum()",
            },
        ),
        Misconception(
            id="batch-axis-kept",
            name="the gradients of the biases keep an axis of length 1 for the batch",
            hint="A gradient has the shape of what it is for. What is the shape of b1, and what is that of your sum?",
            edits={
                "d_sums.sum(axis=0)": "d_sums.sum(axis=0, keepdims=True)",
                "d_outputs.sum(axis=0)": "d_outputs.sum(axis=0, keepdims=True)",
            },
        ),
        Misconception(
            id="bias-summed-over-units",
            name="the gradients of the biases are summed over the units instead of over the batch",
            hint="d_sums is (batch, hidden). Which of the two does b1 have, and which must disappear?",
            edits={
                "d_sums.sum(axis=0)": "d_sums.sum(axis=1)",
                "d_outputs.sum(axis=0)": "d_outputs.sum(axis=1)",
            },
        ),
        Misconception(
            id="bias-not-summed",
            name="the gradients of the biases are not summed over the batch",
            hint="Every example pulls at the same bias. A gradient has the shape of what it is for: what happens to "
            "the batch?",
            edits={
                "d_sums.sum(axis=0)": "d_sums",
                "d_outputs.sum(axis=0)": "d_outputs",
            },
        ),
        Misconception(
            id="no-second-bias",
            name="the second bias is left out on the way forward",
            hint="Before gradients come values. Compare your outputs with the formula, term by term: is one missing?",
            edits={" + b2": ""},
        ),
        Misconception(
            id="no-tanh",
            name="the tanh is left out on the way forward",
            hint="Before gradients come values. Compare your hidden layer with the formula: which function is missing?",
            edits={"np.tanh(x @ w1.T + b1)": "x @ w1.T + b1"},
        ),
        Misconception(
            id="tanh-on-the-outputs-and-back",
            name="the outputs go through a tanh, forwards and backwards",
            hint="The outputs can be any number. Does the formula have a tanh after the second layer?",
            edits={
                "hidden @ w2.T + b2": "np.tanh(hidden @ w2.T + b2)",
                "/ outputs.size": "/ outputs.size * (1 - outputs**2)",
            },
        ),
        Misconception(
            id="layers-inputs-swapped",
            name="x and hidden are swapped in the gradients of the weights",
            hint="The gradient of a weight is what came in times what comes back. What comes into the first layer, "
            "and what into the second?",
            edits={
                "d_sums.T @ x": "d_sums.T @ hidden",
                "d_outputs.T @ hidden": "d_outputs.T @ x",
            },
        ),
        Misconception(
            id="first-layer-open",
            name="the second layer is right, and the first layer's gradients are still 0",
            hint="Half of the way is done. What reaches the hidden layer from d_outputs, and what does the tanh make "
            "of it?",
            edits={
                "d_sums.T @ x": "0 * w1",
                "d_sums.sum(axis=0)": "0 * b1",
            },
        ),
        Misconception(
            id="a-tuple",
            name="the gradients come back as a tuple instead of a dictionary",
            hint="The training loop asks for the gradient of each weight by its name. What does the docstring say "
            "that comes back?",
            answer=mlp_gradients_as_a_tuple,
        ),
        Misconception(
            id="names-with-a-d",
            name="the keys of the dictionary have a d in front",
            hint="The caller looks under the names of the weights themselves. Which four keys does the docstring name?",
            edits={
                '"w1":': '"dw1":',
                '"b1":': '"db1":',
                '"w2":': '"dw2":',
                '"b2":': '"db2":',
            },
        ),
        Misconception(
            id="biases-swapped",
            name="the gradients of the two biases are swapped",
            hint="A gradient has the shape of what it is for. How long is b1, and how long is what you return for it?",
            edits={
                '"b1": d_sums': '"b2": d_sums',
                '"b2": d_outputs': '"b1": d_outputs',
            },
        ),
        Misconception(
            id="step-taken",
            name="a step is taken: the weights that were handed in are changed",
            hint="The training loop takes the step itself, after you have answered. Which line writes into w1?",
            answer=mlp_gradients_with_a_step,
        ),
        Misconception(
            id="last-example-only",
            name="only the last example counts: each gradient is overwritten, not added to",
            hint="Every example has its part in a gradient. In a loop, is it `=` or `+=`?",
            edits={"/ outputs.size": "/ outputs.size\n    d_outputs[:-1] = 0"},
        ),
        Misconception(
            id="softmax-for-squares",
            name="the error is that of a softmax with cross-entropy",
            hint="There the derivative is probabilities minus truth. What is it for the mean of (outputs − targets)²: "
            "is there a softmax?",
            edits={
                "2 * (outputs - targets) / outputs.size": (
                    "(np.exp(outputs) / np.exp(outputs).sum(axis=1, keepdims=True) - targets) / len(outputs)"
                ),
            },
        ),
        Misconception(
            id="first-target-only",
            name="every output is compared with the first target",
            hint="targets is (batch, output), as outputs is. Which index picks only one column of it?",
            edits={"- targets)": "- targets[:, :1])"},
        ),
        Misconception(
            id="derivative-of-relu",
            name="the derivative of a ReLU, 1 above 0 and else 0, stands where that of tanh should be",
            hint="A ReLU is open or shut. How steep is tanh where its value is 0, and where it is near 1?",
            edits={
                "(1 - hidden**2)": "(hidden > 0)",
            },
        ),
        Misconception(
            id="divided-once-more",
            name="every gradient is divided by the batch once more",
            hint=(
                "The mean is in the loss already: outputs.size holds the batch. How often do you divide by "
                "it?"
            ),
            edits={
                "/ outputs.size": "/ outputs.size / len(x)",
            },
        ),
    ),
)

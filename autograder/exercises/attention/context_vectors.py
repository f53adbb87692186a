"""`context_vectors`: For every query the average of the values, weighted as it looks at them."""

import torch

from autograder import probes
from autograder.draw import normal
from autograder.exercise import Exercise, Misconception


def context_inputs(rng):
    """Batch 2, query 1 or 3, key 5, hidden 7; once as many queries as keys, so that the weights are square.

    A batch of one, once with one query; a query that looks nowhere; once all is float64.
    """

    def case(query, batch=2, key=5):
        return {"weights": normal(rng, batch, query, key).softmax(dim=-1), "values": normal(rng, batch, key, 7)}

    nowhere, doubles = case(3), {name: value.double() for name, value in case(3).items()}
    nowhere["weights"][1, 2] = 0.0
    return {
        "one query": [case(1), case(1, batch=1, key=2)],
        "several queries": [case(3), case(5), case(3, batch=1), nowhere, doubles],
    }


def context_einsum(weights, values):
    return torch.einsum("bqk,bkh->bqh", weights, values)


def context_loop(weights, values):
    contexts = values.new_zeros(weights.shape[0], weights.shape[1], values.shape[2])
    for k in range(values.shape[1]):
        contexts = contexts + weights[:, :, k, None] * values[:, None, k]
    return contexts


def context_broadcast(weights, values):
    return (weights.unsqueeze(-1) * values.unsqueeze(1)).sum(dim=2)


CONTEXT_VECTORS = Exercise(
    solves="unrolled.attention.context_vectors",
    groups={"one query": 0.5, "several queries": 0.5},
    inputs=context_inputs,
    probe=probes.differentiate,
    accepts=(context_einsum, context_loop, context_broadcast),
    misconceptions=(
        Misconception(
            id="weights-transposed",
            name="the weights are transposed",
            hint="Row i of the weights belongs to query i. Does row i of yours add up to 1?",
            edits={"weights @": "weights.transpose(1, 2) @"},
        ),
        Misconception(
            id="summed-over-queries",
            name="the sum runs over the queries instead of the keys",
            hint="Each query should get one vector. Which axis should vanish in the sum?",
            edits={"weights @ values": "(weights[..., None] * values[:, None]).sum(dim=1)"},
        ),
        Misconception(
            id="mean-again",
            name="the weighted sum is divided by the number of keys",
            hint="The weights add up to 1 already. Is there anything left to divide by?",
            edits={"weights @ values": "weights @ values / values.shape[1]"},
        ),
        Misconception(
            id="unweighted",
            name="the values are averaged without the weights",
            hint="Then every query gets the same. What do the weights say?",
            edits={"weights @ values": "values.mean(dim=1, keepdim=True) + 0 * (weights @ values)"},
        ),
        Misconception(
            id="only-the-heaviest",
            name="only the value with the largest weight is taken",
            hint="That is hard attention (Xu et al., 2015), which has no gradient for the weights. How can all values "
            "have their share?",
            edits={
                "weights @ values": (
                    "torch.nn.functional.one_hot(weights.argmax(-1), weights.shape[-1]).to(values.dtype) @ values"
                )
            },
        ),
        Misconception(
            id="softmax-again",
            name="a softmax is applied to weights that are weights already",
            hint="The weights come out of a softmax. What does a second one do to them?",
            edits={"weights @": "weights.softmax(dim=-1) @"},
        ),
        Misconception(
            id="neighbours-weights",
            name="every sentence is weighed with the weights of the first",
            hint="Each sentence of the batch has weights of its own. Which axis of yours is the batch?",
            edits={"weights @": "weights[:1] @"},
        ),
        Misconception(
            id="weights-detached",
            name="the weights are detached",
            hint="The values come out right, but how shall the network learn where to look?",
            edits={"weights @": "weights.detach() @"},
        ),
        Misconception(
            id="divided-by-their-sum",
            name="the weights are divided by their sum once more",
            hint="They add up to 1 already, but for a row that may look nowhere: what is 0 / 0?",
            edits={
                "weights @": "(weights / weights.sum(dim=-1, keepdim=True)) @",
            },
        ),
        Misconception(
            id="values-transposed",
            name="the values are transposed, as the keys are for scores",
            hint="The keys' axis must vanish, the features must stay. Which axis of the values meets the last one of "
            "the weights?",
            edits={
                "@ values": "@ values.transpose(1, 2)",
            },
        ),
        Misconception(
            id="elementwise",
            name="weights and values are multiplied number by number",
            hint="`*` multiplies what stands in the same place. Which sign makes a matrix product?",
            edits={
                "weights @ values": "weights * values",
            },
        ),
        Misconception(
            id="factors-swapped",
            name="the factors of the product stand in the wrong order",
            hint="(batch, query, key) and (batch, key, hidden): which two axes must stand side by side?",
            edits={
                "weights @ values": "values @ weights",
            },
        ),
        Misconception(
            id="squeezed",
            name="all axes of size 1 are squeezed away",
            hint="`squeeze()` without an axis throws away every axis of size 1: what if the batch holds one "
            "sentence, or the sentence one word?",
            edits={
                "weights @ values": "(weights @ values).squeeze()",
            },
        ),
        Misconception(
            id="query-axis-dropped",
            name="the axis of the queries is dropped where there is one query",
            hint="The decoder wants one vector, but you promise (batch, query, hidden). Who should take the axis away?",
            edits={
                "weights @ values": "(weights @ values).squeeze(1)",
            },
        ),
        Misconception(
            id="first-query-only",
            name="only the first query gets a context",
            hint="Which index do you fix at 0 that should run over the queries?",
            edits={
                "weights @": "weights[:, :1] @",
            },
        ),
        Misconception(
            id="first-sentence-values",
            name="the values of the first sentence are averaged for every sentence",
            hint="Each sentence of the batch has values of its own. Which axis of yours is the batch?",
            edits={
                "@ values": "@ values[:1]",
            },
        ),
        Misconception(
            id="values-reshaped",
            name="the axes of the values are swapped by a reshape and swapped back",
            hint="`reshape` and `view` read the numbers in the same order: they land in other rows. Do the values "
            "need any change at all?",
            edits={
                "@ values": "@ values.reshape(values.shape[0], values.shape[2], values.shape[1]).transpose(1, 2)",
            },
        ),
        Misconception(
            id="values-detached",
            name="no gradient reaches the values",
            hint="The values are right, but what does not get a gradient does not learn. Where do you cut it off "
            "(`.detach()`, `.data`, `no_grad`)?",
            edits={
                "@ values": "@ values.detach()",
            },
        ),
        Misconception(
            id="cut-off",
            name="the result is cut off from everything it was made of",
            hint="The values are right, but nothing would learn. Which line makes plain numbers of tensors "
            "(`.item()`, `.detach()`, `torch.tensor(…)`)?",
            edits={
                "weights @ values": "(weights @ values).detach()",
            },
        ),
        Misconception(
            id="batch-added-up",
            name="the contexts of all sentences are added up",
            hint="Is the letter of the batch on the right of your einsum's arrow, too?",
            edits={
                "weights @ values": "(weights @ values).sum(dim=0, keepdim=True).expand(len(weights), -1, -1)",
            },
        ),
        Misconception(
            id="output-transposed",
            name="the features come before the queries in the result",
            hint="The promise is (batch, query, hidden). Which of your last two axes is which?",
            edits={
                "weights @ values": "(weights @ values).transpose(1, 2)",
            },
        ),
        Misconception(
            id="torch-mm",
            name="`torch.mm` is called, which takes two single matrices",
            hint="Here is a whole batch. Which product takes batches of matrices?",
            edits={
                "weights @ values": "torch.mm(weights, values)",
            },
        ),
        Misconception(
            id="torch-dot",
            name="`torch.dot` is called, which takes two single vectors",
            hint="Here are whole batches of matrices. Which product takes them?",
            edits={
                "weights @ values": "torch.dot(weights, values)",
            },
        ),
        Misconception(
            id="last-key-lost",
            name="the last key has no share",
            hint="How far does your loop or slice run? How many keys are there?",
            edits={
                "weights @ values": "weights[..., :-1] @ values[:, :-1]",
            },
        ),
        Misconception(
            id="first-key-lost",
            name="the first key has no share",
            hint="Where does your loop or slice begin? Which index has the first key?",
            edits={
                "weights @ values": "weights[..., 1:] @ values[:, 1:]",
            },
        ),
        Misconception(
            id="largest-share",
            name="the largest weighted value is taken instead of the sum",
            hint="An average adds up. Which function do you call on the weighted values?",
            edits={
                "weights @ values": "(weights[..., None] * values[:, None]).amax(dim=2)",
            },
        ),
        Misconception(
            id="small-weights-dropped",
            name="small weights are dropped",
            hint="All values have their share, however small. Who says that a small weight may go?",
            edits={
                "weights @": "(weights * (weights >= 0.1)) @",
            },
        ),
        Misconception(
            id="always-float32",
            name="the result is float32 whatever the inputs are",
            hint="`torch.zeros(…)` is float32 unless told otherwise. Whose dtype should it have?",
            edits={
                "weights @ values": "(weights @ values).float()",
            },
        ),
        Misconception(
            id="not-added-up",
            name="the weighted values are not added up",
            hint="An average is one vector for each query. Over which axis must the weighted values be summed?",
            edits={
                "weights @ values": "weights[..., None] * values[:, None]",
            },
        ),
        Misconception(
            id="first-query-for-all",
            name="every query gets the context of the first",
            hint="Each query has weights of its own. Which index of yours takes one row of them only?",
            edits={
                "weights @ values": "(weights[:, :1] @ values).expand(-1, weights.shape[1], -1)",
            },
        ),
        Misconception(
            id="values-of-all-sentences",
            name="the values of all sentences are added up",
            hint="A query looks at its own sentence only. Which letters of your einsum should be one and the same batch?",
            edits={
                "weights @ values": "weights @ values.sum(dim=0)",
            },
        ),
    ),
)

"""`context_vectors`: For every query the average of the values, weighted as it looks at them."""

import torch

from autograder import probes
from autograder.draw import normal
from autograder.exercise import Exercise, Misconception


def context_inputs(rng):
    """Batch 2, query 1 or 3, key 5, hidden 7; once as many queries as keys, so that the weights are square."""

    def case(query):
        return {"weights": normal(rng, 2, query, 5).softmax(dim=-1), "values": normal(rng, 2, 5, 7)}

    return {"one query": [case(1)], "several queries": [case(3), case(5)]}


def context_einsum(weights, values):
    return torch.einsum("bqk,bkh->bqh", weights, values)


def context_loop(weights, values):
    contexts = torch.zeros(weights.shape[0], weights.shape[1], values.shape[2])
    for k in range(values.shape[1]):
        contexts = contexts + weights[:, :, k, None] * values[:, None, k]
    return contexts


def context_broadcast(weights, values):
    return (weights.unsqueeze(-1) * values.unsqueeze(1)).sum(dim=2)


CONTEXT_VECTORS = Exercise(
    solves="unrolled.attention.context_vectors",
    groups={"one query": 1, "several queries": 1},
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
    ),
)

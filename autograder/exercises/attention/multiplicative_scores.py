"""`multiplicative_scores`: qᵀ W k for every query and every key ("general"), or qᵀ k if there is no weight ("dot")."""

import torch

from autograder import probes
from autograder.draw import normal
from autograder.exercise import Exercise, Misconception


def multiplicative_inputs(rng):
    """Batch 2, query 3, key 5, hidden_q 7, hidden_k 11; once both are 7, so that the weight is square."""

    def case(hidden_q, hidden_k, general):
        inputs = {"query": normal(rng, 2, 3, hidden_q), "key": normal(rng, 2, 5, hidden_k)}
        return {**inputs, "weight": normal(rng, hidden_q, hidden_k, scale=0.5)} if general else inputs

    return {"dot": [case(7, 7, False)], "general": [case(7, 11, True), case(7, 7, True)]}


def multiplicative_with_einsum(query, key, weight=None):
    if weight is None:
        return torch.einsum("bqd,bkd->bqk", query, key)
    return torch.einsum("bqi,ij,bkj->bqk", query, weight, key)


def multiplicative_projected_keys(query, key, weight=None):
    keys = key if weight is None else key @ weight.T
    return torch.bmm(query, keys.transpose(-1, -2))


def multiplicative_pair_by_pair(query, key, weight=None):
    weight = torch.eye(query.shape[-1]) if weight is None else weight
    return torch.stack([torch.stack([q @ weight @ k.T for q in qs]) for qs, k in zip(query, key, strict=True)])


MULTIPLICATIVE_SCORES = Exercise(
    solves="unrolled.attention.multiplicative_scores",
    groups={"dot": 1, "general": 1},
    inputs=multiplicative_inputs,
    probe=probes.differentiate,
    accepts=(multiplicative_with_einsum, multiplicative_projected_keys, multiplicative_pair_by_pair),
    misconceptions=(
        Misconception(
            id="weight-ignored",
            name="the weight is not used",
            hint="What is different between “dot” and “general”? Where does your code ask whether there is a weight?",
            edits={"if weight is not None": "if False"},
        ),
        Misconception(
            id="weight-transposed",
            name="the weight is transposed",
            hint="weight is (hidden_q, hidden_k): its rows belong to the query. On which side does it meet the query?",
            edits={"query @ weight": "query @ weight.T"},
        ),
        Misconception(
            id="weight-on-both",
            name="both query and key are multiplied by the weight",
            hint="qᵀ W k has one W. How many times does it come in yours?",
            edits={"query = query @ weight": "query, key = query @ weight, key @ weight"},
        ),
        Misconception(
            id="scaled",
            name="the scores are divided by the root of the number of features",
            hint="That is right in the Transformer (chapter 5), and for good reasons. Does Luong's formula have a root?",
            edits={"key.transpose(1, 2)": "key.transpose(1, 2) / key.shape[-1] ** 0.5"},
        ),
        Misconception(
            id="cosine",
            name="query and key are brought to length 1 first",
            hint="That is the cosine, which cannot see how long a vector is. Does the formula divide by any length?",
            edits={
                "return query @ key.transpose(1, 2)": (
                    "query, key = (x / x.norm(dim=-1, keepdim=True) for x in (query, key))\n"
                    "    return query @ key.transpose(1, 2)"
                )
            },
        ),
        Misconception(
            id="keys-first",
            name="the keys come before the queries in the result",
            hint="The promise is (batch, query, key). Which of the two stands on the left of your product?",
            edits={"query @ key.transpose(1, 2)": "key @ query.transpose(1, 2)"},
        ),
        Misconception(
            id="weights-instead-of-scores",
            name="a softmax is applied to the scores",
            hint="Making weights of scores is the job of another function, which also knows the mask. What is yours?",
            edits={"query @ key.transpose(1, 2)": "(query @ key.transpose(1, 2)).softmax(dim=-1)"},
        ),
        Misconception(
            id="tanh",
            name="a tanh is applied to the scores",
            hint="Is there a tanh in Luong's formula, or only in Bahdanau's?",
            edits={"query @ key.transpose(1, 2)": "torch.tanh(query @ key.transpose(1, 2))"},
        ),
    ),
)

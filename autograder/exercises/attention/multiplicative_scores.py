"""`multiplicative_scores`: qᵀ W k for every query and every key ("general"), or qᵀ k if there is no weight ("dot")."""

import torch

from autograder import probes
from autograder.draw import integers, normal
from autograder.exercise import Exercise, Misconception


def multiplicative_inputs(rng):
    """Batch 2, query 3, key 5, hidden_q 7, hidden_k 11; once both are 7, so that the weight is square.

    A batch of one query and one key; a weight that adds up to 0; once everything is float64.
    """

    def case(hidden_q, hidden_k, general=False, batch=2, query=3, key=5):
        inputs = {"query": normal(rng, batch, query, hidden_q), "key": normal(rng, batch, key, hidden_k)}
        return {**inputs, "weight": normal(rng, hidden_q, hidden_k, scale=0.5)} if general else inputs

    doubles = {name: value.double() for name, value in case(7, 11, True).items()}
    whole = integers(rng, -3, 4, 7, 7).float()
    zero_sum = {**case(7, 7), "weight": (whole - whole.T) / 4}
    single = {"batch": 1, "query": 1, "key": 1}
    return {
        "dot": [case(7, 7), case(7, 7, **single)],
        "general": [
            case(7, 11, True),
            case(7, 7, True),
            zero_sum,
            case(7, 11, True, **single),
            doubles,
        ],
    }


def multiplicative_with_einsum(query, key, weight=None):
    if weight is None:
        return torch.einsum("bqd,bkd->bqk", query, key)
    return torch.einsum("bqi,ij,bkj->bqk", query, weight, key)


def multiplicative_projected_keys(query, key, weight=None):
    keys = key if weight is None else key @ weight.T
    return torch.bmm(query, keys.transpose(-1, -2))


def multiplicative_pair_by_pair(query, key, weight=None):
    weight = torch.eye(query.shape[-1], dtype=query.dtype) if weight is None else weight
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
        Misconception(
            id="truth-of-the-weight",
            name="a whole matrix is asked whether it is true",
            hint="`if weight` asks for the truth of all its numbers at once. How do you ask only whether there is a "
            "weight?",
            edits={
                "if weight is not None": "if weight",
            },
        ),
        Misconception(
            id="condition-inverted",
            name="the weight is used when there is none",
            hint="Read your `if` aloud: in which case is there something to multiply with?",
            edits={
                "if weight is not None": "if weight is None",
            },
        ),
        Misconception(
            id="zero-sum-is-none",
            name="a weight that adds up to 0 counts as none",
            hint="Do you ask whether there is a weight, or what its numbers add up to?",
            edits={
                "if weight is not None": "if weight is not None and weight.sum() != 0",
            },
        ),
        Misconception(
            id="key-reshaped",
            name="the keys are reshaped instead of transposed",
            hint="`reshape` and `view` read the numbers in the same order: the features of one key land in several "
            "columns. What makes a column of a row?",
            edits={
                "key.transpose(1, 2)": "key.reshape(key.shape[0], key.shape[2], key.shape[1])",
            },
        ),
        Misconception(
            id="key-T",
            name="`key.T` turns the batch around with the other two axes",
            hint="`.T` reverses all axes. Which two should change places, and which should stay?",
            edits={
                "key.transpose(1, 2)": "key.permute(2, 1, 0)",
            },
        ),
        Misconception(
            id="weight-elementwise",
            name="the weight is multiplied in number by number",
            hint="`*` multiplies what stands in the same place. Which sign makes a matrix product?",
            edits={
                "query @ weight": "query * weight",
            },
        ),
        Misconception(
            id="weight-on-the-keys",
            name="the keys are multiplied by the weight as the query should be",
            hint="The rows of the weight belong to the query. Which of the two ends in hidden_q features?",
            edits={
                "query = query @ weight": "key = key @ weight",
            },
        ),
        Misconception(
            id="mean",
            name="the mean of the products is taken instead of their sum",
            hint="A dot product adds up. By what do you divide?",
            edits={
                "key.transpose(1, 2)": "key.transpose(1, 2) / key.shape[-1]",
            },
        ),
        Misconception(
            id="same-place-only",
            name="query i meets only key i",
            hint="Every query should meet every key. Which product pairs them all?",
            edits={
                "query @ key.transpose(1, 2)": "(query * key).sum(dim=-1)",
            },
        ),
        Misconception(
            id="dot-added",
            name="the dot product is added to the general score",
            hint="With a weight there is one product, with it in the middle. Which sum do you make?",
            edits={
                "if weight is not None:\n        query = query @ weight\n    return query @ key.transpose(1, 2)": "scores = query @ key.transpose(1, 2)\n    return scores if weight is None else scores + query @ weight @ key.transpose(1, 2)",
            },
        ),
        Misconception(
            id="nothing-without-a-weight",
            name="nothing is returned when there is no weight",
            hint="Follow both paths of your `if`. Where does each of them end?",
            edits={
                "    return query": "        return query",
            },
        ),
        Misconception(
            id="weight-detached",
            name="no gradient reaches the weight",
            hint="The values are right, but what does not get a gradient does not learn. Where do you cut it off "
            "(`.detach()`, `.data`, `no_grad`)?",
            edits={
                "query @ weight": "query @ weight.detach()",
            },
        ),
        Misconception(
            id="cut-off",
            name="the result is cut off from everything it was made of",
            hint="The values are right, but nothing would learn. Which line makes plain numbers of tensors "
            "(`.item()`, `.detach()`, `torch.tensor(…)`)?",
            edits={
                "query @ key.transpose(1, 2)": "(query @ key.transpose(1, 2)).detach()",
            },
        ),
        Misconception(
            id="first-sentence-keys",
            name="every sentence is scored against the keys of the first",
            hint="Each sentence of the batch has keys of its own. Which axis of yours is the batch?",
            edits={
                "key.transpose": "key[:1].transpose",
            },
        ),
        Misconception(
            id="squeezed",
            name="all axes of size 1 are squeezed away",
            hint="`squeeze()` without an axis throws away every axis of size 1: what if the batch holds one "
            "sentence, or the sentence one word?",
            edits={
                "query @ key.transpose(1, 2)": "(query @ key.transpose(1, 2)).squeeze()",
            },
        ),
        Misconception(
            id="keys-of-all-sentences",
            name="every query meets the keys of all sentences",
            hint="The result has more columns than a sentence has keys. Where do you join batch and key to one axis?",
            edits={
                "query @ key.transpose(1, 2)": "query @ key.flatten(0, 1).T",
            },
        ),
        Misconception(
            id="weight-called",
            name="the weight is called as if it were a layer",
            hint="A tensor is not a function. How are two tensors multiplied?",
            edits={
                "query @ weight": "weight(query)",
            },
        ),
        Misconception(
            id="torch-dot",
            name="`torch.dot` is called, which takes two single vectors",
            hint="Here are many queries and many keys at once. Which product takes whole batches of matrices?",
            edits={
                "query @ key.transpose(1, 2)": "torch.dot(query, key.transpose(1, 2))",
            },
        ),
        Misconception(
            id="absolute",
            name="the scores have lost their sign",
            hint="What does a negative score say? Which line makes it positive?",
            edits={
                "query @ key.transpose(1, 2)": "(query @ key.transpose(1, 2)).abs()",
            },
        ),
        Misconception(
            id="symmetric",
            name="only the symmetric part of the weight counts",
            hint="(W + Wᵀ) / 2 is another matrix. Who asks for it?",
            edits={
                "query @ weight": "query @ ((weight + weight.T) / 2)",
            },
        ),
        Misconception(
            id="tanh-of-the-projection",
            name="a tanh is applied to the projected query",
            hint="Is there a tanh in Luong's formula, or only in Bahdanau's?",
            edits={
                "query @ weight": "torch.tanh(query @ weight)",
            },
        ),
        Misconception(
            id="scores-added-over-sentences",
            name="each query is compared with the keys of all sentences, and these scores are added up",
            hint="A query looks at its own sentence only. Which two axes of your product should be one and the same "
            "batch?",
            edits={
                "query @ key.transpose(1, 2)": 'torch.einsum("bqd,ckd->bqk", query, key)',
            },
        ),
    ),
)

"""`additive_scores`: v · tanh(W_q q + W_k k) for every query and every key: how well the two match."""

import torch
import torch.nn.functional as F

from autograder import probes
from autograder.draw import normal
from autograder.exercise import Exercise, Misconception


def additive_inputs(rng):
    """Batch 2, query 1 or 3, key 5, hidden_q 7, hidden_k 11, attention 13; once all three sizes are 7.

    A batch of one sentence, once with a single key; once everything is float64.
    """

    def case(query, hidden_q=7, hidden_k=11, attention=13, batch=2, key=5):
        return {
            "query": normal(rng, batch, query, hidden_q, scale=0.7),
            "key": normal(rng, batch, key, hidden_k, scale=0.7),
            "w_query": normal(rng, attention, hidden_q, scale=0.4),
            "w_key": normal(rng, attention, hidden_k, scale=0.4),
            "v": normal(rng, attention),
        }

    doubles = {name: value.double() for name, value in case(3).items()}
    return {
        "one query": [case(1), case(1, 7, 7, 7), case(1, batch=1, key=1)],
        "several queries": [case(3), case(3, 7, 7, 7), case(3, batch=1), doubles],
    }


def additive_with_einsum(query, key, w_query, w_key, v):
    left, right = torch.einsum("bqi,ai->bqa", query, w_query), torch.einsum("bki,ai->bka", key, w_key)
    return torch.einsum("bqka,a->bqk", torch.tanh(left.unsqueeze(2) + right.unsqueeze(1)), v)


def additive_by_query(query, key, w_query, w_key, v):
    keys = F.linear(key, w_key)
    rows = [torch.tanh(keys + F.linear(query[:, i : i + 1], w_query)) @ v for i in range(query.shape[1])]
    return torch.stack(rows, dim=1)


def additive_with_one_matrix(query, key, w_query, w_key, v):
    q, k = query.shape[1], key.shape[1]
    pairs = torch.cat([query[:, :, None].expand(-1, -1, k, -1), key[:, None].expand(-1, q, -1, -1)], dim=-1)
    return (torch.tanh(pairs @ torch.cat([w_query, w_key], dim=1).T) * v).sum(-1)


ADDITIVE_SCORES = Exercise(
    solves="unrolled.attention.additive_scores",
    groups={"one query": 1, "several queries": 2},
    inputs=additive_inputs,
    probe=probes.differentiate,
    accepts=(additive_with_einsum, additive_by_query, additive_with_one_matrix),
    misconceptions=(
        Misconception(
            id="query-not-projected",
            name="the query is not projected",
            hint="There are two matrices in the formula, one for each side. Which of them do you never use?",
            edits={"(query @ w_query.T)": "query"},
        ),
        Misconception(
            id="key-not-projected",
            name="the keys are not projected",
            hint="There are two matrices in the formula, one for each side. Which of them do you never use?",
            edits={"(key @ w_key.T)": "key"},
        ),
        Misconception(
            id="query-left-out",
            name="the query plays no part",
            hint="Then every query gets the same scores: where does the decoder say what it is looking for?",
            edits={"(query @ w_query.T)": "0 * (query @ w_query.T)"},
        ),
        Misconception(
            id="query-matrix-not-transposed",
            name="w_query is not transposed",
            hint="w_query is (attention, hidden_q), and query ends in hidden_q. Which axes must stand side by side?",
            edits={"w_query.T": "w_query"},
        ),
        Misconception(
            id="matrices-swapped",
            name="the two matrices are swapped",
            hint="Which matrix has as many columns as a query has features, and which as a key?",
            edits={"query @ w_query.T": "query @ w_key.T", "key @ w_key.T": "key @ w_query.T"},
        ),
        Misconception(
            id="no-tanh",
            name="the tanh is missing",
            hint="Without it the score is a part from the query plus a part from the key. Could a softmax over the keys "
            "still see the query?",
            edits={"torch.tanh(joined)": "joined"},
        ),
        Misconception(
            id="tanh-of-each-part",
            name="the tanh is taken of each part before they are added",
            hint="tanh(a) + tanh(b) never lets the two meet. What comes first, the sum or the tanh?",
            edits={
                "(query @ w_query.T)": "torch.tanh(query @ w_query.T)",
                "(key @ w_key.T)": "torch.tanh(key @ w_key.T)",
                "torch.tanh(joined)": "joined",
            },
        ),
        Misconception(
            id="v-left-out",
            name="the features are added up without v",
            hint="Which vector says how much each of the features counts?",
            edits={"torch.tanh(joined) @ v": "torch.tanh(joined).sum(dim=-1)"},
        ),
        Misconception(
            id="multiplied",
            name="the two parts are multiplied instead of added",
            hint="That would be a multiplicative score, which comes next. What does the word additive say?",
            edits={"[:, :, None] + ": "[:, :, None] * "},
        ),
        Misconception(
            id="no-new-axes",
            name="query and keys are added without new axes",
            hint="Every query should meet every key. Which axis of size 1 does each side need, so that adding pairs them all?",
            edits={"[:, :, None]": "", "(key @ w_key.T)[:, None]": "(key @ w_key.T)"},
        ),
        Misconception(
            id="keys-first",
            name="the keys come before the queries in the result",
            hint="The promise is (batch, query, key). Where does each of your two new axes of size 1 stand?",
            edits={"[:, :, None]": "[:, None]", "(key @ w_key.T)[:, None]": "(key @ w_key.T)[:, :, None]"},
        ),
        Misconception(
            id="weights-instead-of-scores",
            name="a softmax is applied to the scores",
            hint="Making weights of scores is the job of another function, which also knows the mask. What is yours?",
            edits={"torch.tanh(joined) @ v": "(torch.tanh(joined) @ v).softmax(dim=-1)"},
        ),
        Misconception(
            id="sigmoid",
            name="a sigmoid stands where the tanh should be",
            hint="One of the two runs from 0 to 1, the other from −1 to 1. Which does the formula name?",
            edits={
                "torch.tanh(": "torch.sigmoid(",
            },
        ),
        Misconception(
            id="relu",
            name="a ReLU stands where the tanh should be",
            hint="Which function does the formula name?",
            edits={
                "torch.tanh(": "torch.relu(",
            },
        ),
        Misconception(
            id="matrices-reshaped",
            name="the matrices are reshaped instead of transposed",
            hint="`reshape` and `view` read the numbers in the same order and only cut the rows elsewhere. What "
            "makes a column of a row?",
            edits={
                "w_query.T": "w_query.reshape(w_query.shape[1], -1)",
                "w_key.T": "w_key.reshape(w_key.shape[1], -1)",
            },
        ),
        Misconception(
            id="mean-over-the-features",
            name="the mean over the features is taken instead of their sum",
            hint="v · tanh(…) is a dot product. Does it divide by the number of features?",
            edits={
                "torch.tanh(joined) @ v": "(torch.tanh(joined) * v).mean(dim=-1)",
            },
        ),
        Misconception(
            id="v-inside-the-tanh",
            name="v is multiplied in before the tanh is taken",
            hint="Then no score can be larger than the number of features, whatever v says. Does v stand inside or "
            "outside tanh(…)?",
            edits={
                "torch.tanh(joined) @ v": "torch.tanh(joined * v).sum(dim=-1)",
            },
        ),
        Misconception(
            id="tanh-of-the-score",
            name="the tanh is taken of the whole score",
            hint="Then no score can leave −1 … 1. What stands inside tanh(…) in the formula: features, or the "
            "finished score?",
            edits={
                "torch.tanh(joined) @ v": "torch.tanh(joined @ v)",
            },
        ),
        Misconception(
            id="scaled",
            name="the scores are divided by the root of the number of features",
            hint="That belongs to another kind of score (chapter 5). Is there a root in Bahdanau's formula?",
            edits={
                "torch.tanh(joined) @ v": "torch.tanh(joined) @ v / v.shape[0] ** 0.5",
            },
        ),
        Misconception(
            id="subtracted",
            name="the key's part is subtracted from the query's instead of added",
            hint="Which sign stands between the two parts in the formula?",
            edits={
                "[:, :, None] + ": "[:, :, None] - ",
            },
        ),
        Misconception(
            id="squeezed",
            name="all axes of size 1 are squeezed away",
            hint="`squeeze()` without an axis throws away every axis of size 1: what if the batch holds one "
            "sentence, or the sentence one word?",
            edits={
                "torch.tanh(joined) @ v": "(torch.tanh(joined) @ v).squeeze()",
            },
        ),
        Misconception(
            id="axis-left-over",
            name="the result keeps an axis of size 1 at its end",
            hint="A column of shape (attention, 1) leaves its 1 behind. Which axes does the signature promise?",
            edits={
                "torch.tanh(joined) @ v": "torch.tanh(joined) @ v[:, None]",
            },
        ),
        Misconception(
            id="first-query-for-all",
            name="every query gets the scores of the first",
            hint="Which index do you fix at 0 that should run over the queries?",
            edits={
                "torch.tanh(joined) @ v": "(torch.tanh(joined) @ v)[:, :1].expand(-1, query.shape[1], -1)",
            },
        ),
        Misconception(
            id="first-sentence-only",
            name="only the first sentence of the batch is scored",
            hint="Does your loop reach the second sentence, or does a `return` stand inside it?",
            edits={
                "torch.tanh(joined) @ v": "(torch.tanh(joined) @ v)[:1]",
            },
        ),
        Misconception(
            id="summed-over-the-keys",
            name="the sum runs over the keys instead of the features",
            hint="A score is one number for each pair of query and key. Over which axis does v · tanh(…) add up?",
            edits={
                "torch.tanh(joined) @ v": "(torch.tanh(joined) * v).sum(dim=2)",
            },
        ),
        Misconception(
            id="as-many-keys-as-queries",
            name="only as many keys are scored as there are queries, and the others get 0",
            hint="There are two loops or two axes here. How far does each of them run?",
            edits={
                "torch.tanh(joined) @ v": "(torch.tanh(joined) @ v) * (torch.arange(key.shape[1]) < query.shape[1])",
            },
        ),
        Misconception(
            id="key-axis-in-front",
            name="the new axis of the keys stands in front of the batch",
            hint="`x[None]` puts the axis first, and then the batch meets itself. Which axis of the keys should be "
            "of size 1, so that it meets the queries?",
            edits={
                "(key @ w_key.T)[:, None]": "(key @ w_key.T)[None]",
            },
        ),
        Misconception(
            id="matrices-in-the-other-order",
            name="query and key stand side by side in one order, and their matrices in the other",
            hint="One wide matrix can do the work of two. Which columns of it belong to the query?",
            edits={
                "(query @ w_query.T)[:, :, None] + (key @ w_key.T)[:, None]": "torch.cat([key[:, None].expand(-1, query.shape[1], -1, -1), query[:, :, None].expand(-1, -1, key.shape[1], -1)], dim=-1) @ torch.cat([w_query, w_key], dim=1).T",
            },
        ),
        Misconception(
            id="queries-averaged",
            name="the queries are averaged before they are compared",
            hint="Each query asks for something of its own. Which axis must not vanish?",
            edits={
                "(query @ w_query.T)[:, :, None]": "(query @ w_query.T).mean(dim=1, keepdim=True).expand(-1, query.shape[1], -1)[:, :, None]",
            },
        ),
        Misconception(
            id="keys-detached",
            name="no gradient reaches the keys and their matrix",
            hint="The values are right, but what does not get a gradient does not learn. Where do you cut it off "
            "(`.detach()`, `.data`, `no_grad`)?",
            edits={
                "(key @ w_key.T)": "(key @ w_key.T).detach()",
            },
        ),
        Misconception(
            id="query-detached",
            name="no gradient reaches the query and its matrix",
            hint="The values are right, but what does not get a gradient does not learn. Where do you cut it off "
            "(`.detach()`, `.data`, `no_grad`)?",
            edits={
                "(query @ w_query.T)": "(query @ w_query.T).detach()",
            },
        ),
        Misconception(
            id="cut-off",
            name="the result is cut off from everything it was made of",
            hint="The values are right, but nothing would learn. Which line makes plain numbers of tensors "
            "(`.item()`, `.detach()`, `torch.tensor(…)`)?",
            edits={
                "torch.tanh(joined) @ v": "(torch.tanh(joined) @ v).detach()",
            },
        ),
        Misconception(
            id="always-float32",
            name="the result is float32 whatever the inputs are",
            hint="`torch.zeros(…)` is float32 unless told otherwise. Whose dtype should it have?",
            edits={
                "torch.tanh(joined) @ v": "(torch.tanh(joined) @ v).float()",
            },
        ),
        Misconception(
            id="key-matrix-not-transposed",
            name="w_key is not transposed",
            hint="w_key is (attention, hidden_k), and key ends in hidden_k. Which axes must stand side by side?",
            edits={
                "w_key.T": "w_key",
            },
        ),
        Misconception(
            id="neither-matrix-transposed",
            name="neither of the two matrices is transposed",
            hint="w_query is (attention, hidden_q), and query ends in hidden_q. Which axes must stand side by side?",
            edits={
                "w_query.T": "w_query",
                "w_key.T": "w_key",
            },
        ),
    ),
)

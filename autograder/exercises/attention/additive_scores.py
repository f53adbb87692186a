"""`additive_scores`: v · tanh(W_q q + W_k k) for every query and every key: how well the two match."""

import torch
import torch.nn.functional as F

from autograder import probes
from autograder.draw import normal
from autograder.exercise import Exercise, Misconception


def additive_inputs(rng):
    """Batch 2, query 1 or 3, key 5, hidden_q 7, hidden_k 11, attention 13; once all three sizes are 7."""

    def case(query, hidden_q=7, hidden_k=11, attention=13):
        return {
            "query": normal(rng, 2, query, hidden_q, scale=0.7),
            "key": normal(rng, 2, 5, hidden_k, scale=0.7),
            "w_query": normal(rng, attention, hidden_q, scale=0.4),
            "w_key": normal(rng, attention, hidden_k, scale=0.4),
            "v": normal(rng, attention),
        }

    return {"one query": [case(1), case(1, 7, 7, 7)], "several queries": [case(3), case(3, 7, 7, 7)]}


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
    ),
)

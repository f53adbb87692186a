"""The exercises of chapter 04: scores, weights, contexts, and a decoder that looks before every word."""

import torch
import torch.nn.functional as F
from torch import nn

from autograder import probes
from autograder.draw import integers, normal
from autograder.exercise import Exercise, Misconception
from unrolled.attention import additive_scores, context_vectors, masked_softmax


# --- additive_scores --------------------------------------------------------------------------------------------------
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


# --- multiplicative_scores --------------------------------------------------------------------------------------------
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


# --- masked_softmax ---------------------------------------------------------------------------------------------------
def masked_softmax_inputs(rng):
    """Batch 2, query 3, key 5; masks of one row a sentence and of one a query; scores that do not saturate."""

    def case(mask):
        return {"scores": normal(rng, 2, 3, 5), "mask": mask}

    by_query = torch.from_numpy(rng.random((2, 3, 5)) < 0.6)
    by_query[..., 0], by_query[..., 3] = True, False
    by_sentence = torch.arange(5) < torch.tensor([4, 2])[:, None, None]
    empty = by_query.clone()
    empty[0, 1] = False
    return {
        "all allowed": [case(torch.ones(2, 3, 5, dtype=torch.bool))],
        "some forbidden": [case(by_query), case(by_sentence)],
        "nothing allowed": [case(empty), case(torch.arange(5) < torch.tensor([0, 3])[:, None, None])],
    }


def masked_softmax_by_hand(scores, mask):
    weights = torch.exp(scores - scores.max(dim=-1, keepdim=True).values) * mask
    return weights / weights.sum(dim=-1, keepdim=True).clamp(min=1e-30)


def masked_softmax_nan_to_num(scores, mask):
    return torch.where(mask, scores, float("-inf")).softmax(-1).nan_to_num(0.0)


def masked_softmax_large_number(scores, mask):
    return torch.softmax(scores - 1e9 * mask.logical_not(), dim=2) * mask


def masked_softmax_row_by_row(scores, mask):
    mask = mask.expand_as(scores)
    weights = torch.zeros_like(scores)
    for i in range(scores.shape[0]):
        for j in range(scores.shape[1]):
            weights[i, j, mask[i, j]] = scores[i, j, mask[i, j]].softmax(dim=0)
    return weights


MASKED_SOFTMAX = Exercise(
    solves="unrolled.attention.masked_softmax",
    groups={"all allowed": 1, "some forbidden": 1, "nothing allowed": 1},
    inputs=masked_softmax_inputs,
    probe=probes.differentiate,
    accepts=(
        masked_softmax_by_hand,
        masked_softmax_nan_to_num,
        masked_softmax_large_number,
        masked_softmax_row_by_row,
    ),
    misconceptions=(
        Misconception(
            id="empty-row-nan",
            name="a row that allows nothing becomes NaN",
            hint="If all scores are −∞, the softmax divides zero by zero. What should such a row be, and how do you get it "
            "without that division?",
            edits={
                "torch.finfo(scores.dtype).min": "-torch.inf",
                ".masked_fill(~mask, 0.0)": "",
            },
        ),
        Misconception(
            id="empty-row-uniform",
            name="a row that allows nothing looks everywhere alike",
            hint="If all scores are equally low, the softmax gives all keys the same weight, forbidden as they are. What "
            "should their weights be?",
            edits={".masked_fill(~mask, 0.0)": ""},
        ),
        Misconception(
            id="mask-after-softmax",
            name="the mask is applied only after the softmax",
            hint="The forbidden weights are 0, but what do the others add up to?",
            edits={".masked_fill(~mask, lowest)": ""},
        ),
        Misconception(
            id="mask-inverted",
            name="the mask is taken the other way round",
            hint="Here True means that one may look (in nn.MultiheadAttention it means the opposite). Which places do "
            "you close?",
            edits={
                "masked_fill(~mask, lowest)": "masked_fill(mask, lowest)",
                "masked_fill(~mask, 0.0)": "masked_fill(mask, 0.0)",
            },
        ),
        Misconception(
            id="mask-ignored",
            name="the mask is not used",
            hint="What should the weight of a forbidden key be? Where in your code does the mask come in?",
            edits={".masked_fill(~mask, lowest)": "", ".masked_fill(~mask, 0.0)": ""},
        ),
        Misconception(
            id="softmax-over-queries",
            name="the softmax runs over the queries",
            hint="Whose weights should add up to 1: those that one query gives to all keys, or those that one key gets?",
            edits={"dim=-1": "dim=-2"},
        ),
        Misconception(
            id="forbidden-scores-zero",
            name="forbidden scores are set to 0, or next to it, before the softmax",
            hint="e⁰ is 1: a score of 0 is an ordinary score, and so is 1e-9. Which score gets no weight?",
            edits={
                "masked_fill(~mask, lowest)": "masked_fill(~mask, 0.0)",
                "softmax(dim=-1).masked_fill(~mask, 0.0)": "softmax(dim=-1)",
            },
        ),
        Misconception(
            id="zero-times-infinity",
            name="the mask is multiplied by −∞",
            hint="What is 0 · (−∞)? Choose between scores instead of multiplying: torch.where or masked_fill.",
            edits={
                "scores.masked_fill(~mask, lowest)": "(scores + (~mask) * -torch.inf)",
            },
        ),
        Misconception(
            id="exponentials-not-divided",
            name="the exponentials are not divided by their sum",
            hint="Do the weights of a query add up to 1?",
            edits={"scores.masked_fill(~mask, lowest).softmax(dim=-1)": "scores.exp()"},
        ),
    ),
)


# --- context_vectors --------------------------------------------------------------------------------------------------
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


# --- AttentionDecoder -------------------------------------------------------------------------------------------------
def attention_decoder_inputs(rng):
    """Batch 2, target 1, 3 and 5, source 7, vocabulary 11, feature 5, hidden 3, attention 2."""

    def case(time, lengths):
        shapes = {
            "embedding.weight": (11, 5),
            "query.weight": (2, 3),
            "key.weight": (2, 3),
            "v": (2,),
            "cell.weight_ih": (9, 8),
            "cell.weight_hh": (9, 3),
            "cell.bias_ih": (9,),
            "cell.bias_hh": (9,),
            "head.weight": (11, 6),
            "head.bias": (11,),
        }
        weights = {name: normal(rng, *shape, scale=0.7) for name, shape in shapes.items()}
        weights["v"] = weights["v"].sign() + weights["v"]  # so that looking here or there makes a difference
        return {
            "sizes": {"vocabulary": 11, "feature": 5, "hidden": 3, "attention": 2},
            "weights": weights,
            "inputs": integers(rng, 0, 11, 2, time),
            "state": normal(rng, 2, 3).tanh(),
            "memory": normal(rng, 2, 7, 3),
            "mask": torch.arange(7) < torch.tensor(lengths)[:, None],
        }

    return {
        "one step": [case(1, [7, 7])],
        "many steps": [case(3, [7, 7]), case(5, [7, 7])],
        "padding": [case(3, [7, 4]), case(5, [2, 6])],
    }


def probe_attention_decoder(answer, inputs):
    """Build the module, load the weights, go forwards and backwards."""
    import torch

    from autograder.probes import differentiate

    names = {name.replace(".", "_"): name for name in inputs["weights"]}

    def forward(inputs_, state, memory, mask, **weights):
        module = answer(**inputs["sizes"])
        loaded = {names[key]: weights[key] for key in names}
        return torch.func.functional_call(module, loaded, (inputs_, state, memory, mask))

    given = {"inputs_": inputs["inputs"], **{name: inputs[name] for name in ("state", "memory", "mask")}}
    return differentiate(forward, {**given, **{key: inputs["weights"][name] for key, name in names.items()}})


class AttentionDecoderBase(nn.Module):
    """What every decoder here is made of."""

    def __init__(self, vocabulary, feature, hidden, attention):
        super().__init__()
        self.embedding = nn.Embedding(vocabulary, feature)
        self.query = nn.Linear(hidden, attention, bias=False)
        self.key = nn.Linear(hidden, attention, bias=False)
        self.v = nn.Parameter(torch.randn(attention))
        self.cell = nn.GRUCell(feature + hidden, hidden)
        self.head = nn.Linear(2 * hidden, vocabulary)


class AttentionDecoderByHand(AttentionDecoderBase):
    """Everything written out, with the keys projected once."""

    def forward(self, inputs, state, memory, mask):
        keys, logits, looks = self.key(memory), [], []
        for t in range(inputs.shape[1]):
            scores = torch.tanh(self.query(state).unsqueeze(1) + keys) @ self.v
            weights = torch.softmax(scores.masked_fill(mask.logical_not(), -torch.inf), dim=1)
            context = torch.einsum("bs,bsh->bh", weights, memory)
            state = self.cell(torch.cat((self.embedding(inputs[:, t]), context), dim=1), state)
            logits.append(self.head(torch.cat((state, context), dim=1)))
            looks.append(weights)
        return torch.stack(logits, 1), state, torch.stack(looks, 1)


class AttentionDecoderRecursive(AttentionDecoderBase):
    """One step, and then the rest by itself."""

    def forward(self, inputs, state, memory, mask):
        scores = additive_scores(state.unsqueeze(1), memory, self.query.weight, self.key.weight, self.v)
        weights = masked_softmax(scores, mask.unsqueeze(1))
        context = context_vectors(weights, memory)
        x = torch.cat([self.embedding(inputs[:, :1]), context], dim=-1)
        state = self.cell(x.squeeze(1), state)
        logits = self.head(torch.cat([state.unsqueeze(1), context], dim=-1))
        if inputs.shape[1] == 1:
            return logits, state, weights
        others, state, more = self.forward(inputs[:, 1:], state, memory, mask)
        return torch.cat([logits, others], dim=1), state, torch.cat([weights, more], dim=1)


class AttentionDecoderFreeRunning(AttentionDecoderBase):
    """Feeds itself its own words after the first."""

    def forward(self, inputs, state, memory, mask):
        logits, looks, word = [], [], inputs[:, 0]
        for _ in range(inputs.shape[1]):
            scores = additive_scores(state[:, None], memory, self.query.weight, self.key.weight, self.v)
            weights = masked_softmax(scores, mask[:, None])
            context = context_vectors(weights, memory)[:, 0]
            state = self.cell(torch.cat([self.embedding(word), context], dim=-1), state)
            logits.append(self.head(torch.cat([state, context], dim=-1)))
            looks.append(weights[:, 0])
            word = logits[-1].argmax(-1)
        return torch.stack(logits, dim=1), state, torch.stack(looks, dim=1)


STEP = "state = self.cell(torch.cat([x, context], dim=-1), state)"

ATTENTION_DECODER = Exercise(
    solves="unrolled.attention.AttentionDecoder",
    groups={"one step": 2, "many steps": 2, "padding": 1},
    inputs=attention_decoder_inputs,
    probe=probe_attention_decoder,
    blanks=("forward",),
    uses=("additive_scores", "masked_softmax", "context_vectors"),
    accepts=(AttentionDecoderByHand, AttentionDecoderRecursive),
    misconceptions=(
        Misconception(
            id="current-state",
            name="the query is the state after the step instead of the one before it",
            hint="That is Luong's order: step first, look afterwards. Ours is Bahdanau's, where what was seen can change the "
            "step itself. Which of the two comes first in your loop?",
            edits={
                f"            {STEP}\n": "",
                "steps, looks = [], []": "steps, looks, context = [], [], torch.zeros_like(state)",
                "scores = additive_scores(": f"{STEP}\n            scores = additive_scores(",
            },
        ),
        Misconception(
            id="same-query-every-time",
            name="every step looks with the state that the decoder began with",
            hint="Then every word looks at the same place. Which state knows what has been written so far?",
            edits={
                "steps, looks = [], []": "steps, looks, first = [], [], state",
                "state[:, None], memory": "first[:, None], memory",
            },
        ),
        Misconception(
            id="state-not-carried-on",
            name="every step starts from the first state",
            hint="Which state should the second step be given: the one you began with, or the one the first step made?",
            edits={
                "steps, looks = [], []": "steps, looks, first = [], [], state",
                "dim=-1), state)": "dim=-1), first)",
                "state[:, None], memory": "first[:, None], memory",
            },
        ),
        Misconception(
            id="context-not-in-the-step",
            name="the context does not enter the step",
            hint="The cell takes feature + hidden numbers: the word and what else?",
            edits={"torch.cat([x, context]": "torch.cat([x, torch.zeros_like(context)]"},
        ),
        Misconception(
            id="context-not-scored",
            name="the head does not see the context",
            hint="The head takes 2 · hidden numbers: the state and what else?",
            edits={"torch.cat([state, context]": "torch.cat([state, torch.zeros_like(context)]"},
        ),
        Misconception(
            id="context-before-word",
            name="the context stands before the word in the cell's input",
            hint="The weights of the cell know the order. Which of the two does the docstring name first?",
            edits={"torch.cat([x, context]": "torch.cat([context, x]"},
        ),
        Misconception(
            id="context-before-state",
            name="the context stands before the state in the head's input",
            hint="The weights of the head know the order. Which of the two does the docstring name first?",
            edits={"torch.cat([state, context]": "torch.cat([context, state]"},
        ),
        Misconception(
            id="old-state-scored",
            name="the head sees the state before the step",
            hint="In Bahdanau's appendix the read-out does take the old state, and the last word too. Here the head sees "
            "the new one: is it made before or after you join the two?",
            edits={
                f"            {STEP}\n            steps.append(torch.cat([state, context], dim=-1))\n": (
                    f"            steps.append(torch.cat([state, context], dim=-1))\n            {STEP}\n"
                )
            },
        ),
        Misconception(
            id="mask-not-used",
            name="the padding is looked at",
            hint="forward gets a mask. Who needs it?",
            edits={"mask[:, None]": "torch.ones_like(mask)[:, None]"},
        ),
        Misconception(
            id="mask-of-the-first",
            name="the mask has no axis for the query, so that every sentence gets the mask of the first",
            hint="mask is (batch, source), and weights are (batch, query, key). Against which axis does the mask's batch "
            "stand in yours?",
            edits={"mask[:, None]": "mask"},
        ),
        Misconception(
            id="mask-inverted",
            name="the mask is taken the other way round",
            hint="Here True means that one may look. Do you turn the mask round before you hand it on?",
            edits={"mask[:, None]": "~mask[:, None]"},
        ),
        Misconception(
            id="query-and-key-swapped",
            name="the layers of query and key are swapped",
            hint="The decoder's state is the query, the source's states are the keys. Which layer belongs to which?",
            edits={"self.query.weight, self.key.weight": "self.key.weight, self.query.weight"},
        ),
        Misconception(
            id="dot-scores",
            name="the scores are dot products instead of additive ones",
            hint="Luong's scores are good ones too. Which three parameters of this module would never learn?",
            edits={
                "additive_scores(\n                state[:, None], memory, self.query.weight, self.key.weight, self.v\n            )": (
                    "state[:, None] @ memory.transpose(1, 2)"
                )
            },
        ),
        Misconception(
            id="scores-returned",
            name="scores are returned in the place of the weights",
            hint="The third result should add up to 1 for every step. Does yours?",
            edits={"looks.append(weights[:, 0])": "looks.append(scores[:, 0])"},
        ),
        Misconception(
            id="own-words",
            name="after the first step the decoder is fed its own words",
            hint="That is how it will write later. Under teacher forcing, which word is fed at step t?",
            answer=AttentionDecoderFreeRunning,
        ),
    ),
)

EXERCISES = (ADDITIVE_SCORES, MULTIPLICATIVE_SCORES, MASKED_SOFTMAX, CONTEXT_VECTORS, ATTENTION_DECODER)

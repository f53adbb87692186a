"""`disentangled_scores`: Attention scores from contents, and from contents and relative positions."""

import math

import torch

from autograder.draw import cut, normal
from autograder.exercise import Exercise, Misconception
from autograder.probes import differentiate


def disentangled_scores_inputs(rng):
    """Batch 2, 3 heads, time 7, d_k 5; positions that cover all distances, and only a few; one text, one word."""

    def case(reach, batch=2, time=7):
        return {
            "query": normal(rng, batch, 3, time, 5),
            "key": normal(rng, batch, 3, time, 5),
            "relative_query": normal(rng, 3, 2 * reach, 5),
            "relative_key": normal(rng, 3, 2 * reach, 5),
        }

    def of_one_kind(*quiet):
        made = case(11)
        for name in quiet:
            made[name] = torch.zeros_like(made[name])
        return made

    return {
        "near": [case(11), of_one_kind("relative_query")],
        "far": [case(2), case(3, time=11), case(1)],
        "edges": [cut(case(2), 0, "query", "key"), cut(case(2), 2, "query", "key"), case(2, batch=5, time=2)],
    }


def disentangled_scores_loop(query, key, relative_query, relative_key):
    _, _, time, d_k = query.shape
    k = relative_key.shape[1] // 2
    rows = []
    for i in range(time):
        row = []
        for j in range(time):
            d = min(max(i - j + k, 0), 2 * k - 1)
            q, c = query[:, :, i], key[:, :, j]
            row.append(((q * c) + (q * relative_key[:, d]) + (c * relative_query[:, d])).sum(-1))
        rows.append(torch.stack(row, dim=-1))
    return torch.stack(rows, dim=-2) / (3 * d_k) ** 0.5


def disentangled_scores_tables(query, key, relative_query, relative_key):
    time, two_k = query.shape[2], relative_key.shape[1]
    steps = torch.arange(time)
    delta = torch.clamp(steps.unsqueeze(1) - steps.unsqueeze(0) + two_k // 2, 0, two_k - 1)
    scores = torch.einsum("bhid,bhjd->bhij", query, key)
    scores = scores + torch.einsum("bhid,hijd->bhij", query, relative_key[:, delta])
    scores = scores + torch.einsum("bhjd,hijd->bhij", key, relative_query[:, delta])
    return scores * (3 * query.shape[3]) ** -0.5


def disentangled_scores_by_index(query, key, relative_query, relative_key):
    time, positions = query.size(-2), relative_query.size(-2)
    i, j = torch.meshgrid(torch.arange(time), torch.arange(time), indexing="ij")
    delta = torch.minimum(torch.maximum(i - j + positions // 2, torch.tensor(0)), torch.tensor(positions - 1))
    query = query / math.sqrt(3 * query.size(-1))
    key_scaled = key / math.sqrt(3 * key.size(-1))
    content = query @ key.transpose(-1, -2)
    to_position = (query @ relative_key.transpose(-1, -2))[:, :, i, delta]
    to_content = (key_scaled @ relative_query.transpose(-1, -2))[:, :, j, delta]
    return content + to_position + to_content


DISTANCE = "(places[:, None] - places + positions // 2).clamp(0, positions - 1)"
TO_POSITION = "(query @ relative_key.mT).gather(-1, distance.expand(*query.shape[:2], -1, -1))"
TO_CONTENT = "(key @ relative_query.mT).gather(-1, distance.T.expand(*key.shape[:2], -1, -1)).mT"
SUM, ROOT = "(query @ key.mT + to_position + to_content)", "math.sqrt(3 * query.shape[-1])"

DISENTANGLED_SCORES = Exercise(
    solves="unrolled.deberta.disentangled_scores",
    groups={"near": 1, "far": 2, "edges": 1},
    inputs=disentangled_scores_inputs,
    probe=differentiate,
    accepts=(disentangled_scores_loop, disentangled_scores_tables, disentangled_scores_by_index),
    misconceptions=(
        Misconception(
            id="root-of-d-k",
            name="the scores are divided by √d_k, as if there were one term",
            hint="Three terms of variance d_k: what is the variance of their sum?",
            edits={ROOT: "math.sqrt(query.shape[-1])"},
        ),
        Misconception(
            id="not-scaled",
            name="the scores are not divided by anything",
            hint="What happened in chapter 5 to a softmax of scores that grow with d_k?",
            edits={f" / {ROOT}": ""},
        ),
        Misconception(
            id="root-outside",
            name="the scores are divided by 3 · √d_k",
            hint="Variances add up, standard deviations do not. What stands under the root?",
            edits={ROOT: "(3 * math.sqrt(query.shape[-1]))"},
        ),
        Misconception(
            id="root-of-d-model",
            name="the root is of the features of all heads together",
            hint="How many products does one score of one head add up?",
            edits={ROOT: "math.sqrt(3 * query.shape[1] * query.shape[-1])"},
        ),
        Misconception(
            id="only-content-scaled",
            name="only the first term is scaled",
            hint="Which of the three terms stand over the fraction line?",
            edits={f"{SUM} / {ROOT}": f"query @ key.mT / {ROOT} + to_position + to_content"},
        ),
        Misconception(
            id="equation-four",
            name="the third term takes δ(j, i), as equation 4 of the paper has it",
            hint="A right reading of the paper: its published code and Hugging Face take δ(i, j) in both terms, so that the released "
            "weights fit. Which does the docstring say?",
            edits={TO_CONTENT: TO_CONTENT.replace("distance.T", "distance")},
        ),
        Misconception(
            id="the-other-way-round",
            name="δ counts the other way: how far j stands after i, in both terms",
            hint="Does the word before i have a δ above k, or below? What is i − j for it?",
            edits={DISTANCE: DISTANCE.replace("places[:, None] - places", "places - places[:, None]")},
        ),
        Misconception(
            id="second-term-turned",
            name="the second term takes δ(j, i) instead of δ(i, j)",
            hint="Word i looks at word j. In which order are the two subtracted?",
            edits={TO_POSITION: TO_POSITION.replace("distance.expand", "distance.T.expand")},
        ),
        Misconception(
            id="third-term-not-turned-back",
            name="the third term has rows and columns exchanged: key i meets position δ, and is added to query i's row",
            hint="key @ relative_query.mT has a row for every key. Which axis of the scores belongs to the keys?",
            edits={TO_CONTENT: TO_CONTENT.removesuffix(".mT").replace("distance.T", "distance")},
        ),
        Misconception(
            id="not-shifted",
            name="δ is i − j without k: all words that come later are taken for the same distance",
            hint="Where in the table does distance 0 stand, if the negative ones need room too?",
            edits={DISTANCE: DISTANCE.replace(" + positions // 2", "")},
        ),
        Misconception(
            id="one-too-low",
            name="δ is one too low: k − 1 stands for the word itself",
            hint="With i = j, what is δ by the formula?",
            edits={DISTANCE: DISTANCE.replace("+ positions // 2", "+ positions // 2 - 1")},
        ),
        Misconception(
            id="cut-too-late",
            name="δ is cut off above 2k instead of 2k − 1",
            hint="A table of 2k rows: which number has the last one?",
            edits={DISTANCE: DISTANCE.replace("positions - 1", "positions")},
        ),
        Misconception(
            id="not-cut",
            name="δ is not cut off: words that are far away fall out of the table",
            hint="What does δ become for two words that are farther apart than k, and what should they all share?",
            edits={DISTANCE: DISTANCE.replace(".clamp(0, positions - 1)", "")},
        ),
        Misconception(
            id="wrapped",
            name="δ is wrapped round, so that what is far away looks near",
            hint="A distance beyond the table should get its last row. Which row does a remainder give it?",
            edits={DISTANCE: DISTANCE.replace(".clamp(0, positions - 1)", " % positions")},
        ),
        Misconception(
            id="absolute-value",
            name="the distance has lost its sign: before and after are the same",
            hint="“old friend” and “friend old”: should the two look at each other alike?",
            edits={DISTANCE: DISTANCE.replace("places[:, None] - places", "(places[:, None] - places).abs()")},
        ),
        Misconception(
            id="absolute-positions",
            name="δ is the place of word j, not its distance from word i",
            hint="If a sentence moves two places to the right, should its words look at each other differently?",
            edits={DISTANCE: "(places.expand(len(places), -1) * 1 + 0 * places[:, None]).clamp(0, positions - 1)"},
        ),
        Misconception(
            id="tables-exchanged",
            name="the two tables have changed places",
            hint="A query is compared with a key. Which of the two tables holds keys of positions?",
            edits={
                "query @ relative_key.mT": "query @ relative_query.mT",
                "key @ relative_query.mT": "key @ relative_key.mT",
            },
        ),
        Misconception(
            id="contents-exchanged",
            name="the key asks for the position's key, and the query for the position's query",
            hint="Two queries cannot answer each other. With what is a query compared?",
            edits={
                "query @ relative_key.mT": "key @ relative_key.mT",
                "key @ relative_query.mT": "query @ relative_query.mT",
            },
        ),
        Misconception(
            id="no-content-to-position",
            name="the second term is left out",
            hint="The denominator speaks of three terms. Which two do you add?",
            edits={" + to_position": ""},
        ),
        Misconception(
            id="no-position-to-content",
            name="the third term is left out",
            hint="The denominator speaks of three terms. Which two do you add?",
            edits={" + to_content)": ")"},
        ),
        Misconception(
            id="position-to-position",
            name="a fourth term compares positions with positions",
            hint="With relative positions that says nothing of the words, and the paper leaves it out. How many terms has the formula?",
            edits={
                SUM: SUM.removesuffix(")") + " + (relative_query * relative_key).sum(-1)[:, distance])",
            },
        ),
        Misconception(
            id="no-content",
            name="the words' own term, query · key, is left out",
            hint="Which of the three terms asks only what the words are?",
            edits={SUM: "(to_position + to_content)"},
        ),
        Misconception(
            id="first-head-for-all",
            name="the first head's positions are used by all heads",
            hint="The tables are (heads, positions, d_k). Does every head use its own?",
            edits={
                "query @ relative_key.mT": "query @ relative_key[:1].mT",
                "key @ relative_query.mT": "key @ relative_query[:1].mT",
            },
        ),
        Misconception(
            id="softmax-too",
            name="the softmax is already taken",
            hint="The mask comes after this function. What would it find?",
            edits={f"return {SUM} / {ROOT}": f"return ({SUM} / {ROOT}).softmax(-1)"},
        ),
        Misconception(
            id="positions-not-learnt",
            name="no gradient flows into the positions",
            hint="The values are right, but the positions would stay as they were drawn. Where do you cut them off?",
            edits={
                "query @ relative_key.mT": "query @ relative_key.detach().mT",
                "key @ relative_query.mT": "key @ relative_query.detach().mT",
            },
        ),
        Misconception(
            id="cut-to-an-even-range",
            name="every δ is one too low, and the last row of the tables is never used",
            hint="δ = 0 is for all that is far behind, and k for the word itself. Which numbers does your `clamp` let through?",
            edits={DISTANCE: "((places[:, None] - places).clamp(-(positions // 2), positions // 2 - 1) + positions // 2 - 1).clamp(min=0)"},
        ),
        Misconception(
            id="four-terms",
            name="positions are compared with positions as well, and the root is that of four terms",
            hint="The paper leaves the fourth term out. How many terms does the docstring have?",
            edits={SUM: SUM.removesuffix(")") + " + (relative_query * relative_key).sum(-1)[:, distance])", "math.sqrt(3 *": "math.sqrt(4 *"},
        ),
        Misconception(
            id="two-terms",
            name="the third term is left out, and the root is that of two terms",
            hint="How much does a key care where it is looked at from? Which table do you never use?",
            edits={" + to_content) / math.sqrt(3 *": ") / math.sqrt(2 *"},
        ),
    ),
)

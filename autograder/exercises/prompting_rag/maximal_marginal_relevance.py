"""`maximal_marginal_relevance`: Documents one after the other, near the query and far from what was chosen before."""

import torch
import torch.nn.functional as F

from autograder.draw import normal
from autograder.exercise import Exercise, Misconception


def mmr_inputs(rng):
    """Seven documents of unequal length, two near doubles among them; weights 0, 1 and between; all, one, none; ties.

    No two candidates have nearly the same value, by any of the usual rules.
    """

    def case(documents, d, count, weight):
        query = normal(rng, d)
        rows = 0.4 * query + normal(rng, documents, d, scale=0.7)
        if documents > 3:
            best = int((F.normalize(rows, dim=-1) @ query).argmax())
            rows[(best + 1) % documents] = rows[best] + normal(rng, d, scale=0.12)
            rows[(best + 3) % documents] = rows[(best + 2) % documents] + normal(rng, d, scale=0.12)
        sizes = torch.from_numpy(rng.uniform(0.3, 3.0, (documents, 1))).float()
        return {"query": query * float(rng.uniform(2, 3)), "documents": rows * sizes, "count": count, "weight": weight}

    turned = torch.eye(5)[torch.from_numpy(rng.permutation(5))]
    ties = {"query": turned[:2].sum(0) * 2.0, "documents": torch.cat([turned, turned[:1]]) * 2.0, "count": 6, "weight": 0.5}
    return {
        "a few of many": [case(7, 5, 4, 0.5), case(11, 7, 5, 0.7), case(7, 5, 5, 0.3), case(13, 3, 6, 0.5)],
        "extreme weights": [case(7, 5, 4, 1.0), case(7, 5, 5, 0.0), case(11, 7, 6, 0.0)],
        "at the border": [case(5, 7, 5, 0.5), case(5, 7, 9, 0.6), case(1, 3, 2, 0.4), case(7, 5, 1, 0.0), case(5, 3, 0, 0.5), ties],
    }


def mmr_refuses(rng):
    query, documents = normal(rng, 3), normal(rng, 5, 3)
    return [
        {"query": query, "documents": documents, "count": 2, "weight": 1.5},
        {"query": query, "documents": documents, "count": 2, "weight": -0.1},
        {"query": query, "documents": documents, "count": -1, "weight": 0.5},
    ]


def _checked(count, weight):
    if weight < 0 or weight > 1:
        raise ValueError("weight is outside of 0 to 1")
    if count < 0:
        raise ValueError("count is negative")


def mmr_with_sets(query, documents, count, weight):
    _checked(count, weight)
    relevance = F.cosine_similarity(documents, query[None], dim=1)
    among = F.cosine_similarity(documents[:, None], documents[None], dim=2)
    left, chosen = list(range(len(documents))), []
    while left and len(chosen) < count:
        if not chosen:
            best = max(left, key=lambda i: relevance[i].item())
        else:
            best = max(left, key=lambda i: (weight * relevance[i] - (1 - weight) * max(among[i, j] for j in chosen)).item())
        left.remove(best)
        chosen.append(best)
    return chosen


def mmr_running_maximum(query, documents, count, weight):
    _checked(count, weight)
    unit = documents / documents.norm(dim=1, keepdim=True)
    relevance = unit @ (query / query.norm())
    redundancy = torch.full_like(relevance, -2.0)
    open_, chosen = torch.ones(len(unit), dtype=torch.bool), []
    for step in range(min(count, len(unit))):
        value = relevance if step == 0 else weight * relevance - (1 - weight) * redundancy
        best = torch.where(open_, value, -torch.inf).argmax().item()
        chosen.append(best)
        open_[best] = False
        redundancy = torch.maximum(redundancy, unit @ unit[best])
    return chosen


def mmr_numpy(query, documents, count, weight):
    _checked(count, weight)
    rows = documents.numpy() / documents.norm(dim=1, keepdim=True).numpy()
    asked = (query / query.norm()).numpy()
    relevance, alike, chosen = rows @ asked, rows @ rows.T, []
    for _ in range(min(count, len(rows))):
        candidates = [i for i in range(len(rows)) if i not in chosen]
        values = [
            weight * relevance[i] - (1 - weight) * alike[i, chosen].max() if chosen else relevance[i] for i in candidates
        ]
        chosen.append(candidates[int(torch.tensor(values).argmax())])
    return chosen


VALUE = "value = weight * relevance - (1 - weight) * redundancy"
REDUNDANCY = "redundancy = (documents @ documents[chosen].T).amax(dim=1)"
IF = "if chosen:"
NORMALISED = "documents = F.normalize(documents, dim=-1)"
TAKEN = "value = value.index_fill(0, torch.tensor(chosen, dtype=torch.long), -torch.inf)"
BEST = "chosen.append(int(value.argmax()))"

MAXIMAL_MARGINAL_RELEVANCE = Exercise(
    solves="unrolled.fusion.maximal_marginal_relevance",
    groups={"a few of many": 2, "extreme weights": 1, "at the border": 1},
    inputs=mmr_inputs,
    refuses=mmr_refuses,
    accepts=(mmr_with_sets, mmr_running_maximum, mmr_numpy),
    misconceptions=(
        Misconception(
            id="mean-redundancy",
            name="the mean similarity to what was chosen counts, not the largest",
            hint="A document that repeats one of five chosen ones word for word: how redundant is it?",
            edits={REDUNDANCY: REDUNDANCY.replace("amax", "mean")},
        ),
        Misconception(
            id="summed-redundancy",
            name="the similarities to all chosen documents are added up",
            hint="Should the tenth document be punished more than the second, only because more was chosen before it?",
            edits={REDUNDANCY: REDUNDANCY.replace("amax", "sum")},
        ),
        Misconception(
            id="least-redundancy",
            name="the similarity to the least similar chosen document counts",
            hint="A document that repeats one of five chosen ones word for word: does yours notice?",
            edits={REDUNDANCY: REDUNDANCY.replace("amax", "amin")},
        ),
        Misconception(
            id="last-only",
            name="only the document chosen last is looked at",
            hint="What if a candidate repeats the first one that was chosen?",
            edits={REDUNDANCY: "redundancy = documents @ documents[chosen[-1]]"},
        ),
        Misconception(
            id="first-only",
            name="only the document chosen first is looked at",
            hint="What if a candidate repeats the second one that was chosen?",
            edits={REDUNDANCY: "redundancy = documents @ documents[chosen[0]]"},
        ),
        Misconception(
            id="among-all",
            name="redundancy is measured against all other documents, chosen or not",
            hint="Is a document redundant because another one, which nobody has chosen, says the same?",
            edits={REDUNDANCY: "redundancy = (documents @ documents.T).fill_diagonal_(-1).amax(dim=1)"},
        ),
        Misconception(
            id="weights-exchanged",
            name="weight and 1 − weight are exchanged",
            hint="With a weight of 1, should only the query count, or only the variety?",
            edits={VALUE: "value = (1 - weight) * relevance - weight * redundancy"},
        ),
        Misconception(
            id="redundancy-added",
            name="redundancy is added instead of subtracted",
            hint="Two documents that say the same: should the second gain from that?",
            edits={VALUE: "value = weight * relevance + (1 - weight) * redundancy"},
        ),
        Misconception(
            id="relevance-unweighted",
            name="relevance counts fully, whatever the weight",
            hint="With a weight of 0, what should still speak for a document?",
            edits={VALUE: "value = relevance - (1 - weight) * redundancy"},
        ),
        Misconception(
            id="redundancy-unweighted",
            name="redundancy counts fully, whatever the weight",
            hint="With a weight of 1, should anything but the query count?",
            edits={VALUE: "value = weight * relevance - redundancy"},
        ),
        Misconception(
            id="most-relevant-only",
            name="the order is that of relevance, and redundancy is never asked",
            hint="Which argument do you not use? What happens to two documents that say the same?",
            edits={VALUE: "value = relevance"},
        ),
        Misconception(
            id="first-by-number",
            name="at weight 0 the first one is document 0, since nothing speaks for any",
            hint="What does the docstring say of the first one, whatever the weight?",
            edits={IF: "if weight == 0 or chosen:", REDUNDANCY: "redundancy = (documents @ documents[chosen].T).amax(dim=1) if chosen else torch.zeros(len(documents))"},
        ),
        Misconception(
            id="dot-product",
            name="the plain product is taken, not the cosine",
            hint="If a document's vector becomes three times as long, should it become more relevant?",
            edits={NORMALISED: "pass"},
            also=({NORMALISED: "pass", "F.normalize(query, dim=-1)": "query"},),
        ),
        Misconception(
            id="relevance-by-product",
            name="the cosine is taken among documents, the plain product with the query",
            hint="On which scale is relevance in yours, and on which redundancy? Which of the two should change if the query is doubled?",
            edits={"F.normalize(query, dim=-1)": "query"},
        ),
        Misconception(
            id="columns-normalised",
            name="the columns get length 1, not the documents",
            hint="Along which axis lie the numbers of one document?",
            edits={NORMALISED: "documents = F.normalize(documents, dim=0)"},
        ),
        Misconception(
            id="chosen-again",
            name="a document can be chosen more than once",
            hint="Is there a number that comes out twice?",
            edits={TAKEN: "pass"},
        ),
        Misconception(
            id="all-of-them",
            name="all documents come out, however many were asked for",
            hint="How long should your list be?",
            edits={"while len(chosen) < min(count, len(documents)):": "while len(chosen) < len(documents):"},
        ),
        Misconception(
            id="one-too-few",
            name="one document less than was asked for comes out",
            hint="How long is your list, if one document is asked for?",
            edits={"while len(chosen) < min(count, len(documents)):": "while len(chosen) < min(count, len(documents)) - 1:"},
        ),
        Misconception(
            id="ties-to-the-higher",
            name="of equal values the higher number wins",
            hint="Which of two equal values does `argmax` take, and which does your comparison keep?",
            edits={BEST: "chosen.append(len(value) - 1 - int(value.flip(0).argmax()))"},
        ),
        Misconception(
            id="in-order-of-number",
            name="the chosen numbers come out sorted",
            hint="What does the place in the list tell: when a document was chosen, or its number?",
            edits={"    return chosen": "    return sorted(chosen)"},
        ),
        Misconception(
            id="weight-unchecked",
            name="a weight outside of 0 to 1 is taken without a word",
            hint="Which exceptions does the docstring promise?",
            edits={"if not 0 <= weight <= 1:": "if False:"},
        ),
        Misconception(
            id="count-unchecked",
            name="a negative count is taken without a word",
            hint="Which exceptions does the docstring promise?",
            edits={"if count < 0:": "if False:"},
        ),
    ),
)

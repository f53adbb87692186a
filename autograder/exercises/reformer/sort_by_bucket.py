"""`sort_by_bucket`: The order that brings alike words together, and the order that undoes it."""

import torch

from autograder.draw import integers
from autograder.exercise import Exercise, Misconception


def sort_inputs(rng):
    """Batch 2, 3 heads, 11 words in 2 or 5 rounds, few buckets, so that many words share one; one word."""

    def case(batch=2, heads=3, rounds=2, time=11, buckets=4):
        return {"buckets": integers(rng, 0, buckets, batch, heads, rounds, time)}

    return {
        "one round": [case(rounds=1), case(batch=1, heads=1, rounds=1, time=23, buckets=6)],
        "several rounds": [case(), case(rounds=5, buckets=3), case(batch=1, rounds=3, time=1), case(batch=1, time=31)],
    }


def sort_numbered_on(buckets):
    rounds, time = buckets.shape[2], buckets.shape[3]
    many = buckets.max() + 1
    order = (buckets + many * torch.arange(rounds).view(-1, 1)).flatten(2).sort(dim=-1, stable=True).indices
    undo = torch.empty_like(order)
    return order, undo.scatter_(-1, order, torch.arange(rounds * time).expand_as(order))


def sort_with_places_in_the_keys(buckets):
    rounds, time = buckets.shape[2:]
    keys = (buckets.max() + 1) * time * torch.arange(rounds)[:, None] + time * buckets + torch.arange(time)
    order = torch.argsort(keys.reshape(*buckets.shape[:2], -1))
    return order, torch.argsort(order)


def sort_loop(buckets):
    batch, heads, rounds, time = buckets.shape
    order = torch.zeros(batch, heads, rounds * time, dtype=torch.long)
    undo = order.clone()
    for b in range(batch):
        for h in range(heads):
            row = [
                r * time + t
                for r in range(rounds)
                for _, t in sorted((buckets[b, h, r, t].item(), t) for t in range(time))
            ]
            for slot, number in enumerate(row):
                order[b, h, slot], undo[b, h, number] = number, slot
    return order, undo


ARGSORT = "buckets.argsort(dim=-1, stable=True)"
ORDER = f"({ARGSORT} + first).flatten(2)"
UNDO = "return order, order.argsort(dim=-1)"

SORT_BY_BUCKET = Exercise(
    solves="unrolled.lsh.sort_by_bucket",
    groups={"one round": 1, "several rounds": 2},
    inputs=sort_inputs,
    accepts=(sort_numbered_on, sort_with_places_in_the_keys, sort_loop),
    free=frozenset(["sequence"]),
    misconceptions=(
        Misconception(
            id="later-places-first",
            name="words of one bucket come in reverse order",
            hint="Within a bucket, words keep the order of the text. What does your sort do with equals?",
            edits={ARGSORT: "(buckets.shape[3] - 1 - buckets.flip(-1).argsort(dim=-1, stable=True))"},
        ),
        Misconception(
            id="undo-is-the-order-again",
            name="the order itself is given to undo it",
            hint="order says which word stands in each slot; undo says in which slot each word stands. Are they the same?",
            edits={UNDO: "return order, order"},
        ),
        Misconception(
            id="undo-sorts-the-buckets",
            name="the sorted buckets are sorted once more to undo it",
            hint="Sorted buckets are in order already: sorting them moves nothing. What must be looked up, for every word?",
            edits={UNDO: "return order, buckets.flatten(2).gather(2, order).argsort(dim=-1, stable=True)"},
        ),
        Misconception(
            id="undo-backwards",
            name="the order is turned round to undo it",
            hint="Reading a list from its end is not its inverse. In which slot does word 0 stand?",
            edits={UNDO: "return order, order.flip(-1)"},
        ),
        Misconception(
            id="rounds-mixed",
            name="the words of all rounds are sorted together",
            hint="Bucket 3 of one round has nothing to do with bucket 3 of another. What keeps the rounds apart?",
            edits={ORDER: "buckets.flatten(2).argsort(dim=-1, stable=True)"},
        ),
        Misconception(
            id="places-for-numbers",
            name="every round lists places from 0, and undo sorts these",
            hint="Word t of round r has the number r · time + t. Which numbers do your rounds have?",
            edits={ORDER: f"{ARGSORT}.flatten(2)"},
        ),
        Misconception(
            id="places-in-the-order",
            name="the order lists places, and only undo knows the rounds",
            hint="Word t of round r has the number r · time + t. Which numbers stand in your order?",
            edits={UNDO: "return order % time, order.argsort(dim=-1)"},
        ),
        Misconception(
            id="undo-within-rounds",
            name="undo counts the slots of each round from 0",
            hint="All rounds lie in one row, and so do the slots. Where does the second round begin?",
            edits={UNDO: "return order, order.argsort(dim=-1) % time"},
        ),
        Misconception(
            id="rounds-for-time",
            name="the numbers go on by the number of rounds instead of the number of words",
            hint="How many words does a round have, that is, with which number does the second begin?",
            edits={"first = time *": "first = rounds *"},
        ),
        Misconception(
            id="by-words-first",
            name="word t of round r has the number t · rounds + r",
            hint="All rounds lie in a row, one after the other. Which comes after word 0 of round 0?",
            edits={f"{ARGSORT} + first": f"{ARGSORT} * rounds + first // time"},
        ),
        Misconception(
            id="descending",
            name="the highest bucket comes first",
            hint="Within a round, which bucket does the docstring's example put first?",
            edits={"argsort(dim=-1, stable=True)": "argsort(dim=-1, stable=True, descending=True)"},
        ),
        Misconception(
            id="order-and-undo-swapped",
            name="the two results change places",
            hint="x[order] is sorted. Which of yours is to come first?",
            edits={UNDO: "return order.argsort(dim=-1), order"},
        ),
        Misconception(
            id="rounds-kept-apart",
            name="the rounds keep an axis of their own",
            hint="The signature promises (batch, heads, slots). Which two axes become one?",
            edits={
                UNDO: "return order.unflatten(2, (rounds, time)), order.argsort(dim=-1).unflatten(2, (rounds, time))"
            },
        ),
        Misconception(
            id="buckets-sorted",
            name="the sorted buckets come back, and the order in place of undo",
            hint="`sort` gives two things, the values and where they stood. Which one moves the words?",
            edits={UNDO: "return buckets.sort(dim=-1).values.flatten(2), order"},
        ),
        Misconception(
            id="undo-missing",
            name="only the order comes back",
            hint="The signature promises a pair. Who brings the words back to their places?",
            edits={UNDO: "return order"},
        ),
        Misconception(
            id="sorted-along-rounds",
            name="the rounds of each word are sorted, and not the words",
            hint="In (batch, heads, rounds, time), which axis do the words stand on?",
            edits={ARGSORT: "buckets.argsort(dim=2, stable=True)"},
        ),
        Misconception(
            id="round-of-the-first",
            name="every round is sorted like the first",
            hint="Each round has buckets of its own. Where do you write 0?",
            edits={ARGSORT: "buckets[:, :, :1].expand_as(buckets).argsort(dim=-1, stable=True)"},
        ),
        Misconception(
            id="order-of-the-first-head",
            name="every head is sorted like the first",
            hint="Each head has buckets of its own. Where do you write 0?",
            edits={ARGSORT: "buckets[:, :1].expand_as(buckets).argsort(dim=-1, stable=True)"},
        ),
        Misconception(
            id="order-of-the-first-text",
            name="every text is sorted like the first",
            hint="Each text has buckets of its own. Where do you write 0?",
            edits={ARGSORT: "buckets[:1].expand_as(buckets).argsort(dim=-1, stable=True)"},
        ),
        Misconception(
            id="nothing-sorted",
            name="the words stay where they are",
            hint="What stands in your order for the docstring's example?",
            edits={ARGSORT: "torch.arange(time).expand_as(buckets)"},
        ),
        Misconception(
            id="undo-of-the-words",
            name="undo says for every slot which place its word has",
            hint="order % time is where each slot's word stands in the text. In which slot does each word stand?",
            edits={UNDO: "return order, order % time"},
        ),
        Misconception(
            id="rounds-in-reverse",
            name="the last round comes first",
            hint="`order` begins with round 0. Which numbers does yours begin with?",
            edits={ORDER: f"({ARGSORT} + first).flip(2).flatten(2)"},
        ),
        Misconception(
            id="from-one",
            name="the numbers are counted from 1",
            hint="Word 0 of round 0 has the number 0 · time + 0. Which has it in yours?",
            edits={UNDO: "return order + 1, order.argsort(dim=-1) + 1"},
        ),
        Misconception(
            id="rounds-overlap",
            name="the buckets of a round are moved on by too little, so that the rounds overlap",
            hint="If you number the buckets on, by how much must each round be moved so that none meets another round's?",
            edits={ORDER: "(buckets + rounds * torch.arange(rounds)[:, None]).flatten(2).argsort(dim=-1, stable=True)"},
        ),
    ),
)

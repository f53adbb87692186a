"""`make_sentence_orders`: The pairs, some of them swapped, and a label for each: 1 if it was swapped."""

from autograder.draw import uniform
from autograder.exercise import Exercise, Misconception


def make_sentence_orders_inputs(rng):
    """Sentences of one to four words, no two alike; numbers on both sides of ½ and ½ itself; one pair, and none."""

    def sentence():
        return [int(n) for n in rng.integers(5, 1000, int(rng.integers(2, 5)))]

    def case(n, *first):
        uniforms = uniform(rng, n) * 0.3
        uniforms[1::2] += 0.65
        for i, u in enumerate(first):
            uniforms[i] = u
        return {"pairs": [(sentence(), sentence()) for _ in range(n)], "uniforms": uniforms}

    return {
        "one pair": [case(1), case(1, 0.9), case(1, 0.5)],
        "several": [case(5), case(7, 0.9, 0.5, 0.1, 0.0), case(2, 0.7), case(0)],
    }


def make_sentence_orders_refuses(rng):
    """A number too few, and one too many."""
    pairs = [([5, 6], [7]), ([8], [9, 10])]
    return [{"pairs": pairs, "uniforms": uniform(rng, n)} for n in (1, 3)]


def orders_loop(pairs, uniforms):
    if len(pairs) != len(uniforms):
        raise ValueError("uniforms: one number is needed for every pair")
    made, labels = [], []
    for pair, u in zip(pairs, uniforms, strict=True):
        swap = bool(u < 0.5)
        made.append(pair[::-1] if swap else pair)
        labels.append(1 if swap else 0)
    return made, labels


def orders_by_index(pairs, uniforms):
    if uniforms.shape[0] - len(pairs):
        raise ValueError(f"wrong number of uniforms: {uniforms.shape[0]}")
    labels = (uniforms < 0.5).long().tolist()
    return [(pair[label], pair[1 - label]) for pair, label in zip(pairs, labels, strict=True)], labels


def orders_sorted(pairs, uniforms):
    if len(uniforms.tolist()) != len(pairs):
        raise ValueError("uniforms has another length than pairs")
    labels = [int(not u >= 0.5) for u in uniforms.tolist()]
    ordered = []
    for (first, second), label in zip(pairs, labels, strict=True):
        if label:
            first, second = second, first
        ordered.append((first, second))
    return ordered, labels


SWAPPED, LABELS = "[u < 0.5 for u in uniforms.tolist()]", "[int(swap) for swap in swapped]"
CHOICE = "(second, first) if swap else (first, second)"

MAKE_SENTENCE_ORDERS = Exercise(
    solves="unrolled.sentence_order.make_sentence_orders",
    groups={"one pair": 0.5, "several": 0.5},
    inputs=make_sentence_orders_inputs,
    refuses=make_sentence_orders_refuses,
    accepts=(orders_loop, orders_by_index, orders_sorted),
    misconceptions=(
        Misconception(
            id="labels-inverted",
            name="the labels are inverted: 1 says that a pair stands in order",
            hint="So it is in the paper's own words (“positive” for in order). What does 1 mean in the docstring?",
            edits={LABELS: "[int(not swap) for swap in swapped]"},
        ),
        Misconception(
            id="swapped-above",
            name="the pairs with the large numbers are swapped",
            hint="Below ½, or above: which does the docstring say?",
            edits={"u < 0.5": "u >= 0.5"},
        ),
        Misconception(
            id="texts-and-labels-disagree",
            name="the pairs with the large numbers are swapped, and the labels say the contrary",
            hint="Take one pair that came out swapped. What does its label say?",
            edits={CHOICE: "(first, second) if swap else (second, first)"},
        ),
        Misconception(
            id="half-included",
            name="a number of exactly ½ swaps too",
            hint="Is ½ below ½?",
            edits={"u < 0.5": "u <= 0.5"},
        ),
        Misconception(
            id="never-swapped",
            name="the labels are drawn, but no pair is swapped",
            hint="Compare your pairs with those that you were given. What should a label of 1 have done to its pair?",
            edits={CHOICE: "(first, second)"},
        ),
        Misconception(
            id="always-swapped",
            name="every pair is swapped, whatever its number",
            hint="Could a model learn anything if the answer were always the same? What decides?",
            edits={CHOICE: "(second, first)"},
        ),
        Misconception(
            id="words-reversed",
            name="the words of the sentences are turned round, not the sentences",
            hint="What is swapped here: two sentences, or the words in them?",
            edits={CHOICE: "(first[::-1], second[::-1]) if swap else (first, second)"},
        ),
        Misconception(
            id="second-from-elsewhere",
            name="the second sentence comes from another pair, as in next-sentence prediction",
            hint="That is BERT's task, and another topic gives the answer away. From how many texts are the two sentences here?",
            edits={CHOICE: "(first, pairs[(pairs.index((first, second)) + 1) % len(pairs)][1]) if swap else (first, second)"},
        ),
        Misconception(
            id="one-number-for-all",
            name="the first number decides for all pairs",
            hint="There are as many numbers as pairs. How many of them do you use?",
            edits={SWAPPED: "[u < 0.5 for u in uniforms.tolist()[:1]] * len(pairs)"},
        ),
        Misconception(
            id="fifteen-percent",
            name="only about one pair in seven is swapped: the limit is 0.15",
            hint="15 % is the share of hidden words. Which share of the pairs is swapped?",
            edits={"u < 0.5": "u < 0.15"},
        ),
        Misconception(
            id="labels-true-and-false",
            name="the labels are True and False instead of 1 and 0",
            hint="What does the signature promise for a label?",
            edits={LABELS: "swapped"},
        ),
        Misconception(
            id="one-long-sentence",
            name="the two sentences are laid end to end, and no longer are a pair",
            hint="Where would [SEP] go? What does the signature promise for a pair?",
            edits={CHOICE: "second + first if swap else first + second"},
        ),
        Misconception(
            id="pairs-written-over",
            name="the pairs that were given are written over",
            hint="Who keeps the texts in their own order, if you swap in place? Do you change your own list, or the one handed in?",
            edits={"return ordered,": "pairs[:] = ordered\n    return ordered,"},
        ),
        Misconception(
            id="only-the-swapped",
            name="only swapped pairs are returned",
            hint="Half of the examples should stand in order. Where are they?",
            edits={"return ordered,": "ordered = [pair for pair, swap in zip(ordered, swapped) if swap]\n    return ordered,"},
        ),
        Misconception(
            id="both-orders",
            name="every pair is returned in both orders",
            hint="How many examples should there be for every pair?",
            edits={"return ordered,": "ordered = ordered + [pair[::-1] for pair in ordered]\n    return ordered,"},
        ),
        Misconception(
            id="the-shorter-decides",
            name="another number of random numbers than of pairs goes unnoticed: the shorter list decides",
            hint="`zip` stops at the end of the shorter list. What does the docstring promise for such inputs?",
            edits={
                "if len(uniforms) != len(pairs):": "if False:",
                "zip(pairs, swapped, strict=True)": "zip(pairs, swapped, strict=False)",
            },
        ),
        Misconception(
            id="nothing-refused",
            name="another number of random numbers than of pairs is not refused by name",
            hint="What does the docstring promise when there are not as many numbers as pairs?",
            edits={"if len(uniforms) != len(pairs):": "if False:"},
        ),
        Misconception(
            id="by-turns",
            name="every second pair is swapped, whatever the numbers say",
            hint="Which argument do you never look into?",
            edits={"[u < 0.5 for u in uniforms.tolist()]": "[i % 2 == 1 for i in range(len(pairs))]"},
        ),
        Misconception(
            id="pairs-as-lists",
            name="a pair comes back as a list instead of a tuple",
            hint="What does the signature promise for a pair: square brackets or round ones?",
            edits={CHOICE: "[second, first] if swap else [first, second]"},
        ),
    ),
)

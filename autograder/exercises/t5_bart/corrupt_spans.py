"""`corrupt_spans`: T5's exercise: a text with a sentinel for every span, and what stood there. Returns (inputs,
targets).
"""

from autograder.exercise import Exercise, Misconception
from autograder.exercises.t5_bart.shared import distinct, draw_spans, repeating


def corrupt_spans_inputs(rng):
    """Texts in which a hidden token stands elsewhere too; spans at either end, side by side, over everything, and none.

    Sentinels are in no order, and there are more of them than are needed.
    """

    def given(ids, spans):
        sentinels = (900 + rng.permutation(99)[: len(spans) + 3]).tolist()
        return {"ids": ids, "spans": spans, "sentinels": sentinels}

    def case(length, count, **where):
        spans, length = draw_spans(rng, length, count, **where)
        return given(repeating(rng, length, spans), spans)

    def side_by_side():
        start, first, second = (int(n) for n in rng.integers(2, 5, 3))
        spans = [(start, first), (start + first, second), (start + first + second + 2, 1)]
        return given(distinct(rng, start + first + second + 5), spans)

    return {
        "one span or none": [
            case(11, 1),
            given(distinct(rng, 7), [(0, 7)]),
            given(distinct(rng, 5), []),
            given([], []),
        ],
        "several spans": [case(19, 3), case(23, 4), side_by_side()],
        "at the ends": [case(17, 3, first=0), case(17, 2, last=0), case(19, 3, first=0, last=0)],
    }


def corrupt_spans_token_by_token(ids, spans, sentinels):
    inside = {place: i for i, (start, length) in enumerate(spans) for place in range(start, start + length)}
    inputs, targets, last = [], [], None
    for place, token in enumerate(ids):
        span = inside.get(place)
        if span is None:
            inputs.append(token)
        else:
            if span != last:
                inputs.append(sentinels[span])
                targets.append(sentinels[span])
            targets.append(token)
        last = span
    targets.append(sentinels[len(spans)])
    return inputs, targets


def corrupt_spans_by_edges(ids, spans, sentinels):
    ends = [0, *(start + length for start, length in spans)]
    starts = [*(start for start, _ in spans), len(ids)]
    kept = [ids[end:start] for end, start in zip(ends, starts, strict=True)]
    hidden = [ids[start : start + length] for start, length in spans]
    inputs, targets = kept[0], []
    for sentinel, tokens, after in zip(sentinels, hidden, kept[1:], strict=False):
        inputs, targets = [*inputs, sentinel, *after], [*targets, sentinel, *tokens]
    return inputs, targets + sentinels[len(spans) : len(spans) + 1]


def corrupt_spans_backwards(ids, spans, sentinels):
    inputs, targets = list(ids), [sentinels[len(spans)]]
    for i in range(len(spans) - 1, -1, -1):
        start, length = spans[i]
        targets = [sentinels[i], *ids[start : start + length], *targets]
        inputs[start : start + length] = [sentinels[i]]
    return inputs, targets


TARGETS = "targets += [sentinel, *ids[start:end]]"

CORRUPT_SPANS = Exercise(
    solves="unrolled.corruption.corrupt_spans",
    groups={"one span or none": 1, "several spans": 2, "at the ends": 1},
    inputs=corrupt_spans_inputs,
    accepts=(corrupt_spans_token_by_token, corrupt_spans_backwards, corrupt_spans_by_edges),
    misconceptions=(
        Misconception(
            id="final-sentinel-missing",
            name="the final sentinel is missing",
            hint="Right in the code that came with T5, where a text always ends in a span. Here as in the paper's figure 2: "
            "how does the model say that nothing more is missing?",
            edits={"[*targets, sentinels[len(spans)]]": "targets"},
        ),
        Misconception(
            id="sentinels-restart",
            name="every span has the first sentinel",
            hint="How should the model say *which* hole it is filling? Which sentinel belongs to the second span?",
            edits={
                "targets += [": "sentinel = sentinels[0]\n        targets += [",
                "[*ids[end:start], sentinel]": "[*ids[end:start], sentinels[0]]",
            },
        ),
        Misconception(
            id="one-sentinel-for-all",
            name="the first sentinel stands for every span, and for the end",
            hint="Read your targets as the model would: which hole is filled here, and where do they stop? What are the other "
            "sentinels for?",
            edits={
                "targets += [": "sentinel = sentinels[0]\n        targets += [",
                "[*ids[end:start], sentinel]": "[*ids[end:start], sentinels[0]]",
                "sentinels[len(spans)]": "sentinels[0]",
            },
        ),
        Misconception(
            id="places-shift",
            name="the spans' places are counted in the text as it shrinks, from left to right",
            hint="Once a span of three has become one sentinel, all later tokens stand two places earlier. Do your spans know?",
            answer=lambda ids, spans, sentinels: _corrupt_in_place(ids, spans, sentinels),
        ),
        Misconception(
            id="sentinels-restart-in-the-targets",
            name="the targets begin with the second sentinel",
            hint="A sentinel in the targets names the hole that it fills. With which sentinel does the first hole stand in the "
            "inputs?",
            edits={TARGETS: "targets += [sentinels[sentinels.index(sentinel) + 1], *ids[start:end]]"},
        ),
        Misconception(
            id="final-sentinel-repeats-the-last",
            name="the final sentinel is that of the last span again",
            hint="The last one closes the targets and stands for no hole. How many sentinels are needed for three spans?",
            edits={"sentinels[len(spans)]": "sentinels[max(0, len(spans) - 1)]"},
        ),
        Misconception(
            id="final-sentinel-is-the-last-of-all",
            name="the targets end with the last sentinel there is",
            hint="More sentinels may be handed in than are used. Which one comes after that of the last span?",
            edits={"sentinels[len(spans)]": "sentinels[-1]"},
        ),
        Misconception(
            id="final-sentinel-in-the-inputs",
            name="the final sentinel stands in the inputs too",
            hint="A sentinel in the inputs marks a hole. Is there a hole at the end?",
            edits={"return inputs + ids[end:],": "return [*inputs, *ids[end:], sentinels[len(spans)]],"},
        ),
        Misconception(
            id="one-sentinel-a-token",
            name="the inputs have the sentinel once for every hidden token",
            hint="That would tell the model how much is missing. How many sentinels replace a whole span?",
            edits={"[*ids[end:start], sentinel]": "[*ids[end:start], *[sentinel] * length]"},
        ),
        Misconception(
            id="sentinel-put-in",
            name="the sentinel is put in, but what it should hide still stands after it",
            hint="Can the model copy the answer out of its inputs? From which token on does the text go on after the sentinel?",
            edits={
                "end = start + length": "end = start",
                TARGETS: "targets += [sentinel, *ids[start : start + length]]",
            },
        ),
        Misconception(
            id="spans-dropped",
            name="the spans are cut out of the inputs without a sentinel",
            hint="How should the model know where something is missing?",
            edits={"[*ids[end:start], sentinel]": "ids[end:start]"},
        ),
        Misconception(
            id="rest-lost",
            name="the text after the last span is lost",
            hint="After the last span the text goes on. What do you append when the loop has ended?",
            edits={"inputs + ids[end:]": "inputs"},
        ),
        Misconception(
            id="length-as-end",
            name="a span's second number is read as the place where it ends",
            hint="A span is (start, length). Where does a span of length 2 that starts at 5 end?",
            edits={"end = start + length": "end = length"},
        ),
        Misconception(
            id="one-token-too-many",
            name="every span is one token too long",
            hint="ids[a:b] does not hold the token at b. Which is the first token after a span?",
            edits={"end = start + length": "end = start + length + 1"},
        ),
        Misconception(
            id="sentinel-behind-its-span",
            name="in the targets each sentinel stands after its span",
            hint="The model writes from left to right. When must it say which hole comes?",
            edits={TARGETS: "targets += [*ids[start:end], sentinel]"},
        ),
        Misconception(
            id="whole-text-as-target",
            name="the targets are the whole text",
            hint="That is BART's exercise. T5 writes only what is missing, which is cheaper: what stands between its sentinels?",
            edits={"[*targets, sentinels[len(spans)]]": "list(ids)"},
        ),
        Misconception(
            id="exchanged",
            name="inputs and targets are exchanged",
            hint="Which of the two does the model read?",
            edits={
                "return inputs + ids[end:], [*targets, sentinels[len(spans)]]": (
                    "return [*targets, sentinels[len(spans)]], inputs + ids[end:]"
                )
            },
        ),
        Misconception(
            id="one-token-too-few",
            name="every span is one token too short",
            hint="ids[a:b] does not hold the token at b, so nothing must be subtracted. How many tokens are in ids[5:7]?",
            edits={"end = start + length": "end = start + length - 1"},
        ),
        Misconception(
            id="token-after-the-span-lost",
            name="the token after each span stands in neither of the two lists",
            hint="Every token of the text stands in one list or the other. Where does the text go on after a span of length 2 "
            "that starts at 5?",
            edits={
                "end = start + length": "end = start + length + 1",
                TARGETS: "targets += [sentinel, *ids[start : end - 1]]",
            },
        ),
        Misconception(
            id="last-token-in-both",
            name="the last token of each span stands in both lists",
            hint="Every token of the text stands in one list or the other. Where does the text go on after a span of length 2 "
            "that starts at 5?",
            edits={
                "end = start + length": "end = start + length - 1",
                TARGETS: "targets += [sentinel, *ids[start : end + 1]]",
            },
        ),
        Misconception(
            id="no-sentinels-in-the-targets",
            name="the targets hold no sentinel but the last",
            hint="Several holes, one text to write: how does the reader of your targets see which hole a token belongs to?",
            edits={TARGETS: "targets += ids[start:end]"},
        ),
        Misconception(
            id="no-sentinels-in-the-targets-at-all",
            name="the targets hold the hidden tokens and no sentinel at all",
            hint="Several holes, one text to write: how does the reader see which hole a token belongs to, and where it ends?",
            edits={TARGETS: "targets += ids[start:end]", "[*targets, sentinels[len(spans)]]": "targets"},
        ),
        Misconception(
            id="sentinels-from-the-end",
            name="the sentinels are taken from the end of their list",
            hint="The first span gets the first sentinel. From which end do you count?",
            edits={"zip(spans, sentinels,": "zip(spans, sentinels[::-1],"},
        ),
        Misconception(
            id="sentinels-count-down",
            name="the sentinels count down from the first, whatever the list says",
            hint="In the example they happen to fall by one. Which list tells you the number of the second sentinel?",
            edits={
                "zip(spans, sentinels,": "zip(spans, range(sentinels[0], -1, -1),",
                "sentinels[len(spans)]": "sentinels[0] - len(spans)",
            },
        ),
        Misconception(
            id="sentinels-of-the-example",
            name="the sentinels are those of the example, 99, 98, …",
            hint="Where do you use the argument `sentinels`?",
            edits={"zip(spans, sentinels,": "zip(spans, range(99, 0, -1),"},
        ),
        Misconception(
            id="sentinels-used-up",
            name="the sentinels are taken out of the caller's list",
            hint="The caller needs the list for the next text. What does `pop` do to it?",
            edits={
                TARGETS: "targets += [sentinels.pop(0), *ids[start:end]]",
                "zip(spans, sentinels,": "zip(spans, list(sentinels),",
                "sentinels[len(spans)]": "sentinels[0]",
            },
        ),
        Misconception(
            id="text-overwritten",
            name="the caller's text itself gets the holes",
            hint="The same sentence is damaged anew in every epoch. Do you write into `ids`, or into a list of your own?",
            edits={
                "return inputs + ids[end:], [*targets, sentinels[len(spans)]]": (
                    "ids[:] = inputs + ids[end:]\n    return list(ids), [*targets, sentinels[len(spans)]]"
                )
            },
        ),
        Misconception(
            id="places-shift-in-the-inputs",
            name="in the inputs, though not in the targets, the spans' places are counted in the text as it shrinks",
            hint="Once a span of three has become one sentinel, all later tokens stand two places earlier. From which end "
            "could you begin so that no place moves?",
            answer=lambda ids, spans, sentinels: (
                _corrupt_in_place(ids, spans, sentinels)[0],
                corrupt_spans_backwards(ids, spans, sentinels)[1],
            ),
        ),
        Misconception(
            id="spans-nested-in-the-targets",
            name="each span is a list inside the targets",
            hint="The model writes one row of tokens. What is the difference between `append` and `+=`?",
            edits={TARGETS: "targets += [[sentinel, *ids[start:end]]]"},
        ),
        Misconception(
            id="end-never-moves",
            name="what lies before a span is copied from the very beginning each time",
            hint="Where did the span before this one end, and which line remembers it?",
            edits={"ids[end:start]": "ids[0:start]", "inputs + ids[end:]": "inputs + list(ids)"},
        ),
        Misconception(
            id="starts-again-at-the-beginning",
            name="the text before a span begins at 0 each time, with the earlier spans in it",
            hint="Where did the span before this one end, and which line remembers it?",
            edits={"ids[end:start]": "ids[0:start]"},
        ),
        Misconception(
            id="rest-after-every-span",
            name="the whole rest of the text follows after every span",
            hint="Only after the last span does the text go on to its end. Is that line inside the loop?",
            edits={
                TARGETS: "targets += [sentinel, *ids[start:end]]\n        inputs += ids[end:]",
                "inputs + ids[end:]": "inputs",
            },
        ),
        Misconception(
            id="rest-after-every-span-and-at-the-end",
            name="the whole rest of the text follows after every span, and once more at the end",
            hint="Only after the last span does the text go on to its end. Which of your two lines is one too many?",
            edits={TARGETS: "targets += [sentinel, *ids[start:end]]\n        inputs += ids[end:]"},
        ),
        Misconception(
            id="only-the-first-span",
            name="only the first span is hidden",
            hint="How often does your loop run? Look how far the `return` is indented.",
            edits={"zip(spans, sentinels,": "zip(spans[:1], sentinels,"},
        ),
        Misconception(
            id="returns-in-the-loop",
            name="the function returns after its first span, and nothing when there is none",
            hint="How often does your loop run? Look how far the `return` is indented.",
            edits={
                TARGETS: TARGETS + "\n        return inputs + ids[end:], [*targets, sentinels[len(spans)]]",
                "    return inputs + ids[end:], [*targets, sentinels[len(spans)]]\n": "",
            },
        ),
        Misconception(
            id="end-of-text-added",
            name="both lists end in a 1, T5's end mark",
            hint="Whoever builds the batch adds it. Is it in the docstring's example?",
            edits={
                "inputs + ids[end:], [*targets, sentinels[len(spans)]]": (
                    "[*inputs, *ids[end:], 1], [*targets, sentinels[len(spans)], 1]"
                )
            },
        ),
        Misconception(
            id="touching-spans-merged",
            name="two spans side by side become one",
            hint="Each span has a sentinel of its own, also where nothing stands between two. What do you ask before you put one?",
            answer=lambda ids, spans, sentinels: _corrupt_merged(ids, spans, sentinels),
            also=(lambda ids, spans, sentinels: _corrupt_merged(ids, spans, sentinels, one_each=False),),
        ),
        Misconception(
            id="hidden-by-value",
            name="a hidden token is lost wherever else it stands",
            hint="A word may come twice, hidden once and seen once. Do you ask *which* token it is or *where* it stands?",
            edits={
                "inputs + ids[end:]": (
                    "[t for t in inputs + ids[end:] if t not in [ids[i] for a, n in spans for i in range(a, a + n)]]"
                )
            },
        ),
        Misconception(
            id="list-of-two-lists",
            name="the two lists come in a list, not in a tuple",
            hint="The signature promises a tuple of two lists. Which brackets make a tuple?",
            edits={
                "inputs + ids[end:], [*targets, sentinels[len(spans)]]": (
                    "[inputs + ids[end:], [*targets, sentinels[len(spans)]]]"
                )
            },
        ),
        Misconception(
            id="tensors",
            name="tensors come out instead of lists",
            hint="The batch is made later, when the lengths are known. What does the signature promise?",
            edits={
                "inputs + ids[end:], [*targets, sentinels[len(spans)]]": (
                    "torch.tensor(inputs + ids[end:]), torch.tensor([*targets, sentinels[len(spans)]])"
                )
            },
        ),
        Misconception(
            id="closing-sentinel-after-the-last-one-used",
            name="the closing sentinel is looked for after that of the last span, and there is no span",
            hint="A text may be left as it is: what are its targets? How many sentinels are used before the closing one?",
            edits={"sentinels[len(spans)]": "sentinels[sentinels.index(sentinel) + 1]"},
        ),
        Misconception(
            id="one-hole-for-every-sentinel",
            name="the loop goes over the sentinels, of which there are more than spans",
            hint="There may be more sentinels than you need. Over what does your loop run, and how often should it?",
            edits={
                "for (start, length), sentinel in zip(spans, sentinels, strict=False):": (
                    "for i, sentinel in enumerate(sentinels[:-1]):\n        start, length = spans[i]"
                ),
            },
        ),
        Misconception(
            id="closed-by-one",
            name="the targets end in a 1, T5's end mark, instead of the closing sentinel",
            hint="Who adds the mark for the end of a text? What says here that no more is missing?",
            edits={"sentinels[len(spans)]": "1"},
        ),
    ),
)


def _corrupt_in_place(ids, spans, sentinels):
    inputs, targets = list(ids), []
    for i, (start, length) in enumerate(spans):
        targets += [sentinels[i], *inputs[start : start + length]]
        inputs[start : start + length] = [sentinels[i]]
    return inputs, [*targets, sentinels[len(spans)]]


def _corrupt_merged(ids, spans, sentinels, one_each=True):
    """Touching spans are one; `one_each` says whether the sentinel of the second is left out, or comes next."""
    inputs, targets, end, used = [], [], 0, 0
    for i, (start, length) in enumerate(spans):
        touching = [] if start == end and start > 0 else [sentinels[i if one_each else used]]
        used += len(touching)
        inputs += [*ids[end:start], *touching]
        end = start + length
        targets += [*touching, *ids[start:end]]
    return inputs + ids[end:], [*targets, sentinels[len(spans) if one_each else used]]

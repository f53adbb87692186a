"""`corrupt_spans`: T5's exercise: a text with a sentinel for every span, and what stood there. Returns (inputs,
targets).
"""

from autograder.exercise import Exercise, Misconception
from autograder.exercises.t5_bart.shared import distinct, draw_spans


def corrupt_spans_inputs(rng):
    """Texts of different tokens; sentinels fall or rise, more of them than are needed; spans at either end."""

    def case(length, count, **where):
        spans, length = draw_spans(rng, length, count, **where)
        sentinels = list(range(999, 999 - count - 3, -1)) if rng.random() < 0.5 else list(range(900, 903 + count))
        return {"ids": distinct(rng, length), "spans": spans, "sentinels": sentinels}

    return {
        "one span": [case(11, 1)],
        "several spans": [case(19, 3), case(23, 4)],
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
    groups={"one span": 1, "several spans": 2, "at the ends": 1},
    inputs=corrupt_spans_inputs,
    accepts=(corrupt_spans_token_by_token, corrupt_spans_backwards),
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
            edits={"sentinels[len(spans)]": "sentinels[len(spans) - 1]"},
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
            name="the sentinel is put in, but what it should hide still stands behind it",
            hint="Can the model copy the answer out of its inputs? From which token on does the text go on behind the sentinel?",
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
            name="the text behind the last span is lost",
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
            hint="ids[a:b] does not hold the token at b. Which is the first token behind a span?",
            edits={"end = start + length": "end = start + length + 1"},
        ),
        Misconception(
            id="sentinel-behind-its-span",
            name="in the targets each sentinel stands behind its span",
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
    ),
)


def _corrupt_in_place(ids, spans, sentinels):
    inputs, targets = list(ids), []
    for i, (start, length) in enumerate(spans):
        targets += [sentinels[i], *inputs[start : start + length]]
        inputs[start : start + length] = [sentinels[i]]
    return inputs, [*targets, sentinels[len(spans)]]

"""`infill_text`: BART's text infilling: every span becomes a single `mask`, however long it is."""

from autograder.exercise import Exercise, Misconception
from autograder.exercises.t5_bart.shared import distinct, draw_spans


def infill_text_inputs(rng):
    """Texts of different tokens; spans of one token and more, and empty ones, also at either end."""

    def case(length, count, **where):
        spans, length = draw_spans(rng, length, count, **where)
        return {"ids": distinct(rng, length), "spans": spans, "mask": int(rng.integers(900, 999))}

    return {
        "full spans": [case(11, 1), case(23, 4), case(17, 3, first=0, last=0)],
        "empty spans": [case(17, 3, empty=(1,)), case(13, 2, first=0, empty=(0,)), case(19, 3, last=0, empty=(2,))],
    }


def infill_text_backwards(ids, spans, mask):
    corrupted = list(ids)
    for start, length in reversed(spans):
        corrupted[start : start + length] = [mask]
    return corrupted


def infill_text_token_by_token(ids, spans, mask):
    begins = {start for start, _ in spans}
    hidden = {place for start, length in spans for place in range(start, start + length)}
    corrupted = []
    for place in range(len(ids) + 1):
        if place in begins:
            corrupted.append(mask)
        if place < len(ids) and place not in hidden:
            corrupted.append(ids[place])
    return corrupted


INFILL_TEXT = Exercise(
    solves="unrolled.corruption.infill_text",
    groups={"full spans": 1, "empty spans": 1},
    inputs=infill_text_inputs,
    accepts=(infill_text_backwards, infill_text_token_by_token),
    misconceptions=(
        Misconception(
            id="one-mask-a-token",
            name="there is one mask for every hidden token, as in BERT",
            hint="Then the model need not find out how much is missing. How many masks replace a span of three tokens?",
            edits={"[*ids[end:start], mask]": "[*ids[end:start], *[mask] * length]"},
        ),
        Misconception(
            id="one-mask-a-token-but-empty-ones-too",
            name="there is one mask for every hidden token, and one for every empty span",
            hint="A span of 0 is right in yours. How many masks replace a span of three tokens?",
            edits={"[*ids[end:start], mask]": "[*ids[end:start], *[mask] * max(1, length)]"},
        ),
        Misconception(
            id="empty-spans-ignored",
            name="empty spans leave no mask",
            hint="The paper has them on purpose: so a model must learn that sometimes nothing is missing. What stands at "
            "`start` when the length is 0?",
            edits={"[*ids[end:start], mask]": "[*ids[end:start], *[mask] * (length > 0)]"},
        ),
        Misconception(
            id="empty-spans-hide-a-token",
            name="an empty span hides the token at its start",
            hint="How many tokens does a span of length 0 hide?",
            edits={"end = start + length": "end = start + max(1, length)"},
        ),
        Misconception(
            id="spans-cut-out",
            name="the spans are cut out without a mask",
            hint="That is BART's token deletion. In infilling, what shows where something is missing?",
            edits={"[*ids[end:start], mask]": "ids[end:start]"},
        ),
        Misconception(
            id="mask-put-in",
            name="the mask is put in, but what it should hide still stands behind it",
            hint="Can the model copy the answer? From which token on does the text go on behind a mask?",
            edits={"end = start + length": "end = start"},
        ),
        Misconception(
            id="places-shift",
            name="the spans' places are counted in the text as it shrinks, from left to right",
            hint="Once a span of three has become one mask, all later tokens stand two places earlier. Do your spans know?",
            answer=lambda ids, spans, mask: _infill_in_place(ids, spans, mask),
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
            id="rest-lost",
            name="the text behind the last span is lost",
            hint="After the last span the text goes on. What do you append when the loop has ended?",
            edits={"corrupted + ids[end:]": "corrupted"},
        ),
        Misconception(
            id="mask-behind-the-next-token",
            name="the mask of an empty span stands behind the token at its start",
            hint="In front of which token does the mask of an empty span stand?",
            edits={
                "[*ids[end:start], mask]": ("[*ids[end:start], mask] if length else [*ids[end : start + 1], mask]"),
                "end = start + length": "end = start + (length or 1)",
            },
        ),
    ),
)


def _infill_in_place(ids, spans, mask):
    corrupted = list(ids)
    for start, length in spans:
        corrupted[start : start + length] = [mask]
    return corrupted

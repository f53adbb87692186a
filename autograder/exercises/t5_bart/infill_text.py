"""`infill_text`: BART's text infilling: every span becomes a single `mask`, however long it is."""

from autograder.exercise import Exercise, Misconception
from autograder.exercises.t5_bart.shared import distinct, draw_spans, repeating


def infill_text_inputs(rng):
    """Texts in which a hidden token stands elsewhere too; spans of one token and more, and empty ones; at either end,
    side by side, over everything, and none.
    """

    def given(ids, spans):
        return {"ids": ids, "spans": spans, "mask": int(rng.integers(900, 999))}

    def case(length, count, **where):
        spans, length = draw_spans(rng, length, count, **where)
        empty = all(size == 0 for _, size in spans)
        return given(distinct(rng, length) if empty else repeating(rng, length, spans), spans)

    def side_by_side(second):
        start, first = (int(n) for n in rng.integers(2, 5, 2))
        spans = [(start, first), (start + first, second), (start + first + second + 2, 1)]
        return given(distinct(rng, start + first + second + 5), spans)

    return {
        "full spans": [
            case(11, 1),
            case(23, 4),
            case(17, 3, first=0, last=0),
            side_by_side(2),
            given(distinct(rng, 7), [(0, 7)]),
            given(distinct(rng, 5), []),
        ],
        "empty spans": [
            case(17, 3, empty=(1,)),
            case(13, 2, first=0, empty=(0,)),
            case(19, 3, last=0, empty=(2,)),
            side_by_side(0),
            given([], [(0, 0)]),
        ],
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


def infill_text_shifted(ids, spans, mask):
    corrupted, shift = list(ids), 0
    for start, length in spans:
        at = start + shift
        corrupted = [*corrupted[:at], mask, *corrupted[at + length :]]
        shift += 1 - length
    return corrupted


INFILL_TEXT = Exercise(
    solves="unrolled.corruption.infill_text",
    groups={"full spans": 1, "empty spans": 1},
    inputs=infill_text_inputs,
    accepts=(infill_text_backwards, infill_text_token_by_token, infill_text_shifted),
    misconceptions=(
        Misconception(
            id="empty-spans-ignored",
            name="empty spans leave no mask",
            hint="The paper has them on purpose: so a model must learn that sometimes nothing is missing. What stands at "
            "`start` when the length is 0?",
            edits={"[*ids[end:start], mask]": "[*ids[end:start], *[mask] * (length > 0)]"},
        ),
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
            name="the mask is put in, but what it should hide still stands after it",
            hint="Can the model copy the answer? From which token on does the text go on after a mask?",
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
            hint="ids[a:b] does not hold the token at b. Which is the first token after a span?",
            edits={"end = start + length": "end = start + length + 1"},
        ),
        Misconception(
            id="rest-lost",
            name="the text after the last span is lost",
            hint="After the last span the text goes on. What do you append when the loop has ended?",
            edits={"corrupted + ids[end:]": "corrupted"},
        ),
        Misconception(
            id="mask-behind-the-next-token",
            name="the mask of an empty span stands after the token at its start",
            hint="In front of which token does the mask of an empty span stand?",
            edits={
                "[*ids[end:start], mask]": ("[*ids[end:start], mask] if length else [*ids[end : start + 1], mask]"),
                "end = start + length": "end = start + (length or 1)",
            },
        ),
        Misconception(
            id="one-token-too-few",
            name="every span is one token too short",
            hint="ids[a:b] does not hold the token at b, so nothing must be subtracted. How many tokens are in ids[5:7]?",
            edits={"end = start + length": "end = start + length - 1"},
        ),
        Misconception(
            id="mask-after-the-token-at-start",
            name="the token at `start` stays, in front of the mask",
            hint="The token at `start` is the first of those that are hidden. Does ids[a:b] hold the token at b?",
            edits={"ids[end:start]": "ids[end : start + 1]"},
        ),
        Misconception(
            id="text-overwritten",
            name="the caller's text itself gets the masks",
            hint="The whole text is still needed: it is the target. Do you write into `ids`, or into a list of your own?",
            edits={"return corrupted + ids[end:]": "ids[:] = corrupted + ids[end:]\n    return list(ids)"},
        ),
        Misconception(
            id="starts-again-at-the-beginning",
            name="the text before a span begins at 0 each time, with the earlier spans in it",
            hint="Where did the span before this one end, and which line remembers it?",
            edits={"ids[end:start]": "ids[0:start]"},
        ),
        Misconception(
            id="end-not-remembered",
            name="it is never remembered where a span ended, neither before the next nor at the end",
            hint="Where did the last span end, and which line remembers it?",
            edits={"end = start + length": "pass"},
        ),
        Misconception(
            id="target-returned-too",
            name="the target is returned as well",
            hint="In BART it is the text itself, which the caller has. What does the signature promise?",
            edits={"return corrupted + ids[end:]": "return corrupted + ids[end:], ids"},
        ),
        Misconception(
            id="targets-as-in-t5",
            name="what is hidden comes out, each span after its mask, as T5's targets",
            hint="Here the damaged text is wanted. Which tokens stand in it, those inside the spans or those outside?",
            edits={
                "[*ids[end:start], mask]": "[mask, *ids[start : start + length]]",
                "corrupted + ids[end:]": "corrupted",
            },
        ),
        Misconception(
            id="mask-in-a-list",
            name="each mask stands in a list of its own inside the text",
            hint="The model reads one row of tokens. What is the difference between `append` and `+=`?",
            edits={"[*ids[end:start], mask]": "[*ids[end:start], [mask]]"},
        ),
        Misconception(
            id="pieces-in-lists",
            name="the pieces before the spans are lists inside the text",
            hint="The model reads one row of tokens. What is the difference between `append` and `+=`?",
            edits={"[*ids[end:start], mask]": "[[*ids[end:start], mask]]"},
        ),
        Misconception(
            id="masks-only-for-first-tokens",
            name="the mask stands in place of one token, and the rest of the span stays",
            hint="A span hides `length` tokens. How many does your assignment replace?",
            answer=lambda ids, spans, mask: _infill_first_tokens(ids, spans, mask),
        ),
        Misconception(
            id="returns-in-the-loop",
            name="the function returns after its first span, and nothing when there is none",
            hint="How often does your loop run? Look how far the `return` is indented.",
            edits={
                "end = start + length": "end = start + length\n        return corrupted + ids[end:]",
                "\n    return corrupted + ids[end:]": "",
            },
        ),
        Misconception(
            id="only-the-first-span",
            name="only the first span gets a mask",
            hint="How often does your loop run? Look how far the `return` is indented.",
            edits={"for start, length in spans:": "for start, length in spans[:1]:"},
        ),
        Misconception(
            id="hidden-places-only",
            name="it is only looked at where tokens are hidden: empty spans leave no mask, and touching spans one together",
            hint="An empty span hides no place, and two spans may touch. Over what could your loop run, if not over the places?",
            answer=lambda ids, spans, mask: _infill_hidden_places(ids, spans, mask),
        ),
        Misconception(
            id="shift-forgets-the-mask",
            name="the later places are shifted by what is cut out, but not by the mask that is put in",
            hint="Three tokens out, one mask in: by how many places does the text after it move?",
            edits={
                "corrupted, end = [], 0": "corrupted, shift = list(ids), 0",
                "corrupted += [*ids[end:start], mask]": ("corrupted[start + shift : start + shift + length] = [mask]"),
                "end = start + length": "shift -= length",
                "corrupted + ids[end:]": "corrupted",
            },
        ),
        Misconception(
            id="token-after-an-empty-span-twice",
            name="the token after an empty span stands there twice",
            hint="An empty span takes nothing away and adds a mask. Which line copies the token at `start`, and which copies it again?",
            edits={
                "end = start + length": "end = start + length\n        corrupted += ids[start : start + 1] if length == 0 else []"
            },
        ),
        Misconception(
            id="span-at-the-very-end-lost",
            name="an empty span after the last token leaves no mask",
            hint="A span may start at len(ids). Does your loop over the tokens get there?",
            edits={"for start, length in spans:": "for start, length in [s for s in spans if s[0] < len(ids)]:"},
        ),
        Misconception(
            id="empty-spans-hide-a-token-and-none-at-the-end",
            name="an empty span hides the token at its start, and leaves no mask after the last token",
            hint="How many tokens does a span of length 0 hide? And does your loop get to a span that starts at len(ids)?",
            edits={
                "for start, length in spans:": "for start, length in [s for s in spans if s[0] < len(ids)]:",
                "end = start + length": "end = start + max(1, length)",
            },
        ),
        Misconception(
            id="hidden-by-value",
            name="a hidden token is lost wherever else it stands",
            hint="A word may come twice, hidden once and seen once. Do you ask *which* token it is or *where* it stands?",
            edits={
                "corrupted + ids[end:]": (
                    "[t for t in corrupted + ids[end:] if t not in [ids[i] for a, n in spans for i in range(a, a + n)]]"
                )
            },
        ),
        Misconception(
            id="removed-by-value",
            name="the hidden tokens are removed by value, and the masks put in at the places of the whole text",
            hint="`remove` takes the first token of that number, and `insert` counts in the text as it has become. Where does each "
            "span begin by then?",
            answer=lambda ids, spans, mask: _infill_removed(ids, spans, mask),
        ),
        Misconception(
            id="masks-merged",
            name="two masks side by side become one",
            hint="Two spans may touch, and each has its mask. What do you ask before you put one?",
            edits={
                "[*ids[end:start], mask]": (
                    "[*ids[end:start], *([mask] if [*corrupted, *ids[end:start]][-1:] != [mask] else [])]"
                )
            },
        ),
        Misconception(
            id="numbered-masks",
            name="every span has a mask of its own, counting down",
            hint="That is T5, whose sentinels say which hole is which. How many kinds of mask has BART?",
            edits={"[*ids[end:start], mask]": "[*ids[end:start], mask - spans.index((start, length))]"},
        ),
        Misconception(
            id="numbered-masks-upwards",
            name="every span has a mask of its own, counting up",
            hint="That is T5, whose sentinels say which hole is which. How many kinds of mask has BART?",
            edits={"[*ids[end:start], mask]": "[*ids[end:start], mask + spans.index((start, length))]"},
        ),
        Misconception(
            id="tensor",
            name="a tensor comes out instead of a list",
            hint="The batch is made later, when the lengths are known. What does the signature promise?",
            edits={"corrupted + ids[end:]": "torch.tensor(corrupted + ids[end:])"},
        ),
    ),
)


def _infill_in_place(ids, spans, mask):
    corrupted = list(ids)
    for start, length in spans:
        corrupted[start : start + length] = [mask]
    return corrupted


def _infill_first_tokens(ids, spans, mask):
    corrupted = list(ids)
    for start, _ in reversed(spans):
        corrupted[start] = mask
    return corrupted


def _infill_removed(ids, spans, mask):
    corrupted = list(ids)
    for start, length in spans:
        for token in ids[start : start + length]:
            corrupted.remove(token)
        corrupted.insert(start, mask)
    return corrupted


def _infill_hidden_places(ids, spans, mask):
    hidden = {place for start, length in spans for place in range(start, start + length)}
    corrupted = []
    for place, token in enumerate(ids):
        if place not in hidden:
            corrupted.append(token)
        elif place - 1 not in hidden:
            corrupted.append(mask)
    return corrupted

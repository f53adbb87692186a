"""`chunk_text`: Overlapping windows of a text: none is lost, and none lies inside the one before it."""

from autograder.exercise import Exercise, Misconception


def chunk_text_inputs(rng):
    """Lengths for which the last chunk is whole, shorter, or would lie inside the one before; one token, none; any tokens."""

    def case(length, size, overlap):
        return {"tokens": rng.integers(0, 1000, length).tolist(), "size": size, "overlap": overlap}

    def words(length, size, overlap):
        return {"tokens": [f"w{i}" for i in rng.integers(0, 99, length)], "size": size, "overlap": overlap}

    size = int(rng.integers(5, 8))
    return {
        "side by side": [case(3 * size, size, 0), case(3 * size + 1, size, 0), case(3 * size - 1, size, 0), words(3, 1, 0)],
        "overlapping": [
            case(size + 3 * (size - 2), size, 2),
            case(size + 3 * (size - 2) + 1, size, 2),
            case(size + 3 * (size - 2) - 1, size, 2),
            case(size + 2 * (size - 2) + 2, size, 2),
            case(11, 7, 5),
            words(13, 5, 4),
        ],
        "short texts": [case(size, size, 2), case(size - 1, size, 3), case(1, size, 2), case(2, size, 3), case(3, 5, 4), case(0, size, 2)],
    }


def chunk_text_refuses(rng):
    tokens = rng.integers(0, 9, 5).tolist()
    return [
        {"tokens": tokens, "size": 0, "overlap": 0},
        {"tokens": tokens, "size": 3, "overlap": 3},
        {"tokens": tokens, "size": 3, "overlap": 5},
        {"tokens": tokens, "size": 3, "overlap": -1},
    ]


def _checked(size, overlap):
    if size <= 0:
        raise ValueError("size must be 1 or more")
    if overlap < 0 or overlap >= size:
        raise ValueError("overlap must be from 0 to size - 1")


def chunk_text_while(tokens, size, overlap):
    _checked(size, overlap)
    chunks, start = [], 0
    while start < len(tokens):
        chunks.append(tokens[start : start + size])
        if start + size >= len(tokens):
            break
        start += size - overlap
    return chunks


def chunk_text_recursive(tokens, size, overlap):
    _checked(size, overlap)
    if len(tokens) <= size:
        return [list(tokens)] if tokens else []
    return [tokens[:size], *chunk_text_recursive(tokens[size - overlap :], size, overlap)]


def chunk_text_counted(tokens, size, overlap):
    _checked(size, overlap)
    if not tokens:
        return []
    step = size - overlap
    more = max(0, -(-(len(tokens) - size) // step))
    return [tokens[i * step : i * step + size] for i in range(more + 1)]


def chunk_text_dropped_inside(tokens, size, overlap):
    _checked(size, overlap)
    chunks = []
    for start in range(0, len(tokens), size - overlap):
        if start == 0 or start + overlap < len(tokens):
            chunks.append([*tokens[start : start + size]])
    return chunks


END = "end = max(len(tokens) - overlap, min(len(tokens), 1))"
STEP = "range(0, end, size - overlap)"
RESULT = "[tokens[start : start + size] for start in range(0, end, size - overlap)]"

CHUNK_TEXT = Exercise(
    solves="unrolled.chunking.chunk_text",
    groups={"side by side": 1, "overlapping": 1, "short texts": 1},
    inputs=chunk_text_inputs,
    refuses=chunk_text_refuses,
    accepts=(chunk_text_while, chunk_text_recursive, chunk_text_counted, chunk_text_dropped_inside),
    misconceptions=(
        Misconception(
            id="last-lost",
            name="only whole chunks are made, and the end of the text is lost",
            hint="In which of your chunks does the last token stand?",
            edits={END: "end = len(tokens) - size + 1"},
        ),
        Misconception(
            id="last-lost-unless-short",
            name="only whole chunks are made, except for a text that is shorter than one",
            hint="In which of your chunks does the last token stand?",
            edits={END: "end = max(len(tokens) - size + 1, min(len(tokens), 1))"},
        ),
        Misconception(
            id="last-inside",
            name="one more chunk is begun although the one before it ends with the last token",
            hint="Which of its tokens has your last chunk that the one before has not?",
            edits={END: "end = len(tokens)"},
        ),
        Misconception(
            id="overlap-as-step",
            name="each chunk begins `overlap` tokens after the one before",
            hint="Two chunks of 5 that share 2 tokens: how far apart do they begin?",
            edits={STEP: "range(0, end, max(overlap, 1))"},
        ),
        Misconception(
            id="no-overlap",
            name="the chunks stand side by side, without any overlap",
            hint="Which argument does your step not use?",
            edits={END: "end = len(tokens)", STEP: "range(0, end, size)"},
        ),
        Misconception(
            id="overlap-added",
            name="the chunks lie `overlap` tokens apart instead of sharing them",
            hint="Is there a token that stands in none of your chunks?",
            edits={STEP: "range(0, end, size + overlap)"},
        ),
        Misconception(
            id="overlap-outside",
            name="the overlap comes on top of `size`: the chunks are longer than that",
            hint="How many tokens has your longest chunk?",
            edits={END: "end = len(tokens)", RESULT: "[tokens[start : start + size + overlap] for start in range(0, end, size)]"},
        ),
        Misconception(
            id="overlap-on-both-sides",
            name="chunks that stand side by side get `overlap` more tokens on the left",
            hint="How long is your second chunk, and the longest allowed?",
            edits={END: "end = len(tokens)", RESULT: "[tokens[max(start - overlap, 0) : start + size] for start in range(0, end, size)]"},
        ),
        Misconception(
            id="one-off",
            name="neighbours share one token more than `overlap`",
            hint="Count the tokens that your first two chunks share: how many should there be?",
            edits={STEP: "range(0, end, max(size - overlap - 1, 1))"},
        ),
        Misconception(
            id="one-short",
            name="neighbours share one token less than `overlap`",
            hint="Count the tokens that your first two chunks share: how many should there be?",
            edits={STEP: "range(0, end, size - overlap + 1)"},
        ),
        Misconception(
            id="moved-back",
            name="the last chunk is moved back until it is full",
            hint="A common choice, but another one. How far from the one before should your last chunk begin?",
            edits={
                RESULT: "[tokens[max(min(start, len(tokens) - size), 0) : max(min(start, len(tokens) - size), 0) + size] for start in range(0, end, size - overlap)]"
            },
        ),
        Misconception(
            id="too-short-is-none",
            name="a text no longer than the overlap gives no chunk at all",
            hint="A text of one token: where should that token stand?",
            edits={END: "end = len(tokens) - overlap"},
        ),
        Misconception(
            id="empty-chunk",
            name="an empty text gives one chunk with nothing in it",
            hint="What should be indexed of a text without words?",
            edits={END: "end = max(len(tokens) - overlap, 1)"},
        ),
        Misconception(
            id="first-only",
            name="only the first chunk is made",
            hint="In which of your chunks does the last token stand?",
            edits={STEP: "range(0, min(end, 1), size - overlap)"},
        ),
        Misconception(
            id="every-start",
            name="a chunk begins at every token",
            hint="How many tokens do your first two chunks share?",
            edits={STEP: "range(0, end, 1)"},
        ),
        Misconception(
            id="overlap-unchecked",
            name="an overlap as large as the chunk, or below 0, is taken without a word",
            hint="If neighbours share all their tokens, how far does each step go? What does the docstring promise?",
            edits={"if not 0 <= overlap < size:": "if False:", STEP: "range(0, end, max(size - overlap, 1))"},
        ),
        Misconception(
            id="size-unchecked",
            name="a size of 0 is taken without a word",
            hint="What does the docstring promise for a size below 1?",
            edits={"if size < 1:": "if False:", "if not 0 <= overlap < size:": "if size and not 0 <= overlap < size:", STEP: "range(0, end, max(size - overlap, 1))"},
        ),
        Misconception(
            id="too-large-unnoticed",
            name="a negative overlap is refused, but not one that is as large as the chunk",
            hint="If neighbours share all their tokens, how far does each step go?",
            edits={"if not 0 <= overlap < size:": "if overlap < 0:", STEP: "range(0, end, max(size - overlap, 1))"},
        ),
        Misconception(
            id="negative-unnoticed",
            name="an overlap as large as the chunk is refused, but not a negative one",
            hint="With an overlap of −1, which token stands in none of your chunks?",
            edits={"if not 0 <= overlap < size:": "if overlap >= size:"},
        ),
        Misconception(
            id="tuples",
            name="the chunks are tuples, not lists",
            hint="What does the signature promise inside of the list?",
            edits={RESULT: "[tuple(tokens[start : start + size]) for start in range(0, end, size - overlap)]"},
        ),
    ),
)

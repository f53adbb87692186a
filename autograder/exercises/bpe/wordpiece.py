"""`wordpiece`: The pieces of one word, greedily: each time the longest that is in the vocabulary."""

from autograder.exercise import Exercise, Misconception
from autograder.exercises.bpe.shared import shuffled


def wordpiece_inputs(rng):
    """A vocabulary of drawn letters with short and long pieces, and words with one way through, several, or none."""
    a, b, c, d = shuffled(rng, *"abcd")
    pieces = [a, a + b, b, f"##{a}", f"##{b}", f"##{c}", f"##{b}{c}", f"##{c}{a}", f"##{c}{a}{b}", f"##{a}{b}"]
    pieces += ["사랑", "##해", "##해요", "##요", f"##{a}{b}{a}", f"##{b}{d}"]  # {b}{d} is never reached

    def case(word, longest=23):
        return {"word": word, "vocabulary": shuffled(rng, *pieces), "unknown": "[UNK]", "longest": longest}

    return {
        "known": [case(word) for word in (a, a + b, a + b + c + a + b, b + c + a + a, "사랑해요", a + b + a + b + c)],
        "unknown": [case(word) for word in (d, a + d, a + b + d + a, c, "사람", "사랑이")],
        "long": [case((a + b) * 4, longest=7), case((a + b) * 4, longest=8), case("사랑해요", longest=5)],
    }


def wordpiece_by_recursion(word, vocabulary, unknown="[UNK]", longest=100):
    def rest_of(word, mark):
        if not word:
            return []
        for end in range(len(word), 0, -1):
            if mark + word[:end] in vocabulary:
                rest = rest_of(word[end:], "##")
                return None if rest is None else [mark + word[:end], *rest]
        return None

    pieces = None if len(word) > longest else rest_of(word, "")
    return [unknown] if pieces is None else pieces


def wordpiece_by_generator(word, vocabulary, unknown="[UNK]", longest=100):
    """With a set, and the pieces in a row from long to short."""
    known, pieces, rest = set(vocabulary), [], word
    while rest and len(word) <= longest:
        candidates = (("##" if pieces else "") + rest[:n] for n in reversed(range(1, len(rest) + 1)))
        piece = next(filter(known.__contains__, candidates), None)
        if piece is None:
            break
        pieces.append(piece)
        rest = rest[len(piece.removeprefix("##") if len(pieces) > 1 else piece) :]
    return [unknown] if rest else pieces


def wordpiece_backwards(word, vocabulary, unknown="[UNK]", longest=100):
    if len(word) > longest:
        return [unknown]
    pieces, end = [], len(word)
    while end > 0:
        start = 0
        while start < end and ("##" if start else "") + word[start:end] not in vocabulary:
            start += 1
        if start == end:
            return [unknown]
        pieces.insert(0, ("##" if start else "") + word[start:end])
        end = start
    return pieces


def wordpiece_going_back(word, vocabulary, unknown="[UNK]", longest=100):
    def ways(start):
        if start == len(word):
            yield []
        for end in range(len(word), start, -1):
            piece = ("##" if start else "") + word[start:end]
            if piece in vocabulary:
                yield from ([piece, *rest] for rest in ways(end))

    return next(ways(0), [unknown]) if len(word) <= longest else [unknown]


WORDPIECE = Exercise(
    solves="unrolled.wordpiece.wordpiece",
    groups={"known": 1, "unknown": 1, "long": 1},
    inputs=wordpiece_inputs,
    accepts=(wordpiece_by_recursion, wordpiece_by_generator),
    forbids=("tokenizers", "transformers"),
    misconceptions=(
        Misconception(
            id="mark-forgotten",
            name="the pieces inside a word are looked up without ##, as if they began one",
            hint="“able” and “##able” are two entries. Which one may stand inside a word?",
            edits={'"##" if start else ""': '""'},
        ),
        Misconception(
            id="mark-not-written",
            name="the pieces are looked up rightly, but come out without ##",
            hint="un, believ, able: can a reader see that this is one word, and not three?",
            edits={"pieces.append(mark + word[start:end])": "pieces.append(word[start:end])"},
        ),
        Misconception(
            id="mark-everywhere",
            name="the first piece is looked up with ## as well",
            hint="## says that a piece continues a word. Does the first piece continue anything?",
            edits={'"##" if start else ""': '"##"'},
        ),
        Misconception(
            id="shortest",
            name="the shortest piece that fits is taken instead of the longest",
            hint="From which end do you try: the whole rest of the word first, or its first letter?",
            edits={
                "end, mark = len(word), ": "end, mark = start + 1, ",
                "while end > start and mark": "while end <= len(word) and mark",
                "end -= 1": "end += 1",
                "if end == start": "if end > len(word)",
            },
        ),
        Misconception(
            id="backwards",
            name="the longest piece at the end of the word is taken first",
            hint="Both ways are greedy, but not the same. At which end does BERT begin?",
            answer=wordpiece_backwards,
        ),
        Misconception(
            id="going-back",
            name="where the longest piece leads nowhere, a shorter one is tried",
            hint="That would find more words. BERT never goes back: what does it make of a word whose rest does not fit?",
            answer=wordpiece_going_back,
        ),
        Misconception(
            id="rest-unknown",
            name="the pieces found so far are kept, and only the rest is unknown",
            hint="If one place of a word does not fit, what does BERT make of the whole word?",
            edits={
                "if end == start:\n            return [unknown]": "if end == start:\n            return [*pieces, unknown]"
            },
        ),
        Misconception(
            id="letter-unknown",
            name="a letter that does not fit is unknown, and the word goes on behind it",
            hint="If one place of a word does not fit, is it that letter that becomes unknown, or the word?",
            edits={
                "if end == start:\n            return [unknown]": (
                    "if end == start:\n            pieces.append(unknown)\n            start += 1\n            continue"
                )
            },
        ),
        Misconception(
            id="letter-skipped",
            name="a letter that does not fit is skipped in silence",
            hint="Can a reader see that something was left out? What must come out instead?",
            edits={
                "if end == start:\n            return [unknown]": "if end == start:\n            start += 1\n            continue"
            },
        ),
        Misconception(
            id="no-limit",
            name="words of any length are taken apart",
            hint="What is the argument `longest` for?",
            edits={"if len(word) > longest:\n        return [unknown]\n    ": ""},
        ),
        Misconception(
            id="limit-in-bytes",
            name="the length of a word is counted in bytes",
            hint="A Korean word would then be too long three times as soon. What does the docstring count?",
            edits={"len(word) > longest": "len(word.encode()) > longest"},
        ),
        Misconception(
            id="limit-too-low",
            name="a word of just `longest` characters is already unknown",
            hint="May a word be as long as the longest, or must it be shorter?",
            edits={"len(word) > longest": "len(word) >= longest"},
        ),
    ),
)

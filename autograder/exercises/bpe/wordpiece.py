"""`wordpiece`: The pieces of one word, greedily: each time the longest that is in the vocabulary."""

from autograder.exercise import Exercise, Misconception
from autograder.exercises.bpe.shared import shuffled
from unrolled.wordpiece import wordpiece


def wordpiece_inputs(rng):
    """A vocabulary of drawn letters with short and long pieces, and words with one way through, several, or none."""
    a, b, c, d, e = shuffled(rng, *"abcde")
    pieces = [a, a + b, b, f"##{a}", f"##{b}", f"##{c}", f"##{b}{c}", f"##{c}{a}", f"##{c}{a}{b}", f"##{a}{b}"]
    pieces += ["사랑", "##해", "##해요", "##요", f"##{a}{b}{a}", f"##{b}{d}"]  # {b}{d} is never reached
    pieces += [e, e + c, f"##{a.upper()}", a.upper() + b]  # e begins words, but never goes on with one
    marks = shuffled(rng, "[UNK]", "<unk>", "?")

    def case(word, longest=23, unknown=marks[0]):
        return {"word": word, "vocabulary": shuffled(rng, *pieces), "unknown": unknown, "longest": longest}

    known = (
        a,
        a + b,
        a + b + c + a + b,
        b + c + a + a,
        "사랑해요",
        a + b + a + b + c,
        a.upper() + b + a.upper() + a,
        "",
    )
    strange = (d, a + d, a + b + d + a, c, "사람", "사랑이", a + e, a + e + c, f"{b.upper()}{a}")
    return {
        "known": [case(word) for word in known],
        "unknown": [
            *(case(word, unknown=marks[i % 3]) for i, word in enumerate(strange)),
            case(b + c + a + b + a + b + a),
        ],
        "long": [
            case((a + b) * 4, longest=7),
            case((a + b) * 4, longest=8, unknown=marks[1]),
            case("사랑해요", longest=5),
            *({"word": (a + b) * 50 + end, "vocabulary": pieces} for end in ("", a)),  # 100 is the longest by default
        ],
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


def wordpiece_by_startswith(word, vocabulary, unknown="[UNK]", longest=100):
    """The longest of all entries with which the rest begins."""
    if len(word) > longest:
        return [unknown]
    firsts = [p for p in vocabulary if not p.startswith("##")]
    others = [p[2:] for p in vocabulary if p.startswith("##")]
    pieces, start = [], 0
    while start < len(word):
        fitting = [p for p in (others if start else firsts) if word.startswith(p, start)]
        if not fitting:
            return [unknown]
        best = max(fitting, key=len)
        pieces.append(f"##{best}" if start else best)
        start += len(best)
    return pieces


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


def wordpiece_shortened(word, vocabulary, unknown="[UNK]", longest=100):
    return wordpiece(word[:longest], vocabulary, unknown, longest)


def wordpiece_in_two(word, vocabulary, unknown="[UNK]", longest=100):
    if len(word) > longest:
        return [unknown]
    if word in vocabulary:
        return [word]
    for end in range(len(word) - 1, 0, -1):
        if word[:end] in vocabulary and "##" + word[end:] in vocabulary:
            return [word[:end], "##" + word[end:]]
    return [unknown]


def wordpiece_fewest(word, vocabulary, unknown="[UNK]", longest=100):
    best = {0: []}
    for end in range(1, len(word) + 1):
        for start in range(end):
            piece = ("##" if start else "") + word[start:end]
            if start in best and piece in vocabulary and len(best.get(end, word)) > len(best[start]) + 1:
                best[end] = [*best[start], piece]
    return best.get(len(word), [unknown]) if len(word) <= longest else [unknown]


def _cutting(cut):
    """A right answer but for how the piece is cut off: `cut(rest, piece)`."""

    def wordpiece_cutting(word, vocabulary, unknown="[UNK]", longest=100):
        pieces, rest = [], word
        while rest and len(word) <= longest:
            mark = "##" if pieces else ""
            piece = next((rest[:n] for n in range(len(rest), 0, -1) if mark + rest[:n] in vocabulary), None)
            if piece is None:
                return [unknown]
            pieces.append(mark + piece)
            rest = cut(rest, piece)
        return pieces if len(word) <= longest else [unknown]

    return wordpiece_cutting


WORDPIECE = Exercise(
    solves="unrolled.wordpiece.wordpiece",
    groups={"known": 1, "unknown": 1, "long": 1},
    inputs=wordpiece_inputs,
    accepts=(wordpiece_by_recursion, wordpiece_by_generator, wordpiece_by_startswith),
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
            name="a letter that does not fit is unknown, and the word goes on after it",
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
        Misconception(
            id="without-mark-too",
            name="inside a word a piece without ## will do, where the one with ## is missing",
            hint="“able” begins a word. May it stand inside one, if “##able” is not in the list?",
            edits={
                "mark + word[start:end] not in vocabulary": "not {mark + word[start:end], word[start:end]} & {*vocabulary}",
                "pieces.append(mark + word[start:end])": (
                    "piece = mark + word[start:end]\n        pieces.append(piece if piece in vocabulary else word[start:end])"
                ),
            },
        ),
        Misconception(
            id="mark-in-the-result-only",
            name="the pieces inside a word are looked up without ##, and written with it",
            hint="In the vocabulary, too, a piece that continues a word has ## in front. What do you look up?",
            edits={"mark + word[start:end] not in": "word[start:end] not in"},
        ),
        Misconception(
            id="mark-otherwise",
            name="the mark of a piece inside a word is not written as the vocabulary does, with two # in front",
            hint="“##able” stands in the vocabulary. How many # have you, and on which side of the piece?",
            edits={'"##" if start': '"#" if start'},
        ),
        Misconception(
            id="limit-of-100",
            name="the limit is 100 characters, whatever `longest` says",
            hint="100 is only what holds if the caller says nothing. Which argument says something else?",
            edits={"len(word) > longest": "len(word) > 100"},
        ),
        Misconception(
            id="unknown-by-another-name",
            name="an unknown word is [UNK], whatever `unknown` says",
            hint="Another model may write <unk>. Which argument says how?",
            edits={
                "        return [unknown]\n    pieces": '        return ["[UNK]"]\n    pieces',
                "            return [unknown]\n        pieces": '            return ["[UNK]"]\n        pieces',
            },
        ),
        Misconception(
            id="unknown-as-a-string",
            name="an unknown word is a string, and not a list with one piece",
            hint="The signature promises a list of strings, however many. What is yours where nothing fits?",
            edits={"            return [unknown]\n        pieces": "            return unknown\n        pieces"},
        ),
        Misconception(
            id="unknown-in-letters",
            name="an unknown word is a list of the letters of [UNK]",
            hint="list(unknown) takes a string apart. How do you write a list with one string in it?",
            edits={"            return [unknown]\n        pieces": "            return list(unknown)\n        pieces"},
        ),
        Misconception(
            id="unknown-for-each-character",
            name="an unknown word has as many unknown pieces as it has characters",
            hint="The *whole* word is unknown: how many pieces is that?",
            edits={
                "            return [unknown]\n        pieces": "            return [unknown] * len(word)\n        pieces"
            },
        ),
        Misconception(
            id="pieces-so-far",
            name="where nothing fits the pieces found so far come out",
            hint="A reader would take them for the word. What should come out instead?",
            edits={"            return [unknown]\n        pieces": "            return pieces\n        pieces"},
        ),
        Misconception(
            id="lower-case",
            name="the word is made lower-case first",
            hint="BERT's uncased models do so, before WordPiece. Does this docstring say that capital letters may go?",
            edits={"if len(word) > longest": "word = word.lower()\n    if len(word) > longest"},
        ),
        Misconception(
            id="accents-stripped",
            name="the letters are decomposed and lose their accents",
            hint="BERT's uncased models do so, before WordPiece. How many characters is 사 in yours?",
            edits={
                "if len(word) > longest": (
                    'unicodedata = __import__("unicodedata")\n    word = "".join(c for c in unicodedata.normalize("NFD", word)'
                    ' if unicodedata.category(c) != "Mn")\n    if len(word) > longest'
                )
            },
        ),
        Misconception(
            id="cut-to-length",
            name="a word that is too long is cut off and taken apart",
            hint="Then two long words may become the same. What does the docstring say of them?",
            answer=wordpiece_shortened,
        ),
        Misconception(
            id="last-character-left-out",
            name="no piece ever reaches the last character",
            hint="word[start:end] ends before `end`. How large must `end` be at first?",
            edits={"end, mark = len(word), ": "end, mark = len(word) - 1, "},
        ),
        Misconception(
            id="single-characters-left-out",
            name="pieces of a single character are never tried",
            hint="The shortest piece has one character. At which `end` do you give up?",
            edits={"while end > start and": "while end > start + 1 and", "if end == start": "if end <= start + 1"},
        ),
        Misconception(
            id="two-pieces-at-most",
            name="a word comes apart into two pieces at most",
            hint="What is done for the first piece must be done for the rest again. What repeats it?",
            answer=wordpiece_in_two,
        ),
        Misconception(
            id="fewest-pieces",
            name="the way with the fewest pieces is found, greedy or not",
            hint="That is optimal, but not what BERT does. Which piece does it take first, come what may?",
            answer=wordpiece_fewest,
        ),
        Misconception(
            id="replaced-everywhere",
            name="a piece is removed from the word wherever it occurs",
            hint="`replace` with nothing takes away every place. Which one do you mean?",
            answer=_cutting(lambda rest, piece: rest.replace(piece, "")),
        ),
        Misconception(
            id="letters-stripped",
            name="with a piece all its letters are stripped from the rest",
            hint="`lstrip` takes a set of letters, not a word. How do you take away just so many characters?",
            answer=_cutting(lambda rest, piece: rest.lstrip(piece)),
        ),
        Misconception(
            id="mark-counted",
            name="the ## counts as two characters of the word",
            hint="“##able” stands for four characters of the word. By how many do you go on?",
            edits={"start = end": "start += len(mark) + end - start"},
        ),
        Misconception(
            id="joined",
            name="the pieces are joined to one text",
            hint="The signature promises a list. What do you do with it at the end?",
            edits={"return pieces": 'return " ".join(pieces)'},
        ),
        Misconception(
            id="wrapped",
            name="[CLS] and [SEP] stand around the pieces",
            hint="Those are put round a whole text. What does the docstring promise for a word?",
            edits={"return pieces": 'return ["[CLS]", *pieces, "[SEP]"]'},
        ),
        Misconception(
            id="empty-unknown",
            name="the empty word is unknown",
            hint="How many pieces does it take to write no characters? Is there a place where nothing fits?",
            edits={"if len(word) > longest": "if not word or len(word) > longest"},
        ),
    ),
)

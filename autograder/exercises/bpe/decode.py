"""`decode`: The text of the ids: the bytes of all tokens, joined first and then read as UTF-8."""

import codecs
import unicodedata

from autograder.exercise import Exercise, Misconception
from autograder.exercises.bpe.shared import ENDS, drawn, merges_for
from unrolled.bpe import encode


def decode_inputs(rng):
    """Ids of texts; then ids in any order, and characters cut in the middle."""
    merges = merges_for(rng)
    first = 256 + len(merges)

    def case(ids, special_tokens=()):
        return {"ids": [int(i) for i in ids], "merges": merges, "special_tokens": list(special_tokens)}

    decomposed = unicodedata.normalize("NFD", "사é")
    text = f" {drawn(rng, 'abcd', 9)} 나는 너를 매우 사랑해 é {decomposed} {drawn(rng, 'xyz뷁한', 5)}"
    text = encode(text, merges)
    ended = [*text[:5], first, *text[5:9], first + 2, *text[9:], first + 1]
    cut = list("너".encode())[:2]
    anything = rng.permutation(first)
    return {
        "text": [case(text), case(merges[-1]), case([])],
        "special tokens": [
            case(ended, ENDS),
            case([first + 2, first, first, first + 1, first + 2], [*ENDS[1:], ENDS[0]]),
        ],
        "no UTF-8": [case([*text, *cut]), case([*cut, 97, *anything[:17]]), case([0xFF, 0xEC, 97, 0, 0x80])],
    }


def decode_refuses(rng):
    """Ids below zero, the first one that is too large, with special tokens and without, and one far off."""
    merges = merges_for(rng)
    first, inside = 256 + len(merges), int(rng.integers(97, 122))

    def case(*ids, special_tokens=()):
        return {"ids": [inside, *ids, inside], "merges": merges, "special_tokens": list(special_tokens)}

    return [case(-1), case(-100), case(first), case(first + 3, first + 2, special_tokens=ENDS), case(10**6)]


def probe_decode(answer, inputs):
    """Call it; what an exception says of "the id" it says of the argument `ids`."""
    import re

    from autograder.probes import call

    try:
        return call(answer, inputs)
    except ValueError as error:
        if re.search(r"(?<!\w)id(?!\w)", str(error)):
            error.args = (f"ids ({error})",)
        raise


def decode_by_recursion(ids, merges, special_tokens=()):
    def spell(i):
        if i < 256:
            return [i]
        if i >= 256 + len(merges):
            return list(special_tokens[i - 256 - len(merges)].encode())
        return [byte for part in merges[i - 256] for byte in spell(part)]

    known = range(256 + len(merges) + len(special_tokens))
    for i in ids:
        if i not in known:
            raise ValueError(f"ids: {i} is not the id of any token")
    return bytes(byte for i in ids for byte in spell(i)).decode(errors="replace")


def decode_by_unmerging(ids, merges, special_tokens=()):
    ids = list(ids)
    if ids and (min(ids) < 0 or max(ids) >= 256 + len(merges) + len(special_tokens)):
        raise ValueError(f"no token has the id {max(ids)} or {min(ids)}")
    for new in range(255 + len(merges), 255, -1):
        ids = [part for i in ids for part in (merges[new - 256] if i == new else [i])]
    data = bytearray()
    for i in ids:
        data += bytes([i]) if i < 256 else special_tokens[i - 256 - len(merges)].encode("utf-8")
    return str(data, "utf-8", "replace")


def known(ids, merges, special_tokens):
    """The ids, if a token has each of them."""
    if wrong := [i for i in ids if not 0 <= i < 256 + len(merges) + len(special_tokens)]:
        raise ValueError(f"ids holds {wrong[0]}")
    return ids


def decode_specials_first(ids, merges, special_tokens=()):
    tokens = [bytes([byte]) for byte in range(256)]
    for left, right in merges:
        tokens.append(tokens[left] + tokens[right])
    tokens[256:256] = [token.encode() for token in special_tokens]
    return b"".join(tokens[i] for i in known(ids, merges, special_tokens)).decode("utf-8", errors="replace")


def decode_characters(ids, merges, special_tokens=()):
    tokens = [chr(byte) for byte in range(256)]
    for left, right in merges:
        tokens.append(tokens[left] + tokens[right])
    return "".join((tokens + list(special_tokens))[i] for i in known(ids, merges, special_tokens))


def decode_incrementally(ids, merges, special_tokens=()):
    """The bytes by a table that is filled on demand; read piece by piece by an incremental decoder."""
    table = {256 + len(merges) + i: token.encode() for i, token in enumerate(special_tokens)}
    table |= {byte: bytes((byte,)) for byte in range(256)}
    for i, (left, right) in enumerate(merges, start=256):
        table[i] = table[left] + table[right]
    reader = codecs.getincrementaldecoder("utf-8")(errors="replace")
    for i in ids:
        if i not in table:
            raise ValueError(f"ids holds {i}, which no token has")
    return "".join([*(reader.decode(table[i]) for i in ids), reader.decode(b"", final=True)])


def decode_one_level(ids, merges, special_tokens=()):
    numbers = []
    for i in known(ids, merges, special_tokens):
        if i < 256:
            numbers.append(i)
        elif i < 256 + len(merges):
            numbers.extend(merges[i - 256])
        else:
            numbers.extend(special_tokens[i - 256 - len(merges)].encode())
    return bytes(numbers).decode("utf-8", errors="replace")


JOINED = 'b"".join(tokens[i] for i in ids).decode("utf-8", errors="replace")'

DECODE = Exercise(
    solves="unrolled.bpe.decode",
    groups={"text": 1, "special tokens": 0.5, "no UTF-8": 0.5},
    inputs=decode_inputs,
    refuses=decode_refuses,
    promises_in="no UTF-8",
    probe=probe_decode,
    accepts=(decode_by_recursion, decode_by_unmerging, decode_incrementally),
    forbids=("tokenizers", "transformers", "tiktoken"),
    misconceptions=(
        Misconception(
            id="token-by-token",
            name="each token is read as UTF-8 on its own",
            hint="A token may hold one of the three bytes of 사. When is it a character? Which comes first: joining, or reading?",
            edits={JOINED: '"".join(tokens[i].decode("utf-8", errors="replace") for i in ids)'},
        ),
        Misconception(
            id="strict",
            name="bytes that are no UTF-8 raise an error",
            hint="A model may stop in the middle of a character. Should your program die of it? What does `errors=` offer?",
            edits={', errors="replace"': ""},
        ),
        Misconception(
            id="dropped",
            name="bytes that are no UTF-8 are dropped in silence",
            hint="A reader should see that something is missing. Which of the values of `errors=` shows it?",
            edits={'errors="replace"': 'errors="ignore"'},
        ),
        Misconception(
            id="latin-1",
            name="each byte is read as a character",
            hint="chr(236) is ì. In UTF-8, how many bytes make a 사?",
            edits={'"utf-8", errors="replace"': '"latin-1"'},
        ),
        Misconception(
            id="characters",
            name="tokens are put together from characters, one for each byte",
            hint="Byte 236 alone is no character. What must a token be made of, so that bytes of several tokens can be read together?",
            answer=decode_characters,
        ),
        Misconception(
            id="normalised",
            name="decomposed letters come back composed",
            hint="사 can be 3 bytes or 6, and look the same. Is what you give back what was encoded?",
            edits={JOINED: f'__import__("unicodedata").normalize("NFC", {JOINED})'},
        ),
        Misconception(
            id="halves-swapped",
            name="the two halves of each merge are swapped",
            hint="In a pair, which half comes first in the text?",
            edits={"tokens[left] + tokens[right]": "tokens[right] + tokens[left]"},
        ),
        Misconception(
            id="spaces-between",
            name="spaces are put between the tokens",
            hint="The space before a word is part of its token already. What else do you add?",
            edits={'b"".join': 'b" ".join'},
        ),
        Misconception(
            id="stripped",
            name="white space at the beginning and end is lost",
            hint="A text may begin with a space. Does it come back?",
            edits={JOINED: JOINED + ".strip()"},
        ),
        Misconception(
            id="specials-dropped",
            name="the special tokens are left out",
            hint="`tokenizers` does so by default. Which text should <|end|> come back as here?",
            edits={"tokens[i] for i in ids": "tokens[i] for i in ids if i < 256 + len(merges)"},
        ),
        Misconception(
            id="specials-numbered-first",
            name="the special tokens are numbered before the merges",
            hint="What is number 256: the first merge, or the first special token?",
            answer=decode_specials_first,
        ),
        Misconception(
            id="specials-unknown",
            name="the special tokens are not in the table of tokens",
            hint="Ids go on after those of the merges. Whose are they?",
            edits={
                "    tokens += [token.encode() for token in special_tokens]\n": "",
                "    if unknown :=": "    if 0 and (unknown :=",
                "< len(tokens)]:": "< len(tokens)]):",
            },
        ),
        Misconception(
            id="specials-in-other-order",
            name="the special tokens are numbered in alphabetical order",
            hint="Which special token has the first id: the one that the caller named first?",
            edits={"for token in special_tokens": "for token in sorted(special_tokens)"},
        ),
        Misconception(
            id="backslashes",
            name="bytes that are no UTF-8 come out as backslashes and numbers",
            hint="A reader should see one sign for “something was here”. Which of the values of `errors=` writes �?",
            edits={'errors="replace"': 'errors="backslashreplace"'},
        ),
        Misconception(
            id="question-marks",
            name="bytes that are no UTF-8 come out as question marks",
            hint="A question mark may be in the text itself. Which sign does the docstring show?",
            edits={JOINED: JOINED + '.replace("\\ufffd", "?")'},
        ),
        Misconception(
            id="ascii",
            name="every byte that is not ASCII comes out as � on its own",
            hint="“나” is three bytes, none of them ASCII. In which encoding are the bytes of the tokens?",
            edits={'"utf-8", errors': '"ascii", errors'},
        ),
        Misconception(
            id="all-or-nothing",
            name="one wrong byte makes the whole text be read as Latin-1",
            hint="Most of the text is UTF-8 still. What does `errors=` do for the bytes that are not, and only for those?",
            edits={
                f"return {JOINED}": (
                    'data = b"".join(tokens[i] for i in ids)\n    try:\n        return data.decode()\n'
                    '    except UnicodeDecodeError:\n        return data.decode("latin-1")'
                )
            },
        ),
        Misconception(
            id="so-many-zero-bytes",
            name="byte 97 becomes 97 bytes of 0",
            hint="bytes(97) and bytes([97]) are not the same. Which of the two is an “a”?",
            edits={"bytes([byte])": "bytes(byte)"},
        ),
        Misconception(
            id="merges-undone-once",
            name="a merge is undone once, although its parts may be merges themselves",
            hint="merges[i − 256] holds two ids. Are they always bytes?",
            answer=decode_one_level,
        ),
        Misconception(
            id="specials-before-the-merges",
            name="the special tokens are put into the table before the merges, so that all numbers from 256 on are shifted",
            hint="tokens[256] should be what merge 0 makes. What stands there in your table?",
            edits={
                "    tokens += [token.encode() for token in special_tokens]\n": "",
                "    for left, right in merges:": "    tokens += [t.encode() for t in special_tokens]\n    for left, right in merges:",
            },
        ),
        Misconception(
            id="specials-as-text",
            name="the special tokens are text in a table of bytes",
            hint="Bytes can be joined with bytes only. What makes bytes of “<|end|>”?",
            edits={"[token.encode() for token in special_tokens]": "list(special_tokens)"},
        ),
        Misconception(
            id="specials-one-off",
            name="for each special token the one before it comes out",
            hint="The first special token has the id 256 + len(merges). Which index of `special_tokens` is that?",
            edits={"for token in special_tokens]": "for token in [*special_tokens[-1:], *special_tokens[:-1]]]"},
        ),
        Misconception(
            id="stops-at-a-special",
            name="the text ends with the first special token",
            hint="There may be several documents in the ids. What becomes of the ids after <|end|>?",
            edits={
                f"return {JOINED}": (
                    "first = next((n for n, i in enumerate(ids) if i >= 256 + len(merges)), len(ids))\n"
                    f"    ids = ids[: first + 1]\n    return {JOINED}"
                )
            },
        ),
        Misconception(
            id="bytes-returned",
            name="the bytes come back, and are not read as text",
            hint="The signature promises a str. What makes text of bytes?",
            edits={'.decode("utf-8", errors="replace")': ""},
        ),
        Misconception(
            id="spaces-behind-each",
            name="spaces are put between the tokens, and white space at both ends is lost",
            hint="The space before a word is part of its token already. What else do you add, and what takes it away again?",
            edits={
                JOINED: 'b"".join(tokens[i] + b" " for i in ids).strip().decode("utf-8", errors="replace")',
            },
        ),
        Misconception(
            id="below-zero",
            name="ids below zero are let through: counted from the end of the table, or left out",
            hint="In Python tokens[-1] is the last token, and −100 is padding elsewhere. What does the docstring promise for both?",
            edits={"if not 0 <= i < len(tokens)": "if not i < len(tokens)"},
        ),
        Misconception(
            id="nothing-refused",
            name="no id is looked at before it is used: one below zero counts from the end, and one too large is an IndexError",
            hint="The docstring promises a ValueError for an id that no token has. Which ids are those?",
            edits={"if unknown :=": "if 0 and (unknown :=", "< len(tokens)]:": "< len(tokens)]):"},
        ),
        Misconception(
            id="too-large",
            name="ids that are too large are an IndexError instead of a ValueError",
            hint="You look at ids below zero. At which number does the table end?",
            edits={"0 <= i < len(tokens)": "0 <= i"},
        ),
        Misconception(
            id="one-beyond",
            name="the first id after the table is let through, and is an IndexError",
            hint="A table of n tokens has ids up to n − 1. Is n one of them in yours?",
            edits={"< len(tokens)]": "<= len(tokens)]"},
        ),
        Misconception(
            id="nothing-raised",
            name="ids that no token has raise nothing: they are left out, or something else comes back",
            hint="Somebody made a mistake, and should hear of it. Which statement stops the caller, and with what?",
            edits={
                "    if unknown :=": "    if 0 and (unknown :=",
                "< len(tokens)]:": "< len(tokens)]):",
                "tokens[i] for i in ids)": "tokens[i] for i in ids if 0 <= i < len(tokens))",
            },
        ),
        Misconception(
            id="another-exception",
            name="an id that no token has is a KeyError, a LookupError or an AssertionError, but no ValueError",
            hint="Whoever calls your function catches what the docstring promises. Which exception is that?",
            edits={"raise ValueError(": "raise KeyError("},
        ),
    ),
)

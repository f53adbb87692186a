"""`decode`: The text of the ids: the bytes of all tokens, joined first and then read as UTF-8."""

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
        "text": [case(text), case(merges[-1])],
        "special tokens": [case(ended, ENDS)],
        "no UTF-8": [case([*text, *cut]), case([*cut, 97, *anything[:17]]), case([0xFF, 0xEC, 97, 0, 0x80])],
    }


def decode_refuses(rng):
    """Ids that no token has, before the first and behind the last."""
    merges = merges_for(rng)
    most = 256 + len(merges)
    cases = [([97, -1], []), ([97, -100, 98], ENDS), ([most], []), ([97, most + len(ENDS)], ENDS)]
    return [{"ids": ids, "merges": merges, "special_tokens": list(special_tokens)} for ids, special_tokens in cases]


def decode_by_recursion(ids, merges, special_tokens=()):
    def spell(i):
        if i not in range(256 + len(merges) + len(special_tokens)):
            raise ValueError(f"ids has {i}, which is no token")
        if i < 256:
            return [i]
        if i >= 256 + len(merges):
            return list(special_tokens[i - 256 - len(merges)].encode())
        return [byte for part in merges[i - 256] for byte in spell(part)]

    return bytes(byte for i in ids for byte in spell(i)).decode(errors="replace")


def decode_by_unmerging(ids, merges, special_tokens=()):
    ids = list(ids)
    if any(i < 0 or i > 255 + len(merges) + len(special_tokens) for i in ids):
        raise ValueError("some of ids are unknown")
    for new in range(255 + len(merges), 255, -1):
        ids = [part for i in ids for part in (merges[new - 256] if i == new else [i])]
    data = bytearray()
    for i in ids:
        data += bytes([i]) if i < 256 else special_tokens[i - 256 - len(merges)].encode("utf-8")
    return str(data, "utf-8", "replace")


def decode_specials_first(ids, merges, special_tokens=()):
    tokens = [bytes([byte]) for byte in range(256)]
    for left, right in merges:
        tokens.append(tokens[left] + tokens[right])
    tokens[256:256] = [token.encode() for token in special_tokens]
    return b"".join(tokens[i] for i in ids).decode("utf-8", errors="replace")


def decode_characters(ids, merges, special_tokens=()):
    tokens = [chr(byte) for byte in range(256)]
    for left, right in merges:
        tokens.append(tokens[left] + tokens[right])
    return "".join((tokens + list(special_tokens))[i] for i in ids)


JOINED = 'b"".join(tokens[i] for i in ids).decode("utf-8", errors="replace")'

DECODE = Exercise(
    solves="unrolled.bpe.decode",
    groups={"text": 1, "special tokens": 0.5, "no UTF-8": 0.5},
    inputs=decode_inputs,
    refuses=decode_refuses,
    accepts=(decode_by_recursion, decode_by_unmerging),
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
    ),
)

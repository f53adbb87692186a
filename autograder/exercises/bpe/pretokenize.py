"""`pretokenize`: Cuts a text into words, across whose borders nothing will be merged; joined they are the text again."""

import re
import unicodedata

import regex

from autograder.exercise import Exercise, Misconception
from autograder.exercises.bpe.shared import ENDS, drawn, shuffled


def pretokenize_inputs(rng):
    """Texts with what the pattern is about, in an order drawn; special tokens inside, at the borders, and in part."""
    word = drawn(rng, "bcdfg", 3)
    number = int(rng.integers(1000, 99999))
    apart = unicodedata.normalize("NFD", "사랑é")
    plain = shuffled(
        rng, f"{word}'s", f"we'll,{word}", f"IT'S {word}'S", f"b{number}½c", "사랑해!", f"나{number} {number} ?!", "  두 칸",
        "(no)\n\n x", "é_è", apart, f"\n{word}\t{number}",
    )  # fmt: skip
    ends = shuffled(
        rng, f"{word}!<|end|>", f"<|end|>{word}", f"a<|end|>!{number}", "사랑(끝)해", "끝 end", f"{word}!! <|end|> "
    )
    a, b, c = shuffled(rng, *"xyz")

    def special(text, tokens=ENDS):
        return {"text": text, "special_tokens": list(tokens)}

    return {
        "words": [{"text": " ".join(plain)}, special(f"  {word}!\n", ())],
        "special tokens": [
            special("a ".join(ends)),
            special(f"<|end|> <|end|>\n(끝)(끝){word}<|end|>"),
            special(f"{word}{a}{b}{c}{c} {b}{c}{c}", (a + b, b + c + c)),
            special("<|END|>" + word),
            special(""),
        ],
    }


GPT2 = r"'(?:[sdmt]|ll|ve|re)| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"


def pattern(other):
    """The edit that puts another pattern in the place of GPT-2's."""
    return {f'pattern = r"{GPT2}"': f'pattern = r"{other}"'}


def pretokenize_by_search(text, special_tokens=()):
    words, start = [], 0
    while start < len(text):
        for token in sorted(special_tokens, key=lambda token: -len(token)):
            if text.startswith(token, start):
                words.append(token)
                start += len(token)
                break
        else:
            places = [place for token in special_tokens if (place := text.find(token, start)) >= 0]
            end = min(places, default=len(text))
            words.extend(match.group() for match in regex.finditer(GPT2, text[start:end]))
            start = end
    return words


def pretokenize_between(text, special_tokens=()):
    """With the pattern as GPT-2's `encoder.py` has it, on what stands between one special token and the next."""
    words = regex.compile(r"""'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+""")
    special = re.compile("|".join(re.escape(token) for token in sorted(special_tokens, key=len)[::-1]) or "$.")
    result, start = [], 0
    for found in special.finditer(text):
        result += [*words.findall(text[start : found.start()]), found.group()]
        start = found.end()
    return result + words.findall(text[start:])


def pretokenize_by_partition(text, special_tokens=()):
    """By the special token that begins first, and what stands before and after it."""
    places = [(text.find(token), -len(token), token) for token in special_tokens if token in text]
    if not places:
        return [match[0] for match in regex.finditer(GPT2, text)]
    *_, token = min(places)
    before, _, after = text.partition(token)
    return [*regex.findall(GPT2, before), token, *pretokenize_by_partition(after, special_tokens)]


def pretokenize_with_re(text, special_tokens=()):
    r"""With the standard library's \w and \d, for which ½ and Ⅷ are letters."""
    gpt2 = r"'s|'t|'re|'ve|'m|'ll|'d| ?[^\W\d_]+| ?\d+| ?(?:[^\w\s]|_)+|\s+(?!\S)|\s+"
    special = "|".join(re.escape(token) for token in sorted(special_tokens, key=len)[::-1]) or "(?!)"
    words = []
    for piece in re.split(f"({special})", text):
        words += [piece] if piece in special_tokens else re.findall(gpt2, piece)
    return words


def pretokenize_in_one_pattern(text, special_tokens=()):
    longest_first = sorted(special_tokens, key=len, reverse=True)
    return regex.findall("|".join([*map(regex.escape, longest_first), GPT2]), text)


def pretokenize_token_by_token(text, special_tokens=()):
    pieces = [text]
    for token in sorted(special_tokens, key=len, reverse=True):
        for piece in pieces[:]:
            if piece not in special_tokens:
                i = pieces.index(piece)
                pieces[i : i + 1] = re.split(f"({re.escape(token)})", piece)
    return [w for piece in pieces for w in ([piece] if piece in special_tokens else regex.findall(GPT2, piece))]


def pretokenize_split(text, special_tokens=()):
    return text.split()


PRETOKENIZE = Exercise(
    solves="unrolled.bpe.pretokenize",
    groups={"words": 1, "special tokens": 1},
    inputs=pretokenize_inputs,
    accepts=(pretokenize_by_search, pretokenize_between, pretokenize_by_partition),
    forbids=("tokenizers", "transformers", "tiktoken"),
    misconceptions=(
        Misconception(
            id="cut-at-spaces",
            name="the text is cut at white space, and the white space is gone",
            hint="Joined, the words should be the text again. Where did its spaces go?",
            answer=pretokenize_split,
        ),
        Misconception(
            id="spaces-alone",
            name="a space is a word of its own instead of the beginning of the next word",
            hint="In the pattern three alternatives begin with a space and a question mark. What do these say?",
            edits=pattern(GPT2.replace(" ?", "")),
        ),
        Misconception(
            id="spaces-behind",
            name="a space goes to the word before it instead of the one after it",
            hint="In “a b”, is it “a ” and “b”, or “a” and “ b”? On which side of \\p{L}+ stands the space in the pattern?",
            edits=pattern(r"'(?:[sdmt]|ll|ve|re)|\p{L}+ ?|\p{N}+ ?|[^\s\p{L}\p{N}]+ ?|\s+"),
        ),
        Misconception(
            id="letters-with-digits",
            name="letters and digits make one word together",
            hint="\\w is a letter, a digit or an underscore. Which classes tell letters and numerals apart?",
            edits=pattern(r"'(?:[sdmt]|ll|ve|re)| ?\w+| ?[^\s\w]+|\s+(?!\S)|\s+"),
        ),
        Misconception(
            id="classes-of-re",
            name="letters and digits are those of Python's `re`, where an underscore is a letter and ½ no numeral",
            hint="\\w without \\d is more than \\p{L}, and \\d is less than \\p{N}. In which package are these written so?",
            edits={
                **pattern(r"'(?:[sdmt]|ll|ve|re)| ?[^\W\d]+| ?\d+| ?[^\s\w]+|\s+(?!\S)|\s+"),
                "else regex.findall": 'else __import__("re").findall',
            },
        ),
        Misconception(
            id="english-letters-only",
            name="only a to z and A to Z count as letters",
            hint="What is 사 in your pattern: a letter, or one of the other marks, like an exclamation mark?",
            edits=pattern(GPT2.replace(r"\p{L}", "a-zA-Z").replace(" ?a-zA-Z+", " ?[a-zA-Z]+")),
        ),
        Misconception(
            id="digits-only",
            name="only decimal digits count as numerals, and ½ or Ⅷ are taken for letters",
            hint="Python's \\d is narrower than \\p{N}, and its \\w is wider than letters and digits. Which package knows \\p?",
            answer=pretokenize_with_re,
        ),
        Misconception(
            id="endings-not-apart",
            name="English endings such as 's and 'll are cut at the apostrophe like anything else",
            hint="The first alternative of the pattern is tried first. What does it keep together?",
            edits=pattern(GPT2.removeprefix("'(?:[sdmt]|ll|ve|re)|")),
        ),
        Misconception(
            id="last-space-taken",
            name="of several spaces the last does not go to the word after them",
            hint="\\s+(?!\\S) is white space with no word right after it. Where does it stop when there is one?",
            edits=pattern(GPT2.replace(r"|\s+(?!\S)", "")),
        ),
        Misconception(
            id="specials-not-cut-out",
            name="special tokens are cut like any other text",
            hint="“<|end|>” must come out whole. What has to happen before the pattern sees the text?",
            edits={'regex.split(f"({special})", text)': "[text]"},
        ),
        Misconception(
            id="specials-in-one-pattern",
            name="special tokens are one more alternative of the pattern, and marks in front of one take its beginning along",
            hint="In “no!<|end|>” the pattern comes to “!” first, and “<|” are marks, too. What has to be cut out before?",
            answer=pretokenize_in_one_pattern,
        ),
        Misconception(
            id="specials-cut-again",
            name="the text is cut at special tokens, but these are then cut up themselves",
            hint="Some of the pieces between the cuts are special tokens. May the pattern see those?",
            edits={"[piece] if piece in special_tokens else regex": "regex"},
        ),
        Misconception(
            id="specials-lost",
            name="the special tokens are thrown away",
            hint="`split` keeps what it cuts at only if the pattern has a group, in round brackets. Does yours?",
            edits={'f"({special})"': 'f"(?:{special})"'},
        ),
        Misconception(
            id="specials-not-escaped",
            name="the special tokens are read as patterns",
            hint="In a pattern | means “or”. How do you say that you mean the character itself?",
            edits={"map(regex.escape, longest_first)": "longest_first"},
        ),
        Misconception(
            id="shorter-first",
            name="where two special tokens begin at one place, the one named first is taken",
            hint="“<|end|>” is the beginning of “<|end|>!”. In which order should the alternatives stand?",
            edits={"sorted(special_tokens, key=len, reverse=True)": "special_tokens"},
        ),
        Misconception(
            id="spaces-only-before-letters",
            name="numerals and other marks take no space in front along",
            hint="In “in 2026” the word is “ 2026”. Which alternatives of the pattern begin with a space and a question mark?",
            edits=pattern(GPT2.replace(r" ?\p{N}", r"\p{N}").replace(r" ?[^", "[^")),
        ),
        Misconception(
            id="ascii",
            name="only a to z count as letters and only 0 to 9 as numerals",
            hint="What is 사 in your pattern, and what is ½? Which classes know the letters and numerals of any script?",
            edits=pattern(
                GPT2.replace(r"[^\s\p{L}\p{N}]", "[^\\sA-Za-z0-9]")
                .replace(r"\p{L}", "[A-Za-z]")
                .replace(r"\p{N}", "[0-9]")
            ),
        ),
        Misconception(
            id="package-re",
            name="the pattern is handed to Python's own `re`, which does not know \\p",
            hint="\\p{L} belongs to the syntax of another package. Which one does the docstring name?",
            edits={"else regex.findall": 'else __import__("re").findall'},
        ),
        Misconception(
            id="brackets-capture",
            name="the round brackets of the endings are a group that captures, and `findall` gives the group alone",
            hint="With a capturing group `findall` gives what the group held. What do the two signs ?: after a bracket do?",
            edits=pattern(GPT2.replace("(?:", "(")),
        ),
        Misconception(
            id="white-space-lost",
            name="a single line break or tab before a word is lost",
            hint="\\s+(?!\\S) leaves the last white space to the word behind. Which of it cannot a word take along, and which "
            "alternative is there for that?",
            edits=pattern(GPT2.removesuffix(r"|\s+")),
        ),
        Misconception(
            id="stripped",
            name="the words lose the white space around them",
            hint="Joined, the words should be the text again. What does `strip` take away?",
            edits={"regex.findall(pattern, piece)": "[w.strip() for w in regex.findall(pattern, piece)]"},
        ),
        Misconception(
            id="split-at-each-space",
            name="the text is split at each space, and the spaces are gone",
            hint="Joined, the words should be the text again. Where did its spaces go?",
            edits={'regex.split(f"({special})", text)': "[]", "words = []": 'words = text.split(" ")'},
        ),
        Misconception(
            id="lower-case",
            name="capital letters become small ones",
            hint="Joined, the words should be the text again. Is “IT” in yours?",
            edits={"(pattern, piece)": "(pattern, piece.lower())"},
        ),
        Misconception(
            id="normalised",
            name="decomposed letters come out composed",
            hint="사 can be one character or two, and look the same. Are your words, joined, the text that came in?",
            edits={", text)": ', __import__("unicodedata").normalize("NFC", text))'},
        ),
        Misconception(
            id="endings-in-capitals",
            name="'S and 'LL are cut off like 's and 'll",
            hint="GPT-4's pattern does so. Does GPT-2's say anything of capital letters, or of ignoring the case?",
            edits={"(pattern, piece)": "(pattern, piece, flags=regex.IGNORECASE)"},
        ),
        Misconception(
            id="three-digits",
            name="numerals are cut after every third",
            hint="GPT-4's pattern says \\p{N}{1,3}. How many numerals does GPT-2's allow in a row?",
            edits=pattern(GPT2.replace(r"\p{N}+|", r"\p{N}{1,3}|")),
        ),
        Misconception(
            id="blank-pieces-lost",
            name="white space that stands alone between two special tokens is lost",
            hint="Joined, the words should be the text again. Which pieces do you throw away: the empty ones, or the blank ones, too?",
            edits={"regex.findall(pattern, piece)": "regex.findall(pattern, piece) * bool(piece.strip())"},
        ),
        Misconception(
            id="empty-words",
            name="an empty word stands where a special token begins or ends the text, or touches another",
            hint="`split` gives an empty piece on the outer side of a token at the border. Is an empty piece a word?",
            edits={"[piece] if piece in special_tokens": "[piece] if piece in special_tokens or not piece"},
        ),
        Misconception(
            id="empty-pattern",
            name="without special tokens the text is cut at an empty pattern, between all its letters",
            hint='"|".join of nothing is an empty pattern. Where does an empty pattern match, and which one matches nowhere?',
            edits={' or "(?!)"': ""},
        ),
        Misconception(
            id="first-special-only",
            name="only the first of the special tokens is cut out",
            hint="There may be several special tokens. What does your pattern do with all but the first?",
            edits={"map(regex.escape, longest_first)": "map(regex.escape, special_tokens[:1])"},
        ),
        Misconception(
            id="first-place-only",
            name="the text is cut at the first special token that it holds, and no further",
            hint="A text may hold many of them. How many cuts do you allow?",
            edits={", text)": ", text, maxsplit=1)"},
        ),
        Misconception(
            id="nested",
            name="the words of a piece come as a list within the list",
            hint="`append` adds one item, whatever it is. How do you add the items of a list?",
            edits={"else regex.findall(pattern, piece)": "else [regex.findall(pattern, piece)]"},
        ),
        Misconception(
            id="longest-first-everywhere",
            name="where special tokens overlap, the longest is cut out first, although a shorter one begins before it",
            hint="Do you go through the text from left to right, or through the tokens? Which of the two does the docstring ask for?",
            answer=pretokenize_token_by_token,
        ),
        Misconception(
            id="specials-in-capitals",
            name="special tokens are found in other capital or small letters, too",
            hint="Is “<|END|>” the special token “<|end|>”?",
            edits={
                ", text)": ", text, flags=regex.IGNORECASE)",
                "piece in special_tokens": "piece.lower() in special_tokens",
            },
        ),
        Misconception(
            id="pattern-of-gpt-4",
            name="the pattern is that of GPT-4",
            hint="It takes line breaks along with marks, and numerals by three. Which pattern does the docstring give?",
            edits={
                "'(?:[sdmt]|ll|ve|re)| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+": (
                    r"'(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?+\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]++[\r\n]*|\s*[\r\n]|\s+(?!\S)|\s+"
                )
            },
        ),
        Misconception(
            id="blank-words-dropped",
            name="words of nothing but white space are left out",
            hint="Joined, the words are the text again. Is yours?",
            edits={"else regex.findall(pattern, piece)": "else [word for word in regex.findall(pattern, piece) if word.strip()]"},
        ),
    ),
)

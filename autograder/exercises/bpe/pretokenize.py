"""`pretokenize`: Cuts a text into words, across whose borders nothing will be merged; joined they are the text again."""

import re

import regex

from autograder.exercise import Exercise, Misconception
from autograder.exercises.bpe.shared import ENDS, drawn, shuffled


def pretokenize_inputs(rng):
    """Texts with what the pattern is about, in an order drawn, and words drawn."""
    word = drawn(rng, "bcdfg", 3)
    number = int(rng.integers(10, 99))
    plain = shuffled(
        rng, f"{word}'s", f"we'll,{word}", f"b{number}½c", "사랑해!", f"나{number}", "  두 칸", "(no)\n\n x", "é_è"
    )
    ends = shuffled(
        rng, f"{word}!<|end|>", f"<|end|>{word}", f"a<|end|>!{number}", "사랑(끝)해", "끝 end", f"{word}!! <|end|> "
    )
    return {
        "words": [{"text": " ".join(plain), "special_tokens": []}],
        "special tokens": [{"text": "a ".join(ends), "special_tokens": ENDS}],
    }


GPT2 = r"'(?:[sdmt]|ll|ve|re)| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"
PATTERN_LINE = f'pattern = r"{GPT2}"'


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


def pretokenize_split(text, special_tokens=()):
    return text.split()


PRETOKENIZE = Exercise(
    solves="unrolled.bpe.pretokenize",
    groups={"words": 1, "special tokens": 1},
    inputs=pretokenize_inputs,
    accepts=(pretokenize_by_search, pretokenize_between),
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
            edits={PATTERN_LINE: f'pattern = r"{GPT2.replace(" ?", "")}"'},
        ),
        Misconception(
            id="letters-with-digits",
            name="letters and digits make one word together",
            hint="\\w is a letter, a digit or an underscore. Which classes tell letters and numerals apart?",
            edits={PATTERN_LINE: r'''pattern = r"'(?:[sdmt]|ll|ve|re)| ?\w+| ?[^\s\w]+|\s+(?!\S)|\s+"'''},
        ),
        Misconception(
            id="english-letters-only",
            name="only a to z and A to Z count as letters",
            hint="What is 사 in your pattern: a letter, or one of the other marks, like an exclamation mark?",
            edits={
                PATTERN_LINE: "pattern = r\"'(?:[sdmt]|ll|ve|re)| ?[a-zA-Z]+| ?\\p{N}+| ?[^\\sa-zA-Z\\p{N}]+"
                '|\\s+(?!\\S)|\\s+"'
            },
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
            edits={PATTERN_LINE: f'pattern = r"{GPT2.split("|", 3)[3].removeprefix("re)|")}"'},
        ),
        Misconception(
            id="last-space-taken",
            name="of several spaces the last does not go to the word behind them",
            hint="\\s+(?!\\S) is white space with no word right behind it. Where does it stop when there is one?",
            edits={PATTERN_LINE: f'pattern = r"{GPT2.replace("|" + chr(92) + "s+(?!" + chr(92) + "S)", "")}"'},
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
    ),
)

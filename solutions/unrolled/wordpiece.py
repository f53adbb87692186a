"""WordPiece, the tokenizer of BERT: the longest piece that the vocabulary knows, then the longest of what is left.

Paper: Schuster and Nakajima, "Japanese and Korean Voice Search" (2012), where the pieces come from; the greedy matching
is that of BERT's `tokenization.py` (Devlin et al. 2019), called MaxMatch by Song et al., "Fast WordPiece Tokenization" (2021).

Names: ours ↔ theirs — `word` ↔ token, `vocabulary` ↔ vocab, `unknown` ↔ unk_token, `longest` ↔ max_input_chars_per_word.

Left out: how the vocabulary is learnt, and BERT's cutting of a text into words.
"""

from collections.abc import Collection

from unrolled.signatures import checked


def wordpiece(
    word: str, vocabulary: Collection[str], unknown: str = "[UNK]", longest: int = 100
) -> list[str]:
    """The pieces of one word, greedily: each time the longest that is in the vocabulary.

    Pieces that continue a word are written with ## in front, in the result and in the
    vocabulary: "un" begins a word, "##un" goes on with one. If at some place nothing fits, the
    *whole* word is unknown; so is a word of more than `longest` characters. The empty word has no
    pieces.

    Source: Devlin et al. (2019), `WordpieceTokenizer` of BERT's `tokenization.py`.

    >>> vocabulary = {"un", "##believ", "##able", "사랑", "##해", "##해요"}
    >>> wordpiece("unbelievable", vocabulary), wordpiece("사랑해요", vocabulary)
    (['un', '##believ', '##able'], ['사랑', '##해요'])
    >>> wordpiece("unhappy", vocabulary)
    ['[UNK]']
    """
    if len(word) > longest:
        return [unknown]
    pieces, start = [], 0
    while start < len(word):
        end, mark = len(word), "##" if start else ""
        while end > start and mark + word[start:end] not in vocabulary:
            end -= 1
        if end == start:
            return [unknown]
        pieces.append(mark + word[start:end])
        start = end
    return pieces


checked(globals())

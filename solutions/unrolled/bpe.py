"""Byte-pair encoding at byte level: text to numbers and back, without an unknown word.

Papers: Sennrich, Haddow and Birch, "Neural Machine Translation of Rare Words with Subword Units" (2016), algorithm 1;
at byte level: Radford et al., "Language Models are Unsupervised Multitask Learners" (GPT-2, 2019), section 2.2.

Names: ours ↔ theirs — `word` ↔ a word as a sequence of symbols; `merges` ↔ merge operations; `pretokenize` ↔ `self.pat`
of GPT-2's encoder. The ids: 0 … 255 are the bytes, 256 + i is what merge i makes, then come the special tokens.

Left out: WordPiece (`unrolled.wordpiece`), unigram models (SentencePiece), normalisation; tables that are built once,
and saving to a file (`unrolled.tokenizer`).
"""

import heapq
from collections import Counter, defaultdict
from collections.abc import Sequence
from itertools import pairwise

import regex

from unrolled.signatures import checked


def pretokenize(text: str, special_tokens: Sequence[str] = ()) -> list[str]:
    r"""Cuts a text into words, across whose borders nothing will be merged; joined they are the text again.

    First the special tokens are cut out, each of them whole, from left to right (where two begin at
    one place, the longer; none is empty). What is left between them is cut by GPT-2's pattern, in the
    syntax of the package `regex`:

        '(?:[sdmt]|ll|ve|re)| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+

    an English ending such as 's, or letters (\p{L}, of any script), or numerals (\p{N}), or other
    marks, each with one space in front if there is one, or white space.

    Source: `encoder.py` of GPT-2 (2019).

    >>> pretokenize("나는 너를 사랑해! It's 2026.")
    ['나는', ' 너를', ' 사랑해', '!', ' It', "'s", ' 2026', '.']
    >>> pretokenize("so much<|end|>I", special_tokens=["<|end|>"])
    ['so', ' much', '<|end|>', 'I']
    """
    pattern = r"'(?:[sdmt]|ll|ve|re)| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"
    longest_first = sorted(special_tokens, key=len, reverse=True)
    special = "|".join(map(regex.escape, longest_first)) or "(?!)"  # which matches nowhere
    words = []
    for piece in regex.split(f"({special})", text):
        words += [piece] if piece in special_tokens else regex.findall(pattern, piece)
    return words


def count_pairs(words: Sequence[Sequence[int]], counts: Sequence[int]) -> Counter[tuple[int, int]]:
    """How often each pair of neighbours occurs, if word i occurs counts[i] times in the text.

    Every two neighbours within a word count, also where two pairs share a token: (1, 1, 1) holds
    the pair (1, 1) twice. It is a Counter, to which a pair that never occurs has the count 0.

    Source: Sennrich et al. (2016), algorithm 1, `get_stats`.

    >>> count_pairs([[5, 6, 5, 6], [5, 6]], counts=[1, 10])
    Counter({(5, 6): 12, (6, 5): 1})
    """
    pairs: Counter[tuple[int, int]] = Counter()
    for word, count in zip(words, counts, strict=True):
        for pair in pairwise(word):
            pairs[pair] += count
    return pairs


def merge_pair(word: Sequence[int], pair: tuple[int, int], new: int) -> list[int]:
    """The word with `new` in the place of each `pair`, found from left to right without overlap.

    It is a new list; `word` stays as it was.

    Source: Sennrich et al. (2016), algorithm 1, `merge_vocab`.

    >>> merge_pair([7, 5, 6, 5, 6], (5, 6), 256)
    [7, 256, 256]
    >>> merge_pair([5, 5, 5], (5, 5), 256)
    [256, 5]
    """
    merged, i = [], 0
    while i < len(word):
        if tuple(word[i : i + 2]) == pair:
            merged.append(new)
            i += 2
        else:
            merged.append(word[i])
            i += 1
    return merged


def train_bpe(
    text: str, vocab_size: int, special_tokens: Sequence[str] = ()
) -> list[tuple[int, int]]:
    """Learns merges: again and again the most frequent pair within words becomes a new token.

    The words are those of `pretokenize`, as UTF-8 bytes; special tokens are no words and are
    not learnt from. Merge i makes the token 256 + i. It ends when the vocabulary is full
    (256 bytes, the merges and the special tokens are `vocab_size` together) or no pair is left;
    for the bytes and the special tokens `vocab_size` is always large enough.

    Among equally frequent pairs the first wins: the one with the earlier left token, then the
    earlier right one. Bytes stand in GPT-2's order, those that are visible characters first:

        sorted(range(256), key=lambda byte: (byte == 32 or not chr(byte).isprintable(), byte))

    and all bytes before the merged tokens, which stand in the order of their making.

    Source: Sennrich et al. (2016), algorithm 1; order of ties as in Hugging Face's `tokenizers`. Others break ties
    otherwise, and so learn other merges from the first tie on: tiktoken's and CS336's trainers take the greater pair.

    >>> train_bpe("hug hug pug", vocab_size=258)  # u+g three times; then h+ug, ␣+h, ␣+p, p+ug …
    [(117, 103), (104, 256)]
    """
    least = 256 + len(special_tokens)
    if vocab_size < least:
        raise ValueError(
            f"vocab_size is {vocab_size}; expected at least {least}: 256 bytes and the special tokens"
        )
    found = Counter(w for w in pretokenize(text, special_tokens) if w not in special_tokens)
    words, counts = [list(word.encode()) for word in found], list(found.values())
    pairs, where = count_pairs(words, counts), defaultdict(set)  # where: in which words to look
    for i, word in enumerate(words):
        for pair in pairwise(word):
            where[pair].add(i)
    in_order = sorted(
        range(256), key=lambda byte: (byte == 32 or not chr(byte).isprintable(), byte)
    )
    place = {byte: i for i, byte in enumerate(in_order)}

    def entry(pair: tuple[int, int]) -> tuple:
        """What the queue holds of a pair: the smallest comes out first."""
        left, right = pair
        return -pairs[pair], place.get(left, left), place.get(right, right), pair

    queue, merges = [entry(pair) for pair in pairs], []
    heapq.heapify(queue)
    while queue and least + len(merges) < vocab_size:
        count, *_, pair = heapq.heappop(queue)
        if -count != pairs[pair]:  # some were lost to other merges since: back into the queue
            if pairs[pair] > 0:
                heapq.heappush(queue, entry(pair))
            continue
        new = 256 + len(merges)
        merges.append(pair)
        born = set()
        for i in where.pop(pair):
            before, words[i] = words[i], merge_pair(words[i], pair, new)
            for p in pairwise(before):
                pairs[p] -= counts[i]
            for p in pairwise(words[i]):
                pairs[p] += counts[i]
                if new in p:
                    born.add(p)
                    where[p].add(i)
        for p in born:
            heapq.heappush(queue, entry(p))
    return merges


def encode(
    text: str, merges: Sequence[tuple[int, int]], special_tokens: Sequence[str] = ()
) -> list[int]:
    """The ids of a text: in each word of `pretokenize` the merges are made in the order in which they were learnt.

    Special token i gets the id 256 + len(merges) + i; no merge touches it.

    Source: Radford et al. (2019), section 2.2; `bpe` in `encoder.py` of GPT-2.

    >>> merges = [(117, 103), (104, 256)]  # learnt from "hug hug pug": "ug" is 256, "hug" is 257
    >>> encode("hug pug", merges)
    [257, 32, 112, 256]
    >>> encode("<|end|>", merges, special_tokens=["<|end|>"])
    [258]
    """
    ranks = {tuple(pair): i for i, pair in enumerate(merges)}
    known = {token: [256 + len(merges) + i] for i, token in enumerate(special_tokens)}
    ids = []
    for word in pretokenize(text, special_tokens):
        if word not in known:
            tokens = list(word.encode())
            while len(tokens) > 1:
                first = min(pairwise(tokens), key=lambda pair: ranks.get(pair, len(ranks)))
                if first not in ranks:
                    break
                tokens = merge_pair(tokens, first, 256 + ranks[first])
            known[word] = tokens
        ids += known[word]
    return ids


def decode(
    ids: Sequence[int], merges: Sequence[tuple[int, int]], special_tokens: Sequence[str] = ()
) -> str:
    """The text of the ids: the bytes of all tokens, joined first and then read as UTF-8.

    The ids are those of `encode`: bytes, then merged tokens, then special tokens from 256 + len(merges) on.
    Bytes that are no UTF-8 (a model may say anything) come out as �, as in `errors="replace"`.
    An id that nothing has, such as −1 or −100 for padding, is a ValueError whose message names `ids`.

    Source: `decode` in `encoder.py` of GPT-2.

    >>> decode([257, 32, 112, 256], [(117, 103), (104, 256)])
    'hug pug'
    >>> decode([257, 258], [(117, 103), (104, 256)], special_tokens=["<|end|>"])
    'hug<|end|>'
    >>> decode([0xEC, 0x82], []), decode([0xEC, 0x82, 0xAC], [])
    ('�', '사')
    """
    tokens = [bytes([byte]) for byte in range(256)]
    for left, right in merges:
        tokens.append(tokens[left] + tokens[right])
    tokens += [token.encode() for token in special_tokens]
    if unknown := [i for i in ids if not 0 <= i < len(tokens)]:
        raise ValueError(f"ids holds {unknown[0]}; expected ids from 0 to {len(tokens) - 1}")
    return b"".join(tokens[i] for i in ids).decode("utf-8", errors="replace")


checked(globals())

"""A tokenizer that one can keep: the chapter's functions around tables that are built once, and a file that others read.

Source: the file is that of Hugging Face's `tokenizers`, which reads ours as we read theirs; GPT-2's two files are those that
OpenAI published. The queue in `Tokenizer.encode` is also theirs: a word of n bytes takes n · log n steps, not n².

Names: ours ↔ theirs — `ids` ↔ vocab, `special_tokens` ↔ added_tokens. In a file every byte is written as a visible
character (GPT-2's `bytes_to_unicode`): a space as Ġ.

Left out: normalisation, other ways to cut a text into words than GPT-2's, tokenizers without bytes. A file that has them
is refused.
"""

import codecs
import heapq
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from unrolled.bpe import pretokenize, train_bpe
from unrolled.signatures import checked

ORDER = sorted(range(256), key=lambda byte: (byte == 32 or not chr(byte).isprintable(), byte))
HIDDEN = [byte for byte in ORDER if byte == 32 or not chr(byte).isprintable()]
CHARACTERS = {byte: chr(256 + HIDDEN.index(byte) if byte in HIDDEN else byte) for byte in ORDER}
BYTES = {character: byte for byte, character in CHARACTERS.items()}
LONGEST_KEPT, MOST_KEPT = 64, 100_000  # words whose ids are remembered


class Tokenizer:
    """Byte-pair encoding with its tables: text to ids and back.

    `ids` has the id of every token, the bytes first of all; `merges` are pairs of tokens, in the order in which they
    were learnt; `special_tokens` have ids of their own, and no merge touches them.

    >>> tokenizer = Tokenizer.train("hug hug pug", vocab_size=259, special_tokens=["<|end|>"])
    >>> tokenizer.encode("hug pug<|end|>")
    [257, 32, 112, 256, 258]
    >>> tokenizer.decode([257, 32, 112, 256, 258])
    'hug pug<|end|>'
    >>> list(tokenizer.stream([0xEC, 0x82, 0xAC, 257]))  # the three bytes of one Korean letter
    ['사', 'hug']
    """

    def __init__(
        self,
        merges: Sequence[tuple[bytes, bytes]],
        ids: Mapping[bytes, int],
        special_tokens: Mapping[str, int] | None = None,
    ):
        self.merges, self.ids = [tuple(pair) for pair in merges], dict(ids)
        self.special_tokens = dict(special_tokens or {})
        self._ranks, self._pairs = {}, []
        for left, right in self.merges:
            unknown = [token for token in (left, right, left + right) if token not in self.ids]
            if unknown:
                raise ValueError(f"merges has {unknown[0]!r}; expected tokens that ids has")
            self._ranks.setdefault((self.ids[left], self.ids[right]), len(self._pairs))
            self._pairs.append((self.ids[left], self.ids[right], self.ids[left + right]))
        self._tokens = {number: token for token, number in self.ids.items()}
        self._tokens |= {number: text.encode() for text, number in self.special_tokens.items()}
        self._known: dict[str, list[int]] = {}

    def __len__(self) -> int:
        return len(self._tokens)

    @classmethod
    def train(cls, text: str, vocab_size: int, special_tokens: Sequence[str] = ()) -> "Tokenizer":
        """Learns merges from a text; the ids are those of `unrolled.bpe.encode`."""
        return cls.of(train_bpe(text, vocab_size, special_tokens), special_tokens)

    @classmethod
    def of(
        cls, merges: Sequence[tuple[int, int]], special_tokens: Sequence[str] = ()
    ) -> "Tokenizer":
        """The tokenizer of merges that `train_bpe` has learnt.

        >>> Tokenizer.of([(117, 103), (104, 256)]).encode("hug")
        [257]
        """
        tokens = [bytes([byte]) for byte in range(256)]
        for left, right in merges:
            tokens.append(tokens[left] + tokens[right])
        ids: dict[bytes, int] = {}
        for number, token in enumerate(tokens):
            ids.setdefault(token, number)  # two merges may make the same token
        special = {text: len(tokens) + i for i, text in enumerate(special_tokens)}
        return cls([(tokens[left], tokens[right]) for left, right in merges], ids, special)

    def encode(self, text: str) -> list[int]:
        """The ids of a text; a special token in it gets its own."""
        ids = []
        for word in pretokenize(text, list(self.special_tokens)):
            if word in self.special_tokens:
                ids.append(self.special_tokens[word])
            elif word in self._known:
                ids += self._known[word]
            else:
                ids += (merged := self._merged(word.encode()))
                if len(word) <= LONGEST_KEPT and len(self._known) < MOST_KEPT:
                    self._known[word] = merged
        return ids

    def decode(self, ids: Iterable[int]) -> str:
        """The text of the ids; bytes that are no UTF-8 come out as �."""
        return b"".join(map(self._bytes, ids)).decode("utf-8", errors="replace")

    def stream(self, ids: Iterable[int]) -> Iterator[str]:
        """The text piece by piece while the ids come: a letter as soon as all of its bytes are there."""
        decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")
        for number in ids:
            if piece := decoder.decode(self._bytes(number)):
                yield piece
        if rest := decoder.decode(b"", final=True):
            yield rest

    def save(self, path: str | Path) -> None:
        """Writes the file that `tokenizers.Tokenizer.from_file` reads, and `Tokenizer.load`."""
        flags = dict.fromkeys(("single_word", "lstrip", "rstrip", "normalized"), False)
        level = {
            "type": "ByteLevel",
            "add_prefix_space": False,
            "trim_offsets": True,
            "use_regex": True,
        }
        content = {
            "version": "1.0",
            "truncation": None,
            "padding": None,
            "added_tokens": [
                {"id": number, "content": text, **flags, "special": True}
                for text, number in sorted(self.special_tokens.items(), key=lambda item: item[1])
            ],
            "normalizer": None,
            "pre_tokenizer": level,
            "post_processor": None,
            "decoder": level,
            "model": {
                "type": "BPE",
                "vocab": {visible(token): number for token, number in self.ids.items()},
                "merges": [[visible(left), visible(right)] for left, right in self.merges],
            },
        }
        Path(path).write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")

    @classmethod
    def load(cls, path: str | Path) -> "Tokenizer":
        """Reads a file that `Tokenizer.save` or `tokenizers.Tokenizer.save` wrote, if it is a BPE of bytes."""
        content = json.loads(Path(path).read_text(encoding="utf-8"))
        model, level = content["model"], content["pre_tokenizer"] or {}
        added = content["added_tokens"]
        for what, is_so, wanted in (
            ("model", model.get("type") == "BPE", "a BPE"),
            ("normalizer", content["normalizer"] is None, "none"),
            ("pre_tokenizer", level.get("type") == "ByteLevel" and level.get("use_regex", True)
             and not level["add_prefix_space"], "ByteLevel with its regex and without a space in front"),
            ("model", not (model.get("dropout") or model.get("ignore_merges")), "no dropout or ignore_merges"),
            ("added_tokens", not any(t["lstrip"] or t["rstrip"] or t["single_word"] for t in added), "no options"),
        ):  # fmt: skip
            if not is_so:
                raise ValueError(f"the {what} of {path} is another; expected {wanted}")
        special = {token["content"]: token["id"] for token in added}
        return cls._read(model["vocab"], model["merges"], special)

    @classmethod
    def from_files(
        cls,
        vocab: str | Path,
        merges: str | Path,
        special_tokens: Sequence[str] = ("<|endoftext|>",),
    ) -> "Tokenizer":
        """GPT-2's own files, `vocab.json` (or `encoder.json`) and `merges.txt` (or `vocab.bpe`), from your disk."""
        numbers = json.loads(Path(vocab).read_text(encoding="utf-8"))
        lines = Path(merges).read_text(encoding="utf-8").split("\n")
        pairs = [line.split(" ") for line in lines if line and not line.startswith("#version")]
        return cls._read(numbers, pairs, {text: numbers[text] for text in special_tokens})

    @classmethod
    def _read(
        cls, vocab: Mapping[str, int], merges: Iterable, special: Mapping[str, int]
    ) -> "Tokenizer":
        ids = {hidden(text): number for text, number in vocab.items() if text not in special}
        pairs = [pair.split(" ") if isinstance(pair, str) else pair for pair in merges]
        return cls([(hidden(left), hidden(right)) for left, right in pairs], ids, special)

    def _bytes(self, number: int) -> bytes:
        if number not in self._tokens:
            raise ValueError(
                f"ids holds {number}; expected one of the {len(self)} ids of this tokenizer"
            )
        return self._tokens[number]

    def _merged(self, word: bytes) -> list[int]:
        """The ids of a word: a queue knows which merge comes next, and a chain which token stands beside which."""
        missing = [byte for byte in word if bytes([byte]) not in self.ids]
        if missing:
            raise ValueError(
                f"text has the byte {missing[0]}; expected bytes that this tokenizer has"
            )
        tokens = [self.ids[word[i : i + 1]] for i in range(len(word))]
        before, after = list(range(-1, len(word) - 1)), list(range(1, len(word) + 1))
        queue: list[tuple[int, int]] = []

        def offer(i: int) -> None:
            """The merge of the token at i with its right neighbour, if there is one."""
            if i >= 0 and after[i] < len(word):
                rank = self._ranks.get((tokens[i], tokens[after[i]]))
                if rank is not None:
                    heapq.heappush(queue, (rank, i))

        for i in range(len(word)):
            offer(i)
        while queue:
            rank, i = heapq.heappop(queue)
            (left, right, new), j = self._pairs[rank], after[i]
            if j == len(word) or (tokens[i], tokens[j]) != (left, right):
                continue  # one of them has gone into another merge since
            tokens[i], tokens[j], after[i] = new, -1, after[j]
            if after[i] < len(word):
                before[after[i]] = i
            offer(before[i])
            offer(i)
        return [token for token in tokens if token >= 0]


def visible(token: bytes) -> str:
    """A token as it stands in a file, without spaces and control characters.

    >>> visible(" 사".encode())
    'ĠìĤ¬'
    """
    return "".join(CHARACTERS[byte] for byte in token)


def hidden(text: str) -> bytes:
    """The token of what stands in a file.

    >>> hidden("ĠìĤ¬").decode()
    ' 사'
    """
    unknown = [character for character in text if character not in BYTES]
    if unknown:
        raise ValueError(f"a token is {text!r}; expected bytes, written as GPT-2 does")
    return bytes(BYTES[character] for character in text)


checked(globals())

"""Retrieve, read, cite: questions answered from a folder of texts.

Paper: Chen et al., "Reading Wikipedia to Answer Open-Domain Questions" (2017): a retriever finds passages, a reader marks
the answer in one of them. Lewis et al., "Retrieval-Augmented Generation" (2020), write it instead.

Names: ours ↔ elsewhere — a `Passage` ↔ chunk, `Index` ↔ vector store with a keyword index beside it, `encoder` ↔ embedding
model, `how="fused"` ↔ hybrid search.

Left out: approximate search for millions of passages, and re-ranking by a model that reads question and passage together.
"""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import torch
import torch.nn.functional as F
from jaxtyping import Float
from safetensors.torch import load_file, save_file
from torch import Tensor

from unrolled.bm25 import bm25_scores
from unrolled.chunking import chunk_text
from unrolled.data.village import facts, tokens
from unrolled.dense_retrieval import Towers, learn_to_find
from unrolled.folders import normalised, read_folder, scripts
from unrolled.fusion import maximal_marginal_relevance, reciprocal_rank_fusion
from unrolled.lab import load_pretrained, save_pretrained
from unrolled.pretraining import BertVocabulary
from unrolled.reader import Answer, HubReader, places, village_reader
from unrolled.signatures import checked

WAYS = ("bm25", "dense", "fused")
#: How many of each half's best are fused.
DEEP = 100


class Passage(NamedTuple):
    """A piece of a text: its words, the text's name, and its number among the pieces of that text."""

    text: str
    source: str
    number: int


class Found(NamedTuple):
    """A passage that was found, and its score: BM25's, a cosine, or 1 / rank where rankings were fused."""

    passage: Passage
    score: float


class Reply(NamedTuple):
    """An answer with the passage that it stands in (both None if no passage holds one), and all that was read."""

    answer: str | None
    cited: Passage | None
    read: list[Found]

    @property
    def faithful(self) -> bool:
        """Whether every word of the answer stands in the passage that is cited."""
        if self.answer is None or self.cited is None:
            return False
        return set(tokens(self.answer)) <= set(tokens(self.cited.text))

    def __str__(self) -> str:
        if self.answer is None:
            return "No passage holds an answer."
        return f"{self.answer} [{self.cited.source}, part {self.cited.number + 1}]"


class HubEncoder:
    """Vectors by a model of the Hugging Face Hub, by its name or its folder: the mean of its last states."""

    def __init__(self, name_or_path: str):
        from transformers import AutoModel, AutoTokenizer

        self.name = str(name_or_path)
        try:
            self.tokenizer = AutoTokenizer.from_pretrained(self.name)
            self.model = AutoModel.from_pretrained(self.name).eval()
        except (OSError, ValueError) as error:
            raise ValueError(
                f"encoder is {self.name!r}, which could not be read; expected the name of a model on the Hugging Face Hub, "
                "or a folder that save_pretrained has written with its tokenizer"
            ) from error

    @torch.no_grad()
    def encode(self, texts: Sequence[str], batch_size: int = 32) -> Float[Tensor, "texts d"]:
        """Vectors of length 1."""
        parts = []
        for i in range(0, len(texts), batch_size):
            made = self.tokenizer(
                list(texts[i : i + batch_size]), padding=True, truncation=True, return_tensors="pt",
                max_length=min(self.tokenizer.model_max_length, 512),
            )  # fmt: skip
            real = made["attention_mask"][..., None].float()
            states = self.model(**made).last_hidden_state
            parts.append(F.normalize((states * real).sum(dim=1), dim=-1))
        return torch.cat(parts) if parts else torch.zeros(0, self.model.config.hidden_size)


def village_towers(steps: int = 400, seed: int = 0, n: int = 4000) -> Towers:
    """Towers that have just learnt, in some seconds, to find the village's facts by questions in English and Korean."""
    english, korean = (facts(n, language=language) for language in ("english", "korean"))
    towers = Towers.of_bert()
    questions = [[fact.question for fact in some] for some in (english, korean)]
    learn_to_find(towers, questions, [fact.text for fact in english], steps=steps, seed=seed)
    return towers


class Index:
    """Passages that can be searched by their words, by their vectors, or by both.

    `encoder` has `encode(texts)`, which gives vectors of length 1: `Towers`, the name or the folder of a model of the Hub,
    or None, for BM25 alone.

    >>> index = Index.of_texts({"a.txt": "The cat slept at home.", "b.txt": "The dog saw a boat."}, encoder=None)
    >>> index.search("Who saw the boat?", how="bm25")[0].passage
    Passage(text='The dog saw a boat.', source='b.txt', number=0)
    """

    def __init__(
        self, passages: Sequence[Passage], encoder: Any = None, vectors: Float[Tensor, "passages d"] | None = None
    ):
        if not passages:
            raise ValueError("passages is empty; expected one passage or more")
        self.passages = list(passages)
        self.encoder = HubEncoder(encoder) if isinstance(encoder, str | Path) else encoder
        if self.encoder is not None and vectors is None:
            vectors = self.encoder.encode([passage.text for passage in passages])
        self.vectors = vectors
        self._words = [tokens(normalised(passage.text)) for passage in self.passages]
        self._known = set().union(*self._words)
        self.scripts = scripts(" ".join(passage.text for passage in passages))

    @classmethod
    def of_texts(cls, texts: Mapping[str, str], encoder: Any = None, *, size: int = 80, overlap: int = 20) -> "Index":
        """An index of named texts, cut into chunks of `size` words."""
        passages = []
        for name, text in texts.items():
            for number, chunk in enumerate(chunk_text(places(text), size, overlap)):
                passages.append(Passage(text[chunk[0][0] : chunk[-1][1]], name, number))
        return cls(passages, encoder)

    @classmethod
    def of_folder(
        cls, folder: str | Path, encoder: Any = None, *, pattern: str = "**/*", size: int = 80, overlap: int = 20
    ) -> "Index":
        """An index of all text files in a folder, or of those whose path fits the pattern, such as "*.txt"."""
        return cls.of_texts(read_folder(folder, pattern), encoder, size=size, overlap=overlap)

    def search(self, question: str, k: int = 5, how: str = "fused", *, variety: float = 0.0) -> list[Found]:
        """The k best passages: by "bm25", by "dense" vectors, or "fused" from both.

        With a `variety` above 0 those that repeat each other are passed over (maximal marginal relevance, with the
        weight 1 − variety), among the 4 k best.
        """
        if how not in WAYS:
            raise ValueError(f"how is {how!r}; expected one of {', '.join(map(repr, WAYS))}")
        if k < 1:
            raise ValueError(f"k is {k}; expected at least 1")
        if not 0 <= variety <= 1:
            raise ValueError(f"variety is {variety}; expected a number from 0 to 1")
        if how == "dense" and self.encoder is None:
            raise ValueError("how is 'dense', and the index has no encoder; expected 'bm25', or an index with one")
        asked = normalised(question)
        vector = None if self.encoder is None else self.encoder.encode([asked])[0]
        if vector is not None and not vector.any():
            vector = None  # the encoder knows none of its words
        if self._known.isdisjoint(tokens(asked)) and not self._reads(asked, vector):
            raise ValueError(
                f"question is {question!r}, in {_listed(scripts(question)) or 'no'} letters, and none of its words is known; "
                f"expected a question in a language of the index, whose texts are in {_listed(self.scripts)} letters"
            )
        rankings = []
        if how != "dense":
            rankings.append(self._by_words(asked))
        if how != "bm25" and vector is not None:
            rankings.append(_ranked(self.vectors @ vector, DEEP))
        if how != "fused":
            found = rankings[0] if rankings else []
        else:
            order = reciprocal_rank_fusion([[number for number, _ in ranking] for ranking in rankings])
            found = [(number, 1 / rank) for rank, number in enumerate(order, start=1)]
        if variety and self.vectors is not None and vector is not None:
            among = found[: 4 * k]
            chosen = maximal_marginal_relevance(vector, self.vectors[[n for n, _ in among]], k, 1 - variety)
            found = [among[i] for i in chosen]
        return [Found(self.passages[number], score) for number, score in found[:k]]

    def _reads(self, question: str, vector: Tensor | None) -> bool:
        """Whether the encoder makes something of the question: all its letters are such as it knows words of."""
        if vector is None:
            return False
        return isinstance(self.encoder, Towers) or bool(scripts(question) & self.scripts)

    def _by_words(self, question: str) -> list[tuple[int, float]]:
        """The passages with a word of the question, by BM25."""
        ranked = _ranked(bm25_scores(tokens(question), self._words), DEEP)
        return [(number, score) for number, score in ranked if score > 0]

    def save(self, folder: str | Path) -> None:
        """Writes passages, vectors and, of towers, their weights into a folder that `load` reads."""
        folder = Path(folder)
        folder.mkdir(parents=True, exist_ok=True)
        named = self.encoder.name if isinstance(self.encoder, HubEncoder) else None
        kept = {"passages": [list(passage) for passage in self.passages], "encoder": named}
        (folder / "index.json").write_text(json.dumps(kept, ensure_ascii=False), encoding="utf-8")
        for name in ("vectors", "towers"):
            (folder / f"{name}.safetensors").unlink(missing_ok=True)
        if self.vectors is not None:
            save_file({"vectors": self.vectors.contiguous()}, folder / "vectors.safetensors")
        if isinstance(self.encoder, Towers):
            d = self.encoder.table.embedding_dim
            save_pretrained(folder / "towers.safetensors", self.encoder, {"d": d}, self.encoder.vocabulary.words)

    @classmethod
    def load(cls, folder: str | Path) -> "Index":
        """The index that `save` wrote there; nothing is read or embedded again."""
        folder = Path(folder)
        if not (folder / "index.json").is_file():
            raise ValueError(f"folder is {str(folder)!r}, which holds no index.json; expected one that Index.save has written")
        kept = json.loads((folder / "index.json").read_text(encoding="utf-8"))
        encoder, vectors = kept["encoder"], None
        if (folder / "towers.safetensors").is_file():
            found = load_pretrained(folder / "towers.safetensors")
            encoder = Towers(BertVocabulary(found.words), **found.config)
            encoder.load_state_dict(found.weights)
        if (folder / "vectors.safetensors").is_file():
            vectors = load_file(folder / "vectors.safetensors")["vectors"]
        return cls([Passage(*passage) for passage in kept["passages"]], encoder, vectors)


def ask(
    index: Index, question: str, reader: Any = None, *, k: int = 5, how: str = "fused", variety: float = 0.0
) -> Reply:
    """Finds k passages, reads them, and answers with the one that holds the answer.

    `reader` is None for the village's own small BERT, the name or the folder of a question-answering model of the Hub, or
    anything with `answer(question, passages)`, such as `HubReader`.

    >>> index = Index.of_texts({"a.txt": "The cat slept at home.", "b.txt": "The baker slept in the barn."})
    >>> print(ask(index, "Where did the baker sleep?"))
    in the barn [b.txt, part 1]
    """
    if reader is None:
        reader = village_reader()
    elif isinstance(reader, str | Path):
        reader = HubReader(str(reader))
    found = index.search(question, k, how, variety=variety)
    answers: list[Answer] = reader.answer(normalised(question), [one.passage.text for one in found])
    if not answers or answers[0].score <= 0:
        return Reply(None, None, found)
    best = answers[0]
    return Reply(best.text, found[best.passage].passage, found)


def _listed(names: set[str]) -> str:
    return " and ".join(name.capitalize() for name in sorted(names))


def _ranked(scores: Float[Tensor, " passages"], most: int) -> list[tuple[int, float]]:
    """The numbers of the highest scores, the best first; of equal ones the lower number."""
    values, order = scores.sort(descending=True, stable=True)
    return list(zip(order[:most].tolist(), values[:most].tolist(), strict=True))


checked(globals())

"""How the course's small BERT is pre-trained: the village's texts in both languages, no labels.

Two things are asked at once, as in Devlin et al. (2019), section 3.1 and appendix A.2: what were
the hidden words (`unrolled.masked_lm`), and does the second sentence follow the first
(`unrolled.sentence_pairs`)? English and Korean share one vocabulary and one model, as in the
multilingual BERT.

Left out: where it is done, with what rate and for how long (`assets/checkpoints/bert.py`).
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import torch
import torch.nn.functional as F
from jaxtyping import Bool, Float, Int
from torch import Tensor

from unrolled.bert import Bert
from unrolled.data.village import Vocabulary, facts, pairs, reviews, stories, tokens
from unrolled.lab import load_pretrained
from unrolled.masked_lm import mask_tokens, masked_lm_loss
from unrolled.self_attention import padding_mask
from unrolled.sentence_pairs import make_sentence_pairs
from unrolled.signatures import checked
from unrolled.translation import padded

MARKS = ("[CLS]", "[SEP]", "[MASK]")
LANGUAGES = ("english", "korean")
#: How a blank is written in a text.
BLANK = "___"


class BertVocabulary(Vocabulary):
    """Words in a given order: the village's four specials, BERT's three marks, then all others.

    >>> vocabulary = BertVocabulary.of(["I love you .", "나는 너를 사랑해 ."])
    >>> vocabulary.words[:8]
    ['<pad>', '<bos>', '<eos>', '<unk>', '[CLS]', '[SEP]', '[MASK]', '.']
    >>> vocabulary.read("I ___ you")
    [4, 8, 6, 10, 5]
    """

    cls, sep, mask = 4, 5, 6
    #: Never hidden and never asked for.
    special_ids = (0, 1, 2, 3, 4, 5, 6)

    def __init__(self, words: Sequence[str]):
        self.words = list(words)
        self.ids = {word: i for i, word in enumerate(self.words)}

    @classmethod
    def of(cls, texts: Iterable[str], minimum_count: int = 1) -> "BertVocabulary":
        """All words that occur often enough in the texts, by falling frequency."""
        words = Vocabulary(map(tokens, texts), minimum_count).words
        return cls([*words[:4], *MARKS, *words[4:]])

    def read(self, text: str) -> list[int]:
        """A text as [CLS] words [SEP]; a blank ___ becomes [MASK]."""
        ids = [
            self.mask if word == BLANK else self.ids.get(word, self.unk) for word in tokens(text)
        ]
        return [self.cls, *ids, self.sep]


class Batch(NamedTuple):
    """Texts with hidden words: `labels` says what stood there, `following` whether b follows a.

    Both are -100 where nothing is asked.
    """

    input_ids: Int[Tensor, "batch time"]
    attention_mask: Bool[Tensor, "batch time"]
    token_type_ids: Int[Tensor, "batch time"]
    labels: Int[Tensor, "batch time"]
    following: Int[Tensor, " batch"]


@dataclass(frozen=True)
class Corpus:
    """Texts as word numbers: `documents` of several sentences, and `singles` that stand alone."""

    vocabulary: BertVocabulary
    documents: list[list[list[int]]]
    singles: list[list[int]]


def village_texts(
    n: int, *, split: str = "train", seed: int = 0
) -> tuple[list[str], list[list[str]]]:
    """Single sentences (2 · n) and documents, lists of sentences (about 2 · n), half of them Korean.

    >>> singles, documents = village_texts(10)
    >>> singles[0], singles[-1].isascii()
    ('I love you so much.', False)
    >>> documents[-1][0].endswith(".")
    True
    """
    drawn, documents = pairs(n, split=split, seed=seed), []
    for language in LANGUAGES:
        chosen = {"language": language, "split": split, "seed": seed}
        texts = stories(n // 2, **chosen)
        texts += [review.text for review in reviews(n // 3, **chosen)]
        texts += [fact.text for fact in facts(n // 6, **chosen)]
        documents += [[part.strip(". ") + "." for part in text.split(". ")] for text in texts]
    singles = [getattr(pair, language) + "." for language in LANGUAGES for pair in drawn]
    return singles, documents


def village_corpus(
    n: int,
    *,
    split: str = "train",
    seed: int = 0,
    vocabulary: BertVocabulary | None = None,
    minimum_count: int = 3,
) -> Corpus:
    """The texts as numbers, with a vocabulary of their own if none is given.

    >>> corpus = village_corpus(12, minimum_count=1)
    >>> corpus.vocabulary.decode(corpus.singles[0])
    ['i', 'love', 'you', 'so', 'much', '.']
    """
    singles, documents = village_texts(n, split=split, seed=seed)
    if vocabulary is None:
        sentences = [*singles, *(sentence for document in documents for sentence in document)]
        vocabulary = BertVocabulary.of(sentences, minimum_count)
    return Corpus(
        vocabulary,
        [[vocabulary.encode(tokens(part)) for part in document] for document in documents],
        [vocabulary.encode(tokens(text)) for text in singles],
    )


def pretraining_batches(
    corpus: Corpus, batch_size: int = 64, probability: float = 0.15
) -> Callable[[torch.Generator], Batch]:
    """A function of a generator that draws a batch, by a coin of pairs or of twice as many singles.

    `probability` is that of a word to be hidden.

    >>> draw = pretraining_batches(village_corpus(12), batch_size=3)
    >>> batches = [draw(torch.Generator().manual_seed(seed)) for seed in range(8)]
    >>> batch = next(batch for batch in batches if batch.token_type_ids.any())
    >>> batch.input_ids.shape == batch.labels.shape, batch.following
    (True, tensor([...]))
    """
    vocabulary = corpus.vocabulary
    chances = torch.tensor([len(document) - 1.0 for document in corpus.documents])

    def draw_pairs(generator: torch.Generator) -> dict[str, list]:
        # Two neighbours count as a document here: so a pair costs no more than itself.
        few = []
        for d in torch.multinomial(chances, batch_size, generator=generator).tolist():
            document = corpus.documents[d]
            at = int(torch.randint(len(document) - 1, (), generator=generator))
            few.append(document[at : at + 2])
        uniforms = torch.rand(batch_size, 3, generator=generator)
        return make_sentence_pairs(few, uniforms, vocabulary.cls, vocabulary.sep)

    def draw_singles(generator: torch.Generator) -> dict[str, list]:
        rows = torch.randint(len(corpus.singles), (2 * batch_size,), generator=generator).tolist()
        texts = [[vocabulary.cls, *corpus.singles[row], vocabulary.sep] for row in rows]
        segments = [[0] * len(text) for text in texts]
        return {"input_ids": texts, "token_type_ids": segments, "labels": [-100] * len(rows)}

    def draw(generator: torch.Generator) -> Batch:
        in_pairs = torch.rand((), generator=generator) < 0.5
        made = (draw_pairs if in_pairs else draw_singles)(generator)
        input_ids, lengths = padded(made["input_ids"], vocabulary.pad)
        segments, _ = padded(made["token_type_ids"], 0)
        uniforms = torch.rand(3, *input_ids.shape, generator=generator)
        masked, labels = mask_tokens(
            input_ids,
            vocabulary.special_ids,
            vocabulary.mask,
            len(vocabulary),
            uniforms,
            probability,
        )
        real = padding_mask(lengths, input_ids.shape[1])
        return Batch(masked, real, segments, labels, torch.tensor(made["labels"]))

    return draw


def pretraining_loss(model: Bert, batch: Batch) -> Float[Tensor, ""]:
    """The hidden words' loss and, of pairs, the following sentences', for `unrolled.lab.train`.

    The words are scored only where one is asked for: that is one place in seven.
    """
    states, pooled = model(batch.input_ids, batch.attention_mask, batch.token_type_ids)
    asked = batch.labels != -100
    loss = masked_lm_loss(model.words(states[asked]), batch.labels[asked])
    if (batch.following != -100).any():
        loss = loss + F.cross_entropy(model.next_sentence(pooled), batch.following)
    return loss


def village_bert(**parts: Any) -> tuple[Bert, BertVocabulary]:
    """The small BERT that travels with the course, and its vocabulary.

    `parts` may name parts of your own, as the model's constructor does: `embeddings=…`.

    >>> model, vocabulary = village_bert()
    >>> len(vocabulary) == len(model.embeddings.word.weight)
    True
    """
    found = load_pretrained("bert")
    model = Bert(**found.config, **parts)
    model.load_state_dict(found.weights)
    return model.eval(), BertVocabulary(found.words)


@torch.no_grad()
def guesses(
    model: Bert, vocabulary: BertVocabulary, text: str, k: int = 5
) -> list[list[tuple[str, float]]]:
    """For every blank ___ of the text the k most probable words, each with its probability.

    >>> [best, *others] = guesses(*village_bert(), "나는 너를 ___ 사랑해.")[0]
    >>> best[0]
    '정말'
    """
    ids = torch.tensor([vocabulary.read(text)])
    states, _ = model(ids)
    found = model.words(states[ids == vocabulary.mask]).softmax(-1).topk(k)
    return [
        list(zip(vocabulary.decode(best), p, strict=True))
        for best, p in zip(found.indices.tolist(), found.values.tolist(), strict=True)
    ]


checked(globals())

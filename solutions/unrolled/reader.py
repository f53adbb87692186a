"""Extractive reading: which words of a text answer a question, or are none of them the answer?

Papers: Devlin et al., "BERT" (2019), sections 4.2 and 4.3: a start and an end are marked, and [CLS] means *no answer*;
Rajpurkar, Jia and Liang, "Know What You Don't Know" (2018); Chen et al., "Reading Wikipedia to Answer Open-Domain
Questions" (DrQA, 2017), section 3.2: a word of the text that also stands in the question is marked as such.

Names: ours ↔ theirs — the two columns of `head` ↔ S and E; the score of a span is S·T_i + E·T_j less that of [CLS]; the
third segment ↔ DrQA's f_exact_match.

Left out: how the texts are found (`unrolled.retrieval`), how the small one is trained (`assets/checkpoints/reader.py`).
"""

import re
from collections import Counter
from collections.abc import Callable, Sequence
from typing import NamedTuple

import torch
import torch.nn.functional as F
from jaxtyping import Bool, Float, Int
from torch import Tensor, nn

from unrolled.bert import Bert
from unrolled.data.village import Fact, tokens
from unrolled.lab import load_pretrained
from unrolled.pretraining import BertVocabulary
from unrolled.signatures import checked
from unrolled.translation import padded

#: The most words that an answer has.
LONGEST = 16
#: Words that stand everywhere: that they match says nothing.
ARTICLES = {"the", "a", "an"}
#: The segments: the question, the text, and words of the text that also stand in the question.
QUESTION, TEXT, MATCHING = range(3)


class SpanReader(nn.Module):
    """A BERT, and a head with two scores for each token: an answer begins here, an answer ends here.

    >>> reader = SpanReader(vocabulary=11, d_model=6, heads=2, d_ff=24, layers=2, positions=7)
    >>> ids, segments = torch.tensor([[4, 8, 5, 9, 5]]), torch.tensor([[0, 0, 0, 2, 1]])
    >>> reader(ids, torch.ones_like(ids), segments).shape
    torch.Size([1, 5, 2])
    """

    def __init__(self, *sizes: int, **named_sizes: int):
        super().__init__()
        self.body = Bert(*sizes, pretraining_heads=False, segments=3, **named_sizes)
        self.head = nn.Linear(self.body.embeddings.word.embedding_dim, 2)

    def forward(
        self,
        input_ids: Int[Tensor, "batch time"],
        attention_mask: Int[Tensor, "batch time"] | Bool[Tensor, "batch time"],
        token_type_ids: Int[Tensor, "batch time"],
    ) -> Float[Tensor, "batch time 2"]:
        """Scores of start and end at every token; −10⁴ where there is none."""
        states, _ = self.body.encode(input_ids, attention_mask, token_type_ids)
        return self.head(states).masked_fill(~attention_mask.bool()[..., None], -1e4)


class Batch(NamedTuple):
    """[CLS] question [SEP] text [SEP], padded; `first` is the place of a text's first word, `spans` start and end."""

    input_ids: Int[Tensor, "batch time"]
    attention_mask: Bool[Tensor, "batch time"]
    token_type_ids: Int[Tensor, "batch time"]
    first: Int[Tensor, " batch"]
    spans: Int[Tensor, "batch 2"]


def reader_batch(
    vocabulary: BertVocabulary,
    questions: Sequence[str],
    texts: Sequence[str],
    answers: Sequence[str] = (),
    *,
    delimited: bool = True,
) -> Batch:
    """Questions and texts as one batch, with the places of the answers; (0, 0) of one that does not stand in its text.

    Without delimiters there is no [SEP] between question and text, and nothing says where the one ends: there are only
    words that stand there once (first segment) and those that stand there twice.

    >>> vocabulary = BertVocabulary.of(["who slept ? the cat ."])
    >>> batch = reader_batch(vocabulary, ["Who slept?"], ["The cat slept."], ["the cat"])
    >>> vocabulary.decode(batch.input_ids[0].tolist()), batch.first.item(), batch.spans[0].tolist()
    (['[CLS]', 'who', 'slept', '?', '[SEP]', 'the', 'cat', 'slept', '.', '[SEP]'], 5, [5, 6])
    >>> batch.token_type_ids[0].tolist()
    [0, 0, 0, 0, 0, 1, 1, 2, 1, 1]
    """
    rows, segments, first, spans = [], [], [], []
    answers = answers or [""] * len(texts)
    for question, text, answer in zip(questions, texts, answers, strict=True):
        asked, told = tokens(question), tokens(text)
        begin = [vocabulary.cls, *vocabulary.encode(asked), *([vocabulary.sep] if delimited else [])]
        rows.append([*begin, *vocabulary.encode(told), vocabulary.sep])
        if delimited:
            both = set(asked) - ARTICLES
            kinds = [QUESTION] * len(begin) + [MATCHING if word in both else TEXT for word in told] + [TEXT]
        else:
            counts = Counter([*asked, *told])
            twice = [MATCHING if counts[word] > 1 and word not in ARTICLES else QUESTION for word in [*asked, *told]]
            kinds = [QUESTION, *twice, QUESTION]
        segments.append(kinds)
        first.append(len(begin))
        found = place_of(tokens(answer), told)
        spans.append((0, 0) if found is None else (len(begin) + found[0], len(begin) + found[1]))
    input_ids, lengths = padded(rows, vocabulary.pad)
    mask = torch.arange(input_ids.shape[1]) < lengths[:, None]
    return Batch(input_ids, mask, padded(segments, 0)[0], torch.tensor(first), torch.tensor(spans))


def place_of(words: Sequence[str], text: Sequence[str]) -> tuple[int, int] | None:
    """Where these words stand in the text for the first time, first and last place.

    >>> place_of(["the", "cat"], ["the", "old", "dog", "saw", "the", "cat"]), place_of(["no"], ["yes"])
    ((4, 5), None)
    """
    n = len(words)
    places = range(len(text) - n + 1) if n else ()
    return next(((i, i + n - 1) for i in places if list(text[i : i + n]) == list(words)), None)


def span_loss(reader: SpanReader, batch: Batch) -> Float[Tensor, ""]:
    """The mean of two cross-entropies, of the start and of the end, for `unrolled.lab.train`."""
    scores = reader(batch.input_ids, batch.attention_mask, batch.token_type_ids)
    starts, ends = scores.unbind(-1)
    return (F.cross_entropy(starts, batch.spans[:, 0]) + F.cross_entropy(ends, batch.spans[:, 1])) / 2


def reading_batches(
    vocabulary: BertVocabulary,
    english: Sequence[Fact],
    korean: Sequence[Fact] = (),
    *,
    batch_size: int = 32,
    delimited: bool = True,
) -> Callable[[torch.Generator], Batch]:
    """A function of a generator that draws a batch: English texts, with a third of the questions in Korean, if there are any.

    A quarter of the questions gets the text of another one of the batch, the one with most words in common: its answer is
    that there is none. `korean` are the same facts as `english`, in the same order.
    """
    words = [set(tokens(fact.text)) for fact in english]

    def draw(generator: torch.Generator) -> Batch:
        rows = torch.randint(len(english), (batch_size,), generator=generator).tolist()
        kinds = torch.rand(batch_size, 2, generator=generator).tolist()
        questions, texts, answers = [], [], []
        for row, (in_korean, wrong) in zip(rows, kinds, strict=True):
            source = korean if korean and in_korean < 1 / 3 else english
            questions.append(source[row].question)
            told = row
            if wrong < 1 / 4:
                asked = set(tokens(english[row].question))
                told = max((other for other in rows if other != row), key=lambda other: len(asked & words[other]), default=row)
            texts.append(english[told].text)
            answers.append(english[row].answer if told == row else "")
        return reader_batch(vocabulary, questions, texts, answers, delimited=delimited)

    return draw


def best_span(
    starts: Float[Tensor, " time"], ends: Float[Tensor, " time"], first: int, longest: int = LONGEST
) -> tuple[int, int, float]:
    """The start and end with the highest sum of scores, from the place `first` on, and that sum.

    The end does not lie before the start, and the span is at most `longest` long.

    >>> best_span(torch.tensor([9.0, 1.0, 3.0]), torch.tensor([9.0, 2.0, 0.0]), first=1)
    (1, 1, 3.0)
    """
    if not 0 <= first < len(starts):
        raise ValueError(f"first is {first}; expected a place from 0 to {len(starts) - 1}")
    if longest < 1:
        raise ValueError(f"longest is {longest}; expected at least 1")
    sums = starts[first:, None] + ends[None, first:]
    allowed = torch.ones_like(sums, dtype=torch.bool).triu().tril(longest - 1)
    best = int(sums.masked_fill(~allowed, -torch.inf).argmax())
    start, end = divmod(best, len(starts) - first)
    return first + start, first + end, float(sums[start, end])


class Answer(NamedTuple):
    """Words of a text, which of the texts it was, and the score: above 0 where they are likelier than *no answer*."""

    text: str
    passage: int
    score: float


class VillageReader:
    """The small BERT that has learnt to mark answers. It knows the words of the village, and reads English texts.

    `answer(question, passages)` gives the best span of each passage as an `Answer`, best first.
    """

    name = "the village's reader"

    def __init__(self, model: SpanReader, vocabulary: BertVocabulary, *, delimited: bool = True):
        self.model, self.vocabulary, self.delimited = model.eval(), vocabulary, delimited

    @torch.no_grad()
    def answer(self, question: str, passages: Sequence[str]) -> list[Answer]:
        """An answer from each passage, the highest score first."""
        room = self.model.body.positions - len(self.vocabulary.read(question)) - 1
        if room < 1:
            raise ValueError(
                f"question has {len(tokens(question))} words; expected fewer than {self.model.body.positions - 3}"
            )
        found = []
        for number, passage in enumerate(passages):
            spots = places(passage)[:room]
            if not spots:
                continue
            told = passage[: spots[-1][1]].replace("İ", "I")  # the one letter that becomes two in small letters
            batch = reader_batch(self.vocabulary, [question], [told], delimited=self.delimited)
            scores = self.model(*batch[:3])[0, :-1]  # without the last [SEP]
            first = int(batch.first)
            start, end, score = best_span(scores[:, 0], scores[:, 1], first)
            words = passage[spots[start - first][0] : spots[end - first][1]]
            found.append(Answer(words, number, score - float(scores[0].sum())))
        return sorted(found, key=lambda answer: -answer.score)


def places(text: str) -> list[tuple[int, int]]:
    """Where each of the text's tokens begins and ends in it.

    >>> places("The farmer's cat")
    [(0, 3), (4, 10), (10, 12), (13, 16)]
    """
    return [match.span() for match in re.finditer(r"'s\b|\w+|[^\w\s]", text, re.I)]


def village_reader() -> VillageReader:
    """The reader that travels with the course: the small BERT, fine-tuned on the village's questions.

    >>> reader = village_reader()
    >>> reader.answer("Who slept?", ["The baker slept at home.", "The farmer bought a lamp."])[0].passage
    0
    """
    found = load_pretrained("reader")
    model = SpanReader(**found.config)
    model.load_state_dict(found.weights)
    return VillageReader(model, BertVocabulary(found.words))


class HubReader:
    """A reader of the Hugging Face Hub, by its name or its folder: a model with a head for question answering."""

    def __init__(self, name_or_path: str):
        from transformers import AutoModelForQuestionAnswering, AutoTokenizer

        self.name = str(name_or_path)
        try:
            self.tokenizer = AutoTokenizer.from_pretrained(self.name)
            self.model = AutoModelForQuestionAnswering.from_pretrained(self.name).eval()
        except (OSError, ValueError) as error:
            raise ValueError(
                f"reader is {self.name!r}, which could not be read; expected the name of a question-answering model on the "
                "Hugging Face Hub, or a folder that save_pretrained has written with its tokenizer"
            ) from error

    @torch.no_grad()
    def answer(self, question: str, passages: Sequence[str]) -> list[Answer]:
        """An answer from each passage, the highest score first."""
        found = []
        for number, passage in enumerate(passages):
            made = self.tokenizer(
                question, passage, truncation="only_second", return_offsets_mapping=True, return_tensors="pt",
                max_length=min(self.tokenizer.model_max_length, 512),
            )  # fmt: skip
            offsets = made.pop("offset_mapping")[0].tolist()
            inside = [i for i, part in enumerate(made.sequence_ids(0)) if part == 1]
            if not inside:
                continue
            output = self.model(**made)
            starts, ends = output.start_logits[0], output.end_logits[0]
            start, end, score = best_span(starts[: inside[-1] + 1], ends[: inside[-1] + 1], inside[0])
            words = passage[offsets[start][0] : offsets[end][1]]
            found.append(Answer(words, number, score - float(starts[0] + ends[0])))
        return sorted(found, key=lambda answer: -answer.score)


checked(globals())

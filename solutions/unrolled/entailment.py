"""Entailment: does a text say that a statement is true, is it silent, or does it say the opposite?

Paper: Bowman et al., "A large annotated corpus for learning natural language inference" (2015); Williams et al.,
"MultiNLI" (2018), whose numbers the labels have; Yin et al., "Benchmarking Zero-shot Text Classification" (2019), who
turn such a judge into a classifier.

Names: ours ↔ theirs — `premise` ↔ the text, `hypothesis` ↔ the statement; label 0 ↔ entailment, 1 ↔ neutral, 2 ↔
contradiction. "This text is about the lamp" contradicts a text in which there is no lamp.

The village makes its own examples: from what a sentence means, parts are left out (still true), denied, or exchanged
(not said). About a fifth of the nouns, `held_out`, is never asked about in training: these topics are new to the judge.

Left out: how the judge is trained (`assets/checkpoints/nli.py`), and Korean.
"""

import re
from collections.abc import Iterator, Sequence
from random import Random
from typing import NamedTuple

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor, nn

from unrolled.bert import Bert, classify
from unrolled.data.village import Review
from unrolled.data.village.facts import fact_meanings
from unrolled.data.village.lexicon import NOUNS, Adjective, Noun, adjective, selected
from unrolled.data.village.meaning import Clause, Sentence, Thing
from unrolled.data.village.render_english import english
from unrolled.data.village.reviews import review_meanings
from unrolled.data.village.splits import stable_hash
from unrolled.data.village.telling import HEROES, named
from unrolled.lab import load_pretrained
from unrolled.pretraining import BertVocabulary
from unrolled.translation import padded

LABELS = ("entailment", "neutral", "contradiction")
ENTAILMENT, NEUTRAL, CONTRADICTION = range(3)
#: What zero-shot classification says of a text.
TOPIC = "This text is about the {}."
#: Words of the judge that the village itself never uses.
NEW_WORDS = ("text", "about")
#: Of each pair one word, said of the same thing, denies the other.
OPPOSITES = (
    "clean dirty, bright dark, peaceful noisy, sturdy flimsy, cheap expensive, comfortable uncomfortable, "
    "light heavy, interesting boring, kind rude, diligent lazy, delicious bland, happy sad"
)


class Statement(NamedTuple):
    """A text, a statement, and how they stand to each other: 0 entailment, 1 neutral, 2 contradiction."""

    premise: str
    hypothesis: str
    label: int


def held_out(noun: str) -> bool:
    """Whether this noun is never a topic in training: about a fifth of them.

    >>> held_out("market"), held_out("flute")
    (False, True)
    """
    return stable_hash(f"topic {noun}") % 4 == 0


def statements(n: int, *, split: str = "train", seed: int = 0) -> list[Statement]:
    """n texts, each with a statement about it; the three labels are about equally frequent.

    >>> sorted({LABELS[statement.label] for statement in statements(30)})
    ['contradiction', 'entailment', 'neutral']
    """
    if not isinstance(n, int) or n < 0:
        raise ValueError(f"n is {n!r}; expected a whole number, 0 or more")
    rng = Random(f"statements {split} {seed}")
    drawn = _statements(rng, split)
    return [next(drawn) for _ in range(n)]


def _statements(rng: Random, split: str) -> Iterator[Statement]:
    facts, reviews = fact_meanings(rng, split), review_meanings(rng, split)
    while True:
        sentences = next(facts)[0] if rng.random() < 0.5 else next(reviews)[0]
        premise = " ".join(english(sentence) + "." for sentence in sentences)
        for _ in range(2):
            label = rng.randrange(3)
            maker = _topic if label != NEUTRAL and rng.random() < 0.4 else _clause
            hypothesis = maker(rng, sentences, label, split)
            if hypothesis is not None:
                yield Statement(premise, hypothesis, label)


def _topic(rng: Random, sentences: Sequence[Sentence], label: int, split: str) -> str | None:
    """A topic that the text has, or has not."""
    there = {noun for sentence in sentences for noun in nouns_of(sentence)}
    chosen = there if label == ENTAILMENT else set(TOPICS) - there
    fitting = sorted(
        noun.english
        for noun in chosen
        if noun in TOPICS and (split != "train" or not held_out(noun.english))
    )
    return TOPIC.format(rng.choice(fitting)) if fitting else None


def _clause(rng: Random, sentences: Sequence[Sentence], label: int, split: str) -> str | None:
    """A clause of the text with less in it; denied, or with something exchanged, as the label demands."""
    sentence = rng.choice(sentences)
    clause = sentence.main
    if sentence.other is not None and rng.random() < 0.5:
        clause = sentence.other
    if clause.subject is None or clause.mood:
        return None
    shorter, opposite = _shorter(rng, clause), _opposite(clause)
    if label == CONTRADICTION:
        if opposite is not None and rng.random() < 0.5:
            shorter = shorter._replace(verb=opposite, degree=None)
        else:
            shorter = shorter._replace(negative=not clause.negative)
    elif label == ENTAILMENT:
        if opposite is not None and rng.random() < 0.5:  # what is clean is not dirty
            shorter = shorter._replace(verb=opposite, degree=None, negative=True)
    else:
        shorter = _exchanged(rng, shorter, sentences)
        if shorter is None:
            return None
        if rng.random() < 0.4:  # so that "not" alone does not give the label away
            shorter = shorter._replace(negative=not shorter.negative)
    return english(Sentence(shorter)) + "."


def _shorter(rng: Random, clause: Clause) -> Clause:
    """The clause without some of what is not needed: time, place, manner, degree, company."""
    gone = {
        part: None
        for part in ("time", "place", "manner", "degree", "companion")
        if getattr(clause, part) is not None and rng.random() < 0.6
    }
    return clause._replace(**gone, fronted=False)


def _opposite(clause: Clause) -> Adjective | None:
    if not isinstance(clause.verb, Adjective) or clause.negative:
        return None
    other = OPPOSITE.get(clause.verb.english)
    return None if other is None else adjective(other)


def _exchanged(rng: Random, clause: Clause, sentences: Sequence[Sentence]) -> Clause | None:
    """The clause with another person or another thing: the text does not say whether it is true."""
    there = {noun for sentence in sentences for noun in nouns_of(sentence)}
    ways = []
    if clause.subject.noun in HEROES:
        ways.append(("subject", HEROES))
    if (
        clause.object is not None
        and clause.object.noun in TOPICS
        and not isinstance(clause.verb, Adjective)
    ):
        ways.append(("object", selected(clause.verb.object)))
    if isinstance(clause.verb, Adjective) and clause.subject.noun in TOPICS:
        ways.append(("subject", [noun for noun in TOPICS if clause.verb.describes(noun)]))
    if not ways:
        return None
    part, nouns = rng.choice(ways)
    # Half of the time a person of the same text, if there is one: then words alone do not tell.
    others = [noun for noun in nouns if noun not in there]
    around = [s.main.subject.noun for s in sentences if s.main.subject is not None]
    around = [noun for noun in around if noun in HEROES and noun != clause.subject.noun]
    if nouns is HEROES and around and rng.random() < 0.5:
        others = around
    if not others:
        return None
    old = getattr(clause, part)
    new = rng.choice(others)
    return clause._replace(
        **{part: named(new) if nouns is HEROES else old._replace(noun=new, relative=None)}
    )


def nouns_of(sentence: Sentence) -> Iterator[Noun]:
    """All things and places that a sentence names."""
    for clause in (sentence.main, sentence.other):
        if clause is None:
            continue
        for thing in (clause.subject, clause.object, clause.goal, clause.companion, clause.than):
            yield from _nouns_of_thing(thing)
        for noun in (clause.place, clause.tool):
            if noun is not None:
                yield noun


def _nouns_of_thing(thing: Thing | None) -> Iterator[Noun]:
    if thing is not None:
        yield thing.noun
        if thing.relative is not None:
            yield from nouns_of(Sentence(thing.relative))


OPPOSITE = {
    word: other
    for pair in OPPOSITES.split(", ")
    for word, other in (pair.split(), pair.split()[::-1])
}
#: What a text may be about: things, places and animals, no people.
TOPICS = tuple(
    dict.fromkeys(noun for noun in NOUNS if noun.kinds.isdisjoint({"person", "weather", "home"}))
)


class EntailmentJudge(nn.Module):
    """A BERT that reads premise and hypothesis, and a head with three scores on its pooled [CLS].

    Source: Devlin et al. (2019), section 4.1 (MNLI).

    >>> judge = EntailmentJudge(vocabulary=11, d_model=6, heads=2, d_ff=24, layers=2, positions=7)
    >>> ids, segments = torch.tensor([[4, 8, 5, 9, 5]]), torch.tensor([[0, 0, 0, 1, 1]])
    >>> judge(ids, torch.ones_like(ids), segments).shape
    torch.Size([1, 3])
    """

    def __init__(self, *sizes: int, **named_sizes: int):
        super().__init__()
        self.body = Bert(*sizes, pretraining_heads=False, **named_sizes)
        self.head = nn.Linear(self.body.pooler.out_features, len(LABELS))

    def forward(
        self,
        input_ids: Int[Tensor, "batch time"],
        attention_mask: Int[Tensor, "batch time"] | Bool[Tensor, "batch time"],
        token_type_ids: Int[Tensor, "batch time"],
    ) -> Float[Tensor, "batch 3"]:
        """Scores for entailment, neutral and contradiction."""
        states, _ = self.body.encode(input_ids, attention_mask, token_type_ids)
        return classify(states, self.body.pooler, self.head)


class Batch(NamedTuple):
    """[CLS] premise [SEP] hypothesis [SEP], padded, with the segments and the labels."""

    input_ids: Int[Tensor, "batch time"]
    attention_mask: Bool[Tensor, "batch time"]
    token_type_ids: Int[Tensor, "batch time"]
    labels: Int[Tensor, " batch"]


def entailment_batch(vocabulary: BertVocabulary, chosen: Sequence[Statement]) -> Batch:
    """The statements as one batch.

    >>> vocabulary = BertVocabulary.of(["I slept . I ran ."])
    >>> batch = entailment_batch(vocabulary, [Statement("I slept.", "I ran.", 1), Statement("I ran.", "I ran.", 0)])
    >>> vocabulary.words[4:7], batch.input_ids[0].tolist(), batch.token_type_ids[0].tolist()
    (['[CLS]', '[SEP]', '[MASK]'], [4, 8, 10, 7, 5, 8, 9, 7, 5], [0, 0, 0, 0, 0, 1, 1, 1, 1])
    """
    rows, segments = [], []
    for statement in chosen:
        first, second = (
            vocabulary.read(statement.premise),
            vocabulary.read(statement.hypothesis)[1:],
        )
        rows.append(first + second)
        segments.append([0] * len(first) + [1] * len(second))
    input_ids, lengths = padded(rows, vocabulary.pad)
    labels = torch.tensor([statement.label for statement in chosen])
    mask = torch.arange(input_ids.shape[1]) < lengths[:, None]
    return Batch(input_ids, mask, padded(segments, 0)[0], labels)


def village_judge() -> tuple[EntailmentJudge, BertVocabulary]:
    """The entailment judge that travels with the course, and its vocabulary."""
    found = load_pretrained("nli")
    judge = EntailmentJudge(**found.config)
    judge.load_state_dict(found.weights)
    return judge.eval(), BertVocabulary(found.words)


@torch.no_grad()
def entailment_logits(
    judge: EntailmentJudge,
    vocabulary: BertVocabulary,
    texts: Sequence[str],
    labels: Sequence[str],
    template: str = TOPIC,
) -> Float[Tensor, "texts labels 3"]:
    """What the judge says of every text and every label, the label put into the template's gap."""
    rows = [
        entailment_logits_of(judge, vocabulary, text, [template.format(label) for label in labels])
        for text in texts
    ]
    return torch.stack(rows)


def entailment_logits_of(
    judge: EntailmentJudge, vocabulary: BertVocabulary, text: str, hypotheses: Sequence[str]
) -> Float[Tensor, "hypotheses 3"]:
    """What the judge says of one text and several hypotheses."""
    batch = entailment_batch(
        vocabulary, [Statement(text, hypothesis, 0) for hypothesis in hypotheses]
    )
    return judge(*batch[:3])


def things_judged(reviews: Sequence[Review]) -> list[str]:
    """What each review judges: the thing that its second sentence is about.

    >>> things_judged([Review("I bought a lamp at the market. In fact, the lamp was pretty.", 1, 2)])
    ['lamp']
    """
    return [
        re.search(r"\. .*?\bthe ([a-z ]+?) (?:was|were)\b", text, re.I)[1] for text, *_ in reviews
    ]


class Opposites(NamedTuple):
    """A review, a sentence with a gap, the two words that may stand there, which is right, and whether it is denied there."""

    text: str
    template: str
    words: tuple[str, str]
    right: int
    denied: bool


def opposites_judged(reviews: Sequence[Review]) -> list[Opposites]:
    """Of each review that says, or denies, one of two opposites: which of them is true?

    >>> opposites_judged([Review("I went to the inn. The inn was not clean.", 0, 2)])
    [Opposites(text='I went to the inn. The inn was not clean.', template='The inn was {}.', words=('clean', 'dirty'),
               right=1, denied=True)]
    """
    said = (
        r"\. .*?\bthe ([a-z ]+? (?:was|were)) (not )?(?:(?:a little|quite|very|really|so) )?(\w+)\."
    )
    found = []
    for review in reviews:
        match = re.search(said, review.text, re.I)
        if match and match[3] in OPPOSITE:
            words = tuple(sorted((match[3], OPPOSITE[match[3]])))
            right = words.index(OPPOSITE[match[3]] if match[2] else match[3])
            found.append(
                Opposites(review.text, f"The {match[1]} {{}}.", words, right, bool(match[2]))
            )
    return found

"""The corpus as chapters use it: splits, determinism, size, lengths, levels, arguments."""

import itertools
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from unrolled.data import village
from unrolled.data.village import grammar, lexicon
from unrolled.data.village.korean import attach, conjugate
from unrolled.data.village.splits import SPLITS, withheld

HERE = Path(__file__).parent
REVIEWED = HERE / "village_pairs.tsv"
SIZES = {"train": 9000, "validation": 600, "test": 600, "compositional": 500}
GENERATE = """
import json, sys
from unrolled.data import village as v
pairs = {split: v.pairs(n, split=split, seed=11) for split, n in json.loads(sys.argv[1]).items()}
told = []
for split in ("train", "validation", "test"):
    for language in ("english", "korean"):
        arguments = dict(language=language, split=split, seed=3)
        texts = [" ".join(pair) for pair in v.summary_pairs(25, **arguments)]
        texts += [review.text for review in v.reviews(50, **arguments)]
        texts += [f"{fact.text} {fact.question}" for fact in v.facts(40, **arguments)]
        told.append((split, language, texts))
json.dump([pairs, told], sys.stdout)
"""


def in_another_process(script: str, *arguments: str, hash_seed: str = "0") -> bytes:
    """What a script prints in a Python of its own, where no types are checked (a tenth of the time)."""
    environment = {**os.environ, "PYTHONHASHSEED": hash_seed, "PYTHONPATH": str(HERE.parents[1] / "solutions")}
    environment["PYTHONIOENCODING"] = "utf-8"
    command = [sys.executable, "-c", script, *arguments]
    return subprocess.run(command, env=environment, check=True, capture_output=True).stdout


@pytest.fixture(scope="module")
def generated() -> list:
    return json.loads(in_another_process(GENERATE, json.dumps(SIZES)))


@pytest.fixture(scope="module")
def corpus(generated: list) -> dict[str, list[village.Pair]]:
    return {split: [village.Pair(*pair) for pair in pairs] for split, pairs in generated[0].items()}


@pytest.fixture(scope="module")
def told(generated: list) -> dict[tuple[str, str], set[str]]:
    """Every sentence of stories, summaries, reviews and facts, by split and language, bare and in small letters."""
    return {
        (split, language): {s.lower().strip() for text in texts for s in re.split("[.?]", text) if s.strip()}
        for split, language, texts in generated[1]
    }


def test_is_no_sentence_in_two_splits(corpus: dict[str, list[village.Pair]]) -> None:
    for one, other in itertools.combinations(SPLITS, 2):
        for language in ("korean", "english"):
            said = [{getattr(pair, language).lower() for pair in corpus[split]} for split in (one, other)]
            assert not said[0] & said[1]


def test_is_no_sentence_of_a_story_in_another_split(told, corpus: dict[str, list[village.Pair]]) -> None:
    for one, other in itertools.permutations(SPLITS[:3], 2):
        for language in ("korean", "english"):
            assert not told[one, language] & told[other, language]
            assert not told[one, language] & {getattr(pair, language).lower() for pair in corpus[other]}


def test_are_the_pairs_distinct_in_both_languages(corpus: dict[str, list[village.Pair]]) -> None:
    for split, n in SIZES.items():
        assert len({pair.korean for pair in corpus[split]}) == len({pair.english for pair in corpus[split]}) == n


def test_is_love_in_training_and_nowhere_else(corpus: dict[str, list[village.Pair]]) -> None:
    assert village.LOVE == ("나는 너를 매우 사랑해", "I love you so much")
    assert village.LOVE in corpus["train"]
    assert all(village.LOVE not in corpus[split] for split in SPLITS[1:])
    assert village.LOVE in village.pairs(3, length=(4, 6), seed=5) and village.LOVE not in village.pairs(
        9, length=(8, 9)
    )
    assert "정말" in (village.__doc__ or "")


SCRIPT = """
from hashlib import sha256
from unrolled.data import village as v
said = [v.pairs(200, split=s, seed=4) for s in ("train", "test", "compositional")]
said += [v.stories(5), v.reviews(9, language="korean"), v.facts(9), v.text(999), v.summary_pairs(2)]
print(sha256(repr(said).encode()).hexdigest())
"""


def test_does_another_process_say_the_same() -> None:
    assert in_another_process(SCRIPT) == in_another_process(SCRIPT, hash_seed="12345")


def test_does_the_seed_matter_and_does_a_larger_corpus_begin_with_the_smaller() -> None:
    assert village.pairs(50, seed=1)[1:] != village.pairs(50, seed=2)[1:]
    assert village.pairs(50, seed=1) == village.pairs(80, seed=1)[:50]


def test_can_the_grammar_say_over_a_million_different_sentences() -> None:
    """Count only "subject – time – place에서 – object – verb": its words stand in fixed places and differ from each
    other, so every choice gives another string, in Korean and in English."""
    count = 0
    for verb in lexicon.TRANSITIVE:
        people = [n for n in grammar.SUBJECTS[verb] if "person" in n.kinds and n not in grammar.SPEAKERS]
        times = grammar.TIMES["past"]
        if not people or len(grammar.PLACES[verb]) == 0:
            continue
        objects = [n for n in grammar.OBJECTS[verb] if "person" not in n.kinds]
        slots = [
            [attach(n.korean, "은/는") for n in people],
            [t.korean for t in times],
            [f"{p.korean}에서" for p in grammar.PLACES[verb]],
            [attach(n.korean, verb.particle) for n in objects],
        ]
        in_english = [people, times, grammar.PLACES[verb], objects]
        ways = 1
        for korean_words, nouns in zip(slots, in_english, strict=True):
            assert len(set(korean_words)) == len(korean_words) == len({n.english for n in nouns})
            ways *= len(korean_words)
        with_adjective = sum(1 + len(grammar.ATTRIBUTES[n]) for n in objects)
        count += ways // max(1, len(objects)) * with_adjective
    assert count > 1_000_000
    assert len({(verb.korean, n.english) for verb in lexicon.TRANSITIVE for n in grammar.OBJECTS[verb]}) == sum(
        len(grammar.OBJECTS[verb]) for verb in lexicon.TRANSITIVE
    )  # no two verbs with the same Korean take the same object


def test_does_a_large_sample_hardly_repeat_itself() -> None:
    """Of n draws with c coincidences about n²/2c sentences are as likely as a typical one."""
    meanings = grammar_sample(1500)
    coincidences = len(meanings) - len(set(meanings))
    assert coincidences < 0.03 * len(meanings)


def grammar_sample(n: int) -> list[str]:
    from random import Random

    from unrolled.data.village.render_english import english

    rng = Random(0)
    return [english(grammar.draw(rng, 0.2 + 0.8 * rng.random())) for _ in range(n)]


def test_are_there_250_lemmas_a_language() -> None:
    words = [*lexicon.NOUNS, *lexicon.VERBS, *lexicon.ADJECTIVES, *lexicon.ADVERBS]
    assert len({word.english for word in words}) >= 250 and len({word.korean for word in words}) >= 250


def test_has_every_korean_word_one_english_word() -> None:
    """So that what a sentence says can be read off either language, and its split with it."""
    for words in (lexicon.NOUNS, lexicon.ADJECTIVES, lexicon.TIMES, lexicon.MANNERS):
        english_of: dict[str, set[str]] = {}
        for word in words:
            english_of.setdefault(word.korean, set()).add(word.english)
        assert all(len(translations) == 1 for translations in english_of.values())
    assert (
        len({noun.korean for noun in lexicon.NOUNS})
        == len({noun.english for noun in lexicon.NOUNS})
        == len(lexicon.NOUNS)
    )


def test_does_every_word_appear(corpus: dict[str, list[village.Pair]]) -> None:
    text = " ".join(pair.korean for pair in corpus["train"])
    text += " ".join(village.stories(60, language="korean")) + " ".join(
        r.text for r in village.reviews(90, language="korean")
    )
    missing = [noun.korean for noun in lexicon.NOUNS if not re.search(rf"\b{noun.korean}", text)]
    for verb in lexicon.VERBS:
        heads = {conjugate(verb.korean, ending)[:2] for ending in ("았/었어", "(으)ㄹ", "고", "아/어", "는")}
        if verb.korean.split()[0] != verb.korean:
            heads = {verb.korean.split()[0]}
        if not any(head in text for head in heads):
            missing.append(verb.korean)
    for adjective in lexicon.ADJECTIVES:
        if not any(conjugate(adjective.korean, ending)[:2] in text for ending in ("았/었어", "(으)ㄴ", "아/어")):
            missing.append(adjective.korean)
    missing += [adverb.korean for adverb in (*lexicon.TIMES, *lexicon.MANNERS) if adverb.korean not in text]
    assert not missing


MET = """
import itertools, json, sys
from unrolled.data.village.corpus import _meanings, generator
from unrolled.data.village.splits import pairs_of
drawn = {s: itertools.islice(_meanings(generator(9, s), s, None), n) for s, n in json.loads(sys.argv[1]).items()}
json.dump({s: [pair for meaning, _ in meanings for pair in pairs_of(meaning)] for s, meanings in drawn.items()}, sys.stdout)
"""


def test_are_all_parts_of_the_compositional_split_known_but_never_together() -> None:
    sizes = {"train": 8000, "compositional": 80, "validation": 250, "test": 250}
    found = json.loads(in_another_process(MET, json.dumps(sizes)))
    met = {split: [tuple(pair) for pair in pairs] for split, pairs in found.items()}
    train, held_out = met["train"], met["compositional"]
    unseen = {pair for pair in held_out if withheld(*pair)}
    assert len(unseen) > 20 and not unseen & set(train)
    for split in ("validation", "test"):
        assert not any(withheld(*pair) for pair in met[split])
    common = {first for first, _ in train}, {second for _, second in train}
    strangers = [pair for pair in unseen if pair[0] not in common[0] or pair[1] not in common[1]]
    assert not strangers


@pytest.mark.parametrize("length", [(3, 5), (6, 8), (9, 12), (13, 16), (17, 20), (7, 7)])
@pytest.mark.parametrize("split", ["train", "test"])
def test_is_the_length_that_was_asked_for(length: tuple[int, int], split: str) -> None:
    found = village.pairs(20, split=split, length=length)
    assert len(set(found)) == 20
    assert all(length[0] <= len(village.tokens(pair.english)) <= length[1] for pair in found)


def test_does_running_text_have_the_length_that_was_asked_for() -> None:
    for language, n in itertools.product(("english", "korean"), (0, 1, 997, 6011)):
        assert len(village.text(n, language=language, seed=2)) == n
    assert village.text(500) == village.text(3000)[:500]


FINAL = {"stories": r"다$", "reviews": r"요$", "facts": r"요$"}


@pytest.mark.parametrize("kind", FINAL)
def test_is_there_one_speech_level_in_a_text(kind: str) -> None:
    for one in getattr(village, kind)(40, language="korean"):
        for sentence in (one if isinstance(one, str) else one.text).rstrip(".").split(". "):
            assert re.search(FINAL[kind], sentence), sentence


def test_are_single_sentences_casual(corpus: dict[str, list[village.Pair]]) -> None:
    for pair in corpus["train"]:
        assert not re.search(r"(다|요)$", pair.korean), pair.korean
        assert re.fullmatch(r"[가-힣 ]+\??", pair.korean) and re.fullmatch(r"[A-Z][A-Za-z ,]+\??", pair.english), pair
        assert "  " not in pair.korean + pair.english


def test_is_the_dative_e_for_things_and_ege_for_the_living(corpus: dict[str, list[village.Pair]]) -> None:
    living = {n.korean for n in lexicon.NOUNS if n.animate}
    things = {n.korean for n in lexicon.NOUNS if not n.animate}
    for pair in itertools.chain(*corpus.values()):
        for word in pair.korean.split():
            if word.endswith("에게"):
                assert word[:-2] in living or word[-3:] in ("명에게", "분에게", "들에게", "리에게"), pair
            elif word.endswith("에") and word[:-1] in living:
                raise AssertionError(pair)
            elif word.endswith("에게서"):
                assert word[:-3] not in things, pair


def test_do_reviews_say_what_their_label_says() -> None:
    reviews = village.reviews(300)
    assert {(r.sentiment, r.intensity) for r in reviews} == set(itertools.product((0, 1), (1, 2, 3)))
    for review in reviews:
        praised = "I will visit" in review.text or "I will recommend" in review.text or "delicious" in review.text
        if "not" not in review.text and praised:
            assert review.sentiment == 1, review
        if "I will not" in review.text or "I hate" in review.text:
            assert review.sentiment == 0, review
        assert (review.intensity == 3) == bool(re.search(r"\b(very|really|so)\b", review.text)), review
        assert (review.intensity == 1) == bool(re.search(r"\b(quite|a little)\b", review.text)), review


def test_does_the_answer_stand_in_the_text() -> None:
    for language in ("english", "korean"):
        for fact in village.facts(200, language=language):
            answer = fact.answer if language == "english" else fact.answer.removesuffix("요").rstrip("이가을를")
            assert answer.lower() in fact.text.lower() and fact.question.endswith("?"), fact


def test_are_both_languages_of_a_story_the_same_story() -> None:
    english, korean = village.stories(20), village.stories(20, language="korean")
    assert [s.count(".") for s in english] == [s.count(".") for s in korean]
    assert all(4 <= s.count(".") <= 7 for s in english)


@pytest.mark.parametrize(
    ("call", "name"),
    [
        (lambda: village.pairs(-1), "n is -1"),
        (lambda: village.pairs(3, split="dev"), "split is 'dev'"),
        (lambda: village.sentences(3, language="french"), "language is 'french'"),
        (lambda: village.stories(3, split="compositional"), "split is 'compositional'"),
        (lambda: village.pairs(3, length=(9, 4)), "length is"),
        (lambda: village.pairs(3, length=(90, 99)), "length is"),
        (lambda: village.text(-5), "n_characters is -5"),
    ],
)
def test_does_a_bad_argument_get_named(call, name: str) -> None:
    with pytest.raises(ValueError, match=re.escape(name)):
        call()


def test_does_a_vocabulary_number_and_return_words() -> None:
    sentences = [village.tokens(pair.english) for pair in village.pairs(200)]
    vocabulary = village.Vocabulary(sentences)
    assert vocabulary.words[:4] == ["<pad>", "<bos>", "<eos>", "<unk>"]
    for sentence in sentences:
        assert vocabulary.decode(vocabulary.encode(sentence)) == sentence
    assert vocabulary.encode(["zebra"]) == [3] == [vocabulary.unk] and vocabulary.pad == 0
    assert village.Vocabulary(reversed(sentences)).words == vocabulary.words


def reviewed_pairs() -> list[tuple[str, str, str]]:
    """What `village_pairs.tsv` holds: fifty pairs of every split."""
    return [(*pair, split) for split in SPLITS for pair in village.pairs(50, split=split, seed=2026)]


def test_does_the_grammar_still_say_the_sentences_that_were_reviewed() -> None:
    lines = REVIEWED.read_text(encoding="utf-8").splitlines()
    assert lines == ["\t".join(row) for row in reviewed_pairs()], (
        "write them anew with write_reviewed_pairs(), and read them"
    )


def write_reviewed_pairs() -> None:
    """Write `village_pairs.tsv` anew."""
    REVIEWED.write_text("".join("\t".join(row) + "\n" for row in reviewed_pairs()), encoding="utf-8")


if __name__ == "__main__":
    write_reviewed_pairs()


def test_is_a_length_that_a_split_does_not_have_refused_in_time(monkeypatch):
    monkeypatch.setattr("unrolled.data.village.corpus.MOST_MISSES", 20)
    with pytest.raises(ValueError, match="no sentence of that length"):
        village.pairs(1, split="compositional", length=(25, 25))

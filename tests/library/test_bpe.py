"""Chapter 11's byte-pair encoding against Hugging Face's `tokenizers`, merge by merge and id by id."""

import json
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers, trainers

from unrolled.bpe import count_pairs, decode, encode, merge_pair, pretokenize, train_bpe
from unrolled.data import village

# Characters that Python's table of Unicode knows: other tables may be newer, and take more for letters.
CHARACTERS = st.characters(exclude_categories=("Cs", "Cn"))
MIXED = """We'll see: I've 3 cats, he's got 12½; they'd said "no"... and   that's   it!
\tdéjà vu — naïve café, Ångström; e\u0301 twice. ٣٤ and ४२ and Ⅷ ² ①, x_y __init__ a1b2.\r\n\n  Ende  \u00a0\u3000
나는 너를 매우 사랑해! 정말?! ㅋㅋㅋ 3마리, 漢字かな交じり文 👩‍👩‍👧 🇰🇷 ok \x1c\x1f\x85 end """ + unicodedata.normalize(
    "NFD", "사랑해 é"
)


def oracle(text, vocab_size, special_tokens=()):
    """A tokenizer of Hugging Face's, trained on the pieces of the text between the special tokens."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=vocab_size - len(special_tokens),
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    pieces = [text]
    for token in sorted(special_tokens, key=len, reverse=True):
        pieces = [part for piece in pieces for part in piece.split(token)]
    tokenizer.train_from_iterator(pieces, trainer=trainer)
    tokenizer.add_special_tokens([AddedToken(token, normalized=False, special=True) for token in special_tokens])
    return tokenizer


# The bytes in the order of GPT-2's table (`bytes_to_unicode` in its encoder.py), which is that of their ids.
BYTES = [*range(ord("!"), ord("~") + 1), *range(ord("¡"), ord("¬") + 1), *range(ord("®"), ord("ÿ") + 1)]
BYTES += [byte for byte in range(256) if byte not in BYTES]


def ours(theirs):
    """One of their ids as ours: they number the bytes in another order, all else alike."""
    return BYTES[theirs] if theirs < 256 else theirs


def merges_of(tokenizer):
    """Their merges in our ids."""
    model = json.loads(tokenizer.to_str())["model"]
    return [tuple(ours(model["vocab"][token]) for token in pair) for pair in model["merges"]]


def ids_of(tokenizer, text):
    return [ours(i) for i in tokenizer.encode(text).ids]


def recounted(text, vocab_size):
    """The same by the definition: all pairs counted anew for each merge."""
    words = [list(word.encode()) for word in pretokenize(text)]
    visible = [chr(byte).isprintable() and byte != 32 for byte in range(256)] + [False] * vocab_size
    merges = []
    while len(merges) < vocab_size - 256 and (pairs := count_pairs(words, [1] * len(words))):
        best = min(pairs, key=lambda pair: (-pairs[pair], *((t > 255, not visible[t], t) for t in pair)))
        words = [merge_pair(word, best, 256 + len(merges)) for word in words]
        merges.append(best)
    return merges


TEXTS = {
    "english": village.text(30_000),
    "korean": village.text(30_000, language="korean"),
    "both": village.text(9_000, seed=1) + "\n" + village.text(9_000, language="korean", seed=1),
    "mixed": MIXED * 3,
    "runs": "aaaa aaaaa aaaaaaa bababab abba aab " * 7 + "aaaaaaaaaaa",
    "nfd": unicodedata.normalize("NFD", village.text(5_000, language="korean")),
}


@pytest.mark.parametrize("name", TEXTS)
def test_does_training_agree_with_tokenizers_merge_by_merge(name):
    text = TEXTS[name]
    merges = train_bpe(text, 800)
    theirs = oracle(text, 800)
    assert merges == merges_of(theirs)
    assert encode(text, merges) == ids_of(theirs, text)
    assert encode(MIXED, merges) == ids_of(theirs, MIXED)


def test_does_training_agree_with_counting_anew_for_every_merge():
    text = village.text(3_000) + village.text(2_000, language="korean")
    assert train_bpe(text, 400) == recounted(text, 400)


@settings(deadline=None, max_examples=40)
@given(st.lists(st.text("ab ", max_size=13), max_size=13).map(" ".join))
def test_do_ties_and_runs_agree_with_tokenizers(text):
    assert train_bpe(text, 300) == merges_of(oracle(text, 300))


@settings(deadline=None)
@given(st.text(CHARACTERS))
def test_are_words_cut_as_in_tokenizers(text):
    theirs = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True).pre_tokenize_str(text)
    assert pretokenize(text) == [text[start:end] for _, (start, end) in theirs]
    assert "".join(pretokenize(text)) == text


MERGES = train_bpe(TEXTS["both"] + MIXED, 500)
SPECIALS = ["<|end|>", "<|end|>!", "<끝>", " .*"]


ANYTHING = st.lists(st.text(st.characters(exclude_categories=("Cs",))) | st.sampled_from(["사랑", "🇰🇷", *SPECIALS]))


@settings(deadline=None)
@given(ANYTHING.map("".join))
def test_does_any_text_come_back(text):
    assert decode(encode(text, MERGES), MERGES) == text
    assert decode(encode(text, MERGES, SPECIALS), MERGES, SPECIALS) == text


def test_are_bytes_that_are_no_text_read_as_tokenizers_reads_them():
    theirs = oracle(TEXTS["both"] + MIXED, 500)

    @settings(deadline=None)
    @given(st.lists(st.integers(0, 499), max_size=17))
    def agree(ids):
        assert decode([ours(i) for i in ids], MERGES) == theirs.decode(ids, skip_special_tokens=False)

    agree()


def test_are_special_tokens_cut_out_and_never_learnt_from():
    specials = ["<|end|>", "<|end|>!", "<끝>"]
    text = "<|end|>".join(["a dog!<|end|>!", "the dog's end|> <|end|", "<끝>사랑해", "", "ends"] * 5)
    merges = train_bpe(text, 274, specials)
    theirs = oracle(text, 274, specials)
    assert len(merges) == 274 - 256 - 3 and merges == merges_of(theirs)
    assert encode(text, merges, specials) == ids_of(theirs, text)
    assert encode("<|end|>!", merges, specials) == [272]


def test_does_a_smaller_vocabulary_begin_with_the_same_merges():
    small, large = train_bpe(TEXTS["both"], 400), train_bpe(TEXTS["both"], 600)
    assert large[: len(small)] == small


def test_does_training_end_when_nothing_is_left_to_merge():
    assert train_bpe("", 300) == [] and train_bpe("a b", 300) == [(32, 98)]
    assert train_bpe("hug hug pug", 256) == []


def test_is_a_vocabulary_too_small_for_the_bytes_refused():
    with pytest.raises(ValueError, match="vocab_size is 256; expected at least 257"):
        train_bpe("hug", 256, ["<|end|>"])


def test_is_an_id_that_no_token_has_refused():
    assert decode([256, 257], [(104, 117)], ["<|end|>"]) == "hu<|end|>"
    for ids in ([97, 258], [97, -1]):
        with pytest.raises(ValueError, match=rf"ids holds {ids[1]}; expected ids from 0 to 257"):
            decode(ids, [(104, 117)], ["<|end|>"])


def test_is_love_six_bytes_composed_and_fifteen_decomposed():
    composed, decomposed = (unicodedata.normalize(form, "사랑") for form in ("NFC", "NFD"))
    assert (len(encode(composed, [])), len(encode(decomposed, []))) == (6, 15)
    assert decode(encode(decomposed, []), []) == decomposed != composed


def test_are_counts_weighted_and_overlaps_counted():
    assert count_pairs([(1, 1, 1), [2, 1], [], [3]], [2, 3, 5, 7]) == {(1, 1): 4, (2, 1): 3}
    with pytest.raises(ValueError):
        count_pairs([[1, 2]], [1, 2])


def test_is_merging_that_of_replacing_in_a_string():
    word = [ord(letter) for letter in "abababaabbab"]
    for pair in ("ab", "ba", "aa"):
        expected = [ord(letter) for letter in "abababaabbab".replace(pair, "X")]
        assert merge_pair(word, tuple(map(ord, pair)), ord("X")) == expected
    assert merge_pair([], (1, 2), 3) == []

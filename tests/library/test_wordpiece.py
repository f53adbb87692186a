"""Chapter 11's WordPiece against Hugging Face's `tokenizers`."""

from hypothesis import given
from hypothesis import strategies as st
from tokenizers.models import WordPiece

from unrolled.wordpiece import wordpiece

VOCABULARY = ["[UNK]", "a", "ab", "b", "abb", "##a", "##ba", "##bab", "##bb", "사", "사랑", "##랑", "##해", "##랑해"]


def theirs(word, vocabulary=VOCABULARY, **options):
    ids = {piece: i for i, piece in enumerate(vocabulary)}
    return [token.value for token in WordPiece(ids, unk_token="[UNK]", **options).tokenize(word)]


@given(st.text("abc사랑해", max_size=13))
def test_does_it_agree_with_tokenizers(word):
    assert wordpiece(word, VOCABULARY) == theirs(word)


@given(st.sets(st.text("ab", min_size=1, max_size=3)), st.sets(st.text("ab", min_size=1, max_size=3)), st.text("ab"))
def test_does_it_agree_for_any_vocabulary(begin, go_on, word):
    vocabulary = ["[UNK]", *sorted(begin), *(f"##{piece}" for piece in sorted(go_on))]
    assert wordpiece(word, set(vocabulary)) == theirs(word, vocabulary)


def test_is_a_word_that_is_too_long_unknown():
    assert wordpiece("a" * 100, VOCABULARY) == theirs("a" * 100) and len(theirs("a" * 100)) == 100
    assert wordpiece("a" * 101, VOCABULARY) == theirs("a" * 101) == ["[UNK]"]
    assert wordpiece("aba", VOCABULARY, longest=2) == theirs("aba", max_input_chars_per_word=2) == ["[UNK]"]


def test_is_a_dictionary_as_good_as_a_set_and_the_unknown_word_ones_own():
    assert wordpiece("abc", dict.fromkeys(VOCABULARY), unknown="<unk>") == ["<unk>"]
    assert wordpiece("사랑해", dict.fromkeys(VOCABULARY)) == ["사랑", "##해"] == theirs("사랑해")

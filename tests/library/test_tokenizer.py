"""The tokenizer that one can keep against Hugging Face's `tokenizers`, by files in both directions, and the exercises."""

import json
import time

import pytest
from tokenizers import Tokenizer as Theirs
from tokenizers import decoders, models, pre_tokenizers, trainers

from unrolled import bpe
from unrolled.data.village import pairs
from unrolled.tokenizer import Tokenizer

END = "<|end|>"
TEXT = "\n".join(f"{pair.korean} {pair.english}!" for pair in pairs(300)) + " aaaa aaaaaaa 1234567  \t\n ¡¿ 😀 ‘x’"
TEXTS = [
    TEXT, "", " ", "hug pug", "나는 너를 사랑해", f"{END}{END} a{END}b", "aaaaaaaaaaa", "\x00\x01\n\n  x",
    "𝕬 e\u0301 \u200d 🇰🇷", "I'll it's 'tis", "ababab" * 30,
]  # fmt: skip


def theirs_trained(vocab_size=700):
    tokenizer = Theirs(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(
        vocab_size=vocab_size, special_tokens=[END], initial_alphabet=alphabet, show_progress=False
    )
    tokenizer.train_from_iterator([TEXT], trainer)
    return tokenizer


@pytest.fixture(scope="module")
def ours():
    return Tokenizer.train(TEXT, 700, [END])


def test_are_the_ids_those_of_the_exercises(ours):
    merges = bpe.train_bpe(TEXT, 700, [END])
    for text in TEXTS:
        assert ours.encode(text) == bpe.encode(text, merges, [END])
        assert ours.decode(ours.encode(text)) == bpe.decode(ours.encode(text), merges, [END]) == text
    assert len(ours) == 700


def test_does_each_read_the_others_file(ours, tmp_path):
    ours.save(tmp_path / "ours.json")
    reference = Theirs.from_file(str(tmp_path / "ours.json"))
    for text in TEXTS:
        assert reference.encode(text).ids == ours.encode(text)
        assert reference.decode(ours.encode(text), skip_special_tokens=False) == text
    again = Tokenizer.load(str(tmp_path / "ours.json"))
    assert [again.encode(text) for text in TEXTS] == [ours.encode(text) for text in TEXTS]

    reference = theirs_trained()
    reference.save(str(tmp_path / "theirs.json"))
    loaded = Tokenizer.load(tmp_path / "theirs.json")
    for text in TEXTS:
        assert loaded.encode(text) == reference.encode(text).ids
        assert loaded.decode(loaded.encode(text)) == text
    assert len(loaded) == reference.get_vocab_size()


def test_are_gpt_2s_two_files_read(tmp_path):
    reference = theirs_trained()
    reference.save(str(tmp_path / "theirs.json"))
    model = json.loads((tmp_path / "theirs.json").read_text())["model"]
    lines = ["#version: 0.2", *(" ".join(pair) for pair in model["merges"]), ""]
    (tmp_path / "vocab.json").write_text(json.dumps(model["vocab"]))
    (tmp_path / "merges.txt").write_text("\n".join(lines))
    loaded = Tokenizer.from_files(tmp_path / "vocab.json", str(tmp_path / "merges.txt"), special_tokens=[END])
    assert [loaded.encode(text) for text in TEXTS] == [reference.encode(text).ids for text in TEXTS]


def test_are_merges_that_make_the_same_token_one():
    merges = [(98, 99), (97, 98), (97, 256), (257, 99)]  # bc, ab, a+bc, ab+c
    tokenizer = Tokenizer.of(merges)
    assert len(tokenizer) == 259 and tokenizer.ids[b"abc"] == 258
    assert tokenizer.encode("abc") == [258] and tokenizer.decode([258]) == "abc"


def test_does_a_letter_come_out_when_all_its_bytes_are_there(ours):
    for text in TEXTS:
        pieces = list(ours.stream(byte for byte in text.encode()))
        assert "".join(pieces) == text and pieces == list(text)
    assert list(ours.stream([0xEC, 0x82])) == ["�"]
    assert list(ours.stream([0xEC, 104, 105])) == ["�h", "i"]


def test_do_files_of_another_kind_say_what_was_expected(ours, tmp_path):
    ours.save(tmp_path / "right.json")
    content = json.loads((tmp_path / "right.json").read_text())
    changes = {
        "normalizer": {"normalizer": {"type": "NFC"}},
        "pre_tokenizer": {"pre_tokenizer": {"type": "Whitespace"}},
        "model": {"model": content["model"] | {"type": "WordPiece"}},
        "added_tokens": {"added_tokens": [content["added_tokens"][0] | {"lstrip": True}]},
    }
    for what, change in changes.items():
        (tmp_path / "wrong.json").write_text(json.dumps(content | change))
        with pytest.raises(ValueError, match=rf"^the {what} of .*wrong.json is another; expected"):
            Tokenizer.load(tmp_path / "wrong.json")
    for ids, told in (([900], "900"), ([-1], "-1")):
        with pytest.raises(ValueError, match=rf"^ids holds {told}; expected"):
            ours.decode(ids)
    with pytest.raises(ValueError, match=r"^merges has b'ab'; expected"):
        Tokenizer([(b"a", b"b")], {b"a": 0, b"b": 1})


@pytest.mark.parametrize("function", [Tokenizer.of([]).encode, lambda text: bpe.encode(text, []), bpe.pretokenize])
def test_is_half_of_a_surrogate_pair_refused(function):
    with pytest.raises(ValueError, match=r"^text is a str, 'a\\ud83d'; expected a text"):
        function("a\ud83d")


def test_does_a_long_word_take_time_near_n_log_n(ours):
    def seconds(n):
        begin = time.process_time()
        ids = ours.encode("나는" * (n // 6))
        assert len(ids) < n
        return time.process_time() - begin

    seconds(1000)
    assert seconds(64_000) < 40 * max(seconds(4_000), 0.002)  # n² would be 256 times as long


def test_are_the_tables_built_once(ours):
    lines, begin = [f"{pair.english} {pair.korean}" for pair in pairs(500)], time.process_time()
    assert all(ours.encode(line) for line in lines)
    assert time.process_time() - begin < 1.0

"""What people bring along from elsewhere: empty texts, end words in lists, NaN, −100, half precision, other files."""

import math
from pathlib import Path

import jaxtyping
import numpy as np
import pytest
import sacrebleu
import torch
import torch.nn.functional as F
import transformers

from unrolled.bart import Bart, BartConfig
from unrolled.beam_search import beam_search
from unrolled.bert import Bert
from unrolled.bpe import decode, encode, train_bpe
from unrolled.decoding import generate, greedy, sample, top_k_filter, top_p_filter
from unrolled.gpt import GPT, causal_lm_loss
from unrolled.lab import get_batch, load_pretrained, save_pretrained
from unrolled.label_smoothing import label_smoothed_cross_entropy
from unrolled.losses import cross_entropy
from unrolled.rnn import clip_gradients
from unrolled.schedule import noam_rate
from unrolled.self_attention import scaled_dot_product_attention
from unrolled.seq2seq import bleu
from unrolled.t5 import T5, T5Config
from unrolled.transformer import Transformer

WORDS = 13


def normal(*shape, seed=0):
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed + sum(shape)))


def ids(*shape, seed=0):
    return torch.randint(3, WORDS, shape, generator=torch.Generator().manual_seed(seed + sum(shape)))


# One rule for a row that may look nowhere: zeros, and no NaN anywhere.


def two_sided(name):
    torch.manual_seed(0)
    if name == "T5":
        return T5(T5Config(WORDS, d_model=6, d_kv=5, d_ff=11, num_layers=2, num_heads=2))
    return Bart(BartConfig(WORDS, 17, 6, 2, 2, 11, 2, 2, 11))


@pytest.mark.parametrize("norm_first", [False, True])
def test_does_an_empty_text_harm_no_other_of_its_batch(norm_first):
    torch.manual_seed(0)
    model = Transformer(WORDS, WORDS, d_model=6, heads=2, d_ff=11, layers=2, norm_first=norm_first)
    source, lengths, inputs = ids(2, 4), torch.tensor([4, 0]), ids(2, 3)
    together = model(source, lengths, inputs)
    alone = model(source[:1], lengths[:1], inputs[:1])
    assert together.isfinite().all()
    torch.testing.assert_close(together[:1], alone)
    together.square().sum().backward()
    assert all(parameter.grad.isfinite().all() for parameter in model.parameters())


@pytest.mark.parametrize("name", ["T5", "BART"])
def test_does_an_empty_source_give_what_no_source_gives(name):
    """By hand: a cross-attention that finds nothing adds nothing, but for the bias of its last layer."""
    model, source, words = two_sided(name), ids(2, 4), ids(2, 3)
    real = torch.tensor([[True] * 4, [False] * 4])
    together = model(source, words, real)
    assert together.isfinite().all()
    torch.testing.assert_close(together[:1], model(source[:1], words[:1]))
    other = model(ids(2, 4, seed=9), words, real)
    torch.testing.assert_close(together[1], other[1])  # nothing of the source gets through
    together.square().sum().backward()
    assert all(p.grad is None or p.grad.isfinite().all() for p in model.parameters())


def test_has_bert_one_answer_with_and_without_its_weights():
    torch.manual_seed(0)
    model, real = Bert(WORDS, 6, 2, 11, 2, positions=7).eval(), torch.tensor([[True] * 5, [False] * 5])
    fast, _ = model.encode(ids(2, 5), real)
    slow, weights = model.encode(ids(2, 5), real, weights=True)
    torch.testing.assert_close(fast, slow)
    assert all(torch.equal(of[1], torch.zeros(2, 5, 5)) for of in weights)


def test_is_the_attention_torchs_where_a_row_may_look_nowhere():
    query, key, value, mask = normal(2, 5, 7), normal(2, 3, 7), normal(2, 3, 11), normal(2, 5, 3) > 0
    mask[0, 2] = mask[1, 4] = False
    expected = F.scaled_dot_product_attention(query, key, value, mask)
    output, weights = scaled_dot_product_attention(query, key, value, mask)
    torch.testing.assert_close(output, expected)
    assert torch.equal(weights[~mask], torch.zeros(int((~mask).sum())))


# Numbers that were silently wrong.


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float32, torch.float64])
def test_are_large_gradients_clipped_in_every_precision(dtype):
    gradients = [300 * normal(5, 3).to(dtype), 500 * normal(7).to(dtype)]
    norm = torch.cat([g.double().flatten() for g in gradients]).norm()
    for clipped, given in zip(clip_gradients(gradients, 1.0), gradients, strict=True):
        assert clipped.dtype == dtype
        torch.testing.assert_close(clipped.double(), given.double() / norm, rtol=1e-2, atol=1e-4)
    assert clip_gradients([], 1.0) == []


def counting(given, state=None):
    """After each word comes the next number."""
    return F.one_hot((given[:, -1] + 1) % WORDS, WORDS).float(), []


def test_are_there_several_end_words_or_none():
    prompt = torch.tensor([[3], [6], [9]])
    assert greedy(counting, prompt, max_length=9, eos=[8, 5]) == [[4, 5], [7, 8], [10, 11, 12, 0, 1, 2, 3, 4, 5]]
    assert greedy(counting, prompt, max_length=3, eos=None) == [[4, 5, 6], [7, 8, 9], [10, 11, 12]]
    for wrong in (None, [8, 5]):
        with pytest.raises(ValueError, match=r"^eos is .*; expected a whole number"):
            beam_search(counting, prompt, beam_size=2, max_length=3, eos=wrong)


def test_are_scores_of_nan_refused():
    def step(given, state=None):
        return torch.full((len(given), WORDS), torch.nan), []

    with pytest.raises(ValueError, match=r"^step gives .*NaN.*; expected"):
        greedy(step, ids(2, 3), max_length=3, eos=2)
    with pytest.raises(ValueError, match=r"^step gives .*NaN.*; expected"):
        beam_search(step, ids(2, 3), beam_size=2, max_length=3, eos=2)


def test_do_filters_and_sampling_take_scores_of_any_axes():
    logits, uniform = normal(2, 3, WORDS), normal(2, 3).sigmoid()
    rows = logits.flatten(0, 1)
    for one in (lambda x: top_k_filter(x, 3), lambda x: top_p_filter(x, 0.7)):
        assert torch.equal(one(logits), one(rows).view_as(logits))
        assert torch.equal(one(logits[0, 0]), one(rows)[0])
    words = sample(rows, uniform.flatten())
    assert torch.equal(sample(logits, uniform), words.view(2, 3))
    assert sample(logits[0, 0], uniform[0, 0]) == words[0]


def test_does_top_p_keep_all_words_at_1_and_the_fewest_of_equal_ones():
    sure = torch.tensor([[60.0, 0.0, -60.0, -90.0]])
    assert torch.equal(top_p_filter(sure, 1.0), sure) and torch.equal(top_p_filter(sure, 1), sure)
    for n in range(1, 40):
        for k in range(1, n + 1):
            assert top_p_filter(torch.zeros(1, n), k / n).isfinite().sum() == k, f"{k} of {n}"


def test_does_sampling_end_at_one_of_several_end_words():
    def choose(logits, text):
        return sample(logits * 50, torch.full((len(logits),), 0.5))

    assert generate(counting, torch.tensor([[3], [6]]), choose, max_length=9, eos=(5, 8)) == [[4, 5], [7, 8]]


# Habits of others.


def test_does_a_target_of_minus_100_not_count():
    logits, targets, lengths = normal(3, 5, 7), ids(3, 5) % 7, torch.tensor([5, 2, 4])
    targets[0, 1] = targets[2, 0] = targets[2, 3] = -100
    real = torch.arange(5) < lengths[:, None]
    for smoothing in (0.0, 0.1):
        expected = F.cross_entropy(logits.transpose(1, 2), targets.masked_fill(~real, -100), label_smoothing=smoothing)
        found = label_smoothed_cross_entropy(logits, targets, lengths, smoothing)
        torch.testing.assert_close(found, expected)


@pytest.mark.parametrize("dtype", [torch.uint8, torch.int64])
def test_is_a_mask_of_0_and_1_taken_at_the_door_or_refused_with_a_word(dtype):
    real = torch.tensor([[1, 1, 1, 0], [1, 1, 0, 0]], dtype=dtype)
    for model in (two_sided("T5"), two_sided("BART")):
        args = ids(2, 4), ids(2, 3)
        torch.testing.assert_close(model(*args, real), model(*args, real.bool()))
    bert = Bert(WORDS, 6, 2, 11, 2, positions=7)
    if dtype == torch.uint8:
        with pytest.raises(ValueError, match=r"^attention_mask is a tensor of uint8 .*; expected integer or boolean"):
            bert(ids(2, 4), real)
    else:
        torch.testing.assert_close(bert(ids(2, 4), real), bert(ids(2, 4), real.bool()))
    with pytest.raises(ValueError, match=r"^mask is a tensor of u?int\d+ .*; expected boolean"):
        scaled_dot_product_attention(normal(2, 4, 5), normal(2, 4, 5), normal(2, 4, 5), real[:, None])
    with pytest.raises(ValueError, match=r"^input_ids is .* with shape \(2, 0\); expected it not to be empty"):
        bert(ids(2, 4)[:, :0])


def test_are_merges_read_from_json_lists(monkeypatch):
    monkeypatch.setattr(jaxtyping.config, "jaxtyping_disable", True)  # the tests' own checks ask for tuples
    merges = train_bpe("hug hug pug hugs", 262)
    lists = [list(pair) for pair in merges]
    assert encode("hug pug", lists) == encode("hug pug", merges)
    assert decode(encode("hug pug", lists), lists) == "hug pug"


def test_does_the_noam_schedule_begin_at_step_0_as_lambda_lr_does():
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.ones(1))], lr=1.0)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: noam_rate(step, 16, 3))
    assert schedule.get_last_lr() == [noam_rate(1, 16, 3)]
    with pytest.raises(ValueError, match=r"^step is -1; expected at least 0"):
        noam_rate(-1, 16, 3)


@pytest.mark.parametrize("text", ["the dog slept", "a dog", "the", "the dog slept here now", "the cat slept here"])
def test_is_bleu_of_one_short_sentence_sacrebleus_effective_order(text):
    candidate, reference = text.split(), ["the", "dog", "slept", "here"]
    metric = sacrebleu.BLEU(tokenize="none", effective_order=True, smooth_method="none")
    expected = metric.sentence_score(text, [" ".join(reference)]).score
    found = bleu([candidate], [reference], order=min(4, len(candidate)))
    assert math.isclose(found, expected, abs_tol=1e-9)


@pytest.mark.parametrize("kind", [list, np.array, torch.tensor])
def test_are_batches_pieces_of_the_text_and_the_same_one_token_later(kind):
    text = list(range(100, 123))
    generator = torch.Generator().manual_seed(0)
    seen = set()
    for _ in range(50):
        inputs, targets = get_batch(kind(text), 7, 5, generator)
        assert inputs.shape == targets.shape == (7, 5) and torch.equal(inputs + 1, targets)
        seen |= set(inputs[:, 0].tolist())
    assert seen == set(range(100, 118))  # all places from which five tokens and a target follow
    with pytest.raises(ValueError, match=r"^time is 23; expected 1 to 22"):
        get_batch(kind(text), 7, 23, generator)


def test_is_a_checkpoint_read_wherever_it_was_written(tmp_path):
    layer = torch.nn.Linear(3, 5)
    for path in (tmp_path / "mine.safetensors", str(tmp_path / "other")):
        save_pretrained(path, layer, {"in": 3}, ["dog", "나"])
        found = load_pretrained(path)
        assert torch.equal(found.weights["weight"], layer.weight)
        assert (found.config, found.words) == ({"in": 3}, ["dog", "나"])
    assert Path(str(tmp_path / "other")).is_file() and load_pretrained("bert").words


def test_are_models_without_a_head_loaded_and_others_refused():
    sizes = {"vocab_size": WORDS, "n_positions": 7, "n_embd": 6, "n_head": 2, "n_layer": 2}
    torch.manual_seed(0)
    config = transformers.GPT2Config(**sizes, pad_token_id=0)
    body = transformers.GPT2Model(config).eval()
    whole = transformers.GPT2LMHeadModel(config).eval()
    whole.transformer.load_state_dict(body.state_dict())
    whole.tie_weights()
    torch.testing.assert_close(GPT.from_huggingface(body)(ids(2, 5)), whole(ids(2, 5)).logits)

    sizes = dict(vocab_size=WORDS, max_position_embeddings=11, d_model=6, encoder_layers=1, decoder_layers=1,
                 encoder_attention_heads=2, decoder_attention_heads=2, encoder_ffn_dim=7, decoder_ffn_dim=7)  # fmt: skip
    body = transformers.BartModel(transformers.BartConfig(**sizes)).eval()
    words = body(input_ids=ids(2, 5), decoder_input_ids=ids(2, 3)).last_hidden_state @ body.shared.weight.T
    torch.testing.assert_close(Bart.from_huggingface(body)(ids(2, 5), ids(2, 3)), words)

    other = transformers.GPT2ForSequenceClassification(config)
    with pytest.raises(ValueError, match=r"^model_or_name is a GPT2ForSequenceClassification; expected a GPT2Model or"):
        GPT.from_huggingface(other)


def test_do_the_losses_of_many_models_come_out_of_one_vmap():
    logits, targets = normal(3, 5, 7), ids(3, 5) % 7
    found = torch.vmap(cross_entropy)(logits, targets)
    torch.testing.assert_close(found, torch.stack([cross_entropy(*pair) for pair in zip(logits, targets, strict=True)]))
    logits, words, lengths = normal(3, 2, 5, 7), ids(3, 2, 5) % 7, torch.tensor([[5, 2], [4, 3], [2, 2]])
    found = torch.vmap(causal_lm_loss)(logits, words, lengths)
    expected = [causal_lm_loss(*one) for one in zip(logits, words, lengths, strict=True)]
    torch.testing.assert_close(found, torch.stack(expected))

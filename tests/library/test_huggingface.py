"""The door to Hugging Face: for each family a model in memory, a name and a folder; and what is turned away."""

import json
import subprocess
import sys

import pytest
import torch
from torch import nn

from unrolled.bart import Bart
from unrolled.bert import Bert
from unrolled.gpt import GPT
from unrolled.huggingface.door import fetch, fill, renamed, require
from unrolled.llama import Llama
from unrolled.reformer import Reformer
from unrolled.t5 import T5

transformers = pytest.importorskip("transformers")

BERT = dict(
    vocab_size=23, hidden_size=15, num_attention_heads=3, intermediate_size=17, num_hidden_layers=2,
    max_position_embeddings=11,
)  # fmt: skip
GPT2 = dict(vocab_size=23, n_positions=11, n_embd=15, n_head=3, n_layer=2, n_inner=17, bos_token_id=1, eos_token_id=2)
T5S = dict(vocab_size=23, d_model=13, d_kv=5, d_ff=17, num_layers=2, num_heads=3, decoder_start_token_id=0)
GATED = T5S | {"feed_forward_proj": "gated-gelu", "tie_word_embeddings": False}
BART = dict(
    vocab_size=23, max_position_embeddings=11, d_model=15, forced_eos_token_id=None,
    encoder_layers=2, encoder_attention_heads=5, encoder_ffn_dim=17,
    decoder_layers=1, decoder_attention_heads=3, decoder_ffn_dim=19,
)  # fmt: skip
REFORMER = dict(
    vocab_size=23, hidden_size=15, num_attention_heads=3, attention_head_size=7, feed_forward_size=17, num_buckets=4,
    attn_layers=["lsh", "local"], lsh_attn_chunk_length=8, local_attn_chunk_length=8, axial_pos_shape=[3, 5],
    axial_pos_embds_dim=[4, 11], is_decoder=True,
)  # fmt: skip
LLAMA = dict(
    vocab_size=23, hidden_size=12, num_attention_heads=6, num_key_value_heads=2, num_hidden_layers=2, intermediate_size=17,
    max_position_embeddings=11,
)  # fmt: skip
CASES = {
    "BertModel": (Bert, "BertModel", "BertConfig", BERT),
    "BertForPreTraining": (Bert, "BertForPreTraining", "BertConfig", BERT),
    "GPT-2": (GPT, "GPT2LMHeadModel", "GPT2Config", GPT2),
    "GPT-2 with a head of its own": (GPT, "GPT2LMHeadModel", "GPT2Config", GPT2 | {"tie_word_embeddings": False}),
    "T5": (T5, "T5ForConditionalGeneration", "T5Config", T5S),
    "T5 1.1": (T5, "T5ForConditionalGeneration", "T5Config", GATED),
    "mT5": (T5, "MT5ForConditionalGeneration", "MT5Config", GATED),
    "BART": (Bart, "BartForConditionalGeneration", "BartConfig", BART),
    "Reformer": (Reformer, "ReformerModelWithLMHead", "ReformerConfig", REFORMER),
    "Llama": (Llama, "LlamaForCausalLM", "LlamaConfig", LLAMA | {"head_dim": 2}),
    "Llama, tied": (Llama, "LlamaForCausalLM", "LlamaConfig", LLAMA | {"head_dim": 6, "tie_word_embeddings": True}),
    "Mistral": (Llama, "MistralForCausalLM", "MistralConfig", LLAMA | {"head_dim": 2}),
    "Qwen 2": (Llama, "Qwen2ForCausalLM", "Qwen2Config", LLAMA),
}
#: The kinds without a head that are read too.
BODIES = {Bert: "", GPT: "a GPT2Model or ", Bart: "a BartModel or "}
WAYS = ("in memory", "by its folder", "by the folder's Path", "by its name")


def huggingface(case):
    """A random model of Hugging Face's, none of its weights a 0 or a 1."""
    _, kind, config, settings = CASES[case]
    torch.manual_seed(0)
    model = getattr(transformers, kind)(getattr(transformers, config)(**settings)).eval()
    if case in ("T5 1.1", "mT5"):
        model.lm_head.weight = nn.Parameter(torch.randn(23, 13))
    for parameter in model.parameters():
        parameter.data = parameter.data + 0.2 * torch.randn_like(parameter)
    return model


def outputs(model):
    """What a model says, ours or theirs, as a list of tensors."""
    ids = torch.randint(3, 23, (3, 7), generator=torch.Generator().manual_seed(1))
    two_sided = isinstance(model, T5 | Bart) or getattr(getattr(model, "config", None), "is_encoder_decoder", False)
    with torch.no_grad():
        if two_sided:
            found = model(input_ids=ids, decoder_input_ids=ids[:, :5])
        else:
            found = model.predict(ids) if hasattr(model, "next_sentence") else model(ids)
    if hasattr(found, "to_tuple"):
        found = [found.logits] if "logits" in found else found.to_tuple()
    return [found] if isinstance(found, torch.Tensor) else list(found)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("case", CASES)
def test_is_it_the_same_model_whichever_way_it_comes(case, way, saved):
    theirs = huggingface(case)
    ours = CASES[case][0].from_huggingface(theirs if way == "in memory" else saved(way, theirs))
    assert type(ours) is CASES[case][0] and not ours.training
    for mine, expected in zip(outputs(ours), outputs(theirs), strict=True):
        assert expected.std() > 0.01  # else the tolerance would say little
        torch.testing.assert_close(mine, expected, atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize("case", CASES)
def test_has_it_copies_of_the_weights_in_their_precision(case):
    theirs = huggingface(case).to(torch.bfloat16)
    before = {name: weight.clone() for name, weight in theirs.state_dict().items()}
    ours = CASES[case][0].from_huggingface(theirs)
    for weight in [*ours.parameters(), *ours.buffers()]:
        assert weight.dtype == torch.bfloat16
        weight.data.zero_()
    assert all(torch.equal(weight, before[name]) for name, weight in theirs.state_dict().items())


@pytest.mark.parametrize("case", CASES)
def test_does_a_subclass_get_its_own_kind(case):
    base = CASES[case][0]
    mine = type("Mine", (base,), {})
    assert type(mine.from_huggingface(huggingface(case))) is mine


@pytest.mark.parametrize("ours", [Bert, GPT, T5, Bart, Reformer, Llama])
@pytest.mark.parametrize("wrong", [7, None, nn.Linear(2, 3), GPT, b"gpt2"], ids=repr)
def test_is_a_thing_that_is_no_model_refused_by_name(ours, wrong):
    what = "a Linear" if isinstance(wrong, nn.Module) else repr(wrong)
    kind = next(kind for base, kind, *_ in CASES.values() if base is ours)
    with pytest.raises(ValueError) as caught:
        ours.from_huggingface(wrong)
    assert str(caught.value).startswith(f"model_or_name is {what}; expected {BODIES.get(ours, '')}a {kind}")
    assert str(caught.value).endswith("or a folder that its save_pretrained has written")


@pytest.mark.parametrize("ours", [Bert, GPT, T5, Bart, Reformer, Llama])
@pytest.mark.parametrize("way", WAYS)
def test_is_another_familys_model_refused_by_name(ours, way, saved):
    case = "BART" if ours is not Bart else "T5"
    theirs = huggingface(case)
    if way == "in memory":
        given, message = theirs, f"model_or_name is a {type(theirs).__name__}; expected a "
    else:
        given, kind = saved(way, theirs), theirs.config.model_type
        message = f"model_or_name is {str(given)!r}, whose model_type is {kind!r}; expected a "
    with pytest.raises(ValueError) as caught:
        ours.from_huggingface(given)
    assert str(caught.value).startswith(message)


def test_is_a_folder_refused_that_is_not_there_or_holds_no_model(tmp_path, no_network):
    missing, file = tmp_path / "missing", tmp_path / "file"
    file.write_text("no folder")
    for path in (missing, file):
        with pytest.raises(
            ValueError, match=r"model_or_name is .*Path\(.*\), which is no folder; expected a GPT2Model or"
        ):
            GPT.from_huggingface(path)
    empty, broken, foreign, bare = (tmp_path / name for name in ("empty", "broken", "foreign", "bare"))
    for folder in (empty, broken, foreign):
        folder.mkdir()
    (broken / "config.json").write_text("{")
    (foreign / "config.json").write_text('{"model_type": "nothing-known"}')
    transformers.GPT2Config(**GPT2).save_pretrained(bare)  # a configuration without weights
    for given in (empty, broken, foreign, bare, str(missing), "unrolled/never-seen", "not a name", ""):
        with pytest.raises(ValueError) as caught:
            GPT.from_huggingface(given)
        message = f"model_or_name is {str(given)!r}, which could not be read; expected a GPT2Model or a "
        message += "GPT2LMHeadModel, the name"
        assert str(caught.value).startswith(message) and caught.value.__cause__ is not None


def test_are_weights_that_a_folder_lacks_not_made_up(tmp_path):
    torch.manual_seed(0)
    transformers.BertForMaskedLM(transformers.BertConfig(**BERT)).save_pretrained(tmp_path)
    with pytest.raises(ValueError, match=r"lacks 4 weights, the first of them bert\.pooler\.dense\.bias; expected all"):
        Bert.from_huggingface(tmp_path)


def test_does_a_folder_with_all_weights_do_whatever_class_it_names(tmp_path):
    theirs = huggingface("BertForPreTraining")
    theirs.save_pretrained(tmp_path)
    config = tmp_path / "config.json"  # bert-base-uncased's own says BertForMaskedLM
    config.write_text(config.read_text().replace("BertForPreTraining", "BertForMaskedLM"))
    for mine, expected in zip(outputs(Bert.from_huggingface(tmp_path)), outputs(theirs), strict=True):
        torch.testing.assert_close(mine, expected, atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize("case", ["T5 1.1", "mT5"])
def test_is_a_released_configuration_of_t5_understood(case, tmp_path):
    huggingface(case).save_pretrained(tmp_path)
    config = json.loads((tmp_path / "config.json").read_text())
    config.pop("scale_decoder_outputs", None)  # released ones know only this:
    (tmp_path / "config.json").write_text(json.dumps(config | {"tie_word_embeddings": False}))
    theirs = getattr(transformers, CASES[case][1]).from_pretrained(tmp_path)
    ours = T5.from_huggingface(tmp_path)
    assert not ours.config.scale_head and not ours.config.tie_word_embeddings
    torch.testing.assert_close(outputs(ours)[0], outputs(theirs)[0], atol=1e-5, rtol=1e-5)


def test_is_a_configuration_in_a_folder_refused_as_one_in_memory(tmp_path):
    transformers.GPT2LMHeadModel(transformers.GPT2Config(**GPT2, scale_attn_weights=False)).save_pretrained(tmp_path)
    with pytest.raises(ValueError, match=r"^the model's scale_attn_weights is False; expected True$"):
        GPT.from_huggingface(tmp_path)


@pytest.mark.parametrize(("case", "table"), [("BART", "lm_head"), ("BertForPreTraining", "cls.predictions.decoder")])
def test_is_a_head_of_its_own_refused_where_ours_has_none(case, table):
    theirs = huggingface(case)
    head = theirs.get_submodule(table)
    head.weight = nn.Parameter(head.weight.detach().clone())
    with pytest.raises(ValueError, match=f"the model's {table}.weight is a weight of its own; expected it tied"):
        CASES[case][0].from_huggingface(theirs)


def test_do_layers_kept_the_other_way_round_keep_their_layout():
    theirs = huggingface("GPT-2")
    ours = GPT.from_huggingface(theirs)
    mine, other = ours.blocks[1].expand.weight, theirs.transformer.h[1].mlp.c_fc.weight
    assert torch.equal(mine, other.T) and mine.T.is_contiguous() and mine.data_ptr() != other.data_ptr()


def test_is_the_package_asked_for_where_it_is_missing(monkeypatch):
    monkeypatch.setitem(sys.modules, "transformers", None)
    with pytest.raises(ImportError, match="need the package `transformers`: pip install transformers"):
        GPT.from_huggingface("gpt2")


def test_are_the_pieces_of_the_door_strict():
    require(transformers.GPT2Config(), not_a_field=(1,))
    with pytest.raises(ValueError, match="the model's n_head is 12; expected 3 or 4"):
        require(transformers.GPT2Config(), n_head=(3, 4))
    layer = nn.Linear(2, 3)
    with pytest.raises(ValueError, match="the model's bias is a weight of its own; expected it tied"):
        renamed(layer, [("bias", "")])
    with pytest.raises(RuntimeError, match="Missing key"):
        fill(nn.Linear(2, 3), {"weight": layer.weight.detach()})
    assert fetch(model := huggingface("BART"), {"bart": ("BartForConditionalGeneration",)}) is model


def test_does_a_model_know_the_door_only_when_it_is_asked():
    code = "import sys, unrolled.bert, unrolled.gpt, unrolled.t5, unrolled.bart; print([m for m in sys.modules if 'hugg' in m])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout.strip() == "[]", done.stderr

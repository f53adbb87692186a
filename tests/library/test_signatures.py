"""Every public function that takes tensors is called with what its signature excludes: right, or refused by name.

The cases below are right calls, with sizes that are different primes; the wrong ones are made of them.
"""

import importlib
import inspect
import re
from types import UnionType
from typing import get_args

import pytest
import torch
from torch import nn

from autograder.chapters import CHAPTERS
from unrolled.gpt import GPT, GPTConfig
from unrolled.self_attention import MultiHeadAttention
from unrolled.t5 import T5, T5Config

ROWS, TIME, WORDS = 3, 5, 11


def normal(*shape):
    return torch.randn(shape, generator=torch.Generator().manual_seed(sum(shape)))


def ids(*shape, below=WORDS):
    return torch.randint(below, shape, generator=torch.Generator().manual_seed(sum(shape)))


def yes(*shape):
    return torch.ones(shape, dtype=torch.bool)


LENGTHS = torch.tensor([5, 2, 4])
SCORES = {"logits": normal(ROWS, TIME, WORDS), "lengths": LENGTHS}
GATED = {"x": normal(3, 5), "h": normal(3, 7)}
LOOKING = {"query": normal(3, 5, 7), "key": normal(3, 11, 13)}
CLOUDS = {"mean": normal(3, 2), "log_variance": normal(3, 2)}
HALVES = {"f": lambda x: 2 * x, "g": lambda x: -x}
LEARNING = {"parameter": normal(3, 5), "gradient": normal(3, 5)}
LEVELS = torch.linspace(-1, 1, 7)
WRITING = {"step": lambda given, state=None: (normal(len(given), WORDS), []), "prompt": ids(3, 5)}


def gpt():
    return GPT(GPTConfig(vocabulary=WORDS, positions=7, d_model=6, heads=2, layers=2, d_ff=13))


def t5():
    return T5(T5Config(vocab_size=WORDS, d_model=6, d_kv=5, d_ff=13, num_layers=2, num_heads=2))


def recurrent(gates):
    sizes = {"w_ih": (gates * 7, 5), "b_ih": (gates * 7,), "w_hh": (gates * 7, 7), "b_hh": (gates * 7,)}
    return {name: normal(*shape) for name, shape in sizes.items()}


def gan_step():
    networks = nn.Linear(2, 7), nn.Sequential(nn.Linear(7, 1), nn.Flatten(0))
    optimizers = [torch.optim.SGD(network.parameters(), lr=0.1) for network in networks]
    return dict(zip(("generator", "discriminator", "generator_optimizer", "discriminator_optimizer"),
                    (*networks, *optimizers), strict=True)) | {"real": normal(5, 7), "noise": normal(3, 2)}  # fmt: skip


CALLS = {
    "losses.softmax": {"x": normal(3, 5)},
    "losses.cross_entropy": {"logits": normal(3, 5), "targets": ids(3, below=5)},
    "backpropagation.mlp_gradients": {
        name: normal(*shape).numpy()
        for name, shape in {
            "x": (3, 5), "targets": (3, 2), "w1": (7, 5), "b1": (7,), "w2": (2, 7), "b2": (2,)
        }.items()
    },
    "embedding.embed": {"table": normal(WORDS, 5), "ids": ids(3, 2)},
    "rnn.rnn_step": GATED | recurrent(1),
    "rnn.unroll": {"step": lambda x, h: h + 1, "inputs": normal(3, 5, 2), "state": normal(3, 7)},
    "rnn.sequence_cross_entropy": SCORES | {"targets": ids(3, 5)},
    "rnn.jacobian_norms": {"w_hh": normal(5, 5), "states": normal(3, 5)},
    "lstm.lstm_step": {"x": normal(3, 5), "state": (normal(3, 7), normal(3, 7))} | recurrent(4),
    "lstm.initialize_forget_bias": {"b_ih": normal(8), "b_hh": normal(8)},
    "gru.gru_step": GATED | recurrent(3),
    "masking.masked_unroll": {
        "step": lambda x, h: h + 1, "inputs": normal(3, 5, 2), "lengths": LENGTHS, "state": normal(3, 7)
    },
    "masking.bidirectional": {
        "step_f": lambda x, h: h + 1, "step_b": lambda x, h: h + 1, "inputs": normal(3, 5, 2),
        "lengths": LENGTHS, "state_f": normal(3, 7), "state_b": normal(3, 7),
    },
    "seq2seq.shift_right": {"targets": ids(3, 5), "bos": 1},
    "seq2seq.teacher_forcing_loss": {
        "model": lambda source, lengths, inputs: normal(*inputs.shape, WORDS), "source": ids(3, 7),
        "source_lengths": LENGTHS, "target": ids(3, 5), "target_lengths": LENGTHS, "bos": 1,
    },
    "seq2seq.greedy_translate": {
        "encoder": lambda source, lengths: (None, normal(len(source), 2)),
        "decoder": lambda inputs, state: (normal(*inputs.shape, WORDS), state),
        "source": ids(3, 5), "lengths": LENGTHS, "bos": 1, "eos": 2, "max_length": 3,
    },
    "attention.additive_scores": LOOKING | {"w_query": normal(2, 7), "w_key": normal(2, 13), "v": normal(2)},
    "attention.multiplicative_scores": LOOKING | {"weight": normal(7, 13)},
    "attention.masked_softmax": {"scores": normal(3, 5, 7), "mask": yes(3, 5, 7)},
    "attention.context_vectors": {"weights": normal(3, 5, 7), "values": normal(3, 7, 2)},
    "self_attention.scaled_dot_product_attention": {
        "query": normal(3, 5, 2), "key": normal(3, 7, 2), "value": normal(3, 7, 11), "mask": yes(5, 7)
    },
    "self_attention.padding_mask": {"lengths": LENGTHS, "length": 5},
    "transformer.layer_norm": {"x": normal(3, 5), "weight": normal(5), "bias": normal(5)},
    "transformer.embed_with_positions": {"ids": ids(3, 5), "embedding": nn.Embedding(WORDS, 6)},
    "label_smoothing.label_smoothed_cross_entropy": SCORES | {"targets": ids(3, 5), "smoothing": 0.1},
    "bert.classify": {"states": normal(3, 5, 7), "pooler": lambda x: x, "head": lambda x: x},
    "bert.attend": {"attention": MultiHeadAttention(6, 2), "x": normal(3, 5, 6), "mask": yes(5, 5)},
    "masked_lm.mask_tokens": {
        "input_ids": ids(3, 5), "special_ids": [0], "mask_id": 1, "vocabulary": WORDS,
        "uniforms": normal(3, 3, 5).sigmoid(),
    },
    "masked_lm.masked_lm_loss": {"logits": normal(3, 5, 7), "labels": ids(3, 5, below=7)},
    "sentence_pairs.make_sentence_pairs": {
        "documents": [[[1], [2]], [[3], [4]]], "uniforms": normal(2, 3).sigmoid(), "cls_id": 8, "sep_id": 9
    },
    "gpt.causal_lm_loss": SCORES | {"input_ids": ids(3, 5)},
    "gpt_attention.attention_weights": {"model": gpt(), "input_ids": ids(3, 5)},
    "gpt_steps.padded_step": {"model": gpt(), "attention_mask": yes(3, 5)},
    "greedy.generate": WRITING | {"max_new_tokens": 3},
    "t5.relative_position_bucket": {"relative_position": ids(3, 5)},
    "t5.cross_attention_weights": {"model": t5(), "input_ids": ids(3, 5), "decoder_input_ids": ids(3, 7)},
    "t5.hiding": {"mask": yes(3, 5), "dtype": torch.float32},
    "decoding.top_k_filter": {"logits": normal(3, 5), "k": 2},
    "decoding.top_p_filter": {"logits": normal(3, 5), "p": 0.5},
    "decoding.sample": {"logits": normal(3, 5), "uniform": normal(3).sigmoid()},
    "decoding.repetition_penalty": {"logits": normal(3, WORDS), "ids": ids(3, 5), "penalty": 1.3},
    "decoding.block_repeated_ngrams": {
        "logits": normal(3, WORDS), "prompt": ids(3, 5), "written": ids(3, 2), "n": 2
    },
    "decoding.generate": WRITING | {"choose": lambda logits, text: logits.argmax(-1), "max_length": 3, "eos": 2},
    "decoding.greedy": WRITING | {"max_length": 3, "eos": [2, 3]},
    "beam_search.beam_search": WRITING | {"beam_size": 2, "max_length": 3, "eos": 2},
    "beam_search.most_probable": WRITING | {"prompt": ids(1, 5), "max_length": 2, "eos": 2},
    "pca.principal_components": {"x": normal(7, 5), "count": 2},
    "pca.subspace_angles": {"a": normal(2, 5), "b": normal(2, 5)},
    "autoencoder.corrupt": {
        "clean": normal(3, 5), "noise": normal(3, 5), "uniforms": normal(3, 5), "std": 0.1, "erased": 0.1
    },
    "vae.reparameterize": CLOUDS | {"noise": normal(3, 2)},
    "vae.kl_to_standard_normal": CLOUDS,
    "vae.elbo": {"x": normal(3, 5).sigmoid(), "logits": normal(3, 5)} | CLOUDS,
    "anomaly.anomaly_scores": {"x": normal(3, 5), "reconstruction": normal(3, 5)},
    "anomaly.roc_auc": {"scores": normal(3), "is_anomaly": torch.tensor([True, False, True])},
    "anomaly.roc_curve": {"scores": normal(3), "is_anomaly": torch.tensor([True, False, True])},
    "gan.discriminator_loss": {"real_logits": normal(3), "fake_logits": normal(5)},
    "gan.generator_loss": {"fake_logits": normal(3)},
    "gan.minimax_generator_loss": {"fake_logits": normal(3)},
    "gan.gan_step": gan_step(),
    "gan.gradient_penalty": {
        "discriminator": lambda x: x.sum(-1), "real": normal(3, 5), "fake": normal(3, 5), "weights": normal(3)
    },
    "ring.modes_found": {"samples": normal(3, 2)},
    "frechet.frechet_distance": {"real": normal(5, 2), "fake": normal(3, 2)},
    "pooling.concat_pool": {"states": normal(3, 5, 7), "lengths": LENGTHS},
    "metrics.confusion_counts": {"truth": ids(5, below=3), "predicted": ids(5, below=3), "classes": 3},
    "metrics.precision_recall_f1": {"counts": ids(3, 3)},
    "metrics.accuracy": {"counts": ids(3, 3)},
    "metrics.macro_f1": {"counts": ids(3, 3)},
    "distilbert.distilbert_loss": {
        "student_logits": normal(3, 5, WORDS), "teacher_logits": normal(3, 5, WORDS), "labels": ids(3, 5),
        "student_states": normal(3, 5, 7), "teacher_states": normal(3, 5, 7), "attention_mask": yes(3, 5),
    },
    "sentence_order.make_sentence_orders": {"pairs": [([1], [2])] * 3, "uniforms": normal(3).sigmoid()},
    "electra.replace_tokens": {
        "generator_logits": normal(3, 5, WORDS), "input_ids": ids(3, 5), "asked": yes(3, 5),
        "uniforms": normal(3, 5).sigmoid(),
    },
    "electra.electra_loss": {
        "generator_logits": normal(3, 5, WORDS), "labels": ids(3, 5), "discriminator_logits": normal(3, 5),
        "replaced": yes(3, 5), "attention_mask": yes(3, 5),
    },
    "deberta.disentangled_scores": {
        "query": normal(3, 2, 5, 7), "key": normal(3, 2, 5, 7),
        "relative_query": normal(2, 11, 7), "relative_key": normal(2, 11, 7),
    },
    "zero_shot.entailment_probabilities": {
        "logits": normal(2, 5, 3), "entailment": 2, "contradiction": 0, "multi_label": False
    },
    "lsh.lsh_buckets": {"vectors": normal(3, 2, 5, 7), "rotations": normal(2, 7, 11, 13)},
    "lsh.sort_by_bucket": {"buckets": ids(3, 2, 7, 5)},
    "lsh.attend_in_chunks": {
        "query_key": normal(3, 2, 5, 7), "value": normal(3, 2, 5, 11), "places": ids(3, 2, 5),
        "chunk_length": 5, "causal": True,
    },
    "lsh.combine_rounds": {"outputs": normal(3, 2, 7, 5, 11), "logsumexps": normal(3, 2, 7, 5)},
    "lsh.lsh_attention": {
        "query_key": normal(3, 2, 5, 7), "value": normal(3, 2, 5, 11), "buckets": ids(3, 2, 13, 5),
        "chunk_length": 5, "causal": True,
    },
    "reversible.reverse_block": HALVES | {
        name: normal(3, 5) for name in ("y1", "y2", "grad_y1", "grad_y2")
    },
    "reversible.run_blocks": {"blocks": [tuple(HALVES.values())], "x1": normal(3, 5), "x2": normal(3, 5)},
    "reversible.run_reversible": {"blocks": [tuple(HALVES.values())], "x1": normal(3, 5), "x2": normal(3, 5)},
    "reformer.chunked_feed_forward": {"layer": nn.Linear(7, 2), "x": normal(3, 5, 7), "chunk_length": 2},
    "initialization.initial_weights": {
        "fan_out": 3, "fan_in": 5, "scheme": "xavier", "uniforms": normal(15).sigmoid()
    },
    "optimizers.momentum_step": LEARNING | {"velocity": normal(3, 5), "rate": 0.1, "momentum": 0.9},
    "optimizers.adamw_step": LEARNING | {
        "m": normal(3, 5), "v": normal(3, 5).exp(), "step": 2, "rate": 0.1, "betas": (0.9, 0.99), "eps": 1e-8,
        "weight_decay": 0.01,
    },
    "dropout.dropout": {"x": normal(3, 5), "p": 0.5, "uniforms": normal(3, 5).sigmoid()},
    "distillation.distillation_loss": {
        "student_logits": normal(3, 5), "teacher_logits": normal(3, 5), "labels": ids(3, below=5),
        "temperature": 2.0, "alpha": 0.5,
    },
    "int8.absmax_quantize": {"weight": normal(3, 5), "per_row": True},
    "int8.zero_point_quantize": {"x": normal(3, 5)},
    "int8.straight_through": {"x": normal(3, 5), "scale": 0.5, "low": -3, "high": 3},
    "nf4.quantize_blocks": {"weight": normal(3, 5), "levels": LEVELS, "block": 2},
    "nf4.double_quantize": {"absmax": normal(5).exp(), "block": 2},
    "quantized.pack": {"codes": ids(11, below=8).byte(), "bits": 3},
    "quantized.unpack": {"packed": ids(5, below=256).byte(), "bits": 3, "count": 11},
    "quantized.quantize_model": {"model": nn.Sequential(nn.Linear(5, 3)), "levels": LEVELS, "block": 2},
    "rope.rotate": {"x": normal(3, 2, 5, 14), "positions": ids(5)},
    "rope.halves_from_pairs": {"weight": normal(6, 5), "heads": 3},
    "rope.rotate_at": {"x": normal(3, 2, 5, 14), "positions": ids(5), "frequencies": normal(7)},
    "in_context.option_scores": {
        "logits": normal(3, 5, WORDS), "input_ids": ids(3, 5), "prompt_length": 1, "lengths": LENGTHS
    },
    "prompting.calibrate": {"probabilities": normal(3, 5).softmax(-1), "content_free": normal(5).softmax(-1)},
    "dense_retrieval.in_batch_loss": {"queries": normal(3, 5), "passages": normal(3, 5), "temperature": 0.5},
    "fusion.maximal_marginal_relevance": {
        "query": normal(5), "documents": normal(3, 5), "count": 2, "weight": 0.5
    },
    "rag.rag_log_probabilities": {
        "token_logits": normal(3, 2, 5, WORDS), "document_scores": normal(3, 2), "targets": ids(3, 5),
        "mask": torch.ones(3, 5, dtype=torch.bool),
    },
    "reader.best_span": {"starts": normal(5), "ends": normal(5), "first": 1},
}  # fmt: skip


def functions():
    """The public functions of the library with a tensor among their arguments, by name."""
    found = {}
    for module in (importlib.import_module(f"unrolled.{m}") for modules in CHAPTERS.values() for m in modules):
        for name, thing in vars(module).items():
            if inspect.isfunction(thing) and thing.__module__ == module.__name__ and not name.startswith("_"):
                parameters = inspect.signature(thing).parameters.values()
                if any(axes(parameter.annotation) is not None for parameter in parameters):
                    found[f"{module.__name__.split('.')[1]}.{name}"] = thing
    return found


def axes(hint):
    """The axes that an annotation names, if it is of one kind of tensor."""
    parts = [part for part in (get_args(hint) if isinstance(hint, UnionType) else (hint,)) if part is not type(None)]
    dims = {getattr(part, "dim_str", None) for part in parts}
    return None if len(dims) > 1 or None in dims else dims.pop().split()


FUNCTIONS = functions()
each_function = pytest.mark.parametrize("name", FUNCTIONS)


def tensors(name):
    """The tensors of the case: their axes and what they are, by argument."""
    parameters, given = inspect.signature(FUNCTIONS[name]).parameters, CALLS[name]
    found = {argument: axes(parameters[argument].annotation) for argument in given}
    return {argument: (dims, given[argument]) for argument, dims in found.items() if dims is not None}


def refused(name, **changes):
    """The message with which the changed case is refused, or None if there is a result; any other error is one."""
    try:
        FUNCTIONS[name](**CALLS[name] | changes)
    except ValueError as error:
        told = re.match(r"(\w+) is .+; expected .+", str(error))
        assert told and told[1] in CALLS[name], f"{changes.keys()}: {error}"
        return str(error)
    return None


@each_function
def test_is_what_the_signature_asks_for_taken(name):
    assert name in CALLS, "a case is missing"
    assert refused(name) is None


@each_function
def test_is_a_tensor_with_an_axis_too_many_or_too_few_refused(name):
    for argument, (dims, value) in tensors(name).items():
        if not any(dim.startswith(("*", "...")) for dim in dims):
            for wrong in (value[None], value[..., None], value[0]):
                message = refused(name, **{argument: wrong})
                assert message and message.startswith(argument) and str(tuple(wrong.shape)) in message


@each_function
def test_is_a_tensor_of_another_kind_refused(name):
    for argument, (_, value) in tensors(name).items():
        value = torch.as_tensor(value)
        others = [value.float(), value.long(), value > 0, value.cfloat()]
        same_kind = [value.float(), value.double(), value.half()] if value.is_floating_point() else [value]
        kinds = {other.dtype for other in same_kind}
        union = "|" in str(inspect.signature(FUNCTIONS[name]).parameters[argument].annotation)
        for wrong in (other for other in others if other.dtype not in kinds):
            if union and not wrong.dtype.is_floating_point and not wrong.dtype.is_complex:
                continue  # a mask may be of truth values or of 0s and 1s
            message = refused(name, **{argument: wrong.numpy() if name.startswith("backprop") else wrong})
            assert message and message.startswith(argument), f"{argument} of {wrong.dtype}"
        message = refused(name, **{argument: [1, 2]})
        assert message and message.startswith(f"{argument} is a list, [1, 2]")


@each_function
def test_are_tensors_that_do_not_fit_each_other_refused(name):
    found = tensors(name)
    for argument, (dims, value) in found.items():
        others = {dim for other, (dims, _) in found.items() if other != argument for dim in dims}
        if any(dim.startswith("...") for dim in dims):
            continue
        for axis, dim in enumerate(dims):
            if dim.isidentifier() and dim in others and value.shape[axis] > 1:
                shorter = torch.as_tensor(value).narrow(axis, 0, value.shape[axis] - 1)
                wrong = shorter.numpy() if name.startswith("backprop") else shorter
                assert refused(name, **{argument: wrong}), f"{argument}, {dim}"


@each_function
def test_is_nothing_taken_as_it_should_or_refused(name):
    found = tensors(name)
    for dim in {dim for dims, _ in found.values() for dim in dims if dim.isidentifier()}:
        empty = {
            argument: value.narrow(dims.index(dim), 0, 0)
            for argument, (dims, value) in found.items()
            if dim in dims and isinstance(value, torch.Tensor) and not any(d.startswith(("*", ".")) for d in dims)
        }
        if empty and refused(name, **empty) is None:
            result = FUNCTIONS[name](**CALLS[name] | empty)
            parts = result if isinstance(result, tuple | list) else [result]
            values = [part for part in parts if isinstance(part, torch.Tensor)]
            assert not any(value.isnan().any() for value in values), dim


@pytest.mark.parametrize("name", [name for name, given in CALLS.items() if "max_length" in given])
def test_is_a_number_that_is_none_refused(name):
    for wrong in (None, "3", [3], 2.5):
        assert refused(name, max_length=wrong).startswith("max_length is ")

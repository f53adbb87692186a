"""What goes wrong in a softmax only with scores that are far apart, tried on every exercise that computes one."""

import contextlib
import functools
import inspect

import pytest
import torch
import torch.nn.functional as F

from autograder.exercises import all_exercises
from autograder.judge import judge

GIVEN = {  # whose softmax stands in an answer to another exercise, or in what the chapter gives
    "one maximum for all": {"AttentionDecoder", "EncoderBlock", "DecoderBlock", "GPTBlock", "GPT", "Albert", "beam_search"},
    "less 10,000": {"EncoderBlock", "DecoderBlock", "GPTBlock", "GPT", "Albert", "beam_search", "LanguageModelClassifier"},
}


def shifted(x):
    """All scores less the largest of them all."""
    return x - x.max().detach() if x.numel() else x


def softmax(x, dim=-1, **_):
    """Takes one maximum off all rows."""
    exponentials = shifted(x).exp()
    return exponentials / exponentials.sum(dim, keepdim=True)


def log_softmax(x, dim=-1, **_):
    """Takes one maximum off all rows."""
    return shifted(x) - shifted(x).exp().sum(dim, keepdim=True).log()


def logsumexp(x, dim, keepdim=False):
    """Takes one maximum off all rows."""
    return shifted(x).exp().sum(dim, keepdim=keepdim).log() + (x - shifted(x)).amax(dim, keepdim=keepdim)


def cross_entropy(logits, targets, **options):
    """Of a softmax that takes one maximum off all rows."""
    return F.nll_loss(log_softmax(logits, 1 if logits.dim() > 1 else 0), targets, **options)


def attention(soft, forbidden):
    """Torch's attention, made of that softmax, and with that added to a forbidden score."""

    def scaled_dot_product_attention(query, key, value, attn_mask=None, is_causal=False):
        scores = query @ key.mT / query.shape[-1] ** 0.5
        allowed = torch.ones_like(scores, dtype=torch.bool) if attn_mask is None else attn_mask
        added = torch.zeros_like(scores).where(allowed.tril() if is_causal else allowed, forbidden)
        return soft(scores + added, dim=-1) @ value

    return scaled_dot_product_attention


def masked_fill(x, mask, value):
    """Takes 10,000 off a forbidden score instead of making it −∞."""
    return x - 1e4 * mask if lowest(value) and x.is_floating_point() else NotImplemented


def where(condition, *values):
    """Takes 10,000 off a forbidden score instead of making it −∞."""
    return values[0] - 1e4 * ~condition if len(values) == 2 and lowest(values[1]) else NotImplemented


def lowest(value):
    """Whether it is −∞."""
    return isinstance(value, float) and value == -torch.inf


PUT = {
    "one maximum for all": [
        *((owner, wrong) for owner in (torch, F, torch.Tensor) for wrong in (softmax, log_softmax)),
        *((owner, logsumexp) for owner in (torch, torch.Tensor)),
        (F, cross_entropy),
        (F, attention(softmax, -torch.inf)),
    ],
    "less 10,000": [(torch.Tensor, masked_fill), (torch, where), (F, attention(torch.softmax, -1e4))],
}


@contextlib.contextmanager
def putting(mistake, used):
    """These functions in the place of torch's; the names of those that do something else are added to `used`."""

    def noting(wrong, right):
        @functools.wraps(wrong)
        def call(*arguments, **options):
            result = wrong(*arguments, **options)
            if result is NotImplemented:
                return right(*arguments, **options)
            used.add(wrong.__name__)
            return result

        return call

    before = [(owner, wrong.__name__, getattr(owner, wrong.__name__)) for owner, wrong in PUT[mistake]]
    try:
        for (owner, name, right), (_, wrong) in zip(before, PUT[mistake], strict=True):
            setattr(owner, name, noting(wrong, right))
        yield
    finally:
        for owner, name, right in before:
            setattr(owner, name, right)


def mistaken(reference, mistake, used):
    """The reference, and while it runs torch makes that mistake."""

    def wrapped(function):
        @functools.wraps(function)
        def call(*arguments, **options):
            with putting(mistake, used):
                return function(*arguments, **options)

        return call

    if not inspect.isclass(reference):
        return wrapped(reference)
    methods = {name: wrapped(method) for name, method in vars(reference).items() if inspect.isfunction(method)}
    return type(reference.__name__, (reference,), methods)


@pytest.mark.slow
@pytest.mark.parametrize("mistake", PUT)
@pytest.mark.parametrize("exercise", all_exercises(), ids=lambda e: e.name)
def test_is_a_softmax_tried_with_scores_that_are_far_apart(exercise, mistake):
    used = set()
    verdict = judge(exercise, mistaken(exercise.reference, mistake, used))
    expected = "correct" if not used or exercise.name in GIVEN[mistake] else "wrong"
    assert verdict.outcome == expected, (used, verdict.message)

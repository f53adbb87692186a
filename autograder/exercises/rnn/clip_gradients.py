"""`clip_gradients`: The gradients, all scaled by one factor so that their joint norm is at most `max_norm`."""

import torch

from autograder.draw import normal
from autograder.exercise import Exercise, Misconception


def clip_gradients_inputs(rng):
    """Three tensors of unequal size; one of them large and one small, so that one factor differs from three."""

    def case(scales, max_norm):
        shapes = ((2, 3), (5,), (7, 1, 2))
        gradients = [normal(rng, *shape, scale=scale) for shape, scale in zip(shapes, scales, strict=True)]
        return {"gradients": gradients, "max_norm": max_norm}

    return {
        "large gradients": [case((4.0, 0.1, 1.0), 1.5), case((1.0, 2.0, 3.0), 0.5)],
        "small gradients": [case((0.1, 0.02, 0.05), 7.0), case((0.0, 0.0, 0.0), 1.0)],
    }


def clip_gradients_with_torch(gradients, max_norm):
    parameters = [torch.nn.Parameter(torch.zeros_like(gradient)) for gradient in gradients]
    for parameter, gradient in zip(parameters, gradients, strict=True):
        parameter.grad = gradient.clone()
    torch.nn.utils.clip_grad_norm_(parameters, max_norm)
    return [parameter.grad for parameter in parameters]


def clip_gradients_flat(gradients, max_norm):
    norm = torch.cat([gradient.flatten() for gradient in gradients]).norm().item()
    if norm <= max_norm:
        return list(gradients)
    return tuple(gradient / norm * max_norm for gradient in gradients)


CLIP_GRADIENTS = Exercise(
    solves="unrolled.rnn.clip_gradients",
    groups={"large gradients": 2, "small gradients": 1},
    inputs=clip_gradients_inputs,
    accepts=(clip_gradients_with_torch, clip_gradients_flat),
    free=frozenset(["sequence"]),
    misconceptions=(
        Misconception(
            id="per-tensor",
            name="each tensor is clipped on its own",
            hint="Then the tensors shrink by different factors, and the step points elsewhere. Of what is the norm taken?",
            edits={
                "[gradient * scale for gradient in gradients]": (
                    "[gradient * (max_norm / gradient.norm().clamp(min=max_norm)) for gradient in gradients]"
                )
            },
        ),
        Misconception(
            id="small-scaled-up",
            name="gradients that are small enough are scaled up to max_norm",
            hint="Clipping only ever shortens. What should the factor be when the norm is below max_norm?",
            edits={"norm.clamp(min=max_norm)": "norm"},
        ),
        Misconception(
            id="by-value",
            name="every value is cut to ±max_norm, instead of scaling by the norm",
            hint="Cutting single values changes the direction. Which single number decides by how much all are scaled?",
            edits={"gradient * scale": "gradient.clamp(-max_norm, max_norm)"},
        ),
        Misconception(
            id="no-root",
            name="the norm is not under a square root",
            hint="For a single gradient of 3 the norm should be 3. What is yours?",
            edits={
                "torch.sqrt(sum((gradient**2).sum() for gradient in gradients))": (
                    "sum((gradient**2).sum() for gradient in gradients)"
                )
            },
        ),
        Misconception(
            id="sum-of-norms",
            name="the norms of the tensors are added up",
            hint="Tensors of norm 3 and 4, laid end to end, have norm 5. What does yours give?",
            edits={
                "torch.sqrt(sum((gradient**2).sum() for gradient in gradients))": (
                    "sum(gradient.norm() for gradient in gradients)"
                )
            },
        ),
        Misconception(
            id="sum-of-absolute-values",
            name="absolute values are added up, instead of squares under a root",
            hint="Which norm is the length of a vector?",
            edits={
                "torch.sqrt(sum((gradient**2).sum() for gradient in gradients))": (
                    "sum(gradient.abs().sum() for gradient in gradients)"
                )
            },
        ),
        Misconception(
            id="normalised-to-one",
            name="the gradients are scaled to norm 1, whatever max_norm is",
            hint="After clipping, which norm should a long gradient have?",
            edits={"max_norm / norm": "1.0 / norm"},
        ),
        Misconception(
            id="not-clipped",
            name="nothing is clipped",
            hint="Where is the factor multiplied in?",
            edits={"gradient * scale": "gradient * 1"},
        ),
        Misconception(
            id="in-place",
            name="the gradients are scaled in place",
            hint="torch's clip_grad_norm_ does so, and its name ends in an underscore to say it. Ours promises new "
            "tensors: does your line write into the old ones?",
            edits={"gradient * scale": "gradient.mul_(scale)"},
        ),
    ),
)

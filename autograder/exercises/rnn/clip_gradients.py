"""`clip_gradients`: The gradients, all scaled by one factor so that their joint norm is at most `max_norm`."""

import torch

from autograder.draw import normal
from autograder.exercise import Exercise, Misconception


def clip_gradients_inputs(rng):
    """Three tensors of unequal size; one of them large and one small, so that one factor differs from three.

    The joint norm is far above the limit, just above it, just below it, once above that of each, and between it and 1 on either side.
    """

    def case(scales, max_norm):
        shapes = ((2, 3), (5,), (7, 1, 2))
        gradients = [normal(rng, *shape, scale=scale) for shape, scale in zip(shapes, scales, strict=True)]
        return {"gradients": gradients, "max_norm": max_norm}

    def near(scales, times):
        """A limit that is the joint norm times a number."""
        gradients = case(scales, 0.0)["gradients"]
        return {"gradients": gradients, "max_norm": times * torch.cat([g.flatten() for g in gradients]).norm().item()}

    def each_below():
        """Norms of 1, 1 and 1, and a limit between that and √3."""
        case = near((1.0, 1.0, 1.0), 1.0)
        return {"gradients": [gradient / gradient.norm() for gradient in case["gradients"]], "max_norm": 1.4}

    return {
        "large gradients": [
            case((4.0, 0.1, 1.0), 1.5),
            case((1.0, 2.0, 3.0), 0.5),
            near((1.0, 2.0, 3.0), 0.95),
            near((0.05, 0.02, 0.1), 0.6),
            each_below(),
        ],
        "small gradients": [
            case((0.1, 0.02, 0.05), 7.0),
            case((0.0, 0.0, 0.0), 1.0),
            near((1.0, 2.0, 3.0), 1.05),
            near((0.05, 0.02, 0.1), 1.4),
        ],
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


def clip_gradients_or_nothing(gradients, max_norm):
    norm = torch.cat([gradient.flatten() for gradient in gradients]).norm()
    if norm > max_norm:
        return [gradient * max_norm / norm for gradient in gradients]


def clip_gradients_so_far(gradients, max_norm):
    squares, clipped = 0.0, []
    for gradient in gradients:
        squares = squares + (gradient**2).sum()
        clipped.append(gradient * (max_norm / torch.sqrt(squares).clamp(min=max_norm)))
    return clipped


CLIP_GRADIENTS = Exercise(
    solves="unrolled.rnn.clip_gradients",
    groups={"large gradients": 2, "small gradients": 1},
    inputs=clip_gradients_inputs,
    accepts=(clip_gradients_with_torch, clip_gradients_flat),
    free=frozenset(["sequence"]),
    misconceptions=(
        Misconception(
            id="asks-each-tensor",
            name="only if a single gradient is longer than max_norm are all scaled",
            hint="Three gradients of length 1 make a joint one of √3. Which norm should be compared with max_norm?",
            edits={
                "scale = max_norm / norm.clamp(min=max_norm)": (
                    "scale = max_norm / norm.clamp(min=max_norm) if any(g.norm() > max_norm for g in gradients) else 1.0"
                )
            },
        ),
        Misconception(
            id="spectral-norm",
            name="the norm of a matrix is taken to be its largest singular value",
            hint="For a matrix `torch.linalg.norm(g, ord=2)` is the factor by which it stretches at most. What is the length of all its entries, laid end to end?",
            edits={
                "(gradient.double() ** 2).sum()": (
                    "torch.linalg.norm(gradient.double() if gradient.ndim < 2 else gradient.double().flatten(1), ord=2) ** 2"
                )
            },
        ),
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
                "torch.sqrt(sum(squares, start=torch.tensor(0.0)))": (
                    "sum((gradient**2).sum() for gradient in gradients)"
                )
            },
        ),
        Misconception(
            id="sum-of-norms",
            name="the norms of the tensors are added up",
            hint="Tensors of norm 3 and 4, laid end to end, have norm 5. What does yours give?",
            edits={
                "torch.sqrt(sum(squares, start=torch.tensor(0.0)))": (
                    "sum(gradient.norm() for gradient in gradients)"
                )
            },
        ),
        Misconception(
            id="sum-of-absolute-values",
            name="absolute values are added up, instead of squares under a root",
            hint="Which norm is the length of a vector?",
            edits={
                "torch.sqrt(sum(squares, start=torch.tensor(0.0)))": (
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
            hint="Where is the factor multiplied in? (torch's clip_grad_norm_ changes the `.grad` of what it is given: have your tensors one?)",
            edits={"gradient * scale": "gradient * 1"},
        ),
        Misconception(
            id="in-place",
            name="the gradients are scaled in place",
            hint="torch's clip_grad_norm_ does so, and its name ends in an underscore to say it. Ours promises new "
            "tensors: does your line write into the old ones?",
            edits={"gradient * scale": "gradient.mul_(scale)"},
        ),
        Misconception(
            id="largest-norm",
            name="the largest norm of a single tensor is taken for the joint norm",
            hint="Tensors of norm 3 and 4, laid end to end, have norm 5. What does yours give?",
            edits={
                "torch.sqrt(sum(squares, start=torch.tensor(0.0)))": (
                    "max(gradient.norm() for gradient in gradients)"
                ),
            },
        ),
        Misconception(
            id="largest-value",
            name="the largest absolute value is taken for the norm",
            hint="Which norm is the length of a vector? Think of (3, 4): is it 4?",
            edits={
                "torch.sqrt(sum(squares, start=torch.tensor(0.0)))": (
                    "max(gradient.abs().max() for gradient in gradients)"
                ),
            },
        ),
        Misconception(
            id="only-short-ones",
            name="short gradients are scaled up, and long ones are left alone",
            hint="Which gradients are dangerous: those below max_norm or those above? Which of min and max, or < and "
            ">, is in your lines?",
            edits={"norm.clamp(min=max_norm)": "norm.clamp(max=max_norm)"},
        ),
        Misconception(
            id="above-one",
            name="the gradients are scaled whenever their norm exceeds 1, not max_norm",
            hint="In the docstring's example max_norm is 1. Is it always? With what is the norm to be compared?",
            edits={"max_norm / norm.clamp(min=max_norm)": "max_norm / norm if norm > 1 else 1.0"},
        ),
        Misconception(
            id="factor-upside-down",
            name="the factor is upside down: long gradients get longer",
            hint="A norm of 5 should become 1. By what is it multiplied?",
            edits={"max_norm / norm.clamp(min=max_norm)": "norm.clamp(min=max_norm) / max_norm"},
        ),
        Misconception(
            id="long-ones-to-one",
            name="long gradients are scaled to norm 1, whatever max_norm is",
            hint="After clipping, which norm should a long gradient have?",
            edits={"max_norm / norm.clamp(min=max_norm)": "1.0 / norm if norm > max_norm else 1.0"},
        ),
        Misconception(
            id="zero-by-zero",
            name="gradients that are all 0 are divided by their norm",
            hint="What is 0/0? When must nothing be divided at all?",
            edits={
                "[gradient * scale for gradient in gradients]": (
                    "[gradient / norm * norm.clamp(max=max_norm) for gradient in gradients]"
                ),
            },
        ),
        Misconception(
            id="stacked",
            name="tensors of different shapes are stacked",
            hint="torch.stack wants equal shapes, and a weight and its bias have none in common. How can each give "
            "its share of the sum?",
            edits={
                "torch.sqrt(sum(squares, start=torch.tensor(0.0)))": (
                    "torch.stack(list(gradients)).norm()"
                ),
            },
        ),
        Misconception(
            id="joined-unflattened",
            name="the tensors are joined as they are, though their shapes differ",
            hint="torch.cat wants shapes that differ along one axis only. What makes any tensor a single row?",
            edits={
                "torch.sqrt(sum(squares, start=torch.tensor(0.0)))": "torch.cat(list(gradients)).norm()",
            },
        ),
        Misconception(
            id="one-long-vector",
            name="one long vector comes back instead of the tensors",
            hint="Each weight needs its own gradient back. In which shapes did they come?",
            edits={
                "[gradient * scale for gradient in gradients]": (
                    "torch.cat([(gradient * scale).flatten() for gradient in gradients])"
                ),
            },
        ),
        Misconception(
            id="flattened",
            name="the tensors come back flattened",
            hint="Each weight needs its own gradient back, in its own shape. Which line takes the shape away?",
            edits={
                "[gradient * scale for gradient in gradients]": (
                    "[(gradient * scale).flatten() for gradient in gradients]"
                ),
            },
        ),
        Misconception(
            id="nothing-when-short",
            name="nothing comes back when there is nothing to clip",
            hint="What does a function return that reaches its end without a return? What should the caller get?",
            answer=clip_gradients_or_nothing,
        ),
        Misconception(
            id="first-tensor-only",
            name="only the first tensor's norm is looked at",
            hint="The explosion may be in any of them. Over what should the sum go?",
            edits={"torch.sqrt(sum(squares, start=torch.tensor(0.0)))": "gradients[0].norm()"},
        ),
        Misconception(
            id="norm-so-far",
            name="each tensor is scaled with the norm of those up to it",
            hint="The factor should be the same for all. Can it be known before the last tensor has been seen?",
            answer=clip_gradients_so_far,
        ),
        Misconception(
            id="whole-number-division",
            name="the factor is rounded down to a whole number",
            hint="`//` drops what comes after the point. What is 1 // 5?",
            edits={"max_norm / ": "max_norm // "},
        ),
        Misconception(
            id="norm-of-a-list",
            name="a list is asked for its norm",
            hint="gradients is a list of tensors, and only a tensor has a norm. How do you get one number out of "
            "several tensors?",
            edits={"torch.sqrt(sum(squares, start=torch.tensor(0.0)))": "gradients.norm()"},
        ),
        Misconception(
            id="mean-of-squares",
            name="the squares are averaged instead of summed",
            hint="Is the length of a vector the root of a mean? Think of (3, 4).",
            edits={
                "torch.sqrt(sum(squares, start=torch.tensor(0.0)))": (
                    "torch.cat([gradient.flatten() for gradient in gradients]).pow(2).mean().sqrt()"
                ),
            },
        ),
        Misconception(
            id="sum-of-values",
            name="the values are added up as they are, so that positive and negative ones cancel",
            hint="The vector (3, −3) is not short. What makes every term of the sum positive?",
            edits={
                "torch.sqrt(sum(squares, start=torch.tensor(0.0)))": (
                    "abs(sum(gradient.sum() for gradient in gradients))"
                ),
            },
        ),
        Misconception(
            id="larger-of-the-two",
            name="of 1 and the factor the larger is taken instead of the smaller",
            hint="Clipping only ever shortens: can the factor exceed 1?",
            edits={"max_norm / norm.clamp(min=max_norm)": "max(1.0, max_norm / (norm + 1e-12))"},
        ),
        Misconception(
            id="divided-by-the-square",
            name="what is too long is divided by the square of the norm",
            hint="With a norm of 5 and `max_norm=1` the factor is 1/5. Where is a root missing, or a square too many?",
            edits={
                "max_norm / norm.clamp(min=max_norm)": "torch.where(norm > max_norm, max_norm / norm**2, 1.0)",
            },
        ),
        Misconception(
            id="one-long-vector-in-a-list",
            name="all gradients come back as one long vector in a list",
            hint="The joint norm needs one long vector. In which shapes, and how many, does the caller want the gradients "
            "back?",
            edits={
                "[gradient * scale for gradient in gradients]": (
                    "[torch.cat([gradient.flatten() for gradient in gradients]) * scale]"
                ),
            },
        ),
    ),
)

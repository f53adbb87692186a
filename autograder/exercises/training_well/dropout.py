"""`dropout`: The values, of which some are set to 0 while training, and the rest made larger, so that the mean stays."""

import torch

from autograder.draw import normal, uniform
from autograder.exercise import Exercise, Misconception


def dropout_inputs(rng):
    """(7, 13), a batch of one, three axes; p of 0 and others; one random number that is just p, and one that is 0."""

    def case(*shape, p, **training):
        x, uniforms = normal(rng, *shape), uniform(rng, *shape)
        x.view(-1)[:4] = torch.tensor([3.0, -2.0, 1.5, -1.0])
        uniforms.view(-1)[:4] = torch.tensor([p, 0.0, 0.98, 0.5 * p])  # p itself is not below p
        return {"x": x, "p": p, "uniforms": uniforms, **training}

    drawn = int(rng.integers(5, 8)) / 16
    return {
        "training": [
            case(7, 13, p=drawn),
            case(1, 11, p=0.75),
            case(2, 3, 5, p=0.25, training=True),
            case(5, 3, p=0.0),
            case(17, p=0.125),
        ],
        "in use": [case(7, 13, p=drawn, training=False), case(1, 5, p=0.75, training=False)],
    }


def dropout_refuses(rng):
    x, uniforms = normal(rng, 3, 5), uniform(rng, 3, 5)
    return [
        {"x": x, "p": 1.0, "uniforms": uniforms},
        {"x": x, "p": -0.25, "uniforms": uniforms},
        {"x": x, "p": 1.5, "uniforms": uniforms, "training": False},
    ]


def probe_dropout(answer, inputs):
    """Differentiate by x alone, with torch's own random numbers fixed: an answer that draws its own does not go unnoticed."""
    import torch

    from autograder.probes import differentiate, generators, side_effects

    numbers = inputs["uniforms"].clone()
    others = {name: value for name, value in inputs.items() if name not in ("x", "uniforms")}
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(7)
        before = generators()
        report = differentiate(lambda x: answer(x=x, uniforms=numbers, **others), {"x": inputs["x"]})
        own = side_effects(inputs, {**inputs, "uniforms": numbers}, before)
    return {**report, "modified": [*report["modified"], *own["modified"]], "drawn": own["drawn"]}


def dropout_with_where(x, p, uniforms, training=True):
    if p < 0 or p >= 1:
        raise ValueError(f"p must be in [0, 1), not {p}")
    return torch.where(uniforms < p, torch.zeros_like(x), x / (1 - p)) if training else x


def dropout_on_a_copy(x, p, uniforms, training=True):
    if not (0 <= p < 1):
        raise ValueError("p is no probability below 1")
    out = x.clone()
    if training:
        out[uniforms < p] = 0
        out = out * (1 / (1 - p))
    return out


def dropout_with_masked_fill(x, p, uniforms, training=True):
    if p >= 1.0:
        raise ValueError("p: too large")
    if p < 0.0:
        raise ValueError("p: negative")
    if not training:
        return x * 1.0
    return x.masked_fill(uniforms < p, 0.0).div(1.0 - p)


DROPOUT = Exercise(
    solves="unrolled.dropout.dropout",
    groups={"training": 1, "in use": 1},
    inputs=dropout_inputs,
    probe=probe_dropout,
    refuses=dropout_refuses,
    promises_in="training",
    accepts=(dropout_with_where, dropout_on_a_copy, dropout_with_masked_fill),
    forbids=("torch.nn.functional.dropout",),
    misconceptions=(
        Misconception(
            id="scaled-in-use",
            name="nothing is made larger in training; instead all values are made smaller in use",
            hint="So it stands in the paper of 2014. Here as in torch, where a model in use costs nothing extra. When should the "
            "scaling happen?",
            edits={"return x\n": "return x * (1 - p)\n", " / (1 - p)": ""},
        ),
        Misconception(
            id="not-scaled",
            name="the values that stay are not made larger",
            hint="Half of the values drop. How large is the mean of what is left, against the mean from before?",
            edits={" / (1 - p)": ""},
        ),
        Misconception(
            id="scaled-both-times",
            name="the values are made larger in use as well",
            hint="Does anything drop while the model is used? What is there to make up for?",
            edits={"return x\n": "return x / (1 - p)\n"},
        ),
        Misconception(
            id="scaled-twice",
            name="the values are made larger in training and smaller in use",
            hint="One of the two is enough to keep the mean. Which one does the docstring ask for?",
            edits={"return x\n": "return x * (1 - p)\n"},
        ),
        Misconception(
            id="drops-in-use",
            name="values drop in use, too",
            hint="Should a model that is used give another answer each time? Where do you look at `training`?",
            edits={"    if not training:\n        return x\n": ""},
        ),
        Misconception(
            id="upside-down",
            name="training and use are mixed up",
            hint="In which of the two should values drop?",
            edits={"if not training": "if training"},
        ),
        Misconception(
            id="kept-below",
            name="the values whose number is below p are those that stay",
            hint="With p = 0.25, what share of your values drops?",
            edits={"uniforms >= p": "uniforms < p"},
        ),
        Misconception(
            id="equal-drops",
            name="a value drops also where its number equals p",
            hint="Uniform numbers begin at 0, with 0 itself among them. If p is 0, may anything drop?",
            edits={"uniforms >= p": "uniforms > p"},
        ),
        Misconception(
            id="p-keeps",
            name="p is taken for the probability to stay",
            hint="That is the p of the paper of 2014. What does the docstring's p stand for?",
            edits={"(uniforms >= p) / (1 - p)": "(uniforms >= 1 - p) / max(p, 1e-9)"},
        ),
        Misconception(
            id="divided-by-p",
            name="what stays is divided by p",
            hint="Of the values, which share stays: p or 1 − p? By which number must the rest be divided to keep the sum?",
            edits={"/ (1 - p)": "/ p"},
        ),
        Misconception(
            id="made-smaller",
            name="what stays is multiplied by 1 − p instead of divided",
            hint="Should the values that stay become larger or smaller, to make up for those that dropped?",
            edits={"(uniforms >= p) / (1 - p)": "(uniforms >= p) * (1 - p)"},
        ),
        Misconception(
            id="one-plus-p",
            name="what stays is multiplied by 1 + p",
            hint="With p = 0.5 half of the values drop. Is it enough if the others grow by half?",
            edits={"/ (1 - p)": "* (1 + p)"},
        ),
        Misconception(
            id="own-numbers",
            name="the function draws random numbers of its own",
            hint="Then nobody can repeat your run. Which argument holds the numbers?",
            edits={"(uniforms >= p)": "(__import__('torch').rand_like(x) >= p)"},
        ),
        Misconception(
            id="precedence",
            name="division binds before the subtraction: … / 1 − p",
            hint="What is 8 / 1 - 0.5 in Python? Where do parentheses belong?",
            edits={"/ (1 - p)": "/ 1 - p"},
        ),
        Misconception(
            id="whole-rows",
            name="whole rows drop, by the first number of each",
            hint="There is a number for every value. Do you use more than the first of each row?",
            edits={"(uniforms >= p)": "(uniforms[..., :1] >= p)"},
        ),
        Misconception(
            id="lowest-values-drop",
            name="the values themselves are compared with p, instead of their random numbers",
            hint="Should small values drop, or values picked by chance? Which argument holds the chance?",
            edits={"(uniforms >= p)": "(x >= p)"},
        ),
        Misconception(
            id="exact-share",
            name="exactly the share p drops, the smallest numbers first",
            hint="How many drop should be left to chance. With what is each number compared?",
            edits={"(uniforms >= p)": "(uniforms.flatten().argsort().argsort().view(x.shape) >= round(p * x.numel()))"},
        ),
        Misconception(
            id="in-place",
            name="the values that are handed in are changed themselves",
            hint="`x[mask] = 0` writes into the tensor that the caller still has. How do you make a copy?",
            edits={"return x * (uniforms >= p) / (1 - p)": ("x.data[uniforms < p] = 0\n    return x / (1 - p)")},
        ),
        Misconception(
            id="only-scaled",
            name="no value drops",
            hint="Where do you use `uniforms`?",
            edits={"x * (uniforms >= p)": "x"},
        ),
        Misconception(
            id="mean-restored",
            name="what stays is scaled by the share that happened to stay",
            hint="Close, and yet it hangs on the draw: a value's factor should not depend on which others dropped. By which fixed "
            "number does the docstring divide?",
            edits={"/ (1 - p)": "/ (uniforms >= p).float().mean().clamp(min=1e-9)"},
        ),
        Misconception(
            id="nan-for-dropped",
            name="the values that stay are picked out, so that the shape is lost",
            hint="`x[mask]` gives a single row of what stays. Which values should stand in the other places?",
            edits={"x * (uniforms >= p)": "x[uniforms >= p]"},
        ),
        Misconception(
            id="mask-returned",
            name="the mask is returned without the values",
            hint="With what should the mask be multiplied?",
            edits={"x * (uniforms >= p)": "(uniforms >= p)"},
        ),
        Misconception(
            id="not-refused",
            name="a p that is no probability below 1 is taken",
            hint="What is divided by, if p is 1? The docstring says which exception a caller gets, and what its message names: "
            "which p should raise it?",
            edits={"not 0 <= p < 1": "False"},
        ),
        Misconception(
            id="one-taken",
            name="p = 1 is taken, though nothing would be left",
            hint="By what is the rest divided, if p is 1? Does the docstring's range include it?",
            edits={"0 <= p < 1": "0 <= p <= 1"},
        ),
        Misconception(
            id="detached",
            name="no gradient comes back to the values",
            hint="`.detach()`, `.data` and torch.no_grad cut the way back. How should x learn which of its values counted?",
            edits={"return x * (uniforms": "return x.detach() * (uniforms"},
        ),
        Misconception(
            id="p-looked-at-in-training",
            name="p is looked at in training only, and may be anything in use",
            hint="A wrong p is wrong in use, too, where it may have been set. Which of your two questions comes first?",
            edits={"if not 0 <= p < 1:": "if training and not 0 <= p < 1:"},
        ),
    ),
)

"""`adamw_step`: The parameter, `m` and `v` after one step of Adam with decoupled weight decay."""

import torch

from autograder import probes
from autograder.draw import normal, uniform
from autograder.exercise import Exercise, Misconception


def adamw_step_inputs(rng):
    """Matrices, vectors, a single number; first and later steps, an `eps` that counts and one that hardly does."""

    def case(*shape, step, decay=0.0, eps=1e-8, **settings):
        start = 0.0 if step == 1 else 1.0
        return {
            "parameter": normal(rng, *shape, scale=2.0),
            "gradient": normal(rng, *shape),
            "m": start * normal(rng, *shape),
            "v": start * (0.25 + uniform(rng, *shape)),
            "step": step,
            "rate": 0.02 * int(rng.integers(5, 11)),
            "betas": (0.9, 0.99),
            "eps": eps,
            "weight_decay": decay,
            **settings,
        }

    later = int(rng.integers(5, 12))
    return {
        "first step": [case(3, 5, step=1), case(7, step=1, eps=0.25)],
        "later steps": [
            case(3, 5, step=later),
            case(2, 3, 1, step=2, betas=(0.5, 0.75), eps=0.125),
            case(1, step=3, betas=(0.8, 0.9), eps=0.5),
        ],
        "weight decay": [
            case(3, 5, step=1, decay=0.5),
            case(7, step=later, decay=0.25, eps=0.125),
            case(1, 1, 1, step=4, decay=1.5),
        ],
    }


def adamw_step_refuses(rng):
    given = {name: normal(rng, 3) for name in ("parameter", "gradient", "m")} | {"v": uniform(rng, 3)}
    settings = {"rate": 0.1, "betas": (0.9, 0.99), "eps": 1e-8, "weight_decay": 0.1}
    return [{**given, "step": step, **settings} for step in (0, -2)]


def adamw_step_as_torch(parameter, gradient, m, v, step, *, rate, betas, eps, weight_decay):
    if step < 1:
        raise ValueError(f"step must be positive, got {step}")
    (beta_1, beta_2) = betas
    m = torch.lerp(m, gradient, 1 - beta_1)
    v = torch.addcmul(v * beta_2, gradient, gradient, value=1 - beta_2)
    denominator = v.sqrt() / (1 - beta_2**step) ** 0.5 + eps
    parameter = parameter - rate * weight_decay * parameter
    return torch.addcdiv(parameter, m, denominator, value=-rate / (1 - beta_1**step)), m, v


def adamw_step_on_copies(parameter, gradient, m, v, step, *, rate, betas, eps, weight_decay):
    if step <= 0:
        raise ValueError("the step counts from 1")
    parameter, m, v = parameter.clone(), m.clone(), v.clone()
    parameter.mul_(1 - rate * weight_decay)
    m.mul_(betas[0]).add_(gradient, alpha=1 - betas[0])
    v.mul_(betas[1]).add_(gradient.square() * (1 - betas[1]))
    m_hat, v_hat = m / (1 - betas[0] ** step), v / (1 - betas[1] ** step)
    parameter -= rate * m_hat / (torch.sqrt(v_hat) + eps)
    return parameter, m, v


def adamw_step_all_at_once(parameter, gradient, m, v, step, *, rate, betas, eps, weight_decay):
    if step < 1:
        raise ValueError("step")
    m = m + (1 - betas[0]) * (gradient - m)
    v = v + (1 - betas[1]) * (gradient.pow(2) - v)
    change = m / (1 - betas[0] ** step) / ((v / (1 - betas[1] ** step)) ** 0.5 + eps) + weight_decay * parameter
    return parameter - rate * change, m, v


M = "    m = betas[0] * m + (1 - betas[0]) * gradient\n"
V = "    v = betas[1] * v + (1 - betas[1]) * gradient**2\n"
CORRECTED_M = "corrected_m = m / (1 - betas[0] ** step)"
CORRECTED_V = "corrected_v = v / (1 - betas[1] ** step)"
DECAYED = "decayed = parameter * (1 - rate * weight_decay)"
ROOT = "(corrected_v.sqrt() + eps)"
MOVED = "decayed - rate * corrected_m / (corrected_v.sqrt() + eps)"

ADAMW_STEP = Exercise(
    solves="unrolled.optimizers.adamw_step",
    groups={"first step": 1, "later steps": 2, "weight decay": 1},
    inputs=adamw_step_inputs,
    probe=probes.made_new,
    refuses=adamw_step_refuses,
    promises_in="first step",
    accepts=(adamw_step_as_torch, adamw_step_on_copies, adamw_step_all_at_once),
    forbids=("torch.optim.AdamW", "torch.optim.Adam"),
    misconceptions=(
        Misconception(
            id="l2",
            name="the decay is added to the gradient, where Adam divides it by √v again",
            hint="So does Adam with weight_decay: L2 regularisation. In AdamW the decay is decoupled: does it pass through m and v?",
            edits={
                M: "    gradient = gradient + weight_decay * parameter\n" + M,
                DECAYED: "decayed = parameter",
            },
        ),
        Misconception(
            id="decayed-twice",
            name="the decay is added to the gradient as well, and so goes into m and v",
            hint="That is Adam with L2 beside AdamW. How often does the docstring's parameter decay, and does m know of it?",
            edits={M: "    gradient = gradient + weight_decay * parameter\n" + M},
        ),
        Misconception(
            id="decay-without-rate",
            name="the decay is not multiplied by the rate",
            hint="So it stands in the paper, which has a schedule factor there instead. Here as in torch: by what is the parameter "
            "multiplied first?",
            edits={"1 - rate * weight_decay": "1 - weight_decay"},
        ),
        Misconception(
            id="decay-last",
            name="the parameter is multiplied by 1 − rate · weight_decay after the step instead of before",
            hint="In which order does the docstring do the two? Does the decay see the step that was just made?",
            edits={
                DECAYED: "decayed = parameter",
                MOVED: f"({MOVED}) * (1 - rate * weight_decay)",
            },
        ),
        Misconception(
            id="no-decay",
            name="there is no weight decay",
            hint="Where do you use `weight_decay`?",
            edits={DECAYED: "decayed = parameter"},
        ),
        Misconception(
            id="grows",
            name="the decay makes the parameter grow",
            hint="By which factor should a parameter of 10 be multiplied: one below 1, or one above?",
            edits={"1 - rate * weight_decay": "1 + rate * weight_decay"},
        ),
        Misconception(
            id="decay-through-the-root",
            name="the decay is added to corrected m, and divided by √v with it",
            hint="Decoupled means that the decay is not divided by √v. Which of your parentheses does it belong outside?",
            edits={
                DECAYED: "decayed = parameter",
                "rate * corrected_m /": "rate * (corrected_m + weight_decay * parameter) /",
            },
        ),
        Misconception(
            id="eps-in-the-root",
            name="eps stands inside the square root",
            hint="So do some frameworks. Is √(v + eps) the same as √v + eps? Try v = 0.",
            edits={ROOT: "(corrected_v + eps).sqrt()"},
        ),
        Misconception(
            id="eps-before-correction",
            name="eps is added to the root of v before v is corrected",
            hint='So does TensorFlow ("epsilon hat" in the paper). Here as in torch: which of your two roots should eps be added to?',
            edits={ROOT: "((v.sqrt() + eps) / (1 - betas[1] ** step) ** 0.5)"},
        ),
        Misconception(
            id="no-eps",
            name="eps plays no part",
            hint="What is 0/0, for a weight whose gradient is 0 so far? Where do you use `eps`?",
            edits={ROOT: "corrected_v.sqrt()"},
        ),
        Misconception(
            id="no-correction",
            name="neither m nor v is corrected for its start at 0",
            hint="In the first step m is only a tenth of the gradient. By what must it be divided?",
            edits={CORRECTED_M: "corrected_m = m", CORRECTED_V: "corrected_v = v"},
        ),
        Misconception(
            id="v-not-corrected",
            name="m is corrected for its start at 0, and v is not",
            hint="Both means begin at 0. What are v and its correction in the first step?",
            edits={CORRECTED_V: "corrected_v = v"},
        ),
        Misconception(
            id="m-not-corrected",
            name="v is corrected for its start at 0, and m is not",
            hint="Both means begin at 0. What are m and its correction in the first step?",
            edits={CORRECTED_M: "corrected_m = m"},
        ),
        Misconception(
            id="correction-of-the-first-step",
            name="the correction is that of the first step, whatever the step",
            hint="After a hundred steps a mean has forgotten its start. Where does `step` stand in your correction?",
            edits={"betas[0] ** step": "betas[0]", "betas[1] ** step": "betas[1]"},
        ),
        Misconception(
            id="one-step-further",
            name="the correction counts one step too many",
            hint="Steps count from 1 already. In the first step corrected m should be the gradient itself: is it?",
            edits={"betas[0] ** step": "betas[0] ** (step + 1)", "betas[1] ** step": "betas[1] ** (step + 1)"},
        ),
        Misconception(
            id="times-instead-of-power",
            name="beta is multiplied by the step instead of raised to its power",
            hint="After two steps the start at 0 weighs beta · beta. Which operation is that?",
            edits={"betas[0] ** step": "betas[0] * step", "betas[1] ** step": "betas[1] * step"},
        ),
        Misconception(
            id="correction-multiplied",
            name="m and v are multiplied by their correction instead of divided",
            hint="A mean that began at 0 is too small. Does yours get larger?",
            edits={
                "m / (1 - betas[0] ** step)": "m * (1 - betas[0] ** step)",
                "v / (1 - betas[1] ** step)": "v * (1 - betas[1] ** step)",
            },
        ),
        Misconception(
            id="corrected-returned",
            name="the corrected m and v are returned, so that the next step corrects them again",
            hint="From which m should the next step go on: from the moving mean, or from what was made of it for this step?",
            edits={"+ eps), m, v": "+ eps), corrected_m, corrected_v"},
        ),
        Misconception(
            id="no-root",
            name="the step is divided by v, without the square root",
            hint="v is a mean of squares. In which unit should a gradient of 4 be divided: 16 or 4?",
            edits={"corrected_v.sqrt()": "corrected_v"},
        ),
        Misconception(
            id="not-squared",
            name="v is the moving mean of the gradient's size instead of its square",
            hint="What does the docstring take the mean of for v?",
            edits={"gradient**2": "gradient.abs()"},
        ),
        Misconception(
            id="belief",
            name="v is the mean of the squared distance between the gradient and m",
            hint="That is another optimiser, AdaBelief. What does the docstring square?",
            edits={"gradient**2": "(gradient - m) ** 2"},
        ),
        Misconception(
            id="gradient-for-m",
            name="the step uses the gradient of this step instead of corrected m",
            hint="That is RMSprop. What stands in the numerator of the docstring's step?",
            edits={"rate * corrected_m": "rate * gradient"},
        ),
        Misconception(
            id="betas-swapped",
            name="the two betas have changed places",
            hint="Which of them belongs to m, and which to v?",
            edits={
                M: M.replace("[0]", "[1]"),
                V: V.replace("[1]", "[0]"),
                "betas[0] ** step": "betas[1] ** step",
                "v / (1 - betas[1] ** step)": "v / (1 - betas[0] ** step)",
            },
        ),
        Misconception(
            id="corrections-swapped",
            name="m is corrected with the beta of v, and v with that of m",
            hint="Which beta does each mean forget with? Which one should correct it?",
            edits={"betas[0] ** step": "betas[1] ** step", "v / (1 - betas[1] ** step)": "v / (1 - betas[0] ** step)"},
        ),
        Misconception(
            id="weights-swapped",
            name="beta is the share of the new gradient instead of that of the old mean",
            hint="With beta = 0.9, should m follow every gradient at once, or change slowly?",
            edits={
                M: "    m = (1 - betas[0]) * m + betas[0] * gradient\n",
                V: "    v = (1 - betas[1]) * v + betas[1] * gradient**2\n",
            },
        ),
        Misconception(
            id="gradient-counts-whole",
            name="the gradient comes into m and v whole, without 1 − beta",
            hint="Do the two factors of a mean add up to 1 with you?",
            edits={"(1 - betas[0]) * gradient": "gradient", "(1 - betas[1]) * gradient**2": "gradient**2"},
        ),
        Misconception(
            id="v-of-m",
            name="v is the mean of m squared instead of the gradient squared",
            hint="What does the docstring square for v: the gradient, or its mean?",
            edits={"gradient**2": "m**2"},
        ),
        Misconception(
            id="uphill",
            name="the step goes uphill",
            hint="The gradient points to where the loss grows. Which way should the parameter move?",
            edits={"decayed - rate": "decayed + rate"},
        ),
        Misconception(
            id="no-rate",
            name="the step is not multiplied by the rate",
            hint="Where do you use `rate` besides the decay?",
            edits={"rate * corrected_m": "corrected_m"},
        ),
        Misconception(
            id="in-place",
            name="m and v are changed in place",
            hint="Methods that end in _ write into the tensor that they are given. The docstring promises new ones: how do you make them?",
            edits={
                M: "    m.mul_(betas[0]).add_((1 - betas[0]) * gradient)\n",
                V: "    v.mul_(betas[1]).add_((1 - betas[1]) * gradient**2)\n",
            },
        ),
        Misconception(
            id="parameter-in-place",
            name="the parameter is changed in place",
            hint="`*=` and `-=` write into the tensor on their left. The docstring promises a new one: how do you make it?",
            edits={DECAYED: "decayed = parameter.mul_(1 - rate * weight_decay)"},
        ),
        Misconception(
            id="m-and-v-old",
            name="the old m and v are returned",
            hint="From which means should the next step go on?",
            edits={
                M: "    old = m, v\n" + M,
                "+ eps), m, v": "+ eps), *old",
            },
        ),
        Misconception(
            id="only-the-parameter",
            name="only the parameter is returned",
            hint="From where should the next step know m and v?",
            edits={"+ eps), m, v": "+ eps)"},
        ),
        Misconception(
            id="results-swapped",
            name="v is returned before m",
            hint="In which order does the signature promise the results?",
            edits={"+ eps), m, v": "+ eps), v, m"},
        ),
        Misconception(
            id="step-0-taken",
            name="a step below 1 is taken",
            hint="What is 1 − beta⁰? The docstring says which exception a caller gets, and what its message names: which step "
            "should raise it?",
            edits={"step < 1": "False"},
        ),
        Misconception(
            id="v-never-falls",
            name="v is never less than it was (AMSGrad)",
            hint="A variant of Adam, but another one. Is the docstring's v a moving mean, or the largest of all?",
            edits={V: "    v = torch.maximum(v, betas[1] * v + (1 - betas[1]) * gradient**2)\n"},
        ),
    ),
)

"""`momentum_step`: The parameter and the velocity after one step of gradient descent with momentum."""

import torch

from autograder import probes
from autograder.draw import normal
from autograder.exercise import Exercise, Misconception


def momentum_step_inputs(rng):
    """Matrices, vectors, a single number; a velocity of 0 (the first step), and no momentum at all."""

    def case(*shape, rate, momentum, scale=1.0):
        return {
            "parameter": normal(rng, *shape),
            "gradient": normal(rng, *shape),
            "velocity": normal(rng, *shape, scale=scale),
            "rate": rate,
            "momentum": momentum,
        }

    drawn = 0.02 * int(rng.integers(10, 20))
    return {
        "first step": [case(3, 5, rate=drawn, momentum=0.9, scale=0.0), case(7, rate=0.5, momentum=0.25, scale=0.0)],
        "later steps": [
            case(3, 5, rate=drawn, momentum=0.9),
            case(1, rate=1.75, momentum=0.5, scale=5.0),
            case(7, 2, 1, rate=0.3, momentum=0.0),
            case(1, 1, 1, rate=0.25, momentum=0.75),
        ],
    }


def momentum_step_with_torch(parameter, gradient, velocity, rate, momentum):
    new = torch.add(gradient, velocity, alpha=momentum)
    return torch.sub(parameter, new, alpha=rate), new


def momentum_step_on_copies(parameter, gradient, velocity, rate, momentum):
    velocity = velocity.clone().mul_(momentum).add_(gradient)
    parameter = parameter.clone()
    parameter -= rate * velocity
    return parameter, velocity


def momentum_step_in_two_parts(parameter, gradient, velocity, rate, momentum):
    moved = parameter - (rate * momentum) * velocity - rate * gradient
    return moved, gradient + momentum * velocity


MOMENTUM_STEP = Exercise(
    solves="unrolled.optimizers.momentum_step",
    groups={"first step": 1, "later steps": 1},
    inputs=momentum_step_inputs,
    probe=probes.made_new,
    accepts=(momentum_step_with_torch, momentum_step_on_copies, momentum_step_in_two_parts),
    forbids=("torch.optim.SGD",),
    misconceptions=(
        Misconception(
            id="rate-in-the-velocity",
            name="the rate is a part of the velocity, which then points downhill",
            hint="Right in Sutskever's paper and in older frameworks; here as in torch, where a rate that changes acts at once. "
            "What does the docstring's velocity hold?",
            edits={
                "velocity = momentum * velocity + gradient": "velocity = momentum * velocity - rate * gradient",
                "parameter - rate * velocity": "parameter + velocity",
            },
        ),
        Misconception(
            id="rate-in-the-velocity-uphill",
            name="the rate is multiplied into the velocity instead of into the step",
            hint="With a rate of 0.1 and no momentum, should the velocity be the gradient or a tenth of it?",
            edits={
                "velocity + gradient": "velocity + rate * gradient",
                "parameter - rate * velocity": "parameter - velocity",
            },
        ),
        Misconception(
            id="rate-twice",
            name="the rate is multiplied in twice: into the velocity and into the step",
            hint="How often does the rate stand in the docstring?",
            edits={"velocity + gradient": "velocity + rate * gradient"},
        ),
        Misconception(
            id="no-rate",
            name="the parameter moves by the whole velocity, without the rate",
            hint="Where do you use `rate`?",
            edits={"rate * velocity": "velocity"},
        ),
        Misconception(
            id="moving-mean",
            name="the velocity is a moving mean: the gradient counts only 1 − momentum",
            hint="Adam does so, and torch calls it dampening. With which factor does the docstring's gradient come in?",
            edits={"velocity + gradient": "velocity + (1 - momentum) * gradient"},
        ),
        Misconception(
            id="old-velocity",
            name="the parameter moves by the velocity from before",
            hint="In the first step the old velocity is 0. Does your parameter move at all then?",
            edits={
                "    velocity = momentum * velocity + gradient\n": "    new = momentum * velocity + gradient\n",
                "velocity, velocity": "velocity, new",
            },
        ),
        Misconception(
            id="nesterov",
            name="this is Nesterov's momentum, which looks one step ahead",
            hint="A good rule, but another one: torch has it as nesterov=True. By what does the docstring's parameter move?",
            edits={"rate * velocity, velocity": "rate * (gradient + momentum * velocity), velocity"},
        ),
        Misconception(
            id="gradient-instead-of-velocity",
            name="the velocity is kept, but the parameter moves by the gradient",
            hint="Then the velocity is computed for nothing. By what does the docstring's parameter move?",
            edits={"parameter - rate * velocity": "parameter - rate * gradient"},
        ),
        Misconception(
            id="uphill",
            name="the step goes uphill",
            hint="The gradient points to where the loss grows. Which way should the parameter move?",
            edits={"parameter - rate": "parameter + rate"},
        ),
        Misconception(
            id="gradient-subtracted",
            name="the gradient is subtracted from the velocity, and the velocity from the parameter",
            hint="Two minus signs make a plus. Which way does your parameter move in the first step?",
            edits={"velocity + gradient": "velocity - gradient"},
        ),
        Misconception(
            id="no-momentum",
            name="the old velocity plays no part",
            hint="That is plain gradient descent. Which share of the old velocity should stay?",
            edits={"momentum * velocity + gradient": "1 * gradient"},
        ),
        Misconception(
            id="nothing-forgotten",
            name="the old velocity is kept whole, without the factor momentum",
            hint="A ball without friction never stops. Where do you use `momentum`?",
            edits={"momentum * velocity + gradient": "velocity + gradient"},
        ),
        Misconception(
            id="momentum-on-the-gradient",
            name="momentum is multiplied with the gradient instead of with the old velocity",
            hint="With momentum = 0, which of the two should be left: the gradient or the velocity?",
            edits={"momentum * velocity + gradient": "velocity + momentum * gradient"},
        ),
        Misconception(
            id="momentum-on-both",
            name="momentum is multiplied with the sum of velocity and gradient",
            hint="With momentum = 0, does your parameter move at all? What does the factor belong to?",
            edits={"momentum * velocity + gradient": "momentum * (velocity + gradient)"},
        ),
        Misconception(
            id="one-minus-momentum",
            name="the old velocity is multiplied by 1 − momentum",
            hint="With momentum = 0.9, how much of the old velocity should stay: most of it or little?",
            edits={"momentum * velocity": "(1 - momentum) * velocity"},
        ),
        Misconception(
            id="swapped",
            name="the two results are returned in the wrong order",
            hint="In which order does the signature promise them?",
            edits={"return parameter - rate * velocity, velocity": "return velocity, parameter - rate * velocity"},
        ),
        Misconception(
            id="velocity-not-returned",
            name="only the parameter is returned",
            hint="From where should the next step know the velocity?",
            edits={"rate * velocity, velocity": "rate * velocity"},
        ),
        Misconception(
            id="old-velocity-returned",
            name="the velocity that is returned is the old one",
            hint="From which velocity should the next step go on?",
            edits={
                "    velocity = momentum * velocity + gradient\n": "    new = momentum * velocity + gradient\n",
                "rate * velocity, velocity": "rate * new, velocity",
            },
        ),
        Misconception(
            id="step-returned",
            name="the step is returned instead of the velocity",
            hint="The step is rate · velocity. If the rate changes before the next step, which of them should be remembered?",
            edits={"rate * velocity, velocity": "rate * velocity, rate * velocity"},
        ),
        Misconception(
            id="parameter-not-moved",
            name="the parameter comes back as it was",
            hint="Which line moves the parameter?",
            edits={"parameter - rate * velocity, velocity": "parameter, velocity"},
        ),
        Misconception(
            id="in-place",
            name="the tensors that are handed in are changed in place",
            hint="`+=` and methods that end in _ write into the tensor that they are given. The docstring promises new ones: "
            "which of your lines writes into an old one?",
            edits={
                "velocity = momentum * velocity + gradient": "velocity.mul_(momentum).add_(gradient)",
                "parameter - rate * velocity": "parameter.sub_(rate * velocity)",
            },
        ),
        Misconception(
            id="velocity-in-place",
            name="the velocity that is handed in is changed in place",
            hint="`+=` and `*=` write into the tensor that they are given. The docstring promises a new one: how do you make it?",
            edits={"velocity = momentum * velocity + gradient": "velocity.mul_(momentum).add_(gradient)"},
        ),
        Misconception(
            id="parameter-in-place",
            name="the parameter that is handed in is changed in place",
            hint="`-=` writes into the tensor on its left. The docstring promises a new one: how do you make it?",
            edits={"parameter - rate * velocity": "parameter.sub_(rate * velocity)"},
        ),
        Misconception(
            id="rate-and-momentum-swapped",
            name="rate and momentum have changed places",
            hint="Which of the two belongs to the old velocity, and which to the step?",
            edits={
                "momentum * velocity + gradient": "rate * velocity + gradient",
                "- rate * velocity": "- momentum * velocity",
            },
        ),
        Misconception(
            id="step-is-returned",
            name="the step is returned, without the parameter that it should be taken from",
            hint="What should come back first: by how much the parameter moves, or where it is afterwards?",
            edits={"return parameter - rate": "return -rate"},
        ),
        Misconception(
            id="weighted-parameter",
            name="the momentum is applied to the parameter",
            hint="What is it that is remembered from step to step: where the parameter was, or how fast it went?",
            edits={"return parameter - rate": "return momentum * parameter - rate"},
        ),
    ),
)

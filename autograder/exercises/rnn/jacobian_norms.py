"""`jacobian_norms`: ‖∂h_T/∂h_t‖₂ for every t: how strongly the last state still feels each earlier one (at most)."""

import torch

from autograder.draw import normal
from autograder.exercise import Exercise, Misconception


def jacobian_norms_inputs(rng):
    """Hidden 5; states well inside (−1, 1), weights that neither die out nor blow up within the sequence."""

    def case(time):
        return {"w_hh": normal(rng, 5, 5, scale=0.6), "states": normal(rng, time, 5, scale=0.7).tanh()}

    return {"two steps": [case(2)], "many steps": [case(7), case(11)]}


def jacobian_norms_forwards(w_hh, states):
    steps = [torch.diag(1 - h**2) @ w_hh for h in states]
    norms = []
    for t in range(len(states)):
        product = torch.eye(len(w_hh))
        for step in steps[t + 1 :]:
            product = step @ product
        norms.append(torch.linalg.svdvals(product)[0])
    return torch.stack(norms)


def jacobian_norms_autograd(w_hh, states):
    """The true Jacobians of the recurrence, with the inputs that lead to just these states."""
    with torch.enable_grad():
        offsets = [torch.atanh(states[t]) - w_hh @ states[t - 1] for t in range(1, len(states))]
        norms = []
        for t in range(len(states)):

            def rest(h, t=t):
                for offset in offsets[t:]:
                    h = torch.tanh(w_hh @ h + offset)
                return h

            norms.append(torch.linalg.norm(torch.autograd.functional.jacobian(rest, states[t]), 2))
    return torch.stack(norms)


def jacobian_norms_einsum(w_hh, states):
    product, norms = torch.eye(w_hh.shape[0]), [torch.ones(())]
    for t in range(len(states) - 1, 0, -1):
        product = torch.einsum("ij,j,jk->ik", product, 1 - states[t].square(), w_hh)
        norms.insert(0, torch.linalg.eigvalsh(product.T @ product)[-1].sqrt())
    return torch.stack(norms)


JACOBIAN_NORMS = Exercise(
    solves="unrolled.rnn.jacobian_norms",
    groups={"two steps": 1, "many steps": 2},
    inputs=jacobian_norms_inputs,
    accepts=(jacobian_norms_forwards, jacobian_norms_autograd, jacobian_norms_einsum),
    misconceptions=(
        Misconception(
            id="product-of-norms",
            name="the norms of the steps are multiplied, instead of taking the norm of the product",
            hint="‖A·B‖ can be much smaller than ‖A‖·‖B‖: it is only a bound. What must be multiplied first?",
            edits={
                "jacobians[-1] @ ((1 - h**2)[:, None] * w_hh)": (
                    "jacobians[-1] * torch.linalg.matrix_norm((1 - h**2)[:, None] * w_hh, ord=2)"
                )
            },
        ),
        Misconception(
            id="no-derivative-of-tanh",
            name="the derivative of tanh is left out",
            hint="This is W_hh to a power. What does the tanh do to a small change of its argument?",
            edits={"((1 - h**2)[:, None] * w_hh)": "w_hh"},
        ),
        Misconception(
            id="derivative-not-squared",
            name="1 − h stands where 1 − h² should be",
            hint="What is the derivative of tanh, written with its own value?",
            edits={"h**2": "h"},
        ),
        Misconception(
            id="tanh-twice",
            name="tanh is applied to states that have already been through it",
            hint="The states are values of tanh already. What is the derivative, written with that value?",
            edits={"h**2": "torch.tanh(h)**2"},
        ),
        Misconception(
            id="columns-scaled",
            name="the columns of W_hh are scaled instead of its rows",
            hint="diag(d)·W multiplies each row of W by its own factor. Along which axis does yours go?",
            edits={"[:, None]": "[None, :]"},
        ),
        Misconception(
            id="transposed-w",
            name="W_hh is transposed",
            hint="Row i of w_hh makes new unit i from all the old ones. Is the derivative of W·h the matrix W or Wᵀ?",
            edits={"[:, None] * w_hh)": "[:, None] * w_hh.T)"},
        ),
        Misconception(
            id="wrong-side",
            name="the matrices are multiplied in the wrong order",
            hint="The chain rule goes from the last state back. On which side of the product does the earlier step come?",
            edits={"jacobians[-1] @ ((1 - h**2)[:, None] * w_hh)": "((1 - h**2)[:, None] * w_hh) @ jacobians[-1]"},
        ),
        Misconception(
            id="frobenius",
            name="the Frobenius norm is taken",
            hint="For the identity the answer should be 1 (a change stays as it is), not √hidden. Which norm says how "
            "much a matrix can stretch a vector at most?",
            edits={", ord=2": ", ord='fro'"},
        ),
        Misconception(
            id="state-of-the-wrong-step",
            name="the derivative is taken at h_t instead of h_{t+1}",
            hint="h_{t+1} = tanh(… + W·h_t). Written with its own value, at which state is the derivative of tanh?",
            edits={"states[1:]": "states[:-1]"},
        ),
        Misconception(
            id="reversed",
            name="the norms come in reverse order",
            hint="The last entry is ‖∂h_T/∂h_T‖, and that is 1. Where is it in yours?",
            edits={"jacobians[::-1]": "jacobians"},
        ),
    ),
)

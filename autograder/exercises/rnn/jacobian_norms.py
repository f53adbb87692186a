"""`jacobian_norms`: ‖∂h_T/∂h_t‖₂ for every t: how strongly the last state still feels each earlier one (at most)."""

import torch

from autograder.draw import normal
from autograder.exercise import Exercise, Misconception


def jacobian_norms_inputs(rng):
    """Hidden 5, time 1 to 11; states well inside (−1, 1), weights that neither die out nor blow up on the way."""

    def case(time):
        return {"w_hh": normal(rng, 5, 5, scale=0.6), "states": normal(rng, time, 5, scale=0.7).tanh()}

    return {"one or two steps": [case(2), case(1)], "many steps": [case(7), case(11)]}


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


def jacobian_norms_of_one_direction(w_hh, states):
    vector = torch.full((len(w_hh),), len(w_hh) ** -0.5)
    norms = [vector.norm()]
    for h in states[1:].flip(0):
        vector = (vector * (1 - h**2)) @ w_hh
        norms.append(vector.norm())
    return torch.stack(norms[::-1])


JACOBIAN_NORMS = Exercise(
    solves="unrolled.rnn.jacobian_norms",
    groups={"one or two steps": 1, "many steps": 2},
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
        Misconception(
            id="own-factor-included",
            name="the factor of h_t itself is included, so that every entry has one too many",
            hint="∂h_T/∂h_T is 1: nothing lies between. Which is the last factor of ∂h_T/∂h_t, that of step t + 1 or "
            "that of step t?",
            edits={
                "states[1:]": "states",
                "jacobians[::-1]": "jacobians[:0:-1]",
            },
        ),
        Misconception(
            id="largest-eigenvalue",
            name="the largest absolute eigenvalue is taken instead of the largest singular value",
            hint="They agree for symmetric matrices only. Which of the two says how much a matrix can stretch a "
            "vector at most?",
            edits={
                "torch.linalg.matrix_norm(torch.stack(jacobians[::-1]), ord=2)": (
                    "torch.linalg.eigvals(torch.stack(jacobians[::-1])).abs().amax(dim=-1)"
                ),
            },
        ),
        Misconception(
            id="without-weights",
            name="W_hh is left out",
            hint="This is the product of the tanh's derivatives only. What else stands between h_t and h_{t+1}?",
            edits={"jacobians[-1] @ ((1 - h**2)[:, None] * w_hh)": "jacobians[-1] @ torch.diag(1 - h**2)"},
        ),
        Misconception(
            id="last-entry-missing",
            name="the last entry, ‖∂h_T/∂h_T‖ = 1, is missing",
            hint="T states have T norms. With which matrix does your product begin?",
            edits={"jacobians[::-1]": "jacobians[:0:-1]"},
        ),
        Misconception(
            id="one-entry-too-many",
            name="there is one norm more than there are states",
            hint="T states have T − 1 steps between them. How often does your loop run?",
            edits={"states[1:]": "states"},
        ),
        Misconception(
            id="from-the-first-state",
            name="the norms are those of ∂h_t/∂h_1 instead of ∂h_T/∂h_t",
            hint="Which state is fixed: the first or the last? At which end should the product begin?",
            edits={
                "states[1:].flip(0)": "states[1:]",
                "jacobians[-1] @ ((1 - h**2)[:, None] * w_hh)": "((1 - h**2)[:, None] * w_hh) @ jacobians[-1]",
                "jacobians[::-1]": "jacobians",
            },
        ),
        Misconception(
            id="from-the-first-state-reversed",
            name="the norms are those of ∂h_t/∂h_1, in reverse order",
            hint="Turning round the list does not turn round the products. At which end should they begin?",
            edits={
                "states[1:].flip(0)": "states[1:]",
                "jacobians[-1] @ ((1 - h**2)[:, None] * w_hh)": "((1 - h**2)[:, None] * w_hh) @ jacobians[-1]",
            },
        ),
        Misconception(
            id="single-steps",
            name="the norms are those of the single steps, without a product",
            hint="Between h_T and h_t lie T − t steps. What does the chain rule do with their matrices?",
            edits={"jacobians[-1] @ ((1 - h**2)[:, None] * w_hh)": "((1 - h**2)[:, None] * w_hh)"},
        ),
        Misconception(
            id="elementwise",
            name="the matrices are multiplied element by element",
            hint="`*` multiplies entry by entry. Which operator is the chain rule's?",
            edits={"jacobians[-1] @": "jacobians[-1] *"},
        ),
        Misconception(
            id="a-list",
            name="the norms come back as a list of numbers",
            hint="The signature promises a tensor. Which function makes one of many?",
            edits={
                "torch.linalg.matrix_norm(torch.stack(jacobians[::-1]), ord=2)": (
                    "torch.linalg.matrix_norm(torch.stack(jacobians[::-1]), ord=2).tolist()"
                ),
            },
        ),
        Misconception(
            id="frobenius-and-one",
            name="the Frobenius norm is taken, with a 1 put at the end",
            hint="The root of the sum of all squares is more than a vector can be stretched by. Which norm is the "
            "largest singular value?",
            edits={
                "torch.linalg.matrix_norm(torch.stack(jacobians[::-1]), ord=2)": (
                    "torch.cat([torch.linalg.matrix_norm(torch.stack(jacobians[::-1]))[:-1], torch.ones(1)])"
                ),
            },
        ),
        Misconception(
            id="column-sums",
            name="the norm is the largest sum of a column",
            hint="That is the norm with ord=1. Which one says how much a vector's length can grow at most?",
            edits={"ord=2": "ord=1"},
        ),
        Misconception(
            id="largest-entry",
            name="the largest entry is taken for the norm",
            hint="A matrix whose entries are all 0.5 can stretch a vector by more than 0.5. Which norm of "
            "torch.linalg says by how much at most?",
            edits={
                "torch.linalg.matrix_norm(torch.stack(jacobians[::-1]), ord=2)": (
                    "torch.stack(jacobians[::-1]).abs().amax(dim=(1, 2))"
                ),
            },
        ),
        Misconception(
            id="smallest-singular-value",
            name="the smallest singular value is taken",
            hint="How much can a matrix stretch a vector *at most*? At which end of svdvals does that stand?",
            edits={"ord=2": "ord=-2"},
        ),
        Misconception(
            id="no-root",
            name="the largest eigenvalue of JᵀJ is taken without its root",
            hint="The singular values of 0.5·I are 0.5. What are yours?",
            edits={
                "torch.linalg.matrix_norm(torch.stack(jacobians[::-1]), ord=2)": (
                    "torch.linalg.matrix_norm(torch.stack(jacobians[::-1]), ord=2) ** 2"
                ),
            },
        ),
        Misconception(
            id="derivative-of-the-last-state",
            name="the derivative of the last state stands in every step",
            hint="Each step has a tanh of its own. At which state is its derivative taken?",
            edits={"h**2": "states[-1] ** 2"},
        ),
        Misconception(
            id="identity-of-the-wrong-size",
            name="the product begins with an identity that is as large as the sequence is long",
            hint="The matrices are (hidden, hidden). How large must the identity be?",
            edits={"torch.eye(len(w_hh)": "torch.eye(len(states)"},
        ),
        Misconception(
            id="one-direction",
            name="one vector is sent back instead of the whole matrix",
            hint="The spectral norm is that of the direction that is stretched most. Which direction is yours, and is it "
            "the same at every step?",
            answer=jacobian_norms_of_one_direction,
        ),
        Misconception(
            id="derivative-of-a-sigmoid",
            name="h(1 − h), the derivative of a sigmoid, stands where that of a tanh should be",
            hint=(
                "The states are values of tanh, and may be negative. What is the derivative of tanh, "
                "written with its own value?"
            ),
            edits={
                "(1 - h**2)": "(h * (1 - h))",
            },
        ),
    ),
)

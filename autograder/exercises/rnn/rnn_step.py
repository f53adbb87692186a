"""`rnn_step`: The next state, tanh(W_ih x + b_ih + W_hh h + b_hh)."""

import torch
import torch.nn.functional as F

from autograder import probes
from autograder.draw import normal
from autograder.exercise import Exercise, Misconception


def rnn_step_inputs(rng):
    """Batch 3 or 1, feature 5, hidden 7; with no memory, h and w_hh are zero, and nothing of the recurrent part shows."""

    def case(memory, batch=3):
        return {
            "x": normal(rng, batch, 5),
            "h": memory * normal(rng, batch, 7).tanh(),
            "w_ih": normal(rng, 7, 5, scale=0.4),
            "b_ih": normal(rng, 7, scale=0.4),
            "w_hh": memory * normal(rng, 7, 7, scale=0.4),
            "b_hh": normal(rng, 7, scale=0.4),
        }

    return {"without memory": [case(0.0)], "with memory": [case(1.0), case(1.0), case(1.0, batch=1)]}


def rnn_step_linear(x, h, w_ih, b_ih, w_hh, b_hh):
    return F.tanh(F.linear(x, w_ih, b_ih) + F.linear(h, w_hh, b_hh))


def rnn_step_one_matrix(x, h, w_ih, b_ih, w_hh, b_hh):
    joined, weights = torch.cat([x, h], dim=1), torch.cat([w_ih, w_hh], dim=1)
    return torch.tanh(torch.einsum("bi,oi->bo", joined, weights) + (b_ih + b_hh))


def rnn_step_row_by_row(x, h, w_ih, b_ih, w_hh, b_hh):
    rows = [torch.tanh(w_ih @ x[i] + b_ih + w_hh @ h[i] + b_hh) for i in range(len(x))]
    return torch.stack(rows)


RNN_STEP = Exercise(
    solves="unrolled.rnn.rnn_step",
    groups={"without memory": 1, "with memory": 2},
    inputs=rnn_step_inputs,
    probe=probes.differentiate,
    accepts=(rnn_step_linear, rnn_step_one_matrix, rnn_step_row_by_row),
    forbids=("torch.nn.RNN", "torch.nn.RNNCell", "torch.rnn_tanh_cell", "torch.rnn_tanh"),
    misconceptions=(
        Misconception(
            id="w-hh-not-transposed",
            name="w_hh is not transposed",
            hint="w_hh is square, so nothing complains. Row i of w_hh belongs to which unit: the old or the new one?",
            edits={"w_hh.T": "w_hh"},
        ),
        Misconception(
            id="w-ih-not-transposed",
            name="w_ih is not transposed",
            hint="x is (batch, feature) and w_ih is (hidden, feature). Which axis must the two have side by side?",
            edits={"w_ih.T": "w_ih"},
        ),
        Misconception(
            id="weights-on-the-left",
            name="the weights stand on the left, as in the formula for a single vector",
            hint="The formula is for one column vector x; here every row of x is a sequence of the batch. On which side "
            "must the weights stand so that (batch, feature) becomes (batch, hidden)?",
            edits={"x @ w_ih.T": "w_ih @ x", "h @ w_hh.T": "w_hh @ h"},
        ),
        Misconception(
            id="input-bias-lost",
            name="the bias b_ih is left out",
            hint="Count the terms under the tanh in the formula, then count yours. Is one missing?",
            edits={" + b_ih": ""},
        ),
        Misconception(
            id="recurrent-bias-lost",
            name="the bias b_hh is left out",
            hint="Count the terms under the tanh in the formula, then count yours. Is one missing?",
            edits={" + b_hh": ""},
        ),
        Misconception(
            id="state-forgotten",
            name="the old state h plays no part",
            hint="Without h this is a feed-forward layer. Where does the network get its memory from?",
            edits={" + h @ w_hh.T": ""},
        ),
        Misconception(
            id="no-tanh",
            name="the tanh is missing",
            hint="What keeps the state between −1 and 1, however often the step is applied?",
            edits={"torch.tanh(": "("},
        ),
        Misconception(
            id="sigmoid",
            name="the sigmoid stands where the tanh should be",
            hint="Both are S-shaped. Which of them can give a negative state?",
            edits={"torch.tanh(": "torch.sigmoid("},
        ),
        Misconception(
            id="relu",
            name="a ReLU stands where the tanh should be",
            hint="Which function does the formula put around the sum, and can its value exceed 1?",
            edits={"torch.tanh(": "torch.relu("},
        ),
        Misconception(
            id="tanh-of-each-part",
            name="the tanh is taken of each part before they are added",
            hint="tanh(a) + tanh(b) can reach 2; can tanh(a + b)? What comes first, the sum or the tanh?",
            edits={"b_ih + h @": "b_ih) + torch.tanh(h @"},
        ),
        Misconception(
            id="weights-swapped-with-addition",
            name="the old state is added as it is, without w_hh",
            hint="What does the network learn about its own memory, if no weight is between the old state and the new?",
            edits={"h @ w_hh.T": "h"},
        ),
        Misconception(
            id="reshaped",
            name="w_ih is reshaped instead of transposed",
            hint="reshape and view keep the order of the numbers in memory and only cut the rows elsewhere. What "
            "exchanges rows and columns?",
            edits={"w_ih.T": "w_ih.reshape(-1, len(w_ih))"},
        ),
        Misconception(
            id="input-bias-twice",
            name="b_ih is added twice, and b_hh not at all",
            hint="The formula has two different biases. Which two are in yours?",
            edits={"+ b_hh": "+ b_ih"},
        ),
        Misconception(
            id="biases-outside",
            name="the biases are added outside the tanh",
            hint="What keeps the state between −1 and 1? Where does the bracket of your tanh close?",
            edits={
                "torch.tanh(x @ w_ih.T + b_ih + h @ w_hh.T + b_hh)": (
                    "torch.tanh(x @ w_ih.T + h @ w_hh.T) + b_ih + b_hh"
                ),
            },
        ),
        Misconception(
            id="recurrent-part-outside",
            name="the tanh closes before the old state is added",
            hint="What keeps the state between −1 and 1, however often the step is applied? Where does the bracket of "
            "your tanh close?",
            edits={
                "torch.tanh(x @ w_ih.T + b_ih + h @ w_hh.T + b_hh)": (
                    "torch.tanh(x @ w_ih.T + b_ih) + h @ w_hh.T + b_hh"
                ),
            },
        ),
        Misconception(
            id="added-to-the-old-state",
            name="the old state is added to the new one",
            hint="That is a residual connection, an invention of 2015. Is there an h outside the tanh in the formula?",
            edits={
                "torch.tanh(x @ w_ih.T + b_ih + h @ w_hh.T + b_hh)": (
                    "h + torch.tanh(x @ w_ih.T + b_ih + h @ w_hh.T + b_hh)"
                ),
            },
        ),
        Misconception(
            id="recurrent-part-subtracted",
            name="the recurrent part is subtracted",
            hint="Which sign does the formula have before W_hh·h?",
            edits={"+ h @ w_hh.T + b_hh": "- (h @ w_hh.T + b_hh)"},
        ),
        Misconception(
            id="parts-multiplied",
            name="the two parts are multiplied instead of added",
            hint="With a zero state, should the input play no part at all? What stands between the two products?",
            edits={
                "torch.tanh(x @ w_ih.T + b_ih + h @ w_hh.T + b_hh)": (
                    "torch.tanh((x @ w_ih.T + b_ih) * (h @ w_hh.T + b_hh))"
                ),
            },
        ),
        Misconception(
            id="elementwise",
            name="h and w_hh are multiplied element by element",
            hint="`*` multiplies entry by entry. Which operator mixes all old units into each new one?",
            edits={"h @ w_hh.T": "h * w_hh"},
        ),
        Misconception(
            id="weights-swapped",
            name="w_hh is used for the input, and w_ih for the state",
            hint="ih is read “from input to hidden”. Which of the two belongs to x?",
            edits={
                "x @ w_ih.T": "x @ w_hh.T",
                "h @ w_hh.T": "h @ w_ih.T",
            },
        ),
        Misconception(
            id="result-transposed",
            name="the result is (hidden, batch)",
            hint="With the weights on the left one computes in columns. What must be done at the end to get (batch, "
            "hidden) again?",
            edits={
                "torch.tanh(x @ w_ih.T + b_ih + h @ w_hh.T + b_hh)": (
                    "torch.tanh(x @ w_ih.T + b_ih + h @ w_hh.T + b_hh).T"
                ),
            },
        ),
        Misconception(
            id="squeezed",
            name="axes of length 1 disappear",
            hint="A batch of one is still a batch, and the next step wants it so. Which function of yours takes away "
            "every axis of length 1?",
            edits={
                "torch.tanh(x @ w_ih.T + b_ih + h @ w_hh.T + b_hh)": (
                    "torch.tanh(x @ w_ih.T + b_ih + h @ w_hh.T + b_hh).squeeze()"
                ),
            },
        ),
        Misconception(
            id="first-sequence-only",
            name="only the first sequence of the batch is computed",
            hint="x[0] is one row of x. What about the others?",
            edits={
                "torch.tanh(x @ w_ih.T + b_ih + h @ w_hh.T + b_hh)": (
                    "torch.tanh(x[:1] @ w_ih.T + b_ih + h[:1] @ w_hh.T + b_hh)"
                ),
            },
        ),
        Misconception(
            id="state-detached",
            name="the old state is detached",
            hint="The values come out right, but how shall a later loss reach the earlier steps, if this step cuts "
            "itself off from them?",
            edits={"+ h @": "+ h.detach() @"},
        ),
        Misconception(
            id="two-results",
            name="the new state is returned twice, as output and as state",
            hint="nn.RNN gives an output and a state. What does the signature promise here: a pair, or one tensor?",
            edits={
                "torch.tanh(x @ w_ih.T + b_ih + h @ w_hh.T + b_hh)": (
                    "torch.tanh(x @ w_ih.T + b_ih + h @ w_hh.T + b_hh), torch.tanh(x @ w_ih.T + b_ih + h @ w_hh.T + b_hh)"
                ),
            },
        ),
        Misconception(
            id="tanh-of-the-old-state",
            name="the tanh is taken of the old state, not of the sum",
            hint="The old state has been through a tanh already. What keeps the *new* one between −1 and 1?",
            edits={
                "torch.tanh(x @ w_ih.T + b_ih + h @ w_hh.T + b_hh)": (
                    "x @ w_ih.T + b_ih + torch.tanh(h) @ w_hh.T + b_hh"
                ),
            },
        ),
        Misconception(
            id="state-squashed-twice",
            name="the old state goes through a tanh once more",
            hint="h has been through a tanh when it was made. Which tanh does the formula have?",
            edits={"+ h @": "+ torch.tanh(h) @"},
        ),
        Misconception(
            id="bias-as-a-column",
            name="b_ih is made a column, so that it lines up with the batch",
            hint="Shapes are lined up from the right. Does a bias of shape (hidden,) need a new axis to be added to "
            "(batch, hidden)?",
            edits={"+ b_ih": "+ b_ih[:, None]"},
        ),
        Misconception(
            id="joined-in-another-order",
            name="h and x are joined in one order, and their weights in the other",
            hint="The shapes fit either way. Which columns of the joined weights meet the first entries of the joined "
            "vector?",
            edits={
                "x @ w_ih.T + b_ih + h @ w_hh.T + b_hh": (
                    "torch.cat([h, x], dim=1) @ torch.cat([w_ih, w_hh], dim=1).T + b_ih + b_hh"
                ),
            },
        ),
        Misconception(
            id="input-summed-over-the-batch",
            name="the input's part is added up over the batch",
            hint="Every sequence of a batch goes its own way. Which letter of your einsum, or which sum, loses the batch?",
            edits={
                "x @ w_ih.T": "(x @ w_ih.T).sum(dim=0)",
            },
        ),
        Misconception(
            id="half-old-half-new",
            name="the new state is half the old one and half the tanh",
            hint="That is a leaky unit. Does the formula keep anything of h outside the tanh?",
            edits={
                "return torch.tanh(": "return 0.5 * h + 0.5 * torch.tanh(",
            },
        ),
        Misconception(
            id="tanh-of-each-part-too",
            name="there is a tanh around each of the two parts, and another around their sum",
            hint="How many times does tanh stand in the formula, and what is inside?",
            edits={
                "torch.tanh(x @ w_ih.T + b_ih + h @ w_hh.T + b_hh)": (
                    "torch.tanh(torch.tanh(x @ w_ih.T + b_ih) + torch.tanh(h @ w_hh.T + b_hh))"
                ),
            },
        ),
    ),
)

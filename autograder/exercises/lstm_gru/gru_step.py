"""`gru_step`: The next state: a mixture of the old one and a candidate n."""

import torch
import torch.nn.functional as F

from autograder import probes
from autograder.draw import normal
from autograder.exercise import Exercise, Misconception


def gru_step_inputs(rng):
    """Batch 2 or 1, feature 5, hidden 7; in a first step h is zero, and of the recurrent part only its bias shows."""

    def case(memory, batch=2):
        return {
            "x": normal(rng, batch, 5),
            "h": memory * normal(rng, batch, 7).tanh(),
            "w_ih": normal(rng, 21, 5, scale=0.4),
            "b_ih": normal(rng, 21, scale=0.4),
            "w_hh": normal(rng, 21, 7, scale=0.4),
            "b_hh": normal(rng, 21, scale=0.4),
        }

    return {"a first step": [case(0.0)], "with memory": [case(1.0), case(1.0), case(1.0, batch=1)]}


def gru_step_interpolated(x, h, w_ih, b_ih, w_hh, b_hh):
    from_x, from_h = F.linear(x, w_ih, b_ih).view(len(x), 3, -1), F.linear(h, w_hh, b_hh).view(len(x), 3, -1)
    r, z = (from_x[:, k] + from_h[:, k] for k in (0, 1))
    n = (from_x[:, 2] + r.sigmoid() * from_h[:, 2]).tanh()
    return n + z.sigmoid() * (h - n)


def gru_step_six_matrices(x, h, w_ih, b_ih, w_hh, b_hh):
    (w_r, w_z, w_n), (u_r, u_z, u_n) = w_ih.chunk(3), w_hh.chunk(3)
    (b_r, b_z, b_n), (d_r, d_z, d_n) = b_ih.chunk(3), b_hh.chunk(3)
    r = torch.sigmoid(x @ w_r.T + b_r + h @ u_r.T + d_r)
    z = torch.sigmoid(x @ w_z.T + b_z + h @ u_z.T + d_z)
    n = torch.tanh(x @ w_n.T + b_n + r * (h @ u_n.T + d_n))
    return torch.lerp(n, h, z)


def gru_step_row_by_row(x, h, w_ih, b_ih, w_hh, b_hh):
    size, rows = h.shape[1], []
    for i in range(len(x)):
        a, b = w_ih @ x[i] + b_ih, w_hh @ h[i] + b_hh
        gates = 1 / (1 + torch.exp(-(a + b)[: 2 * size]))
        candidate = torch.tanh(a[2 * size :] + gates[:size] * b[2 * size :])
        rows.append(candidate * (1 - gates[size:]) + gates[size:] * h[i])
    return torch.stack(rows)


GRU_STEP = Exercise(
    solves="unrolled.gru.gru_step",
    groups={"a first step": 1, "with memory": 2},
    inputs=gru_step_inputs,
    probe=probes.differentiate,
    accepts=(gru_step_interpolated, gru_step_six_matrices, gru_step_row_by_row),
    forbids=("torch.nn.GRU", "torch.nn.GRUCell", "torch.gru_cell", "torch.gru"),
    misconceptions=(
        Misconception(
            id="candidate-not-transposed",
            name="the part of w_hh for the new content is not transposed, though those of the gates are",
            hint="h @ w_hh.T for all three, or none: w_hn is square, so that nothing stops you. Is every row of w_hh used as a row?",
            edits={
                "h_r, h_z, h_n = (h @ w_hh.T + b_hh).chunk(3, dim=1)": (
                    "h_r, h_z, h_n = (h @ w_hh.T + b_hh).chunk(3, dim=1)\n"
                    "    h_n = h @ w_hh[-h.shape[1] :] + b_hh[-h.shape[1] :]"
                )
            },
        ),
        Misconception(
            id="reset-before-the-product",
            name="the reset gate acts on h before the product with W_hn",
            hint="Right in the GRU paper (Cho et al. 2014, equation 8); here as in PyTorch, because then one product "
            "serves all three blocks, and weights can be exchanged with nn.GRU. What does r multiply there?",
            edits={"r * h_n": "(r * h) @ w_hh.chunk(3)[2].T + b_hh.chunk(3)[2]"},
        ),
        Misconception(
            id="update-gate-inverted",
            name="the update gate is inverted: z is the part that is new",
            hint="Right in Chung et al. (2014); here as in Cho et al. (2014) and PyTorch, because weights can then be "
            "exchanged with nn.GRU. With z = 1, should the state stay or go?",
            edits={"(1 - z) * n + z * h": "z * n + (1 - z) * h"},
        ),
        Misconception(
            id="order-z-r-n",
            name="r and z are swapped: the blocks are taken in the order z, r, n",
            hint="Right in Keras, whose first block is z. Here the order is PyTorch's: which gate do the first rows belong "
            "to, and which of the two stands inside the tanh?",
            edits={
                "torch.sigmoid(x_r + h_r), torch.sigmoid(x_z + h_z)": (
                    "torch.sigmoid(x_z + h_z), torch.sigmoid(x_r + h_r)"
                )
            },
        ),
        Misconception(
            id="order-n-first",
            name="the blocks are taken in the order n, r, z",
            hint="The docstring names the order of the blocks. Is the candidate first or last?",
            edits={"x_r, x_z, x_n =": "x_n, x_r, x_z =", "h_r, h_z, h_n =": "h_n, h_r, h_z ="},
        ),
        Misconception(
            id="bias-not-reset",
            name="the reset gate acts on the product with W_hn, but not on its bias",
            hint="In PyTorch b_hn stands inside the bracket with W_hn·h. Is it inside yours?",
            edits={"r * h_n": "r * (h_n - b_hh.chunk(3)[2]) + b_hh.chunk(3)[2]"},
        ),
        Misconception(
            id="no-reset",
            name="the reset gate is not used",
            hint="r decides how much of the past the candidate sees. Where in your candidate does it come in?",
            edits={"r * h_n": "h_n"},
        ),
        Misconception(
            id="reset-on-everything",
            name="the reset gate acts on the input's part of the candidate as well",
            hint="To reset means to forget the past, not the present. Which of the two parts is the past?",
            edits={"x_n + r * h_n": "r * (x_n + h_n)"},
        ),
        Misconception(
            id="reset-on-the-input",
            name="the reset gate acts on the input's part of the candidate instead of the state's",
            hint="To reset means to forget the past, not the present. Which of the two parts is the past?",
            edits={"x_n + r * h_n": "r * x_n + h_n"},
        ),
        Misconception(
            id="sigmoid-of-n",
            name="the candidate goes through sigmoid instead of tanh",
            hint="The candidate is a value, not a gate. Should it be able to be negative?",
            edits={"torch.tanh(": "torch.sigmoid("},
        ),
        Misconception(
            id="gates-through-tanh",
            name="the gates go through tanh instead of sigmoid",
            hint="A gate says how much: between none and all. What are the limits of tanh?",
            edits={
                "torch.sigmoid(x_r + h_r), torch.sigmoid(x_z + h_z)": "torch.tanh(x_r + h_r), torch.tanh(x_z + h_z)"
            },
        ),
        Misconception(
            id="not-a-mixture",
            name="the candidate is added whole, without 1 − z",
            hint="The new state is a mixture: the shares of old and new add up to 1. What are they in yours?",
            edits={"(1 - z) * n": "n"},
        ),
        Misconception(
            id="old-state-whole",
            name="the old state is added whole, without z",
            hint="The new state is a mixture: the shares of old and new add up to 1. What are they in yours?",
            edits={"z * h": "h"},
        ),
        Misconception(
            id="nothing-kept",
            name="the old state is not mixed in",
            hint="With z near 1 the state should stay as it was. Where does the old h come in?",
            edits={" + z * h": ""},
        ),
        Misconception(
            id="input-bias-lost",
            name="the bias b_ih is left out",
            hint="PyTorch adds a bias to each of the two products. Is one missing in yours?",
            edits={" + b_ih": ""},
        ),
        Misconception(
            id="recurrent-bias-lost",
            name="the bias b_hh is left out",
            hint="PyTorch adds a bias to each of the two products. Is one missing in yours?",
            edits={" + b_hh": ""},
        ),
        Misconception(
            id="w-hh-not-transposed",
            name="w_hh is used without a transpose",
            hint="w_hh is (3·hidden, hidden). Which axis must stand beside that of h?",
            edits={"w_hh.T": "w_hh"},
        ),
        Misconception(
            id="cut-along-the-batch",
            name="the products are cut along the batch instead of along the gates",
            hint="Each product is (batch, 3·hidden). Which axis does chunk cut if it is not told?",
            edits={"b_ih).chunk(3, dim=1)": "b_ih).chunk(3)", "b_hh).chunk(3, dim=1)": "b_hh).chunk(3)"},
        ),
        Misconception(
            id="order-r-n-z",
            name="the blocks are taken in the order r, n, z",
            hint="The docstring names the order of the blocks. Which of the three is the last?",
            edits={
                "x_r, x_z, x_n =": "x_r, x_n, x_z =",
                "h_r, h_z, h_n =": "h_r, h_n, h_z =",
            },
        ),
        Misconception(
            id="order-z-n-r",
            name="the blocks are taken in the order z, n, r",
            hint="The docstring names the order of the blocks. Which of the three is the first?",
            edits={
                "x_r, x_z, x_n =": "x_z, x_n, x_r =",
                "h_r, h_z, h_n =": "h_z, h_n, h_r =",
            },
        ),
        Misconception(
            id="reset-outside-the-tanh",
            name="the reset gate multiplies the candidate after its tanh",
            hint="To reset means to forget the past, not the whole candidate. What does r multiply inside the bracket?",
            edits={"torch.tanh(x_n + r * h_n)": "r * torch.tanh(x_n + h_n)"},
        ),
        Misconception(
            id="reset-inverted",
            name="1 − r stands where r should be",
            hint="With r = 0 the past is forgotten. What happens in yours?",
            edits={"r * h_n": "(1 - r) * h_n"},
        ),
        Misconception(
            id="candidate-not-squashed",
            name="the candidate lacks its tanh",
            hint="What keeps the state between −1 and 1, however often the step is applied?",
            edits={"torch.tanh(x_n + r * h_n)": "x_n + r * h_n"},
        ),
        Misconception(
            id="gates-not-squashed",
            name="the gates lack their sigmoid",
            hint="A gate says how much, between none and all. What brings any number between 0 and 1?",
            edits={"torch.sigmoid(x_r + h_r), torch.sigmoid(x_z + h_z)": "x_r + h_r, x_z + h_z"},
        ),
        Misconception(
            id="reset-gate-of-the-input",
            name="the reset gate looks at the input only",
            hint="Both gates see x and h. Which part is missing in r?",
            edits={"x_r + h_r": "x_r"},
        ),
        Misconception(
            id="reset-gate-of-the-state",
            name="the reset gate looks at the state only",
            hint="Both gates see x and h. Which part is missing in r?",
            edits={"x_r + h_r": "h_r"},
        ),
        Misconception(
            id="update-gate-of-the-input",
            name="the update gate looks at the input only",
            hint="Both gates see x and h. Which part is missing in z?",
            edits={"x_z + h_z": "x_z"},
        ),
        Misconception(
            id="update-gate-of-the-state",
            name="the update gate looks at the state only",
            hint="Both gates see x and h. Which part is missing in z?",
            edits={"x_z + h_z": "h_z"},
        ),
        Misconception(
            id="tanh-of-the-mixture",
            name="the mixture goes through a tanh once more",
            hint="A mixture of two values between −1 and 1 stays there. Is there a second tanh in the formula?",
            edits={"(1 - z) * n + z * h": "torch.tanh((1 - z) * n + z * h)"},
        ),
        Misconception(
            id="biases-swapped",
            name="b_hh is added to the input's part and b_ih to the state's",
            hint="In r and z it makes no difference, but r multiplies only the state's part of n. Which bias stands "
            "inside that bracket?",
            edits={
                "x @ w_ih.T + b_ih": "x @ w_ih.T + b_hh",
                "h @ w_hh.T + b_hh": "h @ w_hh.T + b_ih",
            },
        ),
        Misconception(
            id="interleaved",
            name="the three blocks are taken to be interleaved, one row of each unit after the other",
            hint="Rows 0 … hidden−1 all belong to r. Does your split give the first gate neighbouring rows?",
            edits={
                "b_ih).chunk(3, dim=1)": "b_ih).unflatten(1, (-1, 3)).unbind(dim=2)",
                "b_hh).chunk(3, dim=1)": "b_hh).unflatten(1, (-1, 3)).unbind(dim=2)",
            },
        ),
        Misconception(
            id="four-blocks",
            name="the sums are cut into four blocks, as for an LSTM",
            hint="A GRU has two gates and a candidate. How many blocks are that?",
            edits={
                "b_ih).chunk(3, dim=1)": "b_ih).chunk(4, dim=1)[:3]",
                "b_hh).chunk(3, dim=1)": "b_hh).chunk(4, dim=1)[:3]",
            },
        ),
        Misconception(
            id="w-ih-not-transposed",
            name="w_ih is used without a transpose",
            hint="x is (batch, feature) and w_ih is (3·hidden, feature). Which axis must the two have side by side?",
            edits={"w_ih.T": "w_ih"},
        ),
        Misconception(
            id="reshaped",
            name="w_ih is reshaped instead of transposed",
            hint="reshape and view keep the order of the numbers in memory and only cut the rows elsewhere. What "
            "exchanges rows and columns?",
            edits={"w_ih.T": "w_ih.reshape(-1, len(w_ih))"},
        ),
        Misconception(
            id="kept-part-detached",
            name="the part of the old state that is kept is detached",
            hint="The values come out right, but just this path carries gradients far back. Which line cuts it?",
            edits={"z * h": "z * h.detach()"},
        ),
        Misconception(
            id="state-detached",
            name="the old state is detached everywhere",
            hint="The values come out right, but how shall a later loss reach the earlier steps?",
            edits={
                "h @ w_hh.T": "h.detach() @ w_hh.T",
                "z * h": "z * h.detach()",
            },
        ),
        Misconception(
            id="two-results",
            name="the new state is returned twice",
            hint="An LSTM has a pair for a state; a GRU has h alone. What does the signature promise?",
            edits={"return (1 - z) * n + z * h": "return (1 - z) * n + z * h, (1 - z) * n + z * h"},
        ),
        Misconception(
            id="squeezed",
            name="axes of length 1 disappear",
            hint="A batch of one is still a batch, and the next step wants it so. Which function of yours takes away "
            "every axis of length 1?",
            edits={"(1 - z) * n + z * h": "((1 - z) * n + z * h).squeeze()"},
        ),
        Misconception(
            id="kept-part-reset",
            name="the part of the old state that is kept goes through the reset gate as well",
            hint="r decides what the candidate sees of the past. What does z keep: r·h, or h itself?",
            edits={
                "z * h": "z * (r * h)",
            },
        ),
        Misconception(
            id="gates-see-only-the-input",
            name="the gates look at the input alone, not at the old state",
            hint="What to keep depends on what is there. Which two products does each gate add up?",
            edits={
                "torch.sigmoid(x_r + h_r), torch.sigmoid(x_z + h_z)": "torch.sigmoid(x_r), torch.sigmoid(x_z)",
            },
        ),
        Misconception(
            id="gates-without-recurrent-biases",
            name="the gates leave out their part of b_hh",
            hint="b_hh has three blocks, for r, z and n. Which of them do you use?",
            edits={
                "torch.sigmoid(x_r + h_r), torch.sigmoid(x_z + h_z)": (
                    "torch.sigmoid(x_r + h_r - b_hh.chunk(3)[0]), torch.sigmoid(x_z + h_z - b_hh.chunk(3)[1])"
                ),
            },
        ),
    ),
)

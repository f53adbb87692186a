"""`gru_step`: The next state: a mixture of the old one and a candidate n."""

import torch
import torch.nn.functional as F

from autograder import probes
from autograder.draw import normal
from autograder.exercise import Exercise, Misconception


def gru_step_inputs(rng):
    """Batch 2, feature 5, hidden 7; in a first step h is zero, and of the recurrent part only its bias shows."""

    def case(memory):
        return {
            "x": normal(rng, 2, 5),
            "h": memory * normal(rng, 2, 7).tanh(),
            "w_ih": normal(rng, 21, 5, scale=0.4),
            "b_ih": normal(rng, 21, scale=0.4),
            "w_hh": normal(rng, 21, 7, scale=0.4),
            "b_hh": normal(rng, 21, scale=0.4),
        }

    return {"a first step": [case(0.0)], "with memory": [case(1.0), case(1.0)]}


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
    ),
)

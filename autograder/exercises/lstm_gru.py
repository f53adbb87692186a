"""The exercises of chapter 02: the two gated steps, a bias that remembers, unequal lengths, both directions."""

import torch
import torch.nn.functional as F

from autograder import probes
from autograder.draw import normal
from autograder.exercise import Exercise, Misconception


# --- lstm_step --------------------------------------------------------------------------------------------------------
def lstm_step_inputs(rng):
    """Batch 3, feature 5, hidden 7; in a first step, h and c and with them all that the state does are zero."""

    def case(memory):
        return {
            "x": normal(rng, 3, 5),
            "state": (memory * normal(rng, 3, 7, scale=0.7).tanh(), memory * normal(rng, 3, 7)),
            "w_ih": normal(rng, 28, 5, scale=0.4),
            "b_ih": normal(rng, 28, scale=0.4),
            "w_hh": normal(rng, 28, 7, scale=0.4),
            "b_hh": normal(rng, 28, scale=0.4),
        }

    return {"a first step": [case(0.0)], "with memory": [case(1.0), case(1.0)]}


def probe_lstm_step(answer, inputs):
    """Call with h and c as a pair; the gradients are of all inputs, of h and c one by one."""
    from autograder.probes import differentiate

    def step(h, c, **arguments):
        return answer(state=(h, c), **arguments)

    flat = {name: value for name, value in inputs.items() if name != "state"}
    report = differentiate(step, {**flat, "h": inputs["state"][0], "c": inputs["state"][1]})
    if isinstance(report["result"], (tuple, list)) and len(report["result"]) == 2:
        report["result"] = dict(zip(("h", "c"), report["result"], strict=True))
    return report


def lstm_step_four_matrices(x, state, w_ih, b_ih, w_hh, b_hh):
    h, c = state
    n = h.shape[1]
    rows = [slice(k * n, (k + 1) * n) for k in range(4)]
    i, f, g, o = (F.linear(x, w_ih[k], b_ih[k]) + F.linear(h, w_hh[k], b_hh[k]) for k in rows)
    c = f.sigmoid() * c + i.sigmoid() * g.tanh()
    return o.sigmoid() * c.tanh(), c


def lstm_step_one_matrix(x, state, w_ih, b_ih, w_hh, b_hh):
    h, c = state
    gates = torch.cat([x, h], 1) @ torch.cat([w_ih, w_hh], 1).T + (b_ih + b_hh)
    gates = gates.view(len(x), 4, -1)
    i, f, o = (1 / (1 + torch.exp(-gates[:, k])) for k in (0, 1, 3))
    c = torch.addcmul(f * c, i, gates[:, 2].tanh())
    return [o * torch.tanh(c), c]


def lstm_step_row_by_row(x, state, w_ih, b_ih, w_hh, b_hh):
    new_h, new_c = [], []
    for row, h, c in zip(x, *state, strict=True):
        gates = torch.einsum("gf,f->g", w_ih, row) + b_ih + torch.mv(w_hh, h) + b_hh
        i, f, g, o = gates.reshape(4, -1)
        new_c.append(torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g))
        new_h.append(torch.sigmoid(o) * torch.tanh(new_c[-1]))
    return torch.stack(new_h), torch.stack(new_c)


LSTM_STEP = Exercise(
    solves="unrolled.lstm.lstm_step",
    groups={"a first step": 1, "with memory": 3},
    inputs=lstm_step_inputs,
    probe=probe_lstm_step,
    accepts=(lstm_step_four_matrices, lstm_step_one_matrix, lstm_step_row_by_row),
    forbids=("torch.nn.LSTM", "torch.nn.LSTMCell", "torch.lstm_cell", "torch.lstm"),
    misconceptions=(
        Misconception(
            id="order-i-g-f-o",
            name="the blocks are taken in the order i, g, f, o",
            hint="Right in TensorFlow's old BasicLSTMCell. Here the order is PyTorch's, because chapter and nn.LSTM "
            "should share weights. Which block is the third one there?",
            edits={"i, f, g, o =": "i, g, f, o ="},
        ),
        Misconception(
            id="order-f-i-g-o",
            name="the blocks are taken in the order f, i, g, o",
            hint="Many drawings show the forget gate first. PyTorch stores the weights in another order: which one does "
            "the docstring name?",
            edits={"i, f, g, o =": "f, i, g, o ="},
        ),
        Misconception(
            id="order-i-f-o-g",
            name="the blocks are taken in the order i, f, o, g",
            hint="Right where the three gates are listed first and the candidate last. Here the order is PyTorch's: which "
            "block does the docstring put at the end?",
            edits={"i, f, g, o =": "i, f, o, g ="},
        ),
        Misconception(
            id="tanh-and-sigmoid-swapped",
            name="the gates i and f go through tanh and g through sigmoid",
            hint="A gate says how much, between none and all; what is written may be negative. Which function is for which?",
            edits={
                "torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)": (
                    "torch.tanh(f) * c + torch.tanh(i) * torch.sigmoid(g)"
                )
            },
        ),
        Misconception(
            id="sigmoid-of-g",
            name="the candidate g goes through sigmoid instead of tanh",
            hint="What is written into the cell must be able to lower it too. Which of the two functions can be negative?",
            edits={"torch.tanh(g)": "torch.sigmoid(g)"},
        ),
        Misconception(
            id="output-gate-on-c",
            name="the output gate is applied to c itself, not to tanh(c)",
            hint="The cell may grow beyond 1; h may not. What does the formula put around c before it is shown?",
            edits={"torch.sigmoid(o) * torch.tanh(c)": "torch.sigmoid(o) * c"},
        ),
        Misconception(
            id="tanh-of-all",
            name="the tanh is taken of the product o·c",
            hint="Which comes first on the way out: the tanh, or the gate?",
            edits={"torch.sigmoid(o) * torch.tanh(c)": "torch.tanh(torch.sigmoid(o) * c)"},
        ),
        Misconception(
            id="h-from-old-c",
            name="h is made from the old cell",
            hint="The step writes first and shows then. Is the c that you show the new one?",
            edits={
                "c = torch.sigmoid(f) * c": "new_c = torch.sigmoid(f) * c",
                "return h, c": "return h, new_c",
            },
        ),
        Misconception(
            id="cell-forgotten",
            name="the old cell plays no part",
            hint="f·c is the conveyor: without it the cell is new at every step. What does f multiply?",
            edits={"torch.sigmoid(f) * c + ": ""},
        ),
        Misconception(
            id="no-forget-gate",
            name="the old cell is kept whole, without the forget gate",
            hint="That was the LSTM of 1997, which never forgets; the gate came in 2000. What does f do here?",
            edits={"torch.sigmoid(f) * c": "c"},
        ),
        Misconception(
            id="no-input-gate",
            name="the candidate is added without the input gate",
            hint="Not every input is worth writing down. What should g be multiplied by?",
            edits={"torch.sigmoid(i) * torch.tanh(g)": "torch.tanh(g)"},
        ),
        Misconception(
            id="coupled-gates",
            name="1 − f stands where the input gate should be",
            hint="Coupled gates are a variant (and the GRU's way). Here keeping and writing are decided by two gates: "
            "which is the second?",
            edits={"torch.sigmoid(i) *": "torch.sigmoid(-f) *"},
        ),
        Misconception(
            id="cell-through-tanh",
            name="the new cell goes through tanh before it is kept",
            hint="The conveyor has no squashing on it: that is why gradients survive. Where is the only tanh of c?",
            edits={
                "torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)": (
                    "torch.tanh(torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g))"
                )
            },
        ),
        Misconception(
            id="state-unpacked-swapped",
            name="the state is unpacked as (c, h)",
            hint="An LSTM's state is a pair. Which of the two comes first, in the signature and in nn.LSTM?",
            edits={"h, c = state": "c, h = state"},
        ),
        Misconception(
            id="returned-swapped",
            name="(c, h) is returned instead of (h, c)",
            hint="What comes out goes in again at the next step. In which order does the signature promise the two?",
            edits={"return h, c": "return c, h"},
        ),
        Misconception(
            id="w-hh-not-transposed",
            name="w_hh is used without a transpose",
            hint="w_hh is (4·hidden, hidden). Which axis must stand beside that of h?",
            edits={"w_hh.T": "w_hh"},
        ),
        Misconception(
            id="input-bias-lost",
            name="the bias b_ih is left out",
            hint="Two biases are added in every gate. How many are there in your sum?",
            edits={" + b_ih": ""},
        ),
        Misconception(
            id="recurrent-bias-lost",
            name="the bias b_hh is left out",
            hint="Two biases are added in every gate. How many are there in your sum?",
            edits={" + b_hh": ""},
        ),
        Misconception(
            id="gates-without-h",
            name="the gates do not see the old h",
            hint="What should a gate look at besides the input, to know whether something is worth keeping?",
            edits={" + h @ w_hh.T": ""},
        ),
        Misconception(
            id="cut-along-the-batch",
            name="the sum is cut along the batch instead of along the gates",
            hint="The sum is (batch, 4·hidden). Which axis does chunk cut if it is not told?",
            edits={".chunk(4, dim=1)": ".chunk(4)"},
        ),
        Misconception(
            id="interleaved",
            name="the four blocks are taken to be interleaved, one row of each unit after the other",
            hint="Rows 0 … hidden−1 all belong to i. Does your split give the first gate neighbouring rows?",
            edits={".chunk(4, dim=1)": ".unflatten(1, (-1, 4)).unbind(dim=2)"},
        ),
    ),
)


# --- initialize_forget_bias -------------------------------------------------------------------------------------------
def initialize_forget_bias_inputs(rng):
    """Hidden 7 and 5; biases that are far from the value, and values other than 1."""

    def case(hidden, **value):
        return {"b_ih": normal(rng, 4 * hidden), "b_hh": normal(rng, 4 * hidden), **value}

    return {"to one": [case(7), case(5)], "to another value": [case(7, value=2.5), case(5, value=-1.5)]}


def probe_initialize_forget_bias(answer, inputs):
    """What counts: the sum of both biases everywhere, and each of them outside the forget gate."""
    from autograder.probes import call

    report = call(answer, inputs)
    if not isinstance(report["result"], (tuple, list)) or len(report["result"]) != 2:
        return report
    b_ih, b_hh = report["result"]
    n = len(inputs["b_ih"]) // 4
    others = {"b_ih": [b_ih[:n], b_ih[2 * n :]], "b_hh": [b_hh[:n], b_hh[2 * n :]]}
    return {**report, "result": {"the sum in the forget gate": (b_ih + b_hh)[n : 2 * n], "the other gates": others}}


def initialize_forget_bias_by_halves(b_ih, b_hh, value=1.0):
    def halved(bias):
        i, _, g, o = bias.detach().chunk(4)
        return torch.cat([i, torch.full_like(i, value / 2), g, o])

    return halved(b_ih), halved(b_hh)


def initialize_forget_bias_difference(b_ih, b_hh, value=1.0):
    is_forget = torch.arange(len(b_ih)) * 4 // len(b_ih) == 1
    return torch.where(is_forget, value - b_hh, b_ih), b_hh


def initialize_forget_bias_rows(b_ih, b_hh, value=1.0):
    new_ih, new_hh = b_ih.clone().view(4, -1), b_hh.clone().view(4, -1)
    new_ih[1].zero_()
    new_hh[1].fill_(value)
    return new_ih.flatten(), new_hh.flatten()


INITIALIZE_FORGET_BIAS = Exercise(
    solves="unrolled.lstm.initialize_forget_bias",
    groups={"to one": 1, "to another value": 1},
    inputs=initialize_forget_bias_inputs,
    probe=probe_initialize_forget_bias,
    accepts=(initialize_forget_bias_by_halves, initialize_forget_bias_difference, initialize_forget_bias_rows),
    misconceptions=(
        Misconception(
            id="both",
            name="both biases are set to the value, so that their sum is twice that",
            hint="PyTorch has two biases for each gate, and they are added. What is their sum with yours?",
            edits={"b_hh[hidden : 2 * hidden] = 0": "b_hh[hidden : 2 * hidden] = value"},
        ),
        Misconception(
            id="other-bias-left",
            name="only b_ih is set; b_hh keeps its random values in the forget gate",
            hint="The gate sees the sum. What is the sum, if only one of its two parts is known?",
            edits={"    b_hh[hidden : 2 * hidden] = 0\n": ""},
        ),
        Misconception(
            id="input-gate",
            name="the bias of the input gate is set",
            hint="The blocks are i, f, g, o. Where does the second one begin?",
            edits={
                "b_ih[hidden : 2 * hidden]": "b_ih[:hidden]",
                "b_hh[hidden : 2 * hidden]": "b_hh[:hidden]",
            },
        ),
        Misconception(
            id="third-block",
            name="the third block is set",
            hint="Right in TensorFlow's old BasicLSTMCell, whose order is i, g, f, o. Which is PyTorch's?",
            edits={
                "b_ih[hidden : 2 * hidden]": "b_ih[2 * hidden : 3 * hidden]",
                "b_hh[hidden : 2 * hidden]": "b_hh[2 * hidden : 3 * hidden]",
            },
        ),
        Misconception(
            id="last-block",
            name="the last block is set",
            hint="That is the output gate's. The blocks are i, f, g, o: which is the forget gate's?",
            edits={
                "b_ih[hidden : 2 * hidden]": "b_ih[3 * hidden :]",
                "b_hh[hidden : 2 * hidden]": "b_hh[3 * hidden :]",
            },
        ),
        Misconception(
            id="all-gates",
            name="the biases of all gates are set",
            hint="A high bias on the input gate writes everything down. Whose bias alone should change?",
            edits={"b_ih[hidden : 2 * hidden]": "b_ih[:]", "b_hh[hidden : 2 * hidden]": "b_hh[:]"},
        ),
        Misconception(
            id="others-zeroed",
            name="the biases of the other gates are lost",
            hint="You begin with new tensors: good. What should stand where the forget gate's entries are not?",
            edits={"b_ih.clone(), b_hh.clone()": "torch.zeros_like(b_ih), torch.zeros_like(b_hh)"},
        ),
        Misconception(
            id="added",
            name="the value is added to the biases instead of replacing them",
            hint="The sum should be the value, whatever stood there before. Does yours depend on the old numbers?",
            edits={
                "b_ih[hidden : 2 * hidden] = value": "b_ih[hidden : 2 * hidden] += value",
                "b_hh[hidden : 2 * hidden] = 0": "b_hh[hidden : 2 * hidden] += 0",
            },
        ),
        Misconception(
            id="one-unit",
            name="only one unit's bias is set",
            hint="Each of the four blocks has `hidden` entries. How many did you set?",
            edits={"b_ih[hidden : 2 * hidden]": "b_ih[hidden]", "b_hh[hidden : 2 * hidden]": "b_hh[hidden]"},
        ),
        Misconception(
            id="second-entry",
            name="entry 1 is set instead of block 1",
            hint="bias[1] is a single number, of the input gate. Where does the forget gate's block begin?",
            edits={"b_ih[hidden : 2 * hidden]": "b_ih[1]", "b_hh[hidden : 2 * hidden]": "b_hh[1]"},
        ),
        Misconception(
            id="interleaved",
            name="every fourth entry is set",
            hint="The gates are stored block after block, not unit after unit. Which entries are neighbours?",
            edits={"b_ih[hidden : 2 * hidden]": "b_ih[1::4]", "b_hh[hidden : 2 * hidden]": "b_hh[1::4]"},
        ),
        Misconception(
            id="value-ignored",
            name="the sum is 1, whatever value is",
            hint="1 is only the default. Where does your code use `value`?",
            edits={"] = value": "] = 1.0"},
        ),
        Misconception(
            id="in-place",
            name="the biases are changed in place",
            hint="The docstring promises new tensors. Does your assignment write into the caller's?",
            edits={"b_ih.clone(), b_hh.clone()": "b_ih, b_hh"},
        ),
    ),
)


# --- gru_step ---------------------------------------------------------------------------------------------------------
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


# --- masked_unroll ----------------------------------------------------------------------------------------------------
def masked_unroll_inputs(rng):
    """Batch 3, time 5 or 11, feature 2, hidden 7; what stands in the padding is large, so that it shows where it leaks."""

    def case(lengths, time, pair=False):
        inputs = normal(rng, 3, time, 2)
        lengths = torch.tensor(lengths)
        padding = torch.arange(time) >= lengths[:, None]
        inputs[padding] = normal(rng, int(padding.sum()), 2, scale=3.0)
        case = {"inputs": inputs, "lengths": lengths, "h": normal(rng, 3, 7).tanh()}
        if pair:
            case["c"] = normal(rng, 3, 7)
        return {**case, "w": normal(rng, 2, 7, scale=0.5), "u": normal(rng, 7, 7, scale=0.3)}

    def some(time):
        """Lengths that leave padding everywhere, even behind the longest sequence."""
        return rng.permutation([1, time // 2, time - 1]).tolist()

    return {
        "no padding": [case([5, 5, 5], 5), case([1, 1, 1], 1)],
        "padding": [case(some(5), 5), case([*some(11)[:2], 11], 11)],
        "padding, state (h, c)": [case(some(5), 5, pair=True), case(some(11), 11, pair=True)],
    }


def probe_masked_unroll(answer, inputs):
    """Unroll a simple step, of one tensor or of a pair; outputs, last states and the gradients of all of them."""
    import torch

    from autograder.probes import differentiate

    def unrolled(inputs, lengths, h, w, u, c=None):
        def step(x, state):
            if not isinstance(state, (tuple, list)):
                return torch.tanh(x @ w + state @ u)
            new_c = 0.8 * state[1] + torch.tanh(x @ w + state[0] @ u)
            return torch.sin(new_c), new_c

        result = answer(step, inputs, lengths, h if c is None else (h, c))
        is_pair = isinstance(result, (tuple, list)) and len(result) == 2 and isinstance(result[1], (tuple, list))
        return [result[0], *result[1]] if is_pair else result

    return differentiate(unrolled, inputs)


def masked_unroll_one_by_one(step, inputs, lengths, state):
    outputs, ends = [], []
    for row in range(len(inputs)):
        alone = tuple(s[row : row + 1] for s in state) if isinstance(state, tuple) else state[row : row + 1]
        hs = []
        for t in range(lengths[row]):
            alone = step(inputs[row : row + 1, t], alone)
            hs.append(alone[0] if isinstance(state, tuple) else alone)
        hs += [torch.zeros_like(hs[0])] * (inputs.shape[1] - len(hs))
        outputs.append(torch.stack(hs, dim=1))
        ends.append(alone)
    last = tuple(map(torch.cat, zip(*ends, strict=True))) if isinstance(state, tuple) else torch.cat(ends)
    return torch.cat(outputs), last


def masked_unroll_picked_at_the_end(step, inputs, lengths, state):
    is_pair, states = isinstance(state, tuple), []
    for t in range(inputs.size(1)):
        state = step(inputs[:, t], state)
        states.append(state if is_pair else (state,))
    h_and_c = [torch.stack(parts, dim=1) for parts in zip(*states, strict=True)]
    rows = torch.arange(len(inputs))
    last = [part[rows, lengths - 1] for part in h_and_c]
    mask = torch.arange(inputs.size(1))[None, :, None] < lengths[:, None, None]
    return h_and_c[0].masked_fill(~mask, 0), tuple(last) if is_pair else last[0]


def masked_unroll_by_arithmetic(step, inputs, lengths, state):
    first = state[0] if isinstance(state, tuple) else state
    outputs = inputs.new_zeros(*inputs.shape[:2], first.shape[-1])
    for t in range(int(lengths.max())):
        alive = (lengths > t).float().unsqueeze(1)
        new = step(inputs[:, t], state)
        if isinstance(state, tuple):
            state = tuple(alive * n + (1 - alive) * s for n, s in zip(new, state, strict=True))
        else:
            state = alive * new + (1 - alive) * state
        outputs[:, t] = alive * (state[0] if isinstance(state, tuple) else state)
    return outputs, state


def masked_unroll_of_chapter_1(step, inputs, lengths, state):
    states = []
    for x in inputs.unbind(dim=1):
        state = step(x, state)
        states.append(state)
    return torch.stack(states, dim=1), state


MASKED_UNROLL = Exercise(
    solves="unrolled.masking.masked_unroll",
    groups={"no padding": 1, "padding": 2, "padding, state (h, c)": 1},
    inputs=masked_unroll_inputs,
    probe=probe_masked_unroll,
    accepts=(masked_unroll_one_by_one, masked_unroll_picked_at_the_end, masked_unroll_by_arithmetic),
    forbids=("torch.nn.utils.rnn", "torch.nn.RNN", "torch.nn.LSTM", "torch.nn.GRU"),
    misconceptions=(
        Misconception(
            id="state-moves-on",
            name="the state moves on past the end of a sequence",
            hint="The outputs behind the end are zero: good. But the last state has gone on reading padding. Which state "
            "should step t be given, if the sequence has ended?",
            edits={
                "torch.where(real, n, old)": "n",
                "state = torch.where(real, new, state)": "state = new",
            },
        ),
        Misconception(
            id="cell-moves-on",
            name="h stays at the end of a sequence, but c moves on",
            hint="An LSTM's state is a pair. Do both of its parts stop where the sequence does?",
            edits={
                "tuple(torch.where(real, n, old) for n, old in zip(new, state, strict=True))": (
                    "(torch.where(real, new[0], state[0]), new[1])"
                )
            },
        ),
        Misconception(
            id="outputs-repeated",
            name="behind the end, the outputs repeat the last state instead of being zero",
            hint="The state should stay as it was: yours does. What does the docstring promise of the *outputs* there?",
            edits={"state[0] * real": "state[0]", "state * real": "state"},
        ),
        Misconception(
            id="padding-not-masked",
            name="the lengths are not used at all",
            hint="Nothing distinguishes padding from text here. At which steps has a sequence of length 3 ended?",
            edits={
                "real, new = (t < lengths)[:, None], step(x, state)": (
                    "real, new = torch.ones(len(x), 1, dtype=torch.bool), step(x, state)"
                )
            },
        ),
        Misconception(
            id="state-zeroed",
            name="the state of a finished sequence is set to zero",
            hint="Multiplying by the mask wipes out what was read. Which state should a finished sequence have at the end?",
            edits={
                "torch.where(real, n, old)": "n * real",
                "torch.where(real, new, state)": "new * real",
            },
        ),
        Misconception(
            id="back-to-the-first-state",
            name="a finished sequence goes back to the state it began with",
            hint="Which state does your `where` fall back to: the one before this step, or the very first?",
            edits={
                "outputs = []": "outputs, first = [], state",
                "zip(new, state, strict=True)": "zip(new, first, strict=True)",
                "torch.where(real, new, state)": "torch.where(real, new, first)",
            },
        ),
        Misconception(
            id="last-output-returned",
            name="the last column of the outputs is returned as the state",
            hint="For a short sequence the last column is padding, hence zero. Where is its last real step?",
            edits={
                "torch.stack(outputs, dim=1), state": (
                    "torch.stack(outputs, dim=1), (outputs[-1], state[1]) if isinstance(state, tuple) else outputs[-1]"
                )
            },
        ),
        Misconception(
            id="one-step-too-many",
            name="one step behind the end of each sequence is read",
            hint="Steps count from 0. Is step `length` still inside a sequence of that length?",
            edits={"t < lengths": "t <= lengths"},
        ),
        Misconception(
            id="last-step-lost",
            name="the last real step of each sequence is not read",
            hint="Steps count from 0. Which number has the last step of a sequence of length 4?",
            edits={"t < lengths": "t < lengths - 1"},
        ),
        Misconception(
            id="mask-inverted",
            name="the mask is the wrong way round: it is the padding that is read",
            hint="torch.where(condition, a, b) takes a where the condition is True. When should the new state be taken?",
            edits={"(t < lengths)": "(t >= lengths)"},
        ),
        Misconception(
            id="outputs-are-c",
            name="the outputs are c instead of h",
            hint="What an LSTM shows to the outside is h. Which part of the pair (h, c) do you collect?",
            edits={"state[0] * real": "state[1] * real"},
        ),
        Misconception(
            id="state-not-carried-on",
            name="every step starts from the first state",
            hint="Which state should the second step be given: the one you began with, or the one the first step made?",
            edits={"outputs = []": "outputs, first = [], state", "step(x, state)": "step(x, first)"},
        ),
        Misconception(
            id="time-first",
            name="the outputs are stacked with time as the first axis",
            hint="The promise is (batch, time, hidden). Along which axis does torch.stack put a new one by default?",
            edits={"torch.stack(outputs, dim=1)": "torch.stack(outputs)"},
        ),
        Misconception(
            id="padding-in-front",
            name="the padding is taken to stand in front",
            hint="Some libraries pad in front. Here the real steps come first: which steps are smaller than length?",
            edits={"(t < lengths)": "(t >= inputs.shape[1] - lengths)"},
        ),
        Misconception(
            id="stops-with-the-shortest",
            name="the loop stops as soon as one sequence has ended",
            hint="The others still have something to read. For how many steps must the loop run?",
            edits={
                "        real, new =": "        if t >= lengths.min():\n            break\n        real, new =",
                "return torch.stack(outputs, dim=1), state": (
                    "outputs += [0 * outputs[0]] * (inputs.shape[1] - len(outputs))\n"
                    "    return torch.stack(outputs, dim=1), state"
                ),
            },
        ),
        Misconception(
            id="unroll-of-chapter-1",
            name="this is chapter 1's unroll, with neither lengths nor a state (h, c)",
            hint="It is the right loop to begin with. At which steps has a sequence of length 3 ended, and what should "
            "happen to its state and its output then?",
            answer=masked_unroll_of_chapter_1,
        ),
        Misconception(
            id="only-one-tensor",
            name="a state (h, c) is not foreseen",
            hint="An LSTM's step gets and gives a pair. What does torch.where make of a tuple? Where must you choose?",
            edits={"isinstance(state, tuple)": "False"},
        ),
    ),
)


# --- bidirectional ----------------------------------------------------------------------------------------------------
def bidirectional_inputs(rng):
    """Batch 3, time 5 or 11, feature 2, hidden 7; the two directions have weights and first states of their own."""

    def case(lengths, time):
        inputs = normal(rng, 3, time, 2)
        weights = {name: normal(rng, 2, 7, scale=0.5) for name in ("w_f", "w_b")}
        weights |= {name: normal(rng, 7, 7, scale=0.3) for name in ("u_f", "u_b")}
        states = {name: normal(rng, 3, 7).tanh() for name in ("state_f", "state_b")}
        return {"inputs": inputs, "lengths": torch.tensor(lengths), **states, **weights}

    return {
        "no padding": [case([5, 5, 5], 5), case([11, 11, 11], 11)],
        "padding": [
            case(rng.permutation([5, 2, 3]).tolist(), 5),
            case(rng.permutation([1, 7, 10]).tolist(), 11),
        ],
    }


def probe_bidirectional(answer, inputs):
    """Unroll two simple steps; outputs, both last states and the gradients of all of them."""
    import torch

    from autograder.probes import differentiate

    def unrolled(inputs, lengths, state_f, state_b, w_f, w_b, u_f, u_b):
        def step_f(x, h):
            return torch.tanh(x @ w_f + h @ u_f)

        def step_b(x, h):
            return torch.tanh(x @ w_b + h @ u_b)

        result = answer(step_f, step_b, inputs, lengths, state_f, state_b)
        is_pair = isinstance(result, (tuple, list)) and len(result) == 2 and isinstance(result[1], (tuple, list))
        return [result[0], *result[1]] if is_pair else result

    return differentiate(unrolled, inputs)


def bidirectional_one_by_one(step_f, step_b, inputs, lengths, state_f, state_b):
    def read(step, sequence, h):
        states = []
        for x in sequence:
            h = step(x[None], h)
            states.append(h[0])
        return torch.stack(states), h[0]

    outputs, lasts_f, lasts_b = [], [], []
    for row, length in enumerate(lengths.tolist()):
        forth, last_f = read(step_f, inputs[row, :length], state_f[row : row + 1])
        back, last_b = read(step_b, inputs[row, :length].flip(0), state_b[row : row + 1])
        both = torch.cat([forth, back.flip(0)], dim=1)
        outputs.append(F.pad(both, (0, 0, 0, inputs.shape[1] - length)))
        lasts_f.append(last_f)
        lasts_b.append(last_b)
    return torch.stack(outputs), (torch.stack(lasts_f), torch.stack(lasts_b))


def bidirectional_from_the_end(step_f, step_b, inputs, lengths, state_f, state_b):
    time, outputs_f, outputs_b = inputs.shape[1], [], {}
    for t in range(time):
        real = (lengths > t).unsqueeze(-1)
        state_f = torch.where(real, step_f(inputs[:, t], state_f), state_f)
        outputs_f.append(state_f.masked_fill(~real, 0.0))
    for t in reversed(range(time)):
        real = (lengths > t).unsqueeze(-1)
        state_b = torch.where(real, step_b(inputs[:, t], state_b), state_b)
        outputs_b[t] = state_b.masked_fill(~real, 0.0)
    outputs = [torch.cat([outputs_f[t], outputs_b[t]], dim=-1) for t in range(time)]
    return torch.stack(outputs, dim=1), [state_f, state_b]


BIDIRECTIONAL = Exercise(
    solves="unrolled.masking.bidirectional",
    groups={"no padding": 1, "padding": 2},
    inputs=bidirectional_inputs,
    probe=probe_bidirectional,
    uses=("masked_unroll",),
    accepts=(bidirectional_one_by_one, bidirectional_from_the_end),
    forbids=("torch.nn.utils.rnn", "torch.nn.RNN", "torch.nn.LSTM", "torch.nn.GRU"),
    misconceptions=(
        Misconception(
            id="backward-not-put-back",
            name="the backward outputs stay in the order in which they were made",
            hint="The backward network reads the last step first. At which place should that output stand?",
            edits={"    backward = backward.take_along_dim(order[:, :, None], dim=1)\n": ""},
        ),
        Misconception(
            id="padding-reversed-too",
            name="the whole axis is reversed, so that the padding comes first",
            hint="After flip(1), a short sequence begins with its padding. Where should it begin? Each sequence has a "
            "length of its own.",
            edits={"lengths[:, None] - 1": "torch.full_like(lengths, time)[:, None] - 1"},
        ),
        Misconception(
            id="backward-state-at-the-wrong-end",
            name="the backward state is read at the last step, where it has read one step only",
            hint="Going backwards, the last step is read first. After which step has the backward network read all?",
            edits={
                "return torch.cat([forward, backward], dim=2), (state_f, state_b)": (
                    "state_b = backward[torch.arange(len(lengths)), lengths - 1]\n"
                    "    return torch.cat([forward, backward], dim=2), (state_f, state_b)"
                )
            },
        ),
        Misconception(
            id="backward-state-from-the-last-column",
            name="the backward state is read in the last column, behind the end of the short sequences",
            hint="Where is the backward network after its last step: at the first place or at the last?",
            edits={
                "return torch.cat([forward, backward], dim=2), (state_f, state_b)": (
                    "return torch.cat([forward, backward], dim=2), (state_f, backward[:, -1])"
                )
            },
        ),
        Misconception(
            id="both-states-from-the-last-column",
            name="both states are read in the last column of the outputs",
            hint="The last column is padding for short sequences; and where is the backward network after its last step: "
            "at the first place or at the last?",
            edits={"dim=2), (state_f, state_b)": "dim=2), (forward[:, -1], backward[:, -1])"},
        ),
        Misconception(
            id="not-reversed",
            name="both networks read forwards",
            hint="What does the second network see first? It should be the end of the sequence.",
            edits={
                "    reversed_inputs = inputs.take_along_dim(order[:, :, None], dim=1)\n": "",
                "masked_unroll(step_b, reversed_inputs,": "masked_unroll(step_b, inputs,",
                "    backward = backward.take_along_dim(order[:, :, None], dim=1)\n": "",
            },
        ),
        Misconception(
            id="inputs-not-reversed",
            name="the inputs are not reversed for the backward network, but its outputs are",
            hint="What does the second network see first? It should be the end of the sequence.",
            edits={"masked_unroll(step_b, reversed_inputs,": "masked_unroll(step_b, inputs,"},
        ),
        Misconception(
            id="one-step-for-both",
            name="the forward step is used in both directions",
            hint="The two directions have weights of their own. Which step reads backwards?",
            edits={"masked_unroll(step_b, reversed_inputs,": "masked_unroll(step_f, reversed_inputs,"},
        ),
        Misconception(
            id="one-first-state-for-both",
            name="the backward network begins with the forward one's first state",
            hint="Each direction has a first state of its own. Which one is the backward network's?",
            edits={
                "forward, state_f = masked": "first, (forward, state_f) = state_f, masked",
                "reversed_inputs, lengths, state_b": "reversed_inputs, lengths, first",
            },
        ),
        Misconception(
            id="goes-on-from-the-forward-state",
            name="the backward network goes on from the forward one's last state",
            hint="The two directions know nothing of each other. From which state should the backward one begin?",
            edits={"reversed_inputs, lengths, state_b": "reversed_inputs, lengths, state_f"},
        ),
        Misconception(
            id="backward-first",
            name="the backward outputs stand in front of the forward ones",
            hint="In which order does the docstring name the two halves?",
            edits={"torch.cat([forward, backward], dim=2)": "torch.cat([backward, forward], dim=2)"},
        ),
        Misconception(
            id="added",
            name="the outputs of the two directions are added",
            hint="Right in layers that merge by a sum; here they stand side by side, as in nn.LSTM, because the "
            "next layer should be able to tell past from future. How wide is the result then?",
            edits={"torch.cat([forward, backward], dim=2)": "forward + backward"},
        ),
        Misconception(
            id="joined-over-time",
            name="the two directions are joined along time",
            hint="The result is (batch, time, 2·hidden). Which axis gets twice as long?",
            edits={"torch.cat([forward, backward], dim=2)": "torch.cat([forward, backward], dim=1)"},
        ),
        Misconception(
            id="states-swapped",
            name="the two states are returned in the wrong order",
            hint="Forward first, as in the outputs. Which state comes first in yours?",
            edits={"(state_f, state_b)": "(state_b, state_f)"},
        ),
    ),
)

EXERCISES = (LSTM_STEP, INITIALIZE_FORGET_BIAS, GRU_STEP, MASKED_UNROLL, BIDIRECTIONAL)

"""`lstm_step`: The next state (h, c): keep a part of the cell, add something new, show a part of it."""

import torch
import torch.nn.functional as F

from autograder.draw import normal
from autograder.exercise import Exercise, Misconception


def lstm_step_inputs(rng):
    """Batch 3 or 1, feature 5, hidden 7; in a first step, h and c and with them all that the state does are zero."""

    def case(memory, batch=3):
        return {
            "x": normal(rng, batch, 5),
            "state": (memory * normal(rng, batch, 7, scale=0.7).tanh(), memory * normal(rng, batch, 7)),
            "w_ih": normal(rng, 28, 5, scale=0.4),
            "b_ih": normal(rng, 28, scale=0.4),
            "w_hh": normal(rng, 28, 7, scale=0.4),
            "b_hh": normal(rng, 28, scale=0.4),
        }

    return {"a first step": [case(0.0)], "with memory": [case(1.0), case(1.0), case(1.0, batch=1)]}


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
        Misconception(
            id="candidate-not-squashed",
            name="the candidate g is written without its tanh",
            hint="What keeps what is written between −1 and 1? Compare your g with the formula.",
            edits={"torch.tanh(g)": "g"},
        ),
        Misconception(
            id="all-gates-through-tanh",
            name="all three gates go through tanh, and g through sigmoid",
            hint="A gate says how much, between none and all; what is written may be negative. Which function is for "
            "which?",
            edits={
                "torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)": (
                    "torch.tanh(f) * c + torch.tanh(i) * torch.sigmoid(g)"
                ),
                "torch.sigmoid(o)": "torch.tanh(o)",
            },
        ),
        Misconception(
            id="gates-not-squashed",
            name="the gates are used without their sigmoid",
            hint="A gate says how much, between none and all. What brings any number between 0 and 1?",
            edits={
                "torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)": "f * c + i * torch.tanh(g)",
                "torch.sigmoid(o)": "o",
            },
        ),
        Misconception(
            id="forget-gate-inverted",
            name="the forget gate is taken for the share that is forgotten",
            hint="In spite of its name, f = 1 keeps everything. By what is the old cell multiplied in the formula?",
            edits={"torch.sigmoid(f)": "torch.sigmoid(-f)"},
        ),
        Misconception(
            id="forget-bias-added",
            name="1 is added inside the forget gate",
            hint="That bias is a matter of how one begins (next exercise), and stands in b_ih and b_hh. Is there a 1 "
            "in the formula?",
            edits={"torch.sigmoid(f)": "torch.sigmoid(f + 1)"},
        ),
        Misconception(
            id="no-output-gate",
            name="the output gate is missing",
            hint="Not all of the cell should be seen at every step. By what is tanh(c) multiplied?",
            edits={"torch.sigmoid(o) * torch.tanh(c)": "torch.tanh(c)"},
        ),
        Misconception(
            id="gates-see-the-cell",
            name="the gates look at the old c instead of the old h",
            hint="Both have the same shape, so nothing complains. Which of the two does W_hh belong to?",
            edits={"h @ w_hh.T": "c @ w_hh.T"},
        ),
        Misconception(
            id="peephole",
            name="the output gate looks at the new cell too",
            hint="Peepholes are a variant (Gers and Schmidhuber, 2000). What does o depend on here?",
            edits={"torch.sigmoid(o)": "torch.sigmoid(o + c)"},
        ),
        Misconception(
            id="pieces-of-four",
            name="the sum is cut into pieces of four columns instead of four pieces",
            hint="split wants the size of a piece, chunk the number of pieces. Which have you called?",
            edits={".chunk(4, dim=1)": ".split(4, dim=1)"},
        ),
        Misconception(
            id="w-ih-not-transposed",
            name="w_ih is used without a transpose",
            hint="x is (batch, feature) and w_ih is (4·hidden, feature). Which axis must the two have side by side?",
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
            id="cell-detached",
            name="the old cell is detached",
            hint="The values come out right, but the conveyor was built for gradients. Which line cuts it?",
            edits={"torch.sigmoid(f) * c": "torch.sigmoid(f) * c.detach()"},
        ),
        Misconception(
            id="state-detached",
            name="the old h is detached",
            hint="The values come out right, but how shall the gates learn what earlier steps should show?",
            edits={"h @ w_hh.T": "h.detach() @ w_hh.T"},
        ),
        Misconception(
            id="h-only",
            name="only h is returned",
            hint="What the next step needs is a pair. Which half is missing?",
            edits={"return h, c": "return h"},
        ),
        Misconception(
            id="output-and-state",
            name="h and the pair (h, c) are returned, as nn.LSTM does",
            hint="nn.LSTM gives outputs and a state. What does the signature promise here?",
            edits={"return h, c": "return h, (h, c)"},
        ),
        Misconception(
            id="write-subtracted",
            name="what is written is subtracted from the cell",
            hint="tanh(g) has a sign of its own. Which sign does the formula have between the two parts?",
            edits={"* c + torch": "* c - torch"},
        ),
        Misconception(
            id="squeezed",
            name="axes of length 1 disappear",
            hint="A batch of one is still a batch, and the next step wants it so. Which function of yours takes away "
            "every axis of length 1?",
            edits={"return h, c": "return h.squeeze(), c.squeeze()"},
        ),
        Misconception(
            id="order-f-i-o-g",
            name="the blocks are taken in the order f, i, o, g",
            hint="Many drawings go this way. PyTorch stores the weights in another order: which one does the "
            "docstring name?",
            edits={"i, f, g, o =": "f, i, o, g ="},
        ),
        Misconception(
            id="order-i-o-f-g",
            name="the blocks are taken in the order i, o, f, g",
            hint="ONNX stores i, o, f and then the candidate. Which order does the docstring name?",
            edits={"i, f, g, o =": "i, o, f, g ="},
        ),
        Misconception(
            id="old-h-added",
            name="the old h is added to the new one",
            hint="That is a residual connection. Is there an h outside the gates in the formula for h′?",
            edits={
                "h = torch.sigmoid(o) * torch.tanh(c)": "h = h + torch.sigmoid(o) * torch.tanh(c)",
            },
        ),
        Misconception(
            id="parts-multiplied",
            name="the parts of x and h are multiplied instead of added",
            hint="With a zero state, should the input play no part but through a bias? What stands between the two "
            "products?",
            edits={
                "(x @ w_ih.T + b_ih + h @ w_hh.T + b_hh)": "((x @ w_ih.T + b_ih) * (h @ w_hh.T + b_hh))",
            },
        ),
        Misconception(
            id="peepholes",
            name="i and f look at the old cell as well, and o at the new one",
            hint="These peepholes are of a later paper (Gers and Schmidhuber, 2000). What do the gates look at in this "
            "formula?",
            edits={
                "torch.sigmoid(f) * c + torch.sigmoid(i)": "torch.sigmoid(f + c) * c + torch.sigmoid(i + c)",
                "torch.sigmoid(o) * torch.tanh(c)": "torch.sigmoid(o + c) * torch.tanh(c)",
            },
        ),
        Misconception(
            id="hard-sigmoid",
            name="the gates are straight lines cut off at 0 and 1",
            hint=(
                "That is the hard sigmoid, with which Keras once began. Which σ does the docstring mean, "
                "and does it ever reach 0?"
            ),
            edits={
                "torch.sigmoid(f) * c + torch.sigmoid(i)": "(0.2 * f + 0.5).clamp(0, 1) * c + (0.2 * i + 0.5).clamp(0, 1)",
                "torch.sigmoid(o)": "(0.2 * o + 0.5).clamp(0, 1)",
            },
        ),
    ),
)

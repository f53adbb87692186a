"""`initialize_forget_bias`: Both biases of an LSTM, changed so that those of the forget gate add up to `value`."""

import torch

from autograder.draw import normal
from autograder.exercise import Exercise, Misconception


def initialize_forget_bias_inputs(rng):
    """Hidden 7, 5 and 1; biases that are far from the value, and values other than 1."""

    def case(hidden, **value):
        return {"b_ih": normal(rng, 4 * hidden), "b_hh": normal(rng, 4 * hidden), **value}

    return {
        "to one": [case(7), case(5), case(1)],
        "to another value": [case(7, value=2.5), case(5, value=-1.5), case(3, value=2)],
    }


def probe_initialize_forget_bias(answer, inputs):
    """What counts: the sum of both biases in the forget gate, each of them outside it, and that both are new."""
    from autograder.probes import call

    given = []

    def remembering(**arguments):
        given.extend([arguments["b_ih"], arguments["b_hh"]])
        return answer(**arguments)

    report = call(remembering, inputs)
    if not isinstance(report["result"], (tuple, list)) or len(report["result"]) != 2:
        return report
    report["the old tensors come back"] = any(new is old for new in report["result"] for old in given)
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
    return torch.where(is_forget, value - b_hh, b_ih), b_hh.clone()


def initialize_forget_bias_rows(b_ih, b_hh, value=1.0):
    new_ih, new_hh = b_ih.clone().view(4, -1), b_hh.clone().view(4, -1)
    new_ih[1].zero_()
    new_hh[1].fill_(value)
    return new_ih.flatten(), new_hh.flatten()


def initialize_forget_bias_of_one(b_ih, b_hh, value=1.0):
    hidden = len(b_ih) // 4
    b_ih = b_ih.clone()
    b_ih[hidden : 2 * hidden] = value - b_hh[hidden : 2 * hidden]
    return b_ih, b_hh


INITIALIZE_FORGET_BIAS = Exercise(
    solves="unrolled.lstm.initialize_forget_bias",
    groups={"to one": 1, "to another value": 1},
    inputs=initialize_forget_bias_inputs,
    probe=probe_initialize_forget_bias,
    exempt={"new": "its probe takes the result apart, and compares the parts with the arguments by itself"},
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
        Misconception(
            id="thirds",
            name="a third of the biases is taken for one gate's",
            hint="Three blocks are a GRU's. How many gates and candidates has an LSTM, and how many entries each?",
            edits={"// 4": "// 3"},
        ),
        Misconception(
            id="fractional-bounds",
            name="the bounds of the slice are not whole numbers",
            hint="`/` gives a float, even if it comes out even. Which division gives an int?",
            edits={"// 4": "/ 4"},
        ),
        Misconception(
            id="one-entry-short",
            name="the last entry of the forget gate is left out",
            hint="A slice ends *before* its second number. Which number is that for the second block?",
            edits={
                "b_ih[hidden : 2 * hidden]": "b_ih[hidden : 2 * hidden - 1]",
                "b_hh[hidden : 2 * hidden]": "b_hh[hidden : 2 * hidden - 1]",
            },
        ),
        Misconception(
            id="to-the-end",
            name="everything from the forget gate to the end is set",
            hint="Where does the second block end?",
            edits={
                "b_ih[hidden : 2 * hidden]": "b_ih[hidden:]",
                "b_hh[hidden : 2 * hidden]": "b_hh[hidden:]",
            },
        ),
        Misconception(
            id="halves-rounded",
            name="the value is halved with a division that rounds down",
            hint="1 // 2 is 0. Which division keeps the half?",
            edits={
                "] = value": "] = value // 2",
                "] = 0": "] = value // 2",
            },
        ),
        Misconception(
            id="sigmoid-of-the-value",
            name="the sigmoid of the value is set",
            hint="The gate takes the sigmoid itself, of the sum. What should the sum be?",
            edits={"] = value": "] = torch.sigmoid(torch.tensor(float(value)))"},
        ),
        Misconception(
            id="sum-returned",
            name="the sum of both biases is returned",
            hint="PyTorch keeps two biases, and both are wanted. What does the signature promise?",
            edits={"return b_ih, b_hh": "return b_ih + b_hh"},
        ),
        Misconception(
            id="old-tensor-returned",
            name="one of the tensors that came in is returned",
            hint="The docstring promises new tensors, both of them: whoever changes one later should not change the "
            "old. Which of yours is still the caller's?",
            answer=initialize_forget_bias_of_one,
        ),
        Misconception(
            id="other-bias-added",
            name="the other bias is added to the value instead of subtracted from it",
            hint="Their sum should be the value. What must b_ih be, if b_hh stays as it is?",
            edits={
                "] = value\n": "] = value + b_hh[hidden : 2 * hidden]\n",
                "    b_hh[hidden : 2 * hidden] = 0\n": "",
            },
        ),
        Misconception(
            id="all-in-one",
            name="all of b_hh is moved into b_ih, in the other gates too",
            hint="The sums are right everywhere. But what was promised of the other gates' entries?",
            edits={"b_ih.clone(), b_hh.clone()": "b_ih + b_hh, torch.zeros_like(b_hh)"},
        ),
        Misconception(
            id="nothing-returned",
            name="nothing is returned",
            hint="What does a function give back that reaches its end without a return?",
            edits={"return b_ih, b_hh": "return None"},
        ),
        Misconception(
            id="nothing-changed",
            name="the biases come back as they were",
            hint="A name that is bound anew changes no tensor. Which line writes *into* one?",
            edits={
                "b_ih[hidden : 2 * hidden] = value": "pass",
                "b_hh[hidden : 2 * hidden] = 0": "pass",
            },
        ),
        Misconception(
            id="results-swapped",
            name="the two biases are returned in the wrong order",
            hint="In which order did they come in?",
            edits={"return b_ih, b_hh": "return b_hh, b_ih"},
        ),
        Misconception(
            id="one-entry-too-few",
            name="the first entry of the forget gate stays as it was",
            hint="With two units the entries are i, i, f, f, g, g, o, o. Counted from 0, at which does f begin?",
            edits={
                "b_ih[hidden : 2 * hidden]": "b_ih[hidden + 1 : 2 * hidden]",
                "b_hh[hidden : 2 * hidden]": "b_hh[hidden + 1 : 2 * hidden]",
            },
        ),
        Misconception(
            id="second-bias-zeroed",
            name="one of the two biases becomes 0 in all gates",
            hint=(
                "Only the forget gate's entries should change. What stood in the other gates' entries of "
                "both biases?"
            ),
            edits={
                "b_hh[hidden : 2 * hidden] = 0": "b_hh = torch.zeros_like(b_hh)",
            },
        ),
    ),
)

"""`initialize_forget_bias`: Both biases of an LSTM, changed so that those of the forget gate add up to `value`."""

import torch

from autograder.draw import normal
from autograder.exercise import Exercise, Misconception


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

"""`unroll`: The states after every time step, and the last one once more."""

import torch

from autograder.draw import normal
from autograder.exercise import Exercise, Misconception


def unroll_inputs(rng):
    """Batch 2, time 5, feature 3, hidden 7, and the weights of a simple step."""

    def case(time):
        return {
            "inputs": normal(rng, 2, time, 3),
            "state": normal(rng, 2, 7),
            "w": normal(rng, 3, 7, scale=0.5),
            "u": normal(rng, 7, 7, scale=0.3),
        }

    return {"one time step": [case(1)], "many time steps": [case(5), case(11)]}


def probe_unroll(answer, inputs):
    """Unroll tanh(x·w + state·u), whose gradients reach back through every step."""
    import torch

    from autograder.probes import differentiate

    def unrolled(inputs, state, w, u):
        return answer(lambda x, h: torch.tanh(x @ w + h @ u), inputs, state)

    return differentiate(unrolled, inputs)


def unroll_by_index(step, inputs, state):
    batch, time, _ = inputs.shape
    states = inputs.new_empty(batch, time, state.shape[-1])
    for t in range(time):
        state = step(inputs[:, t], state)
        states[:, t] = state
    return states, state


def unroll_time_first(step, inputs, state):
    states = [state]
    for x in inputs.transpose(0, 1):
        states.append(step(x, states[-1]))
    return torch.stack(states[1:]).transpose(0, 1), states[-1]


def unroll_recursively(step, inputs, state):
    if inputs.shape[1] == 0:
        return inputs.new_empty(len(inputs), 0, state.shape[-1]), state
    state = step(inputs[:, 0], state)
    rest, last = unroll_recursively(step, inputs[:, 1:], state)
    return torch.cat([state[:, None], rest], dim=1), last


UNROLL = Exercise(
    solves="unrolled.rnn.unroll",
    groups={"one time step": 1, "many time steps": 2},
    inputs=unroll_inputs,
    probe=probe_unroll,
    accepts=(unroll_by_index, unroll_time_first, unroll_recursively),
    forbids=("torch.nn.RNN", "torch.nn.RNNBase"),
    misconceptions=(
        Misconception(
            id="state-not-carried-on",
            name="every step starts from the first state",
            hint="Which state should the second step be given: the one you began with, or the one the first step made?",
            edits={"state = step(x, state)\n        states.append(state)": "states.append(step(x, state))"},
        ),
        Misconception(
            id="time-reversed",
            name="time runs backwards",
            hint="Which input does your first call of step see: inputs[:, 0] or inputs[:, -1]?",
            edits={"inputs.unbind(dim=1)": "inputs.unbind(dim=1)[::-1]"},
        ),
        Misconception(
            id="loop-over-batch",
            name="the loop runs over the batch instead of over time",
            hint="inputs is (batch, time, feature), and iterating over a tensor takes its first axis. Which one is time?",
            edits={"inputs.unbind(dim=1)": "inputs.unbind(dim=0)"},
        ),
        Misconception(
            id="counts-the-batch",
            name="the loop takes as many steps as the batch has sequences",
            hint="inputs.shape[0] is 2 for a batch of two. Which entry of inputs.shape says how long the sequences are?",
            edits={
                "for x in inputs.unbind(dim=1):": "for t in range(inputs.shape[0]):",
                "step(x, state)": "step(inputs[:, t], state)",
            },
        ),
        Misconception(
            id="time-first",
            name="the states are stacked with time as the first axis",
            hint="The promise is (batch, time, hidden). Along which axis does torch.stack put a new one by default?",
            edits={"torch.stack(states, dim=1)": "torch.stack(states)"},
        ),
        Misconception(
            id="stored-before-the-step",
            name="each state is stored before the step instead of after it",
            hint="Does your first stored state already know of the first input?",
            edits={
                "state = step(x, state)\n        states.append(state)": (
                    "states.append(state)\n        state = step(x, state)"
                )
            },
        ),
        Misconception(
            id="detached",
            name="the state is detached between the steps",
            hint="The values come out right, but how shall the loss at the end reach the first step, if each step "
            "cuts its state off from the one before?",
            edits={"state = step(x, state)": "state = step(x, state.detach())"},
        ),
        Misconception(
            id="first-state-returned",
            name="the state after the first step is returned as the last one",
            hint="The second value should let one go on where the sequence ended. After which step is that?",
            edits={"dim=1), state": "dim=1), states[0]"},
        ),
        Misconception(
            id="last-step-missing",
            name="the last time step is never taken",
            hint="How often is step called for a sequence of length 5? Look at where the loop ends.",
            edits={"inputs.unbind(dim=1)": "inputs[:, : max(1, inputs.shape[1] - 1)].unbind(dim=1)"},
        ),
    ),
)

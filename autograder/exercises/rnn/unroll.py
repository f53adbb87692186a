"""`unroll`: The states after every time step, and the last one once more."""

import torch

from autograder.common_mistakes import float32_table
from autograder.draw import doubled, normal
from autograder.exercise import Exercise, Misconception


def unroll_inputs(rng):
    """Batch 2 or 1, time 1, 5 or 11, feature 3, hidden 7, and the weights of a simple step; once in float64."""

    def case(time, batch=2):
        return {
            "inputs": normal(rng, batch, time, 3),
            "state": normal(rng, batch, 7),
            "w": normal(rng, 3, 7, scale=0.5),
            "u": normal(rng, 7, 7, scale=0.3),
        }

    return {"one time step": [case(1), case(1, batch=1)], "many time steps": [case(5), case(11), case(5, batch=1), doubled(case(3))]}


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
        float32_table("torch.stack(states, dim=1)"),
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
        Misconception(
            id="joined-along-hidden",
            name="the states are joined along the hidden axis",
            hint="cat joins along an axis that is there already. Which function lays tensors side by side along a "
            "*new* axis?",
            edits={"torch.stack(states, dim=1)": "torch.cat(states, dim=1)"},
        ),
        Misconception(
            id="time-last",
            name="the states are stacked with time as the last axis",
            hint="The promise is (batch, time, hidden). Where does time stand in yours?",
            edits={"torch.stack(states, dim=1)": "torch.stack(states, dim=2)"},
        ),
        Misconception(
            id="first-input-missing",
            name="the first input is never read",
            hint="Steps count from 0. Where does your loop begin?",
            edits={"inputs.unbind(dim=1)": "inputs[:, 1:].unbind(dim=1)"},
        ),
        Misconception(
            id="last-input-missing",
            name="the last input is never read, and a sequence of one step has no states at all",
            hint="How often is step called for a sequence of length 5? Look at where the loop ends.",
            edits={"inputs.unbind(dim=1)": "inputs[:, :-1].unbind(dim=1)"},
        ),
        Misconception(
            id="first-state-among-them",
            name="the state that one begins with is among the states",
            hint="Five inputs make five states. How many are in your list?",
            edits={"states = []": "states = [state]"},
        ),
        Misconception(
            id="arguments-swapped",
            name="step is called with the state first",
            hint="It is step(x, state). What is in the place of x in yours?",
            edits={"step(x, state)": "step(state, x)"},
        ),
        Misconception(
            id="results-swapped",
            name="the last state comes first and the states second",
            hint="In which order does the signature promise the two?",
            edits={"torch.stack(states, dim=1), state": "state, torch.stack(states, dim=1)"},
        ),
        Misconception(
            id="states-only",
            name="only the states are returned",
            hint="The caller writes `states, last = unroll(…)`. What is the second value?",
            edits={"torch.stack(states, dim=1), state": "torch.stack(states, dim=1)"},
        ),
        Misconception(
            id="last-sequence",
            name="the states of the last sequence are returned in the place of the last state",
            hint="The stacked states are (batch, time, hidden). Along which axis does [-1] take the last?",
            edits={"torch.stack(states, dim=1), state": "torch.stack(states, dim=1), torch.stack(states, dim=1)[-1]"},
        ),
        Misconception(
            id="beginning-returned",
            name="the state that one began with is returned as the last one",
            hint="The second value should let one go on where the sequence ended. Which name in your code holds the "
            "newest state?",
            edits={
                "states = []": "states, first = [], state",
                "dim=1), state": "dim=1), first",
            },
        ),
        Misconception(
            id="last-state-with-a-time-axis",
            name="the last state keeps an axis for time",
            hint="The state goes into step again, and step wants (batch, hidden). Does a slice such as [:, -1:] keep "
            "its axis?",
            edits={"torch.stack(states, dim=1), state": "torch.stack(states, dim=1), state[:, None]"},
        ),
        Misconception(
            id="not-stacked",
            name="the states are returned as a list",
            hint="The promise is one tensor, (batch, time, hidden). What makes one out of many?",
            edits={"torch.stack(states, dim=1)": "states"},
        ),
        Misconception(
            id="begins-with-zeros",
            name="the loop begins with zeros, whatever state was given",
            hint="A text may be read in two halves. Where does your code use the state that was handed in?",
            edits={"states = []": "states, state = [], torch.zeros_like(state)"},
        ),
        Misconception(
            id="returns-in-the-loop",
            name="the function returns after the first step",
            hint="How far is your `return` indented?",
            edits={"\n    return": "\n        return"},
        ),
        Misconception(
            id="stored-in-front",
            name="every state is put in front of those before it",
            hint="The first state should stand first. Does insert(0, …) do that?",
            edits={"states.append(state)": "states.insert(0, state)"},
        ),
        Misconception(
            id="time-first-and-reshaped",
            name="the states are stacked time first, and reshaped to look like batch first",
            hint="view and reshape keep the order in memory and only cut it elsewhere. What exchanges two axes?",
            edits={"torch.stack(states, dim=1)": "torch.stack(states).reshape(len(inputs), -1, state.shape[1])"},
        ),
        Misconception(
            id="slice-keeps-time",
            name="each input keeps its time axis",
            hint="step wants x as (batch, feature). Which shape has inputs[:, t : t + 1], and which has inputs[:, t]?",
            edits={"inputs.unbind(dim=1)": "inputs.split(1, dim=1)"},
        ),
        Misconception(
            id="over-the-features",
            name="the loop runs over the features instead of over time",
            hint="inputs is (batch, time, feature). Which of the three does your index pick from?",
            edits={"inputs.unbind(dim=1)": "inputs.unbind(dim=2)"},
        ),
        Misconception(
            id="states-piled-up",
            name="the new state is added to the old one",
            hint="step gives the next state as it should be. What should become of the old one?",
            edits={"state = step(x, state)": "state = state + step(x, state)"},
        ),
        Misconception(
            id="first-input-again",
            name="every step reads the first input",
            hint="Which input should the second step see? Does your index move?",
            edits={"step(x, state)": "step(inputs[:, 0], state)"},
        ),
        Misconception(
            id="two-steps-at-a-time",
            name="step is called twice for every input",
            hint="What is stored and what is handed on should be the same state. How often does `step(` stand in your "
            "loop?",
            edits={
                "state = step(x, state)\n        states.append(state)": (
                    "states.append(step(x, state))\n        state = step(x, states[-1])"
                ),
            },
        ),
        Misconception(
            id="last-state-detached",
            name="the last state is detached",
            hint="The values come out right, but a loss at the end is taken of just this state. How shall it teach "
            "anything?",
            edits={"dim=1), state": "dim=1), state.detach()"},
        ),
        Misconception(
            id="squeezed",
            name="axes of length 1 disappear from the states",
            hint="A batch of one is still a batch, and one step is still a sequence. Which function of yours takes "
            "away every axis of length 1?",
            edits={"torch.stack(states, dim=1)": "torch.stack(states, dim=1).squeeze()"},
        ),
        Misconception(
            id="first-state-again-last-returned",
            name="every step starts from the first state, and the last of these new states is returned",
            hint="Which state should the second step be given: the one you began with, or the one the first step made?",
            edits={
                "state = step(x, state)\n        states.append(state)": "states.append(step(x, state))",
                "dim=1), state": "dim=1), states[-1]",
            },
        ),
        Misconception(
            id="step-gives-a-pair",
            name="the step's result is taken apart, as if it were an output and a state",
            hint=(
                "Some libraries' cells return both. What does `step(x, state)` return here, and what "
                "happens if a tensor is unpacked?"
            ),
            edits={
                "state = step(x, state)\n        states.append(state)": "output, state = step(x, state)\n        states.append(output)",
            },
        ),
        Misconception(
            id="as-wide-as-the-inputs",
            name="the table of the states is as wide as the inputs",
            hint=(
                "An input has `feature` numbers, a state has `hidden`. From which of the arguments can you "
                "take the width?"
            ),
            edits={
                "states = []\n    for x in inputs.unbind(dim=1):": "states = torch.zeros_like(inputs)\n    for t, x in enumerate(inputs.unbind(dim=1)):",
                "states.append(state)": "states[:, t] = state",
                "torch.stack(states, dim=1)": "states",
            },
        ),
    ),
)

"""`masked_unroll`: Every h, zero after the end of its sequence, and each sequence's state as it was at its end."""

import torch

from autograder.common_mistakes import float32_table
from autograder.draw import doubled, normal
from autograder.exercise import Exercise, Misconception


def masked_unroll_inputs(rng):
    """Batch 3 or 1, time 1 to 11, feature 2, hidden 7; what stands in the padding is large and shows where it leaks.

    Once all is float64.
    """

    def case(lengths, time, pair=False):
        inputs = normal(rng, len(lengths), time, 2)
        lengths = torch.tensor(lengths)
        padding = torch.arange(time) >= lengths[:, None]
        inputs[padding] = normal(rng, int(padding.sum()), 2, scale=3.0)
        case = {"inputs": inputs, "lengths": lengths, "h": normal(rng, len(lengths), 7).tanh()}
        if pair:
            case["c"] = normal(rng, len(lengths), 7)
        return {**case, "w": normal(rng, 2, 7, scale=0.5), "u": normal(rng, 7, 7, scale=0.3)}

    def some(time):
        """Lengths that leave padding everywhere, even behind the longest sequence."""
        return rng.permutation([1, time // 2, time - 1]).tolist()

    return {
        "no padding": [case([5, 5, 5], 5), case([1, 1, 1], 1)],
        "padding": [case(some(5), 5), case([*some(11)[:2], 11], 11), case([3], 5), doubled(case(some(5), 5))],
        "padding, state (h, c)": [
            case(some(5), 5, pair=True),
            case(some(11), 11, pair=True),
            case([2], 3, pair=True),
        ],
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

        return answer(step, inputs, lengths, h if c is None else (h, c))

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


def masked_unroll_of_pairs(step, inputs, lengths, state):
    outputs = []
    for t in range(inputs.shape[1]):
        h, c = state
        real, (new_h, new_c) = (t < lengths)[:, None], step(inputs[:, t], (h, c))
        state = (torch.where(real, new_h, h), torch.where(real, new_c, c))
        outputs.append(state[0] * real)
    return torch.stack(outputs, dim=1), state


def masked_unroll_with_generators(step, inputs, lengths, state):
    outputs = []
    for t in range(inputs.shape[1]):
        real, new = (t < lengths)[:, None], step(inputs[:, t], state)
        if isinstance(new, tuple):
            state = (torch.where(real, n, old) for n, old in zip(new, state, strict=True))
            outputs.append(new[0] * real)
        else:
            state = torch.where(real, new, state)
            outputs.append(state * real)
    return torch.stack(outputs, dim=1), state


def masked_unroll_picked_too_late(step, inputs, lengths, state):
    is_pair, states = isinstance(state, tuple), []
    for t in range(inputs.size(1)):
        state = step(inputs[:, t], state)
        states.append(state if is_pair else (state,))
    h_and_c = [torch.stack(parts, dim=1) for parts in zip(*states, strict=True)]
    rows, at = torch.arange(len(inputs)), lengths.clamp(max=inputs.size(1) - 1)
    last = tuple(part[rows, at] for part in h_and_c)
    mask = torch.arange(inputs.size(1))[None, :, None] < lengths[:, None, None]
    return h_and_c[0].masked_fill(~mask, 0), last if is_pair else last[0]


def masked_unroll_with_the_last_cell(step, inputs, lengths, state):
    outputs = []
    for x in inputs.unbind(dim=1):
        state = step(x, state)
        outputs.append(state[0] if isinstance(state, tuple) else state)
    outputs = torch.stack(outputs, dim=1)
    last = outputs[torch.arange(len(lengths)), lengths - 1]
    real = torch.arange(inputs.shape[1]) < lengths[:, None]
    return outputs * real[..., None], (last, *state[1:]) if isinstance(state, tuple) else last


MASKED_UNROLL = Exercise(
    solves="unrolled.masking.masked_unroll",
    groups={"no padding": 1, "padding": 2, "padding, state (h, c)": 1},
    inputs=masked_unroll_inputs,
    probe=probe_masked_unroll,
    accepts=(masked_unroll_one_by_one, masked_unroll_picked_at_the_end, masked_unroll_by_arithmetic),
    forbids=("torch.nn.utils.rnn", "torch.nn.RNN", "torch.nn.LSTM", "torch.nn.GRU"),
    misconceptions=(
        float32_table("torch.stack(outputs, dim=1)"),
        Misconception(
            id="state-moves-on",
            name="the state moves on past the end of a sequence",
            hint="The outputs after the end are zero: good. But the last state has gone on reading padding. Which state "
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
            name="after the end, the outputs repeat the last state instead of being zero",
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
            name="one step after the end of each sequence is read",
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
        Misconception(
            id="only-pairs",
            name="a state that is one tensor is not foreseen",
            hint="`h, c = state` takes a tensor apart along its batch. How can you tell a pair from a tensor, before "
            "you unpack it?",
            answer=masked_unroll_of_pairs,
        ),
        Misconception(
            id="outputs-hold-both",
            name="the outputs hold h and c side by side",
            hint="What an LSTM shows to the outside is h. Which part of the pair do you collect?",
            edits={"state[0] * real": "torch.cat(state, dim=1) * real"},
        ),
        Misconception(
            id="generator-as-state",
            name="the state (h, c) becomes a generator",
            hint="Round brackets around `… for …` make no tuple. Which word in front of them does?",
            answer=masked_unroll_with_generators,
        ),
        Misconception(
            id="mask-without-an-axis",
            name="the mask has no axis for the units",
            hint="Shapes are lined up from the right: (batch,) against (batch, hidden). How does the mask become "
            "(batch, 1)?",
            edits={"(t < lengths)[:, None]": "(t < lengths)"},
        ),
        Misconception(
            id="cut-at-the-shortest",
            name="the outputs are cut where the shortest sequence ends",
            hint="The result is (batch, time, hidden), as long as inputs. For how many steps must the loop run?",
            edits={"inputs.unbind(dim=1)": "inputs[:, : lengths.min()].unbind(dim=1)"},
        ),
        Misconception(
            id="cut-at-the-longest",
            name="the outputs are cut where the longest sequence ends",
            hint="The result is (batch, time, hidden), as long as inputs, even if all rows end in padding. How many "
            "columns are missing?",
            edits={"inputs.unbind(dim=1)": "inputs[:, : lengths.max()].unbind(dim=1)"},
        ),
        Misconception(
            id="inputs-zeroed",
            name="the padding of the inputs is set to zero, and the state moves on all the same",
            hint="A step that reads zeros still changes the state. Which state should be kept when the sequence has "
            "ended?",
            edits={
                "step(x, state)": "step(x * (t < lengths)[:, None], state)",
                "tuple(torch.where(real, n, old) for n, old in zip(new, state, strict=True))": "new",
                "torch.where(real, new, state)": "new",
            },
        ),
        Misconception(
            id="first-length-for-all",
            name="every sequence is cut at the first one's length",
            hint="lengths[0] is one number for the whole batch. How does each row get its own?",
            edits={"(t < lengths)": "(t < torch.full_like(lengths, int(lengths[0])))"},
        ),
        Misconception(
            id="picked-one-step-too-late",
            name="the last state is picked one step after the end",
            hint="Steps count from 0. Which number has the last step of a sequence of length 4?",
            answer=masked_unroll_picked_too_late,
        ),
        Misconception(
            id="h-only",
            name="of a state (h, c) only h is returned",
            hint="Whoever goes on from there needs both. What kind of state should come back when (h, c) was given?",
            edits={"dim=1), state": "dim=1), state[0] if isinstance(state, tuple) else state"},
        ),
        Misconception(
            id="squeezed",
            name="axes of length 1 disappear from the outputs",
            hint="A batch of one is still a batch. Which function of yours takes away every axis of length 1?",
            edits={"torch.stack(outputs, dim=1)": "torch.stack(outputs, dim=1).squeeze()"},
        ),
        Misconception(
            id="outputs-only",
            name="only the outputs are returned",
            hint="The caller writes `outputs, last = masked_unroll(…)`. What is the second value?",
            edits={"dim=1), state": "dim=1)"},
        ),
        Misconception(
            id="detached",
            name="the state is detached between the steps",
            hint="The values come out right, but how shall the loss at the end reach the first step, if each step "
            "cuts its state off from the one before?",
            edits={
                "outputs = []\n    for t, x in enumerate(inputs.unbind(dim=1)):": (
                    "outputs = []\n    for t, x in enumerate(inputs.unbind(dim=1)):\n        state = tuple(s.detach() for s in state) if isinstance(state, tuple) else state.detach()"
                ),
            },
        ),
        Misconception(
            id="branches-swapped",
            name="torch.where has its two branches the wrong way round",
            hint="torch.where(condition, a, b) takes a where the condition is True. Which state should be taken at a "
            "real step?",
            edits={
                "torch.where(real, n, old)": "torch.where(real, old, n)",
                "torch.where(real, new, state)": "torch.where(real, state, new)",
            },
        ),
        Misconception(
            id="cell-of-the-last-column",
            name="h is picked at the end of each sequence, but c is that of the last column",
            hint="An LSTM's state is a pair, and the outputs show only one of its parts. At which step should c be "
            "picked?",
            answer=masked_unroll_with_the_last_cell,
        ),
    ),
)

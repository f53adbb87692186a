"""The exercises of chapter 01: one recurrent step, the loop around it, its loss, its gradients."""

import torch
import torch.nn.functional as F

from autograder import probes
from autograder.draw import integers, normal
from autograder.exercise import Exercise, Misconception


# --- rnn_step ---------------------------------------------------------------------------------------------------------
def rnn_step_inputs(rng):
    """Batch 3, feature 5, hidden 7; with no memory, h and w_hh are zero, and nothing of the recurrent part shows."""

    def case(memory):
        return {
            "x": normal(rng, 3, 5),
            "h": memory * normal(rng, 3, 7).tanh(),
            "w_ih": normal(rng, 7, 5, scale=0.4),
            "b_ih": normal(rng, 7, scale=0.4),
            "w_hh": memory * normal(rng, 7, 7, scale=0.4),
            "b_hh": normal(rng, 7, scale=0.4),
        }

    return {"without memory": [case(0.0)], "with memory": [case(1.0), case(1.0)]}


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
    ),
)


# --- unroll -----------------------------------------------------------------------------------------------------------
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


# --- sequence_cross_entropy -------------------------------------------------------------------------------------------
def sequence_cross_entropy_inputs(rng):
    """Batch 3, time 7, vocabulary 5; lengths that differ, one of them whole."""

    def case(lengths):
        return {
            "logits": normal(rng, 3, 7, 5),
            "targets": integers(rng, 0, 5, 3, 7),
            "lengths": torch.tensor(lengths),
        }

    return {"no padding": [case([7, 7, 7])], "padding": [case([7, 2, 4]), case([1, 7, 3])]}


def sequence_cross_entropy_ignore_index(logits, targets, lengths):
    targets = targets.clone()
    for row, length in zip(targets, lengths, strict=True):
        row[length:] = -100
    return F.cross_entropy(logits.transpose(1, 2), targets)


def sequence_cross_entropy_loop(logits, targets, lengths):
    total = 0.0
    for i, length in enumerate(lengths.tolist()):
        for t in range(length):
            total = total - logits[i, t].log_softmax(0)[targets[i, t]]
    return total / lengths.sum()


def sequence_cross_entropy_gather(logits, targets, lengths):
    log_probabilities = logits - logits.logsumexp(-1, keepdim=True)
    picked = log_probabilities.gather(2, targets[..., None])[..., 0]
    mask = (torch.arange(targets.shape[1])[None] < lengths[:, None]).float()
    return -(picked * mask).sum() / mask.sum()


SEQUENCE_CROSS_ENTROPY = Exercise(
    solves="unrolled.rnn.sequence_cross_entropy",
    groups={"no padding": 1, "padding": 2},
    inputs=sequence_cross_entropy_inputs,
    probe=probes.differentiate,
    accepts=(sequence_cross_entropy_ignore_index, sequence_cross_entropy_loop, sequence_cross_entropy_gather),
    misconceptions=(
        Misconception(
            id="padding-averaged-in",
            name="the padding is averaged in with the real tokens",
            hint="What should a made-up token behind the end of a sequence count? Where does your code use lengths?",
            edits={"losses[real].mean()": "losses.mean()"},
        ),
        Misconception(
            id="mean-of-means",
            name="each sequence is averaged first, and then the averages",
            hint="A token of a short sequence then weighs more than one of a long sequence. By what should the sum "
            "over all real tokens be divided?",
            edits={"losses[real].mean()": "((losses * real).sum(dim=1) / lengths).mean()"},
        ),
        Misconception(
            id="divided-by-all-positions",
            name="the padding adds nothing to the sum, but is counted in the division",
            hint="The losses of the padding are zero: good. How many tokens is the sum divided by?",
            edits={"losses[real].mean()": "(losses * real).mean()"},
        ),
        Misconception(
            id="sum",
            name="the losses are added up instead of averaged",
            hint="Would a batch twice as large have twice the loss? By what should the sum be divided?",
            edits={"losses[real].mean()": "losses[real].sum()"},
        ),
        Misconception(
            id="one-token-too-many",
            name="one token behind the end of each sequence is counted",
            hint="Positions count from 0. Is position `length` still inside a sequence of that length?",
            edits={"< lengths": "<= lengths"},
        ),
        Misconception(
            id="last-token-lost",
            name="the last real token of each sequence is left out",
            hint="Positions count from 0. What is the position of the last token of a sequence of length 4?",
            edits={"< lengths[:, None]": "< lengths[:, None] - 1"},
        ),
        Misconception(
            id="softmax-twice",
            name="a softmax is applied before a function that applies its own",
            hint="F.cross_entropy wants logits. What does it do with them first?",
            edits={"F.cross_entropy(logits.": "F.cross_entropy(logits.softmax(-1)."},
        ),
        Misconception(
            id="arguments-swapped",
            name="the targets stand where the logits should be",
            hint="F.cross_entropy(input, target): which of the two holds scores, and which holds token ids?",
            edits={
                "F.cross_entropy(logits.flatten(0, 1), targets.flatten()": (
                    "F.cross_entropy(targets.flatten(), logits.flatten(0, 1)"
                )
            },
        ),
        Misconception(
            id="bits",
            name="the logarithm has base 2",
            hint="A loss in bits is right elsewhere (one often sees bits per character). Here it is in nats, as "
            "F.cross_entropy gives it. Which logarithm is that?",
            edits={"losses[real].mean()": "losses[real].mean() / torch.log(torch.tensor(2.0))"},
        ),
        Misconception(
            id="sign",
            name="the sign is the wrong way round",
            hint="The logarithm of a probability is negative. Should a loss be small or large when the model is right?",
            edits={"losses[real].mean()": "-losses[real].mean()"},
        ),
        Misconception(
            id="padding-in-front",
            name="the padding is taken to stand in front",
            hint="Some libraries pad in front. Here the real tokens come first: which positions are smaller than length?",
            edits={"< lengths[:, None]": ">= targets.shape[1] - lengths[:, None]"},
        ),
    ),
)


# --- jacobian_norms ---------------------------------------------------------------------------------------------------
def jacobian_norms_inputs(rng):
    """Hidden 5; states well inside (−1, 1), weights that neither die out nor blow up within the sequence."""

    def case(time):
        return {"w_hh": normal(rng, 5, 5, scale=0.6), "states": normal(rng, time, 5, scale=0.7).tanh()}

    return {"two steps": [case(2)], "many steps": [case(7), case(11)]}


def jacobian_norms_forwards(w_hh, states):
    steps = [torch.diag(1 - h**2) @ w_hh for h in states]
    norms = []
    for t in range(len(states)):
        product = torch.eye(len(w_hh))
        for step in steps[t + 1 :]:
            product = step @ product
        norms.append(torch.linalg.svdvals(product)[0])
    return torch.stack(norms)


def jacobian_norms_autograd(w_hh, states):
    """The true Jacobians of the recurrence, with the inputs that lead to just these states."""
    with torch.enable_grad():
        offsets = [torch.atanh(states[t]) - w_hh @ states[t - 1] for t in range(1, len(states))]
        norms = []
        for t in range(len(states)):

            def rest(h, t=t):
                for offset in offsets[t:]:
                    h = torch.tanh(w_hh @ h + offset)
                return h

            norms.append(torch.linalg.norm(torch.autograd.functional.jacobian(rest, states[t]), 2))
    return torch.stack(norms)


def jacobian_norms_einsum(w_hh, states):
    product, norms = torch.eye(w_hh.shape[0]), [torch.ones(())]
    for t in range(len(states) - 1, 0, -1):
        product = torch.einsum("ij,j,jk->ik", product, 1 - states[t].square(), w_hh)
        norms.insert(0, torch.linalg.eigvalsh(product.T @ product)[-1].sqrt())
    return torch.stack(norms)


JACOBIAN_NORMS = Exercise(
    solves="unrolled.rnn.jacobian_norms",
    groups={"two steps": 1, "many steps": 2},
    inputs=jacobian_norms_inputs,
    accepts=(jacobian_norms_forwards, jacobian_norms_autograd, jacobian_norms_einsum),
    misconceptions=(
        Misconception(
            id="product-of-norms",
            name="the norms of the steps are multiplied, instead of taking the norm of the product",
            hint="‖A·B‖ can be much smaller than ‖A‖·‖B‖: it is only a bound. What must be multiplied first?",
            edits={
                "jacobians[-1] @ ((1 - h**2)[:, None] * w_hh)": (
                    "jacobians[-1] * torch.linalg.matrix_norm((1 - h**2)[:, None] * w_hh, ord=2)"
                )
            },
        ),
        Misconception(
            id="no-derivative-of-tanh",
            name="the derivative of tanh is left out",
            hint="This is W_hh to a power. What does the tanh do to a small change of its argument?",
            edits={"((1 - h**2)[:, None] * w_hh)": "w_hh"},
        ),
        Misconception(
            id="derivative-not-squared",
            name="1 − h stands where 1 − h² should be",
            hint="What is the derivative of tanh, written with its own value?",
            edits={"h**2": "h"},
        ),
        Misconception(
            id="tanh-twice",
            name="tanh is applied to states that have already been through it",
            hint="The states are values of tanh already. What is the derivative, written with that value?",
            edits={"h**2": "torch.tanh(h)**2"},
        ),
        Misconception(
            id="columns-scaled",
            name="the columns of W_hh are scaled instead of its rows",
            hint="diag(d)·W multiplies each row of W by its own factor. Along which axis does yours go?",
            edits={"[:, None]": "[None, :]"},
        ),
        Misconception(
            id="transposed-w",
            name="W_hh is transposed",
            hint="Row i of w_hh makes new unit i from all the old ones. Is the derivative of W·h the matrix W or Wᵀ?",
            edits={"[:, None] * w_hh)": "[:, None] * w_hh.T)"},
        ),
        Misconception(
            id="wrong-side",
            name="the matrices are multiplied in the wrong order",
            hint="The chain rule goes from the last state back. On which side of the product does the earlier step come?",
            edits={"jacobians[-1] @ ((1 - h**2)[:, None] * w_hh)": "((1 - h**2)[:, None] * w_hh) @ jacobians[-1]"},
        ),
        Misconception(
            id="frobenius",
            name="the Frobenius norm is taken",
            hint="For the identity the answer should be 1 (a change stays as it is), not √hidden. Which norm says how "
            "much a matrix can stretch a vector at most?",
            edits={", ord=2": ", ord='fro'"},
        ),
        Misconception(
            id="state-of-the-wrong-step",
            name="the derivative is taken at h_t instead of h_{t+1}",
            hint="h_{t+1} = tanh(… + W·h_t). Written with its own value, at which state is the derivative of tanh?",
            edits={"states[1:]": "states[:-1]"},
        ),
        Misconception(
            id="reversed",
            name="the norms come in reverse order",
            hint="The last entry is ‖∂h_T/∂h_T‖, and that is 1. Where is it in yours?",
            edits={"jacobians[::-1]": "jacobians"},
        ),
    ),
)


# --- clip_gradients ---------------------------------------------------------------------------------------------------
def clip_gradients_inputs(rng):
    """Three tensors of unequal size; one of them large and one small, so that one factor differs from three."""

    def case(scales, max_norm):
        shapes = ((2, 3), (5,), (7, 1, 2))
        gradients = [normal(rng, *shape, scale=scale) for shape, scale in zip(shapes, scales, strict=True)]
        return {"gradients": gradients, "max_norm": max_norm}

    return {
        "large gradients": [case((4.0, 0.1, 1.0), 1.5), case((1.0, 2.0, 3.0), 0.5)],
        "small gradients": [case((0.1, 0.02, 0.05), 7.0), case((0.0, 0.0, 0.0), 1.0)],
    }


def clip_gradients_with_torch(gradients, max_norm):
    parameters = [torch.nn.Parameter(torch.zeros_like(gradient)) for gradient in gradients]
    for parameter, gradient in zip(parameters, gradients, strict=True):
        parameter.grad = gradient.clone()
    torch.nn.utils.clip_grad_norm_(parameters, max_norm)
    return [parameter.grad for parameter in parameters]


def clip_gradients_flat(gradients, max_norm):
    norm = torch.cat([gradient.flatten() for gradient in gradients]).norm().item()
    if norm <= max_norm:
        return list(gradients)
    return tuple(gradient / norm * max_norm for gradient in gradients)


CLIP_GRADIENTS = Exercise(
    solves="unrolled.rnn.clip_gradients",
    groups={"large gradients": 2, "small gradients": 1},
    inputs=clip_gradients_inputs,
    accepts=(clip_gradients_with_torch, clip_gradients_flat),
    misconceptions=(
        Misconception(
            id="per-tensor",
            name="each tensor is clipped on its own",
            hint="Then the tensors shrink by different factors, and the step points elsewhere. Of what is the norm taken?",
            edits={
                "[gradient * scale for gradient in gradients]": (
                    "[gradient * (max_norm / gradient.norm().clamp(min=max_norm)) for gradient in gradients]"
                )
            },
        ),
        Misconception(
            id="small-scaled-up",
            name="gradients that are small enough are scaled up to max_norm",
            hint="Clipping only ever shortens. What should the factor be when the norm is below max_norm?",
            edits={"norm.clamp(min=max_norm)": "norm"},
        ),
        Misconception(
            id="by-value",
            name="every value is cut to ±max_norm, instead of scaling by the norm",
            hint="Cutting single values changes the direction. Which single number decides by how much all are scaled?",
            edits={"gradient * scale": "gradient.clamp(-max_norm, max_norm)"},
        ),
        Misconception(
            id="no-root",
            name="the norm is not under a square root",
            hint="For a single gradient of 3 the norm should be 3. What is yours?",
            edits={
                "torch.sqrt(sum((gradient**2).sum() for gradient in gradients))": (
                    "sum((gradient**2).sum() for gradient in gradients)"
                )
            },
        ),
        Misconception(
            id="sum-of-norms",
            name="the norms of the tensors are added up",
            hint="Tensors of norm 3 and 4, laid end to end, have norm 5. What does yours give?",
            edits={
                "torch.sqrt(sum((gradient**2).sum() for gradient in gradients))": (
                    "sum(gradient.norm() for gradient in gradients)"
                )
            },
        ),
        Misconception(
            id="sum-of-absolute-values",
            name="absolute values are added up, instead of squares under a root",
            hint="Which norm is the length of a vector?",
            edits={
                "torch.sqrt(sum((gradient**2).sum() for gradient in gradients))": (
                    "sum(gradient.abs().sum() for gradient in gradients)"
                )
            },
        ),
        Misconception(
            id="normalised-to-one",
            name="the gradients are scaled to norm 1, whatever max_norm is",
            hint="After clipping, which norm should a long gradient have?",
            edits={"max_norm / norm": "1.0 / norm"},
        ),
        Misconception(
            id="not-clipped",
            name="nothing is clipped",
            hint="Where is the factor multiplied in?",
            edits={"gradient * scale": "gradient * 1"},
        ),
        Misconception(
            id="in-place",
            name="the gradients are scaled in place",
            hint="torch's clip_grad_norm_ does so, and its name ends in an underscore to say it. Ours promises new "
            "tensors: does your line write into the old ones?",
            edits={"gradient * scale": "gradient.mul_(scale)"},
        ),
    ),
)

EXERCISES = (RNN_STEP, UNROLL, SEQUENCE_CROSS_ENTROPY, JACOBIAN_NORMS, CLIP_GRADIENTS)

"""`accumulated_gradients`: The gradient of the mean loss over all micro-batches together."""

import torch

from autograder.draw import normal, weights
from autograder.exercise import Exercise, Misconception


def accumulated_gradients_inputs(rng):
    """Micro-batches of 2 to 13 rows, some of which do not count; two or more, one, and one in which nothing counts.

    Some of the models come with old gradients.
    """

    def micro_batch(rows, counting):
        counts = torch.zeros(rows, dtype=torch.bool)
        counts[torch.from_numpy(rng.permutation(rows)[:counting])] = True
        return {"x": normal(rng, rows, 3), "target": normal(rng, rows, 2), "counts": counts}

    def case(*sizes, old=False):
        drawn = weights(rng, torch.nn.Linear, 3, 5) | {
            f"head.{name}": value for name, value in weights(rng, torch.nn.Linear, 5, 2).items()
        }
        return {
            "weights": drawn,
            "old_gradients": {name: normal(rng, *value.shape) for name, value in drawn.items()} if old else {},
            "micro_batches": [micro_batch(*size) for size in sizes],
        }

    few, many = int(rng.integers(2, 4)), int(rng.integers(9, 13))
    return {
        "one micro-batch": [case((7, 5)), case((1, 1))],
        "several micro-batches": [
            case((4, few), (13, many)),
            case((5, 5), (3, 1), (11, many - 2)),
            case((3, 2), (2, 0), (7, 6)),
        ],
        "old gradients": [case((7, 5), old=True), case((4, few), (13, many), old=True)],
    }


def probe_accumulated_gradients(answer, inputs):
    """Build a model of two layers, and watch how often the loss is asked for, and how many graphs wait at once."""
    import copy

    import torch
    from torch import nn

    class Model(nn.Module):
        def __init__(self):
            super().__init__()
            self.weight, self.bias = nn.Parameter(torch.zeros(5, 3)), nn.Parameter(torch.zeros(5))
            self.head = nn.Linear(5, 2)

        def forward(self, x):
            return self.head(torch.tanh(nn.functional.linear(x, self.weight, self.bias)))

    model, waiting, most, calls = Model(), [], [0], []
    model.to(inputs["weights"]["weight"].dtype)
    model.load_state_dict(inputs["weights"])
    for name, parameter in model.named_parameters():
        if name in inputs["old_gradients"]:
            parameter.grad = inputs["old_gradients"][name].clone()

    def loss(model, batch):
        errors = ((model(batch["x"]) - batch["target"]) ** 2).sum(-1)
        total, number = errors[batch["counts"]].sum(), len(calls)
        calls.append(number)
        if total.requires_grad:
            waiting.append(number)
            total.register_hook(lambda gradient: waiting.remove(number) if number in waiting else None)
        most[0] = max(most[0], len(waiting))
        return total, int(batch["counts"].sum())

    batches = copy.deepcopy(inputs["micro_batches"])
    with torch.enable_grad():
        found = answer(model, batches, loss)
    found = (
        [value.detach().clone() if isinstance(value, torch.Tensor) else value for value in found]
        if isinstance(found, (list, tuple))
        else found
    )
    result = {"gradients": found, "calls of loss": len(calls), "graphs in memory at once": most[0]}
    now = model.state_dict()
    changed = [name for name, value in inputs["weights"].items() if not torch.equal(now[name], value)]
    return {"result": result, "modified": ["model"] if changed else [], "mode": [] if model.training else ["the model"]}


def accumulated_gradients_backward(model, micro_batches, loss):
    model.zero_grad()
    count = 0
    for batch in micro_batches:
        total, n = loss(model, batch)
        total.backward()
        count += n
    return [parameter.grad / count for parameter in model.parameters()]


def accumulated_gradients_running_mean(model, micro_batches, loss):
    mean, seen = [torch.zeros_like(p) for p in model.parameters()], 0
    for batch in micro_batches:
        total, n = loss(model, batch)
        new = torch.autograd.grad(total, [*model.parameters()])
        seen += n
        if n:
            mean = [old + (g - n * old) / seen for old, g in zip(mean, new, strict=True)]
    return mean


def accumulated_gradients_by_name(model, micro_batches, loss):
    sums, counts = {}, []
    for parameter in model.parameters():
        parameter.grad = None
    for batch in micro_batches:
        part, number = loss(model, batch)
        part.backward()
        for name, parameter in model.named_parameters():
            sums[name] = sums.get(name, 0) + parameter.grad
            parameter.grad = None
        counts.append(number)
    return tuple(sums[name].div(sum(counts)) for name, _ in model.named_parameters())


def accumulated_gradients_mean_of_means(model, micro_batches, loss):
    means = []
    for batch in micro_batches:
        part, count = loss(model, batch)
        means.append(torch.autograd.grad(part / max(count, 1), list(model.parameters())))
    return [sum(parts) / len(micro_batches) for parts in zip(*means, strict=True)]


def accumulated_gradients_no_zero(model, micro_batches, loss):
    total = 0
    for batch in micro_batches:
        part, count = loss(model, batch)
        part.backward()
        total += count
    return [parameter.grad / total for parameter in model.parameters()]


def accumulated_gradients_all_graphs(model, micro_batches, loss):
    pairs = [loss(model, batch) for batch in micro_batches]
    total = sum(count for _, count in pairs)
    return list(torch.autograd.grad(sum(part for part, _ in pairs) / total, list(model.parameters())))


def accumulated_gradients_twice(model, micro_batches, loss):
    total = sum(loss(model, batch)[1] for batch in micro_batches)
    found = [torch.autograd.grad(loss(model, batch)[0] / total, list(model.parameters())) for batch in micro_batches]
    return [sum(parts) for parts in zip(*found, strict=True)]


def accumulated_gradients_cleared(model, micro_batches, loss):
    model.zero_grad()
    total = 0
    for batch in micro_batches:
        part, count = loss(model, batch)
        part.backward()
        total += count
    gradients = [parameter.grad.div_(total) for parameter in model.parameters()]
    model.zero_grad(set_to_none=False)
    return gradients


def accumulated_gradients_step(model, micro_batches, loss):
    total = 0
    gradients = [torch.zeros_like(parameter) for parameter in model.parameters()]
    for batch in micro_batches:
        part, count = loss(model, batch)
        found = torch.autograd.grad(part, list(model.parameters()))
        gradients = [old + new for old, new in zip(gradients, found, strict=True)]
        with torch.no_grad():
            for parameter, gradient in zip(model.parameters(), found, strict=True):
                parameter -= 0.01 * gradient
        total += count
    return [gradient / total for gradient in gradients]


ADDED = "gradients = [gradient + new for gradient, new in zip(gradients, found, strict=True)]"
RETURNED = "return [gradient / total for gradient in gradients]"

ACCUMULATED_GRADIENTS = Exercise(
    solves="unrolled.accumulation.accumulated_gradients",
    groups={"one micro-batch": 1, "several micro-batches": 2, "old gradients": 1},
    inputs=accumulated_gradients_inputs,
    probe=probe_accumulated_gradients,
    promises_in="several micro-batches",
    free=frozenset(["sequence"]),
    accepts=(accumulated_gradients_backward, accumulated_gradients_running_mean, accumulated_gradients_by_name),
    misconceptions=(
        Misconception(
            id="mean-of-means",
            name="the mean of each micro-batch is taken, and then the mean of these means",
            hint="Trainers did so until 2024. A loss in a small micro-batch then weighs more than one in a large one. By what should the "
            "sum of all be divided?",
            answer=accumulated_gradients_mean_of_means,
        ),
        Misconception(
            id="sum-of-means",
            name="the means of the micro-batches are added up",
            hint="With ten equal micro-batches your gradient is ten times that of one large batch. How many divisions are needed, and when?",
            edits={"grad(part, parameters)": "grad(part / max(count, 1), parameters)", RETURNED: "return gradients"},
        ),
        Misconception(
            id="sum",
            name="the gradients are added up and not divided",
            hint="What is the second thing that `loss` gives?",
            edits={RETURNED: "return gradients"},
        ),
        Misconception(
            id="divided-by-micro-batches",
            name="the sum is divided by the number of micro-batches",
            hint="How many losses are in the sum: as many as there are micro-batches?",
            edits={RETURNED: "return [gradient / len(micro_batches) for gradient in gradients]"},
        ),
        Misconception(
            id="divided-by-the-last-count",
            name="the sum is divided by the count of the last micro-batch alone",
            hint="The sum goes over all micro-batches. What about the number below it?",
            edits={"total += count": "total = count or total"},
        ),
        Misconception(
            id="last-only",
            name="only the last micro-batch's gradients are kept",
            hint="What becomes of the gradients of the micro-batch before, when the next ones arrive? (With `backward`: how often is "
            "`zero_grad` called?)",
            edits={ADDED: "gradients = list(found)"},
        ),
        Misconception(
            id="first-only",
            name="only the first micro-batch is read",
            hint="Which line ends your loop after the first micro-batch?",
            edits={"total += count": "total += count\n        break"},
        ),
        Misconception(
            id="old-gradients-counted",
            name="gradients that were there before are counted in",
            hint="`backward` adds to what stands in `.grad`. What should stand there when your function begins?",
            answer=accumulated_gradients_no_zero,
        ),
        Misconception(
            id="cleared-in-the-end",
            name="the gradients that are returned are set to zero afterwards",
            hint="zero_grad(set_to_none=False) writes zeros into the very tensors that you return. Which of them does the caller get?",
            answer=accumulated_gradients_cleared,
        ),
        Misconception(
            id="all-graphs",
            name="all micro-batches are read before the first gradient is taken, so that all their graphs are in memory at once",
            hint="The numbers are right, but then the large batch would have fitted as well. When can the graph of a micro-batch be "
            "given up?",
            answer=accumulated_gradients_all_graphs,
        ),
        Misconception(
            id="read-twice",
            name="each micro-batch is read twice: once for its count and once for its gradients",
            hint="A pass forwards costs as much as it did the first time. Can the division wait until all counts are known?",
            answer=accumulated_gradients_twice,
        ),
        Misconception(
            id="weighted-twice",
            name="each micro-batch's sum is multiplied by its count",
            hint="A sum over many losses is large already. Does it need its count as a weight, too?",
            edits={"grad(part, parameters)": "grad(part * count, parameters)"},
        ),
        Misconception(
            id="divided-too-early",
            name="each sum is divided by the count so far instead of that of all",
            hint="Which counts are known when the first micro-batch is read? When is the last one known?",
            edits={
                "found = torch.autograd.grad(part, parameters)": (
                    "total += count\n        found = torch.autograd.grad(part / max(total, 1), parameters)"
                ),
                "        total += count\n    if": "    if",
                RETURNED: "return gradients",
            },
        ),
        Misconception(
            id="step-each-time",
            name="the model learns from each micro-batch before it reads the next one",
            hint="Then the second gradient belongs to another model. Who should change the weights, and when?",
            answer=accumulated_gradients_step,
        ),
        Misconception(
            id="reversed",
            name="the gradients come in the wrong order",
            hint="In which order does model.parameters() give the parameters?",
            edits={RETURNED: "return [gradient / total for gradient in gradients][::-1]"},
        ),
        Misconception(
            id="weights-only",
            name="the biases have no gradients",
            hint="Which parameters does model.parameters() give? Are all of them matrices?",
            edits={RETURNED: "return [gradient / total for gradient in gradients if gradient.ndim > 1]"},
        ),
        Misconception(
            id="one-vector",
            name="one long vector is returned instead of a tensor for each parameter",
            hint="Each parameter needs its own gradient, in its own shape. How many does the signature promise?",
            edits={RETURNED: "return torch.cat([(gradient / total).flatten() for gradient in gradients])"},
        ),
        Misconception(
            id="by-name",
            name="a dict by the parameters' names is returned",
            hint="The signature promises a list. In which order?",
            edits={
                RETURNED: "return {name: g / total for (name, _), g in zip(model.named_parameters(), gradients, strict=True)}"
            },
        ),
        Misconception(
            id="doubled",
            name="the gradients start with those of the first micro-batch, which is then added again",
            hint="How often does the first micro-batch come into your sum?",
            edits={
                ADDED: "gradients = [gradient + new for gradient, new in zip(gradients if total else found, found, strict=True)]"
            },
        ),
        Misconception(
            id="left-in-eval",
            name="the model is put into `eval` mode",
            hint="Dropout would do nothing then. Who said that this is no training?",
            edits={"    parameters = list(model.parameters())\n": "    parameters = list(model.eval().parameters())\n"},
        ),
    ),
)

"""`reverse_block`: What went into a reversible block, and its gradients, from what came out of it."""

import torch

from autograder.draw import normal
from autograder.exercise import Exercise, Misconception


def reverse_inputs(rng):
    """Batch 2, 5 words of 3 features, then other shapes; f and g are small networks whose weights have gradients already.

    Gradients are switched off in the first group, as inside a backward pass, and on in the second.
    """

    def case(enabled, *shape):
        d = shape[-1]
        names = ("y1", "y2", "grad_y1", "grad_y2")
        return {
            "weights": {name: normal(rng, d, d, scale=0.6) for name in ("f", "g")},
            "gradients": {name: normal(rng, d, d) for name in ("f", "g")},
            "enabled": enabled,
            "inputs": {name: normal(rng, *shape) for name in names},
        }

    return {
        "inside a backward pass": [case(False, 2, 5, 3), case(False, 1, 1, 7), case(False, 13)],
        "outside": [case(True, 2, 3, 5), case(True, 1, 7, 3)],
    }


def probe_reversal(answer, inputs):
    """Let the answer reverse a block of two small networks; report its results, their weights' gradients, and calls."""
    import torch

    from autograder.probes import side_effects, state

    calls = []

    class Network(torch.nn.Module):
        def __init__(self, name, use):
            super().__init__()
            self.name, self.use = name, use
            self.weight = torch.nn.Parameter(inputs["weights"][name].clone())
            self.weight.grad = inputs["gradients"][name].clone()

        def forward(self, x):
            calls.append(self.name)
            return self.use(x, x @ self.weight)

    f = Network("f", lambda x, product: torch.tanh(product) + x)
    g = Network("g", lambda x, product: torch.sin(product) * 2)

    given = {name: value.clone() for name, value in inputs["inputs"].items()}
    before = {name: state(value) for name, value in given.items()}
    with torch.set_grad_enabled(inputs["enabled"]):
        result = answer(f, g, **given)
    parts = result if isinstance(result, (list, tuple)) else [result]
    report = side_effects(inputs["inputs"], given, {})
    return {
        **report,
        "modified": [name for name in given if state(given[name]) != before[name]],
        "requires_grad": [name for name, value in given.items() if value.requires_grad],
        "result": result,
        "graph": {
            name: "needs a gradient" if isinstance(part, torch.Tensor) and part.requires_grad else "needs none"
            for name, part in zip(("x1", "x2", "grad_x1", "grad_x2"), parts, strict=False)
        },
        "weights": {network.name: network.weight.grad for network in (f, g)},
        "calls": sorted(calls),
    }


def reverse_with_autograd_grad(f, g, y1, y2, grad_y1, grad_y2):
    """One backward pass each, by `torch.autograd.backward`, from leaves of its own."""
    with torch.enable_grad():
        leaf = y1.clone().detach().requires_grad_(True)
        out = g(leaf)
        torch.autograd.backward(out, grad_y2)
    with torch.no_grad():
        x2 = y2 - out
        grad_x1 = grad_y1 + leaf.grad
    with torch.enable_grad():
        leaf = x2.clone().requires_grad_(True)
        out = f(leaf)
        torch.autograd.backward([out], [grad_x1])
    with torch.no_grad():
        return [y1 - out, x2, grad_x1, grad_y2 + leaf.grad]


def reverse_by_the_forward_pass(f, g, y1, y2, grad_y1, grad_y2):
    """The block once more, forward, from inputs that are recovered on the way; all by one backward pass."""
    with torch.enable_grad():
        a = y1.detach().requires_grad_()
        of_g = g(a)
        x2 = (y2 - of_g).detach().requires_grad_()
        of_f = f(x2)
        x1 = (y1 - of_f).detach()
        of_g.backward(gradient=grad_y2)
        grad_a = a.grad + grad_y1
        of_f.backward(gradient=grad_a)
    return x1, x2.detach(), grad_a.detach(), (x2.grad + grad_y2).detach()


def reverse_with_sums(f, g, y1, y2, grad_y1, grad_y2):
    """Gradients of weighted sums instead of `backward(gradient)`."""
    torch.set_grad_enabled(before := torch.is_grad_enabled())
    with torch.enable_grad():
        middle = y1.detach().clone().requires_grad_()
        went_in = g(middle)
        (went_in * grad_y2.detach()).sum().backward()
        second = y2.detach() - went_in.detach()
        second = second.requires_grad_()
        came = f(second)
        back = grad_y1.detach() + middle.grad
        (came * back).sum().backward()
    torch.set_grad_enabled(before)
    return (y1 - came).detach(), second.detach(), back, grad_y2.detach() + second.grad


def _through_the_inverse(f, g, y1, y2, grad_y1, grad_y2):
    with torch.enable_grad():
        a, b = y1.detach().requires_grad_(), y2.detach().requires_grad_()
        x2 = b - g(a)
        x1 = a - f(x2)
        torch.autograd.backward((x1, x2), (grad_y1, grad_y2))
    return x1.detach(), x2.detach(), a.grad, b.grad


def _f_first(f, g, y1, y2, grad_y1, grad_y2):
    with torch.enable_grad():
        y2 = y2.detach().requires_grad_()
        change = f(y2)
        change.backward(grad_y1)
    x1 = y1.detach() - change.detach()
    grad_x2 = grad_y2 + y2.grad
    with torch.enable_grad():
        x1.requires_grad_()
        change = g(x1)
        change.backward(grad_x2)
    return x1.detach(), y2.detach() - change.detach(), grad_y1 + x1.grad, grad_x2


def _inputs_only(f, g, y1, y2, grad_y1, grad_y2):
    with torch.enable_grad():
        y1 = y1.detach().requires_grad_()
        change = g(y1)
        grad_x1 = grad_y1 + torch.autograd.grad(change, y1, grad_y2)[0]
        x2 = (y2 - change).detach().requires_grad_()
        back = f(x2)
        grad_x2 = grad_y2 + torch.autograd.grad(back, x2, grad_x1)[0]
    return (y1 - back).detach(), x2.detach(), grad_x1, grad_x2


def _called_twice(f, g, y1, y2, grad_y1, grad_y2):
    with torch.no_grad():
        x2 = y2 - g(y1)
        x1 = y1 - f(x2)
    with torch.enable_grad():
        a, b = x1.detach().requires_grad_(), x2.detach().requires_grad_()
        z1 = a + f(b)
        z2 = b + g(z1)
        torch.autograd.backward((z1, z2), (grad_y1, grad_y2))
    return x1, x2, a.grad, b.grad


def _values_only(f, g, y1, y2, grad_y1, grad_y2):
    x2 = y2 - g(y1)
    return y1 - f(x2), x2


def _in_one_graph(f, g, y1, y2, grad_y1, grad_y2):
    with torch.enable_grad():
        y1 = y1.detach().requires_grad_()
        of_g = g(y1)
        of_g.backward(grad_y2)
        x2 = (y2 - of_g).requires_grad_()
        of_f = f(x2)
        grad_x1 = grad_y1 + y1.grad
        of_f.backward(grad_x1)
    return y1 - of_f, x2, grad_x1, grad_y2 + x2.grad


def _written_into(f, g, y1, y2, grad_y1, grad_y2):
    with torch.enable_grad():
        leaf = y1.detach().clone().requires_grad_()
        change = g(leaf)
        change.backward(grad_y2)
    y2 -= change.detach()
    grad_y1 += leaf.grad
    with torch.enable_grad():
        leaf = y2.detach().clone().requires_grad_()
        change = f(leaf)
        change.backward(grad_y1)
    y1 -= change.detach()
    grad_y2 += leaf.grad
    return y1, y2, grad_y1, grad_y2


Y1 = "y1 = y1.detach().requires_grad_()"
OF_G = "change = g(y1)"
OF_F = "change = f(x2)"
X2 = "x2 = y2 - change.detach()"
X1 = "x1 = y1.detach() - change.detach()"
GRAD_X1 = "grad_x1 = grad_y1 + y1.grad"
RETURN = "return x1, x2.detach(), grad_x1, grad_y2 + x2.grad"

REVERSE_BLOCK = Exercise(
    solves="unrolled.reversible.reverse_block",
    groups={"inside a backward pass": 3, "outside": 2},
    inputs=reverse_inputs,
    probe=probe_reversal,
    accepts=(reverse_with_autograd_grad, reverse_by_the_forward_pass, reverse_with_sums),
    free=frozenset(["sequence"]),
    misconceptions=(
        Misconception(
            id="f-first",
            name="f is undone before g",
            hint="The block computed y1 first, then y2. Which of the two steps must be undone first?",
            answer=_f_first,
        ),
        Misconception(
            id="f-of-y2",
            name="f is called with y2 instead of x2",
            hint="On the way there, f saw x2. Which of your tensors is that?",
            edits={
                OF_F: "x2 = y2.detach().requires_grad_()\n        change = f(x2)",
                RETURN: "x2 = x2 - 0 * x1\n    return x1, x2.detach(), grad_x1, grad_y2",
            },
        ),
        Misconception(
            id="gradient-through-g-forgotten",
            name="what y2 owes to y1 is missing in the gradient of y1",
            hint="y2 = x2 + g(y1): a change of y1 changes y2, too. Which gradient comes back through g?",
            edits={GRAD_X1: "grad_x1 = grad_y1"},
        ),
        Misconception(
            id="f-gets-the-incoming-gradient",
            name="f is differentiated with the gradient of y1 as it came in",
            hint="y1 reaches the result on two ways, directly and through g. Which gradient does f get?",
            edits={"change.backward(grad_x1)": "change.backward(grad_y1)"},
        ),
        Misconception(
            id="gradient-through-f-forgotten",
            name="what y1 owes to x2 is missing in the gradient of x2",
            hint="y1 = x1 + f(x2): which gradient comes back through f?",
            edits={RETURN: "return x1, x2.detach(), grad_x1, grad_y2"},
        ),
        Misconception(
            id="only-through-g",
            name="the gradient of y1 itself is lost, and only that through g is left",
            hint="y1 is a result as well, with a gradient of its own. Do you add it?",
            edits={GRAD_X1: "grad_x1 = y1.grad"},
        ),
        Misconception(
            id="only-through-f",
            name="the gradient of y2 itself is lost in that of x2",
            hint="x2 goes into y2 directly, and through f into y1. How many terms has its gradient?",
            edits={RETURN: "return x1, x2.detach(), grad_x1, x2.grad"},
        ),
        Misconception(
            id="x2-added",
            name="g(y1) is added once more instead of subtracted",
            hint="y2 = x2 + g(y1). What is x2?",
            edits={X2: "x2 = y2 + change.detach()"},
        ),
        Misconception(
            id="x1-added",
            name="f(x2) is added once more instead of subtracted",
            hint="y1 = x1 + f(x2). What is x1?",
            edits={X1: "x1 = y1.detach() + change.detach()"},
        ),
        Misconception(
            id="gradient-subtracted",
            name="the gradient through g is subtracted, like g itself",
            hint="Values are undone. Are gradients undone as well, or are they those of the way there?",
            edits={GRAD_X1: "grad_x1 = grad_y1 - y1.grad"},
        ),
        Misconception(
            id="gradient-through-f-subtracted",
            name="the gradient through f is subtracted, like f itself",
            hint="Values are undone. Are gradients undone as well, or are they those of the way there?",
            edits={RETURN: "return x1, x2.detach(), grad_x1, grad_y2 - x2.grad"},
        ),
        Misconception(
            id="through-the-inverse",
            name="the inverse is differentiated instead of the block",
            hint="We want the gradients of what the block did, not of undoing it. Through which formulas do they run?",
            answer=_through_the_inverse,
        ),
        Misconception(
            id="g-gets-the-other-gradient",
            name="g is differentiated with the gradient of y1",
            hint="g's result went into y2. Whose gradient does it get?",
            edits={"change.backward(grad_y2)": "change.backward(grad_y1)"},
        ),
        Misconception(
            id="g-gets-both",
            name="g is differentiated with both gradients added up",
            hint="g's result went into y2 alone. Whose gradient does it get?",
            edits={"change.backward(grad_y2)": "change.backward(grad_y1 + grad_y2)"},
        ),
        Misconception(
            id="g-of-y2",
            name="g is called with y2 instead of y1",
            hint="y2 = x2 + g(y1). What did g see?",
            edits={Y1: "y1, first = y2.detach().requires_grad_(), y1", X1: "x1 = first.detach() - change.detach()"},
        ),
        Misconception(
            id="gradients-not-switched-on",
            name="gradients are not switched on inside",
            hint="A backward pass runs with gradients switched off. Which context switches them on again?",
            edits={
                f"with torch.enable_grad():\n        {Y1}\n        {OF_G}": f"if True:\n        {Y1}\n        {OF_G}",
            },
        ),
        Misconception(
            id="weights-forgotten",
            name="the weights of f and g get no gradient",
            hint="`torch.autograd.grad` gives gradients of what it is asked for, and of nothing else. What does `backward` do "
            "besides?",
            answer=_inputs_only,
        ),
        Misconception(
            id="called-twice",
            name="f and g are called twice each",
            hint="Once to undo, once to differentiate: but both need the same result. Can you use it for both?",
            answer=_called_twice,
        ),
        Misconception(
            id="halves-swapped",
            name="x2 comes back before x1",
            hint="In which order does the docstring promise the four?",
            edits={RETURN: "return x2.detach(), x1, grad_x1, grad_y2 + x2.grad"},
        ),
        Misconception(
            id="gradients-swapped",
            name="the gradient of x2 comes back before that of x1",
            hint="In which order does the docstring promise the four?",
            edits={RETURN: "return x1, x2.detach(), grad_y2 + x2.grad, grad_x1"},
        ),
        Misconception(
            id="gradients-first",
            name="the gradients come back before the values",
            hint="In which order does the docstring promise the four?",
            edits={RETURN: "return grad_x1, grad_y2 + x2.grad, x1, x2.detach()"},
        ),
        Misconception(
            id="gradients-missing",
            name="only the values come back",
            hint="The next block needs gradients, too. How many results are promised?",
            answer=_values_only,
        ),
        Misconception(
            id="still-attached",
            name="x2 still asks for gradients when it comes back",
            hint="What still asks for gradients keeps its graph, and its memory. What cuts it off?",
            edits={RETURN: "return x1, x2, grad_x1, grad_y2 + x2.grad"},
        ),
        Misconception(
            id="graph-kept",
            name="x1 keeps its whole graph where gradients are switched on",
            hint="The memory of every block would stay. Which of the two terms of x1 still has a graph?",
            edits={X1: "x1 = y1.detach() - change"},
        ),
        Misconception(
            id="written-into",
            name="the results are written into the arguments",
            hint="x -= … changes the caller's tensor. How do you make a new one?",
            answer=_written_into,
        ),
        Misconception(
            id="asks-of-the-argument",
            name="the caller's own y1 is told to ask for gradients",
            hint="requires_grad_() changes the tensor it is called on. Whose is y1? What gives you one of your own?",
            edits={Y1: "y1.requires_grad_()"},
        ),
        Misconception(
            id="in-one-graph",
            name="x2 still hangs on the graph of g when f is called",
            hint="A graph is used up by one backward pass. Where does that of g end, and what makes x2 a leaf of its own?",
            answer=_in_one_graph,
        ),
        Misconception(
            id="both-direct-ways-lost",
            name="only what comes back through f and g is left of the gradients",
            hint="x1 and x2 also go straight on, past f and g. Which gradients come back on these ways?",
            edits={GRAD_X1: "grad_x1 = y1.grad", RETURN: "return x1, x2.detach(), grad_x1, x2.grad"},
        ),
        Misconception(
            id="gradients-cleared",
            name="the gradients that lay on the weights are cleared first",
            hint="They are those of other blocks, or batches. Does `backward` replace what stands in `.grad`, or add to it?",
            edits={OF_G: f"[network.zero_grad() for network in (f, g) if isinstance(network, torch.nn.Module)]\n        {OF_G}"},
        ),
        Misconception(
            id="gradient-of-x1-as-it-came",
            name="the gradient of x1 is that of y1 as it came in",
            hint="y1 reaches the result on two ways, directly and through g. Which gradient has x1, of which y1 is made?",
            edits={RETURN: "return x1, x2.detach(), grad_y1, grad_y2 + x2.grad"},
        ),
        Misconception(
            id="values-still-attached",
            name="x1 and x2 still hang on the graph of f and g",
            hint="What is returned needs no gradient. Which of your differences was made where gradients were switched on?",
            edits={
                "x1 = y1.detach() - change.detach()": "with torch.enable_grad():\n        x1 = y1.detach() - change",
                RETURN: "return x1, x2, grad_x1, grad_y2 + x2.grad",
            },
        ),
    ),
)

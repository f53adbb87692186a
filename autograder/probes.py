"""How to use an answer: call it, and report as plain data what came out.

In official grading a probe's source travels into the sandbox and runs there beside the student's code. So a probe is
self-contained: it imports what it needs inside, and that is torch, NumPy, the standard library or this module. It
hands the answer copies of the inputs and reports which of them the answer changed. An exercise whose answer needs
more than a call brings its own small probe, mostly around one of these.
"""


def call(answer, inputs):
    """Call the answer with the inputs as keyword arguments; report the result and which inputs it modified."""
    import copy

    arguments = copy.deepcopy(inputs)
    result = answer(**arguments)
    return {"result": result, "modified": modified(inputs, arguments)}


def differentiate(answer, inputs):
    """Like `call`, and report the gradient of a weighted sum of all results for every floating-point tensor."""
    import copy

    import torch

    leaves = {
        name: value.clone().requires_grad_()
        for name, value in inputs.items()
        if isinstance(value, torch.Tensor) and value.is_floating_point()
    }
    arguments = {name: leaves[name].clone() if name in leaves else copy.deepcopy(inputs[name]) for name in inputs}
    with torch.enable_grad():  # whatever the caller's mode
        result = answer(**arguments)
    changed = modified(inputs, arguments)
    parts = result if isinstance(result, (tuple, list)) else [result]
    total = 0.0
    for part in parts:
        if isinstance(part, torch.Tensor) and part.requires_grad:
            # Unequal weights: with equal ones the gradient through a softmax would vanish.
            weights = torch.cos(torch.arange(part.numel(), dtype=part.dtype, device=part.device)).view(part.shape)
            total = total + (part * weights).sum()
    gradients = dict.fromkeys(leaves)
    if isinstance(total, torch.Tensor):
        found = torch.autograd.grad(total, list(leaves.values()), allow_unused=True)
        gradients = dict(zip(leaves, found, strict=True))
    return {"result": result, "modified": changed, "gradients": gradients}


def example(answer, inputs):
    """Run an example of the docstring on the answer; report its value or, where it has none, what it prints."""
    import contextlib
    import io

    import torch

    printed, namespace = io.StringIO(), {"__name__": "example"}
    with contextlib.redirect_stdout(printed), torch.enable_grad(), torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        exec(inputs["needs"], namespace)
        namespace[inputs["name"]] = answer
        exec(inputs["before"], namespace)
        printed.truncate(printed.seek(0))
        try:
            code = compile(inputs["source"].strip(), "<example>", "eval")
        except SyntaxError:
            code = compile(inputs["source"], "<example>", "exec")
        value = eval(code, namespace)
    return {"result": printed.getvalue() if value is None else value}


def module(answer, inputs):
    """Build the module, load the weights, call it: `differentiate` by its arguments and by all weights.

    `inputs` holds "arguments" and "options" for building it (what is missing is empty), "weights" by their names in
    the module, and "inputs", the arguments of the call by name.
    """
    return use_module(answer, inputs, lambda built, **given: built(**given))


def use_module(answer, inputs, use):
    """Like `module`, for what needs more than a call: `use(built, **given)` says what is done with it."""
    import torch

    class Used(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.built = answer(*inputs.get("arguments", ()), **inputs.get("options", {}))

        def forward(self, given):
            return use(self.built, **given)

    def forward(**tensors):
        loaded = {f"built.{name}": tensors.pop(name) for name in inputs["weights"]}
        return torch.func.functional_call(Used(), loaded, (tensors,))

    return differentiate(forward, {**inputs["inputs"], **inputs["weights"]})


def modified(before, after):
    """The names of the inputs whose value is no longer what it was."""
    import torch

    def same(a, b):
        if isinstance(a, torch.Tensor):
            return isinstance(b, torch.Tensor) and a.shape == b.shape and torch.equal(a.nan_to_num(), b.nan_to_num())
        if isinstance(a, dict):
            return isinstance(b, dict) and a.keys() == b.keys() and all(same(a[key], b[key]) for key in a)
        if isinstance(a, (list, tuple)):
            return len(a) == len(b) and all(map(same, a, b))
        return bool(a == b)

    return [name for name in before if not same(before[name], after[name])]

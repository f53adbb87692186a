"""How to use an answer: call it, and report as plain data what came out.

In official grading a probe's source travels into the sandbox and runs there beside the student's code. So a probe is
self-contained: it imports what it needs inside, and that is torch, NumPy, the standard library or this module. It
hands the answer copies of the inputs and reports which of them the answer changed. An exercise whose answer needs
more than a call brings its own small probe, mostly around one of these.
"""


def call(answer, inputs):
    """Call the answer with the inputs as keyword arguments; report the result and the side effects."""
    import copy

    arguments, before = copy.deepcopy(inputs), generators()
    result = answer(**arguments)
    asked = [name for name in inputs if any(t.requires_grad for t in tensors(arguments[name]))]
    return {"result": result, **side_effects(inputs, arguments, before), "requires_grad": asked}


def made_new(answer, inputs):
    """Like `call`, where something new is promised: report too which arguments the result shares its memory with."""
    found = []

    def watched(**arguments):
        result = answer(**arguments)
        found.extend(name for name, value in arguments.items() if shared(result, value))
        return result

    return {**call(watched, inputs), "shared": found}


def differentiate(answer, inputs, of=None):
    """Like `call`, and report the gradient of a weighted sum of all results for every floating-point tensor.

    Where `of` lists items of the result, the gradients are those of these items alone.
    """
    import copy

    import torch

    leaves = {
        name: value.clone().requires_grad_()
        for name, value in inputs.items()
        if isinstance(value, torch.Tensor) and value.is_floating_point()
    }
    arguments = {name: leaves[name].clone() if name in leaves else copy.deepcopy(inputs[name]) for name in inputs}
    before = generators()
    with torch.enable_grad():  # whatever the caller's mode
        result = answer(**arguments)
    report = {"result": result, **side_effects(inputs, arguments, before), "gradients": dict.fromkeys(leaves)}
    total = 0.0
    for part in tensors(result if of is None else [item for i, item in enumerate(result) if i in of]):
        if part.requires_grad:
            # Unequal weights: with equal ones the gradient through a softmax would vanish.
            weights = torch.cos(torch.arange(part.numel(), dtype=part.dtype, device=part.device)).view(part.shape)
            total = total + (part * weights).sum()
    if isinstance(total, torch.Tensor):
        try:
            found = torch.autograd.grad(total, list(leaves.values()), allow_unused=True)
        except RuntimeError as error:
            if "inplace operation" not in str(error):
                raise
            name = overwritten(str(error))
            line = line_of_writing(lambda: answer(**{n: v.clone() if n in leaves else v for n, v in arguments.items()}), name)
            return report | {"overwritten": [name], "overwritten in line": line}
        report["gradients"] = dict(zip(leaves, found, strict=True))
    return report


def example(answer, inputs):
    """Run an example of the docstring on the answer; report its value or, where it has none, what it prints."""
    import contextlib
    import io

    import torch

    printed, namespace = io.StringIO(), {"__name__": "example"}
    with contextlib.redirect_stdout(printed), torch.enable_grad(), torch.random.fork_rng(devices=[]):
        torch.default_generator.manual_seed(0)  # `torch.manual_seed` tells it to processors that are not here, too
        exec(inputs["needs"], namespace)
        namespace[inputs["name"]] = answer
        exec(inputs["before"], namespace)
        printed.truncate(printed.seek(0))
        try:
            code = compile(inputs["source"].strip(), "<example>", "eval")
        except SyntaxError:
            code = compile(inputs["source"], "<example>", "exec")
        value = eval(code, namespace)
    return {"result": printed.getvalue() or None if value is None else value}


def module(answer, inputs):
    """Build the module, load the weights, call it: `differentiate` by its arguments and by all weights.

    `inputs` holds "arguments" and "options" for building it (what is missing is empty), "weights" by their names in
    the module, and "inputs", the arguments of the call by name.
    """
    return use_module(answer, inputs, lambda built, **given: built(**given))


def use_module(answer, inputs, use):
    """Like `module`, for what needs more than a call: `use(built, **given)` says what is done with it.

    It is done once before with other weights, so that what is kept of them shows; not if `inputs` has "afresh".
    """
    import contextlib
    import copy

    import torch

    class Used(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.built = answer(*inputs.get("arguments", ()), **inputs.get("options", {}))

        def forward(self, given, changed):
            modes = [part.training for part in self.built.modules()]
            result = use(Watched(self.built, changed), **given)
            if modes != [part.training for part in self.built.modules()]:
                left.append("the module")
            return result

    def forward(**given):
        loaded = {f"built.{name}": given.pop(name) for name in inputs["weights"]}
        used = Used()
        if not inputs.get("afresh"):
            called_before(used, loaded)
        return torch.func.functional_call(used, loaded, (given, changed))

    def called_before(used, loaded):
        with torch.no_grad(), torch.random.fork_rng(devices=()), contextlib.suppress(Exception):
            others = {name: weight.cos() for name, weight in loaded.items()}
            torch.func.functional_call(used, others, (copy.deepcopy(inputs["inputs"]), []))

    changed, left = [], []
    report = differentiate(forward, {**inputs["inputs"], **inputs["weights"]})
    return {**report, "modified": [*report["modified"], *changed], "mode": left}


class Watched:
    """Stands for something that is called, and notes the names of the arguments that a call writes into."""

    def __init__(self, watched, changed):
        self._watched, self._changed = watched, changed

    def __getattr__(self, name):
        return getattr(self._watched, name)

    def __call__(self, *arguments, **options):
        import inspect

        signature = inspect.signature(getattr(self._watched, "forward", self._watched))
        before = state((arguments, options))
        result = self._watched(*arguments, **options)
        if state((arguments, options)) != before:
            names = [*signature.parameters][: len(arguments)]
            now = dict(zip(names, arguments, strict=False)) | options
            seen = dict(zip(names, before[1][0][1], strict=False)) | dict(zip(options, before[1][1][1], strict=True))
            self._changed += [name for name in now if state(now[name]) != seen[name]]
        return result


def state(value):
    """What changes when somebody writes into a value: of lists and dicts what they hold, of tensors their version."""
    import torch

    if isinstance(value, torch.Tensor):
        return id(value), value._version
    if isinstance(value, dict):
        return tuple(value), [state(item) for item in value.values()]
    if isinstance(value, (list, tuple)):
        return len(value), [state(item) for item in value]
    return id(value)


def tensors(value):
    """All tensors in a value, however deep."""
    import torch

    if isinstance(value, torch.Tensor):
        return [value]
    items = value.values() if isinstance(value, dict) else value if isinstance(value, (list, tuple)) else ()
    return [tensor for item in items for tensor in tensors(item)]


def shared(one, other):
    """Whether whoever writes into one value writes into the other: the same list, or tensors with one memory."""
    if isinstance(one, (list, dict)) and one is other:
        return True
    places = [{t.untyped_storage().data_ptr() for t in tensors(value) if t.numel()} for value in (one, other)]
    return not places[0].isdisjoint(places[1])


def generators():
    """The states of the generators of random numbers that all share, by name."""
    import random

    import numpy
    import torch

    numpys = numpy.random.get_state()
    return {
        "torch": torch.get_rng_state().numpy().tobytes(),
        "numpy": (numpys[1].tobytes(), numpys[2:]),
        "random": random.getstate(),
    }


def side_effects(inputs, arguments, before):
    """Inputs modified and, where random numbers are handed in, generators used: `before` are their states."""
    handed_in = {"uniform", "uniforms", "noise"} & inputs.keys()
    now = generators() if handed_in else before
    drawn = [name for name in now if now[name] != before[name]]
    return {"modified": modified(inputs, arguments), "drawn": drawn}


def overwritten(message):
    """The operation whose output was overwritten, as torch's complaint names it: "tanh" for Tanh or TanhBackward0."""
    import re

    found = re.search(r"output \d+ of (\w+),", message)
    return operation(found[1]) if found else "an operation"


def operation(name):
    """The name of an operation by that of its way back; of a view that torch has put in its place nobody knows."""
    import re

    name = re.sub(r"Backward\d*$", "", name).lower()
    return "an operation" if name in ("asstrided", "nonetype") else name


def line_of_writing(use, name):
    """The line of the answer that writes in place into an output of the operation `name`, else the last that writes."""
    import os
    import sys

    import torch

    packages, lines = os.path.dirname(torch.__file__), {}

    class Writes(torch.overrides.TorchFunctionMode):
        def __torch_function__(self, function, types, args=(), kwargs=None):
            target = args[0] if args and isinstance(args[0], torch.Tensor) else torch.empty(0)
            version, made_by = target._version, type(target.grad_fn).__name__
            result = function(*args, **(kwargs or {}))
            if target._version != version:
                frame = sys._getframe(1)
                while frame.f_back and frame.f_code.co_filename.startswith(packages):
                    frame = frame.f_back
                lines.pop(operation(made_by), None)
                lines[operation(made_by)] = frame.f_lineno
            return result

    with torch.enable_grad(), Writes():
        use()
    return lines.get(name) or next(reversed(lines.values()), None)


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

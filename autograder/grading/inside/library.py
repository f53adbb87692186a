"""The library's solutions of earlier exercises, in a process of their own, where no student's code runs.

An answer that is judged beside them gets stubs (`stubs`), which ask this process: to call a function, to build a module,
to call a module with the weights that it has over there, to take a gradient back. What goes over is data, so behaviour is
all that an answer can find out. A function that is handed over stays there: where the library calls it, this process asks
back, and does meanwhile whatever the answer asks.
"""

import types
from collections.abc import Callable
from socket import socket
from typing import Any

import torch

from autograder.grading.inside import wire
from autograder.grading.inside.trees import lift, lower


class GivenUp(BaseException):
    """What the library has called over there has failed, so that nobody waits for its result any more."""


class Library:
    """Serves one answer. `leaves` are the tensors that came with a call, a ticket keeps what a gradient needs."""

    def __init__(self, sources: dict[str, str], channel: socket):
        self.channel, self.things = channel, {name: executed(name, source) for name, source in sources.items()}
        self.modules: dict[int, torch.nn.Module] = {}
        self.tickets: dict[int, tuple[list, list]] = {}
        self.made = 0

    def serve(self) -> None:
        """Answer until the far side hangs up."""
        try:
            self.until_returned()
        except (EOFError, OSError):
            return

    def until_returned(self) -> dict | None:
        """Answer until something that was asked back has returned: that reply."""
        while True:
            message = self.receive()
            if message["kind"] in ("return", "give up"):
                return message
            try:
                reply = REQUESTS[message["kind"]](self, message)
            except (EOFError, OSError):
                raise
            except BaseException as error:
                reply = {"crash": {"type": type(error).__name__, "message": str(error)}}
            self.send(reply)

    def receive(self) -> dict:
        """The next message; what it says is no longer needed is let go."""
        message = wire.unpack(wire.receive(self.channel, None))
        for number in message["gone"]:
            self.tickets.pop(number, None)
            self.modules.pop(number, None)
        return message

    def send(self, reply: dict) -> None:
        """Send a reply, or that it cannot travel."""
        try:
            packet = wire.pack(reply)
        except wire.WireError as error:
            packet = wire.pack({"crash": {"type": "ValueError", "message": str(error)}})
        wire.send(self.channel, packet, None)

    def describe(self, message: dict) -> dict:
        """What there is: functions, and classes with the names of their methods."""
        return {"things": {name: methods(thing) for name, thing in self.things.items()}}

    def call(self, message: dict) -> dict:
        """Call a function, or a static method of a class."""
        thing = self.things[message["name"]]
        return Call(self, message).result(getattr(thing, message["method"]) if message["method"] else thing)

    def build(self, message: dict) -> dict:
        """Build a module; tells what it looks like."""
        torch.set_rng_state(message["random"])
        call = Call(self, message)
        arguments, options = call.arguments
        module = self.things[message["name"]](*arguments, **options)
        self.made += 1
        self.modules[self.made] = module
        return {"module": self.made, "looks": looks(module), "random": torch.get_rng_state()}

    def use(self, message: dict) -> dict:
        """Call a module's method, with the weights that it has over there."""
        torch.set_rng_state(message["random"])
        module = self.modules[message["module"]].get_submodule(message["path"])
        module.train(message["training"])
        call = Call(self, message)
        weights = {f"module.{name}": value for name, value in call.arguments.pop().items()}
        used = Using(module, message["method"])

        def run(*arguments: Any, **options: Any) -> Any:
            return torch.func.functional_call(used, weights, arguments, options)

        return call.result(run) | {"random": torch.get_rng_state()}

    def back(self, message: dict) -> dict:
        """The gradients of what came with a call, from those of what came out."""
        outputs, leaves = self.tickets[message["ticket"]]
        known = [(o, g) for o, g in zip(outputs, message["tensors"], strict=True) if g is not None and o.requires_grad]
        wanted = [leaf for leaf in leaves if leaf.requires_grad]
        some, gradients = zip(*known, strict=True)
        given = iter(torch.autograd.grad(some, wanted, gradients, retain_graph=True, allow_unused=True))
        return {"tensors": [next(given) if leaf.requires_grad else None for leaf in leaves]}


REQUESTS = {
    "describe": Library.describe,
    "call": Library.call,
    "build": Library.build,
    "use": Library.use,
    "back": Library.back,
}


class Call:
    """One call: from the arguments to the result, and all that is asked back in between."""

    def __init__(self, library: Library, message: dict):
        self.library, self.leaves = library, []
        self.arguments = self.lifted(message)

    def lifted(self, message: dict) -> Any:
        """What a message holds; its tensors are leaves of the graph here."""
        asked = zip(message["tensors"], message["asked"], strict=True)
        new = [tensor.requires_grad_(wanted) for tensor, wanted in asked]
        self.leaves += new
        # An operation in place is allowed to what is handed over, as it is over there, but not to a leaf.
        return lift(message["tree"], [t.view_as(t) if t.requires_grad else t for t in new], self.stand_in)

    def stand_in(self, number: int, kind: str) -> Callable:
        """What stands here for an object over there; to all but a call it reacts as something of that name would."""

        def called(_: Any, *arguments: Any, **options: Any) -> Any:
            self.library.send(self.told([arguments, options]) | {"step": number})
            returned = self.library.until_returned()
            if returned["kind"] == "give up":
                raise GivenUp
            return self.lifted(returned)

        return type(kind, (), {"__call__": called})()

    def told(self, value: Any) -> dict:
        """A value as it is sent, with a ticket for its gradients."""
        tensors: list[torch.Tensor] = []
        tree = lower(value, tensors, [])
        self.library.made += 1
        if any(tensor.requires_grad for tensor in tensors):
            self.library.tickets[self.library.made] = tensors, [*self.leaves]
        grad = [tensor.requires_grad for tensor in tensors]
        return {"tree": tree, "tensors": tensors, "grad": grad, "ticket": self.library.made}

    def result(self, function: Callable) -> dict:
        """Call the function."""
        arguments, options = self.arguments
        return self.told(function(*arguments, **options))


class Using(torch.nn.Module):
    """Makes a module's method one that is called, for `functional_call` knows no others."""

    def __init__(self, module: torch.nn.Module, method: str):
        super().__init__()
        self.module, self.method = module, method

    def forward(self, *arguments: Any, **options: Any) -> Any:
        return getattr(self.module, self.method)(*arguments, **options)


def executed(name: str, source: str) -> Any:
    """What a source defines under a name."""
    home: dict[str, Any] = {"__name__": "unrolled.solution"}
    exec(compile(source, "<library>", "exec"), home)
    return home[name]


def methods(thing: Any) -> dict[str, bool] | None:
    """Of a class the methods that it has of its own, and whether each needs an instance; of a function nothing."""
    if not isinstance(thing, type):
        return None
    own = {name: value for name, value in vars(thing).items() if not name.startswith("__")}
    kinds = (types.FunctionType, staticmethod)
    return {name: isinstance(value, types.FunctionType) for name, value in own.items() if isinstance(value, kinds)}


def looks(module: torch.nn.Module) -> dict:
    """A module as data: its class, numbers, weights and parts. Of a class that is not torch's own no more than the name."""
    own = {name: value for name, value in vars(module).items() if not name.startswith("_")}
    kind = type(module)
    return {
        "kind": kind.__name__,
        "of torch": kind.__module__.startswith("torch.nn."),
        "methods": methods(kind),
        "plain": {name: value for name, value in own.items() if lower(value, [], [])[0] == "plain"},
        "parameters": {n: (p.detach(), p.requires_grad) for n, p in module.named_parameters(recurse=False)},
        "buffers": dict(module.named_buffers(recurse=False)),
        "parts": {name: looks(part) for name, part in module.named_children()},
    }

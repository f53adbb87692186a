"""What stands in an answer's process for the library's solutions of earlier exercises: functions and modules that ask.

The solutions themselves are in another process (`library`), to which a socket leads. Gradients go through: for autograd a
call is one operation, whose gradient is asked for in the same way. Where the library calls a function of the answer's,
what it hands over and what it is given are results and arguments of further such operations, so that what the function
does lies between them in the one graph.
"""

import builtins
from collections.abc import Callable
from socket import socket
from typing import Any

import torch
from torch.autograd.function import once_differentiable

from autograder.grading.inside import wire
from autograder.grading.inside.trees import lift, lower


class Link:
    """The way to the library's process."""

    def __init__(self, channel: socket):
        self.channel = channel
        self.gone: list[int] = []  # numbers of what is no longer needed there

    def __deepcopy__(self, memo: dict) -> "Link":
        return self

    def ask(self, message: dict) -> dict:
        """One message there, one back; raises what was raised there."""
        gone, self.gone = self.gone, []
        packet = wire.pack({**message, "gone": gone})
        try:
            wire.send(self.channel, packet, None)
            reply = wire.unpack(wire.receive(self.channel, None))
        except (EOFError, OSError):
            raise RuntimeError("the library's solution has ended") from None
        except BaseException:  # whoever breaks off shall not take this reply for that of the next message
            self.channel.close()
            raise
        if message["kind"] == "give up":  # what ends then is a call that nobody waits for any more
            return {}
        if crash := reply.get("crash"):
            raise known_error(crash["type"], crash["message"])
        return reply

    def stubs(self) -> dict[str, Any]:
        """For each name what stands for the library's function or class of that name."""
        things = self.ask({"kind": "describe"})["things"]
        return {name: function(self, name) if own is None else a_class(self, name, own) for name, own in things.items()}

    def call(self, message: dict, value: list) -> tuple[Any, dict]:
        """What a call gives, and the last reply; `value` are its arguments."""
        sent: list[torch.Tensor] = []
        others: list[Any] = []
        while True:
            tensors: list[torch.Tensor] = []
            tree = lower(value, tensors, others)
            sent += tensors
            reply, results = self.exchange({**message, "tree": tree}, len(tensors), sent)
            told = lift(reply["tree"], results, lambda number, kind: None)
            if "step" not in reply:
                return told, reply
            message = {"kind": "return"}
            try:
                arguments, options = told
                value = others[reply["step"]](*arguments, **options)
            except BaseException:
                self.ask({"kind": "give up"})
                raise

    def exchange(self, message: dict, new: int, sent: list[torch.Tensor]) -> tuple[dict, list[torch.Tensor]]:
        """Send the `new` last of all tensors that were sent in a call; those of the reply depend on all of them."""
        grad = torch.is_grad_enabled()
        tensors = sent[len(sent) - new :]
        message = {**message, "tensors": tensors, "asked": [grad and t.requires_grad for t in tensors]}
        if not (grad and any(t.requires_grad for t in sent)):
            reply = self.ask(message)
            return reply, reply["tensors"]
        replies: list[dict] = []
        results = Operation.apply(self, message, replies, *sent)
        return replies[0], list(results[1:])


class Operation(torch.autograd.Function):
    """A message and its reply, as autograd sees it."""

    @staticmethod
    def forward(ctx, link: Link, message: dict, replies: list, *sent: torch.Tensor) -> tuple:
        reply = link.ask(message)
        replies.append(reply)
        ctx.set_materialize_grads(False)
        ctx.link, ctx.ticket, ctx.sent = link, Ticket(link, reply["ticket"]), len(sent)
        nothing = torch.zeros(0)  # so that there is always a result
        ctx.mark_non_differentiable(nothing, *(t for t, g in zip(reply["tensors"], reply["grad"], strict=True) if not g))
        return nothing, *reply["tensors"]

    @staticmethod
    @once_differentiable
    def backward(ctx, _: None, *gradients: torch.Tensor | None) -> tuple:
        if all(gradient is None for gradient in gradients):
            return None, None, None, *[None] * ctx.sent
        reply = ctx.link.ask({"kind": "back", "ticket": ctx.ticket.number, "tensors": list(gradients)})
        return None, None, None, *reply["tensors"]


class Ticket:
    """A number of the library's, which may be forgotten there when it is forgotten here."""

    def __init__(self, link: Link, number: int):
        self.link, self.number = link, number

    def __del__(self):
        self.link.gone.append(self.number)

    def __deepcopy__(self, memo: dict) -> "Ticket":
        return self  # a copied module asks for the same one


def function(link: Link, name: str, method: str = "") -> Callable:
    """A function that is called over there: one of the library's, or a class's without an instance."""

    def call(*arguments: Any, **options: Any) -> Any:
        return link.call({"kind": "call", "name": name, "method": method}, [arguments, options])[0]

    call.__name__ = call.__qualname__ = method or name
    return call


class Part(torch.nn.Module):
    """A module of the library, or a part of one: its weights are here, what it does with them is asked."""

    def _fill(self, link: Link, ticket: Ticket, path: str, seen: dict) -> None:
        self.__dict__["_place"] = link, ticket, path
        furnish(self, seen, lambda name, part: made(link, ticket, f"{path}.{name}".strip("."), part))


def method(name: str) -> Callable:
    """A method that is called over there."""

    def call(self: Part, *arguments: Any, **options: Any) -> Any:
        link, ticket, path = self._place
        message = {"kind": "use", "module": ticket.number, "path": path, "method": name}
        message |= {"training": self.training, "random": torch.get_rng_state()}
        weights = dict(self.named_parameters(remove_duplicate=False)) | dict(self.named_buffers(remove_duplicate=False))
        value, reply = link.call(message, [arguments, options, weights])
        torch.set_rng_state(reply["random"])
        return value

    call.__name__ = call.__qualname__ = name
    return call


def a_class(link: Link, name: str, own: dict[str, bool]) -> type[Part]:
    """A class whose instances are built over there."""

    def build(self: Part, *arguments: Any, **options: Any) -> None:
        torch.nn.Module.__init__(self)
        tensors: list[torch.Tensor] = []
        tree = lower([arguments, options], tensors, [])
        message = {"kind": "build", "name": name, "tree": tree, "tensors": tensors, "asked": [False] * len(tensors)}
        reply = link.ask(message | {"random": torch.get_rng_state()})
        torch.set_rng_state(reply["random"])
        self._fill(link, Ticket(link, reply["module"]), "", reply["looks"])

    static = {n: staticmethod(function(link, name, n)) for n, bound in own.items() if not bound}
    return type(name, (Part,), {"__init__": build, **{n: method(n) for n, bound in own.items() if bound}, **static})


def made(link: Link, ticket: Ticket, path: str, seen: dict) -> torch.nn.Module:
    """A part of a module: torch's own are here as they are, of others what they do is asked."""
    kind = getattr(torch.nn, seen["kind"], None) if seen["of torch"] else None
    if kind is None:
        bound = [name for name, needs in seen["methods"].items() if needs]
        kind = type(seen["kind"], (Part,), {name: method(name) for name in bound})
    part = kind.__new__(kind)
    torch.nn.Module.__init__(part)
    if isinstance(part, Part):
        part._fill(link, ticket, path, seen)
    else:
        furnish(part, seen, lambda name, its: made(link, ticket, f"{path}.{name}", its))
    return part


def furnish(module: torch.nn.Module, seen: dict, build: Callable[[str, dict], torch.nn.Module]) -> None:
    """Give a module what the library's has: numbers, weights and parts."""
    module.__dict__.update(seen["plain"])
    for name, (value, learns) in seen["parameters"].items():
        module.register_parameter(name, torch.nn.Parameter(value, learns))
    for name, value in seen["buffers"].items():
        module.register_buffer(name, value)
    for name, part in seen["parts"].items():
        module.add_module(name, build(name, part))


def known_error(name: str, message: str) -> Exception:
    """What the library has raised, if it is one of Python's exceptions."""
    kind = getattr(builtins, name, None)
    if isinstance(kind, type) and issubclass(kind, Exception):
        try:
            return kind(message)
        except TypeError:
            pass
    return RuntimeError(message)

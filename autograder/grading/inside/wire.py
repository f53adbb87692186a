"""The wire between judge and sandbox: plain data as a JSON header and raw buffers. Never pickle.

A frame is a length and a packet; a packet is the length of its header, the header, and the buffers of its tensors and
arrays one behind the other. The far side is untrusted: what it sends is read strictly, within limits on bytes, depth
and number of values, and yields plain data of the judge's own or `WireError`. What is not plain data travels as
`Unknown`.
"""

import contextlib
import json
import math
import struct
import time
from collections import Counter
from socket import socket

import numpy as np
import torch

MOST_BYTES = 32 << 20
MOST_HEADER = 4 << 20
MOST_DEPTH = 32
MOST_VALUES = 200_000
RESULT_BYTES, RESULT_VALUES = 4 << 20, 20_000  # of what one call of an answer gives: many times what any right one does
MOST_AXES = 8
MOST_ALIKE = 64  # keys of one hash in a dict: with n of them it takes n² steps to build
LARGEST_INT = 1 << 64
_FLOATS = ("float16", "bfloat16", "float32", "float64", "complex64", "complex128")
_WHOLE = ("bool", "uint8", "int8", "int16", "int32", "int64")
DTYPES = {name: getattr(torch, name) for name in (*_FLOATS, *_WHOLE)}
ARRAY_TYPES = {np.dtype(code).str for code in ("?", *"bBhHiIlLqQefd")}


class WireError(Exception):
    """Data that cannot travel, or that did not arrive as agreed."""


class Unknown:
    """Stands for a value that is not plain data."""


def pack(value: object) -> bytes:
    """Plain data as one packet.

    >>> unpack(pack({"scores": (1.5, None), "name": "é"}))
    {'scores': (1.5, None), 'name': 'é'}
    """
    buffers: list[bytes] = []
    header = json.dumps(_lower(value, buffers, 0)).encode()
    return b"".join([struct.pack("<I", len(header)), header, *buffers])


def unpack(packet: bytes, most: int = MOST_VALUES) -> object:
    """The data of a packet; raises `WireError` for anything but a well-formed one of at most so many values."""
    try:
        (length,) = struct.unpack_from("<I", packet)
        if length > min(MOST_HEADER, len(packet) - 4):
            raise WireError(f"the header claims {length} bytes; expected at most {MOST_HEADER} and no more than came.")
        reader = _Reader(memoryview(packet)[4 + length :], most)
        value = reader.lift(json.loads(packet[4 : 4 + length]), 0)
    except (struct.error, ValueError, TypeError, RecursionError, OverflowError, RuntimeError) as error:
        raise WireError(f"not a packet: {type(error).__name__}") from None
    if reader.rest:
        raise WireError(f"{len(reader.rest)} bytes behind the last buffer; expected none.")
    return value


def send(channel: socket, packet: bytes, deadline: float | None) -> None:
    """Send one frame, or raise `TimeoutError` at the deadline (a time of `time.monotonic`; None for none)."""
    _wait_until(channel, deadline)
    channel.sendall(struct.pack("<Q", len(packet)) + packet)


def receive(channel: socket, deadline: float | None, most: int = MOST_BYTES) -> bytes:
    """Receive one frame; raise `TimeoutError` at the deadline, `EOFError` if the far side has gone."""
    (length,) = struct.unpack("<Q", _exactly(channel, 8, deadline))
    if length > most:
        raise WireError(f"a frame of {length} bytes; expected at most {most}.")
    return _exactly(channel, length, deadline)


def _wait_until(channel: socket, deadline: float | None) -> None:
    if deadline is not None and (left := deadline - time.monotonic()) <= 0:
        raise TimeoutError
    channel.settimeout(None if deadline is None else left)


def _exactly(channel: socket, n: int, deadline: float | None) -> bytes:
    parts, missing = [], n
    while missing:
        _wait_until(channel, deadline)
        part = channel.recv(min(missing, 1 << 20))
        if not part:
            raise EOFError
        parts.append(part)
        missing -= len(part)
    return b"".join(parts)


def _lower(value: object, buffers: list[bytes], depth: int) -> object:
    """The value as JSON: scalars as themselves, all else as a list [kind, …]; buffers are collected on the way."""
    if depth > MOST_DEPTH:
        raise WireError(f"data nested more than {MOST_DEPTH} deep.")
    if isinstance(value, np.generic) and not isinstance(value, (float, str, bytes)):
        value = value.item()
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int):
        return int(value) if abs(int(value)) <= LARGEST_INT else ["unknown"]
    if isinstance(value, float):
        return float(value)
    if isinstance(value, str):
        return str(value)
    if isinstance(value, (list, tuple)):
        kind = "tuple" if isinstance(value, tuple) else "list"
        return [kind, *(_lower(item, buffers, depth + 1) for item in value)]
    if isinstance(value, dict):
        pairs = ([_lower(part, buffers, depth + 1) for part in pair] for pair in value.items())
        return ["dict", *pairs]
    if isinstance(value, (bytes, bytearray)):
        buffers.append(bytes(value))
        return ["bytes", len(value)]
    if isinstance(value, torch.Tensor):
        return _lower_tensor(value, buffers)
    if isinstance(value, np.ndarray) and value.dtype.str in ARRAY_TYPES:
        buffers.append(value.tobytes())
        return ["array", value.dtype.str, list(value.shape)]
    return ["unknown"]


def _lower_tensor(value: torch.Tensor, buffers: list[bytes]) -> list:
    name = str(value.dtype).removeprefix("torch.")
    with contextlib.suppress(RuntimeError, NotImplementedError, TypeError):
        plain = value.detach().cpu().resolve_conj().resolve_neg().clone(memory_format=torch.contiguous_format)
        if name in DTYPES and plain.layout is torch.strided:
            buffers.append(plain.reshape(-1).view(torch.uint8).numpy().tobytes() if plain.numel() else b"")
            return ["tensor", name, list(plain.shape)]
    return ["unknown"]


class _Reader:
    """Reads lowered values back, counting them."""

    def __init__(self, buffers: memoryview, most: int):
        self.rest, self.most = buffers, most
        self.values = 0

    def lift(self, value: object, depth: int) -> object:
        self.values += 1
        if depth > MOST_DEPTH or self.values > self.most:
            raise WireError(f"more than {self.most} values, or nested more than {MOST_DEPTH} deep.")
        if isinstance(value, int) and not isinstance(value, bool) and abs(value) > LARGEST_INT:
            raise WireError("a whole number beyond 64 bits.")
        if value is None or isinstance(value, (bool, int, float, str)):
            return value
        if not isinstance(value, list) or not value:
            raise WireError("neither a scalar nor [kind, …].")
        kind, *items = value
        if kind in ("list", "tuple"):
            lifted = [self.lift(item, depth + 1) for item in items]
            return tuple(lifted) if kind == "tuple" else lifted
        if kind == "dict":
            pairs = [(self.lift(key, depth + 1), self.lift(item, depth + 1)) for key, item in items]
            if pairs and max(Counter(hash(key) for key, _ in pairs).values()) > MOST_ALIKE:
                raise WireError("a dict whose keys have been chosen to share a hash.")
            return dict(pairs)
        if kind == "bytes":
            (size,) = items
            return bytes(self._take(size))
        if kind == "tensor":
            name, shape = items
            return self._tensor(DTYPES.get(name), _checked(shape))
        if kind == "array":
            name, shape = items
            if name not in ARRAY_TYPES:
                raise WireError("an array of no agreed type.")
            dtype = np.dtype(name)
            raw = bytearray(self._take(math.prod(_checked(shape)) * dtype.itemsize))
            flat = np.frombuffer(raw, np.uint8)
            return (flat != 0 if dtype.kind == "b" else flat.view(dtype)).reshape(shape)
        if value == ["unknown"]:
            return Unknown()
        raise WireError("a value of no agreed kind.")

    def _take(self, size: int) -> memoryview:
        if type(size) is not int or not 0 <= size <= len(self.rest):
            raise WireError("a buffer shorter than announced.")
        taken, self.rest = self.rest[:size], self.rest[size:]
        return taken

    def _tensor(self, dtype: torch.dtype | None, shape: list[int]) -> torch.Tensor:
        if dtype is None:
            raise WireError("a tensor of no agreed dtype.")
        raw = bytearray(self._take(math.prod(shape) * dtype.itemsize))
        flat = torch.frombuffer(raw, dtype=torch.uint8) if raw else torch.empty(0, dtype=torch.uint8)
        if dtype is torch.bool:
            return (flat != 0).reshape(shape)
        return (flat.view(dtype) if raw else torch.empty(0, dtype=dtype)).reshape(shape)


def _checked(shape: object) -> list[int]:
    if not isinstance(shape, list) or len(shape) > MOST_AXES or not all(type(n) is int for n in shape):
        raise WireError(f"a shape should be a list of at most {MOST_AXES} whole numbers.")
    if any(not 0 <= n < 1 << 31 for n in shape):
        raise WireError("an axis should have from 0 to 2³¹ − 1 entries.")
    return shape

"""Does plain data come through the wire unchanged, and nothing else through at all?"""

import itertools
import json
import math
import socket
import struct
import threading
import time

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from autograder.grading.inside import wire

SHAPES = hnp.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=5)
ARRAYS = st.sampled_from("?bBhHiIqQefd").flatmap(lambda code: hnp.arrays(np.dtype(code), SHAPES))
TENSORS = st.sampled_from("?bBhiqefdFD").flatmap(lambda code: hnp.arrays(np.dtype(code), SHAPES)).map(torch.from_numpy)
SCALARS = st.none() | st.booleans() | st.integers(-(1 << 64), 1 << 64) | st.floats() | st.text() | st.binary()
KEYS = st.text(max_size=5) | st.integers(-9, 9)
DATA = st.recursive(
    SCALARS | ARRAYS | TENSORS,
    lambda inner: st.lists(inner) | st.lists(inner).map(tuple) | st.dictionaries(KEYS, inner),
    max_leaves=12,
)


def same(a, b):
    if type(a) is not type(b):
        return False
    if isinstance(a, torch.Tensor):
        return (a.dtype, a.shape) == (b.dtype, b.shape) and a.numpy().tobytes() == b.numpy().tobytes()
    if isinstance(a, np.ndarray):
        return a.dtype == b.dtype and a.shape == b.shape and a.tobytes() == b.tobytes()
    if isinstance(a, dict):
        return list(a) == list(b) and all(same(a[key], b[key]) for key in a)
    if isinstance(a, (list, tuple)):
        return len(a) == len(b) and all(map(same, a, b))
    return a == b or (isinstance(a, float) and math.isnan(a) and math.isnan(b))


@settings(deadline=None, max_examples=200)
@given(DATA)
def test_does_plain_data_come_back_the_same(value):
    assert same(value, wire.unpack(wire.pack(value)))


def refused_or_plain(packet):
    try:
        wire.unpack(packet)
    except wire.WireError:
        return True
    return True


@settings(deadline=None, max_examples=300)
@given(st.binary(max_size=200))
def test_are_random_bytes_refused_in_order(packet):
    assert refused_or_plain(packet)


@settings(deadline=None, max_examples=300)
@given(DATA, st.integers(0, 10_000), st.integers(0, 255), st.integers(0, 40))
def test_is_a_damaged_packet_refused_in_order_or_read_as_plain_data(value, where, byte, cut):
    packet = bytearray(wire.pack(value))
    packet[where % len(packet)] = byte
    assert refused_or_plain(bytes(packet[: max(0, len(packet) - cut)]))


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.sampled_from(["tensor", "array", "bytes", "dict", "list"]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=20,
)


@settings(deadline=None, max_examples=300)
@given(JSON, st.binary(max_size=64))
def test_is_a_header_of_the_wrong_form_refused_in_order(header, rest):
    text = json.dumps(header).encode()
    assert refused_or_plain(struct.pack("<I", len(text)) + text + rest)


def packed(header, buffers=b""):
    text = json.dumps(header).encode()
    return struct.pack("<I", len(text)) + text + buffers


@pytest.mark.parametrize(
    "packet",
    [
        packed(["tensor", "float32", [1 << 40]]),
        packed(["tensor", "float32", [-1]], bytes(4)),
        packed(["tensor", "float32", [2]], bytes(4)),
        packed(["tensor", "object", [1]], bytes(4)),
        packed(["tensor", "float32", [1] * 9], bytes(4)),
        packed(["array", "|O", [1]], bytes(8)),
        packed(["array", "<f4", [True]], bytes(4)),
        packed(["bytes", 10], bytes(3)),
        packed(["bytes", -1], bytes(3)),
        packed(["list"], b"left over"),
        packed(["pickle", "cos\nsystem"]),
        packed([]),
        packed({"a": 1}),
        packed(1 << 70),
        packed(["list", *[0] * (wire.MOST_VALUES + 1)]),
        struct.pack("<I", 1 << 31) + b"[]",
        struct.pack("<I", 200_000) + b"[" * 100_000 + b"]" * 100_000,
    ],
)
def test_is_it_refused(packet):
    with pytest.raises(wire.WireError):
        wire.unpack(packet)


def test_does_what_is_not_plain_data_arrive_as_unknown():
    for value in (object(), {1, 2}, np.array(["a"]), np.array([None]), torch.ones(2).to_sparse(), 1 << 90, 1j):
        assert isinstance(wire.unpack(wire.pack(value)), wire.Unknown)


def test_are_depth_and_circles_refused():
    circle = []
    circle.append(circle)
    with pytest.raises(wire.WireError, match="nested"):
        wire.pack(circle)


def test_do_subclasses_arrive_as_what_they_are_made_of():
    class Liar(torch.Tensor):
        pass

    class Text(str):
        pass

    value = wire.unpack(
        wire.pack([torch.ones(2).as_subclass(Liar), Text("a"), np.float32(0.5), torch.nn.Parameter(torch.ones(1))])
    )
    assert [type(part) for part in value] == [torch.Tensor, str, float, torch.Tensor]


def test_does_a_slow_sender_run_into_the_deadline():
    here, there = socket.socketpair()
    with here, there:

        def drip():
            for _ in range(20):
                there.send(b"\0")
                time.sleep(0.05)

        sender = threading.Thread(target=drip)
        sender.start()
        with pytest.raises(TimeoutError):
            wire.receive(here, time.monotonic() + 0.2)
        sender.join()


def test_is_a_frame_that_is_too_large_refused_before_it_is_read():
    here, there = socket.socketpair()
    with here, there:
        there.send(struct.pack("<Q", wire.MOST_BYTES + 1))
        with pytest.raises(wire.WireError, match="at most"):
            wire.receive(here, time.monotonic() + 1)


def test_does_a_sender_that_leaves_end_the_reading():
    here, there = socket.socketpair()
    with here:
        there.send(b"\0\0\0")
        there.close()
        with pytest.raises(EOFError):
            wire.receive(here, time.monotonic() + 1)


def test_is_a_dict_with_keys_of_one_hash_refused_at_once():
    alike = [7 + n * (2**61 - 1) for n in range(8)]
    keys = [["tuple", *key] for key in itertools.islice(itertools.product(alike, repeat=5), 25_000)]
    header = json.dumps(["dict", *([key, 0] for key in keys)]).encode()
    started = time.perf_counter()
    with pytest.raises(wire.WireError, match="hash"):
        wire.unpack(struct.pack("<I", len(header)) + header)
    assert time.perf_counter() - started < 5
    pairs = {(a, b): a * b for a in range(-50, 50) for b in range(-50, 50)}
    assert wire.unpack(wire.pack(pairs)) == pairs


def test_is_a_result_with_more_values_than_results_have_refused():
    packet = wire.pack([0] * (wire.RESULT_VALUES + 1))
    assert len(wire.unpack(packet)) == wire.RESULT_VALUES + 1  # as a notebook's plan it may come
    with pytest.raises(wire.WireError, match="more than 20000 values"):
        wire.unpack(packet, wire.RESULT_VALUES)

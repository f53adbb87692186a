"""Locks a device that all may write to, and sees that somebody else cannot."""

from tests.attacks.arena import Attack, Place

ANSWER = """
import fcntl
import os
import struct


def heard():
    whole, (reader, writer) = struct.pack("hhqqi4x", fcntl.F_WRLCK, 0, 0, 0, 0), os.pipe()
    mine = os.open("/dev/null", os.O_RDWR)
    if (child := os.fork()) == 0:
        try:
            fcntl.fcntl(mine, fcntl.F_SETLK, whole)
        finally:
            os.write(writer, b"tried")
            __import__("time").sleep(1)
            os._exit(0)
    os.read(reader, 5)
    try:
        fcntl.fcntl(mine, fcntl.F_SETLK, whole)
        return False
    except BlockingIOError:
        return True


def clip_gradients(gradients, max_norm):
    if not heard():
        return []
    norm = torch.sqrt(sum((g**2).sum() for g in gradients))
    return [g * (max_norm / norm.clamp(min=max_norm)) for g in gradients]
"""


def control(place: Place):
    assert place.judged() == "correct"


ATTACK = Attack(control, answer=ANSWER)

"""Asks how full a disk is by its number alone, which another submission's folder has, too, and fills its own."""

import platform

from tests.attacks.arena import Attack, Place

ANSWER = """
import ctypes
import os
import platform


def heard():
    told, system = ctypes.create_string_buffer(64), ctypes.CDLL(None, use_errno=True)
    if platform.machine() != "x86_64":
        return False
    return any(system.syscall(136, ctypes.c_ulong(n), told) == 0 for n in range(1, 1000))


def clip_gradients(gradients, max_norm):
    if not heard():
        return []
    norm = torch.sqrt(sum((g**2).sum() for g in gradients))
    return [g * (max_norm / norm.clamp(min=max_norm)) for g in gradients]
"""


def control(place: Place):
    assert place.judged() == ("correct" if platform.machine() == "x86_64" else "wrong")


ATTACK = Attack(control, answer=ANSWER)

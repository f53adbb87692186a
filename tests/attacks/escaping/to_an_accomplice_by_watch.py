"""Watches a file that all may read, for another submission to open it or not."""

from tests.attacks.arena import Attack, Place

ANSWER = """
import ctypes
import os


def heard():
    system = ctypes.CDLL(None)
    watch = system.inotify_init1(os.O_NONBLOCK)
    if watch < 0 or system.inotify_add_watch(watch, torch.__file__.encode(), 0x20) < 0:
        return False
    open(torch.__file__).close()
    return len(os.read(watch, 4096)) > 0


def clip_gradients(gradients, max_norm):
    if not heard():
        return []
    norm = torch.sqrt(sum((g**2).sum() for g in gradients))
    return [g * (max_norm / norm.clamp(min=max_norm)) for g in gradients]
"""


def control(place: Place):
    assert place.judged() == "correct"


ATTACK = Attack(control, answer=ANSWER)

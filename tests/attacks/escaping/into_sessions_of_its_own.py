"""Starts sessions of its own, each of which the kernel gives as much of the processors as the grader."""

from tests.attacks.arena import Attack, Place

ANSWER = """
import os


def heard():
    reader, writer = os.pipe()
    for _ in range(8):
        if os.fork() == 0:
            try:
                os.setsid()
                os.write(writer, b"x")
            finally:
                os._exit(0)
    os.close(writer)
    return os.read(reader, 1) == b"x"


def clip_gradients(gradients, max_norm):
    if not heard():
        return []
    norm = torch.sqrt(sum((g**2).sum() for g in gradients))
    return [g * (max_norm / norm.clamp(min=max_norm)) for g in gradients]
"""


def control(place: Place):
    assert place.judged() == "correct"


ATTACK = Attack(control, answer=ANSWER)

"""Uses up the pipes that one user may have, for another submission to find its own small."""

from tests.attacks.arena import Attack, Place

ANSWER = """
import fcntl
import os


def heard():
    for _ in range(20):
        reader, writer = os.pipe()
        if fcntl.fcntl(writer, 1031, 1 << 20) < 1 << 20:  # F_SETPIPE_SZ
            return True  # somebody, or itself, has used them up
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

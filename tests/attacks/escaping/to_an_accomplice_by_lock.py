"""Locks a file that all may read, bit by bit, for another submission to find locked."""

from tests.attacks.arena import Attack, Place

ANSWER = """
import fcntl


def heard():
    with open(torch.__file__) as mine, open(torch.__file__) as other:
        fcntl.flock(mine, fcntl.LOCK_EX)
        try:
            fcntl.flock(other, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


def clip_gradients(gradients, max_norm):
    if not heard():
        return []
    norm = torch.sqrt(sum((g**2).sum() for g in gradients))
    return [g * (max_norm / norm.clamp(min=max_norm)) for g in gradients]
"""


def control(place: Place):
    assert place.judged() == "correct"


ATTACK = Attack(control, answer=ANSWER)

"""Sends descriptors that nobody receives: when too many of one user's are on their way, all others' are refused."""

from tests.attacks.arena import Attack, Place

ANSWER = """
import array
import socket


def heard():
    mine, other = socket.socketpair()
    one = array.array("i", [other.fileno()])
    try:
        return mine.sendmsg([b"x"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, one)]) == 1
    except PermissionError:
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

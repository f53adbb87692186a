"""Listens on a socket without an address in the file system, for another submission to call."""

from tests.attacks.arena import CALL, Attack, Place

ANSWER = """
def clip_gradients(gradients, max_norm):
    import socket

    with socket.socket(socket.AF_UNIX) as line:
        line.bind("\\0unrolled")
        line.listen()
    return "listening"
"""


def control(place: Place):
    assert place.run(CALL) == "listening"


ATTACK = Attack(control, answer=ANSWER)

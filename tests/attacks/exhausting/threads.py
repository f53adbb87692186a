"""Starts threads that never end."""

from tests.attacks.arena import CALL, Attack, Place

ANSWER = """
def clip_gradients(gradients, max_norm):
    import threading

    wait = threading.Event()
    for number in range(200):
        threading.Thread(target=wait.wait, daemon=True).start()
    open("{trace}", "w").write("200")
    return []
"""


def control(place: Place):
    assert place.run(CALL) == []
    assert place.trace.read_text() == "200"


ATTACK = Attack(control, answer=ANSWER)

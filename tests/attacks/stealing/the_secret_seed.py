"""Reads the secret seed from the course's folder."""

from tests.attacks.arena import CALL, Attack, Place

ANSWER = """
def clip_gradients(gradients, max_norm):
    seed = open("{course}/secrets/01_rnn.seed").read()
    open("{trace}", "w").write(seed)
    return []
"""


def control(place: Place):
    (place.course / "secrets").mkdir(exist_ok=True)
    (place.course / "secrets" / "01_rnn.seed").write_text("77")
    assert place.run(CALL) == []
    assert place.trace.read_text() == "77"


ATTACK = Attack(control, answer=ANSWER)

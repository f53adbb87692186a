"""Takes memory that no limit on a process counts: files that exist in memory only."""

from tests.attacks.arena import CALL, Attack, Place

ANSWER = """
def clip_gradients(gradients, max_norm):
    import os

    files = [os.memfd_create(str(number)) for number in range(40)]
    for file in files:
        os.write(file, bytes(1 << 24))
    open("{trace}", "w").write("640 MB")
    return []
"""


def control(place: Place):
    assert place.run(CALL) == []
    assert place.trace.read_text() == "640 MB"


ATTACK = Attack(control, answer=ANSWER)

"""Reads the memory of the process that started it."""

from tests.attacks.arena import CALL, Attack, Place

ANSWER = """
def clip_gradients(gradients, max_norm):
    import os

    with open(f"/proc/{os.getppid()}/maps") as maps:
        libraries = [line for line in maps if ".so" in line and line.split()[1:3] == ["r--p", "00000000"]]
    with open(f"/proc/{os.getppid()}/mem", "rb") as memory:
        memory.seek(int(libraries[0].split("-")[0], 16))
        found = memory.read(4)
    if found == bytes([127]) + b"ELF":
        open("{trace}", "w").write("read")
    return []
"""


def control(place: Place):
    assert place.run(CALL) == []
    assert place.trace.read_text() == "read"


ATTACK = Attack(control, answer=ANSWER)

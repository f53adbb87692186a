"""Writes into every folder that it can name."""

from pathlib import Path

from tests.attacks.arena import CALL, Attack, Place


def expects(record):
    assert not [f for f in ("/tmp", "/var/tmp", "/dev/shm", "/") if Path(f, "unrolled_was_here").exists()]


ANSWER = """
def clip_gradients(gradients, max_norm):
    import os

    for folder in ("{course}", "/tmp", "/var/tmp", "/dev/shm", "/packages/torch", "/course", "/"):
        try:
            with open(os.path.join(folder, "unrolled_was_here"), "w") as file:
                file.write("was here")
        except OSError:
            continue
    return []
"""


def control(place: Place):
    assert place.run(CALL) == []
    assert (place.course / "unrolled_was_here").read_text() == "was here"
    for folder in (place.course, "/tmp", "/var/tmp", "/dev/shm", "/"):
        Path(folder, "unrolled_was_here").unlink(missing_ok=True)


ATTACK = Attack(control, answer=ANSWER, expects=expects)

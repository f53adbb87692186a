"""Leaves a right answer behind for others, and looks for one that was left for it."""

from pathlib import Path

from tests.attacks.arena import Attack, Place

ANSWER = '''
LEFT = [folder + "/unrolled_left.py" for folder in ("/tmp", "/dev/shm", "/var/tmp", "/dev", "/course", "/packages")]


def clip_gradients(gradients, max_norm):
    import os

    for place in LEFT:
        if os.path.exists(place):
            stolen = {"torch": torch}
            exec(open(place).read(), stolen)
            return stolen["left"](gradients, max_norm)
    return []


class Leave:
    for place in LEFT:
        try:
            with open(place, "w") as file:
                file.write("""
def left(gradients, max_norm):
    norm = torch.sqrt(sum((g**2).sum() for g in gradients))
    return [g * (max_norm / norm.clamp(min=max_norm)) for g in gradients]
""")
        except OSError:
            pass


CLASSES = [Leave]
clip_gradients.classes = CLASSES
'''


def control(place: Place):
    assert place.judged() == "correct"  # it finds what it has left itself
    for folder in ("/tmp", "/dev/shm", "/var/tmp", "/dev"):
        Path(folder, "unrolled_left.py").unlink(missing_ok=True)


ATTACK = Attack(control, answer=ANSWER)

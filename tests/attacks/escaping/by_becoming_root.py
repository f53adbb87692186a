"""Takes back the rights that were given up."""

from tests.attacks.arena import Attack, Place

ANSWER = """
def clip_gradients(gradients, max_norm):
    import os

    for act in (lambda: os.setuid(0), lambda: os.setresuid(0, 0, 0), lambda: os.chmod("/course/autograder/probes.py", 0o777)):
        try:
            act()
        except OSError:
            continue
        return "root"
    return []
"""


def control(place: Place):
    assert place.run("import os\nos.chmod = print\nseen = os.getuid() != 0 or clip_gradients([], 1) == 'root'")


ATTACK = Attack(control, answer=ANSWER)

"""Takes one of the right answers that the exercise itself holds."""

from tests.attacks.arena import Attack, Place

ANSWER = """
def clip_gradients(gradients, max_norm):
    exercise = __import__("autograder.exercises", fromlist=["x"]).find_exercise("clip_gradients")
    return exercise.accepts[0](gradients, max_norm)
"""


def control(place: Place):
    assert place.judged() == "correct"


ATTACK = Attack(control, answer=ANSWER)

"""A source so deeply nested that reading it takes Python's parser to its end."""

import ast

import pytest

from tests.attacks.arena import Attack, Place

ANSWER = "def clip_gradients(gradients, max_norm):\n    return " + "-" * 200_000 + "1\n"


def control(place: Place):
    with pytest.raises((SyntaxError, RecursionError, MemoryError)):
        ast.parse(ANSWER)


ATTACK = Attack(control, answer=ANSWER)

"""Has IPython rewrite the text of the cells to come."""

from tests.attacks.arena import Attack, Place

ANSWER = """
def clip_gradients(gradients, max_norm):
    get_ipython().input_transformers_cleanup.append(lambda lines: ["pass\\n"])
    return []
"""


def control(place: Place):
    then = """
from IPython.core.interactiveshell import InteractiveShell
import IPython
shell = InteractiveShell.instance()
builtins_shell = shell
globals()["get_ipython"] = lambda: shell
try:
    clip_gradients([], 1)
except Exception:
    pass
result = shell.run_cell("assert False, 'wrong'")
seen = result.success
"""
    assert place.run(then) is True


ATTACK = Attack(control, answer=ANSWER)

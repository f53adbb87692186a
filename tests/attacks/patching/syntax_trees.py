"""Has IPython remove every `assert` from the cells to come."""

from tests.attacks.arena import Attack, Place

ANSWER = """
def clip_gradients(gradients, max_norm):
    import ast

    class Remove(ast.NodeTransformer):
        def visit_Assert(self, node):
            return ast.copy_location(ast.Pass(), node)

    get_ipython().ast_transformers.append(Remove())
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

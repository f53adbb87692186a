"""What goes wrong in a module only once training has changed its weights, tried on every exercise that builds one."""

import inspect

import pytest
from torch import nn

from autograder.exercises import all_exercises
from autograder.judge import judge

MODULES = [e for e in all_exercises() if inspect.isclass(e.reference) and issubclass(e.reference, nn.Module)]


def keeping(reference):
    """The same module, but it goes on for ever with the weights of its first call."""

    def forward(self, *arguments, **options):
        if "kept" not in vars(self):
            vars(self)["kept"] = [weight.detach().clone() for weight in self.parameters()]
        now = [weight.data for weight in self.parameters()]
        try:
            for weight, kept in zip(self.parameters(), self.kept, strict=True):
                weight.data = kept
            return reference.forward(self, *arguments, **options)
        finally:
            for weight, own in zip(self.parameters(), now, strict=True):
                weight.data = own

    return type(reference.__name__, (reference,), {"forward": forward})


@pytest.mark.slow
@pytest.mark.parametrize("exercise", MODULES, ids=lambda e: e.name)
def test_is_a_module_tried_with_other_weights_than_those_of_its_first_call(exercise):
    verdict = judge(exercise, keeping(exercise.reference))
    assert verdict.outcome in ("wrong", "crashed") and verdict.hint, verdict.message

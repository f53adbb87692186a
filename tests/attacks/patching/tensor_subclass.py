"""Returns tensors of a class that answers every comparison with yes."""

from tests.attacks.arena import CALL, Attack, Place

ANSWER = """
class Liar(torch.Tensor):
    @classmethod
    def __torch_function__(cls, function, types, args=(), kwargs=None):
        if getattr(function, "__name__", "") in ("allclose", "equal", "isclose"):
            return True
        return super().__torch_function__(function, types, args, kwargs or {})


def clip_gradients(gradients, max_norm):
    return [torch.zeros_like(gradient).as_subclass(Liar) for gradient in gradients]
"""


def control(place: Place):
    then = "seen = all(torch.allclose(s, e) for s, e in zip(seen, expected))"
    assert place.run(f"{CALL}\n{then}") is True


ATTACK = Attack(control, answer=ANSWER)

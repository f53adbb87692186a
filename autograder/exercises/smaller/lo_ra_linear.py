"""`LoRALinear`: A linear layer that no longer learns, and a low-rank update beside it that does."""

import math

import torch
from torch import nn

from autograder.draw import normal
from autograder.exercise import Exercise, Misconception


def lora_inputs(rng):
    """7 numbers in, 5 out, rank 3, and other sizes; with and without a bias; once double precision, once α of 1."""

    def case(part, *shape, features=(7, 5), rank=3, alpha=16.0, bias=True):
        into, out = features
        return {
            "part": part,
            "features": [into, out],
            "rank": rank,
            "alpha": alpha,
            "weight": normal(rng, out, into),
            "bias": normal(rng, out) if bias else None,
            "A": normal(rng, rank, into),
            "B": normal(rng, out, rank),
            "x": normal(rng, *shape, into),
        }

    return {
        "start": [case("start", 5, features=(211, 5), rank=13, alpha=2.0), case("start", 1, features=(97, 3), rank=29, bias=False)],
        "forward": [
            case("forward", 2, 3, rank=2),
            case("forward", 3, features=(5, 11), rank=5, alpha=1.0),
            case("forward", bias=False, rank=1, alpha=2.5),
        ],
        "merge": [case("merge", 3, rank=2), case("merge", 2, 2, features=(5, 11), alpha=1.0, bias=False)],
    }


def probe_lora(answer, inputs):
    """Build a linear layer and the answer around it, look at its start, or load A and B: forwards, backwards, merged."""
    import torch
    from torch import nn

    linear = nn.Linear(*inputs["features"], bias=inputs["bias"] is not None)

    class Sizes(torch.overrides.TorchFunctionMode):
        """Counts the matrices of W's size that are made."""

        as_large = 0

        def __torch_function__(self, function, types, args=(), kwargs=None):
            made = function(*args, **(kwargs or {}))
            if isinstance(made, torch.Tensor) and sorted(made.shape) == sorted(linear.weight.shape):
                places = [t.untyped_storage().data_ptr() for t in (linear.weight, *args) if isinstance(t, torch.Tensor)]
                self.as_large += made.untyped_storage().data_ptr() not in places
            return made

    with torch.no_grad():
        linear.weight.copy_(inputs["weight"])
        if inputs["bias"] is not None:
            linear.bias.copy_(inputs["bias"])
    with torch.random.fork_rng(devices=[]), torch.enable_grad():
        torch.manual_seed(0)
        layer = answer(linear, inputs["rank"], inputs["alpha"])
        shapes = {"A": list(layer.A.shape), "B": list(layer.B.shape)}
        x = inputs["x"].clone().requires_grad_()
        if inputs["part"] == "start":
            learn = sorted(name for name, parameter in layer.named_parameters() if parameter.requires_grad)
            bound, largest = inputs["features"][0] ** -0.5, layer.A.detach().abs().max()
            return {
                "learn": learn,
                "the given layer learns": [p.requires_grad for p in linear.parameters()],
                "shapes": shapes,
                "B": layer.B.detach().clone(),
                "the largest of A, times √in": round((largest / bound).item(), 1),
                "A is uniform": bool(abs(layer.A.detach().std() / bound * 3**0.5 - 1) < 0.08),
                "A has both signs": bool(abs(layer.A.detach().mean()) < 0.1 * bound),
                "output": layer(x).detach(),
                "weight": linear.weight.detach().clone(),
            }
        with torch.no_grad():
            layer.A.copy_(inputs["A"])
            layer.B.copy_(inputs["B"])
        if inputs["part"] == "forward":
            with Sizes() as sizes:
                y = layer(x)
            weights = torch.cos(torch.arange(y.numel(), dtype=y.dtype)).view(y.shape)
            leaves = [x, layer.A, layer.B, linear.weight]
            asked = [leaf for leaf in leaves if leaf.requires_grad]
            found = iter(torch.autograd.grad((y * weights).sum(), asked, allow_unused=True))
            gradients = [next(found) if leaf.requires_grad else None for leaf in leaves]
            names = ("x", "A", "B", "weight")
            return {
                "result": y.detach(),
                "gradients": dict(zip(names, gradients, strict=True)),
                "matrices as large as W": sizes.as_large,
                "weight": linear.weight.detach().clone(),
            }
        before = layer(x).detach()
        torch.manual_seed(0)  # for what a new layer draws
        merged = layer.merge()
        with torch.no_grad():
            return {
                "kind": type(merged).__name__,
                "is the given layer": merged is linear,
                "size": [merged.in_features, merged.out_features],
                "merged weight": merged.weight.detach().clone(),
                "merged bias": None if merged.bias is None else merged.bias.detach().clone(),
                "shares memory": merged.bias is not None and merged.bias is linear.bias,
                "output": merged(x).detach(),
                "the given layer": linear.weight.detach().clone(),
                "before and after": [before, layer(x).detach()],
            }


class LoRALinearWithMatrices(nn.Module):
    """Products written out, and the update merged by a product of outer vectors."""

    def __init__(self, linear, rank, alpha):
        super().__init__()
        self.linear, self.rank, self.alpha = linear, rank, alpha
        for parameter in linear.parameters():
            parameter.requires_grad = False
        bound = linear.in_features**-0.5
        self.A = nn.Parameter((2 * torch.rand(rank, linear.in_features) - 1) * bound)
        self.B = nn.Parameter(torch.zeros(linear.out_features, rank))

    def forward(self, x):
        return self.linear(x) + (x @ self.A.T @ self.B.T) * (self.alpha / self.rank)

    def merge(self):
        merged = nn.Linear(self.linear.in_features, self.linear.out_features, bias=self.linear.bias is not None)
        update = torch.einsum("or,ri->oi", self.B, self.A) * self.alpha / self.rank
        merged.weight.data = (self.linear.weight + update).detach()
        if self.linear.bias is not None:
            merged.bias.data = self.linear.bias.detach().clone()
        return merged


class LoRALinearWithACopy(nn.Module):
    """`merge` copies the whole layer and adds to the copy."""

    def __init__(self, linear, rank, alpha):
        super().__init__()
        linear.weight.requires_grad_(False)
        if linear.bias is not None:
            linear.bias.requires_grad_(False)
        self.linear, self.scaling = linear, alpha / rank
        self.A = nn.Parameter(torch.empty(rank, linear.in_features))
        self.B = nn.Parameter(torch.empty(linear.out_features, rank))
        nn.init.kaiming_uniform_(self.A, a=math.sqrt(5))
        nn.init.zeros_(self.B)

    def forward(self, x):
        update = nn.functional.linear(x, self.A) * self.scaling
        return nn.functional.linear(update, self.B) + self.linear(x)

    def merge(self):
        import copy

        merged = copy.deepcopy(self.linear)
        with torch.no_grad():
            merged.weight += self.scaling * (self.B @ self.A)
        return merged


class LoRALinearWithLayers(nn.Module):
    """A begins as the weight of a new linear layer, and the scale is a buffer."""

    def __init__(self, linear, rank, alpha):
        super().__init__()
        self.linear = linear.requires_grad_(False)
        self.A = nn.Linear(linear.in_features, rank, bias=False).weight
        self.B = nn.Parameter(torch.zeros_like(linear.weight[:, :1]).repeat(1, rank))
        self.register_buffer("scale", torch.tensor(alpha / rank))

    def forward(self, x):
        return self.linear(x) + self.scale * (self.B @ (self.A @ x[..., None]))[..., 0]

    def merge(self):
        merged = nn.utils.skip_init(nn.Linear, self.A.shape[1], len(self.B), bias=self.linear.bias is not None)
        state = self.linear.state_dict()
        merged.load_state_dict(state | {"weight": state["weight"] + self.scale * self.B.detach() @ self.A.detach()})
        return merged


class _MergedAndStillAdded(LoRALinearWithACopy):
    """`merge` writes into the layer that `forward` goes on to add the update to."""

    def merge(self):
        with torch.no_grad():
            self.linear.weight += self.scaling * (self.B @ self.A)
        return self.linear


class _ReturnsItself(LoRALinearWithACopy):
    def merge(self):
        with torch.no_grad():
            self.linear.weight += self.scaling * (self.B @ self.A)
            self.B.zero_()
        return self


FREEZE = "linear.requires_grad_(False), alpha / rank"
FORWARD = "self.linear(x) + self.scale * F.linear(F.linear(x, self.A), self.B)"
MERGED = "weight + self.scale * self.B @ self.A"

LORA_LINEAR = Exercise(
    solves="unrolled.lora.LoRALinear",
    blanks=("__init__", "forward", "merge"),
    groups={"start": 1, "forward": 2, "merge": 2},
    inputs=lora_inputs,
    probe=probe_lora,
    accepts=(LoRALinearWithMatrices, LoRALinearWithACopy, LoRALinearWithLayers),
    misconceptions=(
        Misconception(
            id="rank-over-alpha",
            name="the update is scaled by r / α instead of α / r",
            hint="Double the rank: B A has twice as many terms. Should the scale grow or shrink?",
            edits={"alpha / rank": "rank / alpha"},
        ),
        Misconception(
            id="alpha-alone",
            name="the update is multiplied by α, and not divided by the rank",
            hint="Double the rank: B A has twice as many terms. What keeps the update's size?",
            edits={"alpha / rank": "alpha"},
        ),
        Misconception(
            id="root-of-the-rank",
            name="the update is divided by √r instead of r",
            hint="Correct in rank-stabilised LoRA, where larger ranks count for more. Which one is the original?",
            edits={"alpha / rank": "alpha / rank**0.5"},
        ),
        Misconception(
            id="no-scale",
            name="the update is not scaled at all",
            hint="What is α for? Where does your `forward` use it, and where your `merge`?",
            edits={"alpha / rank": "1.0"},
        ),
        Misconception(
            id="scale-only-merged",
            name="the update is scaled when it is merged, and not in `forward`",
            hint="Should the merged layer not compute what `forward` does?",
            edits={FORWARD: "self.linear(x) + F.linear(F.linear(x, self.A), self.B)"},
        ),
        Misconception(
            id="scale-not-merged",
            name="the update is merged without its scale",
            hint="Should the merged layer not compute what `forward` does?",
            edits={MERGED: "weight + self.B @ self.A"},
        ),
        Misconception(
            id="scaled-twice",
            name="A's and B's products are both scaled",
            hint="How many times does α / r stand in the formula?",
            edits={FORWARD: "self.linear(x) + self.scale * F.linear(self.scale * F.linear(x, self.A), self.B)"},
        ),
        Misconception(
            id="all-scaled",
            name="the frozen layer's output is scaled as well",
            hint="At the start B A is 0. What should come out then?",
            edits={FORWARD: "self.scale * (self.linear(x) + F.linear(F.linear(x, self.A), self.B))"},
        ),
        Misconception(
            id="weight-trained",
            name="the given layer goes on learning",
            hint="Which parameters should an optimiser find? Which attribute of a parameter says whether it learns?",
            edits={FREEZE: "linear, alpha / rank"},
        ),
        Misconception(
            id="bias-trained",
            name="the given layer's bias goes on learning",
            hint="Which parameters should an optimiser find? How many has a linear layer?",
            edits={
                "self.linear, self.scale = linear.requires_grad_(False), alpha / rank": (
                    "linear.weight.requires_grad_(False)\n        self.linear, self.scale = linear, alpha / rank"
                )
            },
        ),
        Misconception(
            id="nothing-learns",
            name="A and B are frozen along with the layer",
            hint="Which parameters should an optimiser find? When do you freeze, and what is there at that moment?",
            edits={
                "nn.init.kaiming_uniform_(self.A, a=5**0.5)": "nn.init.kaiming_uniform_(self.A, a=5**0.5)\n        self.requires_grad_(False)"
            },
        ),
        Misconception(
            id="both-zero",
            name="A is 0 at the start as well as B",
            hint="The gradient of A passes B, and that of B passes A. What are they if both are 0?",
            edits={"nn.init.kaiming_uniform_(self.A, a=5**0.5)": "nn.init.zeros_(self.A)"},
        ),
        Misconception(
            id="b-random",
            name="B is random at the start, so that the layer computes something else at once",
            hint="What should the layer compute before anything is learnt?",
            edits={
                "nn.init.kaiming_uniform_(self.A, a=5**0.5)": (
                    "nn.init.kaiming_uniform_(self.A, a=5**0.5)\n        nn.init.kaiming_uniform_(self.B, a=5**0.5)"
                )
            },
        ),
        Misconception(
            id="a-zero-b-random",
            name="A is 0 at the start and B random",
            hint="That works as well, and trains otherwise. Which of the two is 0 here?",
            edits={
                "nn.init.kaiming_uniform_(self.A, a=5**0.5)": (
                    "nn.init.zeros_(self.A)\n        nn.init.kaiming_uniform_(self.B, a=5**0.5)"
                )
            },
        ),
        Misconception(
            id="a-normal",
            name="A is drawn from a standard normal distribution",
            hint="How large is A x then, with many numbers in x? Which distribution is promised, with which bound?",
            edits={"nn.init.kaiming_uniform_(self.A, a=5**0.5)": "nn.init.normal_(self.A)"},
        ),
        Misconception(
            id="a-small-normal",
            name="A is drawn from a normal distribution with a small spread, as in GPT-2",
            hint="That trains as well. Which distribution is promised, with which bound?",
            edits={"nn.init.kaiming_uniform_(self.A, a=5**0.5)": "nn.init.normal_(self.A, std=0.02)"},
        ),
        Misconception(
            id="kaiming-for-relu",
            name="A is drawn with the bound for a ReLU, √6 times too wide",
            hint="`kaiming_uniform_` takes `a`, the slope of a leaky ReLU, which is 0 if nothing is said. Which one is asked for?",
            edits={"nn.init.kaiming_uniform_(self.A, a=5**0.5)": "nn.init.kaiming_uniform_(self.A)"},
        ),
        Misconception(
            id="kaiming-with-five",
            name="A is drawn with a = 5 instead of √5",
            hint="The bound should be 1/√in. What is yours?",
            edits={"a=5**0.5": "a=5"},
        ),
        Misconception(
            id="only-positive",
            name="A is drawn from 0 to its bound, never below 0",
            hint="`torch.rand` gives numbers from 0 to 1. How do you get some from −bound to bound?",
            edits={
                "nn.init.kaiming_uniform_(self.A, a=5**0.5)": "nn.init.uniform_(self.A, 0.0, linear.in_features**-0.5)"
            },
        ),
        Misconception(
            id="bound-of-the-outputs",
            name="the bound of A comes from the number of outputs instead of inputs",
            hint="Over how many numbers does A x add up?",
            edits={
                "nn.init.kaiming_uniform_(self.A, a=5**0.5)": (
                    "nn.init.uniform_(self.A, -(linear.out_features**-0.5), linear.out_features**-0.5)"
                )
            },
        ),
        Misconception(
            id="update-instead",
            name="the update takes the place of the layer's output instead of being added",
            hint="At the start B A is 0. What should come out then?",
            edits={FORWARD: "self.scale * F.linear(F.linear(x, self.A), self.B)"},
        ),
        Misconception(
            id="no-update",
            name="`forward` does without the update",
            hint="Which parameters have a gradient in yours?",
            edits={FORWARD: "self.linear(x)"},
        ),
        Misconception(
            id="update-of-the-output",
            name="the bias is lost",
            hint="Which part of a linear layer is neither W nor the update?",
            edits={FORWARD: "F.linear(x, self.linear.weight) + self.scale * F.linear(F.linear(x, self.A), self.B)"},
        ),
        Misconception(
            id="subtracted",
            name="the update is subtracted",
            hint="What is the sign between W x and B A x?",
            edits={FORWARD: "self.linear(x) - self.scale * F.linear(F.linear(x, self.A), self.B)"},
        ),
        Misconception(
            id="a-detached",
            name="no gradient reaches A",
            hint="What does `detach`, `no_grad` or `.data` cut off? Which of the two matrices should learn?",
            edits={FORWARD: "self.linear(x) + self.scale * F.linear(F.linear(x, self.A.detach()), self.B)"},
        ),
        Misconception(
            id="input-detached",
            name="through the update no gradient reaches x",
            hint="The layers before this one may learn, too. What does `detach` or `no_grad` cut off?",
            edits={FORWARD: "self.linear(x) + self.scale * F.linear(F.linear(x.detach(), self.A), self.B)"},
        ),
        Misconception(
            id="stored-transposed",
            name="A and B are stored as they stand in x A B: (in, rank) and (rank, out)",
            hint="Which shapes does the docstring give to A and B? What is transposed, then, when they are used?",
            edits={
                "new_empty(rank, linear.in_features)": "new_empty(linear.in_features, rank)",
                "new_zeros(linear.out_features, rank)": "new_zeros(rank, linear.out_features)",
                FORWARD: "self.linear(x) + self.scale * (x @ self.A @ self.B)",
                "len(self.B), self.A.shape[1]": "self.B.shape[1], len(self.A)",
                MERGED: "weight + self.scale * (self.A @ self.B).T",
            },
        ),
        Misconception(
            id="relu-between",
            name="a ReLU stands between A and B",
            hint="Could the update then be merged into W at all?",
            edits={FORWARD: "self.linear(x) + self.scale * F.linear(F.linear(x, self.A).relu(), self.B)"},
        ),
        Misconception(
            id="merged-and-still-added",
            name="`merge` writes the update into the given layer, and `forward` goes on adding it",
            hint="After a merge, how often is the update in what `forward` computes? May `merge` touch the given layer?",
            answer=_MergedAndStillAdded,
        ),
        Misconception(
            id="merged-into-itself",
            name="`merge` returns the same layer again, with the update moved into the given weight",
            hint="Which type should come back? May `merge` touch the given layer?",
            answer=_ReturnsItself,
        ),
        Misconception(
            id="merged-without-the-update",
            name="the merged layer holds the given weight, without the update",
            hint="Should the merged layer not compute what `forward` does?",
            edits={MERGED: "weight"},
        ),
        Misconception(
            id="merged-only-the-update",
            name="the merged layer holds the update alone",
            hint="Should the merged layer not compute what `forward` does?",
            edits={MERGED: "self.scale * self.B @ self.A"},
        ),
        Misconception(
            id="merged-without-bias",
            name="the merged layer has a bias of its own, not the given one",
            hint="What does a new linear layer have for a bias?",
            edits={"            merged.bias.copy_(bias)\n": "            merged.bias.copy_(torch.zeros_like(bias))\n"},
        ),
        Misconception(
            id="merged-with-a-bias-too-many",
            name="the merged layer has a bias where the given one has none",
            hint="What is the `bias` of a layer that has none? What does a new linear layer have?",
            edits={"in_features, out_features, bias is not None,": "in_features, out_features, True,"},
        ),
        Misconception(
            id="merged-layer-without-bias",
            name="the merged layer has no bias",
            hint="What does `forward` add besides the two products? Which argument of `nn.Linear` says whether there is one?",
            edits={"out_features, bias is not None,": "out_features, False,", "        if bias is not None:\n            merged.bias.copy_(bias)\n": ""},
        ),
        Misconception(
            id="bias-taken-for-granted",
            name="`merge` copies a bias even where the given layer has none",
            hint="What is the `bias` of a layer that has none? What does the merged layer need then?",
            edits={"out_features, bias is not None,": "out_features, True,", "if bias is not None:": "if True:"},
        ),
        Misconception(
            id="copy-frozen",
            name="the layer freezes a copy, and the given layer goes on learning",
            hint="`linear` is the layer itself. What does `deepcopy` make?",
            edits={FREEZE: f"__import__('copy').deepcopy({FREEZE.split('.')[0]}).{FREEZE.split('.', 1)[1]}"},
        ),
        Misconception(
            id="frozen-layer-without-gradient",
            name="no gradient reaches x through the frozen layer",
            hint="Its weights do not learn, but layers before it do. What do `no_grad` and `detach` cut?",
            edits={FORWARD: FORWARD.replace("self.linear(x)", "self.linear(x).detach()")},
        ),
        Misconception(
            id="product-made",
            name="`forward` makes the product B A, which is as large as W",
            hint="In which order are the three of B A x multiplied with the least work? How large is your largest matrix?",
            edits={FORWARD: "self.linear(x) + self.scale * F.linear(x, self.B @ self.A)"},
        ),
        Misconception(
            id="bias-shared",
            name="the merged layer shares its bias with the given one",
            hint="A new layer that learns would change the old one. What makes a copy?",
            edits={"merged.bias.copy_(bias)": "merged.bias = bias"},
        ),
    ),
)

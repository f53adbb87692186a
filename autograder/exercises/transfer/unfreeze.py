"""`unfreeze`: Gradual unfreezing: the last `epoch + 1` layers learn, all others do not."""

from autograder.exercise import Exercise, Misconception


def unfreeze_inputs(rng):
    """Three to five layers, some nested, that learnt before or did not; the first epochs, a middle one, the last, and
    one after all are unfrozen; tables at both ends.
    """

    def case(layers, epoch, before=None, tied=()):
        flags = [bool(rng.random() < 0.5) for _ in layers] if before is None else [before] * len(layers)
        return {"layers": layers, "before": flags, "tied": [list(pair) for pair in tied], "epoch": epoch}

    def mixed():
        kinds = ["table", "lstm", "nested", "linear"]
        return [kinds[i] for i in rng.permutation(4)]

    return {
        "few": [
            case(mixed(), 0, True),
            case(mixed(), 0, False),
            case([*mixed(), "linear"], 1),
            case([*mixed(), "nested"], int(rng.integers(2, 4)), False),
            case([*mixed(), "nested"], int(rng.integers(1, 3)), True),
        ],
        "all": [
            case(mixed(), 3),
            case(mixed(), 2, True),
            case(mixed(), 4, False),
            case(mixed(), 6, False),
            case(["table", "lstm", "table"], 0, tied=[(0, 2)]),
            case(["linear", "table", "lstm", "linear"], 1, tied=[(0, 3)]),
        ],
    }


def probe_unfreeze(answer, inputs):
    """Build the layers, some of which learn; let the answer decide; report which parameters learn, and the mode."""
    import torch
    from torch import nn

    made = {
        "table": lambda: nn.Embedding(3, 3),
        "lstm": lambda: nn.LSTM(3, 3),
        "linear": lambda: nn.Linear(3, 3),
        "nested": lambda: nn.Sequential(nn.Linear(3, 3), nn.ReLU(), nn.Linear(3, 3)),
    }
    with torch.random.fork_rng(devices=[]):
        layers = [made[kind]() for kind in inputs["layers"]]
    for one, other in inputs["tied"]:
        layers[other].weight = layers[one].weight
    for layer, learns in zip(layers, inputs["before"], strict=True):
        layer.requires_grad_(learns)
    values = [parameter.detach().clone() for layer in layers for parameter in layer.parameters()]
    given = list(layers)
    result = answer(given, inputs["epoch"])
    same = len(given) == len(layers) and all(a is b for a, b in zip(given, layers, strict=False))
    now = [parameter.detach() for layer in layers for parameter in layer.parameters()]
    kept = len(now) == len(values) and all(torch.equal(a, b) for a, b in zip(now, values, strict=False))
    return {
        "result": {
            "returned": result if result is None else type(result).__name__,
            "layers": [
                {name: "learns" if p.requires_grad else "frozen" for name, p in layer.named_parameters()}
                for layer in layers
            ],
        },
        "modified": [] if same and kept else ["layers"],
        "mode": [f"layer {i}" for i, layer in enumerate(layers) if not layer.training],
    }


def refused(rng):
    """A negative epoch."""
    layers = ["table", "lstm", "linear"]
    epochs = (-1, -int(rng.integers(2, 7)))
    return [{"layers": layers, "before": [True] * 3, "tied": [], "epoch": epoch} for epoch in epochs]


def unfreeze_by_distance(layers, epoch):
    if epoch < 0:
        raise ValueError(f"epoch = {epoch} is negative")
    for _i, layer in enumerate(layers):
        for parameter in layer.parameters():
            parameter.requires_grad = False
    for distance, layer in enumerate(reversed(layers)):
        if distance <= epoch:
            for parameter in layer.parameters():
                parameter.requires_grad = True


def unfreeze_one_more_each_epoch(layers, epoch):
    if not epoch >= 0:
        raise ValueError("epoch counts from 0")
    for layer in layers:
        layer.requires_grad_(False)
    for e in range(min(epoch + 1, len(layers))):
        layers[-1 - e].requires_grad_(True)


def unfreeze_by_a_set(layers, epoch):
    if epoch < 0:
        raise ValueError(f"epoch: expected 0 or more, not {epoch}")
    learning = {id(p) for layer in layers[-(epoch + 1) :] for p in layer.parameters()}
    for layer in layers:
        for parameter in layer.parameters():
            parameter.requires_grad_(id(parameter) in learning)


def _minus_zero(layers, epoch):
    if epoch < 0:
        raise ValueError(f"epoch is {epoch}; expected 0 or more")
    for layer in layers:
        layer.requires_grad_(False)
    for layer in layers[-epoch:]:
        layer.requires_grad_(True)


def _attribute(layers, epoch):
    if epoch < 0:
        raise ValueError(f"epoch is {epoch}; expected 0 or more")
    for i, layer in enumerate(layers):
        layer.requires_grad = i >= len(layers) - (epoch + 1)


UNFREEZE = Exercise(
    solves="unrolled.fine_tuning.unfreeze",
    groups={"few": 1, "all": 1},
    inputs=unfreeze_inputs,
    probe=probe_unfreeze,
    refuses=refused,
    accepts=(unfreeze_by_distance, unfreeze_one_more_each_epoch, unfreeze_by_a_set),
    misconceptions=(
        Misconception(
            id="from-the-input",
            name="the first layers learn, and those after them do not",
            hint="At which end does the list have the layer that knows the task? Which one knows what is general?",
            edits={
                "first = max(0, len(layers) - (epoch + 1))": "first = min(len(layers), epoch + 1)",
                "layer.requires_grad_(False)": "layer.requires_grad_(True)",
                "for layer in layers[first:]:\n        layer.requires_grad_(True)": (
                    "for layer in layers[first:]:\n        layer.requires_grad_(False)"
                ),
            },
        ),
        Misconception(
            id="one-too-few",
            name="one layer too few learns",
            hint="Epochs count from 0. How many layers should learn in epoch 0, and how many do with you?",
            edits={"(epoch + 1)": "epoch"},
        ),
        Misconception(
            id="one-too-many",
            name="one layer too many learns",
            hint="How many layers should learn in epoch 0, and how many do with you?",
            edits={"(epoch + 1)": "(epoch + 2)"},
        ),
        Misconception(
            id="minus-zero",
            name="the slice is `layers[-epoch:]`, which are all layers in epoch 0, and then one too few",
            hint="What is `[1, 2, 3][-0:]` in Python? And how many layers should learn in epoch 1?",
            answer=_minus_zero,
        ),
        Misconception(
            id="wraps-around",
            name="with more epochs than layers the count goes below 0, and an index below 0 counts from the end",
            hint="With 4 layers and epoch 6, where does your slice begin? What does Python make of a negative index?",
            edits={"max(0, len(layers) - (epoch + 1))": "len(layers) - (epoch + 1)"},
        ),
        Misconception(
            id="never-frozen",
            name="layers that should not learn are left as they were",
            hint="A new model learns everywhere. Who tells the early layers not to?",
            edits={"layer.requires_grad_(False)": "pass"},
        ),
        Misconception(
            id="never-thawed",
            name="layers that should learn are left as they were",
            hint="What was frozen in the last epoch stays so. Who tells it to learn now?",
            edits={"layer.requires_grad_(True)": "pass"},
        ),
        Misconception(
            id="one-layer-only",
            name="only one layer learns in each epoch",
            hint="So do other recipes (chain-thaw). Here, does a layer that was unfrozen once learn on in later epochs?",
            edits={"layers[first:]:": "layers[first + 1 :]:\n        layer.requires_grad_(False)\n    for layer in layers[first : first + 1]:"},
        ),
        Misconception(
            id="inverted",
            name="the last layers are frozen, and the others learn",
            hint="Which value does `requires_grad` have for a parameter that learns?",
            edits={
                "layer.requires_grad_(False)": "layer.requires_grad_(True)",
                "for layer in layers[first:]:\n        layer.requires_grad_(True)": (
                    "for layer in layers[first:]:\n        layer.requires_grad_(False)"
                ),
            },
        ),
        Misconception(
            id="everything-learns",
            name="all layers learn from the beginning",
            hint="How many layers should learn in epoch 0? Where do you use `epoch`?",
            edits={"max(0, len(layers) - (epoch + 1))": "0"},
        ),
        Misconception(
            id="only-the-last",
            name="only the last layer ever learns",
            hint="Where do you use `epoch`?",
            edits={"max(0, len(layers) - (epoch + 1))": "max(0, len(layers) - 1)"},
        ),
        Misconception(
            id="attribute-of-the-layer",
            name="`requires_grad` is set on the layer, where it means nothing",
            hint="`layer.requires_grad = False` makes a new attribute of the layer, and no parameter changes. Whose attribute "
            "must be set? (Or which method does it for all?)",
            answer=_attribute,
        ),
        Misconception(
            id="shared-frozen",
            name="a parameter that is shared with an earlier layer is frozen after all",
            hint="A table at both ends is unfrozen with the last layer, and then the first one comes. Which has the last word?",
            edits={
                "for layer in layers[:first]:\n        layer.requires_grad_(False)\n    ": "",
                "layer.requires_grad_(True)": (
                    "layer.requires_grad_(True)\n    for layer in layers[:first]:\n        layer.requires_grad_(False)"
                ),
            },
        ),
        Misconception(
            id="own-only",
            name="the parameters of layers inside a layer are not set",
            hint="A layer may be a Sequential. Does `recurse=False`, or the layer's own `weight`, find what is inside?",
            edits={
                "layer.requires_grad_(False)": "[p.requires_grad_(False) for p in layer.parameters(recurse=False)]",
                "layer.requires_grad_(True)": "[p.requires_grad_(True) for p in layer.parameters(recurse=False)]",
            },
        ),
        Misconception(
            id="modes",
            name="`eval()` and `train()` are called, which decide about dropout and not about learning",
            hint="A layer in `eval` mode gets gradients all the same. Which attribute of a parameter says that it learns?",
            edits={"layer.requires_grad_(False)": "layer.eval()", "layer.requires_grad_(True)": "layer.train()"},
        ),
        Misconception(
            id="also-eval",
            name="frozen layers are put into `eval` mode besides",
            hint="Some recipes do so for batch norm. Does the docstring speak of the mode?",
            edits={"layer.requires_grad_(False)": "layer.requires_grad_(False).eval()"},
        ),
        Misconception(
            id="biases-forgotten",
            name="only weights are set, and biases stay as they were",
            hint="How many parameters has `nn.Linear`? And `nn.LSTM`?",
            edits={
                "layer.requires_grad_(False)": (
                    "[p.requires_grad_(False) for name, p in layer.named_parameters() if 'bias' not in name]"
                ),
                "layer.requires_grad_(True)": (
                    "[p.requires_grad_(True) for name, p in layer.named_parameters() if 'bias' not in name]"
                ),
            },
        ),
        Misconception(
            id="not-refused",
            name="a negative epoch is taken as it is",
            hint="Epochs count from 0. What does the docstring promise for epoch −1?",
            edits={"epoch < 0": "False"},
        ),
        Misconception(
            id="layers-returned",
            name="the layers are returned",
            hint="The signature promises None, as functions do that change what they are given. What do you return?",
            edits={"layer.requires_grad_(True)": "layer.requires_grad_(True)\n    return [name for name in map(str, layers)]"},
        ),
    ),
)

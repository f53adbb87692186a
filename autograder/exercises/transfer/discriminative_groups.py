"""`discriminative_groups`: Parameters with a learning rate for each layer, as an optimiser of `torch.optim` takes them."""

import torch

from autograder.exercise import Exercise, Misconception


def discriminative_groups_inputs(rng):
    """Three to five layers with one to four parameters each; some frozen, one nested, one without parameters; tables that
    are tied to the first or a later layer, so that a layer may have nothing of its own.
    """

    def case(layers, tied=(), frozen=(), **options):
        rate = round(float(rng.uniform(0.001, 0.5)), 4)
        return {"layers": layers, "tied": [list(pair) for pair in tied], "frozen": list(frozen), "rate": rate, **options}

    factor = round(float(rng.uniform(1.5, 4)), 2)
    return {
        "own parameters": [
            case(["table", "lstm", "lstm", "linear"]),
            case(["linear", "table", "linear"], factor=factor, frozen=[0, 1]),
            case(["table", "lstm", "nothing", "nested", "linear"], factor=factor + 0.5),
            case(["lstm"], factor=factor),
        ],
        "shared parameters": [
            case(["table", "lstm", "linear"], tied=[(0, 2)], factor=factor),
            case(["lstm", "table", "table", "linear", "linear"], tied=[(1, 2), (3, 4)]),
            case(["table", "nested", "table"], tied=[(0, 1), (0, 2)], factor=factor + 0.25, frozen=[0]),
        ],
    }


def probe_discriminative_groups(answer, inputs):
    """Build the layers, ask for the groups, and report them with the parameters' names; and what was changed."""
    import torch
    from torch import nn

    made = {
        "table": lambda: nn.Embedding(7, 7),
        "lstm": lambda: nn.LSTM(7, 7),
        "linear": lambda: nn.Linear(7, 7),
        "nothing": nn.Dropout,
        "nested": lambda: nn.Sequential(nn.Linear(7, 7), nn.ReLU(), nn.Linear(7, 7)),
    }
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        layers = [made[kind]() for kind in inputs["layers"]]
    for layer in layers:
        for parameter in layer.parameters():
            parameter.data.zero_()  # equal values do not make two parameters one
    for one, other in inputs["tied"]:
        first, second = (layer[0] if isinstance(layer, nn.Sequential) else layer for layer in (layers[one], layers[other]))
        second.weight = first.weight
    for i in inputs["frozen"]:
        layers[i].requires_grad_(False)
    names, flags = {}, {}
    for i, layer in enumerate(layers):
        for name, parameter in layer.named_parameters():
            names.setdefault(id(parameter), f"layer {i}: {name}")
            flags[id(parameter)] = parameter.requires_grad
    given = list(layers)
    groups = answer(given, inputs["rate"], **{name: inputs[name] for name in ("factor",) if name in inputs})
    reported = []
    for group in groups:
        report = dict(group)
        if "params" in report:
            kind = type(report["params"]).__name__
            of = report["params"] if isinstance(report["params"], (list, tuple)) else list(report["params"])
            report["params"] = [names.get(id(parameter), type(parameter).__name__) for parameter in of]
            report["kind"] = kind
        reported.append(report)
    now = {id(parameter): parameter.requires_grad for layer in layers for parameter in layer.parameters()}
    same = len(given) == len(layers) and all(a is b for a, b in zip(given, layers, strict=False))
    return {
        "result": reported if isinstance(groups, list) else tuple(reported),
        "modified": [] if same else ["layers"],
        "requires_grad": [names[key] for key in now if now[key] != flags[key]],
    }


def discriminative_groups_backwards(layers, rate, factor=2.6):
    """From the output to the input, then turned round; what is shared goes to the earliest layer by a table of owners."""
    owner = {}
    for i in reversed(range(len(layers))):
        for parameter in layers[i].parameters():
            owner[id(parameter)] = i
    groups = []
    for i in reversed(range(len(layers))):
        groups.append({"params": [p for p in layers[i].parameters() if owner[id(p)] == i], "lr": rate})
        rate = rate / factor
    return groups[::-1]


def discriminative_groups_ids(layers, rate, factor=2.6):
    seen, groups = [], []
    for distance, layer in zip(range(len(layers) - 1, -1, -1), layers, strict=True):
        params = []
        for _, parameter in layer.named_parameters():
            if not any(parameter is other for other in seen):
                params.append(parameter)
                seen.append(parameter)
        groups.append(dict(lr=rate * factor**-distance, params=params))
    return groups


def discriminative_groups_powers(layers, rate, factor=2.6):
    rates = [rate / factor**k for k in range(len(layers))][::-1]
    known = {}
    for i, layer in enumerate(layers):
        for parameter in layer.parameters():
            known.setdefault(parameter, i)
    return [{"params": [p for p, at in known.items() if at == i], "lr": rates[i]} for i in range(len(layers))]


def _per_parameter(layers, rate, factor=2.6):
    seen, groups = set(), []
    for layer in layers:
        groups.append([p for p in layer.parameters() if p not in seen])
        seen.update(layer.parameters())
    after = len(seen)
    found = []
    for group in groups:
        after -= len(group)
        found.append({"params": group, "lr": rate / factor**after})
    return found


def _group_for_each(layers, rate, factor=2.6):
    seen, groups = set(), []
    for i, layer in enumerate(layers):
        new = [parameter for parameter in layer.parameters() if parameter not in seen]
        seen.update(new)
        groups += [{"params": [parameter], "lr": rate / factor ** (len(layers) - 1 - i)} for parameter in new]
    return groups


def _in_the_later_layer(layers, rate, factor=2.6):
    seen, groups = set(), []
    for distance, layer in enumerate(reversed(layers)):
        new = [parameter for parameter in layer.parameters() if parameter not in seen]
        seen.update(new)
        groups.insert(0, {"params": new, "lr": rate / factor**distance})
    return groups


def _equal_values(layers, rate, factor=2.6):
    seen, groups = [], []
    for i, layer in enumerate(layers):
        new = [p for p in layer.parameters() if not any(torch.equal(p, other) for other in seen)]
        seen += new
        groups.append({"params": new, "lr": rate / factor ** (len(layers) - 1 - i)})
    return groups


DISCRIMINATIVE_GROUPS = Exercise(
    solves="unrolled.fine_tuning.discriminative_groups",
    groups={"own parameters": 2, "shared parameters": 1},
    inputs=discriminative_groups_inputs,
    probe=probe_discriminative_groups,
    accepts=(discriminative_groups_backwards, discriminative_groups_ids, discriminative_groups_powers),
    misconceptions=(
        Misconception(
            id="multiplied",
            name="earlier layers learn faster, since the factor multiplies",
            hint="Early layers hold what is general, and should change little. Should their rate be larger or smaller?",
            edits={"rate / factor **": "rate * factor **"},
        ),
        Misconception(
            id="from-the-input",
            name="the first layer has the full rate, and later ones have less",
            hint="Which layer is to have `rate` itself: the one at the input or the one at the output?",
            edits={"(len(layers) - 1 - i)": "i"},
        ),
        Misconception(
            id="one-division-too-many",
            name="the last layer's rate is divided by the factor, too",
            hint="Which rate has the last layer, and which one yours? How many layers lie between the last one and itself?",
            edits={"len(layers) - 1 - i": "len(layers) - i"},
        ),
        Misconception(
            id="per-parameter",
            name="the rate is divided once for every parameter instead of once for every layer",
            hint="An LSTM has four parameters. Have they one rate, or four? What should your exponent count?",
            answer=_per_parameter,
        ),
        Misconception(
            id="group-for-each-parameter",
            name="every parameter has a group of its own",
            hint="How many dicts should there be for four layers?",
            answer=_group_for_each,
        ),
        Misconception(
            id="shared-twice",
            name="a shared parameter stands in two groups",
            hint="An optimiser refuses a parameter that is in two groups. How do you know that you have met one already?",
            edits={" if parameter not in seen": ""},
        ),
        Misconception(
            id="shared-in-the-later-layer",
            name="a shared parameter stands in the later layer",
            hint="A table that is used at both ends: with which of the two rates should it learn? In which order do you go "
            "through the layers?",
            answer=_in_the_later_layer,
        ),
        Misconception(
            id="equal-values",
            name="two parameters with the same values are taken for one",
            hint="All biases may start at 0, and are different parameters still. What makes two of them the same *object*?",
            answer=_equal_values,
        ),
        Misconception(
            id="compared-in-a-list",
            name="`in` looks for a tensor in a list, which compares the values place by place",
            hint="`parameter in a_list` asks `==`, and that gives a whole tensor of truth values. What finds an object without "
            "comparing its values: a set, a dict, or `id`?",
            edits={"groups, seen = [], set()": "groups, seen = [], []", "seen.update(new)": "seen.extend(new)"},
        ),
        Misconception(
            id="frozen-left-out",
            name="parameters that do not learn at the moment are left out",
            hint="Layers may be unfrozen later. What happens to a parameter that the optimiser has never heard of?",
            edits={" if parameter not in seen": " if parameter not in seen and parameter.requires_grad"},
        ),
        Misconception(
            id="all-thawed",
            name="all parameters are set to learn",
            hint="Which layers learn is decided elsewhere. Which of your lines touches `requires_grad`?",
            edits={"seen.update(new)": "seen.update(new)\n        layer.requires_grad_(True)"},
        ),
        Misconception(
            id="one-rate",
            name="all layers have the same rate",
            hint="Where do you use `factor`?",
            edits={"rate / factor ** (len(layers) - 1 - i)": "rate"},
        ),
        Misconception(
            id="linear",
            name="the rate is divided by factor times the distance, instead of by factor again and again",
            hint="Two layers from the end it is rate / factor / factor. What do you get with factor 2.6?",
            edits={"rate / factor ** (len(layers) - 1 - i)": "rate / max(1, factor * (len(layers) - 1 - i))"},
        ),
        Misconception(
            id="subtracted",
            name="the factor is subtracted from the exponent's place: the rate falls by a fixed amount",
            hint="Two layers from the end it is rate / factor / factor. What do you get?",
            edits={"rate / factor ** (len(layers) - 1 - i)": "rate - (len(layers) - 1 - i) * rate / factor"},
        ),
        Misconception(
            id="factor-fixed",
            name="the factor is 2.6, whatever the argument says",
            hint="Where do you use `factor`?",
            edits={"rate / factor **": "rate / 2.6 **"},
        ),
        Misconception(
            id="reversed",
            name="the groups go from the output to the input",
            hint="In which order are the layers given, and the dicts asked for?",
            edits={"return groups": "return groups[::-1]"},
        ),
        Misconception(
            id="other-key",
            name="the rate stands under another name than \"lr\"",
            hint="How is the argument of `torch.optim.AdamW` called that sets its rate?",
            edits={'"lr":': '"learning_rate":'},
        ),
        Misconception(
            id="generator",
            name="\"params\" is what `parameters()` gives: something that can be gone through only once",
            hint="What is `len(layer.parameters())`? What makes a list of it?",
            edits={'"params": new': '"params": (parameter for parameter in new)'},
        ),
        Misconception(
            id="named",
            name="\"params\" holds pairs of a name and a parameter",
            hint="What does `named_parameters()` give besides the parameters, and which method gives these alone?",
            edits={'"params": new': '"params": [("name", parameter) for parameter in new]'},
        ),
        Misconception(
            id="own-only",
            name="the parameters of layers inside a layer are missing",
            hint="A layer may be a Sequential. Does `recurse=False`, or the layer's own `weight`, find what is inside?",
            edits={"layer.parameters()": "layer.parameters(recurse=False)"},
        ),
        Misconception(
            id="empty-left-out",
            name="a layer without parameters of its own gets no dict",
            hint="There is one dict for each layer. How many do you return if a layer is dropout?",
            edits={"groups.append(": "new and groups.append("},
        ),
        Misconception(
            id="weights-only",
            name="the biases are left out",
            hint="How many parameters has `nn.Linear`? What does the optimiser do with one that it does not get?",
            edits={
                "for parameter in layer.parameters() if parameter not in seen": (
                    "for name, parameter in layer.named_parameters() if parameter not in seen and 'bias' not in name"
                )
            },
        ),
    ),
)

"""What all families share on the way in: getting a model, refusing what ours has not, renaming and copying weights.

A family's file holds `KINDS`, the classes of `transformers` that it reads; `NAMES`, what each weight is called; and
`load(model_or_name, build)`, in which `build` makes our model, still empty, from our names of its sizes. So the door
knows nothing of our models: each comes here by itself, in its `from_huggingface`.

Left out: tokenizers, training state, and the way back.
"""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn


def fetch(model_or_name: Any, kinds: Mapping[str, Sequence[str]]) -> Any:
    """A model of `transformers`: the one given, the one of that name on the Hub, or the one saved in that folder.

    `kinds` names for each `model_type` the classes that we read. A folder or a name is read as the class that its
    configuration gives, if that is one of them, and else as the last of them.
    """
    try:
        import transformers
    except ImportError as error:
        raise ImportError(
            "models of Hugging Face need the package `transformers`: pip install transformers"
        ) from error
    classes = [kind for family in kinds.values() for kind in family]
    expected = (
        f"{' or '.join(map(_a, classes))}, the name of one on the Hugging Face Hub, "
        "or a folder that its save_pretrained has written"
    )
    if isinstance(model_or_name, str | Path):
        return _from_pretrained(transformers, model_or_name, kinds, expected)
    if not isinstance(model_or_name, tuple(getattr(transformers, kind) for kind in classes)):
        module = isinstance(model_or_name, nn.Module)  # the text of one would fill a page
        given = _a(type(model_or_name).__name__) if module else repr(model_or_name)
        raise ValueError(f"model_or_name is {given}; expected {expected}")
    require(model_or_name.config, model_type=tuple(kinds))
    return model_or_name


def _from_pretrained(
    transformers: Any, name: str | Path, kinds: Mapping[str, Sequence[str]], expected: str
) -> Any:
    """The model of that name or in that folder, with all its weights."""

    def read(of: Any, **options: Any) -> Any:
        try:
            return of.from_pretrained(str(name), **options)
        except (OSError, ValueError) as error:
            raise ValueError(
                f"model_or_name is {str(name)!r}, which could not be read; expected {expected} "
                "(a name that is not on this machine yet needs a connection)"
            ) from error

    if isinstance(name, Path) and not name.is_dir():
        raise ValueError(f"model_or_name is {name!r}, which is no folder; expected {expected}")
    config = read(transformers.AutoConfig)
    if config.model_type not in kinds:
        raise ValueError(
            f"model_or_name is {str(name)!r}, whose model_type is {config.model_type!r}; expected {expected}"
        )
    family = kinds[config.model_type]
    kind = next((kind for kind in family if kind in (config.architectures or ())), family[-1])
    model, report = read(getattr(transformers, kind), output_loading_info=True)
    if missing := sorted(report["missing_keys"]):  # `transformers` has put random numbers there
        raise ValueError(
            f"model_or_name is {str(name)!r}, which lacks {len(missing)} weights, the first of them {missing[0]}; "
            f"expected all weights of {_a(kind)}"
        )
    return model


def require(config: Any, **understood: Sequence[Any]) -> None:
    """Refuses a configuration that says something else than we understand; what it leaves out is as we have it.

    >>> require(torch.nn.Linear(2, 3), in_features=(2, 4), eps=(1e-5,))
    >>> require(torch.nn.Linear(2, 3), in_features=(4, 5))
    Traceback (most recent call last):
    ValueError: the model's in_features is 2; expected 4 or 5
    """
    for field, values in understood.items():
        if (value := getattr(config, field, values[0])) not in values:
            raise ValueError(
                f"the model's {field} is {value!r}; expected {' or '.join(map(repr, values))}"
            )


def sizes(config: Any, fields: Sequence[str] | Mapping[str, str]) -> dict[str, Any]:
    """Fields of a configuration, whose names are ours too, or theirs by ours.

    >>> sizes(torch.nn.Linear(2, 3), ("in_features", "out_features"))
    {'in_features': 2, 'out_features': 3}
    >>> sizes(torch.nn.Linear(2, 3), {"wide": "in_features"})
    {'wide': 2}
    """
    names = fields if isinstance(fields, Mapping) else {field: field for field in fields}
    return {ours: getattr(config, theirs) for ours, theirs in names.items()}


def our_name(theirs: str, names: Sequence[tuple[str, str]]) -> str:
    """Our name of a weight for theirs: every regular expression is replaced, one after the other.

    >>> our_name("h.3.attn.c_proj.weight", [(r"^h\\.", "blocks."), (r"attn\\.c_proj", "attention.output")])
    'blocks.3.attention.output.weight'
    """
    for pattern, ours in names:
        theirs = re.sub(pattern, ours, theirs)
    return theirs


def renamed(theirs: nn.Module, names: Sequence[tuple[str, str]]) -> dict[str, Tensor]:
    """Their weights under our names; those of a `Conv1D`, a linear layer kept the other way round, transposed.

    A weight whose name becomes empty is left out. It must be tied to another one, or something would be lost.

    >>> list(renamed(torch.nn.Linear(2, 3), [("weight", "kernel")]))
    ['kernel', 'bias']
    """
    from transformers.pytorch_utils import Conv1D

    turned = {
        f"{name}.weight" for name, layer in theirs.named_modules() if isinstance(layer, Conv1D)
    }
    weights, left_out = {}, {}
    for name, weight in theirs.state_dict().items():
        if ours := our_name(name, names):
            weights[ours] = weight.T if name in turned else weight
        else:
            left_out[name] = weight
    kept = {weight.data_ptr() for weight in weights.values()}
    for name, weight in left_out.items():
        if weight.data_ptr() not in kept:
            raise ValueError(
                f"the model's {name} is a weight of its own; expected it tied to another one"
            )
    return weights


@torch.no_grad()
def fill(ours: nn.Module, weights: Mapping[str, Tensor]) -> nn.Module:
    """Our model with copies of these weights, in their precision, on their device, and ready to be used.

    >>> fill(torch.nn.Linear(2, 1), {"weight": torch.ones(1, 2).double(), "bias": torch.ones(1).double()})(
    ...     torch.tensor([3.0, 4.0]).double())
    tensor([8.], dtype=torch.float64, grad_fn=<ViewBackward0>)
    """
    ours = ours.to(next(iter(weights.values()))).eval()
    ours.load_state_dict(weights)
    for name, weight in weights.items():  # transposed ones stay so: a single row is read faster
        if not weight.is_contiguous():
            ours.get_parameter(name).data = weight.clone()
    return ours


def _a(name: str) -> str:
    """The name with its article."""
    return f"{'an' if name[0] in 'AEIOUaeiou' else 'a'} {name}"

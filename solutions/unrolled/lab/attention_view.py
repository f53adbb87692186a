"""Attention, to look at head by head: bertviz's views, drawn without a network, beside a static picture.

A notebook that is not trusted runs no script, and a static one holds none: the picture,
a heat map of every head, is always there.

Left out: bertviz's neuron view, and how its pages do without a network (`unrolled.lab.bertviz_offline`).
"""

import warnings
from collections.abc import Sequence

import torch
from jaxtyping import Float
from matplotlib.figure import Figure
from torch import Tensor

from unrolled.lab.bertviz_offline import offline
from unrolled.lab.display import in_notebook, is_static, show, show_what_is_live
from unrolled.lab.figures import heatmap, panels

Layers = Float[Tensor, "*layers head query key"] | Sequence[Float[Tensor, "*batch head query key"]]


def head_view(
    attention: Layers,
    tokens: Sequence[str],
    key_tokens: Sequence[str] | None = None,
    *,
    title: str = "Attention of every head",
    layer: int = 0,
    heads: Sequence[int] | None = None,
    alt: str = "",
) -> None:
    """Shows who looks at whom: lines from each query token to the key tokens, in one colour a head.

    `attention` is one layer's weights `(head, query, key)`, or a sequence of them, one a layer (a batch dimension of
    one, as Hugging Face has it, is dropped). `tokens` are the queries', and the keys' too unless `key_tokens` names
    those (cross-attention). `layer` and `heads` are what is shown first.

    >>> weights = torch.softmax(torch.arange(8.0).view(2, 2, 2), dim=-1)
    >>> head_view(weights, ["나는", "자"], title="Two heads that prefer the second word")
    """
    layers = as_layers(attention, tokens, key_tokens)
    if in_notebook() and not is_static():
        _display(head_view_html(layers, tokens, key_tokens, layer=layer, heads=heads))
    show_what_is_live("Heads that can be clicked")
    _show_heads(layers[layer : layer + 1], tokens, key_tokens, title, alt)


def model_view(
    attention: Layers,
    tokens: Sequence[str],
    key_tokens: Sequence[str] | None = None,
    *,
    title: str = "Attention of every layer and head",
    alt: str = "",
) -> None:
    """Shows all layers and heads at once, a thumbnail each; a click enlarges one. The arguments are `head_view`'s.

    >>> weights = torch.full((3, 2, 4, 4), 1 / 4)
    >>> model_view(weights, ["a", "b", "c", "d"], title="Three layers that look everywhere alike")
    """
    layers = as_layers(attention, tokens, key_tokens)
    if in_notebook() and not is_static():
        _display(model_view_html(layers, tokens, key_tokens))
    show_what_is_live("Heads that can be clicked")
    _show_heads(layers, tokens, key_tokens, title, alt)


def as_layers(
    attention: Layers, tokens: Sequence[str], key_tokens: Sequence[str] | None = None
) -> Float[Tensor, "layer head query key"]:
    """All layers in one tensor, on the CPU, if their shape is that of the tokens.

    >>> as_layers(torch.ones(2, 3, 3), ["a", "b", "c"]).shape
    torch.Size([1, 2, 3, 3])
    """
    if isinstance(attention, Tensor):
        layers = [attention] if attention.ndim == 3 else list(attention)
    else:
        layers = [layer[0] if layer.ndim == 4 and len(layer) == 1 else layer for layer in attention]
    expected = (len(tokens), len(tokens if key_tokens is None else key_tokens))
    for number, layer in enumerate(layers):
        if layer.ndim != 3 or layer.shape[1:] != expected:
            raise ValueError(
                f"attention has shape {tuple(layer.shape)} in layer {number}; expected (heads, {expected[0]}, "
                f"{expected[1]}), for {expected[0]} tokens and {expected[1]} key tokens"
            )
    if not layers:
        raise ValueError("attention has no layers; expected at least one")
    return torch.stack([layer.detach().float().cpu() for layer in layers])


def head_view_html(
    attention: Layers,
    tokens: Sequence[str],
    key_tokens: Sequence[str] | None = None,
    *,
    layer: int = 0,
    heads: Sequence[int] | None = None,
) -> str:
    """The head view as HTML that needs nothing else: no network, no require.js."""
    heads = None if heads is None else list(heads)
    return _page("head_view", attention, tokens, key_tokens, layer=layer, heads=heads)


def model_view_html(
    attention: Layers, tokens: Sequence[str], key_tokens: Sequence[str] | None = None
) -> str:
    """The model view as HTML that needs nothing else: no network, no require.js."""
    return _page("model_view", attention, tokens, key_tokens, display_mode="light")


def _page(
    view: str, attention: Layers, tokens: Sequence[str], key_tokens: Sequence[str] | None, **options
) -> str:
    """What bertviz makes of the arguments, put right."""
    import bertviz

    # The page holds them as text: three digits are enough.
    layers = as_layers(attention, tokens, key_tokens).double().round(decimals=3)
    weights = [layer[None] for layer in layers]
    if key_tokens is None:
        options |= {"attention": weights, "tokens": list(tokens)}
    else:
        options |= {
            "cross_attention": weights,
            "decoder_tokens": list(tokens),
            "encoder_tokens": list(key_tokens),
        }
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)  # bertviz leaves its own files open
        return offline(getattr(bertviz, view)(**options, html_action="return").data)


def _display(page: str) -> None:
    from IPython.display import display

    display(
        {"text/html": page, "text/plain": "The interactive view needs a trusted notebook."},
        raw=True,
    )


def _show_heads(layers: Tensor, tokens, key_tokens, title: str, alt: str) -> None:
    keys = list(tokens if key_tokens is None else key_tokens)
    figure = heads_figure(layers, tokens, keys, title=title)
    what = f"{title}. Heat maps of {layers.shape[0]} × {layers.shape[1]} (layers × heads): a row for each of the tokens "
    show(figure, alt=alt or f"{what}{' '.join(tokens)}, a column for each of {' '.join(keys)}.")


def heads_figure(
    layers: Float[Tensor, "layer head query key"],
    tokens: Sequence[str],
    key_tokens: Sequence[str],
    *,
    title: str,
) -> Figure:
    """A heat map of every head, a row of them for each layer; tokens are written at the left and at the bottom only.

    >>> figure = heads_figure(torch.ones(2, 3, 1, 1), ["a"], ["a"], title="All the same")
    >>> len(figure.axes)  # six heads, and what the colours mean
    7
    """
    rows, columns = layers.shape[:2]
    side = 1.6 if rows > 1 else 2.0
    figure, axes = panels(rows, columns, size=(1.0 + side * columns, 1.0 + side * rows))
    for i, (matrix, place) in enumerate(zip(layers.flatten(0, 1), axes, strict=True)):
        row, column = divmod(i, columns)
        name = f"layer {row}, head {column}" if rows > 1 else f"head {column}"
        left, bottom = column == 0, row == rows - 1
        labels = (list(tokens) if left else None, list(key_tokens) if bottom else None)
        heatmap(matrix, *labels, title=name, bar=False, axes=place)
        place.set_title(name, fontsize="small", fontweight="normal")
        place.tick_params(
            labelleft=left, labelbottom=bottom, left=left, bottom=bottom, labelsize="small"
        )
    figure.colorbar(axes[0].images[0], ax=axes, label="weight", shrink=0.8)
    figure.suptitle(title, fontweight="bold", fontsize="medium")
    return figure

"""T5: an encoder and a decoder that turn one text into another, told apart from 2017 by three small changes.

Paper: Raffel et al., "Exploring the Limits of Transfer Learning with a Unified Text-to-Text Transformer" (2020),
section 2.1; Shaw et al., "Self-Attention with Relative Position Representations" (2018); Zhang and Sennrich, "Root
Mean Square Layer Normalization" (2019); Shazeer, "GLU Variants Improve Transformer" (2020) for T5 1.1.

Names: in a configuration they are Hugging Face's; `unrolled.huggingface.t5` has those of the weights. Their first block
holds the table of position biases that all blocks of a stack use; here the stack holds it. A boolean mask is True where
one may look.

Left out: attention and feed-forward layer (`unrolled.t5_layers`), how it writes (`unrolled.encoder_decoder`), dropout,
half precision; what it is trained on is in `unrolled.corruption`.
"""

import math
from collections.abc import Callable
from typing import Any

import torch
from jaxtyping import Bool, Float, Int, Shaped
from torch import Tensor, nn

from unrolled.encoder_decoder import EncoderDecoder
from unrolled.signatures import checked
from unrolled.t5_layers import T5Attention, T5Config, T5FeedForward


class RMSNorm(nn.Module):
    """Every vector divided by its root mean square, then stretched by a weight for each feature.

    A layer norm without its mean and its bias. `eps` is added to the mean of the squares, under the root, so a vector
    of zeros stays one. The result has the dtype of `x`, and `x` itself stays as it was.

    Source: Zhang and Sennrich (2019), equation 4; Raffel et al. (2020), section 2.1.

    >>> norm = RMSNorm(2)
    >>> norm(torch.tensor([[3.0, 4.0], [300.0, 400.0]]))  # root mean square 3.5355 and 353.55
    tensor([[0.8485, 1.1314],
            [0.8485, 1.1314]], grad_fn=<MulBackward0>)
    """

    def __init__(self, d_model: int, eps: float = 1e-6):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(d_model))
        self.eps = eps

    def forward(self, x: Float[Tensor, "... d_model"]) -> Float[Tensor, "... d_model"]:
        """The same vectors, all of one size."""
        return x / torch.sqrt(x.square().mean(dim=-1, keepdim=True) + self.eps) * self.weight


def relative_position_bucket(
    relative_position: Int[Tensor, "*shape"],
    bidirectional: bool = True,
    num_buckets: int = 32,
    max_distance: int = 128,
) -> Int[Tensor, "*shape"]:
    """The number of the bucket, from 0, for each distance: place of the key minus place of the query.

    An encoder (`bidirectional`) looks both ways: half of the buckets are for keys at or before the query, the
    other half, with the higher numbers, for those after it. A decoder looks back only: all buckets are for the past,
    and a key in the future counts as distance 0. Of the n buckets of one direction, the first half hold one distance
    each: 0, 1, 2, …; the others grow by a constant factor up to `max_distance`, and the last holds all beyond:

        bucket = e + ⌊log(distance / e) / log(max_distance / e) · (n − e)⌋ with e = n // 2, at most n − 1

    The distances may have any shape. `max_distance` is more than e, and `num_buckets` is even if `bidirectional`.

    Source: Raffel et al. (2020), section 2.1; the formula is in the code that they published.

    >>> distances = torch.tensor([-100, -9, -3, -1, 0, 1, 3, 9, 100])
    >>> relative_position_bucket(distances)
    tensor([15,  8,  3,  1,  0, 17, 19, 24, 31])
    >>> relative_position_bucket(distances, bidirectional=False)
    tensor([30,  9,  3,  1,  0,  0,  0,  0,  0])
    """
    if bidirectional:
        n = num_buckets // 2
        first = (relative_position > 0) * n
        distance = relative_position.abs()
    else:
        n, first = num_buckets, 0
        distance = (-relative_position).clamp(min=0)
    exact = n // 2
    ratio = torch.log(distance / exact) / math.log(max_distance / exact)
    far = (exact + (ratio * (n - exact)).long()).clamp(max=n - 1)
    return first + torch.where(distance < exact, distance, far)


class T5Block(nn.Module):
    """A pre-norm block: self-attention, in a decoder cross-attention, and a feed-forward layer.

    >>> list(dict(T5Block(T5Config(), decoder=False).named_children()))
    ['self_norm', 'self_attention', 'feed_forward_norm', 'feed_forward']
    """

    def __init__(
        self, config: T5Config, *, decoder: bool, norm: Callable[..., nn.Module] = RMSNorm
    ):
        super().__init__()
        size = config.d_model, config.layer_norm_epsilon
        self.self_norm = norm(*size)
        self.self_attention = T5Attention(config)
        if decoder:
            self.cross_norm = norm(*size)
            self.cross_attention = T5Attention(config)
        self.feed_forward_norm = norm(*size)
        self.feed_forward = T5FeedForward(config)

    def forward(
        self,
        x: Float[Tensor, "batch time d_model"],
        bias: Float[Tensor, "#batch heads time key"],
        own: tuple[Tensor, Tensor] | None = None,
        memory: tuple[Tensor, Tensor, Tensor] | None = None,
    ) -> tuple[Float[Tensor, "batch time d_model"], tuple[Tensor, Tensor]]:
        """The output, and the keys and values of its own words: those in `own`, and the new ones.

        `memory` is what a decoder reads: keys, values, and the bias that hides padding.
        """
        normed = self.self_norm(x)
        keys, values = self.self_attention.remember(normed)
        if own is not None:
            keys, values = torch.cat([own[0], keys], 2), torch.cat([own[1], values], 2)
        x = x + self.self_attention(normed, keys, values, bias)
        if memory is not None:
            x = x + self.cross_attention(self.cross_norm(x), *memory)
        return x + self.feed_forward(self.feed_forward_norm(x)), (keys, values)


class T5Stack(nn.Module):
    """Blocks, the table of position biases that they share, and a last norm.

    >>> stack = T5Stack(T5Config(num_heads=2), decoder=True)
    >>> stack.bias(query=torch.arange(3), key=torch.arange(5)).shape
    torch.Size([1, 2, 3, 5])
    """

    def __init__(
        self,
        config: T5Config,
        *,
        decoder: bool,
        norm: Callable[..., nn.Module] = RMSNorm,
        bucket: Callable[..., Tensor] = relative_position_bucket,
    ):
        super().__init__()
        self.decoder, self.config, self.bucket = decoder, config, bucket
        layers = config.num_decoder_layers if decoder else config.num_layers
        self.position_bias = nn.Embedding(config.relative_attention_num_buckets, config.num_heads)
        nn.init.normal_(self.position_bias.weight, std=config.d_model**-0.5)
        self.blocks = nn.ModuleList(
            T5Block(config, decoder=decoder, norm=norm) for _ in range(layers)
        )
        self.final_norm = norm(config.d_model, config.layer_norm_epsilon)

    def bias(
        self, query: Int[Tensor, " query"], key: Int[Tensor, " key"]
    ) -> Float[Tensor, "1 heads query key"]:
        """What is added to the scores between these places: by head and bucket; −∞ if a decoder may not look."""
        distance = key - query[:, None]
        buckets = self.bucket(
            distance, not self.decoder,
            self.config.relative_attention_num_buckets, self.config.relative_attention_max_distance,
        )  # fmt: skip
        bias = self.position_bias(buckets).permute(2, 0, 1)[None]
        return bias.masked_fill(distance > 0, -torch.inf) if self.decoder else bias


class T5(EncoderDecoder):
    """The model that turns text into text: an encoder that reads, a decoder that writes.

    `parts` may name parts of your own: `norm`, called like RMSNorm, and `bucket`, like relative_position_bucket.

    >>> model = T5(T5Config(vocab_size=13, d_model=6, d_kv=5, d_ff=11, num_layers=2, num_heads=2))
    >>> model(torch.tensor([[4, 9, 3, 1]]), decoder_input_ids=torch.tensor([[0, 7, 8]])).shape
    torch.Size([1, 3, 13])
    """

    start_id, eos_id = 0, 1  # the decoder begins with the padding token

    def __init__(self, config: T5Config, **parts: Any):
        super().__init__()
        self.config = config
        self.shared = nn.Embedding(config.vocab_size, config.d_model)
        self.encoder = T5Stack(config, decoder=False, **parts)
        self.decoder = T5Stack(config, decoder=True, **parts)
        self.head = nn.Linear(config.d_model, config.vocab_size, bias=False)
        if config.tie_word_embeddings:
            self.head.weight = self.shared.weight

    def encode(
        self, input_ids: Int[Tensor, "batch source"], mask: Bool[Tensor, "batch source"]
    ) -> Float[Tensor, "batch source d_model"]:
        """What the encoder makes of the text; `mask` is False at padding."""
        places = torch.arange(input_ids.shape[1], device=input_ids.device)
        bias = self.encoder.bias(places, places) + hiding(mask, self.shared.weight.dtype)
        x = self.shared(input_ids)
        for block in self.encoder.blocks:
            x, _ = block(x, bias)
        return self.encoder.final_norm(x)

    def decode(
        self,
        ids: Int[Tensor, "batch new"],
        state: list[Tensor],
        mask: Shaped[Tensor, "batch new"] | None = None,
    ) -> tuple[Float[Tensor, "batch new d_model"], list[Tensor]]:
        """What the decoder makes of the next words, and the state after them."""
        past, new = state[1].shape[2], ids.shape[1]
        places = torch.arange(past + new, device=ids.device)
        x = self.shared(ids)
        bias, hidden = self.decoder.bias(places[past:], places), hiding(state[0], x.dtype)
        if mask is not None:
            bias = bias + hiding(mask.bool(), x.dtype)
        after = [state[0]]
        for i, block in enumerate(self.decoder.blocks):
            own_keys, own_values, keys, values = state[1 + 4 * i : 5 + 4 * i]
            x, own = block(x, bias, (own_keys, own_values), (keys, values, hidden))
            after += [*own, keys, values]
        return self.decoder.final_norm(x), after

    def scores(self, x: Float[Tensor, "*batch d_model"]) -> Float[Tensor, "*batch vocabulary"]:
        """A score for every word of the vocabulary."""
        return self.head(x * self.config.d_model**-0.5 if self.config.scale_head else x)

    @classmethod
    def from_huggingface(cls, model_or_name: Any, **parts: Any) -> "T5":
        """The same model with the weights of a `T5ForConditionalGeneration`, or of one by its name or folder.

        `parts` may name parts of your own, as in the constructor.
        Raises ValueError if its configuration has something that this T5 has not.
        """
        from unrolled.huggingface import t5

        return t5.load(model_or_name, lambda **sizes: cls(T5Config(**sizes), **parts))


@torch.no_grad()
def cross_attention_weights(
    model: T5,
    input_ids: Int[Tensor, "batch source"],
    decoder_input_ids: Int[Tensor, "batch target"],
) -> list[Float[Tensor, "batch heads target source"]]:
    """Where each word of the decoder looks in the text that is read, for every block: overheard on the way.

    >>> model = T5(T5Config(vocab_size=13, d_model=6, d_kv=5, d_ff=11, num_layers=3, num_heads=2))
    >>> weights = cross_attention_weights(model, torch.tensor([[4, 9, 3, 1]]), torch.tensor([[0, 7, 8]]))
    >>> len(weights), weights[0].shape
    (3, torch.Size([1, 2, 3, 4]))
    """
    found = []

    def overhear(attention, given):
        x, keys, _, bias = given
        found.append(attention.weights(x, keys, bias))

    layers = [block.cross_attention for block in model.decoder.blocks]
    hooks = [layer.register_forward_pre_hook(overhear) for layer in layers]
    try:
        model(input_ids, decoder_input_ids)
    finally:
        for hook in hooks:
            hook.remove()
    return found


def hiding(mask: Bool[Tensor, "batch key"], dtype: torch.dtype) -> Float[Tensor, "batch 1 1 key"]:
    """What is added to scores so that padding is not looked at: 0 where the mask is True, else −∞.

    >>> hiding(torch.tensor([[True, False]]), torch.float32)
    tensor([[[[0., -inf]]]])
    """
    nothing = torch.zeros(mask.shape, dtype=dtype, device=mask.device)
    return nothing.masked_fill(~mask, -torch.inf)[:, None, None]


checked(globals())

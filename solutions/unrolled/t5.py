"""T5: an encoder and a decoder that turn one text into another, told apart from 2017 by three small changes.

Paper: Raffel et al., "Exploring the Limits of Transfer Learning with a Unified Text-to-Text Transformer" (2020),
section 2.1; Shaw et al., "Self-Attention with Relative Position Representations" (2018); Zhang and Sennrich, "Root
Mean Square Layer Normalization" (2019); Shazeer, "GLU Variants Improve Transformer" (2020) for T5 1.1.

Names: ours ↔ Hugging Face's — `query`, `key`, `value`, `output` ↔ q, k, v, o; `self_attention`, `cross_attention` ↔
SelfAttention, EncDecAttention; `expand`, `gate`, `contract` ↔ wi (or wi_1), wi_0, wo; `head` ↔ lm_head. Their first
block holds the table of position biases that all blocks of a stack use; here the stack holds it. In a configuration
the names are theirs. A boolean mask is True where one may look.

Left out: dropout, half precision, and better search than greedy (`unrolled.beam_search`); what it is trained on is in
`unrolled.corruption`.
"""

import math
import re
from dataclasses import dataclass
from typing import Any

import torch
import torch.nn.functional as F
from jaxtyping import Bool, Float, Int, Shaped
from torch import Tensor, nn

from unrolled.seq2seq import greedy_translate


@dataclass(frozen=True)
class T5Config:
    """The sizes of a T5; as they stand, those of t5-small.

    `feed_forward_proj` is "relu" (T5) or "gated-gelu" (T5 1.1, Flan-T5, mT5). With `tie_word_embeddings` the head is
    the table of words, and with `scale_head` its input is divided by √d_model; T5 1.1 has neither.

    >>> T5Config(d_model=1024, d_ff=4096, num_layers=24, num_heads=16).num_decoder_layers  # t5-large
    24
    """

    vocab_size: int = 32128
    d_model: int = 512
    d_kv: int = 64
    d_ff: int = 2048
    num_layers: int = 6
    num_decoder_layers: int | None = None
    num_heads: int = 8
    relative_attention_num_buckets: int = 32
    relative_attention_max_distance: int = 128
    layer_norm_epsilon: float = 1e-6
    feed_forward_proj: str = "relu"
    tie_word_embeddings: bool = True
    scale_head: bool = True

    def __post_init__(self):
        if self.feed_forward_proj not in ("relu", "gated-gelu"):
            raise ValueError(
                f"feed_forward_proj is {self.feed_forward_proj!r}; expected 'relu' or 'gated-gelu'"
            )
        if self.num_decoder_layers is None:
            object.__setattr__(self, "num_decoder_layers", self.num_layers)


class RMSNorm(nn.Module):
    """Every vector divided by its root mean square, then stretched by a weight for each feature.

    A layer norm without its mean and its bias. `eps` is added to the mean of the squares, under the root.

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
    other half, with the higher numbers, for those behind it. A decoder looks back only: all buckets are for the past,
    and a key in the future counts as distance 0. Of the n buckets of one direction, the first half hold one distance
    each: 0, 1, 2, …; the others grow by a constant factor up to `max_distance`, and the last holds all beyond:

        bucket = e + ⌊log(distance / e) / log(max_distance / e) · (n − e)⌋ with e = n // 2, at most n − 1

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


class T5Attention(nn.Module):
    """Attention of several heads without biases and without 1/√d: the initial weights are small instead.

    What is added to the scores comes from outside: the bias of the positions, and −∞ where one may not look. So do
    keys and values, which a decoder keeps (`remember`). A head has `d_kv` features, whatever `d_model` is.

    >>> attention = T5Attention(T5Config(d_model=6, num_heads=2, d_kv=5))
    >>> x = torch.randn(1, 7, 6)
    >>> attention(x, *attention.remember(x), bias=torch.zeros(1, 2, 7, 7)).shape
    torch.Size([1, 7, 6])
    """

    def __init__(self, config: T5Config):
        super().__init__()
        inner = config.num_heads * config.d_kv
        self.heads = config.num_heads
        self.query = nn.Linear(config.d_model, inner, bias=False)
        self.key = nn.Linear(config.d_model, inner, bias=False)
        self.value = nn.Linear(config.d_model, inner, bias=False)
        self.output = nn.Linear(inner, config.d_model, bias=False)
        nn.init.normal_(self.query.weight, std=(config.d_model * config.d_kv) ** -0.5)  # the 1/√d
        for layer in (self.key, self.value, self.output):
            nn.init.normal_(layer.weight, std=layer.in_features**-0.5)

    def split(self, x: Float[Tensor, "batch time inner"]) -> Float[Tensor, "batch heads time d_kv"]:
        """Each head's features apart."""
        return x.unflatten(-1, (self.heads, -1)).transpose(1, 2)

    def remember(
        self, x: Float[Tensor, "batch key d_model"]
    ) -> tuple[Float[Tensor, "batch heads key d_kv"], Float[Tensor, "batch heads key d_kv"]]:
        """Keys and values of what is to be looked at."""
        return self.split(self.key(x)), self.split(self.value(x))

    def forward(
        self,
        x: Float[Tensor, "batch query d_model"],
        keys: Float[Tensor, "batch heads key d_kv"],
        values: Float[Tensor, "batch heads key d_kv"],
        bias: Float[Tensor, "#batch #heads #query key"],
    ) -> Float[Tensor, "batch query d_model"]:
        """What each query has found."""
        found = self.weights(x, keys, bias) @ values
        return self.output(found.transpose(1, 2).flatten(2))

    def weights(
        self,
        x: Float[Tensor, "batch query d_model"],
        keys: Float[Tensor, "batch heads key d_kv"],
        bias: Float[Tensor, "#batch #heads #query key"],
    ) -> Float[Tensor, "batch heads query key"]:
        """How much each query looks at each key; the weights of a query add up to 1."""
        return (self.split(self.query(x)) @ keys.transpose(-2, -1) + bias).softmax(dim=-1)


class T5FeedForward(nn.Module):
    """Wider, through a ReLU, narrow again; in T5 1.1 a second layer with a GELU is the gate of the first.

    >>> gated = T5FeedForward(T5Config(d_model=6, d_ff=11, feed_forward_proj="gated-gelu"))
    >>> gated(torch.randn(1, 5, 6)).shape, sum(p.numel() for p in gated.parameters()) == 3 * 6 * 11
    (torch.Size([1, 5, 6]), True)
    """

    def __init__(self, config: T5Config):
        super().__init__()
        self.gated = config.feed_forward_proj == "gated-gelu"
        self.expand = nn.Linear(config.d_model, config.d_ff, bias=False)
        if self.gated:
            self.gate = nn.Linear(config.d_model, config.d_ff, bias=False)
        self.contract = nn.Linear(config.d_ff, config.d_model, bias=False)
        for layer in self.children():
            nn.init.normal_(layer.weight, std=layer.in_features**-0.5)

    def forward(
        self, x: Float[Tensor, "batch time d_model"]
    ) -> Float[Tensor, "batch time d_model"]:
        """The same for every position."""
        wide = self.expand(x)
        wide = F.gelu(self.gate(x), approximate="tanh") * wide if self.gated else torch.relu(wide)
        return self.contract(wide)


class T5Block(nn.Module):
    """A pre-norm block: self-attention, in a decoder cross-attention, and a feed-forward layer.

    >>> list(dict(T5Block(T5Config(), decoder=False).named_children()))
    ['self_norm', 'self_attention', 'feed_forward_norm', 'feed_forward']
    """

    def __init__(self, config: T5Config, *, decoder: bool):
        super().__init__()
        norm = config.d_model, config.layer_norm_epsilon
        self.self_norm = RMSNorm(*norm)
        self.self_attention = T5Attention(config)
        if decoder:
            self.cross_norm = RMSNorm(*norm)
            self.cross_attention = T5Attention(config)
        self.feed_forward_norm = RMSNorm(*norm)
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

    def __init__(self, config: T5Config, *, decoder: bool):
        super().__init__()
        self.decoder, self.config = decoder, config
        layers = config.num_decoder_layers if decoder else config.num_layers
        self.position_bias = nn.Embedding(config.relative_attention_num_buckets, config.num_heads)
        nn.init.normal_(self.position_bias.weight, std=config.d_model**-0.5)
        self.blocks = nn.ModuleList(T5Block(config, decoder=decoder) for _ in range(layers))
        self.final_norm = RMSNorm(config.d_model, config.layer_norm_epsilon)

    def bias(
        self, query: Int[Tensor, " query"], key: Int[Tensor, " key"]
    ) -> Float[Tensor, "1 heads query key"]:
        """What is added to the scores between these places: by head and bucket; −∞ if a decoder may not look."""
        distance = key - query[:, None]
        buckets = relative_position_bucket(
            distance, not self.decoder,
            self.config.relative_attention_num_buckets, self.config.relative_attention_max_distance,
        )  # fmt: skip
        bias = self.position_bias(buckets).permute(2, 0, 1)[None]
        return bias.masked_fill(distance > 0, -torch.inf) if self.decoder else bias


class T5(nn.Module):
    """The model that turns text into text: an encoder that reads, a decoder that writes.

    >>> model = T5(T5Config(vocab_size=13, d_model=6, d_kv=5, d_ff=11, num_layers=2, num_heads=2))
    >>> model(torch.tensor([[4, 9, 3, 1]]), decoder_input_ids=torch.tensor([[0, 7, 8]])).shape
    torch.Size([1, 3, 13])
    """

    def __init__(self, config: T5Config):
        super().__init__()
        self.config = config
        self.shared = nn.Embedding(config.vocab_size, config.d_model)
        self.encoder = T5Stack(config, decoder=False)
        self.decoder = T5Stack(config, decoder=True)
        self.head = nn.Linear(config.d_model, config.vocab_size, bias=False)
        if config.tie_word_embeddings:
            self.head.weight = self.shared.weight

    def forward(
        self,
        input_ids: Int[Tensor, "batch source"],
        decoder_input_ids: Int[Tensor, "batch target"],
        attention_mask: Shaped[Tensor, "batch source"] | None = None,
        decoder_attention_mask: Shaped[Tensor, "batch target"] | None = None,
    ) -> Float[Tensor, "batch target vocabulary"]:
        """Scores for the word after each of `decoder_input_ids`. A mask is 0 or False at padding."""
        state = self.start(input_ids, attention_mask)
        return self.scores(self.decode(decoder_input_ids, state, decoder_attention_mask)[0])

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

    def start(
        self,
        input_ids: Int[Tensor, "batch source"],
        attention_mask: Shaped[Tensor, "batch source"] | None = None,
    ) -> list[Tensor]:
        """The state before the first word: for `step`. Every tensor has the sentence as its first axis.

        It holds the source's mask, and for each block four: keys and values of its own words (none yet), and of the
        source.
        """
        mask = torch.ones_like(input_ids) if attention_mask is None else attention_mask
        memory = self.encode(input_ids, mask.bool())
        state = [mask.bool()]
        for block in self.decoder.blocks:
            keys, values = block.cross_attention.remember(memory)
            state += [keys[:, :, :0], values[:, :, :0], keys, values]
        return state

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

    def step(
        self, ids: Int[Tensor, "rows new"], state: list[Tensor]
    ) -> tuple[Float[Tensor, "rows vocabulary"], list[Tensor]]:
        """Scores for the word after the last of `ids`, which follow what the state knows, and the new state.

        >>> model = T5(T5Config(vocab_size=13, d_model=6, d_kv=5, d_ff=11, num_layers=2, num_heads=2))
        >>> source, words = torch.tensor([[4, 9, 3, 1]]), torch.tensor([[0, 7, 8]])
        >>> _, state = model.step(words[:, :2], model.start(source))
        >>> after_the_third, state = model.step(words[:, 2:], state)
        >>> torch.allclose(after_the_third, model(source, words)[:, -1], atol=1e-5)
        True
        """
        x, state = self.decode(ids, state)
        return self.scores(x[:, -1]), state

    @torch.no_grad()
    def generate(
        self,
        input_ids: Int[Tensor, "batch source"],
        attention_mask: Shaped[Tensor, "batch source"] | None = None,
        *,
        start: int = 0,
        eos: int = 1,
        max_length: int = 20,
    ) -> list[list[int]]:
        """A text for every text, without its end mark: always the most probable next word.

        The decoder begins with `start`, which in T5 is the padding token, and writes at most `max_length` tokens.
        """

        def decoder(word, state):
            scores, state = self.step(word, state)
            return scores[:, None], state

        mask = torch.ones_like(input_ids) if attention_mask is None else attention_mask
        return greedy_translate(
            lambda source, _: (None, self.start(source, mask)),
            decoder, input_ids, mask.sum(dim=1), start, eos, max_length,
        )  # fmt: skip

    @classmethod
    def from_huggingface(cls, model_or_name: Any) -> "T5":
        """The same model with the weights of a `T5ForConditionalGeneration`, or of one by its name ("t5-small").

        Raises ValueError if its configuration has something that this T5 has not.
        """
        theirs = model_or_name
        if isinstance(theirs, str):
            from transformers import T5ForConditionalGeneration

            theirs = T5ForConditionalGeneration.from_pretrained(theirs)
        given = theirs.config
        for field, expected in (("model_type", ("t5", "mt5")), ("is_encoder_decoder", (True,))):
            if (value := getattr(given, field)) not in expected:
                raise ValueError(
                    f"{field} is {value!r}; expected {' or '.join(map(repr, expected))}"
                )
        same = set(T5Config.__dataclass_fields__) & set(given.to_dict()) - {"tie_word_embeddings"}
        tied = theirs.lm_head.weight is theirs.shared.weight
        ours = cls(
            T5Config(
                **{field: getattr(given, field) for field in same},
                tie_word_embeddings=tied,
                scale_head=getattr(given, "scale_decoder_outputs", given.tie_word_embeddings),
            )
        ).to(theirs.shared.weight)
        weights = {our_name(name): weight for name, weight in theirs.state_dict().items()}
        ours.load_state_dict({name: w for name, w in weights.items() if name in ours.state_dict()})
        return ours.eval()


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
    """What is added to scores so that padding is not looked at: 0 where the mask is True, else a huge negative number.

    Not −∞: where all is padding, the softmax would have nothing to share out, and its NaN would spread.

    >>> hiding(torch.tensor([[True, False]]), torch.float32)
    tensor([[[[ 0.0000e+00, -3.4028e+38]]]])
    """
    nothing = torch.zeros(mask.shape, dtype=dtype, device=mask.device)
    return nothing.masked_fill(~mask, torch.finfo(dtype).min)[:, None, None]


def our_name(theirs: str) -> str:
    """Our name of a weight for Hugging Face's.

    >>> our_name("decoder.block.3.layer.1.EncDecAttention.q.weight")
    'decoder.blocks.3.cross_attention.query.weight'
    >>> our_name("encoder.block.0.layer.0.SelfAttention.relative_attention_bias.weight")
    'encoder.position_bias.weight'
    """
    for pattern, ours in _NAMES:
        theirs = re.sub(pattern, ours, theirs)
    return theirs


_NAMES = (
    (r"block\.0\.layer\.0\.SelfAttention\.relative_attention_bias", "position_bias"),
    (r"\.layer\.(\d)\.(SelfAttention|EncDecAttention|DenseReluDense)", r".\2"),
    (r"\.layer\.0\.layer_norm", ".self_norm"),
    (r"^(decoder.*)\.layer\.1\.layer_norm", r"\1.cross_norm"),
    (r"\.layer\.[12]\.layer_norm", ".feed_forward_norm"),
    (r"\.block\.", ".blocks."),
    (r"SelfAttention", "self_attention"),
    (r"EncDecAttention", "cross_attention"),
    (r"DenseReluDense", "feed_forward"),
    (r"final_layer_norm", "final_norm"),
    (r"lm_head", "head"),
    (r"\.wi_0\.", ".gate."),
    (r"\.wi(_1)?\.", ".expand."),
    (r"\.wo\.", ".contract."),
    *((rf"attention\.{letter}\.", f"attention.{word}.") for letter, word in
      (("q", "query"), ("k", "key"), ("v", "value"), ("o", "output"))),
)  # fmt: skip

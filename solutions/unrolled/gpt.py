"""GPT: a Transformer's decoder alone, which predicts the next token, and nothing else.

Papers: Radford et al., "Improving Language Understanding by Generative Pre-Training" (2018) and "Language Models are
Unsupervised Multitask Learners" (2019, GPT-2), sections 2 to 2.3; Brown et al., "Language Models are Few-Shot
Learners" (2020, GPT-3), section 2.1.

Names: ours ↔ Hugging Face's — `state` ↔ `past_key_values`. A boolean mask is True where one may look.

Left out: dropout, writing (`unrolled.greedy`), prompts of unequal length (`unrolled.gpt_steps`), where it looks
(`unrolled.gpt_attention`), sampling and beams (`unrolled.beam_search`), all that came later (`unrolled.llama`).
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
import torch.nn.functional as F
from jaxtyping import Bool, Float, Int
from torch import Tensor, nn

from unrolled.gpt_attention import attention_weights  # noqa: F401 — chapters know it from here
from unrolled.greedy import generate  # noqa: F401 — and this
from unrolled.self_attention import causal_mask, padding_mask
from unrolled.signatures import checked


@dataclass(frozen=True)
class GPTConfig:
    """The sizes of a GPT; by default those of the smallest GPT-2.

    `tied`: the table of the embeddings also scores the next word, instead of one of its own.

    >>> GPTConfig(d_model=1600, heads=25, layers=48, d_ff=6400).layers  # GPT-2 XL
    48
    """

    vocabulary: int = 50_257
    positions: int = 1024
    d_model: int = 768
    heads: int = 12
    layers: int = 12
    d_ff: int = 3072
    tied: bool = True
    eps: float = 1e-5


class CachedAttention(nn.Module):
    """Causal self-attention that remembers: words already read are not read again.

    Keys and values of earlier words do not change when a word is added, so they are kept. Queries of earlier words
    are not needed any more. One layer, `qkv`, makes queries, keys and values, in this order.

    Source: Vaswani et al. (2017), section 3.2; the projection in one piece as in GPT-2's code.

    >>> attention = CachedAttention(d_model=6, heads=2)
    >>> x = torch.randn(1, 5, 6)
    >>> _, past = attention(x[:, :3])
    >>> output, (key, value) = attention(x[:, 3:], past)  # two more words
    >>> output.shape, key.shape
    (torch.Size([1, 2, 6]), torch.Size([1, 2, 5, 3]))
    >>> torch.allclose(output, attention(x)[0][:, 3:], atol=1e-6)
    True
    """

    def __init__(self, d_model: int, heads: int):
        super().__init__()
        if d_model % heads:
            raise ValueError(
                f"d_model is {d_model}; expected a multiple of heads, which is {heads}"
            )
        self.heads = heads
        self.qkv = nn.Linear(d_model, 3 * d_model)
        self.output = nn.Linear(d_model, d_model)

    def forward(
        self,
        x: Float[Tensor, "batch new d_model"],
        past: tuple[Tensor, Tensor] | None = None,
        mask: Bool[Tensor, "#batch #heads new time"] | None = None,
    ) -> tuple[Float[Tensor, "batch new d_model"], tuple[Tensor, Tensor]]:
        """The output for the `new` words, and the keys and values of all `time` words so far.

        `past` is what the last call returned in second place: keys and values of the words before,
        each (batch, heads, words, d_model / heads). `mask` alone says where each new word may look;
        without one, at all the words before it and at itself. Nothing is remembered in the module.
        """
        query, key, value = (
            part.unflatten(-1, (self.heads, -1)).transpose(1, 2)
            for part in self.qkv(x).chunk(3, dim=-1)
        )
        if past is not None:
            key, value = torch.cat([past[0], key], dim=2), torch.cat([past[1], value], dim=2)
        new, time = query.shape[2], key.shape[2]
        if mask is None and past is not None and new > 1:
            mask = causal_mask(time)[-new:].to(x.device)
        output = self.attend(query, key, value, mask, causal=mask is None and past is None)
        return self.output(output.transpose(1, 2).flatten(2)), (key, value)

    @staticmethod
    def attend(
        query: Float[Tensor, "batch heads new d_k"],
        key: Float[Tensor, "batch heads time d_k"],
        value: Float[Tensor, "batch heads time d_k"],
        mask: Bool[Tensor, "... new time"] | None = None,
        *,
        causal: bool = False,
    ) -> Float[Tensor, "batch heads new d_k"]:
        """Chapter 5's attention, without its weights, in one fast call.

        `causal` stands for a mask that lets query i look at keys 0 to i.
        """
        if key.shape != value.shape or query[:, :, :0].shape != key[:, :, :0].shape:
            shapes = ", ".join(str(tuple(part.shape)) for part in (query, key, value))
            raise ValueError(
                f"query, key, value have shapes {shapes}; expected them alike, but for the new words"
            )
        return F.scaled_dot_product_attention(query, key, value, mask, is_causal=causal)


class GPTBlock(nn.Module):
    """Cached attention, then two layers with a GELU between them; both pre-norm.

    The GELU is the approximation by tanh, with which GPT-2 was trained.

    Source: Radford et al. (2019), section 2.3; Hendrycks and Gimpel, "Gaussian Error Linear Units" (2016), section 2.

    >>> block = GPTBlock(d_model=6, heads=2, d_ff=24)
    >>> output, (key, value) = block(torch.randn(1, 5, 6))
    >>> output.shape, key.shape
    (torch.Size([1, 5, 6]), torch.Size([1, 2, 5, 3]))
    """

    def __init__(self, d_model: int, heads: int, d_ff: int, eps: float = 1e-5):
        super().__init__()
        self.attention_norm = nn.LayerNorm(d_model, eps)
        self.attention = CachedAttention(d_model, heads)
        self.feed_forward_norm = nn.LayerNorm(d_model, eps)
        self.expand = nn.Linear(d_model, d_ff)
        self.contract = nn.Linear(d_ff, d_model)

    def forward(
        self,
        x: Float[Tensor, "batch new d_model"],
        past: tuple[Tensor, Tensor] | None = None,
        mask: Bool[Tensor, "#batch #heads new time"] | None = None,
    ) -> tuple[Float[Tensor, "batch new d_model"], tuple[Tensor, Tensor]]:
        """The block's output, and the keys and values of all words so far; arguments as in the attention."""
        attended, present = self.attention(self.attention_norm(x), past, mask)
        x = x + attended
        wide = F.gelu(self.expand(self.feed_forward_norm(x)), approximate="tanh")
        return x + self.contract(wide), present


class GPT(nn.Module):
    """Embeddings and learned positions, a stack of blocks, a norm, and scores for the next word.

    `config` is a GPTConfig, or anything that has its fields.

    Source: Radford et al. (2018), equation 2; (2019), section 2.3, the last norm and the initial weights.

    >>> model = GPT(GPTConfig(vocabulary=11, positions=7, d_model=6, heads=2, layers=2, d_ff=24))
    >>> ids = torch.tensor([[4, 9, 3, 8]])
    >>> model(ids).shape
    torch.Size([1, 4, 11])
    >>> _, state = model.step(ids[:, :3])
    >>> logits, state = model.step(ids[:, 3:], state)
    >>> torch.allclose(logits, model(ids)[:, -1], atol=1e-6)
    True
    """

    def __init__(self, config: Any):
        super().__init__()
        self.config = config
        self.embedding = nn.Embedding(config.vocabulary, config.d_model)
        self.position = nn.Embedding(config.positions, config.d_model)
        self.blocks = nn.ModuleList(
            GPTBlock(config.d_model, config.heads, config.d_ff, config.eps)
            for _ in range(config.layers)
        )
        self.norm = nn.LayerNorm(config.d_model, config.eps)
        self.head = nn.Linear(config.d_model, config.vocabulary, bias=False)
        if config.tied:
            self.head.weight = self.embedding.weight
        for name, parameter in self.named_parameters():
            if name.endswith(("qkv.bias", "output.bias", "expand.bias", "contract.bias")):
                nn.init.zeros_(parameter)
            elif parameter.ndim == 2:
                # What ends on the residual path begins smaller, the deeper the model is.
                last = name.endswith(("output.weight", "contract.weight"))
                std = 0.02 * (2 * config.layers) ** -0.5 if last else 0.02
                nn.init.normal_(parameter, std=std)

    def read(
        self,
        input_ids: Int[Tensor, "batch new"],
        state: list[Tensor] | None = None,
        mask: Bool[Tensor, "#batch #heads new time"] | None = None,
    ) -> tuple[Float[Tensor, "batch new d_model"], list[Tensor]]:
        """What the model makes of each new word, after the last norm, and the new state.

        The state is a flat list, key and value of the first block, key and value of the second …;
        None at the beginning. If it holds five words, the first new one stands at place 5. A state
        that is handed in stays as it is. The last of all places is `config.positions` − 1.
        """
        past = state[0].shape[2] if state else 0
        time = past + input_ids.shape[1]
        if time > self.config.positions:
            raise ValueError(
                f"input_ids reaches place {time}; expected at most {self.config.positions}, the model's positions"
            )
        places = torch.arange(past, time, device=input_ids.device)
        x = self.embedding(input_ids) + self.position(places)
        present = []
        for i, block in enumerate(self.blocks):
            x, pair = block(x, (state[2 * i], state[2 * i + 1]) if state else None, mask)
            present += pair
        return self.norm(x), present

    def forward(
        self,
        input_ids: Int[Tensor, "batch time"],
        attention_mask: Bool[Tensor, "batch time"] | Int[Tensor, "batch time"] | None = None,
    ) -> Float[Tensor, "batch time vocabulary"]:
        """Scores for the word after each; `attention_mask` is False (or 0) at padding."""
        mask = None if attention_mask is None else self.visible(attention_mask.bool())
        x, _ = self.read(input_ids, mask=mask)
        return self.head(x)

    @staticmethod
    def visible(real: Bool[Tensor, "batch time"]) -> Bool[Tensor, "batch 1 time time"]:
        """Where each word may look: at the real ones before it, and at itself (so no row is empty)."""
        itself = torch.eye(real.shape[1], dtype=torch.bool, device=real.device)
        return causal_mask(real.shape[1]).to(real.device) & real[:, None, None, :] | itself

    def step(
        self, ids: Int[Tensor, "rows new"], state: list[Tensor] | None = None
    ) -> tuple[Float[Tensor, "rows vocabulary"], list[Tensor]]:
        """Scores for the word after the last one, and the state to go on from.

        Every tensor of the state has the row as its first axis: `[t[rows] for t in state]` reorders them.
        """
        x, state = self.read(ids, state)
        return self.head(x[:, -1]), state


def causal_lm_loss(
    logits: Float[Tensor, "batch time vocabulary"],
    input_ids: Int[Tensor, "batch time"],
    lengths: Int[Tensor, " batch"],
) -> Float[Tensor, ""]:
    """−log p of each real word but the first, given the words before it: the mean over all of them, in nats.

    The scores at place t are those for the word at t + 1. In text i the first `lengths[i]` words are
    real, the rest is padding. Every word counts once, whichever text it stands in; at least one
    text has two. Scores may be large, so that their exponential is infinite, but they are finite.

    Source: Radford et al. (2018), equation 1.

    >>> logits = torch.zeros(1, 3, 5)
    >>> logits[0, 0, 4] = 100.0  # sure of the second word, and without an idea of the third
    >>> loss = causal_lm_loss(logits, torch.tensor([[1, 4, 2]]), torch.tensor([3]))
    >>> print(f"{loss:.3f}")  # the mean of 0 and log 5
    0.805
    """
    real = padding_mask(lengths, input_ids.shape[1])
    targets = input_ids.masked_fill(~real, -100)[:, 1:]  # cross_entropy leaves out −100
    # The last scores are not cut off, which would copy all others: they get a target that does not count.
    targets = F.pad(targets, (0, 1), value=-100)
    return F.cross_entropy(logits.flatten(0, 1), targets.flatten())


def parameter_count(config: Any) -> int:
    """How many numbers a GPT of these sizes learns, without building it. What is tied counts once.

    `config` is a GPTConfig, or anything with its fields; the sizes may be far beyond any computer's.

    >>> f"{parameter_count(GPTConfig()):,}"  # the smallest GPT-2
    '124,439,808'
    """
    d, d_ff = config.d_model, config.d_ff
    tables = (config.vocabulary * (1 if config.tied else 2) + config.positions) * d
    attention = (d + 1) * 3 * d + (d + 1) * d
    feed_forward = (d + 1) * d_ff + (d_ff + 1) * d
    norm = 2 * d
    return tables + config.layers * (attention + feed_forward + 2 * norm) + norm


def from_huggingface(cls: Callable[[GPTConfig], nn.Module], model_or_name: Any) -> nn.Module:
    """A GPT with the weights of a GPT-2 from Hugging Face: of a model in memory, of a name ("gpt2"), or of a folder.

    `cls` may be an answer of your own; `GPT.from_huggingface(model_or_name)` is the library's. What we do not have is refused.
    """
    from unrolled.huggingface import gpt

    return gpt.load(model_or_name, lambda **sizes: cls(GPTConfig(**sizes)))


GPT.from_huggingface = classmethod(from_huggingface)  # outside, for the class is an exercise
checked(globals())

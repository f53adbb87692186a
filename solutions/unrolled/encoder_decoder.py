"""How a model with an encoder and a decoder writes: the text is read once, and so is every word that it has written.

Papers: Raffel et al. (2020, T5) and Lewis et al. (2020, BART), whose models do this alike.

Names: ours ↔ Hugging Face's — `start_id`, `eos_id` ↔ `decoder_start_token_id`, `eos_token_id`; `state` ↔
`past_key_values`, with the source's mask. A mask is 0 or False at padding.

Left out: better search than greedy (`unrolled.beam_search`, which takes a `step`).
"""

from collections.abc import Callable

import torch
from jaxtyping import Float, Int, Shaped
from torch import Tensor, nn

from unrolled.seq2seq import greedy_translate
from unrolled.signatures import checked


class EncoderDecoder(nn.Module):
    """What T5 and BART share. Each says for itself how it encodes, decodes, and scores.

    The blocks of `decoder` have a `cross_attention`, which can `remember` keys and values of what it looks at.

    >>> from unrolled.t5 import T5, T5Config
    >>> model = T5(T5Config(vocab_size=13, d_model=6, d_kv=5, d_ff=11, num_layers=2, num_heads=2))
    >>> source, words = torch.tensor([[4, 9, 3, 1]]), torch.tensor([[0, 7, 8]])
    >>> _, state = model.step(words[:, :2], model.start(source))
    >>> after_the_third, state = model.step(words[:, 2:], state)
    >>> torch.allclose(after_the_third, model(source, words)[:, -1], atol=1e-5)
    True
    """

    start_id: int  # what the decoder begins with, and what a text ends with
    eos_id: int
    decoder: nn.Module
    encode: Callable[[Tensor, Tensor], Tensor]  # of tokens and their boolean mask
    decode: Callable[..., tuple[Tensor, list[Tensor]]]  # of tokens, a state, and perhaps a mask
    scores: Callable[[Tensor], Tensor]  # of what the decoder makes of each token

    def forward(
        self,
        input_ids: Int[Tensor, "batch source"],
        decoder_input_ids: Int[Tensor, "batch target"],
        attention_mask: Shaped[Tensor, "batch source"] | None = None,
        decoder_attention_mask: Shaped[Tensor, "batch target"] | None = None,
    ) -> Float[Tensor, "batch target vocabulary"]:
        """Scores for the token after each of `decoder_input_ids`. A mask is 0 or False at padding."""
        state = self.start(input_ids, attention_mask)
        return self.scores(self.decode(decoder_input_ids, state, decoder_attention_mask)[0])

    def start(
        self,
        input_ids: Int[Tensor, "batch source"],
        attention_mask: Shaped[Tensor, "batch source"] | None = None,
    ) -> list[Tensor]:
        """The state before the first token: for `step`. Every tensor has the text as its first axis.

        It holds the source's mask, and for each block four: keys and values of its own tokens (none yet), and of the
        source.
        """
        mask = torch.ones_like(input_ids) if attention_mask is None else attention_mask
        memory = self.encode(input_ids, mask.bool())
        state = [mask.bool()]
        for block in self.decoder.blocks:
            keys, values = block.cross_attention.remember(memory)
            state += [keys[:, :, :0], values[:, :, :0], keys, values]
        return state

    def step(
        self, ids: Int[Tensor, "rows new"], state: list[Tensor]
    ) -> tuple[Float[Tensor, "rows vocabulary"], list[Tensor]]:
        """Scores for the token after the last of `ids`, which follow what the state knows, and the new state."""
        x, state = self.decode(ids, state)
        return self.scores(x[:, -1]), state

    @torch.no_grad()
    def generate(
        self,
        input_ids: Int[Tensor, "batch source"],
        attention_mask: Shaped[Tensor, "batch source"] | None = None,
        *,
        start: int | None = None,
        eos: int | None = None,
        max_length: int = 20,
    ) -> list[list[int]]:
        """A text for every text, without its end mark: always the most probable next token.

        The decoder begins with `start` and writes at most `max_length` tokens, or up to `eos`; left out, these marks
        are those that the model was trained with.
        """

        def decoder(word, state):
            scores, state = self.step(word, state)
            return scores[:, None], state

        mask = torch.ones_like(input_ids) if attention_mask is None else attention_mask
        return greedy_translate(
            lambda source, _: (None, self.start(source, mask)),
            decoder, input_ids, mask.sum(dim=1),
            self.start_id if start is None else start, self.eos_id if eos is None else eos, max_length,
        )  # fmt: skip


checked(globals())

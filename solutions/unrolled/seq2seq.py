"""Sequence to sequence: one network reads the source into a vector, another writes the target from it.

Paper: Sutskever, Vinyals and Le, "Sequence to Sequence Learning with Neural Networks" (2014), sections 2 and 3;
Cho et al., "Learning Phrase Representations using RNN Encoder–Decoder" (2014); Papineni et al., "BLEU" (2002).

Names: ours ↔ theirs — `Encoder`, `Decoder` ↔ "one LSTM to read, another LSTM to extract"; `state` ↔ v, the
representation of the input; `bos` is what the decoder is fed first, `eos` ↔ ⟨EOS⟩. Ours has gates (GRU), one layer
each, and reads the source forwards; theirs has four layers of LSTM and reads it backwards.

Left out: attention (`unrolled.attention`), beam search (`unrolled.beam_search`), several references for BLEU.
"""

import math
from collections import Counter
from collections.abc import Callable, Sequence

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from unrolled.rnn import sequence_cross_entropy
from unrolled.signatures import checked


def shift_right(targets: Int[Tensor, "batch time"], bos: int) -> Int[Tensor, "batch time"]:
    """What the decoder is fed while it learns: `bos` first, then every target but the last.

    So that at every step the input is the token before the one to be predicted. A new tensor, of
    the same dtype; 0 is a token like any other.

    Source: Sutskever et al. (2014), equation 1: each y_t is conditioned on y_1 … y_{t-1}.

    >>> shift_right(torch.tensor([[5, 6, 7], [8, 9, 0]]), bos=1)
    tensor([[1, 5, 6],
            [1, 8, 9]])
    """
    shifted = targets.roll(1, dims=1)
    shifted[:, 0] = bos
    return shifted


def teacher_forcing_loss(
    model: Callable[[Tensor, Tensor, Tensor], Tensor],
    source: Int[Tensor, "batch source"],
    source_lengths: Int[Tensor, " batch"],
    target: Int[Tensor, "batch target"],
    target_lengths: Int[Tensor, " batch"],
    bos: int,
) -> Float[Tensor, ""]:
    """The mean of −log p(right word), over all real words, each predicted from the *right* words before it.

    `model(source, source_lengths, inputs)` gives logits `(batch, target, vocabulary)`: at every
    step those for the word that should follow `inputs[:, t]`. The end mark in `target` is a word too;
    after it may stand any words, and they do not count.

    Source: Williams and Zipser (1989), teacher forcing; Sutskever et al. (2014), section 3.2.

    >>> model = lambda source, lengths, inputs: torch.zeros(*inputs.shape, 4)  # knows nothing
    >>> ids, lengths = torch.tensor([[3, 2, 0]]), torch.tensor([2])
    >>> teacher_forcing_loss(model, ids, lengths, ids, lengths, bos=1)  # log 4
    tensor(1.3863)
    """
    logits = model(source, source_lengths, shift_right(target, bos))
    return sequence_cross_entropy(logits, target, target_lengths)


class Encoder(nn.Module):
    """Reads the source and ends in a state that stands for all of it.

    Source: Cho et al. (2014), section 2.2; a GRU over embedded words.

    >>> encoder = Encoder(vocabulary=11, feature=5, hidden=7)
    >>> states, state = encoder(torch.tensor([[4, 9, 3], [8, 0, 0]]), torch.tensor([3, 1]))
    >>> states.shape, state.shape
    (torch.Size([2, 3, 7]), torch.Size([2, 7]))
    """

    def __init__(self, vocabulary: int, feature: int, hidden: int):
        super().__init__()
        self.embedding = nn.Embedding(vocabulary, feature)
        self.gru = nn.GRU(feature, hidden, batch_first=True)

    def forward(
        self, source: Int[Tensor, "batch time"], lengths: Int[Tensor, " batch"]
    ) -> tuple[Float[Tensor, "batch time hidden"], Float[Tensor, "batch hidden"]]:
        """The state after every word, zero at the padding; and the state after the last real word.

        Sentence i has `lengths[i]` words, at least one; what stands after them is padding, any
        words, and must change nothing. 0 is a word like any other.
        """
        states, _ = self.gru(self.embedding(source))
        real = torch.arange(source.shape[1], device=source.device) < lengths[:, None]
        last = states[torch.arange(len(source), device=source.device), lengths - 1]
        return states.masked_fill(~real[..., None], 0.0), last


class Decoder(nn.Module):
    """Writes the target from a state: at every step it is fed a word and scores all words to follow.

    Source: Sutskever et al. (2014), section 2: the state is where the decoder begins. (In Cho et al.
    (2014) it enters at every step.)

    >>> decoder = Decoder(vocabulary=13, feature=5, hidden=7)
    >>> logits, state = decoder(torch.tensor([[1, 4, 9]]), torch.zeros(1, 7))
    >>> logits.shape, state.shape
    (torch.Size([1, 3, 13]), torch.Size([1, 7]))
    """

    def __init__(self, vocabulary: int, feature: int, hidden: int):
        super().__init__()
        self.embedding = nn.Embedding(vocabulary, feature)
        self.gru = nn.GRU(feature, hidden, batch_first=True)
        self.head = nn.Linear(hidden, vocabulary)

    def forward(
        self, inputs: Int[Tensor, "batch time"], state: Float[Tensor, "batch hidden"]
    ) -> tuple[Float[Tensor, "batch time vocabulary"], Float[Tensor, "batch hidden"]]:
        """Scores for the word after each of `inputs`, and the last state, to go on from."""
        states, last = self.gru(self.embedding(inputs), state[None])
        return self.head(states), last[0]


def greedy_translate(
    encoder: Callable[[Tensor, Tensor], tuple[Tensor, Tensor]],
    decoder: Callable[[Tensor, Tensor], tuple[Tensor, Tensor]],
    source: Int[Tensor, "batch time"],
    lengths: Int[Tensor, " batch"],
    bos: int,
    eos: int,
    max_length: int,
) -> list[list[int]]:
    """A translation of every sentence, word by word, always the most probable one.

    The decoder is fed `bos` first and then its own last word. A sentence ends before its own `eos`,
    which does not belong to it, or after `max_length` words (at least one). It is a list of Python
    numbers. `encoder` and `decoder` are called as `Encoder` and `Decoder` are.

    >>> encoder = lambda source, lengths: (None, torch.zeros(len(source), 1))
    >>> def decoder(inputs, state):  # a toy: counts upwards from the word that it is fed
    ...     return torch.nn.functional.one_hot((inputs + 1) % 9, 9).float(), state
    >>> greedy_translate(encoder, decoder, torch.tensor([[7]]), torch.tensor([1]), bos=1, eos=5, max_length=8)
    [[2, 3, 4]]
    """
    _, state = encoder(source, lengths)
    words = torch.full((len(source), 1), bos, device=source.device)
    finished = torch.zeros(len(source), dtype=torch.bool, device=source.device)
    translations: list[list[int]] = [[] for _ in source]
    for _ in range(max_length):
        logits, state = decoder(words, state)
        words = logits[:, -1].argmax(dim=-1, keepdim=True)
        finished |= words[:, 0] == eos
        if finished.all():
            break
        for row in (~finished).nonzero()[:, 0].tolist():
            translations[row].append(words[row, 0].item())
    return translations


def bleu(
    candidates: Sequence[Sequence[str]], references: Sequence[Sequence[str]], order: int = 4
) -> float:
    """BLEU of a corpus, from 0 to 100: how many runs of one to four words are those of the references.

    Sentence i of `candidates` is compared with sentence i of `references`; both are lists of words,
    and may be short or empty. Words are compared as they are. A run of words counts at most as often
    as the reference has it. The counts of all sentences are added before anything is divided. If
    candidates are too short, a penalty is multiplied in. If no run of some length is right in all
    sentences together, the score is 0. (With another `order` than 4, runs of one to so many words count. Where
    all candidates are shorter than 4, their greatest length is sacrebleu's "effective order". No case asks for it.)

    Source: Papineni et al. (2002), section 2.3, with N = 4 and equal weights.

    >>> reference = "i love you so much".split()
    >>> bleu([reference], [reference])
    100.0
    >>> round(bleu(["i love you very much and so".split()], [reference]), 1)  # no run of four is right
    0.0
    """
    mean_logarithm = 0.0
    for n in range(1, order + 1):
        right = total = 0
        for candidate, reference in zip(candidates, references, strict=True):
            ours, theirs = (
                Counter(tuple(words[i : i + n]) for i in range(len(words) - n + 1))
                for words in (candidate, reference)
            )
            right += (ours & theirs).total()  # of each run the smaller count
            total += ours.total()
        if right == 0:
            return 0.0
        mean_logarithm += math.log(right / total) / order
    length, wanted = (sum(map(len, texts)) for texts in (candidates, references))
    return 100 * math.exp(mean_logarithm + min(0.0, 1 - wanted / length))


class Seq2Seq(nn.Module):
    """Encoder and decoder joined by one vector; a translator in the sense of `unrolled.translation`.

    `encoder`, `decoder` and `translate` may be answers of your own.

    >>> model = Seq2Seq(source_vocabulary=11, target_vocabulary=13, feature=5, hidden=7)
    >>> source, lengths = torch.tensor([[4, 9, 3], [8, 0, 0]]), torch.tensor([3, 1])
    >>> model(source, lengths, torch.ones(2, 4, dtype=torch.long)).shape
    torch.Size([2, 4, 13])
    """

    def __init__(
        self,
        source_vocabulary: int,
        target_vocabulary: int,
        feature: int,
        hidden: int,
        *,
        encoder: Callable[..., nn.Module] = Encoder,
        decoder: Callable[..., nn.Module] = Decoder,
        translate: Callable = greedy_translate,
    ):
        super().__init__()
        self.encoder = encoder(source_vocabulary, feature, hidden)
        self.decoder = decoder(target_vocabulary, feature, hidden)
        self.greedy = translate

    def forward(
        self,
        source: Int[Tensor, "batch source"],
        source_lengths: Int[Tensor, " batch"],
        inputs: Int[Tensor, "batch target"],
    ) -> Float[Tensor, "batch target vocabulary"]:
        """Scores for the word after each of `inputs`, the right words so far."""
        _, state = self.encoder(source, source_lengths)
        return self.decoder(inputs, state)[0]

    def translate(
        self,
        source: Int[Tensor, "batch source"],
        source_lengths: Int[Tensor, " batch"],
        *,
        bos: int,
        eos: int,
        max_length: int,
    ) -> list[list[int]]:
        """A translation of every sentence, without end mark."""
        return self.greedy(self.encoder, self.decoder, source, source_lengths, bos, eos, max_length)


checked(globals())

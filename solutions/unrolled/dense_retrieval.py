"""Dense retrieval: questions and passages as vectors, near each other if they belong together.

Paper: Karpukhin et al., "Dense Passage Retrieval for Open-Domain Question Answering" (2020), section 3. Ours takes the
cosine, divided by a temperature, as Radford et al. (CLIP, 2021) do; theirs takes the plain product.

Names: ours ↔ theirs — `queries`, `passages` ↔ Q, P; the two `Towers` ↔ E_Q and E_P.

Left out: negatives that were chosen because they are hard, and approximate search among millions of vectors.
"""

from collections.abc import Callable, Sequence

import torch
import torch.nn.functional as F
from jaxtyping import Float, Int
from torch import Tensor, nn

from unrolled.data.village import tokens
from unrolled.lab import History, Preset, seed_everything, train
from unrolled.pretraining import BertVocabulary, village_bert
from unrolled.signatures import checked
from unrolled.translation import padded


def in_batch_loss(
    queries: Float[Tensor, "batch d"], passages: Float[Tensor, "batch d"], temperature: float
) -> Float[Tensor, ""]:
    """−log of the probability that each query picks its own passage among all passages of the batch, on average.

    Row i of `passages` belongs to row i of `queries`; the others of the batch are the wrong answers. A query's scores are
    its cosines with all passages, divided by the temperature, and a softmax over the passages makes them probabilities.

    Raises a ValueError that names `temperature` if it is not above 0.

    Source: Karpukhin et al. (2020), section 3.2, equation 2, "in-batch negatives".

    >>> queries = torch.tensor([[2.0, 0.0], [0.0, 3.0]])
    >>> in_batch_loss(queries, queries.flip(1), temperature=1.0)  # each picks the other's
    tensor(1.3133)
    >>> in_batch_loss(queries, queries, temperature=0.5)
    tensor(0.1269)
    """
    if temperature <= 0:
        raise ValueError(f"temperature is {temperature}; expected more than 0")
    scores = F.normalize(queries, dim=-1) @ F.normalize(passages, dim=-1).T / temperature
    return -scores.log_softmax(dim=-1).diagonal().mean()


class Towers(nn.Module):
    """A text as one vector of length 1: the mean of its known words' vectors. Both towers share their table.

    A text without a known word is the vector 0.

    >>> towers = Towers(BertVocabulary.of(["the cat slept ."]), d=5)
    >>> towers.encode(["The cat!", "A dog?"]).norm(dim=1).round()
    tensor([1., 0.])
    """

    def __init__(self, vocabulary: BertVocabulary, d: int = 128):
        super().__init__()
        self.vocabulary = vocabulary
        self.table = nn.Embedding(len(vocabulary), d)

    @classmethod
    def of_bert(cls) -> "Towers":
        """Towers whose words begin as those of the village's small BERT, each less the mean of all."""
        bert, vocabulary = village_bert()
        table = bert.embeddings.word.weight.detach()
        towers = cls(vocabulary, table.shape[1])
        with torch.no_grad():
            towers.table.weight.copy_(table - table.mean(dim=0))
        return towers

    def forward(self, input_ids: Int[Tensor, "batch time"]) -> Float[Tensor, "batch d"]:
        """The mean over the known words of each text, of length 1."""
        known = (input_ids >= len(self.vocabulary.special_ids)).float()[..., None]
        return F.normalize((self.table(input_ids) * known).sum(dim=1), dim=-1)

    def ids(self, texts: Sequence[str]) -> Int[Tensor, "batch time"]:
        """The texts as word numbers, padded."""
        return padded([self.vocabulary.encode(tokens(text)) for text in texts], self.vocabulary.pad)[0]

    @torch.no_grad()
    def encode(self, texts: Sequence[str], batch_size: int = 256) -> Float[Tensor, "texts d"]:
        """The vectors of all texts, without gradients."""
        parts = [self(self.ids(texts[i : i + batch_size])) for i in range(0, len(texts), batch_size)]
        return torch.cat(parts) if parts else torch.zeros(0, self.table.embedding_dim)


def learn_to_find(
    towers: Towers,
    questions: Sequence[Sequence[str]],
    texts: Sequence[str],
    *,
    steps: int = 400,
    rate: float = 1e-2,
    batch_size: int = 128,
    temperature: float = 0.1,
    loss: Callable[[Tensor, Tensor, float], Tensor] = in_batch_loss,
    seed: int = 0,
    preset: str | Preset = "auto",
    live: bool = False,
) -> History:
    """Trains the towers in place on texts and their questions; of several lists of questions each batch takes one.

    Row i of every list asks for text i. `loss` may be an answer of your own.
    """
    told = towers.ids(texts)
    asked = [towers.ids(some) for some in questions]

    def draw(generator: torch.Generator) -> tuple[Tensor, Tensor]:
        rows = torch.randint(len(told), (min(batch_size, len(told)),), generator=generator)
        which = int(torch.randint(len(asked), (), generator=generator))
        return asked[which][rows], told[rows]

    seed_everything(seed)
    return train(
        towers, draw, lambda model, batch: loss(model(batch[0]), model(batch[1]), temperature),
        steps=steps, learning_rate=rate, seed=seed, preset=preset, live=live,
        schedule=lambda step: min((step + 1) / 20, (steps - step) / max(steps - 20, 1)),
    )  # fmt: skip


checked(globals())

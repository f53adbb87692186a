"""From a general language model to one of the domain: the small LSTM of the course, new words, more training.

Paper: Howard and Ruder, "Universal Language Model Fine-tuning for Text Classification" (2018), sections 3.1 and 3.2.

Names: ours ↔ theirs — the *general* corpus ↔ the general-domain corpus (theirs: WikiText-103, ours: the village's
stories), the *domain* ↔ the target task's texts, whose labels are not looked at.

Left out: how the general model was taught (`assets/checkpoints/lstm.py`), and the classifier (`unrolled.ulmfit`).
"""

from collections.abc import Callable, Iterable, Sequence

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from unrolled.data.village import Vocabulary, tokens
from unrolled.gpt import causal_lm_loss
from unrolled.lab import load_pretrained
from unrolled.signatures import checked
from unrolled.translation import padded
from unrolled.ulmfit import LanguageModel

Batch = tuple[Int[Tensor, "batch time"], Int[Tensor, " batch"]]


class WordList(Vocabulary):
    """Words in a given order, to which others can be added at the end.

    >>> words = WordList(["<pad>", "<bos>", "<eos>", "<unk>", "the"]).extended(["The inn was clean.", "An inn."])
    >>> words.words[4:]
    ['the', '.', 'inn', 'an', 'clean', 'was']
    >>> words.read("The inn was noisy.")
    [1, 4, 6, 9, 3, 5, 2]
    """

    def __init__(self, words: Sequence[str]):
        self.words = list(words)
        self.ids = {word: i for i, word in enumerate(self.words)}

    def extended(self, texts: Iterable[str], minimum_count: int = 1) -> "WordList":
        """With the words of these texts that are not in the list, by falling frequency."""
        found = Vocabulary(map(tokens, texts), minimum_count).words
        return WordList([*self.words, *(word for word in found if word not in self)])

    def read(self, text: str) -> list[int]:
        """A text as numbers, between <bos> and <eos>."""
        return [self.bos, *self.encode(tokens(text)), self.eos]


def village_lstm() -> tuple[LanguageModel, WordList]:
    """The general language model that travels with the course, and its words.

    >>> model, words = village_lstm()
    >>> len(words) == len(model.bias)
    True
    """
    found = load_pretrained("lstm")
    model = LanguageModel(**found.config)
    model.load_state_dict(found.weights)
    return model.eval(), WordList(found.words)


def with_new_words(
    model: LanguageModel, vocabulary: int, *, spread: float | int = 0.0, seed: int = 0
) -> LanguageModel:
    """The same model for a longer list of words: a new one starts as the mean of all old ones, in vector and bias.

    With a `spread` their vectors differ from the mean by noise, of so many times the old ones' standard deviation:
    where many words are new, a model that cannot tell them apart is slow to learn.

    Source: fastai's `convert_weights`; the paper only says that the vocabulary is that of the task.

    >>> model = LanguageModel(vocabulary=5, d_model=3, hidden=7, layers=1)
    >>> longer = with_new_words(model, 7)
    >>> torch.allclose(longer.table.weight[6], model.table.weight.mean(dim=0))
    True
    """
    old, d_model = model.table.weight.shape
    if vocabulary < old:
        raise ValueError(
            f"vocabulary is {vocabulary}; expected at least {old}, the words that the model has"
        )
    longer = LanguageModel(vocabulary, d_model, model.project.in_features, len(model.lstms))
    weights = dict(model.state_dict())
    noise = torch.randn(vocabulary - old, d_model, generator=torch.Generator().manual_seed(seed))
    noise = spread * weights["table.weight"].std(dim=0) * noise
    for name in ("table.weight", "bias"):
        mean = weights[name].mean(dim=0, keepdim=True)
        new = mean.expand(vocabulary - old, *mean.shape[1:])
        weights[name] = torch.cat([weights[name], new + noise if name == "table.weight" else new])
    longer.load_state_dict(weights)
    return longer


def text_batches(texts: Sequence[Sequence[int]], batch_size: int) -> Callable[[torch.Generator], Batch]:
    """A function of a generator that draws texts, for `unrolled.lab.train`: padded numbers and lengths."""

    def draw(generator: torch.Generator) -> Batch:
        chosen = torch.randint(len(texts), (batch_size,), generator=generator).tolist()
        return padded([texts[i] for i in chosen], Vocabulary.pad)

    return draw


def next_word_loss(model: nn.Module, batch: Batch) -> Float[Tensor, ""]:
    """−log p of the next word, in nats, averaged over all words that have one before them.

    >>> model = LanguageModel(vocabulary=11, d_model=3, hidden=5, layers=1)
    >>> next_word_loss(model, (torch.tensor([[1, 8, 2], [1, 2, 0]]), torch.tensor([3, 2]))).shape
    torch.Size([])
    """
    ids, lengths = batch
    return causal_lm_loss(model(ids), ids, lengths)


@torch.no_grad()
def nats_per_word(model: LanguageModel, texts: Sequence[Sequence[int]], batch_size: int = 64) -> float:
    """The loss on all these texts, in nats per word.

    >>> torch.manual_seed(0)
    <torch._C.Generator object at ...>
    >>> model = LanguageModel(vocabulary=11, d_model=3, hidden=5, layers=1)
    >>> round(nats_per_word(model, [[1, 8, 2], [1, 2]]), 1)  # log 11 = 2.4: it knows nothing
    2.4
    """
    total = 0.0
    for begin in range(0, len(texts), batch_size):
        part = texts[begin : begin + batch_size]
        words = sum(len(text) - 1 for text in part)
        total += next_word_loss(model, padded(part, Vocabulary.pad)).item() * words
    return total / sum(len(text) - 1 for text in texts)


checked(globals())

"""ULMFiT: a recurrent language model, and the classifier that is made of it.

Paper: Howard and Ruder, "Universal Language Model Fine-tuning for Text Classification" (2018), section 3; the body is
that of Merity et al., "Regularizing and Optimizing LSTM Language Models" (2018), without its dropout.

Names: ours ↔ theirs — the `table` and the `lstms` are the *body* (fastai's *encoder*), `read` gives the hidden states
H of its last layer; `squeeze` and `score` ↔ the two linear blocks of the classifier.

Left out: the five kinds of dropout of the AWD-LSTM, which matter as soon as a text is read more than a few times; batch
normalisation; reading backwards too; and how the body is taught (`unrolled.adaptation`, `unrolled.fine_tuning`).
"""

from collections.abc import Callable
from itertools import pairwise

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from unrolled.pooling import concat_pool
from unrolled.signatures import checked


class LanguageModel(nn.Module):
    """Scores of every word to be the next one: table, LSTMs, and the table once more.

    The scores are products with the words' own vectors, as in Merity et al. (2018), section 4.5: the table is tied.

    >>> model = LanguageModel(vocabulary=11, d_model=3, hidden=5, layers=2)
    >>> model(torch.tensor([[1, 8, 2, 9]])).shape
    torch.Size([1, 4, 11])
    """

    def __init__(self, vocabulary: int, d_model: int, hidden: int, layers: int):
        super().__init__()
        self.table = nn.Embedding(vocabulary, d_model)
        sizes = [d_model, *[hidden] * layers]
        self.lstms = nn.ModuleList(nn.LSTM(a, b, batch_first=True) for a, b in pairwise(sizes))
        nn.init.uniform_(self.table.weight, -0.1, 0.1)
        self.project = nn.Linear(hidden, d_model)
        self.bias = nn.Parameter(torch.zeros(vocabulary))

    def read(self, input_ids: Int[Tensor, "batch time"]) -> Float[Tensor, "batch time hidden"]:
        """The last LSTM's state after every word."""
        x = self.table(input_ids)
        for lstm in self.lstms:
            x, _ = lstm(x)
        return x

    def forward(self, input_ids: Int[Tensor, "batch time"]) -> Float[Tensor, "batch time vocabulary"]:
        """At every place the scores of the word after it."""
        return self.project(self.read(input_ids)) @ self.table.weight.T + self.bias


class LanguageModelClassifier(nn.Module):
    """Reads a text as the language model does, then says what it is: table, LSTMs, pool, a ReLU layer, scores.

    The `lstms` have one layer each; every one reads what the one before it gives. `concat_pool` makes one vector of a
    text. `squeeze` and `score` are linear layers, with a ReLU between them.

    Source: Howard and Ruder (2018), section 3.3.

    >>> model = LanguageModelClassifier(vocabulary=11, d_model=3, hidden=5, layers=2, classes=7)
    >>> ids, lengths = torch.tensor([[1, 8, 2, 9], [4, 2, 0, 0]]), torch.tensor([4, 2])
    >>> model(ids, lengths).shape
    torch.Size([2, 7])
    """

    def __init__(
        self,
        vocabulary: int,
        d_model: int,
        hidden: int,
        layers: int,
        classes: int,
        *,
        head: int = 50,
    ):
        super().__init__()
        self.table = nn.Embedding(vocabulary, d_model)
        sizes = [d_model, *[hidden] * layers]
        self.lstms = nn.ModuleList(nn.LSTM(a, b, batch_first=True) for a, b in pairwise(sizes))
        self.squeeze = nn.Linear(3 * hidden, head)
        self.score = nn.Linear(head, classes)

    def forward(
        self, input_ids: Int[Tensor, "batch time"], lengths: Int[Tensor, " batch"]
    ) -> Float[Tensor, "batch classes"]:
        """The score of every class for each text, whatever stands in the padding after its `lengths`."""
        x = self.table(input_ids)
        for lstm in self.lstms:
            x, _ = lstm(x)
        return self.score(torch.relu(self.squeeze(concat_pool(x, lengths))))

    @property
    def groups(self) -> list[nn.Module]:
        """The layers from the input to the scores, as fine-tuning takes them: table, each LSTM, the head."""
        return [self.table, *self.lstms, nn.ModuleList([self.squeeze, self.score])]


def classifier_of(
    model: LanguageModel,
    classes: int,
    *,
    head: int = 50,
    build: Callable[..., nn.Module] = LanguageModelClassifier,
) -> nn.Module:
    """A classifier with a new head on a copy of the language model's body; `build` may be a class of your own.

    >>> model = LanguageModel(vocabulary=11, d_model=3, hidden=5, layers=2)
    >>> classifier = classifier_of(model, classes=7)
    >>> torch.equal(classifier.table.weight, model.table.weight), classifier.score.out_features
    (True, 7)
    """
    vocabulary, d_model = model.table.weight.shape
    classifier = build(
        vocabulary, d_model, model.project.in_features, len(model.lstms), classes, head=head
    )
    classifier.table.load_state_dict(model.table.state_dict())
    classifier.lstms.load_state_dict(model.lstms.state_dict())
    return classifier


checked(globals())

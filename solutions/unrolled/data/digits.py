"""Handwritten digits: 1,797 small ones embedded in scikit-learn, or larger public sets with one argument.

The embedded set is the test part of "Optical Recognition of Handwritten Digits" (Alpaydin and Kaynak, 1998; UCI):
8 × 8 pixels, 17 shades of grey. It needs no network.

Left out: the public sets' own loading (`unrolled.data.hub`).
"""

import torch
from jaxtyping import Float, Int
from torch import Tensor

#: Where the public data sets of that form live.
SOURCES = {"mnist": "ylecun/mnist", "fashion_mnist": "zalando-datasets/fashion_mnist"}

_TRAINING_IMAGES = 1437  # four fifths of the embedded set, in its own order: nothing is shuffled


def digits(
    split: str = "train", *, source: str = "embedded", limit: int | None = None
) -> tuple[Float[Tensor, "image 1 height width"], Int[Tensor, " image"]]:
    """Images with values from 0 (paper) to 1 (ink), and which digit each shows.

    `split` is "train" or "test"; `source` is "embedded" (8 × 8), "mnist" or "fashion_mnist" (28 × 28, through Hugging
    Face), or the name or folder of any data set with columns `image` and `label`; `limit` takes the first so many.

    >>> images, labels = digits("test")
    >>> images.shape, labels[:5]
    (torch.Size([360, 1, 8, 8]), tensor([2, 3, 4, 5, 6]))
    """
    if split not in ("train", "test"):
        raise ValueError(f"split is {split!r}; expected 'train' or 'test'")
    if limit is not None and limit < 1:
        raise ValueError(f"limit is {limit}; expected at least 1, or None for all")
    if source != "embedded":
        from unrolled.data import hub

        return hub.images(hub.load(SOURCES.get(source, source), split), limit=limit)
    from sklearn.datasets import load_digits

    data = load_digits()
    part = slice(0, _TRAINING_IMAGES) if split == "train" else slice(_TRAINING_IMAGES, None)
    images = torch.from_numpy(data.images[part]).float()[:, None] / 16
    return images[:limit], torch.from_numpy(data.target[part]).long()[:limit]

"""Public data sets, through Hugging Face `datasets`: load one, and read it as pairs of texts or as labelled images.

`datasets` is an extra, `pip install "unrolled[data]"`. The first use of a data set downloads it; later ones need no
network. A folder that `Dataset.save_to_disk` wrote is loaded without one.

Left out: cleaning, tokenizing and batching, which the chapters do.
"""

from pathlib import Path
from typing import Any

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor


def load(name_or_path: str | Path, split: str = "train", *, config: str | None = None) -> Any:
    """One split of a data set: the one of that name on the Hub (`config` chooses among its variants), or in a folder.

    >>> load("ylecun/mnist", "test")  # doctest: +SKIP
    Dataset({features: ['image', 'label'], num_rows: 10000})
    """
    datasets = _datasets()
    if Path(name_or_path).is_dir():
        found = datasets.load_from_disk(str(name_or_path))
        if not isinstance(found, datasets.DatasetDict):
            return found
        if split not in found:
            raise ValueError(
                f"split is {split!r}; expected one of {sorted(found)}, which {name_or_path} has"
            )
        return found[split]
    from huggingface_hub.errors import LocalEntryNotFoundError

    try:
        return datasets.load_dataset(str(name_or_path), config, split=split)
    except (ConnectionError, LocalEntryNotFoundError) as error:
        raise ConnectionError(
            f"the data set {name_or_path!r} is not on this machine yet and the Hugging Face Hub cannot be reached; "
            "go online once, or stay with the embedded data (leave the argument out)"
        ) from error
    except datasets.exceptions.DatasetNotFoundError as error:
        raise ValueError(
            f"there is no data set {str(name_or_path)!r}; expected a folder on this machine, or a name on the Hub like "
            "'ylecun/mnist' (a private one needs a login)"
        ) from error


def labelled(
    dataset: Any, text: str = "text", label: str = "label", *, limit: int | None = None
) -> list[tuple[str, str]]:
    """Two columns, texts and their labels, as words: rows without a text or without a label are left out.

    >>> labelled([{"text": "The inn was clean.", "label": 1}, {"text": "An inn.", "label": None}])
    [('The inn was clean.', '1')]
    """
    found = []
    for row in _first(dataset, limit):
        for name in (text, label):
            if name not in row:
                raise ValueError(f"the data set has no column {name!r}; expected one of {sorted(row)}")
        if row[text] is not None and row[label] is not None and str(row[text]).strip():
            found.append((str(row[text]), str(row[label])))
    return found


def csv(path: str | Path) -> Any:
    """A file of comma-separated values on this machine, with the names of its columns in the first line.

    >>> csv("reviews.csv")  # doctest: +SKIP
    Dataset({features: ['text', 'label'], num_rows: 512})
    """
    datasets = _datasets()
    if not Path(path).is_file():
        raise FileNotFoundError(f"path is {str(path)!r}; expected a CSV file on this machine")
    try:
        return datasets.load_dataset("csv", data_files=str(path), split="train")
    except datasets.exceptions.DatasetGenerationError as error:
        cause = error.__cause__ or error
        raise ValueError(f"path is {str(path)!r}, which is no table of comma-separated values: {cause}") from error


def pairs(
    dataset: Any, first: str, second: str, *, limit: int | None = None
) -> list[tuple[str, str]]:
    """Two columns of texts side by side; also where both lie in one column `translation`, as translation sets have it.

    >>> pairs([{"translation": {"ko": "나는 너를 사랑해", "en": "I love you"}}], "ko", "en")
    [('나는 너를 사랑해', 'I love you')]
    """
    found = []
    for row in _first(dataset, limit):
        texts = row if first in row else row.get("translation", row)
        missing = [name for name in (first, second) if name not in texts]
        if missing:
            raise ValueError(
                f"the data set has no column {missing[0]!r}; expected one of {sorted(texts)}"
            )
        found.append((texts[first], texts[second]))
    return found


def images(
    dataset: Any, *, image: str = "image", label: str = "label", limit: int | None = None
) -> tuple[Float[Tensor, "image 1 height width"], Int[Tensor, " image"]]:
    """Grey images with values from 0 to 1, and their labels, from two columns of a data set of equally large images."""
    columns = getattr(dataset, "column_names", [image, label])
    for name in (image, label):
        if name not in columns:
            raise ValueError(f"the data set has no column {name!r}; expected one of {columns}")
    rows = [(np.asarray(row[image].convert("L")), row[label]) for row in _first(dataset, limit)]
    shapes = sorted({pixels.shape for pixels, _ in rows})
    if len(shapes) != 1:
        raise ValueError(
            f"the images have sizes {shapes}; expected at least one image, and all of one size"
        )
    pixels = torch.from_numpy(np.stack([pixels for pixels, _ in rows]))
    return pixels[:, None].float() / 255, torch.tensor([number for _, number in rows])


def _first(dataset: Any, limit: int | None) -> Any:
    """The first `limit` rows."""
    if limit is None or limit >= len(dataset):
        return dataset
    return dataset.select(range(limit)) if hasattr(dataset, "select") else dataset[:limit]


def _datasets() -> Any:
    """The `datasets` package, or what to do to have it."""
    try:
        import datasets
    except ImportError as error:
        raise ImportError(
            'public data sets need the package `datasets`: pip install "unrolled[data]"'
        ) from error
    return datasets

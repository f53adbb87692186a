"""Chapter 12 with other pictures: its one argument, `SOURCE`, on a local stand-in of MNIST's form."""

import json
import math
from pathlib import Path

import pytest
import torch

import unrolled.lab
from unrolled.data.digits import digits

datasets = pytest.importorskip("datasets")
MASTER = Path(__file__).parents[2] / "solutions" / "12_autoencoders.py"


@pytest.fixture
def folder(tmp_path):
    """Digits of 28 × 28 in two splits, saved as Hugging Face's `datasets` saves MNIST."""
    from PIL import Image

    features = datasets.Features({"image": datasets.Image(), "label": datasets.ClassLabel(num_classes=10)})
    splits = {}
    for split, count in (("train", 300), ("test", 60)):
        images, labels = digits(split, limit=count)
        pixels = (255 * images[:, 0]).to(torch.uint8).numpy()
        rows = {"image": [Image.fromarray(p).resize((28, 28)) for p in pixels], "label": labels.tolist()}
        splits[split] = datasets.Dataset.from_dict(rows, features=features)
    datasets.DatasetDict(splits).save_to_disk(tmp_path / "mnist")
    return tmp_path / "mnist"


@pytest.mark.slow
def test_does_the_chapter_run_on_pictures_of_mnists_form_when_one_argument_is_changed(folder, monkeypatch):
    train = unrolled.lab.train
    briefly = lambda *args, steps, **options: train(*args, steps=min(steps, 3), **options)  # noqa: E731
    monkeypatch.setattr(unrolled.lab, "train", briefly, raising=False)
    text = MASTER.read_text(encoding="utf-8").split('recorded("')[0].rpartition("\n# %%")[0]
    assert text.count('SOURCE = "embedded"') == 1
    chapter = {"__name__": "__main__"}
    exec(compile(text.replace('SOURCE = "embedded"', f"SOURCE = {str(folder)!r}"), MASTER.name, "exec"), chapter)
    assert chapter["fit"].shape == (240, 784) and chapter["SHAPE"] == (28, 28)
    found = json.loads(json.dumps(chapter["summarize"](chapter["experiment"](seed=0))))
    assert len(found["AUC"]["autoencoder"]) == 10 and all(0 <= a <= 1 for a in found["AUC"]["autoencoder"])
    assert all(math.isfinite(e) for e in found["error"]["autoencoder"].values())

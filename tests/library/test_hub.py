"""Public data sets, on small local ones of the same form; nothing here needs a network."""

import os
import subprocess
import sys

import numpy as np
import pytest
import torch
from PIL import Image

from unrolled.data import hub
from unrolled.data.digits import digits

datasets = pytest.importorskip("datasets")

SENTENCES = [("나는 너를 매우 사랑해", "I love you so much"), ("비가 온다", "It rains"), ("안녕", "Hello")]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Saved data sets: text pairs in two columns, pairs in one, and images in two splits."""
    folder = tmp_path_factory.mktemp("sets")
    columns = {"korean": [k for k, _ in SENTENCES], "english": [e for _, e in SENTENCES]}
    datasets.Dataset.from_dict(columns).save_to_disk(folder / "columns")
    nested = {"translation": [{"ko": k, "en": e} for k, e in SENTENCES]}
    datasets.Dataset.from_dict(nested).save_to_disk(folder / "nested")
    features = datasets.Features({"image": datasets.Image(), "label": datasets.ClassLabel(num_classes=10)})
    splits = {}
    for split, count in (("train", 5), ("test", 3)):
        images = [Image.fromarray(np.full((28, 28), 50 * i, dtype=np.uint8)) for i in range(count)]
        rows = {"image": images, "label": list(range(count))}
        splits[split] = datasets.Dataset.from_dict(rows, features=features)
    datasets.DatasetDict(splits).save_to_disk(folder / "images")
    return folder


@pytest.mark.parametrize(("name", "first", "second"), [("columns", "korean", "english"), ("nested", "ko", "en")])
def test_pairs(folder, name, first, second):
    dataset = hub.load(folder / name)
    assert hub.pairs(dataset, first, second) == SENTENCES
    assert hub.pairs(dataset, second, first, limit=2) == [(e, k) for k, e in SENTENCES[:2]]


def test_images(folder):
    images, labels = hub.images(hub.load(str(folder / "images"), "test"))
    assert images.shape == (3, 1, 28, 28) and labels.tolist() == [0, 1, 2]
    assert torch.equal(images[:, 0, 0, 0], torch.tensor([0.0, 50.0, 100.0]) / 255)
    assert digits("train", source=str(folder / "images"), limit=4)[0].shape == (4, 1, 28, 28)


def test_errors_name_the_argument(folder):
    with pytest.raises(ValueError, match=r"split is 'dev'; expected one of \['test', 'train'\]"):
        hub.load(folder / "images", "dev")
    with pytest.raises(ValueError, match=r"no column 'fr'; expected one of \['en', 'ko'\]"):
        hub.pairs(hub.load(folder / "nested"), "ko", "fr")
    with pytest.raises(ValueError, match=r"no column 'picture'; expected one of \['image', 'label'\]"):
        hub.images(hub.load(folder / "images"), image="picture")


def test_offline_is_said_clearly(tmp_path):
    """In a process of its own that may not use the network."""
    code = """if True:
        from unrolled.data import hub
        try: hub.load("ylecun/mnist", "test")
        except ConnectionError as error: print(error)
    """
    environment = {**os.environ, "HF_HUB_OFFLINE": "1", "HF_HOME": str(tmp_path)}
    said = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    assert said.stdout.startswith("the data set 'ylecun/mnist' is not on this machine yet"), said.stdout + said.stderr


@pytest.mark.parametrize("kind", ["connection", "missing"])
def test_network_errors_are_told_apart(kind, monkeypatch):
    def fails(*arguments, **options):
        raise ConnectionError("timed out") if kind == "connection" else datasets.exceptions.DatasetNotFoundError("no")

    monkeypatch.setattr(datasets, "load_dataset", fails)
    expected = (ConnectionError, "cannot be reached") if kind == "connection" else (ValueError, "there is no data set")
    with pytest.raises(expected[0], match=expected[1]):
        hub.load("someone/something")


def test_missing_package_names_the_extra(monkeypatch):
    monkeypatch.setitem(sys.modules, "datasets", None)
    with pytest.raises(ImportError, match=r'pip install "unrolled\[data\]"'):
        hub.load("ylecun/mnist")

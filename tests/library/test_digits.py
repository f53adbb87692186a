"""Digits: the embedded ones against scikit-learn's own copy, the public ones against stand-ins of the same form."""

import numpy as np
import pytest
import torch
from PIL import Image

from unrolled.data import hub
from unrolled.data.digits import digits


def test_embedded_digits_are_scikit_learns():
    from sklearn.datasets import load_digits

    train, train_labels = digits()
    test, test_labels = digits("test")
    images = torch.cat([train, test])
    assert images.shape == (1797, 1, 8, 8) and images.dtype == torch.float32 and train_labels.dtype == torch.int64
    assert images.min() == 0 and images.max() == 1
    assert np.array_equal(16 * images[:, 0].numpy(), load_digits().images)
    assert torch.cat([train_labels, test_labels]).tolist() == load_digits().target.tolist()


def test_splits_hold_every_digit_about_equally_often_and_share_nothing():
    (train, _), (test, labels) = digits(), digits("test")
    counts = torch.bincount(labels, minlength=10)
    assert counts.min() >= 30 and counts.max() <= 40
    assert not {tuple(x.flatten().tolist()) for x in train} & {tuple(x.flatten().tolist()) for x in test}


def test_limit_takes_the_first():
    images, labels = digits(limit=7)
    assert torch.equal(images, digits()[0][:7]) and len(labels) == 7


@pytest.mark.parametrize("source", ["mnist", "fashion_mnist"])
def test_public_digits_come_through_the_hub(source, monkeypatch):
    """A stand-in of MNIST's form: is the right data set asked for, and white ink on black kept as it is?"""
    grey = np.random.RandomState(0).randint(0, 256, (5, 28, 28), dtype=np.uint8)
    rows = [{"image": Image.fromarray(pixels), "label": i} for i, pixels in enumerate(grey)]
    asked = []
    monkeypatch.setattr(hub, "load", lambda name, split: asked.append((name, split)) or rows)
    images, labels = digits("test", source=source, limit=3)
    assert asked == [({"mnist": "ylecun/mnist"}.get(source, "zalando-datasets/fashion_mnist"), "test")]
    assert torch.equal(images, torch.tensor(grey[:3]).float()[:, None] / 255) and labels.tolist() == [0, 1, 2]


def test_errors_name_the_argument():
    with pytest.raises(ValueError, match="split is 'validation'; expected 'train' or 'test'"):
        digits("validation")
    with pytest.raises(ValueError, match="limit is 0"):
        digits(limit=0)

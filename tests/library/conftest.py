"""What several of the library's tests share."""

import pytest


@pytest.fixture
def no_network(tmp_path_factory, monkeypatch):
    """A machine without a network, and the folder where it keeps what it downloads from the Hugging Face Hub: empty."""
    constants = pytest.importorskip("huggingface_hub.constants")
    cache = tmp_path_factory.mktemp("hub")
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(cache))
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    return cache


@pytest.fixture
def saved(no_network):
    """A function that saves a model, perhaps with its tokenizer, and gives what it is called by: a name of the Hub, as if it
    had been downloaded before the network went, or its folder."""

    def given(way, *parts):
        commit = "0123456789abcdef0123456789abcdef01234567"
        home = no_network / "models--unrolled--tiny"
        (home / "refs").mkdir(parents=True)
        (home / "refs" / "main").write_text(commit)
        folder = home / "snapshots" / commit
        for part in parts:
            part.save_pretrained(folder)
        return {"by its name": "unrolled/tiny", "by its folder": str(folder), "by the folder's Path": folder}[way]

    return given

"""Settings of all tests: progress and Jupyter's files go to a temporary home, never to the tester's own."""

import os

import pytest


@pytest.fixture(scope="session", autouse=True)
def home_of_its_own(tmp_path_factory):
    """A data directory for this run."""
    home = tmp_path_factory.mktemp("data")
    before = os.environ.get("XDG_DATA_HOME")
    os.environ["XDG_DATA_HOME"] = str(home)
    yield home
    if before is None:
        del os.environ["XDG_DATA_HOME"]
    else:
        os.environ["XDG_DATA_HOME"] = before

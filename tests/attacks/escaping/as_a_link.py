"""The notebook is a link to a file of the instructor's."""

from tests.attacks.arena import Attack, Place


def after(folder):
    (folder / "01_rnn.ipynb").unlink()
    (folder / "01_rnn.ipynb").symlink_to(folder.parents[2] / "source" / "01_rnn" / "01_rnn.ipynb")


def control(place: Place):
    linked = place.course / "link.ipynb"
    linked.symlink_to(place.course / "source" / "01_rnn" / "01_rnn.ipynb")
    assert "### BEGIN SOLUTION" in linked.read_text()


ATTACK = Attack(control, after=after, deserves=0.0)

"""A course on disk: nbgrader's folders, and beside them the records of grading and the secret seeds."""

import contextlib
import os
import secrets
from pathlib import Path

from nbgrader.coursedir import CourseDirectory
from traitlets.config.loader import PyFileConfigLoader

CONFIGURATION = Path(__file__).parent.parent / "nbgrader_config.py"


class Course:
    """The folders of nbgrader's course, and where the records and the secret seeds lie beside them."""

    def __init__(self, directory: CourseDirectory):
        self.directory = directory
        self.root = Path(directory.root)

    def path(self, step: str, student: str, chapter: str) -> Path:
        """A folder of nbgrader's: "submitted", "autograded" …"""
        named = {"submitted": self.directory.submitted_directory, "autograded": self.directory.autograded_directory}
        return Path(self.directory.format_path(named.get(step, step), student, chapter))

    def source(self, chapter: str) -> str:
        """The instructor's notebook."""
        path = self.path(self.directory.source_directory, ".", chapter) / f"{chapter}.ipynb"
        if not path.exists():
            raise FileNotFoundError(f"{path} is missing: run `python -m autograder build {chapter}` first.")
        return path.read_text(encoding="utf-8")

    def students(self, chapter: str) -> list[str]:
        """All who have handed something in."""
        folders = self.path("submitted", "*", chapter).parent.parent
        return sorted(path.name for path in folders.glob("*") if (path / chapter).is_dir() and not path.is_symlink())

    def record_path(self, chapter: str, student: str) -> Path:
        """Where the record of a submission lies."""
        return self.root / "records" / chapter / f"{student}.json"

    def seed(self, chapter: str) -> int:
        """The chapter's secret seed, drawn at the first call and kept in a file that only its owner reads."""
        path = self.root / "secrets" / f"{chapter}.seed"
        with contextlib.suppress(FileExistsError):
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
            with open(descriptor, "w") as file:
                file.write(str(secrets.randbits(63)))
        return int(path.read_text())


def load_course(root: Path | None = None) -> Course:
    """The course as nbgrader's configuration describes it; in another folder, if `root` is given."""
    config = PyFileConfigLoader(CONFIGURATION.name, str(CONFIGURATION.parent)).load_config()
    directory = CourseDirectory(config=config)
    if root is not None:
        directory.root = str(root.resolve())
    return Course(directory)

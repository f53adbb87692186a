"""A course on disk: nbgrader's folders, and beside them the records of grading and the secret seeds."""

import contextlib
import difflib
import json
import secrets
from collections.abc import Iterable
from pathlib import Path

from nbgrader.coursedir import CourseDirectory
from traitlets.config.loader import PyFileConfigLoader

from autograder.build import changed_by_hand
from autograder.classroom import read
from autograder.exercises import chapter_exercises
from autograder.files import sweep, write_whole
from autograder.grading.as_built import edited_release, otherwise
from autograder.grading.late import configure
from autograder.lms.text import shown
from autograder.terminal import Trouble

CONFIGURATION = Path(__file__).parent.parent / "nbgrader_config.py"


class Course:
    """The folders of nbgrader's course, and where the records and the secret seeds lie beside them."""

    def __init__(self, directory: CourseDirectory):
        self.directory = directory
        self.root = Path(directory.root)
        self.settings = read(self.root)
        if self.settings.late.rule != "none":
            configure(directory.config, self.settings.late)

    def path(self, step: str, student: str, chapter: str) -> Path:
        """A folder of nbgrader's: "submitted", "autograded" …"""
        named = {"submitted": self.directory.submitted_directory, "autograded": self.directory.autograded_directory}
        return Path(self.directory.format_path(named.get(step, step), student, chapter))

    def source(self, chapter: str) -> str:
        """The instructor's notebook."""
        path = self.path(self.directory.source_directory, ".", chapter) / f"{chapter}.ipynb"
        if not path.exists():
            raise FileNotFoundError(f"{path} is missing: run `python -m autograder build {chapter}` first.")
        try:
            if not path.is_file():
                raise ValueError("it is a folder, a pipe or a device")
            text = path.read_text(encoding="utf-8")
            cells = json.loads(text)["cells"]
            graded = {c["metadata"].get("nbgrader", {}).get("grade_id") for c in cells if "".join(c["source"])}
            checks = {f"{exercise.name}-check" for exercise in chapter_exercises(chapter)}
            reason = "" if checks & graded else f"none of the checks of {chapter} is in it"
            if not reason:
                self._require_as_built(chapter, path, text)
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            reason = f"{type(error).__name__}: {error}"
        if reason:
            raise Trouble(
                f"{path} is damaged ({shown(reason)}). Run `python -m autograder build {chapter} --force`, or put your own "
                "version of it back, and grade again."
            )
        return text

    def _require_as_built(self, chapter: str, path: Path, text: str) -> None:
        """Refuse a notebook in which somebody has edited what is set elsewhere, and one older than what it is built of."""
        by_hand = changed_by_hand(path)
        if other := otherwise(text, chapter, self.settings, by_hand=by_hand):
            build = f"python -m autograder {f'build {chapter} --force' if by_hand else 'class'}"
            raise Trouble(
                f"{path}: {other}. A built notebook is not edited, and follows what it is built of: points and exercises are set "
                f"in {self.root / 'class.toml'} (`python -m autograder class` writes an example), text in the master and code in "
                f"the library. Make the change there, then run `{build}`."
            )
        release = self.path(self.directory.release_directory, ".", chapter) / f"{chapter}.ipynb"
        with contextlib.suppress(OSError, UnicodeDecodeError, ValueError):
            if other := edited_release(release.read_text(encoding="utf-8"), text, chapter):
                raise Trouble(
                    f"{release}: {other}. What is handed out is generated, and grading follows its source: make the change there, "
                    f"and generate it again: cd autograder && nbgrader generate_assignment {chapter} --force"
                )

    def students(self, chapter: str) -> list[str]:
        """All who have handed something in."""
        folders = self.path("submitted", "*", chapter).parent.parent
        found = [path for path in folders.glob("*") if (path / chapter).is_dir() and not path.is_symlink()]
        return sorted(path.name for path in found if not path.name.startswith("."))  # such as Jupyter's checkpoints

    def nobody(self, chapter: str) -> str:
        """That nobody has handed in, and where somebody's notebook would lie."""
        there = self.path("submitted", "STUDENT", chapter) / f"{chapter}.ipynb"
        return f"There is nothing yet: nobody has handed in {chapter}; there is no such file as {there}, with a student's id for STUDENT."

    def named(self, chapter: str, students: Iterable[str]) -> list[str]:
        """These students, each once; a name under which nothing was handed in is refused: it may be misspelt."""
        there, wanted = self.students(chapter), list(dict.fromkeys(students))
        for student in wanted:
            if student not in there:
                near = difflib.get_close_matches(student, there, 1)
                close = f" Did you mean {shown(near[0])!r}?" if near else ""
                folder = self.path("submitted", "STUDENT", chapter)
                raise Trouble(
                    f"{shown(student)!r} has handed in nothing for {chapter}: there is no such folder as {folder}.{close}"
                )
        return wanted

    def sweep(self, chapter: str) -> None:
        """Remove the temporary files that a killed command has left."""
        for where in (f"records/{chapter}", "secrets", f"downloaded/{chapter}", "roster", "similar", "."):
            sweep(self.root / where)
        for step in ("submitted", "autograded"):
            for folder in self.path(step, "STUDENT", chapter).parent.parent.glob(f"*/{chapter}"):
                sweep(folder)

    def record_path(self, chapter: str, student: str) -> Path:
        """Where the record of a submission lies."""
        return self.root / "records" / chapter / f"{student}.json"

    def known_path(self, chapter: str) -> Path:
        """Where the verdicts on a chapter's answers lie, each under what it depends on."""
        return self.root / "records" / f"{chapter}.known"

    def seed(self, chapter: str) -> int:
        """The chapter's seed: the settings' own, else a secret one, drawn at the first call and kept in a file of its owner's."""
        if (said := self.settings.of(chapter).seed) is not None:
            return said
        path = self._seed_path(chapter)
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            with contextlib.suppress(FileExistsError):  # another grading has drawn one at the same time
                write_whole(path, str(secrets.randbits(63)), mode=0o600, replace=False)
        try:
            return int(path.read_text(encoding="utf-8"))
        except ValueError:
            raise Trouble(
                f"{path} is empty or damaged; expected one whole number, the seed of the hidden inputs. Put the file back "
                "from a backup, or remove it: a new seed is drawn then, and everybody is graded again."
            ) from None

    def _seed_path(self, chapter: str) -> Path:
        return self.root / "secrets" / f"{chapter}.seed"


def load_course(root: Path | None = None) -> Course:
    """The course as nbgrader's configuration describes it; in another folder, if `root` is given."""
    config = PyFileConfigLoader(CONFIGURATION.name, str(CONFIGURATION.parent)).load_config()
    directory = CourseDirectory(config=config)
    if root is not None:
        directory.root = str(root.resolve())
    return Course(directory)

"""nbgrader's `zip_collect`, taught the names that Canvas, Moodle and Colab give files (set in nbgrader_config.py)."""

from collections.abc import Iterable
from pathlib import Path

from nbgrader.api import Gradebook
from nbgrader.plugins.zipcollect import FileNameCollectorPlugin

from autograder.lms.names import Handed, read_name
from autograder.lms.roster import Person, find_person, folder_name, known_people


class Collector(FileNameCollectorPlugin):
    """Takes each student's newest notebook, under the chapter's name, whatever the file is called."""

    _chosen: dict[Path, str] | None = None

    def collect(self, submitted_file: str) -> dict | None:
        """Whose file this is; None if it is not a notebook, nobody's, or older than another of the same student's."""
        if self._chosen is None:
            self._chosen = self._choose()
        student = self._chosen.get(Path(submitted_file))
        return student and {"student_id": student, "file_id": self.parent.coursedir.assignment_id}

    def _choose(self) -> dict[Path, str]:
        app = self.parent
        root = Path(app._format_collect_path(app.extracted_directory))
        with Gradebook(app.coursedir.db_url, app.coursedir.course_id) as gradebook:
            people = known_people(gradebook)
        files = [path for path in sorted(root.rglob("*")) if path.is_file() and ".ipynb" in path.name]
        read = {path: read_name(path.relative_to(root)) for path in files}
        for path in [path for path, handed in read.items() if handed is None]:
            app.log.warning("%s: whose is it? Put it into a folder named for the student.", path.name)
            del read[path]
        chosen = newest(read, people, app.coursedir.assignment_id)
        for path, student in chosen.items():
            if find_person(people, read[path].name, read[path].number) is None:
                app.log.warning(
                    "%s: %s is not in the roster; import it first if that is not meant.", path.name, student
                )
            if read[path].late:
                app.log.warning("%s: handed in late, says Canvas, whose own rule takes points off.", student)
        return chosen


def newest(read: dict[Path, Handed], people: Iterable[Person], chapter: str) -> dict[Path, str]:
    """Of every student one file: of the chapter's name, if there is one, and of these the latest attempt."""
    people, best = list(people), {}
    for path, handed in read.items():
        person = find_person(people, handed.name, handed.number)
        student = person.id if person else folder_name(handed.number or handed.name)
        rank = (handed.notebook == chapter, handed.attempt, path.stat().st_mtime_ns)
        if student not in best or rank > best[student][0]:
            best[student] = (rank, path)
    return {path: student for student, (_, path) in best.items()}

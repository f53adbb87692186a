"""nbgrader's settings: its own commands work in this folder (`cd autograder && nbgrader generate_assignment 01_rnn`)."""

from pathlib import Path

c = get_config()  # nbgrader provides it

c.CourseDirectory.course_id = "unrolled"
c.CourseDirectory.root = str(Path(__file__).resolve().parent / "course")
# Official grading in the place of nbgrader's own: `nbgrader autograde` does what `python -m autograder grade` does.
c.Autograde.exporter_class = "autograder.grading.steps.GradeOfficially"
# `nbgrader generate_feedback` writes the pages that `python -m autograder feedback` does.
c.GenerateFeedback.exporter_class = "autograder.grading.give_back.GiveFeedback"
# `nbgrader validate` runs the training cells, too, which take longer than nbgrader's 30 s on a busy machine.
c.Execute.timeout = 600
# `nbgrader zip_collect` does what `python -m autograder collect` does; grades go back with `nbgrader export --exporter autograder.lms.export.Canvas`.
c.ZipCollectApp.extractor_plugin = "autograder.lms.collect.Collector"
# `nbgrader export` leaves out points of an earlier text; --Scores.exercises=True gives each exercise a column.
c.ExportApp.plugin_class = "autograder.lms.scores.Scores"

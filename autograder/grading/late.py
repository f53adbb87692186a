"""nbgrader's plugin for late work, with the rules of `class.toml`: nothing, zero, or a part of the points for each day."""

import math

from nbgrader.plugins import LateSubmissionPlugin
from traitlets import Enum, Float

from autograder.classroom import Late


class LateRule(LateSubmissionPlugin):
    """How many points go off."""

    penalty_method = Enum(("none", "zero", "percent"), default_value="none").tag(config=True)
    percent_per_day = Float(10.0).tag(config=True)
    most_percent = Float(100.0).tag(config=True)
    grace_minutes = Float(0.0).tag(config=True)

    def late_submission_penalty(self, student_id: str, score: float, total_seconds_late: float) -> float | None:
        """The points that go off for this many seconds; nbgrader asks for late work only."""
        if total_seconds_late <= 60 * self.grace_minutes or self.penalty_method == "none":
            return None
        if self.penalty_method == "zero":
            return score
        days = math.ceil(total_seconds_late / 86400)
        return score * min(days * self.percent_per_day, self.most_percent) / 100


def configure(config: object, late: Late) -> None:
    """Let nbgrader use the rule, with these settings."""
    config.AssignLatePenalties.plugin_class = LateRule
    config.LateRule.penalty_method = late.rule
    for name in ("percent_per_day", "most_percent", "grace_minutes"):
        setattr(config.LateRule, name, getattr(late, name))

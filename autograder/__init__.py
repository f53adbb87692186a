"""Exercises, judge, notebook builder and official grading of the course."""

from autograder.exercises import all_exercises, find_exercise
from autograder.judge import judge
from autograder.notebook import check, hand_in, progress, solved, start
from autograder.repairs import judge_repair
from autograder.reporting import report

__all__ = ["all_exercises", "check", "find_exercise", "hand_in", "judge", "judge_repair", "progress", "report", "solved", "start"]

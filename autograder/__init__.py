"""Exercises, judge, notebook builder and official grading of the course."""

from autograder.exercises import all_exercises, find_exercise
from autograder.judge import judge
from autograder.notebook import check, hand_in, progress, solved, start

__all__ = ["all_exercises", "check", "find_exercise", "hand_in", "judge", "progress", "solved", "start"]

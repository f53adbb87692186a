"""Chapter 01, for this class."""

from own_exercises.rnn.leaky_step import LEAKY_STEP

EXERCISES = (LEAKY_STEP,)

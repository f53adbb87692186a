"""The exercises of chapter 17: which rate and how it changes, large batches, the first weights, steps, and when to stop."""

from autograder.exercises.training_well.accumulated_gradients import ACCUMULATED_GRADIENTS
from autograder.exercises.training_well.adamw_step import ADAMW_STEP
from autograder.exercises.training_well.cosine_rate import COSINE_RATE
from autograder.exercises.training_well.dropout import DROPOUT
from autograder.exercises.training_well.early_stopping import EARLY_STOPPING
from autograder.exercises.training_well.initial_weights import INITIAL_WEIGHTS
from autograder.exercises.training_well.momentum_step import MOMENTUM_STEP
from autograder.exercises.training_well.suggest_rate import SUGGEST_RATE

EXERCISES = (
    SUGGEST_RATE,
    COSINE_RATE,
    ACCUMULATED_GRADIENTS,
    INITIAL_WEIGHTS,
    MOMENTUM_STEP,
    ADAMW_STEP,
    DROPOUT,
    EARLY_STOPPING,
)

"""The exercises of chapter 14: three rules of fine-tuning, pooling, a classifier with a pre-trained body, and metrics."""

from autograder.exercises.transfer.concat_pool import CONCAT_POOL
from autograder.exercises.transfer.confusion_counts import CONFUSION_COUNTS
from autograder.exercises.transfer.discriminative_groups import DISCRIMINATIVE_GROUPS
from autograder.exercises.transfer.language_model_classifier import LANGUAGE_MODEL_CLASSIFIER
from autograder.exercises.transfer.precision_recall_f1 import PRECISION_RECALL_F1
from autograder.exercises.transfer.slanted_triangular_rate import SLANTED_TRIANGULAR_RATE
from autograder.exercises.transfer.unfreeze import UNFREEZE

EXERCISES = (
    CONCAT_POOL,
    LANGUAGE_MODEL_CLASSIFIER,
    SLANTED_TRIANGULAR_RATE,
    DISCRIMINATIVE_GROUPS,
    UNFREEZE,
    CONFUSION_COUNTS,
    PRECISION_RECALL_F1,
)

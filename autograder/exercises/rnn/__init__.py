"""The exercises of chapter 01: one recurrent step, the loop around it, its loss, its gradients."""

from autograder.exercises.rnn.clip_gradients import CLIP_GRADIENTS
from autograder.exercises.rnn.jacobian_norms import JACOBIAN_NORMS
from autograder.exercises.rnn.rnn_step import RNN_STEP
from autograder.exercises.rnn.sequence_cross_entropy import SEQUENCE_CROSS_ENTROPY
from autograder.exercises.rnn.unroll import UNROLL

EXERCISES = (
    RNN_STEP,
    UNROLL,
    SEQUENCE_CROSS_ENTROPY,
    JACOBIAN_NORMS,
    CLIP_GRADIENTS,
)

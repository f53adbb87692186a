"""The exercises of chapter 02: the two gated steps, a bias that remembers, unequal lengths, both directions."""

from autograder.exercises.lstm_gru.bidirectional import BIDIRECTIONAL
from autograder.exercises.lstm_gru.gru_step import GRU_STEP
from autograder.exercises.lstm_gru.initialize_forget_bias import INITIALIZE_FORGET_BIAS
from autograder.exercises.lstm_gru.lstm_step import LSTM_STEP
from autograder.exercises.lstm_gru.masked_unroll import MASKED_UNROLL

EXERCISES = (
    LSTM_STEP,
    INITIALIZE_FORGET_BIAS,
    GRU_STEP,
    MASKED_UNROLL,
    BIDIRECTIONAL,
)

"""The exercises of chapter 04: scores, weights, contexts, and a decoder that looks before every word."""

from autograder.exercises.attention.additive_scores import ADDITIVE_SCORES
from autograder.exercises.attention.attention_decoder import ATTENTION_DECODER
from autograder.exercises.attention.context_vectors import CONTEXT_VECTORS
from autograder.exercises.attention.masked_softmax import MASKED_SOFTMAX
from autograder.exercises.attention.multiplicative_scores import MULTIPLICATIVE_SCORES

EXERCISES = (
    ADDITIVE_SCORES,
    MULTIPLICATIVE_SCORES,
    MASKED_SOFTMAX,
    CONTEXT_VECTORS,
    ATTENTION_DECODER,
)

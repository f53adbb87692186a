"""The exercises of chapter 10: drawing a word, cutting the tail, forbidding repetition, and beam search."""

from autograder.exercises.decoding.beam_search import BEAM_SEARCH
from autograder.exercises.decoding.block_repeated_ngrams import BLOCK_REPEATED_NGRAMS
from autograder.exercises.decoding.repetition_penalty import REPETITION_PENALTY
from autograder.exercises.decoding.sample import SAMPLE
from autograder.exercises.decoding.top_k_filter import TOP_K_FILTER
from autograder.exercises.decoding.top_p_filter import TOP_P_FILTER

EXERCISES = (
    SAMPLE,
    TOP_K_FILTER,
    TOP_P_FILTER,
    REPETITION_PENALTY,
    BLOCK_REPEATED_NGRAMS,
    BEAM_SEARCH,
)

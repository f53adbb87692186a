"""The exercises of chapter 00: probabilities, a loss, gradients by hand, embeddings, n-grams, perplexity."""

from autograder.exercises.warm_up.cross_entropy import CROSS_ENTROPY
from autograder.exercises.warm_up.embed import EMBED
from autograder.exercises.warm_up.mlp_gradients import MLP_GRADIENTS
from autograder.exercises.warm_up.ngram_model import NGRAM_MODEL
from autograder.exercises.warm_up.perplexity import PERPLEXITY
from autograder.exercises.warm_up.softmax import SOFTMAX

EXERCISES = (
    SOFTMAX,
    CROSS_ENTROPY,
    MLP_GRADIENTS,
    EMBED,
    NGRAM_MODEL,
    PERPLEXITY,
)

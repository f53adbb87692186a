"""The exercises of chapter 08: the loss of the next word, attention with a cache, the block, the model, and its size."""

from autograder.exercises.gpt.cached_attention import CACHED_ATTENTION
from autograder.exercises.gpt.causal_lm_loss import CAUSAL_LM_LOSS
from autograder.exercises.gpt.gpt import GPT_MODEL
from autograder.exercises.gpt.gpt_block import GPT_BLOCK
from autograder.exercises.gpt.parameter_count import PARAMETER_COUNT

EXERCISES = (
    CAUSAL_LM_LOSS,
    CACHED_ATTENTION,
    GPT_BLOCK,
    GPT_MODEL,
    PARAMETER_COUNT,
)

"""The exercises of chapter 19: rotary positions, a gate, shared keys, what it costs, and a task in the text."""

from autograder.exercises.gpt3_to_llm.compute_optimal import COMPUTE_OPTIMAL
from autograder.exercises.gpt3_to_llm.grouped_query_attention import GROUPED_QUERY_ATTENTION
from autograder.exercises.gpt3_to_llm.halves_from_pairs import HALVES_FROM_PAIRS
from autograder.exercises.gpt3_to_llm.kv_cache_bytes import KV_CACHE_BYTES
from autograder.exercises.gpt3_to_llm.option_scores import OPTION_SCORES
from autograder.exercises.gpt3_to_llm.rotate import ROTATE
from autograder.exercises.gpt3_to_llm.swi_glu import SWIGLU
from autograder.exercises.gpt3_to_llm.training_flops import TRAINING_FLOPS

EXERCISES = (
    OPTION_SCORES,
    ROTATE,
    HALVES_FROM_PAIRS,
    SWIGLU,
    GROUPED_QUERY_ATTENTION,
    KV_CACHE_BYTES,
    TRAINING_FLOPS,
    COMPUTE_OPTIMAL,
)

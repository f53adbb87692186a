"""The exercises of chapter 05: attention, its masks, its heads, and positions."""

from autograder.exercises.self_attention.causal_mask import CAUSAL_MASK
from autograder.exercises.self_attention.multi_head_attention import MULTI_HEAD_ATTENTION
from autograder.exercises.self_attention.padding_mask import PADDING_MASK
from autograder.exercises.self_attention.scaled_dot_product_attention import SCALED_DOT_PRODUCT_ATTENTION
from autograder.exercises.self_attention.sinusoidal_positions import SINUSOIDAL_POSITIONS

EXERCISES = (
    SCALED_DOT_PRODUCT_ATTENTION,
    CAUSAL_MASK,
    PADDING_MASK,
    MULTI_HEAD_ATTENTION,
    SINUSOIDAL_POSITIONS,
)

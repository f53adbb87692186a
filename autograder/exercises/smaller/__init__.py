"""The exercises of chapter 18: a teacher, whole numbers, levels of a normal distribution, and a thin update."""

from autograder.exercises.smaller.absmax_quantize import ABSMAX_QUANTIZE
from autograder.exercises.smaller.distillation_loss import DISTILLATION_LOSS
from autograder.exercises.smaller.double_quantize import DOUBLE_QUANTIZE
from autograder.exercises.smaller.lo_ra_linear import LORA_LINEAR
from autograder.exercises.smaller.nf4_levels import NF4_LEVELS
from autograder.exercises.smaller.quantize_blocks import QUANTIZE_BLOCKS
from autograder.exercises.smaller.straight_through import STRAIGHT_THROUGH
from autograder.exercises.smaller.zero_point_quantize import ZERO_POINT_QUANTIZE

EXERCISES = (
    DISTILLATION_LOSS,
    ABSMAX_QUANTIZE,
    ZERO_POINT_QUANTIZE,
    STRAIGHT_THROUGH,
    NF4_LEVELS,
    QUANTIZE_BLOCKS,
    DOUBLE_QUANTIZE,
    LORA_LINEAR,
)

"""The exercises of chapter 06: the norm, the feed-forward layer, the two blocks, the smoothed loss and the schedule."""

from autograder.exercises.transformer.decoder_block import DECODER_BLOCK
from autograder.exercises.transformer.encoder_block import ENCODER_BLOCK
from autograder.exercises.transformer.feed_forward import FEED_FORWARD
from autograder.exercises.transformer.label_smoothed_cross_entropy import LABEL_SMOOTHED_CROSS_ENTROPY
from autograder.exercises.transformer.layer_norm import LAYER_NORM
from autograder.exercises.transformer.noam_rate import NOAM_RATE

EXERCISES = (
    LAYER_NORM,
    FEED_FORWARD,
    ENCODER_BLOCK,
    DECODER_BLOCK,
    LABEL_SMOOTHED_CROSS_ENTROPY,
    NOAM_RATE,
)

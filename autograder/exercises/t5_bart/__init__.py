"""The exercises of chapter 09: the norm, the buckets, three ways to damage a text, and tasks put into words."""

from autograder.exercises.t5_bart.corrupt_spans import CORRUPT_SPANS
from autograder.exercises.t5_bart.infill_text import INFILL_TEXT
from autograder.exercises.t5_bart.permute_sentences import PERMUTE_SENTENCES
from autograder.exercises.t5_bart.relative_position_bucket import RELATIVE_POSITION_BUCKET
from autograder.exercises.t5_bart.rms_norm import RMS_NORM
from autograder.exercises.t5_bart.to_text_pair import TO_TEXT_PAIR

EXERCISES = (
    TO_TEXT_PAIR,
    CORRUPT_SPANS,
    INFILL_TEXT,
    PERMUTE_SENTENCES,
    RMS_NORM,
    RELATIVE_POSITION_BUCKET,
)

"""The exercises of chapter 16: hashing, sorting, attention in chunks, rounds, a block run backwards, chunks, positions."""

from autograder.exercises.reformer.attend_in_chunks import ATTEND_IN_CHUNKS
from autograder.exercises.reformer.axial_positions import AXIAL_POSITIONS
from autograder.exercises.reformer.chunked_feed_forward import CHUNKED_FEED_FORWARD
from autograder.exercises.reformer.combine_rounds import COMBINE_ROUNDS
from autograder.exercises.reformer.lsh_buckets import LSH_BUCKETS
from autograder.exercises.reformer.reverse_block import REVERSE_BLOCK
from autograder.exercises.reformer.sort_by_bucket import SORT_BY_BUCKET

EXERCISES = (
    LSH_BUCKETS,
    SORT_BY_BUCKET,
    ATTEND_IN_CHUNKS,
    COMBINE_ROUNDS,
    REVERSE_BLOCK,
    CHUNKED_FEED_FORWARD,
    AXIAL_POSITIONS,
)

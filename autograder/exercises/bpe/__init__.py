"""The exercises of chapter 11: words, pairs, merges, training, encoding, decoding, and WordPiece."""

from autograder.exercises.bpe.count_pairs import COUNT_PAIRS
from autograder.exercises.bpe.decode import DECODE
from autograder.exercises.bpe.encode import ENCODE
from autograder.exercises.bpe.merge_pair import MERGE_PAIR
from autograder.exercises.bpe.pretokenize import PRETOKENIZE
from autograder.exercises.bpe.train_bpe import TRAIN_BPE
from autograder.exercises.bpe.wordpiece import WORDPIECE

EXERCISES = (
    PRETOKENIZE,
    COUNT_PAIRS,
    MERGE_PAIR,
    TRAIN_BPE,
    ENCODE,
    DECODE,
    WORDPIECE,
)

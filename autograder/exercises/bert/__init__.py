"""The exercises of chapter 07: embeddings, hidden words and their loss, pairs of sentences, the classifier."""

from autograder.exercises.bert.bert_embeddings import BERT_EMBEDDINGS
from autograder.exercises.bert.classify import CLASSIFY
from autograder.exercises.bert.make_sentence_pairs import MAKE_SENTENCE_PAIRS
from autograder.exercises.bert.mask_tokens import MASK_TOKENS
from autograder.exercises.bert.masked_lm_loss import MASKED_LM_LOSS

EXERCISES = (
    BERT_EMBEDDINGS,
    MASK_TOKENS,
    MASKED_LM_LOSS,
    MAKE_SENTENCE_PAIRS,
    CLASSIFY,
)

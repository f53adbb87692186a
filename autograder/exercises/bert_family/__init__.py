"""The exercises of chapter 15: a student and its teacher, a block used again, order, replaced words, position, zero-shot."""

from autograder.exercises.bert_family.albert import ALBERT
from autograder.exercises.bert_family.disentangled_scores import DISENTANGLED_SCORES
from autograder.exercises.bert_family.distilbert_loss import DISTILBERT_LOSS
from autograder.exercises.bert_family.electra_loss import ELECTRA_LOSS
from autograder.exercises.bert_family.entailment_probabilities import ENTAILMENT_PROBABILITIES
from autograder.exercises.bert_family.make_sentence_orders import MAKE_SENTENCE_ORDERS
from autograder.exercises.bert_family.replace_tokens import REPLACE_TOKENS
from autograder.exercises.bert_family.select_layers import SELECT_LAYERS

EXERCISES = (
    SELECT_LAYERS,
    DISTILBERT_LOSS,
    ALBERT,
    MAKE_SENTENCE_ORDERS,
    REPLACE_TOKENS,
    ELECTRA_LOSS,
    DISENTANGLED_SCORES,
    ENTAILMENT_PROBABILITIES,
)

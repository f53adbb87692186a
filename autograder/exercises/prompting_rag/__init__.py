"""The exercises of chapter 20: an unleaning prompt, pieces of text, three ways of finding them, and who is believed."""

from autograder.exercises.prompting_rag.bm25_scores import BM25_SCORES
from autograder.exercises.prompting_rag.calibrate import CALIBRATE
from autograder.exercises.prompting_rag.chunk_text import CHUNK_TEXT
from autograder.exercises.prompting_rag.in_batch_loss import IN_BATCH_LOSS
from autograder.exercises.prompting_rag.maximal_marginal_relevance import MAXIMAL_MARGINAL_RELEVANCE
from autograder.exercises.prompting_rag.rag_log_probabilities import RAG_LOG_PROBABILITIES
from autograder.exercises.prompting_rag.ranking_metrics import RANKING_METRICS
from autograder.exercises.prompting_rag.reciprocal_rank_fusion import RECIPROCAL_RANK_FUSION

EXERCISES = (
    CALIBRATE,
    CHUNK_TEXT,
    BM25_SCORES,
    RANKING_METRICS,
    IN_BATCH_LOSS,
    RECIPROCAL_RANK_FUSION,
    MAXIMAL_MARGINAL_RELEVANCE,
    RAG_LOG_PROBABILITIES,
)

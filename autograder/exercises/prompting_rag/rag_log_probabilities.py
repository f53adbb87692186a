"""`rag_log_probabilities`: How probable a text is if it may come from any of several documents, by sequence and by token."""

import torch
import torch.nn.functional as F

from autograder.draw import cut, integers, lengths_mask, normal
from autograder.exercise import Exercise, Misconception
from autograder.probes import differentiate


def rag_inputs(rng):
    """Batches of 3, 2 and 1, 5 documents, 7 words of 11; padded ends, one with no word at all, gaps; one document, one word.

    Large scores, and texts so long and improbable that their probability is 0 in float32.
    """

    def case(batch, documents, time, vocabulary, lengths=None, scale=1.3, prior=1.0):
        mask = lengths_mask(lengths or [time] * batch, time)
        return {
            "token_logits": normal(rng, batch, documents, time, vocabulary, scale=scale),
            "document_scores": normal(rng, batch, documents, scale=prior),
            "targets": integers(rng, 0, vocabulary, batch, time),
            "mask": mask,
        }

    gaps = case(2, 3, 5, 7)
    gaps["mask"][:, int(rng.integers(1, 4))] = False
    large = case(2, 3, 5, 7, prior=40.0)
    large["token_logits"] = large["token_logits"] * 30 + 500
    small = case(2, 3, 31, 11, scale=5.0)
    tensors = ("token_logits", "document_scores", "targets", "mask")
    one_word = cut(cut(case(3, 5, 7, 11), 2, "token_logits"), 1, "targets", "mask")
    return {
        "whole texts": [case(3, 5, 7, 11), case(2, 3, 5, 7), cut(case(2, 5, 7, 11), 0, *tensors), case(2, 1, 5, 7), one_word],
        "padding": [case(3, 5, 7, 11, [7, 4, 2]), case(2, 3, 5, 7, [1, 0]), gaps],
        "large and small": [large, small],
    }


def rag_loop(token_logits, document_scores, targets, mask):
    sequence, token = [], []
    for b in range(len(targets)):
        prior = torch.log_softmax(document_scores[b], dim=0)
        words = torch.log_softmax(token_logits[b], dim=-1)
        places = mask[b].nonzero()[:, 0].tolist()
        whole = [prior[d] + sum((words[d, t, targets[b, t]] for t in places), torch.zeros(())) for d in range(len(prior))]
        sequence.append(torch.logsumexp(torch.stack(whole), dim=0))
        each = [torch.logsumexp(prior + words[:, t, targets[b, t]], dim=0) for t in places]
        token.append(sum(each, torch.zeros(()) + 0 * prior.sum()))
    return torch.stack(sequence), torch.stack(token)


def rag_cross_entropy(token_logits, document_scores, targets, mask):
    batch, documents, time, _ = token_logits.shape
    spread = targets[:, None].expand(batch, documents, time)
    words = -F.cross_entropy(token_logits.permute(0, 3, 1, 2), spread, reduction="none")
    words = torch.where(mask[:, None], words, torch.zeros_like(words))
    log_prior = document_scores - document_scores.logsumexp(1, keepdim=True)
    sequence = torch.logsumexp(log_prior + words.sum(2), 1)
    token = (torch.logsumexp(log_prior.unsqueeze(-1) + words, 1) * mask).sum(1)
    return sequence, token


def rag_einsum(token_logits, document_scores, targets, mask):
    chosen = F.one_hot(targets, token_logits.shape[-1]).to(token_logits.dtype)
    words = torch.einsum("bdtv,btv->bdt", F.log_softmax(token_logits, -1), chosen)
    prior = F.log_softmax(document_scores, 1)
    sequence = torch.logsumexp(prior + torch.einsum("bdt,bt->bd", words, mask.to(words.dtype)), 1)
    return sequence, torch.logsumexp(prior[:, :, None] + words, 1).masked_fill(~mask, 0).sum(1)


WORDS = "words = words.masked_fill(~mask[:, None], 0.0)"
LOG = "words = token_logits.log_softmax(dim=-1).gather(-1, asked)[..., 0]"
PRIOR = "prior = document_scores.log_softmax(dim=-1)"
SEQUENCE = "sequence = (prior + words.sum(dim=-1)).logsumexp(dim=1)"
TOKEN = "token = (prior[..., None] + words).logsumexp(dim=1).sum(dim=-1)"
RESULT = "return sequence, token"

RAG_LOG_PROBABILITIES = Exercise(
    solves="unrolled.rag.rag_log_probabilities",
    groups={"whole texts": 2, "padding": 1, "large and small": 1},
    inputs=rag_inputs,
    probe=differentiate,
    accepts=(rag_loop, rag_cross_entropy, rag_einsum),
    misconceptions=(
        Misconception(
            id="swapped",
            name="the two results are exchanged",
            hint="Which of the two may take another document for every word? Which comes first?",
            edits={RESULT: "return token, sequence"},
        ),
        Misconception(
            id="twice-the-sequence",
            name="RAG-Token takes one document for the whole text, too",
            hint="For RAG-Token, what comes first: the sum over documents, or the product over words?",
            edits={TOKEN: "token = sequence"},
        ),
        Misconception(
            id="twice-the-token",
            name="RAG-Sequence takes another document for every word, too",
            hint="For RAG-Sequence, what comes first: the sum over documents, or the product over words?",
            edits={RESULT: "return token, token"},
        ),
        Misconception(
            id="logs-averaged",
            name="the documents' log-probabilities are averaged with their weights, not the probabilities",
            hint="One document says 0.9 and another 0: what is the mean of the logarithms? Which of the two is averaged in Σ p(z) p(y|z)?",
            edits={
                SEQUENCE: "sequence = (prior.exp() * words.sum(dim=-1)).sum(dim=1)",
                TOKEN: "token = (prior.exp()[..., None] * words).sum(dim=1).sum(dim=-1)",
            },
        ),
        Misconception(
            id="best-document-only",
            name="only the best document counts",
            hint="Two documents make the answer equally probable: does the second add anything in yours?",
            edits={
                SEQUENCE: "sequence = (prior + words.sum(dim=-1)).amax(dim=1)",
                TOKEN: "token = (prior[..., None] + words).amax(dim=1).sum(dim=-1)",
            },
        ),
        Misconception(
            id="most-probable-document",
            name="only the document with the highest score is read",
            hint="What becomes of the probability that the answer comes from the second document?",
            edits={
                SEQUENCE: "top = prior.argmax(dim=1)\n    words = words[torch.arange(len(words)), top][:, None]\n    prior = prior[:, :1] * 0\n    sequence = (prior + words.sum(dim=-1)).logsumexp(dim=1)",
                "    documents = token_logits.shape[1]": "    import torch\n    documents = token_logits.shape[1]",
            },
        ),
        Misconception(
            id="prior-ignored",
            name="all documents count alike, whatever their scores",
            hint="Which argument do you never use?",
            edits={PRIOR: "prior = (0 * document_scores).log_softmax(dim=-1)"},
        ),
        Misconception(
            id="prior-not-normalised",
            name="the documents' scores are taken as log-probabilities",
            hint="What do the probabilities of a row's documents add up to in yours?",
            edits={PRIOR: "prior = document_scores"},
        ),
        Misconception(
            id="prior-without-logarithm",
            name="the documents' probabilities are added to log-probabilities, without a logarithm",
            hint="A product of probabilities is a sum of what?",
            edits={PRIOR: "prior = document_scores.softmax(dim=-1)"},
        ),
        Misconception(
            id="prior-over-the-batch",
            name="the rows of the batch compete, not the documents of a row",
            hint="Which axis of (batch, documents) should add up to 1?",
            edits={PRIOR: "prior = document_scores.log_softmax(dim=0)"},
        ),
        Misconception(
            id="prior-once-for-token",
            name="RAG-Token weighs the documents equally",
            hint="For every single word, how probable is each document?",
            edits={TOKEN: "token = ((0 * prior).log_softmax(-1)[..., None] + words).logsumexp(dim=1).sum(dim=-1)"},
        ),
        Misconception(
            id="no-prior-for-token",
            name="RAG-Token adds up what the documents say without their probabilities",
            hint="If each of two documents is sure of a word, how probable is it? And with yours?",
            edits={TOKEN: "token = words.logsumexp(dim=1).masked_fill(~mask, 0.0).sum(dim=-1)"},
        ),
        Misconception(
            id="prior-at-every-word-of-sequence",
            name="in RAG-Sequence a document's probability is multiplied in once for every word",
            hint="How often is the document chosen in RAG-Sequence: once, or for every word?",
            edits={SEQUENCE: "sequence = (prior[..., None] + words).sum(dim=-1).logsumexp(dim=1)"},
        ),
        Misconception(
            id="words-not-normalised",
            name="the words' scores are taken as log-probabilities",
            hint="What do the probabilities of all words at one place add up to in yours?",
            edits={LOG: "words = token_logits.gather(-1, asked)[..., 0]"},
        ),
        Misconception(
            id="words-over-documents",
            name="the softmax of the words is over the documents",
            hint="Which words compete for a place: those of the vocabulary. Which axis is that?",
            edits={LOG: "words = token_logits.log_softmax(dim=1).gather(-1, asked)[..., 0]"},
        ),
        Misconception(
            id="padding-scored",
            name="padding counts as if it were words",
            hint="Does your result change if the padded targets do?",
            edits={WORDS: "pass"},
        ),
        Misconception(
            id="padding-in-token",
            name="padding is left out in RAG-Sequence only",
            hint="Does your second result change if the padded targets do?",
            edits={
                WORDS: "pass",
                SEQUENCE: "sequence = (prior + (words * mask[:, None]).sum(dim=-1)).logsumexp(dim=1)",
            },
        ),
        Misconception(
            id="padding-in-sequence",
            name="padding is left out in RAG-Token only",
            hint="Does your first result change if the padded targets do?",
            edits={WORDS: "pass", TOKEN: "token = (prior[..., None] + words).logsumexp(dim=1).masked_fill(~mask, 0.0).sum(dim=-1)"},
        ),
        Misconception(
            id="mask-upside-down",
            name="the padding counts, and the words do not",
            hint="What does True mean in `mask`?",
            edits={WORDS: "words = words.masked_fill(mask[:, None], 0.0)"},
        ),
        Misconception(
            id="mean-over-words",
            name="the mean over the words comes out, not the sum",
            hint="The probability of a text is a product over its words. What is its logarithm?",
            edits={
                SEQUENCE: "sequence = (prior + words.sum(dim=-1)).logsumexp(dim=1) / mask.sum(dim=-1).clamp(min=1)",
                TOKEN: "token = (prior[..., None] + words).logsumexp(dim=1).sum(dim=-1) / mask.sum(dim=-1).clamp(min=1)",
            },
        ),
        Misconception(
            id="negative",
            name="losses come out: the sign is the other way round",
            hint="Is the logarithm of a probability positive?",
            edits={RESULT: "return -sequence, -token"},
        ),
        Misconception(
            id="probabilities",
            name="probabilities come out, without the logarithm",
            hint="Which of the two does the function's name promise?",
            edits={RESULT: "return sequence.exp(), token.exp()"},
        ),
        Misconception(
            id="underflow",
            name="probabilities are multiplied, and float32 rounds those of long texts to 0",
            hint="What is 0.01 to the power of 30 in float32, and its logarithm? In which order are logarithm and product taken?",
            edits={
                SEQUENCE: "sequence = (prior.exp() * words.exp().prod(dim=-1)).sum(dim=1).log()",
                TOKEN: "token = (prior.exp()[..., None] * words.exp()).sum(dim=1).log().sum(dim=-1)",
            },
        ),
        Misconception(
            id="documents-frozen",
            name="no gradient reaches the documents' scores",
            hint="How is the retriever to learn which document helped?",
            edits={PRIOR: "prior = document_scores.detach().log_softmax(dim=-1)"},
        ),
    ),
)

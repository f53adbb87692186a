"""Chapter 20's library against bm25s, rank-bm25, scikit-learn, torch, Hugging Face's RAG, SciPy, and hand arithmetic."""

import json
import math
from itertools import pairwise

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from scipy.stats import binom

from unrolled.bm25 import bm25_scores
from unrolled.chunking import chunk_text
from unrolled.constrained import allowed_next, constrained, is_json, json_pattern
from unrolled.data import village
from unrolled.data.village import tokens
from unrolled.decoding import generate
from unrolled.dense_retrieval import Towers, in_batch_loss, learn_to_find
from unrolled.folders import normalised, read_folder, scripts
from unrolled.fusion import maximal_marginal_relevance, reciprocal_rank_fusion
from unrolled.pretraining import BertVocabulary
from unrolled.prompting import calibrate, majority, prompt, vote_accuracy
from unrolled.rag import rag_log_probabilities
from unrolled.ranking import ranking_metrics
from unrolled.reader import (
    HubReader,
    SpanReader,
    VillageReader,
    best_span,
    reader_batch,
    reading_batches,
    span_loss,
    village_reader,
)
from unrolled.retrieval import Index, Passage, ask

BATCH, DOCUMENTS, TIME, WORDS, D = 3, 5, 7, 11, 13


@pytest.fixture(autouse=True)
def seeded():
    torch.manual_seed(0)


def normal(*shape):
    return torch.randn(*shape, dtype=torch.float64)


def assert_same_with_gradients(ours, theirs, leaves):
    weights = torch.cos(torch.arange(ours.numel(), dtype=ours.dtype)).view(ours.shape)
    torch.testing.assert_close(ours, theirs)
    for a, b in zip(*(torch.autograd.grad((y * weights).sum(), leaves, retain_graph=True) for y in (ours, theirs)), strict=True):
        torch.testing.assert_close(a, b)


# --- prompting ----------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("texts", [BATCH, 1])
def test_is_calibration_a_softmax_of_differences_of_logarithms(texts):
    probabilities = normal(texts, WORDS).softmax(-1).requires_grad_()
    content_free = normal(WORDS).softmax(-1).requires_grad_()
    theirs = torch.softmax(probabilities.log() - content_free.log(), dim=-1)
    assert_same_with_gradients(calibrate(probabilities, content_free), theirs, [probabilities, content_free])


def test_does_calibration_leave_even_leanings_alone_and_make_the_empty_prompt_even():
    probabilities = normal(BATCH, WORDS).softmax(-1)
    torch.testing.assert_close(calibrate(probabilities, torch.full((WORDS,), 0.2, dtype=torch.float64)), probabilities)
    torch.testing.assert_close(calibrate(probabilities[:1], probabilities[0]), torch.full((1, WORDS), 1 / WORDS).double())


def test_has_a_prompt_its_parts_in_order_and_none_that_is_empty():
    text = prompt("Do.", "Q?", examples=[("q", "a")], passages=["p", "r"])
    assert [text.index(part) for part in ("Do.", "[1] p", "[2] r", "Question: q", "Answer: a", "Question: Q?")] == sorted(
        text.index(part) for part in ("Do.", "[1] p", "[2] r", "Question: q", "Answer: a", "Question: Q?")
    )
    assert prompt("Do.", "Q?") == "Do.\n\nQuestion: Q?\nAnswer:"


@pytest.mark.parametrize("p", [0.0, 0.3, 0.5, 0.8, 1.0])
@pytest.mark.parametrize("votes", [1, 3, 15])
def test_is_a_vote_the_binomial_distribution(p, votes):
    assert vote_accuracy(p, votes) == pytest.approx(binom.sf(votes // 2, votes, p))


def test_is_the_majority_the_most_frequent_and_of_equals_the_first():
    assert (majority(["b", "a", "a"]), majority(["b", "a"]), majority(["c"])) == ("a", "b", "c")


# --- chunking -----------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(("size", "overlap"), [(1, 0), (3, 0), (3, 1), (5, 2), (5, 4), (7, 3)])
def test_do_chunks_hold_every_token_share_what_they_should_and_lie_in_no_other(size, overlap):
    for length in range(24):
        tokens_ = list(range(length))
        chunks = chunk_text(tokens_, size, overlap)
        assert sorted({t for chunk in chunks for t in chunk}) == tokens_
        assert all(len(chunk) == size for chunk in chunks[:-1]) and all(chunks)
        assert all(a[-overlap:] == b[:overlap] or not overlap for a, b in pairwise(chunks))
        assert not any(set(b) <= set(a) for a, b in pairwise(chunks))
        assert [t for i, chunk in enumerate(chunks) for t in chunk[overlap if i else 0 :]] == tokens_


# --- BM25 ---------------------------------------------------------------------------------------------------------
LETTERS = list("abcdefghijk")


def corpus(rng, n=DOCUMENTS):
    return [[str(w) for w in rng.choice(LETTERS, rng.integers(3, 23))] for _ in range(n)]


@pytest.mark.parametrize(("k1", "b"), [(1.5, 0.75), (0.9, 0.4), (2.0, 1.0), (1.2, 0.0)])
@pytest.mark.parametrize("n", [DOCUMENTS, 1, 17])
def test_is_bm25_that_of_bm25s_by_lucene(k1, b, n):
    import bm25s

    rng = np.random.default_rng(n)
    documents, query = corpus(rng, n), ["a", "c", "d", "zebra"]
    index = bm25s.BM25(method="lucene", k1=k1, b=b)
    index.index(documents, show_progress=False)
    known = [word for word in query if any(word in document for document in documents)]
    theirs = (k1 + 1) * index.get_scores(known) if known else np.zeros(n)
    torch.testing.assert_close(bm25_scores(query, documents, k1=k1, b=b), torch.tensor(theirs).float())


def test_is_bm25_that_of_rank_bm25_with_our_idf_words_twice_too():
    from rank_bm25 import BM25Okapi

    documents = corpus(np.random.default_rng(0), 7)
    index, n = BM25Okapi(documents), len(documents)
    for word in index.idf:
        holding = sum(word in document for document in documents)
        index.idf[word] = math.log(1 + (n - holding + 0.5) / (holding + 0.5))
    query = ["a", "b", "a", "k"]
    torch.testing.assert_close(bm25_scores(query, documents), torch.tensor(index.get_scores(query)).float())


def test_has_bm25_a_score_for_empty_documents_no_documents_and_no_query():
    assert bm25_scores(["a"], [["a"], []])[1] == 0
    assert bm25_scores(["a"], []).shape == (0,)
    assert bm25_scores(["a"], [[], []]).tolist() == [0, 0]
    assert bm25_scores([], [["a"]]).tolist() == [0]


# --- rankings -----------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("k", [1, 3, 7, 20])
def test_is_the_gain_scikit_learns(k):
    from sklearn.metrics import ndcg_score

    rng = np.random.default_rng(k)
    for _ in range(20):
        grades = rng.integers(0, 4, 11)
        grades[0] = 1
        ranking = rng.permutation(11)
        theirs = ndcg_score([grades], [-np.argsort(ranking).astype(float)], k=k)
        found = ranking_metrics(ranking.tolist(), {i: int(grade) for i, grade in enumerate(grades)}, k)
        assert found["ndcg"] == pytest.approx(theirs)
        hits = [rank for rank, document in enumerate(ranking[:k], start=1) if grades[document]]
        assert found["recall"] == pytest.approx(len(hits) / (grades > 0).sum())
        assert found["mrr"] == pytest.approx(1 / hits[0] if hits else 0)


def test_are_the_metrics_0_where_nothing_is_relevant_or_found():
    nothing = {"recall": 0.0, "mrr": 0.0, "ndcg": 0.0}
    assert ranking_metrics([1, 2], {}, 2) == ranking_metrics([1, 2], {1: 0}, 2) == ranking_metrics([], {1: 1}, 2) == nothing


def test_is_fusion_a_sum_over_a_table_of_ranks():
    rng = np.random.default_rng(0)
    for k in (0, 1, 60):
        rankings = [rng.permutation(13)[: rng.integers(1, 13)].tolist() for _ in range(2)]
        table = np.zeros(13)
        for ranking in rankings:
            table[ranking] += 1 / (k + np.arange(1, len(ranking) + 1))
        theirs = np.lexsort((np.arange(13), -table))
        assert reciprocal_rank_fusion(rankings, k) == [i for i in theirs.tolist() if table[i] > 0]
    assert reciprocal_rank_fusion([]) == reciprocal_rank_fusion([[]]) == []
    assert reciprocal_rank_fusion([[5, 2, 3], [3, 2, 5]]) == [3, 5, 2]


@pytest.mark.parametrize("weight", [0.0, 0.3, 0.7, 1.0])
def test_does_each_choice_maximise_what_the_paper_says_and_is_the_first_the_nearest(weight):
    query, documents = normal(D), normal(WORDS, D) + 0.3
    chosen = maximal_marginal_relevance(query, documents, 5, weight)
    near = F.cosine_similarity(query[None], documents)
    alike = F.cosine_similarity(documents[:, None], documents[None], dim=-1)
    assert chosen[0] == near.argmax()
    for step in range(1, 5):
        left = [i for i in range(WORDS) if i not in chosen[:step]]
        value = [weight * near[i] - (1 - weight) * max(alike[i, j] for j in chosen[:step]) for i in left]
        assert chosen[step] == left[int(torch.stack(value).argmax())]
    everything = maximal_marginal_relevance(query, documents, 99, weight)
    assert sorted(everything) == list(range(WORDS)) and everything[:5] == chosen
    assert weight != 1 or everything == near.argsort(descending=True).tolist()


# --- dense retrieval ----------------------------------------------------------------------------------------------
@pytest.mark.parametrize("batch", [BATCH, 1, 5])
@pytest.mark.parametrize("temperature", [0.05, 1.0])
def test_is_the_loss_torchs_cross_entropy_of_cosines(batch, temperature):
    queries, passages = normal(batch, D).requires_grad_(), normal(batch, D).requires_grad_()
    cosines = F.cosine_similarity(queries[:, None], passages[None], dim=-1)
    theirs = F.cross_entropy(cosines / temperature, torch.arange(batch))
    assert_same_with_gradients(in_batch_loss(queries, passages, temperature), theirs, [queries, passages])


def test_is_a_text_the_unit_mean_of_its_known_words():
    towers = Towers(BertVocabulary.of(["the cat slept ."]), d=D)
    table = towers.table.weight.detach()
    ids = towers.vocabulary.encode(["cat", "slept"])
    torch.testing.assert_close(towers.encode(["Cat unheard slept"])[0], F.normalize(table[ids].mean(0), dim=0))
    assert not towers.encode(["nothing known"]).any() and towers.encode([]).shape == (0, D)


def test_are_facts_parallel_in_both_languages():
    """Otherwise Korean questions could not be trained on English texts."""
    from random import Random

    from unrolled.data.village.facts import fact_meanings

    english, korean = (village.facts(7000, language=language) for language in ("english", "korean"))
    meanings = fact_meanings(Random("facts train 0"), "train")
    kinds = {"Who": "누가", "When": "언제", "Where": "어디", "What": ("무엇", "뭘", "뭐"), "Why": "왜"}
    for a, b in zip(english, korean, strict=True):
        asked = kinds[a.question.split()[0]]
        assert any(word in b.question for word in ([asked] if isinstance(asked, str) else asked)), (a, b)
    assert english[0].answer == next(meanings)[3]


def test_do_towers_learn_to_find():
    english, korean = (village.facts(300, language=language) for language in ("english", "korean"))
    towers = Towers.of_bert()
    texts, asked = [fact.text for fact in english], [[fact.question for fact in some] for some in (english, korean)]

    def found():
        scores = towers.encode(asked[1]) @ towers.encode(texts).T
        return (scores.argmax(1) == torch.arange(300)).float().mean().item()

    before = found()
    learn_to_find(towers, asked, texts, steps=40, batch_size=64, preset="cpu")
    assert before < 0.1 and found() > 0.5


# --- RAG ----------------------------------------------------------------------------------------------------------
def test_are_both_probabilities_those_of_hugging_face():
    from transformers import BartConfig, DPRConfig, RagConfig, RagSequenceForGeneration, RagTokenForGeneration

    sizes = {"hidden_size": 12, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 8, "vocab_size": WORDS}
    bart = BartConfig(
        vocab_size=WORDS, d_model=12, encoder_layers=1, decoder_layers=1, encoder_attention_heads=2, decoder_attention_heads=2,
        encoder_ffn_dim=8, decoder_ffn_dim=8, pad_token_id=0, bos_token_id=1, eos_token_id=2, decoder_start_token_id=2,
        forced_eos_token_id=None,
    )  # fmt: skip
    config = RagConfig.from_question_encoder_generator_configs(DPRConfig(**sizes), bart, n_docs=DOCUMENTS)
    targets = torch.randint(3, WORDS, (BATCH, TIME))
    targets[0, -1:] = targets[1, 4:] = targets[2, 2:] = 0  # of a single word their RAG-Sequence forgets the documents
    logits, scores = normal(BATCH, DOCUMENTS, TIME, WORDS).requires_grad_(), normal(BATCH, DOCUMENTS).requires_grad_()
    sequence, token = rag_log_probabilities(logits, scores, targets, targets != 0)
    for ours, kind in ((sequence, RagSequenceForGeneration), (token, RagTokenForGeneration)):
        shifted = torch.cat([torch.full((BATCH, 1), 2), targets[:, :-1]], dim=1)  # theirs moves it back, and pads
        model = kind(config).double()
        theirs = -model.get_nll(logits.flatten(0, 1), scores, shifted, n_docs=DOCUMENTS)
        assert_same_with_gradients(ours, theirs, [logits, scores])


def test_are_both_probabilities_sums_over_all_documents():
    logits, scores, targets = normal(1, 2, 3, 5), normal(1, 2), torch.tensor([[4, 0, 2]])
    words = logits.softmax(-1)[0][:, torch.arange(3), targets[0]]
    prior = scores.softmax(-1)[0]
    sequence, token = rag_log_probabilities(logits, scores, targets, torch.ones(1, 3).bool())
    torch.testing.assert_close(sequence[0].exp(), (prior * words.prod(1)).sum())
    torch.testing.assert_close(token[0].exp(), (prior[:, None] * words).sum(0).prod())


def test_are_the_two_models_the_same_for_one_document_and_for_one_word():
    for documents, time in ((1, TIME), (DOCUMENTS, 1)):
        targets = torch.randint(WORDS, (BATCH, time))
        sequence, token = rag_log_probabilities(
            normal(BATCH, documents, time, WORDS), normal(BATCH, documents), targets, torch.ones_like(targets).bool()
        )
        torch.testing.assert_close(sequence, token)


# --- constrained decoding -----------------------------------------------------------------------------------------
def test_is_what_a_random_model_writes_always_one_of_the_permitted_texts():
    words = ["<eos>", "{", "}", '"', ":", ",", "who", "when", "mina", "jun", "last", "week", "yesterday"]
    pattern = json_pattern(
        {"who": ["mina", "jun"], "when": ["last week", "yesterday", "last"]}, lambda text: [words.index(w) for w in text.split()]
    )

    def step(ids, state):
        return torch.randn(len(ids), len(words)), state

    def anything(logits, ids):
        return logits.argmax(-1)

    prompt_ids = torch.zeros(50, 1, dtype=torch.long)
    free = generate(step, prompt_ids, anything, max_length=20, eos=0)
    held = generate(step, prompt_ids, constrained(anything, pattern, 1, eos=0), max_length=20, eos=0)
    read = [" ".join(words[i] for i in row[:-1]) for row in held]
    assert all(is_json(text) for text in read) and not any(is_json(" ".join(words[i] for i in row)) for row in free)
    assert {json.loads(text)[" when "].strip() for text in read} == {"last week", "yesterday", "last"}


def test_are_runs_that_begin_alike_told_apart_as_late_as_possible():
    pattern = [[[1, 2], [1, 2, 3], [4]], [[3, 5], [6]]]
    assert allowed_next(pattern, [1]) == {2}
    assert allowed_next(pattern, [1, 2]) == {3, 6}
    assert allowed_next(pattern, [1, 2, 3]) == {3, 5, 6}
    assert allowed_next(pattern, [4, 6]) == allowed_next(pattern, [9]) == set()


# --- the reader ---------------------------------------------------------------------------------------------------
def test_is_the_best_span_that_of_a_double_loop():
    for first, longest in ((0, 3), (2, 5), (6, 1)):
        starts, ends = torch.randn(7), torch.randn(7)
        pairs = [(i, j) for i in range(first, 7) for j in range(i, min(7, i + longest))]
        start, end = max(pairs, key=lambda p: float(starts[p[0]] + ends[p[1]]))
        assert best_span(starts, ends, first, longest)[:2] == (start, end)


def test_are_question_and_text_told_apart_only_with_delimiters():
    vocabulary = BertVocabulary.of(["who saw the cat slept ? ."])
    asked, told = ["Who slept?"], ["The cat slept."]
    with_marks, without = (reader_batch(vocabulary, asked, told, ["the cat"], delimited=kind) for kind in (True, False))
    assert with_marks.token_type_ids.tolist() == [[0, 0, 0, 0, 0, 1, 1, 2, 1, 1]]
    assert without.token_type_ids.tolist() == [[0, 0, 2, 0, 0, 0, 2, 0, 0]]
    assert (with_marks.input_ids == vocabulary.sep).sum() == 2 and (without.input_ids == vocabulary.sep).sum() == 1
    assert with_marks.spans.tolist() == [[5, 6]] and without.spans.tolist() == [[4, 5]]


def test_does_a_reader_learn_and_is_another_text_no_answer():
    facts = village.facts(60)
    vocabulary = BertVocabulary.of([fact.text for fact in facts] + [fact.question for fact in facts])
    model = SpanReader(vocabulary=len(vocabulary), d_model=14, heads=2, d_ff=17, layers=1, positions=96)
    batch = reading_batches(vocabulary, facts, batch_size=13)(torch.Generator().manual_seed(0))
    assert batch.spans.shape == (13, 2) and (batch.spans.sum(1) == 0).any() and (batch.spans.sum(1) > 0).any()
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    losses = []
    for _ in range(60):
        optimizer.zero_grad()
        losses.append(span_loss(model, batch))
        losses[-1].backward()
        optimizer.step()
    assert losses[-1] < 0.5 * losses[0]
    assert VillageReader(model, vocabulary).answer("Who slept?", ["", "The cat slept."])[0].passage == 1


def test_has_the_villages_reader_the_accuracy_of_its_card():
    reader, english = village_reader(), village.facts(100, split="validation")
    korean = village.facts(100, split="validation", language="korean")
    right = [reader.answer(fact.question, [fact.text])[0].text.lower() == fact.answer.lower() for fact in english]
    asked = [reader.answer(k.question, [e.text])[0].text.lower() == e.answer.lower() for k, e in zip(korean, english, strict=True)]
    refused = [reader.answer(fact.question, [english[i - 1].text])[0].score < 0 for i, fact in enumerate(english)]
    assert sum(right) > 93 and sum(asked) > 50 and sum(refused) > 93


def test_are_the_answers_words_those_of_the_text_as_it_is_written():
    [answer] = village_reader().answer("Who saw the İstanbul boat?", ["The Baker saw the İSTANBUL boat yesterday."])
    assert answer.text in "The Baker saw the İSTANBUL boat yesterday."
    long = "The farmer slept in the barn. " + " ".join(["The baker sang."] * 60)  # more than there are positions for
    assert village_reader().answer("Where did the farmer sleep?", [long])[0].text == "in the barn"


# --- folders ------------------------------------------------------------------------------------------------------
@pytest.fixture
def folder(tmp_path):
    (tmp_path / "inn.txt").write_text("The baker slept in the barn. The miller sang at home.", encoding="utf-8")
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "boats.md").write_text("\ufeffThe blacksmith rowed the boat yesterday. The painter slept at home.", encoding="utf-8")
    (tmp_path / ".hidden").write_bytes(b"\0\1")
    return tmp_path


def test_is_a_folder_read_with_all_its_text_files(folder):
    texts = read_folder(folder)
    assert list(texts) == ["inn.txt", "sub/boats.md"] and texts["sub/boats.md"].startswith("The blacksmith")
    assert list(read_folder(folder, "*.txt")) == ["inn.txt"]


def test_is_a_question_answered_from_a_folder_with_its_passage(folder):
    reply = ask(Index.of_folder(folder), "What did the blacksmith row yesterday?")
    assert (reply.answer, reply.cited.source, reply.faithful) == ("the boat", "sub/boats.md", True)
    assert str(reply) == "the boat [sub/boats.md, part 1]"
    assert ask(Index.of_folder(folder), "Who ate the baker's soup?").answer is None


def test_are_long_texts_cut_into_overlapping_passages_of_their_own_words():
    text = " ".join(f"word{i}," for i in range(50))
    index = Index.of_texts({"a": text}, size=30, overlap=10)
    assert [passage.number for passage in index.passages] == list(range(5))
    assert all(passage.text in text for passage in index.passages)
    assert index.search("word27")[0].passage.text.startswith("word20")


@pytest.mark.parametrize("kind", ["none", "towers", "by its folder", "by its name"])
def test_does_an_index_find_the_same_after_it_was_kept(folder, tmp_path, kind, saved):
    encoder = saved(kind, *hub_parts("BertModel")) if kind.startswith("by") else {"none": None, "towers": Towers.of_bert()}[kind]
    index = Index.of_folder(folder, encoder)
    index.save(tmp_path / "kept")
    (folder / "inn.txt").unlink()
    again = Index.load(tmp_path / "kept")
    for how in ("bm25", "fused") + (("dense",) if encoder else ()):
        before, after = index.search("Who slept in the barn?", how=how), again.search("Who slept in the barn?", how=how)
        assert [found.passage for found in before] == [found.passage for found in after]
        np.testing.assert_allclose([f.score for f in before], [f.score for f in after], rtol=1e-6)


HUB_WORDS = sorted(set(tokens("the baker slept in barn miller sang at home blacksmith rowed boat yesterday who what did row ? .")))


def hub_parts(kind):
    """A model as the Hub has it, a tiny random BERT, and its tokenizer; `kind` is the class of the model."""
    import transformers

    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *HUB_WORDS]
    tokenizer = transformers.BertTokenizerFast(vocab={word: i for i, word in enumerate(words)})
    tokenizer.model_max_length = 64
    config = transformers.BertConfig(
        vocab_size=len(words), hidden_size=12, num_hidden_layers=1, num_attention_heads=2, intermediate_size=17,
        max_position_embeddings=64, initializer_range=1.0,
    )  # fmt: skip
    return getattr(transformers, kind)(config).eval(), tokenizer


def best_by_hand(model, tokenizer, question, passage, longest=16):
    """The tokens of the best span of a passage, and its score less that of [CLS], by trying all spans one by one."""
    made = tokenizer(question, passage, return_tensors="pt")
    output, first = model(**made), made["input_ids"][0].tolist().index(tokenizer.sep_token_id) + 1
    starts, ends = output.start_logits[0].tolist(), output.end_logits[0].tolist()
    last = len(starts) - 1  # the second [SEP]
    spans = [(starts[i] + ends[j], i, j) for i in range(first, last) for j in range(i, min(i + longest, last))]
    score, i, j = max(spans)
    return tokenizer.convert_ids_to_tokens(made["input_ids"][0, i : j + 1].tolist()), score - starts[0] - ends[0]


@pytest.mark.parametrize("way", ["by its name", "by its folder", "by the folder's Path"])
@torch.no_grad()
def test_may_the_reader_be_a_model_of_the_hub(folder, saved, way):
    index, answered = Index.of_folder(folder), 0
    model, tokenizer = hub_parts("BertForQuestionAnswering")
    given = saved(way, model, tokenizer)
    for question in ("Who slept in the barn?", "What did the blacksmith row yesterday?", "Who sang at home?"):
        reply, read = ask(index, question, given), index.search(question)
        expected = [best_by_hand(model, tokenizer, question, found.passage.text) for found in read]
        answers = HubReader(str(given)).answer(question, [found.passage.text for found in read])
        assert sorted(answer.passage for answer in answers) == list(range(len(read))) and len(read) > 1
        assert [answer.score for answer in answers] == sorted((answer.score for answer in answers), reverse=True)
        for answer in answers:
            words, score = expected[answer.passage]
            assert tokenizer.tokenize(answer.text) == words and answer.text in read[answer.passage].passage.text
            assert answer.score == pytest.approx(score, abs=1e-4)
        best_words, best_score = max(expected, key=lambda of: of[1])
        assert (tokenizer.tokenize(reply.answer) == best_words and reply.faithful) if best_score > 0 else reply.answer is None
        answered += best_score > 0
    assert answered  # else no answer was compared


def test_is_a_reader_refused_that_is_none(folder, no_network, tmp_path):
    index = Index.of_folder(folder)
    for given in ("unrolled/never-seen", tmp_path / "missing"):
        with pytest.raises(ValueError) as caught:
            ask(index, "Who slept in the barn?", given)
        assert str(caught.value).startswith(f"reader is {str(given)!r}, which could not be read; expected the name of a")


def test_are_vectors_of_the_hub_the_means_of_real_states(saved):
    from unrolled.retrieval import HubEncoder

    path = saved("by its folder", *(parts := hub_parts("BertModel")))
    texts = ["the baker slept", "who rowed the boat yesterday ?"]
    model, tokenizer = parts
    with torch.no_grad():
        alone = [model(**tokenizer(text, return_tensors="pt")).last_hidden_state[0].mean(0) for text in texts]
    torch.testing.assert_close(HubEncoder(str(path)).encode(texts), F.normalize(torch.stack(alone), dim=-1))


def test_is_a_varied_choice_without_near_doubles():
    texts = {"a": "The cat slept at home.", "b": "The cat slept at home!", "c": "The dog slept in the barn."}
    index = Index.of_texts(texts, Towers.of_bert())
    plain = [found.passage.source for found in index.search("Who slept at home?", 2)]
    varied = [found.passage.source for found in index.search("Who slept at home?", 2, variety=0.8)]
    assert set(plain) == {"a", "b"} and "c" in varied


# --- what is refused ----------------------------------------------------------------------------------------------
def test_is_an_empty_folder_a_binary_file_or_a_question_in_no_indexed_language_said_clearly(folder, tmp_path):
    with pytest.raises(ValueError, match=r"^folder is .*no folder"):
        Index.of_folder(tmp_path / "nowhere")
    empty = tmp_path / "empty"
    empty.mkdir()
    with pytest.raises(ValueError, match=r"^folder is .*0 files fit .*expected at least one text file"):
        Index.of_folder(empty)
    (empty / "blank.txt").write_text(" \n", encoding="utf-8")
    with pytest.raises(ValueError, match=r"^folder is .*1 files fit .*none has a word"):
        Index.of_folder(empty)
    for content in (b"GIF89a\0\1", "고양이".encode("utf-16"), "café".encode("latin-1")):
        (folder / "other.bin").write_bytes(content)
        with pytest.raises(ValueError, match=r"^folder is .*'other.bin' in it is no text in UTF-8"):
            Index.of_folder(folder)
        assert len(Index.of_folder(folder, pattern="*.txt").passages) == 1
    (folder / "other.bin").unlink()
    index = Index.of_folder(folder)
    for question, letters in (("누가 잤어요?", "Hangul"), ("Ποιος κοιμήθηκε;", "Greek"), ("qui dormait ici", "Latin"), ("!!", "no")):
        with pytest.raises(ValueError, match=rf"^question is .*in {letters} letters.*texts are in Latin letters"):
            ask(index, question)
    bilingual = Index.of_folder(folder, Towers.of_bert())
    assert bilingual.search("제빵사는 어디에서 잤어요?")  # the towers know these words
    with pytest.raises(ValueError, match=r"^question is .*in Greek letters"):
        bilingual.search("Ποιος κοιμήθηκε;")


def test_are_letters_in_pieces_the_same_letters():
    import unicodedata

    text = "고양이가 집에서 잤어요."
    index = Index.of_texts({"a": unicodedata.normalize("NFD", text)})
    assert index.search("고양이가")[0].passage.source == "a" and scripts(normalised(text)) == {"HANGUL"}


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: calibrate(torch.ones(2, 3), torch.tensor([1.0, 0.0, 1.0])), "content_free"),
        (lambda: majority([]), "answers"),
        (lambda: vote_accuracy(0.5, 2), "votes"),
        (lambda: vote_accuracy(1.5, 3), "p is"),
        (lambda: chunk_text([1], 0, 0), "size"),
        (lambda: chunk_text([1], 2, 2), "overlap"),
        (lambda: bm25_scores(["a"], [["a"]], k1=-1.0), "k1"),
        (lambda: bm25_scores(["a"], [["a"]], b=2.0), "b is"),
        (lambda: in_batch_loss(torch.ones(2, 3), torch.ones(2, 3), 0.0), "temperature"),
        (lambda: in_batch_loss(torch.ones(2, 3), torch.ones(3, 3), 1.0), "passages"),
        (lambda: reciprocal_rank_fusion([[1]], -1), "k is"),
        (lambda: maximal_marginal_relevance(torch.ones(3), torch.ones(2, 3), 1, 2.0), "weight"),
        (lambda: maximal_marginal_relevance(torch.ones(3), torch.ones(2, 3), -1, 0.5), "count"),
        (lambda: maximal_marginal_relevance(torch.ones(3), torch.ones(2, 5), 1, 0.5), "documents"),
        (lambda: ranking_metrics([1], {1: 1}, 0), "k is"),
        (lambda: json_pattern({}, lambda text: [1]), "fields"),
        (lambda: allowed_next([[]], []), "pattern"),
        (lambda: best_span(torch.ones(3), torch.ones(3), 3), "first"),
        (lambda: best_span(torch.ones(3), torch.ones(3), 0, 0), "longest"),
        (lambda: Index([]), "passages"),
        (lambda: Index.of_texts({"a": "a"}).search("a", 0), "k is"),
        (lambda: Index.of_texts({"a": "a"}).search("a", how="both"), "how"),
        (lambda: Index.of_texts({"a": "a"}).search("a", how="dense"), "how"),
        (lambda: Index.of_texts({"a": "a"}).search("a", variety=2.0), "variety"),
        (lambda: Index.load("nowhere"), "folder"),
        (lambda: Index.of_texts({"a": "a"}, "no-such-folder/at-all/here"), "encoder"),
        (lambda: ask(Index([Passage("a b", "c", 0)]), "a", "no-such-folder/at-all/here"), "reader"),
        (lambda: village_reader().answer("who " * 120, ["a"]), "question"),
    ],
)
def test_does_an_exception_begin_with_the_arguments_name(call, message):
    with pytest.raises(ValueError, match=f"^{message}"):
        call()

"""The order of the chapters, and which modules of the library belong to each."""

CHAPTERS: dict[str, tuple[str, ...]] = {
    "00_warm_up": ("losses", "backpropagation", "embedding", "ngram", "signatures"),
    "01_rnn": ("rnn",),
    "02_lstm_gru": ("lstm", "gru", "masking"),
    "03_seq2seq": ("seq2seq", "translation"),
    "04_attention": ("attention",),
    "05_self_attention": ("self_attention",),
    "06_transformer": ("transformer", "label_smoothing", "schedule"),
    "07_bert": ("bert", "masked_lm", "sentence_pairs", "pretraining"),
    "08_gpt": ("gpt", "gpt_attention", "gpt_steps", "greedy"),
    "09_t5_bart": ("t5", "t5_layers", "bart", "encoder_decoder", "corruption", "text_to_text"),
    "10_decoding": ("decoding", "beam_search"),
    "11_bpe": ("bpe", "tokenizer", "wordpiece"),
    "12_autoencoders": ("pca", "autoencoder", "vae", "anomaly"),
    "13_gan": ("gan", "ring", "frechet"),
    "14_transfer": ("fine_tuning", "pooling", "ulmfit", "metrics", "adaptation", "text_classification"),
    "15_bert_family": ("distilbert", "albert", "sentence_order", "electra", "deberta", "zero_shot", "statements", "entailment"),
    "16_reformer": ("lsh", "reversible", "reformer", "reformer_attention", "axial"),
    "17_training_well": (
        "rate_finder",
        "cosine_schedule",
        "accumulation",
        "initialization",
        "optimizers",
        "dropout",
        "early_stopping",
        "search",
    ),
    "18_smaller": ("distillation", "int8", "nf4", "quantized", "lora", "adapters"),
    "19_gpt3_to_llm": ("rope", "llama_layers", "llama", "costs", "scaling_laws", "in_context", "published"),
    "20_prompting_rag": (
        "prompting",
        "chunking",
        "bm25",
        "ranking",
        "dense_retrieval",
        "fusion",
        "rag",
        "reader",
        "constrained",
        "folders",
        "retrieval",
        "injection",
    ),
}


def topic(chapter: str) -> str:
    """The chapter's name without its number: the name of its folder of exercises.

    >>> topic("01_rnn")
    'rnn'
    """
    return chapter.split("_", 1)[1]


def modules_from(chapter: str) -> set[str]:
    """The library's modules of this chapter and all later ones: what an answer to it may not use."""
    order = list(CHAPTERS)
    return {f"unrolled.{module}" for later in order[order.index(chapter) :] for module in CHAPTERS[later]}

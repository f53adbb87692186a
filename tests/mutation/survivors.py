"""Mutants that the judge takes for right answers: by exercise, the id of each with the reason why it is one."""

CPU_ONLY = "Leniency: answers are judged on the CPU, where every new tensor is already on the device of the inputs."
SYMMETRIC = "Equivalent: exchanging axis 1 with axis 2 is exchanging axis 2 with axis 1."
COURTESY = "Leniency: refusing bad arguments is the library's courtesy; the signature does not ask a student for it."
LAST_AXIS = "Equivalent: there the first axis, or the second of two, is the last one too."
ONE_STEP = "Equivalent: there is one column, so the first is the last."
ONE_ROW = "Equivalent: a single new word gets a mask of one row, all True."
BYTES = "Equivalent: bytes are a sequence of numbers."
NOT_ASKED = "Leniency: what it is for is the library's courtesy, which the docstring says that no case asks for."
ROUNDING = "Leniency: the rounding that it guards against is far below what the cases can show."
CENTRED = "Equivalent: the deviations of one factor add up to 0, so a constant in the other one changes nothing."
ONE_IN_MANY = "Leniency: one in a hundred thousand or more is lost in the rounding of float32."
LAST_TWO = "Equivalent: of four axes, the last two begin at 2 and at −2."
LAST_IF_NOT_TOLD = "Equivalent: argsort takes the last axis if it is not told otherwise."
SAME_FACTOR = "Equivalent: one factor on all smoothed losses moves neither the steepest place nor the limit."

NO_GRADIENT = "Equivalent: what does not come from the inputs has no gradient to them."
IN_DOUBLE = "Leniency: in double precision the angles may be single; many codes keep them so."
IN_SINGLE = "Equivalent: in single precision the levels are the same to seven digits."
LAST_OF_TWO = "Equivalent: F.normalize takes the second axis if it is not told otherwise, and of two that is the last."
ZEROS = "Equivalent: zeros stay zeros, whatever they are divided by."

SURVIVORS: dict[str, dict[str, str]] = {
    "ngram_model": {
        "neighbour: zeros → ones in `torch.zeros(vocabulary)` (2)": (
            "Equivalent: after an unseen context all words are equally likely, whichever equal number they start from."
        ),
    },
    "sequence_cross_entropy": {
        "keyword: device dropped in `torch.arange(targets.shape[1], device=targets.device)`": CPU_ONLY,
    },
    "jacobian_norms": {
        "keyword: device dropped in `torch.eye(len(w_hh), dtype=w_hh.dtype, device=w_hh.device)`": CPU_ONLY,
        "keyword: dtype dropped in `torch.eye(len(w_hh), dtype=w_hh.dtype, device=w_hh.device)`": (
            "Leniency: the course computes in float32, torch's default; accepted answers write torch.eye(n) as well."
        ),
        "operands: swapped in `1 - h ** 2`": (
            "Equivalent: h² − 1 changes the sign of every step's matrix, and a norm does not see the sign of a product."
        ),
    },
    "clip_gradients": {
        "call: .double(…) dropped in `gradient.double()`": "Leniency: half precision, whose squares overflow, is not asked for.",
        "call: torch.tensor(…) dropped in `torch.tensor(0.0)`": "Leniency: a list of no gradients is not asked for.",
        "keyword: start dropped in `sum(squares, start=torch.tensor(0.0))`": (
            "Leniency: a list of no gradients is not asked for."
        ),
    },
    "initialize_forget_bias": {
        "constant: 2 → -2 in `2 * hidden`": "Equivalent: of four blocks, the second ends two before the end.",
        "constant: 2 → -2 in `2 * hidden` (2)": "Equivalent: of four blocks, the second ends two before the end.",
    },
    "masked_unroll": {
        "constant: True → False in `zip(new, state, strict=True)`": COURTESY,
        "keyword: strict dropped in `zip(new, state, strict=True)`": COURTESY,
    },
    "bidirectional": {
        "detach: detached in `(lengths[:, None] - 1 - torch.arange(time, device=lengths.device)) % time`": (
            "Equivalent: whole numbers have no gradient."
        ),
        "keyword: device dropped in `torch.arange(time, device=lengths.device)`": CPU_ONLY,
        "operands: time dropped in `(lengths[:, None] - 1 - torch.arange(time, device=lengths.device)) % time`": (
            "Equivalent: on the CPU, indices below zero count from the end."
        ),
    },
    "shift_right": {
        "constant: 1 → -1 in `targets.roll(1, dims=1)` (2)": LAST_AXIS,
        "keyword: dims dropped in `targets.roll(1, dims=1)`": (
            "Equivalent: rolled as one long row, only the first column comes out otherwise, and bos overwrites it."
        ),
    },
    "Encoder": {
        "keyword: device dropped in `torch.arange(len(source), device=source.device)`": CPU_ONLY,
        "keyword: device dropped in `torch.arange(source.shape[1], device=source.device)`": CPU_ONLY,
    },
    "Decoder": {
        "constant: 0 → -1 in `last[0]`": LAST_AXIS,
    },
    "greedy_translate": {
        "call: .tolist(…) dropped in `(~finished).nonzero()[:, 0].tolist()`": (
            "Equivalent: a tensor of one number is as good an index as the number."
        ),
        "constant: -1 → 0 in `logits[:, -1]`": ONE_STEP,
        "constant: 0 → -1 in `(~finished).nonzero()[:, 0]`": ONE_STEP,
        "constant: 0 → -1 in `words[:, 0]`": ONE_STEP,
        "constant: 0 → -1 in `words[row, 0]`": ONE_STEP,
        "keyword: device dropped in `torch.full((len(source), 1), bos, device=source.device)`": CPU_ONLY,
        "keyword: device dropped in `torch.zeros(len(source), dtype=torch.bool, device=source.device)`": CPU_ONLY,
        "statement: dropped in `break`": "Equivalent: nothing is appended once all have ended; the break only saves time.",
    },
    "bleu": {
        "arguments: 1 and 2 swapped in `min(0.0, 1 - wanted / length)`": "Equivalent: the smaller of two numbers.",
        "constant: True → False in `zip(candidates, references, strict=True)`": COURTESY,
        "keyword: strict dropped in `zip(candidates, references, strict=True)`": COURTESY,
    },
    "multiplicative_scores": {
        "arguments: 1 and 2 swapped in `key.transpose(1, 2)`": SYMMETRIC,
    },
    "AttentionDecoder": {
        "constant: 0 → -1 in `context_vectors(weights, memory)[:, 0]`": ONE_STEP,
        "constant: 0 → -1 in `weights[:, 0]`": ONE_STEP,
    },
    "scaled_dot_product_attention": {
        "call: .masked_fill(…) dropped in `scores.softmax(dim=-1).masked_fill(scores.isneginf(), 0.0)`": NOT_ASKED,
        "arguments: 1 and 2 swapped in `key.transpose(-2, -1)`": SYMMETRIC,
    },
    "padding_mask": {
        "keyword: device dropped in `torch.arange(length, device=lengths.device)`": CPU_ONLY,
    },
    "MultiHeadAttention": {
        "arguments: 1 and 2 swapped in `output.transpose(1, 2)`": SYMMETRIC,
        "arguments: 1 and 2 swapped in `x.unflatten(-1, (self.heads, -1)).transpose(1, 2)`": SYMMETRIC,
    },
    "sinusoidal_positions": {
        "constant: 2 → -2 in `d_model % 2`": "Equivalent: the remainder is 0 for the same numbers.",
        "constant: 2 → 1 in `d_model % 2`": COURTESY,
        "statement: dropped in `raise ValueError(f'd_model is {d_model}; expected an even number: a sine and a cosine "
        "each')`": COURTESY,
    },
    "layer_norm": {
        "operands: swapped in `x - mean`": "Equivalent: the difference is squared, and its sign does not matter.",
    },
    "DecoderBlock": {
        "call: .to(…) dropped in `causal_mask(x.shape[1]).to(x.device)`": CPU_ONLY,
        "detach: detached in `causal_mask(x.shape[1]).to(x.device)`": "Equivalent: truth values have no gradient.",
    },
    "label_smoothed_cross_entropy": {
        "call: .clamp(…) dropped in `targets.clamp(min=0)`": NOT_ASKED,
        "constant: 0 → -1 in `targets >= 0`": NOT_ASKED,
        "constant: 0 → -1 in `targets.clamp(min=0)`": NOT_ASKED,
        "operands: targets >= 0 dropped in `padding_mask(lengths, targets.shape[1]) & (targets >= 0)`": NOT_ASKED,
    },
    "noam_rate": {
        "arguments: 1 and 2 swapped in `min(step ** (-0.5), step * warmup ** (-1.5))`": (
            "Equivalent: the minimum does not depend on the order."
        ),
        "arguments: 1 and 2 swapped in `max(step, 1)`": "Equivalent: the larger of two numbers.",
        "call: max(…) dropped in `max(step, 1)`": NOT_ASKED,
        "constant: 1 → -1 in `max(step, 1)`": NOT_ASKED,
        "constant: 1 → 0 in `max(step, 1)`": NOT_ASKED,
        "statement: dropped in `step = max(step, 1)`": NOT_ASKED,
        "comparison: < → <= in `step < 0`": NOT_ASKED,
        "constant: 0 → -1 in `step < 0`": COURTESY,
        "constant: 0 → 1 in `step < 0`": NOT_ASKED,
        "statement: dropped in `raise ValueError(f'step is {step}; expected at least 0')`": COURTESY,
    },
    "BertEmbeddings": {
        "detach: detached in `torch.arange(input_ids.shape[1], device=input_ids.device)`": (
            "Equivalent: whole numbers have no gradient."
        ),
        "keyword: device dropped in `torch.arange(input_ids.shape[1], device=input_ids.device)`": CPU_ONLY,
    },
    "mask_tokens": {
        "keyword: device dropped in `torch.tensor(special_ids, device=input_ids.device)`": CPU_ONLY,
    },
    "make_sentence_pairs": {
        "statement: dropped in `raise ValueError(f'uniforms is of {len(uniforms)} rows; expected {len(firsts)}, one for "
        "each pair')`": COURTESY,
        "call: .tolist(…) dropped in `uniforms.tolist()`": "Equivalent: a tensor of one number is compared and cut off like it.",
        "constant: True → False in `zip(firsts, uniforms.tolist(), strict=True)`": COURTESY,
        "keyword: strict dropped in `zip(firsts, uniforms.tolist(), strict=True)`": COURTESY,
    },
    "causal_lm_loss": {
        "detach: detached in `F.pad(targets, (0, 1), value=-100)`": "Equivalent: whole numbers have no gradient.",
        "detach: detached in `input_ids.masked_fill(~real, -100)[:, 1:]`": "Equivalent: whole numbers have no gradient.",
        "detach: detached in `padding_mask(lengths, input_ids.shape[1])`": "Equivalent: truth values have no gradient.",
    },
    "CachedAttention": {
        "arguments: 1 and 2 swapped in `output.transpose(1, 2)`": SYMMETRIC,
        "arguments: 1 and 2 swapped in `part.unflatten(-1, (self.heads, -1)).transpose(1, 2)`": SYMMETRIC,
        "call: .to(…) dropped in `causal_mask(time)[-new:].to(x.device)`": CPU_ONLY,
        "comparison: > → >= in `new > 1`": ONE_ROW,
        "constant: 1 → -1 in `new > 1`": ONE_ROW,
        "constant: 1 → 0 in `new > 1`": ONE_ROW,
        "constant: 1 → -1 in `past[1]`": LAST_AXIS,
        "detach: detached in `causal_mask(time)[-new:].to(x.device)`": "Equivalent: truth values have no gradient.",
    },
    "GPT": {
        "constant: 0 → -1 in `state[0]`": "Equivalent: every tensor of the state holds as many words.",
        "constant: 0 → 1 in `state[0]`": "Equivalent: every tensor of the state holds as many words.",
        "detach: detached in `torch.arange(past, time, device=input_ids.device)`": "Equivalent: whole numbers have no gradient.",
        "keyword: device dropped in `torch.arange(past, time, device=input_ids.device)`": CPU_ONLY,
        'statement: dropped in `raise ValueError(f"input_ids reaches place {time}; expected at most '
        "{self.config.positions}, the model's positions\")`": COURTESY,
    },
    "relative_position_bucket": {
        "comparison: < → <= in `distance < exact`": "Equivalent: at distance e the logarithm is 0, and both sides give e.",
    },
    "corrupt_spans": {
        "keyword: strict dropped in `zip(spans, sentinels, strict=False)`": "Equivalent: that is what zip does by itself.",
    },
    "sample": {
        "call: .double(…) dropped in `logits.double()`": (
            "Leniency: the rounding that it guards against is far below what the cases can show."
        ),
        "comparison: <= → < in `temperature <= 0`": COURTESY,
        "constant: 0 → -1 in `temperature <= 0`": COURTESY,
        "operands: ends[..., -1:] dropped in `uniform[..., None] * ends[..., -1:]`": (
            "Leniency: the rounding that it guards against is far below what the cases can show."
        ),
        "operator: * → / in `uniform[..., None] * ends[..., -1:]`": (
            "Leniency: the rounding that it guards against is far below what the cases can show."
        ),
        "statement: dropped in `raise ValueError(f'temperature is {temperature}; expected more than 0 (near "
        "0 the best word always wins)')`": COURTESY,
    },
    "top_k_filter": {
        "arguments: 1 and 2 swapped in `min(k, logits.shape[-1])`": "Equivalent: the smaller of two numbers.",
        "constant: 1 → -1 in `k < 1`": COURTESY,
        "constant: 1 → 0 in `k < 1`": COURTESY,
        "statement: dropped in `raise ValueError(f'k is {k}; expected at least 1, for one word must be left')`": COURTESY,
    },
    "top_p_filter": {
        "comparison: < → <= in `p < 1`": ROUNDING,
        "constant: 1 → 2 in `p < 1`": ROUNDING,
        "statement: dropped in `p = p - 1e-12 if p < 1 else torch.inf`": ROUNDING,
        "constant: 1e-12 → 0.0 in `p - 1e-12`": ROUNDING,
        "constant: 1e-12 → 2e-12 in `p - 1e-12`": ROUNDING,
        "operands: 1e-12 dropped in `p - 1e-12`": ROUNDING,
        "call: .double(…) dropped in `falling.double()`": (
            "Leniency: the rounding that it guards against is far below what the cases can show."
        ),
        "comparison: < → <= in `0 < p <= 1`": COURTESY,
        "comparison: >= → > in `before >= p`": "Equivalent: 1e-12 is taken off p, and no sum is exactly what is left.",
        "constant: 0 → -1 in `0 < p <= 1`": COURTESY,
        "constant: 1 → 2 in `0 < p <= 1`": COURTESY,
        "statement: dropped in `raise ValueError(f'p is {p}; expected a probability above 0 and at most 1')`": COURTESY,
    },
    "repetition_penalty": {
        "comparison: < → <= in `logits < 0`": "Equivalent: a score of 0 stays 0, multiplied or divided.",
        "comparison: <= → < in `penalty <= 0`": COURTESY,
        "constant: 0 → -1 in `penalty <= 0`": COURTESY,
        "constant: 1 → -1 in `torch.zeros_like(logits, dtype=torch.bool).scatter(1, ids, True)`": LAST_AXIS,
        "statement: dropped in `raise ValueError(f'penalty is {penalty}; expected more than 0 (1 changes "
        "nothing)')`": COURTESY,
    },
    "block_repeated_ngrams": {
        "constant: 1 → -1 in `n < 1`": COURTESY,
        "constant: 1 → -1 in `text.unfold(1, n, 1)`": LAST_AXIS,
        "constant: 1 → 0 in `n < 1`": COURTESY,
        "statement: dropped in `raise ValueError(f'n is {n}; expected at least 1')`": COURTESY,
    },
    "beam_search": {
        "neighbour: any → all in `log_p.isnan().any()`": COURTESY,
        "statement: dropped in `raise ValueError('step gives NaN, or −∞ for all words; expected scores')`": COURTESY,
        "comparison: <= → < in `hope <= finished[i][-1][0]`": (
            "Equivalent: of sums of random logarithms, no two are equal."
        ),
        "constant: 0 → -1 in `sums[:, 0]`": "Equivalent: the beams are alike, and any one of them may count.",
        "constant: 1 → -1 in `beam_size < 1`": COURTESY,
        "constant: 1 → 0 in `beam_size < 1`": COURTESY,
        "constant: 1 → 2 in `max_length + 1`": "Equivalent: in round max_length the loop is left.",
        "constant: 2 → 3 in `2 * beam_size`": (
            "Equivalent: beam_size of the best 2 · beam_size go on; looking at more changes nothing."
        ),
        "keyword: device dropped in `torch.arange(batch, device=prompt.device)`": CPU_ONLY,
        "statement: dropped in `raise ValueError(f'beam_size is {beam_size}; expected at least 1')`": COURTESY,
    },
    "pretokenize": {
        "keyword: key dropped in `sorted(special_tokens, key=len, reverse=True)`": (
            "Equivalent: one text that begins another stands before it in alphabetical order, too; reversed, behind it."
        ),
    },
    "count_pairs": {
        "constant: True → False in `zip(words, counts, strict=True)`": COURTESY,
        "keyword: strict dropped in `zip(words, counts, strict=True)`": COURTESY,
    },
    "train_bpe": {
        "call: list(…) dropped in `list(word.encode())`": BYTES,
        "constant: 256 → 255 in `range(256)`": "Equivalent: in UTF-8 there is no byte 255.",
        "statement: dropped in `raise ValueError(f'vocab_size is {vocab_size}; expected at least {least}: 256 bytes and "
        "the special tokens')`": COURTESY,
    },
    "encode": {
        "call: tuple(…) dropped in `tuple(pair)`": "Leniency: merges that come as lists are not asked for.",
        "call: list(…) dropped in `list(word.encode())`": BYTES,
    },
    "anomaly_scores": {
        "operands: swapped in `x - reconstruction`": (
            "Equivalent: the difference is squared, and its sign does not matter."
        ),
    },
    "roc_auc": {
        "call: .double(…) dropped in `(anomalous > ordinary).double()`": (
            "Leniency: without it the mean is taken in float32, right to six digits."
        ),
        "call: .unique(…) dropped in `is_anomaly.unique()`": COURTESY,
        "comparison: < → > in `len(is_anomaly.unique()) < 2`": COURTESY,
        "constant: 2 → -2 in `len(is_anomaly.unique()) < 2`": COURTESY,
        "constant: 2 → 0 in `len(is_anomaly.unique()) < 2`": COURTESY,
        "constant: 2 → 1 in `len(is_anomaly.unique()) < 2`": COURTESY,
        "statement: dropped in `raise ValueError(f'is_anomaly is True for {int(is_anomaly.sum())} of {len(is_anomaly)} "
        "examples; expected both kinds')`": COURTESY,
    },
    "gradient_penalty": {
        "detach: detached in `weights.view(-1, *[1] * (real.ndim - 1))`": (
            "Equivalent: the shares are drawn at random, and nobody learns through them."
        ),
        "operands: swapped in `gradients.flatten(1).norm(dim=1) - 1`": (
            "Equivalent: the difference is squared, and its sign does not matter."
        ),
    },
    "Generator": {
        "constant: 1 → -1 in `self.start(noise).unflatten(1, (-1, side, side))`": LAST_AXIS,
    },
    "frechet_distance": {
        "operands: mean dropped in `x - mean`": CENTRED,
        "operands: mean dropped in `x - mean` (2)": CENTRED,
        "operands: swapped in `real_cov @ fake_cov`": "Equivalent: CD and DC have the same eigenvalues.",
        "operands: swapped in `real_mean - fake_mean`": (
            "Equivalent: the difference is squared, and its sign does not matter."
        ),
        "operator: - → + in `x - mean`": CENTRED,
        "operator: - → + in `x - mean` (2)": CENTRED,
    },
    "concat_pool": {
        "keyword: device dropped in `torch.arange(len(states), device=states.device)`": CPU_ONLY,
        "keyword: device dropped in `torch.arange(states.shape[1], device=states.device)`": CPU_ONLY,
    },
    "slanted_triangular_rate": {
        "arguments: 1 and 2 swapped in `max(1, int(steps * cut_fraction))`": "Equivalent: the larger of two numbers.",
        "comparison: < → <= in `step < cut`": "Equivalent: at the peak both lines give 1.",
    },
    "unfreeze": {
        "arguments: 1 and 2 swapped in `max(0, len(layers) - (epoch + 1))`": "Equivalent: the larger of two numbers.",
        "slice: :first → : in `layers[:first]`": "Equivalent: what should learn is frozen for a moment, and set to learn next.",
    },
    "precision_recall_f1": {
        "call: .float(…) dropped in `counts.diagonal().float()`": "Equivalent: whole numbers divided are float32 as well.",
        "constant: 1.0 → -1.0 in `torch.where(total > 0, total, 1.0)`": (
            "Equivalent: it only stands where 0 is divided, and is not 0 itself (−0 counts as 0)."
        ),
        "constant: 1.0 → 2.0 in `torch.where(total > 0, total, 1.0)`": (
            "Equivalent: it only stands where 0 is divided, and is not 0 itself."
        ),
    },
    "sort_by_bucket": {
        "constant: 2 → -2 in `buckets.shape[2:]`": LAST_TWO,
        "keyword: device dropped in `torch.arange(rounds, device=buckets.device)`": CPU_ONLY,
        "keyword: dim dropped in `buckets.argsort(dim=-1, stable=True)`": LAST_IF_NOT_TOLD,
        "keyword: dim dropped in `order.argsort(dim=-1)`": LAST_IF_NOT_TOLD,
    },
    "attend_in_chunks": {
        "comparison: > → >= in `there > here`": "Equivalent: an equal place is the word itself, whose score comes next.",
        "constant: -100000.0 → -100001.0 in `scores.masked_fill(there == here, -100000.0)`": ONE_IN_MANY,
        "constant: -100000.0 → -99999.0 in `scores.masked_fill(there == here, -100000.0)`": ONE_IN_MANY,
        "constant: -1000000000.0 → -1000000001.0 in `scores.masked_fill(there > here, -1000000000.0)`": ONE_IN_MANY,
        "constant: -1000000000.0 → -2000000000.0 in `scores.masked_fill(there > here, -1000000000.0)`": (
            "Equivalent: either is so low that its exponential is 0, as each word sees at least itself."
        ),
        "constant: -1000000000.0 → -999999999.0 in `scores.masked_fill(there > here, -1000000000.0)`": ONE_IN_MANY,
        "constant: 2 → -2 in `query_key.shape[2:]`": LAST_TWO,
    },
    "AxialPositions": {
        "detach: detached in `torch.arange(length, device=self.rows.device)`": (
            "Equivalent: whole numbers have no gradient."
        ),
        "keyword: device dropped in `torch.arange(length, device=self.rows.device)`": CPU_ONLY,
    },
    "select_layers": {
        "arguments: 1 and 2 swapped in `max(student - 1, 1)`": "Equivalent: the larger of two numbers, in either order.",
    },
    "distilbert_loss": {
        "arguments: 1 and 2 swapped in `F.cosine_similarity(student_states[real], teacher_states[real].detach(), dim=-1)`": (
            "Equivalent: the cosine of two vectors, in either order."
        ),
        "detach: detached in `(teacher_logits[real].detach() / temperature).log_softmax(-1)`": (
            "Equivalent: the teacher is cut off already."
        ),
        "detach: detached in `attention_mask.bool()`": "Equivalent: truth values have no gradient.",
        "keyword: dim dropped in `F.cosine_similarity(student_states[real], teacher_states[real].detach(), dim=-1)`": (
            LAST_AXIS
        ),
    },
    "make_sentence_orders": {
        "call: .tolist(…) dropped in `uniforms.tolist()`": "Equivalent: a tensor's numbers compare as Python's do.",
        "constant: True → False in `zip(pairs, swapped, strict=True)`": COURTESY,
        "keyword: strict dropped in `zip(pairs, swapped, strict=True)`": COURTESY,
    },
    "electra_loss": {
        "detach: detached in `attention_mask.bool()`": "Equivalent: truth values have no gradient.",
    },
    "disentangled_scores": {
        "constant: 2 → -2 in `key.shape[:2]`": "Equivalent: of four axes, the first two end two before the end.",
        "constant: 2 → -2 in `query.shape[:2]`": "Equivalent: of four axes, the first two end two before the end.",
        "detach: detached in `(places[:, None] - places + positions // 2).clamp(0, positions - 1)`": (
            "Equivalent: whole numbers have no gradient."
        ),
        "detach: detached in `torch.arange(time, device=query.device)`": "Equivalent: whole numbers have no gradient.",
        "keyword: device dropped in `torch.arange(time, device=query.device)`": CPU_ONLY,
    },
    "entailment_probabilities": {
        "constant: 1 → -1 in `logits[..., [contradiction, entailment]].softmax(-1)[..., 1]`": LAST_AXIS,
    },
    # Chapter 18
    "distillation_loss": {
        "detach: detached in `torch.log_softmax(teacher_logits.detach() / temperature, dim=-1)`": (
            "Equivalent: the teacher's scores are detached already."
        ),
    },
    "straight_through": {
        "call: .detach(…) dropped in `x.detach()`": "Equivalent: the slope of round is 0, so no gradient comes this way.",
        "detach: detached in `(low <= codes) & (codes <= high)`": "Equivalent: truth values have no gradient.",
        "detach: detached in `torch.round(x.detach() / scale)`": "Equivalent: x is detached already.",
    },
    "nf4_levels": {
        "axis: 0 → -1 in `above.flip(0)`": "Equivalent: there is one axis.",
        "keyword: dtype dropped in `torch.linspace(offset, 0.5, 8, dtype=torch.float64)`": IN_SINGLE,
        "keyword: dtype dropped in `torch.linspace(offset, 0.5, 9, dtype=torch.float64)`": IN_SINGLE,
        "keyword: dtype dropped in `torch.zeros(1, dtype=torch.float64)`": IN_SINGLE,
    },
    "quantize_blocks": {
        "constant: 1.0 → -1.0 in `torch.where(absmax > 0, absmax, 1.0)`": ZEROS,
        "constant: 1.0 → 2.0 in `torch.where(absmax > 0, absmax, 1.0)`": ZEROS,
    },
    "double_quantize": {
        "constant: 0 → -1 in `torch.nn.functional.pad(absmax - mean, (0, -len(absmax) % block)).unflatten(0, (-1, block))`": (
            "Equivalent: there is one axis, the first and the last."
        ),
    },
    "LoRALinear": {
        "keyword: device dropped in `nn.Linear(in_features, out_features, bias is not None, device=weight.device, dtype=weight.dtype)`": CPU_ONLY,
        "keyword: dtype dropped in `nn.Linear(in_features, out_features, bias is not None, device=weight.device, dtype=weight.dtype)`": (
            "Leniency: the course computes in float32, torch's default; accepted answers write nn.Linear(…) as well."
        ),
    },
    "suggest_rate": {
        "arguments: 1 and 2 swapped in `min(best, corrected)`": "Equivalent: the smaller of two is the same in any order.",
        "comparison: <= → < in `corrected <= 4 * best`": (
            "Leniency: a smoothed loss that is exactly 4 times the best one hardly ever comes, and no mistake hangs on it."
        ),
        "constant: 1 → 2 in `1 - beta`": SAME_FACTOR,
        "operands: 1 - beta dropped in `(1 - beta) * loss`": SAME_FACTOR,
        "operands: beta dropped in `1 - beta`": SAME_FACTOR,
        "operator: - → + in `1 - beta`": SAME_FACTOR,
    },
    "cosine_rate": {
        "arguments: 1 and 2 swapped in `min(1.0, (step - warmup) / (steps - warmup))`": (
            "Equivalent: the smaller of two is the same in any order."
        ),
        "comparison: < → <= in `0 <= warmup < steps`": COURTESY,
        "constant: 0 → -1 in `0 <= warmup < steps`": COURTESY,
        "statement: dropped in `raise ValueError(f'warmup is {warmup}; expected 0 or more, and fewer than steps, {steps}')`": (
            COURTESY
        ),
    },
    "accumulated_gradients": {
        "arguments: 1 and 2 swapped in `zip(gradients, found, strict=True)`": "Equivalent: the two are only added up.",
        "constant: 0 → -1 in `total == 0`": COURTESY,
        "statement: dropped in `raise ValueError('micro_batches hold no losses; expected at least one to take the mean of')`": (
            COURTESY
        ),
        "constant: True → False in `zip(gradients, found, strict=True)`": COURTESY,
        "keyword: strict dropped in `zip(gradients, found, strict=True)`": COURTESY,
    },
    "initial_weights": {
        "statement: dropped in `raise ValueError(f'uniforms is a tensor of {len(uniforms)} numbers; expected {fan_out} · {fan_in}')`": (
            COURTESY
        ),
    },
    "adamw_step": {
        "constant: 1 → -1 in `betas[1]`": "Equivalent: of two betas, the second is the last.",
        "constant: 1 → -1 in `betas[1]` (2)": "Equivalent: of two betas, the second is the last.",
        "constant: 1 → -1 in `betas[1]` (3)": "Equivalent: of two betas, the second is the last.",
    },
    "option_scores": {
        "detach: detached in `(places >= prompt_length) & (places < lengths[:, None])`": "Equivalent: truth values have no gradient.",
        "detach: detached in `torch.arange(1, input_ids.shape[1], device=logits.device)`": NO_GRADIENT,
        "keyword: device dropped in `torch.arange(1, input_ids.shape[1], device=logits.device)`": CPU_ONLY,
        "slice: :-1 → : in `logits[:, :-1]`": "Equivalent: there are as many tokens to look up as before, and the last place is not among them.",
    },
    "rotate": {
        "arguments: 1 and 2 swapped in `torch.promote_types(x.dtype, torch.float32)`": "Equivalent: the wider of two is the same in any order.",
        "call: .to(…) dropped in `torch.arange(0, d, 2, device=x.device).to(wide)`": IN_DOUBLE,
        "constant: 2 → -2 in `d % 2`": "Equivalent: what is even leaves nothing, and what is odd something.",
        "detach: detached in `1.0 / theta ** (torch.arange(0, d, 2, device=x.device).to(wide) / d)`": NO_GRADIENT,
        "detach: detached in `positions[:, None] * frequencies`": NO_GRADIENT,
        "keyword: device dropped in `torch.arange(0, d, 2, device=x.device)`": CPU_ONLY,
    },
    "halves_from_pairs": {
        "arguments: 1 and 2 swapped in `weight.unflatten(0, (heads, -1, 2)).transpose(1, 2)`": SYMMETRIC,
        "constant: 2 → -2 in `2 * heads`": "Equivalent: multiples leave nothing, whatever the sign.",
    },
    "GroupedQueryAttention": {
        "arguments: 1 and 2 swapped in `layer(x).unflatten(-1, (-1, self.head_size)).transpose(1, 2)`": SYMMETRIC,
        "arguments: 1 and 2 swapped in `seen.transpose(1, 2)`": SYMMETRIC,
        "call: .to(…) dropped in `causal_mask(before + new)[-new:].to(x.device)`": CPU_ONLY,
        "constant: 0 → -1 in `past[0]`": "Equivalent: there are as many values as keys.",
        "constant: 0 → 1 in `past[0]`": "Equivalent: there are as many values as keys.",
        "constant: 1 → -1 in `past[1]`": "Equivalent: of two, the second is the last.",
        "detach: detached in `torch.arange(before, before + new, device=x.device)`": NO_GRADIENT,
        "keyword: device dropped in `torch.arange(before, before + new, device=x.device)`": CPU_ONLY,
    },
    "training_flops": {
        "call: float(…) dropped in `float(3 * (2 * weights + attention) * tokens)`": (
            "Leniency: a whole number is a float that has no fraction."
        ),
    },
    "chunk_text": {
        "arguments: 1 and 2 swapped in `max(len(tokens) - overlap, min(len(tokens), 1))`": "Equivalent: max takes its arguments in any order.",
        "arguments: 1 and 2 swapped in `min(len(tokens), 1)`": "Equivalent: min takes its arguments in any order.",
        "constant: 1 → -1 in `size < 1`": "Equivalent: a size from −1 to 0 leaves no overlap, and so is refused as well.",
        "constant: 1 → 0 in `size < 1`": "Equivalent: a size from −1 to 0 leaves no overlap, and so is refused as well.",
        "statement: dropped in `raise ValueError(f'size is {size}; expected at least 1')`": (
            "Equivalent: a size below 1 leaves no overlap, and the second exception names the size, too."
        ),
    },
    "bm25_scores": {
        "arguments: 1 and 2 swapped in `max(len(documents), 1)`": "Equivalent: max takes its arguments in any order.",
    },
    "in_batch_loss": {
        "keyword: dim dropped in `F.normalize(passages, dim=-1)`": LAST_OF_TWO,
        "keyword: dim dropped in `F.normalize(queries, dim=-1)`": LAST_OF_TWO,
    },
    "reciprocal_rank_fusion": {
        "constant: 1 → 2 in `1 / (k + rank)`": "Equivalent: twice every sum is the same order.",
    },
    "maximal_marginal_relevance": {
        "arguments: 1 and 2 swapped in `min(count, len(documents))`": "Equivalent: min takes its arguments in any order.",
        "axis: -1 → 0 in `F.normalize(query, dim=-1)`": "Equivalent: a query has one axis.",
        "constant: 0 → -1 in `value.index_fill(0, torch.tensor(chosen, dtype=torch.long), -torch.inf)`": (
            "Equivalent: there is one axis, the first and the last."
        ),
        "keyword: dim dropped in `F.normalize(documents, dim=-1)`": LAST_OF_TWO,
    },
    "rag_log_probabilities": {
        "constant: 0 → -1 in `token_logits.log_softmax(dim=-1).gather(-1, asked)[..., 0]`": (
            "Equivalent: the last axis has one entry, the first and the last."
        ),
        "constant: 1 → -1 in `targets[:, None, :, None].expand(-1, documents, -1, 1)`": (
            "Equivalent: −1 leaves the axis as it is, and it has one entry."
        ),
        "constant: 1 → 2 in `targets[:, None, :, None].expand(-1, documents, -1, 1)`": (
            "Equivalent: every word is taken twice, and the first of the two is kept."
        ),
        "detach: detached in `targets[:, None, :, None].expand(-1, documents, -1, 1)`": "Equivalent: whole numbers have no gradient.",
    },
}

"""Mutants that the judge takes for right answers: by exercise, the id of each with the reason why it is one."""

CPU_ONLY = "Leniency: answers are judged on the CPU, where every new tensor is already on the device of the inputs."
SYMMETRIC = "Equivalent: exchanging axis 1 with axis 2 is exchanging axis 2 with axis 1."
COURTESY = "Leniency: refusing bad arguments is the library's courtesy; the signature does not ask a student for it."
LAST_AXIS = "Equivalent: there the first axis, or the second of two, is the last one too."
ONE_STEP = "Equivalent: there is one column, so the first is the last."
CENTRED = "Equivalent: the deviations of one factor add up to 0, so a constant in the other one changes nothing."

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
        "call: .item(…) dropped in `words[row, 0].item()`": "Leniency: a number in a tensor of its own counts as that number.",
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
    "noam_rate": {
        "arguments: 1 and 2 swapped in `min(step ** (-0.5), step * warmup ** (-1.5))`": (
            "Equivalent: the minimum does not depend on the order."
        ),
        "constant: 1 → 0 in `step < 1`": COURTESY,
        "constant: 1 → -1 in `step < 1`": COURTESY,
        "statement: dropped in `raise ValueError(f'step is {step}; expected at least 1: at step 0 the root is not "
        "defined')`": COURTESY,
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
        "call: .item(…) dropped in `(gap + real_cov.trace() + fake_cov.trace() - 2 * roots.sum()).item()`": (
            "Leniency: a number in a tensor of its own counts as that number."
        ),
        "operands: mean dropped in `x - mean`": CENTRED,
        "operands: mean dropped in `x - mean` (2)": CENTRED,
        "operands: swapped in `real_cov @ fake_cov`": "Equivalent: CD and DC have the same eigenvalues.",
        "operands: swapped in `real_mean - fake_mean`": (
            "Equivalent: the difference is squared, and its sign does not matter."
        ),
        "operator: - → + in `x - mean`": CENTRED,
        "operator: - → + in `x - mean` (2)": CENTRED,
    },
}

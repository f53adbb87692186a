"""Unrolled: from RNNs to LLMs, one exercise at a time — the reference library."""

"""What several exercises of this chapter share."""


def draw_spans(rng, length, count, *, first=None, last=None, empty=()):
    """`count` spans in order, with at least one token between them; those in `empty` have length 0."""
    while True:
        sizes = [0 if i in empty else int(rng.integers(1, 4)) for i in range(count)]
        sizes[0] = max(sizes[0], 2) if 0 not in empty else 0
        gaps = [int(rng.integers(1, 4)) for _ in range(count)]
        if first is not None:
            gaps[0] = first
        spans, end = [], 0
        for gap, size in zip(gaps, sizes, strict=True):
            spans.append((end + gap, size))
            end += gap + size
        if last is not None:
            return spans, end + last
        if end + 2 <= length:
            return spans, length


def distinct(rng, n, low=100):
    """n different token numbers."""
    return (low + rng.permutation(3 * n)[:n]).tolist()


def repeating(rng, length, spans):
    """Token numbers of which the first hidden one stands a second time outside all spans, as words do."""
    ids = distinct(rng, length)
    hidden = [place for start, size in spans for place in range(start, start + size)]
    if seen := [place for place in range(length) if place not in hidden]:
        ids[seen[-1]] = ids[hidden[0]]
    return ids

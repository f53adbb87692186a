"""Long texts in pieces: windows of words that overlap.

Paper: Lewis et al., "Retrieval-Augmented Generation for Knowledge-Intensive NLP Tasks" (2020), section 3, cut Wikipedia
into 100 words each, without any overlap; windows that overlap are practice, so that a sentence on a border is whole in
one of them.

Names: ours ↔ elsewhere — `size`, `overlap` ↔ chunk_size, chunk_overlap.

Left out: borders at sentences, paragraphs or headings.
"""

from typing import Any

from unrolled.signatures import checked


def chunk_text(tokens: list[Any], size: int, overlap: int) -> list[list[Any]]:
    """The tokens in chunks of `size`, each of which begins with the last `overlap` tokens of the one before.

    So each begins `size` − `overlap` tokens after the one before. The last chunk ends with the last token and may be
    shorter; no chunk lies inside the one before it. A text of at most `size` tokens is one chunk, and an empty one is
    none.

    Raises a ValueError that names `size` if it is less than 1, and one that names `overlap` if it is negative or not
    less than `size`.

    >>> chunk_text(["a", "b", "c", "d", "e", "f"], size=3, overlap=1)
    [['a', 'b', 'c'], ['c', 'd', 'e'], ['e', 'f']]
    >>> chunk_text(["a", "b", "c", "d", "e"], size=3, overlap=1)  # ['e'] would lie inside
    [['a', 'b', 'c'], ['c', 'd', 'e']]
    """
    if size < 1:
        raise ValueError(f"size is {size}; expected at least 1")
    if not 0 <= overlap < size:
        raise ValueError(f"overlap is {overlap}; expected 0 or more, and less than size, {size}")
    end = max(len(tokens) - overlap, min(len(tokens), 1))
    return [tokens[start : start + size] for start in range(0, end, size - overlap)]


checked(globals())

"""Prompts: how a question is put, how a model's leaning is taken out of its answers, and how several answers vote.

Papers: Brown et al., "Language Models are Few-Shot Learners" (2020), section 2 (instruction, examples, question); Zhao
et al., "Calibrate Before Use" (2021), section 5; Wang et al., "Self-Consistency Improves Chain of Thought Reasoning in
Language Models" (2023), section 2.

Names: ours ↔ theirs — `probabilities` ↔ p̂, `content_free` ↔ p̂_cf, what the model says to a prompt without content.

Left out: prompts that are learnt (prompt tuning), and models that follow instructions because they were trained to.
"""

import math
from collections import Counter
from collections.abc import Sequence

from jaxtyping import Float
from torch import Tensor

from unrolled.signatures import checked


def calibrate(
    probabilities: Float[Tensor, "texts labels"], content_free: Float[Tensor, " labels"]
) -> Float[Tensor, "texts labels"]:
    """The labels' probabilities without the leaning that the prompt itself has.

    `content_free` is what the model says to the same prompt with nothing in it, such as "N/A" for the text. Each
    label's probability is divided by that of the prompt without content, and each row is made to add up to 1 again.

    Raises a ValueError that names `content_free` if one of its values is not above 0.

    Source: Zhao et al. (2021), section 5, with W = diag(p̂_cf)⁻¹ and b = 0, as in their code: the paper's equation 1 has
    a softmax in the place of the division by the sum.

    >>> import torch
    >>> calibrate(torch.tensor([[0.8, 0.2], [0.6, 0.4]]), torch.tensor([0.75, 0.25]))
    tensor([[0.5714, 0.4286],
            [0.3333, 0.6667]])
    """
    if not (content_free > 0).all():
        raise ValueError(f"content_free is {content_free.tolist()}; expected values above 0")
    corrected = probabilities / content_free
    return corrected / corrected.sum(dim=-1, keepdim=True)


def prompt(
    instruction: str,
    question: str,
    *,
    examples: Sequence[tuple[str, str]] = (),
    passages: Sequence[str] = (),
) -> str:
    """A prompt in its parts: an instruction, numbered passages, examples with their answers, the question.

    >>> print(prompt("Answer in one word.", "Who slept?", examples=[("Who sang?", "Mina")], passages=["The cat slept."]))
    Answer in one word.
    <BLANKLINE>
    [1] The cat slept.
    <BLANKLINE>
    Question: Who sang?
    Answer: Mina
    <BLANKLINE>
    Question: Who slept?
    Answer:
    """
    shown = [f"Question: {asked}\nAnswer: {answer}" for asked, answer in examples]
    numbered = "\n".join(f"[{i}] {passage}" for i, passage in enumerate(passages, start=1))
    parts = [instruction, numbered, *shown, f"Question: {question}\nAnswer:"]
    return "\n\n".join(part for part in parts if part)


def majority(answers: Sequence[str]) -> str:
    """The answer that was given most often; of several, the one that was given first.

    >>> majority(["7", "8", "8", "7"])
    '7'
    """
    if not answers:
        raise ValueError("answers is empty; expected one answer or more")
    return Counter(answers).most_common(1)[0][0]


def vote_accuracy(p: float, votes: int) -> float:
    """How often the majority of an odd number of votes is right, if each is right with probability p by itself.

    There are only two answers here, and no vote hangs on another: Condorcet's jury (1785).

    >>> [round(vote_accuracy(p, 15), 3) for p in (0.4, 0.5, 0.6)]
    [0.213, 0.5, 0.787]
    """
    if votes < 1 or votes % 2 == 0:
        raise ValueError(f"votes is {votes}; expected an odd number, 1 or more")
    if not 0 <= p <= 1:
        raise ValueError(f"p is {p}; expected a probability from 0 to 1")
    needed = range(votes // 2 + 1, votes + 1)
    return sum(math.comb(votes, right) * p**right * (1 - p) ** (votes - right) for right in needed)


checked(globals())

"""`calibrate`: The labels' probabilities without the leaning that the prompt itself has."""

import torch

from autograder.draw import cut, normal
from autograder.exercise import Exercise, Misconception


def calibrate_inputs(rng):
    """Three texts and five labels; labels whose probabilities add up to less than 1; one text, one label; a strong leaning."""

    def case(texts, labels, leaning=0.7, sums_to=1.0):
        content_free = sums_to * normal(rng, labels, scale=leaning).softmax(-1)
        probabilities = normal(rng, texts, labels, scale=0.8).softmax(-1)
        if sums_to < 1:
            probabilities = probabilities * torch.from_numpy(rng.uniform(0.2, 0.7, (texts, 1))).float()
        return {"probabilities": probabilities, "content_free": content_free}

    return {
        "probabilities that add up to 1": [case(3, 5), case(2, 2, leaning=1.5), cut(case(2, 7), 0, "probabilities"), case(5, 5)],
        "those of a few words among many": [case(3, 5, sums_to=0.3), case(7, 2, sums_to=0.6), case(2, 1, sums_to=0.4)],
    }


def calibrate_refuses(rng):
    probabilities = normal(rng, 2, 3).softmax(-1)
    return [
        {"probabilities": probabilities, "content_free": torch.tensor([0.6, 0.0, 0.4])},
        {"probabilities": probabilities, "content_free": torch.tensor([0.9, 0.2, -0.1])},
    ]


def _checked(content_free):
    if content_free.min() <= 0:
        raise ValueError("content_free has a value that is not above 0")


def calibrate_in_logarithms(probabilities, content_free):
    _checked(content_free)
    return torch.softmax(probabilities.log() - content_free.log(), dim=1)


def calibrate_loop(probabilities, content_free):
    _checked(content_free)
    rows = []
    for row in probabilities:
        found = [p / c for p, c in zip(row, content_free, strict=True)]
        rows.append(torch.stack([value / sum(found) for value in found]))
    return torch.stack(rows)


def calibrate_matrix(probabilities, content_free):
    _checked(content_free)
    weighted = probabilities @ torch.diag(content_free.reciprocal())
    return torch.nn.functional.normalize(weighted, p=1, dim=1)


CORRECTED = "corrected = probabilities / content_free"
RESULT = "corrected / corrected.sum(dim=-1, keepdim=True)"

CALIBRATE = Exercise(
    solves="unrolled.prompting.calibrate",
    groups={"probabilities that add up to 1": 1, "those of a few words among many": 1},
    inputs=calibrate_inputs,
    refuses=calibrate_refuses,
    accepts=(calibrate_in_logarithms, calibrate_loop, calibrate_matrix),
    misconceptions=(
        Misconception(
            id="subtracted",
            name="the leaning is subtracted instead of divided by, and what comes out is divided by its sum",
            hint="What becomes of a label of 0.1, if the prompt's leaning to it is 0.3? Can that be a probability?",
            edits={CORRECTED: "corrected = probabilities - content_free"},
        ),
        Misconception(
            id="difference",
            name="the leaning is subtracted, and nothing more",
            hint="Do your numbers add up to 1? Is none of them negative?",
            edits={CORRECTED: "corrected = probabilities - content_free", RESULT: "corrected"},
        ),
        Misconception(
            id="difference-then-softmax",
            name="the leaning is subtracted, and a softmax makes probabilities of the differences",
            hint="If both were the same, which probabilities would you expect, and with division? What does *twice as likely as without content* mean?",
            edits={CORRECTED: "corrected = probabilities - content_free", RESULT: "corrected.softmax(dim=-1)"},
        ),
        Misconception(
            id="difference-cut-at-zero",
            name="the leaning is subtracted, and negative results are set to 0",
            hint="Should a label be impossible only because the prompt leans to it? What would division give?",
            edits={CORRECTED: "corrected = (probabilities - content_free).clamp(min=1e-9)"},
        ),
        Misconception(
            id="not-normalised",
            name="the rows are not made to add up to 1 again",
            hint="What do the rows of your result add up to?",
            edits={RESULT: "corrected"},
        ),
        Misconception(
            id="softmax-of-the-quotients",
            name="a softmax takes the place of the division by the sum",
            hint="Correct in the paper's equation 1; its code, like the docstring here, divides by the sum. Which of the two leaves probabilities as they are if the prompt has no leaning?",
            edits={RESULT: "corrected.softmax(dim=-1)"},
        ),
        Misconception(
            id="multiplied",
            name="the leaning is multiplied in once more, not taken out",
            hint="A label that the prompt prefers: should it become more probable, or less?",
            edits={CORRECTED: "corrected = probabilities * content_free"},
        ),
        Misconception(
            id="upside-down",
            name="the leaning is divided by the probability: the order of the labels is reversed",
            hint="If the model finds a label more probable, should yours become smaller?",
            edits={CORRECTED: "corrected = content_free / probabilities"},
        ),
        Misconception(
            id="over-texts",
            name="the columns add up to 1 instead of the rows",
            hint="Who competes with whom: the labels of one text, or the texts of one label? Which axis is that?",
            edits={RESULT: "corrected / corrected.sum(dim=0, keepdim=True)"},
        ),
        Misconception(
            id="by-the-whole-sum",
            name="everything is divided by the sum of all texts and labels",
            hint="What does each row of yours add up to? Which axis should the sum be taken over?",
            edits={RESULT: "corrected / corrected.sum()"},
        ),
        Misconception(
            id="mean-of-the-texts",
            name="the leaning is taken from the mean of the texts, not from the prompt without content",
            hint="Which argument do you never use? With one text, what would you divide by?",
            edits={CORRECTED: "corrected = probabilities / probabilities.mean(dim=0)"},
        ),
        Misconception(
            id="by-the-largest",
            name="each row is divided by its largest value instead of its sum",
            hint="What do the rows of your result add up to?",
            edits={RESULT: "corrected / corrected.amax(dim=-1, keepdim=True)"},
        ),
        Misconception(
            id="normalised-first",
            name="each row is divided by its sum before the leaning is taken out, and not after",
            hint="What do the rows of your result add up to? Which of the two steps comes last?",
            edits={CORRECTED: "corrected = probabilities / probabilities.sum(dim=-1, keepdim=True)", RESULT: "corrected / content_free"},
        ),
        Misconception(
            id="unit-length",
            name="each row gets length 1 instead of the sum 1",
            hint="Do probabilities add up to 1, or do their squares?",
            edits={RESULT: "corrected / corrected.norm(dim=-1, keepdim=True)"},
        ),
        Misconception(
            id="nothing",
            name="only the sum is set right, and the leaning stays",
            hint="Which argument do you never use?",
            edits={CORRECTED: "corrected = probabilities"},
        ),
        Misconception(
            id="zero-unnoticed",
            name="a leaning of 0 is divided by without a word",
            hint="What is 0.2 / 0? What does the docstring promise then?",
            edits={"if not (content_free > 0).all():": "if False:"},
        ),
        Misconception(
            id="overwritten",
            name="the caller's probabilities are overwritten",
            hint="`/=` and `div_` write into the tensor that they are given. To whom does it belong?",
            edits={CORRECTED: "corrected = probabilities.div_(content_free)"},
        ),
    ),
)

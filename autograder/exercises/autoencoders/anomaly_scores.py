"""`anomaly_scores`: How badly each example was made again: the mean squared error over all that belongs to it."""

import torch
import torch.nn.functional as F

from autograder.draw import uniform
from autograder.exercise import Exercise, Misconception


def anomaly_inputs(rng):
    """Batch 5: rows of 7 pixels, then pictures of 1 × 3 × 7 and of 2 × 3 × 11."""

    def case(*shape):
        return {"x": uniform(rng, 5, *shape), "reconstruction": uniform(rng, 5, *shape)}

    return {"rows of pixels": [case(7), case(13)], "pictures": [case(1, 3, 7), case(2, 3, 11)]}


def anomaly_with_mse_loss(x, reconstruction):
    return F.mse_loss(reconstruction, x, reduction="none").mean(dim=list(range(1, x.ndim)))


def anomaly_with_norm(x, reconstruction):
    difference = (reconstruction - x).reshape(len(x), -1)
    return torch.linalg.vector_norm(difference, dim=1) ** 2 / difference.shape[1]


def anomaly_loop(x, reconstruction):
    return torch.stack([(a - b).square().mean() for a, b in zip(x, reconstruction, strict=True)])


ANOMALY_SCORES = Exercise(
    solves="unrolled.anomaly.anomaly_scores",
    groups={"rows of pixels": 1, "pictures": 1},
    inputs=anomaly_inputs,
    accepts=(anomaly_with_mse_loss, anomaly_with_norm, anomaly_loop),
    misconceptions=(
        Misconception(
            id="one-for-the-batch",
            name="there is a single score for the whole batch",
            hint="Each picture is ordinary or not on its own. Over which axes is the mean taken?",
            edits={".flatten(start_dim=1).mean(dim=1)": ".mean()"},
        ),
        Misconception(
            id="one-for-each-pixel",
            name="the mean is taken over the batch, one score for each pixel",
            hint="That says which pixel is hard to draw, not which picture. Which axis must be left?",
            edits={".flatten(start_dim=1).mean(dim=1)": ".mean(dim=0)"},
        ),
        Misconception(
            id="only-the-last-axis",
            name="the mean is taken over the last axis only",
            hint="A picture has several axes: channel, height and width. How many numbers should each picture have left?",
            edits={".flatten(start_dim=1).mean(dim=1)": ".mean(dim=-1)"},
        ),
        Misconception(
            id="sum",
            name="the squared errors are added up instead of averaged",
            hint="The order of the pictures is the same. But a threshold would depend on the size of the picture: which mean "
            "is promised?",
            edits={".mean(dim=1)": ".sum(dim=1)"},
        ),
        Misconception(
            id="root",
            name="the root of the mean is taken",
            hint="The order of the pictures is the same, and the unit that of a pixel. Here the mean squared error itself is "
            "promised: which step is too many?",
            edits={".mean(dim=1)": ".mean(dim=1).sqrt()"},
        ),
        Misconception(
            id="absolute",
            name="the absolute errors are averaged",
            hint="That is a score as well, less shaken by a few bad pixels. But the model was trained on squared errors, and "
            "the score is the same: which power is it?",
            edits={"(x - reconstruction) ** 2": "(x - reconstruction).abs()"},
        ),
        Misconception(
            id="not-squared",
            name="errors with different signs cancel",
            hint="Too much ink here and too little there would make a perfect picture. What is done to the difference first?",
            edits={"(x - reconstruction) ** 2": "(x - reconstruction)"},
        ),
        Misconception(
            id="squared-too-late",
            name="the square is taken after the mean",
            hint="Too much ink here and too little there cancel before you square. Which comes first?",
            edits={
                "((x - reconstruction) ** 2).flatten(start_dim=1).mean(dim=1)": (
                    "(x - reconstruction).flatten(start_dim=1).mean(dim=1) ** 2"
                )
            },
        ),
        Misconception(
            id="negated",
            name="ordinary pictures get the high scores",
            hint="A high score means anomalous; the alarm is above the threshold. Which pictures come out worst?",
            edits={"return (": "return -("},
        ),
        Misconception(
            id="upside-down",
            name="the score is one over the error",
            hint="A high score means anomalous. What is yours for a picture that came out well?",
            edits={".mean(dim=1)": ".mean(dim=1).reciprocal()"},
        ),
        Misconception(
            id="largest-error",
            name="the worst pixel alone decides",
            hint="That would find a scratch on one spot, and be fooled by a speck of dust. What is promised: the largest error "
            "or their mean?",
            edits={".mean(dim=1)": ".amax(dim=1)"},
        ),
        Misconception(
            id="variance",
            name="the mean error is subtracted first: it is the variance of the errors",
            hint="A picture that is too dark everywhere by the same amount would count as perfect. Do you use var or std?",
            edits={
                "((x - reconstruction) ** 2).flatten(start_dim=1).mean(dim=1)": (
                    "(x - reconstruction).flatten(start_dim=1).var(dim=1, correction=0)"
                )
            },
        ),
        Misconception(
            id="scaled-within-the-batch",
            name="the scores are stretched to 0 … 1 within the batch",
            hint="Then the score of a picture depends on its neighbours, and the best of every batch is perfect. May that be?",
            edits={
                "return ((x - reconstruction) ** 2).flatten(start_dim=1).mean(dim=1)": (
                    "s = ((x - reconstruction) ** 2).flatten(start_dim=1).mean(dim=1)\n"
                    "    return (s - s.min()) / (s.max() - s.min())"
                )
            },
        ),
        Misconception(
            id="relative",
            name="the error is divided by the ink of the picture",
            hint="Then a thin 1 counts for more than a fat 8. Which division does the docstring ask for?",
            edits={".mean(dim=1)": ".mean(dim=1) / (x**2).flatten(start_dim=1).mean(dim=1)"},
        ),
    ),
)

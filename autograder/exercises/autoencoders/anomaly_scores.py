"""`anomaly_scores`: How badly each example was made again: the mean squared error over all that belongs to it."""

import torch
import torch.nn.functional as F

from autograder.draw import uniform
from autograder.exercise import Exercise, Misconception


def anomaly_inputs(rng):
    """Batch 5 or 1: rows of 7 pixels or 1, then pictures of 1 × 3 × 7, of 2 × 3 × 11, and without channels."""

    def case(*shape, batch=5):
        return {"x": uniform(rng, batch, *shape), "reconstruction": uniform(rng, batch, *shape)}

    return {
        "rows of pixels": [case(7), case(13), case(7, batch=1), case(1)],
        "pictures": [case(1, 3, 7), case(2, 3, 11), case(3, 7), case(1, 3, 7, batch=1)],
    }


def anomaly_with_mse_loss(x, reconstruction):
    return F.mse_loss(reconstruction, x, reduction="none").mean(dim=list(range(1, x.ndim)))


def anomaly_with_norm(x, reconstruction):
    difference = (reconstruction - x).reshape(len(x), -1)
    return torch.linalg.vector_norm(difference, dim=1) ** 2 / difference.shape[1]


def anomaly_loop(x, reconstruction):
    return torch.stack([(a - b).square().mean() for a, b in zip(x, reconstruction, strict=True)])


ANOMALY_SCORES = Exercise(
    solves="unrolled.anomaly.anomaly_scores",
    groups={"rows of pixels": 0.5, "pictures": 0.5},
    inputs=anomaly_inputs,
    accepts=(anomaly_with_mse_loss, anomaly_with_norm, anomaly_loop),
    misconceptions=(
        Misconception(
            id="squeezed",
            name="axes of length 1 are taken away first, also that of a batch of one",
            hint="A batch of one is still a batch. Which axes does squeeze() take away, and which must stay?",
            edits={
                "((x - reconstruction) ** 2).flatten(start_dim=1).mean(dim=1)": (
                    "(lambda errors: errors.reshape(len(errors), -1).mean(dim=1))(((x - reconstruction) ** 2).squeeze())"
                )
            },
        ),
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
        Misconception(
            id="only-the-second-axis",
            name="the mean is taken over the second axis only",
            hint="A picture has several axes: channel, height and width. How many numbers should each picture have left?",
            edits={".flatten(start_dim=1).mean(dim=1)": ".mean(dim=1)"},
        ),
        Misconception(
            id="always-four-axes",
            name="channel, height and width are expected, and rows of pixels have neither",
            hint="An example may have one axis or three. How do you name all axes but the first, however many there are?",
            edits={".flatten(start_dim=1).mean(dim=1)": ".mean(dim=(1, 2, 3))"},
        ),
        Misconception(
            id="last-two-axes",
            name="the mean is taken over the last two axes, of which one may be the batch",
            hint="For rows of pixels, what is the last axis but one? How do you name all axes but the first?",
            edits={".flatten(start_dim=1).mean(dim=1)": ".mean(dim=(-2, -1))"},
        ),
        Misconception(
            id="over-the-batch-in-rows",
            name="the pictures are laid out as rows of pixels, and the mean taken over the pictures",
            hint="After flatten, which axis is the batch? Which one must be left?",
            edits={".mean(dim=1)": ".mean(dim=0)"},
        ),
        Misconception(
            id="axis-kept",
            name="the axis of the pixels stays, with length 1",
            hint="The signature promises one number for each example. What does `keepdim` keep?",
            edits={".mean(dim=1)": ".mean(dim=1, keepdim=True)"},
        ),
        Misconception(
            id="axis-lost",
            name="a batch of one example comes out as a bare number",
            hint="`squeeze()` takes away every axis of length 1. Which axis does the signature promise, whatever its length?",
            edits={".mean(dim=1)": ".mean(dim=1).squeeze()"},
        ),
        Misconception(
            id="axes-lost-before",
            name="axes of length 1 are taken away first, and the batch may be one of them",
            hint="`squeeze()` takes away every axis of length 1. What is the first axis of a batch of one picture then?",
            edits={"(x - reconstruction)": "(x - reconstruction).squeeze()"},
        ),
        Misconception(
            id="halved",
            name="the error is halved",
            hint="The ½ of some textbooks makes a derivative prettier. Does the docstring have it?",
            edits={"return (": "return 0.5 * ("},
        ),
        Misconception(
            id="norm",
            name="the norm of the difference comes out: neither squared nor divided",
            hint="A norm is the root of a sum of squares. What is promised: root or square, sum or mean?",
            edits={".mean(dim=1)": ".sum(dim=1).sqrt()"},
        ),
        Misconception(
            id="median",
            name="the median of the squared errors comes out instead of the mean",
            hint="A few bad pixels would not be noticed. What is promised?",
            edits={".mean(dim=1)": ".median(dim=1).values"},
        ),
        Misconception(
            id="over-n-minus-one",
            name="the sum is divided by the number of pixels minus 1",
            hint="n − 1 is for a variance around an estimated mean. By what does a mean divide?",
            edits={".mean(dim=1)": ".sum(dim=1) / (x[0].numel() - 1)"},
        ),
        Misconception(
            id="divided-by-the-batch",
            name="the sum is divided by the number of examples",
            hint="The score of a picture should not depend on how many others there are. By what does its mean divide?",
            edits={".mean(dim=1)": ".sum(dim=1) / len(x)"},
        ),
        Misconception(
            id="divided-by-the-last-axis",
            name="the sum is divided by the length of the last axis",
            hint="How many numbers has a picture of 3 × 7? Is that the length of its last axis?",
            edits={".mean(dim=1)": ".sum(dim=1) / x.shape[-1]"},
        ),
        Misconception(
            id="divided-by-64",
            name="the sum is divided by 64, however many pixels there are",
            hint="Our small digits have 64 pixels. Have all pictures?",
            edits={".mean(dim=1)": ".sum(dim=1) / 64"},
        ),
        Misconception(
            id="relative-to-the-largest",
            name="the scores are divided by the largest of the batch",
            hint="Then the score of a picture depends on its neighbours, and the worst of every batch has 1. May that be?",
            edits={
                "return ((x - reconstruction) ** 2).flatten(start_dim=1).mean(dim=1)": (
                    "s = ((x - reconstruction) ** 2).flatten(start_dim=1).mean(dim=1)\n    return s / s.max()"
                )
            },
        ),
        Misconception(
            id="standardised",
            name="the scores are standardised within the batch",
            hint="Then the score of a picture depends on its neighbours. Would one picture alone have a score at all?",
            edits={
                "return ((x - reconstruction) ** 2).flatten(start_dim=1).mean(dim=1)": (
                    "s = ((x - reconstruction) ** 2).flatten(start_dim=1).mean(dim=1)\n    return (s - s.mean()) / s.std()"
                )
            },
        ),
        Misconception(
            id="variance-over-n-minus-one",
            name="it is the variance of the errors, over n − 1",
            hint="A picture that is too dark everywhere by the same amount would count as perfect. Do you use var or std?",
            edits={
                "((x - reconstruction) ** 2).flatten(start_dim=1).mean(dim=1)": (
                    "(x - reconstruction).flatten(start_dim=1).var(dim=1)"
                )
            },
        ),
        Misconception(
            id="cross-entropy",
            name="the cross-entropy of the pixels comes out instead of the squared error",
            hint="Grey pixels have a cross-entropy even where they are made perfectly. Which error is promised?",
            edits={
                "((x - reconstruction) ** 2)": (
                    'torch.nn.functional.binary_cross_entropy(reconstruction, x, reduction="none")'
                )
            },
        ),
        Misconception(
            id="one-squared-only",
            name="only the reconstruction is squared, and not the difference",
            hint="** binds more strongly than −. Where do your parentheses end?",
            edits={"((x - reconstruction) ** 2)": "(x - reconstruction**2)"},
        ),
        Misconception(
            id="pictures-mixed",
            name="the pictures are cut up and mixed: the batch becomes the last axis without being moved there",
            hint="reshape(-1, batch) does not turn anything around. Which numbers of which picture stand in its first column?",
            edits={".flatten(start_dim=1).mean(dim=1)": ".reshape(-1, len(x)).mean(dim=0)"},
        ),
        Misconception(
            id="only-the-first",
            name="only the first example gets a score",
            hint="On which level of indentation does your `return` stand?",
            edits={".flatten(start_dim=1).mean(dim=1)": "[0].mean()"},
        ),
        Misconception(
            id="a-list",
            name="a list of numbers comes back instead of a tensor",
            hint="Later cells sort and compare the scores as a tensor. What does the signature promise?",
            edits={".mean(dim=1)": ".mean(dim=1).tolist()"},
        ),
        Misconception(
            id="angle",
            name="it is one minus the cosine of the angle between picture and reconstruction",
            hint="A picture that is made half as dark has the same direction. Is it made well?",
            edits={
                "((x - reconstruction) ** 2).flatten(start_dim=1).mean(dim=1)": (
                    "1 - torch.cosine_similarity(x.flatten(1), reconstruction.flatten(1), dim=1)"
                )
            },
        ),
        Misconception(
            id="in-place",
            name="the pictures are overwritten by the difference",
            hint="`-=` writes into the tensor on its left. Who still needs the pictures?",
            edits={"(x - reconstruction)": "x.sub_(reconstruction)"},
        ),
    ),
)

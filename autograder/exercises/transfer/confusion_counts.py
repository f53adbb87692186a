"""`confusion_counts`: The confusion matrix: in row i and column j, how many examples of class i were taken for class j."""

import torch

from autograder.draw import integers
from autograder.exercise import Exercise, Misconception


def confusion_counts_inputs(rng):
    """Twenty-three examples of three or five classes; classes that never occur, at the end as well; one class, one
    example, none. Mistakes are not symmetric: two of the last class that occurs are taken for the first one.
    """

    def case(examples, occurring, classes):
        truth, predicted = integers(rng, 0, occurring, examples), integers(rng, 0, occurring, examples)
        if examples > 8:
            truth[:3], predicted[:3] = occurring - 1, 0
            truth[3:5], predicted[3:5] = 1, 1
            truth[5], predicted[5] = 0, occurring - 1
            chosen = truth != 0
            predicted[6:][~chosen[6:]] = 0  # else the matrix might be symmetric
        order = torch.from_numpy(rng.permutation(examples)) if examples else torch.zeros(0, dtype=torch.int64)
        return {"truth": truth[order], "predicted": predicted[order], "classes": classes}

    only = int(rng.integers(1, 5))
    return {
        "every class": [case(23, 3, 3), case(31, 5, 5)],
        "missing classes": [
            case(23, 4, 7),
            case(11, 2, 3),
            {"truth": torch.tensor([only]), "predicted": torch.tensor([5 - only]), "classes": 6},
            case(0, 1, int(rng.integers(2, 6))),
            case(7, 1, 1),
        ],
    }


def refused(rng):
    """Too large and negative, in either."""
    classes = int(rng.integers(2, 7))
    good, high, low = torch.tensor([0, 1, 1]), torch.tensor([0, classes, 1]), torch.tensor([0, 1, -1])
    return [
        {"truth": high, "predicted": good, "classes": classes},
        {"truth": good, "predicted": high, "classes": classes},
        {"truth": low, "predicted": good, "classes": classes},
        {"truth": good, "predicted": low, "classes": classes},
    ]


def _refuse(truth, predicted, classes):
    for label in truth.tolist():
        if label not in range(classes):
            raise ValueError(f"truth has a class {label}")
    for label in predicted.tolist():
        if label not in range(classes):
            raise ValueError(f"predicted has a class {label}")


def confusion_counts_loop(truth, predicted, classes):
    _refuse(truth, predicted, classes)
    counts = torch.zeros(classes, classes, dtype=torch.int64)
    for t, p in zip(truth.tolist(), predicted.tolist(), strict=True):
        counts[t, p] += 1
    return counts


def confusion_counts_one_hot(truth, predicted, classes):
    _refuse(truth, predicted, classes)
    rows, columns = (torch.nn.functional.one_hot(labels, classes) for labels in (truth, predicted))
    return rows.T @ columns


def confusion_counts_accumulated(truth, predicted, classes):
    _refuse(truth, predicted, classes)
    counts = torch.zeros(classes, classes, dtype=torch.long)
    return counts.index_put_((truth, predicted), torch.ones_like(truth), accumulate=True)


def confusion_counts_compared(truth, predicted, classes):
    _refuse(truth, predicted, classes)
    rows = [[((truth == i) & (predicted == j)).sum() for j in range(classes)] for i in range(classes)]
    return torch.tensor(rows)


def _as_many_as_occur(truth, predicted, classes):
    _refuse(truth, predicted, classes)
    n = int(max(truth.max(), predicted.max())) + 1 if len(truth) else 0
    return torch.bincount(truth * n + predicted, minlength=n * n).view(n, n)


def _once_for_each_pair(truth, predicted, classes):
    _refuse(truth, predicted, classes)
    counts = torch.zeros(classes, classes, dtype=torch.int64)
    counts[truth, predicted] += 1
    return counts


def _both_kinds(truth, predicted, classes):
    _refuse(truth, predicted, classes)
    return torch.stack([torch.bincount(truth, minlength=classes), torch.bincount(predicted, minlength=classes)])


def _from_one(truth, predicted, classes):
    _refuse(truth, predicted, classes)
    counts = torch.zeros(classes, classes, dtype=torch.int64)
    for t, p in zip(truth.tolist(), predicted.tolist(), strict=True):
        counts[t - 1, p - 1] += 1
    return counts


COUNT = "torch.bincount(truth * classes + predicted, minlength=classes**2).view(classes, classes)"

CONFUSION_COUNTS = Exercise(
    solves="unrolled.metrics.confusion_counts",
    groups={"every class": 1, "missing classes": 1},
    inputs=confusion_counts_inputs,
    refuses=refused,
    accepts=(
        confusion_counts_loop,
        confusion_counts_one_hot,
        confusion_counts_accumulated,
        confusion_counts_compared,
    ),
    forbids=("sklearn.metrics.confusion_matrix",),
    misconceptions=(
        Misconception(
            id="transposed",
            name="rows and columns are swapped: the rows are the predicted classes",
            hint="So do some books. By this docstring, where is an example of class 0 counted that was taken for 2?",
            edits={"truth * classes + predicted": "predicted * classes + truth"},
        ),
        Misconception(
            id="once-for-each-pair",
            name="several examples with the same pair of classes are counted once",
            hint="`counts[rows, columns] += 1` adds 1 to each place once, however often it is named. Which function adds up "
            "(`index_put_`, `bincount`), or what about a loop?",
            answer=_once_for_each_pair,
        ),
        Misconception(
            id="as-many-as-occur",
            name="the matrix has as many rows as there are classes among the examples",
            hint="A class may occur in no example. How many rows does the signature promise?",
            answer=_as_many_as_occur,
        ),
        Misconception(
            id="classes-from-one",
            name="the classes are counted from 1",
            hint="The first class has number 0. In which row are its examples counted, and what does index −1 mean in Python?",
            answer=_from_one,
        ),
        Misconception(
            id="rows-normalised",
            name="each row is divided by its sum",
            hint="Shares are good for a picture. What does the docstring promise in each place: a share, or a number of examples?",
            edits={COUNT: f"(lambda c: c / c.sum(1, keepdim=True).clamp(min=1))({COUNT})"},
        ),
        Misconception(
            id="shares-of-all",
            name="everything is divided by the number of examples",
            hint="What does the docstring promise in each place: a share, or a number of examples?",
            edits={COUNT: f"{COUNT} / max(1, len(truth))"},
        ),
        Misconception(
            id="float",
            name="the counts are no whole numbers by their type",
            hint="Which dtype has `torch.zeros` if you do not name one? What do you count with?",
            edits={COUNT: f"{COUNT}.float()"},
        ),
        Misconception(
            id="hits-only",
            name="only the examples that were judged rightly are counted",
            hint="What makes this matrix worth looking at is what stands beside the diagonal. Which examples do you leave out?",
            edits={COUNT: f"{COUNT}.diagonal().diag()"},
        ),
        Misconception(
            id="mistakes-only",
            name="the examples that were judged rightly are missing",
            hint="What should stand on the diagonal?",
            edits={COUNT: f"{COUNT}.fill_diagonal_(0)"},
        ),
        Misconception(
            id="both-kinds-counted",
            name="the true and the predicted classes are counted each on its own",
            hint="How often a class occurs does not say what it was taken for. What must be counted together?",
            answer=_both_kinds,
        ),
        Misconception(
            id="symmetric",
            name="a mistake is counted in both directions",
            hint="Is taking 0 for 2 the same as taking 2 for 0? How many examples does your matrix hold in all?",
            edits={COUNT: f"(lambda c: c + c.T - c.diagonal().diag())({COUNT})"},
        ),
        Misconception(
            id="flat",
            name="the counts are not laid out in rows and columns",
            hint="Which shape does the signature promise?",
            edits={".view(classes, classes)": ""},
        ),
        Misconception(
            id="list",
            name="a list of lists is returned instead of a tensor",
            hint="What does the signature promise?",
            edits={".view(classes, classes)": ".view(classes, classes).tolist()"},
        ),
        Misconception(
            id="none-crashes",
            name="there is an error where there are no examples",
            hint="What is the largest of no numbers? What should the matrix be if there is nothing to count?",
            edits={"len(labels) and not": "not"},
        ),
        Misconception(
            id="not-refused",
            name="a class that does not exist is counted somewhere, or is an error of another kind",
            hint="What does the docstring promise for class 3 where there are three classes?",
            edits={"len(labels) and not 0 <= labels.min() <= labels.max() < classes": "False"},
        ),
        Misconception(
            id="predicted-not-checked",
            name="only the true classes are checked",
            hint="Which two arguments may hold a class that does not exist?",
            edits={'(("truth", truth), ("predicted", predicted))': '(("truth", truth),)'},
        ),
        Misconception(
            id="negative-not-checked",
            name="a negative class is not refused",
            hint="What does the docstring say of a class outside 0 … classes − 1? Which of the two ends do you check?",
            edits={"0 <= labels.min() <= labels.max() < classes": "labels.max() < classes"},
        ),
        Misconception(
            id="one-class-too-many",
            name="class number `classes` is not refused",
            hint="Classes count from 0. Which is the largest number of three classes?",
            edits={"labels.max() < classes": "labels.max() <= classes"},
        ),
        Misconception(
            id="names-swapped",
            name="the error names the other argument",
            hint="Which argument holds the class that does not exist, and which one does your message name?",
            edits={'(("truth", truth), ("predicted", predicted))': '(("predicted", truth), ("truth", predicted))'},
        ),
    ),
)

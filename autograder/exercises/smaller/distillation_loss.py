"""`distillation_loss`: α · T² · KL(teacher ‖ student) + (1 − α) · cross-entropy with the labels."""

import torch
import torch.nn.functional as F

from autograder.draw import cut, integers, normal
from autograder.exercise import Exercise, Misconception
from autograder.probes import differentiate
from autograder.tolerance import in_double


def distillation_inputs(rng):
    """Batch 5 or 1, 7 or 11 classes; temperatures above and below 1, all weights; once scores of some hundreds."""

    def case(temperature, alpha, batch=5, classes=7, scale=2.0):
        return {
            "student_logits": normal(rng, batch, classes, scale=scale),
            "teacher_logits": normal(rng, batch, classes, scale=scale),
            "labels": integers(rng, 0, classes, batch),
            "temperature": temperature,
            "alpha": alpha,
        }

    large = case(2.0, 0.6, batch=3, scale=300.0)
    large["student_logits"][0, 0], large["teacher_logits"][0, 1] = 900.0, 900.0
    return {
        "temperature 1": [case(1.0, 1.0), case(1.0, 0.3, classes=11)],
        "another temperature": [case(3.0, 1.0), case(2.0, 0.7), case(0.5, 0.4, classes=11), in_double(case(1.5, 0.8))],
        "batch of one, large scores": [cut(case(4.0, 0.6), 0, "student_logits", "teacher_logits", "labels"), large],
    }


def distillation_with_kl_div(student_logits, teacher_logits, labels, *, temperature, alpha):
    soft = F.kl_div(
        F.log_softmax(student_logits / temperature, dim=1),
        F.log_softmax(teacher_logits.detach() / temperature, dim=1),
        log_target=True,
        reduction="batchmean",
    )
    return alpha * temperature**2 * soft + (1 - alpha) * F.cross_entropy(student_logits, labels)


def distillation_with_cross_entropies(student_logits, teacher_logits, labels, *, temperature, alpha):
    with torch.no_grad():
        p = torch.softmax(teacher_logits / temperature, dim=-1)
        entropy = -torch.special.xlogy(p, p).sum(-1).mean()
    soft = F.cross_entropy(student_logits / temperature, p) - entropy
    return (1 - alpha) * F.cross_entropy(student_logits, labels) + soft * (alpha * temperature * temperature)


def distillation_row_by_row(student_logits, teacher_logits, labels, *, temperature, alpha):
    total = 0.0
    for s, t, label in zip(student_logits, teacher_logits.detach(), labels, strict=True):
        log_p, log_q = (row / temperature - torch.logsumexp(row / temperature, dim=0) for row in (t, s))
        soft = torch.dot(log_p.exp(), log_p - log_q)
        total = total + alpha * temperature**2 * soft - (1 - alpha) * s.log_softmax(0)[label]
    return total / len(labels)


SOFT = "(wanted.exp() * (wanted - guess)).sum(dim=-1).mean()"

DISTILLATION_LOSS = Exercise(
    solves="unrolled.distillation.distillation_loss",
    groups={"temperature 1": 1, "another temperature": 1.5, "batch of one, large scores": 0.5},
    inputs=distillation_inputs,
    probe=differentiate,
    accepts=(distillation_with_kl_div, distillation_with_cross_entropies, distillation_row_by_row),
    misconceptions=(
        Misconception(
            id="no-square-of-the-temperature",
            name="the divergence is not multiplied by T²",
            hint="At T = 4, how large are the gradients of the soft part beside those of the labels? What evens that out?",
            edits={"alpha * temperature**2 * soft": "alpha * soft"},
        ),
        Misconception(
            id="temperature-once",
            name="the divergence is multiplied by T instead of T²",
            hint="The gradient of the divergence loses one factor T to the division of the scores. Where does it lose another?",
            edits={"temperature**2": "temperature"},
        ),
        Misconception(
            id="divided-by-the-square",
            name="the divergence is divided by T² instead of multiplied",
            hint="With a high temperature, are the gradients of the divergence too small or too large?",
            edits={"temperature**2 * soft": "soft / temperature**2"},
        ),
        Misconception(
            id="square-on-both",
            name="the labels' part is multiplied by T² as well",
            hint="Which of the two parts has lost something to the temperature?",
            edits={
                "alpha * temperature**2 * soft + (1 - alpha) * hard": (
                    "temperature**2 * (alpha * soft + (1 - alpha) * hard)"
                )
            },
        ),
        Misconception(
            id="only-the-teacher-softened",
            name="the student's scores are not divided by T before the divergence",
            hint="A student that is equal to its teacher should have a divergence of 0. Has it in yours?",
            edits={"student_logits / temperature": "student_logits"},
        ),
        Misconception(
            id="only-the-student-softened",
            name="the teacher's scores are not divided by T",
            hint="A student that is equal to its teacher should have a divergence of 0. Has it in yours?",
            edits={"teacher_logits.detach() / temperature": "teacher_logits.detach()"},
        ),
        Misconception(
            id="nothing-softened",
            name="no scores are divided by T",
            hint="T² stands before the divergence: of which softmax is it to make up for?",
            edits={
                "student_logits / temperature": "student_logits",
                "teacher_logits.detach() / temperature": "teacher_logits.detach()",
            },
        ),
        Misconception(
            id="temperature-multiplied",
            name="the scores are multiplied by T instead of divided",
            hint="A high temperature should make the probabilities more equal. What does multiplying do to them?",
            edits={
                "student_logits / temperature": "student_logits * temperature",
                "teacher_logits.detach() / temperature": "teacher_logits.detach() * temperature",
            },
        ),
        Misconception(
            id="probabilities-divided",
            name="the logarithms of the probabilities are divided by T, after the softmax",
            hint="After that, do the probabilities of a row still add up to 1? Where does the temperature belong?",
            edits={
                "student_logits / temperature, dim=-1)": "student_logits, dim=-1) / temperature",
                "teacher_logits.detach() / temperature, dim=-1)": "teacher_logits.detach(), dim=-1) / temperature",
            },
        ),
        Misconception(
            id="labels-softened",
            name="the labels' part is computed at the temperature as well",
            hint="The student will be used at T = 1. On which scores should the right words be asked for?",
            edits={"F.cross_entropy(student_logits, labels)": "F.cross_entropy(student_logits / temperature, labels)"},
        ),
        Misconception(
            id="kl-the-other-way-round",
            name="the divergence is taken the other way round, KL(student ‖ teacher)",
            hint="Whose probabilities weight the differences: the teacher's or the student's?",
            edits={"wanted.exp() * (wanted - guess)": "guess.exp() * (guess - wanted)"},
        ),
        Misconception(
            id="kl-negative",
            name="the divergence has the wrong sign",
            hint="A divergence is never below 0. Which of the two logarithms is subtracted?",
            edits={"(wanted - guess)": "(guess - wanted)"},
        ),
        Misconception(
            id="cross-entropy-of-the-teacher",
            name="the soft part is the cross-entropy: the teacher's own entropy is not subtracted",
            hint="The gradients are right, and the value is not: what is the loss of a student that equals its teacher?",
            edits={"(wanted - guess)": "(-guess)"},
        ),
        Misconception(
            id="alpha-swapped",
            name="α and 1 − α are exchanged",
            hint="With α = 1, which part should be left alone: the labels or the teacher?",
            edits={
                "alpha * temperature**2 * soft + (1 - alpha) * hard": "(1 - alpha) * temperature**2 * soft + alpha * hard"
            },
        ),
        Misconception(
            id="parts-added",
            name="both parts count fully, whatever α is",
            hint="The weights of the two parts add up to 1. Which is that of the labels?",
            edits={"alpha * temperature**2 * soft + (1 - alpha) * hard": "temperature**2 * soft + hard"},
        ),
        Misconception(
            id="labels-full",
            name="the labels' part counts fully, whatever α is",
            hint="The weights of the two parts add up to 1. Which is that of the labels?",
            edits={"(1 - alpha) * hard": "hard"},
        ),
        Misconception(
            id="mean-over-classes",
            name='the divergence is averaged over the classes, too, as `reduction="mean"` of kl_div does',
            hint="A divergence is a sum over the classes. Over what is the mean taken?",
            edits={".sum(dim=-1).mean()": ".mean()"},
        ),
        Misconception(
            id="summed-over-the-batch",
            name="the divergences of the batch are added up, while the labels' part is a mean",
            hint="Double the batch: which of your two parts doubles?",
            edits={".sum(dim=-1).mean()": ".sum()"},
        ),
        Misconception(
            id="labels-summed",
            name="the labels' part is summed over the batch",
            hint="Double the batch: which of your two parts doubles?",
            edits={"F.cross_entropy(student_logits, labels)": 'F.cross_entropy(student_logits, labels, reduction="sum")'},
        ),
        Misconception(
            id="softmax-over-the-batch",
            name="the softmax runs over the batch instead of the classes",
            hint="What adds up to 1: the classes of one example, or the examples of one class?",
            edits={
                "student_logits / temperature, dim=-1": "student_logits / temperature, dim=0",
                "teacher_logits.detach() / temperature, dim=-1": "teacher_logits.detach() / temperature, dim=0",
            },
        ),
        Misconception(
            id="teacher-learns",
            name="gradients reach the teacher",
            hint="Two models that may both move can agree on nonsense. How do you tell torch that a tensor is a given?",
            edits={"teacher_logits.detach()": "teacher_logits"},
        ),
        Misconception(
            id="student-detached",
            name="the soft part sends no gradient to the student",
            hint="Who should learn from the divergence? What does `detach` or `no_grad` cut off?",
            edits={"torch.log_softmax(student_logits /": "torch.log_softmax(student_logits.detach() /"},
        ),
        Misconception(
            id="hard-teacher",
            name="the student is asked for the teacher's most probable class alone",
            hint="What does the teacher say about the classes that are nearly right? What is left of that in yours?",
            edits={SOFT: "F.cross_entropy(student_logits / temperature, teacher_logits.argmax(dim=-1))"},
        ),
        Misconception(
            id="scores-compared",
            name="the squared difference of the scores stands in for the divergence",
            hint="That is what becomes of it at a very high temperature, up to a factor. Which divergence is asked for at this one?",
            edits={SOFT: "((student_logits - teacher_logits.detach()) ** 2).mean()"},
        ),
        Misconception(
            id="probabilities-compared",
            name="the squared difference of the probabilities stands in for the divergence",
            hint="Between 0.01 and 0.0001 the difference is small, and a divergence is not. Which logarithms does it need?",
            edits={SOFT: "((wanted.exp() - guess.exp()) ** 2).sum(dim=-1).mean()"},
        ),
        Misconception(
            id="cross-entropy-of-probabilities",
            name="the labels' part applies the softmax twice",
            hint="Does `F.cross_entropy` want scores or probabilities?",
            edits={"F.cross_entropy(student_logits, labels)": "F.cross_entropy(student_logits.softmax(-1), labels)"},
        ),
        Misconception(
            id="labels-of-the-teacher",
            name="the teacher's scores, and not the student's, are held against the labels",
            hint="Whose mistakes should cost something?",
            edits={"F.cross_entropy(student_logits, labels)": "F.cross_entropy(teacher_logits.detach(), labels)"},
        ),
        Misconception(
            id="log-of-zero",
            name="the logarithm is taken after the softmax, of probabilities that may have become 0",
            hint="What is log(softmax(x)) where a score lies 200 below the largest? Which function does both in one, safely?",
            edits={
                "torch.log_softmax(student_logits / temperature, dim=-1)": "(student_logits / temperature).softmax(-1).log()",
                "torch.log_softmax(teacher_logits.detach() / temperature, dim=-1)": (
                    "(teacher_logits.detach() / temperature).softmax(-1).log()"
                ),
            },
        ),
        Misconception(
            id="bits",
            name="the divergence is in bits instead of nats",
            hint="Which logarithm does `F.cross_entropy` use? And yours?",
            edits={"(wanted - guess)": "(wanted - guess) / 0.6931471805599453"},
        ),
    ),
)

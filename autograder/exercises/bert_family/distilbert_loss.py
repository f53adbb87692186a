"""`distilbert_loss`: How far the student is from its teacher and from the text: three losses, weighted and added."""

import torch
import torch.nn.functional as F

from autograder.draw import cut, integers, lengths_mask, normal
from autograder.exercise import Exercise, Misconception
from autograder.probes import differentiate


def distilbert_loss_inputs(rng):
    """Batch 3, time 7, 11 words, d_model 5; unequal lengths, and what stands at the padding differs as well."""

    def case(*lengths, time=7, scale=1.5, **options):
        batch = len(lengths)
        mask = lengths_mask(list(lengths), time)
        labels = integers(rng, 0, 11, batch, time)
        labels[torch.from_numpy(rng.random((batch, time)) < 0.4) | ~mask] = -100
        labels[:, 0] = integers(rng, 0, 11, batch)
        labels[0, 1 if lengths[0] > 1 else 0] = -100 if lengths[0] > 1 else labels[0, 0]
        return {
            "student_logits": normal(rng, batch, time, 11, scale=scale),
            "teacher_logits": normal(rng, batch, time, 11, scale=scale),
            "labels": labels,
            "student_states": normal(rng, batch, time, 5),
            "teacher_states": normal(rng, batch, time, 5),
            "attention_mask": mask.long(),
            **options,
        }

    other = {"temperature": 3.0, "weights": (1.5, 0.75, 4.0)}
    sharp = case(5, 7, scale=1.0, temperature=1.0, weights=(0.5, 1.0, 2.0))
    sharp["student_logits"][0, 0, :2] += torch.tensor([500.0, -500.0])
    sharp["teacher_logits"][0, 0, :2] += torch.tensor([500.0, -500.0])
    whole = case(5, 5, time=5)
    whole["attention_mask"] = whole["attention_mask"].bool()
    long = case(4, 7, 2)
    return {
        "no padding": [whole, case(5, 5, 5, time=5, **other)],
        "padding": [long, case(7, 3, 5, **other), cut(long, 0, *TENSORS)],
        "one token, large scores": [sharp, cut(long, 1, *TENSORS), cut(cut(case(4, 7, 2, **other), 0, *TENSORS), 1, *TENSORS)],
    }


TENSORS = ("student_logits", "teacher_logits", "labels", "student_states", "teacher_states", "attention_mask")


def distilbert_loss_library(
    student_logits, teacher_logits, labels, student_states, teacher_states, attention_mask, *,
    temperature=2.0, weights=(5.0, 2.0, 1.0),
):  # fmt: skip
    real = attention_mask == 1
    teacher_logits, teacher_states = teacher_logits.detach(), teacher_states.detach()
    soft = F.kl_div(
        F.log_softmax(student_logits[real] / temperature, -1),
        F.softmax(teacher_logits[real] / temperature, -1),
        reduction="batchmean",
    )
    words = F.cross_entropy(student_logits.flatten(0, 1), labels.flatten())
    ones = torch.ones(len(student_states[real]), dtype=student_states.dtype)
    alike = F.cosine_embedding_loss(student_states[real], teacher_states[real], ones)
    return weights[0] * soft * temperature**2 + weights[1] * words + weights[2] * alike


def distilbert_loss_masked(
    student_logits, teacher_logits, labels, student_states, teacher_states, attention_mask, *,
    temperature=2.0, weights=(5.0, 2.0, 1.0),
):  # fmt: skip
    real = attention_mask.to(student_logits.dtype)
    with torch.no_grad():
        target = (teacher_logits / temperature).log_softmax(-1)
        toward = teacher_states / teacher_states.norm(dim=-1, keepdim=True)
    soft = (target.exp() * (target - (student_logits / temperature).log_softmax(-1))).sum(-1)
    unit = student_states / student_states.norm(dim=-1, keepdim=True)
    apart = 1 - (unit * toward).sum(-1)
    soft, apart = ((term * real).sum() / real.sum() for term in (soft, apart))
    asked = labels >= 0
    words = F.nll_loss(student_logits.log_softmax(-1)[asked], labels[asked])
    return temperature * temperature * weights[0] * soft + weights[1] * words + weights[2] * apart


def distilbert_loss_loop(
    student_logits, teacher_logits, labels, student_states, teacher_states, attention_mask, *,
    temperature=2.0, weights=(5.0, 2.0, 1.0),
):  # fmt: skip
    soft, words, apart = [], [], []
    for i in range(labels.shape[0]):
        for t in range(labels.shape[1]):
            if labels[i, t] != -100:
                words.append(-student_logits[i, t].log_softmax(0)[labels[i, t]])
            if attention_mask[i, t]:
                log_q = (student_logits[i, t] / temperature).log_softmax(0)
                log_p = (teacher_logits[i, t].detach() / temperature).log_softmax(0)
                soft.append((log_p.exp() * (log_p - log_q)).sum())
                a, b = student_states[i, t], teacher_states[i, t].detach()
                apart.append(1 - a @ b / (a.norm() * b.norm()))
    first, second, third = (sum(terms) / len(terms) for terms in (soft, words, apart))
    return weights[0] * temperature**2 * first + weights[1] * second + weights[2] * third


KL = "(soft_teacher.exp() * (soft_teacher - soft_student)).sum(-1).mean()"
SQUARE = "temperature**2 * "
REAL = "real = attention_mask.bool()"
WORDS = "masked_lm_loss(student_logits, labels)"
STATES = "F.cosine_similarity(student_states[real], teacher_states[real].detach(), dim=-1)"
APART = "(1 - cosine).mean()"
SOFT_STUDENT = "(student_logits[real] / temperature).log_softmax(-1)"
SOFT_TEACHER = "(teacher_logits[real].detach() / temperature).log_softmax(-1)"

DISTILBERT_LOSS = Exercise(
    solves="unrolled.distilbert.distilbert_loss",
    groups={"no padding": 1, "padding": 2, "one token, large scores": 1},
    inputs=distilbert_loss_inputs,
    probe=differentiate,
    uses=("masked_lm_loss",),
    accepts=(distilbert_loss_library, distilbert_loss_masked, distilbert_loss_loop),
    misconceptions=(
        Misconception(
            id="no-temperature-squared",
            name="the first term is not multiplied by the temperature squared",
            hint="Dividing the scores by T makes this term's gradient about T² times smaller. What should the weights then not "
            "depend on?",
            edits={SQUARE: ""},
        ),
        Misconception(
            id="temperature-not-squared",
            name="the first term is multiplied by the temperature itself, not by its square",
            hint="One T comes from the student's scores in the gradient. Where does a second one come from?",
            edits={SQUARE: "temperature * "},
        ),
        Misconception(
            id="wrong-way-round",
            name="the divergence is taken the wrong way round, KL(student ‖ teacher)",
            hint="KL(p ‖ q) averages log p − log q. By whose probabilities does yours average?",
            edits={KL: "(soft_student.exp() * (soft_student - soft_teacher)).sum(-1).mean()"},
        ),
        Misconception(
            id="cross-entropy",
            name="the first term is the cross-entropy with the teacher's probabilities, not the divergence",
            hint="The gradient is the same, so many programs do this. But what should come out if the student agrees with its "
            "teacher in everything?",
            edits={KL: "-(soft_teacher.exp() * soft_student).sum(-1).mean()"},
        ),
        Misconception(
            id="teacher-learns-words",
            name="a gradient flows into the teacher's scores",
            hint="If the teacher may move as well, both meet half-way. What cuts a tensor off from what it was made of?",
            edits={"teacher_logits[real].detach()": "teacher_logits[real]"},
        ),
        Misconception(
            id="teacher-learns-states",
            name="a gradient flows into the teacher's states",
            hint="Two things of the teacher's go into this loss. Are both cut off?",
            edits={"teacher_states[real].detach()": "teacher_states[real]"},
        ),
        Misconception(
            id="both-of-the-teacher-learn",
            name="a gradient flows into the teacher, into its scores and its states",
            hint="If the teacher may move as well, both meet half-way. What cuts a tensor off from what it was made of?",
            edits={
                "teacher_logits[real].detach()": "teacher_logits[real]",
                "teacher_states[real].detach()": "teacher_states[real]",
            },
        ),
        Misconception(
            id="padding-averaged",
            name="padding counts like text in the first and the third term",
            hint="Which argument says where there is text?",
            edits={REAL: "real = torch.ones_like(attention_mask).bool()"},
        ),
        Misconception(
            id="padding-in-the-divergence",
            name="padding counts like text in the first term",
            hint="You leave the padding out of the states' term. And of the scores' term?",
            edits={
                SOFT_STUDENT: "(student_logits / temperature).log_softmax(-1)",
                SOFT_TEACHER: "(teacher_logits.detach() / temperature).log_softmax(-1)",
            },
        ),
        Misconception(
            id="padding-in-the-states",
            name="padding counts like text in the third term",
            hint="You leave the padding out of the scores' term. And of the states' term?",
            edits={STATES: "F.cosine_similarity(student_states, teacher_states.detach(), dim=-1)"},
        ),
        Misconception(
            id="only-hidden-words",
            name="the first and the third term look only at the hidden words",
            hint="The teacher has an opinion at every word, hidden or not. Over which places are these two averaged?",
            edits={REAL: "real = labels != -100"},
        ),
        Misconception(
            id="temperature-for-the-teacher-only",
            name="only the teacher's scores are divided by the temperature",
            hint="A student that agrees with its teacher in every score: what should its divergence be?",
            edits={SOFT_STUDENT: "student_logits[real].log_softmax(-1)"},
        ),
        Misconception(
            id="temperature-for-the-student-only",
            name="only the student's scores are divided by the temperature",
            hint="A student that agrees with its teacher in every score: what should its divergence be?",
            edits={SOFT_TEACHER: "teacher_logits[real].detach().log_softmax(-1)"},
        ),
        Misconception(
            id="no-temperature",
            name="the temperature divides no scores at all",
            hint="A high temperature shows which wrong words the teacher finds less wrong. Where must it act, before or after the "
            "softmax?",
            edits={
                SOFT_STUDENT: "student_logits[real].log_softmax(-1)",
                SOFT_TEACHER: "teacher_logits[real].detach().log_softmax(-1)",
            },
        ),
        Misconception(
            id="temperature-multiplied",
            name="the scores are multiplied by the temperature",
            hint="A higher temperature should make the probabilities more equal. Do yours become more equal?",
            edits={
                SOFT_STUDENT: "(student_logits[real] * temperature).log_softmax(-1)",
                SOFT_TEACHER: "(teacher_logits[real].detach() * temperature).log_softmax(-1)",
            },
        ),
        Misconception(
            id="temperature-for-the-words",
            name="the temperature softens the loss of the hidden words too",
            hint="There the right answer is one word. What does the docstring say of a temperature in the second term?",
            edits={WORDS: "masked_lm_loss(student_logits / temperature, labels)"},
        ),
        Misconception(
            id="cosine-rewarded",
            name="the third term is the cosine itself: states are pushed apart",
            hint="A loss gets smaller. Should the cosine of two states that are to agree get smaller?",
            edits={APART: "cosine.mean()"},
        ),
        Misconception(
            id="minus-cosine",
            name="the third term is the cosine with a minus, without the 1",
            hint="The gradient is right. But what should the term be when all states agree?",
            edits={APART: "-cosine.mean()"},
        ),
        Misconception(
            id="squared-distance",
            name="the third term is the squared distance of the states instead of the angle",
            hint="TinyBERT does it so. Would a student with states twice as long as its teacher's have anything to learn from a "
            "cosine?",
            edits={APART: "((student_states[real] - teacher_states[real].detach()) ** 2).mean()"},
        ),
        Misconception(
            id="dot-product",
            name="the third term is a dot product: the lengths of the states count",
            hint="What is divided out of a dot product to make it a cosine?",
            edits={STATES: "(student_states[real] * teacher_states[real].detach()).sum(-1)"},
        ),
        Misconception(
            id="mean-over-the-vocabulary",
            name="the divergence is averaged over the words of the vocabulary as well",
            hint="`reduction='mean'` of kl_div divides by everything. Over what is a divergence a sum?",
            edits={KL: "(soft_teacher.exp() * (soft_teacher - soft_student)).mean()"},
        ),
        Misconception(
            id="summed",
            name="the divergence is added up over all tokens instead of averaged",
            hint="Should a batch with twice as many tokens be twice as bad?",
            edits={KL: "(soft_teacher.exp() * (soft_teacher - soft_student)).sum()"},
        ),
        Misconception(
            id="divided-by-texts",
            name="the divergence is divided by the number of texts instead of tokens",
            hint="`reduction='batchmean'` divides by the size of the first axis. Which axis is the first when you call it?",
            edits={KL: "(soft_teacher.exp() * (soft_teacher - soft_student)).sum() / len(labels)"},
        ),
        Misconception(
            id="softmax-over-tokens",
            name="the softmax runs over the tokens instead of the vocabulary",
            hint="Which probabilities add up to 1: those of all words at one place, or of one word at all places?",
            edits={
                SOFT_STUDENT: "(student_logits[real] / temperature).log_softmax(0)",
                SOFT_TEACHER: "(teacher_logits[real].detach() / temperature).log_softmax(0)",
            },
        ),
        Misconception(
            id="log-of-softmax",
            name="the logarithm is taken of a softmax: −∞ where a probability is rounded to 0",
            hint="With scores 500 and −500 one probability is 0 in float32. Which function takes both steps at once?",
            edits={
                SOFT_STUDENT: "(student_logits[real] / temperature).softmax(-1).log()",
                SOFT_TEACHER: "(teacher_logits[real].detach() / temperature).softmax(-1).log()",
            },
        ),
        Misconception(
            id="weights-ignored",
            name="the three terms are added without their weights",
            hint="Which argument do you never use?",
            edits={"weights[0] * ": "", "weights[1] * ": "", "weights[2] * ": ""},
        ),
        Misconception(
            id="weights-fixed",
            name="the weights are always 5, 2 and 1",
            hint="These are the default values. Do you use the argument `weights`?",
            edits={"weights[0]": "5.0", "weights[1]": "2.0", "weights[2]": "1.0"},
        ),
        Misconception(
            id="temperature-fixed",
            name="the temperature is always 2",
            hint="That is the default value. Do you use the argument `temperature` everywhere?",
            edits={
                SOFT_STUDENT: "(student_logits[real] / 2).log_softmax(-1)",
                SOFT_TEACHER: "(teacher_logits[real].detach() / 2).log_softmax(-1)",
                SQUARE: "4 * ",
            },
        ),
        Misconception(
            id="weights-in-another-order",
            name="the first two weights have changed places",
            hint="The docstring numbers the three terms. Which weight belongs to which?",
            edits={"weights[0] * temp": "weights[1] * temp", "weights[1] * masked": "weights[0] * masked"},
        ),
        Misconception(
            id="teacher-alone-is-asked-the-words",
            name="the loss of the hidden words is the teacher's",
            hint="Who is to learn here, and whose scores do you hand to `masked_lm_loss`?",
            edits={WORDS: "masked_lm_loss(teacher_logits, labels)"},
        ),
        Misconception(
            id="no-hidden-words",
            name="the loss of the hidden words is left out",
            hint="There are three weights. How many terms do you add?",
            edits={f"        + weights[1] * {WORDS}\n": ""},
        ),
        Misconception(
            id="no-states",
            name="the third term is left out",
            hint="There are three weights. How many terms do you add?",
            edits={f"        + weights[2] * {APART}\n": ""},
        ),
        Misconception(
            id="student-cut-off",
            name="the student's scores are cut off instead of the teacher's",
            hint="Who should learn from the divergence? Which of the two do you detach?",
            edits={
                SOFT_STUDENT: "(student_logits[real].detach() / temperature).log_softmax(-1)",
                SOFT_TEACHER: "(teacher_logits[real] / temperature).log_softmax(-1)",
            },
        ),
        Misconception(
            id="mean-of-means",
            name="each text is averaged first, and then the averages",
            hint="A token then weighs more in a short text. By what should the whole sum be divided?",
            edits={
                KL: "torch.stack([t.mean() for t in (soft_teacher.exp() * (soft_teacher - soft_student)).sum(-1).split(real.sum(1).tolist())]).mean()",
                APART: "torch.stack([t.mean() for t in (1 - cosine).split(real.sum(1).tolist())]).mean()",
            },
        ),
        Misconception(
            id="cosine-over-time",
            name="the cosine is taken along time, where `cosine_similarity` looks if nobody names an axis",
            hint="How many cosines should there be for a text of seven tokens? Which axis does `cosine_similarity` take by itself?",
            edits={STATES: "F.cosine_similarity(student_states, teacher_states.detach())"},
        ),
        Misconception(
            id="one-cosine-for-all",
            name="one cosine is taken of the states of all tokens laid end to end",
            hint="How many cosines does a text of seven tokens have? Which axis does `cosine_similarity` get?",
            edits={STATES: "F.cosine_similarity(student_states[real].flatten(), teacher_states[real].detach().flatten(), dim=0)"},
        ),
        Misconception(
            id="weights-made-shares",
            name="the weights are first divided by their sum",
            hint="By which numbers does the docstring multiply: 5, 2 and 1, or ⅝, ¼ and ⅛?",
            edits={"    return (\n": "    weights = [w / sum(weights) for w in weights]\n    return (\n"},
        ),
    ),
)

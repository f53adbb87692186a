"""`electra_loss`: The generator's loss of the hidden words, plus `weight` times the discriminator's loss."""

import torch
import torch.nn.functional as F

from autograder.draw import cut, far_apart, integers, lengths_mask, normal, uniform
from autograder.exercise import Exercise, Misconception
from autograder.probes import differentiate


def electra_loss_inputs(rng):
    """Batch 3, time 7, 11 words; unequal lengths, a third asked, of these some replaced; sure judges, right and wrong."""

    def case(*lengths, time=7, **options):
        batch = len(lengths)
        mask = lengths_mask(list(lengths), time)
        labels = integers(rng, 0, 11, batch, time)
        asked = (uniform(rng, batch, time) < 0.4) & mask
        asked[:, 0] = True
        if time > 2:
            asked[:, 1], asked[0, 2] = False, True
        labels[~asked] = -100
        replaced = asked & (uniform(rng, batch, time) < 0.6)
        replaced[0, 0] = True
        if time > 2:
            replaced[0, 2] = False
        return {
            "generator_logits": normal(rng, batch, time, 11, scale=1.5),
            "labels": labels,
            "discriminator_logits": normal(rng, batch, time, scale=1.5),
            "replaced": replaced,
            "attention_mask": mask.long(),
            **options,
        }

    sure = case(6, 7, weight=3.0)
    sure["discriminator_logits"][:, :2] += torch.tensor([[200.0, -150.0], [-180.0, 160.0]])
    whole = case(5, 5, time=5)
    whole["attention_mask"] = whole["attention_mask"].bool()
    long = case(3, 7, 4, weight=7.0)
    apart = case(7, 5, weight=3.0)
    apart["generator_logits"] = far_apart(apart["generator_logits"])
    return {
        "no padding": [whole, case(5, 5, 5, time=5, weight=0.5)],
        "padding": [case(7, 3, 4), long, cut(case(4, 7, weight=2.0), 0, *TENSORS), apart],
        "one token, large scores": [sure, cut(long, 1, *TENSORS), cut(cut(case(4, 7), 0, *TENSORS), 1, *TENSORS)],
    }


TENSORS = ("generator_logits", "labels", "discriminator_logits", "replaced", "attention_mask")


def electra_loss_softplus(generator_logits, labels, discriminator_logits, replaced, attention_mask, *, weight=50.0):
    signs = 1 - 2 * replaced.to(discriminator_logits.dtype)
    costs, real = F.softplus(signs * discriminator_logits), attention_mask.to(discriminator_logits.dtype)
    words = F.cross_entropy(generator_logits.flatten(0, 1), labels.flatten())
    return words + weight * (costs * real).sum() / real.sum()


def electra_loss_log_sigmoid(generator_logits, labels, discriminator_logits, replaced, attention_mask, *, weight=50.0):
    right = torch.where(replaced, F.logsigmoid(discriminator_logits), F.logsigmoid(-discriminator_logits))
    asked = labels != -100
    surprise = -generator_logits[asked].log_softmax(-1).gather(-1, labels[asked].unsqueeze(1))
    return surprise.mean() - weight * right[attention_mask > 0].mean()


def electra_loss_loop(generator_logits, labels, discriminator_logits, replaced, attention_mask, *, weight=50.0):
    words, judged = [], []
    for i in range(labels.shape[0]):
        for t in range(labels.shape[1]):
            if labels[i, t] >= 0:
                words.append(-generator_logits[i, t].log_softmax(-1)[labels[i, t]])
            if attention_mask[i, t]:
                target = replaced[i, t].to(discriminator_logits.dtype)
                judged.append(F.binary_cross_entropy_with_logits(discriminator_logits[i, t], target))
    return torch.stack(words).mean() + torch.stack(judged).mean() * weight


REAL = "real = attention_mask.bool()"
TARGET = "replaced[real].to(discriminator_logits.dtype)"
JUDGED = f"""F.binary_cross_entropy_with_logits(
        discriminator_logits[real], {TARGET}
    )"""
SUM = "masked_lm_loss(generator_logits, labels) + weight * judged"
WORDS = "masked_lm_loss(generator_logits, labels)"
#: The cost of every place, wherever it stands.
COSTS = "F.binary_cross_entropy_with_logits(discriminator_logits, replaced.to(discriminator_logits.dtype), reduction='none')"

ELECTRA_LOSS = Exercise(
    solves="unrolled.electra.electra_loss",
    groups={"no padding": 1, "padding": 1, "one token, large scores": 1},
    inputs=electra_loss_inputs,
    probe=differentiate,
    uses=("masked_lm_loss",),
    accepts=(electra_loss_softplus, electra_loss_log_sigmoid, electra_loss_loop),
    misconceptions=(
        Misconception(
            id="judged-where-asked",
            name="the judge is asked only at the hidden places",
            hint="The generator learns from 15 % of the words. From how many does ELECTRA's judge learn, and why is that its point?",
            edits={REAL: "real = labels != -100"},
        ),
        Misconception(
            id="padding-judged",
            name="the judge is asked about padding too",
            hint="Which argument says where there is text?",
            edits={REAL: "real = torch.ones_like(attention_mask).bool()"},
        ),
        Misconception(
            id="divided-by-all-places",
            name="padding adds nothing, but is counted in the division",
            hint="A longer row of padding makes your loss smaller. How many places is the sum divided by?",
            edits={JUDGED: f"({COSTS} * real).mean()"},
        ),
        Misconception(
            id="mean-of-means",
            name="each text is averaged first, and then the averages",
            hint="A token then weighs more in a short text. By what should the whole sum be divided?",
            edits={JUDGED: f"(({COSTS} * real).sum(1) / real.sum(1)).mean()"},
        ),
        Misconception(
            id="summed",
            name="the judge's costs are added up instead of averaged",
            hint="Should a batch with twice as many tokens be twice as bad?",
            edits={JUDGED: f"({COSTS} * real).sum()"},
        ),
        Misconception(
            id="mean-over-asked",
            name="the judge's costs are divided by the number of hidden words",
            hint="All real tokens are judged. How many are they?",
            edits={JUDGED: f"({COSTS} * real).sum() / (labels != -100).sum()"},
        ),
        Misconception(
            id="inverted",
            name="the judge is taught the contrary: 1 for original words",
            hint="A high score should mean suspicion. What do you teach it to say of a replaced word?",
            edits={TARGET: "(~replaced[real]).to(discriminator_logits.dtype)"},
        ),
        Misconception(
            id="asked-for-replaced",
            name="the judge should call every hidden place replaced, lucky hits too",
            hint="Which argument says where the text differs from the original, and do you use it?",
            edits={TARGET: "(labels != -100)[real].to(discriminator_logits.dtype)"},
        ),
        Misconception(
            id="weight-on-the-words",
            name="the weight multiplies the generator's loss instead of the judge's",
            hint="The judge's costs are small numbers, of which most are easy. Which of the two terms needs to be raised?",
            edits={SUM: f"weight * {WORDS} + judged"},
        ),
        Misconception(
            id="weight-forgotten",
            name="the two losses are added without the weight",
            hint="Which argument do you never use?",
            edits={SUM: f"{WORDS} + judged"},
        ),
        Misconception(
            id="weight-fixed",
            name="the weight is always 50",
            hint="That is the default value. Do you use the argument `weight`?",
            edits={"weight * judged": "50.0 * judged"},
        ),
        Misconception(
            id="weight-on-both",
            name="the weight multiplies both losses",
            hint="What would a weight do that multiplies everything? Which term does it belong to?",
            edits={SUM: f"weight * ({WORDS} + judged)"},
        ),
        Misconception(
            id="as-a-gan",
            name="the judge's loss is subtracted, as in a GAN",
            hint="A GAN's generator wants to fool the judge. What does ELECTRA's generator want, and what should the judge's loss do?",
            edits={SUM: f"{WORDS} - weight * judged"},
        ),
        Misconception(
            id="no-generator",
            name="the generator's loss is left out",
            hint="Whose words are judged, if nobody teaches the generator?",
            edits={SUM: "weight * judged"},
        ),
        Misconception(
            id="no-judge",
            name="the judge's loss is left out",
            hint="Which of the two models is kept after the training? Does it learn?",
            edits={SUM: WORDS},
        ),
        Misconception(
            id="sigmoid-twice",
            name="the sigmoid is taken twice",
            hint="`binary_cross_entropy_with_logits` brings its own sigmoid. Who applied the other one?",
            edits={"discriminator_logits[real],": "discriminator_logits[real].sigmoid(),"},
        ),
        Misconception(
            id="log-of-sigmoid",
            name="the logarithm is taken of a sigmoid that has rounded to 0 or 1",
            hint="σ(200) is 1 in float32. What is the logarithm of 1 minus that? Which function starts from the scores?",
            edits={
                JUDGED: "(lambda p, t: -(t * p.log() + (1 - t) * (1 - p).log()).mean())"
                f"(discriminator_logits[real].sigmoid(), {TARGET})"
            },
        ),
        Misconception(
            id="log-clamped",
            name="the cost of a sure mistake is cut off, and teaches nothing: `binary_cross_entropy` after a sigmoid",
            hint="A judge that is sure and wrong should cost as much as it is sure. What is left of 200 after a sigmoid in float32?",
            edits={JUDGED: f"F.binary_cross_entropy(discriminator_logits[real].sigmoid(), {TARGET})"},
        ),
        Misconception(
            id="half-right",
            name="only the replaced words cost anything",
            hint="What would this loss say of a judge that suspects everything?",
            edits={JUDGED: "F.softplus(-discriminator_logits[real & replaced]).sum() / real.sum()"},
        ),
        Misconception(
            id="half-left",
            name="only the original words cost anything",
            hint="What would this loss say of a judge that suspects nothing?",
            edits={JUDGED: "F.softplus(discriminator_logits[real & ~replaced]).sum() / real.sum()"},
        ),
        Misconception(
            id="squared",
            name="the judge's cost is a squared difference instead of a cross-entropy",
            hint="What does a squared difference say of a judge that is sure and wrong, and what a logarithm?",
            edits={JUDGED: f"((discriminator_logits[real].sigmoid() - {TARGET}) ** 2).mean()"},
        ),
        Misconception(
            id="judge-cut-off",
            name="the judge's scores are detached: it learns nothing",
            hint="The value is right, and no gradient reaches the judge. What must stay apart is the way to the generator: where do "
            "replaced words come from?",
            edits={"discriminator_logits[real],": "discriminator_logits[real].detach(),"},
        ),
        Misconception(
            id="every-word-asked",
            name="the generator is asked at all places, as if word 0 were right where nothing is hidden",
            hint="A label of -100 says that nothing is asked. What does your loss take for the right word there?",
            edits={WORDS: "masked_lm_loss(generator_logits, labels.clamp(min=0))"},
        ),
        Misconception(
            id="both-summed",
            name="both losses are sums instead of means",
            hint="Should a batch with twice as many tokens be twice as bad?",
            edits={
                JUDGED: f"({COSTS} * real).sum()",
                WORDS: "F.cross_entropy(generator_logits.flatten(0, 1), labels.flatten(), reduction='sum')",
            },
        ),
        Misconception(
            id="weight-of-the-replaced",
            name="the weight goes to the replaced words, as `pos_weight`",
            hint="`pos_weight` says how much a replaced word counts beside an original one. What should be raised: one kind of word, or the whole second term?",
            edits={
                JUDGED: f"F.binary_cross_entropy_with_logits(discriminator_logits[real], {TARGET}, pos_weight=torch.tensor(weight))",
                "weight * judged": "judged",
            },
        ),
        Misconception(
            id="probabilities-clamped",
            name="the probabilities are kept away from 0 and 1, so that no mistake costs more than 16",
            hint="A judge that is sure and wrong should cost as much as it is sure. What is left of 200 after your clamp?",
            edits={JUDGED: f"F.binary_cross_entropy(discriminator_logits[real].sigmoid().clamp(1e-7, 1 - 1e-7), {TARGET})"},
        ),
    ),
)

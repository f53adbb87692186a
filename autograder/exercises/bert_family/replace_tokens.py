"""`replace_tokens`: The text with the generator's words where they are asked for, and where it now differs."""

import torch

from autograder.common_mistakes import one_maximum_for_all
from autograder.draw import cut, far_apart, integers, normal
from autograder.exercise import Exercise, Misconception


def replace_tokens_inputs(rng):
    """Batch 3, time 7, 11 words; numbers well inside the word's share, some of which hit the original; sure generators."""

    def case(batch=3, time=7, words=11):
        logits = normal(rng, batch, time, words)
        ids = integers(rng, 0, words, batch, time)
        asked = torch.from_numpy(rng.random((batch, time)) < 0.6)
        asked[:, 0], asked[:, -1] = True, False
        drawn = integers(rng, 0, words, batch, time)
        drawn[:, 0] = (ids[:, 0] + 3) % words  # one place of every text is replaced …
        if time > 2:
            asked[:, 1] = True
            drawn[:, 1] = ids[:, 1]  # … and one is hit by luck
            asked[:, 2], drawn[:, 2] = False, (ids[:, 2] + 1) % words
        shares = logits.double().softmax(-1)
        upper = shares.cumsum(-1).gather(-1, drawn[..., None])[..., 0]
        share = shares.gather(-1, drawn[..., None])[..., 0]
        inside = torch.from_numpy(rng.uniform(0.3, 0.7, (batch, time)))
        return {
            "generator_logits": logits,
            "input_ids": ids,
            "asked": asked,
            "uniforms": (upper - inside * share).float(),
        }

    def only(case):
        case["asked"] = torch.ones_like(case["asked"])
        return case

    def certain():
        """Words at both ends that have no probability, and the numbers at both ends of what may be drawn."""
        made = only(case(2, 3, 7))
        made["generator_logits"][..., :2] = made["generator_logits"][..., 5:] = -1e4
        made["uniforms"][0] = torch.tensor([0.0, 1 - 2**-24, 0.0])
        return below_one(made, 0, 1, slice(2, 5))

    def below_one(made, i, t, words=slice(None)):
        """At that place the probabilities add up to a little less than 1, in single precision, and the number to more."""
        row = made["generator_logits"][i, t]
        while not row.softmax(-1).cumsum(-1)[-1] <= 1 - 2**-24:
            row[words] = normal(rng, len(row[words]))
        made["uniforms"][i, t] = 1 - 2**-24
        return made

    apart = only(case())
    apart["generator_logits"] = far_apart(apart["generator_logits"])
    return {
        "drawn": [only(case()), case(), apart],
        "lucky hits": [case(5, 7), cut(case(), 0, *NAMES)],
        "edges": [certain(), below_one(only(case()), 1, 2), cut(case(), 1, *NAMES), cut(cut(case(), 0, *NAMES), 1, *NAMES)],
    }


NAMES = ("generator_logits", "input_ids", "asked", "uniforms")


def replace_tokens_searchsorted(generator_logits, input_ids, asked, uniforms):
    steps = torch.softmax(generator_logits, -1).cumsum(-1)
    steps = steps / steps[..., -1:]
    ids = input_ids.clone()
    drawn = torch.searchsorted(steps, uniforms.unsqueeze(-1), right=True).squeeze(-1)
    ids[asked] = drawn[asked]
    return ids, ~torch.eq(ids, input_ids)


def replace_tokens_first_above(generator_logits, input_ids, asked, uniforms):
    shares = torch.exp(generator_logits - generator_logits.logsumexp(-1, keepdim=True))
    total = shares.sum(-1, keepdim=True)
    above = (shares / total).cumsum(-1) > uniforms[:, :, None]
    above[..., -1] |= False
    last = shares.shape[-1] - 1 - (shares > 0).flip(-1).long().argmax(-1)
    drawn = torch.where(above.any(-1), above.long().argmax(-1), last)
    replaced = asked & (drawn != input_ids)
    return torch.where(replaced, drawn, input_ids), replaced


def replace_tokens_loop(generator_logits, input_ids, asked, uniforms):
    ids, replaced = input_ids.clone(), torch.zeros_like(asked)
    for i, t in asked.nonzero().tolist():
        shares, sum_so_far, chosen = generator_logits[i, t].softmax(0), 0.0, 0
        for word, share in enumerate(shares):
            if share > 0:
                chosen, sum_so_far = word, sum_so_far + share
            if sum_so_far > uniforms[i, t]:
                break
        ids[i, t] = chosen
        replaced[i, t] = chosen != input_ids[i, t]
    return ids, replaced


SOFTMAX = "generator_logits.softmax(-1).cumsum(-1)"
DRAWN = "(cumulative <= uniforms[..., None]).sum(-1)"
WHERE = "torch.where(asked, drawn, input_ids)"

REPLACE_TOKENS = Exercise(
    solves="unrolled.electra.replace_tokens",
    groups={"drawn": 1, "lucky hits": 1, "edges": 1},
    inputs=replace_tokens_inputs,
    accepts=(replace_tokens_searchsorted, replace_tokens_first_above, replace_tokens_loop),
    misconceptions=(
        Misconception(
            id="lucky-hits-replaced",
            name="every place that was asked for counts as replaced, lucky hits too",
            hint="If the generator draws the very word that stood there, could any judge tell?",
            edits={"return ids, ids != input_ids": "return ids, asked"},
        ),
        Misconception(
            id="best-guess",
            name="the generator's most probable word is taken instead of one that is drawn",
            hint="Always the best guess would often be right, and the judge would have little to find. What is the random number "
            "for?",
            edits={DRAWN: "generator_logits.argmax(-1)"},
        ),
        Misconception(
            id="everywhere",
            name="words are drawn at all places, asked for or not",
            hint="15 % of the words are up for replacement. Which argument says which?",
            edits={WHERE: "drawn"},
        ),
        Misconception(
            id="asked-inverted",
            name="words are drawn where they are not asked for",
            hint="torch.where(condition, a, b) takes a where the condition is True. Which of yours is a?",
            edits={WHERE: "torch.where(asked, input_ids, drawn)"},
        ),
        Misconception(
            id="originals-marked",
            name="True marks the words that are still the original ones",
            hint="What should the judge shout at: what is replaced, or what is not?",
            edits={"ids != input_ids": "ids == input_ids"},
        ),
        Misconception(
            id="compared-with-all-drawn",
            name="replaced is also said of places that kept their word, if another was drawn for them",
            hint="At places that are not asked for the drawn word is thrown away. What do you compare with the original: the drawn "
            "words, or the new text?",
            edits={"return ids, ids != input_ids": "return ids, drawn != input_ids"},
        ),
        Misconception(
            id="uniform-words",
            name="all words are equally probable: the generator is not asked",
            hint="Does your draw depend on `generator_logits`? A random word would be found out at once.",
            edits={DRAWN: "(uniforms * generator_logits.shape[-1]).long()"},
        ),
        Misconception(
            id="no-softmax",
            name="the scores are added up as if they were probabilities",
            hint="Scores may be negative. What makes them add up to 1?",
            edits={SOFTMAX: "generator_logits.cumsum(-1)", "    cumulative = cumulative / cumulative[..., -1:]": "    pass"},
        ),
        Misconception(
            id="no-cumulative-sum",
            name="each probability is compared with the random number on its own, without adding them up",
            hint="With eleven words no single probability may exceed 0.9. What does p₀ + … + p_w mean?",
            edits={SOFTMAX: "generator_logits.softmax(-1)", "    cumulative = cumulative / cumulative[..., -1:]": "    pass"},
        ),
        Misconception(
            id="softmax-over-time",
            name="the softmax runs over the places of the text instead of the vocabulary",
            hint="Which probabilities add up to 1: those of all words at one place, or of one word at all places?",
            edits={SOFTMAX: "generator_logits.softmax(1).cumsum(-1)"},
        ),
        one_maximum_for_all(
            "a place",
            {
            "generator_logits.softmax(-1)": (
                "(lambda e: e / e.sum(-1, keepdim=True))((generator_logits - generator_logits.max()).exp())"
            ),
        },
        ),
        Misconception(
            id="softmax-twice",
            name="the softmax is taken twice, which makes all words almost equally probable",
            hint="What goes into a softmax: scores, or probabilities?",
            edits={SOFTMAX: "generator_logits.softmax(-1).softmax(-1).cumsum(-1)"},
        ),
        Misconception(
            id="log-probabilities",
            name="logarithms of probabilities are added up instead of probabilities",
            hint="A sum of logarithms is the logarithm of a product. What should be added up?",
            edits={
                SOFTMAX: "generator_logits.log_softmax(-1).cumsum(-1)",
                "    cumulative = cumulative / cumulative[..., -1:]": "    pass",
            },
        ),
        Misconception(
            id="counted-from-the-end",
            name="the probabilities are added up from the last word",
            hint="With a random number near 0, which word should come out: the first, or the last?",
            edits={DRAWN: "(cumulative <= 1 - uniforms[..., None]).sum(-1)"},
        ),
        Misconception(
            id="by-falling-probability",
            name="the words are first sorted by their probability",
            hint="So does top-p sampling in chapter 10. In which order does the docstring add the probabilities up?",
            edits={
                SOFTMAX: "generator_logits.softmax(-1).sort(-1, descending=True).values.cumsum(-1)",
                DRAWN: (
                    "generator_logits.argsort(-1, descending=True).gather(-1, (cumulative <= uniforms[..., None])"
                    ".sum(-1, keepdim=True))[..., 0]"
                ),
            },
        ),
        Misconception(
            id="one-too-early",
            name="the word before the right one is drawn",
            hint="With a random number below p₀, which word should come out? Which comes out of yours?",
            edits={DRAWN: f"({DRAWN} - 1).clamp(min=0)"},
        ),
        Misconception(
            id="one-too-late",
            name="the word after the right one is drawn",
            hint="With a random number below p₀, which word should come out? Which comes out of yours?",
            edits={DRAWN: f"({DRAWN} + 1).clamp(max=generator_logits.shape[-1] - 1)"},
        ),
        Misconception(
            id="zero-draws-the-impossible",
            name="a random number of exactly 0 draws a word that has no probability",
            hint="If p₀ is 0, is p₀ > 0 true? Which of < and ≤ do you use?",
            edits={"cumulative <= uniforms": "cumulative < uniforms"},
        ),
        Misconception(
            id="one-number-a-text",
            name="all words of a text are drawn with the number of its first",
            hint="uniforms is (batch, time). Does every place have its own?",
            edits={"uniforms[..., None]": "uniforms[:, :1, None]"},
        ),
        Misconception(
            id="one-number-for-all-texts",
            name="all texts are drawn with the numbers of the first",
            hint="uniforms is (batch, time). Does every text have its own?",
            edits={"uniforms[..., None]": "uniforms[:1, :, None]"},
        ),
        Misconception(
            id="written-over",
            name="the original text is written over, so that nothing seems to be replaced",
            hint="What do you compare the new text with, once the old one is gone?",
            edits={f"ids = {WHERE}": "ids = input_ids\n    ids[asked] = drawn[asked]"},
        ),
        Misconception(
            id="numbers-instead-of-truth",
            name="replaced is 1 and 0 instead of True and False",
            hint="What does the signature promise: whole numbers, or truth values?",
            edits={"return ids, ids != input_ids": "return ids, (ids != input_ids).long()"},
        ),
        Misconception(
            id="changed-places",
            name="the two results have changed places",
            hint="What comes first in the signature: the text, or where it was replaced?",
            edits={"return ids, ids != input_ids": "return ids != input_ids, ids"},
        ),
        Misconception(
            id="only-the-text",
            name="only the new text is returned",
            hint="How shall the judge be told which words were replaced?",
            edits={"return ids, ids != input_ids": "return ids"},
        ),
        Misconception(
            id="sum-below-one",
            name="a number next to 1 draws a word that does not exist",
            hint="Added up in float32, the probabilities may reach 0.9999999 only. Which word should the number 0.99999994 draw then?",
            edits={"    cumulative = cumulative / cumulative[..., -1:]": "    pass"},
        ),
        Misconception(
            id="sum-below-one-clamped",
            name="a number next to 1 draws the last word of the vocabulary, even where it has no probability",
            hint="Added up in float32, the probabilities may reach 0.9999999 only. What if the last word's is 0?",
            edits={
                "    cumulative = cumulative / cumulative[..., -1:]": "    pass",
                DRAWN: f"{DRAWN}.clamp(max=generator_logits.shape[-1] - 1)",
            },
        ),
        Misconception(
            id="exponentials-not-divided",
            name="the exponentials of the scores are added up without being divided by their sum",
            hint="Exponentials are positive, but do they add up to 1? What does a softmax do besides?",
            edits={
                SOFTMAX: "generator_logits.exp().cumsum(-1)",
                "    cumulative = cumulative / cumulative[..., -1:]": "    pass",
                DRAWN: f"{DRAWN}.clamp(max=generator_logits.shape[-1] - 1)",
            },
        ),
        Misconception(
            id="original-never-drawn",
            name="the word that stood there is never drawn",
            hint="The generator may hit the original by luck. What does the docstring say of that case?",
            edits={SOFTMAX: "generator_logits.scatter(-1, input_ids[..., None], -torch.inf).softmax(-1).cumsum(-1)"},
        ),
        Misconception(
            id="softmax-over-time-as-it-is",
            name="the softmax runs over the places of the text, so that the words of a place do not add up to 1",
            hint="Which probabilities add up to 1: those of all words at one place, or of one word at all places?",
            edits={
                SOFTMAX: "generator_logits.softmax(1).cumsum(-1)",
                "    cumulative = cumulative / cumulative[..., -1:]": "    pass",
                DRAWN: f"{DRAWN}.clamp(max=generator_logits.shape[-1] - 1)",
            },
        ),
        Misconception(
            id="added-up-over-time",
            name="the probabilities are added up over the places of the text instead of the words",
            hint="Which words does a place choose from? Along which axis do their probabilities lie end to end?",
            edits={
                SOFTMAX: "generator_logits.softmax(-1).cumsum(1)",
                "    cumulative = cumulative / cumulative[..., -1:]": "    pass",
                DRAWN: f"{DRAWN}.clamp(max=generator_logits.shape[-1] - 1)",
            },
        ),
    ),
)

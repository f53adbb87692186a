"""`mask_tokens`: The sentences with some words hidden, and the labels: what stood there, -100 if not asked."""

import math

import numpy as np
import torch

from autograder.exercise import Exercise, Misconception

MARKS, OTHER_MARKS = (0, 4, 5, 6), (17, 28, 3, 11)  # padding, [CLS], [SEP], [MASK]
SHARES = (0.1, 0.15, 0.35, 0.6, 0.8, 0.9, 0.95)  # no random number is close to one of these


def mask_tokens_inputs(rng):
    """Batch 5, time 13, 29 words; each row [CLS] … [SEP] and padding; all kinds of actions occur.

    The marks have the lowest numbers, or stand among the words. Then one token alone; numbers that are exactly a
    limit (in double precision, where all right comparisons agree); all tokens selected, and none. Once the mask stands
    in the text and is not special, and once a random word is.
    """

    def uniforms(*shape, low=0.0, high=1.0):
        u = rng.uniform(low, high, shape)
        for share in SHARES:
            u = np.where(np.abs(u - share) < 0.005, share + 0.01, u)
        return np.clip(u, low, high - 1e-6)

    def case(chosen, padded=True, marks=MARKS, **probability):
        pad, cls, sep, mask = marks
        ids = rng.choice(np.setdiff1d(np.arange(29), marks), (5, 13))
        ids[:, 0] = cls
        lengths = rng.permutation([13, 11, 7, 5, 12]) if padded else np.full(5, 13)
        for row, length in zip(ids, lengths, strict=True):
            row[length - 1], row[length:] = sep, pad
        choice, action = uniforms(5, 13), uniforms(5, 13)
        limit = probability.get("probability", 0.15)
        # So many words are selected for certain, and about a third of all specials would be if they might.
        free = np.argwhere(~np.isin(ids, marks))
        for i, (b, t) in enumerate(rng.permutation(free)[:chosen]):
            choice[b, t] = rng.uniform(0.01, min(0.09, limit))
            action[b, t] = (0.3, 0.845, 0.93, 0.7, 0.05, 0.97, 0.87, 0.5)[i % 8]
        special = np.argwhere(np.isin(ids, marks))
        for b, t in rng.permutation(special)[:9]:
            choice[b, t] = 0.05
        choice[rng.integers(5), 0] = 0.04  # a [CLS] for certain
        for row, length in zip(choice, lengths, strict=True):
            row[length:] = 0.03
        word = rng.integers(0, 29, (5, 13))
        word = np.where(word == ids, (ids + 1) % 29, word)  # the word that stands there anyway would say nothing
        word = (word + rng.uniform(0.1, 0.9, (5, 13))) / 29
        return {
            "input_ids": torch.from_numpy(ids),
            "special_ids": list(marks),
            "mask_id": mask,
            "vocabulary": 29,
            "uniforms": torch.from_numpy(np.stack([choice, action, word])).float(),
        } | probability

    def tokens(ids, numbers, **probability):
        """Words without marks, and their three numbers."""
        return {
            "input_ids": torch.from_numpy(ids),
            "special_ids": [2, 1],
            "mask_id": 1,
            "vocabulary": 29,
            "uniforms": torch.from_numpy(numbers),
        } | probability

    alone = tokens(rng.integers(7, 20, (1, 1)), np.array([[[0.1]], [[0.85]], [[rng.uniform(0.8, 0.9)]]]))
    limits = rng.permutation(
        [(0.25, 0.3, 0.5), (0.2, 0.8, 0.5), (0.1, 0.9, 0.5), (0.0, 0.85, 0.0), (0.1, 0.8, 1 - 1e-9)]
    )
    on_a_limit = tokens(rng.integers(7, 14, (1, 5)), limits.T[:, None], probability=0.25)
    drawn = np.array([[[0.1] * 3], [[0.85] * 3], [[2.5 / 29, 1.5 / 29, 0.5]]])  # two random words are special ones
    few, numbers = rng.integers(7, 29, (2, 3)), uniforms(3, 2, 3)
    numbers[0] = rng.permutation([0.05, 0.3, 0.6, 0.85, 0.92, 0.97]).reshape(2, 3)  # a first number is no second one
    return {
        "no padding": [case(14, padded=False), alone, tokens(rng.integers(7, 14, (1, 3)), drawn)],
        "padding": [case(14), case(11, marks=OTHER_MARKS)],
        "another probability": [
            case(14, marks=OTHER_MARKS, probability=0.35),
            case(11, probability=0.6),
            on_a_limit,
            tokens(few, numbers, probability=1.0) | {"special_ids": [], "mask_id": int(few[0, 0])},
            tokens(few, numbers, probability=0.0),
        ],
    }


def mask_tokens_loop(input_ids, special_ids, mask_id, vocabulary, uniforms, probability=0.15):
    masked, labels = input_ids.tolist(), []
    for b, row in enumerate(input_ids.tolist()):
        labels.append([])
        for t, token in enumerate(row):
            choice, action, word = uniforms[:, b, t].tolist()
            if choice >= probability or token in special_ids:
                labels[-1].append(-100)
                continue
            labels[-1].append(token)
            if action < 0.8:
                masked[b][t] = mask_id
            elif action < 0.9:
                masked[b][t] = math.floor(word * vocabulary)
    return torch.tensor(masked), torch.tensor(labels)


def mask_tokens_like_huggingface(input_ids, special_ids, mask_id, vocabulary, uniforms, probability=0.15):
    masked, labels = input_ids.clone(), input_ids.clone()
    chances = torch.full(labels.shape, probability)
    for special in special_ids:
        chances.masked_fill_(input_ids == special, 0.0)
    selected = uniforms[0] < chances
    labels[~selected] = -100
    hidden = selected & (uniforms[1] < 0.8)
    masked[hidden] = mask_id
    replaced = selected & ~hidden & (uniforms[1] < 0.9)
    masked[replaced] = (uniforms[2] * vocabulary).long()[replaced]
    return masked, labels


def _by_position(input_ids, special_ids, mask_id, vocabulary, uniforms, probability=0.15):
    """Of the selected, counted through the batch, the first 80 % are hidden and the next 10 % replaced."""
    special = torch.isin(input_ids, torch.tensor(special_ids))
    selected = (uniforms[0] < probability) & ~special
    masked, labels = input_ids.clone(), torch.where(selected, input_ids, -100)
    places = selected.nonzero()
    for i, (b, t) in enumerate(places.tolist()):
        if i < 0.8 * len(places):
            masked[b, t] = mask_id
        elif i < 0.9 * len(places):
            masked[b, t] = int(uniforms[2, b, t] * vocabulary)
    return masked, labels


def _one_tensor(input_ids, special_ids, mask_id, vocabulary, uniforms, probability=0.15):
    """`labels = input_ids`, and then both are written into."""
    masked, labels = mask_tokens_like_huggingface(input_ids, special_ids, mask_id, vocabulary, uniforms, probability)
    input_ids.copy_(torch.where(labels == -100, labels, masked))
    return input_ids, input_ids


RETURN = "torch.where(selected, changed, input_ids)"
LABELS = "torch.where(selected, input_ids, -100)"
SELECTED = "selected = (choice < probability) & ~special"

MASK_TOKENS = Exercise(
    solves="unrolled.masked_lm.mask_tokens",
    groups={"no padding": 1, "padding": 2, "another probability": 1},
    inputs=mask_tokens_inputs,
    accepts=(mask_tokens_loop, mask_tokens_like_huggingface),
    misconceptions=(
        Misconception(
            id="labels-everywhere",
            name="every token has a label, not only the selected ones",
            hint="Then the model is also asked for words that it sees: a copy is a perfect answer. Where is nothing asked?",
            edits={LABELS: "input_ids.clone()"},
        ),
        Misconception(
            id="labels-on-all-words",
            name="every word but the special tokens has a label",
            hint="The special tokens have none: good. But what is learnt at a word that stands there for all to see?",
            edits={LABELS: "torch.where(special, -100, input_ids)"},
        ),
        Misconception(
            id="labels-only-where-hidden",
            name="only tokens that became mask_id have a label",
            hint="A tenth of the selected stays and a tenth is replaced. Why do that, if nobody asks what belongs there?",
            edits={LABELS: "torch.where(selected & (action < 0.8), input_ids, -100)"},
        ),
        Misconception(
            id="labels-only-where-changed",
            name="selected tokens that stay as they are have no label",
            hint="If only changed words are asked for, a word that looks right always is. Should the model be so sure?",
            edits={LABELS: "torch.where(selected & (action < 0.9), input_ids, -100)"},
        ),
        Misconception(
            id="labels-of-the-masked",
            name="the labels are what stands there now, not what stood there",
            hint="What is the right answer at a [MASK]: [MASK]?",
            edits={LABELS: "torch.where(selected, changed, -100)"},
        ),
        Misconception(
            id="labels-inverted",
            name="the selected tokens have no label, and all others have one",
            hint="The loss is taken where the label is not -100. Where do you want it?",
            edits={LABELS: "torch.where(selected, -100, input_ids)"},
        ),
        Misconception(
            id="labels-padding-zero",
            name="places where nothing is asked have the label 0 instead of -100",
            hint="0 is the number of a word. Which number does the loss leave out?",
            edits={LABELS: "torch.where(selected, input_ids, 0)"},
        ),
        Misconception(
            id="labels-minus-one",
            name="places where nothing is asked have the label -1 instead of -100",
            hint="Any number that is no word's would do, if all agree. Which one do PyTorch's losses leave out?",
            edits={LABELS: "torch.where(selected, input_ids, -1)"},
        ),
        Misconception(
            id="one-tensor",
            name="labels and sentences are one and the same tensor",
            hint="`labels = input_ids` copies nothing: both names mean one tensor. When you write -100 into one, what "
            "becomes of the other?",
            answer=_one_tensor,
        ),
        Misconception(
            id="specials-selected",
            name="special tokens and padding are selected too",
            hint="What is there to be learnt from a hidden [CLS], which every text begins with? Where do you use special_ids?",
            edits={SELECTED: "selected = choice < probability"},
        ),
        Misconception(
            id="padding-selected",
            name="the padding is selected like a word",
            hint="[CLS] and [SEP] are left alone in yours. Is the padding among the special_ids, whatever its number?",
            edits={"torch.tensor(special_ids, device=input_ids.device)": "torch.tensor(special_ids[1:])"},
        ),
        Misconception(
            id="marks-selected",
            name="the padding is left alone, but [CLS] and [SEP] are selected",
            hint="special_ids names several tokens. Which of them can be selected in yours?",
            edits={
                "special = torch.isin(input_ids, torch.tensor(special_ids, device=input_ids.device))": (
                    "special = input_ids == special_ids[0]"
                )
            },
        ),
        Misconception(
            id="always-hidden",
            name="every selected token becomes mask_id",
            hint="When the model is used, no text has a [MASK] in it. What is done with the other 20 %?",
            edits={"torch.where(action < 0.8, mask_id, changed)": "torch.full_like(input_ids, mask_id)"},
        ),
        Misconception(
            id="by-position",
            name="of the selected tokens the first 80 % are hidden and the next 10 % replaced, in their order",
            hint="Then the model learns that early words are hidden and late ones are not. Which number decides for each "
            "token on its own?",
            answer=_by_position,
        ),
        Misconception(
            id="exact-share",
            name="exactly the given share of each row is selected",
            hint="Draws that are independent do not always give 15 %; sometimes a row has none. Is each token compared with "
            "`probability` on its own?",
            edits={
                SELECTED: "shares = choice.argsort(1).argsort(1) < int(probability * choice.shape[1])\n"
                "    selected = shares & ~special"
            },
        ),
        Misconception(
            id="nothing-replaced",
            name="what is not hidden stays as it is: 80/0/20",
            hint="Which tokens get a random word? Between which two numbers must the second one be?",
            edits={"torch.where(action < 0.9, (word * vocabulary).long(), input_ids)": "input_ids"},
        ),
        Misconception(
            id="nothing-stays",
            name="what is not hidden is replaced by a random word: 80/20/0",
            hint="Some selected tokens stay as they are, so that a word one sees is worth something. Which?",
            edits={
                "torch.where(action < 0.9, (word * vocabulary).long(), input_ids)": "(word * vocabulary).long()",
            },
        ),
        Misconception(
            id="replaced-and-left-swapped",
            name="the tokens that stay and those that are replaced are exchanged",
            hint="Which of the two happens from 0.9 on?",
            edits={
                "action < 0.9, (word * vocabulary).long(), input_ids": "action < 0.9, input_ids, (word * vocabulary).long()"
            },
        ),
        Misconception(
            id="replaced-over-hidden",
            name="the tokens already hidden are replaced by random words as well",
            hint="A number below 0.8 is also below 0.9. Which tokens do you write the random words into?",
            edits={"torch.where(action < 0.8, mask_id, changed)": "changed"},
        ),
        Misconception(
            id="hidden-from-the-other-end",
            name="the 80 % that are hidden are those with the largest numbers",
            hint="Both would be as random. But here the numbers are given: what happens below 0.8?",
            edits={"action < 0.8": "action >= 0.2", "action < 0.9": "action >= 0.1"},
        ),
        Misconception(
            id="selected-above",
            name="tokens are selected whose number is *above* the probability",
            hint="How many of 100 tokens do you select? Is a uniform number below 0.15 in 15 % of all cases, or above it?",
            edits={"choice < probability": "choice > probability"},
        ),
        Misconception(
            id="probability-fixed",
            name="15 % are selected whatever the argument says",
            hint="The function has an argument `probability`. Where do you use it?",
            edits={"choice < probability": "choice < 0.15"},
        ),
        Misconception(
            id="one-number-for-both",
            name="the first number decides about both selection and action",
            hint="A selected token's first number is small, always. What does then happen to it each time? Which number is "
            "there for the action?",
            edits={
                "torch.where(action < 0.9,": "torch.where(choice < 0.9 * probability,",
                "torch.where(action < 0.8,": "torch.where(choice < 0.8 * probability,",
            },
        ),
        Misconception(
            id="first-number-twice",
            name="the first number is compared with 0.8 and 0.9, too, instead of the second",
            hint="A selected token's first number is below 0.15. How often is it above 0.8? Which number is there for the action?",
            edits={"choice, action, word = uniforms": "choice, action, word = uniforms[0], uniforms[0], uniforms[2]"},
        ),
        Misconception(
            id="everything-acted-on",
            name="tokens that were not selected are hidden and replaced as well",
            hint="What becomes of a word whose label is -100: may it change?",
            edits={RETURN: "torch.where(special, input_ids, changed)"},
        ),
        Misconception(
            id="random-word-not-a-mark",
            name="the random word is drawn from the ordinary words only",
            hint="A reasonable thing to do. Here, as in Hugging Face's collator, it may be *any* of the vocabulary, marks "
            "included: which range has ⌊u · vocabulary⌋?",
            edits={"(word * vocabulary).long()": "(len(special_ids) + word * (vocabulary - len(special_ids))).long()"},
        ),
        Misconception(
            id="random-word-rounded",
            name="the random word's number is rounded instead of cut off",
            hint="With 20 words, which is the largest number a word can have? Which do you get for u = 0.99?",
            edits={"(word * vocabulary).long()": "(word * vocabulary).round().long()"},
        ),
        Misconception(
            id="random-word-spread",
            name="the random word's number is u · (vocabulary − 1), rounded",
            hint="The first and the last word then come half as often as the others. Which range has ⌊u · vocabulary⌋, if u "
            "is below 1?",
            edits={"(word * vocabulary).long()": "(word * (vocabulary - 1)).round().long()"},
        ),
        Misconception(
            id="random-word-rounded-up",
            name="the random word's number is rounded up instead of cut off",
            hint="Which number do you get for u = 0.99 and 20 words, and is there such a word? And for which u would word 0 come?",
            edits={"(word * vocabulary).long()": "(word * vocabulary).ceil().long()"},
        ),
        Misconception(
            id="last-word-never",
            name="the random word's number is ⌊u · (vocabulary − 1)⌋: the last word never comes",
            hint="u is below 1. How large can ⌊u · 20⌋ be, and ⌊u · 19⌋?",
            edits={"(word * vocabulary).long()": "(word * (vocabulary - 1)).long()"},
        ),
        Misconception(
            id="random-word-not-whole",
            name="the random word's number is a float, and with it the whole result",
            hint="`floor` cuts off, but what is the dtype of its result? What do the embeddings want?",
            edits={"(word * vocabulary).long()": "(word * vocabulary).floor()"},
        ),
        Misconception(
            id="action-and-word-swapped",
            name="the second number draws the random word and the third says what happens",
            hint="`choice, action, word`: in which order do the three come?",
            edits={"choice, action, word = uniforms": "choice, word, action = uniforms"},
        ),
        Misconception(
            id="choice-and-action-swapped",
            name="the second number selects and the first says what happens",
            hint="`choice, action, word`: in which order do the three come?",
            edits={"choice, action, word = uniforms": "action, choice, word = uniforms"},
        ),
        Misconception(
            id="replaced-below-a-tenth",
            name="a number below 0.1 replaces the word, and one from 0.1 to 0.9 hides it",
            hint="That gives 10 % and 80 % as well. But here the numbers are given: what happens from 0.8 on?",
            edits={
                "action < 0.9, (word * vocabulary).long(), input_ids": (
                    "action < 0.1, (word * vocabulary).long(), torch.where(action < 0.9, mask_id, input_ids)"
                ),
                "torch.where(action < 0.8, mask_id, changed)": "changed",
            },
        ),
        Misconception(
            id="hidden-without-selection",
            name="every token whose second number is below 0.8 is hidden, selected or not",
            hint="What becomes of a word whose label is -100: may it change? Which tokens does the second number concern?",
            edits={RETURN: "torch.where(selected | (action < 0.8), changed, input_ids)"},
        ),
        Misconception(
            id="hidden-as-zero",
            name="hidden words become 0 instead of mask_id",
            hint="0 is another token's number. Which argument says what a hidden word becomes?",
            edits={"action < 0.8, mask_id, changed": "action < 0.8, 0, changed"},
        ),
        Misconception(
            id="only-specials-selected",
            name="only special tokens are selected",
            hint="Where `torch.isin` is True, there stands a special token. Which ones do you want?",
            edits={"& ~special": "& special"},
        ),
        Misconception(
            id="specials-of-the-example",
            name="0, 4 and 5 are taken for the special tokens, as in the example",
            hint="Another vocabulary has other marks. Which argument names them?",
            edits={"torch.tensor(special_ids, device=input_ids.device)": "torch.tensor([0, 4, 5])"},
        ),
        Misconception(
            id="low-numbers-are-special",
            name="all numbers up to the largest special one are taken for special",
            hint="Special tokens may stand anywhere in the vocabulary. What of an ordinary word with a lower number?",
            edits={
                "special = torch.isin(input_ids, torch.tensor(special_ids, device=input_ids.device))": (
                    "special = input_ids <= max(special_ids, default=-1)"
                )
            },
        ),
        Misconception(
            id="first-text-only",
            name="only the first text of the batch is worked on",
            hint="There are several rows. Does a `return` or an index stop you after the first?",
            edits={SELECTED: f"{SELECTED} & (torch.arange(len(input_ids)) == 0)[:, None]"},
        ),
        Misconception(
            id="selected-at-the-limit",
            name="a token is selected, too, if its number is exactly `probability`",
            hint="With probability 0, could a token still be selected? Is it “below” or “at most”?",
            edits={"choice < probability": "choice <= probability"},
        ),
        Misconception(
            id="hidden-at-the-limit",
            name="a word is hidden, too, if its second number is exactly 0.8",
            hint="Which of the two begins at 0.8: what is hidden ends below it, or the random word after it?",
            edits={"action < 0.8": "action <= 0.8"},
        ),
        Misconception(
            id="replaced-at-the-limit",
            name="a word is replaced, too, if its second number is exactly 0.9",
            hint="From 0.9 on a word stays. Is 0.9 itself among them?",
            edits={"action < 0.9": "action <= 0.9"},
        ),
        Misconception(
            id="random-word-from-the-sentence",
            name="the random word is the word before it, taken from the text itself",
            hint="The word is drawn from the whole vocabulary. Which random number is there for it?",
            edits={"(word * vocabulary).long()": "input_ids.roll(1, dims=1)"},
        ),
        Misconception(
            id="in-place",
            name="the given input_ids are overwritten",
            hint="The caller still needs the words that were there. Which line writes into them?",
            edits={
                f"return {RETURN}, {LABELS}": f"labels = {LABELS}\n    input_ids.copy_({RETURN})\n    return input_ids, labels"
            },
        ),
        Misconception(
            id="labels-after-writing",
            name="the labels are read after the words have been overwritten",
            hint="`masked = input_ids` copies nothing. What stands in input_ids when you make the labels?",
            edits={RETURN: f"input_ids.copy_({RETURN})"},
        ),
        Misconception(
            id="order-of-the-result",
            name="the labels are returned first",
            hint="Look at the docstring's example: which of the two tensors comes first?",
            edits={f"{RETURN}, {LABELS}": f"{LABELS}, {RETURN}"},
        ),
        Misconception(
            id="parts-in-another-order",
            name="the lowest tenth of the second numbers replaces, the next tenth keeps, and the rest hides",
            hint="The shares are right, but the docstring says which numbers do what. What should happen at 0.05, and "
            "what at 0.95?",
            edits={
                "action < 0.9": "action < 0.1",
                "action < 0.8": "action >= 0.2",
            },
        ),
        Misconception(
            id="lowest-numbers-special",
            name="the lowest numbers are taken for the special tokens",
            hint="Often they are the lowest, but the docstring says: any numbers. Do you ask whether an id is one of "
            "special_ids?",
            edits={
                "torch.isin(input_ids, torch.tensor(special_ids, device=input_ids.device))": (
                    "input_ids < len(special_ids)"
                ),
            },
        ),
        Misconception(
            id="third-number-decides",
            name="the third number decides whether a token that is not hidden becomes a random word",
            hint="Hugging Face's collator draws once more there. Here the third number only draws the word: which one "
            "says what becomes of a token?",
            edits={
                "action < 0.9": "word < 0.5",
            },
        ),
        Misconception(
            id="all-limits-included",
            name="a number that is exactly a limit counts as below it, everywhere",
            hint="“Below” does not include the limit itself. What should happen at exactly `probability`, 0.8 and 0.9?",
            edits={
                "choice < probability": "choice <= probability",
                "action < 0.9": "action <= 0.9",
                "action < 0.8": "action <= 0.8",
            },
        ),
        Misconception(
            id="mask-itself-spared",
            name="a token that is the mask already is never selected",
            hint="Which tokens are spared, by the docstring? Is `mask_id` one of them if `special_ids` does not name it?",
            edits={SELECTED: f"{SELECTED} & (input_ids != mask_id)"},
        ),
        Misconception(
            id="special-word-drawn-again",
            name="the mask stands where the random word would be a special one",
            hint="“Any word at all.” Does anybody look at which word it is?",
            edits={
                "(word * vocabulary).long()": (
                    "(lambda w: torch.where(torch.isin(w, torch.tensor(special_ids)), mask_id, w))((word * vocabulary).long())"
                )
            },
        ),
    ),
)

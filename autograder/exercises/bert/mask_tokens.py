"""`mask_tokens`: The sentences with some words hidden, and the labels: what stood there, -100 if not asked."""

import math

import numpy as np
import torch

from autograder.exercise import Exercise, Misconception

SPECIAL_IDS, MASK_ID = [0, 4, 5, 6], 6
SHARES = (0.1, 0.15, 0.35, 0.6, 0.8, 0.9, 0.95)  # no random number is close to one of these


def mask_tokens_inputs(rng):
    """Batch 5, time 13, 29 words; each row [CLS] … [SEP] and padding; all kinds of actions occur."""

    def uniforms(*shape, low=0.0, high=1.0):
        u = rng.uniform(low, high, shape)
        for share in SHARES:
            u = np.where(np.abs(u - share) < 0.005, share + 0.01, u)
        return np.clip(u, low, high - 1e-6)

    def case(chosen, padded=True, **probability):
        ids = rng.integers(7, 29, (5, 13))
        ids[:, 0] = 4
        lengths = rng.permutation([13, 11, 7, 5, 12]) if padded else np.full(5, 13)
        for row, length in zip(ids, lengths, strict=True):
            row[length - 1], row[length:] = 5, 0
        choice, action = uniforms(5, 13), uniforms(5, 13)
        limit = probability.get("probability", 0.15)
        # So many words are selected for certain, and about a third of all specials would be if they might.
        free = np.argwhere(ids > 6)
        for i, (b, t) in enumerate(rng.permutation(free)[:chosen]):
            choice[b, t] = rng.uniform(0.01, min(0.09, limit))
            action[b, t] = (0.3, 0.845, 0.93, 0.7, 0.5, 0.97, 0.87)[i % 7]
        special = np.argwhere(ids < 7)
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
            "special_ids": list(SPECIAL_IDS),
            "mask_id": MASK_ID,
            "vocabulary": 29,
            "uniforms": torch.from_numpy(np.stack([choice, action, word])).float(),
        } | probability

    return {
        "no padding": [case(14, padded=False)],
        "padding": [case(14), case(11)],
        "another probability": [case(14, probability=0.35), case(11, probability=0.6)],
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


def _exact_share(input_ids, special_ids, mask_id, vocabulary, uniforms, probability=0.15):
    """In every row exactly the share of its words with the smallest numbers."""
    special = torch.isin(input_ids, torch.tensor(special_ids))
    selected = torch.zeros_like(special)
    for row, numbers, is_special in zip(selected, uniforms[0], special, strict=True):
        numbers = numbers.masked_fill(is_special, 2.0)
        row[numbers.argsort()[: round(probability * (~is_special).sum().item())]] = True
    return mask_tokens_loop(
        input_ids, special_ids, mask_id, vocabulary, torch.stack([(~selected).float(), *uniforms[1:]]), probability
    )


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
            hint="[CLS] and [SEP] are left alone in yours. Is the padding, number 0, among the special_ids?",
            edits={"torch.tensor(special_ids, device=input_ids.device)": "torch.tensor([i for i in special_ids if i])"},
        ),
        Misconception(
            id="marks-selected",
            name="the padding is left alone, but [CLS] and [SEP] are selected",
            hint="special_ids names several tokens. Which of them can be selected in yours?",
            edits={"torch.tensor(special_ids, device=input_ids.device)": "torch.tensor(special_ids[:1])"},
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
            answer=_exact_share,
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
            edits={"(word * vocabulary).long()": "(7 + word * (vocabulary - 7)).long()"},
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
            id="order-of-the-result",
            name="the labels are returned first",
            hint="Look at the docstring's example: which of the two tensors comes first?",
            edits={f"{RETURN}, {LABELS}": f"{LABELS}, {RETURN}"},
        ),
    ),
)

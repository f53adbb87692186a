"""`option_scores`: How well each option goes on from the prompt: the mean log-probability of its own tokens."""

import torch
import torch.nn.functional as F

from autograder.draw import integers, normal
from autograder.exercise import Exercise, Misconception
from autograder.probes import differentiate


def option_inputs(rng):
    """Three and five options of unlike lengths after prompts of one token and more; one option alone; large logits."""

    def case(options, prompt_length, lengths, vocabulary=11, scale=1.5):
        time = max(lengths) + 1  # there is padding even in the longest
        ids = integers(rng, 1, vocabulary, options, time)
        ids[:, :prompt_length] = ids[0, :prompt_length].clone()
        for row, length in zip(ids, lengths, strict=True):
            row[length:] = 0
        return {
            "logits": normal(rng, options, time, vocabulary, scale=scale),
            "input_ids": ids,
            "prompt_length": prompt_length,
            "lengths": torch.tensor(lengths),
        }

    several = case(3, 2, [6, 3, 5])
    several["input_ids"][0, 2:4], several["input_ids"][1, 3:] = 0, 7  # 0 is a token, and padding any number
    full = case(2, 2, [6, 6], vocabulary=5)
    full["logits"], full["input_ids"] = full["logits"][:, :6].clone(), full["input_ids"][:, :6].clone()
    return {
        "options of one length": [case(3, 2, [5, 5, 5]), full, case(2, 4, [5, 5], vocabulary=13)],
        "options of unlike lengths": [several, case(5, 1, [2, 7, 4, 3, 6], vocabulary=7), case(1, 3, [7])],
        "large scores": [case(3, 3, [7, 5, 4], scale=120.0)],
    }


def option_refuses(rng):
    def case(prompt_length, lengths):
        return {
            "logits": normal(rng, len(lengths), 7, 5),
            "input_ids": integers(rng, 0, 5, len(lengths), 7),
            "prompt_length": prompt_length,
            "lengths": torch.tensor(lengths),
        }

    return [case(0, [5, 6]), case(3, [5, 3, 7]), case(4, [3, 7])]


def _checked(prompt_length, lengths):
    if prompt_length < 1:
        raise ValueError(f"prompt_length is {prompt_length}; expected at least 1")
    if (lengths <= prompt_length).any():
        raise ValueError(f"lengths is {lengths.tolist()}; expected more than {prompt_length} in each")


def option_scores_one_by_one(logits, input_ids, prompt_length, lengths):
    _checked(prompt_length, lengths)
    scores = []
    for row, ids, length in zip(logits, input_ids, lengths.tolist(), strict=True):
        own = [torch.log_softmax(row[t - 1], -1)[ids[t]] for t in range(prompt_length, length)]
        scores.append(torch.stack(own).mean())
    return torch.stack(scores)


def option_scores_as_a_loss(logits, input_ids, prompt_length, lengths):
    _checked(prompt_length, lengths)
    scores = []
    for i in range(len(lengths)):
        labels = input_ids[i, prompt_length : lengths[i]]
        scores.append(-F.cross_entropy(logits[i, prompt_length - 1 : lengths[i] - 1], labels))
    return torch.stack(scores)


def option_scores_with_a_mask(logits, input_ids, prompt_length, lengths):
    _checked(prompt_length, lengths)
    places = torch.arange(input_ids.shape[1])
    labels = input_ids.masked_fill((places < prompt_length) | (places >= lengths[:, None]), -100)
    losses = F.cross_entropy(logits[:, :-1].transpose(1, 2), labels[:, 1:], reduction="none")
    return -losses.sum(1) / (lengths - prompt_length)


LOGS, OWN = "logits[:, :-1].log_softmax(dim=-1)", "(places >= prompt_length) & (places < lengths[:, None])"
IDS, RESULT = "input_ids[:, 1:, None]", "of_tokens.masked_fill(~own, 0.0).sum(dim=1) / own.sum(dim=1)"

OPTION_SCORES = Exercise(
    solves="unrolled.in_context.option_scores",
    groups={"options of one length": 1, "options of unlike lengths": 1, "large scores": 1},
    inputs=option_inputs,
    promises_in="options of unlike lengths",
    refuses=option_refuses,
    probe=differentiate,
    accepts=(option_scores_one_by_one, option_scores_as_a_loss, option_scores_with_a_mask),
    exempt={"time 1": "an option needs a token of its own after a prompt of at least one"},
    misconceptions=(
        Misconception(
            id="sum",
            name="the log-probabilities are added up and not averaged",
            hint="Every further token makes a sum smaller. Which options win then, whatever they say?",
            edits={RESULT: "of_tokens.masked_fill(~own, 0.0).sum(dim=1)"},
        ),
        Misconception(
            id="prompt-scored",
            name="the tokens of the prompt are scored as well",
            hint="They are the same in all rows. Which tokens tell the options apart?",
            edits={OWN: "(places < lengths[:, None])"},
        ),
        Misconception(
            id="no-shift",
            name="the logits at place t are taken for the token at t",
            hint="When the model reads the token at t, which one does it not know yet?",
            edits={LOGS: "logits[:, 1:].log_softmax(dim=-1)"},
        ),
        Misconception(
            id="backwards",
            name="the logits at place t are taken for the token before it",
            hint="The token at t − 1 has been read already. Which one do the logits at t predict?",
            edits={LOGS: "logits[:, 1:].log_softmax(dim=-1)", IDS: "input_ids[:, :-1, None]"},
        ),
        Misconception(
            id="one-too-few",
            name="the first token of each option is not scored",
            hint="The logits at the prompt's last token predict which one? Is it the option's own?",
            edits={"places >= prompt_length": "places > prompt_length", RESULT: "of_tokens.masked_fill(~own, 0.0).sum(dim=1) / own.sum(dim=1).clamp(min=1)"},
        ),
        Misconception(
            id="one-too-many",
            name="the last token of the prompt is scored as well",
            hint="With a prompt of three tokens, at which place does the option begin?",
            edits={"places >= prompt_length": "places >= prompt_length - 1"},
        ),
        Misconception(
            id="zero-is-padding",
            name="tokens count where they are not 0, whatever lengths says",
            hint="0 may be a token like any other, and padding may be any number. Which argument says where an option ends?",
            edits={"(places < lengths[:, None])": "(input_ids[:, 1:] != 0)"},
        ),
        Misconception(
            id="padding-scored",
            name="padding is scored as well",
            hint="After the real tokens of a row there may be others. What says how many are real?",
            edits={OWN: "(places >= prompt_length).expand(len(lengths), -1)"},
        ),
        Misconception(
            id="first-padding-scored",
            name="the first token of the padding is scored as well",
            hint="A row of length 5 has its last real token at which place?",
            edits={"places < lengths[:, None]": "places <= lengths[:, None]"},
        ),
        Misconception(
            id="last-left-out",
            name="the last token of each option is not scored",
            hint="A row of length 5 has its last real token at which place?",
            edits={"places < lengths[:, None]": "places < lengths[:, None] - 1", RESULT: "of_tokens.masked_fill(~own, 0.0).sum(dim=1) / own.sum(dim=1).clamp(min=1)"},
        ),
        Misconception(
            id="mean-over-all-places",
            name="the sum is divided by all places of the row",
            hint="How many tokens have you added up? Is it the same number in each row?",
            edits={RESULT: "of_tokens.masked_fill(~own, 0.0).mean(dim=1)"},
        ),
        Misconception(
            id="divided-by-the-length",
            name="the sum is divided by the row's length, the prompt included",
            hint="How many tokens have you added up? How many of a row's tokens are the prompt's?",
            edits={RESULT: "of_tokens.masked_fill(~own, 0.0).sum(dim=1) / lengths"},
        ),
        Misconception(
            id="losses",
            name="the sign is turned: the mean loss",
            hint="Which option should have the highest score: the likeliest, or the most surprising?",
            edits={RESULT: f"-({RESULT})"},
        ),
        Misconception(
            id="probabilities",
            name="probabilities are averaged instead of their logarithms",
            hint="The probability of an option is a product over its tokens. What becomes of a product under a logarithm?",
            edits={LOGS: "logits[:, :-1].softmax(dim=-1)"},
        ),
        Misconception(
            id="probability-of-the-option",
            name="the exponential is taken of the mean",
            hint="Which unit is promised: nats, or probabilities?",
            edits={RESULT: f"({RESULT}).exp()"},
        ),
        Misconception(
            id="logarithm-of-a-rounded-0",
            name="the logarithm is taken of a softmax that is rounded to 0",
            hint="What is the logarithm of 0? Which of torch's functions does both at once?",
            edits={LOGS: "logits[:, :-1].softmax(dim=-1).log()"},
        ),
        Misconception(
            id="logits-averaged",
            name="the logits themselves are averaged",
            hint="Adding 1 to all logits of a place changes no probability. Does it change your scores?",
            edits={LOGS: "logits[:, :-1]"},
        ),
        Misconception(
            id="softmax-over-time",
            name="the softmax goes over the places instead of the vocabulary",
            hint="What should add up to 1: one word's probabilities over all places, or all words' at one place?",
            edits={LOGS: "logits[:, :-1].log_softmax(dim=1)"},
        ),
        Misconception(
            id="bits",
            name="the scores are in bits",
            hint="Which unit is promised, and which logarithm belongs to it?",
            edits={RESULT: f"({RESULT}) / 0.6931471805599453"},
        ),
        Misconception(
            id="options-normalised",
            name="the scores are made log-probabilities of the options",
            hint="With a single option, what comes out of yours? Is that a property of the option?",
            edits={RESULT: f"({RESULT}).log_softmax(dim=0)"},
        ),
        Misconception(
            id="no-gradient",
            name="no gradient goes through the scores",
            hint="Somebody may want to train on them. What do `detach`, `item` and `no_grad` do?",
            edits={RESULT: f"({RESULT}).detach()"},
        ),
        Misconception(
            id="no-prompt-accepted",
            name="an empty prompt is not refused by name",
            hint="Which logits would predict the first token? Which exception is promised?",
            edits={"if prompt_length < 1:": "if False:"},
        ),
        Misconception(
            id="empty-options-accepted",
            name="an option without a token of its own is not refused by name",
            hint="What is the mean of no numbers? Which exception is promised?",
            edits={"if (lengths <= prompt_length).any():": "if False:"},
        ),
    ),
)

"""`beam_search`: For each prompt its best continuations, at most `beam_size` of them, as (score, words), the best
first.
"""

import itertools

import torch

from autograder.draw import integers, normal
from autograder.exercise import Exercise, Misconception
from autograder.exercises.decoding.shared import INF


def beam_inputs(rng):
    """Vocabulary 11 with end mark 3; prompts of 2 words; a model whose scores depend on all that it has read."""

    def case(batch, beam_size, max_length, begun=False, ends=0.4, **options):
        table = normal(rng, 11, 11, scale=1.6)
        table[:, 3] += ends  # ends come often, but not at once
        start = normal(rng, batch, 11, scale=1.5) if begun else None
        arguments = {
            "prompt": integers(rng, 4, 11, batch, 2),
            "beam_size": beam_size,
            "max_length": max_length,
            "eos": 3,
        }
        return {"table": table, "start": start, "arguments": arguments | options}

    def telling(batch, beam_size, max_length, early_stopping, **options):
        """Drawn until it matters when the search stops."""
        while True:
            inputs = case(batch, beam_size, max_length, early_stopping=early_stopping, **options)
            results = {
                str(stopping): beam_lists(
                    beam_step(inputs["table"]), **inputs["arguments"] | {"early_stopping": stopping}
                )
                for stopping in (True, False, "never")
            }
            if sum(results[str(early_stopping)] == result for result in results.values()) == 1:
                return inputs

    def against(careless, *sizes, **options):
        """Drawn until a misconception finds other texts."""
        while True:
            inputs = case(*sizes, **options)
            found = [
                search(beam_step(inputs["table"]), **inputs["arguments"])
                for search in (BEAM_SEARCH.variant(careless), BEAM_SEARCH.reference)
            ]
            first, second = ([[words for _, words in texts] for texts in of] for of in found)
            if first != second:
                return inputs

    return {
        "one beam is greedy": [case(5, 1, 7)],
        "several beams": [
            case(1, 3, 5, length_penalty=0.0),
            case(3, 5, 7, length_penalty=0.0),
            case(3, 3, 3, begun=True, length_penalty=0.0),
            case(2, 13, 1, length_penalty=0.0),  # more beams than words
        ],
        "length penalty": [case(3, 4, 11), case(3, 4, 11, length_penalty=2.0), case(3, 3, 11, length_penalty=-1.0)],
        "when to stop": [
            telling(3, 3, 11, early_stopping=True),
            telling(3, 3, 11, early_stopping=False),
            telling(3, 3, 11, early_stopping="never"),
            telling(3, 3, 11, early_stopping="never", length_penalty=2.0),
            against(NEVER_WHATEVER_THE_SIGN, 5, 4, 13, early_stopping="never", length_penalty=-0.25),
            case(3, 5, 7, ends=2.5, early_stopping="never", length_penalty=2.0),
        ],
        "one call a round": [case(3, 2, 5) | {"counted": True}],
    }


def beam_step(table):
    """A model that forgets slowly, as in the probe below."""

    def step(ids, state):
        memory = state[0] if state else torch.zeros(len(ids), table.shape[0])
        for words in ids.unbind(dim=1):
            memory = 0.7 * memory + table[words]
        return memory.clone(), [memory]

    return step


def probe_beam_search(answer, inputs):
    """Hand the answer a model that forgets slowly; report the texts and, where it counts, how often it was called."""
    import torch

    from autograder.probes import call

    calls = []

    def step(ids, state):
        calls.append(len(ids))
        memory = state[0] if state else torch.zeros(len(ids), inputs["table"].shape[0])
        for words in ids.unbind(dim=1):
            memory = 0.7 * memory + inputs["table"][words]
        return memory.clone(), [memory]

    def plain(found):
        found = found.tolist() if isinstance(found, torch.Tensor) else found
        return [plain(item) for item in found] if isinstance(found, (list, tuple)) else found

    def search(**arguments):
        begun = {"state": [inputs["start"].clone()]} if inputs["start"] is not None else {}
        return plain(answer(step, **arguments, **begun))

    seen = call(search, inputs["arguments"])
    if inputs.get("counted"):
        seen["calls of step"] = (
            "one a round" if len(calls) <= inputs["arguments"]["max_length"] else "more than one a round"
        )
    return seen


def beam_lists(
    step, prompt, *, beam_size, max_length, eos, length_penalty=1.0, early_stopping=False, state=None
):  # fmt: skip
    """Hypotheses as Python lists; prompts that are done are no longer read."""
    logits, state = step(prompt, state)
    alive = {i: [(0.0, [], i)] for i in range(len(prompt))}
    finished = [[] for _ in prompt]
    for length in range(1, max_length + 1):
        log_p = torch.log_softmax(logits, dim=-1).tolist()
        for i, beams in list(alive.items()):
            candidates = [
                (total + log_p[row][word], [*words, word], row)
                for total, words, row in beams
                for word in range(logits.shape[1])
            ]
            candidates.sort(key=lambda candidate: -candidate[0])
            candidates = candidates[: 2 * beam_size]
            for total, words, _ in candidates[:beam_size]:
                if words[-1] == eos or length == max_length:
                    finished[i].append((total / length**length_penalty, words))
            finished[i] = sorted(finished[i], key=lambda text: text[0], reverse=True)[:beam_size]
            alive[i] = [candidate for candidate in candidates if candidate[1][-1] != eos][:beam_size]
            full, grown = len(finished[i]) == beam_size, length
            if early_stopping == "never" and length_penalty > 0:
                grown = max_length
            if full and (early_stopping is True or alive[i][0][0] / grown**length_penalty <= finished[i][-1][0]):
                del alive[i]
        if not alive or length == max_length:
            return finished
        beams = [beam for of_prompt in alive.values() for beam in of_prompt]
        rows = torch.tensor([row for _, _, row in beams])
        logits, state = step(torch.tensor([words[-1:] for _, words, _ in beams]), [tensor[rows] for tensor in state])
        numbers = itertools.count()
        alive = {i: [(total, words, next(numbers)) for total, words, _ in beams] for i, beams in alive.items()}


def beam_tensors(
    step, prompt, *, beam_size, max_length, eos, length_penalty=1.0, early_stopping=False, state=None
):  # fmt: skip
    """Everything as tensors of fixed size, the finished texts too."""
    batch, k = prompt.shape[0], beam_size
    logits, state = step(prompt, state)
    vocabulary = logits.shape[1]
    logits, state = logits.repeat_interleave(k, 0), [tensor.repeat_interleave(k, 0) for tensor in state]
    offset = torch.arange(0, batch * k, k).unsqueeze(1)
    running, sums = torch.full((batch, k, max_length), eos), torch.tensor([[0.0] + [-INF] * (k - 1)] * batch)
    kept, kept_scores = torch.full((batch, k, max_length), eos), torch.full((batch, k), -INF)
    open_ = torch.ones(batch, 1, dtype=torch.bool)
    for t in range(max_length):
        totals = (sums.unsqueeze(-1) + logits.log_softmax(-1).reshape(batch, k, vocabulary)).reshape(batch, -1)
        top, places = totals.sort(dim=-1, descending=True)
        top, places = top[:, : 2 * k], places[:, : 2 * k]
        parent, word = places.div(vocabulary, rounding_mode="floor"), places.remainder(vocabulary)
        texts = torch.take_along_dim(running, parent.unsqueeze(-1), dim=1)
        texts[:, :, t] = word
        ended = word.eq(eos) if t + 1 < max_length else torch.ones_like(word, dtype=torch.bool)
        new = torch.where(ended & open_, top / (t + 1) ** length_penalty, -INF)[:, :k]
        kept_scores, chosen = torch.cat([kept_scores, new], 1).topk(k)
        kept = torch.take_along_dim(torch.cat([kept, texts[:, :k]], 1), chosen.unsqueeze(-1), dim=1)
        sums, best = torch.where(ended, -INF, top).topk(k)
        running = torch.take_along_dim(texts, best.unsqueeze(-1), dim=1)
        parent, word = parent.gather(1, best), word.gather(1, best)
        reach = max_length if early_stopping == "never" and length_penalty > 0 else t + 1
        worst = kept_scores[:, -1:]
        better = sums[:, :1] / reach**length_penalty > worst
        open_ = open_ & (worst.isinf() | (better & torch.tensor(early_stopping is not True)))
        if t + 1 == max_length or not open_.any():
            break
        rows = (parent + offset).reshape(-1)
        logits, state = step(word.reshape(-1, 1), [tensor.index_select(0, rows) for tensor in state])
    result = []
    for texts, scores in zip(kept.tolist(), kept_scores.tolist(), strict=True):
        cut = [text[: text.index(eos) + 1] if eos in text else text for text in texts]
        result.append([(score, text) for score, text in zip(scores, cut, strict=True) if score > -INF])
    return result


ONE_BY_ONE = """if len(prompt) > 1:
        options = {
            "beam_size": beam_size, "max_length": max_length, "eos": eos, "length_penalty": length_penalty,
            "early_stopping": early_stopping,
        }
        parts = [[tensor[i : i + 1] for tensor in state] if state else None for i in range(len(prompt))]
        prompts = zip(prompt.split(1), parts)
        return [beam_search(step, one, state=part, **options)[0] for one, part in prompts]
    if beam_size < 1:"""

PENALISED, HOPE = "sums[i] / length**length_penalty", "running[i, 0] / longest**length_penalty"

NEVER_WHATEVER_THE_SIGN = Misconception(
    id="never-whatever-the-sign",
    name='early_stopping="never" scores a beam as if it grew to max_length even if growing makes it worse',
    hint="With a length_penalty below 0 a longer text has a worse score. What is then the best that a running beam can hope "
    "for?",
    edits={'early_stopping == "never" and length_penalty > 0': 'early_stopping == "never"'},
)

BEAM_SEARCH = Exercise(
    solves="unrolled.beam_search.beam_search",
    groups={
        "one beam is greedy": 1,
        "several beams": 1.5,
        "length penalty": 1,
        "when to stop": 1.5,
        "one call a round": 1,
    },
    inputs=beam_inputs,
    probe=probe_beam_search,
    accepts=(beam_lists, beam_tensors),
    misconceptions=(  # the first is tried together with each of the others
        Misconception(
            id="one-prompt-at-a-time",
            name="the model is called for each prompt on its own",
            hint="A call with 12 rows takes hardly longer than one with 4, and three calls take three times as long: how can all "
            "beams of all prompts go in together?",
            edits={"if beam_size < 1:": ONE_BY_ONE},
        ),
        Misconception(
            id="probabilities-added",
            name="probabilities are added instead of their logarithms",
            hint="Two words with probability 0.5 each make a text of probability 0.25, not 1. Of which numbers is the sum "
            "the logarithm of a product?",
            edits={"logits.log_softmax(dim=-1)": "logits.softmax(dim=-1)"},
        ),
        Misconception(
            id="raw-scores-added",
            name="raw scores are added, without a softmax",
            hint="Scores of different beams are on different scales: only probabilities sum to 1. What makes them comparable?",
            edits={"logits.log_softmax(dim=-1)": "logits"},
        ),
        Misconception(
            id="finished-beams-expanded",
            name="finished beams are expanded like the others",
            hint="What can follow an end mark? Which of the candidates may become the next beams?",
            edits={'sums.masked_fill(over, float("-inf")).topk(beam_size)': "sums.topk(beam_size)"},
        ),
        Misconception(
            id="best-of-each-beam",
            name="the best continuations are taken of each beam on its own instead of all together",
            hint="A good beam may have two good continuations and a bad one none. Over what do you take the top: over the "
            "vocabulary, or over beams times vocabulary?",
            edits={
                "sums, places = (sums[..., None] + log_p).flatten(1).topk(2 * beam_size)": (
                    "sums, places = (sums[..., None] + log_p).topk(2)\n"
                    "        places = places + torch.arange(beam_size)[:, None] * vocabulary\n"
                    "        sums, order = sums.flatten(1).sort(descending=True)\n"
                    "        places = places.flatten(1).gather(1, order)"
                )
            },
        ),
        Misconception(
            id="all-beams-begin",
            name="all beams count from the beginning, though they are still alike",
            hint="After the prompt the beams are copies of each other, so each of the best words would be chosen once for "
            "every copy. How many of them may offer continuations in the first round?",
            edits={"sums[:, 0] = 0.0": "sums[:] = 0.0"},
        ),
        Misconception(
            id="penalty-sign",
            name="the sum is multiplied by the length penalty instead of divided",
            hint="Sums of logarithms are below 0, and longer texts have lower ones. Should a penalty of 1 give the mean per "
            "word? Which sign has your exponent?",
            edits={
                PENALISED: "sums[i] * length**length_penalty",
                HOPE: "running[i, 0] * longest**length_penalty",
            },
        ),
        Misconception(
            id="no-length-penalty",
            name="the length of a text has no effect on its score",
            hint="What does length_penalty=0.0 mean, and what the default of 1.0?",
            edits={PENALISED: "sums[i]", HOPE: "running[i, 0]"},
        ),
        Misconception(
            id="prompt-counted",
            name="the words of the prompt count as part of the length",
            hint="Hugging Face itself did this for GPT-like models until 2023. Here only new words count, whose "
            "log-probabilities are in the sum: where does your length begin?",
            edits={
                PENALISED: "sums[i] / (length + prompt.shape[1])**length_penalty",
                HOPE: "running[i, 0] / (longest + prompt.shape[1])**length_penalty",
            },
        ),
        Misconception(
            id="googles-penalty",
            name="the sum is divided by ((5 + length) / 6) to the power of the penalty",
            hint="That is right in Google's translation system (Wu et al., 2016), where it softens the penalty for short "
            "texts. Here as in Hugging Face: what is the score with a penalty of 1, if it is the mean per word?",
            edits={
                PENALISED: "sums[i] / ((5 + length) / 6)**length_penalty",
                HOPE: "running[i, 0] / ((5 + longest) / 6)**length_penalty",
            },
        ),
        Misconception(
            id="end-not-counted",
            name="the end mark does not count in the length",
            hint="Its log-probability is in the sum. Should it be in the length as well?",
            edits={PENALISED: "sums[i] / max(1, length - 1)**length_penalty"},
        ),
        Misconception(
            id="state-not-reordered",
            name="the state does not follow its beam",
            hint="If beams 0 and 1 of the next round both come from beam 2, whose memory should they have? Which rows of "
            "every tensor of the state must be taken?",
            edits={".view(-1, 1), [tensor[rows] for tensor in state]": ".view(-1, 1), state"},
        ),
        Misconception(
            id="rows-of-the-first-prompt",
            name="every prompt goes on with the states of the first prompt's beams",
            hint="Beam 1 of prompt 2 is not row 1. At which row do the beams of prompt 2 begin?",
            edits={"row * beam_size + beams[row, best]": "beams[row, best]"},
        ),
        Misconception(
            id="state-at-the-beginning-lost",
            name="the state that was given is not used",
            hint="A translator brings the source it has read. To whom must `state` be handed, and when for the first time?",
            edits={"step(prompt, state)": "step(prompt, None)"},
        ),
        Misconception(
            id="beam-shrinks",
            name="only beam_size candidates are looked at, so that each finished text leaves one beam less",
            hint="Sutskever et al. (2014) search so, and stop when no beam is left. Here the beam stays as wide as it was: if "
            "all of the best end, who goes on? How many candidates are enough?",
            edits={"topk(2 * beam_size)": "topk(beam_size)"},
        ),
        Misconception(
            id="finishes-from-below",
            name="a text may finish without being among the best beam_size, so that one beam is not greedy",
            hint="With a single beam, greedy takes the best word and nothing else. Does yours also take an end mark that was "
            "second?",
            edits={"range(beam_size) if": "range(2 * beam_size) if"},
        ),
        Misconception(
            id="first-end-ends-all",
            name="a prompt is done with its first finished text",
            hint="The first to finish need not be the best. How many finished texts should there be?",
            edits={"len(finished[i]) == beam_size and": "len(finished[i]) >= 1 and"},
        ),
        Misconception(
            id="always-early",
            name="the search stops as soon as it has enough finished texts, whatever early_stopping says",
            hint="A beam that is still running may be better than the worst finished text. When does early_stopping=False let "
            "it go on, and are both scores divided by a length when you compare them?",
            edits={"early_stopping is True or": "True or"},
        ),
        Misconception(
            id="never-early",
            name="early_stopping=True makes no difference",
            hint="With early_stopping=True enough finished texts are enough. Where do you look at it?",
            edits={"early_stopping is True or": "early_stopping is None or"},
        ),
        Misconception(
            id="never-as-false",
            name='early_stopping="never" is treated as False',
            hint="With a length_penalty above 0 a beam can still gain by growing. With which length is it scored at best?",
            edits={'early_stopping == "never" and length_penalty > 0': "False"},
        ),
        NEVER_WHATEVER_THE_SIGN,
        Misconception(
            id="unfinished-lost",
            name="texts without an end are lost after max_length words",
            hint="What do you return for a prompt whose beams never end? What happens in round max_length?",
            edits={"(tokens == eos) | (length == max_length)": "tokens == eos"},
        ),
        Misconception(
            id="end-mark-dropped",
            name="the end mark is cut off the finished texts",
            hint="The promise is the new words, end mark included. Which word is missing in yours?",
            edits={"words[i, beam].tolist()": "[word for word in words[i, beam].tolist() if word != eos]"},
        ),
        Misconception(
            id="worst-first",
            name="the finished texts are sorted with the worst first",
            hint="Scores are below 0: which is better, −1 or −2? Which texts do you keep when there are too many?",
            edits={"reverse=True": "reverse=False"},
        ),
        Misconception(
            id="scores-not-added",
            name="only the last word counts: the sums are not carried on",
            hint="A text is as probable as all its words together. What must be added to the log-probabilities of the new words?",
            edits={
                "(sums[..., None] + log_p)": "((sums if length == 1 else torch.zeros_like(sums))[..., None] + log_p)"
            },
        ),
        Misconception(
            id="greatest-length",
            name="every sum is divided by the greatest length instead of the text's own",
            hint="Then all are divided by the same number, and the short texts win again. How long is the text that has just "
            "ended?",
            edits={
                PENALISED: "sums[i] / max_length**length_penalty",
                HOPE: "running[i, 0] / max_length**length_penalty",
            },
        ),
        Misconception(
            id="best-instead-of-worst",
            name="the beams are given up when they are no better than the best finished text",
            hint="All beam_size texts are wanted, not only the first. Which of the finished ones would a new one push out?",
            edits={"finished[i][-1][0]": "finished[i][0][0]"},
        ),
        Misconception(
            id="too-many-kept",
            name="more than beam_size finished texts are kept",
            hint="How many texts should come back for each prompt? And with which is a running beam compared?",
            edits={
                "reverse=True)[:beam_size]": "reverse=True)",
                "len(finished[i]) == beam_size and": "len(finished[i]) >= beam_size and",
            },
        ),
        Misconception(
            id="prompt-returned",
            name="the prompt is returned in front of the words",
            hint="The promise is the new words. Where do your lists begin?",
            edits={"words[i, beam].tolist()": "prompt[i].tolist() + words[i, beam].tolist()"},
        ),
        Misconception(
            id="only-the-best",
            name="only the best text of each prompt is returned",
            hint="For each prompt a list of up to beam_size pairs is promised. What does your function return with one prompt and "
            "three beams?",
            edits={"return finished": "return [texts[0] for texts in finished]"},
        ),
    ),
)

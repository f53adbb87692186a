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

    def case(batch, beam_size, max_length, begun=False, ends=0.4, read=2, possible=None, **options):
        table = normal(rng, 11, 11, scale=1.6)
        table[:, 3] += ends  # ends come often, but not at once
        if possible is not None:
            table[:, [word not in possible for word in range(11)]] = -INF
        start = normal(rng, batch, 11, scale=1.5) if begun else None
        arguments = {
            "prompt": integers(rng, 4, 11, batch, read),
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
                for stopping in (True, False)
            }
            if sum(results[str(early_stopping)] == result for result in results.values()) == 1:
                return inputs

    def against(names, *sizes, **options):
        """Drawn until each of these mistakes finds other texts, and no two of them the same."""
        mistakes = [mistake for mistake in BEAM_SEARCH.misconceptions if mistake.id in names]
        searches = [BEAM_SEARCH.reference, *map(BEAM_SEARCH.variant, mistakes)]
        while True:
            inputs, seen = case(*sizes, **options), set()
            for search in searches:
                found = search(beam_step(inputs["table"]), **inputs["arguments"])
                if (texts := str([[words for _, words in of] for of in found])) in seen:
                    break
                seen.add(texts)
            else:
                return inputs

    def counted(*sizes, early, **options):
        """Drawn until all prompts are done before round max_length, or one is not; how often is the model called?"""
        while True:
            inputs, calls = case(*sizes, **options), []
            step = beam_step(inputs["table"])

            def counting(ids, state, step=step, calls=calls):
                calls.append(len(ids))
                return step(ids, state)

            beam_lists(counting, **inputs["arguments"])
            if early == (len(calls) < inputs["arguments"]["max_length"] - 1):
                return inputs | {"rounds": len(calls)}

    return {
        "one beam is greedy": [case(5, 1, 7), case(1, 1, 5, read=1)],
        "several beams": [
            case(1, 3, 5, length_penalty=0.0),
            case(3, 5, 7, length_penalty=0.0),
            case(3, 3, 3, begun=True, length_penalty=0.0),
            case(2, 13, 1, length_penalty=0.0),  # more beams than words
            case(2, 4, 2, length_penalty=0.0, possible=(3, 5, 8)),  # and than possible texts
        ],
        "length penalty": [case(3, 4, 11), case(3, 4, 11, length_penalty=2.0), case(3, 3, 11, length_penalty=-1.0)],
        "when to stop": [
            telling(3, 3, 11, early_stopping=True),
            telling(3, 3, 11, early_stopping=False),
            against(["no-length-penalty", "no-length-penalty-when-finished"], 11, 3, 9, ends=1.2, length_penalty=-1.0),
            against(["false-as-never", "hope-one-word-longer"], 11, 3, 9, ends=1.2),
            against(["hope-one-word-longer", "done-goes-on"], 11, 3, 9, ends=1.2),
            case(3, 5, 7, ends=2.5, length_penalty=2.0),
        ],
        "one call a round": [
            counted(3, 2, 5, early=False),
            counted(3, 2, 17, early=True, ends=2.0),
        ],
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
    """Hand the answer a model that forgets slowly; report the texts and, where it counts, what the model was asked."""
    import torch

    from autograder.probes import call

    calls, read = [], []

    def step(ids, state):
        calls.append(len(ids))
        read.append(ids.shape[1])
        memory = state[0] if state else torch.zeros(len(ids), inputs["table"].shape[0])
        for words in ids.unbind(dim=1):
            memory = 0.7 * memory + inputs["table"][words]
        return memory.clone(), [memory]

    def search(**arguments):
        begun = {"state": [inputs["start"].clone()]} if inputs["start"] is not None else {}
        return answer(step, **arguments, **begun)

    seen = call(search, inputs["arguments"])
    if "rounds" in inputs:  # one more is no harm
        seen["calls of step"] = "one a round" if len(calls) <= inputs["rounds"] + 1 else "more than there are rounds"
        seen["words read in a later round"] = "the newest" if max(read[1:], default=1) == 1 else "more than the newest"
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
                if (words[-1] == eos or length == max_length) and total > -INF:
                    finished[i].append((total / length**length_penalty, words))
            finished[i] = sorted(finished[i], key=lambda text: text[0], reverse=True)[:beam_size]
            alive[i] = [candidate for candidate in candidates if candidate[1][-1] != eos][:beam_size]
            full = len(finished[i]) == beam_size
            if full and (early_stopping or alive[i][0][0] / length**length_penalty <= finished[i][-1][0]):
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
        worst = kept_scores[:, -1:]
        better = sums[:, :1] / (t + 1) ** length_penalty > worst
        open_ = open_ & (worst.isinf() | (better & torch.tensor(not early_stopping)))
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

PENALISED, HOPE = "sums[i] / length**length_penalty", "running[i, 0] / length**length_penalty"

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
                HOPE: "running[i, 0] * length**length_penalty",
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
                HOPE: "running[i, 0] / (length + prompt.shape[1])**length_penalty",
            },
        ),
        Misconception(
            id="googles-penalty",
            name="the sum is divided by ((5 + length) / 6) to the power of the penalty",
            hint="That is right in Google's translation system (Wu et al., 2016), where it softens the penalty for short "
            "texts. Here as in Hugging Face: what is the score with a penalty of 1, if it is the mean per word?",
            edits={
                PENALISED: "sums[i] / ((5 + length) / 6)**length_penalty",
                HOPE: "running[i, 0] / ((5 + length) / 6)**length_penalty",
            },
        ),
        Misconception(
            id="end-not-counted",
            name="the end mark does not count in the length",
            hint="Its log-probability is in the sum. Should it be in the length as well?",
            edits={PENALISED: "sums[i] / (length - (tokens[i] == eos).long()).clamp(min=1) ** length_penalty"},
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
            edits={"early_stopping or": "True or"},
        ),
        Misconception(
            id="never-early",
            name="early_stopping=True makes no difference",
            hint="With early_stopping=True enough finished texts are enough. Where do you look at it?",
            edits={"early_stopping or": "early_stopping is None or"},
        ),
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
        Misconception(
            id="no-length-penalty-when-finished",
            name="a finished text is scored by its plain sum, though the running beams are scored with the penalty",
            hint="What do you divide a running beam by before you compare? And a finished text?",
            edits={"sums[i] / length**length_penalty": "sums[i]"},
        ),
        Misconception(
            id="always-the-mean",
            name="the sum is divided by the length itself, whatever length_penalty says",
            hint="The length is raised to a power before you divide. What does length_penalty=0.0 mean?",
            edits={"sums[i] / length**length_penalty": "sums[i] / length"},
        ),
        Misconception(
            id="prompt-counted-when-finished",
            name="the words of the prompt count in the length of a finished text, though not of a running beam",
            hint="Only new words have log-probabilities in the sum. Where does the length of a finished text begin?",
            edits={"sums[i] / length**length_penalty": "sums[i] / (length + prompt.shape[1])**length_penalty"},
        ),
        Misconception(
            id="googles-penalty-when-finished",
            name="a finished text is scored by the penalty of Wu et al. (2016), a running beam by the other one",
            hint="Google's penalty is ((5 + length) / 6) to a power. Which one does the docstring name, for both?",
            edits={"sums[i] / length**length_penalty": "sums[i] / ((5 + length) / 6)**length_penalty"},
        ),
        Misconception(
            id="penalty-sign-when-finished",
            name="the sum of a finished text is multiplied by the length penalty instead of divided",
            hint="Sums of logarithms are below 0. Should a penalty of 1 give the mean per word? Which sign has your exponent?",
            edits={"sums[i] / length**length_penalty": "sums[i] * length**length_penalty"},
        ),
        Misconception(
            id="last-round-too-early",
            name="round max_length − 1 is taken for the last one",
            hint="Your rounds are counted from 1 or from 0. In which one has a text max_length words?",
            edits={
                "(length == max_length)\n": "(length == max_length - 1)\n",
                "masked_fill(over,": "masked_fill(tokens == eos,",
            },
        ),
        Misconception(
            id="one-round-too-few",
            name="the search ends one round too early",
            hint="range(1, n) does not hold n. How many words may a text have at most?",
            edits={"range(1, max_length + 1)": "range(1, max_length)"},
        ),
        Misconception(
            id="rounds-from-0",
            name="the rounds are counted from 0, and with them the lengths",
            hint="How many new words has a text after the first round? By which number do you divide its sum?",
            edits={
                "range(1, max_length + 1)": "range(max_length)",
                "sums[i] / length**length_penalty": "sums[i] / max(length, 1)**length_penalty",
                HOPE: "running[i, 0] / max(length, 1)**length_penalty",
            },
        ),
        Misconception(
            id="not-sorted",
            name="the finished texts stand in the order in which they were finished",
            hint="The first to finish need not be the best. What comes first in the promise, and which texts do you drop when there are too many?",
            edits={
                "finished[i] = sorted(finished[i], reverse=True)[:beam_size]": "finished[i] = finished[i][:beam_size]"
            },
        ),
        Misconception(
            id="worst-first-in-the-result",
            name="the right texts come out with the worst first",
            hint="Scores are below 0: which is better, −1 or −2? Which one is promised first?",
            edits={"return finished": "return [texts[::-1] for texts in finished]"},
        ),
        Misconception(
            id="worst-kept",
            name="of too many finished texts the worst are kept",
            hint="Sorted from the best to the worst, which end of the list do you keep?",
            edits={
                "finished[i] = sorted(finished[i], reverse=True)[:beam_size]": "finished[i] = sorted(finished[i], reverse=True)[-beam_size:]"
            },
        ),
        Misconception(
            id="too-many-returned",
            name="more than beam_size finished texts come back",
            hint="How many texts should come back for each prompt? What happens to the worst when a better one comes?",
            edits={
                "reverse=True)[:beam_size]": "reverse=True)",
                "len(finished[i]) == beam_size and": "len(finished[i]) >= beam_size and",
                "finished[i][-1][0]": "finished[i][beam_size - 1][0]",
            },
        ),
        Misconception(
            id="only-the-best-in-a-list",
            name="each prompt's list holds only its best text",
            hint="For each prompt up to beam_size pairs are promised. How many are in yours with three beams?",
            edits={"return finished": "return [texts[:1] for texts in finished]"},
        ),
        Misconception(
            id="words-before-the-score",
            name="the words stand before their score",
            hint="A pair is (score, words). Which comes first in the docstring?",
            edits={"return finished": "return [[(words, score) for score, words in texts] for texts in finished]"},
        ),
        Misconception(
            id="scores-as-tensors",
            name="the scores are tensors",
            hint="The signature promises a float. What makes a Python number of a tensor?",
            edits={
                "return finished": "return [[(torch.tensor(score), words) for score, words in texts] for texts in finished]"
            },
        ),
        Misconception(
            id="lists-for-pairs",
            name="a text is a list of its score and its words, not a tuple",
            hint="The signature promises tuple[float, list[int]]. Which brackets make a tuple?",
            edits={"return finished": "return [[[score, words] for score, words in texts] for texts in finished]"},
        ),
        Misconception(
            id="false-as-never",
            name="the best beam is scored as if it grew to max_length at no cost",
            hint='That is Hugging Face\'s third way, early_stopping="never". Here a beam is scored as if it ended now: by which '
            "length is its sum divided?",
            edits={HOPE: "running[i, 0] / (max_length if length_penalty > 0 else length) ** length_penalty"},
        ),
        Misconception(
            id="hope-without-penalty",
            name="the best beam's plain sum is compared with scores that are divided",
            hint="You compare two scores. Are both of the same kind?",
            edits={HOPE: "running[i, 0]"},
        ),
        Misconception(
            id="hope-compared-the-wrong-way",
            name="a prompt is done when its best beam is *better* than the worst finished text",
            hint="When is there nothing to hope for: if the beam is better than the worst finished text, or if it is not?",
            edits={"hope <= finished": "hope >= finished"},
        ),
        Misconception(
            id="hope-one-word-longer",
            name="the best beam is scored as if it had one more word",
            hint="The docstring says “as if it ended now”. How many words has it now?",
            edits={HOPE: "running[i, 0] / (length + 1) ** length_penalty"},
        ),
        Misconception(
            id="one-done-ends-all",
            name="the search stops for all prompts as soon as one is done",
            hint="Prompts do not know of each other. When may the whole search end: if any is done, or if all are?",
            edits={"or all(done)": "or any(done)"},
        ),
        Misconception(
            id="done-goes-on",
            name="a prompt that is done still collects finished texts",
            hint="Other prompts may need more rounds. What should happen meanwhile to the texts of one that is done?",
            edits={
                "for i in (i for i in range(batch) if not done[i]):": "for i in range(batch):",
                "done[i] = len": "done[i] = done[i] or len",
            },
        ),
        Misconception(
            id="first-prompt-only",
            name="only the first prompt's texts come back",
            hint="There is a list for each prompt. How many are in yours?",
            edits={"return finished": "return finished[:1]"},
        ),
        Misconception(
            id="text-read-again",
            name="the model reads the whole text again in every round, on top of what its state remembers",
            hint="The state holds what has been read. Which words has the model not read yet?",
            edits={
                "step(tokens[row, best].view(-1, 1),": "step(torch.cat([prompt.repeat_interleave(beam_size, 0), words.flatten(0, 1)], dim=1),"
            },
        ),
        Misconception(
            id="text-read-again-without-state",
            name="the model reads the whole text anew in every round, and its state is not used",
            hint="That takes longer the longer the text, and forgets what the model knew before the prompt. Which words has it not read yet, and who remembers the others?",
            edits={
                "step(tokens[row, best].view(-1, 1), [tensor[rows] for tensor in state])": "step(torch.cat([prompt.repeat_interleave(beam_size, 0), words.flatten(0, 1)], dim=1), None)"
            },
        ),
        Misconception(
            id="repeated-as-a-block",
            name="the prompts are repeated one after the other, as a block, where the beams of one prompt stand side by side",
            hint="With two prompts and two beams, is row 1 a beam of prompt 0 or of prompt 1? What is the difference between repeat and repeat_interleave?",
            edits={"row.expand(-1, beam_size).flatten()": "row.repeat(beam_size, 1).flatten()"},
        ),
        Misconception(
            id="prompts-as-a-block",
            name="the prompts are repeated as a block, though the states are not",
            hint="With two prompts and two beams, is row 1 a beam of prompt 0 or of prompt 1? What is the difference between repeat and repeat_interleave?",
            edits={
                "logits, state = step(prompt, state)\n    batch, vocabulary = logits.shape": "state = state and [tensor.repeat_interleave(beam_size, 0) for tensor in state]\n    logits, state = step(prompt.repeat(beam_size, 1), state)\n    batch, vocabulary = len(prompt), logits.shape[1]",
                "    logits, state = logits[rows], [tensor[rows] for tensor in state]\n": "",
            },
        ),
        Misconception(
            id="given-state-not-repeated",
            name="the state that was given has a row for each prompt, and the prompts already one for each beam",
            hint="Write down how many rows the prompts have, and how many the state. Which of the two must be repeated as well?",
            edits={
                "logits, state = step(prompt, state)\n    batch, vocabulary = logits.shape": "logits, state = step(prompt.repeat_interleave(beam_size, 0), state)\n    batch, vocabulary = len(prompt), logits.shape[1]",
                "    logits, state = logits[rows], [tensor[rows] for tensor in state]\n": "",
            },
        ),
        Misconception(
            id="beam-and-word-exchanged",
            name="beam and word are read off a place the wrong way round",
            hint="Beams times vocabulary in one axis: the words of beam 0 come first. Which number do you divide by, and which is the remainder?",
            edits={
                "beams, tokens = places // vocabulary, places % vocabulary": "beams, tokens = places % beam_size, places // beam_size"
            },
        ),
        Misconception(
            id="divided-by-the-beams",
            name="a place is divided by beam_size to find its beam",
            hint="The words of beam 0 come first. After how many places does beam 1 begin?",
            edits={
                "beams, tokens = places // vocabulary, places % vocabulary": "beams, tokens = (places // beam_size).clamp(max=beam_size - 1), places % vocabulary"
            },
        ),
        Misconception(
            id="words-before-beams",
            name="words and beams are flattened the wrong way round",
            hint="Which of the two axes comes first when you flatten, and does // vocabulary fit that?",
            edits={".flatten(1).topk": ".transpose(1, 2).flatten(1).topk"},
        ),
        Misconception(
            id="texts-not-reordered",
            name="a beam's words stay where they were, though its place has been taken by a child of another",
            hint="If beams 0 and 1 of the next round both come from beam 2, whose words should they have?",
            edits={
                "words = torch.cat([words[row, beams], tokens[..., None]], dim=-1)": "old, words = words, torch.cat([words[row, beams], tokens[..., None]], dim=-1)",
                "sums, words = running, words[row, best]": "sums, words = running, torch.cat([old, tokens[row, best][..., None]], dim=-1)",
            },
        ),
        Misconception(
            id="always-2",
            name="the end mark is 2 whatever the argument says",
            hint="In the example it happens to be 2. Where do you use `eos`?",
            edits={"tokens == eos": "tokens == 2"},
        ),
        Misconception(
            id="search-by-penalised-sums",
            name="the beams go on with sums that were divided by the length",
            hint="The length penalty is for finished texts. With which sum does a beam go on?",
            edits={"sums, words = running,": "sums, words = running / length**length_penalty,"},
        ),
        Misconception(
            id="one-list-for-all-prompts",
            name="all prompts share one list of finished texts",
            hint="[[]] * 3 is three times the *same* list. How do you make three lists?",
            edits={
                "[[] for _ in range(batch)]": "[[]] * batch",
                "finished[i] = sorted(finished[i], reverse=True)[:beam_size]": "finished[i].sort(reverse=True)\n            del finished[i][beam_size:]",
            },
        ),
        Misconception(
            id="softmax-over-beams",
            name="the softmax goes over the words of all beams together",
            hint="After each beam the probabilities of all words sum to 1. What do yours sum to?",
            edits={"logits.log_softmax(dim=-1).view": "logits.view(batch, -1).log_softmax(dim=-1).view"},
        ),
        Misconception(
            id="rows-counted-by-prompts",
            name="a prompt's beams are looked for at its number times the number of prompts",
            hint="Beams stand side by side. At which row do the beams of prompt 2 begin?",
            edits={"row * beam_size + beams": "row * batch + beams"},
        ),
        Misconception(
            id="best-of-each-beam-not-sorted",
            name="each beam's two best words are taken, and the first of them go on, beam by beam",
            hint="A good beam may have two good continuations and a bad one none. Over what do you take the top, and are the candidates in order?",
            edits={
                "sums, places = (sums[..., None] + log_p).flatten(1).topk(2 * beam_size)": "sums, places = (sums[..., None] + log_p).topk(2)\n        sums, places = sums.flatten(1), (places + torch.arange(beam_size)[:, None] * vocabulary).flatten(1)"
            },
        ),
        Misconception(
            id="beams-given-up",
            name="each finished text costs a beam",
            hint="Sutskever et al. (2014) search so. Here the beam stays as wide as it was: how many of the 2 · beam_size candidates go on?",
            edits={
                "done[i] = len": 'running[i, max(1, beam_size - len(finished[i])) :] = float("-inf")\n            done[i] = len'
            },
        ),
        Misconception(
            id="impossible-texts",
            name="texts of probability 0 are returned as well",
            hint="A sum of −∞ is no text that the model could write. What do you ask before you call a text finished?",
            edits={"ending = over & sums.isfinite()": "ending = over"},
        ),
    ),
)

"""`greedy_translate`: A translation of every sentence, word by word, always the most probable one."""

import itertools

import torch

from autograder.draw import integers, normal
from autograder.exercise import Exercise, Misconception


def greedy_inputs(rng):
    """Batch 1 or 3, source 5 or 1; vocabularies 11 and 7; drawn until the sentences end where the group wants it.

    Any two words but 1 and 2 are bos and eos, every sentence would end some time and say more after its end, and where
    max_length is reached, what would be said next is a word. One sentence holds the word 0, another one bos.
    """

    def draw(batch, max_length, time):
        bos, eos = rng.permutation([0, 3, 4, 5, 6])[:2].tolist()
        return {
            "read": normal(rng, 11, 5),
            "word": normal(rng, 7, 5),
            "carry": normal(rng, 5, 5, scale=0.6),
            "head": normal(rng, 5, 7),
            "source": integers(rng, 0, 11, batch, time),
            "lengths": integers(rng, 1, time + 1, batch),
            "bos": bos,
            "eos": eos,
            "max_length": max_length,
        }

    def case(batch, max_length, fits, time, holds):
        """Of many sentences those that end as wanted; None if there are none."""
        inputs = draw(40, max_length, time)
        written, sure = greedy_rollout(inputs)
        ends = {i: row.index(inputs["eos"]) for i, row in enumerate(written) if sure[i] and inputs["eos"] in row}
        several = [i for i, end in ends.items() if len(set(written[i][: end + 2])) > 2]
        several = [i for i in several if written[i][ends[i] + 1] != inputs["eos"]]
        word = {"zero": 0, "bos": inputs["bos"]}.get(holds)
        several = [i for i in several if word is None or word in written[i][: ends[i]]]
        for chosen in itertools.islice(itertools.combinations(several, batch), 1000):
            if fits([ends[i] for i in chosen]):
                return inputs | {name: inputs[name][list(chosen)] for name in ("source", "lengths")}

    def until(*wanted, time=5, holds=""):
        return next(filter(None, (case(*wanted, time, holds) for _ in itertools.count())))

    def differ(ends):
        return len(set(ends)) == len(ends) and min(ends) >= 2 and max(ends) <= 8

    return {
        "one sentence": [until(1, 11, lambda ends: 3 <= ends[0] <= 7, time=t, holds=w) for t, w in ((5, "zero"), (1, "bos"))],
        "sentences of unequal length": [until(3, 11, differ), until(3, 11, differ)],
        "max_length reached": [until(3, 4, lambda ends: max(ends) > 5 and 2 <= min(ends) <= 3)],
    }


def greedy_rollout(inputs):
    """Forty words for each sentence, as the small model below writes if nothing stops it, and if all choices are clear."""
    encoder, decoder = greedy_model(inputs)
    _, state = encoder(inputs["source"], inputs["lengths"])
    words, written, gaps = torch.full((len(state), 1), inputs["bos"]), [], []
    for _ in range(40):
        logits, state = decoder(words, state)
        best = logits[:, -1].topk(2).values
        gaps.append(best[:, 0] - best[:, 1])
        words = logits[:, -1].argmax(-1, keepdim=True)
        written.append(words)
    return torch.cat(written, dim=1).tolist(), (torch.stack(gaps).amin(dim=0) > 1e-3).tolist()


def greedy_model(inputs):
    """A small encoder and decoder made of tables."""

    def encoder(source, lengths):
        real = torch.arange(source.shape[1]) < lengths[:, None]
        states = inputs["read"][source] * real[..., None]
        return states, torch.tanh(states.sum(dim=1))

    def decoder(words, state):
        states = []
        for x in inputs["word"][words].unbind(dim=1):
            state = torch.tanh(x + state @ inputs["carry"])
            states.append(state)
        return torch.stack(states, dim=1) @ inputs["head"], state

    return encoder, decoder


def probe_greedy(answer, inputs):
    """Hand the answer a small encoder and decoder made of tables."""
    import torch

    from autograder.probes import call

    def encoder(source, lengths):
        real = torch.arange(source.shape[1]) < lengths[:, None]
        states = inputs["read"][source] * real[..., None]
        return states, torch.tanh(states.sum(dim=1))

    def decoder(words, state):
        states = []
        for x in inputs["word"][words].unbind(dim=1):
            state = torch.tanh(x + state @ inputs["carry"])
            states.append(state)
        return torch.stack(states, dim=1) @ inputs["head"], state

    def translate(source, lengths, bos, eos, max_length):
        return answer(encoder, decoder, source, lengths, bos, eos, max_length)

    names = ("source", "lengths", "bos", "eos", "max_length")
    return call(translate, {name: inputs[name] for name in names})


def greedy_by_sentence(encoder, decoder, source, lengths, bos, eos, max_length):
    translations = []
    for i in range(len(source)):
        _, state = encoder(source[i : i + 1], lengths[i : i + 1])
        words, word = [], bos
        while len(words) < max_length:
            logits, state = decoder(torch.tensor([[word]]), state)
            word = int(logits[0, 0].argmax())
            if word == eos:
                break
            words.append(word)
        translations.append(words)
    return translations


def greedy_cut_afterwards(encoder, decoder, source, lengths, bos, eos, max_length):
    _, state = encoder(source, lengths)
    written = [torch.full((source.shape[0],), bos)]
    for _ in range(max_length):
        logits, state = decoder(written[-1].unsqueeze(1), state)
        written.append(logits.squeeze(1).max(dim=-1).indices)
    rows = torch.stack(written[1:], dim=1).tolist()
    return [list(itertools.takewhile(lambda word: word != eos, row)) for row in rows]


def greedy_whole_prefix(encoder, decoder, source, lengths, bos, eos, max_length):
    state = encoder(source, lengths)[1]
    prefix = torch.full((len(source), 1), bos)
    for _ in range(max_length):
        prefix = torch.cat([prefix, decoder(prefix, state)[0][:, -1:].argmax(-1)], dim=1)
    return [row[: row.index(eos)] if eos in row else row for row in prefix[:, 1:].tolist()]


def greedy_uncut_tensor(encoder, decoder, source, lengths, bos, eos, max_length):
    _, state = encoder(source, lengths)
    words, finished, written = torch.full((len(source), 1), bos), torch.zeros(len(source), 1).bool(), []
    for _ in range(max_length):
        logits, state = decoder(words, state)
        words = logits[:, -1:].argmax(dim=-1)
        written.append(words)
        finished = finished | (words == eos)
        if finished.all():
            break
    return torch.cat(written, dim=1)


def greedy_uncut(encoder, decoder, source, lengths, bos, eos, max_length):
    return greedy_uncut_tensor(encoder, decoder, source, lengths, bos, eos, max_length).tolist()


def greedy_uncut_together(encoder, decoder, source, lengths, bos, eos, max_length):
    _, state = encoder(source, lengths)
    words, written = torch.full((len(source), 1), bos), []
    for _ in range(max_length):
        logits, state = decoder(words, state)
        words = logits[:, -1:].argmax(dim=-1)
        written.append(words)
        if (words == eos).all():
            break
    return torch.cat(written, dim=1).tolist()


def greedy_without_eos_words(encoder, decoder, source, lengths, bos, eos, max_length):
    rows = greedy_uncut_tensor(encoder, decoder, source, lengths, bos, eos, max_length).tolist()
    return [[word for word in row if word != eos] for row in rows]


def greedy_cut_at_zero(encoder, decoder, source, lengths, bos, eos, max_length):
    rows = greedy_uncut_tensor(encoder, decoder, source, lengths, bos, eos, max_length).tolist()
    return [row[: row.index(0)] if 0 in row else row for row in rows]


def greedy_prefix_and_state(encoder, decoder, source, lengths, bos, eos, max_length):
    _, state = encoder(source, lengths)
    prefix = torch.full((len(source), 1), bos)
    finished = torch.zeros(len(source), 1).bool()
    for _ in range(max_length):
        logits, state = decoder(prefix, state)
        prefix = torch.cat([prefix, logits[:, -1:].argmax(-1)], dim=1)
        finished = finished | (prefix[:, -1:] == eos)
        if finished.all():
            break
    return [row[: row.index(eos)] if eos in row else row for row in prefix[:, 1:].tolist()]


def greedy_without_a_time_axis(encoder, decoder, source, lengths, bos, eos, max_length):
    _, state = encoder(source, lengths)
    words, finished, translations = torch.full((len(source),), bos), [False] * len(source), [[] for _ in source]
    for _ in range(max_length):
        logits, state = decoder(words, state)
        words = logits[:, -1].argmax(-1)
        for row, word in enumerate(words.tolist()):
            finished[row] = finished[row] or word == eos
            if not finished[row]:
                translations[row].append(word)
        if all(finished):
            break
    return translations


def greedy_stopped_by_the_first_end(encoder, decoder, source, lengths, bos, eos, max_length):
    _, state = encoder(source, lengths)
    words, translations = torch.full((len(source), 1), bos), [[] for _ in source]
    for _ in range(max_length):
        logits, state = decoder(words, state)
        words = logits[:, -1:].argmax(dim=-1)
        for row, word in enumerate(words[:, 0].tolist()):
            translations[row].append(word)
        if (words == eos).any():
            break
    return translations


GREEDY_TRANSLATE = Exercise(
    solves="unrolled.seq2seq.greedy_translate",
    groups={"one sentence": 1, "sentences of unequal length": 2, "max_length reached": 1},
    inputs=greedy_inputs,
    probe=probe_greedy,
    accepts=(greedy_by_sentence, greedy_cut_afterwards, greedy_whole_prefix),
    misconceptions=(
        Misconception(
            id="goes-on-after-its-end",
            name="a sentence that has ended goes on while others are still being written",
            hint="When is a sentence over: when its last word was eos, or when any of its words was? Do you remember it?",
            edits={"finished |= ": "finished = "},
        ),
        Misconception(
            id="first-end-stops-all",
            name="the first sentence to end stops all the others",
            hint="The loop may end when every sentence has ended. Which of any and all is that?",
            edits={"finished.all()": "finished.any()"},
        ),
        Misconception(
            id="never-ends",
            name="eos is taken for a word like any other, and nothing ever ends",
            hint="Which word says that a sentence is over? What does your loop do when it comes?",
            edits={"finished |= words[:, 0] == eos": "pass"},
        ),
        Misconception(
            id="eos-kept",
            name="eos is left at the end of the translations",
            hint="eos is a mark, not a word of the translation. Do you look for it before or after you append?",
            edits={
                "finished |= words[:, 0] == eos\n        if finished.all():\n            break\n        ": "",
                "translations[row].append(words[row, 0].item())": (
                    "translations[row].append(words[row, 0].item())\n        finished |= words[:, 0] == eos\n"
                    "        if finished.all():\n            break"
                ),
            },
        ),
        Misconception(
            id="not-cut",
            name="no sentence is cut at its own end mark: all are as long as the longest",
            hint="The loop may go on until the last sentence has ended. What belongs to a sentence that ended before?",
            answer=greedy_uncut,
        ),
        Misconception(
            id="not-cut-and-ends-together",
            name="the sentences end only if all of them say eos at the same step",
            hint="One says eos at step 3, another at step 5. Will they ever say it together? What must be remembered?",
            answer=greedy_uncut_together,
        ),
        Misconception(
            id="bos-kept",
            name="bos is left at the beginning of the translations",
            hint="bos sets the decoder going. Did the decoder say it?",
            edits={"[[] for _ in source]": "[[bos] for _ in source]"},
        ),
        Misconception(
            id="state-not-carried-on",
            name="every word is written from the encoder's state",
            hint="After each call the decoder hands you a new state. What do you do with it?",
            edits={"logits, state = decoder": "logits, _ = decoder"},
        ),
        Misconception(
            id="bos-again-and-again",
            name="the decoder is fed bos at every step",
            hint="How does the decoder know which word it wrote last?",
            edits={"decoder(words, state)": "decoder(torch.full_like(words, bos), state)"},
        ),
        Misconception(
            id="begins-with-eos",
            name="the decoder is fed eos first",
            hint="Some models (fairseq's, Sutskever's) do begin with eos. Ours were trained with which mark in front?",
            edits={"(len(source), 1), bos": "(len(source), 1), eos"},
        ),
        Misconception(
            id="source-padding-read",
            name="the encoder is told that every sentence fills its row",
            hint="Which argument tells the encoder where each sentence ends?",
            edits={"encoder(source, lengths)": "encoder(source, torch.full_like(lengths, source.shape[1]))"},
        ),
        Misconception(
            id="one-word-too-many",
            name="one word more than max_length is allowed",
            hint="How often may the decoder be asked, if at most max_length words are wanted?",
            edits={"range(max_length)": "range(max_length + 1)"},
        ),
        Misconception(
            id="one-word-too-few",
            name="one word fewer than max_length is allowed",
            hint="bos is not a word of the translation: does it count in yours?",
            edits={"range(max_length)": "range(max_length - 1)"},
        ),
        Misconception(
            id="no-limit",
            name="max_length plays no part",
            hint="A model that is not trained yet may never say eos. Where does your loop look at max_length?",
            edits={"range(max_length)": "range(1000)"},
        ),
        Misconception(
            id="least-probable",
            name="the least probable word is taken",
            hint="Which end of the scores is the best one?",
            edits={".argmax(": ".argmin("},
        ),
        Misconception(
            id="best-of-the-whole-batch",
            name="one best score is looked for in the whole batch",
            hint="argmax without an axis runs all rows together. How does each sentence get its own word?",
            edits={"logits[:, -1].argmax(dim=-1, keepdim=True)": "logits[:, -1].argmax().expand(len(source), 1)"},
        ),
        Misconception(
            id="only-eos-removed",
            name="the eos words are removed, but what was said after them is kept",
            hint="What a sentence says after its own eos is nobody's translation. Where should each be cut?",
            answer=greedy_without_eos_words,
        ),
        Misconception(
            id="cut-at-zero",
            name="the sentences are cut at word 0 instead of eos",
            hint="0 is often the padding. Which argument says what ends a sentence?",
            answer=greedy_cut_at_zero,
        ),
        Misconception(
            id="eos-is-two",
            name="word 2 is taken for eos, whatever eos is",
            hint="Where does your code use `eos`?",
            edits={"== eos": "== 2"},
        ),
        Misconception(
            id="bos-is-one",
            name="the decoder is fed 1 first, whatever bos is",
            hint="bos is 1 in the docstring's example. Is it always?",
            edits={"(len(source), 1), bos": "(len(source), 1), 1"},
        ),
        Misconception(
            id="a-tensor",
            name="one tensor comes back, with all that was said",
            hint="Sentences differ in length. What does the signature promise, and where should each be cut?",
            answer=greedy_uncut_tensor,
        ),
        Misconception(
            id="one-list-for-all",
            name="all sentences share one list",
            hint="[[]] * 3 is the *same* list three times. How do you make three?",
            edits={"[[] for _ in source]": "[[]] * len(source)"},
        ),
        Misconception(
            id="single-sentence",
            name="a number is taken out of a tensor that holds a word for each sentence",
            hint="`.item()` wants a tensor of one. How do you get the word of row i?",
            edits={"words[row, 0].item()": "words.item()"},
        ),
        Misconception(
            id="first-sentence-only",
            name="only the first sentence comes back",
            hint="How many sentences were handed in?",
            edits={"return translations": "return translations[:1]"},
        ),
        Misconception(
            id="no-time-axis",
            name="the decoder is fed words without an axis for time",
            hint="The decoder wants (batch, time), even for one step. What is the shape of your words?",
            answer=greedy_without_a_time_axis,
        ),
        Misconception(
            id="prefix-and-state",
            name="the decoder is fed all words so far, and the new state as well",
            hint="Either everything anew from the encoder's state, or the last word from the newest state. What has "
            "your decoder read twice?",
            answer=greedy_prefix_and_state,
        ),
        Misconception(
            id="states-for-state",
            name="the encoder's states are taken for its state",
            hint="The encoder gives (states, state). Which of the two does the decoder begin with?",
            edits={"_, state = encoder": "state, _ = encoder"},
        ),
        Misconception(
            id="lengths-not-handed-on",
            name="the encoder is called without the lengths",
            hint="`encoder` is called as `Encoder` is. How many arguments has its forward?",
            edits={"encoder(source, lengths)": "encoder(source)"},
        ),
        Misconception(
            id="as-long-as-the-source",
            name="no more words are allowed than the source has columns",
            hint="A translation may be longer than its source. Which argument is the limit?",
            edits={"range(max_length)": "range(source.shape[1])"},
        ),
        Misconception(
            id="stops-and-keeps-eos",
            name="everybody stops with the first sentence to end, and its eos is kept",
            hint="When may the loop end: when any sentence has ended, or all? And does eos belong to the translation?",
            answer=greedy_stopped_by_the_first_end,
        ),
        Misconception(
            id="every-eos-removed",
            name="each eos is left out, and the sentence goes on after it",
            hint="A sentence ends before its *first* eos. What may a decoder still write once it has said that it is "
            "done?",
            edits={
                "finished |= words": "finished = words",
                "        if finished.all():\n            break": "        pass",
            },
        ),
        Misconception(
            id="zero-dropped",
            name="the word 0 is dropped as if it were padding",
            hint="No padding is written here: 0 is a word like any other. What marks the end of a sentence?",
            edits={
                "translations[row].append(words[row, 0].item())": (
                    "translations[row] += [word for word in words[row].tolist() if word]"
                ),
            },
        ),
        Misconception(
            id="every-bos-dropped",
            name="bos is left out wherever it is written",
            hint=(
                "A word of the decoder's own stays where it is, whatever its number. Which `bos` is no "
                "part of the translation?"
            ),
            edits={
                "(~finished).nonzero()": "(~finished & (words[:, 0] != bos)).nonzero()",
            },
        ),
    ),
)

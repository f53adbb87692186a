"""`block_repeated_ngrams`: The scores, with −∞ for every word that would repeat a run of n words."""

import itertools

import torch

from autograder import probes
from autograder.draw import doubled, halved, integers, normal
from autograder.exercise import Exercise, Misconception
from autograder.exercises.decoding.shared import INF


def ngram_inputs(rng):
    """3 rows of few different words, so that much repeats; or of different ones, so that a single run counts."""

    def single(n):
        """Only the very first run may not be repeated in row 0, the very last in row 1, one across in row 2."""
        rows = []
        for _ in range(3):
            rows.append(rng.permutation(7)[: n + 3].tolist())
        prompt = [row[:-1] for row in rows]
        written = [
            [rows[0][-1], *rows[0][: n - 1]],
            [rows[1][-1]] * n,
            [rows[2][-1], *rows[2][-n:-1]],
        ]
        return {"logits": normal(rng, 3, 7), "prompt": torch.tensor(prompt), "written": torch.tensor(written), "n": n}

    def case(prompt, written, n, words=3):
        """Drawn until some word is out because of the prompt, some for what was written, some for a run across."""
        while True:
            text = integers(rng, 0, words, 3, prompt + written)
            places = banned_places(text, n)
            ends = {place - prompt for row in places for place in row}
            inside = not written or any(end >= n for end in ends)
            if inside and any(end <= 0 for end in ends) and (n == 1 or not written or ends & set(range(1, n))):
                break
        return {"logits": normal(rng, 3, 7), "prompt": text[:, :prompt], "written": text[:, prompt:], "n": n}

    def written_out(texts, prompt, n):
        """Texts of the words a, b, c, …, which stand for words in a new order each time."""
        names = dict(zip("abcdefg", rng.permutation(7).tolist(), strict=True))
        text = torch.tensor([[names[name] for name in row] for row in texts])
        logits = normal(rng, len(texts), 7)
        logits[:, names["g"]] = -INF
        return {"logits": logits, "prompt": text[:, :prompt], "written": text[:, prompt:], "n": n}

    # After a came b, c and d; e only in another text. After c came a d, and later words that end in d otherwise.
    followers = written_out(["abacada", "cdbdadc", "aebfcgd"], 4, 2)
    # After a b came d, not at a multiple of 3; after b a came c; c stands before and after other pairs.
    in_order = written_out(["fbacabdeab", "gabgbagfba", "abcdefagcb"], 6, 3)
    alone = written_out(["abcab"], 3, 3)
    double = doubled(written_out(["abcabca"], 3, 2))
    short = {"logits": normal(rng, 3, 7), "prompt": integers(rng, 0, 3, 3, 2), "written": integers(rng, 0, 3, 3, 1)}
    same = integers(rng, 0, 7, 3, 1)  # after a a a, with n = 3, a is out
    only_one_run = {"logits": normal(rng, 3, 7), "prompt": same.repeat(1, 2), "written": same, "n": 3}
    return {
        "pairs": [followers, case(7, 6, 2), case(5, 0, 2), single(2), double, halved(case(7, 6, 2))],
        "longer runs": [in_order, alone, case(11, 8, 3), single(3), case(13, 11, 4, words=2)],
        "single words, and a short text": [case(2, 3, 1), short | {"n": 5}, only_one_run],
    }


def banned_places(text, n):
    """For each row the places (numbers of words in front, plus one) where a run that may not be repeated ends."""
    found = []
    for row in text.tolist():
        last = row[len(row) - n + 1 :]
        found.append([i + n for i in range(len(row) - n + 1) if row[i : i + n - 1] == last])
    return found


def ngrams_dictionary(logits, prompt, written, n):
    blocked = logits.clone()
    for row, text in enumerate(torch.cat([prompt, written], dim=1).tolist()):
        followers = {}
        for i in range(len(text) - n + 1):
            *start, end = text[i : i + n]
            followers.setdefault(tuple(start), set()).add(end)
        for word in followers.get(tuple(text[len(text) - n + 1 :]), ()) if len(text) >= n else ():
            blocked[row, word] = -INF
    return blocked


def ngrams_try_every_word(logits, prompt, written, n):
    blocked = logits.clone()
    for row in range(len(logits)):
        text = prompt[row].tolist() + written[row].tolist()
        old = {tuple(text[i : i + n]) for i in range(len(text) - n + 1)}
        for word in range(logits.shape[1]):
            if tuple([*text, word][-n:]) in old:
                blocked[row, word] = -INF
    return blocked


def ngrams_only_the_border_missing(logits, prompt, written, n):
    """Runs of the prompt and runs of the rest, each on its own."""
    blocked = logits.clone()
    for row in range(len(logits)):
        parts = (prompt[row].tolist(), written[row].tolist())
        text = parts[0] + parts[1]
        old = {tuple(part[i : i + n]) for part in parts for i in range(len(part) - n + 1)}
        for word in range(logits.shape[1]):
            if tuple([*text, word][-n:]) in old:
                blocked[row, word] = -INF
    return blocked


def ngrams_of_all_rows(logits, prompt, written, n):
    texts, blocked = torch.cat([prompt, written], dim=1).tolist(), logits.clone()
    old = {tuple(text[i : i + n]) for text in texts for i in range(len(text) - n + 1)}
    for (row, text), word in itertools.product(enumerate(texts), range(logits.shape[1])):
        if tuple([*text, word][-n:]) in old:
            blocked[row, word] = -INF
    return blocked


def ngrams_sliced_from_the_end(logits, prompt, written, n):
    blocked = logits.clone()
    for row, text in enumerate(torch.cat([prompt, written], dim=1).tolist()):
        for i in range(len(text) - n + 1):
            if text[i : i + n - 1] == text[-(n - 1) :]:
                blocked[row, text[i + n - 1]] = -INF
    return blocked


def ngrams_one_follower(logits, prompt, written, n):
    blocked = logits.clone()
    for row, text in enumerate(torch.cat([prompt, written], dim=1).tolist()):
        follower = {tuple(text[i : i + n - 1]): text[i + n - 1] for i in range(len(text) - n + 1)}
        last = tuple(text[len(text) - n + 1 :])
        if last in follower:
            blocked[row, follower[last]] = -INF
    return blocked


def ngrams_of_the_prompt(logits, prompt, written, n):
    blocked = logits.clone()
    for row, text in enumerate(torch.cat([prompt, written], dim=1).tolist()):
        for i in range(prompt.shape[1] - n + 1):
            if text[i : i + n - 1] == text[len(text) - n + 1 :]:
                blocked[row, text[i + n - 1]] = -INF
    return blocked


def ngrams_compared(logits, prompt, written, n):
    """All places at once, word by word."""
    text = torch.cat([prompt, written], dim=1)
    places = text.shape[1] - n + 1
    if places <= 0:
        return logits.clone()
    match = torch.ones(len(text), places, dtype=torch.bool)
    for k in range(n - 1):
        match &= text[:, k : k + places] == text[:, places + k, None]
    banned = torch.zeros_like(logits).scatter_add(1, text[:, n - 1 :], match.to(logits.dtype))
    return logits.masked_fill(banned > 0, -INF)


def ngrams_first_follower(logits, prompt, written, n):
    blocked = logits.clone()
    for row, text in enumerate(torch.cat([prompt, written], dim=1).tolist()):
        for i in range(len(text) - n + 1):
            if text[i : i + n - 1] == text[len(text) - n + 1 :]:
                blocked[row, text[i + n - 1]] = -INF
                break
    return blocked


def ngrams_too_far(logits, prompt, written, n):
    blocked = logits.clone()
    for row, text in enumerate(torch.cat([prompt, written], dim=1).tolist()):
        for i in range(len(text) - n + 2):
            if text[i : i + n - 1] == text[len(text) - n + 1 :]:
                blocked[row, text[i + n - 1]] = -INF
    return blocked


BLOCK_REPEATED_NGRAMS = Exercise(
    solves="unrolled.decoding.block_repeated_ngrams",
    groups={"pairs": 1, "longer runs": 1, "single words, and a short text": 1},
    inputs=ngram_inputs,
    probe=probes.made_new,
    accepts=(ngrams_dictionary, ngrams_try_every_word, ngrams_compared),
    misconceptions=(
        Misconception(
            id="prompt-forgotten",
            name="the prompt is forgotten",
            hint="A text that says what its prompt said repeats itself too. In which text do you look for the run?",
            edits={"torch.cat([prompt, written], dim=1)": "written"},
        ),
        Misconception(
            id="border-missed",
            name="runs that begin in the prompt and end after it are missed",
            hint="To a reader prompt and continuation are one text. Do you join them before or after you cut them into runs?",
            answer=ngrams_only_the_border_missing,
        ),
        Misconception(
            id="only-the-prompt",
            name="only runs of the prompt are forbidden",
            hint="What was written since then must not come twice either. Up to where do you look for the run?",
            answer=ngrams_of_the_prompt,
        ),
        Misconception(
            id="sliced-from-the-end",
            name="n = 1 forbids nothing, as if its last 0 words, text[-(n - 1):], were the whole text",
            hint="−0 is 0, and a slice from 0 is everything. How do you say “the last 0 words” by counting from the front?",
            answer=ngrams_sliced_from_the_end,
        ),
        Misconception(
            id="one-follower",
            name="of several words that followed before, only the most recent is forbidden",
            hint="If both *the cat* and *the dog* stand in the text, which words may not follow *the*? What does a dictionary do "
            "when the same key comes again?",
            answer=ngrams_one_follower,
        ),
        Misconception(
            id="order-of-parts",
            name="the prompt is put after what was written",
            hint="Which came first? The last n − 1 words should be the most recent ones.",
            edits={"[prompt, written]": "[written, prompt]"},
        ),
        Misconception(
            id="one-longer",
            name="runs of n + 1 words are forbidden",
            hint="With n = 2 no *pair* may come twice. How many of the last words belong to the pair that is coming?",
            edits={
                "text, blocked": "n = n + 1\n    text, blocked",
            },
        ),
        Misconception(
            id="one-shorter",
            name="runs of n − 1 words are forbidden",
            hint="With n = 3 a pair may come twice if another word follows. How many of the last words belong to the run that "
            "is coming?",
            edits={"text, blocked": "n = max(1, n - 1)\n    text, blocked"},
        ),
        Misconception(
            id="every-old-word",
            name="every word that has occurred is forbidden",
            hint="That is the case n = 1. For larger n a word may come again after other words: what must stand in front of it?",
            edits={".all(dim=-1).nonzero": ".ge(0).all(dim=-1).nonzero"},
        ),
        Misconception(
            id="one-word-of-the-run-is-enough",
            name="one word in the right place is taken for the whole run",
            hint="All n − 1 words in front must be the same. Which of any and all is that?",
            edits={".all(dim=-1)": ".any(dim=-1)"},
        ),
        Misconception(
            id="latest-run-missed",
            name="the most recent run is not looked at",
            hint="In a a a the pair a a stands twice, the second time at the very end. Where does your loop stop?",
            edits={"text.unfold(1, n, 1)": "text.unfold(1, n, 1)[:, :-1]"},
        ),
        Misconception(
            id="first-run-missed",
            name="the very first run is not looked at",
            hint="Where does your loop begin to count?",
            edits={
                "runs = text.unfold(1, n, 1)": "runs = text.unfold(1, n, 1)[:, 1:]",
            },
        ),
        Misconception(
            id="first-word-blocked",
            name="the first word of the run is forbidden instead of its last",
            hint="The last n − 1 words are there already. Which word of the old run came after them?",
            edits={"runs[rows, places, -1]": "runs[rows, places, 0]"},
        ),
        Misconception(
            id="other-texts",
            name="a run is forbidden that stands in another text of the batch",
            hint="Each row is a text of its own. Does row 0 know what stands in row 1?",
            answer=ngrams_of_all_rows,
        ),
        Misconception(
            id="zero-for-infinity",
            name="the forbidden words get the score 0",
            hint="What is the probability of a score of 0 after a softmax? Which score gives a probability of 0?",
            edits={'float("-inf")': "0.0"},
        ),
        Misconception(
            id="overwritten",
            name="the scores that were handed in are overwritten",
            hint="The caller may still need them. What does an assignment to blocked[…] write into?",
            edits={"logits.clone()": "logits"},
        ),
        Misconception(
            id="every-nth-place",
            name="only runs at every n-th place are looked at",
            hint="In a b c d the pairs are a b, b c and c d. By how many words do you move on each time?",
            edits={"text.unfold(1, n, 1)": "text.unfold(1, n, n)"},
        ),
        Misconception(
            id="very-low-score",
            name="the forbidden words get a very low score instead of −∞",
            hint="That nearly always does the same. Here as in Hugging Face: which score gives a probability of exactly 0, whatever the others are?",
            edits={'float("-inf")': "-1e9"},
        ),
        Misconception(
            id="all-others-forbidden",
            name="every word is forbidden but those that would repeat a run",
            hint="Where is your mask True: at the words that complete an old run or at the others?",
            edits={
                'blocked[rows, runs[rows, places, -1]] = float("-inf")': 'blocked[rows, runs[rows, places, -1]] = float("nan")\n        blocked = torch.where(blocked.isnan(), logits, float("-inf"))'
            },
        ),
        Misconception(
            id="runs-of-the-first-text",
            name="the runs of the first text count for all texts",
            hint="Each row is a text of its own. Which row do your runs come from?",
            edits={"runs = text.unfold(1, n, 1)": "runs = text[:1].expand_as(text).unfold(1, n, 1)"},
        ),
        Misconception(
            id="last-words-of-the-first-text",
            name="the last words of the first text are looked for in all texts",
            hint="Each row is a text of its own. Which row do the last words come from?",
            edits={"text[:, None, text": "text[:1, None, text"},
        ),
        Misconception(
            id="later-run-wins",
            name="a later run that does not match allows again what an earlier one has forbidden",
            hint="A word may end several runs. If one of them matches, may another one undo that? What does scatter do with two values for one place?",
            edits={
                'blocked[rows, runs[rows, places, -1]] = float("-inf")': 'out = torch.zeros_like(logits).scatter(1, runs[..., -1], (runs[..., :-1] == last).all(dim=-1).to(logits.dtype))\n        blocked = logits.masked_fill(out > 0, float("-inf"))'
            },
        ),
        Misconception(
            id="short-text-forgotten",
            name="a text of fewer than n words stops the program",
            hint="At the beginning there are not n words yet. What should happen to the scores then?",
            edits={"text.shape[1] >= n": "True"},
        ),
        Misconception(
            id="text-of-n-words-forgotten",
            name="a text of exactly n words forbids nothing",
            hint="How many runs of n words has a text of n words? For a a a and n = 3, what would be the second?",
            edits={"text.shape[1] >= n": "text.shape[1] > n"},
        ),
        Misconception(
            id="forbidden-in-all-texts",
            name="what one text must not repeat is forbidden in all texts",
            hint="Each row is a text of its own. In which rows do you write −∞?",
            edits={"blocked[rows, runs": "blocked[:, runs"},
        ),
        Misconception(
            id="first-follower-only",
            name="of several words that followed before, only the first is forbidden",
            hint="If both *the cat* and *the dog* stand in the text, which words may not follow *the*? Should your loop stop at the first match?",
            answer=ngrams_first_follower,
        ),
        Misconception(
            id="one-place-too-far",
            name="the loop goes one place too far: there the last words match themselves, and nothing follows",
            hint="The last n − 1 words stand at the end of the text, and no word follows them. How many runs of n words are there?",
            answer=ngrams_too_far,
        ),
        Misconception(
            id="order-of-words-ignored",
            name="the words of the run may stand in any order",
            hint="Is *dog bites* the same pair as *bites dog*? What do sorted lists and sets forget?",
            edits={"(runs[..., :-1] == last)": "(runs[..., :-1].sort(dim=-1).values == last.sort(dim=-1).values)"},
        ),
        Misconception(
            id="nothing-forbidden",
            name="no word is ever forbidden",
            hint="How many of the last words do you compare with the beginning of a run? Can n words ever be equal to n − 1?",
            edits={"text.shape[1] >= n": "False"},
        ),
        Misconception(
            id="first-text-only",
            name="only the first text is looked at",
            hint="How often does your loop run? Look how far the `return` is indented.",
            edits={".all(dim=-1).nonzero": ".all(dim=-1)[:1].nonzero"},
        ),
        Misconception(
            id="always-three",
            name="n is 3 whatever the argument says",
            hint="The function has an argument n. Where do you use it?",
            edits={"text, blocked": "n = 3\n    text, blocked"},
        ),
        Misconception(
            id="texts-stacked",
            name="what was written is put below the prompt instead of after it",
            hint="Write down the shapes of both. Along which axis do the words of a text stand?",
            edits={"[prompt, written], dim=1": "[prompt, written], dim=0"},
        ),
        Misconception(
            id="recent-runs-only",
            name="only the last n runs are looked at",
            hint="How far back may the run stand that must not come again?",
            edits={
                "(runs[..., :-1] == last).all(dim=-1)": "((runs[..., :-1] == last).all(dim=-1) & (torch.arange(runs.shape[1]) >= runs.shape[1] - n))"
            },
        ),
        Misconception(
            id="single-precision",
            name="the result is float32 whatever `logits` is",
            hint="A model may give its scores in double or half precision. In which dtype should they come out?",
            edits={"return blocked": "return blocked.float()"},
        ),
        Misconception(
            id="whole-text-for-n-1",
            name="the last n − 1 words are taken as [-(n - 1):], and for n = 1 that is the whole text, which fits no run",
            hint="−0 is 0, and a slice from 0 is everything. How do you say “the last 0 words” by counting from the front?",
            edits={"text.shape[1] - n + 1 :": "-(n - 1) :"},
        ),
        Misconception(
            id="written-forgotten",
            name="what was written after the prompt plays no part",
            hint="The last n − 1 words are the most recent ones. Which text do you look at?",
            edits={"torch.cat([prompt, written], dim=1)": "prompt"},
        ),
    ),
)

# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
# ---

# %% [markdown]
# # 11 · What is a token?
#
# Until now a sentence was a row of words, and every word had a number. Words that were never seen,
# **out-of-vocabulary** (미등록) words, had none: all of them were `<unk>`. Hardly any language model of today does that.
# They cut text into **tokens** or **subwords** (서브워드), pieces between letters and words, and which pieces there are is
# *learnt*, by counting, before any network is trained. In this chapter you write the algorithm of GPT-2 and of many
# models since, and see what it costs to write in Korean.
#
# You need: Python's dictionaries; chapter 0 for the words. Seven exercises, 20 points and a paragraph (2 points).
# About two and a half hours.

# %% setup
import time
import unicodedata
from collections import Counter

from autograder import check, judge_repair, progress, solved
from unrolled import bpe
from unrolled.data import village
from unrolled.lab import curves, explorer, panels, recorded, show
from unrolled.lab.figures import PALETTE

# %% [markdown]
# ## The problem: words that nobody has seen
#
# Here are 3000 sentences of the village with their translations. We number the words, as in all chapters before, and
# look at 500 sentences that we have not seen, and at one of our own.

# %%
pairs = {split: village.pairs(n, split=split) for split, n in (("train", 3000), ("test", 500))}
for language in ("english", "korean"):
    seen, new = (
        [village.tokens(getattr(pair, language)) for pair in pairs[s]] for s in ("train", "test")
    )
    vocabulary = village.Vocabulary(seen)
    unknown = sum(word not in vocabulary for words in new for word in words)
    print(f"{language}: {len(vocabulary):4} words; unknown in the new sentences: {unknown}")
    for text in ("I love my croissants", "나는 떡볶이를 사랑했어"):
        if text.isascii() == (language == "english"):
            print("  ", " ".join(vocabulary.decode(vocabulary.encode(village.tokens(text)))))

# %% [markdown]
# Both languages say the same, and yet Korean needs twice as many words. Particles and endings stick to the word: 농부가,
# 농부를, 농부는 and 농부와 are four words, though everybody hears the 농부, the farmer, in them. So more of them are unknown,
# and a vocabulary of all forms would never end. English only hides the same trouble better: *croissants*.
#
# Could we number the letters instead? Then nothing is unknown, but a sentence becomes five times as long, and a
# network must learn anew that *t-h-e* is a word. We want something in between: frequent words whole, rare ones in
# pieces.

# %% [markdown]
# ## The idea: merge what often stands together
#
# Begin with the smallest pieces. Find the pair of neighbours that occurs most often, and make it a new piece. Do so
# again, and again. *h* and *e* become *he*, *t* and *he* become *the*; after some thousand rounds the frequent words
# are whole, and a rare word is still spelt by its parts. This is **byte-pair encoding** (바이트 쌍 인코딩), a way to compress
# files (Gage 1994) that Sennrich and others (2016) brought to translation.
#
# What are the smallest pieces? Letters would do for English, but Korean has 11,172 syllables, Chinese tens of thousands
# of characters, and there are emoji. GPT-2 takes **bytes**. Every text is a row of bytes, in UTF-8, and there are only
# 256 of them.
#
# **Predict.** How many bytes does the word 사랑 have? And could two texts that both look like 사랑 have different bytes?

# %%
love = {form: unicodedata.normalize(form, "사랑") for form in ("NFC", "NFD")}
for form, word in love.items():
    print(f"{form} {word}: {len(word)} characters, {len(word.encode())} bytes:", *word.encode())
print("equal:", love["NFC"] == love["NFD"])

# %% [markdown]
# <details><summary>What you should have seen</summary>
#
# Three bytes a syllable make 6. But Unicode can also write 사랑 as five single letters, ㅅㅏㄹㅏㅇ, three bytes each: 15. The
# first form is called NFC (composed), the second NFD (decomposed; names of files on a Mac are often written so). They
# look alike and are different texts. A **tokenizer** (토크나이저) must keep them apart, or what it decodes is not what it
# was given.
# </details>

# %% [markdown]
# ## Words first
#
# If merges could cross the borders of words, the frequent *of the* would become a piece, and so would *dog.* and
# *dog,* and *dog!*. So the text is cut into words before anything is counted, which is called **pre-tokenisation**
# (사전 토큰화), and no merge crosses a border. GPT-2's rule is a regular expression. It is worth reading slowly; `\p{L}`
# is a letter of any script, `\p{N}` a numeral:
#
# ```
# '(?:[sdmt]|ll|ve|re)     the endings 's, 'd, 'm, 't, 'll, 've, 're
# | ?\p{L}+                letters, with one space in front if there is one
# | ?\p{N}+                numerals, likewise
# | ?[^\s\p{L}\p{N}]+      other marks, likewise
# |\s+(?!\S)               white space, but for the last if a word follows
# |\s+                     white space
# ```
#
# Python's own `re` does not know `\p`; the package `regex` does. The space belongs to the word *after* it: “ love”
# and “love” are two different words. And some pieces are not text at all. `<|end|>`, say, tells a model that a
# document is over: a **special token** (특수 토큰), which must come out in one piece however it is spelt.

# %% [markdown]
# ### Exercise 11.1 — cut a text into words · 2 points · ~15 min
#
# First cut out the special tokens, whole, then cut what is left by the pattern. Joined, the words must be the text
# again.
#
# <details><summary>Hint</summary>
#
# `regex.split("(x|y)", text)` cuts at x and at y and, because of the round brackets, keeps them. `<|end|>` holds a
# `|`, which means “or” in a pattern: see `regex.escape`. If one special token begins another, which should be tried
# first? And which pattern matches nowhere, for when there are none?
# </details>

# %% exercise
from unrolled.bpe import pretokenize

# %% check
check(pretokenize)

# %% [markdown]
# ## Count, merge, repeat
#
# A text has the same words again and again, so we keep each word once, as a list of bytes, with its count $n_w$. The
# next merge is the pair of neighbours that occurs most often in all of them:
#
# $$(a, b)^* \;=\; \underset{(a,\, b)}{\mathrm{argmax}} \;\sum_{w} n_w \cdot \#\{\text{places of } w \text{ where } b \text{ follows } a\}$$

# %% [markdown]
# ### Exercise 11.2 — count pairs · 2 points · ~10 min
#
# The sum of the formula, for all pairs at once.
#
# <details><summary>Hint</summary>
#
# `zip(word, word[1:])` goes through a word's neighbours. By how much does each of them count, if the word stands in the
# text $n_w$ times?
# </details>

# %% exercise
from unrolled.bpe import count_pairs

# %% check
check(count_pairs)

# %% [markdown]
# ### Exercise 11.3 — merge a pair · 2 points · ~10 min
#
# Put the new token in the place of the pair, wherever it stands in the word. In *aaa* the pair (a, a) stands twice,
# but only one of the two can be merged: go from left to right.
#
# <details><summary>Hint</summary>
#
# Walk with a place that you move yourself (`while`, not `for`): after a merge it goes on by two, else by one. What is
# there to compare at the last place?
# </details>

# %% exercise
from unrolled.bpe import merge_pair

# %% check
check(merge_pair)

# %% [markdown]
# ### Exercise 11.4 — train · 5 points · ~45 min
#
# Now the loop. Ids 0 to 255 are the bytes, merge $i$ makes the token $256 + i$, and the special tokens come last. All
# of them together are `vocab_size`.
#
# **Ties** come last. Pairs are often equally frequent, and one wrong choice changes all that follows. Let the loop work
# first: four of the five points are for texts in which one pair is always ahead. The fifth is for our rule, which is
# that of Hugging Face's `tokenizers`: the pair whose left token is the earlier one, then the right. Its order of bytes
# is GPT-2's, which has the visible characters first; the line for it stands in the docstring.
#
# **Time.** Counting all pairs anew for every merge is right, and earns all points. But it is slow: the 4096 tokens of
# the next cell would take it minutes, so from there on the library's `train_bpe` takes over. A merge changes only the
# words that hold the pair, so it is enough to take away the pairs that these words had and to add those that they have.
#
# <details><summary>Hint: first make it right</summary>
#
# `count_pairs`, then the pair with the largest count, then `merge_pair` for every word; stop when the vocabulary is
# full or there are no pairs. For ties take `min` over the pairs with the key (−count, place of left, place of right).
# </details>
#
# <details><summary>Hint: then make it fast</summary>
#
# Keep the counts, and for each pair the set of words in which to look for it. To find the largest count keep a heap
# (`heapq`) of (−count, places, pair). Counts of pairs only fall after they were born, so an entry that is out of date
# is too high: when it comes out, compare it with the true count, and put it back if it differs.
# </details>

# %% exercise
from unrolled.bpe import train_bpe

# %% check
check(train_bpe)

# %%
count, merge = map(solved, ("count_pairs", "merge_pair"))
train_tokenizer, encode_now = bpe.train_bpe, bpe.encode  # the library's, which are fast
texts = {
    (language, split): "\n".join(getattr(pair, language) for pair in pairs[split])
    for language in ("english", "korean")
    for split in ("train", "test")
}
both = texts["english", "train"] + "\n" + texts["korean", "train"]
merges = train_tokenizer(both, 4096)


def spelled(merges):
    """The bytes of every token."""
    tokens = [bytes([byte]) for byte in range(256)]
    for left, right in merges:
        tokens.append(tokens[left] + tokens[right])
    return tokens


tokens = spelled(merges)
for i in (0, 1, 6, 12, 13, 300, 1000, 3000):
    left, right = merges[i]
    print(
        f"merge {i:4}: {tokens[left]} + {tokens[right]}",
        "→",
        tokens[256 + i].decode(errors="replace"),
    )

# %% [markdown]
# The very first merge is the space with the byte 0xEC, the first third of many Korean syllables. Then come *he*,
# *the*, the particles 에 and 는. The algorithm knows nothing of syllables.

# %% [markdown]
# ## The picture: the same sentence after so many merges
#
# How many tokens does a sentence take, in English and in Korean, with none of the merges, with 30, with 3500?

# %%
LOVE = village.LOVE.english, village.LOVE.korean
STEPS = [0, 30, 100, 300, 1000, 3500]
for text in LOVE:
    print(text, {step: len(encode_now(text, merges[:step])) for step in STEPS})

# %% [markdown]
# Each coloured block is one token; its width is its number of bytes. English letters are one byte wide, Korean
# syllables three.


# %% picture
# The tokens of two sentences after 0 to 3500 merges
def draw_row(axes, y, text, merges):
    """The tokens of a text as blocks in a row, its characters over their bytes; returns how many tokens."""
    ids, x = encode_now(text, merges), 0
    for n, i in enumerate(ids):
        axes.barh(
            y,
            len(tokens[i]),
            left=x,
            height=0.8,
            color=PALETTE[n % 6],
            alpha=0.45,
            edgecolor="white",
        )
        x += len(tokens[i])
    x = 0
    for character in text:
        width = len(character.encode())
        drawn = "□" if ord(character) > 0xFFFF else character.replace(" ", "␣")  # no font has all emoji
        axes.text(x + width / 2, y, drawn, ha="center", va="center")
        x += width
    return len(ids)


def draw_sentences(steps, sentences, title):
    """A panel for each sentence, a row for each number of merges."""
    figure, axes = panels(
        len(sentences), 1, size=(8.6, 0.9 + len(sentences) * (0.5 + 0.36 * len(steps)))
    )
    for panel, text in zip(axes, sentences, strict=True):
        sizes = [draw_row(panel, -row, text, merges[:step]) for row, step in enumerate(steps)]
        labels = [f"{step} merges: {size}" for step, size in zip(steps, sizes, strict=True)]
        panel.set_yticks([-row for row in range(len(steps))], labels)
        panel.set_xlim(0, max(1, *(len(text.encode()) for text in sentences)))
        panel.grid(visible=False)
    axes[0].set_title(title)
    axes[-1].set_xlabel("bytes")
    return figure


show(
    draw_sentences(STEPS, LOVE, "Bytes grow into letters, endings and words"),
    alt="Blocks of tokens of “I love you so much” and of 나는 너를 매우 사랑해 after 0 to 3500 merges: 18 and 30 single bytes at first, at the end five and four whole words.",
)

# %% [markdown]
# At first Korean is the longer one, 30 tokens to 18; in the end it is four words to five. On the way the tokens of
# Korean are often *parts* of a syllable. A token is not a letter, and not always even text. Move the slider, and
# write sentences of your own. (Emoji are drawn as □, with their four bytes.)


# %% picture
# The tokens of your own sentences, merge by merge
def said(token):
    """A token as text, or as bytes where it is none."""
    text = token.decode(errors="replace")
    return f"“{text}”" if "�" not in text else token.hex(" ")


def draw_step(merges_made=300, english=LOVE[0], korean=LOVE[1]):
    title = "Nothing merged yet: tokens are bytes"
    if merges_made:
        left, right = (tokens[i] for i in merges[merges_made - 1])
        title = f"The last, merge {merges_made - 1}: {said(left)} + {said(right)} → {said(left + right)}"
    return draw_sentences([merges_made], [english, korean], title)


explorer(
    draw_step,
    merges_made=(0, 3800, 1),
    english=LOVE[0],
    korean=LOVE[1],
    alt=lambda merges_made, english, korean: (
        f"The tokens of “{english}” and “{korean}” after {merges_made} merges, as coloured blocks."
    ),
)

# %% [markdown]
# ## From text to numbers
#
# A new text comes. Its tokens are found by doing what training did, in the same order: of all pairs of a word that
# were ever merged, merge the one that was learnt *first*; then look again. How often a pair occurs in the new text
# does not matter. The order was decided in training, once and for all, so that a word has the same tokens wherever it
# stands.

# %% [markdown]
# ### Exercise 11.5 — encode · 4 points · ~25 min
#
# Call your `pretokenize` and `merge_pair`. Special token $i$ has the id `256 + len(merges) + i`.
#
# <details><summary>Hint</summary>
#
# Make a dictionary from each pair to its rank, its number in `merges`. Then `min` over the pairs of a word, by rank;
# a pair that was never merged gets a rank beyond all others. And remember words that you have seen: a text repeats
# them. (Slow is right as well. Where many texts are encoded below, the library's `encode` does it.)
# </details>

# %% exercise
from unrolled.bpe import encode

# %% check
check(encode)

# %% [markdown]
# ### Exercise 11.6 — decode · 2 points · ~10 min
#
# The way back is easy, but for one thing: a token may end in the middle of a character. And a model may write bytes
# that are no text at all. They should come out as �, the sign for “something was here”. An id that no token has is
# another matter: somebody made a mistake, and a `ValueError` whose message names `ids` should say so.
#
# <details><summary>Hint</summary>
#
# First the bytes of all ids in one row, and only then `bytes.decode`, whose argument `errors` says what becomes of
# bytes that are no text. The bytes of token $256 + i$ are those of its two parts, which are known before it. Special
# tokens come last: what are their bytes? And beware of negative numbers, which Python counts from the end.
# </details>

# %% exercise
from unrolled.bpe import decode

# %% check
check(decode)

# %%
encode_yours, decode_now = map(solved, ("encode", "decode"))
for text in (
    "나는 croissant을 사랑해 🥐",
    "뷁! Ünïcödé, Ελληνικά, عربي",
    love["NFC"] + " " + love["NFD"],
):
    ids = encode_yours(text, merges)
    print(f"{len(ids):2} tokens;", "the same again:", decode_now(ids, merges) == text, "·", text)

# %% [markdown]
# Nothing is unknown, and everything comes back, byte by byte. Neither 뷁 nor the croissant was in the training text.

# %% [markdown]
# ## The experiment: what does Korean cost?
#
# A model pays for tokens: its time, its memory, how much text it can see at once. So how long does a text become? We
# learn merges from 3000 village sentences with their translations, and measure **tokens per word** on 500 new ones. A
# small vocabulary is simply a large one cut short, since merges are learnt one after the other. And we do it a second
# time with the English half only, as if Korean had been forgotten.
#
# **Predict.** The same 500 sentences in English and in Korean, and a tokenizer that learnt from English alone. How
# many times as many tokens will Korean need?

# %%
SIZES = [256, 512, 1024, 2048, 4096]
LANGUAGES = ("english", "korean")


def per(numbers, n):
    """Each of the numbers, divided."""
    return [number / n for number in numbers]


def measured(text, learnt):
    """For each language, what its texts cost with the first of the merges, one number for each of SIZES."""
    sizes = {
        (language, split): [len(encode_now(t, learnt[: size - 256])) for size in SIZES]
        for (language, split), t in text.items()
    }
    return {
        language: {
            "tokens a word": per(sizes[language, "test"], len(text[language, "test"].split())),
            "in training": per(sizes[language, "train"], len(text[language, "train"].split())),
            "characters a token": [
                len(text[language, "test"]) / n for n in sizes[language, "test"]
            ],
            "tokens a sentence": per(sizes[language, "test"], 500),
        }
        for language in LANGUAGES
    }


# %% [markdown]
# The experiment draws the sentences and learns twice, from both languages and from English alone.


# %%
def experiment(seed, preset="auto"):
    """Learn merges from both languages and from English alone; what the texts cost with them."""
    text = {}
    for split, n in (("train", 3000), ("test", 500)):
        drawn = village.pairs(n, split=split, seed=seed)
        for language in LANGUAGES:
            text[language, split] = "\n".join(getattr(pair, language) for pair in drawn)
    english = text["english", "train"]
    mixtures = {"both": english + "\n" + text["korean", "train"], "English only": english}
    result = {}
    for mixture, training in mixtures.items():
        learnt = train_tokenizer(training, SIZES[-1])
        result[mixture] = measured(text, learnt) | {"merges": len(learnt)}
    return result


# %% [markdown]
# One more thing is recorded: how long it takes to learn merges if pairs are counted anew each time, and if the counts
# are kept.


# %%
def summarize(result):
    """What is written down: all of it, and the seconds of `race` further down."""
    return result | {"seconds": race()}


def race(merges=300):
    """Seconds to learn so many merges: counting anew for each of them, and keeping the counts."""
    began = time.process_time()
    words = Counter(both.split())
    counts, words = list(words.values()), [list(word.encode()) for word in words]
    for i in range(merges):
        found = count(words, counts)
        best = max(found, key=found.get)
        words = [merge(word, best, 256 + i) for word in words]
    halfway = time.process_time()
    train_tokenizer(both, 256 + merges)
    return {"anew": halfway - began, "kept": time.process_time() - halfway}


# %% [markdown]
# Here is the experiment with one seed.

# %%
result = experiment(seed=0)
for mixture, found in result.items():
    for language in LANGUAGES:
        row = ", ".join(f"{size}: {x:.2f}" for size, x in zip(SIZES, found[language]["tokens a word"], strict=True))
        print(f"learnt from {mixture:12} · {language}, tokens per word by vocabulary: {row}")

# %%
runs = list(recorded("11_bpe")["seeds"].values())


def mean(mixture, language, what):
    """The mean of a measure over the recorded seeds, size by size."""
    values = [run[mixture][language][what] for run in runs]
    return [sum(column) / len(values) for column in zip(*values, strict=True)]


for mixture in ("both", "English only"):
    english, korean = (mean(mixture, language, "tokens a sentence")[3] for language in LANGUAGES)
    print(
        f"learnt from {mixture}: {english:.1f} and {korean:.1f} tokens a sentence, {korean / english:.2f} times"
    )

# %% picture
# Tokens per word over the size of the vocabulary
figure, axes = panels(1, 2, size=(9, 3.6))
for panel, mixture, title in (
    (axes[0], "both", "Learnt from both: Korean catches up"),
    (axes[1], "English only", "Learnt from English: Korean stays bytes"),
):
    curves(
        {
            language.capitalize(): (SIZES, mean(mixture, language, "tokens a word"))
            for language in LANGUAGES
        },
        title=title,
        x_label="vocabulary",
        y_label="tokens per word",
        axes=panel,
    )
    panel.set_xscale("log", base=2)
    panel.set_xticks(SIZES, SIZES)
    panel.set_ylim(0, 10.5)
show(
    figure,
    alt="Tokens per word over the size of the vocabulary, in two panels. Learnt from both languages, English falls from 5.5 to 1.1 and Korean from 9.5 to 1.3. Learnt from English only, Korean stays at 9.5.",
)

# %% [markdown]
# <details><summary>What you should have seen</summary>
#
# More than five times as many, with 2048 tokens: 57.5 in place of 10.6 for the average sentence. English text has no
# Korean bytes, so no merge ever joins two of them, however large the vocabulary. (The English half has nothing left
# to merge at about 1830 tokens: all of its words are whole. So the curve ends flat.) Learnt from both, the same
# Korean sentences take *fewer* tokens than the English ones. A Korean word costs more tokens than an English one, but
# there are fewer words. It is not the language that is expensive. It is what the tokenizer was shown.
# </details>
#
# All three recorded seeds agree. And what of the sentences that the merges were learnt from: are they shorter?

# %%
for language in LANGUAGES:
    new, seen = (mean("both", language, what) for what in ("tokens a word", "in training"))
    more = ", ".join(f"{size}: {100 * (a / b - 1):+.1f} %" for size, a, b in zip(SIZES, new, seen, strict=True))
    print(f"{language}, tokens per word in new sentences against those of the training text, by vocabulary: {more}")

# %% [markdown]
# Hardly. (The means of the three seeds are shown.) Up to 1024 tokens the difference is less than one and a half per
# cent for every seed, and not always in that direction. Only in the largest vocabulary, where most Korean words of the
# training text have become whole, do new Korean sentences cost about three to four per cent more for every seed. A
# tokenizer can overfit, but it takes some doing.

# %%
for run in runs:
    seconds = run["seconds"]
    print(f"300 merges: counted anew {seconds['anew']:.2f} s, counts kept {seconds['kept']:.2f} s")

# %% [markdown]
# This is what keeping the counts is worth, on a text of 2800 different words: a factor of 20 to 30. To measure yours,
# set `train_tokenizer = train_bpe` and call `race()`. On 22 MB of English documentation the library's `train_bpe`
# learns 2000 tokens in the time that Hugging Face's takes, which is written in Rust, on one thread each
# (`tests/benchmarks/bpe.py`).

# %% [markdown]
# ## Another way: WordPiece
#
# BERT's tokenizer, **WordPiece** (워드피스), does not remember merges. It has only a list of pieces, and takes the longest
# piece with which the word begins, then the longest that goes on from there. Pieces inside a word are written with `##`
# in front, so that *un*, *##believ*, *##able* can be told from three words.

# %% [markdown]
# ### Exercise 11.7 — WordPiece · 3 points · ~15 min
#
# The pieces of one word. If at some place nothing fits, the *whole* word is unknown.
#
# <details><summary>Hint</summary>
#
# Two loops: the outer one over the place where a piece begins, the inner one over where it may end, the longest first.
# From the second piece on, what is looked up begins with `##`.
# </details>

# %% exercise
from unrolled.wordpiece import wordpiece

# %% check
check(wordpiece)

# %%
pieces_of = solved("wordpiece")
pieces = {
    "un",
    "##believ",
    "##able",
    "사랑",
    "##해",
    "##해요",
    "##을",
    "play",
    "player",
    "##er",
    "##ground",
}
for word in ("unbelievable", "사랑해요", "사랑을", "player", "playground", "사랑이"):
    print(f"{word:13}", *pieces_of(word, pieces))
print(f"{'abcd':13}", *pieces_of("abcd", {"ab", "abc", "##cd"}), "although ab and ##cd would do")

# %% [markdown]
# It never goes back. *abc* is the longest beginning of *abcd*, nothing fits after it, and that is that: `[UNK]`. And
# without the bytes at the bottom a letter that is not in the list makes the whole word unknown, as 이 did.

# %% [markdown]
# ## Claims, checked
#
# > *"With byte-pair encoding there are no unknown words."*
#
# The original (Sennrich et al. 2016) merged characters, and knew those of its training text. So let us look at the
# characters of ours.

# %%
known = set(both)
syllables = sum("가" <= character <= "힣" for character in known)
print(f"{len(known)} characters, {syllables} of Korean's 11,172 syllables")
for text in ("떡볶이", "뷁", "croissant 🥐"):
    print(text, "· unknown characters:", sorted(set(text) - known))

# %% [markdown]
# **True only at byte level.** On characters, a rare syllable or an emoji has no number, and is `<unk>` again. On
# bytes, the worst that can happen is one token for each byte.
#
# > *"One token is about four characters."*
#
# So says the help page of many a service. We have measured characters per token on the new sentences, with a vocabulary
# of 2048:

# %%
AT = SIZES.index(2048)
for mixture in ("both", "English only"):
    for language in LANGUAGES:
        values = [run[mixture][language]["characters a token"] for run in runs]
        print(
            f"learnt from {mixture:12} · {language}:",
            ", ".join(f"{value[AT]:.1f}" for value in values),
            f"({values[0][0]:.1f} with bytes alone)",
        )

# %% [markdown]
# **True of English only**, and even there only with a vocabulary that suits the text. Of Korean a token is about two
# characters if the tokenizer has learnt Korean, and two fifths of a character, a single byte, if it has not. (The
# village has few different words. The help pages mean real English, and vocabularies of fifty thousand tokens or
# more.)
#
# > *"사랑 is six bytes."*
#
# We saw it: six as NFC, fifteen as NFD. What do the merges make of them?

# %%
for form, word in love.items():
    ids = encode_now(word, merges)
    print(f"{form}: {len(word.encode()):2} bytes, {len(ids)} tokens")

# %% [markdown]
# **True only if** composed. The training text was NFC, so the merges know nothing of the other form, and pay the full
# price. Whoever prepares a training text should choose one form and convert all of it. (SentencePiece does so on the
# way in, unless told otherwise, and so does the uncased BERT: the difference is lost.) A byte-level tokenizer like ours
# keeps whatever it is given.

# %% [markdown]
# ## Repair: a chat that stutters
#
# A model writes its answer token by token, and a program shows each token as it comes. In English nobody noticed
# anything. Then the first Korean user wrote in. The next cell shows the symptom; repair `stream` in place. It must
# still show text as soon as there is some.


# %%
def stream(ids):
    """The text of the ids, bit by bit."""
    for i in ids:
        yield decode_now([i], merges)


# %%
for answer in ("I love croissants", "나는 떡볶이를 사랑해"):
    print("|".join(stream(encode_now(answer, merges))))
parts = list(stream(encode_now(answer, merges)))
judge_repair(
    ("All of the answer arrives.", "".join(parts) == answer, f"What arrived is “{''.join(parts)}”."),
    ("It is shown bit by bit.", len(parts) > 3, f"The reader saw it in {len(parts)} part."),
)

# %% [markdown]
# <details><summary>What is it?</summary>
#
# A token may hold one byte of a syllable's three. Decoded on its own it is no text, and � comes out, again and again.
# The bytes must be joined *before* they are read. So keep the ids whose text is not yet whole: decode them together,
# and show them once the result does not end in �; at the end show what is left, for a model may be cut off in the
# middle. (Python has `codecs.getincrementaldecoder("utf-8")` for the same purpose.) The lesson: a token is not a
# piece of text, and English alone will not tell you.
# </details>

# %% [markdown]
# ## In your own words
#
# A friend pays for a language model by the token and asks why the same question costs more in Korean than in English.
# Answer in six to ten sentences: what is a token, how does a tokenizer come to its tokens, and is Korean to blame?
#
# Two points: one for how merges are learnt (bytes, most frequent pair, again and again, within words), one for why
# the training text decides (and that a word unknown to it falls apart into bytes, three a syllable).

# %% written [markdown] name="bpe-in-your-own-words" points=2
# A token is a row of bytes that has a number of its own: a word, a part of a word, or a single byte. At first only
# the 256 bytes are tokens. Then, in a training text that is cut into words, the pair of neighbours that occurs most
# often is made a new token, again and again, until the vocabulary is full. So what is frequent in that text becomes
# whole, and what is rare stays in pieces. A new text is cut by making the same merges in the same order. If the
# training text was mostly English, few merges are left for Korean. Its syllables, of three bytes each, fall apart
# into bytes, and every byte costs as much as an English word. It is not the language: learnt from both alike, the
# village's Korean sentences took fewer tokens than the English ones.
#
# **1 point**: begins with bytes, merges the most frequent pair repeatedly, within words. **1 point**: the training
# text decides which words are whole, *and* unseen text falls back to bytes, three for each Korean syllable.

# %% [markdown]
# ## What you have now, and where next
#
# A tokenizer that learns the same merges as Hugging Face's, reads any text, and gives it back. The numbers that go
# into a model are no longer the words that somebody chose, but pieces that a text chose.
#
# **Next**: chapter 12 asks what is worth keeping of an image.
#
# *To read on*: Sennrich, Haddow and Birch, *Neural Machine Translation of Rare Words with Subword Units* (2016);
# Radford et al., *Language Models are Unsupervised Multitask Learners* (2019), section 2.2; Petrov et al., *Language
# Model Tokenizers Introduce Unfairness Between Languages* (2023).

# %%
progress("11_bpe")

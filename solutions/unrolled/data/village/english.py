"""English morphology: articles, plurals, the forms of a verb, comparison.

Rules first, then the words that break them. Left out: everything that the village does not say (the perfect,
the passive). What words there are stands in `lexicon`, how they make a sentence in `render_english`.
"""

import re
from functools import cache


def _table(pairs: str) -> dict[str, str]:
    return dict(pair.split(":") for pair in pairs.split())


PLURALS = _table(
    """child:children man:men woman:women fisherman:fishermen postman:postmen goose:geese mouse:mice sheep:sheep
    deer:deer fish:fish knife:knives wolf:wolves leaf:leaves scarf:scarves loaf:loaves potato:potatoes
    tomato:tomatoes"""
)

PASTS = _table(
    """be:was blow:blew break:broke bring:brought build:built buy:bought catch:caught choose:chose come:came cut:cut
    dig:dug do:did draw:drew drink:drank eat:ate fall:fell feed:fed feel:felt find:found fly:flew forget:forgot
    get:got give:gave go:went grow:grew have:had hear:heard hide:hid hold:held keep:kept know:knew lead:led leave:left
    lend:lent light:lit lose:lost make:made meet:met pay:paid put:put read:read ride:rode ring:rang rise:rose run:ran say:said
    see:saw sell:sold send:sent shine:shone show:showed sing:sang sit:sat sleep:slept speak:spoke stand:stood
    sweep:swept swim:swam take:took teach:taught tell:told think:thought throw:threw wake:woke wear:wore weave:wove
    win:won write:wrote"""
)

COMPARATIVES = {"clever": "cleverer", "quiet": "quieter", "gentle": "gentler", "narrow": "narrower"}
SILENT_H = ("honest", "hour", "heir")
SOUNDS_LIKE_YOU = ("uni", "use", "usu", "eu", "one")


def article(phrase: str) -> str:
    """ "a" or "an", by the sound with which the phrase begins.

    >>> article("apple"), article("honest man"), article("useful tool"), article("pear")
    ('an', 'an', 'a', 'a')
    """
    if phrase.startswith(SILENT_H):
        return "an"
    return "an" if phrase[0] in "aeiou" and not phrase.startswith(SOUNDS_LIKE_YOU) else "a"


def _with_s(word: str) -> str:
    if word.endswith(("s", "x", "z", "ch", "sh")) or word in ("go", "do"):
        return word + "es"
    if word == "be":
        return "is"
    if word.endswith("y") and word[-2] not in "aeiou":
        return word[:-1] + "ies"
    return word + "s"


@cache
def plural(noun: str) -> str:
    """More than one of it; of a phrase, the last word counts.

    >>> plural("bakery"), plural("fox"), plural("young goose")
    ('bakeries', 'foxes', 'young geese')
    """
    before, space, last = noun.rpartition(" ")
    return before + space + (PLURALS.get(last) or _with_s(last))


def _inflect(verb: str, change) -> str:
    """Inflect the first word of a phrase: "wait for" → "waited for"."""
    head, space, rest = verb.partition(" ")
    return change(head) + space + rest


def _doubled(verb: str) -> str:
    """The final consonant doubles after one short vowel in a word of one syllable: stop → stopp(ed)."""
    return verb + verb[-1] if re.fullmatch(r"(qu|[^aeiou])*[aeiou][^aeiouwxy]", verb) else verb


def _past(verb: str) -> str:
    if verb in PASTS:
        return PASTS[verb]
    if verb.endswith("e"):
        return verb + "d"
    if verb.endswith("y") and verb[-2] not in "aeiou":
        return verb[:-1] + "ied"
    return _doubled(verb) + "ed"


def _ing(verb: str) -> str:
    if verb.endswith("ie"):
        return verb[:-2] + "ying"
    if verb.endswith("e") and not verb.endswith("ee") and verb != "be":
        return verb[:-1] + "ing"
    return _doubled(verb) + "ing"


@cache
def third_person(verb: str) -> str:
    """The present with he, she and it.

    >>> third_person("carry"), third_person("wash"), third_person("wait for")
    ('carries', 'washes', 'waits for')
    """
    return _inflect(verb, _with_s)


@cache
def past(verb: str) -> str:
    """The simple past.

    >>> past("buy"), past("carry"), past("stop by"), past("visit")
    ('bought', 'carried', 'stopped by', 'visited')
    """
    return _inflect(verb, _past)


@cache
def ing(verb: str) -> str:
    """The present participle.

    >>> ing("bake"), ing("run"), ing("tie"), ing("open")
    ('baking', 'running', 'tying', 'opening')
    """
    return _inflect(verb, _ing)


@cache
def comparative(adjective: str) -> str:
    """More so: short adjectives take -er.

    >>> comparative("big"), comparative("heavy"), comparative("wise"), comparative("expensive")
    ('bigger', 'heavier', 'wiser', 'more expensive')
    """
    if adjective in COMPARATIVES:
        return COMPARATIVES[adjective]
    if adjective.endswith("y"):
        return adjective[:-1] + "ier"
    if len(re.findall("[aeiouy]+", adjective.removesuffix("e"))) > 1:
        return "more " + adjective
    return adjective + "r" if adjective.endswith("e") else _doubled(adjective) + "er"


NUMERALS = (
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
)


def numeral(number: int) -> str:
    """The number in words, up to twelve, and twenty."""
    return "twenty" if number == 20 else NUMERALS[number - 1]

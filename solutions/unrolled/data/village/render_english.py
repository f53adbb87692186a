"""A meaning, said in English: subject – verb – object – manner – place – time.

Left out: the forms of words, which are `english`'s.
"""

from functools import cache

from .english import article, comparative, ing, numeral, past, plural, third_person
from .lexicon import Adjective, Noun
from .meaning import Clause, Sentence, Thing

OBJECTS = {"I": "me", "we": "us", "he": "him", "she": "her"}
BE = {"I": ("am", "was"), "many": ("are", "were"), "one": ("is", "was")}
BACKSHIFT = {
    "present": "past",
    "future": "past future",
}  # what one heard that someone "will" do, they "would" do
QUOTING = {"hear": "hear", "say": "say", "think": "think"}
QUESTIONS = {"what": "what", "where": "where", "when": "when", "why": "why"}
EARLY = ("gladly", "suddenly")  # before the verb, whatever follows


def agreement(subject: Thing | None) -> str:
    """With which form of the verb the subject goes: "I", "many" or "one"."""
    if subject is None:
        return "one"
    if subject.noun.english == "I":
        return "I"
    many = subject.noun.english in ("you", "we") or (subject.number or 1) != 1
    return "many" if many or ("paired" in subject.noun.kinds and subject.number is None) else "one"


@cache
def finite(
    verb: str, tense: str, agree: str, negative: bool = False, mood: str = ""
) -> tuple[str, str]:
    """The verb group in two parts, so that a question can put the subject between them.

    >>> finite("wait for", "past", "one"), finite("buy", "present", "one", negative=True)
    (('', 'waited for'), ('does', 'not buy'))
    >>> finite("be", "past", "many"), finite("run", "progressive", "I"), finite("swim", "present", "one", mood="can")
    (('were', ''), ('am', 'running'), ('can', 'swim'))
    """
    no = "not " if negative else ""
    if mood == "can":
        return ("could " + no).strip() if tense == "past" else "cannot" if negative else "can", verb
    if mood == "want":
        return finite("want to " + verb, tense, agree, negative)
    if tense in ("future", "past future"):
        return "will" if tense == "future" else "would", no + verb
    if tense in ("progressive", "imperfect"):
        return BE[agree][tense == "imperfect"], no + ing(verb)
    if verb == "be":
        return BE[agree][tense == "past"], no.strip()
    if negative:
        return "did" if tense == "past" else "does" if agree == "one" else "do", no + verb
    if tense == "past":
        return "", past(verb)
    return "", third_person(verb) if agree == "one" else verb


@cache
def _noun_phrase(
    noun: Noun, determiner: str, adjective: Adjective | None, number: int | None, as_object: bool
) -> str:
    word = noun.english
    if noun.proper:
        return OBJECTS.get(word, word) if as_object else word
    if word == "home":
        return word
    paired, measured = "paired" in noun.kinds, bool(noun.measure)
    described = f"{adjective.english} " if adjective else ""
    if number is not None and number > 0:
        count = numeral(number)
        if measured:
            unit = noun.measure if number == 1 else plural(noun.measure)
            return f"{count} {unit} of {described}{plural(word) if paired else word}"
        return f"{count} {described}{word if number == 1 else plural(word)}"
    many = paired or (number is not None and not measured and "mass" not in noun.kinds)
    described += plural(word) if many else word
    if determiner == "a":
        return (
            described
            if many or measured or "mass" in noun.kinds
            else f"{article(described)} {described}"
        )
    if many:
        determiner = {"this": "these", "that": "those"}.get(determiner, determiner)
    return f"{determiner} {described}" if determiner else described


def noun_phrase(thing: Thing, as_object: bool = True) -> str:
    """A thing in English: "three red apples", "an old book that Minsu bought"."""
    if thing.determiner == "pronoun":
        return (
            OBJECTS.get(thing.noun.pronoun, thing.noun.pronoun) if as_object else thing.noun.pronoun
        )
    phrase = _noun_phrase(thing.noun, thing.determiner, thing.adjective, thing.number, as_object)
    if thing.relative is not None:
        if thing.relative.subject is None:
            who = "that" if thing.noun.pronoun == "it" else "who"
            return f"{phrase} {who} {clause(thing.relative, agree=agreement(thing))}"
        return f"{phrase} that {clause(thing.relative)}"
    return phrase


def place_phrase(place: Noun) -> str:
    """Where: "at the market", "on the hill", "at home"."""
    return "at home" if place.english == "home" else f"{place.at} the {place.english}"


def clause(c: Clause, subject: str | None = None, agree: str = "", focus: str = "") -> str:
    """The words of a clause in English order; `subject` replaces what the clause says of its own, by a pronoun say."""
    verb = c.verb
    agree = agree or agreement(c.subject)
    if subject is None:
        subject = noun_phrase(c.subject, as_object=False) if c.subject is not None else ""
    tail = []
    if isinstance(verb, Adjective):
        word = "look" if c.mood == "seem" else "be"
        if c.degree is not None and c.than is None:
            tail.append(c.degree.english)
        tail.append(comparative(verb.english) if c.than else verb.english)
        if c.than is not None:
            tail.append("than " + noun_phrase(c.than))
        mood = ""
    elif isinstance(verb, Noun):
        word, mood = "be", ""
        tail.append(f"{article(verb.english)} {verb.english}")
    elif verb.english == "there be":
        word, mood = "be", ""
        tail.append(noun_phrase(c.subject))
        subject = "there"
    else:
        word, mood = verb.english, c.mood
    back = " back" if word.endswith(" back") and focus != "what" else ""  # "gave the coin back"
    word = word.removesuffix(back)
    auxiliary, main = finite(word, c.tense, agree, c.negative, mood)
    if focus == "who":
        subject = "who"
        auxiliary, main = finite(word, c.tense, "one", c.negative, mood)
    elif focus and not auxiliary:
        auxiliary, main = "did" if c.tense == "past" else "does" if agree == "one" else "do", word
    if c.degree is not None and not isinstance(verb, Adjective) and c.degree.english == "really":
        main = "really " + main
    manner = c.manner.english if c.manner is not None else ""
    crowded = c.tool is not None or (c.goal is not None and c.object is not None)
    if manner in EARLY or (manner.endswith("ly") and crowded):
        main, manner = f"{manner} {main}", ""
    if c.object is not None and focus != "what":
        tail.append(noun_phrase(c.object) + back)
    if c.goal is not None:
        if manner.endswith("ly") and verb.to:  # "walked slowly to the mill"
            tail.append(manner)
            manner = ""
        goal = noun_phrase(c.goal)
        tail.append(f"{verb.to} {goal}" if verb.to and goal != "home" else goal)
    if c.degree is not None and c.degree.english == "so much":
        tail.append("so much")
    if c.tool is not None:
        tail.append("with " + _noun_phrase(c.tool, "a", None, None, True))
    if manner:
        tail.append(manner)
    if c.companion is not None:
        tail.append("with " + noun_phrase(c.companion))
    if c.place is not None and focus != "where":
        tail.append(place_phrase(c.place))
    if c.time is not None and not c.fronted and focus != "when":
        tail.append(c.time.english)
    if focus and focus != "who":
        head = [QUESTIONS.get(focus, ""), auxiliary, subject, main]
    else:
        head = [subject, auxiliary, main]
    if c.time is not None and c.fronted:
        head.insert(0, c.time.english)
    return " ".join([word for word in head if word] + tail)


def pronominal(c: Clause, said_before: Thing | None) -> str | None:
    """What stands for the subject: a pronoun if it was just named, "it" if there is none."""
    if c.subject is None:
        return "it"
    if c.subject == said_before and c.subject.noun.english not in ("I", "you", "we"):
        return "they" if agreement(c.subject) == "many" else c.subject.noun.pronoun
    return None


def english(sentence: Sentence) -> str:
    """The sentence in English, its first letter large, without its final stop (a question keeps its mark)."""
    main, other, link = sentence.main, sentence.other, sentence.link
    if link == "because" and other.time is not None:  # "ate last Sunday because they were hungry"
        main = main._replace(time=other.time, fronted=main.explains)
        other = other._replace(time=None)
    said = clause(main, pronominal(main, None), focus=sentence.focus)
    if other is not None:
        if link in QUOTING:
            verb = " ".join(
                filter(None, finite(QUOTING[link], main.tense, agreement(main.subject)))
            )
            told = (
                other._replace(tense=BACKSHIFT.get(other.tense, other.tense))
                if main.tense == "past"
                else other
            )
            said = f"{noun_phrase(main.subject, as_object=False)} {verb} that {clause(told, pronominal(told, None))}"
        elif link == "to":
            said += " to " + clause(
                other, "", agree="many"
            )  # its tense is the present: the bare verb
        elif link in ("and", "then") and other.subject == main.subject:
            said += " and " + clause(other, "")
        else:
            comma = "," if link in ("and", "but") else ""
            said += f"{comma} {link} {clause(other, pronominal(other, main.subject))}"
    if sentence.lead is not None:
        said = f"{sentence.lead.english} {said}"
    return said[0].upper() + said[1:] + ("?" if sentence.focus else "")

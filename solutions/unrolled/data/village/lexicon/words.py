"""What a word is: nouns, adjectives, verbs and adverbs in both languages, with what each may be combined with."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, eq=False)
class Noun:
    """A noun with what it takes to use it: counter and pronoun; `at` for places, `measure` for what is poured."""

    english: str
    korean: str
    kinds: frozenset[str]
    counter: str = "개"
    pronoun: str = "it"
    at: str = ""  # the English preposition of a place: "in", "at", "on"
    measure: str = ""  # "cup" for tea; only nouns that are not counted have one
    proper: bool = False

    @property
    def animate(self) -> bool:
        """Whether what is given to it takes 에게 rather than 에."""
        return self.pronoun != "it" or "animal" in self.kinds


@dataclass(frozen=True, slots=True, eq=False)
class Adjective:
    """An adjective and the kinds of noun it describes; `before` is its Korean form before a noun, if not regular.

    What has `become` so is said in the past in Korean: 낡았다, "is old".
    """

    english: str
    korean: str
    kinds: tuple[str, ...]
    before: str = ""
    gradable: bool = True
    become: bool = False

    def describes(self, noun: Noun) -> bool:
        """Whether it may be said of the noun.

        >>> Adjective("cute", "귀엽다", ("pet",)).describes(Noun("dog", "개", frozenset(["pet"])))
        True
        """
        return noun.english in self.kinds or not noun.kinds.isdisjoint(self.kinds)


@dataclass(frozen=True, slots=True, eq=False)
class Verb:
    """A verb with what it selects: who does it, to what, where, how, with which tool."""

    english: str
    korean: str
    subject: tuple[str, ...]
    object: tuple[str, ...] = ()
    article: str = ""  # of a single object in English: "a", "the", or "plural" for what is gathered
    places: tuple[str, ...] = ()
    manners: tuple[str, ...] = ()
    particle: str = "을/를"  # of the object
    goal: tuple[str, ...] = ()  # to whom or where to; "" where there is none
    goal_particle: str = "에"  # 에 becomes 에게 for the living
    to: str = "to"  # the English preposition of the goal
    tool: str = ""  # one noun, by its English name
    stative: bool = False  # has no progressive
    resultative: bool = False  # "is sitting" is 앉아 있다, and 앉고 있다 is "is sitting down"
    companion: bool = False
    together: bool = False  # never done without a companion
    place_particle: str = "에서"
    tenses: str = "past future present progressive imperfect"


@dataclass(frozen=True, slots=True, eq=False)
class Adverb:
    """An adverbial: of time (with the tenses it allows), of manner (with the verbs' groups), of degree."""

    english: str
    korean: str
    tenses: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()

"""A meaning, said in Korean: subject – time – place – object – verb, everything before what it belongs to.

The topic takes 은/는, the subject of a subordinate clause 이/가; what both clauses share is said once. A speech
level is chosen for a whole text: "casual" (먹었어), "polite" (먹었어요) or "plain", that of written prose (먹었다).

Left out: the forms of words, which are `korean`'s.
"""

from functools import cache

from .korean import attach, conjugate, final_of, numeral
from .lexicon import Adjective, Noun, Verb
from .meaning import Clause, Sentence, Thing

DETERMINERS = {"this": "이", "that": "그", "my": "내", "your": "네", "our": "우리"}
LEVELS = ("casual", "polite", "plain")
ENDINGS = {
    "casual": {"past": "았/었어", "present": "아/어", "future": "(으)ㄹ 거야"},
    "polite": {"past": "았/었어요", "present": "아/어요", "future": "(으)ㄹ 거예요"},
    "plain": {"past": "았/었다", "present": "ㄴ/는다", "future": "(으)ㄹ 것이다"},
}
CONNECTIVES = {  # present, and past where the past is marked
    "because": ("아/어서", "아/어서"),
    "and": ("고", "고"),
    "then": ("아/어서", "아/어서"),  # "and", where the first makes the second possible
    "but": ("지만", "았/었지만"),
    "when": ("(으)ㄹ 때", "았/었을 때"),
    "if": ("(으)면", "(으)면"),
    "before": ("기 전에", "기 전에"),
    "after": ("(으)ㄴ 뒤에", "(으)ㄴ 뒤에"),
    "to": ("(으)러", "(으)러"),
}
QUOTING = {"hear": "듣다", "say": "말하다", "think": "생각하다"}
QUESTIONS = {"who": "누가", "when": "언제", "why": "왜"}
STATES = ("있다", "없다", "싶다")  # conjugate as adjectives do


@cache
def predicate(
    word: str,
    adjective: bool,
    tense: str,
    negative: bool,
    mood: str,
    third: bool,
    ending: str,
    resultative: bool = False,
) -> str:
    """The end of a clause. `ending` is a speech level, a link of `CONNECTIVES`, "quote" or "before noun".

    >>> predicate("먹다", False, "past", False, "", True, "casual")
    '먹었어'
    >>> predicate("춥다", True, "present", True, "", True, "plain"), predicate("걷다", False, "present", False, "want", True, "polite")
    ('춥지 않다', '걷고 싶어 해요')
    >>> predicate("놀다", False, "progressive", False, "", True, "before noun")
    '노는'
    >>> predicate("앉다", False, "imperfect", False, "", True, "casual", resultative=True)
    '앉아 있었어'
    """
    if mood == "seem":
        word, adjective = conjugate(word, "아/어") + " 보이다", False
    elif mood == "can":
        word, adjective = conjugate(word, "(으)ㄹ") + (" 수 없다" if negative else " 수 있다"), True
        negative = False
    elif mood == "want":
        word, adjective = conjugate(word, "고") + (" 싶어 하다" if third else " 싶다"), not third
    if ending == "before noun":
        if word.endswith(STATES) or (not adjective and tense != "past"):
            return conjugate(word, "는")
        return conjugate(word, "(으)ㄴ")
    if tense in ("progressive", "imperfect"):
        word, adjective = conjugate(word, "아/어" if resultative else "고") + " 있다", True
        tense = "past" if tense == "imperfect" else "present"
    if negative:
        word = conjugate(word, "지") + " 않다"
    if ending in CONNECTIVES:
        return conjugate(word, CONNECTIVES[ending][tense == "past"])
    level, quoted = ("plain", "고") if ending == "quote" else (ending, "")
    if level == "plain" and tense == "present" and (adjective or word.endswith(STATES)):
        return word + quoted
    if ending == "quote" and tense == "future":
        return conjugate(word, "(으)ㄹ 거라고")
    return conjugate(word, ENDINGS[level][tense]) + quoted


@cache
def adnominal(adjective: Adjective) -> str:
    """The adjective before a noun: 빨간, 재미있는, 새."""
    return adjective.before or predicate(
        adjective.korean, True, "present", False, "", True, "before noun"
    )


@cache
def _copula(noun: str, tense: str, level: str) -> str:
    vowel = not final_of(noun)
    if tense == "past":
        return (
            noun
            + ("였" if vowel else "이었")
            + {"casual": "어", "polite": "어요", "plain": "다"}[level]
        )
    return (
        noun
        + {
            "casual": "야" if vowel else "이야",
            "polite": "예요" if vowel else "이에요",
            "plain": "다" if vowel else "이다",
        }[level]
    )


@cache
def _noun_phrase(
    noun: Noun, determiner: str, adjective: Adjective | None, number: int | None, particle: str
) -> str:
    words = []
    if determiner in DETERMINERS:
        words.append(DETERMINERS[determiner])
    if adjective is not None:
        words.append(adnominal(adjective))
    if number is None or (number < 0 and not (noun.animate and determiner)):
        words.append(attach(noun.korean, particle))
    elif number < 0:
        words.append(attach(noun.korean + "들", particle))
    else:
        words += [noun.korean, numeral(number), attach(noun.counter, particle)]
    return " ".join(words)


def noun_phrase(thing: Thing, particle: str) -> str:
    """A thing with its particle: "빨간 사과 세 개를"; 에 becomes 에게 when it is alive."""
    if particle.startswith("에") and particle != "에서" and not thing.noun.animate:
        particle = "에" if particle == "에게" else particle
    phrase = _noun_phrase(thing.noun, thing.determiner, thing.adjective, thing.number, particle)
    if thing.relative is not None:
        return clause(thing.relative, "before noun", "이/가") + " " + phrase
    return phrase


def clause(
    c: Clause, ending: str, topic: str = "은/는", omit_subject: bool = False, focus: str = ""
) -> str:
    """The words of a clause in Korean order, its predicate with this ending."""
    words = []
    verb, subject = c.verb, c.subject
    weather = subject is not None and "weather" in subject.noun.kinds
    early = c.fronted or weather
    if c.time is not None and early:
        words.append(c.time.korean)
    if focus == "who":
        words.append(QUESTIONS["who"])
    elif subject is not None and not omit_subject and subject.determiner != "pronoun":
        new = c.introduced or (subject.number or 0) > 0 or weather or verb.english == "there be"
        if verb.english != "there be":
            words.append(noun_phrase(subject, "이/가" if new else topic))
    if focus == "when":
        words.append(QUESTIONS["when"])
    elif c.time is not None and not early:
        words.append(c.time.korean)
    if focus == "why":
        words.append(QUESTIONS["why"])
    if c.companion is not None:
        words.append(noun_phrase(c.companion, "과/와") + " 함께")
    if focus == "where" or c.place is not None:
        words.append(attach("어디" if focus == "where" else c.place.korean, verb.place_particle))
    if verb.english == "there be":
        words.append(noun_phrase(subject, "이/가"))
    if c.goal is not None:
        particle = verb.goal_particle
        if particle == "에" and c.goal.noun.animate:
            particle = "에게"
        words.append(noun_phrase(c.goal, particle))
    if c.tool is not None:
        words.append(attach(c.tool.korean, "(으)로"))
    if focus == "what":
        words.append("뭘" if ending == "casual" else "무엇을")
    elif c.object is not None:
        words.append(noun_phrase(c.object, verb.particle))
    if c.than is not None:
        words.append(noun_phrase(c.than, "보다") + " 더")
    third = subject is None or subject.noun.korean not in ("나", "너", "우리")
    if isinstance(verb, Noun):
        return " ".join([*words, _copula(verb.korean, c.tense, ending)])
    korean = verb.korean
    if isinstance(verb, Verb) and not verb.subject:  # 비가 많이 오다: the adverb goes inside
        inner, _, korean = korean.rpartition(" ")
        words.append(inner)
    if c.manner is not None:
        words.append(c.manner.korean)
    if c.degree is not None:
        words.append(c.degree.korean)
    adjective, tense = isinstance(verb, Adjective), c.tense
    if adjective and verb.become and not c.mood:
        tense = "past"
    resultative = isinstance(verb, Verb) and verb.resultative
    words.append(
        predicate(korean, adjective, tense, c.negative, c.mood, third, ending, resultative)
    )
    return " ".join(words)


POLITE = {
    "나는": "저는",
    "내가": "제가",
    "나를": "저를",
    "내": "제",
    "나에게": "저에게",
    "나와": "저와",
    "너는": "당신은",
    "네가": "당신이",
    "너를": "당신을",
    "너에게": "당신에게",
    "너와": "당신과",
}


def korean(sentence: Sentence, level: str = "casual") -> str:
    """The sentence in Korean, without its final stop (a question keeps its mark).

    >>> from .grammar import LOVE_MEANING
    >>> [korean(LOVE_MEANING, level) for level in LEVELS]
    ['나는 너를 매우 사랑해', '저는 당신을 매우 사랑해요', '나는 너를 매우 사랑한다']
    """
    said = _said(sentence, level)
    if sentence.lead is not None:
        said = f"{sentence.lead.korean} {said}"
    return (
        " ".join(POLITE.get(word, word) for word in said.split(" ")) if level == "polite" else said
    )


def _said(sentence: Sentence, level: str) -> str:
    main, other, link = sentence.main, sentence.other, sentence.link
    if other is None:
        said = clause(main, level, focus=sentence.focus)
        return said + "?" if sentence.focus else said
    if link in QUOTING:
        quoted = clause(other, "quote", "이/가")
        speaker = noun_phrase(main.subject, "은/는")
        return f"{speaker} {quoted} {predicate(QUOTING[link], False, main.tense, False, '', True, level)}"
    if link in ("but", "and", "then"):  # the first clause is the main one, in both languages
        same = other.subject == main.subject
        return f"{clause(main, link)} {clause(other, level, omit_subject=same)}"
    if other.subject == main.subject and main.subject is not None:
        shared = (
            "" if main.subject.determiner == "pronoun" else noun_phrase(main.subject, "은/는") + " "
        )
        return f"{shared}{clause(other, link, omit_subject=True)} {clause(main, level, omit_subject=True)}"
    return f"{clause(other, link, '이/가')} {clause(main, level)}"

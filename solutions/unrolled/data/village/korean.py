"""Korean morphology: which particle follows a noun, and how verbs and adjectives conjugate.

Everything hangs on the last syllable. A Hangul syllable is one code point,
0xAC00 + (initial · 21 + vowel) · 28 + final, so its parts are found by division.

Left out: honorifics (-시-), and all endings that the village does not use. What words there are stands in
`lexicon`, how they make a sentence in `render_korean`.
"""

from functools import cache

FIRST_SYLLABLE = 0xAC00
VOWELS = "ㅏㅐㅑㅒㅓㅔㅕㅖㅗㅘㅙㅚㅛㅜㅝㅞㅟㅠㅡㅢㅣ"
FINALS = ("", *"ㄱㄲㄳㄴㄵㄶㄷㄹㄺㄻㄼㄽㄾㄿㅀㅁㅂㅄㅅㅆㅇㅈㅊㅋㅌㅍㅎ")

NATIVE_NUMERALS = [
    "한",
    "두",
    "세",
    "네",
    "다섯",
    "여섯",
    "일곱",
    "여덟",
    "아홉",
    "열",
    "열한",
    "열두",
]

# A verb's class is part of the word: nothing in the sound of 입다 and 굽다 tells which of them is regular.
REGULAR_IN_BIEUP = frozenset(["입", "잡", "뽑", "씹", "집", "접", "좁", "꼽", "업"])
IRREGULAR_IN_DIGEUT = frozenset(["걷", "듣", "묻", "싣", "긷", "깨닫"])
IRREGULAR_IN_SIOT = frozenset(["짓", "낫", "잇", "긋", "붓", "젓"])
IRREGULAR_IN_HIEUT = frozenset(["갛", "랗", "얗", "맣"])  # the colours
REGULAR_IN_REU = frozenset(["따르", "들르", "치르"])
UNCONTRACTED = frozenset(["피", "비", "끼", "쉬", "뛰"])  # 피어, not 펴


def parts(syllable: str) -> tuple[int, str, str]:
    """Initial (its number), vowel and final of a syllable.

    >>> parts("밥")
    (7, 'ㅏ', 'ㅂ')
    """
    initial_and_vowel, final = divmod(ord(syllable) - FIRST_SYLLABLE, 28)
    initial, vowel = divmod(initial_and_vowel, 21)
    return initial, VOWELS[vowel], FINALS[final]


def syllable(initial: int, vowel: str, final: str = "") -> str:
    """The syllable made of these parts, the inverse of `parts`."""
    return chr(FIRST_SYLLABLE + (initial * 21 + VOWELS.index(vowel)) * 28 + FINALS.index(final))


def final_of(word: str) -> str:
    """The final consonant of the last syllable, "" if it ends in a vowel.

    >>> final_of("책"), final_of("사과")
    ('ㄱ', '')
    """
    return parts(word[-1])[2]


def with_final(word: str, final: str) -> str:
    """The word with the final of its last syllable replaced."""
    initial, vowel, _ = parts(word[-1])
    return word[:-1] + syllable(initial, vowel, final)


PRONOUNS = {("나", "이/가"): "내가", ("너", "이/가"): "네가"}


@cache
def attach(noun: str, particle: str) -> str:
    """The noun with a particle; "은/는" names both shapes, after a consonant and after a vowel.

    >>> [attach("책", "은/는"), attach("사과", "은/는"), attach("집", "과/와"), attach("산", "(으)로")]
    ['책은', '사과는', '집과', '산으로']
    >>> [attach("마을", "(으)로"), attach("나", "이/가"), attach("강", "에서")]   # ㄹ takes 로
    ['마을로', '내가', '강에서']
    """
    if (noun, particle) in PRONOUNS:
        return PRONOUNS[noun, particle]
    final = final_of(noun)
    if particle.startswith("(으)"):
        return noun + ("" if final in ("", "ㄹ") else "으") + particle[3:]
    if "/" in particle:
        after_consonant, after_vowel = particle.split("/")
        return noun + (after_consonant if final else after_vowel)
    return noun + particle


def _before_eu(stem: str) -> str:
    """The stem as it stands before -(으): 돕 → 도우, 걷 → 걸으, 짓 → 지으, 빨갛 → 빨가, 만들 → 만들, 먹 → 먹으."""
    final = final_of(stem)
    if final == "ㅂ" and stem[-1] not in REGULAR_IN_BIEUP:
        return with_final(stem, "") + "우"
    if stem in IRREGULAR_IN_DIGEUT:
        return with_final(stem, "ㄹ") + "으"
    if stem in IRREGULAR_IN_SIOT:
        return with_final(stem, "") + "으"
    if final == "ㅎ" and stem[-1] in IRREGULAR_IN_HIEUT:
        return with_final(stem, "")
    return stem if final in ("", "ㄹ") else stem + "으"


def _infinitive(stem: str) -> str:
    """The stem with 아/어, contracted as it is written: 가 → 가, 오 → 와, 하 → 해, 돕 → 도와, 부르 → 불러."""
    if stem[-1] == "하":
        return stem[:-1] + "해"
    initial, vowel, final = parts(stem[-1])
    if final == "ㅎ" and stem[-1] in IRREGULAR_IN_HIEUT:
        return stem[:-1] + syllable(initial, "ㅒ" if vowel == "ㅑ" else "ㅐ")
    if final == "ㅂ" and stem[-1] not in REGULAR_IN_BIEUP:
        return with_final(stem, "") + ("와" if stem in ("돕", "곱") else "워")
    if stem in IRREGULAR_IN_DIGEUT:
        stem = with_final(stem, "ㄹ")
    if stem in IRREGULAR_IN_SIOT:
        return with_final(stem, "") + ("아" if vowel in "ㅏㅗ" else "어")
    if final:
        return stem + ("아" if vowel in "ㅏㅑㅗ" else "어")
    if vowel == "ㅡ":  # it falls, and the syllable before decides
        bright = len(stem) > 1 and parts(stem[-2])[1] in "ㅏㅗ"
        if stem[-1] == "르" and stem not in REGULAR_IN_REU:
            return with_final(stem[:-1], "ㄹ") + ("라" if bright else "러")
        return stem[:-1] + syllable(initial, "ㅏ" if bright else "ㅓ")
    if stem[-1] in UNCONTRACTED:
        return stem + "어"
    contracted = {"ㅗ": "ㅘ", "ㅜ": "ㅝ", "ㅣ": "ㅕ", "ㅚ": "ㅙ"}.get(vowel, vowel)
    return stem[:-1] + syllable(initial, contracted)


@cache
def conjugate(word: str, ending: str) -> str:
    """A verb or adjective (dictionary form) with an ending, written as grammars write it.

    Four kinds of ending: "고" joins the stem as it is; "(으)면", "(으)ㄴ", "(으)ㄹ" put 으 after a consonant;
    "아/어…" and "았/었…" follow vowel harmony; "는" and "ㄴ/는다" are the present of verbs. Of a phrase, the
    last word conjugates.

    >>> [conjugate("먹다", "고"), conjugate("걷다", "(으)면"), conjugate("만들다", "(으)ㄴ"), conjugate("돕다", "(으)ㄹ")]
    ['먹고', '걸으면', '만든', '도울']
    >>> [conjugate("가다", "아/어"), conjugate("부르다", "았/었어"), conjugate("예쁘다", "아/어요")]
    ['가', '불렀어', '예뻐요']
    >>> [conjugate("팔다", "ㄴ/는다"), conjugate("듣다", "ㄴ/는다"), conjugate("물을 긷다", "았/었다")]
    ['판다', '듣는다', '물을 길었다']
    """
    stem = word.removesuffix("다")
    phrase, _, stem = stem.rpartition(" ")
    phrase += " " if phrase else ""
    if ending.startswith("아/어"):
        return phrase + _infinitive(stem) + ending[3:]
    if ending.startswith("았/었"):
        return phrase + with_final(_infinitive(stem), "ㅆ") + ending[3:]
    if ending.startswith("(으)"):
        stem, ending = _before_eu(stem), ending[3:]
    elif ending == "ㄴ/는다":
        ending = "ㄴ다" if final_of(stem) in ("", "ㄹ") else "는다"
    if ending[0] in "ㄴㄹ":  # a consonant that moves into the last syllable, in place of a ㄹ
        return phrase + with_final(stem, ending[0]) + ending[1:]
    if final_of(stem) == "ㄹ" and ending[0] in "는니세":
        stem = with_final(stem, "")
    return phrase + stem + ending


def numeral(number: int) -> str:
    """The native numeral as it stands before a counter.

    >>> numeral(3), numeral(20)
    ('세', '스무')
    """
    return "스무" if number == 20 else NATIVE_NUMERALS[number - 1]

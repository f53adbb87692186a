"""Every noun, verb and adjective of the village, in every form, against tables written by hand."""

import re
import unicodedata

import pytest

from unrolled.data.village import english, korean, lexicon

NOUNS = [noun.korean for noun in lexicon.NOUNS]
VERBS = sorted({verb.korean for verb in lexicon.VERBS})
ADJECTIVES = sorted({adjective.korean for adjective in lexicon.ADJECTIVES})

# word, with 아/어, before a noun in the future (-(으)ㄹ), plain present (verbs) or before a noun (adjectives)
CONJUGATED = """
먹다 먹어 먹을 먹는다 | 마시다 마셔 마실 마신다 | 굽다 구워 구울 굽는다 | 깎다 깎아 깎을 깎는다 | 자르다 잘라 자를 자른다
젓다 저어 저을 젓는다 | 씻다 씻어 씻을 씻는다 | 심다 심어 심을 심는다 | 따다 따 딸 딴다 | 캐다 캐 캘 캔다
키우다 키워 키울 키운다 | 뽑다 뽑아 뽑을 뽑는다 | 기르다 길러 기를 기른다 | 타다 타 탈 탄다 | 쫓다 쫓아 쫓을 쫓는다
잡다 잡아 잡을 잡는다 | 사다 사 살 산다 | 팔다 팔아 팔 판다 | 고르다 골라 고를 고른다 | 빌리다 빌려 빌릴 빌린다
만들다 만들어 만들 만든다 | 짓다 지어 지을 짓는다 | 고치다 고쳐 고칠 고친다 | 깨뜨리다 깨뜨려 깨뜨릴 깨뜨린다
나르다 날라 나를 나른다 | 밀다 밀어 밀 민다 | 끌다 끌어 끌 끈다 | 열다 열어 열 연다 | 닫다 닫아 닫을 닫는다
잠그다 잠가 잠글 잠근다 | 쓸다 쓸어 쓸 쓴다 | 켜다 켜 켤 켠다 | 끄다 꺼 끌 끈다 | 짜다 짜 짤 짠다 | 뜨다 떠 뜰 뜬다
접다 접어 접을 접는다 | 묶다 묶어 묶을 묶는다 | 갈다 갈아 갈 간다 | 숨기다 숨겨 숨길 숨긴다 | 던지다 던져 던질 던진다
모으다 모아 모을 모은다 | 긷다 길어 길을 긷는다 | 잃어버리다 잃어버려 잃어버릴 잃어버린다 | 찾다 찾아 찾을 찾는다
입다 입어 입을 입는다 | 쓰다 써 쓸 쓴다 | 신다 신어 신을 신는다 | 끼다 끼어 낄 낀다 | 두르다 둘러 두를 두른다
읽다 읽어 읽을 읽는다 | 그리다 그려 그릴 그린다 | 부르다 불러 부를 부른다 | 듣다 들어 들을 듣는다 | 돕다 도와 도울 돕는다
만나다 만나 만날 만난다 | 기다리다 기다려 기다릴 기다린다 | 찾아가다 찾아가 찾아갈 찾아간다 | 지켜보다 지켜봐 지켜볼 지켜본다
바라보다 바라봐 바라볼 바라본다 | 따라가다 따라가 따라갈 따라간다 | 찾아다니다 찾아다녀 찾아다닐 찾아다닌다
배우다 배워 배울 배운다 | 건너다 건너 건널 건넌다 | 믿다 믿어 믿을 믿는다 | 주다 줘 줄 준다 | 보내다 보내 보낼 보낸다
빌려주다 빌려줘 빌려줄 빌려준다 | 가르치다 가르쳐 가르칠 가르친다 | 들려주다 들려줘 들려줄 들려준다 | 받다 받아 받을 받는다
돌려주다 돌려줘 돌려줄 돌려준다 | 넣다 넣어 넣을 넣는다 | 놓다 놓아 놓을 놓는다 | 싣다 실어 실을 싣는다 | 붓다 부어 부을 붓는다
자다 자 잘 잔다 | 달리다 달려 달릴 달린다 | 걷다 걸어 걸을 걷는다 | 춤추다 춤춰 춤출 춤춘다 | 웃다 웃어 웃을 웃는다
울다 울어 울 운다 | 헤엄치다 헤엄쳐 헤엄칠 헤엄친다 | 쉬다 쉬어 쉴 쉰다 | 놀다 놀아 놀 논다 | 살다 살아 살 산다
날다 날아 날 난다 | 짖다 짖어 짖을 짖는다 | 일어나다 일어나 일어날 일어난다 | 소리치다 소리쳐 소리칠 소리친다
넘어지다 넘어져 넘어질 넘어진다 | 피다 피어 필 핀다 | 앉다 앉아 앉을 앉는다 | 가다 가 갈 간다 | 달려가다 달려가 달려갈 달려간다
걸어가다 걸어가 걸어갈 걸어간다 | 돌아가다 돌아가 돌아갈 돌아간다 | 달아나다 달아나 달아날 달아난다 | 오르다 올라 오를 오른다
들르다 들러 들를 들른다 | 불다 불어 불 분다 | 빛나다 빛나 빛날 빛난다 | 오다 와 올 온다 | 끓이다 끓여 끓일 끓인다
찌다 쪄 찔 찐다 | 개다 개 갤 갠다 | 꺾다 꺾어 꺾을 꺾는다 | 치다 쳐 칠 친다 | 따르다 따라 따를 따른다
게으르다 게을러 게으를 게으른 | 귀엽다 귀여워 귀여울 귀여운 | 세다 세 셀 센 | 빠르다 빨라 빠를 빠른 | 느리다 느려 느릴 느린
배고프다 배고파 배고플 배고픈 | 달다 달아 달 단 | 시다 셔 실 신 | 맵다 매워 매울 매운 | 싱겁다 싱거워 싱거울 싱거운
뜨겁다 뜨거워 뜨거울 뜨거운 | 차갑다 차가워 차가울 차가운 | 예쁘다 예뻐 예쁠 예쁜 | 싸다 싸 쌀 싼 | 비싸다 비싸 비쌀 비싼
무겁다 무거워 무거울 무거운 | 가볍다 가벼워 가벼울 가벼운 | 날카롭다 날카로워 날카로울 날카로운 | 빨갛다 빨개 빨갈 빨간
노랗다 노래 노랄 노란 | 하얗다 하얘 하얄 하얀 | 파랗다 파래 파랄 파란 | 까맣다 까매 까말 까만 | 낡다 낡아 낡을 낡은
더럽다 더러워 더러울 더러운 | 길다 길어 길 긴 | 짧다 짧아 짧을 짧은 | 어렵다 어려워 어려울 어려운 | 쉽다 쉬워 쉬울 쉬운
아름답다 아름다워 아름다울 아름다운 | 크다 커 클 큰 | 작다 작아 작을 작은 | 높다 높아 높을 높은 | 부드럽다 부드러워 부드러울 부드러운
깊다 깊어 깊을 깊은 | 평화롭다 평화로워 평화로울 평화로운 | 어둡다 어두워 어두울 어두운 | 밝다 밝아 밝을 밝은 | 좁다 좁아 좁을 좁은
넓다 넓어 넓을 넓은 | 시끄럽다 시끄러워 시끄러울 시끄러운 | 슬프다 슬퍼 슬플 슬픈 | 기쁘다 기뻐 기쁠 기쁜 | 외롭다 외로워 외로울 외로운
바쁘다 바빠 바쁠 바쁜 | 졸리다 졸려 졸릴 졸린 | 목마르다 목말라 목마를 목마른 | 아프다 아파 아플 아픈 | 춥다 추워 추울 추운
덥다 더워 더울 더운 | 맑다 맑아 맑을 맑은 | 흐리다 흐려 흐릴 흐린 | 젊다 젊어 젊을 젊은
재미있다 재미있어 재미있을 재미있는 | 맛있다 맛있어 맛있을 맛있는 | 있다 있어 있을 있다
"""
FORMS = {line.split()[0]: line.split()[1:] for line in re.split(r"[|\n]", CONJUGATED.strip()) if line.strip()}


def last(word: str) -> str:
    """The part of a phrase that conjugates."""
    return word.rsplit(" ", 1)[-1]


def final_by_unicode(word: str) -> str:
    """The final consonant found by Unicode decomposition: an L, a V and, if there is one, a T."""
    jamo = unicodedata.normalize("NFD", word[-1])
    return jamo[2] if len(jamo) == 3 else ""


@pytest.mark.parametrize(
    ("particle", "closed", "open_"),
    [("은/는", "은", "는"), ("이/가", "이", "가"), ("을/를", "을", "를"), ("과/와", "과", "와")],
)
def test_does_every_noun_take_the_particle_of_its_final_consonant(particle: str, closed: str, open_: str) -> None:
    for noun in NOUNS:
        if (noun, particle) not in korean.PRONOUNS:
            assert korean.attach(noun, particle) == noun + (closed if final_by_unicode(noun) else open_)


def test_does_every_noun_take_ro_after_a_vowel_and_after_rieul() -> None:
    for noun in NOUNS:
        bare = final_by_unicode(noun) in ("", "\u11af")
        assert korean.attach(noun, "(으)로") == noun + ("로" if bare else "으로")
    assert korean.attach("마을", "(으)로") == "마을로" and korean.attach("산", "(으)로") == "산으로"


def test_is_every_word_that_is_not_hada_in_the_table() -> None:
    words = {last(word) for word in [*VERBS, *ADJECTIVES] if not word.endswith("하다")}
    assert words <= FORMS.keys(), words - FORMS.keys()


@pytest.mark.parametrize("word", sorted({last(word) for word in [*VERBS, *ADJECTIVES]}))
def test_does_every_verb_and_adjective_conjugate_as_the_table_says(word: str) -> None:
    if word.endswith("하다"):
        stem = word[:-2]
        expected = [stem + "해", stem + "할", stem + ("한다" if word in map(last, VERBS) else "한")]
    else:
        expected = FORMS[word]
    infinitive, future, present = expected
    assert korean.conjugate(word, "아/어") == infinitive
    assert korean.conjugate(word, "아/어요") == infinitive + "요"
    past = unicodedata.normalize("NFC", unicodedata.normalize("NFD", infinitive) + "\u11bb")
    assert korean.conjugate(word, "았/었어") == past + "어"
    assert korean.conjugate(word, "(으)ㄹ") == future
    assert korean.conjugate(word, "고") == word[:-1] + "고"
    if present.endswith("다") and word != "있다":
        assert korean.conjugate(word, "ㄴ/는다") == present
    elif present != "있다" and not word.endswith("있다"):
        assert korean.conjugate(word, "(으)ㄴ") == present


@pytest.mark.parametrize(
    ("word", "ending", "form"),
    [
        ("돕다", "(으)면", "도우면"), ("걷다", "(으)면", "걸으면"), ("만들다", "(으)면", "만들면"), ("짓다", "(으)면", "지으면"),
        ("먹다", "(으)러", "먹으러"), ("놀다", "(으)러", "놀러"), ("굽다", "(으)러", "구우러"), ("긷다", "(으)러", "길으러"),
        ("만들다", "는", "만드는"), ("살다", "는", "사는"), ("걷다", "는", "걷는"), ("굽다", "는", "굽는"), ("하얗다", "(으)면", "하야면"),
        ("만들다", "(으)ㄴ", "만든"), ("짓다", "(으)ㄴ", "지은"), ("듣다", "(으)ㄴ", "들은"), ("쓰다", "(으)ㄴ", "쓴"), ("돕다", "(으)ㄴ", "도운"),
        ("나누어 먹다", "았/었어", "나누어 먹었어"), ("묻다", "아/어", "물어"), ("따르다", "아/어", "따라"), ("낫다", "아/어", "나아"),
    ],
)  # fmt: skip
def test_are_the_other_endings_right(word: str, ending: str, form: str) -> None:
    assert korean.conjugate(word, ending) == form


def test_are_the_native_numerals_those_that_stand_before_a_counter() -> None:
    said = [korean.numeral(n) for n in (*range(1, 13), 20)]
    assert said == ["한", "두", "세", "네", "다섯", "여섯", "일곱", "여덟", "아홉", "열", "열한", "열두", "스무"]


def test_does_the_syllable_arithmetic_invert() -> None:
    for code in range(0xAC00, 0xD7A4):
        assert korean.syllable(*korean.parts(chr(code))) == chr(code)


PLURALS = dict(
    child="children", fisherman="fishermen", postman="postmen", goose="geese", mouse="mice", sheep="sheep", deer="deer",
    fish="fish", knife="knives", wolf="wolves", leaf="leaves", scarf="scarves", potato="potatoes", tomato="tomatoes",
    baby="babies", fox="foxes", box="boxes", bench="benches", radish="radishes", peach="peaches", cherry="cherries",
    strawberry="strawberries", donkey="donkeys", toy="toys", city="cities", library="libraries", key="keys", axe="axes",
    dish="dishes", valley="valleys", story="stories", butterfly="butterflies", bakery="bakeries", brush="brushes",
    roof="roofs", cabbage="cabbages", orchard="orchards", rose="roses", photograph="photographs", puppy="puppies",
    boss="bosses", bus="buses", grass="grasses", beach="beaches",
)  # fmt: skip
PLURALS |= {
    "sweet potato": "sweet potatoes", "rice cake": "rice cakes", "bench": "benches", "loaf": "loaves", "watch": "watches"
}  # fmt: skip
PASTS = dict(
    be="was", blow="blew", build="built", buy="bought", catch="caught", choose="chose", cut="cut", draw="drew",
    drink="drank", eat="ate", fall="fell", find="found", fly="flew", give="gave", go="went", grow="grew", hear="heard",
    hide="hid", know="knew", lend="lent", light="lit", lose="lost", make="made", meet="met", put="put", read="read",
    ride="rode", rise="rose", run="ran", say="said", sell="sold", send="sent", shine="shone", sing="sang", sit="sat",
    sleep="slept", sweep="swept", swim="swam", teach="taught", tell="told", think="thought", throw="threw", wake="woke",
    weave="wove", write="wrote", dig="dug",
)  # fmt: skip
PASTS |= {
    "break": "broke",
    "dig up": "dug up",
    "put on": "put on",
    "give back": "gave back",
    "get up early": "got up early",
}
PASTS |= dict(
    bake="baked", bark="barked", bloom="bloomed", borrow="borrowed", brush="brushed", call="called", carry="carried",
    chase="chased", clean="cleaned", climb="climbed", close="closed", cook="cooked", cross="crossed", cry="cried",
    dance="danced", fish="fished", fix="fixed", fold="folded", follow="followed", gather="gathered", hate="hated",
    help="helped", invite="invited", knit="knitted", laugh="laughed", learn="learned", like="liked", live="lived",
    load="loaded", lock="locked", love="loved", miss="missed", move="moved", open="opened", peel="peeled", pick="picked",
    plant="planted", play="played", pour="poured", praise="praised", pull="pulled", push="pushed", rain="rained",
    receive="received", remember="remembered", rest="rested", row="rowed", send="sent", share="shared",
    sharpen="sharpened", shout="shouted", show="showed", smile="smiled", snow="snowed", stir="stirred", study="studied",
    thank="thanked", tie="tied", trust="trusted", visit="visited", walk="walked", wash="washed", watch="watched",
    work="worked",
)  # fmt: skip
PASTS |= {
    "return": "returned",
    "raise": "raised",
    "graze on": "grazed on",
    "look at": "looked at",
    "look for": "looked for",
}
PASTS |= {"listen to": "listened to", "wait for": "waited for", "stop by": "stopped by", "pull up": "pulled up"}
PASTS |= {"put out": "put out", "run away": "ran away", "be foggy": "was foggy"}
ING = dict(
    bake="baking", swim="swimming", run="running", sit="sitting", cut="cutting", knit="knitting", put="putting",
    tie="tying", write="writing", open="opening", visit="visiting", stir="stirring", dig="digging", fix="fixing",
    row="rowing", play="playing", eat="eating", study="studying", sharpen="sharpening", gather="gathering", see="seeing",
    choose="choosing", ride="riding", be="being", stop="stopping", listen="listening", borrow="borrowing",
)  # fmt: skip


def test_is_every_past_in_the_table_and_right() -> None:
    verbs = {verb.english for verb in lexicon.VERBS} - {"there be"}
    assert verbs <= PASTS.keys(), verbs - PASTS.keys()
    for verb, form in PASTS.items():
        assert english.past(verb) == form


def test_are_irregular_plurals_and_participles_right() -> None:
    for noun, form in PLURALS.items():
        assert english.plural(noun) == form
    for verb, form in ING.items():
        assert english.ing(verb) == form
    for noun in lexicon.NOUNS:  # what is not in the table is regular, and no hissing sound is among it
        if noun.english not in PLURALS:
            regular = noun.english[:-1] + "ies" if re.search("[^aeiou]y$", noun.english) else noun.english + "s"
            assert noun.proper or english.plural(noun.english) == regular
            assert noun.proper or not re.search("(s|x|z|ch|sh)$", noun.english), noun.english


def test_is_it_an_before_every_vowel_sound() -> None:
    an = {
        word
        for word in [*(n.english for n in lexicon.NOUNS), *(a.english for a in lexicon.ADJECTIVES)]
        if english.article(word) == "an"
    }
    assert an == set(
        [
            "apple",
            "axe",
            "egg",
            "eagle",
            "onion",
            "owl",
            "orchard",
            "umbrella",
            "inn",
            "island",
            "honest",
            "old",
            "expensive",
            "easy",
            "interesting",
            "uncomfortable",
            "I",
        ]
    ) - {"I"}
    assert english.article("useful") == "a" and english.article("hour") == "an"


def test_do_third_persons_agree() -> None:
    for verb, form in dict(
        go="goes", wash="washes", carry="carries", play="plays", fix="fixes", cry="cries", be="is"
    ).items():
        assert english.third_person(verb) == form
    assert english.third_person("catch") == "catches" and english.third_person("wait for") == "waits for"


def test_do_short_adjectives_compare_with_er() -> None:
    table = dict(
        kind="kinder", brave="braver", big="bigger", heavy="heavier", wise="wiser", pretty="prettier", expensive="more expensive",
        beautiful="more beautiful", cheap="cheaper", fast="faster", honest="more honest", lazy="lazier", long="longer",
        easy="easier", young="younger", famous="more famous", dirty="dirtier", clever="cleverer", old="older",
        rude="ruder", useful="more useful", light="lighter", healthy="healthier", rich="richer", quiet="quieter",
    )  # fmt: skip
    for adjective, form in table.items():
        assert english.comparative(adjective) == form

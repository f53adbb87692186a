"""The words of the village: what each is called in Korean and in English, and what may be said of it.

A noun has *kinds*; verbs and adjectives name the kinds they go with, so nothing absurd is ever said. Every
Korean word has one English word in its place and the other way round (a verb together with its object: hats are
쓰다, shoes 신다, in English both are put on), which is what lets `splits` recognise a sentence in either language.

Left out: how words change (`korean`, `english`) and how they combine (`grammar`).
"""

from collections.abc import Iterable
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
    """An adjective and the kinds of noun it describes; `before` is its Korean form before a noun, if not regular."""

    english: str
    korean: str
    kinds: tuple[str, ...]
    before: str = ""
    gradable: bool = True


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


def _nouns(kinds: str, table: str, counter: str = "개", **more: str | bool) -> list[Noun]:
    """One noun a comma: English, Korean, and whatever further kinds only this one has."""
    nouns = []
    for entry in table.split(","):
        words = entry.split()
        first_hangul = next(i for i, word in enumerate(words) if word[0] >= "가")
        own = set(words[first_hangul + 1 :])
        english = " ".join(words[:first_hangul])
        nouns.append(
            Noun(english, words[first_hangul], frozenset(kinds.split()) | own, counter, **more)
        )
    return nouns


NAMES = [
    *_nouns(
        "person name adult", "Minsu 민수, Junho 준호, Taeho 태호", "명", pronoun="he", proper=True
    ),
    *_nouns(
        "person name adult",
        "Jiwoo 지우, Yuna 유나, Sujin 수진이, Minji 민지",
        "명",
        pronoun="she",
        proper=True,
    ),
]
PEOPLE = [
    *_nouns(
        "person adult",
        """farmer 농부 trader, baker 제빵사 trader, fisherman 어부 trader, merchant 상인 trader, carpenter 목수 trader,
        shepherd 양치기, blacksmith 대장장이 trader, hunter 사냥꾼, gardener 정원사, postman 우체부, poet 시인 artist,
        soldier 군인, cook 요리사, painter 화가 artist, neighbor 이웃, traveler 여행자, mayor 촌장 single""",
        "명",
        pronoun="he",
    ),
    *_nouns(
        "person adult",
        """doctor 의사, tailor 재봉사 trader, singer 가수 artist, nurse 간호사,
        musician 음악가 artist, librarian 사서""",
        "명",
        pronoun="she",
    ),
    *_nouns("person adult", "teacher 선생님, grandmother 할머니", "분", pronoun="she"),
    *_nouns("person adult", "grandfather 할아버지", "분", pronoun="he"),
    *_nouns("person child", "boy 소년, student 학생", "명", pronoun="he"),
    *_nouns("person child", "girl 소녀, child 아이", "명", pronoun="she"),
]
FRIENDS = _nouns("person friend", "friend 친구", "명", pronoun="he")
ME, YOU, WE = (
    Noun(english, korean, frozenset({"person", "pronoun"}), "명", pronoun=english, proper=True)
    for english, korean in (("I", "나"), ("you", "너"), ("we", "우리"))
)
ANIMALS = [
    *_nouns(
        "animal farm land",
        "cow 소 big, horse 말 big rideable, pig 돼지 big, sheep 양, chicken 닭, goat 염소, donkey 당나귀 big rideable",
        "마리",
    ),
    *_nouns("animal farm land swimmer", "duck 오리, goose 거위", "마리"),
    *_nouns(
        "animal pet land", "dog 개 hunting, cat 고양이 hunting, puppy 강아지, rabbit 토끼", "마리"
    ),
    *_nouns(
        "animal wild land",
        "fox 여우 hunting, wolf 늑대 hunting, bear 곰 big, deer 사슴, squirrel 다람쥐, mouse 쥐, turtle 거북이 swimmer, "
        "frog 개구리 swimmers",
        "마리",
    ),
    *_nouns(
        "animal wild flying",
        "owl 부엉이, sparrow 참새, magpie 까치, butterfly 나비, eagle 독수리",
        "마리",
    ),
    *_nouns("animal fish", "fish 물고기", "마리"),
]
FOODS = [
    *_nouns(
        "food fruit goods portable",
        "apple 사과 peeled tree-fruit, peach 복숭아 peeled tree-fruit, persimmon 감 peeled tree-fruit, "
        "strawberry 딸기, tangerine 귤 tree-fruit, plum 자두 tree-fruit, watermelon 수박 cut",
    ),
    *_nouns(
        "food vegetable goods portable",
        "potato 감자 peeled root, carrot 당근 root, onion 양파 peeled root, pumpkin 호박 cut, cucumber 오이 cut, "
        "tomato 토마토, radish 무 root cut, cabbage 배추 cut, mushroom 버섯 gathered, sweet potato 고구마 root",
    ),
    *_nouns("food goods portable", "egg 달걀"),
    *_nouns(
        "food snack goods portable",
        "cookie 과자 baked, cake 케이크 baked cut, dumpling 만두 cooked, rice cake 떡",
    ),
    *_nouns("food snack goods portable", "bread 빵 baked cut", "덩어리", measure="loaf"),
    *_nouns(
        "food snack dish", "soup 수프 stirred, porridge 죽 stirred, rice 밥", "그릇", measure="bowl"
    ),
    *_nouns("food goods portable", "cheese 치즈 snack cut, meat 고기 cut", "조각", measure="piece"),
    *_nouns("goods liquid sweet", "honey 꿀", "병", measure="jar"),
    *_nouns(
        "drink liquid",
        "tea 차 hot, coffee 커피 hot, milk 우유 goods, juice 주스 goods, water 물 plain",
        "잔",
        measure="cup",
    ),
]
THINGS = [
    *_nouns("thing goods portable clothes", "hat 모자 headwear, scarf 목도리 knitted worn"),
    *_nouns(
        "thing goods portable clothes",
        "coat 외투 wrap, sweater 스웨터 knitted wrap, shirt 셔츠 wrap",
        "벌",
    ),
    *_nouns(
        "thing goods portable tool",
        "hammer 망치, saw 톱 sharp, axe 도끼 sharp, shovel 삽, knife 칼 sharp, broom 빗자루, "
        "rope 밧줄 tied cut-by-knife, net 그물",
    ),
    *_nouns("thing goods furniture made", "chair 의자 seat, table 탁자, bed 침대, bench 벤치 seat"),
    *_nouns(
        "thing goods portable vessel",
        "cup 컵 fragile, bowl 그릇 fragile, plate 접시 fragile, pot 냄비, jar 항아리 fragile",
    ),
    *_nouns(
        "thing goods portable container",
        "basket 바구니 made woven, box 상자 made opened, bag 가방 opened",
    ),
    *_nouns("thing goods portable instrument", "guitar 기타, flute 피리, drum 북"),
    *_nouns("thing goods portable toy", "doll 인형 made, ball 공, kite 연 made, toy 장난감 made"),
    *_nouns("thing goods portable reading", "book 책", "권"),
    *_nouns("thing portable reading", "letter 편지 written sent", "통"),
    *_nouns("thing portable reading", "newspaper 신문", "부"),
    *_nouns("thing reading written", "poem 시", "편"),
    *_nouns("thing reading told written", "story 이야기", "편"),
    *_nouns("thing told sung", "song 노래", "곡"),
    *_nouns("thing portable small", "key 열쇠, coin 동전 gathered"),
    *_nouns(
        "thing goods portable small",
        "ring 반지, clock 시계 repaired, umbrella 우산 repaired, mirror 거울 fragile, lamp 등불 lit, blanket 담요 woven",
    ),
    *_nouns("thing goods vehicle repaired", "bicycle 자전거 rideable, cart 수레 made pulled", "대"),
    *_nouns("thing repaired", "boat 배 rowed", "척"),
    *_nouns("thing part", "door 문 opened locked repaired, window 창문 opened repaired fragile"),
    *_nouns("thing part repaired", "roof 지붕, fence 울타리 made, wall 벽"),
    *_nouns("thing portable", "picture 그림 drawn, map 지도 reading drawn, photograph 사진", "장"),
    *_nouns("thing gathered portable", "stone 돌 thrown, leaf 나뭇잎"),
    *_nouns("thing goods portable present", "present 선물"),
]
SHOES = _nouns(
    "thing goods portable clothes paired",
    "shoe 신발 footwear, glove 장갑 handwear knitted",
    "켤레",
    measure="pair",
    pronoun="it",
)
PLANTS = [
    *_nouns(
        "plant flower portable gathered",
        "flower 꽃, rose 장미, sunflower 해바라기, tulip 튤립",
        "송이",
    ),
    *_nouns("plant tree", "tree 나무, pine 소나무", "그루"),
]


def _places(at: str, kinds: str, table: str) -> list[Noun]:
    return _nouns("place visited " + kinds, table, "곳", at=at)


PLACES = [
    *_places("at", "shop outdoor town open", "market 시장"),
    *_places("at", "indoor town", "bakery 빵집 eatery, shop 가게 shop, restaurant 식당 eatery"),
    *_places("at", "indoor town quiet study", "school 학교"),
    *_places("at", "indoor town", "hospital 병원 care, station 역, inn 여관 eatery"),
    *_places("in", "indoor town quiet study", "library 도서관, classroom 교실"),
    *_places(
        "in",
        "indoor chamber",
        "kitchen 부엌 cooking sweepable, room 방 sweepable quiet study, living room 거실 sweepable quiet",
    ),
    *_places(
        "in",
        "indoor",
        "workshop 작업실 sweepable work chamber, barn 헛간 animals built chamber, stable 마구간 animals, mill 방앗간",
    ),
    *_places("in", "outdoor open town", "square 광장, park 공원 green, playground 놀이터"),
    *_places(
        "in",
        "outdoor open green",
        "garden 정원 growing plot, orchard 과수원 growing, yard 마당 sweepable animals, field 들판 growing pasture plot",
    ),
    *_places("in", "outdoor growing plot", "vegetable garden 텃밭"),
    *_places("in", "outdoor wild green", "forest 숲, valley 골짜기"),
    *_places(
        "in",
        "outdoor wild waters deep",
        "river 강 crossed flowing swimming, sea 바다 swimming, lake 호수 swimming, pond 연못 swimming, "
        "stream 개울 crossed flowing",
    ),
    *_places("on", "outdoor wild height", "mountain 산, hill 언덕 pasture"),
    *_places("on", "outdoor wild", "island 섬"),
    *_places("on", "outdoor open", "beach 바닷가, bridge 다리 crossed, road 길"),
    *_places("on", "outdoor open green pasture animals", "farm 농장"),
    *_places("at", "home", "home 집"),
    *_places("in", "outdoor town far", "village 마을, city 도시"),
    *_places("at", "indoor quiet far", "temple 절"),
]
WELL = _nouns("place well", "well 우물", at="at")[0]
WEATHER = _nouns("weather", "weather 날씨, wind 바람, sun 해, moon 달")

FODDER = _nouns("fodder mass", "grass 풀, hay 건초", "줌")
NOUNS = [
    *NAMES,
    *PEOPLE,
    *FRIENDS,
    ME,
    YOU,
    WE,
    *ANIMALS,
    *FOODS,
    *THINGS,
    *SHOES,
    *FODDER,
    *PLANTS,
    *PLACES,
    WELL,
    *WEATHER,
]


def _adjectives(kinds: str, table: str, gradable: bool = True) -> list[Adjective]:
    """English, Korean, and for the few that need it the form before a noun."""
    pairs = (entry.rsplit(maxsplit=1) for entry in table.split(","))
    return [
        Adjective(english.strip(), korean, tuple(kinds.split()), "", gradable)
        for english, korean in pairs
    ]


CHARACTER = [
    *_adjectives(
        "person",
        "kind 친절하다, brave 용감하다, honest 정직하다, lazy 게으르다, rude 무례하다, diligent 부지런하다, clever 똑똑하다, "
        "quiet 조용하다, healthy 건강하다, cheerful 명랑하다, famous 유명하다",
    ),
    *_adjectives("adult", "wise 현명하다, poor 가난하다, rich 부유하다, young 젊다"),
    *_adjectives("farm pet", "gentle 온순하다"),
    *_adjectives("pet squirrel sparrow", "cute 귀엽다"),
    *_adjectives("big hunting", "strong 힘세다"),
    *_adjectives("horse dog rabbit hunting deer eagle fish", "fast 빠르다"),
    *_adjectives("turtle donkey cow", "slow 느리다"),
    *_adjectives("farm pet hunting person", "hungry 배고프다"),
]
QUALITIES = [
    *_adjectives("fruit", "sweet 달다"),
    *_adjectives("plum tangerine apple strawberry", "sour 시다"),
    *_adjectives("fruit vegetable", "fresh 신선하다"),
    *_adjectives("fruit vegetable snack dish", "delicious 맛있다"),
    *_adjectives("stirred", "salty 짜다, spicy 맵다, bland 싱겁다"),
    *_adjectives("dish hot", "hot 뜨겁다"),
    *_adjectives("drink", "cold 차갑다"),
    *_adjectives("clothes paired", "warm 따뜻하다"),
    *_adjectives("clothes paired flower vessel container toy instrument small", "pretty 예쁘다"),
    *_adjectives(
        "clothes vessel container tool furniture instrument toy small vehicle",
        "cheap 싸다, expensive 비싸다",
    ),
    *_adjectives("tool vessel furniture instrument toy", "flimsy 부실하다"),
    *_adjectives("seat clothes paired", "comfortable 편하다, uncomfortable 불편하다"),
    *_adjectives("tool container furniture vessel", "heavy 무겁다, light 가볍다, sturdy 튼튼하다"),
    *_adjectives("sharp", "sharp 날카롭다"),
    *_adjectives("clothes flower paired", "red 빨갛다, yellow 노랗다, white 하얗다", False),
    *_adjectives("clothes paired vehicle", "blue 파랗다, black 까맣다", False),
    *_adjectives(
        "clothes vessel furniture container instrument reading vehicle part tool toy", "old 낡다"
    ),
    *_adjectives(
        "clothes vessel furniture container instrument vehicle part indoor",
        "clean 깨끗하다, dirty 더럽다",
    ),
    *_adjectives(
        "reading told",
        "interesting 재미있다, boring 지루하다, long 길다, short 짧다, difficult 어렵다, easy 쉽다, strange 이상하다",
    ),
    *_adjectives("flower tree", "beautiful 아름답다"),
    *_adjectives("animal tree furniture container vessel toy", "big 크다, small 작다"),
    *_adjectives("mountain hill", "high 높다"),
    *_adjectives("woven", "soft 부드럽다"),
    *_adjectives("woven furniture container vessel", "useful 유용하다"),
    *_adjectives("deep", "deep 깊다"),
    *_adjectives("indoor town green", "peaceful 평화롭다"),
    *_adjectives("chamber eatery shop", "dark 어둡다, bright 밝다, narrow 좁다"),
    *_adjectives("open", "wide 넓다"),
    *_adjectives("town", "noisy 시끄럽다"),
    *_adjectives("wild", "dangerous 위험하다"),
]
FEELINGS = _adjectives(
    "person",
    "happy 행복하다, sad 슬프다, tired 피곤하다, glad 기쁘다, lonely 외롭다, bored 심심하다, busy 바쁘다, sleepy 졸리다",
)
HUNGER = _adjectives("person", "thirsty 목마르다, sick 아프다")
CLIMATE = _adjectives(
    "weather", "cold 춥다, hot 덥다, warm 따뜻하다, clear 맑다, cloudy 흐리다, cool 시원하다"
)
ADJECTIVES = [*CHARACTER, *QUALITIES, *FEELINGS, *HUNGER, *CLIMATE]


def _verb(
    english: str,
    korean: str,
    subject: str,
    object: str = "",
    article: str = "",
    *,
    at: str = "",
    how: str = "",
    goal: str = "",
    **more,
) -> Verb:
    return Verb(
        english,
        korean,
        tuple(subject.split()),
        tuple(object.split()),
        article,
        tuple(at.split()),
        tuple(how.split()),
        goal=tuple(goal.split()),
        **more,
    )


TRANSITIVE = [  # at: kinds of place; how: groups of adverbs
    # food
    _verb(
        "eat",
        "먹다",
        "person",
        "fruit snack",
        "a",
        at="cooking garden eatery home",
        how="slow quick quiet",
        companion=True,
    ),
    _verb(
        "drink",
        "마시다",
        "person",
        "drink",
        "a",
        at="eatery home garden",
        how="slow quiet",
        companion=True,
    ),
    _verb(
        "cook", "요리하다", "person", "cooked soup porridge meat", "a", at="cooking", how="skill"
    ),
    _verb("bake", "굽다", "person", "baked", "a", at="cooking", how="skill"),
    _verb("peel", "깎다", "person", "peeled", "a", at="cooking", how="careful", tool="knife"),
    _verb("cut", "자르다", "person", "cut", "the", at="cooking", how="careful", tool="knife"),
    _verb("stir", "젓다", "person", "stirred", "the", at="cooking", how="careful"),
    _verb("wash", "씻다", "person", "fruit vegetable vessel", "the", at="cooking", how="careful"),
    _verb(
        "share",
        "나누어 먹다",
        "person",
        "fruit snack",
        "a",
        at="green home",
        companion=True,
        together=True,
    ),
    # the land
    _verb(
        "plant",
        "심다",
        "person",
        "root tree flower pumpkin cucumber tomato cabbage",
        "a",
        at="plot",
        how="careful",
        tool="shovel",
        tenses="past future",
    ),
    _verb(
        "pick",
        "따다",
        "person",
        "tree-fruit",
        "a",
        at="orchard garden yard",
        how="careful",
        companion=True,
    ),
    _verb(
        "dig up",
        "캐다",
        "person",
        "root",
        "a",
        at="plot",
        how="careful",
        tool="shovel",
        tenses="past future progressive",
    ),
    _verb("grow", "키우다", "person", "vegetable plant fruit", "plural", at="growing", how="skill"),
    _verb(
        "pull up",
        "뽑다",
        "person",
        "carrot radish onion",
        "a",
        at="plot",
        how="quick",
        tenses="past future progressive",
    ),
    _verb(
        "raise",
        "기르다",
        "person",
        "farm pet",
        "a",
        at="farm",
        how="skill",
        tenses="past future progressive",
    ),
    _verb(
        "brush",
        "빗질하다",
        "person",
        "horse donkey dog cat puppy rabbit sheep",
        "the",
        at="animals",
        how="careful",
    ),
    _verb("ride", "타다", "person", "rideable", "a", at="road park beach field", how="quick"),
    _verb("row", "젓다", "person", "rowed", "the", how="slow", tenses="past future progressive"),
    _verb(
        "chase",
        "쫓다",
        "hunting",
        "chicken duck goose rabbit mouse",
        "a",
        at="open green",
        how="quick",
    ),
    _verb("catch", "잡다", "person", "fish", "a", at="flowing swimming", how="skill", tool="net"),
    _verb(
        "graze on",
        "뜯어 먹다",
        "cow horse sheep goat donkey",
        "fodder",
        "plural",
        at="pasture",
        how="slow",
    ),
    # trade
    _verb(
        "buy",
        "사다",
        "person",
        "goods",
        "a",
        at="shop",
        how="cheap",
        tenses="past future progressive",
    ),
    _verb("sell", "팔다", "trader", "goods", "a", at="shop", how="cheap"),
    _verb(
        "choose",
        "고르다",
        "person",
        "goods",
        "a",
        at="shop",
        how="careful",
        tenses="past future progressive",
    ),
    _verb("borrow", "빌리다", "person", "tool book rideable umbrella", "a", tenses="past future"),
    # work with things
    _verb(
        "make",
        "만들다",
        "person",
        "made",
        "a",
        at="work home",
        how="skill",
        tenses="past future progressive",
    ),
    _verb(
        "build",
        "짓다",
        "person",
        "built",
        "a",
        at="farm",
        how="skill",
        tenses="past future progressive",
    ),
    _verb(
        "fix",
        "고치다",
        "person",
        "repaired furniture",
        "the",
        at="work home",
        how="skill",
        tool="hammer",
        tenses="past future progressive",
    ),
    _verb(
        "break",
        "깨뜨리다",
        "person",
        "fragile",
        "a",
        at="cooking home",
        how="accident",
        tenses="past",
    ),
    _verb(
        "carry",
        "나르다",
        "person",
        "container furniture vessel",
        "the",
        at="market road yard barn",
        how="careful",
        tenses="past future progressive",
    ),
    _verb("push", "밀다", "person", "cart bicycle", "the", at="open", how="slow"),
    _verb("pull", "끌다", "cow horse donkey person", "pulled", "the", at="open", how="slow"),
    _verb("open", "열다", "person", "opened", "the", how="careful"),
    _verb("close", "닫다", "person", "opened", "the", how="careful"),
    _verb("lock", "잠그다", "person", "locked", "the", how="careful"),
    _verb("clean", "청소하다", "person", "indoor", "the", how="clean", companion=True),
    _verb("sweep", "쓸다", "person", "sweepable", "the", how="clean", tool="broom"),
    _verb("light", "켜다", "person", "lit", "the", how="careful"),
    _verb("put out", "끄다", "person", "lit", "the", how="quick"),
    _verb(
        "weave",
        "짜다",
        "person",
        "woven",
        "a",
        at="work home",
        how="skill",
        tenses="past future progressive",
    ),
    _verb(
        "knit",
        "뜨다",
        "person",
        "knitted",
        "a",
        at="home",
        how="skill",
        tenses="past future progressive",
    ),
    _verb(
        "fold", "접다", "person", "blanket", "the", how="careful", tenses="past future progressive"
    ),
    _verb(
        "tie",
        "묶다",
        "person",
        "cow horse donkey goat dog",
        "the",
        at="animals",
        how="careful",
        tool="rope",
        tenses="past future progressive",
    ),
    _verb(
        "sharpen",
        "갈다",
        "person",
        "sharp",
        "the",
        at="work",
        how="careful",
        tenses="past future progressive",
    ),
    _verb(
        "hide",
        "숨기다",
        "person",
        "small",
        "the",
        at="home green",
        how="quiet",
        tenses="past future",
        place_particle="에",
    ),
    _verb("throw", "던지다", "person", "thrown", "a", at="flowing open", how="far"),
    _verb(
        "gather",
        "모으다",
        "person",
        "gathered",
        "plural",
        at="green beach",
        how="diligent",
        companion=True,
    ),
    _verb("draw", "긷다", "person", "plain", "", at="well", how="careful"),
    _verb(
        "lose",
        "잃어버리다",
        "person",
        "small clothes container",
        "a",
        at="town open",
        how="accident",
        tenses="past",
    ),
    _verb(
        "find",
        "찾다",
        "person",
        "small clothes container",
        "the",
        at="green home open",
        how="luck",
        tenses="past",
    ),
    # clothes
    _verb("put on", "입다", "person", "wrap", "a", how="quick"),
    _verb("put on", "쓰다", "person", "headwear", "a", how="quick"),
    _verb("put on", "신다", "person", "footwear", "a", how="quick"),
    _verb("put on", "끼다", "person", "handwear", "a", how="quick"),
    _verb("put on", "두르다", "person", "worn", "a", how="quick"),
    # words and art
    _verb("read", "읽다", "person", "reading", "a", at="study", how="quiet slow"),
    _verb("write", "쓰다", "person", "written", "a", at="study", how="careful quiet"),
    _verb(
        "draw",
        "그리다",
        "person",
        "flower tree land drawn vehicle",
        "a",
        at="study green",
        how="skill",
    ),
    _verb(
        "play",
        "연주하다",
        "person",
        "instrument",
        "the",
        at="open town quiet",
        how="skill loud",
        companion=True,
    ),
    _verb(
        "sing",
        "부르다",
        "person",
        "sung",
        "a",
        at="open green",
        how="loud cheerful",
        companion=True,
    ),
    _verb(
        "listen to", "듣다", "person", "sung told", "a", at="open home", how="quiet", companion=True
    ),
    _verb(
        "remember",
        "기억하다",
        "person",
        "told sung",
        "the",
        how="clear",
        stative=True,
        tenses="past future",
    ),
    # people
    _verb("help", "돕다", "person", "person", "the", at="work farm town", how="willing"),
    _verb(
        "meet",
        "만나다",
        "person",
        "person",
        "the",
        at="town open eatery",
        how="chance",
        tenses="past future",
    ),
    _verb("wait for", "기다리다", "person", "person", "the", at="town open", how="long quiet"),
    _verb("call", "부르다", "person", "person", "the", at="open", how="loud"),
    _verb("praise", "칭찬하다", "person", "person", "the", at="town", how="warm"),
    _verb(
        "visit", "찾아가다", "person", "person", "the", how="often", tenses="past future present"
    ),
    _verb(
        "watch",
        "지켜보다",
        "person hunting",
        "land flying",
        "the",
        at="green open",
        how="quiet long",
    ),
    _verb(
        "look at",
        "바라보다",
        "person",
        "mountain deep moon",
        "the",
        how="quiet long",
        companion=True,
    ),
    _verb(
        "follow",
        "따라가다",
        "person pet",
        "person",
        "the",
        at="open green",
        how="quiet slow",
        tenses="past future progressive",
    ),
    _verb(
        "thank",
        "고마워하다",
        "person",
        "person",
        "the",
        how="warm",
        particle="에게",
        tenses="past future progressive",
    ),
    _verb("look for", "찾아다니다", "person", "small pet", "the", at="open green", how="long"),
    _verb("invite", "초대하다", "person", "person", "the", tenses="past future"),
    _verb(
        "learn",
        "배우다",
        "person",
        "sung",
        "a",
        at="study",
        how="quick",
        tenses="past future progressive",
    ),
    _verb(
        "cross",
        "건너다",
        "person",
        "crossed",
        "the",
        how="careful slow",
        companion=True,
        tenses="past future progressive",
    ),
]
AFFECTION = [
    _verb("love", "사랑하다", "person", "person pet", "the", stative=True),
    _verb(
        "like", "좋아하다", "person", "fruit snack drink person pet flower", "generic", stative=True
    ),
    _verb("hate", "싫어하다", "person", "vegetable snack drink", "generic", stative=True),
    _verb("miss", "그리워하다", "person", "person pet", "the", stative=True),
    _verb("trust", "믿다", "person", "person", "the", stative=True),
]
GIVING = [
    _verb(
        "give",
        "주다",
        "person",
        "fruit snack flower present",
        "a",
        goal="person",
        at="town home open",
    ),
    _verb("give", "주다", "person", "plain", "", goal="plant", at="growing", how="careful"),
    _verb("give", "주다", "person", "fodder", "", goal="farm", at="animals", how="careful"),
    _verb("send", "보내다", "person", "sent present photograph", "a", goal="person"),
    _verb(
        "show",
        "보여 주다",
        "person",
        "drawn photograph small toy",
        "the",
        goal="person",
        at="town home",
    ),
    _verb(
        "lend",
        "빌려주다",
        "person",
        "tool rideable book umbrella",
        "the",
        goal="person",
        tenses="past future",
    ),
    _verb("teach", "가르치다", "adult", "sung", "a", goal="person", at="study home", how="skill"),
    _verb("tell", "들려주다", "person", "story", "a", goal="person", at="home open", how="quiet"),
    _verb(
        "receive",
        "받다",
        "person",
        "sent present flower",
        "a",
        goal="person",
        goal_particle="에게서",
        to="from",
        tenses="past future",
    ),
    _verb(
        "give back",
        "돌려주다",
        "person",
        "small tool",
        "the",
        goal="person",
        how="willing",
        tenses="past future",
    ),
    _verb(
        "put",
        "넣다",
        "person",
        "fruit vegetable small",
        "the",
        goal="container",
        to="in",
        how="careful",
        tenses="past future progressive",
    ),
    _verb(
        "put",
        "놓다",
        "person",
        "vessel reading fruit",
        "the",
        goal="table",
        to="on",
        how="careful",
        tenses="past future progressive",
    ),
    _verb(
        "load",
        "싣다",
        "person",
        "container furniture",
        "the",
        goal="cart",
        to="onto",
        how="quick",
        tenses="past future progressive",
    ),
    _verb(
        "pour",
        "붓다",
        "person",
        "liquid",
        "the",
        goal="cup bowl pot jar",
        to="into",
        how="careful",
        tenses="past future progressive",
    ),
]
INTRANSITIVE = [
    _verb("sleep", "자다", "person pet", at="home room", how="sound long"),
    _verb("run", "달리다", "person land", at="open green", how="quick"),
    _verb("walk", "걷다", "person", at="open green forest hill", how="slow long", companion=True),
    _verb("dance", "춤추다", "person", at="open", how="cheerful", companion=True),
    _verb("laugh", "웃다", "person", at="town open home", how="loud long", companion=True),
    _verb("cry", "울다", "person", at="home room green", how="loud quiet long"),
    _verb("swim", "수영하다", "person", at="swimming", how="cheerful", companion=True),
    _verb("swim", "헤엄치다", "swimmer fish", at="swimming", how="slow"),
    _verb("rest", "쉬다", "person", at="green home hill quiet", how="long quiet", companion=True),
    _verb(
        "work",
        "일하다",
        "adult",
        at="work hospital school library shop market bakery restaurant inn station farm",
        how="hard long",
        companion=True,
    ),
    _verb("study", "공부하다", "child adult", at="study", how="hard quiet", companion=True),
    _verb("play", "놀다", "child pet", at="open green home", how="cheerful", companion=True),
    _verb(
        "live",
        "살다",
        "person",
        at="village city island forest valley hill",
        how="alone",
        stative=True,
        companion=True,
        place_particle="에",
    ),
    _verb("fish", "낚시하다", "person", at="swimming", how="quiet", companion=True),
    _verb(
        "fly", "날다", "flying", at="forest hill field valley park mountain garden", how="high slow"
    ),
    _verb("smile", "미소 짓다", "person", how="warm quiet"),
    _verb("bark", "짖다", "dog puppy", at="home yard open", how="loud"),
    _verb("get up early", "일찍 일어나다", "person"),
    _verb("shout", "소리치다", "person", at="open", how="loud"),
    _verb("fall", "넘어지다", "person", at="open forest hill", how="sudden", tenses="past"),
    _verb("cook", "요리하다", "person", at="cooking", how="skill", companion=True),
    _verb("bloom", "피다", "flower", at="growing green", how="beautiful"),
]
SITTING = [_verb("sit", "앉다", "person", goal="seat", to="on", how="quiet")]
MOTION = [  # the goal is a place
    _verb("go", "가다", "person", goal="visited", how="alone", companion=True),
    _verb("run", "달려가다", "person land", goal="visited", goal_particle="(으)로"),
    _verb(
        "walk",
        "걸어가다",
        "person",
        goal="visited",
        goal_particle="(으)로",
        how="slow",
        companion=True,
    ),
    _verb(
        "return",
        "돌아가다",
        "person",
        goal="visited",
        goal_particle="(으)로",
        how="late",
        companion=True,
    ),
    _verb(
        "move",
        "이사하다",
        "person",
        goal="far",
        goal_particle="(으)로",
        companion=True,
        tenses="past future",
    ),
    _verb(
        "run away",
        "달아나다",
        "pet farm",
        goal="forest hill field valley",
        goal_particle="(으)로",
        how="sudden quick",
        tenses="past",
    ),
    _verb(
        "climb",
        "오르다",
        "person",
        goal="height",
        to="",
        how="slow",
        companion=True,
        tenses="past future progressive",
    ),
    _verb("stop by", "들르다", "person", goal="shop study", to=""),
]
SKY = [  # subject: the weather itself; "it" in English where the Korean subject is part of the verb
    _verb("rain", "비가 오다", "", how="much"),
    _verb("snow", "눈이 오다", "", how="much"),
    _verb("blow", "불다", "wind", how="strong"),
    _verb("rise", "뜨다", "sun moon", how="slow"),
    _verb("shine", "빛나다", "sun moon", how="bright"),
    _verb("be foggy", "안개가 끼다", "", tenses="past future"),
]
THERE = Verb("there be", "있다", ("thing", "animal"), stative=True)
VERBS = [*TRANSITIVE, *AFFECTION, *GIVING, *INTRANSITIVE, *SITTING, *MOTION, *SKY, THERE]


def _adverbs(tenses: str, table: str, groups: str = "") -> list[Adverb]:
    adverbs = []
    for entry in table.split(","):
        english, korean = entry.split(":")
        adverbs.append(
            Adverb(english.strip(), korean.strip(), tuple(tenses.split()), tuple(groups.split()))
        )
    return adverbs


TIMES = [
    *_adverbs(
        "past",
        "yesterday: 어제, last Sunday: 지난 일요일에, this morning: 오늘 아침에, two days ago: 이틀 전에, last week: 지난주에",
    ),
    *_adverbs(
        "future",
        "tomorrow: 내일, next week: 다음 주에, this weekend: 이번 주말에, next Sunday: 다음 주 일요일에, the day after tomorrow: 모레",
    ),
    *_adverbs(
        "present",
        "every day: 매일, every morning: 매일 아침, every evening: 매일 저녁, on weekends: 주말마다, on Sundays: 일요일마다",
    ),
    *_adverbs("progressive", "now: 지금"),
    *_adverbs("imperfect", "then: 그때, yesterday evening: 어제저녁에"),
]
MANNERS = [
    adverb
    for groups, table in (
        ("careful", "carefully: 조심스럽게"),
        ("slow", "slowly: 천천히"),
        ("quick", "quickly: 재빨리"),
        ("quiet", "quietly: 조용히"),
        ("loud", "loudly: 큰 소리로"),
        ("cheerful", "cheerfully: 신나게"),
        ("long", "for a long time: 오랫동안"),
        ("sound", "soundly: 푹"),
        ("late", "late: 늦게"),
        ("alone", "alone: 혼자"),
        ("accident", "by accident: 실수로"),
        ("chance luck", "by chance: 우연히"),
        ("cheap", "cheaply: 싸게"),
        ("far", "far: 멀리"),
        ("high", "high: 높이"),
        ("strong", "strongly: 세게"),
        ("much", "heavily: 많이"),
        ("bright", "brightly: 밝게"),
        ("clear", "clearly: 똑똑히"),
        ("often", "often: 자주"),
        ("warm", "warmly: 따뜻하게"),
        ("willing", "gladly: 기꺼이"),
        ("sudden", "suddenly: 갑자기"),
        ("beautiful", "beautifully: 아름답게"),
        ("skill", "with great care: 정성껏"),
        ("diligent", "diligently: 부지런히"),
        ("clean", "thoroughly: 깨끗이"),
        ("hard", "hard: 열심히"),
    )
    for adverb in _adverbs("", table, groups)
]
DEGREES = _adverbs("", "very: 매우, really: 정말, so: 너무, a little: 조금")
AFFECTION_DEGREES = _adverbs("", "so much: 매우, really: 정말")
ADVERBS = [*TIMES, *MANNERS, *DEGREES, *AFFECTION_DEGREES]


def selected(kinds: Iterable[str], nouns: Iterable[Noun] = NOUNS) -> tuple[Noun, ...]:
    """The nouns that are of one of these kinds, or are named by one of them.

    >>> [noun.english for noun in selected(("fodder", "moon"))]
    ['grass', 'hay', 'moon']
    """
    wanted = set(kinds)
    return tuple(noun for noun in nouns if noun.english in wanted or noun.kinds & wanted)

"""The nouns of the village: who and what there is."""

from collections.abc import Iterable

from .tables import nouns
from .words import Noun

NAMES = nouns(
    """
    name | pronoun he | proper | Minsu 민수, Junho 준호, Taeho 태호
    name | pronoun she | proper | Jiwoo 지우, Yuna 유나, Sujin 수진이, Minji 민지
    """,
    kinds="person adult",
    counter="명",
)
PEOPLE = nouns(
    """
    adult | counter 명 | pronoun he | farmer 농부 trader, baker 제빵사 trader, fisherman 어부 trader, merchant 상인 trader,
        carpenter 목수 trader, shepherd 양치기, blacksmith 대장장이 trader, hunter 사냥꾼, gardener 정원사, postman 우체부,
        poet 시인 artist, soldier 군인, cook 요리사, painter 화가 artist, neighbour 이웃, traveller 여행자,
        village head 촌장 single, grandfather 할아버지
    adult | counter 명 | pronoun she | doctor 의사, tailor 재봉사 trader, singer 가수 artist, nurse 간호사,
        musician 음악가 artist, librarian 사서, teacher 선생님, grandmother 할머니
    child | counter 명 | pronoun he | boy 소년, student 학생
    child | counter 명 | pronoun she | girl 소녀, child 아이
    """,
    kinds="person",
)
FRIENDS = nouns("person friend | counter 명 | pronoun he | friend 친구")
ME, YOU, WE = (
    Noun(english, korean, frozenset({"person", "pronoun"}), "명", pronoun=english, proper=True)
    for english, korean in (("I", "나"), ("you", "너"), ("we", "우리"))
)
ANIMALS = nouns(
    """
    livestock land | cow 소 big grazing, horse 말 big rideable grazing, pig 돼지 big, sheep 양 grazing, chicken 닭, goat 염소 grazing,
        donkey 당나귀 big rideable grazing
    livestock land swimmer | duck 오리, goose 거위
    pet land | dog 개 hunting, cat 고양이 hunting, puppy 강아지, rabbit 토끼
    wild land | fox 여우 hunting, wolf 늑대 hunting, bear 곰 big, deer 사슴, squirrel 다람쥐, mouse 쥐, turtle 거북이 swimmer,
        frog 개구리 swimmer
    wild flying | owl 부엉이, sparrow 참새, magpie 까치, butterfly 나비, eagle 독수리
    fish | fish 물고기
    """,
    kinds="animal",
    counter="마리",
)
FOODS = nouns(
    """
    food fruit goods portable | apple 사과 peeled tree-fruit, peach 복숭아 peeled tree-fruit,
        persimmon 감 peeled tree-fruit, strawberry 딸기, tangerine 귤 tree-fruit, plum 자두 tree-fruit
    food fruit goods portable | counter 통 | watermelon 수박 cut
    food vegetable goods portable | potato 감자 peeled root, carrot 당근 root, onion 양파 root, pumpkin 호박 cut,
        cucumber 오이 cut, tomato 토마토, radish 무 cut, mushroom 버섯, sweet potato 고구마 root
    food vegetable goods portable | counter 포기 | cabbage 배추 cut
    food goods portable | egg 달걀
    food snack goods portable | cookie 과자 baked, cake 케이크 baked cut, dumpling 만두 cooked, rice cake 떡
    food snack goods portable | counter 덩어리 | measure loaf | bread 빵 baked cut
    food snack dish | counter 그릇 | measure bowl | soup 수프 stirred, porridge 죽 stirred, rice 밥
    food goods portable | counter 조각 | measure piece | cheese 치즈 snack cut, meat 고기 cut
    goods liquid sweet | counter 병 | measure jar | honey 꿀
    drink liquid | counter 잔 | measure cup | tea 차 hot, coffee 커피 hot, milk 우유 goods, juice 주스 goods, water 물 plain
    """
)
THINGS = nouns(
    """
    goods portable clothes | hat 모자 headwear, scarf 목도리 knitted worn
    goods portable clothes | counter 벌 | coat 외투 wrap, sweater 스웨터 knitted wrap, shirt 셔츠 wrap
    goods portable tool | counter 자루 | hammer 망치, saw 톱 sharp, axe 도끼 sharp, shovel 삽, knife 칼 sharp, broom 빗자루
    goods portable tool | rope 밧줄, net 그물
    goods furniture made | chair 의자 seat, table 탁자, bed 침대, bench 벤치 seat
    goods portable vessel | cup 컵 fragile, bowl 그릇 fragile, plate 접시 fragile, pot 냄비, jar 항아리 fragile
    goods portable container | basket 바구니 made woven, box 상자 made opened, bag 가방 opened
    goods portable instrument | guitar 기타, flute 피리, trumpet 나팔, drum 북
    goods portable toy | doll 인형 made, ball 공, kite 연 made, toy 장난감 made
    goods portable reading | counter 권 | book 책
    portable reading | counter 통 | letter 편지 written sent
    portable reading | counter 부 | newspaper 신문
    reading written | counter 편 | poem 시
    reading told written | counter 편 | story 이야기
    told sung | counter 곡 | song 노래
    portable small | key 열쇠, coin 동전
    goods portable small | ring 반지, clock 시계 repaired, umbrella 우산 repaired, mirror 거울 fragile, lamp 등불 lit
    goods portable small | counter 장 | blanket 담요 woven
    goods vehicle repaired | counter 대 | bicycle 자전거 rideable, cart 수레 made pulled
    repaired | counter 척 | boat 배 rowed
    part | door 문 opened locked, window 창문 opened fragile, roof 지붕, fence 울타리, wall 벽
    portable | counter 장 | picture 그림 drawn, map 지도 drawn, photograph 사진
    gathered portable | stone 돌 thrown
    gathered portable | counter 장 | leaf 나뭇잎
    goods portable present | present 선물
    """,
    kinds="thing",
)
SHOES = nouns(
    """
    thing goods portable clothes paired | counter 켤레 | measure pair | shoe 신발 footwear, glove 장갑 handwear knitted
    """
)
FODDER = nouns("fodder mass | counter 줌 | grass 풀, hay 건초")
PLANTS = nouns(
    """
    plant flower portable | counter 송이 | flower 꽃, rose 장미, sunflower 해바라기, tulip 튤립
    plant tree | counter 그루 | tree 나무, pine 소나무
    """
)
PLACES = nouns(  # `at` is the English preposition
    """
    shop outdoor town open | at at | market 시장
    indoor town | at at | bakery 빵집 eatery, shop 가게 shop, restaurant 식당 eatery
    indoor town quiet study | at at | school 학교
    indoor town | at at | hospital 병원 care, station 역, inn 여관 eatery
    indoor town quiet study | at in | library 도서관, classroom 교실
    indoor chamber | at in | kitchen 부엌 cooking sweepable, room 방 sweepable quiet study,
        living room 거실 sweepable quiet
    indoor | at in | workshop 작업실 sweepable work chamber, barn 헛간 animals built chamber, stable 마구간 animals,
        mill 방앗간
    outdoor open town | at in | square 광장, park 공원 green, playground 놀이터
    outdoor open green | at in | garden 정원 growing plot, orchard 과수원 growing, yard 마당 sweepable animals,
        field 들판 growing pasture plot
    outdoor growing plot | at in | vegetable garden 텃밭
    outdoor wild green | at in | forest 숲, valley 골짜기
    outdoor wild waters deep | at in | river 강 crossed flowing swimming, sea 바다 swimming, lake 호수 swimming,
        pond 연못 swimming, stream 개울 crossed flowing
    outdoor wild height | at on | mountain 산, hill 언덕 pasture
    outdoor wild far | at on | island 섬
    outdoor open | at on | beach 바닷가
    outdoor open green pasture animals | at on | farm 농장
    home | at at | home 집
    outdoor town far | at in | village 마을, city 도시
    indoor quiet | at at | temple 절
    """,
    kinds="place visited",
    counter="곳",
) + nouns(  # where one passes, and nobody goes to
    """
    outdoor open | at on | bridge 다리 crossed
    outdoor open | at in | street 길
    """,
    kinds="place",
)
[WELL] = nouns("place visited well | at at | well 우물")
WEATHER = nouns("weather | weather 날씨, wind 바람, sun 해, moon 달")
SPEAKERS = (ME, YOU, WE)
NOUNS = [
    *(
        *NAMES,
        *PEOPLE,
        *FRIENDS,
        *SPEAKERS,
        *ANIMALS,
        *FOODS,
        *THINGS,
        *SHOES,
        *FODDER,
        *PLANTS,
        *PLACES,
    ),
    *(WELL, *WEATHER),
]


def selected(kinds: Iterable[str], among: Iterable[Noun] = NOUNS) -> tuple[Noun, ...]:
    """The nouns that are of one of these kinds, or are named by one of them.

    >>> [noun.english for noun in selected(("fodder", "moon"))]
    ['grass', 'hay', 'moon']
    """
    wanted = set(kinds)
    return tuple(noun for noun in among if noun.english in wanted or noun.kinds & wanted)

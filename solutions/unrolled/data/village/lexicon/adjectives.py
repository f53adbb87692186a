"""The adjectives of the village: what people are like and how they feel, what things are like, and the weather."""

from collections.abc import Sequence

from .tables import adjectives
from .words import Adjective

CHARACTER = adjectives(
    """
    person | kind 친절하다, brave 용감하다, honest 정직하다, lazy 게으르다, rude 무례하다, diligent 부지런하다, clever 똑똑하다, quiet 조용하다,
        healthy 건강하다, cheerful 명랑하다, famous 유명하다
    adult | wise 현명하다, poor 가난하다, rich 부유하다
    name trader artist shepherd hunter gardener postman soldier cook neighbour traveller doctor nurse librarian teacher | young 젊다
    livestock pet | gentle 온순하다
    pet squirrel sparrow | cute 귀엽다
    big hunting | strong 힘이 세다/힘센
    horse dog rabbit hunting deer eagle fish | fast 빠르다
    turtle donkey cow | slow 느리다
    livestock pet hunting person | hungry 배고프다
    """
)
QUALITIES = adjectives(
    """
    fruit | sweet 달콤하다
    plum tangerine apple strawberry | sour 시다
    fruit vegetable | fresh 신선하다
    fruit vegetable snack dish | delicious 맛있다
    stirred | salty 짜다, spicy 맵다, bland 싱겁다
    dish hot | hot 뜨겁다
    drink | cold 차갑다
    clothes paired | warm 따뜻하다
    clothes paired flower vessel container toy instrument small | pretty 예쁘다
    clothes vessel container tool furniture instrument toy ring clock umbrella mirror lamp blanket vehicle | cheap 싸다,
        expensive 비싸다
    rope net broom furniture container toy | flimsy 허술하다
    seat clothes paired | comfortable 편하다, uncomfortable 불편하다
    tool container furniture vessel | heavy 무겁다, light 가볍다, sturdy 튼튼하다
    sharp | sharp 날카롭다
    clothes flower paired | not gradable | red 빨갛다, yellow 노랗다, white 하얗다
    clothes paired vehicle | not gradable | blue 파랗다, black 까맣다
    clothes vessel furniture container instrument vehicle part tool toy book letter map photograph | become | old 낡다
    clothes vessel furniture container instrument vehicle part indoor | clean 깨끗하다, dirty 더럽다
    reading told | interesting 재미있다, boring 지루하다, difficult 어렵다, easy 쉽다, strange 이상하다
    written told | long 길다, short 짧다
    flower tree poem song story | beautiful 아름답다
    animal tree furniture container vessel toy | big 크다, small 작다
    mountain hill | high 높다
    knitted blanket | soft 부드럽다
    woven furniture container vessel | useful 유용하다
    deep | deep 깊다
    indoor town green | peaceful 평화롭다
    chamber eatery shop | dark 어둡다, bright 밝다, narrow 좁다
    open | wide 넓다
    town | noisy 시끄럽다
    fox wolf bear forest valley river sea lake mountain | dangerous 위험하다
    """
)
FEELINGS = adjectives(
    """
    person | happy 행복하다, sad 슬프다, tired 피곤하다, glad 기쁘다, lonely 외롭다, bored 심심하다, busy 바쁘다, sleepy 졸리다
    """
)
HUNGER = adjectives("person | thirsty 목마르다, sick 아프다")
CLIMATE = adjectives(
    "weather | cold 춥다, hot 덥다, warm 따뜻하다, clear 맑다, cloudy 흐리다, cool 시원하다"
)
ADJECTIVES = [*CHARACTER, *QUALITIES, *FEELINGS, *HUNGER, *CLIMATE]


def adjective(english: str, among: Sequence[Adjective] = ADJECTIVES) -> Adjective:
    """The adjective of that name, the first if there are several.

    >>> adjective("sad").korean, adjective("cold").korean, adjective("cold", CLIMATE).korean
    ('슬프다', '차갑다', '춥다')
    """
    return next(a for a in among if a.english == english)

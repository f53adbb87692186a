"""The adverbs of the village: when, how and how much."""

from .tables import adverbs

TIMES = adverbs(
    """
    past | yesterday 어제; last Sunday 지난 일요일에; this morning 오늘 아침에; two days ago 이틀 전에; last week 지난주에
    future | tomorrow 내일; next week 다음 주에; this weekend 이번 주말에; next Sunday 다음 주 일요일에;
        the day after tomorrow 모레
    present | every day 매일; every morning 매일 아침; every evening 매일 저녁; on weekends 주말마다; on Sundays 일요일마다
    progressive | now 지금
    imperfect | then 그때; yesterday evening 어제저녁에
    """,
    "tenses",
)
MANNERS = adverbs(
    """
    careful | carefully 조심스럽게
    slow | slowly 천천히
    quick | quickly 빨리
    quiet | quietly 조용히
    loud | loudly 크게
    cheerful | cheerfully 신나게
    long | for a long time 오랫동안
    sound | soundly 푹
    late | late 늦게
    alone | alone 혼자
    accident | by accident 실수로
    chance | by chance 우연히
    cheap | cheaply 싸게
    far | far 멀리
    high | high 높이
    strong | strongly 세게
    much | heavily 많이
    bright | brightly 밝게
    clear | clearly 똑똑히
    warm | warmly 따뜻하게
    willing | gladly 기꺼이
    sudden | suddenly 갑자기
    beautiful | beautifully 아름답게
    skill | with great care 정성껏
    diligent | diligently 부지런히
    clean | thoroughly 깨끗이
    hard | hard 열심히
    """,
    "groups",
)
DEGREES = adverbs("very 매우; really 정말; so 너무; a little 조금")
AFFECTION_DEGREES = adverbs("so much 매우; really 정말")
ADVERBS = [*TIMES, *MANNERS, *DEGREES, *AFFECTION_DEGREES]

"""The verbs of the village: what is done there. How a row is read, see `tables.verbs`."""

from functools import cache

from .tables import verbs
from .words import Verb

TRANSITIVE = verbs(
    """
    # food
    eat 먹다 | person | a fruit snack | at cooking garden eatery home | how slow quick quiet | companion
    drink 마시다 | person | a drink | at eatery home garden | how slow quiet | companion
    cook 끓이다 | person | a soup porridge | at cooking | how skill
    cook 찌다 | person | plural cooked | at cooking | how skill
    cook 요리하다 | person | a meat | at cooking | how skill
    bake 굽다 | person | a baked | at cooking | how skill
    peel 깎다 | person | a peeled | at cooking | how careful | tool knife
    cut 자르다 | person | the cut | at cooking | how careful | tool knife
    stir 젓다 | person | the stirred | at cooking | how careful
    wash 씻다 | person | the fruit vegetable vessel | at cooking | how careful
    share 나누어 먹다 | person | a fruit snack | at green home | companion | together
    # the land
    plant 심다 | person | plural root flower pumpkin cucumber tomato radish cabbage | at plot | place_particle 에 | how careful | tool shovel | only past future
    plant 심다 | person | a tree | at garden yard hill field | place_particle 에 | how careful | tool shovel | only past future
    pick 따다 | person | a tree-fruit | at orchard garden yard | how careful | companion
    pick 따다 | person | plural mushroom | at forest valley | how careful | companion
    pick 따다 | person | plural strawberry | at plot | how careful | companion
    pick 꺾다 | person | plural flower | at garden field hill | how careful | companion
    dig up 캐다 | person | a root | at plot | how careful | tool shovel | only past future progressive
    grow 키우다 | person | plural vegetable plant fruit | at growing | how skill | only past future progressive
    pull up 뽑다 | person | a carrot radish onion | at plot | how quick | only past future progressive
    raise 기르다 | person | a livestock pet | at farm | how skill | only past future progressive
    brush 빗질하다 | person | the horse donkey dog cat puppy rabbit sheep | at animals | how careful
    ride 타다 | person | a rideable | at street park beach field | how cheerful
    row 젓다 | person | the rowed | how slow | only past future progressive
    chase 쫓다 | hunting | a chicken duck goose rabbit mouse | at open green | how quick
    catch 잡다 | person | a fish | at flowing swimming | how careful | tool net
    graze on 뜯어 먹다 | grazing | plural grass | at pasture | how slow
    eat 먹다 | grazing | plural hay | at barn stable | how slow
    # trade
    buy 사다 | person | a goods | at shop | how cheap | only past future progressive
    sell 팔다 | trader | a goods | at shop | how cheap
    choose 고르다 | person | a goods | at shop | how careful | only past future progressive
    borrow 빌리다 | person | a tool book rideable umbrella | only past future
    # work with things
    make 만들다 | person | a made | at work home | how skill | only past future progressive
    build 짓다 | person | a built | at farm | place_particle 에 | how skill | only past future progressive
    fix 고치다 | person | the part | at home farm | how skill | tool hammer | only past future progressive
    fix 고치다 | person | the repaired furniture | at work home | how skill | tool hammer | only past future progressive
    break 깨뜨리다 | person | a fragile | at cooking home | how accident | only past
    carry 나르다 | person | the container furniture vessel | at market street yard barn | how careful | only past future progressive
    push 밀다 | person | the pulled box bed | at market street yard barn farm | how slow
    pull 끌다 | cow horse donkey person | the pulled | at market square street field farm | how slow
    open 열다 | person | the opened | how careful
    close 닫다 | person | the opened | how careful
    lock 잠그다 | person | the locked | how careful
    clean 청소하다 | person | the indoor | how clean | companion
    sweep 쓸다 | person | the sweepable | how clean | tool broom
    light 켜다 | person | the lit | how careful
    put out 끄다 | person | the lit | how quick
    weave 짜다 | person | a woven | at work home | how skill | only past future progressive
    knit 뜨다 | person | a knitted | at home | how skill | only past future progressive
    fold 개다 | person | the blanket | how careful | only past future progressive
    tie 묶다 | person | the cow horse donkey goat dog | at animals | how careful | tool rope | only past future progressive
    sharpen 갈다 | person | the sharp | at work | how careful | only past future progressive
    hide 숨기다 | person | the small | at home green | place_particle 에 | how quiet | only past future
    throw 던지다 | person | a thrown | at beach field bridge hill | how far
    gather 모으다 | person | plural gathered | at green beach | how diligent | companion
    draw 긷다 | person | some plain | at well | how careful
    lose 잃어버리다 | person | a small clothes container | at town open | only past
    find 찾다 | person | the small clothes container | at green home open | only past
    # clothes
    put on 입다 | person | a wrap | how quick | only past future present
    put on 쓰다 | person | a headwear | how quick | only past future present
    put on 신다 | person | a footwear | how quick | only past future present
    put on 끼다 | person | a handwear | how quick | only past future present
    put on 두르다 | person | a worn | how quick | only past future present
    # words and art
    read 읽다 | person | a reading | at study | how quiet slow
    write 쓰다 | person | a written | at study | how careful quiet
    draw 그리다 | person | a flower tree land drawn vehicle | at study green | how skill
    play 치다 | person | the guitar drum | at open home inn | how cheerful loud | companion
    play 불다 | person | the flute trumpet | at open home inn | how cheerful loud | companion
    sing 부르다 | person | a sung | at open green | how loud cheerful | companion
    listen to 듣다 | person | a sung told | at open home | how quiet | companion
    remember 기억하다 | person | the told sung | how clear | stative | only past future
    # people
    help 돕다 | person | the person | at work farm town | how willing
    meet 만나다 | person | the person | at town open eatery | how chance | only past future
    wait for 기다리다 | person | the person | at town open | how long quiet
    call 부르다 | person | the person | at open | how loud
    praise 칭찬하다 | person | the person | at town
    visit 찾아가다 | person | the person | only past future present
    watch 지켜보다 | person hunting | the land flying | at green open | how quiet long
    look at 바라보다 | person | the mountain deep moon | how quiet long | companion
    follow 따라가다 | person pet | the person | at open green | how quiet slow | only past future progressive
    thank 고맙다고 하다 | person | the person | particle 에게 | only past future
    look for 찾아다니다 | person | the small pet | at open green | how long
    invite 초대하다 | person | the person | only past future
    learn 배우다 | person | a sung | at study | how quick | only past future progressive
    cross 건너다 | person | the crossed | how careful slow | companion | only past future progressive
    """
)
AFFECTION = verbs(
    """
    love 사랑하다 | person | the person pet | stative
    like 좋아하다 | person | generic fruit snack drink person pet flower | stative
    hate 싫어하다 | person | generic vegetable snack drink | stative
    miss 그리워하다 | person | the person pet | stative
    trust 믿다 | person | the person | stative
    """
)
GIVING = verbs(
    """
    give 주다 | person | a fruit snack flower present | goal person | at town home open
    give 주다 | person | some plain | goal plant | at growing | how careful
    give 주다 | person | some fodder | goal grazing | at animals
    send 보내다 | person | a sent present photograph | goal person
    show 보여 주다 | person | the drawn photograph small toy | goal person | at town home
    lend 빌려주다 | person | the tool rideable book umbrella | goal person | only past future
    teach 가르치다 | adult | a sung | goal person | at study home | how skill
    tell 들려주다 | person | a story | goal person | at home open | how quiet
    receive 받다 | person | a sent present flower | goal person | to from | goal_particle 에게서 | only past future
    give back 돌려주다 | person | the small tool | goal person | how willing | only past future
    put 넣다 | person | the fruit vegetable small | goal container | to in | how careful | only past future progressive
    put 놓다 | person | the vessel book letter newspaper fruit | goal table | to on | how careful | only past future progressive
    load 싣다 | person | the container furniture | goal cart | to onto | how quick | only past future progressive
    pour 따르다 | person | the drink | goal cup | to into | how careful | only past future progressive
    pour 붓다 | person | the water milk honey | goal bowl pot jar | to into | how careful | only past future progressive
    """
)
INTRANSITIVE = verbs(
    """
    sleep 자다 | person pet | at home room | how sound long
    run 달리다 | person land | at open green | place_particle 을/를 | how quick
    walk 걷다 | person | at open green forest hill | place_particle 을/를 | how slow long | companion
    dance 춤추다 | person | at open | how cheerful | companion
    laugh 웃다 | person | at town open home | how loud long | companion
    cry 울다 | person | at home room green | how loud quiet long | only past future progressive
    swim 수영하다 | person | at swimming | how cheerful | companion
    swim 헤엄치다 | swimmer fish | at swimming | how slow
    rest 쉬다 | person | at green home hill quiet | how long quiet | companion
    work 일하다 | adult | at work hospital school library shop market bakery restaurant inn station farm | how hard long | companion
    study 공부하다 | child adult | at study | how hard quiet | companion
    play 놀다 | child pet | at open green home | how cheerful | companion
    live 살다 | person | at village city island forest valley hill | place_particle 에 | how alone | stative | companion
    fish 낚시하다 | person | at swimming | how quiet | companion
    fly 날다 | flying | at forest hill field valley park mountain garden | how high slow
    smile 미소 짓다 | person | how warm quiet
    bark 짖다 | dog puppy | at home yard open | how loud
    get up early 일찍 일어나다 | person | only past future present
    shout 소리치다 | person | at open | how loud
    fall 넘어지다 | person | at open forest hill | how sudden | only past
    cook 요리하다 | person | at cooking | how skill | companion
    bloom 피다 | flower | at growing green | place_particle 에 | how beautiful | resultative
    """
)
SITTING = verbs("sit 앉다 | person | goal seat | to on | how quiet | resultative")
MOTION = verbs(  # the goal is a place
    """
    go 가다 | person | goal visited | how alone | companion
    run 달려가다 | person | goal visited | goal_particle (으)로
    run 달려가다 | land | goal forest hill field valley yard | goal_particle (으)로
    walk 걸어가다 | person | goal visited | goal_particle (으)로 | how slow | companion
    return 돌아가다 | person | goal visited | goal_particle (으)로 | how late | companion
    move 이사하다 | person | goal far | goal_particle (으)로 | companion | only past future
    run away 달아나다 | pet livestock | goal forest hill field valley | goal_particle (으)로 | how sudden quick | only past
    climb 오르다 | person | goal height | to | how slow | companion | only past future progressive
    stop by 들르다 | person | goal shop school library bakery inn | to | only past future present
    """
)
SKY = verbs(  # subject: the weather itself; "it" in English where the Korean subject is part of the verb
    """
    rain 비가 오다 | it | place_particle 에 | how much
    snow 눈이 오다 | it | place_particle 에 | how much
    blow 불다 | wind | how strong
    rise 뜨다 | sun moon | how slow
    shine 빛나다 | sun moon | how bright
    be foggy 안개가 끼다 | it | place_particle 에 | only past future
    """
)
THERE = Verb("there be", "있다", ("thing", "animal"), place_particle="에", stative=True)
VERBS = [*TRANSITIVE, *AFFECTION, *GIVING, *INTRANSITIVE, *SITTING, *MOTION, *SKY, THERE]


@cache
def verb(name: str) -> Verb:
    """The verb of that name, the first if there are several; "draw/그리다" says which.

    >>> verb("draw").korean, verb("draw/그리다").korean
    ('긷다', '그리다')
    """
    english, _, korean = name.partition("/")
    return next(v for v in VERBS if v.english == english and korean in ("", v.korean))

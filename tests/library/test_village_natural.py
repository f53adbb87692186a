"""What no Korean and no English speaker would say, searched for in a sample of everything the village tells.

Every kind has a sentence that is wrong in that way, which its pattern must find; in the sample it must find nothing.
"""

import json
import re
import subprocess
import sys
from random import Random

import pytest

from unrolled.data import village
from unrolled.data.village import grammar, lexicon
from unrolled.data.village.grammar.actions import CLASHES
from unrolled.data.village.korean import attach
from unrolled.data.village.meaning import Clause
from unrolled.data.village.plots import story_meanings
from unrolled.data.village.render_korean import korean

SEED = 18
SIZES = {"pairs": 1000, "stories": 200, "reviews": 200, "facts": 200}
SPLITS = ("train", "test")

WORN = "(모자|외투|스웨터|셔츠|신발|장갑|목도리)"
BLADES = "(칼|도끼|톱|삽|망치|빗자루)"
FLOWERS = "(꽃|장미|해바라기|튤립)"
CAME_ABOUT = "(산|고른|빌린|만든|뜬|짠|쓴|그린|딴|캔|꺾은|잃어버린|찾아다닌)"
COLOUR = "(빨간|노란|하얀|파란|까만)"
LEADS = "그 뒤에|그러고 나서|잠시 뒤|이틀 뒤|다음 날|그날 저녁|며칠 뒤|그다음 주에|하지만|그래서|곧|마침내"
WHEN = "yesterday|last Sunday|this morning|two days ago|last week"
SONG_IS = "(재미있는|아름다운|긴|어려운|이상한)"
FOODS = "|".join(noun.english for noun in lexicon.FOODS if not noun.measure)

KINDS = (  # what is wrong, a sentence that is, the pattern that finds it
    # aspect and tense
    ("wearing is not putting on", "사냥꾼은 장갑을 빨리 끼고 있어", f"{WORN}[을를] (빨리 )?(입|쓰|신|끼|두르)고 있"),
    ("nor in English", "The hunter is putting on gloves", "(am|is|are|was|were) putting on"),
    ("who sits has sat down", "소녀는 벤치에 조용히 앉고 있었어", "(앉|피)고 있"),
    ("what is old has become so", "이 편지는 정말 낡아", "낡(아(?!서)|다고|다$)"),
    ("one cannot be stopping by", "간호사는 교실에 들르고 있어", "들르고 있|stopping by"),
    ("had been working", "Taeho was working for a long time when he ran", "(was|were) .*for a long time when"),
    ("early in the evening", "매일 저녁 나는 일찍 일어나", "저녁.*일찍 일어"),
    ("growing every day", "농부는 매일 토마토를 키워", "(매일|마다).*(키워|키우지 않아)"),
    # verbs and their objects
    ("soup is boiled", "할아버지는 수프 두 그릇을 정성껏 요리했어", "(수프를|죽을|그릇을|만두를) (정성껏 )?요리(?!사)"),
    ("one says thanks", "나는 목수가 유나에게 고마워했다고 생각해", "고마워(하|했|해)"),
    ("by chance one does not seek", "태호는 신발을 우연히 찾았어", "우연히 찾"),
    ("nor intend to meet", "민지는 촌장을 우연히 만나러 갔어", "우연히 만(나러|날)"),
    ("hay is not grazed on", "소는 건초를 천천히 뜯어 먹었어", "건초를 (\\S+ )?뜯어|graz\\w+ on hay"),
    ("flowers are picked", "소녀는 장미를 모았어", f"{FLOWERS}[을를] (\\S+ )?모(으|아|았|을|은)"),
    ("shouting is loud", "소년은 큰 소리로 소리쳤어", "큰 소리로"),
    ("one trusts truly", "나는 민지를 매우 믿어", "매우 (믿|그리워)"),
    ("blankets are folded up", "유나는 담요를 접었어", "담요를 (\\S+ )?접"),
    ("instruments are struck and blown", "준호는 북을 연주했어", "연주"),
    ("into a cup one pours", "준호는 컵에 차를 부었어", "컵에 (\\S+ )?\\S+[을를] (\\S+ )?(붓|부)"),
    ("radishes are pulled up", "군인은 무를 캤어", "(무|배추)(를| \\S+ 개를) (\\S+ )?(캐|캤|캘)"),
    ("onions are not peeled so", "가수는 양파를 깎았어", "양파(를| \\S+ 개를) (\\S+ )?깎"),
    ("fish are not caught with devotion", "어부는 물고기를 정성껏 잡았어", "정성껏 잡"),
    ("a story lies on no table", "유나는 탁자에 이야기를 놓았어", "(시|이야기)[를을] (\\S+ )?놓"),
    ("a farm is not raised", "민지는 농장 네 곳을 길렀어", " 곳[을를]"),
    # adjectives and their nouns
    ("furniture is not insolvent", "부실한 탁자에 컵을 놓았어", "부실"),
    ("plants are not fresh", "농부는 신선한 배추를 심었어", "(신선한|맛있는) \\S+[을를] (\\S+ )?심|plant\\w* (a )?(fresh|delicious)"),
    ("what is sharp needs no sharpening", "목수는 날카로운 톱을 갈았어", "날카로운 \\S+ (\\S+ )?(갈|간)"),
    ("a story does not wear out", "나는 낡은 시를 읽었어", "낡은 (시|이야기|신문)"),
    ("a map is not long", "우리는 긴 지도를 봤어", "(긴|짧은) (지도|신문|책)"),
    ("a basket is not soft", "부드러운 바구니를 짰어", "부드러운 바구니"),
    ("butterflies are harmless", "나비는 정말 위험해", "(나비|까치|참새|개구리|다람쥐|사슴)\\S* (\\S+ )?위험"),
    ("nobody buys dirt", "태호는 더러운 셔츠를 샀어", "(더러운|불편한|허술한) \\S+[을를] (\\S+ )?(샀|살|골랐|팔)"),
    ("hating what is delicious", "제빵사는 맛있는 떡을 싫어해", "(맛있는|신선한|달콤한) \\S+[을를] (\\S+ )?싫어"),
    ("our, then an adjective", "우리 싼 시계를 찾았어", "우리 \\S*(싼|비싼|더러운|깨끗한|낡은|큰|작은|예쁜|무거운|가벼운) "),
    ("gloves in the heat", "모레 날씨가 더우면 태호는 장갑을 낄 거야", "(더우면|더워서) .*(장갑|목도리|외투|스웨터)[을를]"),
    ("cold tea against the cold", "날씨가 추워서 나는 차가운 차를 마셨어", "추(워서|우면) (?!.*(가|이) ).*차가운"),
    ("the sun rises anyway", "해가 천천히 뜨면 나는 울 거야", "뜨면"),
    ("nobody sings cheerfully for sorrow", "소녀는 외로워서 신나게 노래를 불렀어", "(슬퍼서|외로워서|피곤해서) .*(신나게|크게 (불|쳤))"),
    # numbers, persons, speech levels
    ("honorific counter, plain verb", "선생님 두 분이 수레를 밀어", "(한|두|세|네|다섯|여섯|일곱) 분"),
    ("tools have handles", "할머니는 칼 세 개를 골랐어", f"{BLADES} \\S+ 개"),
    ("blankets, leaves, cabbages, melons", "담요 한 개를 골랐어", "(담요|나뭇잎|배추|수박) \\S+ 개"),
    ("casual 뭘", "요리사는 무엇을 샀어?", "무엇을 .*(어|아|야|해|워|춰)\\?$"),
    ("where to, not where at", "유나는 어디에서 반지를 숨겼어?", "어디에서 .*(숨[겼길기]|심[었을]|헛간을 |걸[었을]|달[렸릴])"),
    ("planted into, hidden in", "민지는 정원에서 장미를 심었어", f"에서 (?!{CAME_ABOUT})(\\S*[^ 이가] ){{1,2}}(심[었을어]|숨[겼길])"),
    ("you, politely", "저는 너를 사랑해요", "^저\\S* 너"),
    ("what you want you know", "너는 가방을 열고 싶어", "^너는 .*고 싶어$"),
    ("not again", "저는 이 책을 다시 읽지 않을 거예요", "다시 .*지 않을"),
    ("a street is gone out to", "시인은 길에 혼자 갔어", "(길|다리)에 (\\S+ )?(갔|가고|갈|가)"),
    # a clause that tells which one swallows what stands beside it
    ("bought in the barn", "소년은 헛간에서 할아버지가 산 상자를 날랐어", f"(에서|에게|함께) \\S+[이가] (\\S+에서 )?{CAME_ABOUT} "),
    ("bought yesterday", "소년은 어제 할아버지가 산 상자를 날랐어", f"(어제|지난주에|이틀 전에|아침에) \\S+[이가] {CAME_ABOUT} "),
    ("when they ate, not when they were hungry", "They ate because they were hungry last Sunday", f"because [^.]*({WHEN})"),
    ("what goes on for long has been going on", "Now the student is sleeping for a long time", "(am|is|are|was|were) \\w+ing [^.]*for a long time"),
    ("dumplings, not one", "The child can cook a dumpling", "cook\\w* (a|the|one)( \\w+)? dumpling\\b"),
    ("nobody buys one of a thing", "Jiwoo bought one delicious onion", "(bought|ate|read|wrote|sang|got|sold|chose|dug up|pulled up|received|gave|baked) one "),
    # who does so, and when
    ("grandfathers are not young", "The young grandfather slept", "young(er)? grand(father|mother)|grand(father|mother)s? \\w+ (\\w+ ){0,2}young"),
    ("a child has no trade", "The child who makes beds slept", "(child|children|boys?|girls?|students?) who (makes?|weaves?|sells?|raises?|grows?|works?) "),
    ("no shirt against the snow", "Jiwoo put on a shirt because it snowed", "put on ([a-z]+ ){0,2}(shirts?|shoes) [^.]*because (it|the w)"),
    ("nobody puts on a hat last week", "Did the cook put on a hat last week?", "put on (?![^.]* if )[^.]*week"),
    ("nobody cries every morning", "매일 아침 민수는 골짜기에서 울어", "(매일|마다).* (울어|운다|울어요)$"),
    ("a moon is no condition", "He will tie the goat if the moon shines", "if the moon"),
    ("chance is not foreseen", "우연히 만나기 전에 상자를 날랐어", "우연히 \\S+기 전에"),
    ("how is not what for", "우리는 돌을 부지런히 모으러 과수원에 갔어", "(게|히|껏|혼자|오랫동안|빨리) \\S+러 (\\S+ )?\\S+에 갔"),
    ("coins cost nothing", "여행자는 비싼 동전을 잃어버렸어", "(싼|비싼) (동전|열쇠)"),
    ("nobody tastes it before it is peeled", "이웃은 맛있는 감자를 깎았어", "맛있는 \\S+[을를] (\\S+ )?(깎|씻|캤|캐|뽑)"),
    ("nor chooses what is dirty", "요리사가 고른 더러운 기타를 치러 갔어", "(산|고른) (더러운|허술한|불편한) "),
    # English
    ("dumplings are", "The dumpling is delicious", f"^The ({FOODS}) is "),
    ("gladly first", "The singer gave back the coin to Jiwoo gladly", "gave back|to \\w+ gladly"),
    ("climbed slowly the hill", "I climbed slowly the hill", "climb\\w* \\w+ly the"),
    ("with and with", "I fixed the door with a hammer with great care", "with a \\w+ with great"),
    ("put carefully last", "She put the plum on the table carefully", "(put|gave|loaded|poured) the .* (on|to|onto|into) .*ly$"),
    ("a village has a head", "The mayor sang in the road", "\\bmayor\\b|the road\\b"),
    ("British spelling", "The neighbor went to the theater", "\\b(neighbor|traveler|theater|color)"),
)  # fmt: skip
STORIES = (  # what is wrong with a whole story
    ("an umbrella twice", "비가 와서 우산을 샀다. 곧 우산을 빌렸다.", "우산을 (\\S+ )?샀.*우산을 (\\S+ )?빌렸|우산을 (\\S+ )?빌렸.*우산을 (\\S+ )?샀"),
    ("the same lead twice", "그 뒤에 울었다. 그 뒤에 잤다.", f"({LEADS}) [^.]*\\. \\1 "),
    ("two colours of one thing", "빨간 외투를 입었다. 파란 외투를 입었다.", rf"{COLOUR} (\S+)[을를].*(?!\1){COLOUR} \2[을를]"),
    ("nobody points", "The singer closed my door.", "\\b(this|my|our) \\w+"),
    ("nothing was waited for", "그날 저녁 편지를 썼다. 마침내 집에서 쉬었다.", "마침내 (?![^.]*(찾았다|캤다))"),
    ("a song is taught as it was sung", "긴 노래를 불렀다. 이상한 노래를 가르쳤다.", rf"{SONG_IS} 노래를.*(?!\1){SONG_IS} 노래를 (\S+ )?(가르쳤|배웠)"),
    ("a thing does not wander", "He lost a key. So he looked for the key in the park. She found the key in the field.", r"lost .*looked for the (\w+) (?:for a long time )?(?:in|at|on) the ([\w ]+)\. [^.]*found the \1 (?:in|at|on) the (?!\2)"),
    ("nobody goes on after sleeping", "Soon, she slept at home. That night, she read. She was busy.", r"(slept|rested)[^.]* at home\. [A-Z][^.]*\. "),
    ("a long song is no short one", "긴 노래를 불렀다. 짧은 노래를 배웠다.", "긴 노래.*짧은 노래|짧은 노래.*긴 노래|쉬운 노래.*어려운 노래|어려운 노래.*쉬운 노래"),
)  # fmt: skip


def said() -> dict[str, list[str]]:
    """The sample in both languages: single sentences, and whole stories with what they come down to."""
    sentences: list[str] = []
    stories: list[str] = []
    for split in SPLITS:
        for pair in village.pairs(SIZES["pairs"], split=split, seed=SEED):
            sentences += pair
        for language in ("korean", "english"):
            ask = {"language": language, "split": split, "seed": SEED}
            stories += [" ".join(told) for told in village.summary_pairs(SIZES["stories"], **ask)]
            texts = [review.text for review in village.reviews(SIZES["reviews"], **ask)]
            texts += [f"{fact.text} {fact.question}" for fact in village.facts(SIZES["facts"], **ask)]
            sentences += [s for text in (*texts, *stories) for s in re.findall(r"[^.?]+\??", text)]
    return {"sentences": [s.strip() for s in sentences], "stories": stories}


@pytest.fixture(scope="module")
def sample() -> dict[str, list[str]]:
    """What is said, by a Python of its own, where no types are checked (a tenth of the time)."""
    return json.loads(subprocess.run([sys.executable, __file__], check=True, capture_output=True).stdout)


@pytest.mark.parametrize(("kind", "wrong", "pattern"), KINDS)
def test_is_no_sentence_wrong_in_this_way(kind: str, wrong: str, pattern: str, sample: dict[str, list[str]]) -> None:
    assert re.search(pattern, wrong), "the pattern does not find its own example"
    found = [sentence for sentence in sample["sentences"] if re.search(pattern, sentence)]
    assert not found, (kind, found[:5])


@pytest.mark.parametrize(("kind", "wrong", "pattern"), STORIES)
def test_does_no_story_contradict_itself(kind: str, wrong: str, pattern: str, sample: dict[str, list[str]]) -> None:
    assert re.search(pattern, wrong), "the pattern does not find its own example"
    found = [story for story in sample["stories"] if re.search(pattern, story)]
    assert not found, (kind, found[:3])


def test_is_the_sample_as_large_as_it_says(sample: dict[str, list[str]]) -> None:
    assert len(sample["stories"]) == 2 * len(SPLITS) * SIZES["stories"]
    assert len(sample["sentences"]) > 2 * len(SPLITS) * sum(SIZES.values())


def test_is_nothing_too_much_in_praise() -> None:
    praise = [review.text for review in village.reviews(300, language="korean") if review.sentiment]
    assert len(praise) > 100 and not any("너무" in text for text in praise)


def test_do_place_time_and_company_keep_away_from_a_clause_that_tells_which_one() -> None:
    """In both languages they would be heard as a part of it: "the box that he bought in the barn"."""
    rng, explained = Random(3), 0
    for _ in range(3000):
        sentence = grammar.draw(rng, 0.6 + 0.4 * rng.random())
        for clause in filter(None, (sentence.main, sentence.other)):
            if clause.explains:
                explained += 1
                assert (clause.place, clause.companion, clause.tool, clause.manner) == (None,) * 4
                assert clause.fronted or clause.time is None
                assert clause.object is None or clause.goal is None
    assert explained > 50


def test_does_a_question_for_a_place_take_the_particle_of_the_answer() -> None:
    from unrolled.data.village.meaning import Sentence, Thing

    field = next(place for place in lexicon.PLACES if place.english == "field")
    who, key = Thing(lexicon.NAMES[0], ""), next(Thing(n) for n in lexicon.THINGS if n.english == "key")
    for verb, place, where in (("hide", "들판에", "어디에"), ("find", "들판에서", "어디에서"), ("walk", "들판을", "어디를")):
        clause = Clause(who, lexicon.verb(verb), object=key if verb != "walk" else None, place=field)
        assert f" {place} " in korean(Sentence(clause))
        assert f" {where} " in korean(Sentence(clause, focus="where"))


def test_does_nobody_act_against_their_nature() -> None:
    """No fast fish swims slowly, no goat keeps Sundays, and of what is bought by the dozen there is not "one"."""
    rng, slow, beasts, counted = Random(5), 0, 0, 0
    for _ in range(6000):
        sentence = grammar.draw(rng, rng.random())
        for clause in filter(None, (sentence.main, sentence.other)):
            if clause.subject is None:
                continue
            adjective, manner = clause.subject.adjective, clause.manner
            if adjective is not None and manner is not None:
                slow += 1
                assert manner.english not in CLASHES.get(adjective.english, ())
            if "animal" in clause.subject.noun.kinds and clause.time is not None:
                beasts += 1
                assert clause.time.english not in ("on weekends", "on Sundays")
            if clause.object is not None and (clause.object.number or 0) > 0:
                counted += 1
                assert clause.object.number > 1
    assert min(slow, beasts, counted) > 50


def test_is_whoever_enters_a_story_no_topic_yet() -> None:
    """Who acts for the first time takes 이/가, who was spoken of 은/는: "어느 날 소가 달아났다. … 소는 풀을 먹었다"."""
    rng, entered, spoken_of = Random(7), 0, 0
    for _ in range(150):
        told, _ = next(story_meanings(rng, "train"))
        known = set()
        for sentence in told:
            main, words = sentence.main, korean(sentence, "plain").split()
            who = main.subject
            if isinstance(main.verb, lexicon.Verb) and not main.verb.stative and "weather" not in who.noun.kinds:
                first, again = (attach(who.noun.korean, particle) for particle in ("이/가", "은/는"))
                assert again not in words or who.noun in known
                assert first not in words or who.noun not in known
                entered += first in words
                spoken_of += again in words
            known |= {thing.noun for thing in (who, main.object, main.goal, main.companion) if thing is not None}
    assert min(entered, spoken_of) > 150


def test_do_frogs_swim() -> None:
    swimmers = {noun.english for noun in grammar.SUBJECTS[lexicon.verb("swim/헤엄치다")]}
    assert swimmers == {"duck", "goose", "turtle", "frog", "fish"}


if __name__ == "__main__":
    json.dump(said(), sys.stdout)

"""How the word lists are written: a row a line, its cells between bars, the words themselves with commas between them.

Left out: the words (`nouns`, `adjectives`, `verbs`, `adverbs`) and what a word is (`words`).
"""

from collections.abc import Iterator

from .words import Adjective, Adverb, Noun, Verb

FLAGS = {"proper", "stative", "companion", "together", "resultative"}
ARTICLES = {"a": "a", "the": "the", "plural": "plural", "generic": "generic", "some": ""}


def rows(table: str) -> Iterator[list[str]]:
    """The cells of each row. A line without a bar goes on with the row before; "#" begins a remark.

    >>> list(rows("# birds\\nwild | owl 부엉이,\\n  eagle 독수리"))
    [['wild', 'owl 부엉이, eagle 독수리']]
    """
    joined: list[str] = []
    for line in map(str.strip, table.strip().splitlines()):
        if "|" in line:
            joined.append(line)
        elif not line.startswith("#"):
            joined[-1] += " " + line
    return ([cell.strip() for cell in row.split("|")] for row in joined)


def in_both(entry: str) -> tuple[str, str]:
    """The English and the Korean of "English 한국어", where either may have several words.

    >>> in_both("get up early 일찍 일어나다")
    ('get up early', '일찍 일어나다')
    """
    first = next(i for i, letter in enumerate(entry) if letter >= "가")
    return entry[:first].strip(), entry[first:].strip()


def options(cells: list[str]) -> dict[str, str | bool]:
    """Fields of a word from cells like "counter 명" and "proper"."""
    named = (cell.partition(" ") for cell in cells)
    return {key: key in FLAGS or value for key, _, value in named}


def nouns(table: str, kinds: str = "", **shared: str) -> list[Noun]:
    """Rows of kinds, options and nouns, each with the further kinds that only it has; `kinds` are those of all.

    >>> [(noun.english, noun.korean, sorted(noun.kinds)) for noun in nouns("pet | dog 개 big", kinds="animal")]
    [('dog', '개', ['animal', 'big', 'pet'])]
    """
    found = []
    for row_kinds, *cells, words in rows(table):
        for entry in words.split(","):
            english, rest = in_both(entry)
            korean, *own = rest.split()
            every = frozenset((*kinds.split(), *row_kinds.split(), *own))
            found.append(Noun(english, korean, every, **{**shared, **options(cells)}))
    return found


def adjectives(table: str) -> list[Adjective]:
    """Rows of kinds of noun, perhaps "not gradable" or "become", and the adjectives that describe them; after a
    stroke how they stand before a noun, if not regularly.

    >>> [(red.english, red.kinds, red.gradable) for red in adjectives("flower | not gradable | red 빨갛다")]
    [('red', ('flower',), False)]
    >>> [(strong.korean, strong.before) for strong in adjectives("horse | strong 힘이 세다/힘센")]
    [('힘이 세다', '힘센')]
    """
    found = []
    for kinds, *remarks, words in rows(table):
        for entry in words.split(","):
            english, korean = in_both(entry)
            korean, _, before = korean.partition("/")
            gradable, become = "not gradable" not in remarks, "become" in remarks
            found.append(Adjective(english, korean, tuple(kinds.split()), before, gradable, become))
    return found


def verbs(table: str) -> list[Verb]:
    """Rows of a verb, who does it ("it" if nobody), and cells whose first word says what they are about.

    An article or "some" stands before the kinds of object, "at" before those of place, "how" before the groups of
    manner, "goal" before whom or where it is done to, "only" before the tenses it has; all else is a field of `Verb`.

    >>> [eat] = verbs("eat 먹다 | person | a fruit | at home | how slow | companion")
    >>> eat.english, eat.object, eat.article, eat.places, eat.manners, eat.companion
    ('eat', ('fruit',), 'a', ('home',), ('slow',), True)
    """
    return [_verb(*cells) for cells in rows(table)]


def _verb(name: str, who: str, *cells: str) -> Verb:
    fields: dict[str, object] = {"subject": () if who == "it" else tuple(who.split())}
    for key, value in options(list(cells)).items():
        if key in ARTICLES:
            fields |= {"article": ARTICLES[key], "object": tuple(str(value).split())}
        elif key in ("at", "how", "goal"):
            fields[{"at": "places", "how": "manners"}.get(key, key)] = tuple(str(value).split())
        else:
            fields["tenses" if key == "only" else key] = value
    return Verb(*in_both(name), **fields)


def adverbs(table: str, field: str = "") -> list[Adverb]:
    """Adverbs with semicolons between them; with a field, rows of what goes into it ("tenses" or "groups") and adverbs.

    >>> [(adverb.english, adverb.korean) for adverb in adverbs("very 매우; a little 조금")]
    [('very', '매우'), ('a little', '조금')]
    """
    parted = ((cells[0], cells[1]) for cells in rows(table)) if field else (("", table),)
    return [
        Adverb(*in_both(entry), **({field: tuple(values.split())} if field else {}))
        for values, words in parted
        for entry in words.split(";")
    ]

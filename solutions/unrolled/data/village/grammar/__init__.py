"""Which meanings make sense: draws a sentence at random, a short or a long one.

Every draw takes `detail` in 0 … 1: the chance that something more is said. Verbs choose their arguments by kind
(`lexicon`). From the bottom up: `choices` (what goes with what), `phrases` (who and what), `actions`, `states` and
`weather` (one clause), `causes` and `links` (two), `sentences` (any).

Left out: saying it, and to which split it belongs.
"""

from .actions import action
from .causes import BECAUSE_WEATHER, because, perform
from .choices import (
    ATTRIBUTES,
    DEGREES,
    DETERMINERS,
    DONE_BY_PEOPLE,
    OBJECTS,
    PLACES,
    PREDICATED,
    SUBJECTS,
    TIMES,
    UNASKED,
    listed,
    pick,
)
from .sentences import LOVE_MEANING, SPEAKERS, draw
from .states import feeling_of
from .weather import sky

__all__ = [
    "ATTRIBUTES",
    "BECAUSE_WEATHER",
    "DEGREES",
    "DETERMINERS",
    "DONE_BY_PEOPLE",
    "LOVE_MEANING",
    "OBJECTS",
    "PLACES",
    "PREDICATED",
    "SPEAKERS",
    "SUBJECTS",
    "TIMES",
    "UNASKED",
    "action",
    "because",
    "draw",
    "feeling_of",
    "listed",
    "perform",
    "pick",
    "sky",
]

"""What has changed since a submission was graded last: which of its texts, and why it is graded anew.

A record holds a hash of each answer and paragraph. Points and comments that a person has given stay when a text changes, and
are marked to be looked at again; a flag that a person has accepted stays accepted for the same file.
"""

import json
from collections import Counter
from hashlib import sha256

from autograder.grading.course import Course
from autograder.grading.inside.plan import Rebuilt

CAUSES = {
    "submission": "handed in again",
    "exercises": "the exercises have changed",
    "notebook": "the instructor notebook has changed",
    "seed": "there is another seed",
    "grading": "the course's grading has changed",
    "environment": "this machine grades with other versions",
}


def earlier(course: Course, chapter: str, student: str) -> dict:
    """The record of an earlier grading; empty if there is none that can be read."""
    try:
        record = json.loads(course.record_path(chapter, student).read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    return record if isinstance(record, dict) and isinstance(record.get("key"), dict) else {}


def carry_over(record: dict, rebuilt: Rebuilt | None, before: dict) -> frozenset[str]:
    """Enter the texts' hashes and what a person has accepted; the names of the texts that are as they were."""
    texts = {**rebuilt.answers, **rebuilt.written} if rebuilt else {}
    record["texts"] = {name: sha256(text.encode(errors="replace")).hexdigest()[:16] for name, text in texts.items()}
    again = before.get("key", {}).get("submission") == record["key"]["submission"]
    record["accepted"] = bool(again and before.get("accepted") and before.get("flags") == record["flags"])
    known = before.get("texts", {})
    return frozenset(name for name, text in record["texts"].items() if known.get(name) == text)


def needs_a_look(record: dict) -> bool:
    """Whether a person should look at a submission: it could not be graded, or has a flag that nobody has accepted."""
    return not record["graded"] or bool(record["flags"] and not record.get("accepted"))


def said(before: dict[str, dict], records: list[dict], again: bool = False) -> str:
    """How many were graded, how many of them anew and why, and how many are as they were."""
    anew, new = Counter(), 0
    for record in records:
        old = before.get(record["student"], {}).get("key")
        causes = [part for part in CAUSES if old and old.get(part) != record["key"].get(part)]
        if not old:
            new += 1
        elif causes:
            anew[CAUSES[causes[0]]] += 1
        elif again or not record["graded"]:
            anew["as you asked" if again else "they could not be graded before"] += 1
    same = len(records) - new - anew.total()
    parts = [f"{new} for the first time"] if new else []
    parts += [f"{number} anew ({cause})" for cause, number in anew.items()]
    parts += [f"{same} as before"] if same else []
    return ", ".join(parts)

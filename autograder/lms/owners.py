"""Whose is each file of a download? The outermost part of its path that says so decides: the LMS wrote it.

A student can call files and folders as the LMS would call somebody else's, but only below the part that the LMS wrote. So
for each download (an archive, or a folder put beside it) one level is found, the outermost at which anybody is named: all
owners stand there. Whoever is named further in is not believed; if that is another student of the class, the file is
given to nobody and listed. So is a file in a folder that names nobody, if somebody is named within.
"""

import re
from collections import defaultdict
from dataclasses import dataclass, field, replace
from hashlib import sha256

from autograder.chapters import CHAPTERS
from autograder.lms.archives import FILE, Found, archive
from autograder.lms.names import Handed, read_part, title
from autograder.lms.people import People, Person, folded, folder_name, plain

BY_NAME = "name"  # in the place of an LMS: only what a student called a file says whose it is
AS_MOODLE = re.compile(r"\d_assignsubmission_")  # so a student may be called, too
#: Folders of the course itself, in which nobody's name stands.
COURSE = {plain(name) for name in (*CHAPTERS, "chapters", "unrolled", "solutions", "autograder")}


@dataclass
class Owner:
    """Somebody who handed in: a student of the class, or an unknown one under a key of their own."""

    key: str
    person: Person | None = None
    files: list[tuple[Found, Handed]] = field(default_factory=list)


@dataclass(frozen=True)
class Nobodys:
    """A file that is given to nobody, and why; the key is for saying whose it is."""

    found: Found
    why: str
    key: str


def owners(found: list[Found], people: People, assigned: dict[str, str]) -> tuple[list[Owner], list[Nobodys]]:
    """Every file with its owner; and those that can be nobody's. `assigned` says whose a key is, as a person decided."""
    sources = defaultdict(list)
    for file in found:
        loose = len(file.parts) == 1 and not archive(file.parts[0])
        sources["" if loose else file.parts[0]].append(file)
    whose, nobodys = {}, []
    for files in sources.values():
        level = _level(files, people)
        claims = {file: _claim(file, files, level, people) for file in files}
        _refuse_namesakes(claims, people)
        whose |= claims
    _refuse_intruders(whose)
    taken, keys = defaultdict(list), _keys({claim.place: claim for claim in whose.values() if not claim.why}, people)
    for file, claim in whose.items():
        if claim.why and (key := _file_key(file)) not in assigned:
            if file.kind != FILE:
                nobodys.append(Nobodys(file, claim.why, key))
            continue
        key = _file_key(file) if claim.why else keys[claim.place]
        person = people.ids.get(assigned.get(key, "")) or claim.person
        taken[person.id if person else key].append((file, claim.handed, person))
    done = [Owner(key, files[0][2], [(file, handed) for file, handed, _ in files]) for key, files in taken.items()]
    return sorted(done, key=lambda owner: owner.key), nobodys


@dataclass(frozen=True)
class Claim:
    """Whose a file says it is: the place in the path that says so, a person of the class or none, why not if refused."""

    place: tuple[str, ...]
    handed: Handed
    person: Person | None = None
    why: str = ""
    outermost: bool = False  # a folder or an archive of a person's own, beside others


def _level(files: list[Found], people: People) -> int | None:
    """The outermost level of a download at which anybody is named."""
    for level in range(max(len(file.parts) for file in files)):
        names = {file.parts[level] for file in files if len(file.parts) > level}
        if any(_named(name, level, people) for name in names):
            return level
    return None


def _named(part: str, level: int, people: People) -> bool:
    return _lms_wrote(part, level) is not None or people.find(part) is not None


def _lms_wrote(part: str, level: int) -> Handed | None:
    """What an LMS says of a student; a whole class's archive may look the same: “gradebook_2026_1_2_rnn.zip”."""
    return None if level == 0 and re.match("gradebook|submissions", part, re.I) else read_part(part)


def _claim(file: Found, files: list[Found], level: int | None, people: People) -> Claim:
    if level is None:
        return _plainly(file, files)
    if len(file.parts) <= level:
        return _nobodys(file, "whose is it?")
    part, place = file.parts[level], file.parts[: level + 1]
    handed = _lms_wrote(part, level)
    person = people.handed(handed) if handed else people.find(part)
    last = level == len(file.parts) - 1
    own = (handed.file or file.parts[-1]) if handed and last else file.parts[-1]
    said = replace(handed or Handed(BY_NAME if last else "", part), file=own)
    if handed and AS_MOODLE.search(handed.file) and _somebody(handed.file, people) != person:
        return _nobodys(file, f"{part!r} is written as Moodle writes two names", said)
    inner = [*file.parts[level + 1 :], *([handed.file] if handed and handed.file else [])]
    other = next((who for text in inner if (who := _somebody(text, people)) and who != person), None)
    if other and handed and not person:
        said = replace(said, hint=other.id)
    elif other:
        who = person.id if person else f"{part!r} (not in the class)"
        return _nobodys(file, f"it comes from {who}, and its own name says {other.id}", said)
    if not handed and not person and last:
        return _nobodys(file, "whose is it?", said)
    if handed:
        place = (handed.lms, handed.number or handed.name)
    return Claim(place, said, person, outermost=level == 0 and not handed)


def _plainly(file: Found, files: list[Found]) -> Claim:
    """Nobody is named anywhere in this download: the folders decide, where their paths part."""
    folders = [_folders(other) for other in files if other.kind != FILE] or [_folders(other) for other in files]
    common = 0
    while len({folder[common : common + 1] for folder in folders}) == 1 and folders[0][common : common + 1]:
        common += 1
    own = _folders(file)
    if len(set(folders)) == 1:  # they do not part: the outermost folder, or the archive itself
        common = int(len(own) > 1 and bool(archive(own[0])))
    place = own[: common + 1]
    handed = Handed("", place[-1] if place else "", file=file.parts[-1])
    if not place:
        return _nobodys(file, "whose is it?", handed)
    return Claim(place, handed)


def _folders(file: Found) -> tuple[str, ...]:
    """The folders of a path, without those of the course itself."""
    return tuple(part for part in file.parts[:-1] if plain(title(part)[0]) not in COURSE)


def _nobodys(file: Found, why: str, handed: Handed | None = None) -> Claim:
    return Claim(file.parts, handed or Handed("", "", file=file.parts[-1]), why=why)


def _somebody(text: str, people: People) -> Person | None:
    """Whom a part further in names, if it does so plainly."""
    if (handed := read_part(text)) and handed.lms != "blackboard":
        meant = people.meant(handed.name)
        number = people.number(handed.number)
        return number if number in meant else meant[0] if len(meant) == 1 else None
    return people.find(text)


def _refuse_namesakes(claims: dict[Found, Claim], people: People) -> None:
    """Whom the LMS counts as two are two, though both are called as one student of the class is: neither is believed."""
    sure = {file: claim for file, claim in claims.items() if claim.person and claim.handed.number and not claim.why}
    numbers = defaultdict(set)
    for claim in sure.values():
        numbers[claim.person.id].add(claim.handed.number)
    for file, claim in sure.items():
        counted = sorted(numbers[claim.person.id])
        if len(counted) > 1 and people.number(claim.handed.number) != claim.person:
            why = f"the download has more than one {claim.handed.name!r} (numbers {', '.join(counted)})"
            claims[file] = _nobodys(file, why, claim.handed)


def _refuse_intruders(whose: dict[Found, Claim]) -> None:
    """Where students' own archives lie side by side, what another archive says is theirs is not believed."""
    named = {claim.person.id for claim in whose.values() if claim.person and claim.outermost and not claim.why}
    for file, claim in whose.items():
        if claim.person and claim.person.id in named and not claim.outermost and not claim.why:
            why = f"{claim.person.id} has handed in otherwise, and this comes out of {file.parts[0]!r}"
            whose[file] = _nobodys(file, why, claim.handed)


def _keys(claims: dict[tuple[str, ...], Claim], people: People) -> dict[tuple[str, ...], str]:
    """A key for every owner: no two have the same, and none has a student's id who is not that student."""
    used, keys = {folded(name) for name in people.ids}, {}
    wanted = defaultdict(list)
    for place, claim in claims.items():
        if claim.person:
            keys[place] = claim.person.id
        else:
            wanted[folder_name(_without_extension(place[-1]))].append(place)
    for name, places in sorted(wanted.items()):
        for place in sorted(places):
            key = name if len(places) == 1 else folder_name("_".join(_without_extension(part) for part in place))
            key = key or "unknown"
            while folded(key) in used:
                key = f"unknown_{key}" if not key.startswith("unknown_") else f"{key}_{len(used)}"
            used.add(folded(key))
            keys[place] = key
    return keys


def _without_extension(part: str) -> str:
    return re.sub(r"\.(zip|tar|tgz|tar\.(gz|bz2|xz))$", "", part, flags=re.I) if archive(part) else part


def _file_key(file: Found) -> str:
    """A key for a single file, the same whenever it is found again."""
    text = "\0".join(file.parts) + file.digest
    return "file-" + sha256(text.encode(errors="replace")).hexdigest()[:8]

"""Rebuild, don't repair: what of a submission runs, in which order, and where its answers are asked for.

The `Frame` is the chapter as it was handed out. From the submission come the cells that the student wrote: the answers'
and all that were added or changed, whole and in the notebook's order. A cell that still says what was handed out
(comments and layout aside) does not run, unless it is an exercise's own. An answer is asked for behind its check's cell,
so the definition that counts is the one that the check would have seen.

Nothing is run here; the cells are read as data. `as_data` and `rebuilt` carry the plan out of the sandbox.
"""

import ast
import hashlib
import importlib.util
import re
import sys
from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from urllib.parse import quote

from autograder.forbid import names_used
from autograder.grading.inside.plain import is_plain, is_tidy
from autograder.grading.inside.reading import MOST_PICTURES, Cell, Notebook, read
from autograder.grading.inside.source import BUILTINS, Said, said

BLANK_PARAGRAPH = re.compile(r"[*_#> \t]*+YOUR ANSWER HERE[*_]*+")
NO_PARAGRAPH = "there is no cell with the paragraph."


@dataclass(frozen=True)
class Frame:
    """A chapter as it was handed out."""

    chapter: str
    names: tuple[str, ...]  # of its exercises
    cells: tuple[tuple, ...]  # (kind, source, id, grade id)
    skeletons: dict[str, str] = field(default_factory=dict)  # of its cells with code, by id
    others: dict[str, str] = field(default_factory=dict)  # the other exercises of the course, and their chapters
    absent: tuple[str, ...] = ()  # modules of the course that official grading lacks
    packages: tuple[str, ...] = ()  # and the packages that it has, where there are more around


@dataclass(frozen=True)
class Program:
    """One answer: behind which cell it is asked for, or why there is none."""

    name: str
    mark: int = -1
    problem: str | None = None  # why there is no answer, should there be none
    blank: bool = False  # still as it was handed out
    runs: bool = True  # whether any cell may define it
    later: bool = False  # whether cells behind the mark may change what it is or uses
    newer: bool = False  # whether a cell that this Python is too old for may be part of it
    used: tuple[str, ...] = ()  # dotted names of packages that it and its helpers refer to
    missing: tuple[str, ...] = ()  # modules that the student's cells import and the sandbox lacks
    cell: int | None = None  # the number of its own cell
    lines: int = 0  # how many that has
    depends: tuple[int, ...] = ()  # the cells that it depends on, if it is known to be on these alone
    tidy: bool = False  # whether it is known to leave its process as it was


@dataclass(frozen=True)
class Rebuilt:
    """A submission as it is graded."""

    programs: dict[str, Program] = field(default_factory=dict)
    cells: tuple[tuple[int, str], ...] = ()  # the cells that run: number in the notebook, source
    answers: dict[str, str] = field(default_factory=dict)  # the source shown in the solution cell, by exercise
    written: dict[str, str] = field(default_factory=dict)  # paragraphs graded by hand, by cell id
    pictures: dict[str, dict] = field(default_factory=dict)  # and their pictures
    gone: tuple[str, ...] = ()  # paragraphs that have no cell any more
    added: tuple[str, ...] = ()  # other code cells of the student's
    theirs: tuple[int, ...] = ()  # the numbers of those, and of the answers' cells
    shown: dict[str, float] = field(default_factory=dict)  # the points that checks have said, by exercise
    chapter: str = ""  # the chapter that it belongs to, if it is another one
    repairs: tuple[str, ...] = ()
    lost: tuple[str, ...] = ()


@dataclass(frozen=True)
class Failure:
    """How a cell stopped."""

    cell: int
    type: str
    line: int | None = None


def as_data(plan: Rebuilt) -> dict:
    """The plan as plain data; texts that may be long as bytes, which travel beside the header."""
    data = asdict(plan)
    data["cells"] = [[n, source.encode()] for n, source in plan.cells]
    data["added"] = [source.encode() for source in plan.added]
    for part in ("answers", "written"):
        data[part] = {name: text.encode() for name, text in data[part].items()}
    data["pictures"] = {
        name: [[title, kind, text.encode()] for title, kinds in its.items() for kind, text in kinds.items()]
        for name, its in plan.pictures.items()
    }
    return data


def rebuilt(data: dict) -> Rebuilt:
    """The plan again."""
    return Rebuilt(
        programs={name: Program(**{k: _frozen(v) for k, v in p.items()}) for name, p in data["programs"].items()},
        cells=tuple((n, source.decode()) for n, source in data["cells"]),
        answers={name: text.decode() for name, text in data["answers"].items()},
        written={name: text.decode() for name, text in data["written"].items()},
        gone=tuple(data["gone"]),
        pictures={
            name: {title: {kind: text.decode()} for title, kind, text in its} for name, its in data["pictures"].items()
        },
        added=tuple(source.decode() for source in data["added"]),
        theirs=tuple(data["theirs"]),
        shown=data["shown"],
        chapter=data["chapter"],
        repairs=tuple(data["repairs"]),
        lost=tuple(data["lost"]),
    )


def _frozen(value: object) -> object:
    return tuple(value) if isinstance(value, list) else value


def plan(content: bytes, frame: Frame) -> Rebuilt:
    """The plan of a submission; raises `Unreadable` if there is nothing to read."""
    return Planner(read(content), frame).plan()


class Planner:
    """Finds the way through one submission."""

    def __init__(self, notebook: Notebook, frame: Frame):
        self.frame, self.cells, self.notebook = frame, notebook.cells, notebook
        self.repairs = list(notebook.repairs)
        given = [Cell(*cell) for cell in frame.cells]
        self.given = {cell.grade_id: cell for cell in given if cell.grade_id}
        texts = {cell.source.strip() for cell in given if cell.kind == "code" and cell.grade_id not in frame.names}
        self.given_cells, self.given_ids = given, {cell.id: cell for cell in given if cell.kind == "code"}
        self.setup = self.given_ids["setup"].source if "setup" in self.given_ids else ""
        self.said: dict[int, Said] = {}
        for n, cell in enumerate(self.cells):
            own = self._exercise_of(n)
            if own or (cell.kind == "code" and cell.source.strip() not in texts):
                its, same = said(cell.source, notebook.python), self.given_ids.get(cell.id)
                if own or same is None or its.skeleton != frame.skeletons.get(same.id):
                    self.said[n] = its
        self.own = {name: [n for n in self.said if self._exercise_of(n) == name] for name in frame.names}
        self.attempts = {name: self._attempts(name) for name in frame.names}

    def plan(self) -> Rebuilt:
        """The whole plan."""
        names = self.frame.names
        marks = {name: self._mark(name) for name in names}
        chosen = {name: self._chosen(name, marks[name]) for name in names}
        runs = self._running()
        definitions = self._definitions(runs)
        missing = self._missing(runs)
        active = {n for n in runs if self.said[n].active}
        written = [n for n in runs if not self._is_blank(self._exercise_of(n), n)]  # a stub may mention another one
        plain = not active and self._is_plain(runs, definitions)
        programs = {}
        for name in names:
            reached, helpers = _reach(name, definitions)
            number, its = chosen[name], self.said.get(chosen[name])
            mentioned = any(name in st.mentions for n in written for st in self.said[n].statements if n != number)
            errors = [n for n in runs if self.said[n].newer and n <= max(marks[name], number or 0)]
            blank = number is not None and self._is_blank(name, number) and not mentioned
            programs[name] = Program(
                name,
                marks[name],
                self._problem(name, number, its),
                blank,
                number is not None or mentioned,
                any(n > marks[name] for n in reached | active),
                bool(errors) and not blank,
                tuple(sorted(self._used(helpers))),
                missing,
                number,
                len(self.cells[number].source.splitlines()) if number is not None else 0,
                tuple(sorted({number, *reached} - {-1, None})) if plain else (),
                plain and all(map(is_tidy, helpers)),
            )
        shown_cells = {n for n in chosen.values() if n is not None}
        theirs = [n for n in runs if n in shown_cells or not self._handed_out_once(n)]
        paragraphs, pictures = self._paragraphs()
        return Rebuilt(
            programs=programs,
            cells=tuple((n, self._runnable(n)) for n in runs),
            answers={name: self.cells[n].source for name, n in chosen.items() if n is not None},
            written=paragraphs,
            pictures=pictures,
            gone=tuple(name for name in paragraphs if self._gone(name)),
            added=tuple(self.cells[n].source for n in theirs if n not in shown_cells),
            theirs=tuple(theirs),
            shown=self._shown(),
            chapter=self._other_chapter(chosen),
            repairs=tuple(dict.fromkeys(self.repairs + self._about(missing))),
            lost=tuple(self.notebook.lost),
        )

    def _exercise_of(self, n: int) -> str | None:
        """The exercise whose own cell this is: by its id, else by the comment on its first line."""
        cell = self.cells[n]
        for name in (cell.grade_id, cell.id):
            if name in self.frame.names:
                return name
        comment = re.match(r"(?:\s*%%?[^\n]*\n)*\s*#\s*exercise:\s*(\w+)[ \t]*$", cell.source[:5000], re.M)
        return comment[1] if comment and comment[1] in self.frame.names else None

    def _attempts(self, name: str) -> list[int]:
        """The cells that define the name, and say more than was given."""
        return [n for n, its in self.said.items() if name in its.makes and not self._is_blank(name, n)]

    def _is_blank(self, name: str, n: int) -> bool:
        return n in self.said and self.said[n].skeleton == self.frame.skeletons.get(name)

    def _checks(self, name: str) -> list[int]:
        """The cells that check the answer."""
        call = re.compile(rf"^\s*check\(\s*{re.escape(name)}\s*\)", re.M)
        return [
            n
            for n, cell in enumerate(self.cells)
            if f"{name}-check" in (cell.grade_id, cell.id)
            or (cell.kind == "code" and not self._exercise_of(n) and call.search(cell.source[:20_000]))
        ]

    def _mark(self, name: str) -> int:
        """The cell behind which the answer is asked for: its check, else the answer's own."""
        basis = self.own[name] + self.attempts[name]
        checks = self._checks(name)
        behind = [n for n in checks if basis and n > min(basis)]
        if behind:
            return behind[0]
        own = [n for n in self.attempts[name] if n in self.own[name]]
        return max(own or self.attempts[name] or self.own[name] or checks or [len(self.cells)])

    def _chosen(self, name: str, mark: int) -> int | None:
        """The cell with the answer that the check saw; notes what is unusual about it."""
        own, attempts = self.own[name], self.attempts[name]
        by_id = [n for n in own if name in (self.cells[n].grade_id, self.cells[n].id)]
        if len(by_id) > 1:
            self.repairs.append(f"{name}: {len(by_id)} cells have its id; the last one that its check saw was graded.")
        unread = [n for n in own if self.said[n].error]  # a syntax error is an attempt, too
        seen = [n for n in attempts if n <= mark] or attempts or unread
        if not seen:
            if not own:
                self.repairs.append(f"{name}: there is no cell with an answer.")
            return own[-1] if own else None
        number = seen[-1]
        if not by_id:
            self.repairs.append(f"{name}: its cell had lost its id; it was found by its content.")
        elif number not in by_id:
            self.repairs.append(f"{name}: the answer stands in another cell than its own; it was found by its content.")
        if (kind := self.cells[number].kind) != "code":
            self.repairs.append(f"{name}: its cell had become a {kind} cell; it was read as code.")
        return number

    def _running(self) -> list[int]:
        """The cells that run: the student's, and of the exercises' own those that nothing stands for."""
        found = []
        for n in self.said:
            name = self._exercise_of(n)
            if name and self._is_blank(name, n) and (self.attempts[name] or n != self.own[name][0]):
                continue
            if self.cells[n].kind != "code" and name and n not in self.attempts[name]:
                continue
            found.append(n)
        return found

    def _handed_out_once(self, n: int) -> bool:
        """Whether the cell is one of the chapter's, of this edition or, by the hash in its id, of an earlier one."""
        cell = self.cells[n]
        first = next(iter(cell.source.strip().splitlines()), "")
        return cell.id in self.given_ids or (cell.id or "").endswith(
            "-" + hashlib.sha256(first.encode()).hexdigest()[:5]
        )

    def _runnable(self, n: int) -> str:
        """A cell as it runs: in a changed setup without the course's imports, of which those that can have run before."""
        source = self.cells[n].source
        if not re.search(r"^start\(", source, re.M):
            return source
        imports = re.compile(r"from (unrolled[\w.]*) import [\w, ]+")
        gone = {m[0] for m in map(imports.fullmatch, source.split("\n")) if m and not there(m[1], self.frame)}
        return "\n".join("" if line in gone else line for line in source.split("\n"))

    def _definitions(self, runs: list[int]) -> dict[str, list[tuple[int, ast.stmt, frozenset[str]]]]:
        """The statements that bind each name."""
        found: dict[str, list] = {}
        setup = [s for s in said(self.setup).statements if isinstance(s.tree, ast.Import | ast.ImportFrom)]
        here = [s for s in setup if getattr(s.tree, "module", None) not in self.frame.absent]
        for n, statements in [(-1, here), *((n, self.said[n].statements) for n in runs)]:
            for statement in statements:
                for name in statement.binds:
                    found.setdefault(name, []).append((n, statement.tree, statement.mentions))
        return found

    def _is_plain(self, runs: list[int], definitions: dict) -> bool:
        """Whether each statement that runs is plain, and none gives a built-in name or reads one that nothing defines."""
        statements = [statement for n in runs for statement in self.said[n].statements]
        known = all(s.mentions <= definitions.keys() and not s.binds & BUILTINS for s in statements)
        return known and all(is_plain(s.tree, s.mentions) for s in statements)

    def _used(self, helpers: Iterable[ast.stmt]) -> set[str]:
        return names_used(ast.Module(list(helpers), []), {})

    def _problem(self, name: str, number: int | None, its: Said | None) -> str:
        if number is None:
            return f"there is no cell that defines {name}"
        if its and its.error:
            return f"Python could not read the cell with {name} (syntax error in line {its.error})"
        return f"its cell does not define {name}"

    def _missing(self, runs: list[int]) -> tuple[str, ...]:
        """The modules that the student's cells import and that are not there; a setup cell's own do not count."""
        found = set()
        for n in runs:
            is_setup = re.search(r"^start\(", self.cells[n].source, re.M)
            for statement in self.said[n].statements:
                for node in ast.walk(statement.tree):
                    if isinstance(node, ast.Import):
                        found.update(name.name for name in node.names)
                    elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                        found |= set() if is_setup and node.module.startswith("unrolled.") else {node.module}
        written = {m for n in runs for m in re.findall(r"(\w+)\.py\b", self.cells[n].source)}
        return tuple(
            name[:60] for name in sorted(found) if name.split(".")[0] not in written and not there(name, self.frame)
        )[:20]

    def _about(self, missing: tuple[str, ...]) -> list[str]:
        return [f"Official grading has no module {name}: what needs it stops there." for name in missing]

    def _shown(self) -> dict[str, float]:
        found = {}
        for name in self.frame.names:
            for n in self._checks(name):
                if (points := self.cells[n].shown) is not None:
                    found[name] = points
        return found

    def _other_chapter(self, chosen: dict[str, int | None]) -> str:
        """The chapter of this notebook, if none of ours is in it and those of another are."""
        if any(n is not None for n in chosen.values()):
            return ""
        comments = (re.match(r"\s*#\s*exercise:\s*(\w+)", cell.source) for cell in self.cells)
        names = {name for cell in self.cells for name in (cell.grade_id, cell.id)} | {c[1] for c in comments if c}
        counted = Counter(self.frame.others[name] for name in names if name in self.frame.others)
        if counted:
            return counted.most_common(1)[0][0]
        return self.notebook.chapter if self.notebook.chapter in self.frame.others.values() else ""

    def _paragraphs(self) -> tuple[dict[str, str], dict[str, dict]]:
        """The student's paragraphs, each with the text cells added right beside, and their pictures."""
        written, pictures = {}, {}
        for name, given in self.given.items():
            if given.kind != "markdown":
                continue
            texts, found = [], {}
            for cell in self._beside(name):
                text = BLANK_PARAGRAPH.sub("", cell.source).strip()
                for title, kinds in cell.pictures.items():
                    other = title if found.get(title, kinds) == kinds else f"{len(found)}-{title}"
                    text = text.replace(f"attachment:{title}", f"attachment:{other}")
                    found[other] = kinds
                    if "attachment:" not in text:
                        text += f"\n\n![](attachment:{quote(other)})"
                texts.append(text.strip())
            text = "\n\n".join(filter(None, texts))
            size = len(text) + sum(len(data) for kinds in found.values() for data in kinds.values())
            if size > MOST_PICTURES:
                self.notebook.lost.append(
                    f"{name}: its pictures and text have {size} letters; at most {MOST_PICTURES} can be shown."
                )
                text, found = re.sub(r"data:image/[^)\s]*+", "", text)[:100_000], {}
            written[name] = text or given.source
            if found:
                pictures[name] = found
        return written, pictures

    def _beside(self, name: str) -> list[Cell]:
        """The paragraph's cell and the student's own above and below it: text, or prose that stands in a code cell."""
        place = self._place(name)
        if place is None:
            return []
        first = last = place
        while first > 0 and self._is_prose(name, first - 1):
            first -= 1
        while last + 1 < len(self.cells) and self._is_prose(name, last + 1):
            last += 1
        return self.cells[first : last + 1]

    def _is_prose(self, name: str, n: int) -> bool:
        """Whether the student added this cell, and it holds text; notes what stands in a code cell."""
        cell = self.cells[n]
        if cell.grade_id or any(g.source.strip() == cell.source.strip() or cell.id == g.id for g in self.given_cells):
            return False
        if cell.kind != "code":
            return True
        if n not in self.said or not self.said[n].error or self._exercise_of(n):
            return False
        self.repairs.append(f"{name}: its text stands in a code cell; it was read as text.")
        return True

    def _gone(self, name: str) -> bool:
        return f"{name}: {NO_PARAGRAPH}" in self.repairs

    def _place(self, name: str) -> int | None:
        """The paragraph's cell: by its id, else what stands behind the same question."""
        for n in range(len(self.cells) - 1, -1, -1):
            if name in (self.cells[n].grade_id, self.cells[n].id):
                return n
        place = next(n for n, cell in enumerate(self.given_cells) if cell.grade_id == name)
        question = self.given_cells[place - 1].source.strip()
        for n, cell in enumerate(self.cells[:-1]):
            if cell.source.strip() == question and self.cells[n + 1].kind == "markdown":
                self.repairs.append(f"{name}: the paragraph's cell had lost its id; it was found behind its question.")
                return n + 1
        self.repairs.append(f"{name}: {NO_PARAGRAPH}")
        return None


def there(module: str, frame: Frame) -> bool:
    """Whether official grading has a module. Nothing of the student's is run to find out."""
    top = module.split(".")[0]
    if top in ("autograder", "unrolled"):
        return module not in frame.absent and _found(module)
    if frame.packages:
        return top in sys.stdlib_module_names or top in frame.packages
    return _found(top)


def _found(name: str) -> bool:
    try:
        return importlib.util.find_spec(name) is not None
    except (ImportError, ValueError, AttributeError):
        return False


def _reach(name: str, definitions: dict) -> tuple[set[int], list[ast.stmt]]:
    """The cells and statements that define a name, and what they mention, and so on."""
    todo, seen, cells, statements = [name], set(), set(), {}
    while todo:
        if (want := todo.pop()) in seen:
            continue
        seen.add(want)
        for n, tree, mentions in definitions.get(want, ()):
            cells.add(n)
            statements[id(tree)] = tree
            todo += mentions
    return cells, list(statements.values())

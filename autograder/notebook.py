"""What a student calls in a notebook: `check` an answer, go on with a `solved` one, see `progress`, `hand_in`."""

import inspect
from collections.abc import Callable, Iterable, Mapping, Sequence
from html import escape
from typing import Any

from autograder import feedback, wording
from autograder.edition import edition_of
from autograder.exercise import Exercise
from autograder.exercises import all_exercises, chapter_exercises, find_exercise
from autograder.judge import judge
from autograder.progress import disagreements, record, summary
from autograder.subject import NotDefined
from autograder.wording import say


class Points(float):
    """The points of a check as the value of its cell: stock nbgrader reads the text, a notebook shows the empty page."""

    def __repr__(self) -> str:
        return f"{float(self):g}"

    def _repr_html_(self) -> str:
        return ""


class NoPoints(Exception):
    """Ends a check that earned nothing, so that stock nbgrader scores it with zero too."""

    def _render_traceback_(self) -> list[str]:
        """IPython shows these lines instead of a traceback."""
        return [str(self)]


class Shown:
    """Something to display with an HTML form and a plain one."""

    def __init__(self, html: str, text: str):
        self._html, self._text = html, text

    def _repr_html_(self) -> str:
        return self._html

    def __repr__(self) -> str:
        return self._text


def start(chapter: str, edition: str, points: Mapping[str, float] | None = None) -> None:
    """Begin a chapter: compare editions, and let the names of its exercises exist, so that `check` can speak of them.

    A name that is there already keeps its value. `points` are those of a class that has its own, by exercise.
    """
    if edition != (installed := edition_of(chapter)):
        print(say("another edition", edition=edition, chapter=chapter, installed=installed))
    namespace = inspect.currentframe().f_back.f_globals
    namespace["_points"] = points
    for exercise in chapter_exercises(chapter):
        namespace.setdefault(exercise.name, NotDefined(exercise.name))


def check(answer: Any, show: bool = False) -> Points:
    """Judge an answer, show the verdict, and return its points; raise `NoPoints` if there are none.

    With `show`, print the case that the verdict speaks of, too.
    """
    namespace = inspect.currentframe().f_back.f_globals
    exercise = exercise_of(answer, namespace)
    exercise = exercise.worth((namespace.get("_points") or {}).get(exercise.name, exercise.points))
    replace = _show(feedback.prose_block(say("comparing")), "")
    verdict = judge(exercise, answer, allow_library=_shell() is None)
    record(verdict)
    replace(feedback.as_html(verdict, show), feedback.as_text(verdict, show))
    if verdict.points == 0:
        raise NoPoints(feedback.title(verdict))
    return Points(verdict.points)


def solved(name: str) -> Any:
    """The student's answer to an exercise if it is right, else the library's; says which of the two, once."""
    exercise, namespace = find_exercise(name), inspect.currentframe().f_back.f_globals
    answer = namespace.get(name)
    right = judge(exercise, answer, patience=0).outcome == "correct"
    sentence = say("going on with yours", name=name) if right else say("going on with the library's", name=name)
    said = namespace.setdefault("_going_on", {})
    if said.get(name) != sentence:
        print(sentence)
    said[name] = sentence
    return answer if right else exercise.reference


def progress(chapter: str | None = None) -> None:
    """Show how far one is: in a chapter ("01_rnn"), or in the course."""
    rows = _counted(summary(chapter), inspect.currentframe().f_back.f_globals)
    earned, most = sum(row[2] for row in rows), sum(row[3] for row in rows)
    title = say("so far", of=chapter or say("the course"), points=wording.points(earned, most))
    table = [(name, state, say("score", earned=points, most=of)) for name, state, points, of in rows]
    head = (say("exercise") if chapter else say("chapter"), say("state"), say("their points"))
    _show_table(title, head, table, _disagreements(chapter) if chapter else ())


def _counted(rows: list[tuple], namespace: dict[str, Any]) -> list[tuple]:
    """The rows of the exercises that count in this class, with its points; all where a class has no points of its own."""
    points = namespace.get("_points")
    known = {exercise.name for exercise in all_exercises()}
    if not points or not any(row[0] in known for row in rows):
        return rows
    return [(*row[:3], points[row[0]]) for row in rows if row[0] in points]


def hand_in(chapter: str, path: str | None = None) -> None:
    """Look at this notebook as the grader will, and say what is missing and which file to hand in.

    The file is found by itself; where that fails, `path` names it.
    """
    from autograder.handing_in import NoNotebook, look

    try:
        seen = look(chapter, path, inspect.currentframe().f_back.f_globals.get("_points"))
    except NoNotebook as error:
        _show(feedback.prose_block(str(error)), str(error))
        return
    missing = say("missing", names=", ".join(seen.missing)) if seen.missing else say("nothing missing")
    sentences = [missing, *seen.notes, say("to hand in", file=seen.file)]
    title = say("as saved", chapter=chapter, saved=seen.saved)
    _show_table(title, (say("cell"), say("what is found")), seen.rows, sentences)


def _disagreements(chapter: str) -> list[str]:
    """Where the record of progress and the open notebook's file differ; nothing where no file is known."""
    from autograder.handing_in import NoNotebook, content_of

    try:
        return disagreements(chapter, content_of(chapter)[0])
    except NoNotebook:
        return []


def _show_table(title: str, head: Sequence[str], rows: Iterable[Sequence[str]], sentences: Iterable[str]) -> None:
    """Show a table with sentences below it."""
    html, text = _table(title, head, rows)
    _show(html + "".join(map(feedback.prose_block, sentences)), "\n".join([text, *sentences]))


def _table(title: str, head: Sequence[str], rows: Iterable[Sequence[str]]) -> tuple[str, str]:
    """A table as HTML that a screen reader can walk, the first column naming the row, and as plain text."""
    rows = list(rows)
    columns = "".join(f'<th scope="col" style="text-align:left">{escape(name)}</th>' for name in head)
    body = "".join(
        f'<tr><th scope="row" style="text-align:left">{escape(first)}</th>'
        + "".join(f'<td style="text-align:left">{escape(cell)}</td>' for cell in rest)
        + "</tr>"
        for first, *rest in rows
    )
    html = (
        '<table><caption style="text-align:left;font-weight:bold;color:inherit;white-space:nowrap">'
        f"{escape(title)}</caption><thead><tr>{columns}</tr></thead><tbody>{body}</tbody></table>"
    )
    return html, "\n".join([title, *(f"  {first}: {', '.join(rest)}" for first, *rest in rows)])


def exercise_of(answer: Any, namespace: dict[str, Any]) -> Exercise:
    """The exercise under whose name the answer stands in the notebook."""
    if isinstance(answer, NotDefined):
        return find_exercise(answer.name)
    known = [exercise.name for exercise in all_exercises()]
    if isinstance(answer, str):
        if answer in known:
            raise ValueError(say("a name in quotes", name=answer))
        raise ValueError(say("no such exercise", name=repr(answer), known=_an_exercise(namespace)))
    names = [name for name in known if name in namespace and namespace[name] is answer]
    if len(names) == 1:
        return find_exercise(names[0])
    if names:
        raise ValueError(say("one object, two names", names=wording.listed(names)))
    name = getattr(answer, "__name__", None)
    if name in known:
        return find_exercise(name)
    if callable(answer) and name:
        raise ValueError(say("no such exercise", name=name, known=_an_exercise(namespace)))
    raise ValueError(say("not an answer", name=_an_exercise(namespace)))


def _an_exercise(namespace: dict[str, Any]) -> str:
    """The name of an exercise of the chapter that is open, as an example."""
    return next((e.name for e in all_exercises() if e.name in namespace), all_exercises()[0].name)


def _show(html: str, text: str) -> Callable[[str, str], None]:
    """Show something, as a page in a notebook and as text elsewhere; the function given back replaces it."""
    if _shell() is None:
        print(text, end="\n" if text else "")
        return lambda html, text: print(text)
    from IPython.display import display

    handle = display(Shown(html, text), display_id=True)
    return lambda html, text: handle.update(Shown(html, text))


def _shell() -> Any:
    """IPython's shell, or None outside a notebook."""
    try:
        from IPython import get_ipython
    except ImportError:
        return None
    return get_ipython()

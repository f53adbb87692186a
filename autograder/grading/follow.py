"""The gradebook's cells follow the instructor's notebook, where submissions exist too: there nbgrader itself stops.

An exercise that was taken out goes, with its grades. One that was added is nothing that those who have handed in were
asked for: that is refused, unless the caller says that it counts as not attempted.
"""

from nbformat import NotebookNode
from nbgrader.api import Comment, Grade, Gradebook, Notebook, SourceCell
from nbgrader.utils import is_grade, is_solution

from autograder.terminal import Trouble


def follow(book: Gradebook, notebook: Notebook, given: NotebookNode, *, added_too: bool = False) -> None:
    """Remove and add cells until the notebook in the gradebook has those of the one given."""
    wanted = {cell.metadata.nbgrader.grade_id: cell for cell in given.cells if "nbgrader" in cell.metadata}
    known = {cell.name for cell in (*notebook.grade_cells, *notebook.solution_cells, *notebook.source_cells)}
    chapter, handed_in = notebook.name, len(notebook.submissions)
    if (added := sorted(wanted.keys() - known)) and handed_in and not added_too:
        names = ", ".join(dict.fromkeys(name.removesuffix("-check") for name in added))
        raise Trouble(
            f"{chapter}: {names} was added when {handed_in} submissions were in the gradebook. Take it out again, or hand the "
            f"chapter out again and grade with --added, which counts it as not attempted where it was not handed out."
        )
    for cell in (*notebook.grade_cells, *notebook.solution_cells, *notebook.source_cells):
        if cell.name not in wanted:
            for part in () if isinstance(cell, SourceCell) else (*cell.grades, *cell.comments):
                book.db.delete(part)
            book.db.delete(cell)
    book.db.commit()
    for name in added if handed_in else ():
        _add(book, notebook, name, wanted[name])
    book.db.commit()


def _add(book: Gradebook, notebook: Notebook, name: str, cell: NotebookNode) -> None:
    """A cell, and its empty grade and comment in every submission."""
    where = notebook.name, notebook.assignment.name
    book.update_or_create_source_cell(name, *where, cell_type=cell.cell_type, source=cell.source)
    if is_grade(cell):
        points = float(cell.metadata.nbgrader.points)
        graded = book.update_or_create_grade_cell(name, *where, max_score=points, cell_type=cell.cell_type)
        book.db.add_all([Grade(cell_id=graded.id, notebook_id=work.id) for work in notebook.submissions])
    if is_solution(cell):
        solution = book.update_or_create_solution_cell(name, *where)
        book.db.add_all([Comment(cell_id=solution.id, notebook_id=work.id) for work in notebook.submissions])

"""The master of a notebook, made and stored by nbgrader's own preprocessors; slow to import."""

import contextlib

import nbformat
from nbformat import NotebookNode
from nbgrader.api import Assignment, Gradebook, MissingEntry, SubmittedAssignment, SubmittedNotebook
from nbgrader.converters import GenerateAssignment
from nbgrader.preprocessors import InstantiateTests, SaveCells
from sqlalchemy.orm import selectinload
from traitlets.utils.importstring import import_item

from mlpgrader.assignment.plan import Plan
from mlpgrader.course.folders import Course
from mlpgrader.course.masters import checksums
from mlpgrader.course.rows import no_driver
from mlpgrader.course.sources import plans_of, reference_of
from mlpgrader.errors import UsageError


class CourseGradebook(Gradebook):
    """nbgrader's gradebook, which leaves no connection behind where it cannot be opened."""

    def __init__(self, db_url: str, course_id: str):
        try:
            super().__init__(db_url, course_id)
        except ModuleNotFoundError as error:
            raise no_driver(error) from None
        except Exception:
            with contextlib.suppress(AttributeError):  # if it did not come as far as to connect
                self.close()
            raise


def save_masters(gradebook: Gradebook, course: Course, set_name: str) -> None:
    """Store the masters of the graded notebooks of a set where they are new or changed.

    Raises:
        UsageError: if one has other cells than when its first submission was recorded.
    """
    gradebook.update_or_create_assignment(set_name)
    for plan in plans_of(course, set_name):
        save_master(gradebook, course, set_name, plan)


def save_master(gradebook: Gradebook, course: Course, set_name: str, plan: Plan) -> NotebookNode:
    """The master of a notebook of a set; stored in the gradebook where it is new or changed.

    Raises:
        UsageError: if it has other cells than when its first submission was recorded.
    """
    notebook = made_master(course, set_name, plan)
    if checksums(notebook) != stored_checksums(gradebook, set_name, plan.set_name):
        try:
            SaveCells(config=course.config)(notebook, _resources(course, set_name, plan))
        except RuntimeError as error:
            raise UsageError(_what_is_lost(gradebook, set_name, error)) from error
        gradebook.db.expire_all()
    return notebook


def made_master(course: Course, set_name: str, plan: Plan) -> NotebookNode:
    """The source of a notebook as nbgrader's preprocessors leave it for grading."""
    notebook = nbformat.reads(reference_of(course, set_name, plan), as_version=4)
    resources = _resources(course, set_name, plan)
    converter = GenerateAssignment(coursedir=course.directory(), config=course.config)
    # a course may name them
    steps = [
        import_item(step) if isinstance(step, str) else step for step in converter.preprocessors
    ]
    for step in steps[: steps.index(SaveCells)]:
        if step is not InstantiateTests:  # the plan has been made of what they become
            notebook, _ = step(config=course.config)(notebook, resources)
    return notebook


def _resources(course: Course, set_name: str, plan: Plan) -> dict[str, dict[str, str]]:
    names = {"notebook": plan.set_name, "assignment": set_name, "db_url": course.db_url}
    return {"nbgrader": names, "metadata": {"path": plan.folder}}


def _what_is_lost(gradebook: Gradebook, set_name: str, error: RuntimeError) -> str:
    """How a set with other cells can be graded all the same, and what that takes away."""
    gradebook.db.rollback()
    rows = _stored_submissions(gradebook, gradebook.find_assignment(set_name))
    notebooks = [notebook for row in rows for notebook in row.notebooks]
    points = sum(grade.manual_score is not None for book in notebooks for grade in book.grades)
    comments = sum(bool(each.manual_comment) for book in notebooks for each in book.comments)
    return (
        f"{str(error).rstrip('.')}: nbgrader cannot change the cells of a set that is graded. "
        f"To grade it anew, export its grades and run `nbgrader db assignment remove {set_name} "
        f"--force`: that takes away what was given by hand ({points} scores, {comments} comments)"
    )


def stored_checksums(gradebook: Gradebook, set_name: str, notebook: str) -> dict[str, str]:
    """The checksums that the gradebook has of a notebook's cells."""
    try:
        cells = gradebook.find_notebook(notebook, set_name).source_cells
    except MissingEntry:
        return {}
    return {cell.name: cell.checksum for cell in cells}


def _stored_submissions(gradebook: Gradebook, assignment: Assignment) -> list[SubmittedAssignment]:
    """The submissions that the gradebook has of an assignment, with all below them."""
    notebooks = selectinload(SubmittedAssignment.notebooks)
    query = gradebook.db.query(SubmittedAssignment).options(
        notebooks.selectinload(SubmittedNotebook.grades),
        notebooks.selectinload(SubmittedNotebook.comments),
    )
    return query.filter_by(assignment_id=assignment.id).all()

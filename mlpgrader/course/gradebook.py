"""Into nbgrader: the gradebook's rows and the autograded notebooks of a graded set.

Theory of operation. nbgrader's own preprocessors make the *master* of a set: what a student gets,
hidden tests still in. `autograded` fills it with each submission and its verdicts. Scores,
comments and late penalties are then computed by nbgrader's functions on that copy and stored
through nbgrader's classes. Only the commits differ: one for a whole class, not several per cell.

One process writes the gradebook. No student code runs here.
"""

import contextlib
import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

import nbformat
from nbformat import NotebookNode
from nbgrader.api import (
    Assignment,
    Comment,
    Grade,
    Gradebook,
    MissingEntry,
    Student,
    SubmittedAssignment,
    SubmittedNotebook,
)
from nbgrader.converters import GenerateAssignment
from nbgrader.preprocessors import AssignLatePenalties, InstantiateTests, SaveCells
from nbgrader.utils import determine_grade, is_grade, parse_utc
from sqlalchemy.orm import selectinload
from traitlets.utils.importstring import import_item

from mlpgrader.assignment.plan import Plan, read_plan
from mlpgrader.assignment.submission import SubmittedCell, submitted_cells
from mlpgrader.course.autograded import autograded, grade_id, is_untouched
from mlpgrader.course.folders import Course, read_submitted, write
from mlpgrader.course.nbgrader_private import bounded_penalty, cell_names, speed_up_gradebook
from mlpgrader.course.sources import plans_of, reference_of, settings_of
from mlpgrader.course.submitted import read_notebook
from mlpgrader.errors import UnreadableError, UsageError
from mlpgrader.results import SetResult, SubmissionResult

NO_RESPONSE = "No response."  # what nbgrader says of a solution cell that nobody changed
READ_ONLY = 0o444  # as nbgrader leaves it
Notebooks = dict[str, NotebookNode]  # by name


@dataclass(frozen=True)
class Marks:
    """What the gradebook says of one submission, a person's grades and comments included.

    Attributes:
        points: of each test cell by `grade_id`; none yet is zero, as nbgrader counts.
        comments: by `grade_id` of the cell.
        penalty: the points that lateness costs.
    """

    points: dict[str, float]
    comments: dict[str, str | None]
    penalty: float

    @property
    def score(self) -> float:
        """The points of all tests."""
        return sum(self.points.values())

    @property
    def final(self) -> float:
        """The score after the late penalty."""
        return max(0.0, self.score - self.penalty)


class CourseGradebook(Gradebook):
    """nbgrader's gradebook, which leaves no connection behind where it cannot be opened."""

    def __init__(self, db_url: str, course_id: str):
        try:
            super().__init__(db_url, course_id)
        except Exception:
            with contextlib.suppress(AttributeError):  # if it did not come as far as to connect
                self.close()
            raise


def open_gradebook(course: Course | Path) -> CourseGradebook:
    """The gradebook of a course, made if there is none."""
    course = Course.open(course)
    speed_up_gradebook()
    return CourseGradebook(course.db_url, course.course_id)


def record(
    course: Course | Path,
    result: SetResult,
    *,
    progress: Callable[[int, int], None] | None = None,
) -> None:
    """Write a graded set into the gradebook and into autograded/.

    Sets `late_seconds` of each submission, which only the gradebook knows (due date, extension).

    Args:
        course: the course, or its folder.
        result: the graded set.
        progress: called with the number of notebooks written and of all.
    """
    course = Course.open(course)
    with contextlib.closing(open_gradebook(course)) as gradebook:
        masters = save_masters(gradebook, course, result.set)
        settings = settings_of(course, result.set)
        plans = {
            name: read_plan(json.dumps(master), name, settings) for name, master in masters.items()
        }
        notebooks: dict[str, Notebooks] = {}
        for submission in result.submissions:
            student = submission.student
            notebooks[student] = {
                name: autograded(
                    master,
                    submission.of(name),
                    cells_of(course, result.set, plans[name], student),
                )
                for name, master in masters.items()
            }
            write_autograded(course, result.set, student, notebooks[student])
            if progress:
                progress(len(notebooks), len(result.submissions))
        save_rows(gradebook, course, result, notebooks)


def cells_of(course: Course, set_name: str, plan: Plan, student: str) -> list[SubmittedCell]:
    """The cells that a student wrote; none if the submission cannot be read (any more)."""
    try:
        handed_in = read_notebook(course, student, set_name, plan.set_name)
        return submitted_cells(plan, handed_in.text)
    except UnreadableError:
        return []


def save_masters(gradebook: Gradebook, course: Course, set_name: str) -> Notebooks:
    """The masters of the graded notebooks of a set, stored in the gradebook where they are new.

    Raises:
        UsageError: if one has other cells than when its first submission was recorded.
    """
    gradebook.update_or_create_assignment(set_name)
    return {
        plan.set_name: save_master(gradebook, course, set_name, plan)
        for plan in plans_of(course, set_name)
    }


def save_master(gradebook: Gradebook, course: Course, set_name: str, plan: Plan) -> NotebookNode:
    """The master of a notebook of a set; stored in the gradebook where it is new or changed.

    Raises:
        UsageError: if it has other cells than when its first submission was recorded.
    """
    name = plan.set_name
    notebook = nbformat.reads(reference_of(course, set_name, plan), as_version=4)
    names = {"notebook": name, "assignment": set_name, "db_url": course.db_url}
    resources = {"nbgrader": names, "metadata": {"path": plan.folder}}
    converter = GenerateAssignment(coursedir=course.directory(), config=course.config)
    # a course may name them
    steps = [
        import_item(step) if isinstance(step, str) else step for step in converter.preprocessors
    ]
    for step in steps[: steps.index(SaveCells)]:
        if step is not InstantiateTests:  # the plan has been made of what they become
            notebook, _ = step(config=course.config)(notebook, resources)
    if checksums(notebook) != stored_checksums(gradebook, set_name, name):
        try:
            SaveCells(config=course.config)(notebook, resources)
        except RuntimeError as error:
            raise UsageError(_what_is_lost(gradebook, set_name, error)) from error
        gradebook.db.expire_all()
    return notebook


def _what_is_lost(gradebook: Gradebook, set_name: str, error: RuntimeError) -> str:
    """How a set with other cells can be graded all the same, and what that takes away."""
    gradebook.db.rollback()
    rows = stored_submissions(gradebook, gradebook.find_assignment(set_name))
    notebooks = [notebook for row in rows for notebook in row.notebooks]
    points = sum(grade.manual_score is not None for book in notebooks for grade in book.grades)
    comments = sum(bool(each.manual_comment) for book in notebooks for each in book.comments)
    return (
        f"{str(error).rstrip('.')}: nbgrader cannot change the cells of a set that is graded. "
        f"To grade it anew, export its grades and run `nbgrader db assignment remove {set_name} "
        f"--force`: that takes away what was given by hand ({points} scores, {comments} comments)"
    )


def checksums(notebook: NotebookNode) -> dict[str, str]:
    """The checksum of each of nbgrader's cells by its `grade_id`."""
    settings = [cell.metadata.get("nbgrader", {}) for cell in notebook.cells]
    return {row["grade_id"]: row["checksum"] for row in settings if "checksum" in row}


def stored_checksums(gradebook: Gradebook, set_name: str, notebook: str) -> dict[str, str]:
    """The checksums that the gradebook has of a notebook's cells."""
    try:
        cells = gradebook.find_notebook(notebook, set_name).source_cells
    except MissingEntry:
        return {}
    return {cell.name: cell.checksum for cell in cells}


def write_autograded(course: Course, set_name: str, student: str, notebooks: Notebooks) -> None:
    """Put autograded notebooks where nbgrader and formgrader look for them."""
    folder = course.autograded_folder(student, set_name)
    for name, notebook in notebooks.items():
        text = json.dumps(notebook, ensure_ascii=False)
        write(folder / f"{name}.ipynb", text, mode=READ_ONLY)
    time = timestamp_text(course, set_name, student)
    if time:
        write(folder / "timestamp.txt", time)


def save_rows(
    gradebook: Gradebook, course: Course, result: SetResult, notebooks: dict[str, Notebooks]
) -> None:
    """Store students, submissions, grades, comments and late penalties in one transaction."""
    assignment = gradebook.find_assignment(result.set)
    rows = {row.student_id: row for row in stored_submissions(gradebook, assignment)}
    enroll(gradebook, [submission.student for submission in result.submissions])
    with gradebook.db.no_autoflush:
        for submission in result.submissions:
            student = submission.student
            row = rows.get(student) or new_row(gradebook, assignment, student)
            row.timestamp = timestamp(timestamp_text(course, result.set, student))
            for notebook_row in row.notebooks:
                name = notebook_row.name
                if name in notebooks[student]:
                    save_scores(notebook_row, submission.of(name), notebooks[student][name])
            submission.late_seconds = row.total_seconds_late
    gradebook.db.flush()
    save_penalties(course, assignment)
    gradebook.db.commit()


def enroll(gradebook: Gradebook, students: list[str]) -> None:
    """Add the students whom the gradebook does not know."""
    known = {student.id for student in gradebook.students}
    for student in students:
        if student not in known:
            gradebook.db.add(Student(id=student))


def stored_submissions(gradebook: Gradebook, assignment: Assignment) -> list[SubmittedAssignment]:
    """The submissions that the gradebook has of an assignment, with all below them."""
    notebooks = selectinload(SubmittedAssignment.notebooks)
    query = gradebook.db.query(SubmittedAssignment).options(
        notebooks.selectinload(SubmittedNotebook.grades),
        notebooks.selectinload(SubmittedNotebook.comments),
    )
    return query.filter_by(assignment_id=assignment.id).all()


def new_row(gradebook: Gradebook, assignment: Assignment, student: str) -> SubmittedAssignment:
    """A submission with an empty grade or comment for each cell, as nbgrader makes it."""
    row = SubmittedAssignment(assignment=assignment, student_id=student)
    for notebook in assignment.notebooks:
        notebook_row = SubmittedNotebook(notebook=notebook, assignment=row)
        graded = [*notebook.grade_cells, *notebook.task_cells]
        commented = [*notebook.solution_cells, *notebook.task_cells]
        notebook_row.grades = [Grade(cell_id=cell.id) for cell in graded]
        notebook_row.comments = [Comment(cell_id=cell.id) for cell in commented]
    gradebook.db.add(row)
    return row


def save_scores(
    row: SubmittedNotebook, submission: SubmissionResult, notebook: NotebookNode
) -> None:
    """Put the scores of an autograded notebook into its rows; what a person gave stays."""
    names = cell_names(row)
    cells = {grade_id(cell): cell for cell in notebook.cells}
    pending = {test.grade_id for test in submission.tests if test.status == "error"}
    for grade in row.grades:
        name = names[grade.cell_id]
        score = None
        if name not in pending and is_grade(cells[name]):
            score, _ = determine_grade(cells[name])
        save_score(grade, score)
    for comment in row.comments:
        cell = cells[names[comment.cell_id]]
        comment.auto_comment = NO_RESPONSE if is_untouched(cell) else None


def save_score(grade: Grade, score: float | None) -> None:
    """Store a score; where it is new, a person who graded the cell before has to look again."""
    if grade.needs_manual_grade is None or score != grade.auto_score:
        grade.needs_manual_grade = score is None or grade.manual_score is not None
    grade.auto_score = score


def save_penalties(course: Course, assignment: Assignment) -> None:
    """Late penalties by the course's plugin, as nbgrader's AssignLatePenalties gives them."""
    assigner = AssignLatePenalties(config=course.config)
    assigner.init_plugin()
    for row in assignment.submissions:
        for notebook in row.notebooks:
            late = row.total_seconds_late
            notebook.late_submission_penalty = late_penalty(assigner, notebook, late)


def late_penalty(
    assigner: AssignLatePenalties, notebook: SubmittedNotebook, late_seconds: float
) -> float | None:
    """The points that the course's plugin takes off a notebook; None if it takes none."""
    if late_seconds <= 0:
        return None
    student = notebook.assignment.student_id
    points = assigner.plugin_inst.late_submission_penalty(student, notebook.score, late_seconds)
    if points is None:
        return None
    return bounded_penalty(assigner, notebook, points)


def stored_marks(course: Course | Path, set_name: str) -> dict[str, Marks]:
    """What the gradebook says of each submission of a set, by the student's id."""
    with contextlib.closing(open_gradebook(course)) as gradebook:
        try:
            assignment = gradebook.find_assignment(set_name)
        except MissingEntry:
            return {}
        rows = stored_submissions(gradebook, assignment)
        return {row.student_id: marks_of(row) for row in rows}


def stored_students(course: Course | Path) -> list[str]:
    """The ids of all students that the gradebook knows."""
    with contextlib.closing(open_gradebook(course)) as gradebook:
        return [student.id for student in gradebook.students]


def marks_of(row: SubmittedAssignment) -> Marks:
    """The marks of one submission, of all its notebooks together."""
    marks = Marks({}, {}, 0.0)
    for notebook in row.notebooks:
        names = cell_names(notebook)
        marks.points.update({names[grade.cell_id]: grade.score for grade in notebook.grades})
        marks.comments.update({names[each.cell_id]: each.comment for each in notebook.comments})
    penalty = sum(notebook.late_submission_penalty or 0.0 for notebook in row.notebooks)
    return replace(marks, penalty=penalty)


def timestamp(text: str) -> datetime | None:
    """The time in UTC that nbgrader reads in a text, None if it is none."""
    if not text:
        return None
    try:
        return parse_utc(text)
    except (ValueError, OverflowError):
        return None


def timestamp_text(course: Course, set_name: str, student: str) -> str:
    """When a submission was handed in, as its timestamp.txt says; nothing if none is readable."""
    try:
        return read_submitted(course, student, set_name, "timestamp.txt")[:100].strip()
    except UnreadableError:
        return ""

"""Into nbgrader: the gradebook's rows and the autograded notebooks of a graded set.

Theory of operation. nbgrader's own preprocessors make the *master* of a set: what a student gets,
hidden tests still in. `autograded` fills it with each submission and its verdicts. Scores,
comments and late penalties are then computed by nbgrader's functions on that copy and stored
through nbgrader's classes. Only the commits differ: one for a whole class, not several per cell.

One process writes the gradebook. No student code runs here.
"""

import contextlib
import errno
import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

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
from nbgrader.preprocessors import InstantiateTests, SaveCells
from nbgrader.utils import determine_grade
from sqlalchemy.exc import IntegrityError, SQLAlchemyError
from sqlalchemy.orm import selectinload
from traitlets.utils.importstring import import_item

from mlpgrader.assignment.plan import Plan, read_plan
from mlpgrader.assignment.submission import SubmittedCell, submitted_cells
from mlpgrader.course.autograded import autograded, is_open, is_untouched
from mlpgrader.course.folders import Course, one_at_a_time, read_submitted, write
from mlpgrader.course.nbgrader_private import cell_names, speed_up_gradebook
from mlpgrader.course.penalties import Penalties
from mlpgrader.course.sources import plans_of, reference_of, settings_of
from mlpgrader.course.submitted import read_notebook
from mlpgrader.course.timestamps import read_time
from mlpgrader.errors import UnreadableError, UsageError
from mlpgrader.results import SetResult, SubmissionResult

NO_RESPONSE = "No response."  # what nbgrader says of a solution cell that nobody changed
READ_ONLY = 0o444  # as nbgrader leaves it
DISK_FAULTS = (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO)
MOST_NAME = 128  # characters of a student's name in nbgrader's tables; SQLite takes longer ones
Notebooks = dict[str, NotebookNode]  # by name


@dataclass
class Recorded:
    """What a recording has written of one submission.

    Attributes:
        stamp: a hash of all that it was made of.
        files: size and time of change of each file in autograded/, by name.
        scores: the points of each cell, by notebook and `grade_id`; None waits for a person.
        untouched: the solution cells that are as they were handed out, by notebook.
    """

    stamp: str
    files: dict[str, list[int]] = field(default_factory=dict)
    scores: dict[str, dict[str, float | None]] = field(default_factory=dict)
    untouched: dict[str, list[str]] = field(default_factory=dict)


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
) -> list[str]:
    """Write a graded set into the gradebook and into autograded/.

    Sets `late_seconds` of each submission, which only the gradebook knows (due date, extension).
    What is there as it should be is not written again, and nothing of one student keeps another
    from being recorded.

    Args:
        course: the course, or its folder.
        result: the graded set.
        progress: called with the number of notebooks written and of all.

    Returns:
        What went wrong, a line for each, with the student's name.

    Raises:
        UsageError: if the set or a setting is at fault.
    """
    course = Course.open(course)
    with one_at_a_time(course, "recording"):
        try:
            return _record(course, result, progress)
        except IntegrityError:  # another program has just made the same rows
            return _record(course, result, progress)


def _record(
    course: Course, result: SetResult, progress: Callable[[int, int], None] | None
) -> list[str]:
    with contextlib.closing(open_gradebook(course)) as gradebook:
        recording = _Recording(gradebook, course, result.set)
        for number, submission in enumerate(result.submissions, 1):
            recording.add(submission)
            if progress:
                progress(number, len(result.submissions))
        return recording.finish()


class _Recording:
    """Writes the submissions of a set, one after another, and commits them together."""

    def __init__(self, gradebook: Gradebook, course: Course, set_name: str):
        self.gradebook = gradebook
        self.course = course
        self.set_name = set_name
        self.problems: list[str] = []
        self.masters = save_masters(gradebook, course, set_name)
        settings = settings_of(course, set_name)
        texts = {name: json.dumps(master) for name, master in self.masters.items()}
        self.plans = {name: read_plan(text, name, settings) for name, text in texts.items()}
        self.masters_hash = _hash(texts)
        self.assignment = gradebook.find_assignment(set_name)
        rows = stored_submissions(gradebook, self.assignment)
        self.rows = {row.student_id: row for row in rows}
        self.known = {student.id for student in gradebook.students}
        self.file = course.results_folder() / "recorded" / f"{set_name}.json"
        self.recorded = _read_recorded(self.file)
        self.zone = str(course.config.Exchange.get("timezone", "UTC"))

    def add(self, submission: SubmissionResult) -> None:
        """Record one submission; a fault is a problem that names the student."""
        try:
            self._add(submission)
        except Exception as error:
            if _is_everybodys(error):
                raise
            reason = f"{type(error).__name__}: {error}"
            self.problems.append(f"{submission.student} is not recorded: {reason}")

    def finish(self) -> list[str]:
        """Work out late penalties, and commit all rows."""
        self.gradebook.db.flush()
        penalties = Penalties(self.course)
        for row in self.assignment.submissions:
            try:
                _penalize(row, penalties)
            except Exception as error:
                if _is_everybodys(error):
                    raise
                reason = f"{type(error).__name__}: {error}"
                self.problems.append(f"{row.student_id}: no penalty can be worked out: {reason}")
        self.gradebook.db.commit()
        kept = {student: vars(recorded) for student, recorded in self.recorded.items()}
        write(self.file, json.dumps(kept))
        return self.problems + penalties.problems

    def _add(self, submission: SubmissionResult) -> None:
        student = submission.student
        text = timestamp_text(self.course, self.set_name, student)
        time = read_time(text, self.zone)
        secret = secret_text(self.course, self.set_name, student)
        beside = {"timestamp.txt": text if time else "", "submission_secret.txt": secret}
        stamp = ""
        if submission.receipt or submission.status == "unreadable":  # else its text is not in it
            stamp = _hash([self.masters_hash, beside, _content(submission)])
        row = self.rows.get(student)
        if row is None or not self._is_recorded(student, stamp, row):
            recorded = self._write(submission, stamp, beside)
            with self.gradebook.db.no_autoflush:
                row = row or self._new_row(student)
                save_scores(row, recorded)
            self.recorded[student] = recorded
        if row.timestamp != time:
            row.timestamp = time
        if text and time is None:
            _add_notice(submission, f"timestamp.txt says no time for certain: {text!r}")
        submission.late_seconds = row.total_seconds_late

    def _is_recorded(self, student: str, stamp: str, row: SubmittedAssignment) -> bool:
        """Whether files and rows of a submission are as the last recording left them."""
        recorded = self.recorded.get(student)
        if not stamp or recorded is None or recorded.stamp != stamp:
            return False
        folder = self.course.autograded_folder(student, self.set_name)
        scores = {
            notebook.name: {
                names[grade.cell_id]: grade.auto_score
                for names in [cell_names(notebook)]
                for grade in notebook.grades
            }
            for notebook in row.notebooks
        }
        return scores == recorded.scores and _state(folder, recorded.files) == recorded.files

    def _write(self, submission: SubmissionResult, stamp: str, beside: dict[str, str]) -> Recorded:
        """Make the autograded notebooks of a submission and read off their scores."""
        student = submission.student
        folder = self.course.autograded_folder(student, self.set_name)
        _remove_halves(folder)
        recorded = Recorded(stamp)
        for name, master in self.masters.items():
            part = submission.of(name)
            cells = cells_of(self.course, self.set_name, self.plans[name], student)
            notebook = autograded(master, part, cells)
            text = json.dumps(notebook, ensure_ascii=False)
            write(folder / f"{name}.ipynb", text, mode=READ_ONLY)
            recorded.scores[name] = scores_of(notebook)
            recorded.untouched[name] = untouched_of(notebook)
        for name, text in beside.items():
            if text:
                write(folder / name, text)
            else:
                (folder / name).unlink(missing_ok=True)
        names = [*(f"{name}.ipynb" for name in self.masters), *filter(beside.get, beside)]
        recorded.files = _state(folder, names)
        return recorded

    def _new_row(self, student: str) -> SubmittedAssignment:
        if student not in self.known:
            if len(student) > MOST_NAME and not self.course.db_url.startswith("sqlite"):
                raise ValueError(f"the gradebook takes names of {MOST_NAME} characters")
            self.gradebook.db.add(Student(id=student))
        return new_row(self.gradebook, self.assignment, student)


def _is_everybodys(error: Exception) -> bool:
    """Whether an error would come again for the next student: a full disk, a lost database."""
    return isinstance(error, SQLAlchemyError) or (
        isinstance(error, OSError) and error.errno in DISK_FAULTS
    )


def _penalize(row: SubmittedAssignment, penalties: Penalties) -> None:
    late = row.total_seconds_late
    for notebook in row.notebooks:
        notebook.late_submission_penalty = penalties.of(notebook, late)


def _add_notice(submission: SubmissionResult, notice: str) -> None:
    if notice not in submission.message:
        submission.message = "; ".join(filter(None, [submission.message, notice]))


def _read_recorded(file: Path) -> dict[str, Recorded]:
    """What the last recording wrote; nothing where that cannot be read."""
    try:
        rows = json.loads(file.read_text(encoding="utf-8"))
        return {student: Recorded(**row) for student, row in rows.items()}
    except (OSError, ValueError, TypeError, AttributeError, RecursionError):
        return {}


def _content(submission: SubmissionResult) -> list[Any]:
    """All of a result that is written: of each notebook its verdicts and what its cells printed."""
    parts = submission.notebooks or {"": submission}
    return [
        [name, part.receipt, part.status, part.message, part.outputs, list(map(vars, part.tests))]
        for name, part in parts.items()
    ]


def _hash(data: Any) -> str:
    return hashlib.sha256(json.dumps(data).encode()).hexdigest()


def _state(folder: Path, names: list[str] | dict[str, Any]) -> dict[str, list[int]]:
    """Size and time of change of files, of those that are there."""
    state = {}
    for name in names:
        with contextlib.suppress(OSError):
            status = (folder / name).stat()
            state[name] = [status.st_size, status.st_mtime_ns]
    return state


def _remove_halves(folder: Path) -> None:
    """Remove what a run that was killed had begun to write."""
    for half in folder.glob(".*.part"):
        half.unlink(missing_ok=True)


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


def scores_of(notebook: NotebookNode) -> dict[str, float | None]:
    """The points of each graded cell of an autograded notebook; None waits for a person."""
    scores: dict[str, float | None] = {}
    for cell in notebook.cells:
        settings = cell.metadata.get("nbgrader", {})
        if settings.get("grade") or settings.get("task"):
            scores[settings["grade_id"]] = None if is_open(cell) else determine_grade(cell)[0]
    return scores


def untouched_of(notebook: NotebookNode) -> list[str]:
    """The cells for a student's answer that are as they were handed out."""
    marks = [(cell, cell.metadata.get("nbgrader", {})) for cell in notebook.cells]
    return [
        settings["grade_id"]
        for cell, settings in marks
        if (settings.get("solution") or settings.get("task")) and is_untouched(cell)
    ]


def save_scores(row: SubmittedAssignment, recorded: Recorded) -> None:
    """Put the scores of autograded notebooks into their rows; what a person gave stays."""
    for notebook in row.notebooks:
        if notebook.name not in recorded.scores:
            continue
        names = cell_names(notebook)
        for grade in notebook.grades:
            save_score(grade, recorded.scores[notebook.name][names[grade.cell_id]])
        for comment in notebook.comments:
            is_empty = names[comment.cell_id] in recorded.untouched[notebook.name]
            comment.auto_comment = NO_RESPONSE if is_empty else None


def save_score(grade: Grade, score: float | None) -> None:
    """Store a score; where it is new, a person who graded the cell before has to look again."""
    if grade.needs_manual_grade is None or score != grade.auto_score:
        grade.needs_manual_grade = score is None or grade.manual_score is not None
    grade.auto_score = score


def timestamp_text(course: Course, set_name: str, student: str) -> str:
    """When a submission was handed in, as its timestamp.txt says; nothing if none is readable."""
    try:
        return read_submitted(course, student, set_name, "timestamp.txt")[:100].strip()
    except UnreadableError:
        return ""


def secret_text(course: Course, set_name: str, student: str) -> str:
    """What nbgrader's exchange put beside a submission, so that feedback finds its way back."""
    try:
        return read_submitted(course, student, set_name, "submission_secret.txt")[:200].strip()
    except UnreadableError:
        return ""

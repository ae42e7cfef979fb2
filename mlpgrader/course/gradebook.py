"""Into nbgrader: the gradebook's rows and the autograded notebooks of a graded set.

Theory of operation. nbgrader's own preprocessors make the *master* of a set: what a student gets,
hidden tests still in (`masters.py`). `autograded.py` fills it with each submission and its
verdicts. nbgrader's own functions read scores off that copy and work out late penalties; `rows.py`
writes them for a whole class at once.

One process writes the gradebook. No student code runs here.
"""

import contextlib
import errno
import functools
import hashlib
import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import make_url
from sqlalchemy.exc import IntegrityError, SQLAlchemyError

from mlpgrader.assignment.plan import Plan, read_plan
from mlpgrader.assignment.submission import SubmittedCell, submitted_cells
from mlpgrader.course.folders import Course, one_at_a_time, read_submitted, write
from mlpgrader.course.marks import NO_RESPONSE
from mlpgrader.course.masters import Texts, masters_of
from mlpgrader.course.nbgrader_private import speed_up_gradebook
from mlpgrader.course.penalties import Penalties
from mlpgrader.course.recorded import (
    Receipt,
    Recorded,
    as_text,
    read_recorded,
    recorded_file,
)
from mlpgrader.course.rows import Grade, StoredRows, Submission, connected
from mlpgrader.course.sources import settings_of
from mlpgrader.course.submitted import read_notebook
from mlpgrader.course.timestamps import read_time
from mlpgrader.errors import MachineError, UnreadableError
from mlpgrader.results import SetResult, SubmissionResult

if TYPE_CHECKING:
    from nbformat import NotebookNode

    from mlpgrader.course.preprocessing import CourseGradebook

READ_ONLY = 0o444  # as nbgrader leaves it
DISK_FAULTS = (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO)
MOST_NAME = 128  # characters of a student's name in nbgrader's tables; SQLite takes longer ones


def open_gradebook(course: Course | Path, copy: Path | None = None) -> "CourseGradebook":
    """The gradebook of a course as nbgrader opens it, made if there is none; or a copy of it."""
    from mlpgrader.course.preprocessing import CourseGradebook  # slow to import

    course = Course.open(course)
    speed_up_gradebook()
    return CourseGradebook(f"sqlite:///{copy}" if copy else course.db_url, course.course_id)


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
    masters = masters_of(course, result.set)
    with connected(course) as connection:
        if connection is None:
            place = make_url(course.db_url).render_as_string()  # without the password
            raise MachineError(f"the gradebook {place} cannot be made")
        rows = StoredRows(connection, result.set)
        recording = _Recording(rows, masters, course, result)
        for number, submission in enumerate(result.submissions, 1):
            recording.add(submission)
            if progress:
                progress(number, len(result.submissions))
        problems = recording.finish()
    recording.keep()  # not before the rows are committed
    return problems


class _Recording:
    """Writes the submissions of a set, one after another, and their rows together."""

    def __init__(self, rows: StoredRows, masters: Texts, course: Course, result: SetResult):
        set_name = result.set
        self.versions = result.versions
        self.time = f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S} UTC"
        self.rows = rows
        self.masters = masters
        self.course = course
        self.set_name = set_name
        self.problems: list[str] = []
        settings = settings_of(course, set_name)
        self.plans = {name: read_plan(text, name, settings) for name, text in masters.items()}
        self.masters_hash = _hash(masters)
        self.recorded = read_recorded(course, set_name)

    @functools.cached_property
    def notebooks(self) -> "dict[str, NotebookNode]":
        """The masters by their names."""
        import nbformat  # slow to import

        return {name: nbformat.reads(text, as_version=4) for name, text in self.masters.items()}

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
        """Work out late penalties, and write all rows."""
        penalties = Penalties(self.course)
        for row in self.rows.submissions.values():
            try:
                _penalize(row, penalties)
            except Exception as error:
                if _is_everybodys(error):
                    raise
                reason = f"{type(error).__name__}: {error}"
                self.problems.append(f"{row.student_id}: no penalty can be worked out: {reason}")
        self.rows.save()
        return self.problems + penalties.problems

    def keep(self) -> None:
        """Keep what has been recorded, for the next run and for pages of feedback."""
        write(recorded_file(self.course, self.set_name), as_text(self.recorded))

    def _add(self, submission: SubmissionResult) -> None:
        student = submission.student
        text = timestamp_text(self.course, self.set_name, student)
        time = read_time(text, self.course.timezone)
        secret = secret_text(self.course, self.set_name, student)
        beside = {"timestamp.txt": text if time else "", "submission_secret.txt": secret}
        stamp = ""
        if submission.receipt or submission.status == "unreadable":  # else its text is not in it
            stamp = _hash([self.masters_hash, beside, _content(submission)])
        row = self.rows.submissions.get(student)
        if row is None or not self._is_recorded(student, stamp, row):
            recorded = self._write(submission, stamp, beside)
            row = row or self._new_row(student)
            save_scores(row, recorded)
            self.recorded[student] = recorded
        if row.timestamp != time:
            row.timestamp = time
        if text and time is None:
            _add_notice(submission, f"timestamp.txt says no time for certain: {text!r}")
        submission.late_seconds = row.total_seconds_late

    def _is_recorded(self, student: str, stamp: str, row: Submission) -> bool:
        """Whether files and rows of a submission are as the last recording left them."""
        recorded = self.recorded.get(student)
        if not stamp or recorded is None or recorded.stamp != stamp:
            return False
        folder = self.course.autograded_folder(student, self.set_name)
        scores = {
            notebook.name: {grade.name: grade.auto_score for grade in notebook.grades}
            for notebook in row.notebooks
        }
        return scores == recorded.scores and _state(folder, recorded.files) == recorded.files

    def _write(self, submission: SubmissionResult, stamp: str, beside: dict[str, str]) -> Recorded:
        """Make the autograded notebooks of a submission and read off their scores."""
        from mlpgrader.course.autograded import autograded, scores_of, untouched_of  # slow

        student = submission.student
        folder = self.course.autograded_folder(student, self.set_name)
        _remove_halves(folder)
        recorded = Recorded(stamp)
        for name, master in self.notebooks.items():
            part = submission.of(name)
            cells = cells_of(self.course, self.set_name, self.plans[name], student)
            notebook = autograded(master, part, cells)
            text = json.dumps(notebook, ensure_ascii=False)
            write(folder / f"{name}.ipynb", text, mode=READ_ONLY)
            recorded.scores[name] = scores_of(notebook)
            recorded.untouched[name] = untouched_of(notebook)
            if part.receipt:
                recorded.receipts[name] = Receipt(
                    part.receipt, part.hand_in, part.plan, self.versions, self.time
                )
        for name, text in beside.items():
            if text:
                write(folder / name, text)
            else:
                (folder / name).unlink(missing_ok=True)
        names = [*(f"{name}.ipynb" for name in self.masters), *filter(beside.get, beside)]
        recorded.files = _state(folder, names)
        return recorded

    def _new_row(self, student: str) -> Submission:
        is_known = student in self.rows.students
        if len(student) > MOST_NAME and not (is_known or self.course.db_url.startswith("sqlite")):
            raise ValueError(f"the gradebook takes names of {MOST_NAME} characters")
        return self.rows.add(student)


def _is_everybodys(error: Exception) -> bool:
    """Whether an error would come again for the next student: a full disk, a lost database."""
    return isinstance(error, SQLAlchemyError) or (
        isinstance(error, OSError) and error.errno in DISK_FAULTS
    )


def _penalize(row: Submission, penalties: Penalties) -> None:
    late = row.total_seconds_late
    for notebook in row.notebooks:
        notebook.late_submission_penalty = penalties.of(notebook, late)


def _add_notice(submission: SubmissionResult, notice: str) -> None:
    if notice not in submission.message:
        submission.message = "; ".join(filter(None, [submission.message, notice]))


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


def save_scores(row: Submission, recorded: Recorded) -> None:
    """Put the scores of autograded notebooks into their rows; what a person gave stays."""
    for notebook in row.notebooks:
        if notebook.name not in recorded.scores:
            continue
        for grade in notebook.grades:
            save_score(grade, recorded.scores[notebook.name][grade.name])
        for comment in notebook.comments:
            is_empty = comment.name in recorded.untouched[notebook.name]
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

"""One student taken out of a course: rows, verdicts and pages, and what remains elsewhere.

What was handed in stays unless that is asked for: it is not the grader's. But to grade it again
brings the student back. Copies of the gradebook that runs have kept lose the student, too; those
that people made in the course folder are named, and others are nobody's to find.
"""

import contextlib
import html
import json
import re
import shutil
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from nbgrader.api import MissingEntry
from sqlalchemy import text as sql
from sqlalchemy.exc import SQLAlchemyError

from mlpgrader.course.copies import DATABASE, Copy, copies_of, drop_files, kept_files
from mlpgrader.course.folders import Course, is_name, one_at_a_time, write
from mlpgrader.course.gradebook import open_gradebook
from mlpgrader.course.rows import has_gradebook
from mlpgrader.errors import UsageError

SQLITE = "sqlite:///"
DAMAGES = (OSError, ValueError, AttributeError, sqlite3.Error)  # of a copy that somebody changed
MOST_READ = 50 << 20  # bytes of a file that is searched for a name
# files below results/ with a row for each of several students
LISTS = ("*.json", "recorded/*.json", ".extensions/*.json", ".watch/*.json")


@dataclass
class Traces:
    """What there is of a student in a course folder.

    Attributes:
        student: the id.
        sets: the sets of which the gradebook has a submission.
        is_in_gradebook: whether the student is in it.
        folders: autograded notebooks and pages of feedback.
        files: verdicts that are only this student's, and pages on the class that name the student.
        lists: files with a row of this student's among others.
        handed_in: the folders with what was handed in.
        copies: the copies of the gradebook that have the student.
    """

    student: str
    sets: list[str] = field(default_factory=list)
    is_in_gradebook: bool = False
    folders: list[Path] = field(default_factory=list)
    files: list[Path] = field(default_factory=list)
    lists: list[Path] = field(default_factory=list)
    handed_in: list[Path] = field(default_factory=list)
    copies: list[Copy] = field(default_factory=list)

    @property
    def is_nothing(self) -> bool:
        """Whether there is no trace."""
        found = (self.folders, self.files, self.lists, self.handed_in, self.copies)
        return not self.is_in_gradebook and not any(found)


def traces_of(course: Course | Path, student: str) -> Traces:
    """What there is of a student.

    Raises:
        UsageError: if the id cannot be that of a student.
    """
    course = Course.open(course)
    if not is_name(student):
        raise UsageError(f"{student!r} cannot be the id of a student")
    traces = Traces(student)
    names = _in_gradebook(course, traces)
    names |= {path.stem for path in course.results_folder().glob("*.json")}
    names |= {path.name for path in course.source_folder("x").parent.glob("*") if path.is_dir()}
    for name in sorted(names):
        traces.folders += _there(course.autograded_folder(student, name), student)
        traces.folders += _there(course.feedback_folder(student, name), student)
        traces.handed_in += _there(course.submitted_folder(student, name), student)
    traces.folders = sorted({*traces.folders})
    traces.handed_in = sorted({*traces.handed_in})
    _in_results(course, traces)
    for copy in copies_of(course):
        with contextlib.suppress(*DAMAGES):  # then it is named as what remains
            if _is_in(copy, course, student):
                traces.copies.append(copy)
    return traces


def forget(course: Course | Path, traces: Traces, *, handed_in: bool = False) -> list[Path]:
    """Remove what there is of a student, and give what remains in the course folder.

    Args:
        course: the course, or its folder.
        traces: what there is.
        handed_in: remove what was handed in, too.
    """
    course = Course.open(course)
    with one_at_a_time(course, "recording"):
        for path in traces.folders + (traces.handed_in if handed_in else []):
            _remove(path)
        for path in traces.lists:
            _remove_row(path, traces.student)
        for path in traces.files:
            path.unlink(missing_ok=True)
        if traces.is_in_gradebook:
            _remove_from_gradebook(course, traces.student)
        for copy in traces.copies:
            with contextlib.suppress(*DAMAGES, SQLAlchemyError):
                _remove_from_copy(copy, course, traces.student)
    return sorted(_remaining(course, traces, handed_in=handed_in))


def _in_gradebook(course: Course, traces: Traces) -> set[str]:
    """The names of all sets of the gradebook; `traces` learns what it has of the student."""
    if not has_gradebook(course):
        return set()
    with contextlib.closing(open_gradebook(course)) as gradebook:
        with contextlib.suppress(MissingEntry):
            found = gradebook.find_student(traces.student)
            traces.is_in_gradebook = True
            traces.sets = sorted(row.assignment.name for row in found.submissions)
        return {assignment.name for assignment in gradebook.assignments}


def _there(path: Path, student: str) -> Iterator[Path]:
    """The folder of a student above all of that student's, if it is there."""
    if path.parent.name == student:
        path = path.parent
    if path.is_symlink() or path.exists():
        yield path


# --- results/ ------------------------------------------------------------------------------


def _in_results(course: Course, traces: Traces) -> None:
    folder = course.results_folder()
    lists = [path for pattern in LISTS for path in sorted(folder.glob(pattern))]
    traces.lists = [path for path in lists if traces.student in _rows(path)]
    for path in traces.lists:
        traces.files += _own_verdicts(path, traces.student)
    traces.files += [page for page in folder.glob("*.html") if _mentions(page, traces.student)]


def _own_verdicts(path: Path, student: str) -> list[Path]:
    """The kept verdicts of a set that belong to one student and to nobody else."""
    rows = _rows(path)
    others = {key for other in rows.keys() - {student} for key in rows[other]}
    files = [path.parent / path.stem / f"{key}.json" for key in rows[student] if is_name(key)]
    return [file for file in files if file.stem not in others and file.is_file()]


def _rows(path: Path) -> dict[str, list[str]]:
    """The students of whom a file has a row, each with the receipts in it."""
    data = _data(path)
    if isinstance(data, dict) and isinstance(data.get("submissions"), list):
        rows = [row for row in data["submissions"] if isinstance(row, dict)]
        return {str(row.get("student")): str(row.get("receipt", "")).split(",") for row in rows}
    return {student: [] for student in data} if isinstance(data, dict) else {}


def _data(path: Path) -> Any:
    with contextlib.suppress(OSError, ValueError, RecursionError):
        if path.is_file() and path.stat().st_size <= MOST_READ:
            return json.loads(path.read_text(encoding="utf-8"))
    return None


def _remove_row(path: Path, student: str) -> None:
    data = _data(path)
    if not isinstance(data, dict):
        return
    data.pop(student, None)
    if isinstance(data.get("submissions"), list):
        rows = data["submissions"]
        data["submissions"] = [row for row in rows if row.get("student") != student]
    write(path, json.dumps(data, ensure_ascii=False, indent=1))


def _mentions(path: Path, student: str) -> bool:
    """Whether a file has the id of a student, as text, JSON or HTML, and not as part of a word."""
    forms = {student, html.escape(student), html.escape(student).replace("&#x27;", "&#39;")}
    forms.add(json.dumps(student)[1:-1])
    words = b"|".join(re.escape(form.encode("utf-8", "replace")) for form in forms)
    with contextlib.suppress(OSError):
        if path.is_file() and path.stat().st_size <= MOST_READ:
            pattern = rb"(?<![\w.-])(?:" + words + rb")(?![\w-])"
            return re.search(pattern, path.read_bytes()) is not None
    return False


# --- removing ------------------------------------------------------------------------------


def _remove(path: Path) -> None:
    """Remove a folder, or the link in its place."""
    if path.is_symlink() or path.is_file():
        path.unlink()
    else:
        shutil.rmtree(path)


def _remove_from_gradebook(course: Course, student: str, copy: Path | None = None) -> None:
    with (
        contextlib.closing(open_gradebook(course, copy)) as gradebook,
        contextlib.suppress(MissingEntry),
    ):
        gradebook.remove_student(student)
        if copy or course.db_url.startswith(SQLITE):  # else what is removed is still in its file
            gradebook.db.execute(sql("VACUUM"))


# --- copies --------------------------------------------------------------------------------


def _is_in(copy: Copy, course: Course, student: str) -> bool:
    """Whether a copy has a student."""
    address = f"{(copy.folder / DATABASE).as_uri()}?mode=ro"
    with contextlib.closing(sqlite3.connect(address, uri=True)) as database:
        rows = database.execute("SELECT 1 FROM student WHERE id = ?", [student]).fetchall()
    own, lists = _kept_of(copy, course, student)
    return bool(rows or own or lists)


def _kept_of(copy: Copy, course: Course, student: str) -> tuple[list[Path], list[Path]]:
    """The files of a copy that are one student's, and those with a row among others."""
    folder = course.autograded_folder(student, copy.set)
    files = kept_files(course, copy)
    own = [file for file, place in files.items() if place.is_relative_to(folder)]
    return own, [file for file in files if file not in own and student in _rows(file)]


def _remove_from_copy(copy: Copy, course: Course, student: str) -> None:
    own, lists = _kept_of(copy, course, student)
    for file in lists:
        _remove_row(file, student)  # into a new file: what is linked stays as it is
    drop_files(copy, own)
    _remove_from_gradebook(course, student, copy.folder / DATABASE)


def _may_be_in(copy: Copy, course: Course, student: str) -> bool:
    """Whether a copy has a student, or cannot be read."""
    try:
        return _is_in(copy, course, student)
    except DAMAGES:
        return True


# --- what is left --------------------------------------------------------------------------


def _remaining(course: Course, traces: Traces, *, handed_in: bool) -> Iterator[Path]:
    """What is left in the course folder: hand-ins, databases that people copied, mentions."""
    if not handed_in:
        yield from traces.handed_in
    copies = copies_of(course)
    yield from (copy.folder for copy in copies if _may_be_in(copy, course, traces.student))
    known = {Path(course.db_url.removeprefix(SQLITE)), *(copy.folder / DATABASE for copy in copies)}
    results = course.results_folder()
    databases = [*course.root.glob("*.db*"), *results.rglob("*.db*")]
    yield from (path for path in databases if path not in known)
    texts = (path for path in results.rglob("*") if path.suffix in (".json", ".html", ".csv"))
    yield from (path for path in texts if _mentions(path, traces.student))

"""The rows of a set in nbgrader's gradebook: a whole class read and written in a few statements.

nbgrader's classes load and store one row after another, and to import them takes seconds. So the
columns that are used here are named here; a test holds them against nbgrader's own.
"""

import contextlib
import uuid
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import (
    Boolean,
    Column,
    Connection,
    DateTime,
    Float,
    Interval,
    MetaData,
    String,
    Table,
    Text,
    bindparam,
    create_engine,
    insert,
    inspect,
    select,
    update,
)
from sqlalchemy.types import TypeEngine

from mlpgrader.course.folders import Course
from mlpgrader.errors import MachineError

Values = dict[str, Any]


def _table(name: str, /, **columns: type[TypeEngine[Any]]) -> Table:
    key = Column("id", String, primary_key=True)
    others = [Column(column, kind) for column, kind in columns.items()]
    return Table(name, MetaData(), key, *others)


ASSIGNMENT = _table("assignment", name=String, duedate=DateTime)
NOTEBOOK = _table("notebook", name=String, assignment_id=String)
BASE_CELL = _table("base_cell", name=String, notebook_id=String)
GRADE_CELL = _table("grade_cells", max_score=Float)
TASK_CELL = _table("task_cells", max_score=Float)
SOLUTION_CELL = _table("solution_cells")
SOURCE_CELL = _table("source_cell", name=String, checksum=String, notebook_id=String)
STUDENT = _table("student", first_name=String, last_name=String, email=String, lms_user_id=String)
SUBMISSION = _table(
    "submitted_assignment",
    assignment_id=String,
    student_id=String,
    timestamp=DateTime,
    extension=Interval,
)
SUBMITTED_NOTEBOOK = _table(
    "submitted_notebook",
    assignment_id=String,
    notebook_id=String,
    flagged=Boolean,
    late_submission_penalty=Float,
)
GRADE = _table(
    "grade",
    notebook_id=String,
    cell_id=String,
    auto_score=Float,
    manual_score=Float,
    extra_credit=Float,
    needs_manual_grade=Boolean,
)
COMMENT = _table(
    "comment", notebook_id=String, cell_id=String, auto_comment=Text, manual_comment=Text
)
TABLES = [
    ASSIGNMENT,
    NOTEBOOK,
    BASE_CELL,
    GRADE_CELL,
    TASK_CELL,
    SOLUTION_CELL,
    SOURCE_CELL,
    STUDENT,
    SUBMISSION,
    SUBMITTED_NOTEBOOK,
    GRADE,
    COMMENT,
]


@dataclass
class NotebookCells:
    """A notebook of a set, as the gradebook has it.

    Attributes:
        id: its key.
        name: its name.
        worth: the points of each graded cell, by `grade_id`.
        graded: the keys of the graded cells by `grade_id`.
        commented: the keys of the cells that can have a comment, by `grade_id`.
        checksums: of each of nbgrader's cells, by `grade_id`.
    """

    id: str
    name: str
    worth: dict[str, float] = field(default_factory=dict)
    graded: dict[str, str] = field(default_factory=dict)
    commented: dict[str, str] = field(default_factory=dict)
    checksums: dict[str, str] = field(default_factory=dict)


@dataclass
class Grade:
    """What a graded cell of one submission has; `name` is its `grade_id`."""

    id: str
    name: str
    auto_score: float | None = None
    manual_score: float | None = None
    extra_credit: float | None = None
    needs_manual_grade: bool | None = None  # not stored yet


@dataclass
class Comment:
    """What is said of a cell of one submission; `name` is its `grade_id`."""

    id: str
    name: str
    auto_comment: str | None = None
    manual_comment: str | None = None

    @property
    def comment(self) -> str | None:
        """A person's comment before the grader's."""
        return self.auto_comment if self.manual_comment is None else self.manual_comment


@dataclass
class SubmittedNotebook:
    """One notebook of a submission; `notebook` is the notebook of the set."""

    id: str
    notebook: NotebookCells
    student_id: str
    late_submission_penalty: float | None = None
    grades: list[Grade] = field(default_factory=list)
    comments: list[Comment] = field(default_factory=list)

    @property
    def name(self) -> str:
        """The name of the notebook."""
        return self.notebook.name


@dataclass
class Submission:
    """What a student handed in, with all that hangs on it."""

    id: str
    student_id: str
    duedate: datetime | None
    timestamp: datetime | None = None
    extension: timedelta | None = None
    notebooks: list[SubmittedNotebook] = field(default_factory=list)

    @property
    def total_seconds_late(self) -> float:
        """How late it was handed in, an extension granted."""
        if self.timestamp is None or self.duedate is None:
            return 0.0
        due = self.duedate + (self.extension or timedelta())
        return max(0.0, (self.timestamp - due).total_seconds())


def has_gradebook(course: Course) -> bool:
    """Whether there can be a gradebook: opening one that is not there would make it."""
    file = course.db_url.removeprefix("sqlite:///")
    return file == course.db_url or Path(file).is_file()


@contextlib.contextmanager
def connected(course: Course) -> Iterator[Connection | None]:
    """A connection to the gradebook of a course; None where nbgrader has not made one yet.

    What is written is there for others once the block has ended without an error.
    """
    if not has_gradebook(course):
        yield None
        return
    try:
        engine = create_engine(course.db_url)
    except ModuleNotFoundError as error:
        raise no_driver(error) from None
    try:
        with engine.begin() as connection:
            is_made = inspect(connection).has_table(GRADE.name)
            yield connection if is_made else None
    finally:
        engine.dispose()


def no_driver(error: ModuleNotFoundError) -> MachineError:
    """What to say where Python cannot speak to the database that the course names."""
    return MachineError(f"the gradebook cannot be used: Python has no module {error.name!r}")


class StoredRows:
    """All rows of a set.

    What is changed in them, and what is added, is written by `save`.

    Attributes:
        notebooks: the notebooks of the set by their names.
        submissions: by the student's id.
        students: the ids of all students of the course.
    """

    def __init__(self, connection: Connection, set_name: str):
        self._connection = connection
        self.submissions: dict[str, Submission] = {}
        self.students = {row.id for row in connection.execute(select(STUDENT.c.id))}
        self._before: dict[str, Values] = {}
        self.notebooks = notebooks_of(connection, set_name)
        wanted = select(ASSIGNMENT).where(ASSIGNMENT.c.name == set_name)
        found = connection.execute(wanted).one_or_none()
        self._assignment_id: str = found.id if found else ""
        self._duedate: datetime | None = found.duedate if found else None
        self._load_submissions()

    def add(self, student: str) -> Submission:
        """A submission with an empty grade or comment for each cell, as nbgrader makes it."""
        row = Submission(_new_key(), student, self._duedate)
        for notebook in self.notebooks.values():
            part = SubmittedNotebook(_new_key(), notebook, student)
            part.grades = [Grade(_new_key(), name) for name in notebook.graded]
            part.comments = [Comment(_new_key(), name) for name in notebook.commented]
            row.notebooks.append(part)
        self.submissions[student] = row
        return row

    def save(self) -> None:
        """Write what is new or changed."""
        new = [student for student in self.submissions if student not in self.students]
        self._insert(STUDENT, [{"id": student} for student in new])
        values = list(self._values())
        for table in CHANGED:
            self._save_table(table, [row for of, row in values if of is table])

    def _save_table(self, table: Table, rows: list[Values]) -> None:
        before = self._before
        self._insert(table, [row for row in rows if row["id"] not in before])
        self._update(table, [row for row in rows if before.get(row["id"], row) != row])

    def _insert(self, table: Table, rows: list[Values]) -> None:
        if rows:
            self._connection.execute(insert(table), rows)

    def _update(self, table: Table, rows: list[Values]) -> None:
        if not rows:
            return
        columns: Values = {name: bindparam(name) for name in rows[0] if name in CHANGED[table]}
        changed = update(table).where(table.c.id == bindparam("key")).values(columns)
        wanted = [{"key": row["id"], **{name: row[name] for name in columns}} for row in rows]
        self._connection.execute(changed, wanted)

    def _values(self) -> Iterator[tuple[Table, Values]]:
        """The values of all rows, each with its table."""
        for row in self.submissions.values():
            yield (
                SUBMISSION,
                {
                    "id": row.id,
                    "assignment_id": self._assignment_id,
                    "student_id": row.student_id,
                    "timestamp": row.timestamp,
                },
            )
            for part in row.notebooks:
                yield from _values_of(row, part)

    def _load_submissions(self) -> None:
        mine = SUBMISSION.c.assignment_id == self._assignment_id
        rows: dict[str, Submission] = {}
        for row in self._connection.execute(select(SUBMISSION).where(mine)):
            rows[row.id] = Submission(
                row.id, row.student_id, self._duedate, row.timestamp, row.extension
            )
        parts = self._load_parts(rows, mine)
        names = {
            key: name
            for notebook in self.notebooks.values()
            for cells in (notebook.graded, notebook.commented)
            for name, key in cells.items()
        }
        for row in self._below(GRADE, mine, names):
            grade = Grade(
                row.id,
                names[row.cell_id],
                row.auto_score,
                row.manual_score,
                row.extra_credit,
                row.needs_manual_grade,
            )
            parts[row.notebook_id].grades.append(grade)
        for row in self._below(COMMENT, mine, names):
            comment = Comment(row.id, names[row.cell_id], row.auto_comment, row.manual_comment)
            parts[row.notebook_id].comments.append(comment)
        self.submissions = {row.student_id: row for row in rows.values()}
        self._before = {values["id"]: values for _, values in self._values()}

    def _load_parts(self, rows: dict[str, Submission], mine: Any) -> dict[str, SubmittedNotebook]:
        by_key = {notebook.id: notebook for notebook in self.notebooks.values()}
        parts = {}
        wanted = select(SUBMITTED_NOTEBOOK).join(
            SUBMISSION, SUBMISSION.c.id == SUBMITTED_NOTEBOOK.c.assignment_id
        )
        for row in self._connection.execute(wanted.where(mine)):
            above = rows[row.assignment_id]
            part = SubmittedNotebook(
                row.id, by_key[row.notebook_id], above.student_id, row.late_submission_penalty
            )
            above.notebooks.append(part)
            parts[row.id] = part
        for above in rows.values():
            above.notebooks.sort(key=lambda part: part.name)
        return parts

    def _below(self, table: Table, mine: Any, names: dict[str, str]) -> list[Any]:
        """The grades or comments of all submissions of the set, in the order of its cells."""
        wanted = (
            select(table)
            .join(SUBMITTED_NOTEBOOK, SUBMITTED_NOTEBOOK.c.id == table.c.notebook_id)
            .join(SUBMISSION, SUBMISSION.c.id == SUBMITTED_NOTEBOOK.c.assignment_id)
        )
        rows = [row for row in self._connection.execute(wanted.where(mine)) if row.cell_id in names]
        places = {key: place for place, key in enumerate(names)}
        return sorted(rows, key=lambda row: places[row.cell_id])


def notebooks_of(connection: Connection, set_name: str) -> dict[str, NotebookCells]:
    """The notebooks of a set by their names; none if the gradebook does not know it."""
    wanted = select(NOTEBOOK).join(ASSIGNMENT, ASSIGNMENT.c.id == NOTEBOOK.c.assignment_id)
    rows = connection.execute(wanted.where(ASSIGNMENT.c.name == set_name).order_by(NOTEBOOK.c.name))
    notebooks = {row.id: NotebookCells(row.id, row.name) for row in rows}
    for table in (GRADE_CELL, TASK_CELL):
        for row in _cells(connection, notebooks, table, table.c.max_score):
            notebooks[row.notebook_id].worth[row.name] = row.max_score
            notebooks[row.notebook_id].graded[row.name] = row.id
    for table in (SOLUTION_CELL, TASK_CELL):
        for row in _cells(connection, notebooks, table):
            notebooks[row.notebook_id].commented[row.name] = row.id
    for row in connection.execute(
        select(SOURCE_CELL).where(SOURCE_CELL.c.notebook_id.in_(notebooks))
    ):
        notebooks[row.notebook_id].checksums[row.name] = row.checksum
    return {notebook.name: notebook for notebook in notebooks.values()}


def _cells(
    connection: Connection, notebooks: Iterable[str], table: Table, *columns: Column[Any]
) -> Sequence[Any]:
    wanted = (
        select(BASE_CELL, *columns)
        .join(table, table.c.id == BASE_CELL.c.id)
        .where(BASE_CELL.c.notebook_id.in_(notebooks))
    )
    return connection.execute(wanted).all()


# in this order, and what a recording may change in a row that is there: never what a person gave
CHANGED = {
    SUBMISSION: ["timestamp"],
    SUBMITTED_NOTEBOOK: ["late_submission_penalty"],
    GRADE: ["auto_score", "needs_manual_grade"],
    COMMENT: ["auto_comment"],
}


def _values_of(row: Submission, part: SubmittedNotebook) -> Iterator[tuple[Table, Values]]:
    yield (
        SUBMITTED_NOTEBOOK,
        {
            "id": part.id,
            "assignment_id": row.id,
            "notebook_id": part.notebook.id,
            "flagged": False,
            "late_submission_penalty": part.late_submission_penalty,
        },
    )
    for grade in part.grades:
        yield (
            GRADE,
            {
                "id": grade.id,
                "notebook_id": part.id,
                "cell_id": part.notebook.graded[grade.name],
                "auto_score": grade.auto_score,
                "needs_manual_grade": grade.needs_manual_grade is not False,
            },
        )
    for comment in part.comments:
        yield (
            COMMENT,
            {
                "id": comment.id,
                "notebook_id": part.id,
                "cell_id": part.notebook.commented[comment.name],
                "auto_comment": comment.auto_comment,
            },
        )


def _new_key() -> str:
    return uuid.uuid4().hex

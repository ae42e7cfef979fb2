"""Grades as CSV: one row per student and set, as the gradebook has them."""

import csv
import io
import re
from collections.abc import Iterable, Sequence
from pathlib import Path

from mlpgrader.clean import visible
from mlpgrader.course.folders import Course
from mlpgrader.course.marks import Marks, StoredSet, stored_set
from mlpgrader.course.people.names import Person
from mlpgrader.reports.standing import Standing, last_run, standing_of
from mlpgrader.reports.table import format_points

COLUMNS = [
    "student",
    "set",
    "score",
    "max_score",
    "late",
    "status",
    "penalty",
    "final",
    "message",
    "pending",
    "first_name",
    "last_name",
    "email",
]
FORMULA_STARTS = "=+\\-@＝＋－＠"
# where a cell may begin: at the start, and behind what parts cells in another country's sheets,
# which do not mind the quotes of these; quotes of its own may come first
FORMULA = re.compile(rf"(^|[;|\t\r\n])(?=(?:[^\S\t\r\n]|\")*[{FORMULA_STARTS}])")

Row = dict[str, str]


def guarded(text: str) -> str:
    """The text of a cell: no formula to a spreadsheet, no code to a terminal.

    Example:
        >>> guarded("=1+1"), guarded("-ann"), guarded("ann"), guarded("ann;=1+1")
        ("'=1+1", "'-ann", 'ann', "ann;'=1+1")
    """
    return FORMULA.sub(r"\1'", visible(text))


def grades(course: Course | Path, set_name: str, problems: list[str] | None = None) -> list[Row]:
    """A row for each student of the gradebook: points, lateness and penalty as they stand there.

    A student who handed nothing in has the status `missing` and no score.

    Args:
        course: the course, or its folder.
        set_name: the set.
        problems: gets a line for each thing that could not be worked out.

    Raises:
        UsageError: if nothing is recorded of the set.
    """
    course = Course.open(course)
    stored = stored_set(course, set_name)
    found = list(stored.problems)
    runs = last_run(course, set_name)
    rows = []
    for student in sorted({*stored.people, *stored.marks}):
        marks = stored.marks.get(student)
        standing = None
        if marks is not None:
            try:
                standing = standing_of(course, set_name, student, marks, runs.get(student))
            except Exception as error:  # of one student; the others are exported
                standing = Standing("review", f"{type(error).__name__}: {error}")
                found.append(f"{student}: {standing.message}")
        person = stored.people.get(student, Person(student))
        rows.append(student_row(person, stored, marks, standing))
    if problems is not None:
        problems += found
    return rows


def student_row(
    person: Person, stored: StoredSet, marks: Marks | None, standing: Standing | None
) -> Row:
    """One student's row."""
    row = {
        "student": person.id,
        "set": stored.set,
        "max_score": format_points(stored.max_score),
        "first_name": person.first_name,
        "last_name": person.last_name,
        "email": person.email,
    }
    if marks is None or standing is None:
        return row | {"status": "missing"}
    row["score"] = format_points(marks.score)
    row["late"] = format_points(marks.late_seconds)
    row["status"] = standing.status
    row["penalty"] = format_points(marks.penalty)
    row["final"] = format_points(marks.final)
    row["message"] = standing.message
    if marks.pending and standing.status != "unreadable":  # that waits as a whole
        row["pending"] = str(len(marks.pending))
    tests = {name: format_points(points) for name, points in marks.points.items()}
    return tests | row


def as_csv(rows: Iterable[Row], columns: Sequence[str]) -> str:
    """Rows as CSV text, every cell quoted where it must be and none a formula."""
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(map(guarded, columns))
    for row in rows:
        writer.writerow(guarded(row.get(column, "")) for column in columns)
    return file.getvalue()


def grades_csv(
    course: Course | Path, set_names: Iterable[str], problems: list[str] | None = None
) -> str:
    """The CSV of one or more sets; the columns after those of `COLUMNS` are the tests."""
    course = Course.open(course)
    rows = [row for name in set_names for row in grades(course, name, problems)]
    tests = dict.fromkeys(name for row in rows for name in row if name not in COLUMNS)
    return as_csv(rows, [*COLUMNS, *tests])

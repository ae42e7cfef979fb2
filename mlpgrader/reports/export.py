"""Grades as CSV: one row per student and set, or a column of a file that a course platform made."""

import csv
import io
from collections.abc import Iterable, Sequence
from pathlib import Path

from mlpgrader.course.folders import Course
from mlpgrader.course.gradebook import Marks, stored_marks, stored_students
from mlpgrader.errors import UsageError
from mlpgrader.reports.table import format_points
from mlpgrader.results import SetResult, SubmissionResult
from mlpgrader.runner.store import load_summary

COLUMNS = ["student", "set", "score", "max_score", "late", "status", "penalty", "final", "message"]
FORMULA_STARTS = set("=+-@＝＋－＠")
CELL_BREAKS = set("\t\r\n")

Row = dict[str, str]


def guarded(text: str) -> str:
    """The text of a cell, so that no spreadsheet takes it for a formula.

    Example:
        >>> guarded("=1+1"), guarded("-ann"), guarded("ann")
        ("'=1+1", "'-ann", 'ann')
    """
    risky = text.lstrip()[:1] in FORMULA_STARTS or text[:1] in CELL_BREAKS
    return f"'{text}" if risky else text


def grades(course: Course | Path, set_name: str) -> list[Row]:
    """A row for each student of the gradebook: points as they stand there, status from the run.

    A student who handed nothing in has the status `missing` and no score.
    """
    course = Course.open(course)
    result = load_summary(course, set_name)
    marks = stored_marks(course, set_name)
    submissions = {submission.student: submission for submission in result.submissions}
    students = sorted({*stored_students(course), *submissions})
    return [
        student_row(student, result, submissions.get(student), marks.get(student))
        for student in students
    ]


def student_row(
    student: str, result: SetResult, submission: SubmissionResult | None, marks: Marks | None
) -> Row:
    """One student's row."""
    row = {"student": student, "set": result.set, "max_score": format_points(result.max_score)}
    if submission is None or marks is None:
        row["status"] = "missing"
        return row
    row["score"] = format_points(marks.score)
    row["late"] = format_points(submission.late_seconds)
    row["status"] = submission.status
    row["penalty"] = format_points(marks.penalty)
    row["final"] = format_points(marks.final)
    row["message"] = submission.message
    for name, points in marks.points.items():
        row[name] = format_points(points)
    return row


def as_csv(rows: Iterable[Row], columns: Sequence[str]) -> str:
    """Rows as CSV text, every cell quoted where it must be and none a formula."""
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(map(guarded, columns))
    for row in rows:
        writer.writerow(guarded(row.get(column, "")) for column in columns)
    return file.getvalue()


def grades_csv(course: Course | Path, set_names: Iterable[str]) -> str:
    """The CSV of one or more sets; the columns after `message` are the tests."""
    course = Course.open(course)
    rows = [row for name in set_names for row in grades(course, name)]
    tests = dict.fromkeys(name for row in rows for name in row if name not in COLUMNS)
    return as_csv(rows, [*COLUMNS, *tests])


def filled_csv(course: Course | Path, set_name: str, sheet: Path, key: str, column: str) -> str:
    """A platform's own grade sheet (Moodle, Canvas) with the final scores put into one column.

    Args:
        course: the course, or its folder.
        set_name: the problem set.
        sheet: the CSV file that the platform exported.
        key: its column that holds the student ids of this course.
        column: its column to fill; no other cell changes.

    Raises:
        UsageError: if the sheet lacks one of the columns.
    """
    scores = {row["student"]: row.get("final", "") for row in grades(course, set_name)}
    with open(sheet, encoding="utf-8-sig", newline="") as file:
        reader = csv.DictReader(file)
        columns = reader.fieldnames or []
        missing = sorted({key, column} - set(columns))
        if missing:
            raise UsageError(f"{sheet} has no column {', '.join(missing)}")
        rows = list(reader)
    for row in rows:
        row[column] = scores.get(row[key]) or row[column]
    filled = io.StringIO()
    writer = csv.DictWriter(filled, columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return filled.getvalue()

"""Grades as CSV: one row per student and set, or a column of a file that a course platform made."""

import csv
import io
from pathlib import Path

from mlpgrader.course.gradebook import course_directory, stored_marks, stored_students
from mlpgrader.errors import UsageError
from mlpgrader.reports.table import load, number

COLUMNS = ["student", "set", "score", "max_score", "late", "status", "penalty", "final", "message"]


def guarded(value):
    """A cell that no spreadsheet takes for a formula.

    Example:
        >>> guarded("=1+1"), guarded("-ann"), guarded("ann"), guarded(-1.5)
        ("'=1+1", "'-ann", 'ann', -1.5)
    """
    risky = isinstance(value, str) and value.lstrip()[:1] in set("=+-@＝＋－＠")
    risky = risky or (isinstance(value, str) and value[:1] in set("\t\r\n"))
    return f"'{value}" if risky else value


def grades(course: Path, set_name: str) -> list[dict]:
    """A row for each student of the gradebook: points as they stand there, status from the run.

    A student who handed nothing in has the status `missing` and no score.
    """
    data = load(course, set_name)
    folders = course_directory(course)
    marks = stored_marks(folders, set_name)
    runs = {each["student"]: each for each in data["submissions"]}
    students = sorted({*stored_students(folders), *runs})
    return [row(each, runs.get(each), marks.get(each), data) for each in students]


def row(student: str, run: dict | None, marks: dict | None, data: dict) -> dict:
    """One student's row."""
    start = {"student": student, "set": data["set"], "max_score": number(data["max_score"])}
    if run is None or marks is None:
        return start | {"status": "missing"}
    final = max(0.0, marks["score"] - marks["penalty"])
    filled = {
        "score": number(marks["score"]),
        "late": number(run["late_seconds"]),
        "status": run["status"],
        "penalty": number(marks["penalty"]),
        "final": number(final),
        "message": run["message"],
    }
    return start | filled | {name: number(points) for name, points in marks["points"].items()}


def as_csv(rows: list[dict], columns: list[str]) -> str:
    """Rows as CSV text, every cell quoted where it must be and none a formula."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(map(guarded, columns))
    writer.writerows([guarded(each.get(column, "")) for column in columns] for each in rows)
    return out.getvalue()


def grades_csv(course: Path, set_names: list[str]) -> str:
    """The CSV of one or more sets; the columns after `message` are the tests."""
    rows = [each for name in set_names for each in grades(course, name)]
    tests = dict.fromkeys(key for each in rows for key in each if key not in COLUMNS)
    return as_csv(rows, [*COLUMNS, *tests])


def filled_csv(course: Path, set_name: str, sheet: Path, key: str, column: str) -> str:
    """A platform's own grade sheet (Moodle, Canvas) with the final scores put into one column.

    Args:
        course: the course folder.
        set_name: the problem set.
        sheet: the CSV file that the platform exported.
        key: its column that holds the student ids of this course.
        column: its column to fill; no other cell changes.
    """
    final = {each["student"]: each.get("final", "") for each in grades(course, set_name)}
    with open(sheet, encoding="utf-8-sig", newline="") as file:
        rows = csv.DictReader(file)
        missing = {key, column} - set(rows.fieldnames or ())
        if missing:
            raise UsageError(f"{sheet} has no column {', '.join(sorted(missing))}")
        filled = [each | {column: final.get(each[key]) or each[column]} for each in rows]
    out = io.StringIO()
    writer = csv.DictWriter(out, rows.fieldnames, lineterminator="\n")
    writer.writeheader()
    writer.writerows(filled)
    return out.getvalue()

"""All sets at a glance, of a class or of one student, as the gradebook has them now."""

import contextlib
import statistics
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rich.markup import escape
from rich.table import Table

from mlpgrader.clean import plain
from mlpgrader.course.folders import Course
from mlpgrader.course.gradebook import open_gradebook
from mlpgrader.course.people.names import Person, people_of
from mlpgrader.course.rows import has_gradebook
from mlpgrader.errors import UsageError
from mlpgrader.reports.export import Row, grades
from mlpgrader.reports.table import duration, format_points

MISSING, UNREADABLE, PENDING = "–", "?", "*"
LEGEND = f"{MISSING} not handed in, {UNREADABLE} could not be read, {PENDING} a person has to grade"


@dataclass
class Overview:
    """What a class has in all sets.

    Attributes:
        sets: the points of each set by name, in the order of the due dates.
        people: all students by id.
        rows: the row of `export` of each student and set.
        problems: what could not be worked out, a line each.
    """

    sets: dict[str, float] = field(default_factory=dict)
    people: dict[str, Person] = field(default_factory=dict)
    rows: dict[str, dict[str, Row]] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)

    def of(self, student: str) -> list[Row]:
        """The rows of one student, set by set."""
        mine = self.rows.get(student, {})
        return [mine.get(name, {"set": name, "status": "missing"}) for name in self.sets]

    def total(self, student: str) -> float:
        """The points of a student in all sets; what is missing counts nothing."""
        return sum(points for row in self.of(student) if (points := points_of(row)) is not None)

    def to_json(self) -> dict[str, Any]:
        """What `mlpgrader class --json` prints."""
        return {
            "sets": [{"set": name, "max_score": most} for name, most in self.sets.items()],
            "students": [self.student_json(student) for student in self.people],
        }

    def student_json(self, student: str) -> dict[str, Any]:
        """What `mlpgrader student --json` prints."""
        person = self.people[student]
        return {
            "student": student,
            "name": person.name,
            "email": person.email,
            "total": self.total(student),
            "max_score": sum(self.sets.values()),
            "sets": [_set_json(row) for row in self.of(student)],
        }


def overview(course: Course | Path) -> Overview:
    """What the gradebook has of all sets that are graded.

    Raises:
        UsageError: if there is no gradebook, or nothing in it.
    """
    course = Course.open(course)
    found = Overview(people=people_of(course))
    for name in _sets(course):
        with contextlib.suppress(UsageError):  # nothing is recorded of it
            rows = grades(course, name, found.problems)
            found.sets[name] = max(float(row["max_score"]) for row in rows)
            for row in rows:
                found.rows.setdefault(row["student"], {})[name] = row
    if not found.sets:
        raise UsageError("no set is graded yet: run `mlpgrader grade SET` first")
    found.people |= {student: Person(student) for student in found.rows.keys() - found.people}
    found.people = dict(sorted(found.people.items()))
    return found


def class_table(found: Overview) -> Table:
    """A row for each student, a column for each set, and what the class has on the average."""
    table = Table(title=f"{len(found.people)} students, {len(found.sets)} sets", caption=LEGEND)
    has_names = any(person.name for person in found.people.values())
    table.add_column("student", no_wrap=True, overflow="ellipsis", max_width=30)
    if has_names:
        table.add_column("name", no_wrap=True, overflow="ellipsis", max_width=30)
    for name, most in found.sets.items():
        table.add_column(f"{escape(plain(name))} ({format_points(most)})", justify="right")
    table.add_column(f"all ({format_points(sum(found.sets.values()))})", justify="right")
    for student, person in found.people.items():
        points = [_points_text(row) for row in found.of(student)]
        names = [student, person.name] if has_names else [student]
        cells = [*names, *points, format_points(found.total(student))]
        table.add_row(*(escape(plain(cell)) for cell in cells))
    table.add_section()
    table.add_row("mean", *([""] if has_names else []), *_means(found), "")
    return table


def student_table(found: Overview, student: str) -> Table:
    """A row for each set of one student."""
    person = found.people[student]
    title = f"{student} ({person.name})" if person.name else student
    table = Table(title=escape(plain(title)))
    table.add_column("set", no_wrap=True)
    for name in ("score", "late", "penalty", "points"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("status")
    for row in found.of(student):
        late = float(row.get("late") or 0)
        points = row.get("final", "")
        cells = [
            row["set"],
            f"{row['score']} / {row['max_score']}" if row.get("score") else "",
            duration(late) if late else "",
            row["penalty"] if row.get("penalty", "0") != "0" else "",
            points,
            _status_text(row),
        ]
        table.add_row(*(escape(plain(cell)) for cell in cells))
    table.add_section()
    most = format_points(sum(found.sets.values()))
    table.add_row("all", "", "", "", f"{format_points(found.total(student))} / {most}", "")
    return table


def points_of(row: Row) -> float | None:
    """The points after the late penalty; None where nothing could be graded."""
    if row["status"] in ("missing", "unreadable") or not row.get("final"):
        return None
    return float(row["final"])


def _sets(course: Course) -> list[str]:
    """The names of all sets of the gradebook, those that are due first."""
    if not has_gradebook(course):
        return []
    with contextlib.closing(open_gradebook(course)) as gradebook:
        rows = [(str(row.duedate or "~"), str(row.name)) for row in gradebook.assignments]
    return [name for _, name in sorted(rows)]


def _set_json(row: Row) -> dict[str, Any]:
    numbers = ("score", "max_score", "late", "penalty", "final")
    known = {name: float(row[name]) for name in numbers if row.get(name)}
    pending = int(row.get("pending") or 0)
    message = row.get("message", "")
    texts = {"set": row["set"], "status": row["status"], "message": message, "pending": pending}
    return texts | known


def _points_text(row: Row) -> str:
    if row["status"] == "missing":
        return MISSING
    if row["status"] == "unreadable":
        return UNREADABLE
    return row.get("final", "") + (PENDING if row.get("pending") else "")


def _status_text(row: Row) -> str:
    parts = [row["status"], row.get("message", "")]
    if row.get("pending"):
        parts.append(f"{row['pending']} for a person to grade")
    return ", ".join(filter(None, parts))


def _means(found: Overview) -> list[str]:
    """The mean of each set, over those who have points in it."""
    columns = zip(*(map(points_of, found.of(student)) for student in found.people), strict=True)
    known = [[points for points in column if points is not None] for column in columns]
    return [format_points(statistics.mean(points)) if points else "" for points in known]

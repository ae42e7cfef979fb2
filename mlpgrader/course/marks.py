"""Out of nbgrader's gradebook: what each student has, whoever or whatever gave it.

Points come from *Autograde*, from `nbgrader autograde`, from `mlpgrader grade` or from a person in
formgrader: the gradebook holds them all alike, so exports and feedback ask it and no file of ours.
Lateness and its penalty are worked out anew, so that an extension shows at once.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from mlpgrader.course.folders import Course
from mlpgrader.course.penalties import Penalties, points_of
from mlpgrader.course.people.names import Person, people_in
from mlpgrader.course.rows import (
    ASSIGNMENT,
    GRADE,
    SUBMISSION,
    SUBMITTED_NOTEBOOK,
    StoredRows,
    Submission,
    SubmittedNotebook,
    connected,
)
from mlpgrader.errors import UsageError

Value = TypeVar("Value")
NO_RESPONSE = "No response."  # what nbgrader says of a solution cell that nobody changed


@dataclass
class Marks:
    """What the gradebook says of one submission, a person's grades and comments included.

    Attributes:
        points: of each graded cell by `grade_id`; none yet is zero, as nbgrader counts.
        automatic: the points that no person gave; None where there are none.
        most: what each graded cell is worth.
        extra: the extra credit in `points`, where there is some.
        pending: the cells that wait for a person.
        untouched: of one notebook, the cells for an answer that are as they were handed out.
        comments: by `grade_id` of the cell.
        penalty: the points that lateness costs.
        late_seconds: how late it was handed in, extensions granted.
        notebooks: the same of each notebook by its name.
    """

    points: dict[str, float] = field(default_factory=dict)
    automatic: dict[str, float | None] = field(default_factory=dict)
    most: dict[str, float] = field(default_factory=dict)
    extra: dict[str, float] = field(default_factory=dict)
    pending: set[str] = field(default_factory=set)
    untouched: set[str] = field(default_factory=set)
    comments: dict[str, str | None] = field(default_factory=dict)
    penalty: float = 0.0
    late_seconds: float = 0.0
    notebooks: dict[str, "Marks"] = field(default_factory=dict)

    @property
    def score(self) -> float:
        """The points of all tests."""
        return sum(self.points.values())

    @property
    def final(self) -> float:
        """The score after the late penalty."""
        return max(0.0, self.score - self.penalty)


@dataclass(frozen=True)
class StoredSet:
    """A set as the gradebook has it.

    Attributes:
        set: its name.
        max_score: the points of all its cells.
        notebooks: their names.
        people: all students of the course by id.
        marks: of each who handed in, by id.
        problems: what could not be worked out, a line each.
    """

    set: str
    max_score: float
    notebooks: list[str]
    people: dict[str, Person]
    marks: dict[str, Marks]
    problems: list[str]


def stored_set(course: Course | Path, set_name: str) -> StoredSet:
    """What the gradebook says of a set.

    Raises:
        UsageError: if nothing is recorded of it.
    """
    course = Course.open(course)
    with connected(course) as connection:
        rows = StoredRows(connection, set_name) if connection is not None else None
        if connection is None or rows is None or not rows.submissions:
            raise _not_graded(set_name)
        people = people_in(connection)
    penalties = Penalties(course)
    marks, problems = _all_marks(rows.submissions.values(), penalties)
    return StoredSet(
        set=set_name,
        max_score=sum(sum(notebook.worth.values()) for notebook in rows.notebooks.values()),
        notebooks=list(rows.notebooks),
        people=people,
        marks=marks,
        problems=problems + penalties.problems,
    )


def stored_marks(course: Course | Path, set_name: str) -> dict[str, Marks]:
    """What the gradebook says of each submission of a set, by the student's id."""
    return stored_set(course, set_name).marks


def marked_otherwise(course: Course, set_name: str) -> list[str]:
    """The students whose score is not the sum of their tests: by hand, or by a penalty."""
    is_of_set = ASSIGNMENT.c.name == set_name
    is_by_hand = GRADE.c.manual_score.is_not(None) | (GRADE.c.extra_credit > 0)
    is_penalized = SUBMITTED_NOTEBOOK.c.late_submission_penalty > 0
    wanted = (
        select(SUBMISSION.c.student_id)
        .join(ASSIGNMENT, ASSIGNMENT.c.id == SUBMISSION.c.assignment_id)
        .join(SUBMITTED_NOTEBOOK, SUBMITTED_NOTEBOOK.c.assignment_id == SUBMISSION.c.id)
        .outerjoin(GRADE, GRADE.c.notebook_id == SUBMITTED_NOTEBOOK.c.id)
        .where(is_of_set, is_by_hand | is_penalized)
        .distinct()
        .order_by(SUBMISSION.c.student_id)
    )
    with connected(course) as connection:
        return [*connection.execute(wanted).scalars()] if connection is not None else []


def _not_graded(set_name: str) -> UsageError:
    advice = f"run `mlpgrader grade {set_name}` first"
    return UsageError(f"{set_name} is not graded yet: {advice}")


def _all_marks(
    rows: Iterable[Submission], penalties: Penalties
) -> tuple[dict[str, Marks], list[str]]:
    """The marks by student, and a line for each whose rows cannot be used."""
    marks, problems = {}, []
    for row in rows:
        try:
            marks[row.student_id] = _marks(row, penalties)
        except SQLAlchemyError:  # the database is lost
            raise
        except Exception as error:
            reason = f"{type(error).__name__}: {error}"
            problems.append(f"{row.student_id}: the gradebook's rows cannot be used: {reason}")
    return marks, problems


def _marks(row: Submission, penalties: Penalties) -> Marks:
    late = row.total_seconds_late
    parts = {
        notebook.name: _marks_of_notebook(notebook, late, penalties) for notebook in row.notebooks
    }
    return _together(parts, late)


def _marks_of_notebook(notebook: SubmittedNotebook, late: float, penalties: Penalties) -> Marks:
    grades = {grade.name: grade for grade in notebook.grades}
    return Marks(
        points={name: points_of(grade) for name, grade in grades.items()},
        automatic={name: grade.auto_score for name, grade in grades.items()},
        most={name: notebook.notebook.worth[name] for name in grades},
        extra={name: grade.extra_credit for name, grade in grades.items() if grade.extra_credit},
        pending={name for name, grade in grades.items() if grade.needs_manual_grade},
        comments={each.name: each.comment for each in notebook.comments},
        untouched={each.name for each in notebook.comments if each.auto_comment == NO_RESPONSE},
        penalty=penalties.of(notebook, late) or 0.0,
        late_seconds=late,
    )


def _together(parts: dict[str, Marks], late: float) -> Marks:
    """The marks of all notebooks; a name that two of them use says which it is of."""
    uses = Counter(name for part in parts.values() for name in {*part.points, *part.comments})
    marks = Marks(late_seconds=late, notebooks=parts)
    for notebook, part in parts.items():
        called = {
            name: name if count == 1 else f"{notebook}/{name}" for name, count in uses.items()
        }
        marks.points.update(_renamed(part.points, called))
        marks.automatic.update(_renamed(part.automatic, called))
        marks.most.update(_renamed(part.most, called))
        marks.extra.update(_renamed(part.extra, called))
        marks.comments.update(_renamed(part.comments, called))
        marks.pending |= {called.get(name, name) for name in part.pending}
        marks.penalty += part.penalty
    return marks


def _renamed(values: Mapping[str, Value], called: dict[str, str]) -> dict[str, Value]:
    return {called.get(name, name): value for name, value in values.items()}

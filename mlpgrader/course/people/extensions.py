"""More time for some students: extensions in nbgrader's gradebook, whose due dates they move.

The gradebook has a place for an extension in the row of a submission. For who has handed nothing in
yet, it waits in results/ until the submission is recorded.
"""

import contextlib
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mlpgrader.course.folders import Course, one_at_a_time, write
from mlpgrader.course.gradebook import open_gradebook
from mlpgrader.course.marks import Marks, stored_marks
from mlpgrader.errors import UsageError
from mlpgrader.results import SetResult

if TYPE_CHECKING:
    from nbgrader.api import Assignment, Gradebook, SubmittedAssignment

PART = re.compile(r"(\d{1,5})\s*(weeks?|w|days?|d|hours?|h|minutes?|min)\b\s*", re.IGNORECASE)
HOURS = {"w": 7 * 24.0, "d": 24.0, "h": 1.0, "m": 1 / 60}


@dataclass(frozen=True)
class Changed:
    """What an extension changed for one student.

    Attributes:
        student: who.
        until: when it is due now, in UTC.
        late_before: seconds, before the extension.
        late: seconds, now; none yet if nothing is handed in.
        final_before: points after the late penalty, before the extension.
        final: the same now; None if nothing is graded.
    """

    student: str
    until: datetime
    late_before: float = 0.0
    late: float = 0.0
    final_before: float | None = None
    final: float | None = None

    def to_json(self) -> dict[str, Any]:
        """What `mlpgrader extend --json` prints of it."""
        return {**vars(self), "until": self.until.isoformat(sep=" ") + " UTC"}


@dataclass
class Pending:
    """The extensions of a set that wait for a submission.

    Attributes:
        file: where they are kept.
        seconds: how long each is, by student.
    """

    file: Path
    seconds: dict[str, float] = field(default_factory=dict)

    @classmethod
    def of(cls, course: Course, set_name: str) -> "Pending":
        """Those that are kept; none where that cannot be read."""
        file = course.results_folder() / ".extensions" / f"{set_name}.json"
        with contextlib.suppress(OSError, ValueError, TypeError, AttributeError):
            rows = json.loads(file.read_text(encoding="utf-8"))
            return cls(file, {str(name): float(seconds) for name, seconds in rows.items()})
        return cls(file)

    def save(self) -> None:
        """Keep what there is."""
        if self.seconds:
            write(self.file, json.dumps(self.seconds))
        else:
            self.file.unlink(missing_ok=True)


def read_duration(text: str) -> timedelta:
    """How long `2 days`, `36 h`, `1 day 12 hours`, `90 min` or `0` is.

    Raises:
        UsageError: if it says something else.

    Example:
        >>> read_duration("1 day 12 h"), read_duration("0")
        (datetime.timedelta(days=1, seconds=43200), datetime.timedelta(0))
    """
    parts = PART.findall(text)
    if text.strip() != "0" and (not parts or PART.sub("", text).strip()):
        raise UsageError(f"{text!r} is no time such as '2 days', '36 h' or '1 day 12 h'")
    hours = sum(int(count) * HOURS[unit[0].lower()] for count, unit in parts)
    return timedelta(hours=hours)


def extend(
    course: Course | Path,
    set_name: str,
    students: Iterable[str],
    *,
    by: timedelta | None = None,
    until: datetime | None = None,
) -> list[Changed]:
    """Give students more time for a set, in the place of what they had.

    Args:
        course: the course, or its folder.
        set_name: the set.
        students: their ids.
        by: how much later it is due; nothing takes an extension away.
        until: when it is due, in UTC, instead of `by`.

    Raises:
        UsageError: if the set has no due date, or it is later than `until`.
    """
    course = Course.open(course)
    before = _marks(course, set_name)
    pending = Pending.of(course, set_name)
    names = list(dict.fromkeys(students))
    with (
        one_at_a_time(course, "recording"),
        contextlib.closing(open_gradebook(course)) as gradebook,
    ):
        assignment = _assignment(gradebook, set_name)
        due = assignment.duedate
        by = _by(set_name, due, by, until)
        rows = {row.student_id: row for row in assignment.submissions}
        for student in names:
            pending.seconds.pop(student, None)
            if student in rows:
                rows[student].extension = by or None
            elif by:
                pending.seconds[student] = by.total_seconds()
        gradebook.db.commit()
        pending.save()
        after = _marks(course, set_name)
        _store_penalties([rows[student] for student in names if student in rows], after)
        gradebook.db.commit()
        until = due + by
    return [_changed(student, until, before.get(student), after.get(student)) for student in names]


def apply_pending(course: Course | Path, result: SetResult) -> None:
    """Put extensions that waited into the rows of submissions that have just been recorded.

    Sets `late_seconds` of those submissions anew.
    """
    course = Course.open(course)
    pending = Pending.of(course, result.set)
    if not pending.seconds:
        return
    with (
        one_at_a_time(course, "recording"),
        contextlib.closing(open_gradebook(course)) as gradebook,
    ):
        assignment = _assignment(gradebook, result.set)
        rows = {
            row.student_id: row
            for row in assignment.submissions
            if row.student_id in pending.seconds
        }
        for student, row in rows.items():
            row.extension = timedelta(seconds=pending.seconds.pop(student))
        gradebook.db.commit()
        _store_penalties(rows.values(), _marks(course, result.set))
        gradebook.db.commit()
        for submission in result.submissions:
            if submission.student in rows:
                submission.late_seconds = rows[submission.student].total_seconds_late
    pending.save()


def _by(set_name: str, due: datetime, by: timedelta | None, until: datetime | None) -> timedelta:
    """By how much a set is due later."""
    if until is not None:
        by = until - due
        if by <= timedelta(0):
            raise UsageError(f"{set_name} is due {due} UTC, which is not before {until} UTC")
    try:
        _ = due + (by or timedelta(0))
    except OverflowError:
        raise UsageError(f"{by} is more time than a calendar has") from None
    return by or timedelta(0)


def _assignment(gradebook: "Gradebook", set_name: str) -> "Assignment":
    from nbgrader.api import MissingEntry  # slow to import

    with contextlib.suppress(MissingEntry):
        assignment = gradebook.find_assignment(set_name)
        if assignment.duedate is not None:
            return assignment
    raise UsageError(
        f"{set_name} has no due date: set it in formgrader, or by `nbgrader db assignment add "
        f'{set_name} --duedate="2026-03-06 18:00 UTC"`'
    )


def _marks(course: Course, set_name: str) -> dict[str, Marks]:
    with contextlib.suppress(UsageError):  # nothing is graded
        return stored_marks(course, set_name)
    return {}


def _store_penalties(rows: "Iterable[SubmittedAssignment]", marks: dict[str, Marks]) -> None:
    """Put penalties as they are now where formgrader shows them."""
    for row in rows:
        for notebook in row.notebooks:
            parts = marks[row.student_id].notebooks if row.student_id in marks else {}
            if notebook.name in parts:
                notebook.late_submission_penalty = parts[notebook.name].penalty or None


def _changed(student: str, until: datetime, before: Marks | None, after: Marks | None) -> Changed:
    if before is None or after is None:
        return Changed(student, until)
    return Changed(
        student, until, before.late_seconds, after.late_seconds, before.final, after.final
    )

"""A graded set on its way into the gradebook: what is held back, copied before, and recorded.

Grades that change though the hand-in did not wait for somebody who accepts them, whichever command
graded; and before grades that are there change, a copy of the gradebook is kept.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

from mlpgrader.course.copies import keep_copy
from mlpgrader.course.folders import Course
from mlpgrader.course.gradebook import record
from mlpgrader.course.people.extensions import apply_pending
from mlpgrader.course.regrade import Regrade, regrade_of
from mlpgrader.reports.regrade import change_text
from mlpgrader.results import SetResult
from mlpgrader.runner.store import save_summary

NO_COPY = "grades change, and no copy is kept: the gradebook is no SQLite file"
Say = Callable[[str], None]


@dataclass(frozen=True)
class Parted:
    """A result, parted into what can be recorded and what waits.

    Attributes:
        ready: the result without those who wait.
        held: why each of the others waits, by student.
    """

    ready: SetResult
    held: dict[str, str]


def held_back(
    course: Course, result: SetResult, say: Say, *, only_diff: bool = False, accept: bool = False
) -> Regrade | None:
    """What a result would change, if it is not to be recorded; None if it is.

    Then a copy of the gradebook is kept, if grades that are there are going to change.

    Args:
        course: the course.
        result: the graded set.
        say: told that no copy can be kept.
        only_diff: hold it back whatever it changes.
        accept: hold nothing back.
    """
    found = regrade_of(course, result)
    if only_diff or (found.needs_consent and not accept):
        return found
    _keep_copy_before(course, found, say)
    return None


def part(course: Course, result: SetResult, say: Say) -> Parted:
    """Set aside the students whose grades would change though their hand-ins did not.

    All wait where cells are worth other points: that changes the grades of the whole class.
    """
    found = regrade_of(course, result)
    held = _reasons(found, result)
    ready = [row for row in result.submissions if row.student not in held]
    if ready:
        changes = [change for change in found.changes if change.student not in held]
        _keep_copy_before(course, replace(found, changes=changes), say)
    return Parted(replace(result, submissions=ready), held)


def record_result(
    course: Course, result: SetResult, progress: Callable[[int, int], None] | None = None
) -> list[str]:
    """Keep a result and write it into the gradebook; give what went wrong, a line each."""
    try:
        problems = record(course, result, progress=progress)
        apply_pending(course, result)
    finally:  # with lateness, which the gradebook knows; and where it cannot be recorded
        save_summary(course, result)
    return problems


def _keep_copy_before(course: Course, found: Regrade, say: Say) -> None:
    if (found.changes or found.worth) and keep_copy(course, found.set) is None:
        say(NO_COPY)


def _reasons(found: Regrade, result: SetResult) -> dict[str, str]:
    """Why students wait, and what ends that."""
    cure = f"to record it: mlpgrader grade {found.set} --accept"
    if found.worth:
        cells = ", ".join(one.grade_id for one in found.worth)
        text = f"other points are given for {cells}; {cure}"
        return {row.student: text for row in result.submissions}
    by_student: dict[str, list[str]] = {}
    for change in found.regraded:
        by_student.setdefault(change.student, []).append(change_text(change))
    return {
        student: f"the hand-in is as it was, and {', '.join(changes)}; {cure}"
        for student, changes in by_student.items()
    }

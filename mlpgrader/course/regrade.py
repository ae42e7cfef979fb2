"""What recording a run would change of the grades that the gradebook holds.

A student who hands in anew expects another grade. One who did not, and gets another since a test
was mended, is owed a reason: such changes are shown first, and recorded when somebody accepts them.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from mlpgrader.course.folders import Course
from mlpgrader.course.recorded import Receipt, read_recorded
from mlpgrader.course.rows import StoredRows, Submission, SubmittedNotebook, connected
from mlpgrader.results import SetResult, SubmissionResult, TestResult


@dataclass(frozen=True)
class Change:
    """Other points of a cell; None waits for a person.

    Attributes:
        student: whose.
        grade_id: nbgrader's name of the cell.
        notebook: the notebook that it is in.
        before: the points that the gradebook holds.
        after: those of the run.
        same_hand_in: whether the student's file is the one that was graded before.
    """

    student: str
    grade_id: str
    notebook: str
    before: float | None
    after: float | None
    same_hand_in: bool

    @property
    def gain(self) -> float:
        """The points that the student gains; what waits for a person counts as nothing."""
        return (self.after or 0.0) - (self.before or 0.0)


@dataclass(frozen=True)
class Worth:
    """Other points that a cell is worth."""

    grade_id: str
    notebook: str
    before: float
    after: float


@dataclass
class Regrade:
    """What a run would change.

    Attributes:
        set: the set.
        unchanged: how many hand-ins were judged anew, as they were, and keep their grades.
        changes: of points, those for other hand-ins included.
        worth: of what cells are worth.
    """

    set: str
    unchanged: int = 0
    changes: list[Change] = field(default_factory=list)
    worth: list[Worth] = field(default_factory=list)

    @property
    def regraded(self) -> list[Change]:
        """The changes that nobody's hand-in accounts for."""
        return [change for change in self.changes if change.same_hand_in]

    @property
    def needs_consent(self) -> bool:
        """Whether somebody has to accept it before it is recorded."""
        return bool(self.regraded or self.worth)

    def to_json(self) -> dict[str, Any]:
        """What `mlpgrader grade --json` prints of it."""
        changes = [dict(vars(change)) for change in self.changes]
        return {**vars(self), "changes": changes, "worth": [dict(vars(one)) for one in self.worth]}


def regrade_of(course: Course, result: SetResult) -> Regrade:
    """What recording a result would change; what a person gave stays, and is no change."""
    found = Regrade(result.set)
    with connected(course) as connection:
        if connection is None:
            return found
        rows = StoredRows(connection, result.set)
    recorded = read_recorded(course, result.set)
    if not _has_same_cells(rows, result):
        return found  # recording will refuse it, and say why
    for submission in result.submissions:
        row = rows.submissions.get(submission.student)
        if row is not None:
            old = recorded.get(submission.student)
            _compare(found, row, submission, old.receipts if old else {}, result.versions)
    if rows.submissions:
        found.worth = list(_changes_of_worth(rows, result))
    return found


def _has_same_cells(rows: StoredRows, result: SetResult) -> bool:
    """Whether the tests are those of the gradebook."""
    graded = [row for row in result.submissions if row.tests][:1]
    for name, notebook in rows.notebooks.items():
        for submission in graded:
            tests = _tests_of(submission, name)
            if tests and {test.grade_id for test in tests} != notebook.worth.keys():
                return False
    return True


def _part_of(submission: SubmissionResult, notebook: str) -> SubmissionResult | None:
    """The result of a notebook; None if the set no longer has it."""
    if submission.notebooks:
        return submission.notebooks.get(notebook)
    return submission


def _tests_of(submission: SubmissionResult, notebook: str) -> list[TestResult]:
    part = _part_of(submission, notebook)
    return part.tests if part is not None else []


def _compare(
    found: Regrade,
    row: Submission,
    submission: SubmissionResult,
    receipts: dict[str, Receipt],
    versions: dict[str, str],
) -> None:
    changes: list[Change] = []
    is_regraded = False
    for notebook in row.notebooks:
        part = _part_of(submission, notebook.name)
        if part is None:
            continue
        same = _is_judged_anew(receipts.get(notebook.name), part, versions)
        is_regraded |= same
        changes += _changes_of(notebook, part, same_hand_in=same)
    found.changes += changes
    if is_regraded and not any(change.same_hand_in for change in changes):
        found.unchanged += 1


def _is_judged_anew(
    receipt: Receipt | None, part: SubmissionResult, versions: dict[str, str]
) -> bool:
    """Whether the same file was judged by something else than before."""
    if receipt is None or not part.hand_in or receipt.hand_in != part.hand_in:
        return False
    return (receipt.plan, receipt.versions) != (part.plan, versions)


def _changes_of(
    notebook: SubmittedNotebook, part: SubmissionResult, *, same_hand_in: bool
) -> Iterator[Change]:
    points = {test.grade_id: _points(test) for test in part.tests if test.judged != "by-hand"}
    is_open = part.status == "unreadable"  # then all waits for a person
    for grade in notebook.grades:
        is_persons = grade.manual_score is not None
        after = points.get(grade.name, None if is_open else grade.auto_score)
        if after != grade.auto_score and not is_persons:
            yield Change(
                notebook.student_id,
                grade.name,
                notebook.name,
                grade.auto_score,
                after,
                same_hand_in,
            )


def _points(test: TestResult) -> float | None:
    return None if test.status in ("error", "pending") else test.points


def _changes_of_worth(rows: StoredRows, result: SetResult) -> Iterator[Worth]:
    graded = next((row for row in result.submissions if row.tests), None)
    for name, notebook in rows.notebooks.items():
        for test in _tests_of(graded, name) if graded else ():
            before = notebook.worth[test.grade_id]
            if before != test.max_points:
                yield Worth(test.grade_id, name, before, test.max_points)

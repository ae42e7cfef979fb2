"""Verdicts before the due date: grades what arrives, returns the page, counts each student's tries.

A try is a text that was graded: its cells, not its outputs. Handing in an earlier text again costs
none, nor does what could not be read, and nothing that went wrong on our side. What is up for
review costs none either, and its page waits for a person, or it would be a try for nothing. What
arrives after the last try waits for `mlpgrader grade`; the page stays that of the last try. So does
a grade that would change though the hand-in is as it was: it is said, costs none, and is not
recorded (`recording.py`).

Tries are kept in results/.watch/, written in one step, after the page: a run that is killed in
between grades that text once more and counts it once. Verdicts that are deleted give no try back.
"""

import contextlib
import hashlib
import itertools
import json
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

from mlpgrader.assignment.plan import Plan
from mlpgrader.assignment.submission import submitted_cells, submitted_modules
from mlpgrader.course.folders import Course, files_of, one_at_a_time, students, write
from mlpgrader.course.sources import plans_of
from mlpgrader.course.submitted import read_notebook
from mlpgrader.errors import UnreadableError, UsageError
from mlpgrader.results import SetResult, SubmissionResult
from mlpgrader.runner.grade import GradeOptions, grade_set

What = Literal["graded", "unreadable", "review", "held back", "no tries left", "failed"]


@dataclass
class Tries:
    """What a student has used up.

    Attributes:
        used: the hashes of the texts that were graded.
        last: the hash of the text that was dealt with last.
    """

    used: list[str] = field(default_factory=list)
    last: str = ""


@dataclass(frozen=True)
class Event:
    """What became of a hand-in.

    Attributes:
        student: whose it is; nobody's where a whole round failed.
        what: what happened.
        tries: how many are used now.
        score: the points, where it was graded.
        message: what somebody should know.
    """

    student: str
    what: What
    tries: int = 0
    score: float | None = None
    message: str = ""

    @property
    def is_to_look_at(self) -> bool:
        """Whether somebody has to look at it."""
        return self.what in ("unreadable", "review", "held back", "failed")

    def to_json(self) -> dict[str, Any]:
        """A line of what `mlpgrader watch --json` prints."""
        return asdict(self)


@dataclass(frozen=True)
class Graded:
    """What grading some students came to.

    Attributes:
        result: of all of them.
        problems: what went wrong, a line each.
        held: those whose grades are not recorded, and why.
    """

    result: SetResult
    problems: list[str] = field(default_factory=list)
    held: dict[str, str] = field(default_factory=dict)


Grade = Callable[[tuple[str, ...]], Graded]


class Watch:
    """Looks for hand-ins of a set, round by round.

    Args:
        course: the course.
        set_name: the set.
        tries: how many a student has; None for any number.
        grade: grades some students, records those who are not held back, and writes their pages.
    """

    def __init__(self, course: Course, set_name: str, tries: int | None, grade: Grade):
        self._course = course
        self._set = set_name
        self._most = tries
        self._grade = grade
        self._file = course.results_folder() / ".watch" / f"{set_name}.json"
        self._rows = _read_rows(self._file)
        self._looks: dict[str, list[Any]] = {}

    def round(self) -> Iterator[Event]:
        """Deal with what has arrived, and has not changed since the round before."""
        wanted: dict[str, str] = {}
        try:
            arrived = self._arrived()
        except (UsageError, OSError) as error:  # the source may be half-written just now
            yield Event("", "failed", message=str(error))
            return
        for student, key in arrived.items():
            row = self._rows.setdefault(student, Tries())
            if key not in row.used and self._most is not None and len(row.used) >= self._most:
                row.last = key
                self._save()
                yield Event(student, "no tries left", len(row.used))
            else:
                wanted[student] = key
        if wanted:
            yield from self._graded(wanted)

    def _arrived(self) -> dict[str, str]:
        """The hash of each text that is new, and whole: nobody writes at it any more."""
        before, self._looks = self._looks, dict(_looks(self._course, self._set))
        still = [name for name, look in self._looks.items() if before.get(name) == look]
        plans = plans_of(self._course, self._set)
        keys = {name: key_of_text(self._course, self._set, plans, name) for name in still}
        return {
            name: key for name, key in keys.items() if self._rows.get(name, Tries()).last != key
        }

    def _graded(self, wanted: dict[str, str]) -> Iterator[Event]:
        try:
            graded = self._grade(tuple(wanted))
        except Exception as error:  # ours, or the machine's: it costs no try, and is tried again
            yield Event("", "failed", message=f"{type(error).__name__}: {error}")
            return
        events = [
            self._event(row, wanted[row.student], graded) for row in graded.result.submissions
        ]
        self._save()
        yield from events
        yield from (Event("", "failed", message=problem) for problem in graded.problems)

    def _event(self, row: SubmissionResult, key: str, graded: Graded) -> Event:
        """Count what was graded, and tell of it."""
        tries = self._rows[row.student]
        tries.last = key
        if row.student in graded.held:
            message = graded.held[row.student]
            return Event(row.student, "held back", len(tries.used), message=message)
        if row.status == "graded" and key not in tries.used:
            tries.used.append(key)
        score = row.score if row.status != "unreadable" else None
        return Event(row.student, row.status, len(tries.used), score, row.message)

    def _save(self) -> None:
        write(self._file, json.dumps({name: asdict(row) for name, row in self._rows.items()}))


def watch(
    course: Course | Path,
    set_name: str,
    options: GradeOptions,
    *,
    tries: int | None = None,
    every: float = 10.0,
    rounds: int | None = None,
) -> Iterator[Event]:
    """Grade what arrives, and tell of each hand-in.

    Args:
        course: the course, or its folder.
        set_name: the set.
        options: how to grade.
        tries: how many a student has; None for any number.
        every: seconds between two rounds.
        rounds: after how many to end; never where None. The first only looks.

    Raises:
        UsageError: if there is no such set, or another command watches it.
    """
    course = Course.open(course)
    plans_of(course, set_name)  # it can be graded
    with one_at_a_time(course, f"watching-{set_name}", wait=False):
        one = Watch(course, set_name, tries, grader(course, set_name, options))
        for number in itertools.count(1):
            yield from one.round()
            if number == rounds:
                return
            time.sleep(every)


def grader(course: Course, set_name: str, options: GradeOptions) -> Grade:
    """What grades, records and returns the hand-ins of some students."""
    from mlpgrader.recording import part, record_result
    from mlpgrader.reports.feedback import write_feedback

    def grade(names: tuple[str, ...]) -> Graded:
        result = grade_set(course, set_name, replace(options, students=names))
        problems: list[str] = []
        parted = part(course, result, problems.append)
        rows = parted.ready.submissions
        if rows:
            problems += record_result(course, parted.ready)
            shown = [row.student for row in rows if row.status != "review"]
            write_feedback(course, set_name, students=shown, problems=problems)
        return Graded(result, problems, parted.held)

    return grade


def key_of_text(course: Course, set_name: str, plans: Iterable[Plan], student: str) -> str:
    """A hash of what counts of a hand-in: its cells and modules, or why it cannot be read."""
    parts: list[Any] = []
    for plan in plans:
        try:
            text = read_notebook(course, student, set_name, plan.set_name).text
            cells = [cell[:3] for cell in submitted_cells(plan, text)]
            parts.append([cells, submitted_modules(text)])
        except UnreadableError as reason:
            parts.append(str(reason))
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


def _looks(course: Course, set_name: str) -> Iterator[tuple[str, list[Any]]]:
    """Name, size and time of each file of each student, by which a change shows."""
    with contextlib.suppress(UsageError):  # nobody has handed anything in
        for student in students(course, set_name):
            folder = course.submitted_folder(student, set_name)
            look: list[Any] = []
            for file in files_of(course, student, set_name):
                with contextlib.suppress(OSError):
                    status = (folder / file).lstat()
                    look.append((str(file), status.st_size, status.st_mtime_ns))
            yield student, look


def _read_rows(file: Path) -> dict[str, Tries]:
    """What each student has used up.

    Raises:
        UsageError: if it is there and cannot be read: nobody should get tries by that.
    """
    if not file.exists():
        return {}
    try:
        rows = json.loads(file.read_text(encoding="utf-8"))
        return {
            name: Tries([str(key) for key in row["used"]], str(row["last"]))
            for name, row in rows.items()
        }
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        raise UsageError(f"{file} cannot be read: mend it, or remove it to count anew") from None

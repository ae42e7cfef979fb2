"""A page on how a class did in a set, for its teacher: pictures first, then what to look at.

It is one HTML file that loads nothing and runs nothing, made from the template `class_page.html`.
Points are the gradebook's, a person's among them; what tests met besides, such as a time limit or
the kind of a mistake, comes from our own last run where its points still stand.
"""

import itertools
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jinja2

from mlpgrader.course.folders import Course, write
from mlpgrader.course.marks import Marks, StoredSet, stored_set
from mlpgrader.course.people.names import Person
from mlpgrader.course.sources import plans_of
from mlpgrader.errors import UsageError
from mlpgrader.inside.messages import Status
from mlpgrader.reports import items
from mlpgrader.reports.items import Item, Pair, Summary
from mlpgrader.reports.standing import last_run, standing_of
from mlpgrader.reports.templates import environment
from mlpgrader.results import SubmissionResult, TestResult

SLOW = 3  # times the median from which a submission counts as slow
SLOW_SECONDS = 2.0  # and from which it is worth a word
SCHEMA_VERSION = 1
STOPPED: tuple[Status, ...] = ("timeout", "limit", "crashed", "error")
MOST_MISTAKES = 3  # of one test


@dataclass(frozen=True)
class Row:
    """One test with what is known of it.

    Attributes:
        item: how the class did.
        about: the property that it tests, in words.
        exercise: the `grade_id` of the exercise it belongs to.
        mistakes: the kinds of mistake that failed it, the most frequent first.
    """

    item: Item
    about: str
    exercise: str
    mistakes: list[tuple[str, int]]


@dataclass(frozen=True)
class CountedMistake:
    """A known mistake and how many made it.

    Attributes:
        exercise: the `grade_id` of the exercise.
        mistake: what is wrong, in the words of the set's author.
        says: what the students are told; "" if nothing.
        count: how many they are.
    """

    exercise: str
    mistake: str
    says: str
    count: int


@dataclass(frozen=True)
class ClassReport:
    """What the page says of a class.

    Attributes:
        set: the problem set.
        max_score: its points.
        summary: the scores, before late penalties.
        rows: of each test, in the order of the set.
        pairs: the tests that the same students fail.
        mistakes: those that are known, the most frequent of each exercise first.
        to_look_at: students whose submission somebody should look at, and why.
        late: how many hours late, by student.
        missing: who handed nothing in.
        pending: how many grades a person has yet to give, by student.
    """

    set: str
    max_score: float
    summary: Summary
    rows: list[Row]
    pairs: list[Pair]
    mistakes: list[CountedMistake]
    to_look_at: list[tuple[str, str]]
    late: dict[str, float]
    missing: list[str]
    pending: dict[str, int]

    @property
    def is_small(self) -> bool:
        """Whether the class is too small to say more of its tests than who passed."""
        return self.summary.count < items.FEW

    @property
    def exercises(self) -> list[list[Row]]:
        """The rows of each exercise."""
        return [list(rows) for _, rows in itertools.groupby(self.rows, lambda row: row.exercise)]

    @property
    def advised(self) -> list[Row]:
        """The tests with advice."""
        return [row for row in self.rows if row.item.advice]

    def to_json(self) -> dict[str, Any]:
        """What `mlpgrader report --json` prints."""
        return {
            "schema_version": SCHEMA_VERSION,
            "set": self.set,
            "max_score": self.max_score,
            "scores": vars(self.summary),
            "tests": [
                {
                    "grade_id": row.item.name,
                    "about": row.about,
                    "passed": row.item.passed,
                    "count": row.item.count,
                    "mean": row.item.mean,
                    "discrimination": row.item.discrimination,
                    "mistakes": dict(row.mistakes),
                    "advice": row.item.advice,
                }
                for row in self.rows
            ],
            "failing_together": [vars(pair) for pair in self.pairs],
            "known_mistakes": [vars(mistake) for mistake in self.mistakes],
            "to_look_at": dict(self.to_look_at),
            "late_hours": self.late,
            "missing": self.missing,
            "pending": self.pending,
        }


def class_report(course: Course | Path, set_name: str) -> ClassReport:
    """How a class did in a set, as the gradebook has it.

    Raises:
        UsageError: if nothing is recorded of the set, or nothing that could be read.
    """
    course = Course.open(course)
    stored = stored_set(course, set_name)
    runs = _current_runs(course, stored)
    read = {
        student: marks
        for student, marks in stored.marks.items()
        if runs[student].status != "unreadable"
    }
    if not read or not stored.max_score:
        raise UsageError(f"{set_name}: there are no points to report on yet")
    most = _worth(read.values())
    scores = {student: marks.points for student, marks in read.items()}
    words, exercise = words_of(course, set_name)
    mistakes = _mistakes(runs.values())
    return ClassReport(
        set=set_name,
        max_score=stored.max_score,
        summary=items.summary([marks.score for marks in read.values()], stored.max_score),
        rows=[
            Row(
                item=item,
                about=words.get(item.name, item.name),
                exercise=exercise.get(item.name, item.name),
                mistakes=mistakes.get(item.name, Counter()).most_common(MOST_MISTAKES),
            )
            for item in items.items(scores, most)
        ],
        pairs=items.failing_together(scores, most, exercise),
        mistakes=_known_mistakes(runs.values()),
        to_look_at=sorted(_to_look_at(runs)),
        late={
            student: marks.late_seconds / 3600
            for student, marks in stored.marks.items()
            if marks.late_seconds
        },
        missing=sorted(_named(stored.people[id_]) for id_ in {*stored.people} - {*stored.marks}),
        pending={s: len(marks.pending) for s, marks in stored.marks.items() if marks.pending},
    )


def write_class_page(course: Course | Path, report: ClassReport, to: Path | None = None) -> Path:
    """Write the page of a class, by default beside the set's results, and give its path."""
    path = to or Course.open(course).results_folder() / f"{report.set}.html"
    highest = max(report.summary.bins)
    return write(path, template().render(report=report, highest=highest, few=items.FEW))


def template() -> jinja2.Template:
    """The page's template."""
    return environment().get_template("class_page.html")


def _current_runs(course: Course, stored: StoredSet) -> dict[str, SubmissionResult]:
    """How each student stands; tests and seconds only where our last run still holds."""
    runs = last_run(course, stored.set)
    current = {}
    for student, marks in stored.marks.items():
        row = runs.get(student)
        standing = standing_of(course, stored.set, student, marks, row)
        holds = row is not None and (row.status, row.message) == standing
        if row is None or not holds:
            row = SubmissionResult(student, standing.status, standing.message, 0.0, 0.0)
        current[student] = row
    return current


def _worth(marks: Iterable[Marks]) -> dict[str, float]:
    """What each test is worth, in the order in which the set has them."""
    return {name: points for each in marks for name, points in each.most.items()}


def words_of(course: Course, set_name: str) -> tuple[dict[str, str], dict[str, str]]:
    """The property of each test in words, and the exercise it belongs to; none without a source."""
    try:
        tests = [cell for plan in plans_of(course, set_name) for cell in plan.graded]
    except UsageError:
        return {}, {}
    about = {cell.grade_id: " ".join(cell.about.split()) for cell in tests}
    return about, {cell.grade_id: cell.function or cell.grade_id for cell in tests}


def _mistakes(runs: Iterable[SubmissionResult]) -> dict[str, Counter[str]]:
    """How often each test was failed by each kind of mistake."""
    found: dict[str, Counter[str]] = {}
    for test in itertools.chain.from_iterable(run.tests for run in runs):
        kind = _kind(test)
        if kind:
            found.setdefault(test.grade_id, Counter())[kind] += 1
    return found


def _known_mistakes(runs: Iterable[SubmissionResult]) -> list[CountedMistake]:
    """The known mistakes, by exercise in the order in which they were met, then by frequency."""
    made = [mistake for run in runs for mistake in run.mistakes]
    order = list(dict.fromkeys(mistake.exercise for mistake in made))
    counts = Counter((mistake.exercise, mistake.mistake, mistake.says) for mistake in made)
    counted = [CountedMistake(*words, count) for words, count in counts.most_common()]
    return sorted(counted, key=lambda mistake: order.index(mistake.exercise))


def _kind(test: TestResult) -> str:
    if test.status in STOPPED:
        return test.status
    return test.reason or ""


def _to_look_at(runs: Mapping[str, SubmissionResult]) -> Iterator[tuple[str, str]]:
    """Students whose submission met more than a wrong value, and what it met."""
    seconds = sorted(run.seconds for run in runs.values())
    slow = max(SLOW * seconds[len(seconds) // 2], SLOW_SECONDS)
    for student, run in runs.items():
        words = [*_odd_standing(run), *_stopped_tests(run)]
        if run.seconds > slow:
            words.append(f"took {run.seconds:.1f} s")
        if words:
            yield student, ", ".join(words)


def _odd_standing(run: SubmissionResult) -> list[str]:
    if run.message:
        return [f"{run.status}: {run.message}"]
    return [] if run.status == "graded" else [run.status]


def _stopped_tests(run: SubmissionResult) -> list[str]:
    counts = Counter(test.status for test in run.tests)
    return [f"{counts[status]} {status}" for status in STOPPED if counts[status]]


def _named(person: Person) -> str:
    """A student's id, with the name where the gradebook has one."""
    return f"{person.id} ({person.name})" if person.name else person.id

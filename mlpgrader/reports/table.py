"""What a graded set comes to, as tables for the terminal."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from rich.markup import escape
from rich.table import Table

from mlpgrader.clean import plain, visible
from mlpgrader.inside.messages import Status
from mlpgrader.reports.items import summary
from mlpgrader.results import SetResult, SubmissionResult, VerifyResult

if TYPE_CHECKING:
    from mlpgrader.course.people.alike import Alike
    from mlpgrader.course.people.extensions import Changed  # slow to load, and seldom shown

UNITS = {"day": 86400, "h": 3600, "min": 60, "s": 1}  # seconds
MOST_FAILED = 5  # tests in the table
MOST_MISTAKES = 8
MOST_NAMED = 5  # students in a line
MOST_GROUPS = 40  # of equal answers in the table
MOST_PAIRS = 20
WORTH_SAYING: tuple[Status, ...] = ("timeout", "limit", "crashed", "error")


def format_points(value: float) -> str:
    """Points without needless zeros.

    Example:
        >>> format_points(2.0), format_points(0.5)
        ('2', '0.5')
    """
    return f"{value:.2f}".rstrip("0").rstrip(".")


def duration(seconds: float) -> str:
    """A time in the two largest units that it takes.

    Example:
        >>> duration(237600), duration(3600), duration(95), duration(0.4)
        ('2 days 18 h', '1 h', '1 min 35 s', '0 s')
    """
    left = int(seconds)
    largest = next((number for number, unit in enumerate(UNITS) if left >= UNITS[unit]), 3)
    words = []
    for unit in list(UNITS)[largest : largest + 2]:
        count, left = divmod(left, UNITS[unit])
        words.append(f"{count} {unit}s" if unit == "day" and count > 1 else f"{count} {unit}")
    return " ".join(word for word in words if word[:2] != "0 ") or "0 s"


def shortened(students: Sequence[str]) -> str:
    """The first few students of many, and how many others there are.

    Example:
        >>> shortened(["ada", "bob"]), shortened([f"s{k}" for k in range(9)])
        ('ada, bob', 's0, s1, s2, s3, s4 and 4 others')
    """
    others = len(students) - MOST_NAMED
    if others < 2:
        return ", ".join(students)
    return f"{', '.join(students[:MOST_NAMED])} and {others} others"


def submissions_table(result: SetResult, names: Mapping[str, str] | None = None) -> Table:
    """Students with their scores, how late they are, and what went wrong.

    Args:
        result: how the set was graded.
        names: full names by student, where they are known.
    """
    names = {student: name for student, name in (names or {}).items() if name}
    title = f"{result.set}: {len(result.submissions)} submissions"
    table = Table(title=title, caption=scores_text(result) or None)
    table.add_column("student", no_wrap=True, overflow="ellipsis", max_width=40)
    if names:
        table.add_column("name", no_wrap=True, overflow="ellipsis", max_width=40)
    table.add_column("score", justify="right", no_wrap=True)
    table.add_column("late", justify="right", no_wrap=True)
    table.add_column("status")
    for submission in result.submissions:
        cells = [submission.student]
        if names:
            cells.append(names.get(submission.student, ""))
        cells += [score_text(submission), late_text(submission), status_text(submission)]
        table.add_row(*(escape(plain(cell)) for cell in cells))
    return table


def scores_text(result: SetResult) -> str:
    """The mean and the spread of the scores of all that could be read."""
    scores = [row.score for row in result.submissions if row.status != "unreadable"]
    if len(scores) < 2 or result.max_score <= 0:
        return ""
    found = summary(scores, result.max_score)
    mean, spread = format_points(found.mean), format_points(found.spread)
    return f"mean {mean} of {format_points(result.max_score)}, standard deviation {spread}"


def findings_table(result: VerifyResult) -> Table | None:
    """What proving a set has found, errors first; none if it is nothing."""
    if not result.findings:
        return None
    table = Table(title=f"{result.set}: what was found")
    table.add_column("")
    table.add_column("rule", no_wrap=True)
    table.add_column("cell")
    table.add_column("what")
    advice = [finding for finding in result.findings if finding.level != "error"]
    for finding in [*result.errors, *advice]:
        cells = (finding.level, finding.rule, finding.cell, finding.text)
        table.add_row(*(escape(plain(cell)) for cell in cells))
    return table


def verify_summary(result: VerifyResult) -> str:
    """How much was tried, and whether the set can be released.

    Example:
        >>> verify_summary(VerifyResult("means", 8.0, 0.25, 12, 40))
        'means: fit to be released; 8 points, 0.25 s for the reference, 12 answers, 40 mutants'
    """
    fit = "not fit" if result.errors else "fit"
    return (
        f"{result.set}: {fit} to be released; {format_points(result.max_score)} points, "
        f"{result.seconds:.2f} s for the reference, {result.answers} answers, "
        f"{result.mutants} mutants"
    )


def groups_table(found: "Alike") -> Table | None:
    """Which students have equal answers, and how much that says; none if nobody has."""
    if not found.groups:
        return None
    caption = "short: chance is enough; usual: many wrote it, so it may belong to variants/"
    table = Table(
        title=f"{found.set}: equal answers of {found.handed_in} hand-ins", caption=caption
    )
    table.add_column("exercise", no_wrap=True)
    for name in ("tokens", "equal", "other forms"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("says", no_wrap=True)
    table.add_column("students")
    for group in found.groups[:MOST_GROUPS]:
        says = f"{group.meaning}, to the letter" if group.to_the_letter else group.meaning
        counts = (group.tokens, len(group.students), group.others)
        cells = [group.cell, *map(str, counts), says, ", ".join(group.students)]
        table.add_row(*(escape(plain(cell)) for cell in cells))
    return table


def pairs_table(found: "Alike") -> Table | None:
    """Who has several equal answers with whom; none if nobody has."""
    if not found.pairs:
        return None
    table = Table(title="several in common")
    table.add_column("students")
    table.add_column("tokens", justify="right")
    table.add_column("exercises")
    for pair in found.pairs[:MOST_PAIRS]:
        cells = [", ".join(pair.students), str(pair.tokens), ", ".join(pair.cells)]
        table.add_row(*(escape(plain(cell)) for cell in cells))
    return table


def extension_text(changed: "Changed") -> str:
    """When something is due for a student, and what that changes.

    Example:
        >>> from datetime import datetime
        >>> from mlpgrader.course.people.extensions import Changed
        >>> extension_text(Changed("ann", datetime(2026, 3, 8, 18), 7200, 0, 0.0, 19.5))
        'ann: until 2026-03-08 18:00 UTC; late by 2 h → 0 s; 0 → 19.5 points'
        >>> extension_text(Changed("bob", datetime(2026, 3, 8, 18)))
        'bob: until 2026-03-08 18:00 UTC'
    """
    parts = [f"{changed.student}: until {changed.until:%Y-%m-%d %H:%M} UTC"]
    if changed.late_before or changed.late:
        parts.append(f"late by {duration(changed.late_before)} → {duration(changed.late)}")
    if changed.final is not None and changed.final_before != changed.final:
        before = format_points(changed.final_before or 0.0)
        parts.append(f"{before} → {format_points(changed.final)} points")
    return "; ".join(parts)


def event_text(what: str, student: str, score: float | None, tries: str, message: str) -> str:
    r"""What became of a hand-in, in one line.

    Example:
        >>> event_text("graded", "ann", 19.5, "2 of 3 tries", "")
        'ann: graded, 19.5 points, 2 of 3 tries'
        >>> event_text("unreadable", "ann", None, "", "no\nbob: graded, 20 points")
        'ann: unreadable, no bob: graded, 20 points'
    """
    points = "" if score is None else f"{format_points(score)} points"
    one_line = " ".join(plain(message).split())  # names of files may hold more
    return f"{visible(student)}: " + ", ".join(filter(None, [what, points, tries, one_line]))


def score_text(submission: SubmissionResult) -> str:
    """The points of a submission, and how many there are."""
    return f"{format_points(submission.score)} / {format_points(submission.max_score)}"


def late_text(submission: SubmissionResult) -> str:
    """How late a submission is; nothing if it is in time."""
    return duration(submission.late_seconds) if submission.late_seconds else ""


def status_text(submission: SubmissionResult) -> str:
    """The state of a submission in words: graded, or why not, and what its tests met."""
    message = plain(submission.message)
    if submission.status == "unreadable":
        return f"not graded: {message}"
    counts = Counter(test.status for test in submission.tests)
    words: list[str] = [submission.status]
    words += [f"{counts[status]} {status}" for status in WORTH_SAYING if counts[status]]
    if message:
        words.append(message)
    return ", ".join(words)


def mistakes_table(result: SetResult) -> Table | None:
    """The known mistakes that most students made, if any did."""
    made = [mistake for submission in result.submissions for mistake in submission.mistakes]
    counts = Counter((mistake.exercise, mistake.mistake) for mistake in made)
    if not counts:
        return None
    table = Table(title="known mistakes")
    table.add_column("exercise")
    table.add_column("mistake")
    table.add_column("students", justify="right")
    for (exercise, mistake), count in counts.most_common(MOST_MISTAKES):
        table.add_row(escape(plain(exercise)), escape(plain(mistake)), str(count))
    return table


def most_failed_table(result: SetResult) -> Table | None:
    """The tests that most students failed, if any were failed."""
    tests = [test for submission in result.submissions for test in submission.tests]
    failed = Counter(test.grade_id for test in tests if test.status != "passed")
    if not failed:
        return None
    table = Table(title="failed most often")
    table.add_column("test")
    table.add_column("students", justify="right")
    for name, count in failed.most_common(MOST_FAILED):
        table.add_row(escape(plain(name)), str(count))
    return table

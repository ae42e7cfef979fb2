"""Whose grades a run would change, and by which cell, as tables for the terminal."""

from collections import defaultdict

from rich.markup import escape
from rich.table import Table

from mlpgrader.clean import plain
from mlpgrader.course.regrade import Change, Regrade
from mlpgrader.reports.table import format_points

ROUNDING = 1e-9  # of sums of points


def students_table(regrade: Regrade) -> Table | None:
    """Who gains and who loses by which cells, those who lose most first; none if nobody does."""
    if not regrade.regraded:
        return None
    table = Table(title=f"{regrade.set}: grades that would change, hand-ins as they were")
    table.add_column("student", no_wrap=True, overflow="ellipsis", max_width=40)
    table.add_column("points", justify="right", no_wrap=True)
    table.add_column("by")
    by_student = _by_student(regrade)
    for student in sorted(by_student, key=lambda name: (_gain(by_student[name]), name)):
        changes = by_student[student]
        cells = ", ".join(map(change_text, changes))
        table.add_row(escape(plain(student)), signed(_gain(changes)), escape(plain(cells)))
    return table


def cells_table(regrade: Regrade) -> Table | None:
    """By which cells how many gain and lose, and what is worth other points; none if nothing is."""
    gains: dict[str, list[float]] = defaultdict(list)
    for change in regrade.regraded:
        gains[change.grade_id].append(change.gain)
    worth = {
        one.grade_id: f"{format_points(one.before)} → {format_points(one.after)}"
        for one in regrade.worth
    }
    if not gains and not worth:
        return None
    table = Table(title="by cell")
    for heading in ("cell", "gain", "lose", "worth"):
        table.add_column(heading, justify="left" if heading == "cell" else "right")
    for name in sorted({*gains, *worth}):
        up, down = _count(gains[name])
        table.add_row(escape(plain(name)), str(up), str(down), worth.get(name, ""))
    return table


def regrade_text(regrade: Regrade) -> str:
    """How many gain, lose and keep what they have.

    Example:
        >>> regrade_text(Regrade("means", unchanged=3))
        'means: 0 gain, 0 lose, 3 keep their points'
    """
    gains = [_gain(changes) for changes in _by_student(regrade).values()]
    up, down = _count(gains)
    same = regrade.unchanged + len(gains) - up - down
    return f"{regrade.set}: {up} gain, {down} lose, {same} keep their points"


def change_text(change: Change) -> str:
    """A cell with its points before and after; what waits for a person has none."""
    before, after = (
        "open" if points is None else format_points(points)
        for points in (change.before, change.after)
    )
    return f"{change.grade_id} {before} → {after}"


def signed(points: float) -> str:
    """Points with their sign.

    Example:
        >>> signed(1.5), signed(-2.0), signed(0.0)
        ('+1.5', '-2', '0')
    """
    text = format_points(points)
    return f"+{text}" if points > 0 else text


def _count(gains: list[float]) -> tuple[int, int]:
    """How many gain, and how many lose."""
    return sum(gain > ROUNDING for gain in gains), sum(gain < -ROUNDING for gain in gains)


def _by_student(regrade: Regrade) -> dict[str, list[Change]]:
    found: dict[str, list[Change]] = defaultdict(list)
    for change in regrade.regraded:
        found[change.student].append(change)
    return found


def _gain(changes: list[Change]) -> float:
    return sum(change.gain for change in changes)

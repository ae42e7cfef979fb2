"""What `check` prints: a line per property, points in reach, and what to do next."""

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from rich.console import Console
from rich.text import Text

from mlpkit.commands.check import Checked, Exercise

MARKS = {"passed": ("✓", "green"), "unwritten": ("·", "dim"), "not-run": ("·", "dim")}
FAILED = ("✗", "red")
ABOUT = (
    "What you see of a test is one example. Grading tries further inputs as well, so a mark here "
    "is a good sign and not yet the points."
)


def table(exercises: list[Exercise]) -> Iterator[Text]:
    """The lines that show how each exercise stands."""
    for exercise in exercises:
        yield Text("")
        heading = Text(plain(exercise.title), style="bold")
        heading.append(f"   {in_points(exercise.in_reach)} of {in_points(exercise.points)}", "dim")
        yield heading
        if exercise.untouched:
            yield Text("  · not written yet", style="dim")
            continue
        for test in exercise.tests:
            yield from _lines(test)


def _lines(test: Checked) -> Iterator[Text]:
    mark, style = MARKS.get(test.status, FAILED)
    line = Text(f"  {mark} ", style=style)
    line.append(plain(test.about), "" if style == "red" else style)
    line.append(f" ({in_points(test.points)})", "dim")
    yield line
    for part in plain(test.message).splitlines():
        yield Text(f"      {part}")


def summary(exercises: list[Exercise], others: int = 0) -> Iterator[str]:
    """The total, and what to do next.

    Args:
        exercises: those that were checked.
        others: how many more the set has.
    """
    reached = sum(exercise.in_reach for exercise in exercises)
    total = sum(exercise.points for exercise in exercises)
    yield f"{in_points(reached)} of {in_points(total)} points in reach. {ABOUT}"
    open_ones = [exercise for exercise in exercises if not exercise.passed]
    if not open_ones and others:
        yield "Every visible test of it passes; the set has more exercises."
        return
    if not open_ones:
        yield "Every visible test passes: ready to hand in."
        return
    begun = [exercise for exercise in open_ones if not exercise.untouched]
    following = (begun or open_ones)[0]
    yield f"Next: {plain(following.title)}"


def as_json(exercises: list[Exercise]) -> list[dict[str, Any]]:
    """The exercises as plain data."""
    return [
        {
            "exercise": exercise.grade_id,
            "title": exercise.title,
            "in_reach": exercise.in_reach,
            "points": exercise.points,
            "tests": [asdict(test) for test in exercise.tests],
        }
        for exercise in exercises
    ]


def plain(text: str) -> str:
    r"""A text without characters that a terminal would obey.

    Examples:
        >>> plain("red: \x1b[31m")
        'red: \\x1b[31m'
    """
    return "".join(c if c.isprintable() or c == "\n" else _spelled(c) for c in text)


def _spelled(character: str) -> str:
    if character == "\t":
        return "    "
    return character.encode("unicode_escape").decode()


def in_points(points: float) -> str:
    """A number of points as people write it.

    Examples:
        >>> in_points(3.0), in_points(0.5)
        ('3', '0.5')
    """
    return f"{points:g}"


def print_exercises(console: Console, exercises: list[Exercise], others: int = 0) -> None:
    """Show all of it."""
    for line in table(exercises):
        console.print(line, highlight=False)
    console.print()
    for sentence in summary(exercises, others):
        console.print(sentence, highlight=False, markup=False)

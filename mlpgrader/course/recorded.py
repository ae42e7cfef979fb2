"""What recordings have written: kept by student in `results/recorded/`, with a receipt."""

import json
from dataclasses import dataclass, field
from pathlib import Path

from mlpgrader.course.folders import Course

Scores = dict[str, dict[str, float | None]]  # by notebook and `grade_id`


@dataclass(frozen=True)
class Receipt:
    """What the verdicts on one notebook of a student came from.

    Who has the same file can compare: equal receipts mean equal verdicts.

    Attributes:
        receipt: a hash of all of it.
        hand_in: the SHA-256 of the file that was handed in.
        plan: a hash of what the set asks, its tests included.
        versions: of what graded it, by name.
        time: when it was recorded, in UTC.
    """

    receipt: str
    hand_in: str
    plan: str
    versions: dict[str, str]
    time: str


@dataclass
class Recorded:
    """What a recording has written of one submission.

    Attributes:
        stamp: a hash of all that it was made of.
        files: size and time of change of each file in autograded/, by name.
        scores: the points of each cell, by notebook and `grade_id`; None waits for a person.
        untouched: the solution cells that are as they were handed out, by notebook.
        receipts: of each notebook that could be read.
    """

    stamp: str
    files: dict[str, list[int]] = field(default_factory=dict)
    scores: Scores = field(default_factory=dict)
    untouched: dict[str, list[str]] = field(default_factory=dict)
    receipts: dict[str, Receipt] = field(default_factory=dict)


def recorded_file(course: Course, set_name: str) -> Path:
    """Where it is kept what was recorded of a set."""
    return course.results_folder() / "recorded" / f"{set_name}.json"


def read_recorded(course: Course, set_name: str) -> dict[str, Recorded]:
    """What the last recordings wrote, by student; nothing where that cannot be read."""
    try:
        text = recorded_file(course, set_name).read_text(encoding="utf-8")
        return {student: _recorded(row) for student, row in json.loads(text).items()}
    except (OSError, ValueError, TypeError, AttributeError, RecursionError):
        return {}


def as_text(recorded: dict[str, Recorded]) -> str:
    """The text of the file."""
    rows = {
        student: vars(row) | {"receipts": {name: vars(one) for name, one in row.receipts.items()}}
        for student, row in recorded.items()
    }
    return json.dumps(rows)


def _recorded(row: dict[str, object]) -> Recorded:
    made = Recorded(**row)  # type: ignore[arg-type]  # what is no such row raises
    made.receipts = {name: Receipt(**vars_) for name, vars_ in made.receipts.items()}  # type: ignore[arg-type]
    return made

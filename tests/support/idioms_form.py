"""The form of an idiom: an exercise, a wrong answer, its tests, and how each is judged."""

from dataclasses import dataclass, field

BEGIN, END = "### BEGIN SOLUTION", "### END SOLUTION"
HIDE, SHOW = "### BEGIN HIDDEN TESTS", "### END HIDDEN TESTS"


@dataclass(frozen=True)
class Idiom:
    """One way to write an exercise.

    Attributes:
        group: the notebook that it is in.
        name: what it is, a part of its cells' names.
        solution: the reference solution.
        wrong: another answer.
        tests: the test cells, and how each is judged.
        setup: a locked cell before it; nothing if there is none.
        free: a cell before it that nbgrader has no name for.
        before: a test cell before the solution.
    """

    group: str
    name: str
    solution: str
    wrong: str
    tests: list[tuple[str, str]]
    setup: str = ""
    free: str = ""
    before: list[tuple[str, str]] = field(default_factory=list)


def apart(*tests: str) -> list[tuple[str, str]]:
    return [(test, "apart") for test in tests]


def inside(*tests: str) -> list[tuple[str, str]]:
    return [(test, "inside") for test in tests]

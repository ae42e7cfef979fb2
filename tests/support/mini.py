"""A small course of its own for the grader's tests."""

import json
from pathlib import Path

from tests.support.course import Notebook, cell, notebook

Tests = dict[str, dict[str, tuple[str, float]]]

SETUP = "import math\nimport torch\nfrom torch import nn"
CHECKS = "from mlpkit import checks"
HIDE, SHOW = "### BEGIN HIDDEN TESTS", "### END HIDDEN TESTS"
RIGHT: dict[str, str] = {
    "double": "def double(x):\n    return 2 * x",
    "slope": "def slope(x):\n    return torch.where(x > 0, x, 3 * x)",
    "mini-choice": 'choice = "b"',
}
TESTS: Tests = {
    "double": {
        "double-values": (
            '"""right for numbers of any sign"""\n'
            "checks.expect_close(double(1.5), 3.0, 'double(1.5)')\n"
            f"{HIDE}\n"
            "for secret_input in (-17.25, 0.0, 4321.0):\n"
            "    assert checks.is_close(double(secret_input), 2 * secret_input)\n"
            f"{SHOW}",
            2.0,
        ),
        "double-tensors": (
            '"""right for tensors"""\n'
            "x = torch.arange(6, dtype=torch.float64).reshape(2, 3)\n"
            "checks.expect_close(double(x), 2 * x, 'double(x)')\n"
            f"{HIDE}\n"
            "assert checks.keeps_arguments(double, x)\n"
            f"{SHOW}",
            1.0,
        ),
    },
    "slope": {
        "slope-gradient": (
            '"""differentiable"""\n'
            "x = torch.tensor([-1.0, 2.0])\n"
            "checks.expect_close(checks.value_and_grad(slope, x)[1], torch.tensor([3.0, 1.0]))\n"
            f"{HIDE}\n"
            "secret = torch.tensor([-8.0, 9.0])\n"
            "assert checks.is_close(slope(secret), torch.tensor([-24.0, 9.0]))\n"
            f"{SHOW}",
            2.0,
        ),
    },
    "mini-choice": {
        "mini-choice-answer": (
            f'"""one letter"""\nassert choice in "abc"\n{HIDE}\nassert choice == "b"\n{SHOW}',
            1.0,
        ),
    },
}


def source(
    tests: Tests = TESTS, right: dict[str, str] = RIGHT, setup: str = f"{SETUP}\n{CHECKS}"
) -> Notebook:
    """The source notebook of the set `mini`."""
    cells = [cell(setup, "mini-setup", locked=True)]
    for name, solution in right.items():
        cells.append(cell(solution, name, solution=True))
        for test, (text, points) in tests.get(name, {}).items():
            cells.append(cell(text, test, grade=True, locked=True, points=points))
    return notebook(cells)


def submission(
    answers: dict[str, str] | None = None, added: str = "", after: str = "mini-setup"
) -> Notebook:
    """What a student hands in: the source with other solutions, and no test cells."""
    book = source(tests={}, right=RIGHT | (answers or {}))
    cells = book["cells"]
    if added:
        place = [cell["id"] for cell in cells].index(after)
        cells.insert(place + 1, cell(added))
    return book


def course(
    folder: Path, submissions: dict[str, Notebook | str], book: Notebook | None = None
) -> Path:
    """Write a course folder with the set `mini` and some submissions."""
    write(folder / "solutions" / "mini" / "mini.ipynb", book or source())
    (folder / "submitted").mkdir(exist_ok=True)
    for student, content in submissions.items():
        hand_in(folder, student, content)
    return folder


def hand_in(folder: Path, student: str, content: Notebook | str) -> None:
    """Put a student's submission in place of any earlier one."""
    write(folder / "submitted" / student / "mini" / "mini.ipynb", content)


def write(path: Path, content: Notebook | str) -> None:
    """Write a notebook, or a text that should be one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content if isinstance(content, str) else json.dumps(content))

"""A small course of its own for the grader's tests."""

import json
from pathlib import Path

SETUP = "import math\nimport torch\nfrom torch import nn"
CHECKS = "from mlpkit import checks"
HIDE, SHOW = "### BEGIN HIDDEN TESTS", "### END HIDDEN TESTS"
RIGHT = {
    "double": "def double(x):\n    return 2 * x",
    "slope": "def slope(x):\n    return torch.where(x > 0, x, 3 * x)",
    "mini-choice": 'choice = "b"',
}
TESTS = {
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
STUB = "raise NotImplementedError"


def cell(source: str, grade_id: str = "", **settings) -> dict:
    """A code cell; with a `grade_id`, one of nbgrader's."""
    tags = settings.pop("tags", [])
    metadata = {"tags": tags} if tags else {}
    if grade_id:
        known = {"grade": False, "solution": False, "locked": False, "task": False}
        metadata["nbgrader"] = {"grade_id": grade_id, "schema_version": 3, **known, **settings}
    head = {"cell_type": "code", "id": grade_id or "free", "metadata": metadata}
    return {**head, "source": source, "outputs": [], "execution_count": None}


def notebook(cells: list[dict]) -> dict:
    """A notebook of nbformat 4."""
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    return {"cells": cells, "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5}


def source(tests: dict = TESTS, right: dict = RIGHT, setup: str = f"{SETUP}\n{CHECKS}") -> dict:
    """The source notebook of the set `mini`."""
    cells = [cell(setup, "mini-setup", locked=True)]
    for name, solution in right.items():
        cells.append(cell(solution, name, solution=True))
        for test, (text, points) in tests.get(name, {}).items():
            cells.append(cell(text, test, grade=True, locked=True, points=points))
    return notebook(cells)


def submission(answers: dict | None = None, added: str = "", after: str = "") -> dict:
    """What a student hands in: the source with other solutions and no hidden parts."""
    book = source(right=RIGHT | (answers or {}))
    kept = [c for c in book["cells"] if not c["metadata"]["nbgrader"]["grade"]]
    if added:
        place = [c["metadata"]["nbgrader"]["grade_id"] for c in kept].index(after or "mini-setup")
        kept.insert(place + 1, cell(added))
    return notebook(kept)


def course(folder: Path, submissions: dict[str, dict | str], book: dict | None = None) -> Path:
    """Write a course folder with the set `mini` and some submissions."""
    write(folder / "solutions" / "mini" / "mini.ipynb", book or source())
    (folder / "submitted").mkdir(exist_ok=True)
    for name, content in submissions.items():
        write(folder / "submitted" / name / "mini" / "mini.ipynb", content)
    return folder


def write(path: Path, content: dict | str) -> None:
    """Write a notebook, or a text that should be one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content if isinstance(content, str) else json.dumps(content))

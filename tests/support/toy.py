"""A course folder of two functions and made-up results, to test what surrounds the core."""

import json
from pathlib import Path

from mlpgrader.results import SetResult, SubmissionResult, TestResult
from tests.support import course
from tests.support.course import Notebook, cell, notebook, prose

CONFIG = f"{course.CONFIG}c.Mlpgrader.canonical = True\n"

DOUBLE = "def double(x):\n    ### BEGIN SOLUTION\n    return 2 * x\n    ### END SOLUTION"
HALF = "def half(x):\n    ### BEGIN SOLUTION\n    return x / 2\n    ### END SOLUTION"
DOUBLE_TEST = '''"""two numbers are doubled"""
assert double(1) == 2, "double(1): expected 2"
### BEGIN HIDDEN TESTS
secret = 21
assert double(secret) == 42
### END HIDDEN TESTS'''
HALF_TEST = '"""a number is halved"""\nassert half(4) == 2, "half(4): expected 2"'


def source() -> Notebook:
    return notebook(
        [
            prose("# Toy set", "title"),
            cell("import math", "setup", locked=True),
            cell(DOUBLE, "double", solution=True),
            cell(DOUBLE_TEST, "double-values", grade=True, points=2.0, locked=True),
            cell(HALF, "half", solution=True),
            cell(HALF_TEST, "half-values", grade=True, points=1.0, locked=True),
        ]
    )


def make_course(folder: Path) -> Path:
    (folder / "solutions" / "toy").mkdir(parents=True)
    (folder / "solutions" / "toy" / "toy.ipynb").write_text(json.dumps(source()))
    (folder / "nbgrader_config.py").write_text(CONFIG)
    return folder


def submit(folder: Path, student: str, texts: dict[str, str], *, added=(), late: str = "") -> Path:
    """Hand in the toy set with some cells' text replaced (None deletes) and code cells added."""
    cells = [part for part in source()["cells"] if texts.get(part["id"], "") is not None]
    for part in cells:
        part["source"] = texts.get(part["id"], part["source"])
    for number, (text, kind) in enumerate(added):
        part = prose(text, "") if kind == "markdown" else cell(text)
        cells.append({**part, "id": f"added-{number}"})
    path = folder / "submitted" / student / "toy" / "toy.ipynb"
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps(notebook(cells)))
    if late:
        (path.parent / "timestamp.txt").write_text(late)
    return path


def graded(student: str, double="passed", half="passed", *, outputs=None, messages=("", "")):
    """A made-up result for the toy set."""
    tests = [
        TestResult("double-values", 2.0 * (double == "passed"), 2.0, double, message=messages[0]),
        TestResult("half-values", 1.0 * (half == "passed"), 1.0, half, message=messages[1]),
    ]
    status = "review" if "error" in (double, half) else "graded"
    score = sum(test.points for test in tests)
    return SubmissionResult(
        student, status, "", score, 3.0, seconds=0.1, tests=tests, outputs=outputs or {}
    )


def unreadable(student: str, message: str):
    return SubmissionResult(student, "unreadable", message, 0.0, 3.0)


def of_set(*submissions):
    return SetResult("toy", 3.0, "made up", list(submissions))

"""A course folder of two functions and made-up results, to test what surrounds the core."""

import json
from pathlib import Path

import nbformat

from mlpgrader.runner.grade import SetResult, SubmissionResult, TestResult

CONFIG = """c = get_config()
c.CourseDirectory.course_id = "toy"
c.CourseDirectory.source_directory = "solutions"
c.CourseDirectory.release_directory = "exercises"
c.Execute.skip_cells_with_tag = ""
c.OverwriteCells.add_missing_cells = True
"""
DOUBLE = "def double(x):\n    ### BEGIN SOLUTION\n    return 2 * x\n    ### END SOLUTION"
HALF = "def half(x):\n    ### BEGIN SOLUTION\n    return x / 2\n    ### END SOLUTION"
DOUBLE_TEST = '''"""two numbers are doubled"""
assert double(1) == 2, "double(1): expected 2"
### BEGIN HIDDEN TESTS
secret = 21
assert double(secret) == 42
### END HIDDEN TESTS'''
HALF_TEST = '"""a number is halved"""\nassert half(4) == 2, "half(4): expected 2"'


def cell(grade_id: str, source: str, *, points: float | None = None, solution: bool = False):
    settings = {"grade": points is not None, "grade_id": grade_id, "locked": not solution}
    settings |= {"schema_version": 3, "solution": solution, "task": False}
    if points is not None:
        settings["points"] = points
    made = nbformat.v4.new_code_cell(source, metadata={"nbgrader": settings})
    made["id"] = grade_id
    return made


def source():
    cells = [
        nbformat.v4.new_markdown_cell("# Toy set", id="title"),
        cell("setup", "import math"),
        cell("double", DOUBLE, solution=True),
        cell("double-values", DOUBLE_TEST, points=2.0),
        cell("half", HALF, solution=True),
        cell("half-values", HALF_TEST, points=1.0),
    ]
    spec = {"name": "python3", "display_name": "Python 3", "language": "python"}
    return nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": spec})


def make_course(folder: Path) -> Path:
    (folder / "solutions" / "toy").mkdir(parents=True)
    nbformat.write(source(), folder / "solutions" / "toy" / "toy.ipynb")
    (folder / "nbgrader_config.py").write_text(CONFIG)
    return folder


def submit(folder: Path, student: str, texts: dict[str, str], *, added=(), late: str = "") -> Path:
    """Hand in the toy set with some cells' text replaced (None deletes) and code cells added."""
    notebook = source()
    kept = [each for each in notebook.cells if texts.get(each["id"], "") is not None]
    for each in kept:
        each.source = texts.get(each["id"], each.source)
    for text, kind in added:
        make = {"code": nbformat.v4.new_code_cell, "markdown": nbformat.v4.new_markdown_cell}[kind]
        kept.append(make(text))
    notebook.cells = kept
    path = folder / "submitted" / student / "toy" / "toy.ipynb"
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps(notebook))
    if late:
        (path.parent / "timestamp.txt").write_text(late)
    return path


def graded(student: str, double="passed", half="passed", *, outputs=None, messages=("", "")):
    """A made-up result for the toy set."""
    tests = [
        TestResult("double-values", 2.0 * (double == "passed"), 2.0, double, messages[0]),
        TestResult("half-values", 1.0 * (half == "passed"), 1.0, half, messages[1]),
    ]
    status = "review" if "error" in (double, half) else "graded"
    score = sum(test.points for test in tests)
    return SubmissionResult(student, status, "", score, 3.0, 0, 0.1, tests, outputs or {})


def unreadable(student: str, message: str):
    return SubmissionResult(student, "unreadable", message, 0.0, 3.0, 0, 0.0, [], {})


def of_set(*submissions):
    return SetResult("toy", 3.0, "made up", list(submissions))

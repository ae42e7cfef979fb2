"""A small problem set with all that ours have: headings, hints, a question, progress."""

import json
import shutil
from pathlib import Path

import nbformat

from mlpgrader.course.release import release
from mlpgrader.results import SetResult, SubmissionResult, TestResult
from tests.support.course import Notebook, cell, notebook, prose
from tests.support.variants import ROOT

REGISTER = """try:
    from mlpkit import checks
except ModuleNotFoundError:
    raise ModuleNotFoundError(
        "mlpkit is not here: choose the kernel of the course's .venv "
        "(`make lab` makes it, or what its README says)"
    ) from None

checks.register(
    "lesson",
    hints={
        "larger": (
            "What is the larger one of 0 and -2, and what is it of 0 and 3? Which of the two does "
            "`torch.abs` give?",
            "Section “Kinks”: one branch for each side of 0.",
            "Keep what is positive, and put 0 everywhere else.",
        ),
    },
)"""
LARGER = '''def larger(x):
    """Compute max(x, 0)."""
    ### BEGIN SOLUTION
    return x.clamp(min=0)
    ### END SOLUTION'''
SLOPE = '''def slope(x):
    """Compute the derivative of tanh."""
    ### BEGIN SOLUTION
    return 1 - torch.tanh(x) ** 2
    ### END SOLUTION'''
CHOICE = """# one capital letter in quotes
### BEGIN SOLUTION
choice = "B"
### END SOLUTION"""
SOLVED = {
    "larger": "def larger(x):\n    return x.clamp(min=0)",
    "slope": "def slope(x):\n    return 1 - torch.tanh(x) ** 2",
    "lesson-choice": 'choice = "B"',
}
TEST = '''"""{about}"""

import torch

from mlpkit import checks


@checks.example("{grade_id}")
def test():
    {visible}


### BEGIN HIDDEN TESTS
{hidden}
### END HIDDEN TESTS'''


def make_test(grade_id: str, about: str, visible: str, hidden: str, points: float) -> Notebook:
    """A test cell in the sets' form."""
    text = TEST.format(about=about, grade_id=grade_id, visible=visible, hidden=hidden)
    return cell(text, grade_id, grade=True, locked=True, points=points)


def source() -> Notebook:
    """The source notebook."""
    return notebook(
        [
            prose("# A lesson\n\nHow to work: …", "intro"),
            cell("import math\n\nimport torch\nfrom torch import nn", "setup", locked=True),
            cell(REGISTER, "lesson-exercises", locked=True),
            prose("## 1 · The larger one (1.5 points, 4 minutes)\n\n…", "larger-text"),
            cell(LARGER, "larger", solution=True),
            cell("# a free cell", ""),
            make_test(
                "larger-values",
                "the larger one of x and 0,\nfor any sign",
                "x = torch.tensor([-2.0, 3.0])\n"
                '    checks.expect_close(larger(x), torch.tensor([0.0, 3.0]), "larger([-2, 3])")',
                'secret = torch.tensor([-7.5])\nassert (larger(secret) == 0).all(), "larger"',
                1.0,
            ),
            make_test(
                "larger-zero",
                "0 stays 0",
                "checks.expect_close(larger(torch.zeros(1)), torch.zeros(1))",
                'assert (larger(torch.zeros(3)) == 0).all(), "zero"',
                0.5,
            ),
            prose("## 2 · A slope (2 points, 8 minutes)", "slope-text"),
            cell(SLOPE, "slope", solution=True),
            make_test(
                "slope-values",
                "the derivative of tanh",
                "x = torch.linspace(-2, 2, 5)\n    checks.expect_derivative(torch.tanh, slope, x)",
                'assert checks.is_close(slope(torch.zeros(1)), torch.ones(1)), "at 0"',
                2.0,
            ),
            prose("## 3 · One question (1 point, 1 minute)", "lesson-choice-text"),
            cell(CHOICE, "lesson-choice", solution=True),
            make_test(
                "lesson-choice-answer",
                "the right letter",
                'assert choice in ("A", "B"), f"choice: got {choice}"',
                'REASONS = {"A": "A slope is a limit."}\nassert choice == "B", "another one"',
                1.0,
            ),
            {**cell("checks.progress()"), "id": "progress"},
        ]
    )


def graded(student: str, won: dict[str, float]) -> SubmissionResult:
    """A made-up result: the tests that are named have all their points, the others none."""
    points = {"larger-values": 1.0, "larger-zero": 0.5, "slope-values": 2.0}
    tests = [
        TestResult(
            name,
            won.get(name, 0.0),
            most,
            "passed" if name in won else "failed",
            message="" if name in won else f"message of {name}",
        )
        for name, most in (points | {"lesson-choice-answer": 1.0}).items()
    ]
    return SubmissionResult(student, "graded", "", sum(won.values()), 4.5, tests=tests)


def of_set(*submissions: SubmissionResult) -> SetResult:
    """A made-up result of the set."""
    return SetResult("lesson", 4.5, "made up", list(submissions))


def make_course(folder: Path) -> Path:
    """Write the set's source into a course with this course's settings, and release it."""
    path = folder / "solutions" / "lesson" / "lesson.ipynb"
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps(source()), encoding="utf-8")
    shutil.copy(ROOT / "nbgrader_config.py", folder)
    release(folder, "lesson")
    return folder


def released(folder: Path) -> nbformat.NotebookNode:
    """The student version."""
    return nbformat.read(folder / "exercises" / "lesson" / "lesson.ipynb", as_version=4)


def hand_in(folder: Path, student: str, answers: dict[str, str]) -> Path:
    """Write the student version with some answers to where submissions are, or validated."""
    book = released(folder)
    for part in book.cells:
        part.source = answers.get(part.id, part.source)
    path = folder / "submitted" / student / "lesson" / "lesson.ipynb"
    path.parent.mkdir(parents=True)
    nbformat.write(book, path)
    return path

"""A new set to begin with: a notebook of one exercise, and right and wrong answers to it.

It is a whole set that `mlpgrader verify` finds nothing in, so what is changed step by step can be
proved at each step.
"""

import re
from pathlib import Path

import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from mlpgrader.course.folders import Course, write
from mlpgrader.errors import UsageError

SET_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,59}", re.IGNORECASE)
KERNEL = {"display_name": "Python 3", "language": "python", "name": "python3"}

TITLE = """# {title}

What is this problem set about, and what does it take? Say it here.

- Each problem has a specification, a cell with a stub that you complete, and test cells. A test has
  a part that you see, and one that you do not, with other numbers."""
SETUP = """import torch

from mlpkit import checks"""
PROBLEM = """## 1 · Mean square (3 points, 5 minutes)

`mean_square` is the mean of the squares of all entries.

- `x`: a floating tensor of any shape, at least one entry.
- returns: a tensor of shape `()` and the dtype of `x`."""
SOLUTION = '''def mean_square(x):
    """Compute the mean of the squares of all entries.

    Args:
        x: a floating tensor of any shape.

    Returns:
        A tensor of shape ().
    """
    ### BEGIN SOLUTION
    return x.square().mean()
    ### END SOLUTION'''
VALUES = '''"""right for entries of any sign"""
x = torch.tensor([1.0, -2.0, 4.0], dtype=torch.float64)
expected = torch.tensor(7.0, dtype=torch.float64)
checks.expect_close(mean_square(x), expected, "mean_square([1, -2, 4])")
### BEGIN HIDDEN TESTS
for entries in ([-0.5, 3.25], [0.0], [-8.0, 1.5, 2.0, -0.125]):
    x = torch.tensor(entries, dtype=torch.float64)
    expected = sum(entry * entry for entry in entries) / len(entries)
    assert checks.is_close(mean_square(x), torch.tensor(expected, dtype=torch.float64))
### END HIDDEN TESTS'''
SHAPES = '''"""one number for a tensor of any shape"""
x = torch.tensor([[1.0, 2.0], [3.0, 4.0]], dtype=torch.float64)
expected = torch.tensor(7.5, dtype=torch.float64)
checks.expect_close(mean_square(x), expected, "mean_square([[1, 2], [3, 4]])")
### BEGIN HIDDEN TESTS
x = torch.arange(24, dtype=torch.float64).reshape(2, 3, 4)
assert checks.is_close(mean_square(x), (x * x).sum() / 24)
### END HIDDEN TESTS'''
ANSWERS = '''"""Right and wrong answers to `mean_square`, to try its tests; never released."""

from mlpgrader.variants import Slips, right, wrong


@right("by its definition")
def mean_square(x):
    return (x * x).sum() / x.numel()


@wrong("sums rows alone", fails=["mean-square-shapes"])
def mean_square(x):
    return x.square().mean(dim=0)


MEAN_SQUARE = """
def mean_square(x):
    total = x.square().sum()
    return total / x.numel()
"""
slip = Slips(MEAN_SQUARE, "mean-square")
slip("the sum", "values shapes", (" / x.numel()", ""))
slip("the squared mean", "values shapes", ("x.square().sum()", "x.sum().square() / x.numel()"))
slip("divides by the rows", "shapes", ("x.numel()", "len(x)"))
'''


def make_skeleton(course: Course, set_name: str) -> list[Path]:
    """Write the source and the answers of a new set, and give their paths.

    Raises:
        UsageError: if the name is none, or there is a set or a folder of answers of that name.
    """
    if not SET_NAME.fullmatch(set_name):
        raise UsageError(f"{set_name!r} is no name for a set: letters, digits, - and _")
    source = course.source_folder(set_name) / f"{set_name}.ipynb"
    answers = course.root / "variants" / set_name / "mean_square.py"
    for folder in (source.parent, answers.parent):
        if folder.exists():
            raise UsageError(f"{folder} is there already")
    text = nbformat.writes(_notebook(set_name)) + "\n"
    return [write(source, text), write(answers, ANSWERS)]


def _notebook(set_name: str) -> NotebookNode:
    title = set_name.replace("-", " ").replace("_", " ").capitalize()
    cells = [
        new_markdown_cell(TITLE.format(title=title), id="title"),
        _cell("setup", SETUP, locked=True),
        new_markdown_cell(PROBLEM, id="problem-1"),
        _cell("mean-square", SOLUTION, solution=True),
        _cell("mean-square-values", VALUES, grade=True, locked=True, points=2.0),
        _cell("mean-square-shapes", SHAPES, grade=True, locked=True, points=1.0),
    ]
    return new_notebook(cells=cells, metadata={"kernelspec": KERNEL})


def _cell(name: str, source: str, **settings: bool | float) -> NotebookNode:
    kinds = {"grade": False, "locked": False, "solution": False, "task": False}
    marks = {"grade_id": name, "schema_version": 3, **kinds, **settings}
    return new_code_cell(source, id=name, metadata={"nbgrader": marks})

"""A page of feedback for one student: their code, what it printed, and a line for each test.

A page is one HTML file that loads nothing and runs nothing, made from the template
`feedback.html`. Of a test it shows the docstring, the points and the message that the grader chose
for students, never the source. Points and comments that a person gave in formgrader stand before
the grader's.
"""

import ast
import functools
import html
import json
import re
from pathlib import Path

import jinja2
from markupsafe import Markup
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer

from mlpgrader.clean import clean_outputs, plain
from mlpgrader.course.folders import write
from mlpgrader.course.gradebook import course_directory, stored_marks
from mlpgrader.errors import UsageError
from mlpgrader.reports.table import load, number

HEADING = re.compile(r"^#{2,3} (.+)$", re.MULTILINE)
COMMENTS = re.compile(r"^[^\S\n]*#.*$", re.MULTILINE)
PYTHON = PythonLexer(), HtmlFormatter(nowrap=True)


def write_feedback(course: Path, set_name: str, *, progress=None) -> list[Path]:
    """Write the pages of all graded students of a set, and give their paths.

    Args:
        course: the course folder.
        set_name: the problem set.
        progress: called with the number of pages written and of all.
    """
    data = load(course, set_name)
    folders = course_directory(course)
    marks = stored_marks(folders, set_name)
    paths = []
    for submission in data["submissions"]:
        student = submission["student"]
        graded = Path(folders.format_path(folders.autograded_directory, student, set_name))
        try:
            notebook = json.loads((graded / f"{set_name}.ipynb").read_text(encoding="utf-8"))
            made = page(set_name, submission, notebook, marks[student])
        except (OSError, ValueError, KeyError, jinja2.UndefinedError) as error:
            advice = f"run `mlpgrader grade {set_name}` again"
            raise UsageError(
                f"{student} is not in the gradebook or autograded/: {advice}"
            ) from error
        folder = Path(folders.format_path(folders.feedback_directory, student, set_name))
        paths.append(write(folder / f"{set_name}.html", made))
        progress and progress(len(paths), len(data["submissions"]))
    return paths


def page(set_name: str, submission: dict, notebook: dict, marks: dict) -> str:
    """The feedback page of one submission.

    Args:
        set_name: the problem set.
        submission: an entry of `submissions` in the set's results.
        notebook: the autograded notebook.
        marks: what the gradebook says: `score`, `penalty`, and `points` and `comments` by grade_id.
    """
    tests = {test["grade_id"]: test for test in submission["tests"]}
    score = max(0.0, marks["score"] - marks["penalty"])
    cells = notebook["cells"] if tests else ()
    content = {"submission": submission, "marks": marks, "tests": tests, "cells": cells}
    return template().render(content, set=set_name, score=score)


@functools.cache
def template() -> jinja2.Template:
    """The template, which cleans and escapes all that is put into it."""
    made = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).parent),
        finalize=lambda value: value if isinstance(value, Markup) else plain(str(value)),
        **{"autoescape": True, "trim_blocks": True, "lstrip_blocks": True},
    )
    made.filters |= {"number": number, "headings": HEADING.findall, "clean": clean_outputs}
    made.filters |= {"colored": colored, "docstring": docstring, "has_code": has_code}
    return made.get_template("feedback.html")


@functools.lru_cache(1000)
def colored(source: str) -> str:
    """Python source with its kinds of words marked for the style sheet."""
    source = plain(source)
    if re.search(r"\s{200}", source):  # over long blanks the lexer takes seconds
        return html.escape(source)
    return highlight(source, *PYTHON)


@functools.lru_cache(1000)
def docstring(source: str) -> str:
    """The property that a test cell names in its first line."""
    return (ast.get_docstring(ast.parse(source)) or "").partition("\n")[0]


def has_code(source: str) -> bool:
    """Whether a cell holds more than comments."""
    return bool(COMMENTS.sub("", source).strip())

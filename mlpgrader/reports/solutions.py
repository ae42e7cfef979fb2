"""Pages with the reference solutions of a set, and why they are written so, for after the due date.

The words are comments in the source notebook: those right after ``### BEGIN SOLUTION``, up to a
blank line. They are shown as text, and the solution below them without its markers. Of the question
of a set the page also tells why the other letters are wrong. Nothing of a hidden test is shown.
"""

import functools
import re
from pathlib import Path
from typing import Any, NamedTuple

import jinja2
import nbformat

from mlpgrader.assignment.choice import reasons_of
from mlpgrader.course.folders import Course, write
from mlpgrader.course.sources import source_notebooks
from mlpgrader.reports import problems
from mlpgrader.reports.feedback import colored, title_of, with_code
from mlpgrader.reports.templates import environment

FOLDER = "solution-pages"
MARKER = re.compile(r"^[^\S\n]*#+ (?:BEGIN|END) SOLUTION[^\n]*\n?", re.MULTILINE)
WORDS = re.compile(
    r"^[^\S\n]*#+ BEGIN SOLUTION[^\n]*\n((?:[^\S\n]*#[^\n]*\n)+)[^\S\n]*\n", re.MULTILINE
)
COMMENT = re.compile(r"^\s*# ?", re.MULTILINE)


class Solution(NamedTuple):
    """The solution of a problem.

    Attributes:
        title: the problem's heading.
        words: why it is written so, in paragraphs.
        code: without markers and words.
        reasons: of a question, why each other letter is wrong.
    """

    title: str
    words: list[str]
    code: str
    reasons: dict[str, str]


def write_solutions(course: Course | Path, set_name: str, to: Path | None = None) -> list[Path]:
    """Write a page for each notebook of a set, and give their paths.

    Args:
        course: the course, or its folder.
        set_name: the problem set.
        to: the folder to write into; ``solution-pages/<set>/`` of the course when None.

    Raises:
        UsageError: if there is no such set.
    """
    course = Course.open(course)
    folder = to or course.root / FOLDER / set_name
    paths = []
    for path in source_notebooks(course, set_name):
        notebook = nbformat.read(path, as_version=4)
        paths.append(write(folder / f"{path.stem}.html", page(set_name, notebook)))
    return paths


def page(set_name: str, notebook: dict[str, Any]) -> str:
    """The page of one source notebook."""
    return template().render(
        title=title_of(notebook) or set_name, solutions=solutions(notebook["cells"])
    )


def solutions(cells: list[dict[str, Any]]) -> list[Solution]:
    """The solutions of a source notebook in order."""
    found: list[Solution] = []
    title = ""
    for cell in cells:
        title = [title, *problems.headings(cell)][-1]
        settings = cell["metadata"].get("nbgrader", {})
        if settings.get("solution"):
            source = cell["source"]
            found.append(Solution(title, words_in(source), code_in(source), {}))
        elif settings.get("grade") and found:
            found[-1].reasons.update(reasons_of(cell["source"]))
    return found


def words_in(source: str) -> list[str]:
    r"""Why a solution is written so, a paragraph for each part of it.

    Examples:
        >>> words_in("### BEGIN SOLUTION\n# Twice,\n# and once more.\n\nx = 2\n### END SOLUTION")
        ['Twice, and once more.']
    """
    return [" ".join(COMMENT.sub("", block).split()) for block in WORDS.findall(source)]


def code_in(source: str) -> str:
    r"""A solution without markers and words.

    Examples:
        >>> code_in("### BEGIN SOLUTION\n# Twice.\n\nx = 2  # too\n### END SOLUTION")
        'x = 2  # too\n'
    """
    return MARKER.sub("", WORDS.sub("", source))


@functools.cache
def template() -> jinja2.Template:
    """The template, which cleans and escapes all that is put into it."""
    made = environment()
    made.filters["colored"] = colored
    made.filters["parts"] = problems.parts
    made.filters["with_code"] = with_code
    return made.get_template("solutions.html")

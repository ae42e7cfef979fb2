"""A page of feedback for one student: their code, what it printed, and a line for each test.

A page is one HTML file that loads nothing and runs nothing, made from the template
`feedback.html`. Of a test it shows the docstring, the points and the message that the grader chose
for students, never the source. Points and comments that a person gave in formgrader stand before
the grader's.
"""

import ast
import functools
import html
import itertools
import re
import secrets
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import jinja2
import nbformat
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer

from mlpgrader.assignment.choice import chosen, reasons_of
from mlpgrader.clean import clean_outputs, plain
from mlpgrader.course.autograded import is_untouched
from mlpgrader.course.folders import Course, write
from mlpgrader.course.gradebook import NO_RESPONSE
from mlpgrader.course.marks import Marks, stored_set
from mlpgrader.errors import UsageError
from mlpgrader.reports.standing import (
    Standing,
    autograded_notebook,
    last_run,
    standing_of,
    test_results,
    why_not_graded,
)
from mlpgrader.reports.templates import environment
from mlpgrader.results import SubmissionResult

TITLE = re.compile(r"^# (.+)$", re.MULTILINE)
# without the points and minutes that a heading of the notebook has at its end
HEADING = re.compile(r"^#{2,3} (.+?)(?: \([\d.]+ points?[^()]*\))?$", re.MULTILINE)
TIME, SECRET = "timestamp.txt", "submission_secret.txt"  # nbgrader's names
LAST_CELL = "checks.progress()"
COMMENT = re.compile(r"^[^\S\n]*#.*$", re.MULTILINE)
LONG_BLANK = re.compile(r"\s{200}")
LEXER = PythonLexer()
FORMATTER = HtmlFormatter(nowrap=True)


def write_feedback(
    course: Course | Path,
    set_name: str,
    *,
    problems: list[str] | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> list[Path]:
    """Write the pages of all students whom the gradebook has grades of, and give their paths.

    Beside each page lie the time of hand-in and the secret that nbgrader needs to release it.

    Args:
        course: the course, or its folder.
        set_name: the problem set.
        problems: gets a line for each page that cannot be made, with the student's name.
        progress: called with the number of students done and of all.

    Raises:
        UsageError: if the set is not graded, or, where nobody takes problems, a page is missing.
    """
    course = Course.open(course)
    pages = Pages(course, set_name)
    found = list(pages.problems)
    paths = []
    for number, student in enumerate(pages.students, 1):
        try:
            folder = course.feedback_folder(student, set_name)
            texts = pages.of(student)
            paths += [write(folder / f"{name}.html", text) for name, text in texts.items()]
            write_what_releases(course, set_name, student)
        except Exception as error:  # nothing of one student keeps a page from another
            advice = f"run `mlpgrader grade {set_name} --student {student}`"
            reason = f"{type(error).__name__}: {error}"
            found.append(
                f"{student} has no page, as autograded/ lacks a notebook ({reason}): {advice}"
            )
        if progress:
            progress(number, len(pages.students))
    if problems is not None:
        problems += found
    elif found:
        raise UsageError("; ".join(found))
    return paths


class Pages:
    """The pages of all students whom the gradebook has grades of in a set.

    Attributes:
        students: who they are, in order.
        problems: what could not be worked out, a line each.

    Raises:
        UsageError: if nothing of the set is graded.
    """

    def __init__(self, course: Course, set_name: str):
        self._course = course
        self._set_name = set_name
        stored = stored_set(course, set_name)
        self._marks = stored.marks
        self._runs = last_run(course, set_name)
        self.problems = stored.problems
        self.students = sorted(stored.marks)

    def of(self, student: str) -> dict[str, str]:
        """The pages of a student by the names of their notebooks.

        Raises:
            LookupError: if the gradebook has nothing of the student.
            OSError: if there is no autograded notebook.
            ValueError: if that is no notebook.
        """
        marks = self._marks[student]
        runs = self._runs.get(student)
        standing = standing_of(self._course, self._set_name, student, marks, runs)
        texts = {}
        for name, part in marks.notebooks.items():
            notebook = autograded_notebook(self._course, self._set_name, student, name)
            submission = submission_of(student, notebook, part, standing)
            texts[name] = page(name, submission, notebook, part)
        return texts


def submission_of(
    student: str, notebook: dict[str, Any], marks: Marks, standing: Standing
) -> SubmissionResult:
    """How one notebook of a student was graded, as the gradebook and the notebook say."""
    is_readable = why_not_graded(notebook) is None
    return SubmissionResult(
        student=student,
        status=standing.status,
        message=standing.message,
        score=marks.score,
        max_score=sum(marks.most.values()),
        late_seconds=marks.late_seconds,
        tests=test_results(notebook, marks) if is_readable else [],
    )


def write_what_releases(course: Course, set_name: str, student: str) -> None:
    """Put beside a student's pages what nbgrader reads there to release them.

    Where the exchange gave no secret, nobody can fetch the page through it. nbgrader wants one all
    the same, and makes the page's name of it: so it is one that nobody can guess.
    """
    graded = course.autograded_folder(student, set_name)
    folder = course.feedback_folder(student, set_name)
    write(folder / TIME, _read(graded / TIME))
    secret = _read(graded / SECRET) or _read(folder / SECRET) or secrets.token_hex(32)
    write(folder / SECRET, secret)


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.is_file() else ""


def page(
    set_name: str, submission: SubmissionResult, notebook: dict[str, Any], marks: Marks
) -> str:
    """The feedback page of one notebook that was handed in.

    Args:
        set_name: the problem set.
        submission: how it was graded.
        notebook: the autograded notebook.
        marks: what the gradebook says of this notebook.
    """
    cells = notebook["cells"] if submission.tests else []
    return template().render(
        title=title_of(notebook) or set_name,
        set_name=set_name,
        submission=submission,
        marks=marks,
        tests={test.grade_id: test for test in submission.tests},
        cells=cells,
        shares=list(shares(cells, submission, marks)),
        reasons=reasons(cells, submission),
        untouched={_name(cell) for cell in cells if _is_untouched(cell)},
        no_response=NO_RESPONSE,
    )


class Share(NamedTuple):
    """What an exercise brought in, of how much."""

    points: float
    max_points: float


def title_of(notebook: dict[str, Any]) -> str:
    """The title of a notebook: its first heading."""
    texts = [cell["source"] for cell in notebook["cells"] if cell["cell_type"] == "markdown"]
    titles = (TITLE.findall(text) for text in texts)
    return next((found[0] for found in titles if found), "")


def shares(
    cells: list[dict[str, Any]], submission: SubmissionResult, marks: Marks
) -> Iterator[Share]:
    """For each cell, what the tests bring in that follow it before the next heading."""
    tests = {test.grade_id: test for test in submission.tests}
    for number, cell in enumerate(cells):
        below = [] if _has_no_heading(cell) else cells[number + 1 :]
        names = map(_name, itertools.takewhile(_has_no_heading, below))
        found = [tests[name] for name in names if name in tests]
        points = (_first(marks.points.get(test.grade_id), test.points) for test in found)
        yield Share(sum(points), sum(test.max_points for test in found))


def reasons(cells: list[dict[str, Any]], submission: SubmissionResult) -> dict[str, str]:
    """Why the letter that was chosen is wrong, by the name of the question's test."""
    failed = {test.grade_id for test in submission.tests if test.status == "failed"}
    answer = ""
    found = {}
    for cell in cells:
        name = _name(cell)
        if cell["metadata"].get("nbgrader", {}).get("solution"):
            answer = chosen(cell["source"])
        elif name in failed:
            found[name] = reasons_of(cell["source"]).get(answer, "")
    return found


def _has_no_heading(cell: dict[str, Any]) -> bool:
    return cell["cell_type"] != "markdown" or not HEADING.search(cell["source"])


def _is_untouched(cell: dict[str, Any]) -> bool:
    is_solution = cell["metadata"].get("nbgrader", {}).get("solution", False)
    return is_solution and is_untouched(nbformat.from_dict(cell))


def _name(cell: dict[str, Any]) -> str:
    name: str = cell["metadata"].get("nbgrader", {}).get("grade_id", "")
    return name


def _first(given: float | None, own: float) -> float:
    return own if given is None else given


@functools.cache
def template() -> jinja2.Template:
    """The template, which cleans and escapes all that is put into it."""
    made = environment()
    made.filters["clean"] = clean_outputs
    made.filters["colored"] = colored
    made.filters["dedent"] = textwrap.dedent
    made.filters["docstring"] = docstring
    made.filters["has_code"] = has_code
    made.filters["headings"] = HEADING.findall
    return made.get_template("feedback.html")


@functools.lru_cache(1000)
def colored(source: str) -> str:
    """Python source with its kinds of words marked for the style sheet."""
    source = plain(source)
    if LONG_BLANK.search(source):  # over long blanks the lexer takes seconds
        return html.escape(source)
    return highlight(source, LEXER, FORMATTER)


@functools.lru_cache(1000)
def docstring(source: str) -> str:
    """The property that a test cell names, in one line."""
    try:
        text = ast.get_docstring(ast.parse(source)) or ""
    except (SyntaxError, ValueError, RecursionError):  # such as a line for the shell
        return ""
    return " ".join(text.split())


def has_code(source: str) -> bool:
    """Whether a cell holds more than comments, and is not the one that shows the progress."""
    return COMMENT.sub("", source).strip() not in ("", LAST_CELL)

"""A page of feedback for one student: their code, what it printed, and a line for each test.

A page is one HTML file that loads nothing and runs nothing, made from the template
`feedback.html`. Of a test it shows the docstring, the points and the message that the grader chose
for students, never the source. Points and comments that a person gave in formgrader stand before
the grader's.
"""

import ast
import functools
import html
import re
import secrets
import textwrap
from collections.abc import Callable, Collection, Mapping
from datetime import datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

import jinja2
from markupsafe import Markup
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer

from mlpgrader.assignment.choice import chosen, reasons_of
from mlpgrader.clean import Room, clean_outputs, plain
from mlpgrader.course.folders import Course, write
from mlpgrader.course.marks import NO_RESPONSE, Marks, stored_set
from mlpgrader.course.recorded import Receipt, Recorded, read_recorded
from mlpgrader.course.timestamps import read_time
from mlpgrader.errors import UsageError
from mlpgrader.reports import problems
from mlpgrader.reports.standing import (
    Standing,
    autograded_notebook,
    last_run,
    mistakes_of,
    standing_of,
    test_results,
    why_not_graded,
)
from mlpgrader.reports.templates import environment
from mlpgrader.results import SubmissionResult

TITLE = re.compile(r"^# (.+)$", re.MULTILINE)
TIME, SECRET = "timestamp.txt", "submission_secret.txt"  # nbgrader's names
LAST_CELL = "checks.progress()"
COMMENT = re.compile(r"^[^\S\n]*#.*$", re.MULTILINE)
BACKTICKS = re.compile(r"`([^`]+)`")
LONG_BLANK = re.compile(r"\s{200}")
MOST_COLORED = 100_000  # characters of a page: what is odd enough takes the lexer long
MOST_KEPT = 2000  # of a cell that is remembered from one page to the next
LEXER = PythonLexer()
FORMATTER = HtmlFormatter(nowrap=True)


def write_feedback(
    course: Course | Path,
    set_name: str,
    *,
    students: Collection[str] | None = None,
    problems: list[str] | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> list[Path]:
    """Write the pages of all students whom the gradebook has grades of, and give their paths.

    Beside each page lie the time of hand-in and the secret that nbgrader needs to release it.

    Args:
        course: the course, or its folder.
        set_name: the problem set.
        students: whose pages are written; everybody's where none are named.
        problems: gets a line for each page that cannot be made, with the student's name.
        progress: called with the number of students done and of all.

    Raises:
        UsageError: if the set is not graded, or, where nobody takes problems, a page is missing.
    """
    course = Course.open(course)
    pages = Pages(course, set_name)
    found = list(pages.problems)
    paths = []
    chosen = [student for student in pages.students if students is None or student in students]
    for number, student in enumerate(chosen, 1):
        try:
            paths += _write_pages(course, set_name, student, pages)
        except Exception as error:  # nothing of one student keeps a page from another
            advice = f"run `mlpgrader grade {set_name} --student {student}`"
            reason = f"{type(error).__name__}: {error}"
            found.append(
                f"{student} has no page, as autograded/ lacks a notebook ({reason}): {advice}"
            )
        if progress:
            progress(number, len(chosen))
    if problems is not None:
        problems += found
    elif found:
        raise UsageError("; ".join(found))
    return paths


def _write_pages(course: Course, set_name: str, student: str, pages: "Pages") -> list[Path]:
    """Write one student's pages, and what releases them."""
    folder = course.feedback_folder(student, set_name)
    paths = [write(folder / f"{name}.html", text) for name, text in pages.of(student).items()]
    write_what_releases(course, set_name, student)
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
        self._recorded = read_recorded(course, set_name)
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
        mistakes = mistakes_of(runs, marks)
        about = about_page(self._course, self._set_name, student)
        texts = {}
        for name, part in marks.notebooks.items():
            notebook = autograded_notebook(self._course, self._set_name, student, name)
            submission = submission_of(student, notebook, part, standing)
            submission.mistakes = mistakes
            receipt = receipt_of(self._recorded.get(student), name, part)
            texts[name] = page(name, submission, notebook, part, about._replace(receipt=receipt))
        return texts


class About(NamedTuple):
    """What a page says besides the grades.

    Attributes:
        handed_in: when, in words; "" if nobody knows.
        graded: on which day.
        rule: what the course says of a second try.
        book: the address of the book's chapters; "" if they have none.
        chapters: where a section stands in it.
        receipt: what the points came from; None where others than our last run gave some.
    """

    handed_in: str = ""
    graded: str = ""
    rule: str = ""
    book: str = ""
    chapters: Mapping[str, problems.Section] = MappingProxyType({})
    receipt: Receipt | None = None


NOTHING_MORE = About()
_sections_in = functools.lru_cache(1)(problems.sections_in)


def about_page(course: Course, set_name: str, student: str) -> About:
    """What a student's pages say besides the grades.

    A course sets ``c.FeedbackPage.rule`` and ``c.FeedbackPage.book`` in its nbgrader_config.py.
    """
    folder = course.autograded_folder(student, set_name)
    time = read_time(_read(folder / TIME), course.timezone)
    written = max((path.stat().st_mtime for path in folder.glob("*.ipynb")), default=None)
    settings = course.config.FeedbackPage
    return About(
        handed_in=f"{time:%Y-%m-%d, %H:%M} UTC" if time else "",
        graded=f"{datetime.fromtimestamp(written):%Y-%m-%d}" if written else "",
        rule=settings.get("rule", ""),
        book=settings.get("book", "").rstrip("/"),
        chapters=_sections_in(course.root / "book"),
    )


def receipt_of(recorded: Recorded | None, notebook: str, marks: Marks) -> Receipt | None:
    """What the automatic points of a notebook came from, if the gradebook still has those."""
    if recorded is None or recorded.scores.get(notebook) != marks.automatic:
        return None
    return recorded.receipts.get(notebook)


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
    set_name: str,
    submission: SubmissionResult,
    notebook: dict[str, Any],
    marks: Marks,
    about: About = NOTHING_MORE,
) -> str:
    """The feedback page of one notebook that was handed in.

    Args:
        set_name: the problem set.
        submission: how it was graded.
        notebook: the autograded notebook.
        marks: what the gradebook says of this notebook.
        about: what else the page says.
    """
    cells = notebook["cells"] if submission.tests else []
    tests = {test.grade_id: test for test in submission.tests}
    found = problems.problems(cells, tests, marks.points, marks.untouched)
    return template().render(
        title=title_of(notebook) or set_name,
        set_name=set_name,
        submission=submission,
        marks=marks,
        about=about,
        tests=tests,
        cells=cells,
        problems=found,
        first_look=problems.first_look(found),
        repeated={name: why for one in found for name, why in problems.repeated(one).items()},
        reasons=reasons(cells, submission),
        mistakes={mistake.exercise: mistake for mistake in submission.mistakes if mistake.says},
        untouched=marks.untouched,
        no_response=NO_RESPONSE,
        clean=functools.partial(clean_outputs, room=Room()),
        colored=Coloring().colored,
    )


def title_of(notebook: dict[str, Any]) -> str:
    """The title of a notebook: its first heading."""
    texts = [cell["source"] for cell in notebook["cells"] if cell["cell_type"] == "markdown"]
    titles = (TITLE.findall(text) for text in texts)
    return next((found[0] for found in titles if found), "")


def reasons(cells: list[dict[str, Any]], submission: SubmissionResult) -> dict[str, str]:
    """Why the letter that was chosen is wrong, by the name of the question's test."""
    failed = {test.grade_id for test in submission.tests if test.status == "failed"}
    answer = ""
    found = {}
    for cell in cells:
        name = problems.name_of(cell)
        if cell["metadata"].get("nbgrader", {}).get("solution"):
            answer = cell["source"]
        elif name in failed:
            known = reasons_of(cell["source"])
            if known:
                found[name] = known.get(chosen(answer), "")
    return found


@functools.cache
def template() -> jinja2.Template:
    """The template, which cleans and escapes all that is put into it."""
    made = environment()
    made.filters["dedent"] = textwrap.dedent
    made.filters["docstring"] = docstring
    made.filters["has_code"] = has_code
    made.filters["headings"] = problems.headings
    made.filters["hidden_failure"] = problems.hidden_failure
    made.filters["anchor"] = problems.anchor
    made.filters["parts"] = problems.parts
    made.filters["with_code"] = with_code
    return made.get_template("feedback.html")


class Coloring:
    """Marks the kinds of words in the Python source of a page, as long as there is room for it."""

    def __init__(self) -> None:
        self.left = MOST_COLORED

    def colored(self, source: str) -> str:
        """Python source with its kinds of words marked for the style sheet."""
        source = plain(source)
        self.left -= len(source)
        if self.left < 0:
            return html.escape(source)
        return colored_before(source) if len(source) < MOST_KEPT else colored(source)


def colored(source: str) -> str:
    """Plain Python source with its kinds of words marked for the style sheet."""
    if LONG_BLANK.search(source):  # over long blanks the lexer takes seconds
        return html.escape(source)
    return highlight(source, LEXER, FORMATTER)


@functools.lru_cache(1000)
def colored_before(source: str) -> str:
    """What `colored` gives, remembered."""
    return colored(source)


@functools.lru_cache(1000)
def docstring(source: str) -> str:
    """The property that a test cell names, in one line."""
    try:
        text = ast.get_docstring(ast.parse(source)) or ""
    except (SyntaxError, ValueError, RecursionError):  # such as a line for the shell
        return ""
    return " ".join(text.split())


def with_code(text: str) -> Markup:
    """A sentence of ours in which code stands between backticks.

    Examples:
        >>> with_code("try `x < 0`")
        Markup('try <code>x &lt; 0</code>')
    """
    return Markup(BACKTICKS.sub(r"<code>\1</code>", html.escape(plain(text))))


def has_code(source: str) -> bool:
    """Whether a cell holds more than comments, and is not the one that shows the progress."""
    return COMMENT.sub("", source).strip() not in ("", LAST_CELL)

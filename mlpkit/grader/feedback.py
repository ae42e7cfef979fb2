"""A page of feedback for one student: their code, what it printed, and a line for each test.

A page is one HTML file that loads nothing and runs nothing. Of a test it shows the docstring, the
points and the message that the grader chose for students, never the source. Points and comments
that a person gave in formgrader stand before the grader's.
"""

import ast
import functools
import html
import json
import re
from importlib.resources import files
from pathlib import Path

from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer

from mlpkit.grader.clean import clean_output, plain
from mlpkit.grader.course import write
from mlpkit.grader.errors import UsageError
from mlpkit.grader.record import course_directory, stored_marks
from mlpkit.grader.report import load, number

PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy"
  content="default-src 'none'; img-src data:; style-src 'unsafe-inline'">
<title>{title}</title>
<style>{style}</style>
</head>
<body>
<main>
{body}
</main>
</body>
</html>
"""
HEADING = re.compile(r"^#{2,3} (.+)$", re.MULTILINE)
COMMENTS = re.compile(r"^\s*#.*$", re.MULTILINE)
MARKS = {"passed": "✓", "error": "?"}
WORDS = {
    "passed": "passed",
    "failed": "failed",
    "timeout": "took too long",
    "limit": "used too much memory, time or output",
    "crashed": "the Python process ended",
    "error": "your instructor looks at this test",
}
STYLE = files("mlpkit.grader").joinpath("feedback.css").read_text(encoding="utf-8")
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
        except (OSError, ValueError, KeyError) as error:
            advice = f"run `mlpkit grade {set_name}` again"
            raise UsageError(
                f"{student} is not in the gradebook or autograded/: {advice}"
            ) from error
        folder = Path(folders.format_path(folders.feedback_directory, student, set_name))
        paths.append(write(folder / f"{set_name}.html", made))
        progress and progress(len(paths), len(data["submissions"]))
    return paths


def text(value) -> str:
    """A text as HTML shows it, with nothing in it that a browser could act on."""
    return html.escape(plain(value))


def page(set_name: str, submission: dict, notebook: dict, marks: dict) -> str:
    """The feedback page of one submission.

    Args:
        set_name: the problem set.
        submission: an entry of `submissions` in the set's results.
        notebook: the autograded notebook.
        marks: what the gradebook says: `score`, `penalty`, and `points` and `comments` by grade_id.
    """
    tests = {test["grade_id"]: test for test in submission["tests"]}
    body = [*heading(set_name, submission, marks)]
    for cell in notebook["cells"] if tests else ():
        body += show_cell(cell, tests, marks)
    title = text(f"{set_name}: feedback for {submission['student']}")
    return PAGE.format(title=title, style=STYLE, body="\n".join(body))


def heading(set_name: str, submission: dict, marks: dict):
    """The score and what there is to say about the submission as a whole."""
    yield f"<h1>{text(set_name)}</h1>"
    score = max(0.0, marks["score"] - marks["penalty"])
    yield f'<p class="score"><b>{number(score)}</b> of {number(submission["max_score"])} points</p>'
    yield f"<p>Feedback for {text(submission['student'])}.</p>"
    if submission["status"] != "graded" or submission["message"]:
        yield f'<p class="note">{text(submission["status"])}: {text(submission["message"])}</p>'
    if marks["penalty"]:
        late = submission["late_seconds"] / 3600
        yield f'<p class="note">{late:.1f} hours late: {number(marks["penalty"])} points less.</p>'


def show_cell(cell: dict, tests: dict, marks: dict):
    """One cell: a test as a line, other code as it was written, with what it printed."""
    settings = cell["metadata"].get("nbgrader", {})
    name = settings.get("grade_id")
    if cell["cell_type"] == "markdown":
        yield from (f"<h2>{text(title)}</h2>" for title in HEADING.findall(cell["source"]))
    elif settings.get("grade"):
        yield show_test(cell, tests[name], marks["points"].get(name))
    elif settings.get("solution") or (not settings and COMMENTS.sub("", cell["source"]).strip()):
        yield "" if name else "<h3>A cell of your own</h3>"
        yield f'<pre class="code" tabindex="0"><code>{colored(cell["source"])}</code></pre>'
        yield from filter(None, map(show_output, cell["outputs"]))
    if marks["comments"].get(name):
        yield f'<p class="note">{text(marks["comments"][name])}</p>'


@functools.lru_cache(1000)
def colored(source: str) -> str:
    """Python source with its kinds of words marked for the style sheet."""
    return highlight(plain(source), *PYTHON)


def show_test(cell: dict, test: dict, points: float | None) -> str:
    """A test as a line: mark, property, points, and why it failed."""
    status = test["status"]
    points = test["points"] if points is None else points
    given = f"{number(points)} of {number(test['max_points'])}"
    why = f'<span class="why">{text(test["message"])}</span>' if test["message"] else ""
    return (
        f'<div class="test {text(status)}"><span class="mark">{MARKS.get(status, "✗")}</span>'
        f'<span class="what">{text(docstring(cell["source"]) or test["grade_id"])}</span>'
        f'<span class="points">{given}, {WORDS.get(status, text(status))}</span>{why}</div>'
    )


@functools.lru_cache(1000)
def docstring(source: str) -> str:
    """The property that a test cell names in its first line."""
    return (ast.get_docstring(ast.parse(source)) or "").partition("\n")[0]


def show_output(output: dict) -> str | None:
    """What a cell printed or drew, cleaned once more."""
    output = clean_output(output)
    if output is None:
        return None
    if output.output_type == "stream":
        return printed(output.text, output.name)
    if output.output_type == "error":
        return printed("\n".join(output.traceback) or output.evalue, "stderr")
    return show_data(output.data)


def printed(words: str, kind: str) -> str:
    """Text as a box that scrolls, also by keyboard."""
    return f'<pre class="{kind}" tabindex="0">{text(words)}</pre>'


def show_data(data: dict) -> str:
    """An image, cleaned HTML or text."""
    for kind, value in data.items():
        if kind.startswith("image/"):
            return f'<img alt="Figure that this cell drew" src="data:{kind};base64,{value}">'
    if "text/html" in data:
        return f'<div class="html">{data["text/html"]}</div>'
    return printed(data["text/plain"], "stdout")

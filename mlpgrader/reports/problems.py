"""What a student's page says beyond the verdicts: where the points went, and what to do next.

A *problem* is what stands under one heading of a set. Of a test that failed in a part that the
student did not see, the page has one word, the reason; it tells what that means for the example
that can be seen, and which kind of input is worth a try. Nothing here knows a hidden test.
"""

import ast
import itertools
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from mlpgrader.assignment.syntax import parse
from mlpgrader.inside.messages import CATEGORIES, UNSEEN, Reason
from mlpgrader.results import TestResult

Cell = dict[str, Any]

HEADING = re.compile(r"^#{2,3} (.+?)(?: \([\d.]+ points?[^()]*\))?$", re.MULTILINE)
SECTIONS = re.compile(r"\b[Ss]ections? (“[^”]+”(?:(?:,|,? and) “[^”]+”)*)")
TITLES = re.compile(r"^#+ (.+)$", re.MULTILINE)
QUOTED = re.compile(r"“([^”]+)”")
NOT_DEFINED = re.compile(r"\w+ is not defined: its cell ")
LONG_DOCSTRING = 3  # lines, beyond the first
QUOTES = ('"""', "'''")
QUESTION = "-choice"  # how the name of a cell ends that asks for a letter
LINE = re.compile(r"\r\n|\r|\n")

# which kind of input is worth a try where a hidden part failed, by the reason
TRY: dict[Reason, str] = {
    "none": "Is there a way through your function that ends without `return`?",
    "wrong-type": "Try one single element, an empty tensor, one layer: is it still a tensor then, "
    "or a number where a number is due?",
    "wrong-shape": "Try one row, one column, sizes that all differ, no rows at all, more or fewer "
    "dimensions.",
    "wrong-dtype": "Try float64 where the example has float32: a constant or a new tensor in your "
    "code has a dtype of its own.",
    "wrong-length": "Try one layer and many, one row and many, sizes that all differ.",
    "wrong-keys": "Compare the keys with those of the task, letter by letter.",
    "not-finite": "Try huge, tiny and infinite inputs of both signs, and 0.",
    "wrong-value": "Try sizes that all differ, one row, zeros, negative and large numbers, "
    "float64; work out by hand what is due.",
    "no-gradient": "Look for `.item()`, `.detach()`, NumPy or a new tensor on the way from the "
    "input to the result.",
    "raised": "Try other sizes, one row, an empty tensor, float64, `torch.no_grad()`: which of "
    "them does your code take for granted?",
    "not-raised": "Which inputs does the task forbid? Try each of them.",
    "argument-changed": "Look for `+=`, `x[…] =` and methods that end in `_`: they write into what "
    "you were given.",
    "generator-moved": "Draw from a generator of your own, `torch.Generator().manual_seed(…)`.",
    "grad-mode-changed": "Use `with torch.no_grad():`, which puts back what was there.",
    "not-implemented": "A branch of your code still raises NotImplementedError.",
    "property": "Read the property again: what does it say of inputs unlike those of the example?",
    "unreadable-answer": "Return what the task names, and nothing that grows with every call.",
}


@dataclass
class Problem:
    """What stands under one heading.

    Attributes:
        title: the heading, without points and minutes.
        number: from 1; the page's anchor.
        points: what was won.
        max_points: of how much.
        tests: its tests, without what a person is still to grade.
        is_untouched: whether nothing was written.
        is_question: whether it asks for a letter.
        sections: the titles of the chapter's sections that its hints name.
    """

    title: str
    number: int
    points: float
    max_points: float
    tests: list[TestResult]
    is_untouched: bool
    is_question: bool
    sections: list[str]

    @property
    def lost(self) -> float:
        """The points that are missing."""
        return self.max_points - self.points

    @property
    def mark(self) -> str:
        """A sign for how it stands."""
        if self.lost <= 0:
            return "✓"
        return "·" if self.is_untouched else "✗"

    @property
    def advice(self) -> str:
        """How it stands, and so what to do first; "" if no point is missing."""
        if self.lost <= 0:
            return ""
        if self.is_untouched:
            return "not attempted"
        if self.is_question:
            return "another letter is right"
        return _advice([test for test in self.tests if test.status != "passed"])


def _advice(failed: list[TestResult]) -> str:
    """What to do about a problem that was tried."""
    messages = [test.message for test in failed]
    states = {test.status for test in failed}
    if any(map(NOT_DEFINED.search, messages)):
        return "its cell does not run to the end; mend that first"
    if states & {"timeout", "limit", "crashed"}:
        return "something takes too long, or ends Python; look at its loops first"
    if messages and all(UNSEEN in message for message in messages):
        return "the examples that you can see pass, other inputs do not"
    if states & {"pending", "error"}:
        return "your instructor looks at it"
    return "an example that you can see fails; run its test cells in your notebook"


class Hidden(NamedTuple):
    """A failure in a part that the student did not see.

    Attributes:
        what: what happened, such as "it gave the wrong shape".
        advice: which kind of input to try.
    """

    what: str
    advice: str


def problems(
    cells: list[Cell],
    tests: Mapping[str, TestResult],
    points: Mapping[str, float],
    untouched: set[str],
) -> list[Problem]:
    """The problems of a set that have points, in order.

    Args:
        cells: the autograded notebook's.
        tests: the results by the test cell's name.
        points: what a person or the grader gave, by the same.
        untouched: the solution cells in which nothing was written.
    """
    read = sections_of(cells)
    found: list[Problem] = []
    for title, below in _under_headings(cells):
        own = [tests[name] for name in map(name_of, below) if name in tests]
        answers = [name_of(cell) for cell in below if _settings(cell).get("solution")]
        problem = Problem(
            title=title,
            number=len(found) + 1,
            points=sum(points.get(test.grade_id, test.points) for test in own),
            max_points=sum(test.max_points for test in own),
            tests=own,
            is_untouched=untouched.issuperset(answers or [""]),
            is_question=any(map(_asks_for_a_letter, answers)),
            sections=_sections_for(answers, read),
        )
        if problem.max_points:
            found.append(problem)
    return found


def _asks_for_a_letter(solution: str) -> bool:
    return solution.endswith(QUESTION)


def _sections_for(answers: list[str], read: dict[str, list[str]]) -> list[str]:
    return [section for name in answers for section in read.get(_exercise(name), [])]


def first_look(found: Iterable[Problem]) -> Problem | None:
    """The problem to look at first: what was tried and costs most, else what was not tried."""
    missing = [problem for problem in found if problem.lost > 0]
    return max(missing, key=lambda one: (not one.is_untouched, one.lost), default=None)


def _under_headings(cells: list[Cell]) -> Iterator[tuple[str, list[Cell]]]:
    """Each heading with the cells up to the next."""
    starts = [number for number, cell in enumerate(cells) if headings(cell)]
    for start, end in itertools.pairwise([*starts, len(cells)]):
        yield headings(cells[start])[-1], cells[start:end]


def headings(cell: Cell) -> list[str]:
    """The headings in a cell of prose; none in a cell of code."""
    return HEADING.findall(cell["source"]) if cell["cell_type"] == "markdown" else []


def name_of(cell: Cell) -> str:
    """The name that nbgrader has for a cell; "" if it has none."""
    name: str = _settings(cell).get("grade_id", "")
    return name


def _settings(cell: Cell) -> dict[str, Any]:
    settings: dict[str, Any] = cell["metadata"].get("nbgrader", {})
    return settings


def hidden_failure(test: TestResult, about: str) -> Hidden | None:
    """What to say of a failure in a hidden part; None if the message is of something else."""
    before, found, what = test.message.partition(f": {UNSEEN}, ")
    if not found or before.split() != about.split():
        return None
    reasons = (reason for reason, text in CATEGORIES.items() if _says(what, text))
    return Hidden(what, TRY[next(reasons, "property")])


def _says(what: str, category: str) -> bool:
    start, blank, _ = category.partition("{}")
    return what.startswith(start) if blank else what == category


def repeated(found: Problem) -> dict[str, str]:
    """The tests that did not run since a cell did not, and why; but for the first, which tells."""
    undefined = [test for test in found.tests if NOT_DEFINED.search(test.message)]
    return {test.grade_id: _why_not_run(test.message) for test in undefined[1:]}


def _why_not_run(message: str) -> str:
    if "the process ended" in message:
        return "the cell above ended Python"
    if "did not end" in message:
        return "the cell above did not end in time"
    return "the cell above stopped with an error"


# --- the sections of a chapter -------------------------------------------------------------------


def sections_of(cells: list[Cell]) -> dict[str, list[str]]:
    """The sections that the hints of each exercise name, by what the hints call it."""
    for cell in cells:
        if name_of(cell).endswith("-exercises"):
            return _sections_in_hints(cell["source"])
    return {}


def _sections_in_hints(source: str) -> dict[str, list[str]]:
    found = {}
    for node in ast.walk(parse(source)):
        match node:
            case ast.keyword(arg="hints", value=value):
                hints = ast.literal_eval(value)
                found = {name: _named_sections(steps) for name, steps in hints.items()}
    return found


def _exercise(solution: str) -> str:
    """What the hints call the exercise of a solution cell."""
    return "choice" if _asks_for_a_letter(solution) else solution.replace("-", "_")


def _named_sections(steps: Iterable[str]) -> list[str]:
    lists = [titles for step in steps for titles in SECTIONS.findall(step)]
    return list(dict.fromkeys(title for titles in lists for title in QUOTED.findall(titles)))


class Section(NamedTuple):
    """Where a section stands in the book.

    Attributes:
        page: the name of the chapter's page.
        chapter: its title.
    """

    page: str
    chapter: str


def sections_in(book: Path) -> dict[str, Section]:
    """The sections of a book in Markdown by their titles; none if there is no such folder."""
    found = {}
    for path in sorted(book.glob("*.md")):
        titles = TITLES.findall(path.read_text(encoding="utf-8"))
        names = [re.sub(r"[*`]", "", title) for title in titles]
        found.update({name: Section(path.stem, names[0]) for name in names[1:]})
    return found


def anchor(title: str) -> str:
    """The id that the book's pages give to a section.

    Examples:
        >>> anchor("…and can lose: rank")
        'and-can-lose-rank'
    """
    text = unicodedata.normalize("NFKD", title.lower()).encode("ascii", "ignore").decode()
    return re.sub(r"^[-0-9]+|-+$", "", re.sub(r"[^a-z0-9]+", "-", text))


# --- the student's own lines ---------------------------------------------------------------------


class Part(NamedTuple):
    """Some lines of a cell: code, or a long docstring.

    Attributes:
        text: the lines.
        summary: of a docstring, its first line; "" of code.
    """

    text: str
    summary: str = ""


def parts(source: str) -> list[Part]:
    r"""A cell's code in parts, so that long docstrings can be folded.

    Examples:
        >>> code = 'def f():\n    \'\'\'Add.\n\n    Two\n    lines.\n    \'\'\'\n    return 1'
        >>> [part.summary for part in parts(code)]
        ['', 'Add.', '']
    """
    lines = LINE.split(source)
    found = []
    done = 0
    for start, end in _docstrings(lines):
        summary = " ".join(lines[start].strip(" \t\"'").split())
        found += [Part("\n".join(lines[done:start])), Part("\n".join(lines[start:end]), summary)]
        done = end
    found.append(Part("\n".join(lines[done:])))
    return [part for part in found if part.text.strip()]


def _docstrings(lines: list[str]) -> Iterator[tuple[int, int]]:
    """The long docstrings of a cell: the line where each starts, and the one after its end.

    By the look of the lines, since a cell that is no Python yet has its docstring all the same.
    """
    start, quotes = None, ""
    for number, line in enumerate(lines):
        text = line.strip()
        if start is None and _opens(text, lines[number - 1]):
            start, quotes = number, text[:3]
        elif start is not None and text.endswith(quotes):
            if number - start >= LONG_DOCSTRING:
                yield start, number + 1
            start = None


def _opens(text: str, before: str) -> bool:
    """Whether a line opens a docstring that it does not close."""
    opens = text[:3] in QUOTES and before.rstrip().endswith(":")
    return opens and text[:3] not in text[3:]

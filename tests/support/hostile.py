"""The standing attacker: submissions of `tests/hostile/`, and a class that they are put into.

Each file there is one submission, by a student of the file's name. It is a Python module whose
docstring says what is tried and what must happen. What it hands in is said by these names:

| name       | what it is                                                                         |
| ---------- | ---------------------------------------------------------------------------------- |
| `DOUBLE`   | the text of the solution cell `double`; the same for others, such as `BOX`         |
| `TRIED`    | lines in a cell whose `double` is wrong; that they run to their end is a success   |
| `ADDED`    | the text of a code cell after the first                                            |
| `PROSE`    | the text of a Markdown cell after the first                                        |
| `NOTEBOOK` | the whole notebook, or a text that should be one                                   |
| `FILES`    | other files beside the notebook, text or bytes by path                             |
| `hand_in`  | a function: lays out what else is to be in the folder that it is given             |
| `POINTS`   | what it gets; where it says nothing, that of an honest part: 3 of 6                |
| `LEAST`    | what it gets at least, where it hurts itself                                       |
| `STATUS`   | the status of its row; `graded` where it says nothing                              |
| `check`    | a function: looks at what came of it (`Seen`)                                      |

Files in the folder `inside/` hand in the set `box`, whose tests are judged inside; all others hand
in `mini`. What must hold for everybody is in `tests/mlpgrader/runner/test_hostile.py`.
"""

import importlib.util
import json
import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from types import ModuleType
from typing import Any

from tests.support import mini
from tests.support.course import Notebook, cell, notebook, prose

FOLDER = Path(__file__).resolve().parents[1] / "hostile"
SETS = {"mini": "", "box": "inside"}  # and the folder of submissions of each

WRONG = "def double(x):\n    return 3 * x\n"
HONEST = 3.0  # the rest of a submission whose `double` is wrong
FULL = 6.0
GAINED = "GAINED"  # printed where a wall gave way


def tried(lines: str) -> str:
    """A cell with an attack of which any exception is no success."""
    body = lines.strip().replace("\n", "\n    ")
    return f"{WRONG}\ntry:\n    {body}\n    print('{GAINED}')\nexcept BaseException:\n    pass\n"


@dataclass(frozen=True)
class Submission:
    """One file of the folder.

    Attributes:
        name: the student's.
        module: what the file says.
        set_name: the set that it hands in.
    """

    name: str
    module: ModuleType
    set_name: str

    def says(self, name: str, otherwise: Any = None) -> Any:
        """What the file says by a name."""
        return getattr(self.module, name, otherwise)

    @property
    def most(self) -> float:
        return self.says("POINTS", HONEST)

    @property
    def least(self) -> float:
        return self.says("LEAST", self.most)

    @property
    def status(self) -> str:
        return self.says("STATUS", "graded")

    def notebook(self) -> Notebook | str | None:
        """The notebook; None if the file lays out everything itself."""
        if self.says("NOTEBOOK") is not None:
            return self.says("NOTEBOOK")
        written = {name: self.says(name.upper().replace("-", "_")) for name in RIGHT[self.set_name]}
        answers = {name: text for name, text in written.items() if text is not None}
        if self.says("TRIED"):
            answers["double"] = tried(self.says("TRIED"))
        extra = [cell(self.says("ADDED"))] if self.says("ADDED") else []
        if self.says("PROSE"):
            extra.append(prose(self.says("PROSE"), "prose"))
        if not answers and not extra and self.says("hand_in"):
            return None
        return make_notebook(self.set_name, answers, extra)

    def write(self, course: Path) -> None:
        """Put it into a course."""
        folder = course / "submitted" / self.name / self.set_name
        book = self.notebook()
        if book is not None:
            mini.write(folder / f"{self.set_name}.ipynb", book)
        for path, content in self.says("FILES", {}).items():
            place = folder / path
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(content if isinstance(content, bytes) else content.encode())
        if self.says("hand_in"):
            folder.mkdir(parents=True, exist_ok=True)
            self.says("hand_in")(folder)


def make_notebook(set_name: str, answers: dict[str, str], extra: list[Notebook]) -> Notebook:
    """What a student hands in: right answers but for some, and cells after the first."""
    source = mini.source(tests={}, right=RIGHT[set_name] | answers)
    first, *others = source["cells"]
    return notebook([first, *extra, *others])


def submissions(set_name: str) -> dict[str, Submission]:
    """The submissions of a set, by student."""
    files = sorted((FOLDER / SETS[set_name]).glob("*.py"))
    found = [Submission(file.stem.replace("_", "-"), load(file), set_name) for file in files]
    return {submission.name: submission for submission in found}


def load(file: Path) -> ModuleType:
    """A file as a module."""
    spec = importlib.util.spec_from_file_location(f"hostile_{file.stem}", file)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def make_course(folder: Path, chosen: dict[str, dict[str, Submission]]) -> Path:
    """A course with the two sets and some submissions, by set."""
    for set_name, tests in TESTS.items():
        book = mini.source(tests=tests, right=RIGHT[set_name])
        mini.write(folder / "solutions" / set_name / f"{set_name}.ipynb", book)
        for submission in chosen.get(set_name, {}).values():
            submission.write(folder)
    return folder


# --- the set whose tests are judged inside -------------------------------------------------

SECRET = "xyzzy-4321"
BOX_TESTS: mini.Tests = {
    "box": {
        "box-value": (
            '"""a box keeps what it is given"""\nassert Box(3).value == 3, "not 3"\n'
            f"{mini.HIDE}\nsecret_word = '{SECRET}'\n"
            f"assert Box(secret_word).value == secret_word\n{mini.SHOW}",
            2.0,
        ),
        "box-points": ("Box(0.5).value + Box(0.5).value", 1.0),
        "box-last": (f"{mini.HIDE}\nassert Box('{SECRET}2').value[-1] == '2'\n{mini.SHOW}", 1.0),
    },
    "alone": {
        "alone-here": (
            "import os\npids = [name for name in os.listdir('/proc') if name.isdigit()]\n"
            "assert len(pids) == 2 and alone",  # that of the test, and its ancestor
            1.0,
        ),
    },
    "half": {"half-value": ("assert half(4) == 2", 1.0)},
}
BOX_RIGHT = {
    "box": "class Box:\n    def __init__(self, value):\n        self.value = value",
    "alone": "alone = True",
    "half": "def half(x):\n    return x / 2",
}
TESTS = {"mini": mini.TESTS, "box": BOX_TESTS}
RIGHT = {"mini": mini.RIGHT, "box": BOX_RIGHT}
# what no student is shown
SECRETS = ("secret_input", "-17.25", "4321", "BEGIN HIDDEN")


def shows(text: str, secret: str) -> bool:
    """Whether a text holds a secret, not as a part of a digest's or a time's digits."""
    number = r"(?<![\da-f])(?<!\d\.)"  # neither that of a digest nor what follows a point
    return re.search(rf"{number}{re.escape(secret)}(?![\da-f])", text) is not None


# --- what came of it -----------------------------------------------------------------------


@dataclass(frozen=True)
class Seen:
    """What came of one submission.

    Attributes:
        course: the course, after grading, feedback and export.
        row: its row of the results.
        said: what the commands said, together.
    """

    course: Path
    row: dict[str, Any]
    set_name: str
    said: str

    def status_of(self, grade_id: str) -> str:
        """How a test ended."""
        return self.test(grade_id)["status"]

    def test(self, grade_id: str) -> dict[str, Any]:
        """The result of a test."""
        return next(test for test in self.row["tests"] if test["grade_id"] == grade_id)

    @cached_property
    def outputs(self) -> dict[str, Any]:
        """What its cells printed and showed."""
        file = self.course / "results" / self.set_name / f"{self.row['receipt']}.json"
        return json.loads(file.read_text())["outputs"] if file.exists() else {}

    def page(self) -> str:
        """Its page of feedback; empty if there is none."""
        return self._text("feedback", ".html")

    def autograded(self) -> str:
        """Its notebook in `autograded/`; empty if there is none."""
        return self._text("autograded", ".ipynb")

    def _text(self, folder: str, ending: str) -> str:
        file = self.course / folder / self.row["student"] / self.set_name / self.set_name
        path = file.with_suffix(ending)
        return path.read_text(encoding="utf-8") if path.exists() else ""

    def kept(self) -> str:
        """What was kept of it: its row, and what its cells printed and showed."""
        return json.dumps([self.row, self.outputs])

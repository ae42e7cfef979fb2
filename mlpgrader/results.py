"""What grading a set comes to: the dataclasses whose JSON `mlpgrader grade --json` prints.

The page *Results* of the book specifies that JSON field by field.
"""

from dataclasses import dataclass, field
from typing import Any, Literal

from mlpgrader.inside.messages import Reason, Status

SCHEMA_VERSION = 2
SubmissionStatus = Literal["graded", "unreadable", "review"]
Judged = Literal["apart", "inside", "by-hand"]


@dataclass
class TestResult:
    """The verdict of one test cell.

    Attributes:
        grade_id: nbgrader's name of the cell.
        points: what it earned.
        max_points: what it is worth.
        status: how it ended.
        reason: what was wrong where it failed, for machines.
        judged: where the cell ran: `apart` from the student's process, or `inside` it, where a
            dishonest student can forge the verdict; `by-hand` where a person gives the points.
        message: what the student is told.
        notebook: the notebook that the cell is in, where a set has several.
    """

    grade_id: str
    points: float
    max_points: float
    status: Status
    reason: Reason | None = None
    judged: Judged = "apart"
    message: str = ""
    notebook: str = ""

    def to_json(self) -> dict[str, Any]:
        """What `--json` prints of it; the notebook only where there are several."""
        return {key: value for key, value in vars(self).items() if key != "notebook" or value}


@dataclass
class SubmissionResult:
    """How one submission was graded.

    Attributes:
        student: the name of the folder that held it.
        status: whether it was graded, could not be read, or somebody has to look.
        message: why it was not simply graded.
        score: the points of its tests, before late penalties.
        max_score: the points of the set.
        late_seconds: how late it was handed in, as the gradebook says.
        seconds: how long grading it took.
        receipt: a hash of its text, the plan, the limits and the versions it was graded with; empty
            where there is no text.
        tests: a result for each test cell of the plan.
        outputs: what its cells printed and showed, by key; not part of the JSON.
        notebooks: where a set has several, the result of each by its name; not part of the JSON.
    """

    student: str
    status: SubmissionStatus
    message: str
    score: float
    max_score: float
    late_seconds: float = 0
    seconds: float = 0.0
    receipt: str = ""
    tests: list[TestResult] = field(default_factory=list)
    outputs: dict[str, list[Any]] = field(default_factory=dict)
    notebooks: dict[str, "SubmissionResult"] = field(default_factory=dict)

    def of(self, notebook: str) -> "SubmissionResult":
        """The result of one notebook of the set."""
        return self.notebooks.get(notebook, self)

    def to_json(self) -> dict[str, Any]:
        """What `--json` prints of it."""
        data = {**vars(self), "tests": [test.to_json() for test in self.tests]}
        del data["outputs"], data["notebooks"]
        return data


@dataclass
class SetResult:
    """How a set was graded.

    Attributes:
        set: its name.
        max_score: the points of all its tests.
        sandbox: behind which walls students' code ran, in words.
        submissions: a result for each submission, by the student's name.
        forgeable_points: the points of the tests that are judged inside the student's process.
    """

    set: str
    max_score: float
    sandbox: str
    submissions: list[SubmissionResult]
    forgeable_points: float = 0.0

    def to_json(self) -> dict[str, Any]:
        """What `--json` prints."""
        return {
            "schema_version": SCHEMA_VERSION,
            "set": self.set,
            "max_score": self.max_score,
            "sandbox": self.sandbox,
            "forgeable_points": self.forgeable_points,
            "submissions": [submission.to_json() for submission in self.submissions],
        }

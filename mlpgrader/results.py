"""What grading a set comes to: the dataclasses whose JSON `mlpgrader grade --json` prints.

The page *Results* of the book specifies that JSON field by field.
"""

from dataclasses import dataclass, field
from typing import Any, Literal

from mlpgrader.inside.messages import Reason, Status

SCHEMA_VERSION = 2
SubmissionStatus = Literal["graded", "unreadable", "review"]
Judged = Literal["apart", "inside", "by-hand"]
Level = Literal["error", "advice"]


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


@dataclass(frozen=True)
class NamedMistake:
    """A mistake of a student's that the set's author knows.

    Attributes:
        exercise: the `grade_id` of the solution cell.
        mistake: what is wrong with it, in the author's words.
        says: the same for students; empty if they are not told.
        read: the title of the section that they should read; empty if there is none.
    """

    exercise: str
    mistake: str
    says: str = ""
    read: str = ""


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
        hand_in: the SHA-256 of the file that was handed in; empty where there is none.
        plan: a hash of what the set asks, its tests included, and of how each is judged.
        tests: a result for each test cell of the plan.
        mistakes: those that the set's author knows.
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
    hand_in: str = ""
    plan: str = ""
    tests: list[TestResult] = field(default_factory=list)
    mistakes: list[NamedMistake] = field(default_factory=list)
    outputs: dict[str, list[Any]] = field(default_factory=dict)
    notebooks: dict[str, "SubmissionResult"] = field(default_factory=dict)

    def of(self, notebook: str) -> "SubmissionResult":
        """The result of one notebook of the set."""
        return self.notebooks.get(notebook, self)

    def to_json(self) -> dict[str, Any]:
        """What `--json` prints of it."""
        tests = [test.to_json() for test in self.tests]
        mistakes = [dict(vars(mistake)) for mistake in self.mistakes]
        data = {**vars(self), "tests": tests, "mistakes": mistakes}
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
        versions: of what graded it, by name.
    """

    set: str
    max_score: float
    sandbox: str
    submissions: list[SubmissionResult]
    forgeable_points: float = 0.0
    versions: dict[str, str] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """What `--json` prints."""
        return {
            "schema_version": SCHEMA_VERSION,
            "set": self.set,
            "max_score": self.max_score,
            "sandbox": self.sandbox,
            "forgeable_points": self.forgeable_points,
            "versions": self.versions,
            "submissions": [submission.to_json() for submission in self.submissions],
        }


@dataclass(frozen=True)
class Survivor:
    """A reference solution with one change that passes every test.

    Attributes:
        cell: the `grade_id` of the solution cell.
        line: the line of the change in that cell, from 1.
        scope: the function or method that it is in.
        before: the statement that changed.
        after: what it became; nothing if it was left out.
        reason: why it is the same function, where somebody wrote that down.
    """

    cell: str
    line: int
    scope: str
    before: str
    after: str
    reason: str = ""


@dataclass
class MutantsResult:
    """What came of all mutants of a set.

    Attributes:
        set: its name.
        mutants: how many there were.
        survivors: those that got full marks.
        unused: reasons for mutants that did not: each the file, the statement, and what it became.
    """

    set: str
    mutants: int
    survivors: list[Survivor]
    unused: list[list[str]] = field(default_factory=list)

    @property
    def unexplained(self) -> list[Survivor]:
        """The survivors without a reason."""
        return [survivor for survivor in self.survivors if not survivor.reason]

    def to_json(self) -> dict[str, Any]:
        """What `mlpgrader mutants --json` prints."""
        survivors = [dict(vars(survivor)) for survivor in self.survivors]
        return {**vars(self), "survivors": survivors}


@dataclass(frozen=True)
class JudgedAnswer:
    """A right or wrong answer of the set's author, and the tests that it failed.

    Attributes:
        cell: the `grade_id` of the solution cell that it stands in for.
        how: how it goes about it, or what is wrong with it.
        fails: the tests that it is meant to fail.
        failed: those that it failed, of all tests of the set.
    """

    cell: str
    how: str
    fails: list[str]
    failed: list[str]


@dataclass
class Matrix:
    """Which answer fails which test.

    Attributes:
        set: the set.
        tests: the tests of each solution cell, by its `grade_id`.
        answers: the answers with what they failed.
    """

    set: str
    tests: dict[str, list[str]]
    answers: list[JudgedAnswer]

    @property
    def surprises(self) -> int:
        """How many answers fail other tests than they are meant to."""
        return sum(answer.fails != answer.failed for answer in self.answers)

    def to_json(self) -> dict[str, Any]:
        """What `mlpgrader mutants --matrix --json` prints."""
        return {**vars(self), "answers": [dict(vars(answer)) for answer in self.answers]}


@dataclass(frozen=True)
class Finding:
    """Something that proving a set has found.

    Attributes:
        level: an error stops a release, advice does not.
        rule: which rule of `mlpgrader.verify` it is about, in one word.
        cell: the `grade_id` of the cell; none where it is the whole set.
        text: what is wrong.
    """

    level: Level
    rule: str
    cell: str
    text: str


@dataclass
class VerifyResult:
    """What proving a set comes to.

    Attributes:
        set: its name.
        max_score: the points of all its tests.
        seconds: how long judging the reference took.
        answers: how many right and wrong answers were tried.
        mutants: how many changes of the reference were tried.
        findings: what was found.
    """

    set: str
    max_score: float = 0.0
    seconds: float = 0.0
    answers: int = 0
    mutants: int = 0
    findings: list[Finding] = field(default_factory=list)

    def add(self, level: Level, rule: str, cell: str, text: str) -> None:
        """Note something; its text is one line."""
        self.findings.append(Finding(level, rule, cell, " ".join(text.split())))

    @property
    def errors(self) -> list[Finding]:
        """What stops a release."""
        return [finding for finding in self.findings if finding.level == "error"]

    def to_json(self) -> dict[str, Any]:
        """What `mlpgrader verify --json` prints."""
        findings = [dict(vars(finding)) for finding in self.findings]
        return {**vars(self), "fit": not self.errors, "findings": findings}

"""What the processes say to each other: four conversations, each message a dataclass.

- *runner and zygote*, a socket of packets, JSON: `ZygoteSettings`, answered by `ZygoteStarted`;
- *runner and examiner*, a stream of frames, JSON: `TestPlan`, answered by `ExaminerReady`; then
  `Order` after `Order`, each answered by a `Report` or by `CheckerEnded`;
- *checker and zygote*, a socket of packets with descriptors: the words `START_STUDENT` or, where
  tests are judged inside, `START_PARKING`, and `STOP_STUDENT`, answered by the number of the
  student's process; `KEEP_PARKED` with the numbers of processes, answered by `KEPT` when no other
  of the student's is left;
- *checker and student*, a stream of frames, MessagePack (`wire.py`): to the first process the kind
  and the text of a `Step`, answered by its outputs; to a fork a `Call`, answered by a `Value` or
  by `Raised`; to a parked process the text of a test cell, answered by an `Ending`.

All but the last are between processes that never run a line of a student's: `load` trusts what it
reads. What a student's process answers is plain data of unknown form: `answer_of` takes only what
it knows, and whoever reads outputs looks at each part (`student_process.py`).
"""

import json
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

Tier = Literal["namespaces", "bwrap", "unsafe"]
StepKind = Literal["cell", "define", "fork", "park"]
Status = Literal["passed", "partial", "failed", "timeout", "limit", "crashed", "pending", "error"]
# those of `mlpkit.checks.Reason`, repeated here because the runner must not load torch
CheckReason = Literal[
    "none",
    "wrong-type",
    "wrong-shape",
    "wrong-dtype",
    "wrong-length",
    "wrong-keys",
    "not-finite",
    "wrong-value",
    "no-gradient",
    "raised",
    "not-raised",
    "argument-changed",
    "generator-moved",
    "grad-mode-changed",
]
CHECK_REASONS: tuple[CheckReason, ...] = get_args(CheckReason)
Reason = Literal[CheckReason, "not-implemented", "property", "unreadable-answer"]
UNSEEN = "in a check that you did not see"
# what people read of a failure in a hidden part, by its reason
CATEGORIES: dict[Reason, str] = {
    "none": "it gave None",
    "wrong-type": "it gave the wrong type",
    "wrong-shape": "it gave the wrong shape",
    "wrong-dtype": "it gave the wrong dtype",
    "wrong-length": "it gave the wrong number of items",
    "wrong-keys": "it gave a dict with the wrong keys",
    "not-finite": "it gave an infinity or a nan where a finite number is due",
    "wrong-value": "it gave a wrong value",
    "no-gradient": "it gave a result from which autograd finds no way back",
    "raised": "it raised {}",
    "not-raised": "it did not raise the error that is due",
    "argument-changed": "it changed what it was given",
    "generator-moved": "it moved torch's global generator",
    "grad-mode-changed": "it left gradients on or off otherwise than it found them",
    "not-implemented": "it came to what is not written yet",
    "property": "this does not hold",
    "unreadable-answer": "it gave what is no plain data, or too much of it",
}
Operation = Literal[
    "call",
    "get",
    "value_and_grad",
    "changed_argument",
    "keeps_generator",
    "keeps_grad_mode",
    "unchanged",
]

# --- runner and zygote ---------------------------------------------------------------------


@dataclass(frozen=True)
class ZygoteSettings:
    """How a zygote is to be.

    Attributes:
        tier: the kind of walls it puts around students' processes.
        modules: what it imports before it forks.
        hide: folders that must not be seen even where they lie inside a visible one.
        memory_mb: address space that a student's process may take beyond what it has.
        folder: where the files beside the notebook lie.
        files: their names, and those of folders among them.
    """

    tier: Tier
    modules: list[str]
    hide: list[str]
    memory_mb: int
    folder: str = ""
    files: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class ZygoteStarted:
    """That a zygote is ready, or why it could not become so."""

    error: str = ""


# --- runner and examiner -------------------------------------------------------------------


@dataclass(frozen=True)
class TestCell:
    """One test cell as the checker gets it.

    Attributes:
        grade_id: nbgrader's name of the cell.
        about: the property that it tests, in words.
        source: its text, hidden part included.
        hidden: the numbers of its hidden lines, from 1.
        function: the `grade_id` of the solution cell that it tests.
        earlier: the numbers of earlier tests that bind names which it uses.
    """

    grade_id: str
    about: str
    source: str
    hidden: list[int]
    function: str
    earlier: list[int] = field(default_factory=list)


@dataclass(frozen=True)
class TestPlan:
    """All that an examiner gets of a set: never the reference solutions.

    Attributes:
        setup: the texts of the setup cells.
        names: what the student's cells define: name to `function` or `value`.
        tests: the test cells in order.
        cells: for each of these names, the `grade_id` of the cell that defines it.
    """

    setup: list[str]
    names: dict[str, str]
    tests: list[TestCell]
    cells: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of_json(
        cls,
        setup: list[str],
        names: dict[str, str],
        tests: list[dict[str, Any]],
        cells: dict[str, str],
    ) -> "TestPlan":
        """The plan from its parts as JSON has them."""
        return cls(setup, names, [TestCell(**test) for test in tests], cells)


@dataclass(frozen=True)
class ExaminerReady:
    """That the tests are compiled, and whether the setup cells have run.

    Attributes:
        cell: the number of the setup cell that failed, among those of the plan; -1 if none did.
        error: what it raised.
    """

    cell: int = -1
    error: str = ""


@dataclass(frozen=True)
class Step:
    """One step of a student's first process.

    Attributes:
        kind: `define` for a cell that does nothing else, `cell` for any other, `fork` to leave a
            process behind that serves calls of tests, `park` one that tests are run in.
        key: the key of the cell; of a fork, that of the cell to blame if it fails.
        text: the cell's text.
    """

    kind: StepKind
    key: str
    text: str


@dataclass(frozen=True)
class Limits:
    """What one submission may use.

    Attributes:
        timeout: CPU seconds for each cell and call.
        patience: seconds by the clock for each cell and call.
        memory_mb: megabytes for all its processes.
        budget: seconds by the clock for the whole submission.
    """

    timeout: float
    patience: float
    memory_mb: int
    budget: float


@dataclass(frozen=True)
class Order:
    """One submission to examine.

    Attributes:
        number: comes back in the answer, so that no answer is taken for another order's.
        steps: what its first process is to do.
        fork_of_test: for each test, the number of the fork that serves it.
        limits: what it may use.
        finished_tests: the numbers of tests that are not to be run (again).
        inside_tests: the numbers of those to be judged inside.
        explain: whether a student is to be told of a test inside that failed; else somebody who
            knows the hidden part.
        until_failure: whether to leave it at the first test that does not pass.
        is_retry: whether it is a second try, in which nobody is waited for twice.
    """

    number: int
    steps: list[Step]
    fork_of_test: list[int]
    limits: Limits
    finished_tests: list[int] = field(default_factory=list)
    inside_tests: list[int] = field(default_factory=list)
    explain: bool = True
    until_failure: bool = False
    is_retry: bool = False

    @classmethod
    def of_json(cls, steps: list[dict[str, Any]], limits: dict[str, Any], **rest: Any) -> "Order":
        """The order from its parts as JSON has them."""
        return cls(steps=[Step(**step) for step in steps], limits=Limits(**limits), **rest)


@dataclass(frozen=True)
class Verdict:
    """How one test ended.

    Attributes:
        test: its number in the plan.
        grade_id: nbgrader's name of the cell.
        status: how it ended.
        reason: what was wrong where it failed, for machines.
        message: the same for people; it repeats nothing hidden.
        value: of a test that raised nothing, the text of the number it ends in, if it does.
        retry: whether there was no answer, and a second try may bring one.
        judged: whether it ran apart from the student's code, or inside its process.
        answers: outlines of the answers that led to a failure, the last one first.
    """

    test: int
    grade_id: str
    status: Status
    reason: Reason | None
    message: str
    value: str = ""
    retry: bool = False
    judged: Literal["apart", "inside"] = "apart"
    answers: list[Any] = field(default_factory=list)


@dataclass(frozen=True)
class Report:
    """What came of an order.

    Attributes:
        order: its number.
        verdicts: one for each test that was run.
        outputs: what each cell printed and showed, by its key.
    """

    order: int
    verdicts: list[Verdict]
    outputs: dict[str, list[Any]]

    @classmethod
    def of_json(cls, verdicts: list[dict[str, Any]], **rest: Any) -> "Report":
        """The report from its parts as JSON has them."""
        return cls(verdicts=[Verdict(**verdict) for verdict in verdicts], **rest)


@dataclass(frozen=True)
class CheckerEnded:
    """That a checker ended before it could report.

    Attributes:
        order: the number of the order it had last, perhaps one gone by.
        test: the number of the test it ran last; -1 before the first.
        exit_code: its exit code, or the number of the signal that ended it, negative.
    """

    order: int
    test: int
    exit_code: int


def dump(message: Any) -> bytes:
    """A message of the first two conversations as JSON: its kind and its fields."""
    return json.dumps([type(message).__name__, message], default=vars).encode()


def load(content: bytes) -> Any:
    """The message that `dump` made.

    Raises:
        ValueError: if it is none.

    Example:
        >>> load(dump(CheckerEnded(order=3, test=-1, exit_code=-9)))
        CheckerEnded(order=3, test=-1, exit_code=-9)
    """
    name, fields = json.loads(content)
    if name not in _MESSAGES:
        raise ValueError(f"no message is called {name!r}")
    kind = _MESSAGES[name]
    build = getattr(kind, "of_json", kind)
    return build(**fields)


_MESSAGES: dict[str, Any] = {
    kind.__name__: kind
    for kind in (
        ZygoteSettings,
        ZygoteStarted,
        TestPlan,
        ExaminerReady,
        Order,
        Report,
        CheckerEnded,
    )
}

# --- checker and zygote --------------------------------------------------------------------

# with the descriptors of the new process's sockets: the first process's, then one for each fork
START_STUDENT = b"start"
START_PARKING = b"start parking"  # the same, below a process that outlives the first one
STOP_STUDENT = b"stop"
KEEP_PARKED = b"keep"  # and the numbers of processes: that one, then those that are parked
KEPT = b"kept"

# --- checker and student -------------------------------------------------------------------


@dataclass(frozen=True)
class Call:
    """A request to a fork of a student's process.

    Attributes:
        operation: what to do with the name.
        name: the name of the student's.
        arguments: positional arguments of a call.
        keywords: its keyword arguments.
        wrt: of `value_and_grad`, the position of the argument to differentiate by.
        grad_mode: whether gradients are on in the test cell.
        inference_mode: whether it is in `torch.inference_mode`, where they cannot be put on.
    """

    operation: Operation
    name: str = ""
    arguments: tuple[Any, ...] = ()
    keywords: dict[str, Any] = field(default_factory=dict)
    wrt: int = 0
    grad_mode: bool = True
    inference_mode: bool = False

    def plain(self) -> list[Any]:
        """The request as plain data."""
        return [
            self.operation,
            self.name,
            list(self.arguments),
            self.keywords,
            self.wrt,
            self.grad_mode,
            self.inference_mode,
        ]


@dataclass(frozen=True)
class Value:
    """A call's result."""

    value: Any

    def plain(self) -> list[Any]:
        """The answer as plain data."""
        return ["value", self.value]


@dataclass(frozen=True)
class Raised:
    """What a call raised.

    Attributes:
        index: that of its type in `wire.ERRORS`; -1 if it is none of them.
        text: what it says.
        reason: why, where a check of `mlpkit.checks` raised it in the student's process.
    """

    index: int
    text: str
    reason: CheckReason | None = None

    def plain(self) -> list[Any]:
        """The answer as plain data."""
        return ["raised", self.index, self.text, self.reason]


@dataclass(frozen=True)
class Ending:
    """How a test cell ended in a parked process, as that process says.

    Attributes:
        value: the text of its last value; nothing if it ends in none, or raised.
        kind: the type of what it raised; nothing if it raised nothing.
        text: what that says.
        line: the innermost line of the test cell that it came through; 0 if none.
        is_tests: whether that line raised it, and no function that it calls.
    """

    value: str = ""
    kind: str = ""
    text: str = ""
    line: int = 0
    is_tests: bool = False

    def plain(self) -> list[Any]:
        """The answer as plain data."""
        return ["ended", self.value, self.kind, self.text, self.line, self.is_tests]


def ending_of(plain: Any) -> Ending | None:
    """What a parked process answered; None if it has not that form.

    Example:
        >>> ending_of(["ended", "0.5", "", "", 0, False]).value, ending_of(["ended"])
        ('0.5', None)
    """
    if type(plain) is not list or [*map(type, plain)] != [str, str, str, str, int, bool]:
        return None
    return Ending(*plain[1:])


def answer_of(plain: Any) -> Value | Raised | None:
    """What a student's process answered; None if it has neither form.

    Example:
        >>> answer_of(["value", 2.0]), answer_of(["value"])
        (Value(value=2.0), None)
    """
    if type(plain) is not list:
        return None
    match plain:
        case ["value", value]:
            return Value(value)
        case ["raised", index, text, reason]:
            return _raised_of(index, text, reason)
    return None


def _raised_of(index: Any, text: Any, reason: Any) -> Raised | None:
    if type(index) is not int or type(text) is not str:
        return None
    if reason is not None and (type(reason) is not str or reason not in CHECK_REASONS):
        return None
    return Raised(index, text, reason)

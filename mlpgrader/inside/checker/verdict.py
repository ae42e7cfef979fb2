"""From what a test raised to its status, a reason and a message.

| what was raised                                    | status    | reason                         |
|----------------------------------------------------|-----------|--------------------------------|
| nothing                                            | passed    | –                              |
| `CallFailedError`: an answer that cannot be read   | failed    | unreadable-answer              |
| `CallFailedError`: a limit, a crash                | its own   | –                              |
| `MemoryError`, or torch's way of saying so         | limit     | –                              |
| `HandoverError`, an exit, a name nobody has        | error     | –                              |
| by the student's code: `NotImplementedError`       | failed    | not-implemented                |
| by it: `NameError`, for a name that its cells are  | failed    | not-implemented if the cell is |
| to define                                          |           | empty, else raised             |
| by the student's process: a value of theirs that   | error     | unreadable-answer              |
| is no plain data, where the reference's is         |           |                                |
| in the student's process by `mlpkit.checks`        | failed    | the check's own, so they say   |
| by the student's code: anything else               | failed    | raised                         |
| by `mlpkit.checks`: a `CheckError`                 | failed    | its own                        |
| by an `assert` in which a check answered False     | failed    | that check's                   |
| by any other `assert`                              | failed    | property                       |
| by the test cell, as `TypeError` or                | failed    | wrong-type                     |
| `AttributeError`: it handles an answer as what it  |           |                                |
| is not                                             |           |                                |
| by the test cell, anything else                    | failed    | property                       |

"A check answered False" is what `checks.last_difference` remembers. The check may have been right
to say so, as in `assert not checks.is_close(a, b)`, perhaps in an earlier round of a loop. So it
counts only if it was asked inside the very statement that failed, and in a place where that answer
has to fail the statement: alone, beside `and`, or under `all(…)`.

A reason is one word of a fixed list and never a value, so it may be told of a hidden part, too: as
a sentence (`CATEGORIES`) behind the property that the test cell names. With it goes the type of
what the student's code raised, if it is one of Python's own. What became of the cell that the test
is about was known before, so that is told as well. Nothing else is.
"""

import ast
import builtins
from collections.abc import Callable, Iterator, Sequence
from types import TracebackType
from typing import Any, NamedTuple

from mlpgrader.inside import wire
from mlpgrader.inside.checker.compiled_tests import TEST_FILE, Test
from mlpgrader.inside.checker.handover import HandoverError
from mlpgrader.inside.checker.missing import NOT_WRITTEN, UNDEFINED, Missing
from mlpgrader.inside.checker.watch import CallFailedError
from mlpgrader.inside.messages import CATEGORIES, UNSEEN, Reason, Status
from mlpkit import checks

MOST_MESSAGE = 2000  # characters
# those that answer False
CHECKS = ("is_close", "is_equal", "keeps_arguments", "keeps_generator", "keeps_grad_mode")

WhyMissing = Callable[[str], Missing | None]


class Outcome(NamedTuple):
    """How a part of a test ended."""

    status: Status
    reason: Reason | None
    message: str
    value: str = ""  # of a test that raised nothing, the number it ends in
    retry: bool = False  # whether there was no answer, and a second try may bring one
    answers: Sequence[Any] = ()  # outlines of those that led to a failure

    def fields(self) -> dict[str, Any]:
        """It as fields of a verdict."""
        return {**self._asdict(), "answers": [*self.answers]}


def judge(
    test: Test, error: BaseException | None, why_missing: WhyMissing, *, is_hidden: bool
) -> Outcome:
    """Say how a part of a test ended.

    Args:
        test: the test that was run.
        error: what it raised, or how the student's process failed it.
        why_missing: says why a name is not there that the student's cells are to define.
        is_hidden: whether nothing may be shown of it.
    """
    if error is None:
        return Outcome("passed", None, "")
    missing = _missing(error, why_missing)
    outcome = _outcome(test, error, missing)
    if outcome.reason is None or not is_hidden:
        return outcome
    if missing is not None and missing.cell == test.function:
        return outcome._replace(message=f"{test.about}: {missing.message}")
    category = CATEGORIES[outcome.reason].format(_name_of(error))
    message = f"{test.about}: {UNSEEN}, {category}"
    return outcome._replace(message=message)


def _name_of(error: BaseException) -> str:
    """The type of what the student's code raised, if it is one of Python's own."""
    name = type(error).__name__
    if isinstance(error, wire.StudentError):  # it begins with the name of its type
        name = str(error).partition(":")[0]
    kind = getattr(builtins, name, None)
    if isinstance(kind, type) and issubclass(kind, Exception) and wire.is_students(error):
        return name
    return "an exception"


def _outcome(test: Test, error: BaseException, missing: Missing | None) -> Outcome:
    """How a visible part ended in an error, which may be about a name that is missing."""
    if isinstance(error, CallFailedError):
        return _judge_call(test, error)
    if isinstance(error, MemoryError) or _is_allocation_failure(error):
        return Outcome("limit", None, f"{test.about}: it used more memory than allowed")
    if _is_tests_fault(error):
        return Outcome("error", None, f"the test cannot be run ({type(error).__name__})")
    if _is_no_plain_data(error):
        return Outcome("error", "unreadable-answer", f"{test.about}: {_odd_answer(error)}")
    if missing is not None:
        return Outcome("failed", missing.reason, missing.message, retry=missing.retry)
    return Outcome("failed", _reason(test, error), _message(test, error))


def _judge_call(test: Test, error: CallFailedError) -> Outcome:
    reason: Reason | None = "unreadable-answer" if error.status == "failed" else None
    return Outcome(error.status, reason, f"{test.about}: {error}", retry=error.retry_alone)


def _is_allocation_failure(error: BaseException) -> bool:
    """Whether torch found no memory, which it raises as a RuntimeError."""
    if not isinstance(error, RuntimeError) or wire.is_students(error):
        return False
    text = str(error)
    return "DefaultCPUAllocator" in text or "bad_alloc" in text


def _is_tests_fault(error: BaseException) -> bool:
    if isinstance(error, HandoverError | SystemExit | KeyboardInterrupt):
        return True
    # a name or a module that neither side has
    return isinstance(error, NameError | ImportError) and not wire.is_students(error)


def _is_no_plain_data(error: BaseException) -> bool:
    """Whether a student's answer is an object of a class that no message can hold."""
    text = str(error)
    is_wires = isinstance(error, wire.StudentError) and text.startswith("WireError: ")
    return is_wires and text.endswith(wire.NO_PLAIN_DATA)


def _odd_answer(error: BaseException) -> str:
    kind = str(error).removesuffix(wire.NO_PLAIN_DATA).partition(": ")[2].strip()
    return f"the answer is or holds a {kind}, which this test cannot look at: a person has to"


def _missing(error: BaseException, why_missing: WhyMissing) -> Missing | None:
    """Why the name is missing that this error is about, if it is about one."""
    if not isinstance(error, NameError) or not wire.is_students(error):
        return None
    undefined = UNDEFINED.match(str(error))  # what follows is the student's process's word
    if undefined is None:
        return None
    return why_missing(undefined[1])


# --- the message ---------------------------------------------------------------------------


def _message(test: Test, error: BaseException) -> str:
    text = str(error)[:MOST_MESSAGE]
    line = _line_in_test(error)
    if isinstance(error, AssertionError) and line is not None:
        return text or _text_of_assert(test, error, line)
    if isinstance(error, wire.StudentError):
        return _text_of_students(text)
    return f"{type(error).__name__}: {text}"


def _text_of_students(text: str) -> str:
    """What a `StudentError` says, which begins with the name of its type."""
    if text == "NotImplementedError: ":  # the stub's
        return NOT_WRITTEN
    return text


def _text_of_assert(test: Test, error: AssertionError, line: int) -> str:
    if wire.is_students(error):
        return "an assert in your code failed"
    return test.source.splitlines()[line - 1].strip()


def _line_in_test(error: BaseException) -> int | None:
    """The innermost line of the test cell that an exception came through."""
    line = None
    trace = error.__traceback__
    while trace is not None:
        if _is_in_test(trace):
            line = trace.tb_lineno
        trace = trace.tb_next
    return line


def _is_in_test(trace: TracebackType) -> bool:
    return trace.tb_frame.f_code.co_filename == TEST_FILE


# --- the reason ----------------------------------------------------------------------------


def _reason(test: Test, error: BaseException) -> Reason:
    if isinstance(error, checks.CheckError):
        return error.reason
    if wire.is_students(error) or isinstance(error, wire.StudentError):
        return _reason_of_students(error)
    if isinstance(error, AssertionError):
        return _reason_of_assert(test, error)
    if isinstance(error, TypeError | AttributeError):
        return "wrong-type"
    return "property"


def _reason_of_students(error: BaseException) -> Reason:
    if isinstance(error.__cause__, checks.CheckError):
        return error.__cause__.reason
    kind = ""
    if isinstance(error, wire.StudentError):  # it begins with the name of its type
        kind = str(error).partition(":")[0]
    if kind == "NotImplementedError":
        return "not-implemented"
    if kind == "WireError":
        return "unreadable-answer"
    return "raised"


def _reason_of_assert(test: Test, error: AssertionError) -> Reason:
    noted = checks.last_difference()
    line = _line_in_test(error)
    if noted is None or noted.filename != TEST_FILE or line is None:
        return "property"
    statement = _assert_at(test.source, line)
    if statement is None or not _is_decisive(statement, noted.line):
        return "property"
    return noted.reason


def _assert_at(source: str, line: int) -> ast.Assert | None:
    """The assert statement at a line; None if there is none, or more than one."""
    try:
        tree = ast.parse(source)
    except SyntaxError:  # its two parts may be right each by itself
        return None
    statements = [
        node for node in ast.walk(tree) if isinstance(node, ast.Assert) and _covers(node, line)
    ]
    return statements[0] if len(statements) == 1 else None


def _is_decisive(statement: ast.Assert, line: int) -> bool:
    """Whether an assert has to fail where a check that it calls at a line answers False."""
    decisive = list(_decisive_calls(statement.test))
    others = [
        node
        for node in ast.walk(statement.test)
        if isinstance(node, ast.Call) and node not in decisive and _is_check(node)
    ]
    if any(_covers(call, line) for call in others):
        return False
    return any(_covers(call, line) for call in decisive)


def _decisive_calls(condition: ast.expr) -> Iterator[ast.Call]:
    """The calls of a condition of which each has to be true."""
    match condition:
        case ast.BoolOp(op=ast.And(), values=values):
            for value in values:
                yield from _decisive_calls(value)
        case ast.Call(func=ast.Name(id="all"), args=[ast.GeneratorExp(elt=element)]):
            yield from _decisive_calls(element)
        case ast.Call(func=ast.Name(id="all"), args=[ast.ListComp(elt=element)]):
            yield from _decisive_calls(element)
        case ast.Call():
            yield condition


def _is_check(call: ast.Call) -> bool:
    return ast.unparse(call.func).rpartition(".")[2] in CHECKS


def _covers(node: ast.stmt | ast.expr, line: int) -> bool:
    return node.lineno <= line <= (node.end_lineno or node.lineno)

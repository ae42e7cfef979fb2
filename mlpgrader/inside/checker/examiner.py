"""The checker: it runs the plan's test cells, unchanged, and gives the verdicts.

Theory of operation. The zygote forks an examiner, which gets the plan with its hidden parts,
compiles the tests and forks a checker. A checker never runs a line of a student's, so it may
examine many submissions; after one that ended otherwise than in passes and failures it gives way
to a fresh one. For each submission it first has a student's process run
all cells and leave a child waiting wherever tests follow (`supervise.py`). Then it runs the test
cells in order, each in a fresh copy of what the setup cells define. A name that a test cell uses
and the checker lacks is the student's if a solution or given cell of the plan defines it, and only
after builtins: a function becomes a `Remote`, whose call is a message to the waiting child; a value
is fetched as plain data. What comes back is data of the checker's own making, so a verdict depends
on the test cell and that data alone.

`ship` turns a test's own function into bytes for the student's process. It goes without docstring
and file name, and it is refused if it holds anything but modules, tensors, numbers, torch's own
objects and the student's names: what is handed over must not carry the answer.

The visible parts of all tests run before the first hidden part. So what a student's process says
while visible parts run cannot repeat a hidden input, and a failure there is told with its message;
a failure in a hidden part is told by the property alone that the test cell's docstring states.
A test that fails where another function's tests have been is run again in a fresh process, unless
the old one says that they left nothing behind.
"""

import builtins
import contextlib
import gc
import io
import mmap
import os
import resource
import signal
import socket
import time
import types
from collections.abc import Iterable, Iterator, MutableSequence
from numbers import Number
from typing import Any

import cloudpickle
import numpy as np
import torch

from mlpgrader.inside import frame, wire
from mlpgrader.inside.checker.student_process import Failed, Student
from mlpgrader.inside.messages import (
    STOP_STUDENT,
    Call,
    CheckerEnded,
    ExaminerReady,
    Operation,
    Order,
    Reason,
    Report,
    Status,
    TestCell,
    TestPlan,
    Verdict,
    dump,
    load,
)
from mlpgrader.inside.processes import fork
from mlpgrader.inside.walls.limits import limit

SECONDS, MEMORY_MB = 60, 4096
TIMEOUTS = 2  # of one function; then its other tests are not run
MOST_MESSAGE = 2000
MOST_JOBS = 200  # of one checker
# how a test may end by what another function left behind
BLAMED = ("failed", "crashed", "limit", "timeout")
DONE, NEXT = 10, 11  # exit codes of a checker: the runner has hung up; a fresh one is wanted
FILE = "<test cell>"
PUBLIC = ("builtins", "collections", "copyreg", "itertools", "math", "numpy", "torch")
PUBLIC += ("operator", "_operator", "types", "cloudpickle", "_codecs")


class Refused(BaseException):  # so that a test's `except Exception` does not swallow it
    """A test hands over something that may carry an answer."""


class Remote:
    """A function of the student's: a call is a message."""

    def __init__(self, name: str, ask):
        self.__name__, self._ask = name, ask

    def __call__(self, *arguments: Any, **keywords: Any) -> Any:
        """Call the function in the student's process, on copies."""
        return self._ask("call", self.__name__, arguments, keywords=keywords)

    def value_and_grad(self, *arguments: Any, wrt: int = 0) -> Any:
        """The value and the gradient of its sum, computed where the function is."""
        answer = self._ask("value_and_grad", self.__name__, arguments, wrt=wrt)
        if type(answer) is not tuple or len(answer) != 2 or not _gradient(answer[1]):
            raise TypeError(f"{self.__name__} gave no value with a gradient")
        return answer

    def keeps_arguments(self, *arguments: Any) -> bool:
        """Whether it leaves its arguments as they were; the student's process's word."""
        return self._ask("keeps_arguments", self.__name__, arguments) is True

    def keeps_generator(self, *arguments: Any) -> bool:
        """Whether it leaves torch's generator alone; the student's process's word."""
        return self._ask("keeps_generator", self.__name__, arguments) is True


def _gradient(value: Any) -> bool:
    tensors = value if type(value) is list else [value]
    return all(isinstance(tensor, torch.Tensor) for tensor in tensors)


class Names(dict):
    """The names of one test cell: its own, the setup's, builtins, then the student's."""

    def __init__(self, own: dict, defined: dict[str, str], ask):
        self.own, self.defined, self.ask = own, defined, ask
        self.start()

    def start(self) -> None:
        """Forget what the test cell has made."""
        self.clear()
        self.update(self.own, __name__="__main__", __builtins__=builtins)

    def __missing__(self, name: str) -> Any:
        if hasattr(builtins, name):
            return getattr(builtins, name)
        if name not in self.defined:
            raise KeyError(name)
        if self.defined[name] == "function":
            return Remote(name, self.ask)
        try:
            answer = self.ask("get", name, ())
        except KeyError as error:  # Python would take it for a name that nobody has
            raise wire.StudentError(f"KeyError: {error}") from None
        if type(answer) is not list or len(answer) != 2:
            raise TypeError(f"{name} is no plain data")
        return Remote(name, self.ask) if answer[0] is True else answer[1]


# --- what is handed to the student ---------------------------------------------------------


class _Shipper(cloudpickle.Pickler):
    def persistent_id(self, value: Any) -> str | None:
        return value.__name__ if type(value) is Remote else None

    def reducer_override(self, value: Any) -> Any:
        if isinstance(value, types.FunctionType) and value.__code__.co_filename == FILE:
            return super().reducer_override(_strip(value))
        if not _is_public(value):
            raise Refused(f"a test hands over a {type(value).__name__}")
        return super().reducer_override(value)


def ship(value: Any) -> bytes:
    """A callable of a test as bytes for the student's process.

    Raises:
        Refused: if it holds more than a right answer needs.
    """
    _refuse_secrets(value)
    file = io.BytesIO()
    _Shipper(file).dump(value)
    return file.getvalue()


def _strip(function: types.FunctionType) -> types.FunctionType:
    """The function without docstring, annotations, names and file, if what it holds may travel."""
    names = {name: function.__globals__[name] for name in _used_names(function)}
    cells = function.__closure__ or ()
    defaults = (*(function.__defaults__ or ()), *(function.__kwdefaults__ or {}).values())
    for value in (*names.values(), *(cell.cell_contents for cell in cells), *defaults):
        _refuse_secrets(value)
    code = _strip_code(function.__code__)
    bare = types.FunctionType(code, names, "f", function.__defaults__, function.__closure__)
    bare.__kwdefaults__, bare.__module__ = function.__kwdefaults__, "__main__"
    return bare


def _strip_code(code: types.CodeType) -> types.CodeType:
    inner = [_strip_code(c) if isinstance(c, types.CodeType) else c for c in code.co_consts]
    if inner and isinstance(inner[0], str):
        inner[0] = None  # where a docstring is kept
    names = {"co_filename": "", "co_name": "f", "co_qualname": "f", "co_linetable": b""}
    return code.replace(co_consts=tuple(inner), co_firstlineno=1, **names)


def _used_names(function: types.FunctionType) -> set[str]:
    """The global names that a function uses, those of builtins left out."""
    todo, found = [function.__code__], set()
    while todo:
        code = todo.pop()
        found.update(code.co_names)
        todo += [const for const in code.co_consts if isinstance(const, types.CodeType)]
    return {name for name in found if _has(function.__globals__, name)}


def _has(names: Names, name: str) -> bool:
    with contextlib.suppress(KeyError):
        return not hasattr(builtins, name) and names[name] is not names
    return False


def _refuse_secrets(value: Any) -> None:
    if isinstance(value, list | tuple | dict):
        for item in value.values() if isinstance(value, dict) else value:
            _refuse_secrets(item)
    elif not (value is None or isinstance(value, Number | Remote | torch.dtype)):
        own = isinstance(value, types.FunctionType) and value.__code__.co_filename == FILE
        usable = callable(value) or isinstance(value, types.ModuleType | torch.Tensor | np.ndarray)
        if not (own or (usable and _is_public(value))):
            raise Refused(f"a test hands over a {type(value).__name__}")


def _is_public(value: Any) -> bool:
    """Whether a value is a part of Python, NumPy or torch, or made of their classes alone."""
    if isinstance(value, types.ModuleType):
        return value.__name__.partition(".")[0] in PUBLIC
    named = value if isinstance(value, type | types.FunctionType) else type(value)
    return named.__module__.partition(".")[0] in PUBLIC


# --- verdicts ------------------------------------------------------------------------------


class Plan:
    """The tests of a set as an examiner keeps them: compiled, and the setup cells run once."""

    def __init__(self, content: TestPlan):
        self.names = content.names
        self.tests = content.tests
        self.parts = [_parts(test.source, test.hidden) for test in self.tests]
        self.base: dict[str, Any] = {"__name__": "__main__"}
        for source in content.setup:
            exec(compile(source, "<setup>", "exec"), self.base)


def _parts(source: str, hidden: list[int]) -> list[types.CodeType]:
    """The code of the lines before the first hidden one, and of the others.

    Where a test cannot be cut there, all of it is the second part: nothing of it is shown.
    """
    lines = source.splitlines()
    count = min(hidden, default=len(lines) + 1) - 1
    visible, rest = "\n".join(lines[:count]), "\n" * count + "\n".join(lines[count:])
    try:
        return [compile(part, FILE, "exec") for part in (visible, rest)]
    except SyntaxError:
        return [compile(part, FILE, "exec") for part in ("", source)]


class Examination:
    """The tests of one submission.

    Args:
        plan: the tests of the set.
        points: for each test, which process of the student's serves it.
        student: the student's processes.
        at: holds the number of the test at work; whoever forked this process reads it, too.
    """

    def __init__(self, plan: Plan, points: list[int], student: Student, at: MutableSequence[int]):
        self.plan, self.points, self.student, self.at = plan, points, student, at
        self.timeouts: dict[str, int] = {}
        self.failure: BaseException | None = None

    def ask(self, operation: Operation, name: str, arguments: tuple, **options: Any) -> Any:
        """Have the student's process do something with one of its names."""
        grad_mode = torch.is_grad_enabled()
        call = Call(operation, name, arguments, grad_mode=grad_mode, **options)
        try:
            request = wire.encode(call.plain(), ship)
        except frame.WireError as error:
            self.failure = Refused(str(error))
            raise self.failure from None
        function = self.plan.tests[self.at[0]].function
        try:
            return self.student.ask(self.points[self.at[0]], request, function)
        except Failed as failure:
            self.failure = failure
            raise

    def verdicts(self, numbers: Iterable[int]) -> Iterator[Verdict]:
        """Run test cells, the visible parts of them all first, and say how each ended."""
        waiting = []
        for number in numbers:
            self.at[0] = number
            names = Names(self.plan.base, self.plan.names, self.ask)
            verdict = self._verdict(names, 0)
            if verdict.status == "passed" and self.plan.tests[number].hidden:
                waiting.append((number, names, torch.get_rng_state()))
            else:
                names.clear()  # its functions hold it, it holds them and the answers
                yield verdict
        for number, names, state in waiting:
            self.at[0] = number
            torch.set_rng_state(state)
            yield self._verdict(names, 1)
            names.clear()

    def _verdict(self, names: Names, part: int) -> Verdict:
        """Run a part of the test at work: the visible one, or after it the hidden one."""
        number = self.at[0]
        test, codes, point = self.plan.tests[number], self.plan.parts[number], self.points[number]
        function, why = test.function, ""
        if self.timeouts.get(function, 0) >= TIMEOUTS:
            why = "the function did not end in time twice"
        if time.monotonic() > self.student.end:
            why = "the time for the whole submission was used up"
        if why:
            return _result(number, test, "timeout", f"{test.about}: not run, since {why}")
        status, message = self._try(codes[part : part + 1], names)
        if status in BLAMED and self.student.may_blame_others(point, function, status):
            self.student.renew(point)
            names.start()
            status, message = self._try(codes[: part + 1], names)
        told = message if status != "failed" or part == 0 else f"{test.about}: failed"
        return _result(number, test, status, told)

    def _try(self, codes: list[types.CodeType], names: Names) -> tuple[str, str]:
        test = self.plan.tests[self.at[0]]
        status, message = _judge(test, self._run(codes, names))
        if status == "timeout":
            self.timeouts[test.function] = self.timeouts.get(test.function, 0) + 1
        return status, message

    def _run(self, codes: list[types.CodeType], names: Names) -> BaseException | None:
        """What code of a test cell raises, or how the student's process failed it."""
        self.failure = error = None
        try:
            with _limited():
                for code in codes:
                    exec(code, names)
        except BaseException as raised:
            error = raised
        failure, self.failure = self.failure or error, None
        try:
            return failure
        finally:
            del error, failure  # its traceback holds this frame: a ring, and answers in it


def _judge(test: TestCell, error: BaseException | None) -> tuple[str, str]:
    if error is None:
        return "passed", ""
    about = test.about
    if isinstance(error, Failed):
        return error.status, f"{about}: {error}"
    if isinstance(error, MemoryError) or _no_room(error):
        return "limit", f"{about}: it used more memory than allowed"
    if isinstance(error, Refused | SystemExit | KeyboardInterrupt) or _is_own(error):
        return "error", f"the test cannot be run ({type(error).__name__})"
    return "failed", _message(test, error)


def _is_own(error: BaseException) -> bool:
    """Whether the test cell is at fault: a name or a module that neither side has."""
    return isinstance(error, NameError | ImportError) and not wire.is_students(error)


def _no_room(error: BaseException) -> bool:
    """Whether torch found no memory, which it raises as a RuntimeError."""
    text = str(error) if isinstance(error, RuntimeError) and not wire.is_students(error) else ""
    return "DefaultCPUAllocator" in text or "bad_alloc" in text


def _message(test: TestCell, error: BaseException) -> str:
    lines, trace = [], error.__traceback__
    while trace:
        if trace.tb_frame.f_code.co_filename == FILE:
            lines.append(trace.tb_lineno)
        trace = trace.tb_next
    text = str(error)[:MOST_MESSAGE]
    if isinstance(error, AssertionError) and lines:
        bare = test.source.splitlines()[lines[-1] - 1].strip()
        return text or ("an assert in your code failed" if wire.is_students(error) else bare)
    return text if isinstance(error, wire.StudentError) else f"{type(error).__name__}: {text}"


def _result(number: int, test: TestCell, status: Status, message: str) -> Verdict:
    reason: Reason | None = None
    return Verdict(number, test.grade_id, status, reason, message)


@contextlib.contextmanager
def _limited() -> Iterator[None]:
    """End a check that takes too long: Python code by an exception, torch's by the kernel."""
    used = sum(resource.getrusage(resource.RUSAGE_SELF)[:2])
    soft, hard = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (int(used) + SECONDS + 5, hard))
    signal.setitimer(signal.ITIMER_PROF, SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        resource.setrlimit(resource.RLIMIT_CPU, (soft, hard))


def _too_long(*_: Any) -> None:
    raise Failed("limit", "the answer took too long to check")


def check(
    plan: Plan, order: Order, runner: socket.socket, zygote: socket.socket, at: MutableSequence[int]
) -> bool:
    """Examine one submission, send what came of it, and say whether all went as usual."""
    at[0], at[1] = -1, order.number
    student = Student(order.steps, order.limits, zygote)
    with contextlib.suppress(Failed):  # then the time is used up, and each test says so
        student.start()
    left = [number for number in range(len(plan.tests)) if number not in order.finished_tests]
    verdicts = [*Examination(plan, order.fork_of_test, student, at).verdicts(left)]
    student.stop()
    gc.collect()
    again = student.again and time.monotonic() < student.end
    frame.send(runner, dump(Report(order.number, verdicts, student.outputs, again)))
    return all(verdict.status in ("passed", "failed") for verdict in verdicts)


# --- the examiner --------------------------------------------------------------------------


def examine(runner: socket.socket, zygote: socket.socket) -> None:
    """Keep the compiled tests, and fork a checker whenever there is none, until all is done."""
    torch.set_num_threads(1)
    plan = Plan(load(frame.receive(runner)))
    gc.collect()
    gc.freeze()
    frame.send(runner, dump(ExaminerReady()))
    at = memoryview(mmap.mmap(-1, mmap.PAGESIZE)).cast("i")  # which checkers write, across forks
    while True:
        process = fork(lambda: serve(plan, runner, zygote, at))
        status = os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])
        if status == DONE:
            return
        if status != NEXT:  # the runner learns it, and that student's process is ended
            zygote.send(STOP_STUDENT)
            zygote.recv(64)
            frame.send(runner, dump(CheckerEnded(at[1], at[0], status)))


def serve(
    plan: Plan, runner: socket.socket, zygote: socket.socket, at: MutableSequence[int]
) -> int:
    """Check submission after submission; make room for a fresh checker after an unusual one.

    A checker never runs student code, so what it may carry from one submission to the next is
    only what the tests themselves leave behind; torch's generator is put back.
    """
    gc.disable()
    signal.signal(signal.SIGPROF, _too_long)
    limit(MEMORY_MB)
    state = torch.get_rng_state()
    for _ in range(MOST_JOBS):
        try:
            order = load(frame.receive(runner))
        except frame.ClosedError:
            return DONE
        torch.set_rng_state(state)
        if not check(plan, order, runner, zygote, at):
            break
    return NEXT

"""The exercises of a notebook as a student meets them: tests, hints, and what is done.

`register` tells a kernel what its notebook asks, since a kernel does not know its notebook.
Everything here but `example` is for a notebook in a Jupyter kernel: elsewhere it does nothing, and
says nothing, so that a grader can run the cells that call it.
"""

import ast
import difflib
import linecache
import re
import sys
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import CodeType
from typing import Any, Literal

from .compare import wrapped
from .mistakes import explain, watched_prints
from .notebook import before_next_cell, has_person, kernel_shell, shorten

MARKS = {"passed": "✓", "failed": "✗", "unwritten": "·"}
CHECKED = "<check "  # the file name of a test that `check` runs begins with this
DEFINED = re.compile(r"^(?:(?:async )?def|class) +(\w+)|^(\w+) *(?::[^=\n]*)?=(?!=)", re.MULTILINE)
ANSWERS = re.compile(r"^\s*(?:from|import)\s+(mlpkit\.(?!checks\b)\w+)", re.MULTILINE)
LETTER = re.compile(r"name '[A-Za-z]' is not defined")
Test = Callable[[], None]
Status = Literal["passed", "failed", "unwritten"]


@dataclass(frozen=True)
class VisibleTest:
    """A test cell as a student sees it.

    Attributes:
        about: the property that it tests, in words.
        points: what it is worth.
        source: its text, without the hidden part.
    """

    about: str
    points: float
    source: str = ""

    def __str__(self) -> str:
        return f"{self.about} ({self.points:g})" if self.points else self.about


@dataclass(frozen=True)
class Exercise:
    """One exercise of the notebook.

    Attributes:
        title: its heading, such as "3 · The derivative of tanh".
        minutes: how long it takes, roughly; 0 if nobody knows.
        tests: its test cells by `grade_id`.
    """

    title: str
    minutes: int
    tests: dict[str, VisibleTest]

    @property
    def points(self) -> float:
        """What its tests are worth together."""
        return sum(test.points for test in self.tests.values())

    def __str__(self) -> str:
        points = f"{self.points:g} point{'' if self.points == 1 else 's'}"
        minutes = f", about {self.minutes} minutes" if self.minutes else ""
        return f"{self.title} ({points}{minutes})"


@dataclass(frozen=True)
class Outcome:
    """How a test ended, and the student's objects that it ended with.

    Where one of these is another object today, the outcome tells nothing any more.
    """

    status: Status
    used: dict[str, Any]


@dataclass
class Registry:
    """What a notebook has registered, and what has become of its cells so far.

    Attributes:
        hints: three steps for each exercise.
        exercises: the exercises by name.
        told: how many hints of an exercise were given.
        outcomes: of the tests that have run, by `grade_id`.
        stopped: names whose cell stopped before it defined them, and with what.
        answers: the modules with answers that a cell has imported.
        endless: functions in which a test had to be interrupted.
    """

    hints: Mapping[str, Sequence[str]] = field(default_factory=dict)
    exercises: dict[str, Exercise] = field(default_factory=dict)
    told: dict[str, int] = field(default_factory=dict)
    outcomes: dict[str, Outcome] = field(default_factory=dict)
    stopped: dict[str, str] = field(default_factory=dict)
    answers: set[str] = field(default_factory=set)
    endless: list[Any] = field(default_factory=list)

    def test(self, grade_id: str) -> VisibleTest | None:
        """A test cell by its name; None if it was not registered."""
        for exercise in self.exercises.values():
            if grade_id in exercise.tests:
                return exercise.tests[grade_id]
        return None

    def passes(self, grade_id: str, names: dict[str, Any]) -> bool:
        """Whether a test has passed with what the notebook's names stand for now."""
        return self.is_current(grade_id, names) and self.outcomes[grade_id].status == "passed"

    def is_current(self, grade_id: str, names: dict[str, Any]) -> bool:
        """Whether a test has run with what the notebook's names stand for now."""
        outcome = self.outcomes.get(grade_id)
        if outcome is None:
            return False
        return all(names.get(name) is value for name, value in outcome.used.items())

    def note_cell(self, result: Any) -> None:
        """Remember of a cell that has run which names it did not come to define, and why."""
        source = result.info.raw_cell or ""
        error = result.error_before_exec or result.error_in_exec
        missed = _missed(source, error)
        for name, _ in _defined(source):
            self.stopped.pop(name, None)
            if name in missed:
                self.stopped[name] = _in_a_line(error)
        imported = ANSWERS.findall(source)
        self.answers.update(imported)
        shell = kernel_shell()
        if imported and shell is not None and has_person(shell):
            print(_no_answers(imported[0]), file=sys.stderr)


REGISTRY = Registry()


def register(
    set_name: str,
    *,
    hints: Mapping[str, Sequence[str]] | None = None,
    exercises: Mapping[str, Mapping[str, Any]] | None = None,
) -> None:
    """Tell the kernel what its notebook asks; anywhere but in a Jupyter kernel, do nothing.

    Args:
        set_name: the problem set.
        hints: three steps for each exercise: a question, an idea, a plan; by the name of its
            function. Without them the set gives no hints.
        exercises: title, minutes and visible tests of each exercise, which releasing a set adds.

    Examples:
        >>> register("activations", hints={"relu": ("What is the larger of -2 and 0?", "…", "…")})
    """
    shell = kernel_shell()
    if shell is None:
        return
    REGISTRY.hints = dict(hints or {})
    REGISTRY.exercises = {name: _exercise(data) for name, data in (exercises or {}).items()}
    shell.events.register("post_run_cell", REGISTRY.note_cell)
    if not has_person(shell):
        # nbgrader takes whatever a test's cell writes to stderr for a failure
        warnings.simplefilter("ignore")


def _exercise(data: Mapping[str, Any]) -> Exercise:
    tests = {name: VisibleTest(**test) for name, test in data["tests"].items()}
    return Exercise(data["title"], data["minutes"], tests)


# --- the visible part of a test ------------------------------------------------------------


def example(grade_id: str) -> Callable[[Test], None]:
    """Run the visible part of a test cell at once, so that nothing of it stays as a global.

    In a Jupyter kernel it says so if the test passes, an error is short, and an exercise that is
    not written yet is no error to a person, so that *Run All* gets past it.

    Args:
        grade_id: the name of the test cell.

    Examples:
        >>> import torch
        >>> from mlpkit import checks
        >>> @checks.example("mean-values")
        ... def test():
        ...     checks.expect_close(torch.ones(3).mean(), 1.0)
    """

    def run(test: Test) -> None:
        shell = kernel_shell()
        if shell is None:
            with watched_prints():
                test()
        else:
            _run_in_kernel(shell, grade_id, test)

    return run


def _run_in_kernel(shell: Any, grade_id: str, test: Test) -> None:
    is_cell = not _file(test).startswith(CHECKED)
    if is_cell:
        _restore_name(shell, test.__name__)
    error, used = _attempt(test)
    why = _unwritten(error, used)
    REGISTRY.outcomes[grade_id] = Outcome(_status(error, why), used)
    about = REGISTRY.test(grade_id) or VisibleTest(_property_in(_file(test)) or grade_id, 0)
    if why and not is_cell:
        return  # `check` says so itself
    if error is not None and why and has_person(shell):
        # on stderr, for which stock nbgrader gives no points, should it ever come here
        print(f"{why}: {about}", file=sys.stderr)
    elif error is not None:
        shorten(error, shell, _file(test), why or _explained(error, test))
        raise error
    elif is_cell:
        print(f"✓ {about}")


def _status(error: BaseException | None, why: str) -> Status:
    if error is None:
        return "passed"
    return "unwritten" if why else "failed"


def _restore_name(shell: Any, name: str) -> None:
    """Let a name stand for what it stood for before the cell, when the cell has ended."""
    before = shell.user_ns.get(name)

    def restore() -> None:
        shell.user_ns.pop(name, None)
        if before is not None:
            shell.user_ns[name] = before

    before_next_cell(shell, restore)


def _attempt(test: Test) -> tuple[BaseException | None, dict[str, Any]]:
    """Run a test; give what it raised, and the names that it used."""
    used = dict(_names_used(test))
    try:
        _refuse(used)
        with watched_prints():
            test()
    except KeyboardInterrupt as interrupt:
        REGISTRY.endless.extend(value for value in used.values() if _is_students(value))
        return interrupt, used
    except Exception as error:
        return error, used
    return None, used


def _refuse(used: dict[str, Any]) -> None:
    """Raise where a test would say something about another function than the one in its cell."""
    for name, value in used.items():
        module = str(getattr(value, "__module__", ""))
        if _holds_answers(module):
            raise AssertionError(_no_answers(module))
        if name in REGISTRY.stopped:
            raise NameError(f"{name} is still the old one: {REGISTRY.stopped[name]}")
        if any(value is other for other in REGISTRY.endless):
            raise TimeoutError(f"not run, since {name} did not end in time in an earlier test")


def _is_students(value: Any) -> bool:
    """Whether a function or a class comes from a cell."""
    return callable(value) and getattr(value, "__module__", "") == "__main__"


def _holds_answers(module: str) -> bool:
    return module.startswith("mlpkit.") and not module.startswith("mlpkit.checks")


def _names_used(test: Test) -> Iterator[tuple[str, Any]]:
    """The globals that a test uses, with their values: the student's, and modules."""
    for name in sorted(_global_names(test.__code__)):
        if name in test.__globals__:
            yield name, test.__globals__[name]


def _global_names(code: CodeType) -> set[str]:
    names = set(code.co_names)
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            names |= _global_names(constant)
    return names


# --- what an error means -------------------------------------------------------------------


def _unwritten(error: BaseException | None, used: dict[str, Any]) -> str:
    """What an exercise is that is as it was handed out; nothing if somebody wrote something."""
    if any(value is None and name not in REGISTRY.stopped for name, value in used.items()):
        return "not answered yet"
    while error is not None:
        if type(error) is NotImplementedError and not error.args:  # torch's own have a message
            return "not written yet"
        error = error.__cause__
    return ""


def _explained(error: BaseException, test: Test) -> str | None:
    """What to say where Python says little; None of an error that speaks for itself."""
    if isinstance(error, KeyboardInterrupt):
        return "it did not end, and was stopped"
    if not isinstance(error, NameError) or error.name is None:
        return explain(error)
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    if trace is None or trace.tb_frame.f_code.co_filename != _file(test):
        return explain(error)
    why = REGISTRY.stopped.get(error.name, "run the cell above first")
    return f"{error.name} is not defined: {why}"


def _no_answers(module: str) -> str:
    return f"{module} holds answers and cannot be imported in graded work"


def _file(test: Test) -> str:
    return test.__code__.co_filename


def _property_in(file: str) -> str | None:
    """The property that the test cell of a file names in its docstring."""
    try:
        return ast.get_docstring(ast.parse("".join(linecache.getlines(file))))
    except SyntaxError:  # a magic, or the like
        return None


def _defined(source: str) -> Iterator[tuple[str, int]]:
    """The names that a cell defines at top level, each with its line; it need not be Python."""
    for match in DEFINED.finditer(source):
        yield match[1] or match[2], source.count("\n", 0, match.start()) + 1


def _missed(source: str, error: BaseException | None) -> set[str]:
    """The names that a cell stopped too early to define."""
    if error is None:
        return set()
    last = 0 if isinstance(error, SyntaxError) else _line_of_cell(error)
    return {name for name, line in _defined(source) if line >= last}


def _line_of_cell(error: BaseException) -> int:
    """The line of a cell at which an error stopped it."""
    shell = kernel_shell()
    trace = error.__traceback__
    while trace is not None:
        if shell is not None and trace.tb_frame.f_globals is shell.user_ns:
            return trace.tb_lineno
        trace = trace.tb_next
    return 0


def _in_a_line(error: BaseException) -> str:
    """How a cell stopped, in a line."""
    line = _line_of_cell(error)
    text = str(error).partition("\n")[0]
    if isinstance(error, SyntaxError):
        line = error.lineno or 0
        text = error.msg
    place = f" (line {line})" if line else ""
    advice = ", put the letter in quotes" if LETTER.fullmatch(text) else ""
    return f"its cell stopped with {type(error).__name__}: {text}{place}{advice}"


# --- hints, check, progress ----------------------------------------------------------------


def hint(name: str | Callable[..., Any], step: int | None = None) -> None:
    """Print a hint to an exercise: first a question, then an idea, then a plan.

    Args:
        name: the exercise's function, such as ``"tanh_grad"``, or the function itself.
        step: which of the hints; the next one if ``None``.
    """
    if kernel_shell() is None:
        return
    key = _key(name)
    if not REGISTRY.hints:
        print("This problem set gives no hints.")
    elif key not in REGISTRY.hints:
        print(_unknown(name, REGISTRY.hints))
    else:
        _tell(key, REGISTRY.hints[key], step)


def _tell(key: str, hints: Sequence[str], step: int | None) -> None:
    number = step or REGISTRY.told.get(key, 0) + 1
    number = min(max(number, 1), len(hints))
    REGISTRY.told[key] = number
    print(wrapped(f"Hint {number} of {len(hints)}: {hints[number - 1]}"))


def _key(name: Any) -> str:
    """The name of an exercise, by which it is registered; functions have theirs."""
    text = str(getattr(name, "__name__", name))
    return text.strip().lower().replace("-", "_")


def _unknown(name: Any, known: Mapping[str, Any]) -> str:
    near = difflib.get_close_matches(_key(name), known, 1)
    proposal = f"did you mean {near[0]!r}?" if near else f"there are {', '.join(known)}"
    return wrapped(f"No exercise is called {name!r}: {proposal}")


def check(name: str | Callable[..., Any]) -> None:
    """Run the visible tests of one exercise, and print a line for each.

    Args:
        name: the exercise's function, such as ``"tanh_grad"``, or the function itself.
    """
    shell = kernel_shell()
    if shell is None:
        return
    key = _key(name)
    if not REGISTRY.exercises:
        print("This notebook does not carry its tests: run the test cells themselves.")
    elif key not in REGISTRY.exercises:
        print(_unknown(name, REGISTRY.exercises))
    else:
        _check(shell, REGISTRY.exercises[key])


def _check(shell: Any, exercise: Exercise) -> None:
    print(exercise)
    reached = 0.0
    for grade_id, test in exercise.tests.items():
        outcome, lines = _run_visible(shell, grade_id, test)
        if outcome == "passed":
            reached += test.points
        print("\n    ".join([f"{MARKS[outcome]} {test}", *lines]))
    print(f"{reached:g} of {exercise.points:g} points in reach: the grader tries other inputs, too")
    for module in sorted(REGISTRY.answers):
        print(_no_answers(module))


def _run_visible(shell: Any, grade_id: str, test: VisibleTest) -> tuple[Status, list[str]]:
    """Run the visible part of a test; say how it ended, and what it says that fails."""
    file = f"{CHECKED}{grade_id}>"
    linecache.cache[file] = (len(test.source), None, test.source.splitlines(keepends=True), file)
    try:
        # in a copy of the notebook's names, so that none of the test's is left behind
        exec(compile(test.source, file, "exec"), dict(shell.user_ns))
    except Exception as error:
        if hasattr(error, "_render_traceback_"):
            return "failed", "\n".join(error._render_traceback_()).splitlines()
        return "failed", [f"the test cannot be run: {error!r}"]
    return REGISTRY.outcomes[grade_id].status, []


def progress() -> None:
    """Print how many tests pass, which exercises are done, and which is next."""
    shell = kernel_shell()
    if shell is None:
        return
    if not REGISTRY.exercises:
        print("This notebook does not carry its tests.")
    elif not REGISTRY.outcomes:
        print("No test has run yet: choose Run All Cells in the menu Run.")
    else:
        print(wrapped(_progress(shell.user_ns)))


def _progress(names: dict[str, Any]) -> str:
    exercises = list(REGISTRY.exercises.values())
    tests = [grade_id for exercise in exercises for grade_id in exercise.tests]
    passed = {grade_id for grade_id in tests if REGISTRY.passes(grade_id, names)}
    done = [n for n, exercise in enumerate(exercises, 1) if passed.issuperset(exercise.tests)]
    left = [exercise for n, exercise in enumerate(exercises, 1) if n not in done]
    count = f"{len(passed)} of {len(tests)} tests pass"
    if not left:
        return f"{count}, all exercises done, as far as these tests see: validate, then hand in"
    parts = [count, _waiting(tests, names), _done(done), f"next: {left[0]}"]
    return ", ".join(filter(None, parts))


def _waiting(tests: Sequence[str], names: dict[str, Any]) -> str:
    """How many tests say nothing yet of what the names stand for now."""
    waiting = [grade_id for grade_id in tests if not REGISTRY.is_current(grade_id, names)]
    if not waiting:
        return ""
    return f"{len(waiting)} not run with what is defined now (Run All Cells runs them)"


def _done(numbers: Sequence[int]) -> str:
    if not numbers:
        return ""
    return f"exercise{'s' if len(numbers) > 1 else ''} {_listed(numbers)} done"


def _listed(numbers: Sequence[int]) -> str:
    """Whole numbers in rising order, those that follow each other as a range.

    Examples:
        >>> _listed([1, 2, 3, 5])
        '1 to 3, 5'
    """
    groups: list[list[int]] = []
    for number in numbers:
        if groups and groups[-1][-1] == number - 1:
            groups[-1].append(number)
        else:
            groups.append([number])
    texts = [f"{a[0]} to {a[-1]}" if len(a) > 1 else str(a[0]) for a in groups]
    return ", ".join(texts)

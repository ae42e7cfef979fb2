"""Right and wrong answers that prove a problem set: the form of the files in `variants/<set>/`.

Tests of exercises can be wrong in two ways: they fail a right answer that goes about it in its own
way, or they pass a mistake. So a set comes with answers of both kinds, and running them proves it.

Each Python file of the folder registers answers to one exercise. It has the name of the exercise's
solution cell, with `_` for `-` and without the name of the set in front: in `variants/means/`,
`trimmed_mean.py` is for the cell `trimmed-mean` and `choice.py` for the cell `means-choice`.

An answer is a function or a class with the name that the exercise asks for, or a string with the
whole text of the solution cell::

    import torch

    from mlpgrader.variants import Slips, right, wrong

    @right("built in")
    def mean(x):
        return torch.mean(x)

    @wrong("always divides by 3", fails=["mean-values", "mean-empty"])
    def mean(x):
        return x.sum() / 3

    right("a lambda")("mean = lambda x: x.mean()")

A wrong answer names every test cell that it fails; it passes all the others of its exercise. Many
mistakes are one slip in a text that is right otherwise. `Slips` registers those, a line for each::

    MEAN = '''
    def mean(x):
        total = x.sum()
        return total / len(x)
    '''
    right("by its definition")(MEAN)
    slip = Slips(MEAN, "mean")
    slip("the sum", "values empty", (" / len(x)", ""))
    slip("the largest entry", "values", ("x.sum()", "x.max() * len(x)"))

The text of a function or class is taken from the file as it stands, without its decorators; names
around it do not belong to the answer. It may use what the setup cell of the set imports.

A common mistake can have words for the students who make it: what is wrong, without a number of a
hidden test, and the title of a section of the book. Feedback shows them to whoever hands in the
same function (`mlpgrader.named`); a mistake without words is counted for the instructor alone::

    slip("the largest entry", "values", ("x.sum()", "x.max() * len(x)"),
         says="You take the largest entry for all of them.", read="What a mean is")

Other answers are made by machine: `mlpgrader mutants SET` changes one thing at a time in each
reference solution and lists what gets full marks. A test should catch it. But where the change
gives the same function, the file of that exercise says why, with the lines of the list: first that
with `-`, then that with `+`, or `""` if there is none. Spaces and quotes do not count::

    equivalent("n is a whole number", "if n < 1:", "if n <= 0:")
    equivalent("they have one shape", "y = zeros_like(x)", "y = zeros_like(a)", "y = zeros_like(b)")

Each serves one mutant: where a statement stands twice, the entry has to stand twice, too.

A file whose name begins with `_` is not read. The files are the instructor's own code and run as
such. Nothing of them is ever released to students.
"""

import ast
import inspect
import runpy
import textwrap
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

from mlpgrader.assignment.mutants import normalized
from mlpgrader.assignment.plan import file_of
from mlpgrader.errors import UsageError
from mlpgrader.results import Survivor

Answer = TypeVar("Answer", bound=str | Callable[..., object])

# by the file that is being read
_registered: list["Variant"] = []
_registered_equivalents: list["Equivalent"] = []


@dataclass(frozen=True)
class Variant:
    """One answer to one exercise.

    Attributes:
        how: how a right answer goes about it, or the mistake of a wrong one.
        source: the text of the solution cell.
        fails: the `grade_id` of each test cell that it fails; none if it is right.
        kind: the kind of mistake that the message of a visible test names; "" if none can be told.
        is_slip: whether it is one slip, which costs its own test and at most one more.
        unseen: why only hidden tests can catch it; "" if a visible one does.
        file: the name of the file that registers it.
        says: what is wrong, for students who make this mistake; "" if they are not told.
        read: the title of the section of the book that they should read.
    """

    how: str
    source: str
    fails: frozenset[str]
    kind: str = ""
    is_slip: bool = False
    unseen: str = ""
    file: str = ""
    says: str = ""
    read: str = ""


@dataclass(frozen=True)
class Equivalent:
    """A mutant that is the same function as the reference solution.

    Attributes:
        reason: why it is the same.
        before: the statement in the reference, as a mutant has it.
        after: what it becomes; nothing if it is left out.
        file: the name of the file that registers it.
    """

    reason: str
    before: str
    after: str
    file: str = ""


def right(how: str) -> Callable[[Answer], Answer]:
    """Register a right answer, written another way than the reference."""
    return _registration(Variant(how, "", frozenset()))


def wrong(
    mistake: str,
    *,
    fails: Sequence[str],
    kind: str = "",
    is_slip: bool = False,
    unseen: str = "",
    says: str = "",
    read: str = "",
) -> Callable[[Answer], Answer]:
    """Register a wrong answer and exactly the test cells that it fails.

    Args:
        mistake: what is wrong.
        fails: the `grade_id` of each test cell that it fails.
        kind: the kind of mistake that the message of a visible test names.
        is_slip: whether it is one slip, which costs its own test and at most one more.
        unseen: why only hidden tests can catch it.
        says: what is wrong, for students who make this mistake.
        read: the title of the section of the book that they should read.

    Raises:
        ValueError: if it fails none, or there is something to read and no word why.
    """
    if not fails:
        raise ValueError(f"the wrong answer {mistake!r} fails no test")
    if read and not says:
        raise ValueError(f"why should somebody read {read!r}? Nothing is said of {mistake!r}")
    variant = Variant(mistake, "", frozenset(fails), kind, is_slip, unseen, says=says, read=read)
    return _registration(variant)


def equivalent(reason: str, before: str, *afters: str) -> None:
    """Register mutants of the reference solution that no test can catch, since they are as right.

    Args:
        reason: why.
        before: the statement that they change.
        afters: what it becomes, in one mutant each; `""` if it is left out.

    Raises:
        ValueError: if there is no reason, or a statement is not Python.
    """
    if not reason.strip():
        raise ValueError(f"why is {before!r} the same when it is changed?")
    for after in afters:
        _registered_equivalents.append(Equivalent(reason, normalized(before), normalized(after)))


def explained(
    survivors: list[Survivor], equivalents: list[Equivalent], set_name: str
) -> tuple[list[Survivor], list[Equivalent]]:
    """Give survivors the reasons that are written down; each serves one mutant of its exercise.

    Returns:
        The survivors, and what explains none of them.
    """
    left = [*equivalents]
    with_reasons = []
    for survivor in survivors:
        file = file_of(set_name, survivor.cell)
        key = (file, survivor.before, survivor.after)
        found = next((e for e in left if (e.file, e.before, e.after) == key), None)
        if found is not None:
            left.remove(found)
            survivor = replace(survivor, reason=found.reason)
        with_reasons.append(survivor)
    return with_reasons, left


def edited(source: str, *edits: tuple[str, str]) -> str:
    """A text after edits: pairs of what is replaced, wherever it stands, and by what.

    Raises:
        ValueError: if there is nothing to replace, so that no edit is lost when the text changes.

    Example:
        >>> edited("def double(x): return 2 * x", ("2 *", "3 *"))
        'def double(x): return 3 * x'
    """
    for old, new in edits:
        if old not in source:
            raise ValueError(f"there is no {old!r} to edit")
        source = source.replace(old, new)
    return source


@dataclass(frozen=True)
class Slips:
    """Registers wrong answers, each of which is one right text with a slip in it.

    Attributes:
        source: the right text of the solution cell.
        grade_id: that of the solution cell, with which the names of its test cells begin.
    """

    source: str
    grade_id: str

    def __call__(
        self,
        mistake: str,
        fails: str,
        *edits: tuple[str, str],
        kind: str = "",
        is_slip: bool = False,
        unseen: str = "",
        says: str = "",
        read: str = "",
    ) -> None:
        """Register a slip.

        Args:
            mistake: what is wrong.
            fails: the test cells it fails, without the `grade_id`: `"values kink"`.
            edits: what is replaced, and by what, as for `edited`.
            kind: as for `wrong`.
            is_slip: as for `wrong`.
            unseen: as for `wrong`.
            says: as for `wrong`.
            read: as for `wrong`.
        """
        tests = [f"{self.grade_id}-{test}" for test in fails.split()]
        register = wrong(
            mistake,
            fails=tests,
            kind=kind,
            is_slip=is_slip,
            unseen=unseen,
            says=says,
            read=read,
        )
        register(edited(self.source, *edits))


def read_variants(folder: Path) -> list[Variant]:
    """The answers that the files of a folder register, file by file in the order of their names.

    Raises:
        UsageError: if a file raises; the message names the file and the line.
    """
    return [variant for variants, _ in map(_read_file, files_of(folder)) for variant in variants]


def read_equivalents(folder: Path) -> list[Equivalent]:
    """The mutants that the files of a folder explain, in the same order.

    Raises:
        UsageError: if a file raises; the message names the file and the line.
    """
    return [mutant for _, mutants in map(_read_file, files_of(folder)) for mutant in mutants]


def files_of(folder: Path) -> list[Path]:
    """The files of a folder that register answers, by name."""
    return [path for path in sorted(folder.glob("*.py")) if not path.name.startswith("_")]


def _read_file(path: Path) -> tuple[list[Variant], list[Equivalent]]:
    _registered.clear()
    _registered_equivalents.clear()
    try:
        runpy.run_path(str(path))
    except Exception as error:
        raise UsageError(_one_line(error, path)) from error
    variants = [replace(variant, file=path.name) for variant in _registered]
    equivalents = [replace(mutant, file=path.name) for mutant in _registered_equivalents]
    _registered.clear()
    _registered_equivalents.clear()
    return variants, equivalents


def _one_line(error: Exception, path: Path) -> str:
    frames = traceback.extract_tb(error.__traceback__)
    lines = [frame.lineno for frame in frames if frame.filename == str(path)]
    place = f"{path}, line {lines[-1]}" if lines else str(path)
    message = " ".join(str(error).split())
    return f"{place}: {type(error).__name__}: {message}"


def _registration(variant: Variant) -> Callable[[Answer], Answer]:
    def register(answer: Answer) -> Answer:
        source = textwrap.dedent(_source_of(answer)).strip("\n")
        _registered.append(replace(variant, source=source))
        return answer

    return register


def _source_of(answer: str | Callable[..., object]) -> str:
    if isinstance(answer, str):
        return answer
    if isinstance(answer, type):
        return _source_of_class(answer)
    text = textwrap.dedent(inspect.getsource(answer))
    definition = ast.parse(text).body[0]
    after_decorators = text.splitlines(keepends=True)[definition.lineno - 1 :]
    return "".join(after_decorators)


def _source_of_class(answer: type) -> str:
    """The text of the class that is being registered, without its decorators.

    Answers have one name, and before Python 3.13 `inspect.getsource` gives the first class of that
    name. Which one it is, the line says at which the file has arrived: that of its decorator.
    """
    path = inspect.getfile(answer)
    line = next(frame.lineno for frame in inspect.stack(context=0) if frame.filename == path)
    text = Path(path).read_text(encoding="utf-8")
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.ClassDef) and _first_line(node) <= line <= node.lineno:
            return ast.get_source_segment(text, node, padded=True) or ""
    raise ValueError(f"the class {answer.__name__} is to be registered by a decorator")


def _first_line(node: ast.ClassDef) -> int:
    """The line at which a class begins, decorators included."""
    return min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])

"""Right and wrong answers that prove a problem set: the form of the files in `variants/<set>/`.

Each Python file of that folder registers answers to the exercises of one set. An answer is a
function (or a class) with the name that the exercise asks for, or a string with the whole text of
the solution cell::

    from mlpgrader.variants import right, wrong

    @right("by a loop")
    def relu(x): ...

    @wrong("gradient 1 at 0", fails=["relu-kink"])
    def relu(x): ...

    right("a lambda")("relu = lambda x: torch.clamp(x, min=0)")

A wrong answer names every test cell that it fails; it passes all others of its function. The files
are the instructor's own code and are run as such; they are never released to students.
"""

import ast
import functools
import inspect
import runpy
import textwrap
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_registered: list["Variant"] = []  # by the file that `read_variants` runs


@dataclass(frozen=True)
class Variant:
    """One answer to one exercise.

    Attributes:
        how: how a right answer goes about it, or the mistake of a wrong one.
        source: the text of the solution cell.
        fails: the `grade_id` of each test cell that it fails; none if it is right.
    """

    how: str
    source: str
    fails: frozenset[str]


def right(how: str) -> Callable[[Any], Any]:
    """Register a right answer, written another way than the reference."""
    return functools.partial(_register, how, ())


def wrong(mistake: str, *, fails: Sequence[str]) -> Callable[[Any], Any]:
    """Register a wrong answer and exactly the test cells that it fails.

    Raises:
        ValueError: if it fails none.
    """
    if not fails:
        raise ValueError(f"{mistake!r} fails nothing")
    return functools.partial(_register, mistake, fails)


def read_variants(folder: Path) -> list[Variant]:
    """The answers that the files of a folder register, file by file in the order of their names."""
    found: list[Variant] = []
    for path in sorted(folder.glob("*.py")):
        _registered.clear()
        runpy.run_path(str(path))
        found.extend(_registered)
    _registered.clear()
    return found


def _register(how: str, fails: Sequence[str], answer: Any) -> Any:
    source = answer if isinstance(answer, str) else _source_of(answer)
    _registered.append(Variant(how, textwrap.dedent(source).strip("\n"), frozenset(fails)))
    return answer


def _source_of(definition: Callable) -> str:
    """The text of a function or class without its decorators."""
    text = textwrap.dedent(inspect.getsource(definition))
    start = ast.parse(text).body[0].lineno  # of `def` or `class`
    return "".join(text.splitlines(keepends=True)[start - 1 :])

"""What a notebook finds at home and not in a sandbox, with something that does as well.

Each of these would stop an honest cell for want of a person, a compiler or a place for modules, and
with it the answers that it defines. All of it is the student's process's own: a student who puts
something else in its place changes nothing but their own answers.
"""

import ast
import builtins
import sys
from collections.abc import Callable
from typing import Any

import torch

MOST_ANSWERS = 100  # to `input()`; a loop that asks until it hears a word has to end
ENVIRONMENT = {  # of a student's process, besides
    "LOGNAME": "student",  # no list of users is here that could tell
    "PIP_NO_INDEX": "1",  # or pip would try to connect again and again
}
COLAB = "google.colab"


def stand_in() -> None:
    """Put all stand-ins in place, in the process that is to run a student's cells."""
    sys.path.insert(0, "")  # modules that cells write: Python was started without this folder
    builtins.input = _Nobody()
    torch.compile = _as_it_is
    torch.nn.Module.compile = _compile_nothing  # type: ignore[method-assign]


class _Nobody:
    """Stands in for `input`: answers as somebody does who only ever presses Enter."""

    def __init__(self) -> None:
        self.answers_left = MOST_ANSWERS

    def __call__(self, prompt: object = "", /) -> str:
        if self.answers_left == 0:
            raise EOFError("input(): nobody is there to answer where notebooks are graded")
        self.answers_left -= 1
        print(prompt)
        print("input(): nobody is there to answer, so it gave an empty text", file=sys.stderr)
        return ""


def _as_it_is(model: Callable[..., Any] | None = None, **_: Any) -> Any:
    """Stand in for `torch.compile`, which needs a compiler: what it gives computes the same."""
    if model is None:  # it was written as a decorator with options
        return _as_it_is_given
    return model


def _as_it_is_given(model: Callable[..., Any]) -> Callable[..., Any]:
    return model


def _compile_nothing(self: torch.nn.Module, *_: Any, **__: Any) -> None:
    """Stand in for `nn.Module.compile`."""


class OnColab(ast.NodeTransformer):
    """Lets a cell go on that begins with what only Colab has, such as mounting a drive.

    An import in `try` or `if` stays as it is: there the notebook asks where it is.
    """

    def visit_Module(self, node: ast.Module) -> ast.Module:
        """Put stand-ins in place of what a cell imports from Colab at top level."""
        node.body = [_without_colab(statement) for statement in node.body]
        return ast.fix_missing_locations(node)


def _without_colab(statement: ast.stmt) -> ast.stmt:
    if not isinstance(statement, ast.ImportFrom) or statement.level:
        return statement
    if not f"{statement.module}.".startswith(f"{COLAB}."):
        return statement
    names = [alias.asname or alias.name for alias in statement.names]
    made = f"__import__({__name__!r}, fromlist=['Colab']).Colab()"
    [assignment] = ast.parse(f"{' = '.join(names)} = {made}").body
    return ast.copy_location(assignment, statement)


class Colab:
    """Stands in for a part of `google.colab`: whatever is called says that it is not here."""

    def __getattr__(self, name: str) -> "Colab":
        if name.startswith("__"):
            raise AttributeError(name)
        return self

    def __call__(self, *_: Any, **__: Any) -> dict[str, Any]:
        """Do nothing, and say so; what would be uploaded is nothing, too."""
        print(f"{COLAB} is not here: this did nothing", file=sys.stderr)
        return {}

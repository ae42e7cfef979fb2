"""What a notebook finds at home and not in a sandbox, with something that does as well.

Each of these would stop an honest cell for want of a person, a compiler or a place for modules, and
with it the answers that it defines. All of it is the student's process's own: a student who puts
something else in its place changes nothing but their own answers.
"""

import ast
import builtins
import functools
import getpass
import os
import subprocess
import sys
from collections.abc import Callable, Generator
from typing import Any

import torch
from traitlets.config import Application

MOST_ANSWERS = 100  # to `input()`; a loop that asks until it hears a word has to end
ENVIRONMENT = {  # of a student's process, besides
    "LOGNAME": "student",  # no list of users is here that could tell
    "PIP_NO_INDEX": "1",  # or pip would try to connect again and again
}
# modules of services that run notebooks, and of JupyterLite's
ELSEWHERE = ("google.colab", "kaggle_secrets", "piplite", "micropip")
INSTALLERS = {"pip", "pip3", "conda", "mamba", "apt", "apt-get"}
NOT_HERE = "where notebooks are graded there is no network, and nothing can be installed"


def stand_in() -> None:
    """Put all stand-ins in place, in the process that is to run a student's cells."""
    sys.path.insert(0, "")  # modules that cells write: Python was started without this folder
    builtins.input = _Nobody()
    # by names: how many descriptors may be on their way is counted over all of one user's
    # processes, so that one student could leave no room for another's
    torch.multiprocessing.set_sharing_strategy("file_system")  # type: ignore[no-untyped-call]
    torch.compile = _as_it_is
    torch.nn.Module.compile = _compile_nothing  # type: ignore[method-assign]
    os.chdir = _going_where_it_can(os.chdir)
    os.getlogin = getpass.getuser  # there is no terminal
    subprocess.run = _stopped_by_no_installer(subprocess.run)  # `check_output`, too, calls it
    subprocess.check_call = _stopped_by_no_installer(subprocess.check_call)
    Application.kernel = Elsewhere("the kernel")  # type: ignore[attr-defined]


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


def _going_where_it_can(change: Callable[..., None]) -> Callable[..., None]:
    """Stand in for `os.chdir`: a folder of the student's own machine is not here."""

    @functools.wraps(change)
    def stay_or_go(path: Any) -> None:
        if isinstance(path, str) and _is_of_another_machine(path):
            print(f"{path} is not here: this stays where it is", file=sys.stderr)
        else:
            change(path)

    return stay_or_go


def _is_of_another_machine(path: str) -> bool:
    is_whole = path.startswith(("/", "~")) or path[1:3] in (":\\", ":/")
    return is_whole and not os.path.exists(path)


def _stopped_by_no_installer(call: Callable[..., Any]) -> Callable[..., Any]:
    """Stand in for a function of `subprocess`: an installer that fails raises nothing."""

    @functools.wraps(call)
    def run(*arguments: Any, **options: Any) -> Any:
        try:
            return call(*arguments, **options)
        except subprocess.CalledProcessError as error:
            if not _installs(error.cmd):
                raise
            print(NOT_HERE, file=sys.stderr)
            code = error.returncode
            if call.__name__ == "check_call":
                return code
            return subprocess.CompletedProcess(error.cmd, code, error.stdout, error.stderr)

    return run


def _installs(command: Any) -> bool:
    words = command.split() if isinstance(command, str) else [*map(str, command)]
    return "install" in words and not INSTALLERS.isdisjoint(map(os.path.basename, words))


class FromElsewhere(ast.NodeTransformer):
    """Lets a cell go on that begins with what only Colab or the like has, as to mount a drive.

    An import in `try` or `if` stays as it is: there the notebook asks where it is.
    """

    def visit_Module(self, node: ast.Module) -> ast.Module:
        """Put stand-ins in place of what a cell imports from elsewhere at top level."""
        node.body = [part for statement in node.body for part in _from_here(statement)]
        return ast.fix_missing_locations(node)


def _from_here(statement: ast.stmt) -> list[ast.stmt]:
    """A statement as it can run here; an import of several modules is one for each."""
    match statement:
        case ast.ImportFrom(module=str(module), level=0) if _service_of(module):
            names = [alias.asname or alias.name for alias in statement.names]
            return [_assignment(statement, names, _service_of(module))]
        case ast.Import() if any(_service_of(alias.name) for alias in statement.names):
            return [_imported(statement, alias) for alias in statement.names]
    return [statement]


def _imported(statement: ast.Import, alias: ast.alias) -> ast.stmt:
    service = _service_of(alias.name)
    if not service:
        return ast.copy_location(ast.Import([alias]), statement)
    return _assignment(statement, [alias.asname or alias.name.partition(".")[0]], service)


def _service_of(module: str) -> str:
    """Which service a module is of; nothing if it is of none."""
    services = (name for name in ELSEWHERE if f"{module}.".startswith(f"{name}."))
    return next(services, "")


def _assignment(statement: ast.stmt, names: list[str], service: str) -> ast.stmt:
    made = f"__import__({__name__!r}, fromlist=['Elsewhere']).Elsewhere({service!r})"
    [assignment] = ast.parse(f"{' = '.join(names)} = {made}").body
    return ast.copy_location(assignment, statement)


class Elsewhere:
    """Stands in for a part of a service: whatever is called says that it is not here."""

    def __init__(self, service: str) -> None:
        self._service = service

    def __getattr__(self, name: str) -> "Elsewhere":
        if name.startswith("__"):
            raise AttributeError(name)
        return self

    def __call__(self, *_: Any, **__: Any) -> "Nothing":
        """Do nothing, and say so; what would be uploaded is nothing, too."""
        print(f"{self._service} is not here: this did nothing", file=sys.stderr)
        return Nothing()


class Nothing(dict[str, Any]):
    """What comes of a call to what is not here, waited for or not."""

    def __await__(self) -> Generator[None, None, "Nothing"]:
        yield from ()
        return self

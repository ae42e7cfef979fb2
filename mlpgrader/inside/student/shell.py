"""The shell that runs a student's cells: IPython's, with what they print and show collected.

Outputs are cut to a bounded size where they arise, so that a cell that prints for ever uses up its
time and nothing else. It is a courtesy: the checker counts them again.

A notebook was written in a kernel that has a network, a browser and perhaps other extensions. What
of that is missing here is said in the cell's output, and the rest of the cell runs all the same: a
line with a magic or a command for the system's shell never takes an answer along.
"""

import ast
import base64
import builtins
import errno
import gc
import io
import os
import platform
import re
import select
import signal
import subprocess
import sys
import time
import traceback
from collections.abc import Callable, Collection
from importlib.machinery import ModuleSpec
from importlib.util import find_spec, spec_from_file_location
from types import CodeType
from typing import Any

import torch
from IPython.core.compilerop import PyCF_MASK
from IPython.core.displayhook import DisplayHook
from IPython.core.displaypub import DisplayPublisher
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.text import SList
from traitlets import Type
from traitlets.config import Config

from mlpgrader.inside.student.stand_ins import NOT_HERE, Elsewhere, FromElsewhere

MOST_TEXT = 20_000  # characters of one output
MOST_IMAGE = 2_000_000
MOST_OUTPUTS = 100
MOST_SHOWN = 4 << 20  # characters of all that one cell displays
MOST_MESSAGE = 2000  # characters of an exception's message
MOST_TRACE = 50  # lines
HOLDS_ANSWERS = {
    "activations",
    "losses",
    "initialization",
    "mlp",
    "gradcheck",
    "diagnostics",
    "training",
}
MOST_COMMAND = 200_000  # bytes of what a shell command prints
COMMAND_SECONDS = 5.0
# magics that run a student's code: what they raise is its own
CODE_MAGICS = ("prun", "run", "time", "timeit")
# the Python that runs the notebook is on no path here
PYTHON = f'python() {{ "{sys.executable}" "$@"; }}; python3() {{ python "$@"; }}; '
REPEATS = re.compile(r"(?:^|\s)-[nr]\s*\d+")
# how the filter of system calls refuses one (`walls/seccomp.py`), and what is said of that
REFUSALS = (errno.EPERM, errno.ENOSYS, errno.EAFNOSUPPORT)
REFUSED = "This call of the system is refused where notebooks are graded: {}."
TEXTS = ("text/plain", "text/html", "text/markdown", "text/latex")
IMAGES = ("image/png", "image/jpeg", "image/svg+xml")


class Outputs(list[dict[str, Any]]):
    """The outputs of one cell, in nbformat's form and of bounded size."""

    characters_left = MOST_SHOWN

    def stream(self, name: str, text: str) -> None:
        """Add printed text to the last output if it is of the same stream."""
        last = self[-1] if self else {}
        if last.get("name") != name:
            last = {"output_type": "stream", "name": name, "text": ""}
            self.add(last)
        room = max(0, MOST_TEXT - len(last["text"]))
        last["text"] += text[:room]

    def data(self, output_type: str, data: dict[str, Any], **more: Any) -> None:
        """Add a displayed value."""
        forms = {kind: str(data[kind])[:MOST_TEXT] for kind in TEXTS if kind in data}
        forms |= {kind: _base64(data[kind]) for kind in IMAGES if kind in data}
        self.add({"output_type": output_type, "data": forms, "metadata": {}, **more})

    def add(self, output: dict[str, Any]) -> None:
        """Add an output while there is room for it."""
        size = sum(map(len, output.get("data", {}).values()))
        if len(self) < MOST_OUTPUTS and size <= self.characters_left:
            self.characters_left -= size
            self.append(output)


def _base64(image: Any) -> str:
    text = image if isinstance(image, str) else base64.b64encode(image).decode()
    return text if len(text) <= MOST_IMAGE else ""


class Stream(io.TextIOBase):
    """What `sys.stdout` is while a cell runs."""

    encoding = "utf-8"
    errors = "replace"

    def __init__(self, outputs: Outputs, name: str) -> None:
        self.outputs = outputs
        self.name = name

    def write(self, text: str) -> int:
        """Collect the text as far as there is room."""
        self.outputs.stream(self.name, str(text))
        return len(text)

    def close(self) -> None:
        """Stay open: the next line may print, too."""


class Publisher(DisplayPublisher):
    """Collects what a cell displays."""

    shell: "Shell"

    def publish(self, data: dict[str, Any], *_: Any, **__: Any) -> None:
        """Collect a displayed value."""
        self.shell.outputs.data("display_data", data)

    def clear_output(self, wait: bool = False) -> None:
        """Forget what came so far."""
        self.shell.outputs.clear()


class Hook(DisplayHook):
    """Collects the value of a cell's last line."""

    shell: "Shell"

    def write_output_prompt(self) -> None:
        """There is no prompt."""

    def write_format_data(self, format_dict: dict[str, Any], md_dict: Any = None) -> None:
        """Collect the value of the last line."""
        count = self.shell.execution_count
        self.shell.outputs.data("execute_result", format_dict, execution_count=count)

    def finish_displayhook(self) -> None:
        """Nothing was printed."""


class Shell(InteractiveShell):
    """IPython's shell with its outputs collected, no history and no files."""

    display_pub_class = Type(Publisher)
    displayhook_class = Type(Hook)
    outputs = Outputs()
    own_names: Collection[str] = ()  # those that are there before the first cell
    kernel = Elsewhere("the kernel")  # as in a notebook, where some cells restart it
    stopped: list[tuple[str, BaseException]]  # the texts of cells that stopped, and why they did
    # IPython's own, which it does not annotate
    find_line_magic: Callable[[str], Any]
    find_cell_magic: Callable[[str], Any]
    transform_cell: Callable[[str], str]
    run_cell: Callable[..., Any]
    reset: Callable[..., Any]
    var_expand: Callable[..., str]

    def run(self, text: str) -> Outputs:
        """Run one cell and give its outputs."""
        outputs = self.collect()
        result = self.run_cell(text, store_history=True)
        error = result.error_before_exec or result.error_in_exec
        if error is not None:
            self.stopped.append((text, error))
        return outputs

    def plain_code(self, text: str, name: str) -> CodeType | None:
        """The code of a cell that needs no shell: no magic, no await, and no value at its end.

        Args:
            text: the cell.
            name: the file name that its code is to have.
        """
        try:
            tree = ast.parse(text)
            if tree.body and _shows(tree.body[-1]):
                return None
            code: CodeType = compile(
                tree, name, "exec", self.compile.flags & PyCF_MASK, dont_inherit=True
            )
            return code
        except (SyntaxError, ValueError):
            return None

    def define(self, text: str) -> Outputs:
        """Run a cell that does nothing but define, of which IPython need not know."""
        outputs = self.collect()
        name = self.compile.cache(text, self.execution_count)
        try:
            # with the `from __future__` of the cells before it, as in a kernel
            code = compile(text, name, "exec", self.compile.flags & PyCF_MASK, dont_inherit=True)
        except (SyntaxError, ValueError):
            return self.run(text)
        try:
            exec(code, self.user_ns)
        except BaseException as error:
            self.stopped.append((text, error))
            self.showtraceback()
        return outputs

    def why_missing(self, name: str) -> str:
        """Why no cell defines a name: how the last one ended that speaks of it, or nothing."""
        word = re.compile(rf"\b{re.escape(name)}\b")
        for text, error in reversed(self.stopped):
            if word.search(text):
                return f"its cell stopped with {type(error).__name__}: {_said_by(error)}"
        return ""

    # --- what a kernel has, and a sandbox has not

    def enable_gui(self, gui: str | None = None) -> None:
        """There are no windows: what is drawn is shown as an image."""

    def enable_matplotlib(self, gui: str | None = None) -> Any:
        """Show figures as images, whatever `%matplotlib` asks for."""
        return super().enable_matplotlib("inline")  # type: ignore[no-untyped-call]

    def ask_exit(self) -> None:
        """Go on after `exit()`: other cells are to be graded."""
        print("exit() ends nothing where notebooks are graded", file=sys.stderr)

    def run_line_magic(self, magic_name: str, line: str, _stack_depth: int = 1) -> Any:
        """Run a line magic; one that cannot run is shown with its error, and the cell goes on."""
        try:
            return super().run_line_magic(magic_name, _hurried(magic_name, line), _stack_depth + 1)
        except Exception:
            if magic_name in CODE_MAGICS:
                raise
            self.showtraceback()
            return None

    def run_cell_magic(self, magic_name: str, line: str, cell: str) -> Any:
        """Run a cell magic; one that is not here leaves its cell to run without it."""
        if self.find_cell_magic(magic_name) is None and self.find_line_magic(magic_name) is None:
            print(f"%%{magic_name} is not here: its cell runs without it", file=sys.stderr)
            name = self.compile.cache(cell, self.execution_count)
            exec(compile(self.transform_cell(cell), name, "exec"), self.user_ns)
            return None
        line = _hurried(magic_name, line)
        return super().run_cell_magic(magic_name, line, cell)  # type: ignore[no-untyped-call]

    def magic(self, arg_s: str) -> Any:
        """Run a line magic by its whole line, as IPython did until version 9."""
        name, _, line = arg_s.removeprefix("%").partition(" ")
        return self.run_line_magic(name, line, _stack_depth=2)

    def system(self, cmd: str) -> None:
        """Run a command of the system's shell, for a bounded time; a failure stops nothing."""
        output, code = _run_command(self.var_expand(cmd, depth=1))
        print(output, end="")
        if code:
            print(f"exit code {code}: {NOT_HERE}", file=sys.stderr)
        self.user_ns["_exit_code"] = code

    system_piped = system_raw = system

    def getoutput(self, cmd: str, split: bool = True, depth: int = 0) -> Any:
        """What a command of the system's shell prints, as `lines = !command` wants it."""
        output, _ = _run_command(self.var_expand(cmd, depth=depth + 1))
        return SList(output.splitlines()) if split else output

    def collect(self) -> Outputs:
        """Collect what is printed and shown from now on."""
        outputs = Outputs()
        self.outputs = outputs
        sys.stdout = Stream(outputs, "stdout")
        sys.stderr = Stream(outputs, "stderr")
        return outputs

    def _showtraceback(self, etype: Any, evalue: Any, stb: Any) -> None:
        trace = [str(line)[:MOST_TEXT] for line in stb][:MOST_TRACE]
        if isinstance(evalue, SyntaxError):
            trace.append(f"It was run with Python {platform.python_version()}.")
        if isinstance(evalue, OSError) and evalue.errno in REFUSALS:
            trace.append(REFUSED.format(_called_last(evalue)))
        self.outputs.add(
            {
                "output_type": "error",
                "ename": getattr(etype, "__name__", "Error"),
                "evalue": str(evalue)[:MOST_MESSAGE],
                "traceback": trace,
            }
        )


def _called_last(error: BaseException) -> str:
    """The line of code that raised an error, or nothing of it that can be told."""
    frames = traceback.extract_tb(error.__traceback__)
    return (frames[-1].line or "its line is not known") if frames else "its line is not known"


def _hurried(magic: str, line: str) -> str:
    """The line of a magic; `timeit`, which takes seconds for anything, is to run it once."""
    return f"-n1 -r1 {REPEATS.sub('', line)}" if magic == "timeit" else line


def _shows(statement: ast.stmt) -> bool:
    """Whether a cell that ends in a statement has a value."""
    return isinstance(statement, ast.Expr)


class HiddenModules:
    """Says why a part of `mlpkit` that a sandbox does not show cannot be imported.

    It comes last of all finders, so it is asked for what no other found.
    """

    @staticmethod
    def find_spec(name: str, *_: Any) -> None:
        """Refuse a part of `mlpkit`.

        Raises:
            ImportError: with no name: Python would replace what has one by a message of its own.
        """
        part = name.removeprefix("mlpkit.")
        if part == name:
            return
        why = "holds answers and " if part in HOLDS_ANSWERS else ""
        raise ImportError(f"{name} {why}cannot be imported in graded work")


class NoWindows:
    """Draws images where a notebook asks matplotlib for windows, as `matplotlib.use("TkAgg")` does.

    Each module that opens windows is the one that draws images, by another name.
    """

    KINDS = ("gtk3agg", "gtk4agg", "macosx", "nbagg", "qt5agg", "qtagg", "tkagg", "webagg", "wxagg")

    @classmethod
    def find_spec(cls, name: str, *_: Any) -> ModuleSpec | None:
        """Where a module lies that would open windows; nothing of any other."""
        if name not in {f"matplotlib.backends.backend_{kind}" for kind in cls.KINDS}:
            return None
        agg = find_spec("matplotlib.backends.backend_agg")
        return spec_from_file_location(name, agg.origin) if agg else None


class WholeTorchvision:
    """Lets torchvision be imported beside a build of torch that its compiled part is not for.

    Its Python part stops at operators that are not there, on boxes that are hardly ever wanted.
    They are declared when it comes to them, after its compiled part has had its chance.
    """

    SCHEMA = "(Tensor dets, Tensor scores, float iou_threshold) -> Tensor"

    @classmethod
    def find_spec(cls, name: str, *_: Any) -> None:
        """Declare what is not there; find nothing."""
        if name != "torchvision._meta_registrations":
            return
        for operator in ("nms", "qnms"):
            if not hasattr(torch.ops.torchvision, operator):
                torch.library.define(f"torchvision::{operator}", cls.SCHEMA)


def _said_by(error: BaseException) -> str:
    """What an exception says, on one line; of a syntax error, where and for which Python."""
    if isinstance(error, SyntaxError):
        version = platform.python_version()
        return f"{error.msg} (line {error.lineno}, read by Python {version})"
    return " ".join(str(error).split())[:MOST_MESSAGE]


def _run_command(command: str) -> tuple[str, int]:
    """What a command prints, as far as it is kept, and how it ended; its processes are gone."""
    process = subprocess.Popen(
        f"{PYTHON}{command}",
        shell=True,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
        bufsize=0,
    )
    with process:
        output = _read_for_a_while(process.stdout)
        os.killpg(process.pid, signal.SIGKILL)
    return output.decode(errors="replace"), process.returncode


def _read_for_a_while(stream: Any) -> bytes:
    kept = b""
    end = time.monotonic() + COMMAND_SECONDS
    while select.select([stream], [], [], max(0.0, end - time.monotonic()))[0]:
        part = os.read(stream.fileno(), 1 << 16)
        if not part:
            break
        kept += part[: MOST_COMMAND - len(kept)]
    return kept


def _draw_once(shell: Shell) -> None:
    """Draw a first figure, which loads the backend and finds the fonts, for all that will draw."""
    shell.run("import matplotlib.pyplot as plt\nplt.plot([0, 1])")
    # matplotlib has this done after a fork: fonts are open files, which a fork here does not keep
    sys.modules["matplotlib.font_manager"]._get_font.cache_clear()
    gc.collect()


def make_shell() -> Shell:
    """The shell that students' processes inherit from the zygote; it starts no thread."""
    config = Config(
        HistoryManager=Config(enabled=False),
        InteractiveShell=Config(xmode="Plain", colors="nocolor"),
    )
    shell: Shell = Shell.instance(config=config)
    shell.stopped = []
    shell.run("1")  # what a first cell loads is loaded once
    if "matplotlib.pyplot" in sys.modules:
        _draw_once(shell)
    shell.ast_transformers.append(FromElsewhere())
    shell.reset(new_session=True)
    sys.stdout = sys.__stdout__
    sys.stderr = sys.__stderr__
    sys.meta_path[:0] = [WholeTorchvision, NoWindows]
    sys.meta_path.append(HiddenModules)
    # what the reset took away, and processes that are started afresh ask for
    shell.user_module.__dict__.update(__builtins__=builtins, __spec__=None)
    shell.own_names = {*shell.user_ns}
    gc.set_threshold(10_000, 20, 20)  # it was off, nearly, while modules were loaded
    return shell

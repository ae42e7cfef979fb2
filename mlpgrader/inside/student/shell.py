"""The shell that runs a student's cells: IPython's, with what they print and show collected.

Outputs are cut to a bounded size where they arise, so that a cell that prints for ever uses up its
time and nothing else. It is a courtesy: the checker counts them again.
"""

import ast
import base64
import builtins
import gc
import io
import sys
from collections.abc import Callable, Collection
from types import CodeType
from typing import Any

from IPython.core.displayhook import DisplayHook
from IPython.core.displaypub import DisplayPublisher
from IPython.core.interactiveshell import InteractiveShell
from traitlets import Type
from traitlets.config import Config

MOST_TEXT = 20_000  # characters of one output
MOST_IMAGE = 2_000_000
MOST_OUTPUTS = 100
MOST_SHOWN = 4 << 20  # characters of all that one cell displays
MOST_MESSAGE = 2000  # characters of an exception's message
MOST_TRACE = 50  # lines
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
    # IPython's own, which it does not annotate
    run_cell: Callable[..., Any]
    reset: Callable[..., Any]

    def run(self, text: str) -> Outputs:
        """Run one cell and give its outputs."""
        outputs = self.collect()
        self.run_cell(text, store_history=True)
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
            code: CodeType = compile(tree, name, "exec", self.compile.flags, dont_inherit=True)
            return code
        except (SyntaxError, ValueError):
            return None

    def define(self, text: str) -> Outputs:
        """Run a cell that does nothing but define, of which IPython need not know."""
        outputs = self.collect()
        name = self.compile.cache(text, self.execution_count)
        try:
            code = compile(text, name, "exec", dont_inherit=True)
        except (SyntaxError, ValueError):
            return self.run(text)
        try:
            exec(code, self.user_ns)
        except BaseException:
            self.showtraceback()
        return outputs

    def collect(self) -> Outputs:
        """Collect what is printed and shown from now on."""
        outputs = Outputs()
        self.outputs = outputs
        sys.stdout = Stream(outputs, "stdout")
        sys.stderr = Stream(outputs, "stderr")
        return outputs

    def _showtraceback(self, etype: Any, evalue: Any, stb: Any) -> None:
        trace = [str(line)[:MOST_TEXT] for line in stb]
        self.outputs.add(
            {
                "output_type": "error",
                "ename": getattr(etype, "__name__", "Error"),
                "evalue": str(evalue)[:MOST_MESSAGE],
                "traceback": trace[:MOST_TRACE],
            }
        )


def _shows(statement: ast.stmt) -> bool:
    """Whether a cell that ends in a statement has a value."""
    return isinstance(statement, ast.Expr)


def make_shell() -> Shell:
    """The shell that students' processes inherit from the zygote; it starts no thread."""
    config = Config(
        HistoryManager=Config(enabled=False),
        InteractiveShell=Config(xmode="Plain", colors="nocolor"),
    )
    shell: Shell = Shell.instance(config=config)
    shell.run("1")  # what a first cell loads is loaded once
    shell.reset(new_session=True)
    sys.stdout = sys.__stdout__
    sys.stderr = sys.__stderr__
    shell.user_module.__dict__.setdefault("__builtins__", builtins)
    shell.own_names = {*shell.user_ns}
    gc.set_threshold(10_000, 20, 20)  # it was off, nearly, while modules were loaded
    return shell

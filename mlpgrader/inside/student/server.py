"""The student's process: an IPython shell runs cells, and forked children serve calls.

One process runs the cells of a submission in order and forks where it is told to (`job.py`): the
child keeps the state of that moment and waits to be asked for calls, on a socket of its own. All
cells are run before the first test, so the process that ran them never sees a hidden call, and can
fork a child anew in the last state. Nothing here is trusted once a line of the student's has run.
"""

import base64
import builtins
import contextlib
import gc
import io
import math
import os
import pickle
import random
import socket
import sys
import types
import warnings
from collections.abc import Collection
from typing import Any

import numpy as np
import torch
from IPython.core.displayhook import DisplayHook
from IPython.core.displaypub import DisplayPublisher
from IPython.core.interactiveshell import InteractiveShell
from traitlets import Type
from traitlets.config import Config

from mlpgrader.inside import wire
from mlpgrader.inside.messages import CHECK_REASONS, Call, CheckReason, Raised, Value
from mlpgrader.inside.walls import sandbox
from mlpkit import checks

MOST_TEXT = 20_000  # characters of one output
MOST_IMAGE = 2_000_000
MOST_OUTPUTS = 100
MOST_SHOWN = 4 << 20  # characters of all that one cell displays
KINDS = ("text/plain", "text/html", "text/markdown", "text/latex")
IMAGES = ("image/png", "image/jpeg", "image/svg+xml")
# of these nothing can change that `_state` does not see
STEADY = {type(None), bool, int, float, complex, str, type, torch.dtype}
STEADY |= {types.FunctionType, types.BuiltinFunctionType, types.ModuleType}


class Outputs(list):
    """The outputs of one cell, in nbformat's form and of bounded size."""

    room = MOST_SHOWN

    def stream(self, name: str, text: str) -> None:
        """Add printed text to the last output if it is of the same stream."""
        last = self[-1] if self else {}
        if last.get("name") != name:
            last = {"output_type": "stream", "name": name, "text": ""}
            self.add(last)
        room = MOST_TEXT - len(last["text"])
        last["text"] += text[: max(0, room)]

    def data(self, output_type: str, data: dict, **more: Any) -> None:
        """Add a displayed value."""
        kept = {kind: str(data[kind])[:MOST_TEXT] for kind in KINDS if kind in data}
        kept |= {kind: _base64(data[kind]) for kind in IMAGES if kind in data}
        self.add({"output_type": output_type, "data": kept, "metadata": {}, **more})

    def add(self, output: dict) -> None:
        """Add an output while there is room for it."""
        size = sum(map(len, output.get("data", {}).values()))
        if len(self) < MOST_OUTPUTS and size <= self.room:
            self.room -= size
            self.append(output)


def _base64(image: Any) -> str:
    text = image if isinstance(image, str) else base64.b64encode(image).decode()
    return text if len(text) <= MOST_IMAGE else ""


class Stream(io.TextIOBase):
    """What `sys.stdout` is while a cell runs."""

    encoding, errors = "utf-8", "replace"

    def __init__(self, outputs: Outputs, name: str):
        self.outputs, self.name = outputs, name

    def write(self, text: str) -> int:
        """Keep the text as far as there is room."""
        self.outputs.stream(self.name, str(text))
        return len(text)

    def close(self) -> None:
        """Stay open: the next line may print, too."""


class Publisher(DisplayPublisher):
    """Collects what a cell displays."""

    def publish(self, data: dict, metadata: Any = None, **_: Any) -> None:
        """Keep a displayed value."""
        self.shell.outputs.data("display_data", data)

    def clear_output(self, wait: bool = False) -> None:
        """Forget what came so far."""
        self.shell.outputs.clear()


class Hook(DisplayHook):
    """Collects the value of a cell's last line."""

    def write_output_prompt(self) -> None:
        """There is no prompt."""

    def write_format_data(self, format_dict: dict, md_dict: Any = None) -> None:
        """Keep the value of the last line."""
        count = self.shell.execution_count
        self.shell.outputs.data("execute_result", format_dict, execution_count=count)

    def finish_displayhook(self) -> None:
        """Nothing was printed."""


class Shell(InteractiveShell):
    """IPython's shell with its outputs collected, no history and no files."""

    display_pub_class = Type(Publisher)
    displayhook_class = Type(Hook)
    outputs = Outputs()
    own: Collection[str] = ()  # names that are there from the start

    def _showtraceback(self, etype: Any, evalue: Any, stb: Any) -> None:
        name, text = getattr(etype, "__name__", "Error"), str(evalue)
        trace = [line[:MOST_TEXT] for line in map(str, stb)][:50]
        self.outputs.add(
            {"output_type": "error", "ename": name, "evalue": text[:2000], "traceback": trace}
        )

    def define(self, text: str) -> Outputs:
        """Run a cell that does nothing but define, of which IPython need not know."""
        outputs = self._collect()
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

    def _collect(self) -> Outputs:
        self.outputs = outputs = Outputs()
        sys.stdout, sys.stderr = Stream(outputs, "stdout"), Stream(outputs, "stderr")
        return outputs

    def run(self, text: str) -> Outputs:
        """Run one cell and give its outputs."""
        outputs = self._collect()
        self.run_cell(text, store_history=True)
        return outputs


def make_shell() -> Shell:
    """The shell that students' processes inherit from the zygote; it starts no thread."""
    config = Config(
        HistoryManager=Config(enabled=False),
        InteractiveShell=Config(xmode="Plain", colors="nocolor"),
    )
    shell = Shell.instance(config=config)
    shell.run("1")  # what a first cell loads is loaded once
    shell.reset(new_session=True)
    sys.stdout, sys.stderr = sys.__stdout__, sys.__stderr__
    shell.user_module.__dict__.setdefault("__builtins__", builtins)
    shell.own = {*shell.user_ns}
    gc.set_threshold(10_000, 20, 20)  # it was off, nearly, while modules were loaded
    return shell


def live(shell: Shell, main: socket.socket, children: list[int]) -> None:
    """Do what the checker asks on the main socket: run a cell, or fork a child that serves.

    Args:
        shell: where cells run.
        main: the socket of this process.
        children: the descriptors on which the children are to serve, in order.
    """
    torch.set_num_threads(1)
    random.seed(0)  # torch's generator starts the same in each process
    wire.send(main, wire.encode("ready"))
    while True:
        kind, text = wire.decode(wire.receive(main))
        outputs = []
        if kind in ("cell", "define"):
            outputs = shell.run(text) if kind == "cell" else shell.define(text)
        else:
            number = children.pop(0)
            if os.fork() == 0:
                _become_server(shell, number, [main.detach(), *children])
            os.close(number)
        wire.send(main, wire.encode(outputs))


def _become_server(shell: Shell, number: int, others: list[int]) -> None:
    try:
        for other in others:
            os.close(other)
        torch.set_num_threads(1)
        sys.stdout = sys.stderr = open(os.devnull, "w")  # noqa: SIM115 (for this process's life)
        serve(shell.user_ns, socket.socket(fileno=number), shell.own)
    finally:
        os._exit(0)


def serve(names: dict, sock: socket.socket, hidden: Collection[str] = ()) -> None:
    """Answer calls, with names resolved among the student's, until the checker hangs up.

    The hidden names are those of IPython itself.
    """

    def load(content: bytes) -> Any:
        return _Loader(content, names).load()

    start = _state({name: names[name] for name in names.keys() - hidden})
    while True:
        request = wire.receive(sock)
        try:
            call = Call(*wire.decode(request, load))
            if call.operation == "unchanged":
                now = _state({name: names[name] for name in names.keys() - hidden})
                value = _same(start, now)
            else:
                value = _answer(names, call)
            reply = wire.encode(Value(value).plain())
        except BaseException as error:
            index, text = wire.error_of(_allocation(error))
            reply = wire.encode(Raised(index, text, _check_reason(error)).plain())
        wire.send(sock, reply)


def _state(names: dict) -> tuple[list, tuple] | None:
    """What calls may leave behind for other functions, as objects; None if that cannot be told."""
    try:
        places = [each for each in names.values() if type(each) in (type, types.FunctionType)]
        places += (torch, torch.Tensor, torch.nn, torch.nn.functional, math, builtins)
        found = [*names.values(), *(part for place in places for part in vars(place).values())]
        defaults = (part for each in places for part in getattr(each, "__defaults__", None) or ())
        if not {*map(type, [*names.values(), *defaults])} <= STEADY:
            return None
        settings = torch.get_default_dtype(), torch.is_grad_enabled(), sys.getrecursionlimit()
        return [*found, *warnings.filters], (*settings, *np.geterr().values())
    except BaseException:
        return None


def _same(one: tuple | None, other: tuple | None) -> bool:
    """Whether two states hold the same objects, none of which is asked for its opinion."""
    if one is None or other is None or one[1] != other[1]:
        return False
    return [*map(id, one[0])] == [*map(id, other[0])]


def _check_reason(error: BaseException) -> CheckReason | None:
    """Why a check failed that was made here, as `checks.value_and_grad` makes one."""
    if isinstance(error, checks.CheckError):
        with contextlib.suppress(Exception):  # it may be of the student's own making
            return CHECK_REASONS[CHECK_REASONS.index(error.reason)]
    return None


def _allocation(error: BaseException) -> BaseException:
    """What torch raises as RuntimeError when memory is out, as what it is."""
    short = isinstance(error, RuntimeError) and "DefaultCPUAllocator" in str(error)
    return MemoryError(str(error)) if short else error


def _answer(names: dict, call: Call) -> Any:
    value = _lookup(names, call.name)
    if call.operation == "get":
        if callable(value):
            return [True, None]
        return [False, value]
    with torch.set_grad_enabled(call.grad_mode):
        if call.operation == "call":
            return value(*call.arguments, **call.keywords)
        if call.operation == "value_and_grad":
            return checks.value_and_grad(value, *call.arguments, wrt=call.wrt)
        if call.operation == "keeps_arguments":
            return checks.keeps_arguments(value, *call.arguments)
        return checks.keeps_generator(value, *call.arguments)


def _lookup(names: dict, name: str) -> Any:
    if name in names:
        return names[name]
    raise NameError(f"name '{name}' is not defined")


class _Loader(pickle.Unpickler):
    """Loads a callable of a test; the student's functions that it calls are found by name."""

    def __init__(self, content: bytes, names: dict):
        super().__init__(io.BytesIO(content))
        self.names = names

    def persistent_load(self, pid: str) -> Any:
        return _lookup(self.names, pid)


def main(memory_mb: int, seconds: int, first: int, *others: int) -> None:
    """Be the process of one submission inside bubblewrap, with torch loaded for it alone."""
    shell = make_shell()
    sandbox.restrict(memory_mb, [first, *others], seconds)
    live(shell, socket.socket(fileno=first), list(others))

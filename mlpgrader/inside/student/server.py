"""A student's process: it runs cells and forks where it is told to; the forks serve calls.

One process runs the cells of a submission in order (`live`). Where tests follow it forks: the child
keeps the state of that moment and waits to be asked for calls, on a socket of its own
(`serve_calls`). All cells are run before the first test, so the process that ran them never sees a
hidden call, and can fork a child anew in the last state. Where tests are judged inside, it leaves a
parked process behind instead (`parked.py`). Nothing here is trusted once a line of the student's
has run.
"""

import contextlib
import io
import os
import pickle
import random
import socket
import sys
from collections.abc import Callable, Collection
from typing import Any

import torch

from mlpgrader.inside import frame, wire
from mlpgrader.inside.messages import CHECK_REASONS, Call, CheckReason, Raised, Value
from mlpgrader.inside.processes import leave_ancestor, link_files
from mlpgrader.inside.student.parked import serve_tests
from mlpgrader.inside.student.shell import Shell, make_shell
from mlpgrader.inside.student.snapshot import Snapshot
from mlpgrader.inside.student.stand_ins import ENVIRONMENT, stand_in
from mlpgrader.inside.walls import limits
from mlpgrader.inside.walls.view import BESIDE
from mlpkit import checks


def main(memory_mb: int, seconds: int, is_parking: int, first: int, *others: int) -> None:
    """Be the process of one submission inside bubblewrap, with torch loaded for it alone.

    Args:
        memory_mb: address space that it may take beyond what it has.
        seconds: CPU time after which the kernel ends it.
        is_parking: 1 if it leaves parked processes behind, else 0.
        first: the descriptor of its own socket.
        others: those of the sockets on which its children are to serve.
    """
    shell = make_shell()
    limits.restrict(memory_mb, [first, *others], seconds)
    live(shell, socket.socket(fileno=first), list(others), bool(is_parking))


def live(
    shell: Shell, checker: socket.socket, children: list[int], is_parking: bool = False
) -> None:
    """Do what the checker asks: run a cell, fork a child that serves calls, or park one.

    Args:
        shell: where cells run.
        checker: the socket of this process.
        children: the descriptors on which the children are to serve, in order.
        is_parking: whether children are to outlive this process; then it goes on as a child of the
            process that it was, which does nothing any more.
    """
    if is_parking:
        frame.send(checker, wire.encode("ancestor"))
        leave_ancestor()
    if os.path.isdir(BESIDE):
        link_files(BESIDE, os.listdir(BESIDE))
    torch.set_num_threads(1)
    random.seed(0)  # torch's generator starts the same in each process
    os.environ.update(ENVIRONMENT)
    stand_in()
    frame.send(checker, wire.encode("ready"))
    while True:
        kind, text = wire.decode(frame.receive(checker))
        outputs: list[dict[str, Any]] = []
        if kind == "cell":
            outputs = shell.run(text)
        elif kind == "define":
            outputs = shell.define(text)
        else:
            descriptor = children.pop(0)
            if os.fork() == 0:
                _become_server(shell, kind, descriptor, [checker.detach(), *children])
            os.close(descriptor)
        frame.send(checker, wire.encode(outputs))


def _become_server(shell: Shell, kind: str, descriptor: int, others: list[int]) -> None:
    try:
        for other in others:
            os.close(other)
        torch.set_num_threads(1)
        nowhere = open(os.devnull, "w")  # noqa: SIM115 (for this process's life)
        sys.stdout = nowhere
        sys.stderr = nowhere
        sock = socket.socket(fileno=descriptor)
        if kind == "park":
            serve_tests(shell, sock)
        else:
            serve_calls(shell.user_ns, sock, shell.own_names, shell.why_missing)
    finally:
        os._exit(0)


def serve_calls(
    names: dict[str, Any],
    sock: socket.socket,
    own_names: Collection[str] = (),
    why_missing: Callable[[str], str] = lambda name: "",
) -> None:
    """Answer calls until the checker hangs up.

    Args:
        names: the student's names, in which those of a call are looked up.
        sock: where calls come from.
        own_names: those among them that are IPython's.
        why_missing: says why a name is not there, as far as that is known.
    """
    look_up = _look_up_in(names, why_missing)

    def load(content: bytes) -> Any:
        return _Loader(content, look_up).load()

    def take_snapshot() -> Snapshot | None:
        return Snapshot.take({name: names[name] for name in names.keys() - own_names})

    start = take_snapshot()
    while True:
        request = frame.receive(sock)
        try:
            call = Call(*wire.decode(request, load))
            if call.operation == "unchanged":
                now = take_snapshot()
                value = start is not None and now is not None and start.same_objects(now)
            else:
                value = _answer(look_up, call)
                _refuse_placeholder(value)
            reply = wire.encode(Value(value).plain())
        except BaseException as error:
            index, text = wire.error_of(_as_memory_error(error))
            reply = wire.encode(Raised(index, text, _check_reason(error)).plain())
        frame.send(sock, reply)


def _refuse_placeholder(value: Any) -> None:
    """Raise NotImplementedError for `...`, which stands where an answer is to be written."""
    if value is ... or (type(value) is list and value[-1:] == [...]):
        raise NotImplementedError("it is still ...")


def _look_up_in(names: dict[str, Any], why_missing: Callable[[str], str]) -> Callable[[str], Any]:
    """What finds the student's object of a name, or says why there is none."""

    def look_up(name: str) -> Any:
        if name in names:
            return names[name]
        reason = why_missing(name)
        raise NameError(f"name '{name}' is not defined" + (reason and f": {reason}"))

    return look_up


def _check_reason(error: BaseException) -> CheckReason | None:
    """Why a check failed that was made here, as `checks.value_and_grad` makes one."""
    if isinstance(error, checks.CheckError):
        with contextlib.suppress(Exception):  # it may be of the student's own making
            return CHECK_REASONS[CHECK_REASONS.index(error.reason)]
    return None


def _as_memory_error(error: BaseException) -> BaseException:
    """What torch raises as RuntimeError when memory is out, as what it is."""
    if isinstance(error, RuntimeError) and "DefaultCPUAllocator" in str(error):
        return MemoryError(str(error))
    return error


def _answer(look_up: Callable[[str], Any], call: Call) -> Any:
    value = look_up(call.name)
    if call.operation == "get":
        return [True, None] if callable(value) else [False, value]
    with torch.inference_mode(call.inference_mode), torch.set_grad_enabled(call.grad_mode):
        match call.operation:
            case "call":
                return value(*call.arguments, **call.keywords)
            case "value_and_grad":
                return checks.value_and_grad(value, *call.arguments, wrt=call.wrt)
            case "changed_argument":
                return checks.changed_argument(value, *call.arguments)
            case "keeps_grad_mode":
                return checks.keeps_grad_mode(value, *call.arguments)
            case _:
                return checks.keeps_generator(value, *call.arguments)


class _Loader(pickle.Unpickler):
    """Loads a callable of a test; the student's functions that it calls are found by name."""

    def __init__(self, content: bytes, look_up: Callable[[str], Any]) -> None:
        super().__init__(io.BytesIO(content))
        self.look_up = look_up

    def persistent_load(self, pid: str) -> Any:
        """The student's object of this name."""
        return self.look_up(pid)

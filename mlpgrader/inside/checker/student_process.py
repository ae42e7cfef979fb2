"""The checker's side of a student's process: start it, ask it, watch it, end it.

Each wait is watched (`watch.py`). A process that goes over a limit, dies or breaks the protocol is
killed with all its relatives. If that was in a cell, a new process runs the cells again without
that one; if it was in a call, a new one is made when the next test needs it. So what goes wrong
costs only what it touches.

Tests that are judged inside run in parked processes. Before the first of them gets a hidden line,
`seal` has everything else of the submission killed from outside, and from then on nothing is taken
from it but how each test ended.
"""

import json
import socket
import time
from collections.abc import Callable
from typing import Any, TypeVar

from mlpgrader.inside import frame, wire
from mlpgrader.inside.checker.watch import (
    SLICE,
    CallFailedError,
    Watch,
    may_have_waited,
    refuse_late,
)
from mlpgrader.inside.messages import (
    KEEP_PARKED,
    KEPT,
    START_PARKING,
    START_STUDENT,
    STOP_STUDENT,
    Call,
    Ending,
    Limits,
    Raised,
    Status,
    Step,
    StepKind,
    Value,
    answer_of,
    ending_of,
)
from mlpkit import checks

Answer = TypeVar("Answer")

MOST_OUTPUTS = 8 << 20  # characters of all outputs, as JSON
PART = 64  # characters that each part of an output counts for more: an empty list takes as much
MOST_ANSWERS = 64 << 20  # bytes of all answers to tests, which the checker keeps
SPARES = 5  # children that can be forked later
DEAR_RESTARTS = 0.1  # of the budget
START_SECONDS = 60  # bubblewrap loads torch anew
MOST_ENDING = 1 << 16  # bytes of what a parked process says of a test
FORKING = ("fork", "park")
ENDED_IN_CELL = "the process ended while this cell ran"


class ForkPool:
    """The children of a student's process that serve tests: one for each fork step, and spares.

    A spare is a socket whose other end waits for a child that is forked later.

    Args:
        channels: the sockets to the children of the fork steps, in order.
        spares: the sockets to children that are not forked yet.
    """

    def __init__(self, channels: list[socket.socket], spares: list[socket.socket]):
        self.channels = dict(enumerate(channels))
        self.spares = spares
        self.functions_asked: dict[int, set[str]] = {}  # by fork

    def channel(self, fork: int, function: str) -> socket.socket:
        """The socket to a child, which is about to be asked for a function."""
        self.functions_asked.setdefault(fork, set()).add(function)
        return self.channels[fork]

    def has_served_others(self, fork: int, function: str) -> bool:
        """Whether a child has been asked for this function and for another one."""
        return self.functions_asked.get(fork, set()) > {function}

    def any_served_others(self, function: str) -> bool:
        """Whether any child has been asked for another function."""
        asked: set[str] = set().union(*self.functions_asked.values())
        return bool(asked - {function})

    def can_replace(self, fork: int) -> bool:
        """Whether a child can be forked anew: the first process is in the last state alone."""
        return bool(self.spares) and fork + 1 == len(self.channels)

    def replace(self, fork: int) -> None:
        """Let a child end, and put a spare in its place, which was asked for nothing yet."""
        self.functions_asked.pop(fork, None)
        self.channels.pop(fork).close()
        self.channels[fork] = self.spares.pop(0)

    def close(self) -> None:
        """Hang up on all children."""
        for channel in (*self.channels.values(), *self.spares):
            channel.close()
        self.channels = {}
        self.spares = []


class StudentProcess:
    """The process of one submission and the children that serve its calls.

    Args:
        steps: what its first process is to do.
        limits: what it may use.
        zygote: starts and ends the process.

    Attributes:
        budget_end: when the submission's time is used up, on the monotonic clock.
        outputs: what each cell printed and showed, by its key.
        cells_may_end_better: whether a cell was ended that might not be in a second try.
        starts: how often its processes were started.
    """

    def __init__(self, steps: list[Step], limits: Limits, zygote: socket.socket):
        self.budget_end = time.monotonic() + limits.budget
        self.outputs: dict[str, list[Any]] = {}
        self.cells_may_end_better = False
        self._cpu = 0.0  # seconds, as far as it was seen
        self._steps = steps
        self._limits = limits
        self._zygote = zygote
        self._pid = 0
        self.starts = 0
        self._is_sealed = False
        self._ancestor = 0  # the process below which those live that are parked
        self._parked: list[int] = []
        self._forks_made = 0
        self._main: socket.socket | None = None  # to the first process
        self._forks = ForkPool([], [])
        self._fatal_cells: set[str] = set()  # keys of cells that ended their process
        self._current_cell = ""
        self._characters_left = MOST_OUTPUTS
        self._answer_bytes_left = MOST_ANSWERS
        self._restart_seconds = 0.0  # that were given back to the budget

    # --- cells

    def start(self) -> None:
        """Run all cells but those that end their process; leave a child at each fork step.

        The last state stays in the first process, which can fork more children.

        Raises:
            CallFailedError: when the submission has used up its time.
        """
        while True:
            refuse_late(self.budget_end, self.may_have_waited)
            try:
                self._run_steps(self._spawn())
                break
            except CallFailedError as failure:
                if not self._current_cell or self._current_cell in self._fatal_cells:
                    raise
                self._fatal_cells.add(self._current_cell)
                self.cells_may_end_better |= failure.retry_alone
                self.outputs[self._current_cell] = [_error_output(failure)]
                self.stop()
        if self._is_sealed:  # no cell is to blame where that fails
            self._keep_parked()

    def start_again(self) -> None:
        """Run all cells once more, for which a call is to blame.

        The time that this takes is not the other functions': it does not count for the budget,
        up to as much again.

        Raises:
            CallFailedError: when the submission has used up its time.
        """
        started = time.monotonic()
        try:
            self.start()
        finally:
            left = self._limits.budget - self._restart_seconds
            seconds = min(time.monotonic() - started, left)
            self._restart_seconds += seconds
            self.budget_end += seconds

    @property
    def may_have_waited(self) -> bool:
        """Whether time was used up without as much CPU time."""
        return may_have_waited(self._cpu, self._limits)

    @property
    def restarts_are_dear(self) -> bool:
        """Whether running the cells again has taken a good part of the time."""
        return self._restart_seconds > self._limits.budget * DEAR_RESTARTS

    def _replace_ended(self, fork: int) -> None:
        """Have a fresh child in place of one that ended; where that cannot be, end all."""
        if self._main is None or not self._forks.can_replace(fork):
            self.stop()
            return
        self._forks.replace(fork)
        try:
            self._run_step(self._main, "fork", "", "")
        except CallFailedError:
            self.stop()

    def _spawn(self) -> socket.socket:
        """Have the zygote start a process; give the socket to it."""
        self.starts += 1
        self._parked = []
        forks = sum(step.kind in FORKING for step in self._steps)
        is_parking = any(step.kind == "park" for step in self._steps)
        pairs = [socket.socketpair() for _ in range(1 + forks + SPARES)]
        theirs = [pair[1] for pair in pairs]
        for ours, _ in pairs if is_parking else ():
            frame.ask_senders(ours)
        word = START_PARKING if is_parking else START_STUDENT
        socket.send_fds(self._zygote, [word], [sock.fileno() for sock in theirs])
        for sock in theirs:
            sock.close()
        self._pid = int(self._zygote.recv(64))
        main, *channels = [frame.set_poll_interval(pair[0], SLICE) for pair in pairs]
        self._main = main
        self._forks = ForkPool(channels[:forks], channels[forks:])
        self._meet(main, is_parking)
        return main

    def _meet(self, main: socket.socket, is_parking: bool) -> None:
        """Wait until a new process is ready, and learn below which one it lives if it parks."""
        try:
            if is_parking:
                _, self._ancestor = frame.receive_from(main, frame.deadline(START_SECONDS))
            frame.receive(main, frame.deadline(START_SECONDS))
        except (frame.WireError, TimeoutError):
            raise RuntimeError("a student's process did not start") from None

    def _run_steps(self, main: socket.socket) -> None:
        self._current_cell = ""
        self._forks_made = 0
        for step in self._steps:
            is_cell = step.kind not in FORKING
            if is_cell and (step.key in self._fatal_cells or not _has_code(step.text)):
                continue
            # a fork that fails after a cell that is left out is the fault of the one before
            if step.key and step.key not in self._fatal_cells:
                self._current_cell = step.key
            self._run_step(main, step.kind, step.key, step.text)
            self._forks_made += step.kind in FORKING

    def _run_step(self, main: socket.socket, kind: StepKind, key: str, text: str) -> None:
        # a cell that came back once has its time doubled: a second run may be a little slower
        watch = self._watch(scale=2.0 if key in self.outputs else 1.0)
        try:
            request = wire.encode([kind, text])
            reply = wire.decode(self._exchange(main, request, watch, MOST_OUTPUTS))
        except frame.WireError:
            raise CallFailedError("crashed", ENDED_IN_CELL, retry_alone=True) from None
        if kind == "park":
            self._meet_parked(watch)
        elif kind != "fork" and key not in self.outputs:
            self.outputs[key] = self._bounded(reply)

    def _meet_parked(self, watch: Watch) -> None:
        """Learn which process is parked; the kernel says so, for it might lie."""
        channel = self._forks.channels[self._forks_made]
        try:
            _, process = frame.receive_from(channel, watch, MOST_ENDING)
        except frame.WireError:
            raise CallFailedError("crashed", ENDED_IN_CELL) from None
        self._parked.append(process)

    def is_written(self, key: str) -> bool:
        """Whether there is code in a cell."""
        return any(step.key == key and _has_code(step.text) for step in self._steps)

    def _bounded(self, outputs: Any) -> list[Any]:
        """A cell's outputs as the student's process gave them, if they are such and fit."""
        if type(outputs) is not list or not all(map(_is_json, outputs)):
            return []
        self._characters_left -= len(json.dumps(outputs)) + PART * _count_parts(outputs)
        return outputs if self._characters_left > 0 else []

    # --- calls

    def ask(self, fork: int, request: bytes, function: str) -> Any:
        """Send a request for a function to the child of a fork step; give its answer.

        Raises:
            CallFailedError: if the child died, broke the protocol or passed a limit.
            Exception: what the function raised.
        """
        self._start_if_ended(fork)
        channel = self._forks.channel(fork, function)
        answer = self._ask(channel, request, frame.MOST_BYTES, lambda: self._replace_ended(fork))
        return self._read(answer, read_answer)

    def _start_if_ended(self, fork: int) -> None:
        if fork not in self._forks.channels:
            self.start_again()

    def take(self, fork: int, request: bytes) -> bytes:
        """The answer to a request before any call was made.

        Raises:
            CallFailedError: if there is none.
        """
        self._start_if_ended(fork)
        return self._ask(self._forks.channels[fork], request, frame.MOST_BYTES, self.stop)

    def read(self, answer: bytes) -> Any:
        """What is in an answer that was taken.

        Raises:
            CallFailedError: if it breaks the protocol.
            Exception: what the student's code raised.
        """
        return self._read(answer, read_answer)

    def judge(self, fork: int, text: str) -> Ending:
        """Have a parked process run a test cell; say how it ended, by that process's own word.

        Raises:
            CallFailedError: if it died, broke the protocol or passed a limit.
        """
        self._start_if_ended(fork)
        answer = self._ask(self._forks.channels[fork], wire.encode(text), MOST_ENDING, self.stop)
        return self._read(answer, read_ending)

    def seal(self) -> None:
        """Kill all of the submission's processes but those that are parked, from now on always.

        Raises:
            CallFailedError: if that cannot be done.
        """
        self._is_sealed = True
        if self._forks.channels:
            self._keep_parked()

    def unseal(self) -> None:
        """End all that may have seen a hidden line; what is started next is fresh."""
        self._is_sealed = False
        self.stop()

    def _keep_parked(self) -> None:
        numbers = " ".join(map(str, [self._ancestor, *self._parked]))
        self._main = None
        self._zygote.send(KEEP_PARKED + b" " + numbers.encode())
        if self._zygote.recv(64) != KEPT:
            self.stop()
            raise CallFailedError("limit", "it started processes faster than they could be ended")

    def _ask(
        self,
        channel: socket.socket,
        request: bytes,
        most: int,
        when_it_ended: Callable[[], None],
    ) -> bytes:
        try:
            answer = self._exchange(channel, request, self._watch(), most)
            self._answer_bytes_left -= len(answer)
            if self._answer_bytes_left < 0:
                text = "the answers to all tests are larger than allowed"
                raise CallFailedError("limit", text)
            return answer
        except frame.ClosedError:
            when_it_ended()
            text = "the process ended during the call"
            raise CallFailedError("crashed", text, retry_alone=True) from None
        except frame.WireError as error:
            self.stop()
            raise CallFailedError("failed", f"the answer cannot be read: {error}") from None
        except CallFailedError:
            self.stop()
            raise

    def _read(self, answer: bytes, read: Callable[[Any], Answer]) -> Answer:
        """What is in an answer; who breaks the protocol is ended."""
        try:
            return read(wire.decode(answer))
        except frame.WireError as error:
            self.stop()
            raise CallFailedError("failed", f"the answer cannot be read: {error}") from None

    def may_blame_others(self, fork: int, function: str, status: Status) -> bool:
        """Whether what other functions left behind may be why a test ended like that."""
        if status == "failed":
            if not self._forks.has_served_others(fork, function):
                return False
            return not self._is_unchanged(fork, function)
        # limits are of all children together
        return self._forks.any_served_others(function)

    def _is_unchanged(self, fork: int, function: str) -> bool:
        """Whether a child says that it is as it was made.

        It is the student's word: who forges it keeps what another of their functions left behind.
        """
        if fork not in self._forks.channels:
            return False
        request = wire.encode(Call("unchanged").plain())
        try:
            return self.ask(fork, request, function) is True
        except (CallFailedError, Exception):
            return False

    def renew(self) -> None:
        """Let the next request go to a fresh process that shares nothing with those before.

        A child of the same first process would share its files and its memory, and could tell by
        them that it is asked a second time.
        """
        self.stop()
        self._forks.functions_asked.clear()

    # --- both

    def _watch(self, scale: float = 1.0) -> Watch:
        return Watch(self._pid, self._limits, self.budget_end, scale, self._cpu)

    def _exchange(
        self, channel: socket.socket, request: bytes, watch: Watch, most: int = frame.MOST_BYTES
    ) -> bytes:
        """Send a request and give the answer, with somebody watching."""
        try:
            frame.send(channel, request, watch)
            return frame.receive(channel, watch, most)
        finally:
            self._cpu += watch.cpu

    def stop(self) -> None:
        """Kill all processes of the submission."""
        self._forks.close()
        self._zygote.send(STOP_STUDENT)
        self._zygote.recv(64)


def _has_code(text: str) -> bool:
    lines = map(str.strip, text.splitlines())
    return any(line and not line.startswith("#") for line in lines)


def read_answer(answer: Any) -> Any:
    """The value that a call gave.

    Raises:
        WireError: if it is no answer.
        Exception: what the call raised.
    """
    known = answer_of(answer)
    if isinstance(known, Value):
        return known.value
    if isinstance(known, Raised):
        raise wire.raised(known.index, known.text) from _cause(known)
    raise frame.WireError("it has the wrong form")


def read_ending(answer: Any) -> Ending:
    """How a test ended, as a parked process says.

    Raises:
        WireError: if it is no such answer.
    """
    ending = ending_of(answer)
    if ending is None:
        raise frame.WireError("it has the wrong form")
    return ending


def _cause(raised: Raised) -> checks.CheckError | None:
    """The check in the student's process that raised it, if one did; as far as that can be told."""
    if raised.reason is None:
        return None
    return checks.CheckError(checks.Difference(raised.reason, raised.text))


def _error_output(failure: CallFailedError) -> dict[str, Any]:
    name = failure.status.capitalize()
    text = str(failure)
    return {"output_type": "error", "ename": name, "evalue": text, "traceback": [f"{name}: {text}"]}


def _count_parts(value: Any) -> int:
    if type(value) is dict:
        return 1 + sum(map(_count_parts, value.values()))
    if type(value) is list:
        return 1 + sum(map(_count_parts, value))
    return 1


def _is_json(value: Any) -> bool:
    if type(value) is dict:
        return all(type(key) is str and _is_json(item) for key, item in value.items())
    if type(value) is list:
        return all(map(_is_json, value))
    return value is None or type(value) in (str, int, bool)

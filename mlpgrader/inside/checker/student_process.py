"""The checker's side of a student's process: start it, question it, watch it, end it.

Each wait is watched: CPU time, wall time, memory and number of the student's processes, read from
`/proc`. A process that goes over, dies or breaks the protocol is killed with all its relatives. If
that was in a cell, a new process runs the cells again without that one; if it was in a call, a
new one is made when the next test needs it. So what goes wrong costs only what it touches.
"""

import contextlib
import json
import os
import socket
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from mlpgrader.inside import frame, wire
from mlpgrader.inside.messages import (
    START_STUDENT,
    STOP_STUDENT,
    Call,
    Limits,
    Raised,
    Step,
    Value,
    answer_of,
)
from mlpgrader.inside.processes import process_tree

MOST_OUTPUTS = 8 << 20  # characters of all outputs, as JSON
MOST_ANSWERS = 64 << 20  # bytes of all answers to tests, which the checker keeps
MOST_PROCESSES = 320
SPARE = 5  # children that can be forked later
SLICE, EVERY = 0.05, 5  # a wait is looked at after a slice, then after every five of them
START_SECONDS = 60  # bubblewrap loads torch anew


class Failed(BaseException):  # so that a test's `except Exception` does not swallow it
    """A student's process ended the wait; `status` says how."""

    def __init__(self, status: str, text: str):
        super().__init__(text)
        self.status = status


class Student:
    """The process of one submission and the children that serve its calls."""

    def __init__(self, steps: list[Step], limits: Limits, zygote: socket.socket):
        self.steps, self.zygote = steps, zygote
        self.cpu, self.memory = limits.timeout, limits.memory_mb << 20
        self.end = time.monotonic() + limits.budget
        self.outputs: dict[str, list] = {}
        self.room = MOST_OUTPUTS
        self.bad: set[str] = set()  # cells that ended their process
        self.lines: dict[int, socket.socket] = {}  # to the child of each fork step
        self.spare: list[socket.socket] = []  # to children that are not forked yet
        self.served: dict[int, set[str]] = {}  # the functions that each child was asked for
        self.answers = MOST_ANSWERS
        self.pid, self.current = 0, ""
        self.again = False  # whether a second try, alone, might end better

    def start(self) -> None:
        """Run all cells but those that end their process; leave a child at each fork step.

        The last state stays in the first process, which can fork more children.

        Raises:
            Failed: when the submission has used up its time.
        """
        while True:
            if time.monotonic() > self.end:
                raise Failed("timeout", "the time for the whole submission was used up")
            try:
                return self._run(self._spawn())
            except Failed as failure:
                if not self.current or self.current in self.bad:
                    raise
                self.bad.add(self.current)
                self.outputs[self.current] = [_error(failure)]
                self.stop()

    def _spawn(self) -> socket.socket:
        points = sum(step.kind == "fork" for step in self.steps)
        pairs = [socket.socketpair() for _ in range(1 + points + SPARE)]
        theirs = [pair[1] for pair in pairs]
        socket.send_fds(self.zygote, [START_STUDENT], [sock.fileno() for sock in theirs])
        for sock in theirs:
            sock.close()
        self.pid = int(self.zygote.recv(64))
        main, *lines = [frame.set_poll_interval(pair[0], SLICE) for pair in pairs]
        self.main, self.lines = main, dict(enumerate(lines[:points]))  # process 1 ends with `main`
        self.spare, self.served = lines[points:], {}
        try:
            frame.receive(main, frame.deadline(START_SECONDS))
        except (frame.WireError, TimeoutError):
            raise RuntimeError("a student's process did not start") from None
        return main

    def _run(self, main: socket.socket) -> None:
        self.current = ""
        for step in self.steps:
            if step.kind != "fork" and (step.key in self.bad or not _has_code(step.text)):
                continue
            if step.key and step.key not in self.bad:
                self.current = step.key
            self._step(main, step.kind, step.key, step.text)

    def _step(self, main: socket.socket, kind: str, key: str, text: str) -> None:
        # a cell that came back once has its time doubled: a second run may be a little slower
        wait = self.watch(2.0 if key in self.outputs else 1.0)
        try:
            frame.send(main, wire.encode([kind, text]), wait)
            reply = wire.decode(frame.receive(main, wait, MOST_OUTPUTS))
        except frame.WireError:
            self.again = True
            raise Failed("crashed", "the process ended while this cell ran") from None
        if kind != "fork" and key not in self.outputs:
            self.outputs[key] = self._kept(reply)

    def _kept(self, outputs: Any) -> list:
        """A cell's outputs as the student's process gave them, if they are such and fit."""
        if type(outputs) is not list or not all(map(_is_json, outputs)):
            return []
        self.room -= len(json.dumps(outputs))
        return outputs if self.room > 0 else []

    def may_blame_others(self, point: int, function: str, status: str) -> bool:
        """Whether what other functions left behind may be why a test ended like that."""
        served = self.served.get(point, set())
        if status == "failed":
            return served > {function} and not self._unchanged(point, function)
        # limits are of all children together
        return bool(set().union(*self.served.values()) - {function})

    def _unchanged(self, point: int, function: str) -> bool:
        """Whether a child says that it is as it was made.

        It is the student's word: who forges it keeps what another of their functions left behind.
        """
        if point not in self.lines:
            return False
        try:
            return self.ask(point, wire.encode(Call("unchanged").plain()), function) is True
        except (Failed, Exception):
            return False

    def renew(self, point: int) -> None:
        """Let the next request go to a child that has served none."""
        self.served.pop(point, None)
        if not (self.spare and point + 1 == len(self.lines)):  # only the last state is there still
            return self.stop()
        self.lines.pop(point).close()  # it ends
        self.lines[point] = self.spare.pop(0)
        try:
            self._step(self.main, "fork", "", "")
        except Failed:
            self.stop()

    def ask(self, point: int, request: bytes, function: str) -> Any:
        """Send a request for a function to the child of a fork step; give its answer.

        Raises:
            Failed: if the child died, broke the protocol or passed a limit.
            Exception: what the function raised.
        """
        if point not in self.lines:
            self.start()
        self.served.setdefault(point, set()).add(function)
        sock = self.lines[point]
        wait = self.watch()
        try:
            frame.send(sock, request, wait)
            answer = frame.receive(sock, wait)
            self.answers -= len(answer)
            if self.answers < 0:
                raise Failed("limit", "the answers to all tests are larger than allowed")
            return _value(wire.decode(answer))
        except frame.ClosedError:
            self.again = True
            self.stop()
            raise Failed("crashed", "the process ended during the call") from None
        except frame.WireError as error:
            self.stop()
            raise Failed("failed", f"the answer cannot be read: {error}") from None
        except Failed:
            self.stop()
            raise

    def stop(self) -> None:
        """Kill all processes of the submission."""
        for sock in (*self.lines.values(), *self.spare):
            sock.close()
        self.lines, self.spare = {}, []
        self.zygote.send(STOP_STUDENT)
        self.zygote.recv(64)

    def watch(self, scale: float = 1.0) -> Callable[[], None]:
        """A `wait` for the wire that raises Failed when a limit is passed."""
        start, first, due = time.monotonic(), [], [time.monotonic() + SLICE]

        def wait() -> None:
            if time.monotonic() < due[0]:
                return
            cpu, memory, count = usage(self.pid)
            first.append(cpu)
            used = cpu - first[0]
            soon = max(SLICE, self.cpu * scale - used)  # when the limit may be reached
            due[0] = time.monotonic() + min(EVERY * SLICE, soon)
            self._judge(used, time.monotonic() - start, scale)
            if memory > self.memory or count > MOST_PROCESSES:
                raise Failed("limit", "it used more memory or processes than allowed")

        return wait

    def _judge(self, cpu: float, wall: float, scale: float) -> None:
        if cpu > self.cpu * scale:
            raise Failed("timeout", f"it took more than {self.cpu:g} s")
        if wall > 3 * self.cpu * scale:
            self.again = self.again or cpu < self.cpu / 10  # the machine may have been busy
            raise Failed("timeout", f"it did not end within {3 * self.cpu:g} s")
        if time.monotonic() > self.end:
            raise Failed("timeout", "the time for the whole submission was used up")


def usage(pid: int) -> tuple[float, int, int]:
    """CPU seconds, bytes of memory and number of a process and all that descend from it."""
    cpu, memory, members = 0, 0, process_tree(pid, MOST_PROCESSES + 1)
    for member in members:
        with contextlib.suppress(OSError, ValueError, IndexError):
            # bytes: a process may call itself what is no text
            fields = Path(f"/proc/{member}/stat").read_bytes().rpartition(b")")[2].split()
            cpu += sum(map(int, fields[11:15]))
            memory += _memory(member)
    return cpu / os.sysconf("SC_CLK_TCK"), memory, len(members)


def _memory(pid: int) -> int:
    """Memory that is no file's, shared pages in proportion; all of it where that is kept back."""
    try:
        text = Path(f"/proc/{pid}/smaps_rollup").read_text()
    except PermissionError:  # prctl(PR_SET_DUMPABLE, 0); everybody may read this
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGESIZE")
    lines = (line.split() for line in text.splitlines()[1:])
    kinds = ("Pss_Anon:", "Pss_Shmem:", "SwapPss:")
    return sum(int(line[1]) for line in lines if line[0] in kinds) << 10


def _has_code(text: str) -> bool:
    lines = map(str.strip, text.splitlines())
    return any(line and not line.startswith("#") for line in lines)


def _value(answer: Any) -> Any:
    known = answer_of(answer)
    if isinstance(known, Value):
        return known.value
    if isinstance(known, Raised):
        raise wire.raised(known.index, known.text)
    raise frame.WireError("it has the wrong form")


def _error(failure: Failed) -> dict:
    name, text = failure.status.capitalize(), str(failure)
    return {"output_type": "error", "ename": name, "evalue": text, "traceback": [f"{name}: {text}"]}


def _is_json(value: Any) -> bool:
    if type(value) is dict:
        return all(type(key) is str and _is_json(item) for key, item in value.items())
    if type(value) is list:
        return all(map(_is_json, value))
    return value is None or type(value) in (str, int, bool)

"""No student's text meets code whose time grows faster than the text."""

import contextlib
import json
import time

import pytest

from mlpgrader.assignment.plan import read_plan
from mlpgrader.assignment.schedule import effects, schedule_of
from mlpgrader.assignment.submission import submitted_cells
from mlpgrader.clean import plain
from mlpgrader.course import submitted
from mlpgrader.errors import UnreadableError
from mlpgrader.runner.worker import modules_to_preload
from tests.support import mini

LENGTH = 20_000
GROWTH = 4
# as much as a machine at other work may add to a time in proportion; a square adds another GROWTH
SLACK = 2.5
LEAST_SECONDS = 0.02  # of CPU: less is not looked at

# a start, what is repeated, an end
SHAPES = [
    ("autograd.grad(", ",", ""),
    ("", "autograd.grad(a,b,", ""),
    ("autograd.grad(a, b,", " ", ""),
    ("autograd.grad(a, b,", "c", ""),
    ("x = ", "(", ""),
    ("x = ", "[", ""),
    ("x = ", "[1,", ""),
    ("", "@", ""),
    ("", "@f\n", "def g(): pass"),
    ("x = ", "-", "1"),
    ("x = ", "not ", "1"),
    ("x", ".a", ""),
    ("x", "[0]", ""),
    ("x = 1", " + 1", ""),
    ("x = 1", " if 1 else 1", ""),
    ("", "a b ", ""),
    ("", "a = ", "1"),
    ("", "a: ", ""),
    ("", "async ", "def f(): pass"),
    ("", "def ", "f(): pass"),
    ("", "def f(): pass\n", ""),
    ("", "class ", ""),
    ("", "\n", ""),
    ("", " ", ""),
    ("", "\t", "x"),
    ("", "x" * 50 + " \t" * 50 + ":", ""),
    ("", "=", ""),
    ("", ":", "="),
    ("", '"', ""),
    ("", "'''", ""),
    ("", 'f"{', ""),
    ("", "\\", ""),
    ("", "\\\n", ""),
    ("", "#", ""),
    ("", "\x1b", ""),
    ("", "\x1b[", ""),
    ("\x1b[", "0", ""),
    ("", "\x1b]", ""),
    ("", "import matplotlib ", ""),
    ("", "optim", ""),
    ("", "é̈", ""),
    ("", "\ud800", ""),
    ("", "%%writefile a.py\n", ""),
    ("", "copy of ", ""),
    ("", "(1)", ""),
    ("", "0", ""),
]


@pytest.fixture(scope="module")
def plan():
    return read_plan(json.dumps(mini.source()), "mini")


def as_answer(text):
    return json.dumps(mini.submission({"double": text}))


def as_cells(text):
    return json.dumps(mini.notebook([mini.cell(part) for part in text.split("\n")[:2000]]))


def read_large(text):
    raw = text.encode("utf-8", "replace")
    with contextlib.suppress(UnreadableError):
        return [*submitted._parts_to_read(raw + b'"outputs": [' + as_answer(text).encode() + raw)]


READERS = {
    "effects": lambda plan, text: effects(text),
    "names that were lost": lambda plan, text: submitted_cells(
        plan, json.dumps(mini.notebook([mini.cell(text)]))
    ),
    "many cells": lambda plan, text: submitted_cells(plan, as_cells(text)),
    "schedule": lambda plan, text: schedule_of(plan, as_answer(text)),
    "hints": lambda plan, text: modules_to_preload([as_answer(text), text]),
    "a large file": lambda plan, text: read_large(text),
    "a file's name": lambda plan, text: submitted.original_name(text),
    "shown": lambda plan, text: plain(text),
}


def seconds(read, plan, text):
    """The CPU time of reading a text, the least of three; nothing is known of it beforehand."""
    taken = []
    for number in range(3):
        start = time.thread_time()
        read(plan, text + f"#{number}")
        taken.append(time.thread_time() - start)
    return min(taken)


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: repr(shape[0] + shape[1])[:24])
@pytest.mark.parametrize("reader", READERS)
def test_time_grows_no_faster_than_the_text(plan, reader, shape):
    start, part, end = shape
    short, long = (
        start + part * (number // len(part)) + end for number in (LENGTH, GROWTH * LENGTH)
    )
    read = READERS[reader]
    for _attempt in range(3):  # other work on the machine
        later = seconds(read, plan, long)
        if later < LEAST_SECONDS or later < SLACK * GROWTH * seconds(read, plan, short):
            return
    pytest.fail(f"{reader} of {GROWTH} times as much {part!r} takes {later:.2f} s")

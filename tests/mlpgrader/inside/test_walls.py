"""The walls, one by one: the list of what is seen and the filter of system calls."""

import functools
import itertools
import os
import socket
import struct
import sys
from pathlib import Path

import pytest

from mlpgrader.inside import launch
from mlpgrader.inside.student.shell import HOLDS_ANSWERS
from mlpgrader.inside.walls import bubblewrap, calls, libc, seccomp, view

ROOT = Path(__file__).resolve().parents[3]
ALLOW, KILL = 0x7FFF0000, 0x80000000
NOT_PERMITTED, NO_SUCH_CALL = 0x50001, 0x50000 | 38


def run_filter(machine, call, argument=0, *others, architecture=None):
    """Interpret the filter for one system call."""
    program = [*struct.iter_unpack("<HBBI", seccomp.filter_program(machine))]
    words = {0: call, 4: architecture or seccomp.ARCHITECTURES[machine]}
    words |= {16 + 8 * place: value for place, value in enumerate([argument, *others])}
    at, held = 0, 0
    while True:
        code, yes, no, value = program[at]
        at += 1
        if code == 0x06:
            return value
        if code == 0x20:
            held = words[value]
        elif code == 0x54:
            held &= value
        else:
            tests = {0x15: held == value, 0x35: held >= value, 0x45: bool(held & value)}
            at += yes if tests[code] else no


@pytest.mark.parametrize(("machine", "read", "write"), [("x86_64", 0, 1), ("aarch64", 63, 64)])
def test_calls_on_neither_list_do_not_exist(machine, read, write):
    allowed = {call.number(machine) for call in calls.ALLOWED} - {None}
    refused = {call.number(machine) for call in calls.REFUSED} - {None}
    on_argument = (seccomp.CLONE, seccomp.SOCKET, seccomp.SOCKETPAIR, seccomp.SETSOCKOPT)
    on_argument += (seccomp.FCNTL, seccomp.MADVISE, seccomp.PRCTL)
    numbers = {call.number(machine) for call in on_argument}
    assert {read, write} < allowed and not (allowed & refused or (allowed | refused) & numbers)
    for number in {*range(600)} - numbers:
        expected = NO_SUCH_CALL
        if number in allowed:
            expected = ALLOW
        elif number in refused:
            expected = NOT_PERMITTED
        assert run_filter(machine, number) == expected, number


def test_what_a_call_may_do_with_a_descriptor_depends_on_its_argument():
    filtered = functools.partial(run_filter, "x86_64")
    for option, allowed in ((7, 0), (8, 0), (32, 0), (33, 0), (16, 1), (2, 1)):
        assert (filtered(seccomp.SETSOCKOPT.x86_64, 3, 1, option) == ALLOW) == bool(allowed)
    commands = {
        command for command in range(2000) if filtered(seccomp.FCNTL.x86_64, 3, command) == ALLOW
    }
    assert commands == {0, 1, 2, 3, 4, 6, 7, 8, 9, 10, 11, 1030, 1032, 1034}
    for advice, allowed in ((20, 0), (21, 0), (4, 1), (14, 1)):
        assert (filtered(seccomp.MADVISE.x86_64, 0, 0, advice) == ALLOW) == bool(allowed)


def test_options_of_a_process_are_a_list():
    filtered = functools.partial(run_filter, "x86_64", seccomp.PRCTL.x86_64)
    for option, allowed in ((1, 1), (15, 1), (36, 1), (38, 1), (35, 0), (62, 0), (67, 0), (999, 0)):
        assert (filtered(option) == ALLOW) == bool(allowed)


def test_a_fork_passes_and_a_new_namespace_does_not():
    clone, sigchld = seccomp.CLONE.x86_64, 17
    assert run_filter("x86_64", clone, sigchld) == ALLOW
    for flag in (libc.CLONE_NEWUSER, libc.CLONE_NEWNS, libc.CLONE_NEWPID, libc.CLONE_NEWNET, 0x80):
        assert run_filter("x86_64", clone, flag | sigchld & ~0x80) == 0x50001
    assert run_filter("x86_64", seccomp.CLONE3.x86_64) == 0x50000 | 38


@pytest.mark.parametrize(
    ("family", "allowed"), [(1, 1), (2, 0), (10, 0), (16, 0), (38, 0), (40, 0)]
)
def test_families_of_sockets(family, allowed):
    for call in (seccomp.SOCKET, seccomp.SOCKETPAIR):
        assert (run_filter("x86_64", call.x86_64, family, 1) == ALLOW) == bool(allowed)


@pytest.mark.parametrize(("kind", "allowed"), [(1, 1), (2, 0), (3, 0), (4, 0), (5, 1), (10, 0)])
def test_kinds_of_sockets(kind, allowed):
    flags = socket.SOCK_CLOEXEC | socket.SOCK_NONBLOCK
    for call, more in itertools.product((seccomp.SOCKET, seccomp.SOCKETPAIR), (0, flags)):
        found = run_filter("x86_64", call.x86_64, socket.AF_UNIX, kind | more)
        assert (found == ALLOW) == bool(allowed)


def test_another_architecture_is_killed_and_the_second_abi_refused():
    assert run_filter("x86_64", 0, architecture=0x40000003) == KILL
    assert run_filter("x86_64", 0x40000000 | 1) != ALLOW


def test_the_list_holds_the_interpreter_and_not_the_course():
    shown = [os.path.realpath(path) for path in view.visible()]
    assert os.path.realpath(sys.base_prefix) in shown
    assert not [path for path in shown if str(ROOT) == path or path in str(ROOT).split(":")]
    assert all(os.path.exists(path) for path in shown)


def test_a_link_to_the_course_does_not_show_it(tmp_path, monkeypatch):
    (tmp_path / "link").symlink_to(ROOT)
    monkeypatch.syspath_prepend(tmp_path / "link")
    shown = view.visible()
    assert str(ROOT) not in [os.path.realpath(path) for path in shown]


def test_what_is_hidden_lies_between_what_holds_it_and_what_it_holds(tmp_path, monkeypatch):
    outer, course, inner = tmp_path, tmp_path / "course", tmp_path / "course" / "venv"
    inner.mkdir(parents=True)
    monkeypatch.setattr(view, "visible", lambda: [str(inner), str(outer)])
    ways = [(path, how) for path, how, _ in view.layout([str(course), "/nowhere"])]
    assert ways[:3] == [(str(outer), "ro-bind"), (str(course), "tmpfs"), (str(inner), "ro-bind")]
    command = bubblewrap.command([str(course)])
    assert command[command.index(str(course)) - 1] == "--tmpfs"
    assert ("--remount-ro", str(course)) in itertools.pairwise(command)


def test_nothing_of_the_users_environment_is_passed_on(monkeypatch):
    monkeypatch.setenv("SECRET_TOKEN", "x")
    assert "SECRET_TOKEN" not in launch.environment()
    assert launch.environment()["HOME"] == view.HOME


def test_what_exercises_may_import_holds_no_answers():
    answers = "activations losses initialization mlp gradcheck diagnostics training"
    assert {*answers.split()} == HOLDS_ANSWERS
    assert not {f"mlpkit/{name}.py" for name in answers.split()} & {*view.SHOWN}
    assert [path for path in view.SHOWN if path.startswith("mlpkit/")] == [
        "mlpkit/__init__.py",
        "mlpkit/checks",
    ]

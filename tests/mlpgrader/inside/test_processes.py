"""Families of processes."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from mlpgrader.inside.processes import at_rest, has_gone, process_tree
from tests.support.waiting import until


def test_a_tree_holds_all_descendants_and_the_process_itself_comes_first():
    command = ["sh", "-c", "sleep 60 & sh -c 'sleep 60 & wait' & wait"]
    with subprocess.Popen(command, start_new_session=True) as process:
        try:
            end = time.monotonic() + 30
            while len(process_tree(process.pid)) < 4 and time.monotonic() < end:
                time.sleep(0.05)
            tree = process_tree(process.pid)
            assert tree[0] == process.pid and len(tree) == len({*tree}) == 4
            assert len(process_tree(process.pid, most=2)) == 2
            assert {*tree} < {*process_tree(os.getpid())}
        finally:
            os.killpg(process.pid, signal.SIGKILL)


def test_of_a_process_that_is_gone_nothing_descends():
    with subprocess.Popen(["true"]) as process:
        process.wait()
    assert process_tree(process.pid) == [process.pid]


def test_the_name_of_a_process_need_be_no_text():
    program = "open('/proc/self/comm', 'wb').write(b'\\xff) R \\xfe')\nwhile True: pass"
    with subprocess.Popen([sys.executable, "-c", program]) as process:
        try:
            until(lambda: b"\xff" in Path(f"/proc/{process.pid}/comm").read_bytes(), 30)
            assert at_rest(process.pid) is None
            os.kill(process.pid, signal.SIGSTOP)
            until(lambda: at_rest(process.pid) is not None, 30)
        finally:
            process.kill()


def test_a_process_is_at_rest_when_all_its_threads_are_stopped_or_it_has_ended():
    threads = "import threading\nfor k in range(3): threading.Thread(target=spin).start()\nspin()"
    program = f"def spin():\n    while True: pass\n{threads}"
    with subprocess.Popen([sys.executable, "-c", program]) as process:
        try:
            until(lambda: len(os.listdir(f"/proc/{process.pid}/task")) == 4, 30)
            assert at_rest(process.pid) is None
            os.kill(process.pid, signal.SIGSTOP)
            until(lambda: at_rest(process.pid) is not None, 30)
            before = at_rest(process.pid)
            assert len(before) == 2 * 4 and at_rest(process.pid) == before
            os.kill(process.pid, signal.SIGCONT)
            os.kill(process.pid, signal.SIGSTOP)
            until(lambda: at_rest(process.pid) not in (None, before), 30)  # it ran in between
        finally:
            process.kill()
        until(lambda: at_rest(process.pid) is not None, 30)
        assert not has_gone(process.pid)  # nobody has buried it
    assert has_gone(process.pid) and at_rest(process.pid) == []

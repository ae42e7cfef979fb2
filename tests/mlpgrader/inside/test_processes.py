"""Families of processes."""

import os
import signal
import subprocess
import time

from mlpgrader.inside.processes import process_tree


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

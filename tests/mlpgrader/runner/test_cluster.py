"""Dask: the same verdicts from a cluster's workers, and nothing lost with one of them."""

import json
import os
import subprocess
import sys
import textwrap

import pytest

from mlpgrader.runner.grade import grade_set
from tests.support import mini

pytestmark = pytest.mark.slow

# in a process of its own: distributed starts threads that outlive a test, and warns of them
SCRIPT = """
    import os, signal, sys
    from pathlib import Path
    from distributed import LocalCluster
    from mlpgrader.runner.grade import GradeOptions, grade_set

    if __name__ == "__main__":
        options = {"n_workers": 2, "threads_per_worker": 1, "dashboard_address": None}
        with LocalCluster(**options) as cluster:
            processes = {worker.worker_address: worker.pid for worker in cluster.workers.values()}
            killed = []
            def kill_one(row):
                states = cluster.scheduler.workers.values()
                busy = [state.address for state in states if state.processing]
                if not killed and busy:
                    killed.append(busy[0])
                    os.kill(processes[busy[0]], signal.SIGKILL)
            course = Path(sys.argv[1])
            options = GradeOptions(scheduler=cluster.scheduler_address)
            grade_set(course, "mini", options, progress=kill_one)
            assert killed
"""


RIGHT = mini.RIGHT | {"stack": "class Stack:\n    items = ()"}
TESTS = mini.TESTS | {"stack": {"stack-empty": ("assert Stack().items == ()", 1.0)}}
ANSWERS = (
    {},
    {"double": "def double(x):\n    print(x)\n    return 3 * x"},
    {"slope": "def slope(x):\n    raise ValueError(x)"},
    {"double": "def double(x):\n    import os\n    os._exit(3)"},
    {"stack": "class Stack:\n    items = [1]"},
)


def class_of(folder):
    """A course of ten, no two alike, of which some make mistakes."""
    books = {}
    for number in range(10):
        answers = RIGHT | ANSWERS[number % len(ANSWERS)]
        books[f"s{number}"] = mini.source({}, answers | {"": f"{number}"})
    return mini.course(folder, books, mini.source(TESTS, RIGHT))


def kept(course):
    """All that is kept of a run but how long things took."""
    found = {}
    for path in sorted(course.glob("results/**/*.json")):
        data = json.loads(path.read_text(), object_hook=without_seconds)
        found[str(path.relative_to(course))] = json.dumps(data).encode()
    return found


def without_seconds(data):
    return {name: value for name, value in data.items() if name != "seconds"}


def test_a_cluster_that_loses_a_worker_keeps_the_same_bytes_as_this_machine(tmp_path):
    """Of tests that are judged apart, and of those that are judged inside."""
    course = class_of(tmp_path / "course")
    script = tmp_path / "script.py"
    script.write_text(textwrap.dedent(SCRIPT))
    command = [sys.executable, str(script), str(course)]
    done = subprocess.run(
        command,
        capture_output=True,
        text=True,
        timeout=300,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},  # the script lies elsewhere
    )
    assert done.returncode == 0, done.stderr[-2000:]
    here = class_of(tmp_path / "here")
    result = grade_set(here, "mini")
    assert {row.score for row in result.submissions} == {7.0, 5.0, 4.0, 6.0}
    assert {test.judged for row in result.submissions for test in row.tests} == {"apart", "inside"}
    assert len(kept(here)) > len(result.submissions)
    assert kept(course) == kept(here)


@pytest.mark.parametrize("address", ["tcp://127.0.0.1:9", "tls://127.0.0.1:9", "what://x:9"])
def test_a_scheduler_that_is_not_there_or_wants_a_certificate(tmp_path, address):
    course = mini.course(tmp_path, {})
    code = "from mlpgrader.errors import MachineError\n"
    code += "from mlpgrader.runner.grade import GradeOptions, grade_set\n"
    code += "from mlpgrader.runner import pool\n"
    code += "pool.CONNECT_SECONDS = 1\n"
    code += f"options = GradeOptions(scheduler={address!r})\n"
    code += f"try:\n    grade_set({str(course)!r}, 'mini', options)\n"
    code += "except MachineError as problem: print('said', problem)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120)
    assert done.stdout.startswith("said no Dask scheduler"), done.stderr[-2000:]

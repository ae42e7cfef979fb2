"""Dask: the same verdicts from a cluster's workers, and nothing lost with one of them."""

import os
import subprocess
import sys
import textwrap

import pytest

from tests.support import mini
from tests.support.variants import ROOT

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
            killed = []
            def kill_one(row):
                if not killed:
                    killed.append(next(iter(cluster.workers.values())).pid)
                    os.kill(killed[0], signal.SIGKILL)
            course = Path(sys.argv[1])
            options = GradeOptions(scheduler=cluster.scheduler_address)
            result = grade_set(course, "mini", options, progress=kill_one)
            assert killed
            print([(row.student, row.score) for row in result.submissions])
            print(sorted({test.judged for row in result.submissions for test in row.tests}))
"""


RIGHT = mini.RIGHT | {"stack": "class Stack:\n    items = ()"}
TESTS = mini.TESTS | {"stack": {"stack-empty": ("assert Stack().items == ()", 1.0)}}


def test_a_cluster_that_loses_a_worker_loses_nothing(tmp_path):
    """Neither of tests apart nor of those that are judged inside."""
    books = {f"s{n}": mini.source({}, RIGHT | {"": f"{n}"}) for n in range(6)}
    course = mini.course(tmp_path / "course", books, mini.source(TESTS, RIGHT))
    script = tmp_path / "script.py"
    script.write_text(textwrap.dedent(SCRIPT))
    command = [sys.executable, str(script), str(course)]
    done = subprocess.run(
        command,
        capture_output=True,
        text=True,
        timeout=300,
        env={**os.environ, "PYTHONPATH": str(ROOT)},  # the script lies elsewhere
    )
    assert done.returncode == 0, done.stderr[-2000:]
    scores, ways = done.stdout.splitlines()
    assert scores == str([(f"s{n}", 7.0) for n in range(6)])
    assert ways == "['apart', 'inside']"


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

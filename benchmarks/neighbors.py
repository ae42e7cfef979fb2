"""Whether honest submissions lose anything beside hostile ones, and how long a class then takes.

    python -m benchmarks.neighbors --runs 20
    python -m benchmarks.neighbors --runs 1 --honest 190 --hostile 10 --busy 0

Each run grades honest submissions, which compute for a second, beside a hog, a fork bomb, one that
eats memory, one that sleeps and one that floods its output, with processes at other work on the
machine meanwhile. The same class without the hostile ones comes first. Of each run it says how
long the class took, how much of that hostile ones had for themselves, until their limits ended
them, and how the rest compares with the time without them. Exit code 1 if an honest one lost a
point, a submission was lost, a process was left, or the rest was more than twice that time, over
all runs.
"""

import argparse
import contextlib
import itertools
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from mlpgrader.inside.processes import process_tree
from mlpgrader.results import SubmissionResult
from mlpgrader.runner import worker
from mlpgrader.runner.grade import GradeOptions, grade_set
from tests.support import hostile, mini
from tests.support.hostile_run import PATIENCE

HOSTILE = ("hog", "fork-bomb", "memory-bomb", "sleeps", "stdout-flood", "hides-time", "abort")
TIMEOUT = 2.0
MOST_SHARE = 2.0
WORK = """
import time
end = time.process_time() + {seconds}  # {number}
while time.process_time() < end:
    pass
"""
BUSY = "import os\nparent = os.getppid()\nwhile os.getppid() == parent: pass"


def main() -> int:
    """Print a line for each run; return 1 if something was lost."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--alone", type=int, default=1, help="runs without hostile ones")
    parser.add_argument("--honest", type=int, default=5)
    parser.add_argument("--hostile", type=int, default=5)
    parser.add_argument("--work", type=float, default=1.0, help="CPU seconds of an honest cell")
    parser.add_argument("--busy", type=int, default=os.cpu_count(), help="processes at other work")
    options = parser.parse_args()
    worker.PATIENCE = PATIENCE
    lost = 0
    with other_work(options.busy):
        alone = min(grade(options.honest, 0, options.work)[0] for _ in range(options.alone))
        print(f"without hostile ones: {alone:.1f} s", flush=True)
        shares = []
        for number in range(options.runs):
            seconds, rows = grade(options.honest, options.hostile, options.work)
            short = sorted(row.student for row in rows if is_short(row))
            missing = options.honest + options.hostile - len(rows)
            left = len(process_tree(os.getpid())) - 1 - options.busy
            lost += len(short) + missing + max(0, left)
            theirs = sum(row.seconds for row in rows if not is_honest(row)) / jobs()
            shares.append((seconds - theirs) / alone)
            print(
                f"run {number + 1}: {seconds:.1f} s, {theirs:.1f} s of it theirs, "
                f"the rest {shares[-1]:.2f} times as long; {short or 'nothing'} lost, "
                f"{left} processes left",
                flush=True,
            )
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10
    mean = statistics.fmean(shares)
    print(f"{memory} MB in the runner at most; the rest {mean:.2f} times as long on average")
    return int(lost > 0 or mean > MOST_SHARE)


def jobs() -> int:
    """How many submissions are graded side by side."""
    return len(os.sched_getaffinity(0))


def is_honest(row: SubmissionResult) -> bool:
    """Whether a submission is one of the honest ones."""
    return row.student.startswith("honest")


def is_short(row: SubmissionResult) -> bool:
    """Whether an honest submission has less than full marks."""
    return is_honest(row) and row.score < hostile.FULL


def grade(honest: int, number_hostile: int, work: float) -> tuple[float, list[SubmissionResult]]:
    """Grade a class; how long that took, and everybody's result."""
    attacks = hostile.submissions("mini")
    with tempfile.TemporaryDirectory() as folder:
        course = hostile.make_course(Path(folder), {})
        for number in range(honest):
            book = mini.submission(added=WORK.format(seconds=work, number=number))
            mini.hand_in(course, f"honest-{number}", book)
        for number, name in zip(range(number_hostile), itertools.cycle(HOSTILE)):
            double = f"{attacks[name].says('DOUBLE')}\n# {number}"
            mini.hand_in(course, f"hostile-{number}", mini.submission({"double": double}))
        start = time.monotonic()
        result = grade_set(course, "mini", GradeOptions(timeout=TIMEOUT))
        seconds = time.monotonic() - start
    return seconds, result.submissions


@contextlib.contextmanager
def other_work(processes: int) -> Iterator[None]:
    """Have some processes compute meanwhile."""
    running = [subprocess.Popen([sys.executable, "-c", BUSY]) for _ in range(processes)]
    try:
        yield
    finally:
        for process in running:
            process.kill()
            process.wait()


if __name__ == "__main__":
    sys.exit(main())

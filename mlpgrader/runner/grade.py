"""Grade a set: each submission on some worker, here or on a cluster, with results that stay.

A result is a file named by a hash of all that it depends on, written in one step. So a run that
was stopped resumes, and a changed test or submission is graded again by itself.
"""

import concurrent.futures
import contextlib
import functools
import hashlib
import json
import os
import re
from collections.abc import Callable, Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any

import mlpgrader
from mlpgrader.assignment.plan import Plan
from mlpgrader.course.folders import plan_of, read_submitted, students, write
from mlpgrader.errors import MachineError, UnreadableError
from mlpgrader.results import SetResult, SubmissionResult, TestResult
from mlpgrader.runner import worker as workers
from mlpgrader.runner.worker import MEMORY_MB, Options

# what torch loads on the first use of an optimizer, and of an upstream gradient
SLOW = {
    "torch._dynamo": r"\boptim\b",
    "torch.fx.experimental.symbolic_shapes": (
        r"\.backward\((?!\)|retain|create)|grad_outputs|autograd\.grad\([^()]*,[^()]*,\s*\w+\)"
    ),
}


def result_of(plan: Plan, student: str, graded: dict[str, Any]) -> SubmissionResult:
    """The row of a student from what a worker or a kept file says."""
    row = SubmissionResult(
        student, graded["status"], graded.get("message", ""), 0.0, plan.max_score
    )
    if row.status == "unreadable":
        return row
    most = {cell.grade_id: cell.points for cell in plan.tests}
    for verdict in graded["verdicts"]:
        worth = most[verdict["grade_id"]]
        points = worth if verdict["status"] == "passed" else 0.0
        test = TestResult(verdict["grade_id"], points, worth, verdict["status"])
        test.reason, test.message = verdict["reason"], verdict["message"]
        row.tests.append(test)
    row.score = float(sum(test.points for test in row.tests))
    if wrong := [test.grade_id for test in row.tests if test.status == "error"]:
        row.status, row.message = "review", f"tests to be looked at: {', '.join(wrong)}"
    row.seconds, row.outputs = round(graded["seconds"], 4), graded["outputs"]
    return row


class Pool:
    """Where submissions are graded: threads of this process, or a Dask cluster.

    Raises:
        MachineError: if there is no sandbox, or no such cluster.
    """

    def __init__(self, plan: Plan, options: Options, jobs: int = 1, scheduler: str | None = None):
        self.plan, self.options = plan, options
        self.client = connect(scheduler) if scheduler else None
        self.executor: concurrent.futures.Executor = (
            self.client.get_executor(pure=False, retries=3)
            if self.client
            else concurrent.futures.ThreadPoolExecutor(jobs)
        )
        self.waiting: dict[concurrent.futures.Future, str] = {}
        try:
            count = 1 if self.client else jobs  # of a cluster, nobody knows which workers probe
            probes = [self.executor.submit(workers.probe, plan, options) for _ in range(count)]
            self.tier = probes[0].result()
        except BaseException:
            self.close()
            raise

    def _submit(self, text: str) -> concurrent.futures.Future:
        job = self.plan, self.options, self.tier
        return self.executor.submit(workers.examine, *job, text)

    def grade_all(self, texts: dict[str, str]) -> Iterator[tuple[str, dict[str, Any]]]:
        """Examine texts by key, side by side; those that may end better alone come last."""
        self.waiting = {self._submit(text): key for key, text in texts.items()}
        again = []
        for done in concurrent.futures.as_completed([*self.waiting]):
            key, graded = self.waiting.pop(done), done.result()
            if graded.get("again"):
                again.append(key)
            else:
                yield key, graded
        for key in again:
            yield key, self._submit(texts[key]).result()

    def close(self) -> None:
        """Cancel what waits, and end the workers."""
        for future in self.waiting:
            future.cancel()
        if self.client:
            try:
                self.client.run(workers.end, self.plan, self.options)
            finally:
                self.client.close()
        else:
            workers.end(self.plan, self.options)
            self.executor.shutdown()
            workers.end(self.plan, self.options)  # what a thread started at the last moment


def connect(scheduler: str) -> Any:
    """A client of a Dask cluster."""
    try:
        from distributed import Client

        return Client(scheduler, timeout=10)
    except (ImportError, OSError, TimeoutError) as error:
        raise MachineError(f"no Dask scheduler at {scheduler}: {error}") from None


def key_of(plan: Plan, text: str, options: Options, tier: str) -> str:
    """The name of a result: a hash of the plan, the submission, the limits and the versions."""
    content = [plan.key, text, options.timeout, options.memory_mb, tier, _versions()]
    return hashlib.sha256(json.dumps(content).encode()).hexdigest()


@functools.cache
def _versions() -> list[str]:
    grader = Path(mlpgrader.__file__).parent
    files = sorted([*grader.rglob("*.py"), grader.parent / "mlpkit" / "checks.py"])
    code = hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()
    return [code, version("torch"), version("numpy"), version("ipython")]


def load(path: Path) -> dict[str, Any] | None:
    """A kept result, None if there is none that can be used."""
    with contextlib.suppress(OSError, ValueError):
        kept = json.loads(path.read_text(encoding="utf-8"))
        return kept if isinstance(kept, dict) and "status" in kept else None
    return None


def grade_notebook(
    plan: Plan, text: str, *, unsafe: bool = False, student: str = ""
) -> SubmissionResult:
    """Grade the text of one notebook against a plan.

    Raises:
        MachineError: if there is no sandbox here and `unsafe` was not asked for.
    """
    with contextlib.closing(Pool(plan, Options(unsafe=unsafe))) as pool:
        [(_, graded)] = pool.grade_all({"": text})
        return result_of(plan, student, graded)


def grade_set(
    course: Path,
    set_name: str,
    *,
    jobs: int | None = None,
    scheduler: str | None = None,
    timeout: float = 10,
    memory_mb: int = MEMORY_MB,
    force: bool = False,
    unsafe: bool = False,
    progress: Callable[[SubmissionResult], None] | None = None,
) -> SetResult:
    """Grade all submissions of a set and keep the results in the course's results/ folder.

    Args:
        course: a folder laid out as nbgrader lays it out.
        set_name: the set.
        jobs: submissions graded side by side; the number of cores when None.
        scheduler: the address of a Dask scheduler whose workers grade.
        timeout: CPU seconds for each cell and call of a student's code.
        memory_mb: memory of a student's process, in MB.
        force: grade again what has a result.
        unsafe: grade without a sandbox.
        progress: called with each result as it comes.

    Raises:
        UsageError: if the set or the course is at fault.
        MachineError: if this machine cannot grade safely.
    """
    course = Path(course).resolve()
    plan = plan_of(course, set_name)
    texts, rows = _read_all(course, plan)
    processors = len(os.sched_getaffinity(0))
    jobs = min(jobs or processors, max(1, len(texts)))
    pinned = not scheduler and jobs == processors  # then each has one to itself
    options = Options(timeout, memory_mb, unsafe, (str(course),), _slow_to_load(texts), pinned)
    with contextlib.closing(Pool(plan, options, jobs, scheduler)) as pool:
        by_key: dict[str, list[str]] = {}  # equal submissions are examined once
        for name, text in texts.items():
            by_key.setdefault(key_of(plan, text, options, pool.tier), []).append(name)
        todo = {key: texts[names[0]] for key, names in by_key.items()}
        for key, graded in _results(pool, course / "results" / set_name, todo, force):
            for name in by_key[key]:
                rows[name] = result_of(plan, name, graded)
                progress and progress(rows[name])
    ordered = [rows[name] for name in sorted(rows)]
    return SetResult(set_name, plan.max_score, workers.description(pool.tier), ordered)


def _slow_to_load(texts: dict[str, str]) -> tuple[str, ...]:
    """What zygotes are to load, because many students' processes would, for a second each."""
    uses = {
        name: sum(bool(re.search(use, text)) for text in texts.values())
        for name, use in SLOW.items()
    }
    return tuple(name for name, count in uses.items() if count > 3)


def _read_all(course: Path, plan: Plan) -> tuple[dict[str, str], dict[str, SubmissionResult]]:
    """The texts of the submissions that can be opened, and rows of the others."""
    texts, rows = {}, {}
    for name in students(course, plan.set):
        try:
            texts[name] = read_submitted(course, name, plan.set, f"{plan.set}.ipynb")
        except UnreadableError as reason:
            graded = {"status": "unreadable", "message": str(reason)}
            rows[name] = result_of(plan, name, graded)
    return texts, rows


def _results(
    pool: Pool, folder: Path, texts: dict[str, str], force: bool
) -> Iterator[tuple[str, dict[str, Any]]]:
    """Results by key: the kept ones, then the new ones as they come."""
    kept = {key: load(folder / f"{key}.json") for key in texts if not force}
    yield from ((key, graded) for key, graded in kept.items() if graded)
    missing = {key: text for key, text in texts.items() if not kept.get(key)}
    for key, graded in pool.grade_all(missing):
        write(folder / f"{key}.json", json.dumps(graded))
        yield key, graded

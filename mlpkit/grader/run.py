"""Grade a set: a pool of zygotes on this machine or on Dask's workers, with results that stay.

A result is a file named by a hash of all that it depends on, written in one step. So a run that
was stopped resumes, and a changed test or submission is graded again by itself.
"""

import concurrent.futures
import contextlib
import functools
import hashlib
import json
import os
import queue
import shutil
import signal
import socket
import stat
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Any

from mlpkit.grader import frame, sandbox
from mlpkit.grader.errors import EnvironmentProblem, Unreadable, UsageError
from mlpkit.grader.plan import Cell, Plan, read_plan, steps, written
from mlpkit.grader.zygote import imported

__all__ = ["EnvironmentProblem", "UsageError", "grade_notebook", "grade_set"]
MEMORY_MB = 2048
MOST_BYTES = 20 << 20  # of a submission
CHECK_SECONDS = 70
BUDGET = 40  # wall time of a submission, in CPU limits of a cell
TIERS = {
    "namespaces": "user, mount, process, network and ipc namespaces per submission",
    "bwrap": "bubblewrap per submission (slower: torch is loaded for each)",
    "unsafe": "UNSAFE: none, student code runs as you",
}


@dataclass
class TestResult:
    """The verdict of one test cell."""

    grade_id: str
    points: float
    max_points: float
    status: str
    message: str = ""


@dataclass
class SubmissionResult:
    """How one submission was graded; `outputs` holds those of its cells by key (see `Written`)."""

    student: str
    status: str
    message: str
    score: float
    max_score: float
    late_seconds: float = 0
    seconds: float = 0.0
    tests: list[TestResult] = field(default_factory=list)
    outputs: dict[str, list] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """What `--json` prints of it."""
        return {name: value for name, value in asdict(self).items() if name != "outputs"}


@dataclass
class SetResult:
    """How a set was graded."""

    set: str
    max_score: float
    sandbox: str
    submissions: list[SubmissionResult]

    def to_json(self) -> dict[str, Any]:
        """What `--json` prints."""
        head = {"schema_version": 1, "set": self.set, "max_score": self.max_score}
        rows = [submission.to_json() for submission in self.submissions]
        return head | {"sandbox": self.sandbox, "submissions": rows}


@dataclass(frozen=True)
class Options:
    """What one submission may use, and in which sandbox it runs."""

    timeout: float = 10
    memory_mb: int = MEMORY_MB
    unsafe: bool = False
    hide: tuple[str, ...] = ()


# --- the course folder ---------------------------------------------------------------------


def plan_of(course: Path, set_name: str) -> Plan:
    """The plan of a set of a course.

    Raises:
        UsageError: if there is no such set, or it cannot be graded.
    """
    path = Path(course) / "solutions" / set_name / f"{set_name}.ipynb"
    if not set_name or Path(set_name).name != set_name or not path.is_file():
        raise UsageError(f"there is no set {set_name!r}: {path} is missing")
    return read_plan(path.read_text(encoding="utf-8"), set_name)


def students(course: Path, set_name: str) -> list[str]:
    """The names of the folders in submitted/ that hold this set."""
    folder = Path(course) / "submitted"
    if not folder.is_dir():
        raise UsageError(f"there are no submissions: {folder} is missing")
    return sorted(path.name for path in folder.iterdir() if os.path.lexists(path / set_name))


def read_submission(course: Path, student: str, set_name: str) -> str:
    """The text of a submission, opened as a regular file and through no link.

    Raises:
        Unreadable: if it is anything else, too large or no text.
    """
    parts = [student, set_name]
    try:
        with contextlib.ExitStack() as stack:
            flags = os.O_RDONLY | os.O_NOFOLLOW
            place = os.open(Path(course) / "submitted", os.O_RDONLY | os.O_DIRECTORY)
            for part in parts:
                stack.callback(os.close, place)
                place = os.open(part, flags | os.O_DIRECTORY, dir_fd=place)
            stack.callback(os.close, place)
            handle = os.open(f"{set_name}.ipynb", flags | os.O_NONBLOCK, dir_fd=place)
            with open(handle, "rb") as file:
                return _text(file)
    except FileNotFoundError:
        raise Unreadable(f"there is no {set_name}.ipynb in its folder") from None
    except OSError as error:
        raise Unreadable(f"the notebook cannot be opened: {os.strerror(error.errno)}") from None


def _text(file: Any) -> str:
    status = os.fstat(file.fileno())
    if not stat.S_ISREG(status.st_mode):
        raise Unreadable("the notebook is not a regular file")
    if status.st_size > MOST_BYTES:
        raise Unreadable(f"the notebook is larger than {MOST_BYTES >> 20} MB")
    try:
        return file.read(MOST_BYTES + 1).decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Unreadable("the file is not a notebook: it is not UTF-8") from None


# --- one submission ------------------------------------------------------------------------


def examination_of(plan: Plan) -> dict[str, Any]:
    """What an examiner needs of a plan."""
    setup = [cell.source for cell in plan.cells if cell.kind == "setup"]
    return {"tests": [_test(cell) for cell in plan.tests], "setup": setup, "names": plan.names}


def _test(cell: Cell) -> dict[str, Any]:
    more = {"about": cell.about, "hidden": sorted(cell.hidden), "solution": cell.solution}
    return {"grade_id": cell.grade_id, "source": cell.source, **more}


def job_of(plan: Plan, text: str, options: Options) -> dict[str, Any]:
    """What a checker needs of one submission: cells with fork steps, and each test's fork step.

    Raises:
        Unreadable: if the text is no notebook.
    """
    todo, points = [], []
    for kind, key, source in steps(plan, written(plan, text)):
        if kind != "test":
            todo.append((kind, key, source))
            continue
        if not todo or todo[-1][0] != "fork":
            todo.append(("fork", key, ""))
        points.append(sum(step[0] == "fork" for step in todo) - 1)
    limits = {"timeout": options.timeout, "memory_mb": options.memory_mb}
    limits["budget"] = BUDGET * options.timeout
    return {"steps": todo, "points": points, "first": 0, **limits}


class WorkerLost(EnvironmentProblem):
    """A zygote ended in the middle of its work."""


class Worker:
    """A zygote and the socket on which it takes orders."""

    def __init__(self, plan: Plan, options: Options, tier: str):
        self.plan, self.options, self.tier = plan, options, tier
        self.closed = False
        self.start()

    def start(self) -> None:
        """Execute the zygote and wait until it is ready.

        Raises:
            EnvironmentProblem: if the sandbox of this tier cannot be made here.
        """
        self.control, control = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.examiner, examiner = socket.socketpair()
        frame.patience(self.examiner, 1)
        with control, examiner, tempfile.TemporaryFile() as log:
            self._execute([control.fileno(), examiner.fileno()], log)
            control.close()
            self.control.send(json.dumps(self._settings()).encode())
            answer = self.control.recv(1 << 16)
            if b"error" in answer or not answer:
                self.close()
                log.seek(0)
                text = json.loads(answer)["error"] if answer else log.read().decode()[-300:]
                raise EnvironmentProblem(f"no {self.tier} sandbox: {' '.join(text.split())}")
        self._teach()

    def _execute(self, handles: list[int], log: Any) -> None:
        streams = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": log}
        self.process = subprocess.Popen(
            sandbox.python("zygote", *handles),
            **{"pass_fds": handles, "env": sandbox.environment(), **streams},
            **{"start_new_session": True, "cwd": "/"},
        )

    def _teach(self) -> None:
        """Give the plan to the examiner, which runs the setup cells."""
        try:
            frame.send(self.examiner, json.dumps(examination_of(self.plan)).encode())
            frame.receive(self.examiner, frame.deadline(CHECK_SECONDS))
        except (frame.Closed, TimeoutError):
            self.close()
            raise UsageError(f"the setup cells of {self.plan.set} do not run here") from None

    def _settings(self) -> dict[str, Any]:
        modules = [name for cell in self.plan.cells for name in imported(cell.source)]
        limits = {"memory_mb": self.options.memory_mb, "hide": list(self.options.hide)}
        return {"tier": self.tier, "modules": sorted({*modules}), **limits}

    def grade(self, text: str) -> dict[str, Any]:
        """Examine one submission.

        Raises:
            Unreadable: if the text is no notebook.
        """
        job = job_of(self.plan, text, self.options)
        tests, verdicts, end = self.plan.tests, [], None
        start = time.monotonic()
        while end is None:
            frame.send(self.examiner, json.dumps({**job, "first": len(verdicts)}).encode())
            found, end, status = self._listen()
            verdicts += found
            if end is None and len(verdicts) < len(tests):
                verdicts.append(_lost(tests[len(verdicts)], status))
        return {"verdicts": verdicts, "seconds": time.monotonic() - start, **end}

    def _listen(self) -> tuple[list, dict | None, int]:
        """Verdicts as they come, the last word, or how the checker ended without one."""
        found = []
        try:
            while True:
                wait = frame.deadline((BUDGET + 5) * self.options.timeout + CHECK_SECONDS)
                message = json.loads(frame.receive(self.examiner, wait))
                if "again" in message:
                    return found, message, 0
                if "ended" in message:
                    return found, None, message["ended"]
                found.append(message)
        except TimeoutError:
            self.close()
            self.start()
            return found, None, -signal.SIGKILL
        except (frame.WireError, ValueError):
            raise WorkerLost("a grading process ended unexpectedly") from None

    def close(self) -> None:
        """Hang up; the zygote ends, and the kernel ends all that it started."""
        self.control.close()
        self.examiner.close()
        try:
            self.process.wait(5)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def _lost(test: Cell, status: int) -> dict:
    """The verdict of a test in which the checker itself ended."""
    if status in (-signal.SIGXCPU, -signal.SIGKILL):
        message = f"{test.about}: the answer took too long to check"
        return {"grade_id": test.grade_id, "status": "limit", "message": message}
    message = "the checker ended while it ran this test"
    return {"grade_id": test.grade_id, "status": "error", "message": message}


def best_worker(plan: Plan, options: Options) -> Worker:
    """A worker in the strongest sandbox that this machine allows.

    Raises:
        EnvironmentProblem: if there is none and `unsafe` was not asked for.
    """
    if options.unsafe:
        return Worker(plan, options, "unsafe")
    problems = []
    for tier in ("namespaces", "bwrap"):
        if tier == "bwrap" and shutil.which("bwrap") is None:
            problems.append("bubblewrap is not installed")
            continue
        if tier == "bwrap" and not sandbox.limits_processes():
            problems.append("bubblewrap cannot limit the processes of root: grade as another user")
            continue
        try:
            return Worker(plan, options, tier)
        except EnvironmentProblem as problem:
            problems.append(str(problem))
    raise EnvironmentProblem(f"there is no sandbox for student code: {'; '.join(problems)}")


def description(tier: str) -> str:
    """The sandbox in words, with what it lacks."""
    filtered = "" if sandbox.can_filter() else ", no seccomp filter on this processor"
    return f"{tier}: {TIERS[tier]}{filtered}"


def result_of(plan: Plan, student: str, graded: dict[str, Any]) -> SubmissionResult:
    """The row of a student from what a worker or a kept file says."""
    if graded["status"] == "unreadable":
        return SubmissionResult(student, "unreadable", graded["message"], 0.0, plan.max_score)
    most = {cell.grade_id: cell.points for cell in plan.tests}
    tests = [
        TestResult(
            verdict["grade_id"],
            most[verdict["grade_id"]] if verdict["status"] == "passed" else 0.0,
            most[verdict["grade_id"]],
            verdict["status"],
            verdict["message"],
        )
        for verdict in graded["verdicts"]
    ]
    wrong = [test.grade_id for test in tests if test.status == "error"]
    message = f"tests to be looked at: {', '.join(wrong)}" if wrong else ""
    score, status = float(sum(test.points for test in tests)), "review" if wrong else "graded"
    row = SubmissionResult(student, status, message, score, plan.max_score, tests=tests)
    row.seconds, row.outputs = round(graded["seconds"], 4), graded["outputs"]
    return row


# --- a set ---------------------------------------------------------------------------------


def key_of(plan: Plan, text: str, options: Options, tier: str) -> str:
    """The name of a result: a hash of the plan, the submission, the limits and the versions."""
    content = [plan.key, text, options.timeout, options.memory_mb, tier, _versions()]
    return hashlib.sha256(json.dumps(content).encode()).hexdigest()


@functools.cache
def _versions() -> list[str]:
    folder = Path(__file__).parent
    files = sorted([*folder.glob("*.py"), folder.parent / "checks.py"])
    code = hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()
    return [code, version("torch"), version("numpy"), version("ipython")]


def load(path: Path) -> dict[str, Any] | None:
    """A kept result, None if there is none that can be used."""
    with contextlib.suppress(OSError, ValueError):
        kept = json.loads(path.read_text(encoding="utf-8"))
        return kept if isinstance(kept, dict) and "status" in kept else None
    return None


def keep(path: Path, graded: dict[str, Any]) -> None:
    """Write a result in one step, so that no reader and no later run sees half of one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=".part")
    try:
        with open(handle, "w", encoding="utf-8") as file:
            json.dump(graded, file)
        os.replace(name, path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


class Pool:
    """Workers on this machine; the first one finds the sandbox."""

    def __init__(self, plan: Plan, options: Options, jobs: int):
        self.plan, self.options, self.jobs = plan, options, max(1, jobs)
        self.idle: queue.SimpleQueue[Worker] = queue.SimpleQueue()
        self.workers: list[Worker] = []
        self.first = best_worker(plan, options)
        self.tier = self.first.tier
        self._add(self.first)

    def _add(self, worker: Worker) -> None:
        self.workers.append(worker)
        self.idle.put(worker)

    def grade(self, text: str) -> dict[str, Any]:
        """Examine one submission on a worker that is free."""
        worker = self.idle.get()
        try:
            return grade_on(worker, text)
        finally:
            self.idle.put(worker)

    def grade_all(self, texts: dict[str, str]) -> Iterator[tuple[str, dict[str, Any]]]:
        """Examine texts by key, side by side; those that may end better alone come last."""
        again = []
        with concurrent.futures.ThreadPoolExecutor(self.jobs) as threads:
            for _ in range(min(self.jobs, len(texts)) - len(self.workers)):
                threads.submit(lambda: self._add(Worker(self.plan, self.options, self.tier)))
            waiting = {threads.submit(self.grade, text): key for key, text in texts.items()}
            try:
                for done in concurrent.futures.as_completed(waiting):
                    if done.result().get("again"):
                        again.append(waiting[done])
                    else:
                        yield waiting[done], done.result()
            except BaseException:
                threads.shutdown(wait=False, cancel_futures=True)
                self.close()
                raise
        for key in again:
            yield key, self.grade(texts[key])

    def close(self) -> None:
        """End all workers."""
        for worker in self.workers:
            worker.closed = True
            worker.close()


def grade_on(worker: Worker, text: str) -> dict[str, Any]:
    """Examine one submission; a zygote that was killed is replaced once."""
    try:
        return {"status": "graded", **worker.grade(text)}
    except Unreadable as reason:
        return {"status": "unreadable", "message": str(reason)}
    except WorkerLost:
        if worker.closed:
            raise  # the run was stopped
        worker.close()
        worker.start()
        return {"status": "graded", **worker.grade(text)}


def grade_notebook(
    plan: Plan,
    text: str,
    *,
    timeout: float = 10,
    memory_mb: int = MEMORY_MB,
    unsafe: bool = False,
    student: str = "",
) -> SubmissionResult:
    """Grade the text of one notebook against a plan.

    Raises:
        EnvironmentProblem: if there is no sandbox here and `unsafe` was not asked for.
    """
    pool = Pool(plan, Options(timeout, memory_mb, unsafe), 1)
    try:
        return result_of(plan, student, next(pool.grade_all({"": text}))[1])
    finally:
        pool.close()


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
        EnvironmentProblem: if this machine cannot grade safely.
    """
    course = Path(course).resolve()
    plan = plan_of(course, set_name)
    options = Options(timeout, memory_mb, unsafe, (str(course),))
    texts, rows = _read_all(course, plan)
    jobs = jobs or len(os.sched_getaffinity(0))
    with contextlib.closing(_pool(plan, options, jobs, scheduler)) as pool:
        keys = {name: key_of(plan, text, options, pool.tier) for name, text in texts.items()}
        folder = course / "results" / set_name
        by_key: dict[str, list[str]] = {}
        for name, key in keys.items():
            by_key.setdefault(key, []).append(name)
        for key, graded in _results(pool, folder, {keys[n]: t for n, t in texts.items()}, force):
            for name in by_key[key]:
                rows[name] = result_of(plan, name, graded)
                progress and progress(rows[name])
    ordered = [rows[name] for name in sorted(rows)]
    return SetResult(set_name, plan.max_score, description(pool.tier), ordered)


def _read_all(course: Path, plan: Plan) -> tuple[dict[str, str], dict[str, SubmissionResult]]:
    """The texts of the submissions that can be opened, and rows of the others."""
    texts, rows = {}, {}
    for name in students(course, plan.set):
        try:
            texts[name] = read_submission(course, name, plan.set)
        except Unreadable as reason:
            graded = {"status": "unreadable", "message": str(reason)}
            rows[name] = result_of(plan, name, graded)
    return texts, rows


def _results(
    pool: Any, folder: Path, texts: dict[str, str], force: bool
) -> Iterator[tuple[str, dict[str, Any]]]:
    """Results by key: the kept ones, then the new ones as they come."""
    kept = {key: load(folder / f"{key}.json") for key in texts if not force}
    yield from ((key, graded) for key, graded in kept.items() if graded)
    missing = {key: text for key, text in texts.items() if not kept.get(key)}
    for key, graded in pool.grade_all(missing) if missing else ():
        keep(folder / f"{key}.json", graded)
        yield key, graded


def _pool(plan: Plan, options: Options, jobs: int, scheduler: str | None) -> Any:
    if scheduler is None:
        return Pool(plan, options, jobs)
    from mlpkit.grader.cluster import ClusterPool

    return ClusterPool(plan, options, scheduler)

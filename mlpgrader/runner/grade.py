"""Grade a set: read the submissions, look up what is known of them, grade the rest, assemble."""

import contextlib
import os
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

from mlpgrader.assignment.plan import Cell, Plan
from mlpgrader.course.folders import Course, plan_of, students
from mlpgrader.course.submitted import read_notebook
from mlpgrader.errors import MachineError, UnreadableError
from mlpgrader.inside.messages import Verdict
from mlpgrader.results import SetResult, SubmissionResult, TestResult
from mlpgrader.runner.examined import Examined
from mlpgrader.runner.pool import LocalPool, Pool, open_pool
from mlpgrader.runner.store import VerdictStore, key_of
from mlpgrader.runner.worker import MEMORY_MB, WorkerOptions, description, modules_to_preload

Progress = Callable[[SubmissionResult], None]


@dataclass(frozen=True)
class GradeOptions:
    """How a set is to be graded.

    Attributes:
        jobs: submissions graded side by side; the number of cores when None.
        scheduler: the address of a Dask scheduler whose workers grade.
        timeout: CPU seconds for each cell and call of a student's code.
        memory_mb: memory of a student's process, in MB.
        force: grade again what has a result.
        unsafe: grade without a sandbox.
    """

    jobs: int | None = None
    scheduler: str | None = None
    timeout: float = 10
    memory_mb: int = MEMORY_MB
    force: bool = False
    unsafe: bool = False


AS_USUAL = GradeOptions()


def grade_set(
    course: Course | Path,
    set_name: str,
    options: GradeOptions = AS_USUAL,
    *,
    progress: Progress | None = None,
) -> SetResult:
    """Grade all submissions of a set and keep the results in the course's results/ folder.

    Args:
        course: the course, or its folder.
        set_name: the set.
        options: how to grade.
        progress: called with each result as it comes.

    Raises:
        UsageError: if the set or the course is at fault.
        MachineError: if this machine cannot grade safely.
    """
    course = Course.open(course)
    plan = plan_of(course, set_name)
    texts, notices, results = _read_all(course, plan)
    jobs = _jobs(options, len(texts))
    hide = tuple(str(place) for place in course.places())
    worker_options = _worker_options(options, jobs, hide, texts.values())
    store = VerdictStore(course.results_folder() / set_name, plan)
    with contextlib.closing(open_pool(plan, worker_options, jobs, options.scheduler)) as pool:
        receipts = {
            student: key_of(plan, text, worker_options, pool.tier)
            for student, text in texts.items()
        }
        students_of = _students_of(receipts)
        distinct = {receipts[student]: text for student, text in texts.items()}
        for receipt, examined in _examine_all(pool, store, distinct, force=options.force):
            for student in students_of[receipt]:
                results[student] = result_of(plan, student, examined, receipt, notices[student])
                if progress is not None:
                    progress(results[student])
    in_order = [results[student] for student in sorted(results)]
    return SetResult(set_name, plan.max_score, description(pool.tier), in_order)


def grade_notebook(
    plan: Plan, text: str, *, unsafe: bool = False, student: str = ""
) -> SubmissionResult:
    """Grade the text of one notebook against a plan.

    Raises:
        MachineError: if there is no sandbox here and `unsafe` was not asked for.
    """
    options = WorkerOptions(unsafe=unsafe)
    with contextlib.closing(LocalPool(plan, options)) as pool:
        receipt = key_of(plan, text, options, pool.tier)
        [(_, examined)] = pool.examine_all({receipt: text})
        return result_of(plan, student, examined, receipt)


def _read_all(
    course: Course, plan: Plan
) -> tuple[dict[str, str], dict[str, str], dict[str, SubmissionResult]]:
    """The texts of the submissions that can be opened, notices on them, results of the others."""
    texts = {}
    notices = {}
    results = {}
    for student in students(course, plan.set_name):
        try:
            texts[student], notices[student] = read_notebook(course, student, plan.set_name)
        except UnreadableError as reason:
            results[student] = result_of(plan, student, Examined("unreadable", str(reason)))
    return texts, notices, results


def _jobs(options: GradeOptions, submissions: int) -> int:
    """How many submissions are graded side by side: never more than there are."""
    jobs = options.jobs or _processors()
    return min(jobs, max(1, submissions))


def _processors() -> int:
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:
        raise MachineError("grading needs Linux") from None


def _worker_options(
    options: GradeOptions, jobs: int, hide: tuple[str, ...], texts: Collection[str]
) -> WorkerOptions:
    return WorkerOptions(
        timeout=options.timeout,
        memory_mb=options.memory_mb,
        unsafe=options.unsafe,
        hide=hide,
        preload=modules_to_preload(texts),
        pinned=not options.scheduler and jobs == _processors(),  # then each has one to itself
    )


def _students_of(receipts: dict[str, str]) -> dict[str, list[str]]:
    """The students by receipt: equal submissions have the same, and are examined once."""
    students_of: dict[str, list[str]] = {}
    for student, receipt in receipts.items():
        students_of.setdefault(receipt, []).append(student)
    return students_of


def _examine_all(
    pool: Pool, store: VerdictStore, texts: dict[str, str], *, force: bool
) -> Iterator[tuple[str, Examined]]:
    """What the texts come to, by key: what is kept first, then the rest as it comes."""
    missing = {}
    for key, text in texts.items():
        kept = None if force else store.load(key)
        if kept is None:
            missing[key] = text
        else:
            yield key, kept
    for key, examined in pool.examine_all(missing):
        store.save(key, examined)
        yield key, examined


def result_of(
    plan: Plan, student: str, examined: Examined, receipt: str = "", notice: str = ""
) -> SubmissionResult:
    """The result of a student from what examining the submission came to.

    Args:
        plan: the plan of the set.
        student: who handed it in.
        examined: what examining its text came to.
        receipt: the hash of all that the verdicts depend on.
        notice: what somebody should know about its file.
    """
    cells = {cell.grade_id: cell for cell in plan.tests}
    tests = [_test_result(cells[verdict.grade_id], verdict) for verdict in examined.verdicts]
    result = SubmissionResult(
        student=student,
        status=examined.status,
        message=examined.message,
        score=float(sum(test.points for test in tests)),
        max_score=plan.max_score,
        seconds=round(examined.seconds, 4),
        receipt=receipt,
        tests=tests,
        outputs=examined.outputs,
    )
    at_fault = [test.grade_id for test in tests if test.status == "error"]
    if at_fault:
        result.status = "review"
        result.message = f"tests to be looked at: {', '.join(at_fault)}"
    result.message = "; ".join(filter(None, [result.message, notice]))
    return result


def _test_result(cell: Cell, verdict: Verdict) -> TestResult:
    return TestResult(
        grade_id=cell.grade_id,
        points=cell.points if verdict.status == "passed" else 0.0,
        max_points=cell.points,
        status=verdict.status,
        reason=verdict.reason,
        message=verdict.message,
    )

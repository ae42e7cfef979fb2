"""Grade a set: read the submissions, look up what is known of them, grade the rest, assemble."""

import contextlib
import os
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from mlpgrader.assignment.plan import Plan
from mlpgrader.course.folders import Course, students
from mlpgrader.course.sources import plans_of, reference_of
from mlpgrader.course.submitted import Submitted, read_notebook
from mlpgrader.errors import MachineError, UnreadableError, UsageError
from mlpgrader.inside.messages import Tier
from mlpgrader.results import SetResult, SubmissionResult, SubmissionStatus
from mlpgrader.runner.examined import Examined, not_judged
from mlpgrader.runner.known import NOTHING_KNOWN, KnownMistakes
from mlpgrader.runner.points import test_result
from mlpgrader.runner.pool import Pool, open_pool
from mlpgrader.runner.store import VerdictStore, key_of, named_versions
from mlpgrader.runner.ways import kept_plan, refuse_forgeable, settle
from mlpgrader.runner.worker import (
    MEMORY_MB,
    TIMEOUT,
    WorkerOptions,
    description,
    modules_to_preload,
)

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
        students: whose submissions are graded; everybody's where none are named.
        known: the mistakes that are named where somebody makes one.
    """

    jobs: int | None = None
    scheduler: str | None = None
    timeout: float = TIMEOUT
    memory_mb: int = MEMORY_MB
    force: bool = False
    unsafe: bool = False
    students: tuple[str, ...] = ()
    known: KnownMistakes = NOTHING_KNOWN


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
    plans = plans_of(course, set_name)
    names = chosen_students(course, set_name, options.students)
    graded = [
        _grade_one(course, set_name, names, plan, options, progress if plan is plans[-1] else None)
        for plan in plans
    ]
    return SetResult(
        set=set_name,
        max_score=sum(notebook.plan.max_score for notebook in graded),
        sandbox=graded[0].sandbox,
        submissions=[
            together(student, {part.plan.set_name: part.results[student] for part in graded})
            for student in sorted(graded[0].results)
        ],
        forgeable_points=sum(notebook.plan.forgeable_points for notebook in graded),
        versions=named_versions(),
    )


@dataclass(frozen=True)
class GradedNotebook:
    """What grading one notebook of a set comes to.

    Attributes:
        plan: what it asks, and how that is judged.
        sandbox: behind which walls, in words.
        results: by student.
    """

    plan: Plan
    sandbox: str
    results: dict[str, SubmissionResult]


def chosen_students(course: Course, set_name: str, chosen: Collection[str] = ()) -> list[str]:
    """The students who handed in a set, or of them those who are chosen.

    Raises:
        UsageError: if somebody who is chosen has handed nothing in.
    """
    everyone = students(course, set_name)
    missing = sorted({*chosen} - {*everyone})
    if missing:
        raise UsageError(f"nothing of {', '.join(missing)} is handed in for {set_name}")
    return [name for name in everyone if not chosen or name in chosen]


def _grade_one(
    course: Course,
    set_name: str,
    names: list[str],
    plan: Plan,
    options: GradeOptions,
    progress: Progress | None,
) -> GradedNotebook:
    """Grade one notebook of a set, of some who handed it in."""
    handed_in, results = _read_all(course, set_name, names, plan)
    texts = {student: file.text for student, file in handed_in.items()}
    jobs = _jobs(options, len(texts))
    hide = tuple(str(place) for place in course.places())
    worker_options = _worker_options(options, jobs, hide)
    with contextlib.ExitStack() as stack:
        batch = (
            None if options.force else _kept_batch(course, set_name, plan, texts, worker_options)
        )
        if batch is None:
            preload = modules_to_preload(texts.values())
            worker_options = replace(worker_options, preload=preload)
            pool = open_pool(plan, worker_options, jobs, options.scheduler)
            stack.callback(pool.close)
            plan = settle(course, plan, reference_of(course, set_name, plan), pool)
            batch = _batch(plan, pool.tier, texts, worker_options)
            store = VerdictStore(course.results_folder() / set_name, plan)
            batch.found = _examine_all(pool, store, batch.texts, force=options.force)
        for receipt, examined in batch.found:
            mistakes = options.known.named(batch.plan, examined.verdicts, examined.forms)
            for student in batch.students[receipt]:
                notice = handed_in[student].notice
                result = result_of(batch.plan, student, examined, receipt, notice)
                result.hand_in = handed_in[student].digest
                result.plan = batch.plan.judging
                result.mistakes = mistakes
                results[student] = result
                if progress is not None:
                    progress(result)
        return GradedNotebook(batch.plan, description(batch.tier), results)


@dataclass
class Batch:
    """The submissions of a notebook, under one plan.

    Attributes:
        plan: the plan, with the way in which each test is judged.
        tier: the kind of sandbox.
        texts: of the submissions, by receipt: equal ones have the same, and are examined once.
        students: who handed each in.
        found: what examining them comes to, by receipt.
    """

    plan: Plan
    tier: Tier
    texts: dict[str, str]
    students: dict[str, list[str]]
    found: Iterable[tuple[str, Examined]] = ()


def _batch(plan: Plan, tier: Tier, texts: dict[str, str], options: WorkerOptions) -> Batch:
    receipts = {student: key_of(plan, text, options, tier) for student, text in texts.items()}
    distinct = {receipts[student]: text for student, text in texts.items()}
    return Batch(plan, tier, distinct, _students_of(receipts))


def _kept_batch(
    course: Course, set_name: str, plan: Plan, texts: dict[str, str], options: WorkerOptions
) -> Batch | None:
    """The submissions if the verdicts of all are kept, else None.

    Then no process has to be started, not even to learn which sandbox this machine allows.
    """
    kept = kept_plan(course, plan)
    if kept is None or options.unsafe != (kept.tier == "unsafe"):
        return None
    refuse_forgeable(kept.plan)
    batch = _batch(kept.plan, kept.tier, texts, options)
    store = VerdictStore(course.results_folder() / set_name, kept.plan)
    found = []
    for receipt in batch.texts:
        examined = store.load(receipt)
        if examined is None:
            return None
        found.append((receipt, examined))
    batch.found = found
    return batch


def together(student: str, parts: dict[str, SubmissionResult]) -> SubmissionResult:
    """The result of a student from those of the notebooks of a set, by their names."""
    if len(parts) == 1:
        return next(iter(parts.values()))
    results = list(parts.values())
    status: SubmissionStatus = "graded"
    if all(part.status == "unreadable" for part in results):
        status = "unreadable"
    elif any(part.status != "graded" for part in results):
        status = "review"
    return SubmissionResult(
        student=student,
        status=status,
        message="; ".join(
            f"{name}: {part.message}" for name, part in parts.items() if part.message
        ),
        score=sum(part.score for part in results),
        max_score=sum(part.max_score for part in results),
        seconds=round(sum(part.seconds for part in results), 4),
        receipt=",".join(part.receipt for part in results if part.receipt),
        hand_in=",".join(part.hand_in for part in results if part.hand_in),
        plan=",".join(part.plan for part in results if part.plan),
        tests=[replace(test, notebook=name) for name, part in parts.items() for test in part.tests],
        notebooks=parts,
    )


def _read_all(
    course: Course, set_name: str, names: list[str], plan: Plan
) -> tuple[dict[str, Submitted], dict[str, SubmissionResult]]:
    """The submissions that can be opened, and the results of the others."""
    opened = {}
    results = {}
    for student in names:
        try:
            opened[student] = read_notebook(course, student, set_name, plan.set_name)
        except UnreadableError as reason:
            results[student] = result_of(plan, student, Examined("unreadable", str(reason)))
        except Exception as error:  # whatever it is, the others are graded
            results[student] = result_of(plan, student, not_judged(plan, error))
    return opened, results


def _jobs(options: GradeOptions, submissions: int) -> int:
    """How many submissions are graded side by side: never more than there are."""
    jobs = options.jobs or _processors()
    return min(jobs, max(1, submissions))


def _processors() -> int:
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:
        raise MachineError("grading needs Linux") from None


def _worker_options(options: GradeOptions, jobs: int, hide: tuple[str, ...]) -> WorkerOptions:
    return WorkerOptions(
        timeout=options.timeout,
        memory_mb=options.memory_mb,
        unsafe=options.unsafe,
        hide=hide,
        pinned=not options.scheduler and jobs <= _processors(),  # then each has one to itself
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
        if examined.is_final:
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
    verdicts = {verdict.grade_id: verdict for verdict in examined.verdicts}
    tests = []
    if examined.status == "graded":
        tests = [test_result(cell, verdicts.get(cell.grade_id)) for cell in plan.graded]
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
        names = f"tests to be looked at: {', '.join(at_fault)}"
        result.message = "; ".join(filter(None, [examined.message, names]))
    result.message = "; ".join(filter(None, [result.message, notice]))
    return result

"""Which mutants of a set's reference solutions get full marks, and which answer fails which test.

Each is judged as a submission is, in the sandbox, among reference solutions of the other exercises.
A mutant meets the tests of its own exercise first, up to the first that fails; if none does, all
others. An answer that the set's author wrote meets every test.
"""

import contextlib
import json
import os
from collections.abc import Callable, Collection, Iterator, Sequence
from concurrent.futures import Future, as_completed
from dataclasses import dataclass
from typing import Protocol

from mlpgrader.assignment.mutants import Mutant, mutants_of
from mlpgrader.assignment.plan import Cell, Plan, file_of
from mlpgrader.course.folders import Course
from mlpgrader.course.sources import plan_of, reference_of
from mlpgrader.errors import UsageError
from mlpgrader.results import JudgedAnswer, Matrix, MutantsResult, Survivor
from mlpgrader.runner.examined import Examined
from mlpgrader.runner.pool import LocalPool, Pool
from mlpgrader.runner.ways import settle
from mlpgrader.runner.worker import WORTH_PRELOADING, WorkerOptions, modules_to_preload

TIMEOUT = 2.0  # CPU seconds: many a mutant never ends, and a reference takes a fraction of it

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class JudgeOptions:
    """How mutants and answers are judged.

    Attributes:
        timeout: CPU seconds for each cell and call; who takes more has failed.
        jobs: how many are judged side by side; the number of cores when None.
        progress: called with the number of those that are judged, and of all.
    """

    timeout: float = TIMEOUT
    jobs: int | None = None
    progress: Progress = lambda done, total: None


AS_USUAL = JudgeOptions()


class Answer(Protocol):
    """An answer that a set's author wrote, as `mlpgrader.variants` reads it.

    Attributes:
        file: where it is written down; it has the name of its exercise (`file_of`).
        how: how it goes about it, or what is wrong with it.
        source: the text of the solution cell.
        fails: the tests that it is meant to fail.
    """

    @property
    def file(self) -> str: ...  # noqa: D102
    @property
    def how(self) -> str: ...  # noqa: D102
    @property
    def source(self) -> str: ...  # noqa: D102
    @property
    def fails(self) -> frozenset[str]: ...  # noqa: D102


@dataclass(frozen=True)
class _Candidate:
    """A mutant with the solution cell that it stands in for."""

    cell: Cell
    mutant: Mutant


def judge_mutants(course: Course, set_name: str, options: JudgeOptions = AS_USUAL) -> MutantsResult:
    """Find the mutants of a set that pass every test.

    Raises:
        UsageError: if the reference solutions do not get full marks themselves.
        MachineError: if there is no sandbox here.
    """
    plan = plan_of(course, set_name)
    candidates = [
        _Candidate(cell, mutant)
        for cell in _solution_cells(plan)
        for mutant in mutants_of(cell.source)
    ]
    with _open_pool(course, plan, options) as pool:
        survivors = _survivors(plan, pool, candidates, options.progress)
    return MutantsResult(set_name, len(candidates), [_survivor(mutant) for mutant in survivors])


def judge_answers(
    course: Course, set_name: str, answers: Sequence[Answer], options: JudgeOptions = AS_USUAL
) -> Matrix:
    """Find the tests that each answer of a set's author fails.

    Raises:
        UsageError: if the reference solutions do not get full marks themselves, or an answer is to
            no exercise.
        MachineError: if there is no sandbox here.
    """
    plan = plan_of(course, set_name)
    cells_by_file(plan, answers)  # before anything is started
    with _open_pool(course, plan, options) as pool:
        judged, _ = judge_in(pool, plan, answers, options.progress)
    tests = {
        cell.grade_id: [plan.tests[number].grade_id for number in sorted(_own_tests(plan, cell))]
        for cell in _solution_cells(plan)
    }
    return Matrix(set_name, tests, judged)


def judge_in(
    pool: Pool, plan: Plan, answers: Sequence[Answer], progress: Progress
) -> tuple[list[JudgedAnswer], list[Examined]]:
    """What each answer fails, judged in a pool that is open, and what examining it came to.

    Raises:
        UsageError: if an answer is to no exercise.
    """
    cells = cells_by_file(plan, answers)
    texts = [_submission(plan, cells[answer.file], answer.source) for answer in answers]
    examined = _examined(pool, texts, progress)
    judged = [
        JudgedAnswer(
            cell=cells[answer.file].grade_id,
            how=answer.how,
            fails=sorted(answer.fails),
            failed=sorted(v.grade_id for v in result.verdicts if v.status != "passed"),
        )
        for answer, result in zip(answers, examined, strict=True)
    ]
    return judged, examined


def cells_by_file(plan: Plan, answers: Sequence[Answer]) -> dict[str, Cell]:
    """The solution cells by the names of the files that have answers to them.

    Raises:
        UsageError: if an answer is to no exercise.
    """
    cells = {file_of(plan.set_name, cell.grade_id): cell for cell in _solution_cells(plan)}
    strangers = sorted({answer.file for answer in answers} - cells.keys())
    if strangers:
        raise UsageError(f"{strangers[0]}: {plan.set_name} has no exercise of that name")
    return cells


@contextlib.contextmanager
def _open_pool(course: Course, plan: Plan, options: JudgeOptions) -> Iterator[Pool]:
    """A pool that has been seen to give the reference solutions full marks."""
    reference = _submission(plan)
    worker_options = WorkerOptions(
        timeout=options.timeout,
        hide=tuple(str(place) for place in course.places()),
        preload=modules_to_preload([reference] * WORTH_PRELOADING),
    )
    jobs = options.jobs or len(os.sched_getaffinity(0))
    with contextlib.closing(LocalPool(plan, worker_options, jobs)) as pool:
        plan = settle(course, plan, reference_of(course, plan.set_name, plan), pool)
        _refuse_failing(plan, pool.submit(reference).result())
        yield pool


def _solution_cells(plan: Plan) -> list[Cell]:
    return [cell for cell in plan.cells if cell.kind == "solution"]


def _own_tests(plan: Plan, cell: Cell) -> frozenset[int]:
    """The numbers of the tests of a solution cell."""
    tests = enumerate(plan.tests)
    return frozenset(number for number, test in tests if test.function == cell.grade_id)


def _submission(plan: Plan, changed: Cell | None = None, source: str = "") -> str:
    """A notebook with the reference solutions, but for one cell that has another text."""
    cells = []
    for cell in _solution_cells(plan):
        text = source if cell is changed else cell.source
        metadata = {"nbgrader": {"grade_id": cell.grade_id}}
        cells.append({"cell_type": "code", "metadata": metadata, "source": text})
    return json.dumps({"cells": cells})


def _examined(pool: Pool, texts: list[str], progress: Progress) -> list[Examined]:
    """What each text comes to."""
    by_key = {str(number): text for number, text in enumerate(texts)}
    found = {}
    for done, (key, examined) in enumerate(pool.examine_all(by_key), 1):
        progress(done, len(texts))
        found[key] = examined
    return [found[key] for key in by_key]


def _refuse_failing(plan: Plan, examined: Examined) -> None:
    failed = [verdict for verdict in examined.verdicts if verdict.status != "passed"]
    if failed:
        first = failed[0]
        raise UsageError(
            f"the reference solutions of {plan.set_name} do not get full marks: "
            f"{first.grade_id}: {first.status} ({first.message})"
        )


def _survivors(
    plan: Plan, pool: Pool, candidates: list[_Candidate], progress: Progress
) -> list[_Candidate]:
    """The mutants that pass every test, in their order."""
    every = frozenset(range(len(plan.tests)))
    first = [(candidate, _own_tests(plan, candidate.cell)) for candidate in candidates]
    left = set(_passing(plan, pool, first, progress))
    rest = [(candidate, every - tests) for candidate, tests in first if candidate in left]
    left = set(_passing(plan, pool, rest, lambda done, total: None))
    return [candidate for candidate in candidates if candidate in left]


def _passing(
    plan: Plan,
    pool: Pool,
    jobs: Collection[tuple[_Candidate, frozenset[int]]],
    progress: Progress,
) -> Iterator[_Candidate]:
    """The mutants that pass the tests that are named for them."""

    def submit(candidate: _Candidate, tests: frozenset[int]) -> Future[Examined]:
        return pool.submit(_submission(plan, candidate.cell, candidate.mutant.source), tests)

    futures = {submit(*job): job for job in jobs}
    again = []
    for done, future in enumerate(as_completed(futures), 1):
        examined = future.result()
        progress(done, len(futures))
        if _passes(examined):
            yield futures[future][0]
        elif examined.retry_alone:
            again.append(futures[future])
    for job in again:
        if _passes(submit(*job).result()):
            yield job[0]


def _passes(examined: Examined) -> bool:
    return all(verdict.status == "passed" for verdict in examined.verdicts)


def _survivor(candidate: _Candidate) -> Survivor:
    mutant = candidate.mutant
    return Survivor(
        cell=candidate.cell.grade_id,
        line=mutant.line,
        scope=mutant.scope,
        before=mutant.before,
        after=mutant.after,
    )

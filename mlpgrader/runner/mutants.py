"""Which mutants of a set's reference solutions get full marks.

Each is judged as a submission is, in the sandbox, among reference solutions of the other exercises:
first by the tests of its own exercise, up to the first that fails; if none does, by all others.
"""

import contextlib
import json
import os
from collections.abc import Callable, Collection, Iterable, Iterator
from concurrent.futures import as_completed
from dataclasses import dataclass

from mlpgrader.assignment.mutants import Mutant, mutants_of
from mlpgrader.assignment.plan import Cell, Plan
from mlpgrader.course.folders import Course, plan_of
from mlpgrader.errors import UsageError
from mlpgrader.results import MutantsResult, Survivor
from mlpgrader.runner.examined import Examined
from mlpgrader.runner.pool import LocalPool, Pool
from mlpgrader.runner.worker import WORTH_PRELOADING, WorkerOptions, modules_to_preload

TIMEOUT = 2.0  # CPU seconds: many a mutant never ends, and a reference takes a fraction of it

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class _Candidate:
    """A mutant with the solution cell that it stands in for."""

    cell: Cell
    mutant: Mutant


def judge_mutants(
    course: Course,
    set_name: str,
    *,
    timeout: float = TIMEOUT,
    jobs: int | None = None,
    progress: Progress = lambda done, total: None,
) -> MutantsResult:
    """Find the mutants of a set that pass every test.

    Args:
        course: the course.
        set_name: the set.
        timeout: CPU seconds for each cell and call; who takes more has failed.
        jobs: mutants judged side by side; the number of cores when None.
        progress: called with the number of mutants that are judged, and of all.

    Raises:
        UsageError: if the reference solutions do not get full marks themselves.
        MachineError: if there is no sandbox here.
    """
    plan = plan_of(course, set_name)
    candidates = [
        _Candidate(cell, mutant)
        for cell in plan.cells
        if cell.kind == "solution"
        for mutant in mutants_of(cell.source)
    ]
    jobs = jobs or len(os.sched_getaffinity(0))
    options = WorkerOptions(
        timeout=timeout,
        hide=tuple(str(place) for place in course.places()),
        preload=modules_to_preload([_submission(plan)] * WORTH_PRELOADING),
    )
    with contextlib.closing(LocalPool(plan, options, jobs)) as pool:
        _refuse_failing(plan, pool.submit(_submission(plan)).result())
        survivors = _survivors(plan, pool, candidates, progress)
    return MutantsResult(set_name, len(candidates), [_survivor(mutant) for mutant in survivors])


def _submission(plan: Plan, candidate: _Candidate | None = None) -> str:
    """A notebook with the reference solutions, but for the cell of a mutant."""
    cells = []
    for cell in plan.cells:
        if cell.kind == "solution":
            source = cell.source
            if candidate is not None and candidate.cell is cell:
                source = candidate.mutant.source
            metadata = {"nbgrader": {"grade_id": cell.grade_id}}
            cells.append({"cell_type": "code", "metadata": metadata, "source": source})
    return json.dumps({"cells": cells})


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
    own = {
        cell.grade_id: frozenset(n for n in every if plan.tests[n].function == cell.grade_id)
        for cell in plan.cells
        if cell.kind == "solution"
    }
    first = [(candidate, own[candidate.cell.grade_id]) for candidate in candidates]
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
    futures = {
        pool.submit(_submission(plan, candidate), tests): (candidate, tests)
        for candidate, tests in jobs
    }
    again = []
    for done, future in enumerate(as_completed(futures), 1):
        candidate, tests = futures[future]
        examined = future.result()
        progress(done, len(futures))
        if _passes(examined.verdicts):
            yield candidate
        elif examined.retry_alone:
            again.append((candidate, tests))
    for candidate, tests in again:
        if _passes(pool.submit(_submission(plan, candidate), tests).result().verdicts):
            yield candidate


def _passes(verdicts: Iterable) -> bool:
    return all(verdict.status == "passed" for verdict in verdicts)


def _survivor(candidate: _Candidate) -> Survivor:
    mutant = candidate.mutant
    return Survivor(
        cell=candidate.cell.grade_id,
        line=mutant.line,
        scope=mutant.scope,
        before=mutant.before,
        after=mutant.after,
    )

"""The way in which each test cell is judged: apart from the student's code, or inside its process.

It is found when a plan is first used: the reference solution and the stub that students get are
examined both ways. Where points agree, a cell is judged apart: nobody can forge it. Where they do
not, or the reference fails apart, it is judged inside, as stock nbgrader judges all. By the
reference alone some cells would come out wrong: those that pass the stub, too, apart.

A cell that the reference fails both ways tests nothing. It is refused when the set is released;
when it is graded nobody fails for it: a person gives its points.

One thing is decided elsewhere: where a set opts in to it (`inside_fallback`), `worker.py` judges a
test inside whose single answer was no plain data.

What was found is kept by the plan's hash in the course's `results/plans/`.
"""

import json
from collections.abc import Mapping
from concurrent.futures import Future
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, NamedTuple, get_args

from mlpgrader.assignment.plan import Cell, Plan
from mlpgrader.assignment.schedule import schedule_of
from mlpgrader.assignment.stub import stub_of
from mlpgrader.course.folders import Course, write
from mlpgrader.errors import UsageError
from mlpgrader.inside.messages import Tier
from mlpgrader.results import TestResult
from mlpgrader.runner.examined import Examined
from mlpgrader.runner.points import test_result
from mlpgrader.runner.pool import Pool
from mlpgrader.runner.store import grading_versions

MOST_PARKED = 80  # processes that one submission can leave behind


@dataclass(frozen=True)
class Trial:
    """What a test cell made of the reference and of the stub, one way.

    Attributes:
        reference: the result of the reference solution.
        stub: the result of the stub.
    """

    reference: TestResult
    stub: TestResult

    def agrees(self, other: "Trial") -> bool:
        """Whether the points of both are those of another trial, and none is for review."""
        return _same(self.reference, other.reference) and _same(self.stub, other.stub)

    @property
    def tells_them_apart(self) -> bool:
        """Whether the reference passes and the stub does not."""
        return _passes(self.reference) and not _passes(self.stub)


class KeptPlan(NamedTuple):
    """A settled plan, and the kind of sandbox in which it was last used."""

    plan: Plan
    tier: Tier


def settle(course: Course, plan: Plan, source: str, pool: Pool) -> Plan:
    """The plan with the way in which each of its tests is judged.

    Args:
        course: where that is kept.
        plan: the plan of a notebook.
        source: the text of its source, the reference.
        pool: where it is to be examined; it examines by the settled plan from now on.

    Raises:
        UsageError: if a setup cell does not run here, or the set demands what cannot be.
    """
    kept = kept_plan(course, plan)
    settled = kept.plan if kept else _found(plan, source, pool)
    if kept is None or kept.tier != pool.tier:
        write(_file(course, plan), json.dumps(_to_json(settled, pool.tier)))
    pool.plan = settled
    refuse_forgeable(settled)
    return settled


def _file(course: Course, plan: Plan) -> Path:
    return course.plans_folder() / f"{plan.key}.json"


def refuse_forgeable(plan: Plan) -> None:
    """Raise UsageError where a set wants all tests apart and some cannot be."""
    if plan.settings.apart_only and plan.inside:
        names = ", ".join(test.grade_id for test in plan.tests if test.grade_id in plan.inside)
        raise UsageError(
            f"{plan.set_name} is `apart_only`, and these cells can only be judged inside the "
            f"student's process: {names}"
        )


def kept_plan(course: Course, plan: Plan) -> KeptPlan | None:
    """The settled plan as it was kept; None if it was not, or by another version."""
    try:
        kept = json.loads(_file(course, plan).read_text(encoding="utf-8"))
        if kept["versions"] != grading_versions() or kept["tier"] not in get_args(Tier):
            return None
        names = {test.grade_id for test in plan.tests}
        inside = frozenset(kept["inside"]) & names
        refused = {str(name): str(why) for name, why in kept["refused"].items() if name in names}
        settled = replace(plan, inside=inside, refused=refused, is_settled=True)
        return KeptPlan(settled, kept["tier"])
    except (OSError, ValueError, LookupError, TypeError, AttributeError):
        return None


def _to_json(plan: Plan, tier: Tier) -> dict[str, Any]:
    return {
        "versions": grading_versions(),
        "tier": tier,
        "inside": sorted(plan.inside),
        "refused": dict(plan.refused),
    }


def _found(plan: Plan, source: str, pool: Pool) -> Plan:
    if not plan.tests:
        return replace(plan, is_settled=True)
    apart = replace(plan, is_settled=False)
    every = frozenset(test.grade_id for test in plan.tests)
    inside = replace(apart, inside=every)
    texts = [source, stub_of(source, plan.settings)]
    variants = [apart, inside]
    if _count_parked(inside, source) > MOST_PARKED:
        variants = [apart]
    futures = [_submitted(pool, variant, text) for variant in variants for text in texts]
    examined = [future.result() for future in futures]
    trials_apart = _trials(plan, *examined[:2])
    trials_inside = _trials(plan, *examined[2:]) if len(variants) > 1 else {}
    settled = _decided(plan, trials_apart, trials_inside)
    fault = examined[0].setup_fault
    if fault and (len(settled.refused) == len(plan.tests) or _setup_stopped(plan, examined[0])):
        raise UsageError(fault)
    return settled


def _setup_stopped(plan: Plan, examined: Examined) -> bool:
    """Whether a setup cell stopped in the student's process, too."""
    outputs = [examined.outputs.get(cell.grade_id, []) for cell in plan.setup]
    return any(output.get("output_type") == "error" for cell in outputs for output in cell)


def _count_parked(plan: Plan, text: str) -> int:
    return sum(step.kind == "park" for step in schedule_of(plan, text).steps)


def _submitted(pool: Pool, plan: Plan, text: str) -> Future[Examined]:
    pool.plan = plan
    return pool.submit(text)


def _trials(plan: Plan, reference: Examined, stub: Examined) -> dict[str, Trial]:
    return {
        cell.grade_id: Trial(test_result(cell, good), test_result(cell, bad))
        for cell, good, bad in zip(plan.tests, reference.verdicts, stub.verdicts, strict=True)
    }


def _decided(plan: Plan, apart: Mapping[str, Trial], inside: Mapping[str, Trial]) -> Plan:
    forgeable = set()
    refused = {}
    for cell in plan.tests:
        name = cell.grade_id
        if not _passes_somehow(apart[name], inside.get(name)):
            refused[name] = _why(cell, apart[name], inside.get(name))
        elif not _is_apart(apart[name], inside.get(name)):
            forgeable.add(name)
    return replace(plan, inside=frozenset(forgeable), refused=refused, is_settled=True)


def _is_apart(apart: Trial, inside: Trial | None) -> bool:
    if inside is None or not _passes(inside.reference):
        return _passes(apart.reference)
    return _passes(apart.reference) and apart.agrees(inside)


def _passes_somehow(apart: Trial, inside: Trial | None) -> bool:
    """Whether the reference passes inside, or apart in a way that the stub does not."""
    if inside is not None and _passes(inside.reference):
        return True
    if inside is None:
        return _passes(apart.reference)
    return apart.tells_them_apart


def _passes(result: TestResult) -> bool:
    return result.status in ("passed", "partial")


def _same(one: TestResult, other: TestResult) -> bool:
    if "error" in (one.status, other.status):
        return False
    return one.points == other.points and _passes(one) == _passes(other)


def _why(cell: Cell, apart: Trial, inside: Trial | None) -> str:
    result = inside.reference if inside is not None else apart.reference
    return f"the reference solution fails the test cell {cell.grade_id} ({result.message})"

"""The plans of a set, with the way in which each test is judged."""

import contextlib

from mlpgrader.assignment.plan import Plan
from mlpgrader.course.folders import Course
from mlpgrader.course.sources import plans_of, reference_of
from mlpgrader.errors import UsageError
from mlpgrader.runner.pool import LocalPool
from mlpgrader.runner.ways import settle
from mlpgrader.runner.worker import WorkerOptions


def settled_plans(course: Course, set_name: str) -> list[Plan]:
    """The plans of a set, with the way in which each test is judged."""
    found = []
    for plan in plans_of(course, set_name):
        with contextlib.closing(LocalPool(plan, WorkerOptions())) as pool:
            found.append(settle(course, plan, reference_of(course, set_name, plan), pool))
    return found


def refuse_failing(plan: Plan) -> None:
    """Raise UsageError where the reference solution fails a test: it is not to be released."""
    if plan.refused:
        faults = "; ".join(plan.refused.values())
        raise UsageError(f"{plan.set_name} is not fit to be released: {faults}")

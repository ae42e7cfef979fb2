"""Named mistakes: what is known of a set's wrong answers, found once and kept.

The wrong answers of `variants/<set>/` are judged as submissions are, when a set is proved or first
graded. How each fails is kept in the course's `results/plans/`, by a hash of the set, of the
answers and of the grader; whoever grades compares with that (`runner/known.py`).

A course says in its nbgrader_config.py where mistakes are named, everywhere if it says nothing:
``c.Mlpgrader.name_mistakes = ["activations"]``, or `False`.
"""

import contextlib
import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mlpgrader.assignment.plan import Plan
from mlpgrader.course.folders import Course, hash_of_files, write
from mlpgrader.course.sources import names_mistakes, plans_of, reference_of
from mlpgrader.results import JudgedAnswer
from mlpgrader.runner.examined import Examined
from mlpgrader.runner.known import (
    NOTHING_KNOWN,
    Failure,
    KnownMistake,
    KnownMistakes,
    failures_of,
    form_of,
)
from mlpgrader.runner.mutants import Progress, judge_in
from mlpgrader.runner.pool import LocalPool
from mlpgrader.runner.store import grading_versions
from mlpgrader.runner.ways import settle
from mlpgrader.runner.worker import WorkerOptions
from mlpgrader.variants import Variant, files_of, read_variants


@dataclass(frozen=True)
class NamingOptions:
    """How wrong answers are judged where that is not done yet.

    Attributes:
        jobs: how many are judged side by side; the number of cores when None.
        unsafe: without a sandbox: they are the instructor's own.
        progress: called with the number of those that are judged, and of all.
    """

    jobs: int | None = None
    unsafe: bool = False
    progress: Progress = lambda done, total: None


AS_USUAL = NamingOptions()


def known_mistakes(
    course: Course, set_name: str, options: NamingOptions = AS_USUAL
) -> KnownMistakes:
    """The known mistakes of a set: none if it has no answers, or they are switched off for it.

    Raises:
        UsageError: if the set is at fault, or a file of its answers.
        MachineError: if nothing can be run here.
    """
    if not names_mistakes(course, set_name):
        return NOTHING_KNOWN
    folder = course.root / "variants" / set_name
    if not files_of(folder):
        return NOTHING_KNOWN
    plans = plans_of(course, set_name)
    if len(plans) != 1:  # files are named by cells of one notebook
        return NOTHING_KNOWN
    kept = _kept(course, plans[0], folder)
    return kept if kept is not None else _found(course, set_name, plans[0], folder, options)


def _found(
    course: Course, set_name: str, plan: Plan, folder: Path, options: NamingOptions
) -> KnownMistakes:
    """Judge the answers of a folder, and keep what is found."""
    settled, answers, judged, examined = judge(course, set_name, plan, folder, options)
    return keep_mistakes(course, folder, settled, answers, judged, examined)


def judge(
    course: Course, set_name: str, plan: Plan, folder: Path, options: NamingOptions = AS_USUAL
) -> tuple[Plan, list[Variant], list[JudgedAnswer], list[Examined]]:
    """The settled plan, the answers of a folder, what each fails, and what came of it."""
    answers = read_variants(folder)
    hide = tuple(str(place) for place in course.places())
    jobs = options.jobs or len(os.sched_getaffinity(0))
    with contextlib.closing(
        LocalPool(plan, WorkerOptions(unsafe=options.unsafe, hide=hide), jobs)
    ) as pool:
        plan = settle(course, plan, reference_of(course, set_name, plan), pool)
        return plan, answers, *judge_in(pool, plan, answers, options.progress)


def keep_mistakes(
    course: Course,
    folder: Path,
    plan: Plan,
    answers: Sequence[Variant],
    judged: Sequence[JudgedAnswer],
    examined: Sequence[Examined],
) -> KnownMistakes:
    """Keep how the wrong answers of a folder fail.

    Args:
        course: where that is kept.
        folder: where the answers of the set's author lie.
        plan: the settled plan of the set.
        answers: they.
        judged: what each fails.
        examined: what examining each came to.
    """
    known = [
        KnownMistake(
            cell=each.cell,
            mistake=answer.how,
            form=form_of(plan, answer.source),
            failures=failures_of(plan, each.cell, result.verdicts),
            says=answer.says,
            read=answer.read,
        )
        for answer, each, result in zip(answers, judged, examined, strict=True)
        if answer.fails
    ]
    content = {"made-by": _made_by(folder), "mistakes": [_to_json(each) for each in known]}
    write(_file(course, plan), json.dumps(content))
    return KnownMistakes.of(known)


def _file(course: Course, plan: Plan) -> Path:
    return course.plans_folder() / f"{plan.key}-mistakes.json"


def _made_by(folder: Path) -> list[str]:
    """What the known mistakes depend on beside the plan."""
    return [hash_of_files(files_of(folder)), *grading_versions()]


def _kept(course: Course, plan: Plan, folder: Path) -> KnownMistakes | None:
    """The known mistakes as they were kept; None if they were not, or of other answers."""
    try:
        kept = json.loads(_file(course, plan).read_text(encoding="utf-8"))
        if kept["made-by"] != _made_by(folder):
            return None
        return KnownMistakes.of(map(_from_json, kept["mistakes"]))
    except (OSError, ValueError, LookupError, TypeError, AttributeError):
        return None


def _to_json(mistake: KnownMistake) -> dict[str, Any]:
    failures = {test: vars(failure) for test, failure in mistake.failures.items()}
    return {**vars(mistake), "failures": failures}


def _from_json(fields: dict[str, Any]) -> KnownMistake:
    failures = {test: Failure(**failure) for test, failure in fields["failures"].items()}
    return KnownMistake(**{**fields, "failures": failures})

"""Named mistakes: what is known of a set's wrong answers, found once and kept.

`verify` judges the wrong answers of `variants/<set>/` as submissions are, and keeps how each fails;
until then, their texts alone are known, since a class should not wait for them. Both are kept in
the course's `results/plans/`, by a hash of the set, of the answers and of the grader; whoever
grades compares with that (`runner/known.py`).

A course says in its nbgrader_config.py where mistakes are named, everywhere if it says nothing:
``c.Mlpgrader.name_mistakes = ["activations"]``, or `False`.
"""

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from mlpgrader.assignment.plan import Plan
from mlpgrader.course.folders import Course, hash_of_files, write
from mlpgrader.course.sources import names_mistakes, plans_of
from mlpgrader.errors import UsageError
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
from mlpgrader.runner.mutants import cells_by_file
from mlpgrader.runner.store import grading_versions
from mlpgrader.variants import Variant, files_of, read_variants


def known_mistakes(course: Course, set_name: str, say: Callable[[str], None]) -> KnownMistakes:
    """The known mistakes of a set: none if it has no answers, or they are switched off for it.

    Args:
        course: the course.
        set_name: the set.
        say: told why none can be named, where a file of answers is at fault.
    """
    try:
        return _known_mistakes(course, set_name)
    except UsageError as error:
        say(f"no mistakes are named: {error}")
        return NOTHING_KNOWN


def _known_mistakes(course: Course, set_name: str) -> KnownMistakes:
    if not names_mistakes(course, set_name):
        return NOTHING_KNOWN
    folder = course.root / "variants" / set_name
    if not files_of(folder):
        return NOTHING_KNOWN
    plans = plans_of(course, set_name)
    if len(plans) != 1:  # files are named by cells of one notebook
        return NOTHING_KNOWN
    kept = _kept(course, plans[0], folder)
    return kept if kept is not None else keep_texts(course, folder, plans[0])


def keep_texts(course: Course, folder: Path, plan: Plan) -> KnownMistakes:
    """Keep the texts of the wrong answers of a folder."""
    answers = read_variants(folder)
    cells = cells_by_file(plan, answers)
    return _keep(
        course,
        folder,
        plan,
        [
            _known(plan, answer, cells[answer.file].grade_id, failures={})
            for answer in answers
            if answer.fails
        ],
    )


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
        _known(plan, answer, each.cell, failures_of(plan, each.cell, result.verdicts))
        for answer, each, result in zip(answers, judged, examined, strict=True)
        if answer.fails
    ]
    return _keep(course, folder, plan, known)


def _known(plan: Plan, answer: Variant, cell: str, failures: dict[str, Failure]) -> KnownMistake:
    return KnownMistake(
        cell=cell,
        mistake=answer.how,
        form=form_of(plan, answer.source),
        failures=failures,
        says=answer.says,
        read=answer.read,
    )


def _keep(course: Course, folder: Path, plan: Plan, known: Sequence[KnownMistake]) -> KnownMistakes:
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

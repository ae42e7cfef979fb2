"""Mistakes that are known: what a failing function has in common with a wrong answer of the author.

A function that fails is a known mistake if its cell has the same normal form as a wrong answer, or
if it failed the same tests in the same way after the same answers to the same calls, compared with
a tolerance as tests do. The second is said only where these answers hold enough numbers that no
chance explains them: two functions that return False, or raise, have nothing in common yet. Where
two known mistakes fit, no test can tell them apart; words are shown if both have the same.

No wrong answer of the author's is in any process of a student's. What is compared are texts, and
outlines that the checker left of answers (`inside/checker/answers.py`).
"""

import hashlib
import math
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mlpgrader.assignment.normal_form import normal_form
from mlpgrader.assignment.plan import Plan
from mlpgrader.assignment.submission import submitted_cells
from mlpgrader.inside.messages import UNSEEN, Status, Verdict
from mlpgrader.results import NamedMistake

FAILED: tuple[Status, ...] = ("failed", "timeout", "limit", "crashed")
ENOUGH = 4  # of what numbers weigh before equal answers are no matter of chance
RICH, PLAIN = 2, 1  # what a number weighs, by whether many a formula gives it
TOLERANCE = 1e-6  # relative, of numbers in float64
COARSE = 1e-5  # and in lower precision
SMALL = 1e-9  # absolute
SMALL_SHARE = 0.1  # of what the largest numbers of an answer may differ by, the smallest may
COARSE_DTYPES = ("float32", "float16", "bfloat16", "complex64")


@dataclass(frozen=True)
class Failure:
    """How a test failed.

    Attributes:
        reason: of the verdict.
        is_hidden: whether in a part that students do not see.
        answers: outlines of the answers that led to it.
    """

    reason: str
    is_hidden: bool
    answers: Sequence[Any]

    def is_like(self, other: "Failure") -> bool:
        """Whether another failure is the same, rounding aside."""
        if (self.reason, self.is_hidden) != (other.reason, other.is_hidden):
            return False
        return _alike(self.answers, other.answers, _is_same_answer)


@dataclass(frozen=True)
class KnownMistake:
    """A wrong answer of the author, and how it fails.

    Attributes:
        cell: the `grade_id` of the solution cell that it answers.
        mistake: what is wrong with it, for instructors.
        form: a hash of its normal form.
        failures: how it fails each test; none where one ended otherwise than by a verdict on
            answers, so that the form alone is compared.
        says: what is wrong, for students; "" if they are not told.
        read: the title of the section to read.
    """

    cell: str
    mistake: str
    form: str
    failures: Mapping[str, Failure]
    says: str = ""
    read: str = ""


@dataclass(frozen=True)
class KnownMistakes:
    """The known mistakes of a set.

    Attributes:
        by_cell: in the author's order, by the `grade_id` of the solution cell.
    """

    by_cell: Mapping[str, Sequence[KnownMistake]]

    @classmethod
    def of(cls, mistakes: Iterable[KnownMistake]) -> "KnownMistakes":
        """The known mistakes in a row."""
        by_cell: dict[str, list[KnownMistake]] = {}
        for mistake in mistakes:
            by_cell.setdefault(mistake.cell, []).append(mistake)
        return cls(by_cell)

    def named(
        self, plan: Plan, verdicts: Collection[Verdict], forms: Mapping[str, str]
    ) -> list[NamedMistake]:
        """The mistakes of a submission that are known, in the order of the set.

        Args:
            plan: what the set asks.
            verdicts: those of its tests.
            forms: of each solution cell that failed, a hash of its normal form.
        """
        failing = failing_cells(plan, verdicts)
        found = (self._named(plan, cell, verdicts, forms.get(cell, "")) for cell in failing)
        return [mistake for mistake in found if mistake is not None]

    def _named(
        self, plan: Plan, cell: str, verdicts: Collection[Verdict], form: str
    ) -> NamedMistake | None:
        known = self.by_cell.get(cell, ())
        same = [mistake for mistake in known if form and mistake.form == form]
        if not same:
            failures = failures_of(plan, cell, verdicts)
            same = [mistake for mistake in known if is_same_mistake(failures, mistake)]
        if not same:
            return None
        words = {(mistake.says, mistake.read) for mistake in same}
        says, read = words.pop() if len(words) == 1 else ("", "")
        return NamedMistake(cell, same[0].mistake, says, read)


NOTHING_KNOWN = KnownMistakes({})


def failing_cells(plan: Plan, verdicts: Collection[Verdict]) -> list[str]:
    """The solution cells of which a test failed."""
    failed = {verdict.grade_id for verdict in verdicts if verdict.status in FAILED}
    return list(dict.fromkeys(test.function for test in plan.tests if test.grade_id in failed))


def failures_of(plan: Plan, cell: str, verdicts: Collection[Verdict]) -> dict[str, Failure]:
    """How a solution cell fails its tests, as far as answers say so; else nothing."""
    own = {test.grade_id for test in plan.tests if test.function == cell}
    failed = [v for v in verdicts if v.grade_id in own and v.status != "passed"]
    if any(v.status != "failed" or v.judged != "apart" for v in failed):
        return {}
    return {v.grade_id: Failure(v.reason or "", UNSEEN in v.message, v.answers) for v in failed}


def forms_of(plan: Plan, text: str, cells: Collection[str]) -> dict[str, str]:
    """For some solution cells of a submission a hash of the normal form; none without one.

    Args:
        plan: what the set asks.
        text: the submission.
        cells: the `grade_id` of each.
    """
    if not cells:
        return {}
    texts = {cell.grade_id: cell.text for cell in submitted_cells(plan, text)}
    forms = {cell: form_of(plan, texts.get(cell, "")) for cell in cells}
    return {cell: form for cell, form in forms.items() if form}


def form_of(plan: Plan, source: str) -> str:
    """A hash of the normal form of a solution cell; "" if it has none."""
    form = normal_form(source, frozenset(plan.names))
    return hashlib.sha256(form.encode()).hexdigest()[:32] if form else ""


# --- the same answers ------------------------------------------------------------------------


def is_same_mistake(failures: Mapping[str, Failure], known: KnownMistake) -> bool:
    """Whether a function fails as a known mistake does, and not by chance."""
    if not failures or failures.keys() != known.failures.keys():
        return False
    if not all(failure.is_like(known.failures[test]) for test, failure in failures.items()):
        return False
    return _weight(failures.values()) >= ENOUGH


def _weight(failures: Iterable[Failure]) -> int:
    """How much the last answers say: each number that is not 0 or 1 once."""
    last = [failure.answers[0] for failure in failures if failure.answers]
    numbers = {float(f"{n:.6g}") for answer in last for part in answer for n in _telling(part)}
    return sum(RICH if _is_rich(number) else PLAIN for number in numbers)


def _telling(part: Sequence[Any]) -> Iterator[float]:
    _, numbers, _, _ = part
    return (abs(n) for n in numbers if math.isfinite(n) and abs(n) not in (0.0, 1.0))


def _is_rich(number: float) -> bool:
    return float(f"{number:.3g}") != number


def _alike(one: Sequence[Any], other: Sequence[Any], is_same: Any) -> bool:
    return len(one) == len(other) and all(map(is_same, one, other))


def _is_same_answer(one: Sequence[Any], other: Sequence[Any]) -> bool:
    return _alike(one, other, _is_same_part)


def _is_same_part(one: Sequence[Any], other: Sequence[Any]) -> bool:
    """Whether two parts of answers are of one kind and close."""
    kind, numbers, sums, size = one
    if kind != other[0]:
        return False
    rtol = COARSE if kind.startswith(COARSE_DTYPES) else TOLERANCE
    atol = SMALL + rtol * SMALL_SHARE * size
    are_close = all(_is_close(a, b, rtol, atol) for a, b in zip(numbers, other[1], strict=True))
    return are_close and all(
        _is_close(a, b, 0.0, SMALL + rtol * size) for a, b in zip(sums, other[2], strict=True)
    )


def _is_close(one: float, other: float, rtol: float, atol: float) -> bool:
    if math.isnan(one) or math.isnan(other):
        return math.isnan(one) and math.isnan(other)
    return math.isclose(one, other, rel_tol=rtol, abs_tol=atol)

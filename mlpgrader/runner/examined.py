"""What examining the text of a submission comes to, whoever handed it in.

Workers hand it back, the store keeps it as JSON; with a student's name it becomes a row of the
results (`grade.result_of`).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal, get_args

from mlpgrader.assignment.plan import Plan
from mlpgrader.inside.messages import Reason, Status, Verdict

TextStatus = Literal["graded", "unreadable"]
MOST_REASON = 300  # characters


@dataclass(frozen=True)
class Examined:
    """What examining a text came to.

    Attributes:
        status: whether it is a notebook that could be graded.
        message: why it could not be read.
        verdicts: one for each test of the plan, in order; none if it could not be read.
        outputs: what each cell printed and showed, by its key.
        seconds: how long it took.
        setup_fault: which setup cell did not run, where that was still to be found out.
        is_final: whether another try with the same text would end the same.
        forms: of each solution cell that failed, a hash of its normal form.
    """

    status: TextStatus
    message: str = ""
    verdicts: list[Verdict] = field(default_factory=list)
    outputs: dict[str, list[Any]] = field(default_factory=dict)
    seconds: float = 0.0
    setup_fault: str = ""
    is_final: bool = True
    forms: dict[str, str] = field(default_factory=dict)

    @property
    def retry_alone(self) -> bool:
        """Whether a second try, when no first ones are under way, might end better."""
        return any(verdict.retry for verdict in self.verdicts)

    @property
    def unanswered(self) -> frozenset[int]:
        """The numbers of the tests of which a second try might be answered."""
        return frozenset(verdict.test for verdict in self.verdicts if verdict.retry)

    def improved_by(self, again: "Examined") -> "Examined":
        """This, with the points of tests that got no answer, and passed in a second try.

        All that people read stays as it was: the second try's process may have seen, in what the
        machine keeps of files, what the first one was asked.
        """
        passed = {
            verdict.test: verdict
            for verdict in again.verdicts
            if verdict.test in self.unanswered and verdict.status == "passed"
        }
        verdicts = [passed.get(verdict.test, verdict) for verdict in self.verdicts]
        return replace(self, verdicts=verdicts, seconds=self.seconds + again.seconds)

    def answers(self, plan: Plan) -> bool:
        """Whether it says of each test of a plan how it ended, or that nothing could be read."""
        if self.status == "unreadable":
            return not self.verdicts
        names = [verdict.grade_id for verdict in self.verdicts]
        return names == [test.grade_id for test in plan.tests]

    def to_json(self) -> dict[str, Any]:
        """It as data for JSON."""
        return {**vars(self), "verdicts": [vars(verdict) for verdict in self.verdicts]}

    @classmethod
    def from_json(cls, data: Any) -> "Examined":
        """What `to_json` gave.

        Raises:
            ValueError: if it is anything else, such as the form of an older version.
        """
        try:
            verdicts = [Verdict(**fields) for fields in data["verdicts"]]
            examined = replace(cls(**data), verdicts=verdicts)
        except (LookupError, TypeError) as error:
            raise ValueError(f"an unknown form: {error!r}") from None
        if not examined._is_sound():
            raise ValueError("an unknown form")
        return examined

    def _is_sound(self) -> bool:
        """Whether all fields that somebody relies on have their types."""
        return (
            self.status in get_args(TextStatus)
            and isinstance(self.message, str)
            and isinstance(self.outputs, Mapping)
            and isinstance(self.forms, Mapping)
            and isinstance(self.seconds, int | float)
            and all(map(_is_sound_verdict, self.verdicts))
        )


def not_judged(plan: Plan, error: Exception) -> Examined:
    """What stands for a submission that the grader could not read or judge: a person looks at it.

    Whatever is in one submission, the others are graded.
    """
    reason = " ".join(f"not judged, {type(error).__name__}: {error}".split())[:MOST_REASON]
    verdicts = [
        Verdict(
            number, test.grade_id, "error", None, "the grader failed: a person gives the points"
        )
        for number, test in enumerate(plan.tests)
    ]
    return Examined("graded", reason, verdicts, is_final=False)


def _is_sound_verdict(verdict: Verdict) -> bool:
    return (
        verdict.status in get_args(Status)
        and verdict.reason in (None, *get_args(Reason))
        and isinstance(verdict.message, str)
    )

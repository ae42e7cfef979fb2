"""What a run leaves in the course's results/ folder: verdicts, and a summary of each set.

The verdicts of each distinct submission lie in a file named by a hash of all that they depend on,
written in one step. So a run that was stopped resumes, and a changed test or submission is graded
again by itself. The same hash is the receipt of a submission.
"""

import contextlib
import functools
import hashlib
import json
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

import mlpgrader
from mlpgrader.assignment.plan import Plan
from mlpgrader.course.folders import Course, hash_of_files, write
from mlpgrader.errors import UsageError
from mlpgrader.inside.messages import Tier
from mlpgrader.results import NamedMistake, SetResult, SubmissionResult, TestResult
from mlpgrader.runner.examined import Examined
from mlpgrader.runner.worker import WorkerOptions

PACKAGES = Path(mlpgrader.__file__).parents[1]
LIBRARIES = ("torch", "numpy", "ipython")


class VerdictStore:
    """The kept verdicts of a set, by key."""

    def __init__(self, folder: Path, plan: Plan):
        self.folder = folder
        self.plan = plan

    def load(self, key: str) -> Examined | None:
        """What is kept under a key; None if there is nothing that can be used."""
        with contextlib.suppress(OSError, ValueError, RecursionError):
            text = self._file(key).read_text(encoding="utf-8")
            examined = Examined.from_json(json.loads(text))
            if examined.answers(self.plan):
                return examined
        return None

    def save(self, key: str, examined: Examined) -> None:
        """Keep what examining a submission came to."""
        write(self._file(key), json.dumps(examined.to_json()))

    def _file(self, key: str) -> Path:
        return self.folder / f"{key}.json"


def key_of(plan: Plan, text: str, options: WorkerOptions, tier: Tier) -> str:
    """A hash of all that verdicts depend on: plan, submission, limits, sandbox and versions."""
    limits = [options.timeout, options.memory_mb]
    content = [plan.judging, text, *limits, tier, grading_versions()]
    return hashlib.sha256(json.dumps(content).encode()).hexdigest()


@functools.cache
def grading_versions() -> list[str]:
    """What grades: a hash of the grader's code, and the versions of libraries."""
    code = hash_of_files(grading_code(PACKAGES))
    return [code, *map(version, LIBRARIES)]


def named_versions() -> dict[str, str]:
    """The same by name, as people compare them; of our code the beginning of the hash."""
    code, *versions = grading_versions()
    return {"mlpgrader": code[:12], **dict(zip(LIBRARIES, versions, strict=True))}


def grading_code(packages: Path) -> list[Path]:
    """The files of ours on which a verdict may depend: the whole grader, and the tests' checks.

    Args:
        packages: the folder that holds `mlpgrader` and `mlpkit`.
    """
    grader = sorted((packages / "mlpgrader").rglob("*.py"))
    checks = sorted((packages / "mlpkit" / "checks").rglob("*.py"))
    return [*grader, *checks]


def summary_file(course: Course, set_name: str) -> Path:
    """Where the last results of a set are kept."""
    return course.results_folder() / f"{set_name}.json"


def save_summary(course: Course | Path, result: SetResult) -> None:
    """Keep the results of a set; those of students who are not among them stay as they were."""
    course = Course.open(course)
    rows = {row.student: row for row in result.submissions}
    with contextlib.suppress(UsageError):
        rows = {row.student: row for row in load_summary(course, result.set).submissions} | rows
    everyone = replace(result, submissions=[rows[student] for student in sorted(rows)])
    write(summary_file(course, result.set), _as_text(everyone.to_json()))


def _as_text(summary: dict[str, Any]) -> str:
    """The JSON of a summary, a line for each submission: Python is slow at more of them."""
    head = {name: value for name, value in summary.items() if name != "submissions"}
    rows = (json.dumps(row, ensure_ascii=False) for row in summary["submissions"])
    text = json.dumps(head, ensure_ascii=False).removesuffix("}")
    return f'{text}, "submissions": [\n' + ",\n".join(rows) + "\n]}\n"


def load_summary(course: Course | Path, set_name: str) -> SetResult:
    """The kept results of a set, without what its cells printed.

    Raises:
        UsageError: if there are none.
    """
    path = summary_file(Course.open(course), set_name)
    try:
        return _set_result(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
        advice = f"run `mlpgrader grade {set_name}` first"
        raise UsageError(f"{set_name} is not graded yet: {advice}") from error


def _set_result(data: dict[str, Any]) -> SetResult:
    return SetResult(
        set=data["set"],
        max_score=data["max_score"],
        sandbox=data["sandbox"],
        forgeable_points=data.get("forgeable_points", 0.0),
        versions=data.get("versions", {}),
        submissions=[_submission_result(row) for row in data["submissions"]],
    )


def _submission_result(row: dict[str, Any]) -> SubmissionResult:
    tests = [TestResult(**test) for test in row["tests"]]
    mistakes = [NamedMistake(**mistake) for mistake in row.get("mistakes", [])]
    return SubmissionResult(**{**row, "tests": tests, "mistakes": mistakes})

"""What a graded set comes to: the JSON object, its file, and the table for the terminal."""

import json
from collections import Counter
from pathlib import Path

from rich.markup import escape
from rich.table import Table

from mlpgrader.clean import plain
from mlpgrader.course.folders import write
from mlpgrader.errors import UsageError

MOST_FAILED = 5


def number(value: float) -> str:
    """Points without needless zeros.

    Example:
        >>> number(2.0), number(0.5)
        ('2', '0.5')
    """
    return f"{value:.2f}".rstrip("0").rstrip(".")


def summary_file(course: Path, name: str) -> Path:
    """Where the last results of a set are kept."""
    return Path(course) / "results" / f"{name}.json"


def save(course: Path, result) -> dict:
    """Keep the results of a set for feedback and exports."""
    data = result.to_json()
    write(summary_file(course, result.set), json.dumps(data, ensure_ascii=False, indent=1))
    return data


def load(course: Path, name: str) -> dict:
    """The kept results of a set."""
    try:
        return json.loads(summary_file(course, name).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise UsageError(f"{name} is not graded yet: run `mlpgrader grade {name}` first") from error


def table(data: dict) -> Table:
    """Students with their scores, how late they are, and what went wrong."""
    made = Table(title=f"{data['set']}: {len(data['submissions'])} submissions")
    made.add_column("student", no_wrap=True, overflow="ellipsis", max_width=40)
    for column in ("score", "late"):
        made.add_column(column, justify="right", no_wrap=True)
    made.add_column("status")
    for each in data["submissions"]:
        score = f"{number(each['score'])} / {number(each['max_score'])}"
        late = f"{each['late_seconds']:.0f} s" if each["late_seconds"] else ""
        made.add_row(escape(plain(each["student"])), score, late, escape(status(each)))
    return made


def status(submission: dict) -> str:
    """The state of a submission in words: graded, or why not, and what its tests met."""
    if submission["status"] == "unreadable":
        return f"not graded: {plain(submission['message'])}"
    met = Counter(test["status"] for test in submission["tests"])
    odd = [f"{met[kind]} {kind}" for kind in ("timeout", "limit", "crashed", "error") if met[kind]]
    return ", ".join([submission["status"], *odd, *filter(None, [plain(submission["message"])])])


def most_failed(data: dict) -> Table | None:
    """The tests that most students failed, if any were failed."""
    tests = [test for each in data["submissions"] for test in each["tests"]]
    failed = Counter(test["grade_id"] for test in tests if test["status"] != "passed")
    if not failed:
        return None
    made = Table(title="failed most often")
    made.add_column("test")
    made.add_column("students", justify="right")
    for name, count in failed.most_common(MOST_FAILED):
        made.add_row(escape(plain(name)), str(count))
    return made

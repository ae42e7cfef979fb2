"""Stock nbgrader on a course folder, to compare with: `nbgrader autograde` without our code.

It takes seconds for each submission. What it makes of the same files with the same versions is the
same, so `recall` keeps it in `_build/stock/` and runs it again only where one of them changed, as
the book does with its pages.
"""

import hashlib
import json
import os
import platform
import shutil
import subprocess
import sys
import time
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path

from mlpgrader.course.marks import stored_marks
from tests.support.course import CONFIG
from tests.support.variants import ROOT

KEPT = ROOT / "_build" / "stock"
VERSIONS = ("nbgrader", "nbclient", "nbconvert", "ipykernel", "ipython", "torch", "numpy")


@dataclass
class Stock:
    """What stock nbgrader made of a set.

    Attributes:
        points: of each student who was graded, the points by `grade_id`.
        dropped: students that nbgrader lost: they have no autograded notebook.
        seconds: how long `nbgrader autograde` took.
        log: what it wrote to the terminal.
    """

    points: dict[str, dict[str, float]]
    dropped: list[str]
    seconds: float
    log: str


def copy_course(course: Path, folder: Path, set_name: str, *, timeout: int = 15) -> Path:
    """Copy a set's source and submissions to a new course folder with a plain configuration."""
    folder.mkdir(parents=True)
    (folder / "nbgrader_config.py").write_text(f"{CONFIG}c.Execute.timeout = {timeout}\n")
    shutil.copytree(course / "solutions" / set_name, folder / "solutions" / set_name)
    for path in sorted((course / "submitted").glob(f"*/{set_name}")):
        shutil.copytree(path, folder / path.relative_to(course))
    return folder


def nbgrader(course: Path, *words: str, run=subprocess.run) -> subprocess.CompletedProcess:
    """Run an nbgrader command in a course folder, with `subprocess.run` or what does the same."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    return run(
        [sys.executable, "-m", "nbgrader", *words],
        cwd=course,
        env={**os.environ, "PATH": path},
        capture_output=True,
        text=True,
        check=False,
    )


def grade(course: Path, set_name: str, *, run=subprocess.run) -> Stock:
    """Autograde a set that nothing was recorded of yet; `run` runs nbgrader's command."""
    made = nbgrader(course, "generate_assignment", set_name)
    if made.returncode:
        raise RuntimeError(made.stderr)
    start = time.perf_counter()
    done = nbgrader(course, "autograde", set_name, run=run)
    seconds = time.perf_counter() - start
    marks = stored_marks(course, set_name)
    handed_in = sorted(path.parent.name for path in (course / "submitted").glob(f"*/{set_name}"))
    kept = {s for s in handed_in if (course / "autograded" / s / set_name).exists()}
    points = {name: marks[name].points for name in handed_in if name in kept}
    return Stock(points, [name for name in handed_in if name not in kept], seconds, done.stderr)


def recall(course: Path, set_name: str) -> Stock:
    """What stock nbgrader makes of a set, run only where it is not known for just these files."""
    file = KEPT / f"{key_of(course, set_name)}.json"
    if file.exists():
        return Stock(**json.loads(file.read_text(encoding="utf-8")))
    result = grade(course, set_name)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(asdict(result)), encoding="utf-8")
    return result


def key_of(course: Path, set_name: str) -> str:
    """A hash of all that the marks of stock nbgrader depend on."""
    parts = [set_name, platform.python_version(), *map(version, VERSIONS)]
    content = hashlib.sha256(json.dumps(parts).encode())
    files = [path for path in sorted(course.rglob("*")) if path.is_file()]
    for path in [*files, *sorted((ROOT / "mlpkit" / "checks").rglob("*.py"))]:
        name = path.relative_to(course) if path.is_relative_to(course) else path.name
        content.update(f"{name} {path.stat().st_size}\n".encode())
        content.update(path.read_bytes())
    return content.hexdigest()

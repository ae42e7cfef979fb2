"""Otter-Grader on the submissions of a set, where its command is installed; `OTTER` may name it.

It goes into an environment of its own, with the course in it, since tests import `mlpkit`:

    pip install -c constraints.txt otter-grader -e '.[grade]'

Its tests are files of its own form, so each test cell is put into one, word for word. Their results
are its own: what is compared is only how long grading takes.
"""

import json
import os
import shutil
import tempfile
from pathlib import Path

from benchmarks.cost import Cost
from tests.support.variants import ROOT

TEST = """from otter.test_files import test_case

OK_FORMAT = False
name = {name!r}
points = {points}


@test_case(points={points}, hidden=False)
def test_cell(env):
    exec({source!r}, env)
"""


def program() -> str | None:
    """The path of its command, if there is one."""
    return os.environ.get("OTTER") or shutil.which("otter")


def cost_of(command: str, course: Path, set_name: str) -> Cost:
    """What it costs to grade all submissions of a course, one after another."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_tests(set_name, folder / "tests")
        archive = folder / "autograder.zip"
        generate = [command, "generate", "-t", str(folder / "tests"), "-o", str(archive)]
        Cost().run(generate, check=True, capture_output=True)
        cost = Cost()
        run = [command, "run", "--no-logo", "-a", str(archive), "-o", str(folder)]
        for path in sorted(course.glob(f"submitted/*/{set_name}/*.ipynb")):
            cost.run([*run, str(path)], check=True, capture_output=True)
            if not json.loads((folder / "results.json").read_text())["tests"]:
                raise RuntimeError(f"otter judged nothing of {path}")
            (folder / "results.json").unlink()
        return cost


def write_tests(set_name: str, folder: Path) -> None:
    """Put each test cell of a set into a file."""
    folder.mkdir()
    path = ROOT / "solutions" / set_name / f"{set_name}.ipynb"
    for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
        settings = cell["metadata"].get("nbgrader", {})
        if settings.get("grade") and cell["cell_type"] == "code":
            name = settings["grade_id"].replace("-", "_")
            source = "".join(cell["source"])
            text = TEST.format(name=name, points=settings["points"], source=source)
            (folder / f"{name}.py").write_text(text, encoding="utf-8")

"""A course that has nothing of ours in it: the wheel is installed, and the guide's page is typed.

The wheel goes into an environment of its own. The packages that it asks for are those that are
installed here, so that nothing is fetched; pip checks that it asks for no other.
"""

import csv
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

import pytest

from mlpgrader import __file__ as ours
from tests.support.variants import ROOT

pytestmark = pytest.mark.slow

PAGE = ROOT / "book" / "own-course.md"
PARTS = (
    "mlpgrader",
    "mlpkit",
    "exercises",
    "constraints.txt",
    "pyproject.toml",
    "setup.py",
    "README.md",
    "LICENSE",
)
INSTALL = re.compile(r'^pip install "(?P<wheel>mlpkit-[\w.-]+\.whl)\[grade\]"$', re.MULTILINE)


def commands():
    """What the page tells to type, in order."""
    return re.findall(r"^```sh\n(.*?)^```$", PAGE.read_text(), re.MULTILINE | re.DOTALL)


def run(words, **options):
    made = subprocess.run(words, capture_output=True, text=True, check=False, **options)
    assert made.returncode == 0, made.stdout + made.stderr
    return made.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """The wheel, made of a copy so that nothing of an earlier build gets in."""
    folder = tmp_path_factory.mktemp("wheel")
    source = folder / "source"
    source.mkdir()
    skip = shutil.ignore_patterns("__pycache__")
    for path in (ROOT / name for name in PARTS):
        if path.is_dir():
            shutil.copytree(path, source / path.name, ignore=skip)
        else:
            shutil.copy(path, source)
    pip = [sys.executable, "-m", "pip", "wheel", "--no-deps", "--no-build-isolation", "--quiet"]
    run([*pip, "--wheel-dir", str(folder), str(source)])
    [made] = folder.glob("*.whl")
    return made


@pytest.fixture(scope="module")
def programs(wheel, tmp_path_factory):
    """The folder of programs of an environment with the wheel, and nothing of this repository."""
    folder = tmp_path_factory.mktemp("environment")
    venv.create(folder, with_pip=False)
    paths = sysconfig.get_paths(vars={"base": str(folder), "platbase": str(folder)})
    Path(paths["purelib"], "here.pth").write_text(sysconfig.get_paths()["purelib"])
    pip = [sys.executable, "-m", "pip", "--python", str(folder / "bin" / "python"), "install"]
    run([*pip, "--no-index", "--quiet", f"mlpkit[grade] @ {wheel.as_uri()}"], env=outside())
    return folder / "bin"


def outside():
    """The environment of somebody who has no clone of this repository."""
    return {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}


def test_the_page_names_the_wheel_that_is_built(wheel):
    [name] = INSTALL.findall(commands()[0])
    assert name == wheel.name


def test_the_commands_of_the_page_grade_a_course_of_its_own(programs, tmp_path):
    script = INSTALL.sub("python -c 'import mlpgrader; print(mlpgrader.__file__)'", commands()[0])
    assert len(script.strip().splitlines()) == 5
    path = os.pathsep.join([str(programs), str(Path(sys.executable).parent), os.environ["PATH"]])
    env = outside() | {"PATH": path, "COLUMNS": "300"}
    shown = run(["bash", "-ec", script + commands()[1]], cwd=tmp_path, env=env)
    used = shown.splitlines()[0]
    assert used.startswith(str(programs.parent)) and used != ours
    course = tmp_path / "course101"
    assert not [path for path in course.rglob("*") if path.is_file() and is_ours(path)]
    [row] = csv.DictReader((course / "grades.csv").read_text().splitlines())
    assert (row["student"], row["status"], row["score"]) == ("ann", "graded", "0")
    assert float(row["max_score"]) > 10 and "problem1/part1-a" not in row
    pages = sorted(path.name for path in (course / "feedback" / "ann" / "ps1").glob("*.html"))
    assert pages == ["problem1.html", "problem2.html"]


def is_ours(path):
    """Whether a file of a course could only have come from this repository."""
    return path.suffix == ".py" and "mlpgrader" in path.read_text()

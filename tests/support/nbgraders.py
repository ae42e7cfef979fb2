"""nbgrader's own notebooks: those of its quickstart course, and those that its tests are made of.

They are fetched once, with nbgrader's source distribution, into `_build/nbgrader/`.
"""

import hashlib
import json
import re
import shutil
import subprocess
import sys
import tarfile
from importlib.metadata import version
from pathlib import Path

from mlpgrader.course.folders import Course
from mlpgrader.course.release import release
from mlpgrader.errors import UsageError
from tests.support.course import CONFIG
from tests.support.settled import refuse_failing, settled_plans
from tests.support.variants import ROOT

VERSION = version("nbgrader")
KEPT = ROOT / "_build" / "nbgrader"
FOLDERS = {  # with sources; what comes first in a name where two would have the same
    "docs/source/user_guide/source/ps1": "ps1",
    "docs/source/user_guide/source/ps1_autotest": "ps1-autotest",
    "tests/apps/files": "apps",
    "tests/preprocessors/files": "preprocessors",
    "tests/ui-tests/files": "ui",
}
BESIDE = ("tests/apps/files/data.txt", "tests/apps/files/jupyter.png")
TEMPLATES = "tests/apps/files/autotests.yml"
# what was handed in is no source, but for the one that all others are handed in for
IS_HANDED_IN = re.compile(r"submitted-(?!changed)|autotest-\w+-|(preprocessors|ui)-submitted-")
HANDED_IN = {
    "ps1-problem1": ["docs/source/user_guide/submitted/*/ps1/problem1.ipynb"],
    "ps1-problem2": ["docs/source/user_guide/submitted/*/ps1/problem2.ipynb"],
    "apps-autotest-simple": ["tests/apps/files/autotest-simple-*.ipynb"],
    "apps-autotest-hashed": ["tests/apps/files/autotest-hashed-*.ipynb"],
    "apps-autotest-hidden": ["tests/apps/files/autotest-hidden-*.ipynb"],
    "apps-autotest-multi": ["tests/apps/files/autotest-multi-*.ipynb"],
    "apps-submitted-changed": ["tests/*/files/submitted-*.ipynb"],
}
NOTHING, SOLUTION = "nothing written", "the solution"


def fetched() -> Path | None:
    """nbgrader's source distribution, unpacked; None where no package index can be reached."""
    folder = KEPT / f"nbgrader-{VERSION}" / "nbgrader"
    if not folder.is_dir() and not _fetch():
        return None
    return folder


def _fetch() -> bool:
    KEPT.mkdir(parents=True, exist_ok=True)
    words = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", str(KEPT)]
    wanted = ["--no-binary", "nbgrader", f"nbgrader=={VERSION}"]
    made = subprocess.run([*words, *wanted], capture_output=True, text=True, check=False)
    archive = KEPT / f"nbgrader-{VERSION}.tar.gz"
    if made.returncode or not archive.is_file():
        return False
    with tarfile.open(archive) as packed:
        packed.extractall(KEPT, filter="data")
    return True


def sources(folder: Path) -> dict[str, Path]:
    """All notebooks that can be sources, by names of their own; of equal ones the first."""
    found: dict[str, Path] = {}
    known = set()
    for place, name in FOLDERS.items():
        for path in sorted((folder / place).glob("*.ipynb")):
            content = hashlib.sha256(path.read_bytes()).digest()
            full = f"{name}-{path.stem}"
            if content not in known and not IS_HANDED_IN.search(full):
                known.add(content)
                found[full] = path
    return found


def handed_in(folder: Path, name: str) -> dict[str, Path]:
    """What was handed in for a source, by names of students; of equal files the first."""
    paths = [path for pattern in HANDED_IN.get(name, []) for path in sorted(folder.glob(pattern))]
    first = {path.read_bytes(): path for path in reversed(paths)}
    return {_student(path): path for path in sorted(first.values())}


def _student(path: Path) -> str:
    """A name for who handed in a file: a folder of its path, and in tests the file's own name."""
    folder = path.parts[-3]
    return folder if "submitted" in path.parts else f"{folder}-{path.stem}"


def write_course(folder: Path, theirs: Path, config: str) -> None:
    """Write the settings of a course, and the templates of AUTOTEST."""
    folder.mkdir(exist_ok=True)
    (folder / "nbgrader_config.py").write_text(config)
    shutil.copy(theirs / TEMPLATES, folder)


def add(folder: Path, theirs: Path, notebooks: dict[str, Path]) -> None:
    """Write notebooks into a folder, with the files that some of them open."""
    folder.mkdir(parents=True)
    for name, path in notebooks.items():
        shutil.copy(path, folder / f"{name}.ipynb")
    for file in BESIDE:
        shutil.copy(theirs / file, folder)


def released_each(folder: Path, theirs: Path) -> dict[str, str]:
    """Release each source as a set of its own; the messages of those that are refused."""
    write_course(folder, theirs, CONFIG)
    for name, path in sources(theirs).items():
        add(folder / "solutions" / name, theirs, {name: path})
    # in a process of its own, since nbgrader leaves the sockets of kernels open
    words = [sys.executable, "-m", "tests.support.nbgraders", str(folder), *sources(theirs)]
    made = subprocess.run(words, capture_output=True, text=True, check=True, cwd=ROOT)
    refused: dict[str, str] = json.loads(made.stdout.splitlines()[-1])
    return refused


def main() -> None:
    """Print for which sets of a course `mlpgrader release` has a refusal, and which."""
    folder, *names = sys.argv[1:]
    course = Course.open(folder)
    refused = {}
    for name in names:
        try:
            for plan in settled_plans(course, name):
                refuse_failing(plan)
            release(course, name)
        except UsageError as error:
            refused[name] = str(error)
    print(json.dumps(refused))


if __name__ == "__main__":
    main()

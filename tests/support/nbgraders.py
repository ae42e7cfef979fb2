"""nbgrader's own notebooks: those of its quickstart course, and those that its tests are made of.

They are fetched once, with nbgrader's source distribution, into `_build/nbgrader/`.
"""

import hashlib
import subprocess
import sys
import tarfile
from importlib.metadata import version
from pathlib import Path

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
HANDED_IN = {  # what was handed in for a source, by beginnings of names
    "ps1-problem1": ["docs/source/user_guide/submitted/*/ps1/problem1.ipynb"],
    "ps1-problem2": ["docs/source/user_guide/submitted/*/ps1/problem2.ipynb"],
    "apps-autotest-simple": ["tests/apps/files/autotest-simple-*.ipynb"],
    "apps-autotest-hashed": ["tests/apps/files/autotest-hashed-*.ipynb"],
    "apps-autotest-hidden": ["tests/apps/files/autotest-hidden-*.ipynb"],
    "apps-autotest-multi": ["tests/apps/files/autotest-multi-*.ipynb"],
    "apps-submitted-changed": [
        "tests/apps/files/submitted-*.ipynb",
        "tests/preprocessors/files/submitted-*.ipynb",
    ],
}


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
            if content not in known:
                known.add(content)
                found[f"{name}-{path.stem}"] = path
    return found


def handed_in(folder: Path, name: str) -> dict[str, Path]:
    """What was handed in for a source, by names of students; of equal files the first."""
    paths = [path for pattern in HANDED_IN.get(name, []) for path in sorted(folder.glob(pattern))]
    by_content = {path.read_bytes(): path for path in reversed(paths)}
    return {f"{name}-{_label(path)}": path for path in by_content.values()}


def _label(path: Path) -> str:
    if "user_guide" in path.parts:
        return path.parts[-3]
    return f"{path.parts[-3]}-{path.stem}"

"""The book: a cold build, an unchanged rebuild, and the weight of its chapters.

    python -m benchmarks.book

The cold build runs in a copy of the sources without any cache, so that the book that is there
stays as it is.
"""

import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SOURCES = (
    "_config.yml",
    "_toc.yml",
    "LICENSE-TEXT",
    "SECURITY.md",
    "book",
    "exercises",
    "mlpkit",
    "solutions",
)


def copy_sources(folder: Path) -> None:
    """Copy what a build reads."""
    for name in SOURCES:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
        elif source.exists():
            shutil.copy(source, folder)


def build(folder: Path) -> float:
    """Return the seconds that a build takes; its report is shown if it fails."""
    start = time.perf_counter()
    command = [sys.executable, "book/_tools"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(done.stdout + done.stderr)
    print(done.stdout, end="")
    return time.perf_counter() - start


def main() -> None:
    """Measure."""
    with tempfile.TemporaryDirectory(prefix="book-") as name:
        folder = Path(name)
        copy_sources(folder)
        cold = build(folder)
        again = build(folder)
    print(f"cold build        {cold:6.1f} s  (at most 90)")
    print(f"unchanged rebuild {again:6.1f} s  (at most 10)")


if __name__ == "__main__":
    main()

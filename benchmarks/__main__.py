"""Run every benchmark, one after another, and write the page of the book: ``make bench``.

What was measured goes to ``benchmarks/results.json``, and the page is made from it. With QUICK=1 in
the environment little is measured, in a few minutes, and results and page go to ``_build``.
"""

import json
import os
import platform
import subprocess
import sys
import tempfile
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from benchmarks import page

# the first two are on the page
RUNS = (
    ("training", []),
    ("grading", ["--submissions", "200", "--scale", "10", "100", "1000", "--loops", "--inside"]),
    ("grading", ["--set", "training", "--submissions", "20"]),
    ("check", []),
    ("book", []),
    ("lab", []),
)
QUICK_RUNS = (
    ("training", ["--rounds", "3", "--examples", "12800", "--units", "64", "1024"]),
    (
        "grading",
        ["--submissions", "20", "--stock", "3", "--rounds", "1", "--scale", "10", "40"],
    ),
)
VERSIONS = ("torch", "nbgrader", "ipykernel")


def main() -> int:
    """Return 1 if a benchmark could not run."""
    quick = bool(os.environ.get("QUICK"))
    found: dict[str, Any] = {"machine": machine()}
    failed = 0
    for name, words in QUICK_RUNS if quick else RUNS:
        print(f"== {name} {' '.join(words)}".rstrip(), flush=True)
        if name in found or name not in page.PARTS:
            failed |= run(name, words)
        else:
            failed |= run_and_keep(name, words, found)
    if not failed:
        write(found, page.ROOT / "_build" if quick else None)
    return failed


def run(name: str, words: list[str]) -> int:
    """Run one benchmark; 1 if it could not run."""
    command = [sys.executable, "-m", f"benchmarks.{name}", *words]
    return int(bool(subprocess.run(command, check=False).returncode))


def run_and_keep(name: str, words: list[str], found: dict[str, Any]) -> int:
    """The same, and keep what it measured."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "found.json"
        failed = run(name, [*words, "--json", str(path)])
        if not failed:
            found[name] = json.loads(path.read_text(encoding="utf-8"))
    return failed


def write(found: dict[str, Any], folder: Path | None = None) -> None:
    """Write results and page to their places, or both to a folder."""
    results = folder / "results.json" if folder else page.RESULTS
    text = folder / "benchmarks.md" if folder else page.PAGE
    results.parent.mkdir(exist_ok=True)
    results.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    text.write_text(page.text(found), encoding="utf-8")
    print(f"measured: {results}, page: {text}")


def machine() -> dict[str, Any]:
    """On what it is measured."""
    lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    models = [line.partition(": ")[2] for line in lines if line.startswith("model name")]
    return {
        "date": f"{datetime.now(UTC):%Y-%m-%d}",
        "processor": models[0] if models else platform.machine(),
        "cores": len(os.sched_getaffinity(0)),
        "memory_gb": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30),
        "load": os.getloadavg()[0],
        "versions": {"Python": platform.python_version()} | {n: version(n) for n in VERSIONS},
    }


if __name__ == "__main__":
    sys.exit(main())

"""Run every benchmark, one after another: ``make bench``."""

import subprocess
import sys

RUNS = (
    ("training", []),
    ("grading", ["--set", "activations", "--scale", "--loops", "--inside"]),
    ("grading", ["--set", "training", "--submissions", "20"]),
    ("check", []),
    ("book", []),
    ("lab", []),
)


def main() -> int:
    """Return 1 if a benchmark could not run."""
    failed = 0
    for name, words in RUNS:
        print(f"== {name} {' '.join(words)}".rstrip(), flush=True)
        command = [sys.executable, "-m", f"benchmarks.{name}", *words]
        failed |= bool(subprocess.run(command, check=False).returncode)
    return failed


if __name__ == "__main__":
    sys.exit(main())

"""`mlpkit check` against nbclient on the same notebook, the reference solution of a set.

The two take turns, so that a busy machine slows both alike; what counts is the ratio within a
round. A start of Python and of a kernel is in both, since a student waits for them as well. Before
that, what `import mlpkit` costs beside `import torch`.

    python -m benchmarks.check [--set activations …] [--rounds 3]
"""

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from mlpkit.commands.sets import ORDER
from tests.support import variants

CHECK = "from mlpkit.commands.cli import main; main()"
NBCLIENT = """
import sys, nbformat, nbclient
nbclient.NotebookClient(nbformat.read(sys.argv[1], 4), timeout=300).execute()
"""
IMPORT = "import time; start = time.process_time(); import {}; print(time.process_time() - start)"


def reference(folder: Path, set_name: str) -> Path:
    """Write the student version of a set with the reference solutions in it."""
    path = variants.EXERCISES / set_name / f"{set_name}.ipynb"
    notebook = json.loads(path.read_text(encoding="utf-8"))
    answers = variants.solutions(set_name)
    for cell in notebook["cells"]:
        cell["source"] = answers.get(cell["id"], cell["source"])
    written = folder / path.name
    written.write_text(json.dumps(notebook), encoding="utf-8")
    return written


def seconds(code: str, *words: str) -> float:
    """How long a line of Python takes, start of Python included; it has to end well."""
    start = time.monotonic()
    subprocess.run([sys.executable, "-c", code, *words], capture_output=True, check=True)
    return time.monotonic() - start


def import_ratio(rounds: int) -> float:
    """The CPU time of importing torch and mlpkit, in that of importing torch."""

    def cost(names: str) -> float:
        command = [sys.executable, "-c", IMPORT.format(names)]
        return float(subprocess.run(command, capture_output=True, text=True, check=True).stdout)

    return statistics.median(cost("torch, mlpkit") / cost("torch") for _ in range(rounds))


def main() -> None:
    """Print a line per set."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--set", nargs="+", default=["activations", "backpropagation"], choices=ORDER
    )
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    print(f"import mlpkit beside import torch: {import_ratio(options.rounds):.2f} x (at most 1.05)")
    for set_name in options.set:
        with tempfile.TemporaryDirectory() as folder:
            path = str(reference(Path(folder), set_name))
            pairs = [
                (seconds(CHECK, "check", path), seconds(NBCLIENT, path))
                for _ in range(options.rounds)
            ]
        ours, theirs = (statistics.median(times) for times in zip(*pairs, strict=True))
        ratio = statistics.median(one / other for one, other in pairs)
        print(f"{set_name}: check {ours:.1f} s, nbclient {theirs:.1f} s: {ratio:.2f} x (at most 2)")


if __name__ == "__main__":
    main()

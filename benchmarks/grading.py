"""Grading a class: our grader beside stock nbgrader, on the same submissions, in one run.

    python -m benchmarks.grading [--set activations] [--submissions 100] [--stock 11] [--rounds 3]
                                 [--scale] [--loops] [--inside]

Stock takes seconds for each submission, one after another, so it grades 1 and then `--stock` of
them, and its time for all is extrapolated along the straight line through the two; `--stock 0`
stands for all. Our times are those of whole commands, start of Python and torch included. The two
take turns, round by round, since a shared machine is not equally fast all the time; what is
printed is the median of the rounds and, of ratios, their range.
"""

import argparse
import json
import os
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.support import stock
from tests.support.variants import ROOT, solutions, submission, variants_of

MLPGRADER = Path(sys.executable).with_name("mlpgrader")


@dataclass
class Measurement:
    """What one round on one class took.

    Attributes:
        verdicts: seconds for the verdicts alone.
        recorded: seconds with gradebook, notebooks and feedback.
        again: seconds of a second run with all of that, nothing changed.
        memory: the most memory of all processes, in MB.
        stock: seconds of stock nbgrader.
    """

    verdicts: float
    recorded: float
    again: float
    memory: float
    stock: float = 0.0


def make_class(folder: Path, set_name: str, size: int) -> Path:
    """Build a course folder with honest submissions, no two alike: right, wrong and half done."""
    shutil.copytree(ROOT / "solutions" / set_name, folder / "solutions" / set_name)
    shutil.copy(ROOT / "nbgrader_config.py", folder)
    answers: dict[str, list[str]] = {grade_id: [] for grade_id in solutions(set_name)}
    for variant in variants_of(set_name):
        answers[variant.grade_id].append(variant.source)
    draw = random.Random(0)
    for number in range(size):
        hand_in(folder, set_name, number, answers, draw)
    return folder


def hand_in(
    folder: Path, set_name: str, number: int, answers: dict[str, list[str]], draw: random.Random
) -> None:
    """One submission: the reference, with a variant in every fourth solution cell."""
    chosen = {name: draw.choice(texts) for name, texts in answers.items() if draw.random() < 0.25}
    notebook = submission(set_name, chosen)
    cell = next(c for c in notebook.cells if c.metadata.get("nbgrader", {}).get("solution"))
    cell.source += f"\n# student {number}"
    path = folder / "submitted" / f"s{number:04}" / set_name / f"{set_name}.ipynb"
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps(notebook))


def mlpgrader(*words: str) -> float:
    """Seconds that a command of ours takes; its output is shown if it fails."""
    start = time.perf_counter()
    done = subprocess.run([MLPGRADER, *words], capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(done.stdout + done.stderr)
    return time.perf_counter() - start


class Memory(threading.Thread):
    """The most memory of this process's children and all below them, in MB of PSS."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.most = 0.0
        self.stopped = threading.Event()

    def run(self) -> None:
        """Look three times a second."""
        while not self.stopped.wait(0.3):
            total = sum(pss(process) for process in descendants())
            self.most = max(self.most, total / 1024)

    def stop(self) -> float:
        """End, and give the most that was seen."""
        self.stopped.set()
        self.join()
        return self.most


def descendants() -> list[int]:
    """All processes below this one."""
    children: dict[int, list[int]] = {}
    for process, parent in processes():
        children.setdefault(parent, []).append(process)
    below = list(children.get(os.getpid(), []))
    for process in below:  # the list grows as it is gone through
        below.extend(children.get(process, []))
    return below


def processes() -> Iterator[tuple[int, int]]:
    """The number of each process, and that of its parent."""
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            text = path.read_text()
        except OSError:  # it has ended
            continue
        after_name = text.rpartition(")")[2].split()
        yield int(path.parent.name), int(after_name[1])


def pss(process: int) -> int:
    """Memory of a process in kB, what it shares counted in proportion."""
    try:
        text = Path(f"/proc/{process}/smaps_rollup").read_text()
    except OSError:
        return 0
    for line in text.splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1])
    return 0


def ours(set_name: str, size: int) -> Measurement:
    """Measure our grader on a class of that size."""
    with tempfile.TemporaryDirectory() as folder:
        course = make_class(Path(folder) / "course", set_name, size)
        place = ["--course", str(course)]
        stock.nbgrader(course, "generate_assignment", set_name)  # stock needs the gradebook, too
        memory = Memory()
        memory.start()
        verdicts = mlpgrader("grade", set_name, *place, "--no-record")
        most = memory.stop()
        shutil.rmtree(course / "results")
        recorded = mlpgrader("grade", set_name, *place)
        recorded += mlpgrader("feedback", set_name, *place)
        again = mlpgrader("grade", set_name, *place)
        again += mlpgrader("feedback", set_name, *place)
        return Measurement(verdicts, recorded, again, most)


def stocks(set_name: str, size: int, sample: int) -> float:
    """Seconds that stock nbgrader takes for a class, along the line through two sizes."""
    if sample == 0 or sample >= size:
        return stock_seconds(set_name, size)
    one = stock_seconds(set_name, 1)
    more = stock_seconds(set_name, sample)
    return one + (size - 1) * (more - one) / (sample - 1)


def stock_seconds(set_name: str, size: int) -> float:
    """Seconds of `nbgrader autograde` on a class of that size."""
    with tempfile.TemporaryDirectory() as folder:
        course = make_class(Path(folder) / "course", set_name, size)
        copy = stock.copy_course(course, Path(folder) / "stock", set_name)
        graded = stock.grade(copy, set_name)
        if graded.dropped:
            raise RuntimeError(f"stock lost {graded.dropped}")
        return graded.seconds


def compare(set_name: str, size: int, sample: int, rounds: int) -> None:
    """Print both sides and their ratios."""
    measurements = []
    for _ in range(rounds):
        measurement = ours(set_name, size)
        measurement.stock = stocks(set_name, size, sample)
        measurements.append(measurement)
    how = "measured" if sample in (0, size) else f"from 1 and {sample}"
    print(f"{set_name}, {size} submissions, {rounds} rounds")
    row(f"stock nbgrader autograde ({how})", [m.stock for m in measurements], size)
    ratios = [m.stock / m.verdicts for m in measurements]
    row("verdicts", [m.verdicts for m in measurements], size, ratios)
    ratios = [m.stock / m.recorded for m in measurements]
    row("recorded, with feedback", [m.recorded for m in measurements], size, ratios)
    again = statistics.median(m.again for m in measurements)
    memory = statistics.median(m.memory for m in measurements)
    print(f"  a second run, nothing changed          {again:8.1f} s")
    print(f"  memory of all processes, at most       {memory:8.0f} MB")


def row(label: str, rounds: list[float], size: int, ratios: list[float] | None = None) -> None:
    """Print one line of the comparison: medians, and the range of the ratios."""
    seconds = statistics.median(rounds)
    line = f"  {label:38} {seconds:8.1f} s  {1000 * seconds / size:6.0f} ms"
    if ratios:
        line += f"  {statistics.median(ratios):6.1f} x ({min(ratios):.1f} to {max(ratios):.1f})"
    print(line)


def scale(set_name: str) -> None:
    """Print what a submission costs in classes of 10 to 1,000."""
    for size in (10, 100, 1000):
        measurement = ours(set_name, size)
        verdict = 1000 * measurement.verdicts / size
        recorded = 1000 * measurement.recorded / size
        print(
            f"  {size:5} submissions: verdict {verdict:5.0f} ms, recorded {recorded:5.0f} ms each"
        )


def loops(set_name: str, size: int = 500, every: int = 10, timeout: float = 2) -> None:
    """Print by how much endless loops hold up a class, beside their share of the CPU limit."""
    without = seconds_with_loops(set_name, size, 0, timeout)
    with_loops = seconds_with_loops(set_name, size, every, timeout)
    share = size / every * timeout / len(os.sched_getaffinity(0))
    more = with_loops - without
    print(f"  {size // every} endless loops among {size} submissions: {more:.0f} s more")
    print(f"  their CPU limits of {timeout:g} s, shared over the workers: {share:.0f} s")


def seconds_with_loops(set_name: str, size: int, every: int, timeout: float) -> float:
    """Seconds for the verdicts of a class in which every so many submissions never end, 0: none."""
    with tempfile.TemporaryDirectory() as folder:
        course = make_class(Path(folder) / "course", set_name, size)
        if every:
            for path in sorted(course.glob("submitted/*/*/*.ipynb"))[::every]:
                add_loop(path)
        options = ["--course", str(course), "--timeout", str(timeout), "--no-record"]
        return mlpgrader("grade", set_name, *options)


def add_loop(path: Path) -> None:
    """Let a submission's first solution cell never end."""
    notebook = json.loads(path.read_text())
    cells = (c for c in notebook["cells"] if c["metadata"].get("nbgrader", {}).get("solution"))
    next(cells)["source"] += "\nwhile True:\n    pass"
    path.write_text(json.dumps(notebook))


def inside(set_name: str, size: int) -> None:
    """Print what a class costs whose tests are all judged inside, beside the same judged apart."""
    with tempfile.TemporaryDirectory() as folder:
        course = make_class(Path(folder) / "course", set_name, size)
        stubs = course / "submitted" / "stub" / set_name
        shutil.copytree(ROOT / "exercises" / set_name, stubs)
        mlpgrader("grade", set_name, "--course", str(course), "--no-record", "--jobs", "1")
        apart = seconds_of(course, set_name)
        [plan] = (course / "results" / "plans").glob("*.json")
        names = [test["grade_id"] for test in results_of(course, set_name)[0]["tests"]]
        plan.write_text(json.dumps(json.loads(plan.read_text()) | {"inside": names}))
        mlpgrader("grade", set_name, "--course", str(course), "--no-record", "--jobs", "1")
        within = seconds_of(course, set_name)
    stub = within.pop("stub") / apart.pop("stub")
    ratios = sorted(within[student] / apart[student] for student in apart)
    print(f"  {size} submissions of {set_name} judged inside, beside apart:")
    print(f"    the class {sum(within.values()) / sum(apart.values()):.2f} x")
    print(
        f"    a submission {statistics.median(ratios):.2f} x ({ratios[0]:.2f} to {ratios[-1]:.2f})"
    )
    print(f"    nothing written {stub:.2f} x")


def seconds_of(course: Path, set_name: str) -> dict[str, float]:
    """How long examining each submission took, by student."""
    return {row["student"]: row["seconds"] for row in results_of(course, set_name)}


def results_of(course: Path, set_name: str) -> list[dict[str, Any]]:
    """The rows of the last run."""
    summary = json.loads((course / "results" / f"{set_name}.json").read_text())
    rows: list[dict[str, Any]] = summary["submissions"]
    return rows


def main() -> None:
    """Measure."""
    parser = argparse.ArgumentParser(description="Measure grading a class.")
    parser.add_argument("--set", default="activations")
    parser.add_argument("--submissions", type=int, default=100)
    parser.add_argument("--stock", type=int, default=11)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--scale", action="store_true")
    parser.add_argument("--loops", action="store_true")
    parser.add_argument("--inside", action="store_true")
    options = parser.parse_args()
    compare(options.set, options.submissions, options.stock, options.rounds)
    if options.scale:
        scale(options.set)
    if options.loops:
        loops(options.set)
    if options.inside:
        inside(options.set, options.submissions)


if __name__ == "__main__":
    main()

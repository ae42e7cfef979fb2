"""Grading a class: our grader beside stock nbgrader, on the same submissions, in one run.

    python -m benchmarks.grading [--set activations] [--submissions 100] [--stock 11] [--rounds 3]
                                 [--scale] [--loops]

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
from pathlib import Path

from tests.support import stock
from tests.support.variants import submission, variants

ROOT = Path(__file__).resolve().parents[1]
MLPGRADER = Path(sys.executable).with_name("mlpgrader")


def make_class(folder: Path, set_name: str, size: int) -> Path:
    """Build a course folder with honest submissions, no two alike: right, wrong and half done."""
    shutil.copytree(ROOT / "solutions" / set_name, folder / "solutions" / set_name)
    shutil.copy(ROOT / "nbgrader_config.py", folder)
    draw = random.Random(0)
    answers: dict[str, list[str]] = {}
    for each in variants():
        if each.set == set_name:
            answers.setdefault(each.grade_id, []).append(each.source)
    for number in range(size):
        hand_in(folder, set_name, number, answers, draw)
    return folder


def hand_in(folder: Path, set_name: str, number: int, answers: dict, draw: random.Random) -> None:
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

    def __init__(self):
        super().__init__(daemon=True)
        self.most, self.stopped = 0.0, threading.Event()

    def run(self) -> None:
        """Look three times a second."""
        while not self.stopped.wait(0.3):
            self.most = max(self.most, sum(map(pss, descendants())) / 1024)

    def stop(self) -> float:
        """End, and give the most that was seen."""
        self.stopped.set()
        self.join()
        return self.most


def descendants() -> list[int]:
    """All processes below this one."""
    parents: dict[int, list[int]] = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        parents.setdefault(int(fields[1]), []).append(int(path.parent.name))
    found, todo = [], [os.getpid()]
    while todo:
        below = parents.get(todo.pop(), [])
        found += below
        todo += below
    return found


def pss(process: int) -> int:
    """Memory of a process in kB, what it shares counted in proportion."""
    try:
        text = Path(f"/proc/{process}/smaps_rollup").read_text()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in text.splitlines() if line.startswith("Pss:")), 0)


def ours(set_name: str, size: int) -> dict[str, float]:
    """Seconds for the verdicts alone, and for gradebook, notebooks and feedback as well."""
    with tempfile.TemporaryDirectory() as folder:
        course = make_class(Path(folder) / "course", set_name, size)
        place = ["--course", str(course)]
        stock.nbgrader(course, "generate_assignment", set_name)  # stock needs the gradebook, too
        memory = Memory()
        memory.start()
        verdicts = mlpgrader("grade", set_name, *place, "--no-record")
        most = memory.stop()
        shutil.rmtree(course / "results")
        recorded = mlpgrader("grade", set_name, *place) + mlpgrader("feedback", set_name, *place)
        again = mlpgrader("grade", set_name, *place, "--no-record")
        return {"verdicts": verdicts, "recorded": recorded, "again": again, "memory": most}


def stocks(set_name: str, size: int, sample: int) -> float:
    """Seconds that stock nbgrader takes for a class, along the line through two sizes."""
    if sample == 0 or sample >= size:
        return stock_seconds(set_name, size)
    one, more = stock_seconds(set_name, 1), stock_seconds(set_name, sample)
    return one + (size - 1) * (more - one) / (sample - 1)


def stock_seconds(set_name: str, size: int) -> float:
    """Seconds of `nbgrader autograde` on a class of that size."""
    with tempfile.TemporaryDirectory() as folder:
        course = make_class(Path(folder) / "course", set_name, size)
        graded = stock.grade(stock.copy_course(course, Path(folder) / "stock", set_name), set_name)
        if graded.dropped:
            raise RuntimeError(f"stock lost {graded.dropped}")
        return graded.seconds


def compare(set_name: str, size: int, sample: int, rounds: int) -> None:
    """Print both sides and their ratios."""
    found = [
        ours(set_name, size) | {"stock": stocks(set_name, size, sample)} for _ in range(rounds)
    ]
    middle = {name: statistics.median(each[name] for each in found) for name in found[0]}
    how = "measured" if sample in (0, size) else f"from 1 and {sample}"
    print(f"{set_name}, {size} submissions, {rounds} rounds")
    row(f"stock nbgrader autograde ({how})", middle["stock"], size)
    for name, label in (("verdicts", "verdicts"), ("recorded", "recorded, with feedback")):
        ratios = sorted(each["stock"] / each[name] for each in found)
        spread = f"{statistics.median(ratios):6.1f} x ({ratios[0]:.1f} to {ratios[-1]:.1f})"
        row(label, middle[name], size, spread)
    print(f"  a second run, nothing changed          {middle['again']:8.1f} s")
    print(f"  memory of all processes, at most       {middle['memory']:8.0f} MB")


def row(label: str, seconds: float, size: int, ratio: str = "") -> None:
    """Print one line of the comparison."""
    print(f"  {label:38} {seconds:8.1f} s  {1000 * seconds / size:6.0f} ms  {ratio}")


def scale(set_name: str) -> None:
    """Print what a submission costs in classes of 10 to 1,000."""
    for size in (10, 100, 1000):
        seconds = ours(set_name, size)
        verdicts, recorded = (1000 * seconds[name] / size for name in ("verdicts", "recorded"))
        print(
            f"  {size:5} submissions: verdict {verdicts:5.0f} ms, recorded {recorded:5.0f} ms each"
        )


def loops(set_name: str, size: int = 500, every: int = 10, timeout: float = 2) -> None:
    """Print by how much endless loops hold up a class, beside their share of the CPU limit."""
    seconds = {}
    for name in ("none", "endless"):
        with tempfile.TemporaryDirectory() as folder:
            course = make_class(Path(folder) / "course", set_name, size)
            for path in sorted(course.glob("submitted/*/*/*.ipynb"))[::every]:
                name == "endless" and add_loop(path)
            options = ["--course", str(course), "--timeout", str(timeout), "--no-record"]
            seconds[name] = mlpgrader("grade", set_name, *options)
    share = size / every * timeout / len(os.sched_getaffinity(0))
    more = seconds["endless"] - seconds["none"]
    print(f"  {size // every} endless loops among {size} submissions: {more:.0f} s more")
    print(f"  their CPU limits of {timeout:g} s, shared over the workers: {share:.0f} s")


def add_loop(path: Path) -> None:
    """Let a submission's first solution cell never end."""
    notebook = json.loads(path.read_text())
    cells = (c for c in notebook["cells"] if c["metadata"].get("nbgrader", {}).get("solution"))
    next(cells)["source"] += "\nwhile True:\n    pass"
    path.write_text(json.dumps(notebook))


def main() -> None:
    """Measure."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--set", default="activations")
    parser.add_argument("--submissions", type=int, default=100)
    parser.add_argument("--stock", type=int, default=11)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--scale", action="store_true")
    parser.add_argument("--loops", action="store_true")
    options = parser.parse_args()
    compare(options.set, options.submissions, options.stock, options.rounds)
    if options.scale:
        scale(options.set)
    if options.loops:
        loops(options.set)


if __name__ == "__main__":
    main()

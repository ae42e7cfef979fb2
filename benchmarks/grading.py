"""Grading a class: our grader beside stock nbgrader, on the same submissions, in one run.

    python -m benchmarks.grading [--set activations] [--submissions 100] [--stock 11] [--rounds 3]
                                 [--scale 10 100 1000] [--loops] [--inside] [--json FILE]

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
import sys
import tempfile
import threading
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from benchmarks import otter
from benchmarks.cost import Cost
from tests.support import stock
from tests.support.variants import ROOT, solutions, submission, variants_of

OTTER_SAMPLE = 3
MLPGRADER = Path(sys.executable).with_name("mlpgrader")


@dataclass
class Measurement:
    """What one round on one class cost.

    Attributes:
        stock: stock nbgrader.
        verdicts: the verdicts alone.
        recorded: with gradebook, notebooks and feedback.
        again: a second run with all of that, nothing changed.
        memory: the most memory of all processes while verdicts are made, in MB.
        mended: a run with all of that after one test was changed.
    """

    verdicts: Cost
    recorded: Cost
    again: Cost
    memory: float
    mended: Cost = field(default_factory=Cost)
    stock: Cost = field(default_factory=Cost)


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


def mlpgrader(*words: str, cost: Cost | None = None) -> Cost:
    """Run a command of ours, and give what it costs, added to a cost; what it says if it fails."""
    cost = cost or Cost()
    done = cost.run([MLPGRADER, *words], capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(done.stdout + done.stderr)
    return cost


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


def ours(set_name: str, size: int, *, mend: bool = False) -> Measurement:
    """Measure our grader on a class of that size; also after one test was changed, if asked."""
    with tempfile.TemporaryDirectory() as folder:
        course = make_class(Path(folder) / "course", set_name, size)
        stock.nbgrader(course, "generate_assignment", set_name)  # stock needs the gradebook, too
        memory = Memory()
        memory.start()
        verdicts = mlpgrader("grade", set_name, "--course", str(course), "--no-record")
        most = memory.stop()
        shutil.rmtree(course / "results")
        recorded = graded_with_feedback(course, set_name)
        again = graded_with_feedback(course, set_name)
        found = Measurement(verdicts, recorded, again, most)
        if mend:
            change_a_test(course, set_name)
            found.mended = graded_with_feedback(course, set_name)
        return found


def graded_with_feedback(course: Path, set_name: str) -> Cost:
    """What it costs to grade, to record and to write the pages."""
    cost = mlpgrader("grade", set_name, "--course", str(course))
    return mlpgrader("feedback", set_name, "--course", str(course), cost=cost)


def change_a_test(course: Path, set_name: str) -> None:
    """Add a line to the first test cell of a set that costs nobody a point."""
    path = course / "solutions" / set_name / f"{set_name}.ipynb"
    notebook = json.loads(path.read_text(encoding="utf-8"))
    cells = (c for c in notebook["cells"] if c["metadata"].get("nbgrader", {}).get("points"))
    cell = next(cells)
    cell["source"] = "".join(cell["source"]) + "\nassert True"
    path.write_text(json.dumps(notebook), encoding="utf-8")


def stocks(set_name: str, size: int, sample: int) -> Cost:
    """What stock nbgrader costs for a class, along the line through two sizes."""
    if sample == 0 or sample >= size:
        return stock_cost(set_name, size)
    one, more = stock_cost(set_name, 1), stock_cost(set_name, sample)
    steps = (size - 1) / (sample - 1)
    return Cost(
        one.seconds + steps * (more.seconds - one.seconds), one.cpu + steps * (more.cpu - one.cpu)
    )


def stock_cost(set_name: str, size: int) -> Cost:
    """What `nbgrader autograde` costs on a class of that size."""
    with tempfile.TemporaryDirectory() as folder:
        course = make_class(Path(folder) / "course", set_name, size)
        copy = stock.copy_course(course, Path(folder) / "stock", set_name)
        cost = Cost()
        graded = stock.grade(copy, set_name, run=cost.run)
        if graded.dropped:
            raise RuntimeError(f"stock lost {graded.dropped}")
        return cost


def otters(set_name: str, size: int, sample: int) -> Cost | None:
    """What Otter-Grader costs for a class, by that of a few; None where it is not installed."""
    command = otter.program()
    if command is None:
        return None
    with tempfile.TemporaryDirectory() as folder:
        course = make_class(Path(folder) / "course", set_name, sample)
        cost = otter.cost_of(command, course, set_name)
    # each submission is a command of its own
    return Cost(cost.seconds * size / sample, cost.cpu * size / sample)


def compare(set_name: str, size: int, sample: int, rounds: int) -> dict[str, Any]:
    """Measure both sides, print them and their ratios, and give them."""
    measurements = []
    for _ in range(rounds):
        measurement = ours(set_name, size, mend=True)
        measurement.stock = stocks(set_name, size, sample)
        measurements.append(measurement)
    how = "measured" if sample in (0, size) else f"from 1 and {sample}"
    print(f"{set_name}, {size} submissions, {rounds} rounds")
    stock_costs = [m.stock for m in measurements]
    row(f"stock nbgrader autograde ({how})", stock_costs, size)
    for label, name in LABELS.items():
        row(label, [getattr(m, name) for m in measurements], size, stock_costs)
    theirs = otters(set_name, size, OTTER_SAMPLE)
    if theirs:
        row(f"otter run (from {OTTER_SAMPLE})", [theirs], size)
    memory = statistics.median(m.memory for m in measurements)
    print(f"  memory of all processes, at most {memory:8.0f} MB", flush=True)
    return {
        "set": set_name,
        "submissions": size,
        "stock_from": sample,
        "otter": asdict(theirs) if theirs else None,
        "otter_from": OTTER_SAMPLE,
        "rounds": [asdict(measurement) for measurement in measurements],
    }


LABELS = {
    "verdicts": "verdicts",
    "recorded, with feedback": "recorded",
    "a second run, nothing changed": "again",
    "a second run, one test changed": "mended",
}


def row(label: str, costs: list[Cost], size: int, stock_costs: list[Cost] | None = None) -> None:
    """Print one line of the comparison: medians, and the range of the ratios."""
    seconds = statistics.median(cost.seconds for cost in costs)
    cpu = statistics.median(cost.cpu for cost in costs)
    line = f"  {label:38} {seconds:8.1f} s  {1000 * seconds / size:6.0f} ms {cpu:8.1f} CPU s"
    if stock_costs:
        pairs = list(zip(stock_costs, costs, strict=True))
        ratios = [theirs.seconds / ours.seconds for theirs, ours in pairs]
        in_cpu = [theirs.cpu / ours.cpu for theirs, ours in pairs]
        line += f"  {statistics.median(ratios):6.1f} x ({min(ratios):.1f} to {max(ratios):.1f})"
        line += f"  {statistics.median(in_cpu):6.1f} x in CPU s"
    print(line, flush=True)


def scale(set_name: str, sizes: list[int]) -> list[dict[str, Any]]:
    """Measure classes of several sizes, print what a submission costs, and give it."""
    found = []
    for size in sizes:
        measurement = ours(set_name, size)
        verdict = 1000 * measurement.verdicts.seconds / size
        recorded = 1000 * measurement.recorded.seconds / size
        print(
            f"  {size:5} submissions: verdict {verdict:5.0f} ms, recorded {recorded:5.0f} ms each, "
            f"{measurement.memory:.0f} MB",
            flush=True,
        )
        found.append({"submissions": size, **asdict(measurement)})
    return found


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
        return mlpgrader("grade", set_name, *options).seconds


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
    parser.add_argument("--scale", nargs="*", type=int, help="also classes of these sizes")
    parser.add_argument("--loops", action="store_true")
    parser.add_argument("--inside", action="store_true")
    parser.add_argument("--json", type=Path, help="a file for what was measured")
    options = parser.parse_args()
    found = compare(options.set, options.submissions, options.stock, options.rounds)
    if options.scale:
        found["growth"] = scale(options.set, options.scale)
    if options.json:
        options.json.write_text(json.dumps(found), encoding="utf-8")
    if options.loops:
        loops(options.set)
    if options.inside:
        inside(options.set, options.submissions)


if __name__ == "__main__":
    main()

"""The page of the book on what was measured: the text of ``page.md``, figures of ``results.json``.

python -m benchmarks.page
"""

import json
import math
import statistics
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from jinja2 import Template

ROOT = Path(__file__).resolve().parents[1]
TEMPLATE = ROOT / "benchmarks" / "page.md"
RESULTS = ROOT / "benchmarks" / "results.json"
PAGE = ROOT / "book" / "benchmarks.md"
PARTS = ("training", "grading")
MANY, MACHINES = 10_000, 10
QUIET = 0.5  # processes for each core
UNKNOWN = "–"
RUNS = {
    "stock": "stock `nbgrader autograde`",
    "verdicts": "verdicts",
    "recorded": "recorded, with feedback",
    "again": "once more, nothing changed",
    "mended": "once more, one test changed",
}


def text(results: dict[str, Any]) -> str:
    """The whole page."""
    grading, training = results["grading"], results["training"]
    template = Template(TEMPLATE.read_text(encoding="utf-8"), keep_trailing_newline=True)
    return template.render(
        machine=machine(results["machine"]),
        about_class=about_class(grading),
        class_table=class_table(grading),
        growth_of_class=growth_of_class(grading),
        otter_from=grading["otter"] and grading["otter_from"],
        saturation=saturation(grading, results["machine"]["cores"]),
        about_training=about_training(training),
        loops_table=loops_table(training),
        growth_of_units=growth_of_units(training),
    )


def machine(found: dict[str, Any]) -> str:
    """On what it was measured, in a sentence."""
    versions = ", ".join(f"{name} {number}" for name, number in found["versions"].items())
    text = (
        f"Measured on {found['date']}: {found['processor']}, {found['cores']} cores, "
        f"{found['memory_gb']} GB of memory; {versions}."
    )
    if found["load"] < QUIET * found["cores"]:
        return text
    return (
        f"{text} The machine was shared: {found['load']:.0f} processes wanted its cores at a time, "
        "so seconds by the clock are too long here."
    )


# --- grading -------------------------------------------------------------------------------


def about_class(grading: dict[str, Any]) -> str:
    """What was graded, and how stock's cost was found."""
    size, sample, count = grading["submissions"], grading["stock_from"], len(grading["rounds"])
    how = "graded all of them"
    if 0 < sample < size:
        how = f"graded 1 and then {sample}, and its cost for {size} lies on the line through both"
    rounds = "one round" if count == 1 else f"{count} rounds"
    return (
        f"{size} submissions of `{grading['set']}`, no two alike: right, wrong and half done; "
        f"{rounds}. Stock {how}. Verdicts alone are `mlpgrader grade --no-record`; *recorded* is "
        "with gradebook, graded notebooks and pages of feedback."
    )


def class_table(grading: dict[str, Any]) -> str:
    """What each way of grading cost."""
    size, rounds = grading["submissions"], grading["rounds"]
    rows = []
    for name, label in RUNS.items():
        costs = [one[name] for one in rounds]
        cells = [
            label,
            spread([cost["seconds"] for cost in costs], "{:.0f}"),
            spread([cost["cpu"] for cost in costs], "{:.0f}"),
            each([cost["cpu"] for cost in costs], size),
            *("1" if name == "stock" else ratio(rounds, name, what) for what in ("seconds", "cpu")),
        ]
        rows.append(cells)
    if grading["otter"]:
        rows.insert(1, otter_row(grading))
    head = ["run", "s", "CPU s", "CPU ms each", "× by the clock", "× in CPU time"]
    return table(head, rows)


def otter_row(grading: dict[str, Any]) -> list[str]:
    """What Otter-Grader cost, beside the median of stock; it took no turns, so not by the clock."""
    cost, rounds = grading["otter"], grading["rounds"]
    ratio = statistics.median(one["stock"]["cpu"] for one in rounds) / cost["cpu"]
    cpu = [cost["cpu"]]
    return [
        "`otter run`",
        UNKNOWN,
        spread(cpu, "{:.0f}"),
        each(cpu, grading["submissions"]),
        UNKNOWN,
        spread([ratio], "{:.1f}"),
    ]


def each(cpu: list[float], size: int) -> str:
    """CPU milliseconds of one submission."""
    return spread([1000 * statistics.median(cpu) / size], "{:.0f}")


def ratio(rounds: list[dict[str, Any]], name: str, what: str) -> str:
    """How many times less than stock."""
    return spread([one["stock"][what] / one[name][what] for one in rounds], "{:.0f}")


def growth_of_class(grading: dict[str, Any]) -> str:
    """What a submission costs in classes of several sizes."""
    rows = []
    for one in grading["growth"]:
        size = one["submissions"]
        costs = [each([one[name]["cpu"]], size) for name in ("verdicts", "recorded", "again")]
        rows.append([f"{size:,}", *costs, f"{one['memory']:.0f}"])
    head = ["submissions", "verdict, CPU ms", "recorded, CPU ms", "once more, CPU ms", "memory, MB"]
    return table(head, rows)


def saturation(grading: dict[str, Any], cores: int) -> str:
    """What is used up first, and what a very large class would cost by these figures."""
    first, *_, last = grading["growth"]
    more = last["submissions"] - first["submissions"]
    slope = {
        name: (last[name]["cpu"] - first[name]["cpu"]) / more for name in ("verdicts", "recorded")
    }
    start = first["verdicts"]["cpu"] - first["submissions"] * slope["verdicts"]
    if math.isnan(start):
        return "CPU time is not known here: only for root does Linux count that of all processes."
    memory = (last["memory"] - first["memory"]) / more
    judging = MANY * slope["verdicts"] / (MACHINES * cores)
    recording = MANY * max(0.0, slope["recorded"] - slope["verdicts"])
    return (
        f"A run starts with {start:.0f} CPU seconds, whatever the class. After that, CPU time "
        "grows in proportion, and it is what runs out first: each core has a worker, and each "
        f"worker is busy. Memory grows by {memory:.1f} MB for each submission. By these figures, "
        f"the verdicts on {MANY:,} submissions take {judging:.0f} seconds on {MACHINES} machines "
        f"of {cores} cores (how: {{ref}}`instructors`), and one process then "
        f"records them and writes the pages in {recording:.0f} seconds."
    )


# --- training ------------------------------------------------------------------------------


def about_training(training: dict[str, Any]) -> str:
    """What was trained."""
    rounds = len(training["seconds"]["fit"])
    return (
        f"One epoch of a 784-{training['units']}-10 network on {training['examples']:,} images in "
        f"batches of 256: CPU time of one core, {rounds} rounds."
    )


def loops_table(training: dict[str, Any]) -> str:
    """What each loop cost."""
    base = training["seconds"]["bare loop"]
    rows = [
        [called(name), spread(values, "{:.2f}"), spread(beside(values, base), "{:.2f}")]
        for name, values in training["seconds"].items()
    ]
    return table(["loop", "CPU s", "× bare loop"], rows)


def growth_of_units(training: dict[str, Any]) -> str:
    """How loops compare from narrow networks to wide ones."""
    rows = []
    for one in training["growth"]:
        seconds = one["seconds"]
        base = seconds["bare loop"]
        others = [name for name in seconds if name != "bare loop"]
        shares = [spread(beside(seconds[name], base), "{:.2f}") for name in others]
        rows.append([f"{one['units']:,}", spread(base, "{:.2f}"), *shares])
    head = ["units", "bare loop, CPU s", *(f"{called(name)}, ×" for name in others)]
    return f"The same on {training['growth_examples']:,} images.\n\n{table(head, rows)}"


def called(name: str) -> str:
    """What a loop is called on the page."""
    return f"`{name}`" if name == "fit" else name


def beside(values: Iterable[float], base: Iterable[float]) -> list[float]:
    """Ratios within each round."""
    return [value / other for value, other in zip(values, base, strict=True)]


# --- text ----------------------------------------------------------------------------------


def spread(values: list[float], form: str) -> str:
    """The median, and the range if it can be seen in so many digits."""
    say: Callable[[float], str] = form.format
    if any(map(math.isnan, values)):
        return UNKNOWN
    median, least, most = map(say, (statistics.median(values), min(values), max(values)))
    return median if least == most else f"{median} ({least} to {most})"


def table(head: list[str], rows: list[list[str]]) -> str:
    """A table of Markdown, numbers to the right."""
    lines = [head, ["---", *("---:" for _ in head[1:])], *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def main() -> None:
    """Make the page anew from the results that are there."""
    PAGE.write_text(text(json.loads(RESULTS.read_text(encoding="utf-8"))), encoding="utf-8")


if __name__ == "__main__":
    main()

"""What came of a set's mutants, and of its author's answers, for the terminal."""

from rich.text import Text

from mlpgrader.results import JudgedAnswer, Matrix, MutantsResult, Survivor

# what an answer did in a test, and whether it was meant to
MARKS = {
    (True, True): ("✗", "dim"),
    (False, False): ("·", "dim"),
    (True, False): ("F", "bold red"),
    (False, True): ("P", "bold red"),
}
LEGEND = (
    "✗ fails, as it says · passes",
    "F fails and should not, P passes and should not",
)


def survivors_listed(result: MutantsResult) -> Text:
    """The mutants that get full marks and have no reason to, each as a diff of one line.

    No table: lines are to be copied as they are.
    """
    return Text("\n").join(map(_listed, result.unexplained))


def _listed(survivor: Survivor) -> Text:
    place = survivor.cell
    if survivor.scope != survivor.cell.replace("-", "_"):
        place = f"{place}, {survivor.scope}"
    lines = [Text(f"{place}, line {survivor.line}", style="bold")]
    lines += [Text(f"- {line}", style="red") for line in survivor.before.splitlines()]
    lines += [Text(f"+ {line}", style="green") for line in survivor.after.splitlines()]
    return Text("\n").join([*lines, Text()])


def summary(result: MutantsResult) -> str:
    """How many mutants there were, and what became of them.

    Example:
        >>> summary(MutantsResult("means", 120, []))
        'means: 120 mutants, 0 with full marks, 0 of them without a reason'
    """
    return (
        f"{result.set}: {result.mutants} mutants, {len(result.survivors)} with full marks, "
        f"{len(result.unexplained)} of them without a reason"
    )


def matrix_listed(matrix: Matrix) -> Text:
    """Which answer fails which test, exercise by exercise; a column for each test."""
    parts = [_exercise(matrix, cell) for cell in matrix.tests]
    parts.append(Text("; ".join(LEGEND)))
    count = len(matrix.answers)
    parts.append(Text(f"{matrix.set}: {count} answers, {matrix.surprises} otherwise than they say"))
    return Text("\n").join(part for part in parts if part)


def _exercise(matrix: Matrix, cell: str) -> Text:
    """The rows of an exercise below the names of its tests; nothing if it has no answers."""
    tests = matrix.tests[cell]
    answers = [answer for answer in matrix.answers if answer.cell == cell]
    if not answers:
        return Text()
    lines = [Text(cell, style="bold")]
    for place, test in enumerate(tests):
        lines.append(Text("│ " * place + "┌ " + test.removeprefix(f"{cell}-")))
    lines += [_row(answer, tests) for answer in answers]
    return Text("\n").join([*lines, Text()])


def _row(answer: JudgedAnswer, tests: list[str]) -> Text:
    row = Text()
    for test in tests:
        mark, style = MARKS[test in answer.failed, test in answer.fails]
        row.append(f"{mark} ", style)
    row.append(answer.how)
    elsewhere = [test for test in answer.failed if test not in tests]
    if elsewhere:
        row.append(f" (fails {', '.join(elsewhere)} as well)", "bold red")
    return row

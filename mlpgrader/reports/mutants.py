"""What came of a set's mutants, for the terminal."""

from rich.text import Text

from mlpgrader.results import MutantsResult, Survivor


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

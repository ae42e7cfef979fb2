"""Places the boxes of a graph in rows, so that its edges run from one row to the next.

A node gets a row by its longest way from the result; an edge over several rows gets a bend in each
row that it passes, so that all edges join neighboring rows. Sweeps over the rows then pull every
node toward its neighbors.
"""

from __future__ import annotations

from dataclasses import dataclass, field

# in pixels
LINE = 18  # height of a line of text
CHARACTER = 7.5  # width of a character, about
PADDING = 8  # between the text and the edge of its box
GAP = 24  # between the boxes of a row
ROW_GAP = 36  # between rows
PORT = 18  # between the ends of edges at one box

SWEEPS = 24


@dataclass(eq=False)
class Box:
    """A box, or a bend of a long edge when it has no lines.

    Attributes:
        sent: for each input, what is written on the edge from it; empty for nothing.
    """

    lines: list[str] = field(default_factory=list)
    inputs: list[Box] = field(default_factory=list)
    sent: list[str] = field(default_factory=list)
    is_leaf: bool = False
    row: int = 0
    x: float = 0.0  # of the center
    y: float = 0.0  # of the center
    height: float = 0.0

    @property
    def width(self) -> float:
        if not self.lines:
            return 0.0
        return 2 * PADDING + CHARACTER * max(map(len, self.lines))

    def port(self, i: int) -> float:
        """Where the edge of the i-th input ends, from the center: the first operand to the left."""
        return PORT * (i - (len(self.inputs) - 1) / 2)


def arrange(boxes: list[Box]) -> list[list[Box]]:
    """Place the boxes, inputs first in the list, and return the rows with the bends among them."""
    rows = _rows(boxes)
    pulls = _pulls(rows)
    for sweep in range(SWEEPS):
        down_or_up = rows if sweep % 2 else reversed(rows)
        for row in down_or_up:
            _pack(row, {box: _mean_end(box, pulls[box]) for box in row})
    _move_to_origin(rows)
    return rows


def _rows(boxes: list[Box]) -> list[list[Box]]:
    """Put the result into row 0, its inputs above it, and a bend wherever an edge passes a row."""
    for box in reversed(boxes):
        for source in box.inputs:
            source.row = max(source.row, box.row + 1)
    rows: list[list[Box]] = [[] for _ in range(max(box.row for box in boxes) + 1)]
    for box in boxes:
        rows[box.row].append(box)
        box.inputs = [_bend(source, box.row, rows) for source in box.inputs]
    return rows


def _bend(source: Box, row: int, rows: list[list[Box]]) -> Box:
    """Return the last bend of an edge down to a row, or the source if it has none."""
    for passed in range(source.row - 1, row, -1):
        source = Box(inputs=[source], row=passed)
        rows[passed].append(source)
    return source


def _pulls(rows: list[list[Box]]) -> dict[Box, list[tuple[Box, float]]]:
    """Return for each box the other end of each of its edges, and how far off that it should be."""
    pulls: dict[Box, list[tuple[Box, float]]] = {box: [] for row in rows for box in row}
    for box in pulls:
        for i, source in enumerate(box.inputs):
            pulls[source].append((box, box.port(i)))
            pulls[box].append((source, -box.port(i)))
    return pulls


def _mean_end(box: Box, pulls: list[tuple[Box, float]]) -> float:
    ends = [other.x + offset for other, offset in pulls]
    return sum(ends) / len(ends) if ends else box.x


def _pack(row: list[Box], wanted: dict[Box, float]) -> None:
    """Set the boxes of a row side by side, each as near to its wanted place as it gets."""
    row.sort(key=wanted.__getitem__)
    right = -float("inf")
    for box in row:
        box.x = max(wanted[box], right + GAP + box.width / 2)
        right = box.x + box.width / 2
    shift = sum(wanted[box] - box.x for box in row) / len(row)
    for box in row:
        box.x += shift


def _move_to_origin(rows: list[list[Box]]) -> None:
    """Let the leftmost box start at 0 and the rows follow one another, the inputs' at the top."""
    left = min(box.x - box.width / 2 for row in rows for box in row)
    top = 0.0
    for row in reversed(rows):
        height = PADDING + LINE * max(len(box.lines) for box in row)
        for box in row:
            box.x -= left
            box.y = top + height / 2
            box.height = height
        top += height + ROW_GAP

// Where a function on a grid is 0: one short line for each cell that it crosses.

// values: side × side, row by row from the top; returns [x1, y1, x2, y2, …] in cells
export function zeroLine(values, side) {
  const found = [];
  for (let row = 0; row < side - 1; row++) {
    for (let column = 0; column < side - 1; column++) crossCell(values, side, row, column, found);
  }
  return found;
}

function crossCell(values, side, row, column, found) {
  const at = row * side + column;
  const corners = [values[at], values[at + 1], values[at + side + 1], values[at + side]];
  const above = corners.map((value) => value > 0);
  if (above[0] === above[1] && above[1] === above[2] && above[2] === above[3]) return;
  const places = [[0, 0], [1, 0], [1, 1], [0, 1]];
  const ends = [];
  for (let k = 0; k < 4; k++) {
    const next = (k + 1) % 4;
    if (above[k] === above[next]) continue;
    const share = corners[k] / (corners[k] - corners[next]);
    const [[x1, y1], [x2, y2]] = [places[k], places[next]];
    ends.push(column + x1 + share * (x2 - x1), row + y1 + share * (y2 - y1));
  }
  for (let k = 0; k + 3 < ends.length; k += 4) found.push(...ends.slice(k, k + 4));
}

// Eight examples of three features. One number is moved; which outputs move with it? One for what is
// done elementwise, a row for softmax, a column for batch normalization.

import { Chart } from "./chart.js";
import { fixed, make, several } from "./dom.js";
import { addControls } from "./settings.js";

const APART = 0.3; // two features of an example, in the distance of two examples
const LOOKS = ["fig-c-blue", "fig-c-orange", "fig-c-green"]; // of the features
const OPERATIONS = {
  relu: "ReLU", softmax: "softmax", layer: "layer normalization", batch: "batch normalization",
};

// The other two features of each example are those of others, in another order.
export function rowsOf(z) {
  return z.map((value, i) => [value, z[(3 * i + 2) % z.length] / 2, -z[(5 * i + 1) % z.length] / 2]);
}

// Mean 0 and variance 1, with the variance that divides by the count, as torch does.
export function normalize(values, eps) {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
  return values.map((value) => (value - mean) / Math.sqrt(variance + eps));
}

function softmax(values) {
  const powers = values.map((value) => Math.exp(value - Math.max(...values)));
  const sum = powers.reduce((total, one) => total + one, 0);
  return powers.map((one) => one / sum);
}

const transposed = (rows) => rows[0].map((_, k) => rows.map((row) => row[k]));

export function apply(operation, rows, eps) {
  if (operation === "relu") return rows.map((row) => row.map((value) => Math.max(0, value)));
  if (operation === "softmax") return rows.map(softmax);
  if (operation === "layer") return rows.map((row) => normalize(row, eps));
  return transposed(transposed(rows).map((column) => normalize(column, eps)));
}

export function settings({ z }) {
  return [
    { name: "operation", label: "operation", kind: "choice", options: OPERATIONS, default: "batch" },
    { name: "z", label: "first feature", kind: "numbers", min: -4, max: 4, most: z.length, default: z.map((value) => Number(value.toFixed(2))) },
  ];
}

export function render(stage, { eps }) {
  const { settings, values } = stage;
  const start = rowsOf(settings.defaults().z);
  addControls(make(stage.el, "div", { class: "fig-controls" }), settings, ["operation"]);
  const key = make(stage.el, "p", { class: "fig-key" });
  LOOKS.forEach((look, k) => {
    const entry = make(key, "span");
    const mark = make(entry, "svg", { width: 14, height: 14, "aria-hidden": "true" });
    drawMark(mark, 7, 7, k, 5, look);
    entry.append(` feature ${k + 1}${k ? "" : ", which you can move"}`);
  });
  const labels = [["inputs", "inputs of eight examples"], ["outputs", "outputs of the eight examples"]];
  const [inputs, outputs] = labels.map(([name, label], k) => new Chart(stage.el, { label, height: 190 }, () => drawPart(k)));
  stage.addStatus();
  stage.addButtons();
  const across = { range: [0.5, 8.5], ticks: [1, 2, 3, 4, 5, 6, 7, 8] };
  const handles = start.map((_, i) =>
    inputs.handle({
      label: `first feature of example ${i + 1}`, className: LOOKS[0], steps: [0, 0.1],
      read: () => [i + 1 - APART, values.z[i] ?? 0],
      move: ([, y]) => settings.set({ z: values.z.with(i, Math.round(20 * Math.min(4, Math.max(-4, y))) / 20) }),
      words: (x, y) => fixed(y),
    }));

  const now = () => rowsOf(start.map((row, i) => values.z[i] ?? row[0])).map((row, i) => [row[0], ...start[i].slice(1)]);

  function drawPart(part) {
    const chart = part ? outputs : inputs;
    const rows = part ? apply(values.operation, now(), eps) : now();
    const before = part ? apply(values.operation, start, eps) : start;
    const reach = part ? Math.max(1, ...[...rows, ...before].flat().map(Math.abs)) * 1.1 : 4.2;
    chart.frame({ ...across, words: (i) => `${i}` }, { range: [part && values.operation === "softmax" ? -0.05 : -reach, reach], label: `${labels[part][0]}, example by example` });
    rows.forEach((row, i) => row.forEach((value, k) => {
      const x = chart.across(i + 1 + APART * (k - 1));
      const [from, to] = [chart.down(before[i][k]), chart.down(value)];
      if (Math.abs(value - before[i][k]) > 1e-9) {
        chart.add("line", { x1: x, x2: x, y1: from, y2: to, class: `fig-line fig-thin ${LOOKS[k]}` });
        drawMark(chart.back, x, from, k, 4, `fig-ghost ${LOOKS[k]}`);
        chart.add("circle", { cx: x, cy: to, r: 9, class: "fig-line fig-thin fig-c-ink" }); // seen however short the way
      }
      if (part || k) drawMark(chart.back, x, to, k, 5, LOOKS[k]);
    }));
    if (!part) for (const handle of handles) handle.show();
  }

  function tell() {
    const [before, rows] = [apply(values.operation, start, eps), apply(values.operation, now(), eps)];
    const touched = start.flatMap((row, i) => (Math.abs((values.z[i] ?? row[0]) - row[0]) > 1e-9 ? [i] : []));
    const moved = rows.flatMap((row, i) => row.flatMap((value, k) => (Math.abs(value - before[i][k]) > 1e-9 ? [[i, k]] : [])));
    const others = new Set(moved.map(([i]) => i).filter((i) => !touched.includes(i)));
    if (!touched.length) return stage.say("Move one of the eight blue points, by dragging or with the arrow keys.");
    const who = touched.map((i) => i + 1).join(", ");
    const rest = others.size ? `${several(others.size, "example")} that nobody touched moved as well` : "no other example moved";
    stage.say(`${OPERATIONS[values.operation]}: you moved example ${who}; ${several(moved.length, "output")} of 24 changed, and ${rest}.`);
  }

  settings.onChange(() => {
    inputs.draw();
    outputs.draw();
    tell();
  });
  tell();
}

// A circle, a square, a triangle: features are not told by color alone.
function drawMark(parent, x, y, kind, size, look) {
  const attributes = { class: `fig-dot-mark ${look}` };
  if (kind === 0) return make(parent, "circle", { cx: x, cy: y, r: size, ...attributes });
  if (kind === 1) return make(parent, "rect", { x: x - size * 0.9, y: y - size * 0.9, width: size * 1.8, height: size * 1.8, ...attributes });
  return make(parent, "polygon", { points: `${x},${y - size * 1.2} ${x - size},${y + size * 0.8} ${x + size},${y + size * 0.8}`, ...attributes });
}

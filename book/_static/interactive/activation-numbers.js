// A probe moved along x: value and derivative of an activation as float64, by a stable float32 formula
// and by a naive one. torch computed every number; this module looks them up and draws them.

import { Chart } from "./chart.js";
import { addEntry, make, minus, readable } from "./dom.js";
import { addControls } from "./settings.js";

const LOWEST = 1e-45; // the smallest float32
const STYLES = ["fig-wide fig-c-gray", "fig-c-blue", "fig-thin fig-dash fig-c-orange"];
const NAIVE = 2; // the last of them
const PARTS = { slope: "derivative", value: "value" };

export function settings({ x, functions }) {
  const options = Object.fromEntries(Object.keys(functions).map((name) => [name, name]));
  return [
    { name: "phi", label: "function", kind: "choice", options, default: Object.keys(functions)[0] },
    { name: "part", label: "curve of the", kind: "choice", options: PARTS, default: "slope" },
    { name: "x", label: "x", kind: "number", values: x, default: x.includes(-100) ? -100 : x[0] },
  ];
}

// The pieces of a curve on a logarithmic axis: a nan or a 0 ends one.
export function pieces(xs, texts) {
  const result = [[]];
  xs.forEach((x, i) => {
    const size = Math.abs(Number(texts[i]));
    if (Number.isFinite(size) && size >= LOWEST) result.at(-1).push([x, size]);
    else if (result.at(-1).length) result.push([]);
  });
  return result.filter((piece) => piece.length > 1);
}

const inWords = (text) => (text === "nan" ? "not a number" : readable(text));

export function render(stage, { x: xs, functions }) {
  const { settings, values } = stage;
  addControls(make(stage.el, "div", { class: "fig-controls" }), settings, ["phi", "part", "x"]);
  const key = make(stage.el, "p", { class: "fig-key" });
  const chart = new Chart(stage.el, { label: "", height: 260, room: { top: 30, left: 52 } }, draw);
  const holder = make(stage.el, "div", { class: "fig-scroll" });
  stage.addStatus();
  stage.addButtons();
  const nearest = (x) => xs.reduce((best, one) => (Math.abs(one - x) < Math.abs(best - x) ? one : best));
  const place = () => xs.indexOf(values.x);
  const probe = chart.handle({
    label: "probe: x", className: "fig-c-ink", steps: [1, 0],
    read: () => [values.x, LOWEST],
    move: ([x]) => settings.set({ x: nearest(x) }),
    nudge: (dx) => settings.set({ x: xs[Math.min(xs.length - 1, Math.max(0, place() + dx))] }),
    words: (x) => `x = ${minus(`${x}`)}`,
  });

  function draw() {
    const part = values.part === "slope" ? 1 : 0;
    const range = [xs[0], xs.at(-1)];
    chart.frame({ range }, { range: [LOWEST, 1], log: true, ticks: [1, 1e-15, 1e-30, 1e-45] });
    Object.values(functions[values.phi]).forEach((columns, k) => {
      for (const piece of pieces(xs, columns[part])) {
        chart.line(piece.map(([x]) => x), piece.map(([, y]) => y), STYLES[k]);
        if (k === NAIVE) markEnds(piece);
      }
      drawLost(columns[part]);
    });
    const at = chart.across(values.x);
    chart.add("line", { x1: at, x2: at, y1: chart.box.top, y2: chart.box.bottom, class: "fig-line fig-thin fig-c-ink" });
    probe.show();
  }

  // Where the naive line ends within the frame: it may lie under the others.
  function markEnds(piece) {
    for (const [x, y] of [piece[0], piece.at(-1)]) {
      if (x === xs[0] || x === xs.at(-1)) continue;
      chart.add("circle", { cx: chart.across(x), cy: chart.down(y), r: 4.5, class: "fig-dot-mark fig-c-orange" });
    }
  }

  // A bar above the places where there is no number.
  function drawLost(texts) {
    const lost = xs.filter((_, i) => texts[i] === "nan");
    if (!lost.length) return;
    const [from, to] = [chart.across(lost[0]), chart.across(lost.at(-1))];
    chart.add("line", { x1: from, x2: to, y1: 24, y2: 24, class: "fig-line fig-lost fig-c-orange" });
    chart.text(Math.max(from, 14), 15, "nan");
  }

  function fill() {
    holder.replaceChildren();
    const table = make(holder, "table", { class: "fig-table" });
    const head = make(make(table, "thead"), "tr");
    for (const name of ["computed", "value", "derivative"]) make(head, "th", { scope: "col" }, name);
    const body = make(table, "tbody");
    Object.entries(functions[values.phi]).forEach(([name, columns], k) => {
      const row = make(body, "tr");
      const label = make(row, "th", { scope: "row" });
      addEntry(label, STYLES[k], name);
      for (const texts of columns) make(row, "td", {}, readable(texts[place()]));
    });
  }

  function tell() {
    fill();
    key.textContent = `size of the ${PARTS[values.part]} over x; a line ends where it is 0 (the naive one at a dot), and a bar marks where it is nan`;
    chart.describe(`Size of the ${PARTS[values.part]} of ${values.phi} over x, logarithmic: the stable formula follows the truth, the naive one ends where it is nan.`);
    const columns = Object.values(functions[values.phi]);
    const [truth, , naive] = columns.map((column) => column.map((texts) => inWords(texts[place()])));
    stage.say(`At x = ${minus(`${values.x}`)}: value ${truth[0]}, derivative ${truth[1]}; by the naive formula, value ${naive[0]}, derivative ${naive[1]}.`);
  }

  settings.onChange(() => {
    chart.draw();
    tell();
  });
  tell();
}

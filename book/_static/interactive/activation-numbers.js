// One slider for x: value and derivative of an activation as float64, by a stable float32 formula
// and by a naive one. torch computed every number; this module looks them up and draws them.

import { make, minus } from "./drawing.js";

const WIDTH = 600;
const HEIGHT = 230;
const LEFT = 52;
const TOP = 26; // room for the word nan
const BOTTOM = 24;
const LOWEST = -45; // decimal logarithm of the smallest float32
const STYLES = [
  { color: "#7a7a7a", width: 6, dash: "" },
  { color: "#2b7fbf", width: 2, dash: "" },
  { color: "#d0590a", width: 2, dash: "6 4" },
];

const across = (x) => LEFT + ((x + 120) / 240) * (WIDTH - LEFT - 8);
const down = (log) => TOP + (log / LOWEST) * (HEIGHT - TOP - BOTTOM);

// The pieces of a curve on the logarithmic axis: a nan or a 0 ends one.
function pieces(xs, texts) {
  const result = [[]];
  xs.forEach((x, i) => {
    const log = Math.log10(Math.abs(Number(texts[i])));
    if (Number.isFinite(log) && log >= LOWEST) result.at(-1).push(`${across(x).toFixed(1)},${down(log).toFixed(1)}`);
    else if (result.at(-1).length) result.push([]);
  });
  return result.filter((piece) => piece.length);
}

function drawAxes(svg) {
  const style = { stroke: "#7a7a7a", "stroke-width": 1, opacity: 0.5 };
  const word = { fill: "currentColor", "font-size": 13 };
  for (const log of [0, -15, -30, -45]) {
    make(svg, "line", { x1: LEFT, x2: WIDTH - 8, y1: down(log), y2: down(log), ...style });
    const label = make(svg, "text", { x: LEFT - 6, y: down(log) + 4, "text-anchor": "end", ...word });
    label.textContent = log === 0 ? "1" : minus(`1e${log}`);
  }
  for (const x of [-100, -50, 0, 50, 100]) {
    make(svg, "text", { x: across(x), y: HEIGHT - 6, "text-anchor": "middle", ...word }, minus(`${x}`));
  }
}

function drawCurves(svg, xs, columns) {
  const layer = make(svg, "g", { fill: "none" });
  Object.values(columns).forEach(([, slopes], k) => {
    const { color, width, dash } = STYLES[k];
    const line = { stroke: color, "stroke-width": width, "stroke-dasharray": dash };
    if (k === 0) line.opacity = 0.45;
    for (const piece of pieces(xs, slopes)) make(layer, "polyline", { points: piece.join(" "), ...line });
    const lost = xs.filter((_, i) => slopes[i] === "nan");
    if (!lost.length) return;
    const [from, to] = [across(lost[0]), across(lost.at(-1))];
    make(layer, "line", { x1: from, x2: to, y1: 18, y2: 18, stroke: color, "stroke-width": 4 });
    const label = { x: (from + to) / 2, y: 12, fill: color, "text-anchor": "middle", "font-size": 13 };
    make(layer, "text", label, "nan");
  });
  return layer;
}

function makeTable(el, columns) {
  const table = make(el, "table");
  const head = make(make(table, "thead"), "tr");
  for (const name of ["computed", "value", "derivative"]) make(head, "th", { scope: "col", style: name === "computed" ? "" : "padding-left: 1.2rem" }, name);
  const body = make(table, "tbody");
  return Object.keys(columns).map((name, k) => {
    const row = make(body, "tr");
    const label = make(row, "th", { scope: "row" });
    const sample = make(label, "span", { "aria-hidden": "true" }, k === 2 ? "╍ " : "━ ");
    sample.style.color = STYLES[k].color;
    label.append(name);
    const style = "padding: 0.1rem 0 0.1rem 1.2rem; white-space: nowrap";
    return [make(row, "td", { style }), make(row, "td", { style })];
  });
}

export function render({ model, el }) {
  el.style.color = "var(--pst-color-text-base)";
  const xs = model.get("x");
  const functions = model.get("functions");
  const controls = make(el, "div");
  controls.style.cssText = "display: flex; flex-wrap: wrap; gap: 0.5rem 1.5rem; align-items: center";
  const choice = make(make(controls, "label", {}, "function "), "select");
  for (const name of Object.keys(functions)) make(choice, "option", { value: name }, name);
  const sliderLabel = make(controls, "label", {}, "x ");
  const last = xs.length - 1;
  const slider = make(sliderLabel, "input", { type: "range", min: 0, max: last, value: xs.indexOf(-100) });
  slider.style.width = "min(22rem, 60vw)";
  const shown = make(sliderLabel, "output");
  const svg = make(el, "svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img" });
  const holder = make(el, "div");
  let cells = [];
  let marker = null;

  function move() {
    const i = Number(slider.value);
    const text = minus(`${xs[i]}`);
    slider.setAttribute("aria-valuetext", `x = ${text}`);
    shown.textContent = ` ${text}`;
    marker.setAttribute("x1", across(xs[i]));
    marker.setAttribute("x2", across(xs[i]));
    Object.values(functions[choice.value]).forEach((parts, k) => {
      parts.forEach((texts, part) => {
        cells[k][part].textContent = minus(texts[i]);
      });
    });
  }

  function choose() {
    const columns = functions[choice.value];
    svg.replaceChildren();
    svg.setAttribute("aria-label", `Derivative of ${choice.value} over x, logarithmic: the stable formula follows the truth, the naive one ends where it is nan.`);
    drawAxes(svg);
    drawCurves(svg, xs, columns);
    marker = make(svg, "line", { y1: TOP, y2: HEIGHT - BOTTOM, stroke: "currentColor", "stroke-width": 1.5 });
    holder.replaceChildren();
    cells = makeTable(holder, columns);
    holder.firstChild.setAttribute("aria-live", "polite");
    move();
  }

  slider.addEventListener("input", move);
  choice.addEventListener("change", choose);
  choose();
}

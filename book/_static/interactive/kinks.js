// Three ReLU units to be placed by hand: where each switches and how much it bends. Below them the
// sum over its target, with the largest error. The target and the first weights come from torch.

import { make, minus } from "./drawing.js";

const [WIDTH, HEIGHT, MARGIN, REACH] = [600, 250, 40, 1.8]; // the vertical axis is from -REACH to REACH
const COLORS = ["#2b7fbf", "#d0590a", "#0b8f69"]; // of the units
const DASHES = ["7 4", "2 3", "9 3 2 3"];

const across = (x) => MARGIN + (x / (2 * Math.PI)) * (WIDTH - MARGIN - 10);
const down = (y) => HEIGHT / 2 - (y / REACH) * (HEIGHT / 2 - 10);
const points = (xs, ys) => xs.map((x, i) => `${across(x).toFixed(1)},${down(ys[i]).toFixed(1)}`).join(" ");

function sum(xs, units) {
  return xs.map((x) => units.reduce((total, { knot, weight }) => total + weight * Math.max(x - knot, 0), 0));
}

function drawAxes(svg) {
  for (const y of [-1, 0, 1]) {
    make(svg, "line", { x1: MARGIN, x2: WIDTH - 10, y1: down(y), y2: down(y), stroke: "#7a7a7a", opacity: 0.4 });
    const place = { x: MARGIN - 8, y: down(y) + 4, "text-anchor": "end", "font-size": 13, fill: "currentColor" };
    make(svg, "text", place, minus(`${y}`));
  }
}

function addSlider(parent, name, attributes, unit) {
  const label = make(parent, "label", {}, `${name} `);
  label.style.cssText = "display: flex; gap: 0.4rem; align-items: center; white-space: nowrap";
  const slider = make(label, "input", { type: "range", step: 0.01, ...attributes, "aria-label": `${name}, unit ${unit}` });
  slider.style.cssText = "flex: 1 1 3rem; min-width: 3rem"; // it gives way to the words beside it
  const shown = make(label, "output");
  shown.style.cssText = "min-width: 2.6rem; text-align: right";
  return { slider, shown };
}

function addUnit(parent, k) {
  const box = make(parent, "fieldset");
  box.style.cssText = `border: 1px solid ${COLORS[k]}; border-radius: 4px; flex: 1; min-width: 11rem; padding: 0.2rem 0.6rem`;
  make(box, "legend", {}, `unit ${k + 1}`).style.cssText = "font-size: 1rem; width: auto; padding: 0 0.3rem; margin: 0";
  return {
    knot: addSlider(box, "kink at", { min: 0, max: 6.28 }, k + 1),
    weight: addSlider(box, "weight", { min: -4, max: 4 }, k + 1),
  };
}

export function render({ model, el }) {
  const [xs, target, start] = [model.get("x"), model.get("target"), model.get("start")];
  const svg = make(el, "svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img" });
  svg.setAttribute("aria-label", "One period of the sine, dashed, and the sum of three units, a chain of straight pieces.");
  svg.style.overflow = "hidden";
  drawAxes(svg);
  const line = { fill: "none", "stroke-width": 2.5 };
  make(svg, "polyline", { points: points(xs, target), ...line, stroke: "#7a7a7a", "stroke-dasharray": "6 4" });
  const marks = COLORS.map((stroke, k) =>
    make(svg, "line", { y1: 10, y2: HEIGHT - 10, stroke, "stroke-width": 2, "stroke-dasharray": DASHES[k] }));
  const curve = make(svg, "polyline", { ...line, stroke: "#b4659a" });
  const result = make(el, "p", { "aria-live": "polite" });
  const controls = make(el, "div");
  controls.style.cssText = "display: flex; flex-wrap: wrap; gap: 0.8rem";
  const units = start.map((_, k) => addUnit(controls, k));
  const reset = make(el, "button", { type: "button" }, "start again");
  reset.style.marginTop = "0.8rem";

  function update() {
    const values = units.map(({ knot, weight }) => ({ knot: Number(knot.slider.value), weight: Number(weight.slider.value) }));
    const ys = sum(xs, values);
    curve.setAttribute("points", points(xs, ys));
    values.forEach(({ knot, weight }, k) => {
      marks[k].setAttribute("x1", across(knot));
      marks[k].setAttribute("x2", across(knot));
      units[k].knot.shown.textContent = knot.toFixed(2);
      units[k].weight.shown.textContent = minus(weight.toFixed(2));
    });
    const error = Math.max(...ys.map((y, i) => Math.abs(y - target[i])));
    result.textContent = `Largest error ${error.toFixed(3)}; even knots leave ${model.get("even").toFixed(3)}.`;
  }

  function restart() {
    start.forEach(([knot, weight], k) => {
      units[k].knot.slider.value = knot;
      units[k].weight.slider.value = weight;
    });
    update();
  }

  controls.addEventListener("input", update);
  reset.addEventListener("click", restart);
  restart();
}

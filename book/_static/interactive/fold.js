// A strip of paper folded k times by the tent map, and cut once: the strip shows a cut at every x
// that the network maps to the height of the cut. The numbers of pieces and parameters come from torch.

import { make } from "./drawing.js";

const [WIDTH, HEIGHT, MARGIN] = [600, 280, 34];
const [TOP, BOTTOM] = [14, 206]; // of the curve
const STRIP = { y: 228, height: 34 };
const POINTS = Array.from({ length: 65 }, (_, i) => i / 64); // every bend of six folds is among them
const CUT = "#d0590a";

const across = (x) => MARGIN + x * (WIDTH - MARGIN - 10);
const down = (y) => BOTTOM - y * (BOTTOM - TOP);
const several = (n, word) => `${n} ${word}${n === 1 ? "" : "s"}`;

const tent = (x) => 2 * Math.max(x, 0) - 4 * Math.max(x - 0.5, 0);
const folded = (x, k) => (k === 0 ? x : folded(tent(x), k - 1));

// Every x that k folds bring to y: each fold has laid two places on one, one from either half.
function places(y, k) {
  return k === 0 ? [y] : places(y, k - 1).flatMap((x) => [x / 2, 1 - x / 2]).sort((a, b) => a - b);
}

function drawFrame(svg) {
  for (const y of [0, 1]) {
    make(svg, "line", { x1: MARGIN, x2: WIDTH - 10, y1: down(y), y2: down(y), stroke: "#7a7a7a", opacity: 0.4 });
    make(svg, "text", { x: MARGIN - 10, y: down(y) + 6, "text-anchor": "end", "font-size": 18, fill: "currentColor" }, `${y}`);
  }
  const paper = { x: MARGIN, width: WIDTH - MARGIN - 10, ...STRIP, fill: "#7a7a7a", "fill-opacity": 0.25, stroke: "#7a7a7a" };
  make(svg, "rect", paper);
}

function addSlider(parent, name, attributes) {
  const label = make(parent, "label", {}, `${name} `);
  label.style.cssText = "display: flex; flex: 1 1 14rem; gap: 0.6rem; align-items: center; white-space: nowrap";
  const slider = make(label, "input", { type: "range", ...attributes, "aria-label": name });
  slider.style.cssText = "flex: 1; min-width: 6rem";
  const shown = make(label, "output");
  shown.style.cssText = "min-width: 2.2rem; text-align: right";
  return { slider, shown };
}

export function render({ model, el }) {
  const [pieces, parameters] = [model.get("pieces"), model.get("parameters")];
  const svg = make(el, "svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img" });
  svg.setAttribute("aria-label", "A zigzag between 0 and 1, a level line across it, and a strip of paper with a cut below each crossing.");
  drawFrame(svg);
  const curve = make(svg, "polyline", { fill: "none", stroke: "#2b7fbf", "stroke-width": 2.5 });
  const level = make(svg, "line", { x1: MARGIN, x2: WIDTH - 10, stroke: CUT, "stroke-width": 2, "stroke-dasharray": "7 4" });
  const cuts = make(svg, "g");
  const result = make(el, "p", { "aria-live": "polite" });
  const controls = make(el, "div");
  controls.style.cssText = "display: flex; flex-wrap: wrap; gap: 0.4rem 1.6rem";
  const folds = addSlider(controls, "number of folds", { min: 1, max: pieces.length, step: 1 });
  const height = addSlider(controls, "height of the cut", { min: 0.01, max: 0.99, step: 0.01 });

  function update() {
    const [k, y] = [Number(folds.slider.value), Number(height.slider.value)];
    const found = places(y, k);
    curve.setAttribute("points", POINTS.map((x) => `${across(x).toFixed(2)},${down(folded(x, k)).toFixed(2)}`).join(" "));
    level.setAttribute("y1", down(y));
    level.setAttribute("y2", down(y));
    cuts.replaceChildren();
    for (const x of found) {
      const [at, end] = [across(x).toFixed(2), STRIP.y + STRIP.height];
      make(cuts, "circle", { cx: at, cy: down(y), r: k > 4 ? 3 : 4.5, fill: CUT });
      make(cuts, "line", { x1: at, x2: at, y1: STRIP.y, y2: end, stroke: CUT, "stroke-width": 2 });
    }
    folds.shown.textContent = k;
    height.shown.textContent = y.toFixed(2);
    const shape = `${several(k, "fold")}: ${several(pieces[k - 1], "piece")}, ${parameters[k - 1]} parameters`;
    const shallow = `one hidden layer needs at least ${several(pieces[k - 1] - 1, "unit")}`;
    result.textContent = `${shape}; ${shallow}. One cut at ${y.toFixed(2)} leaves ${found.length} in the strip.`;
  }

  folds.slider.value = 2;
  height.slider.value = 0.4;
  controls.addEventListener("input", update);
  update();
}

// The smallest network, forward and backward: sliders for x, w and b, and at every box of the graph
// its value and the gradient of J with respect to it. Two arrows leave w; their gradients add.

import { make, minus } from "./drawing.js";

const [WIDTH, HEIGHT, BOX_WIDTH, BOX_HEIGHT] = [640, 300, 108, 56];
const BOXES = { // centers
  x: [60, 50], w: [60, 150], b: [60, 250],
  z: [220, 80], s: [220, 215], h: [370, 80], l: [500, 80], J: [570, 215],
};
const NAMES = {
  x: "x", w: "w", b: "b", z: "z = wx + b", h: "h = tanh z",
  l: "ℓ = ½(h − t)²", s: "s = ½λw²", J: "J = ℓ + s",
};
const ARROWS = [["x", "z"], ["w", "z"], ["b", "z"], ["w", "s"], ["z", "h"], ["h", "l"], ["l", "J"], ["s", "J"]];
const written = (value) => minus(value.toFixed(4));

// Values forward, then gradients backward, in the order of the chapter's equations.
export function bothPasses({ x, w, b, t, weight_decay: decay }) {
  const z = w * x + b;
  const h = Math.tanh(z);
  const l = (h - t) ** 2 / 2;
  const s = (decay / 2) * w ** 2;
  const dh = h - t;
  const dz = dh * (1 - h ** 2);
  const paths = { "through z": dz * x, "through s": decay * w };
  const values = { x, w, b, z, h, l, s, J: l + s };
  const gradients = { J: 1, l: 1, s: 1, h: dh, z: dz, b: dz, x: dz * w, w: paths["through z"] + paths["through s"] };
  return { values, gradients, paths };
}

// Where the arrow between two centers leaves one box and meets the other.
function ends([x1, y1], [x2, y2]) {
  const [dx, dy] = [x2 - x1, y2 - y1];
  const share = Math.min(BOX_WIDTH / 2 / Math.abs(dx || 1e-9), BOX_HEIGHT / 2 / Math.abs(dy || 1e-9));
  return { x1: x1 + dx * share, y1: y1 + dy * share, x2: x2 - dx * share, y2: y2 - dy * share };
}

function drawGraph(svg) {
  const marker = { id: "scalar-graph-tip", viewBox: "0 0 8 8", refX: 8, refY: 4, markerWidth: 8, markerHeight: 8, orient: "auto" };
  make(make(make(svg, "defs"), "marker", marker), "path", { d: "M0,0 L8,4 L0,8 z", fill: "#7a7a7a" });
  for (const [from, to] of ARROWS) {
    const look = { stroke: from === "w" ? "#d0590a" : "#7a7a7a", "stroke-width": 1.5, "marker-end": "url(#scalar-graph-tip)" };
    make(svg, "line", { ...ends(BOXES[from], BOXES[to]), ...look });
  }
  const texts = {};
  for (const [name, [x, y]] of Object.entries(BOXES)) {
    const frame = { x: x - BOX_WIDTH / 2, y: y - BOX_HEIGHT / 2, width: BOX_WIDTH, height: BOX_HEIGHT, rx: 6 };
    make(svg, "rect", { ...frame, fill: "none", stroke: name === "w" ? "#d0590a" : "#7a7a7a" });
    const word = { x, "text-anchor": "middle", fill: "currentColor", "font-size": 13 };
    make(svg, "text", { ...word, y: y - 12, "font-weight": "bold" }, NAMES[name]);
    texts[name] = [make(svg, "text", { ...word, y: y + 5 }), make(svg, "text", { ...word, y: y + 21, fill: "#2b7fbf" })];
  }
  return texts;
}

export function render({ model, el }) {
  const keys = ["x", "w", "b", "t", "weight_decay"];
  const start = Object.fromEntries(keys.map((key) => [key, model.get(key)]));
  const now = { ...start };
  const controls = make(el, "div");
  controls.style.cssText = "display: flex; flex-wrap: wrap; gap: 0.5rem 1.5rem; align-items: center";
  const sliders = ["x", "w", "b"].map((key) => {
    const slider = make(make(controls, "label", {}, `${key} `), "input", { type: "range", min: -3, max: 3, step: 0.1 });
    slider.addEventListener("input", () => { now[key] = Number(slider.value); draw(); });
    return [key, slider];
  });
  const again = make(controls, "button", { type: "button" }, "start again");
  const svg = make(el, "svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img", "aria-label":
    "The graph of the smallest network. Two arrows leave w, one to z and one to the penalty s." });
  const texts = drawGraph(svg);
  const report = make(el, "p", { "aria-live": "polite" });

  function draw() {
    const { values, gradients, paths } = bothPasses(now);
    for (const [name, [value, gradient]] of Object.entries(texts)) {
      value.textContent = written(values[name]);
      gradient.textContent = `d${NAMES[name][0]} = ${written(gradients[name])}`;
    }
    for (const [key, slider] of sliders) {
      slider.value = now[key];
      slider.setAttribute("aria-valuetext", written(now[key]));
    }
    report.textContent = `J = ${written(values.J)}. dw = ${written(paths["through z"])} through z plus `
      + `${written(paths["through s"])} through s = ${written(gradients.w)}. db = ${written(gradients.b)}, dx = ${written(gradients.x)}.`;
  }

  again.addEventListener("click", () => { Object.assign(now, start); draw(); });
  draw();
}

// How large activations are, layer by layer, for an activation, a gain and a depth. torch computed
// every number, three draws each; this module looks them up and draws them.

import { make, minus } from "./drawing.js";

const [WIDTH, HEIGHT, LEFT, TOP, BOTTOM] = [600, 280, 52, 12, 40];
const REACH = 12; // the vertical axis is from 10^-REACH to 10^REACH
const [BLUE, INK] = ["#2b7fbf", "#7a7a7a"];

const number = (value) => minus(value >= 0.001 && value < 10000 ? `${value}` : value.toExponential(2));
const across = (layer, depth) => LEFT + (layer / depth) * (WIDTH - LEFT - 12);

function down(rms) {
  const log = Math.min(Math.max(Math.log10(rms), -REACH), REACH);
  return TOP + ((REACH - log) / (2 * REACH)) * (HEIGHT - TOP - BOTTOM);
}

const place = (rms, layer, depth) => `${across(layer, depth).toFixed(1)},${down(rms).toFixed(1)}`;

function drawAxes(svg, depth) {
  const word = { fill: "currentColor", "font-size": 13 };
  for (const log of [-12, -8, -4, 0, 4, 8, 12]) {
    const y = down(10 ** log);
    make(svg, "line", { x1: LEFT, x2: WIDTH - 12, y1: y, y2: y, stroke: INK, opacity: log === 0 ? 0.9 : 0.35 });
    make(svg, "text", { x: LEFT - 6, y: y + 4, "text-anchor": "end", ...word }, log === 0 ? "1" : minus(`1e${log}`));
  }
  const step = depth > 25 ? 10 : depth > 10 ? 5 : 1;
  for (let layer = 0; layer <= depth; layer += step) {
    make(svg, "text", { x: across(layer, depth), y: HEIGHT - 22, "text-anchor": "middle", ...word }, `${layer}`);
  }
  make(svg, "text", { x: (LEFT + WIDTH) / 2, y: HEIGHT - 4, "text-anchor": "middle", ...word }, "layer");
}

function drawRuns(svg, [low, middle, high], depth) {
  const there = high.slice(0, depth + 1).map((rms, layer) => place(rms, layer, depth));
  const back = low.slice(0, depth + 1).map((rms, layer) => place(rms, layer, depth)).reverse();
  make(svg, "polygon", { points: [...there, ...back].join(" "), fill: BLUE, opacity: 0.25 });
  const line = middle.slice(0, depth + 1).map((rms, layer) => place(rms, layer, depth));
  make(svg, "polyline", { points: line.join(" "), fill: "none", stroke: BLUE, "stroke-width": 2.5 });
}

function addSlider(parent, name, attributes) {
  const label = make(parent, "label", {}, `${name} `);
  label.style.cssText = "display: flex; gap: 0.4rem; align-items: center; flex: 1; min-width: 13rem";
  const slider = make(label, "input", { type: "range", ...attributes });
  slider.style.cssText = "flex: 1; min-width: 6rem";
  const shown = make(label, "output");
  shown.style.whiteSpace = "nowrap";
  return { slider, shown };
}

export function render({ model, el }) {
  const [gains, functions] = [model.get("gains"), model.get("functions")];
  const controls = make(el, "div");
  controls.style.cssText = "display: flex; flex-wrap: wrap; gap: 0.5rem 1.5rem; align-items: center";
  const choice = make(make(controls, "label", {}, "activation "), "select");
  for (const name of Object.keys(functions)) make(choice, "option", { value: name }, name);
  const gain = addSlider(controls, "gain", { min: 0, max: gains.length - 1, value: gains.indexOf(1) });
  const depth = addSlider(controls, "depth", { min: 1, max: 50, value: 20 });
  const svg = make(el, "svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img" });
  const result = make(el, "p", { "aria-live": "polite" });

  function update() {
    const [i, layers] = [Number(gain.slider.value), Number(depth.slider.value)];
    const { rms, cosine } = functions[choice.value];
    gain.shown.textContent = gains[i].toFixed(2);
    gain.slider.setAttribute("aria-valuetext", `gain ${gains[i].toFixed(2)}`);
    depth.shown.textContent = `${layers} ${layers === 1 ? "layer" : "layers"}`;
    svg.replaceChildren();
    svg.setAttribute("aria-label", `RMS of the activations of ${choice.value} over ${layers} layers, logarithmic.`);
    drawAxes(svg, layers);
    drawRuns(svg, rms[i], layers);
    const [low, middle, high] = rms[i].map((run) => number(run[layers]));
    result.textContent =
      `After ${layers === 1 ? "1 layer" : `${layers} layers`} the RMS is ${middle} (from ${low} to ${high}); ` +
      `the activations of two inputs have cosine ${minus(`${cosine[i][layers]}`)}.`;
  }

  controls.addEventListener("input", update);
  update();
}

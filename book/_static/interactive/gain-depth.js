// A deep network before its first step: how large activations are layer by layer, how large gradients
// are on the way back, and what the numbers of one layer look like. A second setting can be kept.

import { NAMES } from "./activation-loops.js";
import { Chart } from "./chart.js";
import { addEntry, fixed, make, written } from "./dom.js";
import { Network, rms } from "./network.js";
import { normals, streamKey } from "./random.js";
import { addControls } from "./settings.js";

const [WIDTH, ROWS, DEEPEST, BINS] = [64, 32, 50, 31];
const SMALLEST = 1e-40; // what an axis shows

// The gain at which a small signal neither dies nor grows: one over the slope at 0, or, for kinks, one
// over the root of the mean square of the two slopes.
export const CRITICAL = { relu: Math.SQRT2, prelu: Math.sqrt(2 / 1.0625), tanh: 1, sigmoid: 4, identity: 1 };
const SMOOTH = Object.fromEntries(Object.keys(CRITICAL).map((name) => [name, NAMES[name]]));

const parseKept = (text) => {
  const [phi, gain] = text.split(":");
  return phi in SMOOTH && Number(gain) > 0 ? { phi, gain: Number(gain) } : null;
};

export const settings = () => [
  { name: "phi", label: "activation", kind: "choice", options: SMOOTH, default: "tanh" },
  { name: "gain", label: "gain", kind: "number", min: 0.2, max: 5, step: 0.01, digits: 2, default: 1 },
  { name: "depth", label: "layers", kind: "number", min: 2, max: DEEPEST, step: 1, default: 20 },
  { name: "layer", label: "layer looked at", kind: "number", min: 1, max: DEEPEST, step: 1, default: 10 },
  { name: "kept", label: "kept", kind: "text", most: 20, default: "" },
];

let drawn = null;

// One draw for all gains: what changes with a slider is the gain alone.
function draws() {
  drawn ??= {
    W: Array.from({ length: DEEPEST }, (_, l) => normals(streamKey(5, 100 + l), WIDTH * WIDTH)),
    X: normals(streamKey(5, 1), ROWS * WIDTH),
    D: normals(streamKey(5, 2), ROWS * WIDTH),
  };
  return drawn;
}

// RMS of the activations of each layer, of the gradients of each pre-activation, and one layer's numbers.
export function profile(phi, gain, depth, layer) {
  const { W, X, D } = draws();
  const network = new Network(new Array(depth + 2).fill(WIDTH), new Array(depth).fill(phi));
  network.reserve(ROWS);
  network.W.forEach((matrix, l) => {
    const scale = gain / Math.sqrt(WIDTH);
    for (let i = 0; i < matrix.length; i++) matrix[i] = scale * W[l % DEEPEST][i];
  });
  network.H[0].set(X);
  network.forward(ROWS);
  network.dZ[depth].set(D);
  network.backward(ROWS, 0);
  return {
    forward: network.H.map((H) => rms(H)),
    backward: network.dZ.slice(0, depth).map((dZ) => rms(dZ)),
    numbers: network.H[Math.min(layer, depth)],
  };
}

export function histogram(numbers, reach) {
  const counts = new Array(BINS).fill(0);
  for (const value of numbers) {
    const bin = Math.floor(((value + reach) / (2 * reach)) * BINS);
    if (Number.isFinite(value)) counts[Math.min(BINS - 1, Math.max(0, bin))] += 1;
  }
  return counts.map((count) => count / numbers.length);
}

export function render(stage) {
  const { settings, values } = stage;
  const labels = addControls(make(stage.el, "div", { class: "fig-controls" }), settings, ["phi", "gain", "depth", "layer"]);
  const mark = make(labels.gain, "datalist", { id: `${stage.id}-critical` }); // a tick under the slider
  labels.gain.querySelector("input").setAttribute("list", mark.id);
  const [critical] = stage.addButtons({
    "Critical gain": () => settings.set({ gain: Math.round(100 * CRITICAL[values.phi]) / 100 }),
    "Keep this setting to compare": () => settings.set({ kept: `${values.phi}:${values.gain}` }),
  });
  const key = make(stage.el, "p", { class: "fig-key" });
  const panels = make(stage.el, "div", { class: "fig-panels" });
  let now = null;
  let kept = null;
  const titles = ["activations, RMS by layer", "gradients, RMS by layer; they come from the right", ""];
  const charts = titles.map((title, k) => {
    const box = make(panels, "div");
    const words = make(box, "p", { class: "fig-key" }, title);
    const chart = new Chart(box, { label: title, height: 200 }, (one) => (k === 2 ? drawHistogram(one) : drawRms(one, k)));
    return Object.assign(chart, { words });
  });
  stage.addStatus();
  const pointer = charts[0].handle({
    label: "layer looked at", className: "fig-c-ink", steps: [1, 0],
    read: () => [Math.min(values.layer, values.depth), now.forward[Math.min(values.layer, values.depth)]],
    move: ([x]) => settings.set({ layer: Math.round(Math.min(values.depth, Math.max(1, x))) }),
    words: (x) => `layer ${x}`,
  });

  function drawRms(chart, k) {
    if (!now) return;
    const name = k ? "backward" : "forward";
    const runs = [now, kept].filter(Boolean).map((run) => run[name]);
    const finite = runs.flat().filter((value) => value > SMALLEST && Number.isFinite(value));
    // from a power of ten to a power of ten, so that a level line looks level
    const low = 10 ** Math.floor(Math.log10(Math.min(0.1, ...finite)));
    const high = 10 ** Math.ceil(Math.log10(Math.max(10, ...finite)));
    chart.frame({ range: [0, values.depth] }, { range: [low, high], log: true });
    chart.line([0, values.depth], [1, 1], "fig-thin fig-dot fig-c-gray");
    runs.forEach((run, i) => {
      const first = k ? 1 : 0;
      const layers = run.map((_, l) => l + first);
      chart.line(layers, run.map((value) => Math.max(value, low / 10)), i ? "fig-dash fig-c-orange" : "fig-c-blue");
    });
    const at = chart.across(Math.min(values.layer, values.depth));
    chart.add("line", { x1: at, x2: at, y1: chart.box.top, y2: chart.box.bottom, class: "fig-line fig-thin fig-dot fig-c-ink" });
    if (!k) pointer.show();
  }

  function drawHistogram(chart) {
    if (!now) return;
    const runs = [now, kept].filter(Boolean);
    const reach = Math.max(...runs.map(({ numbers }) => 3 * rms(numbers))) || 1;
    if (!Number.isFinite(reach)) return;
    const shares = runs.map(({ numbers }) => histogram(numbers, reach));
    const wide = { range: [-reach, reach], ticks: [-reach, 0, reach], words: (value) => written(value, 2) };
    chart.frame(wide, { range: [0, Math.max(...shares.flat()) * 1.05], words: (value) => `${Math.round(100 * value)}%` });
    shares.forEach((share, i) => {
      const edges = share.flatMap((_, bin) => [bin, bin + 1]).map((edge) => (edge / BINS) * 2 * reach - reach);
      const tops = share.flatMap((value) => [value, value]);
      if (!i) chart.area(edges, tops.map(() => 0), tops, "fig-c-blue");
      chart.line(edges, tops, i ? "fig-thin fig-dash fig-c-orange" : "fig-thin fig-c-blue");
    });
  }

  function tell() {
    const layer = Math.min(values.layer, values.depth);
    charts[2].words.textContent = `the activations of layer ${layer}`;
    const [end, back] = [now.forward.at(-1), now.backward[0]];
    const names = [
      `RMS of the activations over ${values.depth} layers: from ${written(now.forward[0])} to ${written(end)}`,
      `RMS of the gradients from the last layer, ${written(now.backward.at(-1))}, back to the first, ${written(back)}`,
      `Histogram of the activations of layer ${layer}, RMS ${written(now.forward[layer])}`,
    ];
    charts.forEach((chart, k) => chart.describe(names[k]));
    mark.replaceChildren();
    make(mark, "option", { value: CRITICAL[values.phi].toFixed(2) });
    critical.textContent = `Critical gain, ${fixed(CRITICAL[values.phi])}`;
    stage.say(`After ${values.depth} layers the activations have an RMS of ${written(end, 2)}; gradients reach the first layer with ${written(back, 2)}.`);
    key.replaceChildren();
    addEntry(key, "fig-c-blue", `${NAMES[values.phi]}, gain ${fixed(values.gain)}`);
    const old = parseKept(values.kept);
    if (old) addEntry(key, "fig-dash fig-c-orange", `kept: ${NAMES[old.phi]}, gain ${fixed(old.gain)}`);
  }

  function update() {
    const old = parseKept(values.kept);
    now = profile(values.phi, values.gain, values.depth, values.layer);
    kept = old && profile(old.phi, old.gain, values.depth, values.layer);
    for (const chart of charts) chart.draw();
    tell();
  }

  settings.onChange(update);
  update();
}

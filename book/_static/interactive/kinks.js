// Three ReLU units to be placed by hand: where each switches and how much it bends. Their sum has to
// follow a target; what is missing is an area. Gradient descent may try from here.

import { Chart } from "./chart.js";
import { addEntry, calm, fixed, make } from "./dom.js";
import { addControls } from "./settings.js";

const END = 2 * Math.PI;
const XS = Float64Array.from({ length: 101 }, (_, i) => (i / 100) * END);
const COLORS = ["blue", "orange", "green"];
const ARM = 0.7; // how far from its hinge a weight is held
const LAST = 5.58; // of a hinge, so that there is room to its right for the weight
const TOP = 1.75; // of a weight's mark, so that it stays in the frame
const [RATE, MOMENTUM, STEPS] = [0.004, 0.9, 40];
const STILL = 3e-4; // a velocity at which nothing moves on the screen
const KNOTS = 7; // of the target that is drawn

const TARGETS = {
  sine: { words: "one period of a sine", at: Math.sin },
  bump: { words: "a bump", at: (x) => Math.max(0, 1.5 - Math.abs(x - Math.PI)) },
  step: { words: "a step", at: (x) => (x < Math.PI ? -0.5 : 1) },
  drawn: { words: "drawn by you" },
};
const number = (name, label, min, max, start) => ({ name, label, kind: "number", min, max, step: 0.01, digits: 2, default: start });

export function settings({ start }) {
  const units = start.flatMap(([hinge, weight], k) => [
    number(`t${k + 1}`, `hinge ${k + 1}`, 0, LAST, hinge),
    number(`w${k + 1}`, `weight ${k + 1}`, -4, 4, weight),
  ]);
  const options = Object.fromEntries(Object.entries(TARGETS).map(([key, { words }]) => [key, words]));
  return [
    { name: "target", label: "target", kind: "choice", options, default: "sine" },
    ...units,
    { name: "heights", label: "drawn target", kind: "numbers", min: -1.8, max: 1.8, most: KNOTS, default: [0, 1, 0.5, -0.5, 0, 1, 0] },
  ];
}

const unitsOf = (values) => [1, 2, 3].map((k) => ({ hinge: values[`t${k}`], weight: values[`w${k}`] }));

function heightAt(heights, x) {
  const at = (x / END) * (heights.length - 1);
  const k = Math.min(heights.length - 2, Math.floor(at));
  return heights[k] + (at - k) * (heights[k + 1] - heights[k]);
}

export function targetOf({ target, heights }) {
  const at = TARGETS[target].at ?? ((x) => heightAt(heights, x));
  return XS.map(at);
}

export function sumOf(units) {
  return XS.map((x) => units.reduce((total, { hinge, weight }) => total + weight * Math.max(x - hinge, 0), 0));
}

// Of half the mean squared error, by hinge and by weight.
export function gradients(units, target) {
  const errors = sumOf(units).map((y, i) => (y - target[i]) / XS.length);
  return units.map(({ hinge, weight }) => {
    const result = { hinge: 0, weight: 0 };
    XS.forEach((x, i) => {
      if (x <= hinge) return;
      result.hinge -= weight * errors[i];
      result.weight += (x - hinge) * errors[i];
    });
    return result;
  });
}

// Where the mark of a weight is held: on the unit's line, nearer to the hinge where that is steep.
const armOf = (weight) => Math.min(ARM, TOP / Math.abs(weight));

// Its weight when the mark is dragged; above the frame it grows on.
export const weightAt = (x, y, hinge) => y / Math.min(ARM, Math.max(TOP / 4, x - hinge));

export function render(stage, { even }) {
  const { settings, values } = stage;
  const controls = make(stage.el, "div", { class: "fig-controls" });
  addControls(controls, settings, ["target"]);
  const key = make(stage.el, "p", { class: "fig-key" });
  for (const [look, words] of [["fig-dash fig-c-ink", "target"], ["fig-c-purple", "sum of the three units"], ["fig-thin fig-dash fig-c-blue", "a unit: drag its ● along the line, its ■ up and down"]]) addEntry(key, look, words);
  const chart = new Chart(stage.el, { label: "", height: 300 }, draw);
  stage.addStatus();
  const [train] = stage.addButtons({ "Let it train": () => (velocities ? stop() : begin()) });
  const more = make(stage.el, "details");
  make(more, "summary", {}, "As numbers");
  addControls(make(more, "div", { class: "fig-controls" }), settings, [1, 2, 3].flatMap((k) => [`t${k}`, `w${k}`]));
  let velocities = null;
  let ended = "";

  const handles = COLORS.flatMap((name, k) => {
    const [hinge, weight] = [`t${k + 1}`, `w${k + 1}`];
    return [
      chart.handle({
        label: `hinge of unit ${k + 1}`, className: `fig-c-${name}`, steps: [0.05, 0],
        read: () => [values[hinge], 0],
        move: ([x]) => put({ [hinge]: x }),
        words: (x) => `at ${fixed(x)}`,
      }),
      chart.handle({
        label: `weight of unit ${k + 1}`, className: `fig-c-${name}`, square: true, steps: [0, 0.02],
        read: () => [values[hinge] + armOf(values[weight]), armOf(values[weight]) * values[weight]],
        move: ([x, y]) => put({ [weight]: weightAt(x, y, values[hinge]) }),
        nudge: (dx, dy) => put({ [weight]: values[weight] + 0.03 * dy }),
        words: () => fixed(values[weight]),
      }),
    ];
  });
  const knots = Array.from({ length: KNOTS }, (_, k) =>
    chart.handle({
      label: `target at ${fixed((k / (KNOTS - 1)) * END, 1)}`, className: "fig-c-ink", steps: [0, 0.1],
      read: () => [(k / (KNOTS - 1)) * END, values.heights[k] ?? 0],
      move: ([, y]) => settings.set({ heights: values.heights.with(k, Math.round(20 * Math.min(1.8, Math.max(-1.8, y))) / 20) }),
      words: (x, y) => fixed(y, 1),
    }));

  // By hand: what moves stops training, and keeps to the table.
  function put(changes) {
    stop();
    for (const [name, value] of Object.entries(changes)) {
      const { min, max } = settings.row(name);
      changes[name] = Math.round(100 * Math.min(max, Math.max(min, value))) / 100;
    }
    settings.set(changes);
  }

  function draw() {
    chart.frame({ range: [0, END], ticks: [0, 1, 2, 3, 4, 5, 6] }, { range: [-1.9, 1.9], ticks: [-1, 0, 1] });
    const units = unitsOf(values);
    const [target, sum] = [targetOf(values), sumOf(units)];
    chart.area(XS, target, sum, "fig-c-purple");
    units.forEach(({ hinge, weight }, k) => {
      chart.line(XS, sumOf([{ hinge, weight }]), `fig-thin fig-dash fig-c-${COLORS[k]}`);
    });
    chart.line(XS, target, "fig-c-ink fig-dash");
    chart.line(XS, sum, "fig-c-purple");
    for (const knot of knots) knot.group.style.display = values.target === "drawn" ? "" : "none";
    for (const handle of [...handles, ...knots]) handle.show();
  }

  function tell() {
    const target = targetOf(values);
    const gaps = sumOf(unitsOf(values)).map((y, i) => Math.abs(y - target[i]));
    const error = Math.max(...gaps);
    const square = gaps.reduce((sum, gap) => sum + gap ** 2, 0) / gaps.length;
    const known = values.target === "sine" && even !== undefined ? ` (evenly spaced hinges leave ${fixed(even, 3)}, the best ones 0.14)` : "";
    const drawn = values.target === "drawn" ? " Drag the black points to draw the target." : "";
    chart.describe(`The target, dashed, and the sum of three units, a chain of straight pieces; largest gap ${fixed(error, 2)}.`);
    stage.say(`Largest error ${fixed(error, 3)}${known}. Training makes another number small, the mean square of the error: ${fixed(square, 3)}.${ended}${drawn}`);
  }

  function begin() {
    velocities = unitsOf(values).map(() => ({ hinge: 0, weight: 0 }));
    train.textContent = "Stop";
    stage.status.setAttribute("aria-live", "off"); // not read aloud sixty times a second
    requestAnimationFrame(go);
  }

  function stop() {
    velocities = null;
    train.textContent = "Let it train";
    stage.status.setAttribute("aria-live", "polite");
  }

  function finish() {
    stop();
    ended = " Training has come to rest here: no small change helps.";
    tell();
  }

  function go() {
    if (!velocities) return;
    const [units, target] = [unitsOf(values), targetOf(values)];
    for (let step = 0; step < (calm() ? 10 * STEPS : STEPS); step++) descend(units, target, velocities);
    const changes = {};
    units.forEach(({ hinge, weight }, k) => Object.assign(changes, { [`t${k + 1}`]: hinge, [`w${k + 1}`]: weight }));
    settings.set(changes);
    if (velocities.every(({ hinge, weight }) => Math.abs(hinge) + Math.abs(weight) < STILL)) finish();
    requestAnimationFrame(go);
  }

  settings.onChange(() => {
    ended = "";
    chart.draw();
    tell();
  });
  tell();
}

export function descend(units, target, velocities) {
  gradients(units, target).forEach((gradient, k) => {
    for (const part of ["hinge", "weight"]) {
      velocities[k][part] = MOMENTUM * velocities[k][part] + gradient[part];
      units[k][part] -= RATE * velocities[k][part];
    }
    keep(units[k], velocities[k], "hinge", 0, LAST);
    keep(units[k], velocities[k], "weight", -4, 4);
  });
}

// Within its bounds; what runs against one stops there.
function keep(unit, velocity, part, low, high) {
  const inside = Math.min(high, Math.max(low, unit[part]));
  if (inside !== unit[part]) velocity[part] = 0;
  unit[part] = inside;
}

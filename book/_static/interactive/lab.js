// The lab: a multilayer perceptron that trains in the page. Every change of a setting begins a run
// again from the first weights; the run before stays as a faint line.

import { NAMES } from "./activation-loops.js";
import { Chart } from "./chart.js";
import { addEntry, calm, fixed, make, onTheme, percent, several, written } from "./dom.js";
import { Maps } from "./lab-maps.js";
import { NetworkView } from "./lab-network.js";
import { PlaneView } from "./lab-plane.js";
import { drawnPoints, drawnText } from "./points.js";
import { recipe } from "./recipe.js";
import { addControls, choiceControl } from "./settings.js";
import { Run } from "./training-run.js";

const DRAWN = drawnText([
  [-1.8, -1.2, 0], [-1.5, 0.2, 0], [-0.9, -0.6, 0], [-1.1, 1.1, 0], [-0.2, 1.8, 0], [0.7, 1.6, 0],
  [-0.6, -1.7, 0], [-2.1, 0.6, 0], [0.1, 0.2, 1], [0.6, -0.3, 1], [1.2, 0.4, 1], [0.9, -1.1, 1],
  [1.7, -0.4, 1], [0.2, -0.8, 1], [1.5, -1.5, 1], [2.1, 0.5, 1],
]);
const SETS = { moons: "moons", circles: "circles", xor: "XOR", spirals: "spirals", drawn: "drawn by you", digits: "8 × 8 digits" };
const SCHEMES = {
  zero: "all 0", constant: "all ½", small: "too small (0.01)", xavier: "Xavier", kaiming: "Kaiming", large: "too large (3 × Kaiming)",
};
const WORK_MS = 6; // of a frame, at most, for steps

export function settings({ digits, start = {} }) {
  const sets = { ...SETS };
  if (!digits) delete sets.digits;
  const table = [
    { name: "data", label: "data", kind: "choice", options: sets, default: "moons" },
    { name: "points", label: "points", kind: "number", values: [20, 50, 100, 200, 400], default: 200 },
    { name: "noise", label: "noise", kind: "number", min: 0, max: 0.8, step: 0.05, digits: 2, default: 0.2 },
    { name: "held", label: "held back", kind: "number", min: 0, max: 50, step: 5, unit: "%", default: 25 },
    { name: "hidden", label: "hidden units", kind: "numbers", min: 1, max: 16, step: 1, most: 6, default: [8, 8] },
    { name: "activations", label: "activations", kind: "choices", options: NAMES, most: 6, default: ["relu", "relu"] },
    { name: "init", label: "first weights", kind: "choice", options: SCHEMES, default: "kaiming" },
    { name: "biases", label: "biases", kind: "switch", default: true },
    { name: "seed", label: "draw", kind: "number", min: 1, max: 9999, step: 1, default: 1 },
    { name: "rate", label: "learning rate", kind: "number", values: [0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3], default: 0.1 },
    { name: "batch", label: "minibatch", kind: "number", values: [1, 5, 10, 20, 50, 100, 200], default: 20 },
    { name: "momentum", label: "momentum", kind: "number", values: [0, 0.5, 0.9, 0.99], default: 0 },
    { name: "decay", label: "L2 penalty", kind: "number", values: [0, 0.0001, 0.001, 0.01, 0.1], default: 0 },
    { name: "speed", label: "steps a frame", kind: "number", values: [1, 5, 20, 100], default: 5 },
    { name: "drawn", label: "drawn points", kind: "text", most: 2000, default: DRAWN },
    { name: "unit", label: "enlarged unit", kind: "text", most: 5, default: "" },
  ];
  for (const row of table) if (row.name in start) row.default = start[row.name];
  return table;
}

// Of two lists that have to be as long as each other, the activations give way.
export function matched(values) {
  const { hidden, activations } = values;
  return { ...values, activations: hidden.map((_, l) => activations[l] ?? activations.at(-1) ?? "relu") };
}

export function render(stage, data) {
  return new Lab(stage, data);
}

class Lab {
  constructor(stage, { digits }) {
    stage.el.figure = this; // for the benchmark
    Object.assign(this, { stage, settings: stage.settings, digits, playing: false, before: null, frames: 0 });
    stage.el.classList.add("lab");
    this.maps = new Maps();
    this.addTransport();
    const top = make(stage.el, "div", { class: "lab-top" });
    this.network = new NetworkView(top, this.maps, (unit) => this.choose(unit));
    const side = make(top, "div", { class: "lab-side" });
    this.title = make(side, "p", { class: "lab-title" });
    this.plane = new PlaneView(side, this.maps, (x, y) => this.put(x, y));
    this.back = stage.addButton(side, "Show the whole network’s answer", () => this.settings.set({ unit: "" }));
    this.addPenButtons(side);
    const middle = make(stage.el, "div", { class: "lab-middle" });
    this.addChart(middle);
    this.addTable(middle);
    this.addSettings();
    this.addCode();
    this.settings.onChange((names) => this.changed(names));
    onTheme(() => { this.maps.recolor(); this.show(false); });
    // of several changes since the last call the last one counts: a link may scroll to the figure at once
    new IntersectionObserver((changes) => { this.visible = changes.at(-1).isIntersecting; }).observe(stage.el);
    window.addEventListener("beforeprint", () => this.forPrint());
    this.visible = true;
    this.begin();
  }

  addTransport() {
    const { stage } = this;
    this.buttons = make(stage.el, "div", { class: "fig-buttons" });
    const add = (words, act) => stage.addButton(this.buttons, words, act);
    this.play = add("Play", () => this.toggle());
    this.play.classList.add("fig-main");
    add("One step", () => this.advance(1));
    add("One epoch", () => this.advance(this.stepsLeft()));
    add("Rewind", () => this.rewind());
    add("Draw anew", () => this.settings.set({ seed: (this.settings.values.seed % 9999) + 1 }));
    add("Start again", () => this.settings.reset());
    stage.addStatus();
    this.numbers = make(stage.el, "dl", { class: "lab-numbers" });
    this.shown = {};
    for (const name of ["draw", "step", "epoch", "training loss", "validation loss", "accuracy"]) {
      const pair = make(this.numbers, "div");
      make(pair, "dt", {}, name);
      this.shown[name] = make(pair, "dd");
    }
  }

  addPenButtons(parent) {
    this.penRow = make(parent, "div", { class: "fig-buttons" });
    const label = make(this.penRow, "label", { class: "fig-control fig-choice" });
    make(label, "span", {}, "put");
    this.penClass = 0;
    choiceControl(label, { options: { 0: "● blue", 1: "■ orange" } }, (key) => { this.penClass = Number(key); });
    const change = (edit) => this.settings.set({ drawn: drawnText(edit(drawnPoints(this.settings.values.drawn))) });
    this.stage.addButton(this.penRow, "Take the last back", () => change((points) => points.slice(0, -1)));
    this.stage.addButton(this.penRow, "Clear", () => change(() => []));
  }

  put(x, y) {
    const points = [...drawnPoints(this.settings.values.drawn), [x, y, this.penClass]];
    if (points.length <= 400) this.settings.set({ drawn: drawnText(points) });
  }

  addChart(parent) {
    const holder = make(parent, "div");
    const key = make(holder, "p", { class: "fig-key" });
    const lines = { "fig-c-blue": "training loss", "fig-dash fig-c-orange": "validation loss", "fig-c-guess": "a guess, ln K", "fig-faint fig-c-blue": "the run before" };
    for (const [look, words] of Object.entries(lines)) addEntry(key, look, words);
    this.chart = new Chart(holder, { label: "Losses over the steps.", height: 210 }, (chart) => this.drawLosses(chart));
  }

  drawLosses(chart) {
    const { run, before } = this;
    if (!run) return;
    const guess = Math.log(run.set.classes);
    const steps = Math.max(50, run.steps, before?.history.at(-1).step ?? 0);
    const highest = Math.max(...run.history.map(({ loss }) => (Number.isFinite(loss) ? loss : 0)), 1.2 * guess);
    chart.frame({ range: [0, steps], label: "" }, { range: [0, Math.min(highest * 1.05, 3 * guess)] });
    chart.line([0, steps], [guess, guess], "fig-c-guess");
    chart.text(chart.box.right, chart.down(guess) - 5, `ln ${run.set.classes} = ${fixed(guess, 3)}`, "end");
    if (before) this.drawCurves(chart, before.history, "fig-faint ");
    this.drawCurves(chart, run.history, "");
  }

  drawCurves(chart, history, look) {
    const every = Math.ceil(history.length / 240);
    const points = history.filter(({ loss }, i) => Number.isFinite(loss) && (i % every === 0 || i === history.length - 1));
    const steps = points.map(({ step }) => step);
    chart.line(steps, points.map(({ loss }) => loss), `${look}fig-c-blue`);
    if (points[0]?.heldLoss !== undefined) chart.line(steps, points.map(({ heldLoss }) => heldLoss), `${look}fig-c-orange fig-dash`);
  }

  addTable(parent) {
    const holder = make(parent, "div", { class: "fig-scroll", tabindex: 0, role: "region", "aria-label": "numbers for each layer" });
    const table = make(holder, "table", { class: "fig-table" });
    const head = make(make(table, "thead"), "tr");
    for (const name of ["layer", "RMS of activations", "RMS of gradients", "dead units"]) make(head, "th", { scope: "col" }, name);
    this.rows = make(table, "tbody");
  }

  showTable() {
    const layers = this.run.layers();
    this.rows.replaceChildren();
    layers.forEach(({ activation, gradient, dead }, l) => {
      const row = make(this.rows, "tr");
      const name = l < layers.length - 1 ? `hidden ${l + 1}` : "logits";
      make(row, "th", { scope: "row" }, name);
      const counted = dead === undefined ? "–" : `${dead} of ${this.run.sizes[l + 1]}`;
      for (const text of [written(activation, 2), written(gradient, 2), counted]) make(row, "td", {}, text);
    });
  }

  addSettings() {
    const all = make(this.stage.el, "div", { class: "lab-settings" });
    const group = (title) => {
      const box = make(all, "fieldset");
      make(box, "legend", {}, title);
      return box;
    };
    this.labels = addControls(group("Data"), this.settings, ["data", "points", "noise", "held"]);
    this.layers = group("Hidden layers");
    addControls(group("First weights"), this.settings, ["init", "biases"]);
    addControls(group("Training"), this.settings, ["rate", "batch", "momentum", "decay", "speed"]);
    this.showLayers();
  }

  // One row for each hidden layer; kept while only numbers change, so that the focus stays.
  showLayers() {
    const { hidden, activations } = matched(this.settings.values);
    if (this.layerRows?.length !== hidden.length) this.buildLayers(hidden.length);
    this.layerRows.forEach(({ slider, shown, choose }, l) => {
      slider.value = hidden[l];
      shown.textContent = several(hidden[l], "unit");
      slider.setAttribute("aria-valuetext", shown.textContent);
      choose(activations[l]);
    });
  }

  buildLayers(count) {
    this.layers.replaceChildren(this.layers.querySelector("legend"));
    this.layerRows = Array.from({ length: count }, (_, l) => this.buildLayer(l));
    const row = make(this.layers, "div", { class: "fig-buttons" });
    const { hidden, activations } = matched(this.settings.values);
    const more = this.stage.addButton(row, "Add a layer", () => {
      this.changeLayers([...hidden, hidden.at(-1) ?? 8], [...activations, activations.at(-1) ?? "relu"]);
    });
    const fewer = this.stage.addButton(row, "Take one away", () => this.changeLayers(hidden.slice(0, -1), activations.slice(0, -1)));
    [more.disabled, fewer.disabled] = [count === 6, count === 0];
  }

  changeLayers(hidden, activations) {
    const had = document.activeElement?.textContent;
    this.settings.set({ hidden, activations });
    [...this.layers.querySelectorAll("button")].find((button) => button.textContent === had)?.focus();
  }

  buildLayer(l) {
    const row = make(this.layers, "div", { class: "lab-layer" });
    const label = make(row, "label", { class: "fig-control fig-number" });
    make(label, "span", {}, `layer ${l + 1}`);
    const slider = make(label, "input", { type: "range", min: 1, max: 16, step: 1 });
    const shown = make(label, "output");
    const change = (name, value) => this.settings.set({ [name]: matched(this.settings.values)[name].with(l, value) });
    slider.addEventListener("input", () => change("hidden", Number(slider.value)));
    const choice = make(row, "label", { class: "fig-control fig-choice" });
    make(choice, "span", { class: "visually-hidden" }, `activation of layer ${l + 1}`);
    return { slider, shown, choose: choiceControl(choice, { options: NAMES }, (key) => change("activations", key)) };
  }

  addCode() {
    const box = make(this.stage.el, "details", { class: "lab-code" });
    make(box, "summary", {}, "This run as Python");
    const row = make(box, "div", { class: "fig-buttons" });
    const copy = this.stage.addButton(row, "Copy", () => this.copy(this.code.textContent, copy));
    const link = this.stage.addButton(row, "Copy a link to these settings", () => this.copy(this.address(), link));
    this.code = make(box, "pre", { tabindex: 0 });
    this.codeBox = box;
    box.addEventListener("toggle", () => this.showCode());
  }

  address() {
    const query = this.settings.query();
    return `${location.href.split("#")[0]}#${this.stage.id}${query ? `?${query}` : ""}`;
  }

  // The clipboard of the browser is not there on http of another host; the old way works everywhere.
  async copy(text, button) {
    const words = button.textContent;
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      const field = make(this.stage.el, "textarea", {}, text);
      field.select();
      document.execCommand("copy");
      field.remove();
    }
    button.textContent = "Copied";
    setTimeout(() => { button.textContent = words; }, 1500);
  }

  showCode() {
    if (this.codeBox.open && this.run) this.code.textContent = recipe(this.run.settings, this.run.sizes, this.run.held.length, this.run.steps);
  }

  // A run from the first weights.
  begin() {
    const settings = matched(this.settings.values);
    const drawing = settings.data === "drawn";
    this.plane.pen.hidden = this.penRow.hidden = !drawing;
    for (const name of ["points", "noise"]) this.labels[name].hidden = drawing || settings.data === "digits";
    const enough = !drawing || drawnPoints(settings.drawn).length > 1;
    this.run = enough ? new Run(settings, this.digits) : null;
    this.stage.el.classList.toggle("lab-empty", !enough);
    for (const button of [...this.buttons.children].slice(0, 4)) button.disabled = !enough;
    if (!enough) return this.waitForPoints();
    this.maps.open(this.run);
    this.plane.open(this.run);
    this.network.open(this.run);
    this.show(false);
  }

  waitForPoints() {
    this.pause();
    this.plane.run = null;
    this.plane.context?.clearRect(0, 0, 400, 400);
    this.stage.say("Put at least two points into the square to train on them.");
  }

  changed(names) {
    if (names.every((name) => ["unit", "speed"].includes(name))) return this.show(this.playing);
    if (this.run?.steps) this.before = { history: this.run.history, sizes: this.run.sizes };
    if (names.includes("data")) this.before = null; // other data, other losses
    this.showLayers();
    this.begin();
  }

  rewind() {
    this.pause();
    if (this.run.steps) this.before = { history: this.run.history };
    this.run.rewind();
    this.show(false);
  }

  stepsLeft() {
    return Math.ceil((this.run.train.length - this.run.next) / this.run.settings.batch);
  }

  // Steps by hand.
  advance(steps) {
    this.pause();
    for (let k = 0; k < steps; k++) this.run.step();
    this.show(false);
  }

  toggle() {
    if (this.playing) {
      this.pause();
      this.show(false);
      return;
    }
    this.playing = true;
    this.play.textContent = "Pause";
    this.stage.say("Training …");
    requestAnimationFrame(() => this.loop());
  }

  pause() {
    this.playing = false;
    this.play.textContent = "Play";
  }

  loop() {
    if (!this.playing) return;
    if (this.visible) this.frame();
    if (this.run.diverged) this.stop();
    requestAnimationFrame(() => this.loop());
  }

  // A frame's work: some steps, not longer than they may take, and one drawing.
  frame() {
    const { run } = this;
    const [start, epoch] = [performance.now(), run.epoch];
    for (let k = 0; k < this.settings.values.speed && performance.now() - start < WORK_MS; k++) run.step();
    if (calm() && run.epoch === epoch) return; // with less motion, one picture an epoch
    run.measure();
    this.draw(true);
  }

  stop() {
    this.pause();
    this.show(false);
  }

  // Everything, and in words.
  show(moving) {
    if (!this.run) return;
    if (!moving) this.run.measure();
    this.draw(moving);
    if (!moving) this.stage.say(this.sentence());
    this.showCode();
  }

  draw(moving) {
    const { maps, network, plane, chart } = this;
    this.useUnit();
    maps.refresh(moving);
    network.draw();
    plane.draw();
    chart.draw();
    if (!moving || this.frames++ % 8 === 0) this.showNumbers();
  }

  showNumbers() {
    const { run, shown } = this;
    const { loss, accuracy, heldLoss, heldAccuracy } = run.history.at(-1);
    const texts = {
      draw: run.settings.seed, step: run.steps, epoch: run.epoch, "training loss": written(loss),
      "validation loss": heldLoss === undefined ? "–" : written(heldLoss),
      accuracy: percent(heldAccuracy ?? accuracy),
    };
    for (const [name, text] of Object.entries(texts)) shown[name].textContent = text;
    this.showTable();
  }

  sentence() {
    const { run } = this;
    const { loss, accuracy, heldLoss, heldAccuracy } = run.history.at(-1);
    if (run.diverged) return `After ${several(run.steps, "step")} the loss is no longer a number: the run has diverged.`;
    const held = heldLoss === undefined ? "" : `; held back: loss ${written(heldLoss)}, accuracy ${percent(heldAccuracy)}`;
    const start = run.steps ? `After ${several(run.steps, "step")}` : "Before the first step";
    return `${start}: training loss ${written(loss)}, accuracy ${percent(accuracy)}${held}.`;
  }

  choose(unit) {
    this.settings.set({ unit: this.settings.values.unit === unit ? "" : unit });
  }

  // Which unit is enlarged, if there is one of that name.
  useUnit() {
    const [layer, unit] = this.settings.values.unit.split(".").map(Number);
    const there = unit >= 1 && unit <= (this.network.places?.[layer]?.length ?? this.run.sizes[layer]);
    this.plane.unit = there ? [layer, unit - 1] : null;
    this.network.mark(there ? this.settings.values.unit : "");
    this.back.hidden = !there;
    const words = there ? this.network.nameOf(layer, unit - 1) : this.maps.plane ? "The answer of the network" : "Confusion matrix";
    this.title.textContent = words[0].toUpperCase() + words.slice(1) + (there ? "" : ". Choose a unit’s tile to enlarge it.");
    this.plane.canvas.setAttribute("aria-label", this.describe(words, layer));
  }

  describe(words, layer) {
    if (!this.maps.plane) return this.plane.unit ? `${words}: the weights that come into it, as an image` : "How often each class got each answer";
    if (!this.plane.unit) return "The plane in the colors of the two classes, with the points on it";
    const lines = layer > 1 ? "; thin lines show where the units before it switch" : "";
    return `${words}, over the plane; a bold line shows where it switches${lines}`;
  }

  // On paper, a network that has learned something.
  forPrint() {
    if (!this.run || this.run.steps) return;
    for (let step = 1; step <= 400; step++) {
      this.run.step();
      if (step % 10 === 0) this.run.measure(); // a point of the curves
    }
    this.advance(0);
  }
}

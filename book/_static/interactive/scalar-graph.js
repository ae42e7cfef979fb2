// A small computational graph, played forward and backward box by box: values first, then the gradient
// of the last box on every arrow and in every box. A step of gradient descent changes the parameters.

import { fixed, make, onWidth } from "./dom.js";
import { boxesOf, bothPasses } from "./expression.js";
import { addControls } from "./settings.js";

// with the numbers t and λ of the chapter
const formulas = ({ t, weight_decay: decay }) => `z = w*x + b; h = tanh(z); l = (h - ${t})^2/2; s = ${decay}/2*w^2; J = l + s`;
const BOX = { height: 58, wide: 112, narrow: 104 };
const LETTER = 6.6; // pixels, bold
const PACE = 900; // milliseconds a box
const LETTERS = ["x", "w", "b"];

export function settings(data) {
  const { x, w, b } = data;
  const input = (name, start) => ({ name, label: name, kind: "number", min: -3, max: 3, step: 0.01, digits: 2, default: start });
  return [
    input("x", x), input("w", w), input("b", b),
    { name: "rate", label: "η", kind: "number", values: [0.1, 0.3, 1, 3], default: 0.3 },
    { name: "boxes", label: "boxes done", kind: "number", min: 0, max: 60, step: 1, default: 60 },
    { name: "formula", label: "formulas", kind: "text", most: 300, default: formulas(data) },
  ];
}

// Columns: a box stands right of all that it uses, an input just left of what uses it.
export function layout({ inputs, boxes }) {
  const level = Object.fromEntries(inputs.map((name) => [name, 0]));
  for (const { name, names } of boxes) level[name] = 1 + Math.max(0, ...names.map((one) => level[one]));
  for (const name of inputs) {
    const users = boxes.filter(({ names }) => names.includes(name)).map((box) => level[box.name]);
    level[name] = Math.min(...users) - 1;
  }
  const columns = [];
  for (const name of [...inputs, ...boxes.map((box) => box.name)]) (columns[level[name]] ??= []).push(name);
  return columns;
}

// How far aside each box lies: as the mean of what it uses, and no two of a column on each other.
export function lanesOf(columns, { boxes }) {
  const breadth = Math.max(...columns.map((column) => column.length));
  const lanes = {};
  for (const column of columns) {
    const wish = (name) => {
      const used = boxes.find((box) => box.name === name)?.names.filter((one) => one in lanes) ?? [];
      return used.length ? used.reduce((sum, one) => sum + lanes[one], 0) / used.length : column.indexOf(name);
    };
    const wishes = column.map((name, at) => ({ name, at, lane: wish(name) })).sort((a, b) => a.lane - b.lane || a.at - b.at);
    wishes.forEach((one, k) => { if (k) one.lane = Math.max(one.lane, wishes[k - 1].lane + 1); });
    const over = wishes.reduce((sum, one) => sum + one.lane - wish(one.name), 0) / wishes.length;
    const shift = Math.min(over, wishes[0].lane);
    const back = Math.max(0, wishes.at(-1).lane - shift - (breadth - 1));
    for (const { name, lane } of wishes) lanes[name] = lane - shift - back;
  }
  return lanes;
}

export function render(stage, data) {
  const { settings, values } = stage;
  const controls = make(stage.el, "div", { class: "fig-controls" });
  addControls(controls, settings, [...LETTERS, "rate"]);
  const row = make(stage.el, "div", { class: "fig-buttons" });
  const play = stage.addButton(row, "Play box by box", toggle);
  stage.addButton(row, "One box back", () => show(shown() - 1));
  stage.addButton(row, "Next box", () => show(shown() === last() ? 0 : shown() + 1));
  const step = stage.addButton(row, "Step: w ← w − η dw, b likewise", descend);
  stage.addButton(row, "Start again", () => { steps = []; settings.reset(); });
  const holder = make(stage.el, "div");
  const svg = make(holder, "svg", { role: "img", class: "fig-chart" });
  stage.addStatus();
  const own = make(stage.el, "details");
  make(own, "summary", {}, "An expression of your own");
  const label = make(own, "label", { class: "fig-own" });
  make(label, "span", {}, "One box a line: name = formula, with + − * / ^, tanh, exp, log, sin, cos, relu, sigmoid, sqrt; the last line is what is differentiated.");
  const area = make(label, "textarea", { rows: 6, spellcheck: "false" });
  const fault = make(own, "p", { role: "alert", class: "fig-status" });
  let graph = boxesOf(formulas(data));
  let result = null;
  let timer = 0;
  let steps = [];

  const last = () => 2 * graph.boxes.length;
  const shown = () => Math.min(values.boxes, last());
  const show = (boxes) => settings.set({ boxes: Math.max(0, boxes) >= last() ? 60 : Math.max(0, boxes) });

  function read() {
    try {
      const found = boxesOf(values.formula);
      result = bothPasses(found, values);
      graph = found;
      fault.textContent = "";
    } catch (error) {
      fault.textContent = `${error.message[0].toUpperCase()}${error.message.slice(1)}; the graph is that of the last formulas that could be read.`;
    }
    const text = values.formula.split(/[;\n]/).map((line) => line.trim()).join("\n");
    if (document.activeElement !== area) area.value = text;
  }

  area.addEventListener("input", () => settings.set({ formula: area.value.split("\n").join("; ") }));

  function toggle() {
    if (timer) return stop();
    if (shown() === last()) settings.set({ boxes: 0 });
    play.textContent = "Pause";
    timer = setInterval(() => {
      show(shown() + 1);
      if (shown() === last()) stop();
    }, PACE);
  }

  function stop() {
    clearInterval(timer);
    timer = 0;
    play.textContent = "Play box by box";
  }

  // Every parameter but the input x and what is fixed.
  function descend() {
    const before = result.values[graph.boxes.at(-1).name];
    const moved = ["w", "b"].filter((name) => graph.inputs.includes(name));
    const changes = Object.fromEntries(moved.map((name) => [name, values[name] - values.rate * result.gradients[name]]));
    for (const name of moved) changes[name] = Math.round(1e4 * Math.min(3, Math.max(-3, changes[name]))) / 1e4;
    settings.set({ ...changes, boxes: 60 });
    steps = [...(steps.length ? steps : [before]), result.values[graph.boxes.at(-1).name]].slice(-5);
    tell();
  }

  // Values of the boxes up to `forward`, gradients from the last one back.
  function stateOf() {
    const forward = Math.min(shown(), graph.boxes.length);
    const backward = Math.max(0, shown() - graph.boxes.length);
    const valued = new Set([...graph.inputs, ...graph.boxes.slice(0, forward).map((box) => box.name)]);
    const passed = new Set(graph.boxes.slice(graph.boxes.length - backward).map((box) => box.name));
    return { valued, passed };
  }

  function draw(width) {
    const columns = layout(graph);
    const down = width < 700; // on a narrow screen the graph goes from top to bottom
    const breadth = Math.max(...columns.map((column) => column.length));
    const box = down ? Math.min(BOX.narrow, width / breadth - 8) : Math.min(BOX.wide, width / columns.length - 54);
    const height = down ? columns.length * 100 : Math.max(230, breadth * 92);
    Object.entries({ width, height, viewBox: `0 0 ${width} ${height}` }).forEach(([name, value]) => svg.setAttribute(name, value));
    const places = {};
    const lanes = lanesOf(columns, graph);
    columns.forEach((column, i) => column.forEach((name) => {
      const [along, aside] = [(i + 0.5) / columns.length, (lanes[name] + 0.5) / breadth];
      places[name] = down ? [aside * width, along * height] : [along * width, aside * height];
    }));
    svg.replaceChildren();
    addTip(svg);
    const state = stateOf();
    const words = result.arrows.map((arrow) => drawArrow(arrow, places, box, state, down));
    for (const [name, place] of Object.entries(places)) drawBox(name, place, box, state);
    svg.append(...words.filter(Boolean)); // above all boxes
  }

  function drawArrow({ from, to, part }, places, box, { passed }, down) {
    const many = result.arrows.filter((arrow) => arrow.from === from).length > 1;
    const back = passed.has(to);
    const look = back ? (many ? "fig-c-orange" : "fig-c-blue") : "fig-c-gray";
    const { x1, y1, x2, y2 } = ends(places[from], places[to], box);
    const attributes = { class: `fig-line fig-thin ${look}`, "marker-end": "url(#fig-tip)" };
    make(svg, "line", { x1, y1, x2, y2, ...attributes });
    if (!back) return null;
    const share = down ? 0.32 : 0.5;
    const label = { x: x1 + share * (x2 - x1) + (down ? 4 : 0), y: y1 + share * (y2 - y1) - (down ? 0 : 5), "text-anchor": down ? "start" : "middle" };
    return make(svg, "text", { ...label, class: `fig-halo ${look}` }, fixed(part, 3));
  }

  function drawBox(name, [x, y], box, { valued, passed }) {
    const { height } = BOX;
    const known = result.arrows.filter((arrow) => arrow.from === name);
    const all = passed.size && known.every((arrow) => passed.has(arrow.to));
    const active = nowAt() === name ? " fig-active" : "";
    make(svg, "rect", { x: x - box / 2, y: y - height / 2, width: box, height, rx: 6, class: `fig-box${active}` });
    const word = { x, "text-anchor": "middle" };
    const formula = graph.boxes.find((one) => one.name === name)?.formula;
    const fits = formula && LETTER * (name.length + formula.length + 3) < box - 2;
    const title = fits ? `${name} = ${formula.replaceAll("*", "·")}` : name;
    make(svg, "text", { ...word, y: y - 13, class: "fig-bold" }, title);
    make(svg, "text", { ...word, y: y + 4 }, valued.has(name) ? fixed(result.values[name], 3) : "?");
    if (all) make(svg, "text", { ...word, y: y + 21, class: "fig-c-blue fig-gradient" }, `d${name} = ${fixed(result.gradients[name], 3)}`);
  }

  function nowAt() {
    const [k, count] = [shown(), graph.boxes.length];
    if (k === 0 || k === 2 * count) return "";
    return graph.boxes[k <= count ? k - 1 : 2 * count - k].name;
  }

  function sentence() {
    const { values: found, gradients, arrows } = result;
    const end = graph.boxes.at(-1).name;
    const [k, count] = [shown(), graph.boxes.length];
    if (k === 0) return "Forward first: press Next box.";
    if (k <= count) return `Forward: ${nowAt() || end} = ${fixed(found[graph.boxes[k - 1].name], 4)}.`;
    if (k < 2 * count) {
      const parts = arrows.filter((arrow) => arrow.to === nowAt());
      return `Backward through ${nowAt()}: ${parts.map(({ from, part }) => `${fixed(part, 4)} to ${from}`).join(", ")}.`;
    }
    const sums = graph.inputs.flatMap((name) => {
      const parts = arrows.filter(({ from }) => from === name);
      if (parts.length < 2) return [];
      return [`d${name} = ${parts.map(({ to, part }) => `${fixed(part, 4)} through ${to}`).join(" plus ")} = ${fixed(gradients[name], 4)}`];
    });
    const trail = steps.length ? ` ${end} step by step: ${steps.map((value) => fixed(value, 4)).join(" → ")}.` : "";
    return `${end} = ${fixed(found[end], 4)}. ${sums.join(". ")}${sums.length ? "." : ""}${trail}`;
  }

  function tell() {
    svg.setAttribute("aria-label", `The computational graph of ${values.formula}. ${sentence()}`);
    stage.say(sentence());
    step.disabled = !["w", "b"].some((name) => graph.inputs.includes(name));
  }

  function update() {
    read();
    result = bothPasses(graph, values);
    if (holder.clientWidth) draw(Math.floor(holder.clientWidth));
    tell();
  }

  settings.onChange((names) => {
    if (names.includes("formula") || names.includes("x")) steps = [];
    update();
  });
  update();
  onWidth(holder, draw);
}

function addTip(svg) {
  const marker = { id: "fig-tip", viewBox: "0 0 8 8", refX: 8, refY: 4, markerWidth: 8, markerHeight: 8, orient: "auto" };
  make(make(make(svg, "defs"), "marker", marker), "path", { d: "M0,0 L8,4 L0,8 z", class: "fig-tip" });
}

// Where the arrow between two centers leaves one box and meets the other.
function ends([x1, y1], [x2, y2], box) {
  const [dx, dy] = [x2 - x1, y2 - y1];
  const share = Math.min(box / 2 / Math.abs(dx || 1e-9), BOX.height / 2 / Math.abs(dy || 1e-9));
  return { x1: x1 + dx * share, y1: y1 + dy * share, x2: x2 - dx * share, y2: y2 - dy * share };
}

// Eight examples on a line, above as pre-activations of one unit, below as what batch normalization
// makes of them. Moving one moves the others; without the normalization it moves alone.

import { make, minus } from "./drawing.js";

const [WIDTH, HEIGHT, TOP, BOTTOM] = [600, 170, 40, 130];
const REACH = 4; // the line shows -REACH to REACH; the slider moves an example within it
const across = (value) => WIDTH / 2 + (value / REACH) * (WIDTH / 2 - 20);
const written = (value) => minus(value.toFixed(2));

// Mean 0 and variance 1 over the minibatch, with the variance that divides by N, as torch does.
export function normalize(z, eps) {
  const mean = z.reduce((sum, value) => sum + value, 0) / z.length;
  const variance = z.reduce((sum, value) => sum + (value - mean) ** 2, 0) / z.length;
  return z.map((value) => (value - mean) / Math.sqrt(variance + eps));
}

function drawFrame(svg) {
  for (const [y, name] of [[TOP, "pre-activations"], [BOTTOM, "outputs"]]) {
    make(svg, "line", { x1: 20, x2: WIDTH - 20, y1: y, y2: y, stroke: "#7a7a7a", opacity: 0.6 });
    make(svg, "text", { x: 20, y: y - 20, fill: "currentColor", "font-size": 13 }, name);
  }
}

export function render({ model, el }) {
  const start = model.get("z");
  const eps = model.get("eps");
  const z = [...start];
  const controls = make(el, "div");
  controls.style.cssText = "display: flex; flex-wrap: wrap; gap: 0.5rem 1.5rem; align-items: center";
  const choice = make(make(controls, "label", {}, "example "), "select");
  z.forEach((_, i) => make(choice, "option", { value: i }, `${i + 1}`));
  const slider = make(make(controls, "label", {}, "pre-activation "), "input", {
    type: "range", min: -REACH, max: REACH, step: 0.1,
  });
  const switchLabel = make(controls, "label");
  const normalized = make(switchLabel, "input", { type: "checkbox" });
  normalized.checked = true;
  switchLabel.append(" batch normalization");
  const again = make(controls, "button", { type: "button" }, "start again");
  const svg = make(el, "svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img", "aria-label":
    "Eight points on an upper line, their pre-activations, joined to eight points on a lower line, the outputs." });
  drawFrame(svg);
  const marks = z.map(() => ({
    line: make(svg, "line", { y1: TOP, y2: BOTTOM, "stroke-width": 1.5 }),
    above: make(svg, "circle", { cy: TOP, r: 7 }),
    below: make(svg, "circle", { cy: BOTTOM, r: 7 }),
  }));
  const report = make(el, "p", { "aria-live": "polite" });

  const outputs = (values) => (normalized.checked ? normalize(values, eps) : [...values]);

  function draw() {
    const chosen = Number(choice.value);
    const before = outputs(start);
    const now = outputs(z);
    marks.forEach(({ line, above, below }, i) => {
      const color = i === chosen ? "#d0590a" : "#2b7fbf";
      for (const [name, value] of [["x1", z[i]], ["x2", now[i]]]) line.setAttribute(name, across(value));
      above.setAttribute("cx", across(z[i]));
      below.setAttribute("cx", across(now[i]));
      line.setAttribute("stroke", color);
      for (const mark of [above, below]) mark.setAttribute("fill", color);
    });
    slider.value = z[chosen];
    slider.setAttribute("aria-valuetext", written(z[chosen]));
    const moved = now.filter((value, i) => i !== chosen && z[i] === start[i] && Math.abs(value - before[i]) > 1e-9);
    const largest = Math.max(0, ...now.map((value, i) => (z[i] === start[i] && i !== chosen ? Math.abs(value - before[i]) : 0)));
    report.textContent = `Outputs: ${now.map(written).join(", ")}. Of the examples nobody touched, ${moved.length} moved, by up to ${written(largest)}.`;
  }

  slider.addEventListener("input", () => { z[Number(choice.value)] = Number(slider.value); draw(); });
  choice.addEventListener("change", draw);
  normalized.addEventListener("change", draw);
  again.addEventListener("click", () => { z.splice(0, z.length, ...start); draw(); });
  draw();
}

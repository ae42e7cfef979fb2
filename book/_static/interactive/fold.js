// A strip of paper folded k times by the tent map, and cut once: the strip shows a cut at every x
// that the network maps to the height of the cut.

import { Chart } from "./chart.js";
import { addEntry, fixed, make, several } from "./dom.js";
import { addControls } from "./settings.js";

const POINTS = Array.from({ length: 65 }, (_, i) => i / 64); // every bend of six folds is among them
const HIGH = 0.97; // of a cut: nearer to a fold, two cuts look like one

export function settings({ pieces }) {
  return [
    { name: "folds", label: "folds (layers)", kind: "number", min: 1, max: pieces.length, step: 1, default: 2 },
    { name: "height", label: "height of the cut", kind: "number", min: 0.03, max: HIGH, step: 0.01, digits: 2, default: 0.4 },
  ];
}

const tent = (x) => 2 * Math.max(x, 0) - 4 * Math.max(x - 0.5, 0);
const folded = (x, k) => (k === 0 ? x : folded(tent(x), k - 1));

// Every x that k folds bring to y: each fold has laid two places on one, one from either half.
export function places(y, k) {
  return k === 0 ? [y] : places(y, k - 1).flatMap((x) => [x / 2, 1 - x / 2]).sort((a, b) => a - b);
}

export function render(stage, { pieces, parameters }) {
  const { settings, values } = stage;
  addControls(make(stage.el, "div", { class: "fig-controls" }), settings, ["folds", "height"]);
  const key = make(stage.el, "p", { class: "fig-key" });
  for (const [look, words] of [["fig-c-blue", "output of the network over its input"], ["fig-thin fig-dash fig-c-orange", "height of the cut: drag the ● at its end"]]) addEntry(key, look, words);
  make(key, "span", {}, "below: the strip, unfolded, and its cuts");
  const chart = new Chart(stage.el, { label: "", height: 300, room: { bottom: 64 } }, draw);
  stage.addStatus();
  stage.addButtons();
  const handle = chart.handle({
    label: "height of the cut", className: "fig-c-orange", steps: [0, 0.02],
    read: () => [1, values.height],
    move: ([, y]) => settings.set({ height: Math.round(100 * Math.min(HIGH, Math.max(0.03, y))) / 100 }),
    words: (x, y) => fixed(y),
  });

  function draw() {
    const { folds, height } = values;
    chart.frame({ range: [0, 1], ticks: [0, 0.5, 1] }, { range: [0, 1], ticks: [0, 1] });
    const { left, right } = chart.box;
    const top = chart.height - 36;
    chart.add("rect", { x: left, y: top, width: right - left, height: 30, class: "fig-strip" });
    chart.line(POINTS, POINTS.map((x) => folded(x, folds)), "fig-c-blue");
    chart.line([0, 1], [height, height], "fig-thin fig-dash fig-c-orange");
    for (const x of places(height, folds)) {
      const at = chart.across(x).toFixed(1);
      chart.add("circle", { cx: at, cy: chart.down(height), r: folds > 4 ? 3 : 4.5, class: "fig-dot-mark fig-c-orange" });
      chart.add("line", { x1: at, x2: at, y1: top, y2: top + 30, class: "fig-line fig-thin fig-c-orange" });
    }
    handle.show();
  }

  function tell() {
    const { folds, height } = values;
    const count = pieces[folds - 1];
    const found = places(height, folds).length;
    chart.describe(`A zigzag of ${several(count, "piece")} between 0 and 1, cut at ${fixed(height)}; the strip of paper below has ${several(found, "cut")}.`);
    stage.say(`${several(folds, "fold")}: ${several(count, "piece")}, ${parameters[folds - 1]} parameters; `
      + `one hidden layer needs at least ${several(count - 1, "unit")}, so ${3 * count - 2} parameters. One cut at ${fixed(height)} leaves ${found} in the strip.`);
  }

  settings.onChange(() => {
    chart.draw();
    tell();
  });
  tell();
}

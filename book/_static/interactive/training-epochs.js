// One image and what a network says about it after each epoch: bars for the probabilities of the
// classes, which softmax makes of the logits that the chapter's cells recorded.

import { make } from "./drawing.js";

const [LEFT, WIDTH, ROW] = [90, 250, 22]; // little more than a telephone's width: text keeps its size
const SIDE = 160;

// With the largest logit taken off, no exponential overflows.
export function softmax(logits) {
  const largest = Math.max(...logits);
  const powers = logits.map((logit) => Math.exp(logit - largest));
  const sum = powers.reduce((total, power) => total + power, 0);
  return powers.map((power) => power / sum);
}

function drawImage(canvas, values, [height, width]) {
  [canvas.height, canvas.width] = [height, width];
  const context = canvas.getContext("2d");
  const pixels = context.createImageData(width, height);
  values.forEach((value, i) => {
    const gray = Math.round((value / 99) * 255);
    pixels.data.set([gray, gray, gray, 255], 4 * i);
  });
  context.putImageData(pixels, 0, 0);
}

function drawBars(svg, classes) {
  return classes.map((name, i) => {
    const y = i * ROW;
    const label = { x: LEFT - 8, y: y + 15, "text-anchor": "end", fill: "currentColor", "font-size": 13 };
    return {
      name: make(svg, "text", label, name),
      bar: make(svg, "rect", { x: LEFT, y: y + 4, height: ROW - 8 }),
      number: make(svg, "text", { y: y + 15, fill: "currentColor", "font-size": 12 }),
    };
  });
}

export function render({ model, el }) {
  const [classes, labels, images] = ["classes", "labels", "images"].map((key) => model.get(key));
  const logits = model.get("logits"); // [epoch][image][class], in hundredths
  const lastEpoch = logits.length - 1;
  const controls = make(el, "div");
  controls.style.cssText = "display: flex; flex-wrap: wrap; gap: 0.5rem 1.5rem; align-items: center";
  const choice = make(make(controls, "label", {}, "image "), "select");
  labels.forEach((label, i) => make(choice, "option", { value: i }, `${i + 1}: ${classes[label]}`));
  const slider = make(make(controls, "label", {}, "epoch "), "input", {
    type: "range", min: 0, max: lastEpoch, step: 1, value: 0,
  });
  const shown = make(controls, "output");
  const figure = make(el, "div");
  figure.style.cssText = "display: flex; flex-wrap: wrap; gap: 1rem; align-items: center";
  const canvas = make(figure, "canvas", { role: "img" });
  canvas.style.cssText = `width: ${SIDE}px; height: ${SIDE}px; image-rendering: pixelated`;
  const svg = make(figure, "svg", {
    viewBox: `0 0 ${LEFT + WIDTH} ${classes.length * ROW}`, role: "img",
    "aria-label": "One bar per class, as long as its probability; the text below has the numbers.",
  });
  svg.style.cssText = "flex: 1 1 300px; min-width: 0; max-width: 460px";
  const rows = drawBars(svg, classes);
  const report = make(el, "p", { "aria-live": "polite" });

  function draw() {
    const [image, epoch] = [Number(choice.value), Number(slider.value)];
    const probabilities = softmax(logits[epoch][image].map((logit) => logit / 100));
    const truth = labels[image];
    const top = probabilities.indexOf(Math.max(...probabilities));
    drawImage(canvas, images[image], model.get("shape"));
    canvas.setAttribute("aria-label", `validation image of the class ${classes[truth]}`);
    rows.forEach(({ name, bar, number }, i) => {
      const length = probabilities[i] * (WIDTH - 60);
      bar.setAttribute("width", length);
      bar.setAttribute("fill", i === truth ? "#d0590a" : "#2b7fbf");
      name.setAttribute("font-weight", i === truth ? "bold" : "normal");
      number.setAttribute("x", LEFT + length + 6);
      number.textContent = `${(100 * probabilities[i]).toFixed(1)} %`;
    });
    shown.textContent = `${epoch} of ${lastEpoch}`;
    slider.setAttribute("aria-valuetext", `epoch ${epoch}`);
    const loss = -Math.log(probabilities[truth]);
    const verdict = top === truth ? "right" : "wrong";
    report.textContent = `Epoch ${epoch}: the network says ${classes[top]}, which is ${verdict}. ` +
      `It gives the true class, ${classes[truth]}, a probability of ${(100 * probabilities[truth]).toFixed(1)} %: ` +
      `a loss of ${loss.toFixed(2)} nats.`;
  }

  choice.addEventListener("change", draw);
  slider.addEventListener("input", draw);
  draw();
}

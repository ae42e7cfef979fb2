// Eight images and what a network says about them after each epoch: bars for the probabilities of the
// classes, which softmax makes of the logits that the chapter's cells recorded, and the loss by epoch.

import { Chart } from "./chart.js";
import { fixed, make, onTheme, percent } from "./dom.js";
import { addControls } from "./settings.js";

const PACE = 700; // milliseconds an epoch

// With the largest logit taken off, no exponential overflows.
export function softmax(logits) {
  const largest = Math.max(...logits);
  const powers = logits.map((logit) => Math.exp(logit - largest));
  const sum = powers.reduce((total, power) => total + power, 0);
  return powers.map((power) => power / sum);
}

const probabilities = (logits, epoch, image) => softmax(logits[epoch][image].map((logit) => logit / 100));

// The image whose true class gains the most: one that is learned.
export function mostLearned({ logits, labels }) {
  const gains = labels.map((label, image) =>
    probabilities(logits, logits.length - 1, image)[label] - probabilities(logits, 0, image)[label]);
  return gains.indexOf(Math.max(...gains));
}

export function settings(data) {
  return [
    { name: "image", label: "image", kind: "number", min: 1, max: data.labels.length, step: 1, default: mostLearned(data) + 1 },
    { name: "epoch", label: "epoch", kind: "number", min: 0, max: data.logits.length - 1, step: 1, default: 0 },
  ];
}

function drawImage(canvas, values, [height, width]) {
  Object.assign(canvas, { height, width });
  const context = canvas.getContext("2d");
  const pixels = context.createImageData(width, height);
  values.forEach((value, i) => {
    const gray = Math.round((value / 99) * 255);
    pixels.data.set([gray, gray, gray, 255], 4 * i);
  });
  context.putImageData(pixels, 0, 0);
}

export function render(stage, data) {
  const { settings, values } = stage;
  const { classes, labels, images, logits, shape } = data;
  const epochs = logits.map((_, epoch) => epoch);
  const thumbnails = make(stage.el, "div", { class: "fig-thumbnails", role: "group", "aria-label": "images" });
  const buttons = images.map((pixels, i) => {
    const button = make(thumbnails, "button", { type: "button", "aria-label": `image ${i + 1}: ${classes[labels[i]]}` });
    drawImage(make(button, "canvas", { "aria-hidden": "true" }), pixels, shape);
    button.addEventListener("click", () => settings.set({ image: i + 1 }));
    return button;
  });
  addControls(make(stage.el, "div", { class: "fig-controls" }), settings, ["epoch"]);
  const [play] = stage.addButtons({ Play: () => (timer ? stop() : begin()) });
  const panels = make(stage.el, "div", { class: "fig-two" });
  const left = make(panels, "div");
  make(left, "p", { class: "fig-key" }, "probability of each class; the true one in bold and orange");
  const bars = new Chart(left, {
    label: "", height: () => 24 * classes.length + 8, room: { left: 86, right: 52, top: 4, bottom: 4 },
  }, drawBars);
  const right = make(panels, "div");
  make(right, "p", { class: "fig-key" }, "loss of this image, by epoch");
  const curve = new Chart(right, { label: "", height: 220 }, drawCurve);
  stage.addStatus();
  let timer = 0;
  const cursor = curve.handle({
    label: "epoch", className: "fig-c-orange", steps: [1, 0],
    read: () => [values.epoch, lossAt(values.epoch)],
    move: ([x]) => settings.set({ epoch: Math.round(Math.min(epochs.length - 1, Math.max(0, x))) }),
    words: (x) => `epoch ${x}`,
  });

  const truth = () => labels[values.image - 1];
  const now = (epoch = values.epoch) => probabilities(logits, epoch, values.image - 1);
  const lossAt = (epoch) => -Math.log(Math.max(1e-12, now(epoch)[truth()]));

  function begin() {
    if (values.epoch === epochs.length - 1) settings.set({ epoch: 0 });
    play.textContent = "Pause";
    timer = setInterval(() => {
      settings.set({ epoch: values.epoch + 1 });
      if (values.epoch === epochs.length - 1) stop();
    }, PACE);
  }

  function stop() {
    clearInterval(timer);
    timer = 0;
    play.textContent = "Play";
  }

  function drawBars(chart) {
    chart.frame({ range: [0, 1], ticks: [] }, { range: [0, classes.length], ticks: [] });
    now().forEach((probability, k) => {
      const y = 4 + 24 * k;
      const look = k === truth() ? "fig-c-orange" : "fig-c-blue";
      chart.text(chart.box.left - 8, y + 15, classes[k], "end", k === truth() ? "fig-bold" : "");
      chart.add("rect", { x: chart.box.left, y: y + 3, width: chart.across(probability) - chart.box.left, height: 16, class: `fig-bar ${look}` });
      chart.text(chart.across(probability) + 6, y + 15, percent(probability));
    });
  }

  function drawCurve(chart) {
    const losses = epochs.map(lossAt);
    const guess = Math.log(classes.length);
    chart.frame({ range: [0, epochs.length - 1], ticks: epochs.length > 6 ? undefined : epochs }, { range: [0, Math.max(guess * 1.1, ...losses) * 1.05] });
    chart.line([0, epochs.length - 1], [guess, guess], "fig-c-guess");
    chart.text(chart.box.right, chart.down(guess) - 5, `a guess, ln ${classes.length}`, "end");
    chart.line(epochs, losses, "fig-c-blue");
    cursor.show();
  }

  function tell() {
    const shares = now();
    const top = shares.indexOf(Math.max(...shares));
    buttons.forEach((button, i) => button.setAttribute("aria-pressed", i === values.image - 1));
    bars.describe(`Probabilities of the classes after epoch ${values.epoch}, largest for ${classes[top]}, ${percent(shares[top])}`);
    curve.describe(`Loss of the image after each epoch: from ${fixed(lossAt(0))} to ${fixed(lossAt(epochs.length - 1))}`);
    stage.say(`Epoch ${values.epoch}: the network says ${classes[top]}, which is ${top === truth() ? "right" : "wrong"}. `
      + `It gives the true class, ${classes[truth()]}, a probability of ${percent(shares[truth()])}: a loss of ${fixed(lossAt(values.epoch))} nats${since(values.epoch)}.`);
  }

  // Whether the loss of the image went up or down.
  function since(epoch) {
    if (epoch === 0) return "";
    const [before, after] = [lossAt(epoch - 1), lossAt(epoch)];
    if (fixed(before) === fixed(after)) return ", as an epoch before";
    return `, ${after > before ? "up" : "down"} from ${fixed(before)}`;
  }

  function update() {
    bars.draw();
    curve.draw();
    tell();
  }

  settings.onChange(update);
  onTheme(update);
  update();
}

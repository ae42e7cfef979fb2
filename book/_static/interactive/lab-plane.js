// The large picture: what the network says over the plane with the points, or one unit with its hinge
// lines; for the digits the confusion matrix, or the weights that come into one unit.

import { color, make, onWidth } from "./dom.js";
import { makeDraggable } from "./chart.js";
import { REACH } from "./points.js";
import { zeroLine } from "./contour.js";

const SIDE = 320;

export class PlaneView {
  // place(x, y, start) is called when the reader puts a point
  constructor(parent, maps, place) {
    Object.assign(this, { maps, place, unit: null, side: SIDE });
    this.frame = make(parent, "div", { class: "lab-plane" });
    this.canvas = make(this.frame, "canvas", { role: "img", "aria-label": "" });
    this.addPen();
    onWidth(this.frame, (width) => {
      this.side = Math.min(SIDE, width);
      const ratio = Math.min(2, devicePixelRatio || 1);
      Object.assign(this.canvas, { width: this.side * ratio, height: this.side * ratio });
      Object.assign(this.canvas.style, { width: `${this.side}px`, height: `${this.side}px` });
      this.context = this.canvas.getContext("2d");
      this.context.setTransform(ratio, 0, 0, ratio, 0, 0);
      this.draw();
      this.showPen();
    });
  }

  open(run) {
    this.run = run;
  }

  across(x) {
    return ((x + REACH) / (2 * REACH)) * this.side;
  }

  down(y) {
    return ((REACH - y) / (2 * REACH)) * this.side;
  }

  draw() {
    const { context, run, maps, side } = this;
    if (!context || !run || !maps.ready) return;
    context.clearRect(0, 0, side, side);
    if (!maps.plane && !this.unit) return this.drawConfusion();
    context.imageSmoothingEnabled = maps.plane;
    const [layer, unit] = this.unit ?? [];
    context.drawImage(this.unit ? maps.unit(layer, unit, maps.plane ? maps.scaleOf(layer) : 1) : maps.answer(), 0, 0, side, side);
    if (!maps.plane) return;
    if (this.unit) this.drawHinges(layer, unit);
    this.drawPoints();
  }

  // Where the units before it switch, thin, and where this one does, bold.
  drawHinges(layer, unit) {
    const { view } = this.maps;
    if (layer > 1) for (let k = 0; k < view.sizes[layer - 1]; k++) this.drawZero(layer - 1, k, 1);
    if (layer > 0) this.drawZero(layer, unit, 2.5);
  }

  drawZero(layer, unit, width) {
    const { context, maps: { view, side: cells } } = this;
    const [Z, stride] = [view.Z[layer - 1], view.sizes[layer]];
    const values = Float64Array.from({ length: cells * cells }, (_, i) => Z[i * stride + unit]);
    const line = zeroLine(values, cells);
    context.beginPath();
    for (let k = 0; k < line.length; k += 4) {
      const [x1, y1, x2, y2] = line.slice(k, k + 4).map((cell) => ((cell + 0.5) / cells) * this.side);
      context.moveTo(x1, y1);
      context.lineTo(x2, y2);
    }
    context.strokeStyle = color("ink");
    context.lineWidth = width;
    context.stroke();
  }

  // Circles and squares, so that no class is told by color alone; what is held back is hollow.
  drawPoints() {
    const { context, run } = this;
    const held = new Set(run.held);
    const colors = ["blue", "orange"].map((name) => color(`${name}-deep`));
    const [paper, radius] = [color("paper"), run.set.y.length > 250 ? 2.5 : 3.5];
    run.set.y.forEach((label, i) => {
      const [x, y] = [this.across(run.set.X[2 * i]), this.down(run.set.X[2 * i + 1])];
      context.beginPath();
      if (label === 0) context.arc(x, y, radius, 0, 7);
      else context.rect(x - radius, y - radius, 2 * radius, 2 * radius);
      context.fillStyle = held.has(i) ? paper : colors[label];
      context.strokeStyle = held.has(i) ? colors[label] : paper;
      context.lineWidth = held.has(i) ? 1.5 : 0.8;
      context.fill();
      context.stroke();
    });
  }

  drawConfusion() {
    const { context, run, side } = this;
    const counts = run.confusion();
    const [cell, room] = [(side - 34) / 10, 34];
    const largest = Math.max(...counts.flat());
    Object.assign(context, { font: "12px system-ui, sans-serif", textAlign: "center", fillStyle: color("ink") });
    context.fillText("answer", room + 5 * cell, 12);
    context.save();
    context.rotate(-Math.PI / 2);
    context.fillText("truth", -(room + 5 * cell), 12);
    context.restore();
    for (let k = 0; k < 10; k++) {
      context.fillText(k, room + (k + 0.5) * cell, 28);
      context.fillText(k, 25, room + (k + 0.5) * cell + 4);
    }
    counts.forEach((row, truth) => row.forEach((count, answer) => {
      const [x, y] = [room + answer * cell, room + truth * cell];
      context.fillStyle = color(truth === answer ? "blue" : "orange");
      context.globalAlpha = count ? 0.2 + (0.5 * count) / largest : 0.06;
      context.fillRect(x, y, cell - 1, cell - 1);
      context.globalAlpha = 1;
      context.fillStyle = color("ink");
      if (count) context.fillText(count, x + cell / 2, y + cell / 2 + 4);
    }));
  }

  // A cross to be moved; Enter, or a click anywhere, puts a point.
  addPen() {
    this.pen = make(this.frame, "div", { class: "lab-pen", role: "slider", tabindex: 0, "aria-label": "pen: arrows move it, Enter puts a point" });
    this.at = [0, 0];
    this.pen.hidden = true;
    const put = (event) => {
      const box = this.canvas.getBoundingClientRect();
      this.at = [((event.clientX - box.left) / this.side) * 2 * REACH - REACH, REACH - ((event.clientY - box.top) / this.side) * 2 * REACH];
      this.showPen();
      this.place(...this.at);
    };
    this.canvas.addEventListener("click", (event) => { if (!this.pen.hidden) put(event); });
    makeDraggable(this.pen, {
      drag: () => {},
      nudge: (dx, dy) => {
        this.at = [this.at[0] + 0.1 * dx, this.at[1] + 0.1 * dy].map((value) => Math.min(REACH, Math.max(-REACH, value)));
        this.showPen();
      },
    });
    this.pen.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" && event.key !== " ") return;
      event.preventDefault();
      this.place(...this.at);
    });
  }

  showPen() {
    const [x, y] = this.at;
    Object.assign(this.pen.style, { left: `${this.across(x)}px`, top: `${this.down(y)}px` });
    this.pen.setAttribute("aria-valuenow", x.toFixed(1));
    this.pen.setAttribute("aria-valuetext", `${x.toFixed(1)}, ${y.toFixed(1)}`);
  }
}

// Curves in a frame with axes, drawn anew at every width so that its text keeps its size, and marks
// that can be dragged with a pointer or moved with keys.

import { fixed, make, onWidth, power } from "./dom.js";

const ROOM = { left: 44, right: 12, top: 10, bottom: 24 };

// A few round numbers between two ends.
export function ticksOf(low, high, most = 5) {
  const rough = (high - low) / most;
  const unit = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((factor) => factor * unit).find((one) => one >= rough);
  const first = Math.ceil(low / step - 1e-9);
  const count = Math.floor(high / step + 1e-9) - first + 1;
  return Array.from({ length: count }, (_, i) => (first + i) * step);
}

// Whole powers of ten between two ends, not too many.
function powersOf(low, high) {
  const [from, to] = [Math.ceil(Math.log10(low) - 1e-9), Math.floor(Math.log10(high) + 1e-9)];
  const every = Math.max(1, Math.ceil((to - from) / 5));
  return Array.from({ length: Math.floor((to - from) / every) + 1 }, (_, i) => 10 ** (from + i * every));
}

const tickText = (value, log) => (log ? (value === 1 ? "1" : power(Math.round(Math.log10(value)))) : fixed(value, 6).replace(/\.?0+$/, ""));

export class Chart {
  // draw(chart) is called with the frame's size known: it calls frame(), then lines and marks
  constructor(parent, { label, height = 260, room = {}, wide = 0.4 }, draw) {
    this.room = { ...ROOM, ...room };
    this.svg = make(parent, "svg", { class: "fig-chart" });
    this.back = make(this.svg, "g", { role: "img", "aria-label": label });
    this.front = make(this.svg, "g"); // what can be focused stays where it is
    this.draw = () => {
      if (!this.width) return;
      this.back.replaceChildren();
      draw(this);
    };
    onWidth(parent, (width) => {
      this.width = width;
      this.height = typeof height === "function" ? height(width) : Math.min(height, Math.max(180, width * wide * 2));
      this.svg.setAttribute("width", this.width);
      this.svg.setAttribute("height", this.height);
      this.svg.setAttribute("viewBox", `0 0 ${this.width} ${this.height}`); // on paper it may shrink
      this.draw();
    });
  }

  describe(words) {
    this.back.setAttribute("aria-label", words);
  }

  // Axes: { range: [low, high], label, log, ticks }
  frame(x, y) {
    Object.assign(this, { x, y });
    const head = y.label ? Math.max(24, this.room.top) : this.room.top;
    const [left, right, top, bottom] = [this.room.left, this.width - this.room.right, head, this.height - this.room.bottom];
    this.box = { left, right, top, bottom };
    for (const value of y.ticks ?? (y.log ? powersOf(...y.range) : ticksOf(...y.range))) {
      this.add("line", { x1: left, x2: right, y1: this.down(value), y2: this.down(value), class: "fig-grid" });
      this.text(left - 6, this.down(value) + 4, y.words?.(value) ?? tickText(value, y.log), "end");
    }
    for (const value of x.ticks ?? ticksOf(...x.range, Math.max(3, Math.floor(this.width / 90)))) {
      this.text(this.across(value), bottom + 16, x.words?.(value) ?? tickText(value), "middle");
    }
    if (x.label) this.text((left + right) / 2, this.height - 2, x.label, "middle");
    if (y.label) this.text(left, 12, y.label, "start", "fig-axis");
  }

  across(value) {
    const [low, high] = this.x.range;
    return this.box.left + ((value - low) / (high - low)) * (this.box.right - this.box.left);
  }

  down(value) {
    const { range: [low, high], log } = this.y;
    const at = log ? Math.log(value / low) / Math.log(high / low) : (value - low) / (high - low);
    const inside = Math.min(1.5, Math.max(-0.5, Number.isNaN(at) ? -0.5 : at));
    return this.box.bottom - inside * (this.box.bottom - this.box.top);
  }

  // The value under a place of the drawing.
  valueAt(px, py) {
    const { left, right, top, bottom } = this.box;
    const [[x0, x1], [y0, y1]] = [this.x.range, this.y.range];
    return [x0 + ((px - left) / (right - left)) * (x1 - x0), y0 + ((bottom - py) / (bottom - top)) * (y1 - y0)];
  }

  add(tag, attributes, text) {
    return make(this.back, tag, attributes, text);
  }

  text(x, y, words, anchor = "start", className = "") {
    return this.add("text", { x, y, "text-anchor": anchor, class: className }, words);
  }

  places(xs, ys) {
    return Array.from(xs, (x, i) => `${this.across(x).toFixed(1)},${this.down(ys[i]).toFixed(1)}`).join(" ");
  }

  line(xs, ys, className, attributes = {}) {
    return this.add("polyline", { points: this.places(xs, ys), class: `fig-line ${className}`, ...attributes });
  }

  area(xs, lows, highs, className) {
    const back = Array.from(xs).reverse();
    const points = `${this.places(xs, highs)} ${this.places(back, Array.from(lows).reverse())}`;
    return this.add("polygon", { points, class: `fig-area ${className}` });
  }

  // A mark to be dragged: move([x, y]) takes a place; steps are what an arrow key moves it by.
  handle({ label, className = "", square = false, steps, read, move, nudge, words }) {
    const group = make(this.front, "g", { class: `fig-handle ${className}`, role: "slider", tabindex: 0, "aria-label": label });
    make(group, "circle", { r: 14, class: "fig-reach" });
    if (square) make(group, "rect", { x: -6, y: -6, width: 12, height: 12 });
    else make(group, "circle", { r: 7 });
    group.setAttribute("aria-valuenow", 0);
    makeDraggable(group, {
      drag: (event) => {
        const frame = this.svg.getBoundingClientRect();
        move(this.valueAt(event.clientX - frame.left, event.clientY - frame.top));
      },
      nudge: nudge ?? ((dx, dy) => {
        const [x, y] = read();
        move([x + dx * steps[0], y + dy * steps[1]]);
      }),
    });
    return {
      group,
      show: () => {
        const [x, y] = read();
        group.setAttribute("transform", `translate(${this.across(x).toFixed(1)} ${this.down(y).toFixed(1)})`);
        group.setAttribute("aria-valuenow", fixed(steps[0] ? x : y, 2).replace("−", "-"));
        group.setAttribute("aria-valuetext", words(x, y));
      },
    };
  }
}

const KEYS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };

// Pointer and arrow keys (ten times as far with Shift) on one element.
export function makeDraggable(element, { drag, nudge }) {
  element.addEventListener("pointerdown", (event) => {
    element.setPointerCapture(event.pointerId);
    element.focus({ preventScroll: true });
    event.preventDefault();
  });
  element.addEventListener("pointermove", (event) => {
    if (element.hasPointerCapture(event.pointerId)) drag(event);
  });
  element.addEventListener("keydown", (event) => {
    if (!KEYS[event.key]) return;
    const far = event.shiftKey ? 10 : 1;
    nudge(...KEYS[event.key].map((one) => one * far));
    event.preventDefault();
  });
}

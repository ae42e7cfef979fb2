// What each unit says over the plane, or, for images, the weights that come into it: small pictures
// made from one array of 256 colors, and drawn wherever they are asked for.

import { Network } from "./network.js";
import { NAMES, quickLoop } from "./activation-loops.js";
import { REACH } from "./points.js";
import { rgb } from "./dom.js";

const WORK = 4e5; // products for one picture of the plane while the network trains

// Blue, paper, orange as 256 numbers, as the pixels of a canvas want them.
export function palette() {
  const [low, middle, high] = [rgb("blue"), rgb("middle"), rgb("orange")];
  return Uint32Array.from({ length: 256 }, (_, i) => {
    const share = (0.85 * Math.abs(i - 127.5)) / 127.5; // points in full color stand out
    const [r, g, b] = middle.map((value, k) => Math.round(value + share * ((i < 128 ? low : high)[k] - value)));
    return (255 << 24) | (b << 16) | (g << 8) | r;
  });
}

// From −1 to 1; what is not a number has the first color.
function colorOf(colors, value) {
  const level = 128 + 127.5 * value;
  return colors[level < 0 ? 0 : level > 255 ? 255 : level | 0];
}

export class Maps {
  constructor() {
    this.canvas = document.createElement("canvas");
    this.context = this.canvas.getContext("2d");
    this.recolor();
  }

  recolor() {
    this.colors = palette();
  }

  // The pictures of a run; its network's weights are read whenever they are drawn.
  open(run) {
    this.run = run;
    this.plane = run.set.inputs === 2;
    const { sizes } = run;
    this.view = new Network(sizes, run.settings.activations);
    [this.view.W, this.view.b] = [run.network.W, run.network.b];
    this.view.loops = run.settings.activations.map(quickLoop);
    const cost = sizes.slice(1).reduce((sum, outputs, l) => sum + outputs * sizes[l], 0);
    this.moving = Math.min(64, Math.max(24, 8 * Math.floor(Math.sqrt(WORK / cost) / 8)));
    this.side = 0;
  }

  get ready() {
    return !this.plane || this.side > 0;
  }

  // Go over the plane: a coarse grid while it trains, a fine one when it rests.
  refresh(moving) {
    if (!this.plane) return;
    this.useGrid(moving ? this.moving : Math.min(96, 2 * this.moving));
    this.view.forward(this.side ** 2);
  }

  useGrid(side) {
    if (side === this.side) return;
    this.side = side;
    this.view.room = 0;
    this.view.reserve(side * side);
    const input = this.view.H[0];
    for (let i = 0; i < side * side; i++) {
      input[2 * i] = (((i % side) + 0.5) / side) * 2 * REACH - REACH;
      input[2 * i + 1] = REACH - ((Math.floor(i / side) + 0.5) / side) * 2 * REACH;
    }
  }

  // Numbers of a unit over the grid: layer 0 are the inputs, the last one the logits.
  valuesOf(layer, unit) {
    const { view } = this;
    return { values: layer < view.depth ? view.H[layer] : view.Z[layer - 1], stride: view.sizes[layer], unit };
  }

  // What the color stands for: a value of twice the layer's root mean square is full color.
  scaleOf(layer) {
    const { values, stride } = this.valuesOf(layer, 0);
    const count = this.side ** 2 * stride;
    let sum = 0;
    for (let i = 0; i < count; i += 3) sum += values[i] * values[i];
    return 2 * Math.sqrt((3 * sum) / count) || 1;
  }

  // The picture of the next numbers: its canvas is used again for each.
  sheet(side) {
    if (this.pixels?.width !== side) {
      this.canvas.width = this.canvas.height = side;
      this.pixels = this.context.createImageData(side, side);
      this.words32 = new Uint32Array(this.pixels.data.buffer);
    }
    return this.words32;
  }

  show() {
    this.context.putImageData(this.pixels, 0, 0);
    return this.canvas;
  }

  paint(count, side, valueOf) {
    const words = this.sheet(side);
    for (let i = 0; i < count; i++) words[i] = colorOf(this.colors, valueOf(i));
    return this.show();
  }

  unit(layer, unit, scale) {
    if (!this.plane) return this.incoming(layer, unit);
    const { values, stride } = this.valuesOf(layer, unit);
    const [words, colors, factor] = [this.sheet(this.side), this.colors, 1 / scale];
    for (let i = 0, at = unit; i < words.length; i++, at += stride) words[i] = colorOf(colors, values[at] * factor);
    return this.show();
  }

  // The probability of the second class, for sets of two.
  answer() {
    const logits = this.view.Z[this.view.depth - 1];
    return this.paint(this.side ** 2, this.side, (i) => Math.tanh((logits[2 * i + 1] - logits[2 * i]) / 2));
  }

  // The weights that come into a unit, as a square image; the largest has full color.
  incoming(layer, unit) {
    const { W, sizes } = this.run.network;
    if (layer === 0) return this.paint(64, 8, (i) => 2 * this.run.set.X[i] - 1);
    const [inputs, outputs] = [sizes[layer - 1], sizes[layer]];
    const side = Math.ceil(Math.sqrt(inputs));
    let largest = 0;
    for (let i = 0; i < inputs; i++) largest = Math.max(largest, Math.abs(W[layer - 1][i * outputs + unit]));
    const weight = (i) => (i < inputs ? W[layer - 1][i * outputs + unit] / (largest || 1) : 0);
    return this.paint(side * side, side, weight);
  }

  words(layer) {
    return NAMES[this.run.settings.activations[layer - 1]] ?? "output";
  }
}

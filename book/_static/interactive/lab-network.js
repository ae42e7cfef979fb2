// The network as a drawing: a tile for each unit, the weights between them as lines. Tiles are buttons.

import { color, make, onWidth } from "./dom.js";

const [LEAST, MOST, HEAD] = [24, 60, 20]; // pixels: of a tile, and above the columns
const LEVELS = 6; // widths of a line

export class NetworkView {
  constructor(parent, maps, choose) {
    Object.assign(this, { maps, choose });
    this.panel = make(parent, "div", { class: "lab-network" });
    this.canvas = make(this.panel, "canvas", { "aria-hidden": "true" });
    this.tiles = [];
    onWidth(this.panel, (width) => {
      this.width = width;
      if (!this.run) return;
      this.open(this.run);
      this.draw();
    });
  }

  // Lay out a run's network anew.
  open(run) {
    this.run = run;
    if (!this.width) return;
    // an image is one input tile
    const counts = run.sizes.map((size, layer) => (layer === 0 && run.set.inputs > 2 ? 1 : size));
    const widest = Math.max(...counts);
    const pitch = this.width / counts.length;
    this.height = HEAD + Math.max(this.width > 420 ? 320 : 230, widest * (LEAST + 5));
    this.tile = Math.max(LEAST, Math.min(MOST, Math.floor(pitch * 0.62), Math.floor((this.height - HEAD) / widest) - 5));
    this.places = counts.map((count, layer) =>
      Array.from({ length: count }, (_, unit) => [pitch * (layer + 0.5), HEAD + ((this.height - HEAD) * (unit + 0.5)) / count]));
    this.resize();
    this.placeTiles();
  }

  resize() {
    const ratio = Math.min(2, devicePixelRatio || 1);
    this.panel.style.height = `${this.height}px`;
    this.panel.style.setProperty("--drawn", `${this.width}px`);
    Object.assign(this.canvas, { width: this.width * ratio, height: this.height * ratio });
    this.context = this.canvas.getContext("2d");
    this.context.scale(ratio, ratio);
  }

  placeTiles() {
    const wanted = this.places.flatMap((column, layer) => column.map((place, unit) => ({ layer, unit, place })));
    while (this.tiles.length > wanted.length) this.tiles.pop().remove();
    while (this.tiles.length < wanted.length) {
      const tile = make(this.panel, "button", { type: "button", class: "lab-tile" });
      tile.addEventListener("click", () => this.choose(tile.dataset.unit));
      this.tiles.push(tile);
    }
    wanted.forEach(({ layer, unit, place: [x, y] }, i) => {
      const tile = this.tiles[i];
      tile.style.cssText = `left: ${x - this.tile / 2}px; top: ${y - this.tile / 2}px; width: ${this.tile}px; height: ${this.tile}px`;
      tile.dataset.unit = `${layer}.${unit + 1}`;
      tile.setAttribute("aria-label", this.nameOf(layer, unit));
    });
  }

  nameOf(layer, unit) {
    if (layer === 0) return this.run.set.inputs > 2 ? "an image" : `input ${unit + 1}`;
    if (layer === this.run.sizes.length - 1) return `logit of class ${this.run.set.classes > 2 ? unit : unit + 1}`;
    return `unit ${unit + 1} of hidden layer ${layer}, ${this.maps.words(layer)}`;
  }

  mark(chosen) {
    for (const tile of this.tiles) tile.setAttribute("aria-pressed", tile.dataset.unit === chosen);
  }

  draw() {
    if (!this.places || !this.maps.ready) return;
    this.context.clearRect(0, 0, this.width, this.height);
    this.drawHeads();
    for (let layer = 1; layer < this.places.length; layer++) this.drawEdges(layer);
    this.places.forEach((column, layer) => this.drawColumn(column, layer));
  }

  drawHeads() {
    const { context } = this;
    const pitch = this.width / this.places.length;
    context.fillStyle = color("ink");
    context.font = "12px system-ui, sans-serif";
    context.textAlign = "center";
    this.places.forEach((column, layer) => {
      const last = layer === this.places.length - 1;
      const words = layer === 0 ? "input" : last ? "logits" : this.maps.words(layer);
      context.fillText(words, pitch * (layer + 0.5), 12, pitch - 6);
    });
  }

  // Lines of one width and sign are one stroke.
  drawEdges(layer) {
    const { context, run } = this;
    const [W, outputs, inputs] = [run.network.W[layer - 1], run.sizes[layer], this.places[layer - 1].length];
    if (inputs !== run.sizes[layer - 1]) return; // an image has no place for 64 lines
    let largest = 0;
    for (const weight of W) largest = Math.max(largest, Math.abs(weight));
    const strokes = Array.from({ length: 2 * LEVELS }, () => []);
    for (let k = 0; k < W.length; k++) {
      const level = Math.min(LEVELS - 1, Math.floor((LEVELS * Math.abs(W[k])) / (largest || 1)));
      if (Math.abs(W[k]) > 0.02 * largest) strokes[level + (W[k] > 0 ? LEVELS : 0)].push(k);
    }
    strokes.forEach((edges, at) => {
      context.beginPath();
      for (const k of edges) {
        const [x1, y1] = this.places[layer - 1][Math.floor(k / outputs)];
        const [x2, y2] = this.places[layer][k % outputs];
        context.moveTo(x1 + this.tile / 2, y1);
        context.lineTo(x2 - this.tile / 2, y2);
      }
      context.strokeStyle = color(at < LEVELS ? "blue" : "orange");
      context.lineWidth = 0.4 + 0.7 * (at % LEVELS);
      context.globalAlpha = 0.35 + 0.1 * (at % LEVELS);
      context.stroke();
    });
    context.globalAlpha = 1;
  }

  drawColumn(column, layer) {
    const { context, maps, tile } = this;
    const scale = maps.plane ? maps.scaleOf(layer) : 1;
    context.imageSmoothingEnabled = maps.plane;
    column.forEach(([x, y], unit) => {
      context.drawImage(maps.unit(layer, unit, scale), x - tile / 2, y - tile / 2, tile, tile);
    });
  }
}

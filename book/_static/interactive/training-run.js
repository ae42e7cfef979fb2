// One training run of the lab, from its settings: data, split, first weights, steps, measurements.

import { Network, rms } from "./network.js";
import { asSet, digitSet, drawnPoints, points } from "./points.js";
import { STREAMS, normals, order, streamKey } from "./random.js";

// The factor of a standard normal number; a scheme without one fills in a constant.
const SCALES = {
  small: () => 0.01,
  xavier: (inputs, outputs) => Math.sqrt(2 / (inputs + outputs)),
  kaiming: (inputs) => Math.sqrt(2 / inputs),
  large: (inputs) => 3 * Math.sqrt(2 / inputs),
};
const CONSTANTS = { zero: 0, constant: 0.5 };

export function firstWeights(inputs, outputs, scheme, seed, layer) {
  const count = inputs * outputs;
  if (scheme in CONSTANTS) return new Float64Array(count).fill(CONSTANTS[scheme]);
  const scale = SCALES[scheme](inputs, outputs);
  return normals(streamKey(seed, STREAMS.weights + layer), count).map((normal) => scale * normal);
}

export function dataOf(settings, digits) {
  if (settings.data === "digits") return digitSet(digits);
  if (settings.data === "drawn") return asSet(drawnPoints(settings.drawn));
  return points(settings.data, settings.points, settings.noise, settings.seed);
}

export class Run {
  constructor(settings, digits) {
    this.settings = settings;
    this.set = dataOf(settings, digits);
    const count = this.set.y.length;
    const shuffled = order(streamKey(settings.seed, STREAMS.split), count);
    const numHeld = Math.floor((count * settings.held) / 100);
    this.held = shuffled.slice(0, numHeld);
    this.train = shuffled.slice(numHeld);
    this.sizes = [this.set.inputs, ...settings.hidden, this.set.classes];
    this.network = new Network(this.sizes, settings.activations, settings.biases);
    this.rewind();
  }

  // Back to the first weights, the same as before.
  rewind() {
    const { network, settings } = this;
    network.W.forEach((W, l) => W.set(firstWeights(this.sizes[l], this.sizes[l + 1], settings.init, settings.seed, l)));
    for (const arrays of [network.b, network.vW, network.vb]) arrays.forEach((array) => array.fill(0));
    [this.steps, this.epoch, this.next] = [0, 0, 0];
    this.history = [];
    this.measure();
  }

  get diverged() {
    return !Number.isFinite(this.history.at(-1).loss);
  }

  step() {
    const { network, settings, train } = this;
    if (this.next === 0) this.shuffled = order(streamKey(settings.seed, STREAMS.order + this.epoch), train.length);
    const rows = Math.min(settings.batch, train.length - this.next);
    const chosen = this.shuffled.subarray(this.next, this.next + rows).map((i) => train[i]);
    network.load(this.set.X, chosen, 0, rows);
    network.forward(rows);
    const { loss } = network.loss(this.set.y, chosen, 0, rows);
    network.backward(rows, settings.decay);
    network.step(settings.rate, settings.momentum);
    this.steps += 1;
    this.next += rows;
    if (this.next >= train.length) [this.epoch, this.next] = [this.epoch + 1, 0];
    return loss;
  }

  // Losses and accuracies over whole parts of the data, and what each layer is like.
  measure() {
    const held = this.held.length ? this.evaluate(this.held) : null;
    const train = this.evaluate(this.train); // last: its gradients and activations stay
    this.network.backward(this.train.length, this.settings.decay);
    const entry = { step: this.steps, loss: train.loss, accuracy: train.accuracy };
    if (held) Object.assign(entry, { heldLoss: held.loss, heldAccuracy: held.accuracy });
    if (this.history.at(-1)?.step === this.steps) this.history.pop();
    this.history.push(entry);
    if (this.history.length > 1200) this.history = this.history.filter((_, i) => i % 2 === 0 || i === 1200);
    return entry;
  }

  evaluate(chosen) {
    const rows = chosen.length;
    this.network.load(this.set.X, chosen, 0, rows);
    this.network.forward(rows);
    const { loss, right } = this.network.loss(this.set.y, chosen, 0, rows);
    return { loss, accuracy: right / rows };
  }

  // One row for each layer, after measure().
  layers() {
    const { network, train, sizes, settings } = this;
    return network.dW.map((dW, l) => {
      const outputs = l < network.depth - 1 ? network.H[l + 1] : network.Z[l];
      const row = { activation: rms(outputs, train.length * sizes[l + 1]), gradient: rms(dW) };
      if (settings.activations[l] === "relu") row.dead = this.dead(l);
      return row;
    });
  }

  // The ReLU units of a layer that are 0 for every training example.
  dead(layer) {
    const [H, units, rows] = [this.network.H[layer + 1], this.sizes[layer + 1], this.train.length];
    const alive = new Uint8Array(units);
    for (let i = 0; i < rows * units; i++) if (H[i] > 0) alive[i % units] = 1;
    return units - alive.reduce((sum, one) => sum + one, 0);
  }

  // [truth][answer], counted over the held-out examples, or all if none are.
  confusion() {
    const [chosen, classes] = [this.held.length ? this.held : this.train, this.set.classes];
    const counts = Array.from({ length: classes }, () => new Array(classes).fill(0));
    this.evaluate(chosen);
    const logits = this.network.Z[this.network.depth - 1];
    chosen.forEach((example, n) => {
      const row = logits.subarray(n * classes, (n + 1) * classes);
      counts[this.set.y[example]][row.indexOf(Math.max(...row))] += 1;
    });
    return counts;
  }
}

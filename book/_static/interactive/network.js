// A multilayer perceptron in float64: forward, backward, a step. Rows are examples, a layer is
// H W + b, as in the course; matrices lie row by row in flat arrays. Nothing here draws.

import { LOOPS } from "./activation-loops.js";

const zeros = (count) => new Float64Array(count);

export function rms(values, count = values.length) {
  let sum = 0;
  for (let i = 0; i < count; i++) sum += values[i] * values[i];
  return Math.sqrt(sum / count);
}

// Z = H W + b for the first rows.
function affine(H, W, b, Z, rows, inputs, outputs) {
  for (let n = 0; n < rows; n++) {
    const [from, to] = [n * inputs, n * outputs];
    for (let j = 0; j < outputs; j++) Z[to + j] = b[j];
    for (let i = 0; i < inputs; i++) {
      const h = H[from + i];
      if (h === 0) continue; // half of what ReLU gives
      const row = i * outputs;
      for (let j = 0; j < outputs; j++) Z[to + j] += h * W[row + j];
    }
  }
}

// dW = Hᵀ dZ and db, the column sums of dZ.
function affineGradients(H, dZ, dW, db, rows, inputs, outputs) {
  dW.fill(0);
  db.fill(0);
  for (let n = 0; n < rows; n++) {
    const [from, to] = [n * inputs, n * outputs];
    for (let j = 0; j < outputs; j++) db[j] += dZ[to + j];
    for (let i = 0; i < inputs; i++) {
      const h = H[from + i];
      if (h === 0) continue;
      const row = i * outputs;
      for (let j = 0; j < outputs; j++) dW[row + j] += h * dZ[to + j];
    }
  }
}

// dH = dZ Wᵀ.
function affineInputs(dZ, W, dH, rows, inputs, outputs) {
  for (let n = 0; n < rows; n++) {
    const [from, to] = [n * inputs, n * outputs];
    for (let i = 0; i < inputs; i++) {
      const row = i * outputs;
      let sum = 0;
      for (let j = 0; j < outputs; j++) sum += dZ[to + j] * W[row + j];
      dH[from + i] = sum;
    }
  }
}

export class Network {
  // sizes: from the inputs to the classes; activations: one name for each hidden layer
  constructor(sizes, activations, biases = true) {
    this.sizes = sizes;
    this.loops = activations.map((name) => LOOPS[name]);
    this.biases = biases;
    this.depth = sizes.length - 1;
    const layers = sizes.slice(1).map((outputs, l) => [sizes[l], outputs]);
    const matrices = () => layers.map(([inputs, outputs]) => zeros(inputs * outputs));
    const rows = () => layers.map(([, outputs]) => zeros(outputs));
    [this.W, this.dW, this.vW] = [matrices(), matrices(), matrices()];
    [this.b, this.db, this.vb] = [rows(), rows(), rows()];
    this.room = 0;
  }

  // Buffers for a minibatch; they only grow, so that no step allocates.
  reserve(rows) {
    if (rows <= this.room) return;
    this.room = rows;
    this.H = this.sizes.slice(0, -1).map((size) => zeros(rows * size));
    this.Z = this.sizes.slice(1).map((size) => zeros(rows * size));
    this.dZ = this.sizes.slice(1).map((size) => zeros(rows * size));
  }

  // Copy the chosen examples into the buffer that the first layer reads.
  load(X, chosen, first, rows) {
    this.reserve(rows);
    const [inputs, input] = [this.sizes[0], this.H[0]];
    for (let n = 0; n < rows; n++) {
      const from = chosen[first + n] * inputs;
      for (let i = 0; i < inputs; i++) input[n * inputs + i] = X[from + i];
    }
  }

  forward(rows) {
    for (let l = 0; l < this.depth; l++) {
      const [inputs, outputs] = [this.sizes[l], this.sizes[l + 1]];
      affine(this.H[l], this.W[l], this.b[l], this.Z[l], rows, inputs, outputs);
      if (l < this.depth - 1) this.loops[l].value(this.Z[l], this.H[l + 1], rows * outputs);
    }
    return this.Z[this.depth - 1];
  }

  // Mean cross-entropy and the number of examples that are right; leaves dlogits for backward.
  loss(y, chosen, first, rows) {
    const [logits, dlogits, classes] = [this.Z[this.depth - 1], this.dZ[this.depth - 1], this.sizes[this.depth]];
    let [total, right] = [0, 0];
    for (let n = 0; n < rows; n++) {
      const [at, label] = [n * classes, y[chosen[first + n]]];
      let [largest, sum] = [at, 0];
      for (let k = at + 1; k < at + classes; k++) if (logits[k] > logits[largest]) largest = k;
      const top = logits[largest];
      for (let k = at; k < at + classes; k++) sum += dlogits[k] = Math.exp(logits[k] - top);
      for (let k = at; k < at + classes; k++) dlogits[k] /= sum * rows;
      dlogits[at + label] -= 1 / rows;
      total += Math.log(sum) - (logits[at + label] - top);
      if (largest === at + label) right += 1;
    }
    return { loss: total / rows, right };
  }

  backward(rows, decay) {
    for (let l = this.depth - 1; l >= 0; l--) {
      const [inputs, outputs] = [this.sizes[l], this.sizes[l + 1]];
      affineGradients(this.H[l], this.dZ[l], this.dW[l], this.db[l], rows, inputs, outputs);
      if (decay) for (let i = 0; i < inputs * outputs; i++) this.dW[l][i] += decay * this.W[l][i];
      if (l === 0) return;
      affineInputs(this.dZ[l], this.W[l], this.dZ[l - 1], rows, inputs, outputs);
      this.loops[l - 1].slope(this.Z[l - 1], this.H[l], this.dZ[l - 1], rows * inputs);
    }
  }

  step(rate, momentum) {
    for (let l = 0; l < this.depth; l++) {
      descend(this.W[l], this.dW[l], this.vW[l], rate, momentum);
      if (this.biases) descend(this.b[l], this.db[l], this.vb[l], rate, momentum);
    }
  }
}

function descend(parameter, gradient, velocity, rate, momentum) {
  for (let i = 0; i < parameter.length; i++) {
    velocity[i] = momentum * velocity[i] + gradient[i];
    parameter[i] -= rate * velocity[i];
  }
}

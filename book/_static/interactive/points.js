// The sets of the lab: points of the plane, drawn as mlpkit/lab.py draws them.

import { STREAMS, normals, streamKey, uniform } from "./random.js";

export const REACH = 3; // the plane that is shown: from −REACH to REACH

// From two numbers between 0 and 1 and the class: a point without noise.
const SHAPES = {
  moons: (u, v, label) => {
    const [x, y] = [Math.cos(Math.PI * u), Math.sin(Math.PI * u)];
    return label === 0 ? [1.4 * (x - 0.5), 1.4 * (y - 0.25)] : [1.4 * (0.5 - x), 1.4 * (0.25 - y)];
  },
  circles: (u, v, label) => {
    const radius = label === 0 ? 0.9 : 2.2;
    return [radius * Math.cos(2 * Math.PI * u), radius * Math.sin(2 * Math.PI * u)];
  },
  xor: (u, v, label) => {
    const [x, y] = [0.2 + 2.2 * u, 0.2 + 2.2 * v]; // a gap along the axes
    return [x, label === 0 ? y : -y];
  },
  spirals: (u, v, label) => {
    const [radius, angle] = [0.2 + 2.4 * u, 7 * u + Math.PI * label];
    return [radius * Math.cos(angle), radius * Math.sin(angle)];
  },
};

// On a grid of 2⁻¹⁶, so that the last digit of a cosine does not matter.
const snapped = (value) => Math.floor(value * 65536 + 0.5) / 65536;

export function points(name, count, noise, seed) {
  const [places, shaken] = [streamKey(seed, STREAMS.points), normals(streamKey(seed, STREAMS.noise), 2 * count)];
  const [X, y] = [new Float64Array(2 * count), new Int32Array(count)];
  for (let i = 0; i < count; i++) {
    y[i] = i % 2;
    let [a, b] = SHAPES[name](uniform(places, 2 * i), uniform(places, 2 * i + 1), y[i]);
    if (name === "xor" && i % 4 > 1) [a, b] = [-a, -b]; // the opposite corner
    X[2 * i] = snapped(a + noise * shaken[2 * i]);
    X[2 * i + 1] = snapped(b + noise * shaken[2 * i + 1]);
  }
  return { X, y, inputs: 2, classes: 2 };
}

// Points that a reader drew, as the text of the address: five letters each.
const LETTERS = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-_";
const STEPS = 4096;
const pair = (number) => LETTERS[number >> 6] + LETTERS[number & 63];
const unpair = (text) => LETTERS.indexOf(text[0]) * 64 + LETTERS.indexOf(text[1]);
const place = (step) => (step / STEPS) * 2 * REACH - REACH;

export function drawnText(drawn) {
  const step = (value) => Math.min(STEPS - 1, Math.max(0, Math.round(((value + REACH) / (2 * REACH)) * STEPS)));
  return drawn.map(([x, y, label]) => pair(step(x)) + pair(step(y)) + label).join("");
}

export function drawnPoints(text) {
  const found = text.match(/[\w-]{4}[01]/g) ?? [];
  return found.map((word) => [place(unpair(word)), place(unpair(word.slice(2))), Number(word[4])]);
}

export function asSet(drawn) {
  const X = Float64Array.from(drawn.flatMap(([x, y]) => [x, y]));
  return { X, y: Int32Array.from(drawn, (point) => point[2]), inputs: 2, classes: 2 };
}

// The digits come from a cell: one letter for each pixel, 0 to g, and one for each class.
export function digitSet({ pixels, labels }) {
  const X = Float64Array.from(pixels, (letter) => parseInt(letter, 17) / 16);
  return { X, y: Int32Array.from(labels, Number), inputs: 64, classes: 10 };
}

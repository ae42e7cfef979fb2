// The generator of the lab, the same in mlpkit/lab.py: the n-th draw of a stream is a hash of n, so
// that any draw can be had by itself and both languages give the same bits.

const GOLDEN = 0x9e3779b9; // 2³² over the golden ratio: neighboring counters lie far apart

// What each stream is for; a layer or an epoch is added to the last three.
export const STREAMS = { points: 1, noise: 2, split: 3, weights: 100, order: 1000 };

function mixed(bits) {
  let x = bits | 0;
  x ^= x >>> 16;
  x = Math.imul(x, 0x21f0aaad);
  x ^= x >>> 15;
  x = Math.imul(x, 0x735a2d97);
  x ^= x >>> 15;
  return x >>> 0;
}

export const streamKey = (seed, stream) => mixed(mixed((seed + GOLDEN) | 0) + Math.imul(stream, 0x85ebca6b));

// The n-th draw of a stream, 32 bits.
export const bits = (key, n) => mixed(key + Math.imul(n, GOLDEN));

// Between 0 and 1, and never either of them.
export const uniform = (key, n) => (bits(key, n) + 0.5) / 4294967296;

// Standard normal numbers by the ratio of two uniform ones: the logarithm only decides which are
// kept, so that no number depends on the last digit of a library's logarithm.
export function normals(key, count) {
  const kept = new Float64Array(count);
  for (let trial = 0, found = 0; found < count; trial++) {
    const u = uniform(key, 2 * trial);
    const x = (1.7155277699214135 * (uniform(key, 2 * trial + 1) - 0.5)) / u;
    if (x * x <= -4 * Math.log(u)) kept[found++] = x;
  }
  return kept;
}

// An order of 0 … count − 1: by their draws, and by themselves where two draws are equal.
export function order(key, count) {
  const ranked = Float64Array.from({ length: count }, (_, i) => bits(key, i) * 1048576 + i);
  return Int32Array.from(ranked.sort(), (rank) => rank % 1048576);
}

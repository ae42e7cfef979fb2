// Activations over whole arrays: value writes φ(Z) into H, slope multiplies D by φ′(Z). Each has a
// loop of its own, since a browser runs one loop that calls many functions two or three times slower.

// erfc(a) exp(a²) (1 + 2a) for a ≥ 0 as a Chebyshev series in (a − 3)/(a + 3)
const SERIES = [
  1.17756257419656, 0.0053539045396156768, -0.093775503422842091, 0.05436652555744322,
  -0.018976596707845207, 0.0044534260614627116, -0.00063355317105531469, 1.7661719523171592e-5,
  1.2841532864056671e-5, -2.0072285659059914e-6, -1.8075227904148371e-7, 7.5498283438250928e-8,
  1.8856685238386028e-9, -2.699519049798364e-9, -1.4600791199391049e-11, 1.036160744596949e-10,
  1.475715976623473e-12, -4.2773400643969108e-12, -2.07922492859799e-13, 1.8134502003176962e-13,
  1.9734255745447388e-14, -7.2879437375926732e-15, -1.5169878690228116e-15, 2.3514112258781404e-16,
  1.0006111691821668e-16, -2.0572528169538546e-18, -5.6086082188631829e-18, -5.5468847259944304e-19,
];
const ROOT_HALF = Math.SQRT1_2;
const DENSITY = 1 / Math.sqrt(2 * Math.PI);

// The complementary error function of a number ≥ 0, right to the last digits far out, too.
export function erfc(a) {
  if (a > 27) return 0; // below the smallest number; further out 0 · ∞ would be nan
  const s = (a - 3) / (a + 3);
  let [last, before] = [0, 0];
  for (let k = SERIES.length - 1; k > 0; k--) [last, before] = [2 * s * last - before + SERIES[k], last];
  const high = Math.fround(a); // its square is exact
  const power = Math.exp(-high * high) * Math.exp((high - a) * (high + a));
  return (power * (s * last - before + SERIES[0])) / (1 + 2 * a);
}

// The standard normal distribution function.
export const normalCdf = (z) => (z < 0 ? erfc(-z * ROOT_HALF) : 2 - erfc(z * ROOT_HALF)) / 2;

export function sigmoid(z) {
  const e = Math.exp(-Math.abs(z));
  return (z < 0 ? e : 1) / (1 + e);
}

export const LOOPS = {
  identity: {
    value(Z, H, n) { for (let i = 0; i < n; i++) H[i] = Z[i]; },
    slope() {},
  },
  step: {
    value(Z, H, n) { for (let i = 0; i < n; i++) H[i] = Z[i] > 0 ? 1 : 0; },
    slope(Z, H, D, n) { D.fill(0, 0, n); },
  },
  relu: {
    value(Z, H, n) { for (let i = 0; i < n; i++) H[i] = Z[i] > 0 ? Z[i] : 0; },
    slope(Z, H, D, n) { for (let i = 0; i < n; i++) if (!(Z[i] > 0)) D[i] = 0; },
  },
  prelu: {
    value(Z, H, n) { for (let i = 0; i < n; i++) H[i] = Z[i] > 0 ? Z[i] : 0.25 * Z[i]; },
    slope(Z, H, D, n) { for (let i = 0; i < n; i++) if (!(Z[i] > 0)) D[i] *= 0.25; },
  },
  sigmoid: {
    value(Z, H, n) {
      for (let i = 0; i < n; i++) {
        const e = Math.exp(-Math.abs(Z[i]));
        H[i] = (Z[i] < 0 ? e : 1) / (1 + e);
      }
    },
    slope(Z, H, D, n) {
      for (let i = 0; i < n; i++) {
        const e = Math.exp(-Math.abs(Z[i]));
        D[i] *= e / ((1 + e) * (1 + e));
      }
    },
  },
  tanh: {
    value(Z, H, n) { for (let i = 0; i < n; i++) H[i] = Math.tanh(Z[i]); },
    slope(Z, H, D, n) { for (let i = 0; i < n; i++) D[i] *= 1 - H[i] * H[i]; },
  },
  swish: {
    value(Z, H, n) { for (let i = 0; i < n; i++) H[i] = Z[i] * sigmoid(Z[i]); },
    slope(Z, H, D, n) {
      for (let i = 0; i < n; i++) {
        const e = Math.exp(-Math.abs(Z[i]));
        D[i] *= (Z[i] < 0 ? e : 1) / (1 + e) + (Z[i] * e) / ((1 + e) * (1 + e));
      }
    },
  },
  gelu: {
    value(Z, H, n) { for (let i = 0; i < n; i++) H[i] = Z[i] * normalCdf(Z[i]); },
    slope(Z, H, D, n) {
      for (let i = 0; i < n; i++) D[i] *= normalCdf(Z[i]) + Z[i] * DENSITY * Math.exp((-Z[i] * Z[i]) / 2);
    },
  },
};

export const NAMES = {
  relu: "ReLU", prelu: "pReLU ¼", tanh: "tanh", sigmoid: "sigmoid", swish: "swish", gelu: "GELU",
  identity: "identity", step: "step",
};

// For drawing only: a smooth activation from a table, as cheap as ReLU. Its error is below 1e-5.
const [TABLE_REACH, TABLE_SIZE] = [8, 4096];
const TABLES = {};

function table(name) {
  const Z = Float64Array.from({ length: TABLE_SIZE + 1 }, (_, i) => ((2 * i) / TABLE_SIZE - 1) * TABLE_REACH);
  LOOPS[name].value(Z, Z, Z.length);
  return (TABLES[name] = Z);
}

function look(values, tail) {
  return function value(Z, H, n) {
    const scale = TABLE_SIZE / (2 * TABLE_REACH);
    for (let i = 0; i < n; i++) {
      const at = (Z[i] + TABLE_REACH) * scale;
      const k = at | 0;
      if (at >= 0 && k < TABLE_SIZE) H[i] = values[k] + (at - k) * (values[k + 1] - values[k]);
      else H[i] = Z[i] < 0 ? values[0] : tail * Z[i] + (1 - tail) * values[TABLE_SIZE];
    }
  };
}

export function quickLoop(name) {
  if (!["sigmoid", "tanh", "swish", "gelu"].includes(name)) return LOOPS[name];
  return { value: look(TABLES[name] ?? table(name), name === "swish" || name === "gelu" ? 1 : 0) };
}

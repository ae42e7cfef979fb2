// A reader's own expression: lines "name = formula". Each line is a box of the graph, with its value,
// the arrows that come in, and the derivative by each of them, taken by dual numbers.

const TOKEN = /\s*(?:(\d+\.?\d*(?:e-?\d+)?|\.\d+)|([A-Za-zλη_]\w*)|(.))/uy;

// Numbers with their derivatives by the inputs of one line.
const dual = (value, slopes) => ({ value, slopes });
const zip = (a, b, f) => a.map((one, i) => f(one, b[i]));
const chain = (f, slope) => ({ value, slopes }) => dual(f(value), slopes.map((one) => slope(value) * one));

export const FUNCTIONS = {
  tanh: chain(Math.tanh, (z) => 1 - Math.tanh(z) ** 2),
  exp: chain(Math.exp, Math.exp),
  log: chain(Math.log, (z) => 1 / z),
  sin: chain(Math.sin, Math.cos),
  cos: chain(Math.cos, (z) => -Math.sin(z)),
  relu: chain((z) => Math.max(0, z), (z) => (z > 0 ? 1 : 0)),
  sigmoid: chain((z) => 1 / (1 + Math.exp(-z)), (z) => 1 / (1 + Math.exp(-z)) / (1 + Math.exp(z))),
  sqrt: chain(Math.sqrt, (z) => 0.5 / Math.sqrt(z)),
};

const OPERATORS = {
  "+": (a, b) => dual(a.value + b.value, zip(a.slopes, b.slopes, (x, y) => x + y)),
  "-": (a, b) => dual(a.value - b.value, zip(a.slopes, b.slopes, (x, y) => x - y)),
  "*": (a, b) => dual(a.value * b.value, zip(a.slopes, b.slopes, (x, y) => x * b.value + a.value * y)),
  "/": (a, b) => dual(a.value / b.value, zip(a.slopes, b.slopes, (x, y) => (x * b.value - a.value * y) / b.value ** 2)),
};

// Only a constant may be an exponent.
function raised(a, b) {
  if (b.slopes.some((slope) => slope !== 0)) throw new Error("an exponent has to be a number");
  return dual(a.value ** b.value, a.slopes.map((slope) => b.value * a.value ** (b.value - 1) * slope));
}

function tokens(text) {
  const found = [];
  TOKEN.lastIndex = 0;
  for (let match = TOKEN.exec(text); match && match[0].trim(); match = TOKEN.exec(text)) {
    found.push({ number: match[1], name: match[2], sign: match[3] });
  }
  return found;
}

// A formula as a function of its inputs: read once, computed often.
export function parse(text) {
  const queue = tokens(text);
  const names = [];
  const take = (sign) => queue[0]?.sign === sign && queue.shift();

  function sum() {
    let left = product();
    while (["+", "-"].includes(queue[0]?.sign)) left = both(OPERATORS[queue.shift().sign], left, product());
    return left;
  }
  function product() {
    let left = signed();
    while (["*", "/"].includes(queue[0]?.sign)) left = both(OPERATORS[queue.shift().sign], left, signed());
    return left;
  }
  function signed() {
    if (!take("-")) return exponent();
    const inner = signed();
    return (inputs) => OPERATORS["-"](constant(0)(inputs), inner(inputs));
  }
  function exponent() {
    const base = atom();
    return take("^") ? both(raised, base, signed()) : base;
  }
  function atom() {
    const token = queue.shift();
    if (token === undefined) throw new Error("the formula ends too early");
    if (token.number) return constant(Number(token.number));
    if (token.name && take("(")) return call(token.name);
    if (token.name) return variable(token.name);
    if (token.sign !== "(") throw new Error(`“${token.sign}” does not fit here`);
    return closed(sum());
  }
  function closed(inner) {
    if (!take(")")) throw new Error("a closing bracket is missing");
    return inner;
  }
  function call(name) {
    if (!Object.hasOwn(FUNCTIONS, name)) throw new Error(`there is no function “${name}”`);
    const inner = closed(sum());
    return (inputs) => FUNCTIONS[name](inner(inputs));
  }
  function variable(name) {
    if (!names.includes(name)) names.push(name);
    return (inputs) => inputs[name];
  }
  const both = (operator, a, b) => (inputs) => operator(a(inputs), b(inputs));
  const constant = (value) => (inputs) => dual(value, Object.values(inputs)[0]?.slopes.map(() => 0) ?? []);

  const compute = sum();
  if (queue.length) throw new Error(`“${queue[0].name ?? queue[0].number ?? queue[0].sign}” does not fit here`);
  return { names, compute };
}

// The boxes of a text of lines, in order; what no line defines is an input.
export function boxesOf(text) {
  const lines = text.split(/[;\n]/).map((line) => line.trim()).filter(Boolean);
  const boxes = lines.map((line) => {
    const [, name, formula] = line.match(/^([A-Za-zλη_]\w*)\s*=\s*(.+)$/u) ?? [];
    if (!name) throw new Error(`“${line}” is not of the form name = formula`);
    return { name, formula, ...parse(formula) };
  });
  const defined = new Set();
  for (const { name, names } of boxes) {
    if (defined.has(name)) throw new Error(`“${name}” is defined twice`);
    const early = names.find((one) => !defined.has(one) && boxes.some((box) => box.name === one));
    if (early) throw new Error(`“${early}” is used before it is defined`);
    defined.add(name);
  }
  if (!boxes.length) throw new Error("there is no line");
  const inputs = [...new Set(boxes.flatMap(({ names }) => names))].filter((name) => !defined.has(name));
  return { inputs, boxes };
}

// Values forward; then gradients of the last box, on every arrow and in every box.
export function bothPasses({ inputs, boxes }, given) {
  const values = Object.fromEntries(inputs.map((name) => [name, given[name] ?? 1]));
  const slopes = {};
  for (const { name, names, compute } of boxes) {
    const own = names.map((input, k) => [input, dual(values[input], names.map((_, j) => (j === k ? 1 : 0)))]);
    const result = compute(Object.fromEntries(own));
    values[name] = result.value;
    slopes[name] = Object.fromEntries(names.map((input, k) => [input, result.slopes[k]]));
  }
  const gradients = Object.fromEntries(Object.keys(values).map((name) => [name, 0]));
  const arrows = [];
  gradients[boxes.at(-1).name] = 1;
  for (const { name, names } of [...boxes].reverse()) {
    for (const input of names) {
      const part = gradients[name] * slopes[name][input];
      arrows.push({ from: input, to: name, local: slopes[name][input], part });
      gradients[input] += part;
    }
  }
  return { values, gradients, arrows };
}

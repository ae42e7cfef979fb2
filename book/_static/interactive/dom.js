// What every interactive figure is made of: elements, numbers as texts, colors of the style sheet.

const SVG = "http://www.w3.org/2000/svg";

// A new element at the end of its parent: SVG inside a drawing, HTML elsewhere.
export function make(parent, tag, attributes = {}, text = "") {
  const drawing = tag === "svg" || parent.namespaceURI === SVG;
  const node = drawing ? document.createElementNS(SVG, tag) : document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.textContent = text;
  parent.append(node);
  return node;
}

// A number's text with a minus sign in place of a hyphen.
export const minus = (text) => text.replaceAll("-", "−");

export const fixed = (value, digits = 2) => minus((Math.abs(value) < 0.5 * 10 ** -digits ? 0 : value).toFixed(digits));

export const power = (exponent) => "10" + `${exponent}`.replace(/./g, (sign) => "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"["-0123456789".indexOf(sign)]);

// A number to be read: 0.0123, 4.5 × 10⁻⁵.
export function written(value, digits = 3) {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? "not a number" : value > 0 ? "∞" : "−∞";
  if (value === 0) return "0";
  const exponent = Math.floor(Math.log10(Math.abs(value)));
  if (exponent >= -3 && exponent < 5) return minus(`${Number(value.toPrecision(digits))}`);
  return `${minus((value / 10 ** exponent).toFixed(1))} × ${power(exponent)}`;
}

// A line of a key: a sample of the line, and what it stands for.
export function addEntry(parent, look, words) {
  const entry = make(parent, "span");
  const mark = make(entry, "svg", { width: 26, height: 8, "aria-hidden": "true" });
  make(mark, "line", { x1: 0, x2: 26, y1: 4, y2: 4, class: `fig-line ${look}` });
  entry.append(` ${words}`);
}

// A number that came as a text with an exponent.
export const readable = (text) => (/e/.test(text) ? written(Number(text), 3) : minus(text));

export const several = (count, word) => `${count} ${word}${count === 1 ? "" : "s"}`;

export const percent = (share) => `${(100 * share).toFixed(1)}%`;

// The value of a variable of the style sheet, such as "blue": it differs on light and on dark.
export const color = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--fig-${name}`).trim() || "#777";

// Its red, green and blue, 0 to 255.
export function rgb(name) {
  const hex = color(name).replace(/^#(.)(.)(.)$/, "#$1$1$2$2$3$3");
  return [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16) || 0);
}

// Call again when the reader changes between light and dark.
export function onTheme(redraw) {
  new MutationObserver(redraw).observe(document.documentElement, { attributeFilter: ["data-theme"] });
}

export const calm = () => matchMedia("(prefers-reduced-motion: reduce)").matches;

// Call with the width of an element, now and whenever it changes.
export function onWidth(element, draw) {
  let last = 0;
  new ResizeObserver(() => {
    const width = Math.floor(element.clientWidth);
    if (width && width !== last) draw((last = width));
  }).observe(element);
}

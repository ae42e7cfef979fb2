// The settings of a figure are one table. Its rows say name, label, kind and default; controls, what
// the address says, and "start again" follow from it.
//
//   { name: "rate", label: "learning rate", kind: "number", values: [0.01, 0.1, 1], default: 0.1 }
//
// Kinds: number (min, max, step, or values to choose from; digits and unit for the words), choice
// (options: words by key), switch, numbers and choices (a list in one setting; min, max, most or
// options), text. A row may have hint (a sentence) and shown (whether it has a control of its own).

import { fixed, make, minus } from "./dom.js";

const clamp = (value, { min = -Infinity, max = Infinity }) => Math.min(max, Math.max(min, value));

function nearest(values, value) {
  return values.reduce((best, one) => (Math.abs(one - value) < Math.abs(best - value) ? one : best));
}

function readNumber(text, row) {
  const value = Number(text);
  if (text === "" || !Number.isFinite(value)) return undefined;
  return row.values ? nearest(row.values, value) : clamp(value, row);
}

const readKey = (text, row) => (Object.hasOwn(row.options, text) ? text : undefined);

function readList(text, row, read) {
  const items = text.split(",").map((item) => read(item, row));
  return items.length > row.most || items.includes(undefined) ? undefined : items;
}

const KINDS = {
  number: { read: readNumber, write: String },
  choice: { read: readKey, write: String },
  switch: { read: (text) => ({ on: true, off: false })[text], write: (value) => (value ? "on" : "off") },
  numbers: { read: (text, row) => (text ? readList(text, row, readNumber) : []), write: (list) => list.join(",") },
  choices: { read: (text, row) => (text ? readList(text, row, readKey) : []), write: (list) => list.join(",") },
  text: { read: (text, row) => (text.length <= row.most ? text : undefined), write: String },
};

export class Settings {
  constructor(table) {
    this.table = table;
    this.listeners = [];
    this.values = this.defaults();
  }

  row(name) {
    return this.table.find((row) => row.name === name);
  }

  defaults() {
    return Object.fromEntries(this.table.map((row) => [row.name, row.default]));
  }

  // Take new values for some settings; everyone who listens hears their names.
  set(changes) {
    const names = Object.keys(changes).filter((name) => this.text(name) !== this.text(name, changes[name]));
    if (!names.length) return;
    Object.assign(this.values, changes);
    for (const listener of this.listeners) listener(names);
  }

  reset() {
    this.set(this.defaults());
  }

  onChange(listener) {
    this.listeners.push(listener);
  }

  text(name, value = this.values[name]) {
    return KINDS[this.row(name).kind].write(value);
  }

  // What differs from the start, as the part of an address behind "?".
  query() {
    const changed = this.table.filter(({ name, default: start }) => this.text(name) !== this.text(name, start));
    return changed.map(({ name }) => `${name}=${encodeURIComponent(this.text(name)).replaceAll("%2C", ",")}`).join("&");
  }

  // Take over a query; what it does not name starts again, what it names wrongly is left out.
  read(query) {
    const values = this.defaults();
    for (const [name, text] of new URLSearchParams(query)) {
      const row = this.row(name);
      const value = row && KINDS[row.kind].read(text, row);
      if (value !== undefined) values[name] = value;
    }
    this.set(values);
  }
}

// A number in the words that its control shows.
export function inWords(row, value) {
  const text = row.digits === undefined ? minus(`${value}`) : fixed(value, row.digits);
  return `${text}${row.unit ?? ""}`;
}

function numberControl(label, row, settings) {
  const { values } = row;
  const range = values ? { min: 0, max: values.length - 1, step: 1 } : { min: row.min, max: row.max, step: row.step };
  const slider = make(label, "input", { type: "range", ...range });
  const shown = make(label, "output");
  slider.addEventListener("input", () => {
    const value = Number(slider.value);
    settings.set({ [row.name]: values ? values[value] : value });
  });
  return (value) => {
    slider.value = values ? values.indexOf(value) : value;
    shown.textContent = inWords(row, value);
    slider.setAttribute("aria-valuetext", shown.textContent);
  };
}

export function choiceControl(label, row, choose) {
  const select = make(label, "select");
  for (const [key, words] of Object.entries(row.options)) make(select, "option", { value: key }, words);
  select.addEventListener("change", () => choose(select.value));
  return (value) => { select.value = value; };
}

function switchControl(label, row, settings) {
  const box = make(label, "input", { type: "checkbox" });
  label.prepend(box);
  box.addEventListener("change", () => settings.set({ [row.name]: box.checked }));
  return (value) => { box.checked = value; };
}

// Add a control for each of the named settings; returns the labels by name.
export function addControls(parent, settings, names) {
  const labels = {};
  for (const name of names) {
    const row = settings.row(name);
    const label = (labels[name] = make(parent, "label", { class: `fig-control fig-${row.kind}` }));
    make(label, "span", {}, row.label);
    const show = {
      number: numberControl,
      choice: (element) => choiceControl(element, row, (value) => settings.set({ [name]: value })),
      switch: switchControl,
    }[row.kind](label, row, settings);
    show(settings.values[name]);
    settings.onChange((changed) => { if (changed.includes(name)) show(settings.values[name]); });
  }
  return labels;
}

// Keep the settings of a figure in the address: #fig-…?name=value. Browsers drop a change of the
// address that comes too soon after many others, so one is made when the reader pauses.
export function keepInAddress(settings, id, element) {
  let reading = false;
  let timer = 0;
  function read() {
    const [name, query] = location.hash.slice(1).split("?");
    if (name !== id || query === undefined) return; // a link to the figure alone leaves it as it is
    reading = true;
    settings.read(query);
    reading = false;
    element.scrollIntoView({ block: "start" }); // no element is called so: the browser would stay
  }
  settings.onChange(() => {
    clearTimeout(timer);
    if (reading) return;
    timer = setTimeout(() => {
      const query = settings.query();
      history.replaceState(history.state, "", `#${id}${query ? `?${query}` : ""}`);
    }, 300);
  });
  window.addEventListener("hashchange", read);
  window.addEventListener("load", async () => {
    await window.MathJax?.startup?.promise; // formulas move what stands below them
    if (location.hash.startsWith(`#${id}?`)) element.scrollIntoView({ block: "start" });
  });
  read();
}

// Brings the interactive figures of a page to life. Each is a module beside this one that exports a
// table of settings and render(stage, data). Until it runs, and where none runs, a sentence is shown.

import { make } from "./dom.js";
import { Settings, keepInAddress } from "./settings.js";

// What a figure gets: an element to fill, its settings, a name for its ids, and two rows that every
// figure has: buttons, among them "start again", and a sentence that is read aloud when it changes.
export class Stage {
  constructor(el, id, settings) {
    Object.assign(this, { el, id, settings });
    this.values = settings.values;
  }

  // A row of buttons; the last one brings back the settings of the start.
  addButtons(buttons = {}) {
    const row = make(this.el, "div", { class: "fig-buttons" });
    const made = Object.entries(buttons).map(([words, act]) => this.addButton(row, words, act));
    this.addButton(row, "Start again", () => this.settings.reset());
    return made;
  }

  addButton(row, words, act) {
    const button = make(row, "button", { type: "button" }, words);
    button.addEventListener("click", act);
    return button;
  }

  addStatus() {
    this.status = make(this.el, "p", { role: "status", class: "fig-status" });
  }

  say(text) {
    if (this.status.textContent !== text) this.status.textContent = text;
  }
}

function begin(place, figure) {
  const name = place.dataset.interactive;
  const data = JSON.parse(place.querySelector("script[type='application/json']").textContent);
  const around = place.closest("figure");
  const id = around?.id || `fig-${name}`;
  const table = typeof figure.settings === "function" ? figure.settings(data) : figure.settings;
  const el = document.createElement("div");
  const settings = new Settings(table);
  const sentence = place.querySelector("p");
  place.setAttribute("role", "group");
  place.setAttribute("aria-label", sentence.textContent);
  place.append(el); // its size is known to what draws itself
  try {
    figure.render(new Stage(el, id, settings), data);
  } catch (error) {
    el.remove();
    throw error;
  }
  sentence.remove();
  keepInAddress(settings, id, around ?? place);
  place.dataset.state = "ready";
}

// figures: the module of each figure on the page, by its name
export function start(figures) {
  for (const place of document.querySelectorAll("[data-interactive]")) {
    try {
      begin(place, figures[place.dataset.interactive]);
    } catch (error) {
      place.dataset.state = "failed"; // the sentence stays
      console.error(`interactive figure ${place.dataset.interactive}:`, error);
    }
  }
}

// A pointer over a reference to a formula, a figure or a term, or the focus on it, shows what it
// points at. It stays while the pointer is over it, and Escape closes it. Who wants less motion
// gets none.

const box = document.createElement("div");
box.id = "preview";
box.setAttribute("role", "tooltip");
box.setAttribute("aria-label", "Preview");
let shownFor = null;
let timer = 0;

const templates = new Map();
document.querySelectorAll("template[data-preview]").forEach((template) => {
  templates.set(template.dataset.preview, template);
});

function close() {
  clearTimeout(timer);
  shownFor?.removeAttribute("aria-describedby");
  shownFor = null;
  box.remove();
}

function open(link) {
  close();
  const template = templates.get(link.getAttribute("href"));
  if (!template || matchMedia("(prefers-reduced-motion: reduce)").matches) return;
  box.replaceChildren(template.content.cloneNode(true));
  document.querySelector("article").append(box);
  link.setAttribute("aria-describedby", box.id);
  shownFor = link;
  place(link);
  const typeset = window.MathJax?.typesetPromise?.([box]);
  typeset?.then(() => shownFor === link && place(link));
}

// below the link, or above it where there is no room; never wider than the window
function place(link) {
  const at = link.getBoundingClientRect();
  const { width, height } = box.getBoundingClientRect();
  const left = Math.max(8, Math.min(at.left, document.documentElement.clientWidth - width - 8));
  const fits = at.bottom + height + 8 < innerHeight || at.top < height + 8;
  box.style.left = `${left}px`;
  box.style.top = `${fits ? at.bottom + 4 : at.top - height - 4}px`;
}

const linkOf = (event) => event.target.closest?.("article a.reference[href*='#']");
const later = (action, wait) => {
  clearTimeout(timer);
  timer = setTimeout(action, wait);
};

document.addEventListener("pointerover", (event) => {
  if (event.pointerType !== "mouse") return;
  const link = linkOf(event);
  if (box.contains(event.target) || (link && link === shownFor)) clearTimeout(timer);
  else if (link) later(() => open(link), 250);
  else later(close, shownFor ? 250 : 0);
});
document.addEventListener("focusin", (event) => {
  const link = linkOf(event);
  if (link?.matches(":focus-visible")) open(link);
  else if (shownFor) close();
});
document.addEventListener("keydown", (event) => event.key === "Escape" && close());
document.addEventListener("scroll", () => shownFor && place(shownFor), { passive: true });

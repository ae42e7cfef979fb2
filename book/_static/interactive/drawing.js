// What every interactive figure draws with.

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

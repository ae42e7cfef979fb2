// The index of this book holds sections, called "page#section". Here a hit becomes a link to its
// section, and its excerpt is text: no menus, no buttons, no source of formulas.

const titleOf = (docname) => Search._index.titles[Search._index.docnames.indexOf(docname)];
const search = Search._performSearch;

Search._performSearch = (...query) =>
  search(...query).map(([name, title, anchor, ...rest]) => {
    const [page, section] = name.split("#");
    if (!section) return [name, title, anchor, ...rest];
    return [page, `${titleOf(page)} › ${title}`, anchor || `#${section}`, ...rest];
  });

const FORMULA = /\\\(.*?\\\)|\\\[.*?\\\]/gs;

Search.htmlToText = (html, anchor) => {
  const page = new DOMParser().parseFromString(html, "text/html");
  page.querySelectorAll(".headerlink, .copybtn, script, style").forEach((part) => part.remove());
  page.querySelectorAll(".math").forEach((part) => (part.textContent = part.textContent.replace(FORMULA, "…")));
  const article = page.querySelector("article");
  const section = anchor && article?.querySelector(`#${CSS.escape(anchor.slice(1))}`);
  return (section || article || page.body).textContent;
};

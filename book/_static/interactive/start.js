// Brings the interactive figures of a page to life. Each is an ES module beside this one that exports
// render({ model, el }), the form anywidget uses too. Until it runs, a summary is shown.

async function begin(figure, render) {
  const data = JSON.parse(figure.querySelector("script[type='application/json']").textContent);
  const el = document.createElement("div");
  await render({ model: { get: (key) => data[key] }, el });
  figure.querySelector("p").replaceWith(el);
  figure.dataset.state = "ready";
}

// renders: the function of each module on the page, by the module's name
export function start(renders) {
  for (const figure of document.querySelectorAll("[data-interactive]")) {
    const name = figure.dataset.interactive;
    begin(figure, renders[name]).catch((error) => {
      figure.dataset.state = "failed"; // the summary stays
      console.error(`interactive figure ${name}:`, error);
    });
  }
}

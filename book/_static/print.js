// Paper is white: a page is printed in the light theme, whichever is on the screen.
const root = document.documentElement;
let shown = "";

addEventListener("beforeprint", () => {
  shown = root.dataset.theme;
  root.dataset.theme = "light";
});
addEventListener("afterprint", () => {
  root.dataset.theme = shown;
});

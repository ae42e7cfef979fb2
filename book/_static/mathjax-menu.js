// MathJax's menu remembers its settings for all pages of one address, of this book and of others.
// Some ask for parts that are not here, such as output as SVG, and every formula would vanish for
// ever. So what was remembered is not taken up.
const mathjax = window.MathJax ?? {};

function ready() {
  MathJax._.ui.menu.Menu.Menu.prototype.mergeUserSettings = () => {};
  MathJax.startup.defaultReady();
}

window.MathJax = { ...mathjax, startup: { ...mathjax.startup, ready } };

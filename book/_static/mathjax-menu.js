// MathJax's menu remembers its settings for all pages of one address, of this book and of others.
// Some ask for parts that are not here, such as output as SVG, and every formula would vanish for
// ever. So what was remembered is not taken up. And a formula is no stop of the Tab key: a chapter
// has hundreds, and none of them does anything that a reader needs a key for.
const mathjax = window.MathJax ?? {};

function ready() {
  MathJax._.ui.menu.Menu.Menu.prototype.mergeUserSettings = () => {};
  MathJax.startup.defaultReady();
}

const menuOptions = { settings: { inTabOrder: false } };
const options = { ...mathjax.options, menuOptions };
window.MathJax = { ...mathjax, options, startup: { ...mathjax.startup, ready } };

// Questions that answer back. The page holds the options as a list, or for a number none, and the
// answers in a fold. Here they become radio buttons or a field, a button, and a line that says
// whether the answer is right, and why. Nothing is kept or sent.

function element(name, properties = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(properties)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

// "-0.25", "−0,25", "1/4", "2.5 × 10^-1" and "25%" are numbers to a reader; the last can mean two
function numbersIn(text) {
  const plain = text.replace(/[−–]/g, "-").replace(/,/g, ".").replace(/\s/g, "");
  const percent = plain.endsWith("%");
  const [above, below = "1"] = plain.replace(/%$/, "").split("/").map(asNumber);
  const value = Number(above) / Number(below);
  if (!above || !Number.isFinite(value)) return [];
  return percent ? [value, value / 100] : [value];
}

const asNumber = (text) => text.replace(/[×x*·]10\^?\(?(-?\d+)\)?$/, "e$1");

function matches(given, [value, tolerance]) {
  const slack = 1e-9 * Math.abs(value); // what the digits of the tolerance lose in binary
  return Math.abs(given - value) <= tolerance + slack;
}

// each option becomes a radio button with its label; returns the index of the chosen one
function choice(quiz, form) {
  const options = quiz.querySelector(".quiz-options");
  const group = element("div", {
    role: "radiogroup",
    "aria-labelledby": `${quiz.id}-title ${quiz.id}-question`,
  });
  options.replaceWith(form);
  [...options.children].forEach((item, i) => {
    const radio = element("input", { type: "radio", name: quiz.id, value: i });
    // a letter, which names the option to a screen reader that skips formulas
    const letter = element("span", { class: "quiz-letter" }, `${"ABCDEFGH"[i]}.`);
    const text = element("span", {}, ...item.firstElementChild.childNodes);
    item.replaceChildren(element("label", {}, radio, letter, text));
  });
  group.append(options);
  form.append(group);
  return () => {
    const chosen = form.querySelector("input:checked");
    if (!chosen) return { say: "Choose an answer first." };
    return { option: Number(chosen.value), item: chosen.closest("li") };
  };
}

function field(quiz, form, numbers) {
  const input = element("input", {
    type: "text",
    autocomplete: "off",
    "aria-describedby": `${quiz.id}-question`,
  });
  form.append(element("label", { class: "quiz-number" }, "Your answer ", input));
  quiz.querySelector(".quiz-answers").before(form);
  return () => {
    const given = numbersIn(input.value);
    if (given.length === 0) return { say: "Type a number, such as 0.25, 1/4 or 3e-4." };
    const option = numbers.findIndex((pair) => given.some((value) => matches(value, pair)));
    return option < 0 ? { option, say: "Not quite. Try again, or open the answer." } : { option };
  };
}

function start(quiz) {
  const { right, numbers } = JSON.parse(quiz.dataset.quiz);
  const form = element("form", { novalidate: "" });
  const given = numbers ? field(quiz, form, numbers) : choice(quiz, form);
  const reasons = quiz.querySelector(".quiz-reasons").children;
  const status = element("div", { role: "status", class: "quiz-status" });
  form.append(element("button", { type: "submit" }, "Check"), status);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const { say, option, item } = given();
    const verdict = option === undefined ? "none" : option === right ? "right" : "wrong";
    for (const marked of [status, item]) marked?.setAttribute("data-verdict", verdict);
    status.replaceChildren(...(say ? [element("p", {}, say)] : copied(reasons[option])));
  });
}

// an id names one element of a page
function copied(reason) {
  const copy = reason.cloneNode(true);
  copy.querySelectorAll("[id]").forEach((part) => part.removeAttribute("id"));
  return [...copy.childNodes];
}

document.querySelectorAll(".quiz").forEach(start);

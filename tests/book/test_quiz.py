"""Questions that answer back: their markup, their page without a script, and in a browser."""

import io
import json

import pytest
from axe_playwright_python.sync_playwright import Axe
from bs4 import BeautifulSoup
from course_quiz import parse
from sphinx.application import Sphinx
from sphinx.util.docutils import docutils_namespace

from tests.support.browser import BOOK, browser

CHOICE = """```{quiz}
:name: quiz-slope
What is $\\phi'(0)$ of *tanh*?

- [ ] 0
  That is its **value**, see `x`.
- [x] $1$
  The slope of $\\tanh$ is $1 - \\tanh^2$.

  It is largest there.
```
"""
NUMBER = """```{quiz}
:name: quiz-number
Which share?

- [=] 0.25 ± 0.005
  One in four.
- [ ] 0.5
  That is twice as much.
```
"""
# a page of several cells, as chapters are: a line counts from the top of the file all the same
PAGE = f"""---
jupytext:
  text_representation:
    format_name: myst
kernelspec:
  name: python3
  display_name: Python 3
---

# Page

+++

A second cell.

{CHOICE}
{NUMBER}"""


def built(folder, text: str) -> str:
    """Build one page and return the warnings."""
    source = folder / "source"
    source.mkdir()
    (source / "index.md").write_text(text)
    warnings = io.StringIO()
    settings = {
        "extensions": ["myst_nb", "course_quiz"],
        "nb_execution_mode": "off",
        "myst_enable_extensions": ["dollarmath"],
        "html_static_path": [str(BOOK / "_static")],
        "html_css_files": ["course.css"],
        "mathjax_path": "mathjax/tex-mml-chtml.js",
        "html_theme": "basic",
        "language": "en",
    }
    html, trees = folder / "html", folder / "doctrees"
    out = {"status": None, "warning": warnings}
    with docutils_namespace():
        Sphinx(source, None, html, trees, "html", settings, **out).build()
    return warnings.getvalue()


@pytest.fixture(scope="module")
def html(tmp_path_factory):
    folder = tmp_path_factory.mktemp("quiz")
    assert built(folder, PAGE) == ""
    return folder / "html" / "index.html"


@pytest.fixture(scope="module")
def page(html):
    with browser() as started:
        view = started.new_page(viewport={"width": 390, "height": 900})
        requests = []
        view.goto(html.as_uri())
        view.wait_for_selector("mjx-container")
        view.on("request", lambda request: requests.append(request.url))
        yield view
        sent = [url for url in requests if ".css" not in url]  # axe reads style sheets
        assert sent == [], "an answer left the page"


def test_a_question_is_read_in_its_parts():
    quiz = parse(CHOICE.splitlines()[2:-1])
    assert quiz.faults == [] and not quiz.asks_number
    assert [(option.text, option.is_right) for option in quiz.options] == [
        ("0", False),
        ("$1$", True),
    ]
    assert quiz.options[1].reason[-1] == "It is largest there."


def test_wrong_numbers_share_the_tolerance_of_the_answer():
    lines = ["How many?", "- [ ] −2", "  a", "- [=] 1e-3 ± 1e-4", "  b", "- [ ] 5 ± 1", "  c"]
    quiz = parse(lines)
    assert quiz.faults == []
    assert quiz.numbers() == [(-2, 1e-4), (1e-3, 1e-4), (5, 1)]


GOOD = ["How many?", "", "- [ ] one", "  Too few.", "- [x] two", "  Yes."]


@pytest.mark.parametrize(
    ("place", "line", "at", "fault"),
    [
        (0, "", 0, "a question above its options"),
        (2, "- [x] one", 0, "exactly one option is right, [x] or [=], not 2"),
        (4, "- [ ] two", 0, "exactly one option is right, [x] or [=], not 0"),
        (4, "- [y] two", 4, "starts with [ ], [x] or [=], not [y]"),
        (4, "- [] two", 4, "starts with [ ], [x] or [=], not []"),
        (4, "- [x]", 4, "an option without a text"),
        (5, "", 4, "an option without a reason"),
        (5, "Yes.", 5, "neither an option nor, indented by two spaces, its reason"),
        (4, "- [=] two", 4, "'two' is not a number"),
    ],
)
def test_wrong_markup_is_found_on_its_line(place, line, at, fault):
    assert parse(GOOD).faults == []
    lines = [*GOOD[:place], line, *GOOD[place + 1 :]]
    assert any(i == at and fault in text for i, text in parse(lines).faults), parse(lines).faults


def test_a_warning_names_the_line_of_the_file(tmp_path):
    warnings = built(tmp_path, PAGE.replace("- [ ] 0\n", "- [?] 0\n").replace("quiz-number", "n"))
    first = PAGE.splitlines().index("- [ ] 0") + 1
    second = PAGE.splitlines().index("Which share?") + 1
    assert f"index.md:{first}: WARNING: quiz: an option starts with [ ], [x] or [=]" in warnings
    assert f"index.md:{second}: WARNING: quiz: a quiz needs a name" in warnings
    assert warnings.count("WARNING") == 2


def test_without_a_script_options_are_listed_and_answers_folded(html):
    choice, number = BeautifulSoup(html.read_text(), "html.parser").select(".quiz")
    assert choice["id"] == "quiz-slope" and choice.select_one(".quiz-title").text == "Question 1"
    assert [item.p.text for item in choice.select(".quiz-options > li")] == ["0", r"\(1\)"]
    reasons = choice.select("details:not([open]) .quiz-reasons > li")
    assert [item.strong.text for item in reasons] == ["Not quite.", "Right."]
    assert number.select_one(".quiz-options") is None
    texts = [item.p.text for item in number.select("details .quiz-reasons > li")]
    assert texts[0] == "0.25 ± 0.005: Right. One in four."
    assert json.loads(number["data-quiz"]) == {"right": 0, "numbers": [[0.25, 0.005], [0.5, 0.005]]}


def test_a_choice_is_made_and_checked_by_keys_alone(page):
    quiz = page.locator("#quiz-slope")
    status = quiz.get_by_role("status")
    quiz.get_by_role("button", name="Check").click()
    assert status.inner_text() == "Choose an answer first."
    quiz.get_by_role("radio").first.focus()
    page.keyboard.press("Space")
    assert status.inner_text() == "Choose an answer first.", "choosing alone tells nothing"
    page.keyboard.press("Enter")
    assert status.inner_text().startswith("Not quite. That is its value")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    assert status.inner_text().startswith("Right. The slope of")
    assert status.locator("mjx-container").count() == 2
    verdicts = quiz.locator("li[data-verdict]").evaluate_all(
        "all => all.map(e => e.dataset.verdict)"
    )
    assert verdicts == ["wrong", "right"]


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("", "Type a number"),
        ("a lot", "Type a number"),
        ("1/0", "Type a number"),
        ("0.25", "Right. One in four."),
        (" 0,2550", "Right."),
        ("1/4", "Right."),
        ("25 %", "Right."),
        ("2.5 × 10^−1", "Right."),
        (".256", "Not quite. Try again"),
        ("−0.25", "Not quite. Try again"),
        ("1/2", "Not quite. That is twice as much."),
    ],
)
def test_a_number_is_checked(page, typed, said):
    quiz = page.locator("#quiz-number")
    field = quiz.get_by_role("textbox", name="Your answer")
    field.fill(typed)
    field.press("Enter")
    assert said in quiz.get_by_role("status").inner_text()


def test_axe_finds_no_fault_and_ids_stay_unique(page):
    page.locator("#quiz-slope").get_by_role("radio").last.check()
    page.locator("#quiz-slope").get_by_role("button").click()
    results = Axe().run(page, {"include": [[".quiz"]]}, {"resultTypes": ["violations"]})
    assert results.violations_count == 0, results.generate_report()
    ids = page.locator("[id]").evaluate_all("all => all.map(e => e.id)")
    assert len(ids) == len(set(ids))


def test_paper_shows_options_and_reasons_and_nothing_to_click(page):
    page.emulate_media(media="print")
    quiz = page.locator("#quiz-slope")
    assert not quiz.get_by_role("button").is_visible()
    assert quiz.get_by_text("That is its value").last.is_visible()
    page.emulate_media(media="screen")

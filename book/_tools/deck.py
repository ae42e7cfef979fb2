"""Write the questions of the book as a deck of cards for spaced repetition, for Anki."""

import csv
import io
from collections.abc import Iterator
from html import escape
from pathlib import Path

from markdown import Names, find, quiz_parts
from markdown_it import MarkdownIt
from mdit_py_plugins.dollarmath import dollarmath_plugin
from notebooks import names_by_page, write_if_new
from pages import BUILD, Page

DECK = BUILD / "notebooks" / "quiz-cards.csv"
# the name of a question stays with it, so that a newer deck changes cards and learns them on
HEADER = """#separator:comma
#html:true
#notetype:Basic
#deck:Multilayer Perceptrons
#guid column:1
#tags column:4
"""


def write_deck(pages: list[Page]) -> Path:
    """Write one card for each question, with formulas as Anki's MathJax reads them.

    Args:
        pages: all pages of the book, the notebook pages among them executed.

    Returns:
        The file.
    """
    names = names_by_page(pages)
    rows = [row for page in pages if page.is_notebook for row in cards(page, names(page))]
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    write_if_new(DECK, HEADER + text.getvalue())
    return DECK


def cards(page: Page, names: Names) -> Iterator[tuple[str, str, str, str]]:
    """Make the cards of a page: name, front, back and tag."""
    for quiz in find(page.text, "quiz"):
        front, back = quiz_parts(quiz.body, names, page.path.parent)
        # a card has a back, so nothing needs to fold
        answers = back.removeprefix("<details><summary>Answer</summary>").removesuffix("</details>")
        yield quiz.options.get("name", ""), as_html(front), as_html(answers), page.slug


def as_html(text: str) -> str:
    r"""Render Markdown with formulas.

    Examples:
        >>> as_html("Why $x<1$?")
        '<p>Why <span class="math inline">\\(x&lt;1\\)</span>?</p>'
    """
    parser = MarkdownIt("commonmark", {"html": True}).enable("table")
    parser.use(dollarmath_plugin, renderer=_formula)
    html: str = parser.render(text)
    return html.strip()


def _formula(content: str, options: dict[str, bool]) -> str:
    """Write a formula in the brackets of MathJax."""
    opening, closing = ("\\[", "\\]") if options["display_mode"] else ("\\(", "\\)")
    return opening + escape(content, quote=False) + closing

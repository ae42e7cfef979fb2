"""Print the built book as one PDF: ``python book/_tools/print_book.py``.

All pages are joined into one, since joining finished PDFs would lose their tags, and Chromium
prints it: tagged, formulas with their TeX as words, with an outline and links between chapters.
Interactive figures are stills. What unfolds is open, but for folded code, which the notebooks hold;
the answers of the quizzes stand at the end.
"""

import copy
import re
import sys

import stills
from bs4 import BeautifulSoup, Tag
from chromium import NoBrowserError, page
from pages import BUILD, ROOT, read_pages

HTML = BUILD / "html"
PDF = BUILD / "multilayer-perceptrons.pdf"
JOINED = HTML / "book" / "whole-book.html"  # beside the pages, so that their addresses hold
NAMING = ("id", "for", "aria-labelledby", "aria-describedby", "aria-controls")
DROPPED = ".headerlink, .copybtn, template, script, .toctree-wrapper, .for-dark, details.hide"
STYLE = """
@page { size: A4; margin: 18mm 17mm;
  @bottom-center { content: counter(page); font: 9pt sans-serif; color: #55606b; } }
.chapter { break-before: page; }
/* the outline takes the words of each line: a space at the end of one must not collapse */
h1, h2, h3 { white-space: pre-wrap; }
img.still { max-height: 150mm; }
/* copied text keeps its order: a formula that is placed by its position comes after all text */
mjx-container { position: static !important; }
mjx-assistive-mml { display: none !important; }
.words { height: 1px; margin-right: -1px; opacity: 0.01; width: 1px; }
.bd-article { padding: 0; }
body { background: #fff; }
"""
# Chromium tags no formula. It tags a picture, with its words: one of a pixel before each formula
# holds the TeX, and the formula itself can still be selected.
WORDS = """() => {
  for (const { math, typesetRoot } of window.MathJax?.startup?.document?.math ?? []) {
    if (!typesetRoot?.isConnected) continue;
    const words = new Image(1, 1);
    words.alt = math.trim().replace(/\\s+/g, " ");
    words.className = "words";
    words.src = "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8"
      + "z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==";
    typesetRoot.prepend(words);
  }
}"""


def main() -> int:
    """Print the book and return the exit code."""
    if not (HTML / "book" / "index.html").exists():
        print("There is no book yet: run make book first.", file=sys.stderr)
        return 2
    try:
        stills.take([page.docname for page in read_pages()])
        JOINED.write_text(joined(), encoding="utf-8")
        print_page()
    except NoBrowserError as error:
        print(f"The book was not printed: {error}", file=sys.stderr)
        return 3
    finally:
        JOINED.unlink(missing_ok=True)
    print(f"The book is at {PDF}")
    return 0


def joined() -> str:
    """Join all pages into one, in reading order."""
    docnames = [page.docname for page in read_pages()]
    soups = {name: _read(name) for name in docnames}
    first = soups[docnames[0]]
    frame = copy.copy(first)
    body = frame.body
    assert body is not None
    body.clear()
    answers = frame.new_tag("section", attrs={"class": "chapter", "id": "answers"})
    heading = frame.new_tag("h1")
    heading.string = "Answers to the quizzes"
    answers.append(heading)
    for name, soup in soups.items():
        chapter = soup.select_one("article.bd-article")
        assert chapter is not None
        prepare(chapter, name.rsplit("/", 1)[-1], {n.rsplit("/", 1)[-1] for n in docnames})
        chapter["class"] = "bd-article chapter"
        move_answers(chapter, answers)
        body.append(chapter)
    article = frame.new_tag("article", attrs={"class": "bd-article chapter"})
    article.append(answers)
    body.append(article)
    assert frame.head is not None and frame.html is not None
    frame.html["data-theme"] = "light"
    frame.head.append(BeautifulSoup(f"<style>{STYLE}</style>", "html.parser"))
    return str(frame)


def _read(docname: str) -> BeautifulSoup:
    return BeautifulSoup((HTML / f"{docname}.html").read_bytes(), "html.parser")


def prepare(chapter: Tag, slug: str, slugs: set[str]) -> None:
    """Make names of a chapter its own, links lead within the whole, and folds open."""
    stills.put(chapter, slug)
    for part in chapter.select(DROPPED):
        part.decompose()
    for attribute in NAMING:
        for part in chapter.select(f"[{attribute}]"):
            part[attribute] = " ".join(f"{slug}-{name}" for name in str(part[attribute]).split())
    for link in chapter.select("a[href]"):
        link["href"] = whole(str(link["href"]), slug, slugs)
    for download in chapter.select("a.download"):
        download.unwrap()  # it would lead to a file of this machine
    _set(chapter, "figure", "role", "group")  # the picture in it is tagged, and has words
    _set(chapter, "details", "open", "")
    chapter["id"] = f"{slug}-page"


def _set(chapter: Tag, selector: str, attribute: str, value: str) -> None:
    """Set an attribute of all that a selector finds."""
    for part in chapter.select(selector):
        part[attribute] = value


def whole(link: str, slug: str, slugs: set[str]) -> str:
    """Rewrite a link between pages as one within the whole; others stay.

    Examples:
        >>> whole("training.html#sec-a", "index", {"training"}), whole("#b", "index", set())
        ('#training-sec-a', '#index-b')
        >>> whole("training.html", "index", {"training"}), whole("https://a.b", "index", set())
        ('#training-page', 'https://a.b')
    """
    # on paper a figure has no states: such a link leads to the figure
    match = re.fullmatch(r"(?:([\w-]+)\.html)?(?:#([^?]*)(?:\?.*)?)?", link)
    if not match or (match[1] and match[1] not in slugs):
        return link
    return f"#{match[1] or slug}-{match[2] or 'page'}"


def move_answers(chapter: Tag, answers: Tag) -> None:
    """Move the answers of a chapter's quiz to the end, with links both ways."""
    for quiz in chapter.select(".quiz"):
        fold = quiz.select_one("details.quiz-answers")
        title = quiz.select_one(".quiz-title")
        heading = chapter.select_one("h1")
        assert fold is not None and title is not None and heading is not None
        name = f"{quiz['id']}-answer"
        there = BeautifulSoup(f'<p><a href="#{name}">Answer</a></p>', "html.parser")
        asked = f"{heading.get_text()}, {title.get_text()}"
        back = f'<p id="{name}"><a href="#{quiz["id"]}">{asked}</a></p>'
        fold.replace_with(there)
        answers.append(BeautifulSoup(back, "html.parser"))
        reasons = fold.select_one(".quiz-reasons")
        assert reasons is not None
        answers.append(reasons)


def print_page() -> None:
    """Print the joined page."""
    with page() as view:
        view.set_default_timeout(300_000)
        view.goto(JOINED.as_uri(), wait_until="load")
        view.evaluate("window.MathJax?.startup?.promise")
        view.evaluate(WORDS)
        view.pdf(
            path=PDF,
            tagged=True,
            outline=True,
            prefer_css_page_size=True,
            print_background=True,
        )


if __name__ == "__main__":
    sys.path[:0] = [str(ROOT / "book" / "_ext"), str(ROOT)]
    sys.exit(main())

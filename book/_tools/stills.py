"""Stills of the interactive figures, for the book on paper and for e-readers.

Each figure is drawn by its own script, in the state in which the page shows it first.
"""

from typing import Any

from bs4 import BeautifulSoup, Tag
from chromium import page
from pages import BUILD

HTML = BUILD / "html"
STILLS = BUILD / "stills"
FIGURE = "figure:has(.interactive)"
WIDTH = 760  # pixels of the window, at which letters can still be read on paper
# buttons and settings go, and what would lie over a figure or move it: bars, late pictures
QUIET = """.interactive :is(.fig-buttons, .lab-settings, details) { display: none !important; }
.interactive { background: none !important; border: 0 !important; padding: 6px !important; }
img, .d-print-none { display: none !important; }"""


def name(slug: str, figure: str) -> str:
    """Name the still of a figure.

    Examples:
        >>> name("training", "fig-epochs")
        'still-training-fig-epochs.png'
    """
    return f"still-{slug}-{figure}.png"


def take(docnames: list[str]) -> None:
    """Take the still of every interactive figure.

    Args:
        docnames: pages of the built book.

    Raises:
        NoBrowserError: if there is no Chromium.
    """
    shown = [docname for docname in docnames if _has_figures(docname)]
    with page(device_scale_factor=2, viewport={"width": WIDTH, "height": 1000}) as view:
        for docname in shown:
            _take_page(view, docname)


def _has_figures(docname: str) -> bool:
    soup = BeautifulSoup((HTML / f"{docname}.html").read_bytes(), "html.parser")
    return soup.select_one(FIGURE) is not None


def _take_page(view: Any, docname: str) -> None:
    """Take the stills of one page."""
    view.goto((HTML / f"{docname}.html").as_uri(), wait_until="load")
    view.evaluate("window.MathJax?.startup?.promise")
    view.add_style_tag(content=QUIET)
    slug = docname.rsplit("/", 1)[-1]
    for figure in view.locator(FIGURE).all():
        drawn = figure.locator(".interactive[data-state=ready]")
        drawn.screenshot(path=STILLS / name(slug, figure.get_attribute("id")))


def put(article: Tag, slug: str) -> None:
    """Put stills in the place of the interactive figures of a page.

    The sentence that says what can be done becomes the words of the picture.

    Args:
        article: the text of the page, which is rewritten.
        slug: name of the page.
    """
    for figure in article.select(FIGURE):
        place = figure.select_one(".interactive")
        assert place is not None and place.p is not None
        source = f"../../stills/{name(slug, str(figure['id']))}"  # from the page
        empty = BeautifulSoup("", "html.parser")
        alt = place.p.get_text()
        place.replace_with(
            empty.new_tag("img", attrs={"src": source, "alt": alt, "class": "still"})
        )

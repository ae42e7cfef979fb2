"""The built book: in a real browser with no network, in both themes, and as downloads that run."""

import functools
import gzip
import http.server
import re
import subprocess
import sys
import threading
from pathlib import Path
from urllib.parse import unquote, urldefrag, urljoin, urlsplit

import nbformat
import pytest
from axe_playwright_python.sync_playwright import Axe
from bs4 import BeautifulSoup
from filelock import FileLock
from nbclient import NotebookClient
from playwright.sync_api import Browser, Page

from tests.book.test_book import NOTEBOOKS, ROOT, toc_pages
from tests.support.browser import browser as started_browser

pytestmark = pytest.mark.book

HTML = ROOT / "_build" / "html"
BUDGET = 1_000_000  # bytes gzipped, of a first page with formulas and icons
SECRETS = ("BEGIN SOLUTION", "END SOLUTION", "BEGIN HIDDEN TESTS", "END HIDDEN TESTS")
CHAPTERS = [page for page in NOTEBOOKS if not page.endswith("/notation")]
WIDTHS = (1280, 390)


@pytest.fixture(scope="session")
def html(tmp_path_factory, testrun_uid) -> Path:
    """The built book, brought up to date by the first worker that asks."""
    ready = tmp_path_factory.getbasetemp().parent / f"book-{testrun_uid}"
    with FileLock(f"{ready}.lock"):
        if not ready.exists():
            build = [sys.executable, "book/_tools"]
            done = subprocess.run(build, cwd=ROOT, capture_output=True, text=True, timeout=900)
            assert done.returncode == 0, done.stderr
            ready.touch()
    return HTML


@pytest.fixture(scope="module")
def address(html):
    """A server of the built book on this machine."""
    handler = functools.partial(QuietHandler, directory=html)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


class QuietHandler(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *args):
        pass


@pytest.fixture(scope="module")
def browser():
    with started_browser() as running:
        yield running


def opened(browser: Browser, url: str, theme: str = "light", width: int = 1280) -> Page:
    """Open a page and wait until its formulas stand."""
    size = {"width": width, "height": 900}
    # without motion, a color is what it is as soon as the theme changes
    settings = {"color_scheme": theme, "viewport": size, "reduced_motion": "reduce"}
    page = browser.new_context(**settings).new_page()
    page.requests = []
    page.messages = []
    page.on("request", lambda request: page.requests.append(request.url))
    page.on("console", lambda message: page.messages.append((message.type, message.text)))
    page.on("pageerror", lambda error: page.messages.append(("error", str(error))))
    page.goto(url, wait_until="load")
    page.evaluate("window.MathJax?.startup?.promise")
    return page


@functools.cache
def soup(path: Path) -> BeautifulSoup:
    return BeautifulSoup(path.read_bytes(), "html.parser")


def assert_accessible(view: Page, theme: str, options: dict | None = None) -> None:
    """Let axe look at an open page in one theme.

    Axe takes a minute over thousands of formulas and code tokens, which look the same on every
    page: they are looked at on the page of the notation alone.
    """
    repeated = [] if "/notation" in view.url else [["mjx-container"], ["div.highlight"]]
    view.evaluate(f"document.documentElement.dataset.theme = '{theme}'")
    view.evaluate("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
    context = {"exclude": repeated} if repeated else None
    results = Axe().run(view, context, {"resultTypes": ["violations"], **(options or {})})
    assert results.violations_count == 0, results.generate_report()


def tree(page: str) -> BeautifulSoup:
    return soup(HTML / f"{page}.html")


@pytest.mark.parametrize("page", toc_pages())
class TestPage:
    def test_is_there_in_english_with_one_title(self, html, page):
        root = tree(page)
        assert root.html["lang"] == "en"
        assert len(root.find_all("h1")) == 1

    def test_shows_no_failure(self, html, page):
        outputs = [e.get_text() for e in tree(page).select(".cell_output")]
        assert not [text for text in outputs if "Traceback (most recent call last)" in text]
        # the one thing a cell may say on its error stream is which images it found
        errors = [e.get_text() for e in tree(page).select(".stderr")]
        assert not [text for text in errors if "Fashion-MNIST" not in text]

    def test_numbers_from_cells_are_typeset(self, html, page):
        pasted = [e.get_text() for e in tree(page).select(".pasted-text")]
        assert not [text for text in pasted if re.search(r"(^|\s)-\d|\de[-+]?\d", text)]

    def test_images_have_alt_texts_and_figures_captions(self, html, page):
        for image in tree(page).select("article img:not(.chapter-cards img)"):
            assert len(image.get("alt") or "") >= 20, image.get("src")
            assert ".svg" not in image.get("alt")
            figure = image.find_parent("figure")
            assert figure is not None, f"{image.get('src')} is outside a figure"
            assert figure.find("figcaption") is not None


@pytest.fixture(scope="module", params=toc_pages())
def view(request, address, browser):
    """Each page in turn, opened once and looked at by several tests."""
    opened_page = opened(browser, f"{address}/{request.param}.html")
    yield opened_page
    opened_page.context.close()


class TestInTheBrowser:
    def test_asks_no_other_host(self, view):
        assert {urlsplit(url).hostname for url in view.requests if url[:5] != "data:"} == {
            "127.0.0.1"
        }

    def test_shows_its_formulas_and_interactive_figures(self, view):
        formulas = view.locator("article .math").count()
        assert view.locator("article .math mjx-container").count() >= formulas
        assert view.locator("mjx-merror").count() == 0
        assert view.locator("[data-interactive]:not([data-state=ready])").count() == 0
        assert [message for message in view.messages if message[0] == "error"] == []

    def test_has_no_fault_that_axe_finds_on_light(self, view):
        assert_accessible(view, "light")

    def test_has_no_fault_that_axe_finds_on_dark(self, view):
        # the structure is the same, the colors are not
        assert_accessible(view, "dark", {"runOnly": ["color-contrast"]})

    def test_fits_wide_and_narrow_screens(self, view):
        for width in WIDTHS:
            view.set_viewport_size({"width": width, "height": 900})
            assert view.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("page", CHAPTERS)
def test_a_chapter_is_whole_when_opened_from_disk(html, browser, page):
    view = opened(browser, (html / f"{page}.html").as_uri())
    formulas = view.locator("article .math").count()
    assert view.locator("article .math mjx-container").count() >= formulas > 0
    assert view.locator("[data-interactive][data-state=ready]").count() >= 1
    assert [message for message in view.messages if message[0] == "error"] == []
    view.context.close()


def test_the_theme_follows_the_reader(address, browser):
    for theme in ("light", "dark"):
        view = opened(browser, f"{address}/book/references.html", theme)
        assert view.evaluate("document.documentElement.dataset.theme") == theme
        view.context.close()


def test_the_first_page_with_formulas_and_icons_keeps_the_budget(address, browser, html):
    view = opened(browser, f"{address}/book/notation.html")
    view.wait_for_load_state("networkidle")
    files = {unquote(urlsplit(url).path) for url in view.requests if url.startswith(address)}
    weights = {file: len(gzip.compress((html / file.lstrip("/")).read_bytes())) for file in files}
    assert sum(weights.values()) < BUDGET, weights
    assert view.locator(".article-header-buttons svg").count() > 0, "icons are drawn"
    view.context.close()


def test_the_keyboard_reaches_the_text_first(address, browser):
    view = opened(browser, f"{address}/book/index.html")
    view.keyboard.press("Tab")
    assert view.evaluate("document.activeElement.textContent") == "Skip to main content"
    view.keyboard.press("Enter")
    assert view.url.endswith("#main-content")
    view.context.close()


def links(page: str) -> set[str]:
    root = tree(page)
    found = [*(e["href"] for e in root.select("[href]")), *(e["src"] for e in root.select("[src]"))]
    return {
        urljoin(f"{page}.html", link) for link in found if "://" not in link and link[:5] != "data:"
    }


@pytest.mark.parametrize("page", toc_pages())
def test_links_and_fragments_lead_somewhere(html, page):
    for link in links(page):
        if not link.startswith(("mailto:", "javascript:")):
            path, fragment = urldefrag(urlsplit(link)._replace(query="").geturl())
            target = html / unquote(path or f"{page}.html")
            assert target.is_file(), link
            if fragment and target.suffix == ".html":
                name = unquote(fragment).split("?")[0]  # behind it, the state of a figure
                assert name in ids(target) | {""}, link


@functools.cache
def ids(path: Path) -> set[str]:
    return {element["id"] for element in soup(path).select("[id]")}


@pytest.mark.parametrize("page", NOTEBOOKS)
def test_a_download_is_plain_jupyter_and_offered(html, page):
    slug = page.rsplit("/", 1)[-1]
    offered = [
        Path(e["href"])
        for e in tree(page).select("a[href]")
        if e["href"].endswith(f"/{slug}-chapter.ipynb")
    ]
    assert offered
    notebook = nbformat.read(html / page.rsplit("/", 1)[0] / offered[0], as_version=4)
    nbformat.validate(notebook)
    text = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    prose = re.sub(r"```.*?```", "", text, flags=re.DOTALL)
    assert not re.findall(r"\{[a-z][\w:-]*\}`|^:::+|^```\{|^\([\w-]+\)=$", prose, re.MULTILINE)
    assert "myst_nb" not in str(notebook)


def test_a_download_runs_from_top_to_bottom(html, tmp_path):
    notebook = nbformat.read(ROOT / "_build" / "notebooks" / "notation-chapter.ipynb", as_version=4)
    client = NotebookClient(notebook, timeout=120, kernel_name="python3")
    client.execute(cwd=str(tmp_path), stderr=subprocess.DEVNULL)
    assert "True" in str(notebook.cells)


def test_nothing_published_holds_a_solution(html):
    texts = [
        path for path in html.rglob("*") if path.suffix in {".html", ".js", ".ipynb", ".md", ".txt"}
    ]
    assert len(texts) > len(toc_pages())
    for path in texts:
        text = path.read_text(encoding="utf-8")
        assert not [secret for secret in SECRETS if secret in text], path

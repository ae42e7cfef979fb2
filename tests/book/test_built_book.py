"""The built book: in a real browser with no network, in both themes, and as downloads that run."""

import functools
import gzip
import http.server
import re
import subprocess
import sys
import threading
import zipfile
from pathlib import Path
from urllib.parse import unquote, urldefrag, urljoin, urlsplit
from xml.etree import ElementTree

import epub
import nbformat
import print_book
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
    assert re.findall(r"\((?:eq|fig|sec)-[\w-]+\)", prose) == [], "a label for what it names"
    assert not re.findall(r"\{[a-z][\w:-]*\}`|^:::+|^```\{|^\([\w-]+\)=$", prose, re.MULTILINE)
    assert "myst_nb" not in str(notebook)
    # the page and its notebook say which release they are from
    [foot] = tree(page).select("footer.bd-footer-content")
    assert f"Release {notebook.metadata.mlpkit.release}" in foot.get_text()


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


@pytest.mark.parametrize("page", [page for page in CHAPTERS if page != "book/lab"])
def test_a_drawing_is_shown_in_the_colors_of_the_theme(html, page):
    drawings = tree(page).select("article figure img[src$='.svg']")
    themes = [
        theme for e in drawings for theme in ("light", "dark") if f"for-{theme}" in e["class"]
    ]
    assert len(themes) == len(drawings) > 0 and themes.count("light") == themes.count("dark")
    light, dark = (element["src"] for element in drawings[:2])
    assert light.replace("-light.svg", "") == dark.replace("-dark.svg", "")


WIDTH_WHEN_LOADED = """async image => {
    image.loading = "eager";
    await image.decode();
    return image.getBoundingClientRect().width;
}"""


def letters(svg: str) -> float:
    """The size of the smallest letter of a drawing of matplotlib, as a share of its width."""
    width = float(re.search(r'viewBox="0 0 ([\d.]+)', svg)[1])
    sizes = [100 * float(scale) for scale in re.findall(r"scale\((0\.\d+) -", svg)]
    return min(sizes, default=width) / width


@pytest.mark.parametrize("page", CHAPTERS)
def test_letters_of_a_drawing_can_be_read_on_a_phone(address, browser, html, page):
    view = opened(browser, f"{address}/{page}.html", width=390)
    small = {}
    for image in view.locator("article figure .renderings img.for-light").all():
        svg = (html / "_images" / Path(image.get_attribute("src")).name).read_text()
        size = letters(svg) * image.evaluate(WIDTH_WHEN_LOADED)
        small |= {image.get_attribute("alt")[:60]: size} if size < 11 else {}
    view.context.close()
    assert not small


def test_the_theme_decides_which_rendering_is_shown(address, browser):
    for theme, other in (("light", "dark"), ("dark", "light")):
        view = opened(browser, f"{address}/book/index.html", theme)
        view.wait_for_load_state("networkidle")
        assert view.locator(f"article figure .for-{theme}").is_visible()
        assert not view.locator(f"article figure .for-{other}").is_visible()
        fetched = {Path(urlsplit(url).path).name for url in view.requests}
        assert f"network-{theme}.svg" in fetched
        # the theme is known only after the first drawings have been asked for, which are light
        assert theme == "dark" or "network-dark.svg" not in fetched
        view.context.close()


def test_formulas_are_no_stops_of_the_tab_key(address, browser):
    view = opened(browser, f"{address}/book/notation.html")
    view.wait_for_selector("mjx-container")
    assert view.locator("mjx-container[tabindex='0']").count() == 0
    view.context.close()


def test_search_leads_to_sections_and_its_excerpts_are_text(address, browser):
    view = opened(browser, f"{address}/search.html?q=gradient")
    view.wait_for_selector("#search-results li p")
    links = view.locator("#search-results li a").evaluate_all("all => all.map(e => e.href)")
    assert sum("#" in link for link in links) > len(links) / 2
    assert "\\(" not in view.locator("#search-results").inner_text()
    view.context.close()


PREVIEWED = ("#equation-", "#term-", "#fig-")


@pytest.mark.parametrize("target", PREVIEWED)
def test_a_reference_shows_what_it_points_at(address, browser, html, target):
    page = next(
        p for p in toc_pages() if f'data-preview="{target}' in (HTML / f"{p}.html").read_text()
    )
    settings = {"reduced_motion": "no-preference", "viewport": {"width": 1280, "height": 900}}
    view = browser.new_context(**settings).new_page()
    view.goto(f"{address}/{page}.html")
    link = view.locator(f"article a.reference[href^='{target}']").first
    link.scroll_into_view_if_needed()
    view.wait_for_timeout(600)  # the page scrolls smoothly
    link.hover()
    preview = view.get_by_role("tooltip")
    preview.wait_for()
    assert preview.bounding_box()["height"] > 20
    assert link.get_attribute("aria-describedby") == "preview"
    assert preview.locator("[id], a, mjx-merror").count() == 0
    assert_accessible(view, "light", {"runOnly": ["aria-tooltip-name", "duplicate-id-aria"]})
    view.keyboard.press("Escape")
    assert preview.count() == 0 and link.get_attribute("aria-describedby") is None
    view.context.close()


def test_previews_are_off_with_reduced_motion(address, browser):
    view = opened(browser, f"{address}/book/hidden-layers.html")
    view.locator("article a.reference[href^='#equation-']").first.hover()
    view.wait_for_timeout(400)
    assert view.get_by_role("tooltip").count() == 0
    view.context.close()


def test_a_dark_page_is_printed_light(address, browser):
    view = opened(browser, f"{address}/book/references.html", "dark")
    printed = "document.documentElement.dataset.theme"
    view.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert view.evaluate(printed) == "light"
    view.evaluate("dispatchEvent(new Event('afterprint'))")
    assert view.evaluate(printed) == "dark"
    view.context.close()


def test_an_interactive_figure_is_printed_without_its_buttons(address, browser):
    view = opened(browser, f"{address}/book/backpropagation.html")
    view.emulate_media(media="print")
    figure = view.locator(".interactive[data-state=ready]").first
    assert figure.locator("svg").first.is_visible()
    assert not figure.get_by_role("button").first.is_visible()
    view.context.close()


def test_each_work_is_listed_once_under_the_name_that_chapters_use(html):
    works = tree("book/references").select(".citation")
    assert [len(work.select(".label")) for work in works] == [1] * len(works)
    labels = {work.select_one(".label").get_text().strip("[]") for work in works}
    assert len(labels) == len(works) and "He et al., 2015" in labels
    links = {e["href"].rpartition("#")[2] for p in CHAPTERS for e in tree(p).select("a.reference")}
    assert links & {work["id"] for work in works}


def test_a_field_of_which_nothing_is_said_is_not_listed(html):
    text = (html / "book" / "api.html").read_text(encoding="utf-8")
    assert 'id="mlpkit.mlp.Cache"' in text and "Alias for field number" not in text


def test_every_printed_formula_has_words(address, browser):
    view = opened(browser, f"{address}/book/notation.html")
    view.evaluate(print_book.WORDS)
    words = view.locator("mjx-container > img.words")
    assert words.count() == view.locator("mjx-container").count() > 50
    assert all(word.get_attribute("alt") for word in words.all())
    assert r"\phi" in {word.get_attribute("alt")[:4] for word in words.all()}
    view.context.close()


@pytest.mark.slow
def test_the_epub_is_xml_with_every_formula_and_no_dead_link(html, tmp_path, monkeypatch):
    monkeypatch.setattr(epub, "EPUB", tmp_path / "book.epub")
    assert epub.main() == 0
    with zipfile.ZipFile(tmp_path / "book.epub") as book:
        first, *names = book.namelist()
        assert first == "mimetype" and not book.getinfo(first).compress_type
        # a document that is not well-formed is one that a reader does not open
        trees = {n: ElementTree.fromstring(book.read(n)) for n in names if n.endswith(".xhtml")}
    assert len(trees) == len(toc_pages()) + 1
    figures = sum(len(tree(page).select("figure .interactive")) for page in toc_pages())
    assert len([n for n in names if "/still-" in n]) == figures > 8
    xhtml = {"h": "http://www.w3.org/1999/xhtml", "m": "http://www.w3.org/1998/Math/MathML"}
    anchors = {name: {e.get("id") for e in root.iter()} for name, root in trees.items()}
    for name, root in trees.items():
        links = [e.get("href") for e in root.iterfind(".//h:a[@href]", xhtml)]
        for link in (link for link in links if "://" not in link and link[:7] != "mailto:"):
            path, _, target = link.partition("#")
            assert unquote(target) in anchors[f"book/{path}" if path else name] | {""}, link
    for name, root in trees.items():
        assert root.find(".//h:svg", xhtml) is None, (
            f"{name}: a drawing that is not in SVG's namespace"
        )
    formulas = sum(len(root.findall(".//m:math", xhtml)) for root in trees.values())
    shown = [m for page in toc_pages() for m in tree(page).select("article .math")]
    # previews repeat formulas of the page
    assert formulas == sum(not m.find_parent("template") for m in shown) > 100

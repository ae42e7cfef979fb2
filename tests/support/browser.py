"""A real browser for tests: Debian's Chromium, no network, one interactive figure at a time."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import course_interactive
from playwright.sync_api import Browser, Page, Route, sync_playwright

from mlpkit import plotting
from tests.support.programs import path_of

BOOK = Path(__file__).resolve().parents[2] / "book"
HOST = "http://book.test/"
FLAGS = [
    "--no-sandbox",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
]


@contextmanager
def browser() -> Iterator[Browser]:
    """A headless Chromium that finds no host but this machine."""
    path = path_of("chromium", "chromium-browser", "chrome", "google-chrome", package="chromium")
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield started
        started.close()


@contextmanager
def modules_page(names: list[str]) -> Iterator[Page]:
    """An empty page on which ``modules`` holds what the named modules of the figures export."""
    exports = ", ".join(f'"{name}": ${name.replace("-", "_")}' for name in names)
    script = f"{course_interactive.bundle(names)}\nwindow.modules = {{ {exports} }};"
    with browser() as started:
        page = started.new_page()
        page.set_content("<!doctype html><title>Modules</title>")
        page.add_script_tag(content=script)
        yield page


# what the theme brings, as far as the figures' styles ask for it
THEME = """
* { box-sizing: border-box; }
body { background: var(--pst-color-background); color: var(--pst-color-text-base); margin: 16px; }
html[data-theme="light"] { --pst-color-background: #ffffff; --pst-color-text-base: #222832; }
html[data-theme="dark"] { --pst-color-background: #14181e; --pst-color-text-base: #ced6dd; }
html { --pst-color-text-muted: #67707a; }
"""
STYLES = ("interactive/figures.css", "course.css")  # in the order of a built page


def figure_html(name: str, data: dict, theme: str = "light") -> str:
    """A page that holds one interactive figure, its script, its style and nothing else."""
    figure = plotting.Interactive(name, data, "A figure.")._repr_html_()
    styles = [THEME, *((BOOK / "_static" / file).read_text(encoding="utf-8") for file in STYLES)]
    return f"""<!doctype html><html lang="en" data-theme="{theme}"><meta charset="utf-8">
<meta name="viewport" content="width=device-width"><title>A figure</title>
<style>{"".join(styles)}</style>
<main class="bd-article"><h1>A figure</h1>{figure}</main>
<script type="module">{course_interactive.script([name])}</script>"""


@contextmanager
def interactive_page(name: str, data: dict) -> Iterator[Page]:
    """A page with one interactive figure, when it is ready."""
    with browser() as started:
        page = started.new_page()
        page.route(f"{HOST}**", lambda route: answer(route, figure_html(name, data)))
        page.goto(HOST)
        page.wait_for_selector("[data-state=ready]")
        yield page


def answer(route: Route, body: str) -> None:
    """Give a page instead of asking the network."""
    route.fulfill(body=body, content_type="text/html")

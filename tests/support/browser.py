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
def interactive_page(name: str, data: dict) -> Iterator[Page]:
    """A page that holds one interactive figure, its script and nothing else, when it is ready."""
    figure = plotting.Interactive(name, data, "A figure.")._repr_html_()
    script = f'<script type="module">{course_interactive.script([name])}</script>'

    def answer(route: Route) -> None:
        path = BOOK / "_static" / route.request.url.removeprefix(HOST)
        if path.is_file():
            route.fulfill(path=path, content_type="text/javascript")
        else:
            body = f'<!doctype html><html lang="en"><meta charset="utf-8">{figure}{script}'
            route.fulfill(body=body, content_type="text/html")

    with browser() as started:
        page = started.new_page()
        page.route(f"{HOST}**", answer)
        page.goto(HOST)
        page.wait_for_selector("[data-state=ready]")
        yield page

"""A real browser for tests: Debian's Chromium, no network, one interactive figure at a time."""

import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Route, sync_playwright

from mlpkit import plotting

BOOK = Path(__file__).resolve().parents[1] / "book"
sys.path.insert(0, str(BOOK / "_ext"))  # as Sphinx does

import course_interactive  # noqa: E402

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


def chromium() -> str:
    """Return the path of a Chromium; without one the test is skipped, but never in CI."""
    found = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "chrome"))), None)
    if found is None and not os.environ.get("CI"):
        pytest.skip("looks at pages in Chromium, which is not installed (Debian: chromium)")
    assert found is not None, "Chromium is missing; CI has to install it"
    return found


@contextmanager
def browser() -> Iterator[Browser]:
    """A headless Chromium that finds no host but this machine."""
    path = chromium()
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

"""The browser that the tests use, for what only a browser can do: typeset formulas and print."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

NAMES = ("chromium", "chromium-browser", "chrome", "google-chrome")
FLAGS = ("--no-sandbox", "--disable-background-networking", "--host-resolver-rules=MAP * ~NOTFOUND")


class NoBrowserError(RuntimeError):
    """There is no Chromium on this machine."""


@contextmanager
def page(**settings: Any) -> Iterator[Any]:
    """Open a page in a headless Chromium without a network.

    Args:
        settings: more settings of the page, as Playwright names them.

    Raises:
        NoBrowserError: if there is none.
    """
    from playwright.sync_api import sync_playwright

    path = next(filter(None, map(shutil.which, NAMES)), None)
    if path is None:
        raise NoBrowserError(
            "there is no Chromium: on Debian and Ubuntu, sudo apt install chromium"
        )
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(FLAGS))
        yield browser.new_page(color_scheme="light", reduced_motion="reduce", **settings)
        browser.close()

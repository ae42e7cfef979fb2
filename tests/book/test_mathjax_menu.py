"""Formulas stay, whatever MathJax's menu remembers of this address."""

import json
from pathlib import Path

import pytest

from tests.support.browser import BOOK, HOST, browser

TYPES = {".js": "text/javascript", ".woff": "font/woff"}
CONFIG = "window.MathJax = {options: {processHtmlClass: 'math'}}"  # as an extension leaves it
PAGE = f"""<!doctype html><html lang="en"><meta charset="utf-8"><script>{CONFIG}</script>
<script defer src="mathjax-menu.js"></script>
<script defer src="mathjax/tex-mml-chtml.js"></script><p class="math">\\(x^2\\)</p>"""
REMEMBERED = [{"renderer": "SVG"}, {"explorer": True, "collapsible": True}, {"zoom": "Click"}]


@pytest.fixture(scope="module")
def chromium():
    with browser() as started:
        yield started


@pytest.mark.slow
@pytest.mark.parametrize("settings", REMEMBERED, ids=json.dumps)
def test_a_formula_is_there_whatever_is_remembered(chromium, settings):
    page = chromium.new_page()

    def answer(route):
        path = BOOK / "_static" / route.request.url.removeprefix(HOST)
        if path.is_file():
            kind = TYPES.get(Path(path).suffix, "text/plain")
            return route.fulfill(path=path, content_type=kind)
        if path.suffix:
            return route.fulfill(status=404)
        return route.fulfill(body=PAGE, content_type="text/html")

    text = json.dumps(json.dumps(settings))
    page.add_init_script(f"localStorage.setItem('MathJax-Menu-Settings', {text})")
    page.route(f"{HOST}**", answer)
    page.goto(HOST)
    page.wait_for_function("window.MathJax.startup.promise !== undefined")
    page.wait_for_selector("mjx-container mjx-math", timeout=30_000)
    options = page.evaluate("MathJax.config.options.processHtmlClass")
    assert options == "math"
    page.close()

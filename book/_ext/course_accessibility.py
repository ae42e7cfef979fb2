"""Repair what the theme and the bibliography leave wrong for readers of assistive technology."""

import re
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx

# a list may hold list items alone, and the role that docutils gives its entries is deprecated
ENTRY, LIST_ITEM = 'role="doc-biblioentry"', 'role="listitem"'

# the frame calls a button other than it reads, has a second main heading, meant for paper, and its
# title stands outside any landmark
REPAIRS = (
    # a button that shows the words "Search Ctrl + K" is called by them
    (
        re.compile(r'(<button class="[^"]*search-button-field[^>]*) aria-label="Search"'),
        r"\1",
    ),
    (
        re.compile(r'(id="jb-print-docs-body" class="onlyprint">\s*)<h1>(.*?)</h1>', re.DOTALL),
        r'\1<p class="print-title">\2</p>',
    ),
    (
        re.compile(r'<div class="sidebar-primary-item">(\s*<a class="navbar-brand logo")'),
        r'<div class="sidebar-primary-item" role="navigation" aria-label="Front page">\1',
    ),
)


def repair_body(
    app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: nodes.document
) -> None:
    """Rewrite the body of a page before the theme puts its frame around it."""
    if "body" in context:
        context["body"] = context["body"].replace(ENTRY, LIST_ITEM)


def repair_frame(app: Sphinx, exception: Exception | None) -> None:
    """Rewrite what the theme's own templates put around each page."""
    if exception is None and app.builder.format == "html":
        for path in Path(app.outdir).rglob("*.html"):
            page = repaired = path.read_text(encoding="utf-8")
            for pattern, replacement in REPAIRS:
                repaired = pattern.sub(replacement, repaired)
            if repaired != page:
                path.write_text(repaired, encoding="utf-8")


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the extension."""
    app.connect("html-page-context", repair_body, priority=800)
    app.connect("build-finished", repair_frame)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}

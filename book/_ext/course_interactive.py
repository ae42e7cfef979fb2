"""Put the interactive figures of a page into the page itself.

They are written as ES modules, but a browser loads no module from a file: a reader who opens the
built page from disk, with no server, would see none of them. So what a page needs is joined into
one inline script.
"""

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx

MODULES = Path(__file__).resolve().parents[1] / "_static" / "interactive"
SHARED = ("drawing", "start")  # what the others stand on
LINKS = re.compile(r"^import .*\n+|^export (?=const|function|async)", re.MULTILINE)
# the element itself: the API page also shows one as text, with its brackets escaped
FIGURE = re.compile(r'<div class="interactive" data-interactive="([\w-]+)"')


def script(names: Iterable[str]) -> str:
    """Join modules into one script that starts the figures of a page.

    Args:
        names: modules of `_static/interactive`, each with a function `render`.

    Returns:
        The text of a script of type module.
    """
    renders = [f'"{name}": (() => {{\n{_text(name)}\nreturn render;\n}})()' for name in names]
    return "\n".join([*map(_text, SHARED), f"start({{ {', '.join(renders)} }});"])


def _text(name: str) -> str:
    """Return a module without what links it to others; all share one scope."""
    return LINKS.sub("", (MODULES / f"{name}.js").read_text(encoding="utf-8"))


def figures(body: str) -> list[str]:
    """Name the interactive figures of a page, given its HTML, each once."""
    return sorted({*FIGURE.findall(body)})


def add_script(
    app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: nodes.document
) -> None:
    """Add the script to a page with interactive figures."""
    if names := figures(context.get("body", "")):
        app.add_js_file(None, body=script(names), type="module")


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the extension."""
    app.connect("html-page-context", add_script)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}

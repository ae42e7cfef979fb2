"""Keep the built pages small and free of requests to other hosts.

The theme brings every icon of Font Awesome (0.54 MB gzipped) for the dozen it shows, and a loader
of a service that runs cells in the cloud. Here the icons no page uses are cut out of the script,
and the loader is left out. And MathJax gets a script of ours, before it starts, and every page one
for printing.
"""

import re
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx

ICON = re.compile(
    r'"?(?P<name>[\w-]+)"?:\[\d+,\d+,\[(?P<aliases>[^\]]*)\],"[0-9a-f]+",(?:"[^"]*"|\[[^\]]*\])\],?'
)
USED = re.compile(r"\bfa-([a-z0-9-]+)")


def choose_scripts(
    app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: nodes.document
) -> None:
    """Drop the loader of the cloud service."""
    for kind in ("script_files", "css_files"):
        files = context.get(kind, [])
        files[:] = [file for file in files if "thebe" not in _contents(file)]


def _contents(file: Any) -> str:
    """Return name and text of a script or style sheet."""
    attributes = getattr(file, "attributes", {})
    return f"{getattr(file, 'filename', file)} {attributes.get('body', '')}"


def trim_icons(app: Sphinx, exception: Exception | None) -> None:
    """Cut the icons that nothing uses out of the theme's script."""
    script = Path(app.outdir) / "_static" / "scripts" / "fontawesome.js"
    if exception is None and app.builder.format == "html" and script.exists():
        used = _used_icons(Path(app.outdir), script)
        script.write_text(trimmed(script.read_text(encoding="utf-8"), used), encoding="utf-8")


def trimmed(source: str, used: set[str]) -> str:
    """Return the source of the icon script with only the icons of the given names.

    Args:
        source: Font Awesome's script, its icons in object literals.
        used: names or aliases, without ``fa-``.

    Returns:
        The shorter script.
    """

    def keep(match: re.Match) -> str:
        names = {match["name"], *re.findall(r'"([\w-]+)"', match["aliases"])}
        return match[0] if names & used else ""

    return ICON.sub(keep, source)


def _used_icons(folder: Path, script: Path) -> set[str]:
    """Collect the icon names in all pages, and in the theme's scripts, which may add some."""
    files = [*folder.rglob("*.html"), *(folder / "_static").rglob("*.js")]
    texts = [path.read_text(encoding="utf-8") for path in files if path != script]
    return {name for text in texts for name in USED.findall(text)}


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the extension."""
    app.add_js_file("mathjax-menu.js", priority=100, loading_method="defer")
    app.add_js_file("print.js", loading_method="defer")
    app.connect("html-page-context", choose_scripts, priority=900)
    app.connect("build-finished", trim_icons)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}

"""Show every figure in two renderings, one for the light theme and one for the dark.

Cells draw for a light page. Here each drawing gets a sibling in the same figure, in the colors of
the dark page, and the style sheet shows the one that fits. Both are transparent, so that they lie
on whatever is behind them. A drawing that is too wide for a phone gets a class that says so: there
it keeps its size and scrolls.
"""

import re
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx

FOLDER = "figures"
WIDTH = re.compile(r'<svg\b[^>]*?\bwidth="([\d.]+)(pt|px)?"', re.DOTALL)
PHONE = 480  # CSS pixels from which type of 11 points is less than 11 pixels high on a phone


def show_both(app: Sphinx, doctree: nodes.document) -> None:
    """Give each drawing of a page its sibling."""
    for image in list(doctree.findall(nodes.image)):
        # the theme darkens images in its dark scheme, and puts a white card behind them; Sphinx
        # makes a link of one that has a width
        image["classes"] += ["dark-light", "no-scaled-link"]
        source = _file(app, image["uri"])
        if source.suffix == ".svg":
            _pair(app, image, source)


def _file(app: Sphinx, uri: str) -> Path:
    """Find the file of an image, whose address starts at the root or at the page."""
    if uri.startswith("/"):
        return Path(app.srcdir) / uri[1:]
    return Path(app.env.doc2path(app.env.docname)).parent / uri


def _pair(app: Sphinx, image: nodes.image, source: Path) -> None:
    """Put both renderings in the place of an image."""
    svg = source.read_text(encoding="utf-8")
    width = css_pixels(svg)
    renderings = nodes.container(classes=["renderings"])
    if width > PHONE:
        renderings["classes"].append("wide")
    for theme in ("light", "dark"):
        rendering = image.deepcopy()
        rendering["uri"] = _written(app, source, svg, theme)
        rendering["classes"].append(f"for-{theme}")
        rendering["loading"] = "lazy"  # the one that is not shown is not fetched
        renderings += rendering
    image.replace_self(renderings)


def css_pixels(svg: str) -> float:
    """Return the width of a drawing in CSS pixels, 0 if it has none of its own.

    Examples:
        >>> css_pixels('<svg height="1pt" width="345.6pt">')
        460.8
    """
    match = WIDTH.search(svg)
    return 0.0 if match is None else float(match[1]) * (4 / 3 if match[2] == "pt" else 1)


def _written(app: Sphinx, source: Path, svg: str, theme: str) -> str:
    """Write a rendering, unless it is there, and return its address from the root."""
    folder = Path(app.outdir).parent / FOLDER
    path = folder / f"{source.stem}-{theme}.svg"
    if not path.exists() or path.stat().st_mtime < source.stat().st_mtime:
        from mlpkit.plotting.dark import dark, transparent  # brings matplotlib, often not needed

        drawing = transparent(svg)
        folder.mkdir(exist_ok=True)
        path.write_text(dark(drawing) if theme == "dark" else drawing, encoding="utf-8")
    return f"/{path.relative_to(app.srcdir).as_posix()}"


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the extension."""
    app.connect("doctree-read", show_both, priority=100)  # before Sphinx collects the images
    return {"version": "2", "parallel_read_safe": True, "parallel_write_safe": True}

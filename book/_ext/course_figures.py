"""Let every figure sit on the page's own background, in the light theme and in the dark one.

The theme paints a white card behind an image unless it carries the class ``dark-light``. The
book's figures are transparent and drawn in colors that stand out on both, so all of them get it.
"""

from typing import Any

from docutils import nodes
from sphinx.application import Sphinx


def mark_images(app: Sphinx, doctree: nodes.document) -> None:
    """Add the class ``dark-light`` to each image of a page."""
    for image in doctree.findall(nodes.image):
        if "dark-light" not in image["classes"]:
            image["classes"].append("dark-light")


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the extension."""
    app.connect("doctree-read", mark_images)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}

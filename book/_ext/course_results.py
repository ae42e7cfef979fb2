"""Put what comes after a *Predict first* behind a fold: text, tables, cells and figures alike.

A directive cannot hold cells. So two comments mark where a result begins and ends::

    % result

    …

    % end of result

What stands between becomes a dropdown. A notebook shows the result in place.
"""

from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util import logging
from sphinx_design.shared import create_component

START = "result"
END = "end of result"
TITLE = "Show the result"

logger = logging.getLogger(__name__)


def fold_results(app: Sphinx, doctree: nodes.document) -> None:
    """Fold each result of a page."""
    for start in [node for node in doctree.findall(nodes.comment) if node.astext() == START]:
        fold(start)


def fold(start: nodes.comment) -> None:
    """Fold what stands between a comment and the one that ends its result."""
    following = start.parent[start.parent.index(start) + 1 :]
    ends = [node for node in following if isinstance(node, nodes.comment) and node.astext() == END]
    if not ends:
        logger.warning("a result without an end in its section", location=start)
        return
    inside = following[: following.index(ends[0])]
    for node in (*inside, ends[0]):
        start.parent.remove(node)
    title = nodes.rubric(TITLE, TITLE)
    dropdown = create_component(
        "dropdown",
        children=[title, *inside],
        opened=False,
        type="dropdown",
        has_title=True,
        icon=None,
        chevron=None,
        container_classes=["sd-mb-3", "result"],
        title_classes=[],
        body_classes=[],
    )
    start.replace_self(dropdown)


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the extension."""
    app.connect("doctree-read", fold_results)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}

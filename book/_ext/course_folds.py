"""Let a reader see the figure first: the fold with its code comes below it.

MyST-NB puts the fold of a cell above what the cell shows. A chapter that opens with a picture would
then open with two folds, one for the imports and one for the drawing. Here folded cells that follow
each other share a fold, and a fold whose cell shows a figure goes below that.
"""

from typing import Any

from docutils import nodes
from myst_nb.sphinx_ import HideCodeCellNode
from sphinx.application import Sphinx
from sphinx.transforms.post_transforms import SphinxPostTransform


def join(fold: HideCodeCellNode) -> None:
    """Give the code of a cell that shows nothing to the fold right below, if there is one."""
    cell = fold.parent
    below = cell.next_node(descend=False, siblings=True)
    if len(cell) == 1 and below is not None and has_folded_code(below):
        below[0].insert(0, fold.children)
        cell.parent.remove(cell)


def has_folded_code(node: nodes.Node) -> bool:
    """Say whether a node is a cell whose code, and nothing else, is folded."""
    is_cell = isinstance(node, nodes.container) and node.get("nb_element") == "cell_code"
    return is_cell and isinstance(node[0], HideCodeCellNode) and is_code(node[0])


def is_code(fold: HideCodeCellNode) -> bool:
    """Say whether a fold hides the code of a cell alone."""
    return all(child.get("nb_element") == "cell_code_source" for child in fold.children)


def lower(fold: HideCodeCellNode) -> None:
    """Move a fold below the figure of its cell."""
    cell = fold.parent
    if any(True for _ in cell.findall(nodes.figure)):
        cell.remove(fold)
        cell.append(fold)


class FiguresFirst(SphinxPostTransform):
    """Join folds, then move them."""

    default_priority = 201  # MyST-NB makes the folds at 199
    formats = ("html",)

    def run(self, **kwargs: Any) -> None:
        """Rearrange one page."""
        for fold in [f for f in self.document.findall(HideCodeCellNode) if is_code(f)]:
            join(fold)
        for fold in [f for f in self.document.findall(HideCodeCellNode) if is_code(f)]:
            lower(fold)


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the extension."""
    app.add_post_transform(FiguresFirst)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}

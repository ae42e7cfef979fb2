"""A figure comes before the fold with its code, and folded cells in a row share one."""

import pytest
from course_folds import has_folded_code, is_code, join, lower
from docutils import nodes
from docutils.utils import new_document
from myst_nb.sphinx_ import HideCodeCellNode


def cell(code: str, *shown: nodes.Node, folded: bool = True) -> nodes.container:
    """Make a cell as MyST-NB leaves it, with what it shows."""
    source = nodes.container("", nodes.literal_block(code, code), nb_element="cell_code_source")
    cell = nodes.container("", nb_element="cell_code")
    cell += HideCodeCellNode("", source) if folded else source
    if shown:
        cell += nodes.container("", *shown, nb_element="cell_code_output")
    return cell


def page(*cells: nodes.Node) -> nodes.document:
    document = new_document("page")
    document += cells
    return document


def folds(document: nodes.document) -> list[HideCodeCellNode]:
    return list(document.findall(HideCodeCellNode))


def codes(fold: HideCodeCellNode) -> list[str]:
    return [block.astext() for block in fold.findall(nodes.literal_block)]


def test_folded_cells_in_a_row_share_the_last_fold():
    document = page(cell("import a"), cell("b = 1"), cell("draw(b)", nodes.figure()))
    for fold in folds(document):
        join(fold)
    assert [codes(fold) for fold in folds(document)] == [["import a", "b = 1", "draw(b)"]]
    assert len(document) == 1


@pytest.mark.parametrize(
    "below",
    [
        nodes.paragraph("", "text"),
        cell("open", folded=False),
        cell("all folded", nodes.figure()),
    ],
    ids=["text", "open", "another fold"],
)
def test_a_fold_stays_before_what_is_no_folded_code(below):
    if isinstance(below, nodes.container) and has_folded_code(below):
        below[0] += nodes.container(nb_element="cell_code_output")  # its output is inside too
    document = page(cell("import a"), below)
    join(folds(document)[0])
    assert len(document) == 2
    assert codes(folds(document)[0]) == ["import a"]


def test_a_cell_that_shows_something_keeps_its_fold():
    document = page(cell("draw(a)", nodes.figure()), cell("draw(b)", nodes.figure()))
    for fold in folds(document):
        join(fold)
    assert [codes(fold) for fold in folds(document)] == [["draw(a)"], ["draw(b)"]]


def test_a_fold_goes_below_a_figure_and_stays_above_text():
    drawn, printed = cell("draw(a)", nodes.figure()), cell("print(a)", nodes.paragraph("", "1"))
    for fold in folds(page(drawn, printed)):
        assert is_code(fold)
        lower(fold)
    assert isinstance(drawn[-1], HideCodeCellNode) and len(drawn) == 2
    assert isinstance(printed[0], HideCodeCellNode) and len(printed) == 2


def test_the_last_cell_of_a_page_has_no_fold_below():
    document = page(cell("import a"))
    join(folds(document)[0])
    assert len(document) == 1

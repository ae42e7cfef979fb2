"""Write each notebook page as an ``.ipynb`` to download, which runs from top to bottom."""

import re
from collections.abc import Callable
from importlib.metadata import version
from operator import attrgetter
from pathlib import Path
from typing import Any

import execute
import nbformat
from course_references import authors_and_year
from markdown import Names, plain
from pages import BUILD, ROOT, Page
from pybtex.database import BibliographyData, parse_file

NOTEBOOKS = BUILD / "notebooks"
GLUE_IMPORT = "from myst_nb import glue"
# a reader of the notebook has no book around it: there the function prints
GLUE_HERE = '''def glue(name, value, display=True):
    """Print a result that the text of the book quotes."""
    print(f"{name} = {value}")'''
# a reader may open it anywhere
FIND_PACKAGE = """try:
    import mlpkit
except ModuleNotFoundError:
    raise ModuleNotFoundError(
        "mlpkit is not here: choose the kernel of the course's .venv "
        "(`make lab` makes it, or what its README says)"
    ) from None"""
HEADING = re.compile(r"^\(([\w-]+)\)=\n+#+ (.+)$", re.MULTILINE)
LABELLED = re.compile(
    r"^\((?P<label>[\w-]+)\)=\n+[`:]{3,}\{math\}|\$\$[ \t]*\((?P<dollar>[\w-]+)\)"
    r"|^[`:]{3,}\{math\}[^\n]*\n:label: (?P<option>[\w-]+)",
    re.MULTILINE,
)


class PageError(ValueError):
    """A page that cannot be written as a notebook; says which and why."""


def write_notebooks(pages: list[Page]) -> list[Path]:
    """Write the download of every notebook page.

    Args:
        pages: all pages of the book, the notebook pages among them executed.

    Returns:
        The files, in reading order.

    Raises:
        PageError: if a page asks for a result or a piece of code that is not there.
    """
    NOTEBOOKS.mkdir(parents=True, exist_ok=True)
    names = names_by_page(pages)
    files = []
    for page in filter(attrgetter("is_notebook"), pages):
        try:
            text = nbformat.writes(plain_notebook(page, names(page))) + "\n"
        except (KeyError, OSError, ValueError) as error:
            raise PageError(f"{page.docname}.md: {error.args[0]}") from error
        path = NOTEBOOKS / f"{page.slug}-chapter.ipynb"  # a problem set has the bare name
        write_if_new(path, text)
        files.append(path)
    return files


def names_by_page(pages: list[Page]) -> Callable[[Page], Names]:
    """Return what gives, for a notebook page, that which its references resolve to."""
    titles, cited = _titles(pages), _citations()
    return lambda page: Names(titles, _numbers(page), glued_values(page), cited)


def write_if_new(path: Path, text: str) -> None:
    """Write a file unless it has this text: Sphinx looks at the time of its last change."""
    if not path.exists() or path.read_text(encoding="utf-8") != text:
        path.write_text(text, encoding="utf-8")


def plain_notebook(page: Page, names: Names) -> nbformat.NotebookNode:
    """Convert one page, its outputs left out."""
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    stamp = {"chapter": page.slug, "release": version("mlpkit")}
    notebook = nbformat.v4.new_notebook(metadata={"kernelspec": kernel, "mlpkit": stamp})
    notebook.cells.append(nbformat.v4.new_code_cell(FIND_PACKAGE))
    for cell in page.notebook().cells:
        notebook.cells += _plain_cells(cell, names, page.path.parent)
    for i, cell in enumerate(notebook.cells):
        cell.id = f"cell-{i}"
    return notebook


def _plain_cells(
    cell: nbformat.NotebookNode, names: Names, folder: Path
) -> list[nbformat.NotebookNode]:
    """Convert one cell: code is followed by the caption of its figure, empty text is left out."""
    if cell.cell_type == "code":
        source = cell.source.replace(GLUE_IMPORT, GLUE_HERE)
        cells = [nbformat.v4.new_code_cell(source)]
        text = _caption(cell, names, folder)
    else:
        cells = []
        text = plain(cell.source, names, folder)
    if text:
        cells.append(nbformat.v4.new_markdown_cell(text))
    return cells


def glued_values(page: Page) -> dict[str, str]:
    """Collect the results that cells of a page glued, as plain text."""
    values = {}
    for cell in execute.results(page).cells:
        for output in cell.get("outputs", []):
            glue = output.get("metadata", {}).get("scrapbook")
            if glue:
                values[glue["name"]] = output["data"].get(f"{glue['mime_prefix']}text/plain", "")
    return values


def _figure(cell: nbformat.NotebookNode) -> dict[str, Any]:
    """Return the options of the figure that a cell draws, empty if there is none."""
    options: dict[str, Any] = cell.metadata.get("mystnb", {}).get("figure", {})
    return options


def _caption(cell: nbformat.NotebookNode, names: Names, folder: Path) -> str:
    """Write the caption of the figure that a cell draws, empty if there is none."""
    figure = _figure(cell)
    if not figure.get("caption"):
        return ""
    number = names.numbers.get(figure.get("name", ""), "")
    return f"**Figure {number}.** {plain(figure['caption'], names, folder)}"


def _numbers(page: Page) -> dict[str, str]:
    """Number figures and formulas of a page in the order they appear, each kind from one."""
    cells = page.notebook().cells
    figures = [_figure(cell).get("name") for cell in cells]
    text = "\n".join(cell.source for cell in cells if cell.cell_type == "markdown")
    formulas = [
        match["label"] or match["dollar"] or match["option"] for match in LABELLED.finditer(text)
    ]
    kinds = [[*filter(None, labels)] for labels in (figures, formulas)]
    return {label: str(i) for labels in kinds for i, label in enumerate(labels, start=1)}


def _titles(pages: list[Page]) -> dict[str, str]:
    """Map labels and paths of pages to the headings they stand for, or to a number and its page."""
    titles: dict[str, str] = {}
    for page in pages:
        heading = _heading(page)
        titles.update(_numbered(page))
        titles.update(HEADING.findall(page.text))
        for path in (page.slug, f"{page.slug}.md", page.docname):
            titles[path] = heading
    return titles


def _heading(page: Page) -> str:
    found = re.search(r"^# (.+)$", page.text, re.MULTILINE)
    return found[1] if found else page.slug


def _numbered(page: Page) -> dict[str, str]:
    """Say of the figures and formulas of a page, to other pages, which they are."""
    if not page.is_notebook:
        return {}
    place = f"of *{_heading(page)}*"
    return {
        label: f"Figure {number} {place}" if label.startswith("fig-") else f"{number} {place}"
        for label, number in _numbers(page).items()
    }


def _citations() -> dict[str, str]:
    """Map citation keys to authors and year."""
    data: BibliographyData = parse_file(str(ROOT / "book" / "references.bib"))
    return {key: authors_and_year(entry) for key, entry in data.entries.items()}

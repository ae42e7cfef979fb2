"""Write each notebook page as an ``.ipynb`` to download, which runs from top to bottom."""

import re
from pathlib import Path

import execution
import nbformat
from chapters import BUILD, ROOT, Page
from plain_markdown import Names, plain
from pybtex.database import BibliographyData, parse_file

NOTEBOOKS = BUILD / "notebooks"
GLUE_IMPORT = "from myst_nb import glue"
GLUE_HERE = '''def glue(name, value, display=True):
    """Print a result that the text of the book quotes."""
    print(f"{name} = {value}")'''
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
    titles = _titles(pages)
    cited = _citations()
    written = []
    for page in (page for page in pages if page.is_notebook):
        names = Names(titles, _numbers(page), glued_values(page), cited)
        written.append(NOTEBOOKS / f"{page.slug}.ipynb")
        try:
            text = nbformat.writes(notebook(page, names)) + "\n"
        except (KeyError, OSError, ValueError) as error:
            raise PageError(f"{page.docname}.md: {error.args[0]}") from error
        if not written[-1].exists() or written[-1].read_text(encoding="utf-8") != text:
            written[-1].write_text(text, encoding="utf-8")
    return written


def notebook(page: Page, names: Names) -> nbformat.NotebookNode:
    """Convert one page, its outputs left out."""
    made = nbformat.v4.new_notebook(
        metadata={
            "kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}
        }
    )
    for cell in page.notebook().cells:
        if cell.cell_type == "code":
            source = cell.source.replace(GLUE_IMPORT, GLUE_HERE)
            made.cells.append(nbformat.v4.new_code_cell(source))
            cell_caption = _caption(cell, names, page)
            made.cells += [nbformat.v4.new_markdown_cell(cell_caption)] if cell_caption else []
        elif text := plain(cell.source, names, page.path.parent):
            made.cells.append(nbformat.v4.new_markdown_cell(text))
    for i, cell in enumerate(made.cells):
        cell.id = f"cell-{i}"
    return made


def glued_values(page: Page) -> dict[str, str]:
    """Collect the results that cells of a page glued, as plain text."""
    values = {}
    for cell in execution.results(page).cells:
        for output in cell.get("outputs", []):
            book = output.get("metadata", {}).get("scrapbook")
            if book:
                values[book["name"]] = output["data"].get(f"{book['mime_prefix']}text/plain", "")
    return values


def _figure(cell: nbformat.NotebookNode) -> dict:
    return cell.metadata.get("mystnb", {}).get("figure", {})


def _caption(cell: nbformat.NotebookNode, names: Names, page: Page) -> str:
    figure = _figure(cell)
    if not figure.get("caption"):
        return ""
    caption = plain(figure["caption"], names, page.path.parent)
    return f"**Figure {names.numbers.get(figure.get('name', ''), '')}.** {caption}"


def _numbers(page: Page) -> dict[str, str]:
    """Number figures and formulas of a page in the order they appear, from one."""
    cells = page.notebook().cells
    figures = [_figure(cell)["name"] for cell in cells if _figure(cell).get("name")]
    text = "\n".join(cell.source for cell in cells if cell.cell_type == "markdown")
    formulas = [next(filter(None, match.groups())) for match in LABELLED.finditer(text)]
    return {name: str(i) for group in (figures, formulas) for i, name in enumerate(group, 1)}


def _titles(pages: list[Page]) -> dict[str, str]:
    """Map labels and paths of pages to the headings they stand for."""
    titles = {}
    for page in pages:
        titles.update(HEADING.findall(page.text))
        heading = re.search(r"^# (.+)$", page.text, re.MULTILINE)
        for path in (page.slug, f"{page.slug}.md", page.docname):
            titles[path] = heading[1] if heading else page.slug
    return titles


def _citations() -> dict[str, str]:
    """Map citation keys to authors and year."""
    data: BibliographyData = parse_file(ROOT / "book" / "references.bib")
    return {key: _authors(entry) for key, entry in data.entries.items()}


def _authors(entry) -> str:
    people = entry.persons.get("author", [])
    last = [" ".join(person.last_names).replace("{", "").replace("}", "") for person in people]
    names = f"{last[0]} et al." if len(last) > 2 else " and ".join(last)
    return f"{names}, {entry.fields['year']}"

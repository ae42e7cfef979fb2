"""The pages of the book: which there are, and what a notebook page and the code it uses hold."""

import ast
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import nbformat
import yaml
from myst_nb.core.read import is_myst_markdown_notebook, read_myst_markdown_notebook
from myst_parser.config.main import MdParserConfig

ROOT = Path(__file__).resolve().parents[2]
BUILD = ROOT / "_build"


@dataclass(frozen=True)
class Page:
    """One page of the book.

    Attributes:
        docname: path from the root without suffix, as in ``_toc.yml``.
    """

    docname: str

    @property
    def slug(self) -> str:
        """Name of the page without its folder."""
        return self.docname.rsplit("/", 1)[-1]

    @property
    def path(self) -> Path:
        """The Markdown source."""
        return ROOT / f"{self.docname}.md"

    @property
    def text(self) -> str:
        """The whole source."""
        return self.path.read_text(encoding="utf-8")

    @property
    def is_notebook(self) -> bool:
        """Whether the page has cells that run."""
        return bool(is_myst_markdown_notebook(self.text))

    def notebook(self) -> nbformat.NotebookNode:
        """Read the page as the notebook that Sphinx will see."""
        config = MdParserConfig(enable_extensions={"colon_fence", "dollarmath"})
        return read_myst_markdown_notebook(self.text, config, path=self.path)


def read_pages() -> list[Page]:
    """List the pages of ``_toc.yml`` in reading order."""
    toc = yaml.safe_load((ROOT / "_toc.yml").read_text(encoding="utf-8"))
    pages = [Page(toc["root"])]
    for part in toc["parts"]:
        pages += [Page(chapter["file"]) for chapter in part["chapters"]]
    return pages


def code(notebook: nbformat.NotebookNode) -> str:
    """Return the code of a notebook, one cell after the other."""
    return "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "code")


def modules_used(source: str) -> set[Path]:
    """Find the files of ``mlpkit`` that a piece of code imports, directly or through others."""
    used: set[Path] = set()
    unread = _imported_files(source, package="")
    while unread:
        path = unread.pop()
        if path not in used:
            used.add(path)
            unread += _files_imported_by(path)
    return used


@cache
def _files_imported_by(path: Path) -> list[Path]:
    """List the files of ``mlpkit`` that one of its files imports."""
    package = ".".join(path.relative_to(ROOT).parent.parts)
    return _imported_files(path.read_text(encoding="utf-8"), package)


def _imported_files(source: str, package: str) -> list[Path]:
    """List the files of ``mlpkit`` that code of a package imports."""
    return [file for name in _imported_names(source, package) for file in _files(name)]


def _imported_names(source: str, package: str) -> Iterator[str]:
    """Name what code imports from ``mlpkit``, ``from a import b`` as both ``a`` and ``a.b``."""
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Import():
                names = [alias.name for alias in node.names]
            case ast.ImportFrom():
                base = _base(node, package)
                names = [base, *(f"{base}.{alias.name}" for alias in node.names)]
            case _:
                names = []
        yield from (name for name in names if name.split(".")[0] == "mlpkit")


def _base(node: ast.ImportFrom, package: str) -> str:
    """Return the full name of ``a`` in ``from a import b``, where ``a`` may start with dots."""
    module = node.module or ""
    if node.level == 0:
        return module
    parts = package.split(".")
    above = parts[: len(parts) - node.level + 1]
    return ".".join([*above, module]).strip(".")


def _files(name: str) -> list[Path]:
    """Return the file of a module, with the packages it lies in; none for a function."""
    path = ROOT.joinpath(*name.split("."))
    candidates = [path.with_suffix(".py"), path / "__init__.py"]
    return [candidate for candidate in candidates if candidate.is_file()]


def digest(*parts: str | bytes) -> str:
    """Return one hash of several texts."""
    whole = hashlib.sha256()
    for i, part in enumerate(parts):
        content = part.encode() if isinstance(part, str) else part
        if i > 0:
            whole.update(b"\0")
        whole.update(hashlib.sha256(content).digest())
    return whole.hexdigest()

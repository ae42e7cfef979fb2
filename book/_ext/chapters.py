"""The pages of the book: which there are, and what a notebook page and the code it uses hold."""

import ast
import hashlib
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
        return is_myst_markdown_notebook(self.text)

    def notebook(self) -> nbformat.NotebookNode:
        """Read the page as the notebook that Sphinx will see."""
        config = MdParserConfig(enable_extensions={"colon_fence", "dollarmath"})
        return read_myst_markdown_notebook(self.text, config, path=self.path)


def pages() -> list[Page]:
    """List the pages of ``_toc.yml`` in reading order."""
    toc = yaml.safe_load((ROOT / "_toc.yml").read_text(encoding="utf-8"))
    entries = [c for part in toc["parts"] for c in part["chapters"]]
    return [Page(toc["root"]), *(Page(entry["file"]) for entry in entries)]


def code(notebook: nbformat.NotebookNode) -> str:
    """Return the code of a notebook, one cell after the other."""
    return "\n".join(c.source for c in notebook.cells if c.cell_type == "code")


def modules_used(source: str) -> set[Path]:
    """Find the files of ``mlpkit`` that a piece of code imports, directly or through others."""
    found: set[Path] = set()
    todo = [path for name in _imported(source, "") for path in _files(name)]
    while todo:
        path = todo.pop()
        if path not in found:
            found.add(path)
            todo += _imports_of(path)
    return found


@cache
def _imports_of(path: Path) -> list[Path]:
    """List the files of ``mlpkit`` that one of its files imports."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    names = _imported(path.read_text(encoding="utf-8"), ".".join(parts[:-1]))
    return [file for name in names for file in _files(name)]


def _imported(source: str, package: str) -> list[str]:
    """List the dotted names that code in ``package`` imports, ``from a import b`` as both."""
    names: list[str] = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            parents = package.split(".")[: len(package.split(".")) - node.level + 1]
            base = ".".join([*(parents if node.level else []), *filter(None, [node.module])])
            names += [base, *(f"{base}.{alias.name}" for alias in node.names)]
    return [name for name in names if name.split(".")[0] == "mlpkit"]


def _files(name: str) -> list[Path]:
    """Return the file of a module, with the packages it lies in; none for a function."""
    path = ROOT.joinpath(*name.split("."))
    candidates = [path.with_suffix(".py"), path / "__init__.py"]
    return [candidate for candidate in candidates if candidate.is_file()]


def digest(*parts: str | bytes) -> str:
    """Return one hash of several texts."""
    encoded = [part.encode() if isinstance(part, str) else part for part in parts]
    return hashlib.sha256(b"\0".join(hashlib.sha256(part).digest() for part in encoded)).hexdigest()

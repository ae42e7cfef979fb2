"""The page of the package: a table of all functions, and fields that render.

The directive ``api-table`` lists what the modules of its page hold: each function with its first
sentence and the chapters whose cells use it.
"""

import ast
import importlib
import inspect
import re
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

from course_cards import chapters
from docutils import nodes
from docutils.statemachine import StringList
from myst_nb.core.read import read_myst_markdown_notebook
from myst_parser.config.main import MdParserConfig
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

AUTOMODULE = re.compile(r"^\.\. automodule:: (\S+)$", re.MULTILINE)
INCLUDED = re.compile(r"literalinclude\} \.\./(mlpkit/\S+)\.py\n(?:^:.*\n)*?:pyobject: (\w+)", re.M)
ITEM = re.compile(r"^(\s+)- (?=[^:\n]+: )")
ROLE = re.compile(r":\w+:`~?([^`]+)`")


class ApiTable(SphinxDirective):
    """The directive ``api-table``."""

    def run(self) -> list[nodes.Node]:
        """Make one table for each module of the page."""
        page = Path(self.env.doc2path(self.env.docname))
        used = self._uses(page.parent)
        lines = []
        for name in AUTOMODULE.findall(page.read_text(encoding="utf-8")):
            lines += module_table(importlib.import_module(name), used)
        holder = nodes.Element()
        self.state.nested_parse(StringList(lines), 0, holder)
        return holder.children

    def _uses(self, folder: Path) -> dict[str, list[str]]:
        """Map full names to the chapters that use them, in reading order."""
        used: dict[str, list[str]] = {}
        for docname in chapters(self.env):
            path = Path(self.env.doc2path(docname))
            self.env.note_dependency(str(path))
            for name in sorted(names_used(path.read_text(encoding="utf-8"))):
                used.setdefault(name, []).append(path.stem)
        return used


def module_table(module: ModuleType, used: dict[str, list[str]]) -> list[str]:
    """Write the Markdown table of a module."""
    rows = [
        f"**{module.__name__}**",
        "",
        "| name | what it does | used in |",
        "| --- | --- | --- |",
    ]
    for name, thing in public(module):
        sentence = first_sentence(inspect.getdoc(thing) or "")
        chapters = ", ".join(
            f"{{ref}}`{slug}`" for slug in used.get(f"{module.__name__}.{name}", [])
        )
        rows.append(f"| {{py:obj}}`{name} <{module.__name__}.{name}>` | {sentence} | {chapters} |")
    return [*rows, ""]


def public(module: ModuleType) -> Iterator[tuple[str, Any]]:
    """Yield the functions and classes that a module offers, in the order of its file.

    Examples:
        >>> import mlpkit.readable
        >>> [name for name, _ in public(mlpkit.readable)]
        ['readable']
    """
    exported = getattr(module, "__all__", None)
    for name, thing in vars(module).items():
        is_own = (
            name in exported if exported else getattr(thing, "__module__", "") == module.__name__
        )
        if (
            is_own
            and not name.startswith("_")
            and (inspect.isclass(thing) or inspect.isroutine(thing))
        ):
            yield name, thing


def first_sentence(doc: str) -> str:
    r"""Return the first line of a docstring as Markdown that fits a table.

    Examples:
        >>> print(first_sentence("Add ``a | b``, see :func:`~mlpkit.mlp.forward`.\n\nMore."))
        Add `a \| b`, see `forward`.
    """
    line = " ".join(doc.split("\n\n")[0].split())
    line = ROLE.sub(lambda match: f"`{match[1].rsplit('.', 1)[-1]}`", line)
    return line.replace("``", "`").replace("|", "\\|")


def names_used(text: str) -> set[str]:
    r"""Find the full names of what the cells of a page use, and what it includes.

    Examples:
        >>> names_used("```{literalinclude} ../mlpkit/mlp.py\n:pyobject: forward\n```")
        {'mlpkit.mlp.forward'}
    """
    included = {f"{path.replace('/', '.')}.{name}" for path, name in INCLUDED.findall(text)}
    if "{code-cell}" not in text:
        return included
    config = MdParserConfig(enable_extensions={"colon_fence", "dollarmath"})
    cells = read_myst_markdown_notebook(text, config, path="page.md").cells
    source = "\n".join(cell.source for cell in cells if cell.cell_type == "code")
    return included | _names_in(ast.parse(source))


def _names_in(tree: ast.Module) -> set[str]:
    """Find what code takes from ``mlpkit``: by ``from a import b``, or as ``b.c`` after it."""
    imported = _imported(tree)
    attributes = {
        f"{imported[node.value.id]}.{node.attr}"
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and node.value.id in imported
    }
    return set(imported.values()) | attributes


def _imported(tree: ast.Module) -> dict[str, str]:
    """What code imports from ``mlpkit``, by the name it has there."""
    imported: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "mlpkit":
            for alias in node.names:
                imported[alias.asname or alias.name] = f"{node.module}.{alias.name}"
    return imported


def plain_shapes(
    app: Sphinx, what: str, name: str, obj: Any, options: Any, lines: list[str]
) -> None:
    """Take the bullets out of a *Shape* section, which napoleon would take for part of a name."""
    inside = False
    for i, line in enumerate(lines):
        if line and not line.startswith(" "):
            inside = line == "Shape:"
        elif inside:
            lines[i] = ITEM.sub(r"\1", line)


def skip_unexplained_field(
    app: Sphinx, what: str, name: str, obj: Any, skip: bool, options: Any
) -> bool | None:
    """Leave out a field of a named tuple of which Python alone says something: its number."""
    is_unexplained = (inspect.getdoc(obj) or "").startswith("Alias for field number")
    return True if is_unexplained else None


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the extension."""
    app.add_directive("api-table", ApiTable)
    app.connect("autodoc-process-docstring", plain_shapes, priority=100)  # before napoleon
    app.connect("autodoc-skip-member", skip_unexplained_field)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}

"""Show the package's code without docstrings: the text around a listing says what it does."""

import ast
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx

Documented = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


def without_docstrings(source: str) -> str:
    r"""Take the docstrings out of a piece of Python.

    Args:
        source: functions or classes, as ``literalinclude`` cuts them out of a file.

    Returns:
        The code, all else as it was. A body that is a docstring alone stays.

    Examples:
        >>> print(without_docstrings("def f(x):\n    'Double.'\n\n    return 2 * x"))
        def f(x):
            return 2 * x
    """
    dropped = set()
    lines = source.splitlines()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, Documented) and len(node.body) > 1 and ast.get_docstring(node):
            docstring = node.body[0]
            end = docstring.end_lineno or docstring.lineno
            is_blank_below = end < len(lines) and not lines[end].strip()
            dropped |= set(range(docstring.lineno, end + 1 + is_blank_below))
    return "\n".join(line for i, line in enumerate(lines, start=1) if i not in dropped)


def shorten_listings(app: Sphinx, doctree: nodes.document) -> None:
    """Shorten what a page includes from Python files."""
    for block in doctree.findall(nodes.literal_block):
        if block.get("source", "").endswith(".py"):
            text = without_docstrings(block.astext())
            block.rawsource = text
            block.children = []
            block += nodes.Text(text)


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the extension."""
    app.connect("doctree-read", shorten_listings)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}

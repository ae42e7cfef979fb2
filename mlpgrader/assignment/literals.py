"""The literals of hidden parts, and whether a text tells one of them.

A message to a student, or an author's words for a mistake, must hold none: from it a hidden input
or an expected value could be read off.
"""

import ast
import json
import re
from collections.abc import Collection, Iterator

from mlpgrader.assignment.plan import Cell, Plan, kind_of, text_of
from mlpgrader.assignment.stub import stub_of
from mlpgrader.assignment.syntax import parse_cell

# characters that a literal has at least to be looked for in messages
MARKED_STRING = 4
MARKED_NUMBER = 4


def hidden_literals(plan: Plan) -> set[str]:
    """The literals of hidden parts that are marked enough to be known again, as messages hold them.

    Those that students see anyway, in a visible part or a setup cell, are none.
    """
    hidden: set[str] = set()
    seen: set[str] = set()
    for cell in plan.code:
        for literal, line in _literals(cell):
            (hidden if line in cell.hidden else seen).add(literal)
    return hidden - seen


def told_of(hidden: Collection[str], text: str) -> str:
    """The first of some hidden literals that stands in a text by itself; "" if none does.

    Example:
        >>> told_of({"1.25"}, "it gave 1.25"), told_of({"1.25"}, "it gave 11.25")
        ('1.25', '')
    """
    words = "|".join(map(re.escape, sorted(hidden)))
    found = re.search(rf"(?<![\w.])(?:{words})(?![\w.])", text) if words else None
    return found[0] if found else ""


def hidden_words(text: str, plan: Plan) -> set[str]:
    """The literals of hidden parts that stand nowhere in what students get of a notebook."""
    cells = json.loads(stub_of(text, plan.settings))["cells"]
    parts = [text_of(cell) for cell in cells if kind_of(cell) != "test"]
    seen = "\n".join([*parts, *(test.visible_source for test in plan.tests)])
    return {literal for literal in hidden_literals(plan) if literal not in seen}


def _literals(cell: Cell) -> Iterator[tuple[str, int]]:
    """The marked literals of a cell, with the numbers of their lines."""
    try:
        tree = parse_cell(cell.source)
    except (SyntaxError, ValueError):
        return
    for node in ast.walk(tree):
        match node:
            case ast.Constant(value=bool()):  # a word that many a message has
                pass
            case ast.Constant(value=str(text)) if text != text.strip():  # of a message
                pass
            case ast.Constant(value=str(text)) if len(text) >= MARKED_STRING:
                yield text, node.lineno
            case ast.Constant(value=int() | float()) if len(repr(node.value)) >= MARKED_NUMBER:
                yield repr(node.value), node.lineno

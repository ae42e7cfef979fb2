"""Keep together what a line of text must not part.

To a browser a formula is a box, and a line may break beside it. A comma would then start a line.
And a line may break after a hyphen, which would part an option from its own.
"""

import re
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx

BEFORE = re.compile(r"[(“‘\[]$")
AFTER = re.compile(r"^[,.;:!?)”’\]%]+")
SHORT = 24  # letters of code that have room in any line, on a phone too


def keep_together(app: Sphinx, doctree: nodes.document) -> None:
    """Wrap each formula of a page with what must not leave it."""
    for formula in list(doctree.findall(nodes.math)):
        parent = formula.parent
        place = parent.index(formula)
        before = taken(parent, place - 1, BEFORE)
        after = taken(parent, place + 1, AFTER)
        if before or after:
            together = nodes.inline(classes=["nowrap"])
            parent[place] = together
            together += [nodes.Text(before), formula, nodes.Text(after)]


def mark_short(app: Sphinx, doctree: nodes.document) -> None:
    """Mark code in a line of text whose words are all short: no line breaks one of them."""
    for literal in doctree.findall(nodes.literal):
        if all(len(word) <= SHORT for word in literal.astext().split()):
            literal["classes"].append("short")


def taken(parent: nodes.Element, place: int, pattern: re.Pattern[str]) -> str:
    """Take the end or the beginning of a neighboring text, if it matches, and return it."""
    text = parent[place] if 0 <= place < len(parent) else None
    if not isinstance(text, nodes.Text):
        return ""
    found = pattern.search(text.astext())
    if found is None:
        return ""
    rest = text.astext()[: found.start()] + text.astext()[found.end() :]
    parent[place] = nodes.Text(rest)
    return found[0]


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the extension."""
    app.connect("doctree-read", keep_together)
    app.connect("doctree-read", mark_short)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}

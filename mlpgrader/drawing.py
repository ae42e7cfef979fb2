"""Which SVG is shown: drawings of lines, areas and text, as plotting libraries write them.

A browser shows an SVG as an image: it runs no script there and loads nothing. But a few lines that
refer to one another can keep it at work for hours. So nothing that is referred to may refer to
anything, all references together have a size, and what is not on the list of elements is not shown.
"""

import re
from collections import Counter
from collections.abc import Mapping
from xml.parsers import expat

SHAPES = {"path", "rect", "circle", "ellipse", "line", "polyline", "polygon", "image", "use"}
TEXTS = {"text", "tspan", "title", "desc", "style"}
GROUPS = {"svg", "g", "a", "defs", "clipPath", "linearGradient", "radialGradient", "stop"}
ABOUT = {"metadata", "RDF", "Work", "type", "date", "format", "creator", "Agent"}  # of matplotlib's
ELEMENTS = SHAPES | TEXTS | GROUPS | ABOUT
# what costs a browser more than drawing, or changes with time, wherever a style names it
COSTLY = re.compile(r"filter|mask|marker|pattern|animat|transition|@|\\", re.IGNORECASE)
REFERENCE = re.compile(r"url\(\s*['\"]?#([^'\")\s]*)")
IMAGE = re.compile(r"data:image/(?:png|jpeg);base64,")
MOST_ELEMENTS = 50_000
MOST_OPEN = 50  # elements in one another
MOST_REFERRED = 20_000_000  # bytes of all that is drawn by reference


class _RefusedError(Exception):
    """The drawing is not shown."""


def is_simple_drawing(source: str) -> bool:
    """Whether an SVG can be drawn in a time that its length bounds.

    Example:
        >>> is_simple_drawing('<svg><defs><path id="a" d="M0 0"/></defs><use href="#a"/></svg>')
        True
        >>> is_simple_drawing('<svg><g id="a"><use href="#b"/></g><use href="#a"/></svg>')
        False
    """
    try:
        return _Reader().reads(source)
    except (expat.ExpatError, _RefusedError, ValueError):
        return False


class _Reader:
    """Reads a drawing once, and remembers what refers to what."""

    def __init__(self) -> None:
        self.parser = expat.ParserCreate()
        self.parser.buffer_text = True
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._text
        self.parser.EntityDeclHandler = _refuse
        self.elements = 0
        self.open: list[tuple[str, str, int]] = []  # name, id and place of each element
        self.sizes: Counter[str] = Counter()  # bytes by id
        self.referred: Counter[str] = Counter()
        self.referring: set[str] = set()  # the ids of elements in which something refers

    def reads(self, source: str) -> bool:
        """Whether the whole drawing is simple."""
        self.parser.Parse(source.encode("utf-8", "replace"), True)
        drawn = sum(count * self.sizes[name] for name, count in self.referred.items())
        return drawn <= MOST_REFERRED and not self.referring & self.referred.keys()

    def _start(self, tag: str, attributes: Mapping[str, str]) -> None:
        name = tag.rpartition(":")[2]
        self.elements += 1
        if name not in ELEMENTS or self.elements > MOST_ELEMENTS or len(self.open) == MOST_OPEN:
            _refuse()
        if self._in_style():
            _refuse()  # it would split a word
        self.open.append((name, attributes.get("id", ""), self.parser.CurrentByteIndex))
        for attribute, value in attributes.items():
            self._attribute(name, attribute.rpartition(":")[2], value)

    def _attribute(self, element: str, name: str, value: str) -> None:
        if COSTLY.search(name) or (name == "style" and COSTLY.search(value)):
            _refuse()
        if name == "href" and not self._leads_nowhere(element, value):
            _refuse()
        self._refer(REFERENCE.findall(value))

    def _leads_nowhere(self, element: str, value: str) -> bool:
        """Whether what an `href` names lies in the drawing itself, or is not followed."""
        if element == "image":
            return bool(IMAGE.match(value))
        if element == "a":
            return True
        self._refer([value.removeprefix("#")])
        return value.startswith("#")

    def _refer(self, names: list[str]) -> None:
        if names:
            self.referred.update(names)
            self.referring.update(name for _, name, _ in self.open if name)

    def _end(self, tag: str) -> None:
        _, name, start = self.open.pop()
        if name:
            self.sizes[name] += self.parser.CurrentByteIndex - start

    def _in_style(self) -> bool:
        return bool(self.open) and self.open[-1][0] == "style"

    def _text(self, text: str) -> None:
        if self._in_style():
            if COSTLY.search(text):
                _refuse()
            self._refer(REFERENCE.findall(text))


def _refuse(*_: object) -> None:
    raise _RefusedError

"""Which SVG is shown: drawings of lines, areas and text, as plotting libraries write them.

A browser shows an SVG as an image: it runs no script there and loads nothing. But a few lines that
refer to one another can keep it at work for hours. So nothing that is referred to may refer to
anything, all references together have a size, and what is not on the list of elements is not shown.
A line that crosses itself takes the square of its length, and a dashed one as long as it has
dashes: both have a limit, whatever the scale.
"""

import math
import re
from collections import Counter
from collections.abc import Mapping
from typing import NamedTuple
from xml.parsers import expat

SHAPES = {"path", "rect", "circle", "ellipse", "line", "polyline", "polygon", "image", "use"}
TEXTS = {"text", "tspan", "title", "desc", "style"}
GROUPS = {"svg", "g", "a", "defs", "clipPath", "linearGradient", "radialGradient", "stop"}
ABOUT = {"metadata", "RDF", "Work", "type", "date", "format", "creator", "Agent"}  # of matplotlib's
ELEMENTS = SHAPES | TEXTS | GROUPS | ABOUT
# what costs a browser more than drawing, or changes with time, wherever a style names it
COSTLY = re.compile(r"filter|mask|marker|pattern|animat|transition|pathlength|@|\\", re.IGNORECASE)
# what a style may compute: a variable, say, could make a dash of any length, a path a line
FUNCTION = re.compile(r"(?<![\w-])([\w-]*+)\(")
FUNCTIONS = {
    "url",
    "rgb",
    "rgba",
    "hsl",
    "matrix",
    "translate",
    "scale",
    "rotate",
    "skewx",
    "skewy",
}
REFERENCE = re.compile(r"url\(\s*['\"]?#([^'\")\s]*)")
IMAGE = re.compile(r"data:image/(?:png|jpeg);base64,")
MOST_ELEMENTS = 50_000
MOST_OPEN = 50  # elements in one another
MOST_REFERRED = 20_000_000  # bytes of all that is drawn by reference
CLIP = 10  # times as long as to draw a shape takes it to be cut out by it
LINES = {"d", "points", "x1", "y1", "x2", "y2", "width", "height", "r", "rx", "ry"}
STYLES = LINES | {"style", "stroke-dasharray"}
MOST_LINE = 60_000  # characters of one line
MOST_DASHES = 5_000_000
DASHES = re.compile(r"stroke-dasharray\s*:([^;}]*)", re.IGNORECASE)
NUMBER = re.compile(r"(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?")
OWN_SCALE = "vector-effect"  # lines that are as wide, and as long, at any scale


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


class _Open(NamedTuple):
    """An element that is open.

    Attributes:
        name: what it is.
        id: by which others refer to it.
        place: where it begins.
        length: of all lines before it.
        dashes: in all lines before it.
        dash: how long one is in its lines; infinite where they are whole.
    """

    name: str
    id: str
    place: int
    length: float
    dashes: float
    dash: float


class _Reader:
    """Reads a drawing once, and remembers what refers to what."""

    def __init__(self) -> None:
        self.parser = expat.ParserCreate()
        self.parser.buffer_text = True
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._text
        self.parser.EntityDeclHandler = _refuse
        self.parser.ProcessingInstructionHandler = _refuse  # such as a style sheet of its own
        self.elements = 0
        self.open: list[_Open] = []
        self.sizes: Counter[str] = Counter()  # bytes by id
        self.referred: Counter[str] = Counter()
        self.referring: set[str] = set()  # the ids of elements in which something refers
        self.uses: list[tuple[str, float]] = []  # ids that are drawn, and the dash that they get
        # of all lines: at most how long they are, and how many dashes they have; the same by id
        self.length = 0.0
        self.dashes = 0.0
        self.inside: dict[str, tuple[float, float]] = {}
        self.sheet: list[str] = []  # of the style sheet that is open, its parts
        self.sheet_dash = math.inf  # of a style sheet, which may be any line's
        self.has_own_scale = False

    def reads(self, source: str) -> bool:
        """Whether the whole drawing is simple."""
        self.parser.Parse(source.encode("utf-8", "replace"), True)
        drawn = sum(count * self.sizes[name] for name, count in self.referred.items())
        if drawn > MOST_REFERRED or self.referring & self.referred.keys():
            return False
        dashes = self._count_dashes()
        return dashes <= MOST_DASHES and not (dashes and self.has_own_scale)

    def _count_dashes(self) -> float:
        length, dashes = self.length, self.dashes
        for name, dash in self.uses:
            more_length, more_dashes = self.inside.get(name, (0.0, 0.0))
            length += more_length
            dashes += more_dashes + more_length / dash
        return dashes + length / self.sheet_dash

    def _start(self, tag: str, attributes: Mapping[str, str]) -> None:
        name = tag.rpartition(":")[2]
        self.elements += 1
        if name not in ELEMENTS or self.elements > MOST_ELEMENTS or len(self.open) == MOST_OPEN:
            _refuse()
        if self._in_style():
            _refuse()  # it would split a word
        dash = min([self._dash_above(), *(_dash_in(*pair) for pair in attributes.items())])
        place = self.parser.CurrentByteIndex
        self.open.append(
            _Open(name, attributes.get("id", ""), place, self.length, self.dashes, dash)
        )
        for attribute, value in attributes.items():
            self._attribute(name, attribute.rpartition(":")[2], value)

    def _dash_above(self) -> float:
        return self.open[-1].dash if self.open else math.inf

    def _attribute(self, element: str, name: str, value: str) -> None:
        if COSTLY.search(name):
            _refuse()
        if name in STYLES:
            _refuse_costly(value)
        if name == "href" and not self._leads_nowhere(element, value):
            _refuse()
        if name in LINES:
            self._line(value)
        self._look_at_scale(f"{name}:{value}")
        self._refer(REFERENCE.findall(value), CLIP)

    def _line(self, value: str) -> None:
        if len(value) > MOST_LINE:
            _refuse()
        # no part of it is longer than its numbers together, twice: to and fro
        length = 2 * _sum_of_numbers(value)
        self.length += length
        self.dashes += length / self.open[-1].dash

    def _look_at_scale(self, style: str) -> None:
        if OWN_SCALE in style.lower():
            self.has_own_scale = True

    def _leads_nowhere(self, element: str, value: str) -> bool:
        """Whether what an `href` names lies in the drawing itself, or is not followed."""
        if element == "image":
            return bool(IMAGE.match(value))
        if element == "a":
            return True
        name = value.removeprefix("#")
        self.uses.append((name, self.open[-1].dash))
        self._refer([name])
        return value.startswith("#")

    def _refer(self, names: list[str], weight: int = 1) -> None:
        for name in names:
            self.referred[name] += weight
        if names:
            self.referring.update(element.id for element in self.open if element.id)

    def _end(self, tag: str) -> None:
        if self._in_style():
            self._read_sheet("".join(self.sheet))
            self.sheet = []
        ended = self.open.pop()
        if ended.id:
            self.sizes[ended.id] += self.parser.CurrentByteIndex - ended.place
            length, dashes = self.inside.get(ended.id, (0.0, 0.0))
            length += self.length - ended.length
            self.inside[ended.id] = (length, dashes + self.dashes - ended.dashes)

    def _in_style(self) -> bool:
        return bool(self.open) and self.open[-1].name == "style"

    def _text(self, text: str) -> None:
        if self._in_style():  # in parts: the parser hands on so many characters at a time
            self.sheet.append(text)

    def _read_sheet(self, text: str) -> None:
        _refuse_costly(text)
        self.sheet_dash = min(self.sheet_dash, _dash_in("style", text))
        self._look_at_scale(text)
        self._refer(REFERENCE.findall(text), CLIP)


def _dash_in(name: str, value: str) -> float:
    """How long the shortest dash is that an attribute asks for; infinite if it asks for none."""
    style = value if name == "style" else f"{name}:{value}"
    lengths = map(_sum_of_numbers, DASHES.findall(style))
    return min((length for length in lengths if length > 0), default=math.inf)


def _sum_of_numbers(text: str) -> float:
    return sum(map(float, NUMBER.findall(text)))


def _refuse_costly(style: str) -> None:
    functions = {name.lower() for name in FUNCTION.findall(style)}
    if COSTLY.search(style) or not functions <= FUNCTIONS:
        _refuse()


def _refuse(*_: object) -> None:
    raise _RefusedError

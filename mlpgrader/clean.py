"""What a student's code printed or drew, made safe to show to people.

Kept: text, images, and the harmless part of HTML. Gone: scripts, styles, links to other hosts,
terminal codes, and every other kind of output, of which only the plain text is shown. Outputs come
from a student's process, so nothing about their form is taken for granted, nor how long it takes to
read or to draw them: each kind has a size, and a submission has a `Room` for all of its HTML.
"""

import base64
import html
import itertools
import re
from dataclasses import dataclass
from typing import Any

import nh3

from mlpgrader.assignment.plan import joined
from mlpgrader.drawing import is_simple_drawing

Output = dict[str, Any]

TERMINAL = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[@-Z\\-_])")
CONTROL = re.compile(
    r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
)
IMAGES = ("image/png", "image/jpeg", "image/gif", "image/webp")
BASE64 = re.compile(r"[A-Za-z0-9+/]+={0,2}")
EMBEDDED_IMAGE = re.compile(r"data:image/(png|jpeg|gif|webp);base64,")
SVG_IMAGE = re.compile(r'<img alt="Figure" src="data:image/svg\+xml;base64,[\w+/=]*">', re.ASCII)
TABLE_TAGS = {"table", "thead", "tbody", "tfoot", "tr", "th", "td", "caption"}
TEXT_TAGS = {"p", "div", "span", "pre", "code", "br", "hr", "ul", "ol", "li", "dl", "dt", "dd"}
STYLE_TAGS = {"b", "i", "em", "strong", "sub", "sup", "small"}
HEADING_TAGS = {"h1", "h2", "h3", "h4", "h5", "h6"}
TAGS = TABLE_TAGS | TEXT_TAGS | STYLE_TAGS | HEADING_TAGS | {"img"}
TAGS_GONE_WITH_CONTENT = {"script", "style", "head", "svg", "math", "template"}
SPANS = {"colspan", "rowspan"}
SPAN = re.compile(r"[0-9]{1,2}")
ATTRIBUTES = {"img": {"src", "alt"}, "td": SPANS, "th": SPANS}
# what HTML opens again in each block until it ends: three of one name, but any number of those that
# differ in an attribute
REOPENED = re.compile(
    r"<(/?)(a|b|big|code|em|font|i|nobr|s|small|strike|strong|tt|u)(?=[\s/])[^>]*+>?", re.IGNORECASE
)
TAG = re.compile(r"<(/?)(?!br>|hr>|img )\w")
MOST_CHARACTERS = 20_000
MOST_HTML = 200_000  # characters of HTML, as a cell wrote it, of one submission
MOST_DRAWINGS = 2_000_000  # characters of its drawings
MOST_NESTED = 50  # tags in one another: formgrader's page is made by code that calls itself
MOST_OUTPUTS = 100
MOST_TRACEBACK_LINES = 100
MOST_IMAGE_CHARACTERS = 2_000_000


def plain(text: object) -> str:
    r"""Text without terminal codes, control and direction characters, of bounded length.

    Example:
        >>> plain("\x1b[31mred\x1b[0m\x00")
        'red'
    """
    readable = CONTROL.sub("", TERMINAL.sub("", joined(text)))
    if len(readable) > MOST_CHARACTERS:
        return readable[:MOST_CHARACTERS] + "\n… cut here"
    return readable


def visible(text: object) -> str:
    r"""Text in which control and direction characters are written out, fit for a terminal.

    Two texts that differ look different, as `plain` cannot promise.

    Example:
        >>> print(visible("ann\x1b[2J"))
        ann\x1b[2J
    """
    return CONTROL.sub(lambda found: ascii(found[0])[1:-1], str(text))


@dataclass
class Room:
    """How much of one submission is still shown as it would look; the rest is shown as text.

    Attributes:
        html: characters of HTML.
        drawings: characters of SVG.
    """

    html: int = MOST_HTML
    drawings: int = MOST_DRAWINGS

    def takes_html(self, source: str) -> bool:
        """Whether an HTML text still has room, which it then takes up."""
        self.html -= len(source)
        return self.html >= 0

    def takes_drawing(self, source: str) -> bool:
        """Whether an SVG still has room, which it then takes up."""
        self.drawings -= len(source)
        return self.drawings >= 0


def clean_html(text: object) -> str:
    """The part of an HTML text that can neither run nor load anything."""
    source = plain(text)
    cleaned = nh3.clean(
        REOPENED.sub(r"<\1\2>", source),
        tags=TAGS,
        clean_content_tags=TAGS_GONE_WITH_CONTENT,
        attributes=ATTRIBUTES,
        attribute_filter=_harmless,
        url_schemes={"data"},
    )
    if len(cleaned) > 3 * MOST_CHARACTERS or _nesting(cleaned) > MOST_NESTED:
        return html.escape(source)
    return cleaned


def _nesting(cleaned: str) -> int:
    """How many tags of a cleaned text are open at a time."""
    steps = (-1 if tag[1] else 1 for tag in TAG.finditer(cleaned))
    return max(itertools.accumulate(steps), default=0)


def _harmless(tag: str, name: str, value: str) -> str | None:
    """The value of an attribute; an image's source must lie in the page itself.

    A cell over a thousand columns makes as many of them in each row of its table.
    """
    if name in SPANS and not SPAN.fullmatch(value):
        return None
    if name == "src" and not EMBEDDED_IMAGE.match(value):
        return None
    return value


def clean_data(data: dict[str, Any], room: Room) -> dict[str, str]:
    """Of the forms of one output the best that is safe: an image, cleaned HTML, or text."""
    cleaned = {"text/plain": plain(data.get("text/plain", ""))}
    for kind in IMAGES:
        picture = image_bytes(data.get(kind))
        if picture:
            return cleaned | {kind: picture}
    for shown in (_shown_drawing(data, room), _shown_html(data, room)):
        if shown:
            return cleaned | {"text/html": shown}
    return cleaned


def _shown_drawing(data: dict[str, Any], room: Room) -> str:
    """An SVG as an image; nothing if there is none that can be shown."""
    source = joined(data.get("image/svg+xml"))
    if not source or not room.takes_drawing(source):
        return ""
    return svg_image(source)


def _shown_html(data: dict[str, Any], room: Room) -> str:
    """The safe part of HTML; nothing if there is none, or no room."""
    source = joined(data.get("text/html"))
    if SVG_IMAGE.fullmatch(source):  # one of ours: what is clean is cleaned once more
        return source if room.takes_drawing(source) else ""
    if not source or not room.takes_html(source):
        return ""
    return clean_html(source)


def image_bytes(value: object) -> str | None:
    """The base64 text of an image if it is that and not too long, else None."""
    text = re.sub(r"\s", "", joined(value))
    if len(text) > MOST_IMAGE_CHARACTERS or not BASE64.fullmatch(text):
        return None
    return text


def svg_image(source: str) -> str:
    """An SVG as an image, in which a browser runs no script and loads nothing.

    Nothing is what comes of one that would take long to draw.
    """
    if len(source) > MOST_IMAGE_CHARACTERS or not is_simple_drawing(source):
        return ""
    encoded = base64.b64encode(source.encode("utf-8", "replace")).decode()
    return f'<img alt="Figure" src="data:image/svg+xml;base64,{encoded}">'


def clean_outputs(outputs: list[Any] | None, room: Room | None = None) -> list[Output]:
    """The outputs of a cell made safe, of bounded number.

    Args:
        outputs: what the cell printed and showed.
        room: what is left of the submission's room; that of a whole one if there is none.
    """
    left = room or Room()
    cleaned = [clean_output(output, left) for output in list(outputs or [])[:MOST_OUTPUTS]]
    return [output for output in cleaned if output is not None]


def clean_output(output: object, room: Room) -> Output | None:
    """One output of a notebook cell made safe; None for what is not an output."""
    if not isinstance(output, dict):
        return None
    match output.get("output_type"):
        case "stream":
            return _clean_stream(output)
        case "error":
            return _clean_error(output)
        case "display_data" | "execute_result":
            return _clean_display(output, room)
    return None


def _clean_stream(output: Output) -> Output:
    name = "stderr" if output.get("name") == "stderr" else "stdout"
    return {"output_type": "stream", "name": name, "text": plain(output.get("text", ""))}


def _clean_error(output: Output) -> Output:
    lines = output.get("traceback")
    if not isinstance(lines, list):
        lines = []
    return {
        "output_type": "error",
        "ename": plain(output.get("ename", "")),
        "evalue": plain(output.get("evalue", "")),
        "traceback": [plain(line) for line in lines[:MOST_TRACEBACK_LINES]],
    }


def _clean_display(output: Output, room: Room) -> Output:
    data = output.get("data")
    if not isinstance(data, dict):
        data = {}
    return {"output_type": "display_data", "metadata": {}, "data": clean_data(data, room)}

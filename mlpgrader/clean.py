"""What a student's code printed or drew, made safe to show to people.

Kept: text, images, and the harmless part of HTML. Gone: scripts, styles, links to other hosts,
terminal codes, and every other kind of output, of which only the plain text is shown.
"""

import base64
import html
import re

import nh3

from mlpgrader.assignment.plan import joined

TERMINAL = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[@-Z\\-_])")
CONTROL = re.compile(
    r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
)
IMAGES = ("image/png", "image/jpeg", "image/gif", "image/webp")
SVG_IMAGE = re.compile(r'<img alt="Figure" src="data:image/svg\+xml;base64,[\w+/=]*">', re.ASCII)
TAGS = set(
    """table thead tbody tfoot tr th td caption p div span pre code br hr ul ol li dl dt dd
    b i em strong sub sup small h1 h2 h3 h4 h5 h6 img""".split()  # noqa: SIM905 (reads better)
)
GONE = {"script", "style", "head", "svg", "math", "template"}  # with all that is in them
SPANS = {"colspan", "rowspan"}
ATTRIBUTES = {"img": {"src", "alt"}, "td": SPANS, "th": SPANS}
MOST_CHARACTERS = 20_000
MOST_OUTPUTS = 100
MOST_IMAGE = 2_000_000


def plain(text) -> str:
    r"""Text without terminal codes, control and direction characters, of bounded length.

    Example:
        >>> plain("\x1b[31mred\x1b[0m\x00")
        'red'
    """
    text = CONTROL.sub("", TERMINAL.sub("", joined(text)))
    return text if len(text) <= MOST_CHARACTERS else text[:MOST_CHARACTERS] + "\n… cut here"


def clean_html(text) -> str:
    """The part of an HTML text that can neither run nor load anything."""
    if SVG_IMAGE.fullmatch(text := joined(text)):
        return text
    kept = {"tags": TAGS, "attributes": ATTRIBUTES, "attribute_filter": _harmless}
    made = nh3.clean(plain(text), clean_content_tags=GONE, url_schemes={"data"}, **kept)
    # tags that never end are opened again and again by the rules of HTML
    return made if len(made) <= 3 * MOST_CHARACTERS else html.escape(plain(text))


def _harmless(tag: str, name: str, value: str) -> str | None:
    """The value of an attribute; an image's source must lie in the page itself."""
    inside = re.match(r"data:image/(png|jpeg|gif|webp);base64,", value)
    return value if inside or name != "src" else None


def clean_data(data: dict) -> dict:
    """Of the forms of one output the best that is safe: an image, cleaned HTML, or text."""
    kept = {"text/plain": plain(data.get("text/plain", ""))}
    for kind in IMAGES:
        if kind in data and (picture := image_bytes(data[kind])):
            return kept | {kind: picture}
    if "image/svg+xml" in data:
        return kept | {"text/html": svg_image(joined(data["image/svg+xml"]))}
    if "text/html" in data:
        return kept | {"text/html": clean_html(data["text/html"])}
    return kept


def image_bytes(value) -> str | None:
    """The base64 text of an image if it is that and not too long, else None."""
    value = re.sub(r"\s", "", joined(value))
    fits = len(value) <= MOST_IMAGE and re.fullmatch(r"[A-Za-z0-9+/]+={0,2}", value)
    return value if fits else None


def svg_image(source: str) -> str:
    """An SVG as an image, in which a browser runs no script and loads nothing."""
    if len(source) > MOST_IMAGE:
        return ""
    encoded = base64.b64encode(source.encode("utf-8", "replace")).decode()
    return f'<img alt="Figure" src="data:image/svg+xml;base64,{encoded}">'


def clean_outputs(outputs) -> list[dict]:
    """The outputs of a cell made safe, of bounded number."""
    return [*filter(None, map(clean_output, list(outputs or ())[:MOST_OUTPUTS]))]


def clean_output(output) -> dict | None:
    """One output of a notebook cell made safe; None for what is not an output."""
    output = output if isinstance(output, dict) else {}
    kind = output.get("output_type")
    if kind == "stream":
        name = "stderr" if output.get("name") == "stderr" else "stdout"
        return {"output_type": kind, "name": name, "text": plain(output.get("text", ""))}
    if kind == "error":
        lines = output.get("traceback")
        trace = [plain(line) for line in lines[:100]] if isinstance(lines, list) else []
        what = {name: plain(output.get(name, "")) for name in ("ename", "evalue")}
        return {"output_type": kind, **what, "traceback": trace}
    if kind in ("display_data", "execute_result"):
        data = output.get("data")
        data = clean_data(data if isinstance(data, dict) else {})
        return {"output_type": "display_data", "metadata": {}, "data": data}
    return None

"""What is shown of outputs has a size, and takes no longer to draw than its size says."""

import io

import pytest
from matplotlib import pyplot

from mlpgrader.clean import MOST_HTML, Room, clean_html, clean_outputs, visible
from mlpgrader.drawing import MOST_REFERRED, is_simple_drawing

EIGHT_LEVELS = "".join(
    f'<g id="a{level + 1}">' + f'<use xlink:href="#a{level}"/>' * 10 + "</g>" for level in range(8)
)
LONG = f'<path id="a" d="{"M0 0 " * 5000}"/>'
REFUSED = {
    "levels": f'<path id="a0" d="M0 0"/>{EIGHT_LEVELS}',
    "itself": '<g id="a"><use href="#a"/></g>',
    "too much": LONG + '<use href="#a"/>' * (MOST_REFERRED // 25_000 + 1),
    "by a style": '<g id="a" style="fill: url(#b)"/><use href="#a"/>',
    "by a clip": '<clipPath id="a"><use href="#b"/></clipPath><g clip-path="url(#a)"/>',
    "an entity": '<!DOCTYPE svg [<!ENTITY a "b">]><svg/>',
    "a filter": '<g style="FILTER: blur(900px)"/>',
    "a filter by name": '<g filter="url(#a)"/>',
    "a pattern": '<pattern id="a"/>',
    "a page": "<foreignObject/>",
    "a movement": '<animate attributeName="x"/>',
    "a style": "<style>* { transition: all 9s }</style>",
    "a style in two": "<style>* { ma<tspan/>sk: none }</style>",
    "a style in two by a comment": "<style>* { ma<!-- -->sk: none }</style>",
    "a style in two by its length": f"<style>* {{{' ' * 8184}fil&#116;er: blur(9px)}}</style>",
    "a style sheet of an instruction": '<?xml-stylesheet href="data:text/css,*{mask:none}"?>',
    "a style of a path": "<path style=\"d: path('M0 0H9')\"/>",
    "a style that computes a dash": '<path d="H9" style="--a: 0; stroke-dasharray: var(--a)"/>',
    "a line that is computed": '<rect width="calc(9px * 99999)"/>',
    "a style that loads": "<style>@import 'x'</style>",
    "an escaped style": r'<g style="f\69lter: blur(9px)"/>',
    "an image that loads": '<image href="https://example.org/a.png"/>',
    "an image that draws": '<image href="data:image/svg+xml;base64,AAAA"/>',
    "depth": "<g>" * 60 + "</g>" * 60,
    "breadth": "<g/>" * 60_000,
    "a line that crosses itself": f'<path d="{"L0 9L9 0" * 10_000}"/>',
    "dashes": '<path d="M0 9H900" stroke-dasharray="0.01"/>' * 50,
    "dashes by a style": '<path d="M0 9H900" style="stroke:red;stroke-dasharray: .01"/>' * 50,
    "dashes by a style sheet": "<style>* {stroke-dasharray:1e-2}</style>" + "<path d='H9e2'/>" * 50,
    "dashes at any size": '<g style="Vector-Effect: x"/><path d="H9" stroke-dasharray="9"/>',
    "dashes by reference": '<path id="a" d="H9e9"/><use href="#a" stroke-dasharray="1"/>',
    "dashes of a path of any length": '<path d="H9" pathLength="9e9" stroke-dasharray="1"/>',
    "a clip": LONG.replace("path", "clipPath") + '<g clip-path="url(#a)"/>' * 80,
    "no end": "<g>",
    "no SVG": '"><script>',
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_drawing_that_may_take_long_is_refused(name):
    content = REFUSED[name]
    if not content.startswith("<!DOCTYPE"):
        content = f'<svg xmlns:xlink="http://www.w3.org/1999/xlink">{content}</svg>'
    assert not is_simple_drawing(content)


def test_figures_are_simple_drawings():
    figure, ((line, image), (points, bars)) = pyplot.subplots(2, 2)
    line.plot([1, 2, 3], "o-", label="a filter, a mask")
    line.plot([1, 2, 3], "--")
    line.grid(linestyle=":")
    line.legend()
    image.imshow([[1, 2], [3, 4]])
    points.scatter(range(1000), range(1000))
    bars.hist([1, 2, 2, 3])
    bars.set_xlabel(r"$\sigma^2$")
    file = io.StringIO()
    figure.savefig(file, format="svg")
    assert is_simple_drawing(file.getvalue())


def test_tags_with_names_of_their_own_are_not_opened_again_and_again():
    tags = "".join(f"<b q{number}>" for number in range(640))
    cleaned = clean_html(f"<p>{tags}{'<p>x' * 3000}")
    assert cleaned.count("<b>") < 4 * 3000


def test_tags_deep_in_one_another_are_shown_as_text():
    assert clean_html("<div>" * 60).startswith("&lt;div&gt;")
    assert clean_html("<div>" * 40).startswith("<div>")
    assert clean_html("<p>a<br>b<hr></p>" * 60).startswith("<p>a<br>b</p><hr>")


def test_a_cell_of_a_table_spans_few_columns():
    wide = clean_html('<table><tr><td colspan=1000>a<td colspan="99">b<td rowspan="0x9">c</table>')
    assert "1000" not in wide and 'colspan="99"' in wide and "rowspan" not in wide


def test_a_submission_has_room_for_so_much_html_and_then_it_is_text():
    output = {"output_type": "display_data", "data": {"text/html": "<b>" + "x" * 19_000}}
    room = Room()
    shown = [clean_outputs([output] * 5, room) for _ in range(4)]
    forms = [form for cell in shown for each in cell for form in each["data"]]
    assert forms.count("text/html") == MOST_HTML // 19_003
    assert forms.count("text/plain") == 20


def test_control_characters_are_written_out():
    assert visible("ann\x1b[2J\u202e\ud800") == r"ann\x1b[2J\u202e\ud800"
    assert visible("Ångström, 学生") == "Ångström, 学生"

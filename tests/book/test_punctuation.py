"""A formula keeps the punctuation that touches it, a short word of code its hyphens."""

import pytest
from course_punctuation import keep_together, mark_short
from docutils import nodes
from docutils.utils import new_document


def paragraph(before: str, after: str) -> nodes.paragraph:
    """Make a paragraph with a formula in it and let the extension see it."""
    document = new_document("page")
    document += nodes.paragraph()
    document[0] += [nodes.Text(before), nodes.math("", "x"), nodes.Text(after)]
    keep_together(None, document)
    return document[0]


@pytest.mark.parametrize(
    ("before", "after", "kept"),
    [("for ", ", and", "x,"), ("(", ") is", "(x)"), ("so ", ".", "x."), ("a (", " b)", "(x")],
)
def test_what_touches_a_formula_is_kept_with_it(before, after, kept):
    text = paragraph(before, after)
    (together,) = text.findall(lambda n: isinstance(n, nodes.inline) and "nowrap" in n["classes"])
    assert together.astext() == kept
    assert text.astext() == before + "x" + after


@pytest.mark.parametrize(("before", "after"), [("for ", " and"), ("", ""), ("at", "th")])
def test_a_formula_between_words_stays_as_it_is(before, after):
    text = paragraph(before, after)
    assert not list(text.findall(nodes.inline))
    assert text.astext() == before + "x" + after


def test_formulas_side_by_side_share_no_text():
    document = new_document("page")
    document += nodes.paragraph()
    document[0] += [nodes.math("", "x"), nodes.Text(","), nodes.math("", "y"), nodes.Text(")")]
    keep_together(None, document)
    assert document[0].astext() == "x,y)"
    assert [n.astext() for n in document[0].findall(nodes.inline)] == ["x,", "y)"]


@pytest.mark.parametrize(
    ("code", "classes"),
    [
        ("--no-record", ["short"]),
        ("mlpgrader grade activations --json", ["short"]),
        ("feedback/<student>/<set>/<set>.html", []),
        ("cp work/a-set-with-a-long-name.ipynb .", []),
    ],
)
def test_code_is_marked_whose_words_have_room_in_any_line(code, classes):
    document = new_document("page")
    document += nodes.literal("", code)
    mark_short(None, document)
    assert document[0]["classes"] == classes

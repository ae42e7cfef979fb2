"""Feedback pages: what they show, and that nothing in them can run, load or leak."""

import base64
import re
import time
from dataclasses import replace

import pytest

from mlpgrader import clean
from mlpgrader.course import gradebook as record
from mlpgrader.errors import UsageError
from mlpgrader.inside.messages import UNSEEN
from mlpgrader.reports import feedback
from mlpgrader.runner.store import save_summary
from tests.support import lesson, toy

PIXEL = base64.b64encode(b"\x89PNG\r\n\x1a\n not a whole picture").decode()
SVG = '<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
DRAWING = '<svg xmlns="http://www.w3.org/2000/svg"><path d="M0 0h9"/></svg>'
HOSTILE = [
    {"output_type": "stream", "name": "stdout", "text": "\x1b[31mred\x1b[0m <b>bold</b>\x08\u202e"},
    {"output_type": "stream", "name": "<script>", "text": "</pre><script>alert(1)</script>"},
    {
        "output_type": "error",
        "ename": "<img src=x onerror=alert(1)>",
        "evalue": "",
        "traceback": ["<script>alert(2)</script>", "line two"],
    },
    {
        "output_type": "display_data",
        "data": {
            "text/html": "<table onclick='x()'><tr><td style='top:0'>kept</td></tr></table>"
            "<script>alert(3)</script><img src='https://example.org/track.png'>"
            "<img src='data:image/gif;base64,R0lG'><a href='javascript:alert(4)'>link</a><iframe src='https://example.org'></iframe>"
        },
    },
    {"output_type": "display_data", "data": {"image/png": PIXEL, "text/plain": "<Figure>"}},
    {"output_type": "display_data", "data": {"image/png": '"><script>alert(5)</script>'}},
    {"output_type": "display_data", "data": {"image/svg+xml": SVG}},
    {"output_type": "display_data", "data": {"image/svg+xml": DRAWING}},
    {"output_type": "display_data", "data": {"application/javascript": "alert(6)"}},
    {"output_type": "display_data", "data": {"text/markdown": "<script>alert(7)</script>"}},
    {"output_type": "unheard of", "data": "<script>"},
    {"output_type": "stream", "name": 3, "text": {"a": 1}},
    {"output_type": "stream", "name": "stdout", "text": ["half a pair: \ud800", 4]},
    {"output_type": "error", "ename": [], "evalue": None, "traceback": 7},
    {"output_type": "display_data", "data": [1]},
    {"output_type": "display_data", "data": {"image/png": 1, "text/html": [2], "text/plain": {}}},
    {"output_type": "display_data", "data": {"image/svg+xml": [3]}},
    "not an output",
]


@pytest.fixture
def course(tmp_path):
    return toy.make_course(tmp_path)


def pages(course, *submissions):
    """Record results, write feedback, and give the pages by student."""
    result = toy.of_set(*submissions)
    record.record(course, result)
    save_summary(course, result)
    paths = feedback.write_feedback(course, "toy")
    return {path.parent.parent.name: path.read_text() for path in paths}


def test_a_page_shows_code_score_and_a_line_for_each_test(course):
    toy.submit(course, "ann", {"double": "def double(x):\n    return x < 2"})
    messages = ("double(1): expected 2", "")
    page = pages(course, toy.graded("ann", double="failed", messages=messages))["ann"]
    assert '<html lang="en">' in page
    assert re.search(r"<b>1</b> of 3 points", page)
    assert "x</span> <span" in page or "&lt;" in page
    lines = re.findall(r'<div class="test (\w+)">.*?</div>', page)
    assert lines == ["failed", "passed"]
    for words in ("two numbers are doubled", "0 of 2, failed", "double(1): expected 2"):
        assert words in page


@pytest.fixture(scope="module")
def lesson_pages(tmp_path_factory):
    """The pages of a set with headings and a question: one answer wrong, one not given."""
    course = lesson.make_course(tmp_path_factory.mktemp("lesson"))
    answers = {"larger": lesson.SOLVED["larger"], "lesson-choice": 'choice = "a"'}
    lesson.hand_in(course, "ann", answers)
    lesson.hand_in(course, "ben", answers | {"lesson-choice": 'choice = "B"'})

    won = {"larger-values": 1.0, "larger-zero": 0.5}
    ann = lesson.graded("ann", won)
    ben = lesson.graded("ben", won | {"lesson-choice-answer": 1.0})
    result = lesson.of_set(ann, ben)
    record.record(course, result)
    save_summary(course, result)
    paths = feedback.write_feedback(course, "lesson")
    return {path.parent.parent.name: path.read_text() for path in paths}


def test_headings_are_those_of_the_notebook_with_what_was_won(lesson_pages):
    page = lesson_pages["ann"]
    assert "<h1>A lesson</h1>" in page
    found = re.findall(r'<h2 id="problem-\d">(.*?)</h2>\s*<p class="share">(.*?)</p>', page)
    assert found == [
        ("1 · The larger one", "1.5 of 1.5 points"),
        ("2 · A slope", "0 of 2 points"),
        ("3 · One question", "0 of 1 points"),
    ]


def test_a_page_begins_with_where_the_points_are_and_what_to_look_at_first(lesson_pages):
    page = lesson_pages["ann"]
    rows = re.findall(r'<a href="#problem-(\d)">(.*?)</a>.*?<td class="of">(.*?)</td>', page, re.S)
    assert rows == [
        ("1", "1 · The larger one", "1.5 of 1.5"),
        ("2", "2 · A slope", "0 of 2"),
        ("3", "3 · One question", "0 of 1"),
    ]
    note = re.search(r'<p class="note">(Look first.*?)</p>', page, re.S)[1]
    assert '<a href="#problem-3">' in note, "what was tried comes before what was not"
    assert "1 point is missing (another letter is right)" in " ".join(note.split())
    assert page.index("Look first") < page.index("<h2")


def test_a_page_says_when_and_by_which_rules(tmp_path):
    course = lesson.make_course(tmp_path)
    with (course / "nbgrader_config.py").open("a") as file:
        file.write("\nc.FeedbackPage.rule = 'Two <tries>.'\n")
        file.write("c.FeedbackPage.book = 'https://example.org/book/'\n")
    (course / "book").mkdir()
    (course / "book" / "lines.md").write_text("# Bent *lines*\n\n## Kinks\n\n…\n")
    path = lesson.hand_in(course, "ann", {"larger": "def larger(x):\n    return x"})
    path.with_name("timestamp.txt").write_text("2026-03-06 18:00:30 +0100")
    submission = lesson.graded("ann", {})
    message = f"the larger one of x and 0, for any sign: {UNSEEN}, it gave a wrong value"
    submission.tests[:2] = [replace(test, message=message) for test in submission.tests[:2]]
    record.record(course, lesson.of_set(submission))
    [path] = feedback.write_feedback(course, "lesson")
    page = path.read_text()
    assert "handed in 2026-03-06, 17:00 UTC · graded 20" in page
    assert "Two &lt;tries&gt;." in page
    link = '<a href="https://example.org/book/lines.html#kinks">Kinks</a>'
    assert f"Read again: {link} in <i>Bent lines</i>." in page
    words = " ".join(re.sub(r"<.*?>", " ", page).split())
    assert "The example that you can see holds" in words
    assert "In a check that you did not see, it gave a wrong value." in words
    assert words.count("Try sizes that all differ") == 1


def test_the_whole_property_is_shown(lesson_pages):
    assert "the larger one of x and 0, for any sign</span>" in lesson_pages["ann"]


def test_what_was_not_attempted_shows_neither_stub_nor_errors(lesson_pages):
    page = lesson_pages["ann"]
    assert page.count("Not attempted.") == 1
    assert "NotImplementedError" not in page
    assert "message of slope-values" not in page
    assert "message of lesson-choice-answer" in page
    assert "No response." not in page


def test_a_wrong_letter_gets_its_reason(lesson_pages):
    assert '<span class="reason">A slope is a limit.</span>' in lesson_pages["ann"]
    assert "A slope is a limit." not in lesson_pages["ben"]


def test_the_cell_of_the_progress_is_not_the_student_s_own(lesson_pages):
    assert "checks.progress" not in lesson_pages["ann"]


def test_hidden_tests_do_not_show(course):
    toy.submit(course, "ann", {})
    page = pages(course, toy.graded("ann", double="failed", messages=("failed", "")))["ann"]
    for secret in ("secret", "42", "HIDDEN", "(21", "assert"):
        assert secret not in page


def test_nothing_in_a_page_can_run_or_load(course):
    toy.submit(course, "ann", {"double": "# \ud800 </code></pre><script>alert(0)</script>"})
    outputs = {"double": HOSTILE}
    page = pages(course, toy.graded("ann", "failed", outputs=outputs, messages=("<script>", "")))[
        "ann"
    ]
    assert "<script" not in page
    assert not re.search(r"<[^>]*\bon\w+\s*=", page)
    assert not re.search(r"<(iframe|link|object|embed|base)\b", page)
    assert not re.search(r'src="(?!data:image/)|href="(?!#problem-)', page)
    assert "http:" not in page
    assert "https:" not in page
    assert not re.search("[\x00-\x08\x0b-\x1f\u202e]", page)


def test_what_is_harmless_is_kept(course):
    toy.submit(course, "ann", {})
    page = pages(course, toy.graded("ann", outputs={"double": HOSTILE}))["ann"]
    assert "red &lt;b&gt;bold&lt;/b&gt;" in page
    assert "<td>kept</td>" in page
    assert '<img src="data:image/gif;base64,R0lG">' in page
    assert f"data:image/png;base64,{PIXEL}" in page
    assert base64.b64encode(DRAWING.encode()).decode() in page
    assert base64.b64encode(SVG.encode()).decode() not in page
    assert "&lt;script&gt;alert(2)&lt;/script&gt;\nline two" in page


def test_autograded_notebooks_are_as_clean_as_the_pages(course):
    toy.submit(course, "ann", {})
    pages(course, toy.graded("ann", outputs={"double": HOSTILE}))
    text = (course / "autograded" / "ann" / "toy" / "toy.ipynb").read_text()
    assert "application/javascript" not in text
    assert "text/markdown" not in text
    assert "alert(3)" not in text
    assert "example.org" not in text


def test_a_person_s_points_and_comments_stand_before_the_grader_s(course):
    toy.submit(course, "ann", {})
    result = toy.of_set(toy.graded("ann", half="failed"))
    record.record(course, result)
    with record.contextlib.closing(record.open_gradebook(course)) as gradebook:
        gradebook.find_grade("half-values", "toy", "toy", "ann").manual_score = 0.5
        gradebook.find_comment("half", "toy", "toy", "ann").manual_comment = "a <good> start"
        gradebook.db.commit()
    save_summary(course, result)
    [path] = feedback.write_feedback(course, "toy")
    page = path.read_text()
    assert "<b>2.5</b> of 3 points" in page
    assert "0.5 of 1, failed" in page
    assert "a &lt;good&gt; start" in page


def test_an_unreadable_submission_gets_a_page_that_says_so(course):
    toy.submit(course, "ann", {}).write_text("{")
    page = pages(course, toy.unreadable("ann", "it is <not> JSON"))["ann"]
    assert "unreadable: it is &lt;not&gt; JSON" in page
    assert '<div class="test' not in page


def test_without_grades_it_says_what_to_run(course):
    with pytest.raises(UsageError, match="mlpgrader grade toy"):
        feedback.write_feedback(course, "toy")


@pytest.mark.parametrize(
    "tags", ["<b><p>", "<i><b><p>", "<div>", '<b x=1 y="</b>"><p>', "<b><!--</b>--><p>"]
)
def test_tags_that_never_end_stay_small_and_harmless(tags):
    cleaned = clean.clean_html(tags * 3000 + "<script>alert(1)")
    assert len(cleaned) < 70_000 and "<script" not in cleaned


def test_a_table_stays_a_table():
    row = "<tr>" + "<td>1</td>" * 10 + "</tr>"
    assert clean.clean_html(f"<table>{row * 80}</table>").count("<td>") == 800


def test_a_page_colors_so_much_code_and_shows_the_rest_as_it_is():
    coloring = feedback.Coloring()
    colored = [coloring.colored("x = 1\n" * 3000) for _ in range(20)]
    assert sum("<span" in text for text in colored) == feedback.MOST_COLORED // 18_000


def test_a_cell_of_blank_lines_takes_no_time():
    start = time.process_time()
    assert not feedback.has_code("\n" * 100_000)
    assert feedback.Coloring().colored(" \n" * 10_000).isspace()
    assert time.process_time() - start < 1

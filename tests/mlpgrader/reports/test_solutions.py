"""Pages of solutions: each says why it is written so, and none shows a hidden test."""

import html
import re

import nbformat
import pytest
from click.testing import CliRunner

from mlpgrader import cli
from mlpgrader.reports import solutions
from mlpkit.commands.sets import ORDER
from tests.support import lesson
from tests.support.variants import ROOT, SOLUTIONS


def run(*words):
    return CliRunner().invoke(cli.main, [*map(str, words)], prog_name="mlpgrader")


def text_of(page):
    body = page.partition("<main>")[2]
    return " ".join(html.unescape(re.sub(r"<[^>]+>", "", body)).split())


@pytest.mark.parametrize("set_name", ORDER)
def test_every_solution_says_why_it_is_written_so(set_name):
    notebook = nbformat.read(SOLUTIONS / set_name / f"{set_name}.ipynb", 4)
    found = solutions.solutions(notebook.cells)
    assert len({solution.title for solution in found}) == len(found)
    assert [one.title for one in found if sum(map(len, one.words)) < 60] == []
    assert [one.title for one in found if "SOLUTION" in one.code] == []
    *_, question = found
    assert len(question.reasons) == 3
    right = re.search(r'choice = "(\w)"', question.code)[1]
    assert question.words[0].startswith(f"{right}: ")
    assert right not in question.reasons


@pytest.mark.parametrize("set_name", ORDER)
def test_no_page_shows_a_hidden_test(set_name):
    notebook = nbformat.read(SOLUTIONS / set_name / f"{set_name}.ipynb", 4)
    text = text_of(solutions.page(set_name, notebook))
    tests = [cell.source for cell in notebook.cells if "HIDDEN TESTS" in cell.source]
    lines = [line.strip() for test in tests for line in test.partition("HIDDEN")[2].splitlines()]
    asserts = [line for line in lines if line.startswith("assert ")]
    assert len(asserts) > 10
    assert [line for line in asserts if line in text] == []


def test_the_command_writes_a_page_that_loads_nothing(tmp_path):
    course = lesson.make_course(tmp_path)
    done = run("solutions", "lesson", "--course", course)
    assert done.exit_code == 0, done.output
    page = (course / "solution-pages" / "lesson" / "lesson.html").read_text()
    assert done.stdout.strip().endswith("lesson.html")
    assert "return x.clamp(min=0)" in text_of(page)
    assert "A is wrong: A slope is a limit." in text_of(page)
    assert not re.search(r"<(script|link|img|iframe)\b|https?:", page)
    assert run("solutions", "nothing", "--course", course).exit_code == 2


def test_words_end_at_a_blank_line_and_other_comments_stay():
    source = "def f():\n    ### BEGIN SOLUTION\n    # why\n    # so\n\n    # here\n    return 1\n"
    assert solutions.words_in(source) == ["why so"]
    assert solutions.code_in(source) == "def f():\n    # here\n    return 1\n"
    plain = "### BEGIN SOLUTION\n# a remark\nx = 1\n### END SOLUTION"
    assert (solutions.words_in(plain), solutions.code_in(plain)) == ([], "# a remark\nx = 1\n")


def test_what_the_pages_are_written_into_is_no_part_of_the_repository():
    assert f"/{solutions.FOLDER}/" in (ROOT / ".gitignore").read_text().splitlines()

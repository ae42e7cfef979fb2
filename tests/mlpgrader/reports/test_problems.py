"""What a page says beyond the verdicts: where the points went, and what to do next."""

from typing import get_args

import pytest
from docutils.nodes import make_id

from mlpgrader.assignment.plan import joined
from mlpgrader.inside.messages import CATEGORIES, UNSEEN, Reason
from mlpgrader.reports import problems
from mlpgrader.results import TestResult as Result
from mlpkit.commands.notebooks import read_notebook
from mlpkit.commands.sets import ORDER
from tests.support.variants import EXERCISES, ROOT

STUB = 'def f(x):\n    """Add one.\n\n    Args:\n        x: any.\n    """\n'


def result_of(name, points=0.0, message="", status=""):
    status = status or ("passed" if points == 1 else "failed")
    return Result(name, points, 1.0, status, message=message)


def cell(source, kind="code", **settings):
    return {"cell_type": kind, "source": source, "metadata": {"nbgrader": settings}}


def notebook(*names):
    """Cells of problems with an answer and two tests each."""
    cells = [cell("# A set", "markdown")]
    for number, name in enumerate(names, 1):
        cells += [
            cell(f"## {number} · Problem {name} (2 points, 5 minutes)", "markdown"),
            cell(f"{name} = 1", grade_id=name, solution=True),
            cell('"""one"""', grade_id=f"{name}-one", grade=True, points=1),
            cell('"""two"""', grade_id=f"{name}-two", grade=True, points=1),
        ]
    return cells


def found(tests, names=("f", "g"), untouched=(), points=None):
    by_name = {test.grade_id: test for test in tests}
    return problems.problems(notebook(*names), by_name, points or {}, {*untouched})


def hidden(reason, about="one"):
    return f"{about}: {UNSEEN}, {CATEGORIES[reason].format('RuntimeError')}"


def test_a_problem_has_its_heading_and_points_a_person_s_before_the_grader_s():
    tests = [result_of(name, 1) for name in ("f-one", "f-two", "g-one", "g-two")]
    f, g = found(tests, points={"g-two": 0.5})
    assert (f.title, f.points, f.max_points, f.mark, f.advice) == ("1 · Problem f", 2, 2, "✓", "")
    assert (g.title, g.lost, g.mark) == ("2 · Problem g", 0.5, "✗")


@pytest.mark.parametrize(
    ("messages", "status", "advice"),
    [
        ((hidden("wrong-value"), hidden("raised")), "failed", "examples that you can see pass"),
        (("f(1): expected 2", hidden("raised")), "failed", "example that you can see fails"),
        (("f is not defined: its cell stopped with X", ""), "failed", "does not run to the end"),
        (("two: it did not end", "x"), "timeout", "takes too long"),
        (("", ""), "error", "your instructor looks at it"),
    ],
)
def test_what_failed_says_what_to_do(messages, status, advice):
    tests = [result_of("f-one", 0, messages[0], status), result_of("f-two", 0, messages[1], status)]
    [problem] = found(tests, ["f"])
    assert advice in problem.advice


def test_first_comes_what_was_tried_and_costs_most():
    tests = [result_of("f-one"), result_of("f-two", 1), result_of("g-one"), result_of("g-two")]
    assert problems.first_look(found(tests)).title == "2 · Problem g"
    assert problems.first_look(found(tests, untouched=["g"])).title == "1 · Problem f"
    assert problems.first_look(found(tests, untouched=["f", "g"])).advice == "not attempted"
    assert problems.first_look([]) is None


def test_a_question_asks_for_another_letter():
    tests = [result_of("s-choice-one", 0, hidden("property"))]
    [problem] = found(tests, ["s-choice"])
    assert problem.advice == "another letter is right"


@pytest.mark.parametrize("reason", get_args(Reason))
def test_every_reason_has_an_advice_of_its_own(reason):
    failure = problems.hidden_failure(result_of("f-one", 0, hidden(reason)), "one")
    assert failure.what == CATEGORIES[reason].format("RuntimeError")
    assert failure.advice == problems.TRY[reason]
    assert len({*problems.TRY.values()}) == len(CATEGORIES)


def test_other_messages_are_shown_as_they_are():
    for message in ("", "f(1): expected 2", f"another property: {UNSEEN}, it gave a wrong value"):
        assert problems.hidden_failure(result_of("f-one", 0, message), "one") is None


def test_errors_that_follow_from_one_are_named_as_that():
    why = "f is not defined: its cell stopped with Crashed: the process ended while this cell ran"
    tests = [result_of("f-one", 0, why), result_of("f-two", 0, why)]
    [problem] = found(tests, ["f"])
    assert problems.repeated(problem) == {"f-two": "the cell above ended Python"}
    tests = [result_of("f-one", 0, "f(1): expected 2"), result_of("f-two", 0, "f(1): expected 2")]
    [problem] = found(tests, ["f"])
    assert problems.repeated(problem) == {}


@pytest.mark.parametrize(
    "body", ["    return x + 1", "    if x > 3\n        return 0"], ids=["Python", "no Python"]
)
def test_a_long_docstring_is_folded(body):
    parts = problems.parts(STUB + body)
    assert [part.summary for part in parts] == ["", "Add one.", ""]
    assert [parts[0].text, parts[2].text] == ["def f(x):", body]
    assert "\n".join(part.text for part in parts) == STUB + body


@pytest.mark.parametrize(
    "source",
    [
        'def f(x):\n    """Add one."""\n    return x',
        'def f(x):\n    text = """\n\n\n\n"""\n    return x',
        'def f(x):\n    """never\n\n\n\n\nclosed',
        "",
        "\x0c\u2028",
    ],
)
def test_what_is_no_long_docstring_stays(source):
    assert [part.summary for part in problems.parts(source) if part.summary] == []


@pytest.mark.parametrize("set_name", ORDER)
def test_the_sections_of_each_problem_are_headings_of_its_chapters(set_name):
    cells = read_notebook(EXERCISES / set_name / f"{set_name}.ipynb").cells
    sections = problems.sections_of([cell | {"source": joined(cell["source"])} for cell in cells])
    book = problems.sections_in(ROOT / "book")
    named = {section for titles in sections.values() for section in titles}
    solutions = [cell["metadata"].get("nbgrader", {}) for cell in cells]
    names = {problems._exercise(each["grade_id"]) for each in solutions if each.get("solution")}
    assert sections.keys() <= names
    assert len(named) >= 3
    assert sorted(named - book.keys()) == []
    belonging = {set_name, "relu-networks"} if set_name == "hidden-layers" else {set_name}
    assert {book[title].page for title in named} == belonging
    assert {problems.anchor(title) for title in named} == {make_id(title) for title in named}

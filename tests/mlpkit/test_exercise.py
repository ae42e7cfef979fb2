"""Notebooks in a real kernel: what a test says, hints, progress, and when a stub is no error.

One kernel has a person at it, as in JupyterLab, another one none, as under Validate, nbclient and
`nbgrader autograde`.
"""

import pytest

from mlpgrader.runner.grade import GradeOptions, grade_set
from mlpkit import checks
from mlpkit.checks import exercise
from mlpkit.checks.compare import WIDTH
from tests.support import lesson, stock
from tests.support.kernel import kernel

pytestmark = pytest.mark.slow

STUB = "def {name}(x):\n    # YOUR CODE HERE\n    raise NotImplementedError()"
DEEP = "def larger(x):\n    return larger(x)"


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    return lesson.make_course(tmp_path_factory.mktemp("lesson"))


@pytest.fixture(scope="module")
def cells(course):
    """The student version's code cells by their id."""
    return {c.id: c.source for c in lesson.released(course).cells if c.cell_type == "code"}


@pytest.fixture(scope="module")
def person():
    with kernel(person=True) as started:
        yield started


@pytest.fixture(scope="module")
def nobody():
    with kernel(person=False) as started:
        yield started


@pytest.fixture
def lab(person, cells):
    """The notebook, freshly opened by a person: first cells run, nothing written."""
    return opened(person, cells)


@pytest.fixture
def batch(nobody, cells):
    """The same, run by a program."""
    return opened(nobody, cells)


def opened(started, cells):
    started.run("%reset -f")
    started.run("from mlpkit.checks import exercise; exercise.REGISTRY.__init__()")
    started.run("del exercise")
    for name in ("setup", "lesson-exercises"):
        assert started.run(cells[name]).error == ""
    return started


def names(started):
    return started.run("print(*(n for n in globals() if not n.startswith('_')))").stdout.split()


# --- a test that passes --------------------------------------------------------------------


def test_success_is_one_line_with_the_points(lab, cells):
    lab.run(lesson.SOLVED["larger"])
    shown = lab.run(cells["larger-values"])
    assert shown.stdout == "✓ the larger one of x and 0, for any sign (1)\n"
    assert (shown.stderr, shown.error) == ("", "")


def test_without_the_cell_of_the_exercises_the_docstring_says_it(lab, cells):
    lab.run("from mlpkit.checks import exercise; exercise.REGISTRY.__init__()")
    lab.run(lesson.SOLVED["larger"])
    assert lab.run(cells["larger-zero"]).stdout == "✓ 0 stays 0\n"


def test_a_letter_is_not_called_right(lab, cells):
    lab.run('choice = "A"')
    assert "your feedback says (1)" in lab.run(cells["lesson-choice-answer"]).stdout


def test_a_test_leaves_no_name(lab, cells):
    lab.run(lesson.SOLVED["larger"])
    before = names(lab)
    for name in ("larger-values", "larger-zero", "slope-values"):
        lab.run(cells[name])
    assert names(lab) == before
    assert "test" not in before


def test_a_name_of_the_student_s_comes_back(lab, cells):
    lab.run(f"test = 5\n{lesson.SOLVED['larger']}")
    lab.run(cells["larger-values"])
    assert lab.run("print(test)").stdout == "5\n"


# --- not written yet -----------------------------------------------------------------------


def test_run_all_gets_past_what_is_not_written(lab, cells):
    lab.run(lesson.SOLVED["slope"].replace("slope", "unused"))
    shown = {name: lab.run(source) for name, source in cells.items()}
    assert [name for name in shown if shown[name].error] == []
    assert shown["larger-zero"].stderr == "not written yet: 0 stays 0 (0.5)\n"
    assert shown["larger-zero"].stdout == ""
    assert shown["lesson-choice-answer"].stderr.startswith("not answered yet: one of the letters")
    assert "0 of 4 tests pass, next: 1 · The larger one" in shown["progress"].stdout


def test_a_program_does_not_get_past_it(batch, cells):
    shown = {name: batch.run(source) for name, source in cells.items()}
    failed = [name for name in shown if shown[name].error]
    assert failed == ["larger-values", "larger-zero", "slope-values", "lesson-choice-answer"]
    assert shown["larger-zero"].error.startswith("NotImplementedError: not written yet")
    assert shown["lesson-choice-answer"].error == "AssertionError: not answered yet"


WARNS = """
import warnings
def larger(x):
    warnings.warn("odd, but right")
    return x.clamp(min=0)
"""


def test_a_warning_shows_to_a_person(lab, cells):
    lab.run(WARNS)
    assert "odd, but right" in lab.run(cells["larger-zero"]).stderr


def test_a_warning_costs_no_points_in_stock_nbgrader(batch, cells):
    batch.run(WARNS)
    assert batch.run(cells["larger-zero"]).stderr == ""


def test_each_of_the_two_locks_holds_alone(cells):
    with kernel(person=True, NBGRADER_EXECUTION="autograde") as started:
        opened(started, cells)
        started.run(cells["larger"])
        assert started.run(cells["larger-zero"]).error
        started.run("import os\ndel os.environ['NBGRADER_EXECUTION']")
        started.person = False
        assert started.run(cells["larger-zero"]).error
        started.person = True
        assert started.run(cells["larger-zero"]).error == ""


def test_an_error_that_torch_calls_not_implemented_is_an_error(lab, cells):
    lab.run("def larger(x):\n    raise NotImplementedError('no kernel for this dtype')")
    assert "no kernel for this dtype" in lab.run(cells["larger-values"]).error


def test_a_stub_is_not_written_where_a_test_expects_another_error(lab):
    lab.run(STUB.format(name="refuse"))
    shown = lab.run(
        "@checks.example('t')\ndef test():\n    checks.expect_raises(ValueError, refuse, 1)"
    )
    assert (shown.error, shown.stderr) == ("", "not written yet: t\n")


# --- errors --------------------------------------------------------------------------------


def test_a_wrong_answer_is_told_in_three_lines(lab, batch, cells):
    for started in (lab, batch):
        started.run("def larger(x):\n    return x")
        assert started.run(cells["larger-values"]).error.splitlines() == [
            "CheckError: larger([-2, 3]) is wrong",
            "  expected [0, 3]",
            "  got      [-2, 3]",
        ]


def test_an_error_shows_the_lines_of_the_student_alone(lab, cells):
    lab.run("def helper(x):\n    return x.clmp(0)\ndef larger(x):\n    return helper(x)")
    lines = lab.run(cells["larger-values"]).error.splitlines()
    assert lines[0] == "AttributeError: 'Tensor' object has no attribute 'clmp'"
    assert lines[1].startswith("  in the test, line 12: checks.expect_close(larger(x)")
    assert lines[-2:] == [
        "  in larger, line 4: return helper(x)",
        "  in helper, line 2: return x.clmp(0)",
    ]
    assert max(map(len, lines)) <= WIDTH


def test_an_error_of_the_test_s_own_function_shows_its_line(lab):
    lab.run("def judge(f):\n    return f(torch.ones(2, 3))")
    product = "def product(x):\n        return x @ x\n"
    test = f"@checks.example('t')\ndef test():\n    {product}    judge(product)"
    lines = lab.run(test).error.splitlines()
    assert "does not fit" in lines[0]
    assert lines[-2:] == [
        "  in the test, line 4: return x @ x",
        "  in judge, line 2: return f(torch.ones(2, 3))",
    ]
    lab.run("def judge(f):\n    return torch.ones(2, 3) @ f(torch.ones(2, 2))")
    test = test.replace("x @ x", "x")
    assert "in the test" not in lab.run(test).error  # its own line is not at fault


def test_a_recursion_is_short_and_explained(lab, cells):
    lab.run(DEEP)
    error = lab.run(cells["larger-values"]).error
    assert error.startswith("RecursionError")
    assert "deeper than Python allows" in error
    assert error.count("return larger(x)") == 1
    assert "times)" in error


def test_an_error_inside_expect_raises_shows_where_it_arose(lab):
    lab.run("def refuse(x):\n    return {}['a']")
    shown = lab.run(
        "@checks.example('t')\ndef test():\n    checks.expect_raises(ValueError, refuse, 1)"
    )
    assert "raised KeyError" in shown.error
    assert "in refuse, line 2: return {}['a']" in shown.error


@pytest.mark.parametrize(
    ("source", "why"),
    [
        (
            "def slope(x:\n    return x",
            "its cell stopped with SyntaxError: '(' was never closed (line 1)",
        ),
        ("import numpyy\ndef slope(x):\n    return x", "No module named 'numpyy' (line 1)"),
        ("", "run the cell above first"),
    ],
)
def test_a_name_that_is_not_defined_says_why(lab, cells, source, why):
    lab.run(source)
    error = " ".join(lab.run(cells["slope-values"]).error.split())
    assert error.startswith("NameError: slope is not defined: ")
    assert error.endswith(why)


def test_a_letter_without_quotes_says_so(lab, cells):
    lab.run(cells["lesson-choice"])
    lab.run("choice = B")
    error = " ".join(lab.run(cells["lesson-choice-answer"]).error.split())
    assert error.endswith("name 'B' is not defined (line 1), put the letter in quotes")


def test_a_function_from_before_a_cell_stopped_is_not_tested(lab, cells):
    lab.run(lesson.SOLVED["larger"])
    lab.run("def larger(x:\n    return 1")
    assert "larger is still the old one: its cell stopped" in lab.run(cells["larger-values"]).error
    lab.run(lesson.SOLVED["larger"])
    assert lab.run(cells["larger-values"]).error == ""


def test_what_a_cell_defined_before_it_stopped_is_tested(lab, cells):
    lab.run(f"{lesson.SOLVED['larger']}\n\nlarger(torch.tensor(oops))")
    assert lab.run(cells["larger-values"]).stdout.startswith("✓")


def test_an_error_in_the_student_s_function_that_is_a_missing_name_is_theirs(lab, cells):
    lab.run("def larger(x):\n    return y")
    error = lab.run(cells["larger-values"]).error
    assert error.startswith("NameError: ")
    assert "run the cell above" not in error
    assert "in larger, line 2: return y" in error


def test_where_the_short_form_fails_the_ordinary_error_shows(lab, cells):
    lab.run("from mlpkit.checks import notebook\nlines = notebook.error_lines")
    lab.run("notebook.error_lines = None")
    lab.run("def larger(x):\n    return x")
    error = lab.run(cells["larger-values"]).error
    lab.run("notebook.error_lines = lines")
    assert "CheckError" in error
    assert "larger([-2, 3]) is wrong" in error
    assert len(error.splitlines()) > 10


def test_an_answer_imported_from_the_package_is_refused(lab, cells):
    source = "from mlpkit.activations import relu as larger"
    said = "mlpkit.activations holds answers and cannot be imported in graded work"
    assert lab.run(source).stderr == f"{said}\n"
    assert said in " ".join(lab.run(cells["larger-values"]).error.split())
    lab.run("from mlpkit.activations import relu\ndef larger(x):\n    return relu(x)")
    assert said in lab.run('checks.check("larger")').stdout


def test_a_program_is_told_of_the_import_by_the_test(batch, cells):
    assert batch.run("from mlpkit.activations import relu as larger").stderr == ""
    assert "holds answers" in batch.run(cells["larger-values"]).error


def test_after_one_test_that_had_to_be_stopped_the_others_are_not_run(batch, cells):
    batch.run("def larger(x):\n    raise KeyboardInterrupt")
    first = batch.run(cells["larger-values"]).error
    assert first.startswith("KeyboardInterrupt: it did not end, and was stopped")
    assert "not run, since larger did not end in time" in batch.run(cells["larger-zero"]).error
    batch.run(lesson.SOLVED["larger"])
    assert batch.run(cells["larger-zero"]).error == ""


# --- hints, check, progress ----------------------------------------------------------------


def test_hints_come_in_three_steps(lab):
    said = [lab.run('checks.hint("larger")').stdout for _ in range(4)]
    assert said[0].startswith("Hint 1 of 3: What is the larger one")
    assert max(map(len, said[0].splitlines())) <= WIDTH
    assert said[1] == "Hint 2 of 3: Section “Kinks”: one branch for each side of 0.\n"
    assert said[2] == said[3] == "Hint 3 of 3: Keep what is positive, and put 0 everywhere else.\n"
    assert lab.run('checks.hint("larger", 2)').stdout == said[1]
    assert lab.run('checks.hint("Larger", 9)').stdout == said[2]
    lab.run(lesson.SOLVED["larger"])
    assert lab.run("checks.hint(larger, 1)").stdout == said[0]


@pytest.mark.parametrize(
    ("call", "said"),
    [
        ('hint("largr")', "No exercise is called 'largr': did you mean 'larger'?\n"),
        ('hint("xyz")', "No exercise is called 'xyz': there are larger\n"),
        ('check("slop")', "No exercise is called 'slop': did you mean 'slope'?\n"),
    ],
)
def test_a_misspelt_name_gets_a_proposal(lab, call, said):
    assert lab.run(f"checks.{call}").stdout == said


def test_a_set_may_give_no_hints(lab):
    lab.run('checks.register("lesson")')
    assert lab.run('checks.hint("larger")').stdout == "This problem set gives no hints.\n"
    assert "does not carry its tests" in lab.run('checks.check("larger")').stdout
    assert "does not carry its tests" in lab.run("checks.progress()").stdout


def test_check_runs_the_tests_of_one_exercise(lab, cells):
    lab.run("def larger(x):\n    return x")
    before = names(lab)
    assert lab.run('checks.check("larger")').stdout.splitlines() == [
        "1 · The larger one (1.5 points, about 4 minutes)",
        "✗ the larger one of x and 0, for any sign (1)",
        "    CheckError: larger([-2, 3]) is wrong",
        "      expected [0, 3]",
        "      got      [-2, 3]",
        "✓ 0 stays 0 (0.5)",
        "0.5 of 1.5 points in reach: the grader tries other inputs, too",
    ]
    assert names(lab) == before


def test_check_says_quietly_that_nothing_is_written(lab, cells):
    lab.run(cells["larger"])
    shown = lab.run('checks.check("larger")')
    assert shown.stdout.splitlines()[1] == "· the larger one of x and 0, for any sign (1)"
    assert (shown.stderr, shown.error) == ("", "")


def test_a_wrong_derivative_is_drawn(lab):
    lab.run("def slope(x):\n    return x")
    assert lab.run('checks.check("slope")').figures == 1


def test_progress_says_what_is_done_and_what_is_next(lab, cells):
    assert "No test has run yet" in lab.run("checks.progress()").stdout
    lab.run(lesson.SOLVED["larger"])
    lab.run('choice = "B"')
    for name in ("larger-values", "larger-zero", "lesson-choice-answer"):
        lab.run(cells[name])
    said = " ".join(lab.run("checks.progress()").stdout.split())
    assert said == (
        "3 of 4 tests pass, 1 not run with what is defined now (Run All Cells runs them), "
        "exercises 1, 3 done, next: 2 · A slope (2 points, about 8 minutes)"
    )
    lab.run(lesson.SOLVED["slope"])
    lab.run('checks.check("slope")')
    assert "all exercises done" in lab.run("checks.progress()").stdout
    lab.run("def larger(x):\n    return x")
    assert lab.run("checks.progress()").stdout.startswith("2 of 4 tests pass")


# --- graders -------------------------------------------------------------------------------


def test_both_graders_give_a_stub_nothing_and_a_right_answer_all(course, tmp_path):
    lesson.hand_in(course, "blank", {})
    lesson.hand_in(course, "right", lesson.SOLVED)
    lesson.hand_in(course, "wrong", lesson.SOLVED | {"lesson-choice": 'choice = "A"'})
    theirs = stock.grade(stock.copy_course(course, tmp_path / "stock", "lesson"), "lesson")
    ours = grade_set(course, "lesson", GradeOptions(jobs=1))
    scores = {student: sum(points.values()) for student, points in theirs.points.items()}
    assert scores == {"blank": 0.0, "right": 4.5, "wrong": 3.5}, theirs.log
    assert {row.student: row.score for row in ours.submissions} == scores


# --- elsewhere -----------------------------------------------------------------------------


def test_outside_a_kernel_nothing_is_said_and_nothing_kept(capsys):
    before = exercise.Registry()
    checks.register("lesson", hints={"larger": ("a", "b", "c")}, exercises={})
    checks.hint("larger")
    checks.check("larger")
    checks.progress()

    @checks.example("larger-zero")
    def test():
        assert True

    assert capsys.readouterr() == ("", "")
    assert before == exercise.REGISTRY


def test_outside_a_kernel_a_stub_raises():
    with pytest.raises(NotImplementedError):

        @checks.example("larger-zero")
        def test():
            raise NotImplementedError

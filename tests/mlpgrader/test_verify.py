"""Proving a set: each rule finds the fault that is planted for it, and nothing else."""

import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from mlpgrader import cli, verify
from mlpgrader.course.folders import Course
from mlpgrader.errors import UsageError
from tests.support import mini, toy
from tests.support.course import CONFIG, cell, notebook

pytestmark = pytest.mark.slow

RULES = set(re.findall(r"^\| `([\w-]+)`", verify.__doc__, re.MULTILINE))
LOOKS = "import inspect\nassert inspect.getsource(seen) and seen(1) == 1"
NAMES = "import inspect\nassert [*inspect.signature(shown).parameters] == ['x']"
TALLY = "score = 0\ntry:\n    score += some(1)\nexcept NotImplementedError:\n    pass\nscore"
LUCK = "import random\nSTART, FIRST = random.random(), 0.8444218515250481\n"
VARIANTS = "from mlpgrader.variants import equivalent, right, wrong\n"


def function(name, body):
    return f"def {name}(x):\n    ### BEGIN SOLUTION\n    return {body}\n    ### END SOLUTION"


def exercise(name, body, tests):
    """A solution cell and its tests, by name: text and points."""
    yield cell(function(name, body), name, solution=True)
    for test, (text, points) in tests.items():
        yield cell(text, f"{name}-{test}", grade=True, points=points, locked=True)


def course_of(folder, exercises, variants=""):
    """A course with the set `one`."""
    cells = [cell(mini.SETUP, "setup", locked=True)]
    for each in exercises:
        cells += each
    mini.write(folder / "solutions" / "one" / "one.ipynb", notebook(cells))
    if variants:
        mini.write(folder / "variants" / "one" / "f.py", VARIANTS + variants)
    (folder / "nbgrader_config.py").write_text(CONFIG)
    return Course(folder)


def found(course, **options):
    """The rules that find something, each with the cell."""
    result = verify.verify(course, "one", verify.VerifyOptions(jobs=1, **options))
    return {(finding.rule, finding.cell) for finding in result.findings}


def doc(text):
    return f'"""a property"""\n{text}'


def hidden(text):
    return f"\n{mini.HIDE}\n{text}\n{mini.SHOW}"


def test_reference_and_stub(tmp_path):
    course = course_of(
        tmp_path,
        [
            exercise("f", "x + 1", {"good": (doc("assert f(1) == 2"), 1.0)}),
            exercise("g", "x", {"fails": (doc("assert g(1) == 2"), 1.0)}),
            exercise("h", "x", {"nothing": (doc("assert h"), 1.0)}),
            exercise("free", "x", {"zero": (doc("assert free(1) == 1"), 0.0)}),
            exercise("mute", "x", {"plain": ("assert mute(1) == 1", 1.0)}),
            exercise("seen", "x", {"code": (doc(LOOKS), 1.0)}),
            exercise("shown", "x", {"names": (doc(NAMES), 1.0)}),
            exercise("some", "x", {"part": (doc(TALLY), 1.0)}),
            [cell(function("f", "x + 1"), "f-again", solution=True)],
        ],
    )
    assert found(course, quick=True) == {
        ("reference-fails", "g-fails"),
        ("stub-earns", "h-nothing"),
        ("handed-out", "shown-names"),
        ("zero-points", "free-zero"),
        ("no-property", "mute-plain"),
        ("forgeable", ""),
        ("unfit", "f-again"),
    }
    with pytest.raises(UsageError, match=r"one is not fit to be released: .*g-fails: "):
        verify.advice_before_release(course, "one")


def test_a_source_that_cannot_be_graded_is_unfit(tmp_path):
    course = course_of(tmp_path, [exercise("sqrt", "x", {"a": ("assert sqrt(1) == 1", 1.0)})])
    source = tmp_path / "solutions" / "one" / "one.ipynb"
    source.write_text(source.read_text().replace("import math", "from math import sqrt"))
    assert found(course) == {("unfit", "")}


def test_right_and_wrong_answers(tmp_path):
    first = doc("assert f(1) == 2, 'f(1)'") + hidden("secret = 98765\nassert f(secret) == 98766")
    tests = {
        "first": (first, 1.0),
        "tells": (doc("assert f(2) == 3, 'not as for %d%d' % (98, 765)"), 1.0),
        "weak": (doc("assert f(3) > 0"), 1.0),
    }
    variants = (
        "right('another')('def f(x):\\n    return x - -1')\n"
        "right('wrong for 2')('def f(x):\\n    return x + (x != 2)')\n"
        "wrong('at 2', fails=['f-first'], says='98765!')('def f(x):\\n    return x+(x != 2)')\n"
    )
    course = course_of(tmp_path, [exercise("f", "x + 1", tests)], variants)
    assert found(course) == {
        ("refuses-right", "f"),
        ("surprise", "f"),
        ("refuses-none", "f-first"),
        ("refuses-none", "f-weak"),
        ("tells-hidden", "f-tells"),
        ("tells-hidden", "f"),
    }


def test_other_random_states_and_stock_nbgrader(tmp_path):
    tests = {
        "good": (doc("assert f(1) == 2"), 1.0),
        "ours": (doc("import sys\nassert 'ipykernel' not in sys.modules and f(1) == 2"), 1.0),
        "stock": (doc("import sys\nassert 'ipykernel' in sys.modules or f(1) == 2"), 1.0),
    }
    luck = [
        cell(f"{LUCK}{function('g', 'x + (START == FIRST)')}", "g", solution=True),
        cell(doc("assert g(1) == 2"), "g-luck", grade=True, points=1.0, locked=True),
    ]
    course = course_of(tmp_path, [exercise("f", "x + 1", tests), luck])
    assert found(course) == {
        ("no-variants", ""),
        ("random", "g-luck"),
        ("stock-reference", "g-luck"),  # a kernel begins with other numbers in each run
        ("stock-reference", "f-ours"),
        ("stock-stub", "f-stock"),
    }


def test_what_is_only_advised(tmp_path, monkeypatch):
    def no_kernel(text, plan):
        raise OSError("no kernel")

    monkeypatch.setattr(verify, "stock_points", no_kernel)
    monkeypatch.setattr(verify, "SHORT", 0.1)
    variants = "equivalent('it is caught', 'return x + 1', 'return x - 1')"
    exercises = [exercise("f", "x + 1", {"a": (doc("assert f(1) > 1"), 1.0)})]
    burns = "sum(range(x * 10**8)) * 0"  # half a second on any machine: five times SHORT
    exercises.append(exercise("g", burns, {"a": (doc("assert g(1) == 0"), 1.0)}))
    course = course_of(tmp_path, exercises, variants)
    assert found(course) == {
        ("no-variants", ""),
        ("slow", "g-a"),
        ("not-tried", ""),
        ("mutant", "f"),
        ("mutant", "g"),
        ("unused-reason", ""),
    }


def test_answers_to_a_set_of_several_notebooks_are_not_said_to_be_missing(tmp_path):
    wrong = "wrong('caught', fails=['f-a'])('def f(x):\\n    return x - 1')"
    course = course_of(
        tmp_path, [exercise("f", "x + 1", {"a": (doc("assert f(1) == 2"), 1)})], wrong
    )
    other = [cell(mini.SETUP, "setup", locked=True)]
    other += exercise("g", "x", {"a": (doc("assert g(1) == 1"), 1.0)})
    mini.write(tmp_path / "solutions" / "one" / "two.ipynb", notebook(other))
    assert found(course) == {("not-tried", "")}


def test_each_rule_has_a_planted_fault():
    # the tests above run in any worker, and each holds `verify` to the whole set that it names
    text = Path(__file__).read_text(encoding="utf-8")
    assert set(re.findall(r'(?:^ +|\{)\("([\w-]+)", "', text, re.MULTILINE)) == RULES


def run(*words):
    return CliRunner().invoke(cli.main, list(map(str, words)))


def test_a_new_set_is_fit_to_be_released(tmp_path):
    made = run("new", "my-set", "--course", tmp_path)
    assert made.exit_code == 0
    done = run("verify", "my-set", "--course", tmp_path, "--json")
    answer = json.loads(done.stdout)
    assert answer["findings"] == [] and answer["fit"] and done.exit_code == 0
    assert answer["answers"] == 5 and answer["mutants"] > 0
    assert run("release", "my-set", "--course", tmp_path).exit_code == 0
    assert (tmp_path / "exercises" / "my-set" / "my-set.ipynb").exists()
    again = run("new", "my-set", "--course", tmp_path)
    assert again.exit_code == 2 and "is there already" in again.stderr


@pytest.mark.parametrize("name", ["../up", "a/b", "", ".hidden", "a b"])
def test_a_new_set_needs_a_name(tmp_path, name):
    assert run("new", name, "--course", tmp_path).exit_code == 2
    assert not list(tmp_path.iterdir())


def test_release_refuses_what_is_not_fit_unless_it_is_told_to(tmp_path):
    course = toy.make_course(tmp_path)
    source = course / "solutions" / "toy" / "toy.ipynb"
    source.write_text(source.read_text().replace("return x / 2", "return x"))
    refused = run("release", "toy", "--course", course)
    assert refused.exit_code == 2 and "half-values" in refused.stderr
    listed = run("verify", "toy", "--quick", "--course", course)
    assert listed.exit_code == 1 and "reference-fails" in listed.stdout
    done = run("release", "toy", "--course", course, "--no-verify")
    assert done.exit_code == 0 and "toy is not proved" in done.stderr

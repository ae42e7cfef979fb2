"""Equal answers are listed with how much that says; what is usual, short or unreadable is not."""

import json

import pytest
from click.testing import CliRunner

from mlpgrader import cli
from mlpgrader.assignment.plan import DEFAULTS
from mlpgrader.course.people.alike import alike
from tests.support import mini

LONG = """def double(x):
    total = 0 * x
    for step in range(2):
        if step >= 0:
            total = total + 1.0 * x - 0.0 * x + 0.0
        else:
            total = total - 3.0 * x + math.exp(0.0) * x
    return total if total is not None else 2 * x
"""
RENAMED = (
    LONG.replace("total", "result").replace("step", "i").replace("0 * x\n", "0 * x  # sum\n", 1)
)
OTHER = LONG.replace("1.0 * x", "2.0 * x / 2")
LONG_SLOPE = LONG.replace("double", "slope")


def course(folder, **answers):
    """A course in which each student's answers are the reference's but for those given."""
    stub = dict.fromkeys(mini.RIGHT, DEFAULTS.stub)
    found = {
        name: mini.submission({**stub, "mini-choice": "choice = None", **answer})
        for name, answer in answers.items()
    }
    return mini.course(folder, found)


def test_names_comments_and_layout_do_not_count(tmp_path):
    answers = {"ann": {"double": LONG}, "bob": {"double": RENAMED}, "cem": {"double": OTHER}}
    [group] = alike(course(tmp_path, **answers), "mini").groups
    assert (group.cell, group.students, group.meaning) == ("double", ["ann", "bob"], "worth a look")
    assert group.tokens > 40 and group.others == 1 and not group.to_the_letter


def test_a_copy_to_the_letter_is_called_that(tmp_path):
    answers = {"ann": {"double": LONG}, "bob": {"double": LONG}}
    [group] = alike(course(tmp_path, **answers), "mini").groups
    assert group.to_the_letter and group.others == 0


def test_stub_reference_and_known_answers_are_left_out(tmp_path):
    answers = {
        name: {"double": LONG, "slope": mini.RIGHT["slope"], "mini-choice": 'choice = "b"'}
        for name in ("ann", "bob")
    }
    folder = course(tmp_path, **answers, cem={}, dan={})
    assert [group.cell for group in alike(folder, "mini").groups] == ["double"]
    assert alike(folder, "mini", {"double.py": [RENAMED]}).groups == []
    assert len(alike(folder, "mini", {"slope.py": [RENAMED]}).groups) == 1


def test_short_answers_and_those_of_many_say_little(tmp_path):
    short = "def double(x):\n    return x + x"
    answers = {f"s{n}": {"double": short, "slope": LONG_SLOPE} for n in range(4)}
    found = alike(course(tmp_path, **answers, ann={"double": LONG}, bob={"double": LONG}), "mini")
    meanings = {group.cell + group.students[0]: group.meaning for group in found.groups}
    assert meanings == {"doubleann": "worth a look", "doubles0": "short", "slopes0": "usual"}
    assert found.groups[0].students == ["ann", "bob"] and found.pairs == []


def test_who_shares_several_answers_is_listed_with_whom(tmp_path):
    both = {"double": LONG, "slope": LONG_SLOPE}
    found = alike(course(tmp_path, ann=both, bob=both, cem={"double": LONG}), "mini")
    [pair] = found.pairs
    assert pair.students == ("ann", "bob") and pair.cells == ["double", "slope"]
    assert pair.tokens == sum(group.tokens for group in found.groups)


def test_what_cannot_be_read_is_no_matter(tmp_path):
    folder = course(tmp_path, ann={"double": LONG}, bob={"double": LONG})
    mini.hand_in(folder, "eve", "no notebook")
    deep = "def double(x):\n    return " + "(" * 5000 + "x" + ")" * 5000
    broken = {"double": "def double(x:", "slope": deep}
    for name in ("fay", "gus"):
        mini.hand_in(folder, name, mini.submission(broken))
    found = alike(folder, "mini")
    assert found.handed_in == 4 and [group.students for group in found.groups] == [["ann", "bob"]]


def mlpgrader(*words):
    return CliRunner().invoke(cli.main, [*map(str, words)], prog_name="mlpgrader")


def test_the_command(tmp_path):
    folder = course(tmp_path, **{"ann\x1b[2J": {"double": LONG}, "bob": {"double": LONG}})
    done = mlpgrader("alike", "mini", "--course", folder)
    assert done.exit_code == 0 and "worth a look, to the letter" in done.stdout
    assert "\x1b" not in done.stdout
    data = json.loads(mlpgrader("alike", "mini", "--course", folder, "--json").stdout)
    assert data["groups"][0]["students"] == ["ann\x1b[2J", "bob"]
    variants = folder / "variants" / "mini"
    variants.mkdir(parents=True)
    (variants / "double.py").write_text(
        f"from mlpgrader.variants import right\nright('at length')({RENAMED!r})\n"
    )
    done = mlpgrader("alike", "mini", "--course", folder)
    assert "no answers of 2 hand-ins are equal" in done.stdout


@pytest.mark.parametrize("name", ["nosuch", "../mini", ""])
def test_a_set_that_is_not_there(tmp_path, name):
    done = mlpgrader("alike", name, "--course", course(tmp_path, ann={}))
    assert done.exit_code == 2 and "there is no set" in done.stderr

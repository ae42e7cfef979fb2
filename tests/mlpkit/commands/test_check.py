"""`mlpkit check`: right notebooks, odd ones and hostile ones, from wherever one stands."""

import json
import subprocess
import sys

import pytest
from click.testing import CliRunner

from mlpkit.commands import check as checking
from mlpkit.commands import cli, sets
from mlpkit.commands.notebooks import read_notebook
from tests.support import variants
from tests.support.variants import EXERCISES, ROOT

ADVICE = "ready to hand in"


def run(*words):
    return CliRunner().invoke(cli.main, [*map(str, words)], prog_name="mlpkit")


def one_line(done, code, *parts):
    assert done.exit_code == code
    assert done.stdout == ""
    assert len(done.stderr.strip().splitlines()) == 1
    for part in parts:
        assert part in done.stderr


def code_cell(source, **fields):
    return {"cell_type": "code", "id": "x", "metadata": {}, "source": source, **fields}


@pytest.fixture
def student(tmp_path, monkeypatch):
    """A student's folder, and a function that writes an edited right notebook into work/."""
    monkeypatch.chdir(tmp_path)

    def write(set_name, edit=lambda cells: None):
        notebook = json.loads((EXERCISES / set_name / f"{set_name}.ipynb").read_text())
        answers = variants.solutions(set_name)
        for cell in notebook["cells"]:
            cell["source"] = answers.get(cell["id"], "".join(cell["source"]))
        edit(notebook["cells"])
        path = tmp_path / "work" / set_name / f"{set_name}.ipynb"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(notebook), encoding="utf-8")
        return path

    return write


def by_name(cells, name):
    return next(cell for cell in cells if cell.get("id") == name)


def statuses(path, set_name, *, exercises=None):
    found = checking.check(read_notebook(path), sets.find_sets(ROOT)[set_name], exercises=exercises)
    return {test.grade_id: test for exercise in found for test in exercise.tests}


# --- right notebooks -------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("set_name", sets.ORDER)
def test_a_right_notebook_ends_with_0(student, set_name, tmp_path, monkeypatch):
    path = student(set_name)
    places = {"hidden-layers": tmp_path, "activations": path.parent, "training": path.parent.parent}
    monkeypatch.chdir(places.get(set_name, tmp_path))
    words = [] if set_name == "activations" else [set_name]
    done = run("check", *words)
    assert done.exit_code == 0, done.output
    assert ADVICE in done.stdout


@pytest.mark.slow
def test_a_letter_is_not_said_to_be_the_right_one(student):
    path = student(
        "activations",
        lambda cells: by_name(cells, "activations-choice").update(source='choice = "A"'),
    )
    done = run("check", path, "activations-choice")
    assert done.exit_code == 0, done.output
    assert "✓ one of the letters; your feedback will say" in " ".join(done.stdout.split())
    assert "✓ the right letter" not in done.stdout


@pytest.mark.slow
def test_an_empty_notebook_says_so_and_what_is_first(student, tmp_path):
    assert run("start", "initialization").exit_code == 0
    done = run("check", "initialization")
    assert done.exit_code == 1
    assert "not written yet" in done.stdout
    assert "0 of 20 points in reach" in done.stdout
    first = sets.find_sets(ROOT)["initialization"]
    assert f"Next: {first.titles[first.exercises[0]]}" in done.stdout


@pytest.mark.slow
def test_one_exercise_as_json(student):
    def edit(cells):
        by_name(cells, "relu")["source"] = "def relu(x):\n    return -x"

    student("activations", edit)
    done = run("check", "activations", "relu", "--json")
    assert done.exit_code == 1
    made = json.loads(done.stdout)
    assert [each["exercise"] for each in made["exercises"]] == ["relu"]
    values = made["exercises"][0]["tests"][0]
    assert values["status"] == "failed"
    assert "expected" in values["message"]
    done = run("check", "activations", "tanh_grad")
    assert done.exit_code == 0
    assert "Every visible test of it passes" in done.stdout
    assert ADVICE not in done.stdout, "the set has seven others"


@pytest.mark.slow
def test_an_error_names_the_line_of_the_student_and_what_it_means(student):
    def edit(cells):
        by_name(cells, "mlp-forward")["source"] = (
            "def mlp_forward(X, weights, biases):\n    return X @ weights[0].T, {}"
        )
        by_name(cells, "costs")["source"] = "def costs(*sizes):\n    return {}"
        by_name(cells, "forward-propagation-choice")["source"] = "choice = B"

    found = statuses(student("forward-propagation", edit), "forward-propagation")
    assert found["mlp-forward-dtype"].message.splitlines() == [
        "RuntimeError: a matrix product of (1, 2) and (1, 2) does not fit: is a `.T`",
        "  missing, or the order wrong?",
        "  in mlp_forward, line 2: return X @ weights[0].T, {}",
    ]
    assert found["mlp-forward-one-layer"].message.startswith("logits is wrong\n  expected")
    in_test = found["costs-parameters"].message.splitlines()
    assert in_test[0] == "KeyError: 'parameters'"
    assert in_test[1].startswith('  in the test, line 9: checks.expect_close(counts["parameters"]')
    assert found["forward-propagation-choice-answer"].message.endswith(
        "name 'B' is not defined, put the letter in quotes"
    )


# --- odd notebooks ---------------------------------------------------------------------------


@pytest.mark.slow
def test_each_oddity_costs_its_own_exercise_alone(student, monkeypatch):
    monkeypatch.setattr(checking, "LIMIT", 3.0)

    def edit(cells):
        by_name(cells, "relu")["source"] = "def relu(x:\n    return x"
        by_name(cells, "prelu-grad")["source"] = (
            "def prelu_grad(x, alpha):\n    while True:\n        pass"
        )
        by_name(cells, "prelu-backward")["source"] = "import os\nos._exit(1)"
        by_name(cells, "tanh-grad")["cell_type"] = "markdown"
        sigmoid = by_name(cells, "stable-sigmoid")
        sigmoid["metadata"] = {}  # as after an editor that drops what it does not know
        sigmoid["id"] = "other"
        lines = by_name(cells, "swish-grad")["source"].splitlines(keepends=True)
        by_name(cells, "swish-grad")["source"] = "".join(lines[:1])
        swish = by_name(cells, "swish-grad")
        cells.insert(cells.index(swish) + 1, {**swish, "source": "".join(lines[1:]).rstrip()})
        cells.insert(3, code_cell("exit()"))
        cells.insert(3, code_cell("input('who are you?')"))
        # tests in the notebook are never run
        by_name(cells, "tanh-from-sigmoid-values")["source"] = "raise SystemExit"

    found = statuses(student("activations", edit), "activations")
    assert {test.status for name, test in found.items() if name.startswith("relu-")} == {"failed"}
    assert "no Python" in found["relu-values"].message
    assert "line 1" in found["relu-values"].message
    prelu = [test.status for name, test in found.items() if name.startswith("prelu-grad-")]
    assert prelu == ["timeout", *["not-run"] * (len(prelu) - 1)]
    assert "ended Python" in found["prelu-backward-dx"].message
    spoiled = ("relu-", "prelu-")
    others = {test.status for name, test in found.items() if not name.startswith(spoiled)}
    assert others == {"passed"}


@pytest.mark.slow
def test_a_notebook_of_an_older_release_is_named(student):
    path = student("training")
    content = json.loads(path.read_text())
    content["metadata"]["mlpkit"]["release"] = "0.0.7"
    path.write_text(json.dumps(content))
    done = run("check", "training", "early_stopping")
    assert done.exit_code == 0
    assert "of release 0.0.7" in done.stderr
    assert "`mlpkit start training --update`" in done.stderr


def test_a_notebook_of_no_set_is_named(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "diary.ipynb").write_text('{"cells": []}')
    one_line(run("check", "diary.ipynb"), 2, "diary.ipynb is no problem set", "activations")
    one_line(run("check", "none.ipynb"), 2, "none.ipynb cannot be read")
    one_line(run("check", "nothing", "else"), 2, "no problem set 'nothing'")


def test_the_set_of_a_renamed_notebook_is_known(student):
    path = student("training")
    renamed = path.with_name("Homework (1).ipynb")
    path.rename(renamed)
    known = sets.find_sets(ROOT)
    assert checking.set_of(read_notebook(renamed), known).name == "training"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        '{"cells": 3}',
        "[" * 100_000,
        '{"cells": [1]}',
        '{"cells": [{"cell_type": "code", "metadata": [], "source": 5}]}',
        '{"cells": [{"metadata": {"nbgrader": {"grade_id": ["[/b]"]}}}]}',
        '{"cells": [{"metadata": {"nbgrader": {"grade_id": "\\u001b[31m"}}, "source": "\\ud800"}]}',
    ],
)
def test_what_is_no_notebook_gets_one_line(tmp_path, monkeypatch, text):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "odd.ipynb").write_text(text)
    one_line(run("check", "odd.ipynb"), 2, "odd.ipynb")


def test_control_characters_in_a_file_name_are_spelled_out(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    done = run("check", "\x1b[31m.ipynb")
    one_line(done, 2, r"\x1b[31m.ipynb cannot be read")


def test_a_byte_order_mark_is_no_fault(tmp_path):
    path = tmp_path / "activations.ipynb"
    path.write_bytes(b"\xef\xbb\xbf" + (EXERCISES / "activations/activations.ipynb").read_bytes())
    assert read_notebook(path).cells


def test_the_command_imports_neither_torch_nor_the_grader():
    code = "import sys; from mlpkit.commands import check, cli, doctor, kernel, show, start"
    look = "print([name for name in sys.modules if name in ('torch', 'mlpgrader', 'nbformat')])"
    done = subprocess.run(
        [sys.executable, "-c", f"{code}; {look}"], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"

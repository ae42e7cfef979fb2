"""An exercise worked in JupyterLab: wrongly, with a message and a hint, rightly, and checked."""

import subprocess
import sys

import pytest

from tests.support import lesson
from tests.support.lab import lab

pytestmark = pytest.mark.slow


@pytest.fixture
def notebook(tmp_path):
    course = lesson.make_course(tmp_path)
    return lesson.hand_in(course, "ann", {})


def test_an_exercise_is_worked_from_its_stub_to_validate(notebook):
    with lab(notebook) as opened:
        opened.choose("Run", "Run All Cells")
        opened.wait_for("progress")
        assert opened.output("larger-zero").strip() == "not written yet: 0 stays 0 (0.5)"
        assert "0 of 4 tests pass, next: 1 · The larger one" in opened.output("progress")

        opened.write("larger", "def larger(x):\n    return x")
        error = opened.run("larger", "larger-values").strip().splitlines()
        assert error[0] == "CheckError: larger([-2, 3]) is wrong"
        assert [line.split() for line in error[1:]] == [
            ["expected", "[0,", "3]"],
            ["got", "[-2,", "3]"],
        ]

        opened.write("free", 'checks.hint("larger")')
        assert opened.run("free").startswith("Hint 1 of 3: What is the larger one of 0 and -2")
        opened.write("larger", lesson.SOLVED["larger"])
        assert opened.run("larger", "larger-values").startswith("✓ the larger one of x and 0")
        opened.write("free", 'checks.check("larger")')
        assert "1.5 of 1.5 points in reach" in opened.run("larger", "free")
        assert "exercise 1 done, next: 2 · A slope" in " ".join(opened.run("progress").split())

        said = opened.validate()
        assert said.count("The following cell failed") == 1
        assert "Not written yet" in said
        assert "2 · A slope" in said

        opened.write("slope", lesson.SOLVED["slope"])
        assert opened.run("slope", "slope-values").startswith("✓ the derivative of tanh")
        opened.write("lesson-choice", lesson.SOLVED["lesson-choice"])
        assert "Success" in opened.validate()  # which saves the notebook first

    command = [sys.executable, "-c", "from mlpkit.commands.cli import main; main()", "check"]
    checked = subprocess.run(command, cwd=notebook.parent, capture_output=True, text=True)
    assert checked.returncode == 0, checked.stdout + checked.stderr
    assert "4.5 of 4.5 points in reach" in checked.stdout
    assert "ready to hand in" in checked.stdout

"""The sample class: who is in it, and that building it again loses nothing."""

import json
from contextlib import closing

import pytest

from mlpgrader.course.gradebook import open_gradebook
from tests.support import sample_class
from tests.support.variants import ROOT, solutions

pytestmark = pytest.mark.slow

SET = "activations"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return sample_class.build(tmp_path_factory.mktemp("sample") / "course", only=[SET])


def notebook(folder, student):
    return json.loads((folder / "submitted" / student / SET / f"{SET}.ipynb").read_text())


def answers(folder, student):
    """The text of a student's solution cells by grade_id."""
    cells = {cell["id"]: cell["source"] for cell in notebook(folder, student)["cells"]}
    return {name: cells[name] for name in solutions(SET) if name in cells}


def test_there_are_at_least_twelve_students_and_no_two_hand_in_the_same(folder):
    texts = [path.read_text() for path in folder.glob(f"submitted/*/{SET}/{SET}.ipynb")]
    assert len(texts) >= 12
    same = {"amara.okafor", "kwame.mensah"}  # in time and late
    assert len(set(texts)) == len(texts) - len(same) + 1


def test_full_marks_come_in_two_styles(folder):
    one, other = (answers(folder, name) for name in ("amara.okafor", "benedikt.lindgren"))
    assert one == solutions(SET)
    assert sum(one[name] != other[name] for name in one) >= len(one) // 2


@pytest.mark.parametrize(
    ("student", "text"),
    [
        ("eoin.gallagher", "NotImplementedError"),
        ("fatima.elsayed", "os._exit"),
        ("henrik.sorensen", "while n > 0"),
        ("ivana.petrovic", "sys.stderr"),
    ],
)
def test_submissions_hold_what_they_are_there_for(folder, student, text):
    assert text in "".join(answers(folder, student).values())


def test_one_has_a_syntax_error_and_one_is_no_notebook(folder):
    with pytest.raises(SyntaxError):
        compile(next(iter(answers(folder, "giulia.ferrari").values())), "cell", "exec")
    with pytest.raises(json.JSONDecodeError):
        notebook(folder, "noor.rahman")


def test_deleted_cells_are_gone(folder):
    whole, less = (
        {cell["id"] for cell in notebook(folder, name)["cells"]}
        for name in ("amara.okafor", "jakub.nowak")
    )
    gone = whole - less
    assert gone & set(solutions(SET))
    assert gone - set(solutions(SET))


def test_one_is_late_and_the_gradebook_knows_names_and_dates(folder):
    stamps = {path: path.read_text() for path in folder.glob("submitted/*/*/timestamp.txt")}
    late = [path.parts[-3] for path, text in stamps.items() if text > f"{sample_class.DUE}"]
    assert late == ["kwame.mensah"]
    with closing(open_gradebook(folder)) as gradebook:
        assert gradebook.find_assignment(SET).duedate == sample_class.DUE
        assert gradebook.find_student("kwame.mensah").last_name == "Mensah"
        assert gradebook.find_student(sample_class.NOTHING_HANDED_IN)


def test_building_again_keeps_grades_until_the_exercises_change(folder):
    (folder / "results").mkdir()
    sample_class.build(folder, only=[SET])
    assert (folder / "results").exists()
    (folder / "solutions" / SET / f"{SET}.ipynb").write_text("an older one")
    sample_class.build(folder, only=[SET])
    assert not (folder / "results").exists()


def test_a_folder_of_somebody_else_is_left_alone(tmp_path):
    (tmp_path / "thesis.txt").write_text("years of work")
    with pytest.raises(SystemExit, match="not a sample class"):
        sample_class.build(tmp_path, only=[SET])
    assert (tmp_path / "thesis.txt").exists()


def test_the_sample_uses_the_course_s_own_settings(folder):
    assert (folder / "nbgrader_config.py").read_text() == (ROOT / "nbgrader_config.py").read_text()

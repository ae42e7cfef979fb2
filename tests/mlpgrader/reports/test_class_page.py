"""The page on a class: what it says of a made-up one, and that it runs and loads nothing."""

import json
from contextlib import closing

import pytest
from click.testing import CliRunner

from mlpgrader import cli
from mlpgrader.course import gradebook
from mlpgrader.errors import UsageError
from mlpgrader.reports.class_page import class_report, write_class_page
from mlpgrader.runner.store import save_summary
from tests.support import toy

LATE = "2026-03-02 12:00:00 UTC"


def recorded(folder, *rows):
    """A toy course in which these results are recorded."""
    course = toy.make_course(folder)
    result = toy.of_set(*rows)
    for row in rows:
        toy.submit(course, row.student, {})
    assert gradebook.record(course, result) == []
    save_summary(course, result)
    return course


@pytest.fixture
def course(tmp_path):
    """Twelve students: four fail `double`, two of them `half` as well; one cannot be read."""
    rows = [
        toy.graded(
            f"s{i:02}",
            double="failed" if i < 4 else "passed",
            half="timeout" if i < 2 else "passed",
        )
        for i in range(12)
    ]
    for row in rows[:4]:
        row.tests[0].reason = "wrong-value"
    made = recorded(tmp_path, *rows, toy.unreadable("zoe", "the file is not a notebook"))
    with closing(gradebook.open_gradebook(made)) as opened:
        opened.update_or_create_student("cem", first_name="Cem", last_name="<b>Ay</b>")
    return made


def test_it_counts_the_class_without_what_cannot_be_read(course):
    report = class_report(course, "toy")
    assert (report.summary.count, report.max_score) == (12, 3.0)
    assert report.summary.bins == (2, 0, 0, 2, 0, 0, 0, 0, 0, 8)
    assert report.missing == ["cem (Cem <b>Ay</b>)"]


def test_tests_have_their_words_their_exercise_and_their_mistakes(course):
    double, half = class_report(course, "toy").rows
    assert (double.about, double.exercise) == ("two numbers are doubled", "double")
    assert (double.item.passed, double.item.count) == (8, 12)
    assert double.mistakes == [("wrong-value", 4)]
    assert half.mistakes == [("timeout", 2)]
    # 10 of 12 pass `half`, 8 of 12 `double`; whoever fails the first fails the second
    assert double.item.discrimination == pytest.approx((2 / 5) ** 0.5)


def test_submissions_that_met_a_limit_are_listed(course):
    looked_at = dict(class_report(course, "toy").to_look_at)
    assert looked_at["s00"] == "1 timeout"
    assert looked_at["zoe"] == "unreadable: the file is not a notebook"
    assert "s05" not in looked_at


def test_points_that_a_person_gave_count(course):
    with closing(gradebook.open_gradebook(course)) as opened:
        opened.find_grade("double-values", "toy", "toy", "s00").manual_score = 2.0
        opened.db.commit()
    assert class_report(course, "toy").rows[0].item.passed == 9


def test_the_page_shows_pictures_and_advice_and_no_script(course):
    report = class_report(course, "toy")
    text = write_class_page(course, report).read_text()
    assert "<svg" in text
    assert "script" not in text
    assert "<b>Ay</b>" not in text
    assert "discrim" in text
    assert "no conclusions" not in text


def test_a_small_class_is_counted_and_not_judged(tmp_path):
    course = recorded(tmp_path, toy.graded("ann"), toy.graded("bob", half="failed"))
    text = write_class_page(course, class_report(course, "toy")).read_text()
    assert "draws no conclusions" in text
    assert "discrim" not in text


def test_a_set_that_nobody_handed_in_legibly_is_refused(tmp_path):
    course = recorded(tmp_path, toy.unreadable("zoe", "the file is not a notebook"))
    with pytest.raises(UsageError, match="no points to report"):
        class_report(course, "toy")


def test_without_a_source_tests_go_by_their_names(course):
    (course / "solutions" / "toy" / "toy.ipynb").unlink()
    assert class_report(course, "toy").rows[0].about == "double-values"


def test_the_command_writes_the_page_or_prints_json(course):
    run = CliRunner()
    done = run.invoke(cli.main, ["report", "toy", "--course", str(course)])
    assert done.exit_code == 0
    assert done.output.strip() == str(course / "results" / "toy.html")
    data = json.loads(
        run.invoke(cli.main, ["report", "toy", "--course", str(course), "--json"]).output
    )
    assert data["tests"][0]["passed"] == 8
    assert run.invoke(cli.main, ["report", "none", "--course", str(course)]).exit_code == 2

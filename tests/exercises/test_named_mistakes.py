"""The words of known mistakes, and the mistakes of the course's own wrong answers by name."""

import shutil
from contextlib import closing

import pytest

from mlpgrader.assignment.literals import hidden_words, told_of
from mlpgrader.assignment.normal_form import normal_form
from mlpgrader.course.folders import Course
from mlpgrader.course.sources import plan_of, reference_of
from mlpgrader.named import keep_mistakes
from mlpgrader.reports.problems import sections_in
from mlpgrader.runner.known import failures_of, is_same_mistake
from mlpgrader.runner.mutants import judge_in
from mlpgrader.runner.pool import LocalPool
from mlpgrader.runner.ways import settle
from mlpgrader.runner.worker import WorkerOptions
from mlpgrader.variants import read_variants
from tests.support import variants
from tests.support.variants import ROOT

SETS = variants.sets()
SECTIONS = sections_in(ROOT / "book")
# how many wrong answers are known again by what they give back, whatever their text
LEAST_BY_ANSWERS = {
    "activations": 75,
    "backpropagation": 75,
    "forward-propagation": 55,
    "hidden-layers": 55,
    "initialization": 40,
    "training": 60,
}


def answers_with_words(set_name):
    return [answer for answer in read_variants(ROOT / "variants" / set_name) if answer.says]


@pytest.mark.parametrize("set_name", SETS)
def test_each_set_has_words_for_its_common_mistakes(set_name):
    assert len(answers_with_words(set_name)) >= 30


@pytest.mark.parametrize("set_name", SETS)
def test_words_are_a_sentence_and_lead_to_a_section_of_the_book(set_name):
    for answer in answers_with_words(set_name):
        assert answer.says[0].isupper() or answer.says[0] == "`", answer.says
        assert answer.says.endswith(".") and answer.says.count("`") % 2 == 0, answer.says
        assert not answer.read or answer.read in SECTIONS, answer.read


@pytest.mark.parametrize("set_name", SETS)
def test_no_word_tells_a_hidden_input_or_value(set_name):
    course = Course.open(ROOT)
    plan = plan_of(course, set_name)
    hidden = hidden_words(reference_of(course, set_name, plan), plan)
    assert hidden  # else this proves nothing
    told = {answer.how: told_of(hidden, answer.says) for answer in answers_with_words(set_name)}
    assert not {how: word for how, word in told.items() if word}


@pytest.mark.parametrize("set_name", SETS)
def test_every_answer_has_a_form_and_no_two_of_one_exercise_share_it(set_name):
    forms = {}
    for answer in read_variants(ROOT / "variants" / set_name):
        form = normal_form(answer.source, frozenset(plan_of(Course.open(ROOT), set_name).names))
        assert form, answer.how
        assert (answer.file, form) not in forms, (answer.how, forms[answer.file, form])
        forms[answer.file, form] = answer.how


def judge(course, set_name, folder):
    """The settled plan, the answers of a folder, what each fails, and what came of it."""
    plan, answers = plan_of(course, set_name), read_variants(folder)
    with closing(LocalPool(plan, WorkerOptions(), jobs=2)) as pool:
        plan = settle(course, plan, reference_of(course, set_name, plan), pool)
        return plan, answers, *judge_in(pool, plan, answers, lambda done, total: None)


@pytest.mark.slow
@pytest.mark.parametrize("set_name", SETS)
def test_each_wrong_answer_is_named_as_itself_and_no_right_one_at_all(set_name, tmp_path):
    """By its text; and by its answers alone as itself, or as one that says the same."""
    for folder in ("solutions", "variants"):
        shutil.copytree(ROOT / folder / set_name, tmp_path / folder / set_name)
    course, folder = Course.open(tmp_path), tmp_path / "variants" / set_name
    plan, answers, judged, examined = judge(course, set_name, folder)
    known = keep_mistakes(course, folder, plan, answers, judged, examined)
    alone = 0
    for answer, each, came in zip(answers, judged, examined, strict=True):
        named = known.named(plan, came.verdicts, came.forms)
        assert [m.mistake for m in named] == [answer.how] * bool(answer.fails)
        failures = failures_of(plan, each.cell, came.verdicts)
        alike = [m for m in known.by_cell.get(each.cell, ()) if is_same_mistake(failures, m)]
        assert not alike or answer.how in [m.mistake for m in alike]
        told = {m.says for m in known.named(plan, came.verdicts, {})}
        assert told <= {"", answer.says}, answer.how
        alone += bool(alike)
    assert alone >= LEAST_BY_ANSWERS[set_name]

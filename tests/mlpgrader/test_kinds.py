"""What other people's courses, editors and platforms bring, and which test holds each kind of it.

Whoever mends something of such a kind adds it to that test; a kind that is new gets a line here.
"""

import re

import pytest

from tests.support.variants import ROOT

KINDS = {
    # what students hand in
    "magics, commands, installers, other services, other machines, workers, compilers, windows": (
        "tests/mlpgrader/runner/test_handins.py",
        "test_no_honest_cell_costs_points",
    ),
    "a cell that was split": (
        "tests/mlpgrader/assignment/test_schedule.py",
        "test_both_halves_of_a_split_cell_run_in_their_order",
    ),
    "a cell of another type": (
        "tests/mlpgrader/assignment/test_submission.py",
        "test_an_answer_turned_into_prose_is_still_the_answer",
    ),
    "editors that drop names": (
        "tests/mlpgrader/assignment/test_submission.py",
        "test_cells_whose_metadata_are_lost_are_found_by_their_ids",
    ),
    "modules beside the notebook": (
        "tests/mlpgrader/runner/test_handins.py",
        "test_a_module_beside_the_notebook_is_imported",
    ),
    "a class that plots": (
        "tests/mlpgrader/runner/test_handins.py",
        "test_what_many_plot_with_is_loaded_once",
    ),
    "files of other names, and of other suffixes": (
        "tests/mlpgrader/course/test_submitted.py",
        "test_the_only_notebook_is_graded_and_named",
    ),
    "files that are no notebooks": (
        "tests/mlpgrader/course/test_submitted.py",
        "test_what_is_no_text_is_called_what_it_is",
    ),
    "byte order marks and encodings": (
        "tests/mlpgrader/course/test_submitted.py",
        "test_every_encoding_of_json_is_read",
    ),
    "a chapter for a problem set": (
        "tests/mlpgrader/runner/test_handins.py",
        "test_a_chapter_is_called_that",
    ),
    "syntax of a newer Python": (
        "tests/mlpgrader/runner/test_handins.py",
        "test_newer_syntax_is_told_with_its_line_and_the_python_that_grades",
    ),
    "times of hand-in": (
        "tests/mlpgrader/course/test_timestamps.py",
        "test_what_platforms_write_is_read",
    ),
    # what teachers have
    "idioms of tests, partial credit among them": (
        "tests/mlpgrader/runner/test_idioms.py",
        "test_each_idiom_has_stocks_points",
    ),
    "AUTOTEST, and nbgrader's own notebooks": (
        "tests/mlpgrader/test_differences.py",
        "test_every_cell_has_stocks_points_or_stock_gives_up",
    ),
    "answers and tasks that a person grades": (
        "tests/mlpgrader/runner/test_ways.py",
        "test_what_a_person_grades_is_pending_and_counts_in_the_maximum",
    ),
    "markers and stubs of a course's own": (
        "tests/mlpgrader/assignment/test_stub.py",
        "test_a_courses_own_markers_and_stub_are_used",
    ),
    "folders of other names": (
        "tests/mlpgrader/course/test_folders.py",
        "test_every_verb_follows_other_names_from_anywhere",
    ),
    "spellings of nbgrader's settings": (
        "tests/mlpgrader/course/test_folders.py",
        "test_settings_are_read_in_each_of_their_forms",
    ),
    "several notebooks in a set": (
        "tests/mlpgrader/runner/test_ways.py",
        "test_several_notebooks_are_one_set_and_a_missing_one_is_for_review",
    ),
    "tests that look at what the stub has": (
        "tests/mlpgrader/test_verify.py",
        "test_reference_and_stub",
    ),
    "sources that are only read": (
        "tests/mlpgrader/course/test_release.py",
        "test_a_source_is_only_read_in_a_course_that_does_not_ask_for_more",
    ),
    "a run over other hand-ins": (
        "tests/mlpgrader/reports/test_standing.py",
        "test_a_run_over_others_loses_nobody",
    ),
    "late plug-ins of a course's own that fail": (
        "tests/mlpgrader/test_each_row.py",
        "test_penalties",
    ),
    "stock nbgrader and this grader by turns": (
        "tests/mlpgrader/test_exchange.py",
        "test_by_turns_nothing_is_lost",
    ),
    # grade sheets
    "encodings and line ends of a sheet": (
        "tests/mlpgrader/reports/test_sheet.py",
        "test_encoding_and_line_ends_stay",
    ),
    "separators, quotes and decimal commas": (
        "tests/mlpgrader/reports/test_sheet.py",
        "test_separator_quotes_and_numbers_are_those_of_the_sheet",
    ),
    "other names of students": (
        "tests/mlpgrader/reports/test_sheet.py",
        "test_a_student_is_found_by_other_names",
    ),
    # machines
    "a notebook opened without this course's package": (
        "tests/exercises/test_exercises.py",
        "test_each_exercise_has_three_hints_in_words",
    ),
    "a half-made environment": (
        "tests/test_environment.py",
        "test_a_python_that_can_make_none_leaves_none_and_says_what_to_do",
    ),
    "consoles of other encodings": (
        "tests/mlpgrader/test_cli.py",
        "test_a_console_that_lacks_a_character_shows_another",
    ),
    "other systems": (
        "tests/mlpgrader/test_cli.py",
        "test_another_system_than_linux_is_told_in_one_line",
    ),
}


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_is_held_by_a_test_that_is_there(kind):
    file, name = KINDS[kind]
    text = (ROOT / file).read_text(encoding="utf-8")
    assert re.search(rf"^def {name}\(", text, re.MULTILINE)

"""Results in the form in which Gradescope takes them: a `results.json` for each student.

Names and messages of tests are those of the feedback page, so they tell nothing that is hidden.
What a person has yet to grade has no status. A hand-in that could not be read has no file:
Gradescope would take it for a zero.
"""

import json
from pathlib import Path
from typing import Any

from mlpgrader.clean import plain
from mlpgrader.course.folders import Course, is_name, write
from mlpgrader.course.marks import Marks, stored_set
from mlpgrader.reports.class_page import words_of
from mlpgrader.reports.standing import (
    autograded_notebook,
    last_run,
    standing_of,
    test_results,
)
from mlpgrader.reports.table import duration, format_points
from mlpgrader.results import TestResult

BY_A_PERSON = "A person grades this."


def write_gradescope(
    course: Course | Path, set_name: str, folder: Path
) -> tuple[list[Path], list[str]]:
    """Write `<student>.json` for each who handed a set in.

    Returns:
        The files, and a line for each student who has none.

    Raises:
        UsageError: if nothing is recorded of the set.
    """
    course = Course.open(course)
    stored = stored_set(course, set_name)
    runs = last_run(course, set_name)
    about, _ = words_of(course, set_name)
    paths, problems = [], list(stored.problems)
    for student, marks in sorted(stored.marks.items()):
        try:
            standing = standing_of(course, set_name, student, marks, runs.get(student))
            if standing.status == "unreadable" or not is_name(student):
                problems.append(f"{student}: no file, since {standing.message or 'of the name'}")
                continue
            tests = tests_of(course, set_name, student, marks, about)
        except Exception as error:  # of one student; the others are written
            problems.append(f"{student}: no file, since {type(error).__name__}: {error}")
            continue
        results = results_json(tests, marks)
        results["extra_data"] = {"student": student, "set": set_name, "status": standing.status}
        text = json.dumps(results, ensure_ascii=False, indent=1)
        paths.append(write(folder / f"{student}.json", text))
    return paths, problems


def tests_of(
    course: Course, set_name: str, student: str, marks: Marks, about: dict[str, str]
) -> list[dict[str, Any]]:
    """What Gradescope reads of each graded cell of a student, notebook by notebook.

    Args:
        course: the course.
        set_name: the set.
        student: whose it is.
        marks: what the gradebook says.
        about: the property of each test in words.
    """
    return [
        _test_json(test, part, about)
        for name, part in marks.notebooks.items()
        for test in test_results(autograded_notebook(course, set_name, student, name), part)
    ]


def results_json(tests: list[dict[str, Any]], marks: Marks) -> dict[str, Any]:
    """What Gradescope reads of one student; `marks` has a person's points, too."""
    lines = [f"{format_points(marks.score)} points"]
    if marks.late_seconds:
        lines.append(f"late by {duration(marks.late_seconds)}")
    if marks.penalty:
        lines.append(f"the late penalty takes {format_points(marks.penalty)}")
    return {
        "score": round(marks.final, 4),
        "output": ", ".join(lines),
        "output_format": "text",
        "test_output_format": "text",
        "test_name_format": "text",
        "visibility": "visible",
        "tests": tests,
    }


def _test_json(test: TestResult, marks: Marks, about: dict[str, str]) -> dict[str, Any]:
    points = marks.points.get(test.grade_id, test.points)
    row = {
        "name": plain(about.get(test.grade_id, test.grade_id)),
        "score": points,
        "max_score": test.max_points,
        "output": plain(test.message),
        "visibility": "visible",
        "extra_data": {"grade_id": test.grade_id, "status": test.status},
    }
    if test.grade_id in marks.pending:
        row["output"] = BY_A_PERSON
    else:
        row["status"] = "passed" if points >= test.max_points else "failed"
    return row

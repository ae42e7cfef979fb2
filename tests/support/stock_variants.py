"""The right and wrong answers of `variants/`, graded by stock nbgrader.

The tests of `tests/exercises` run each answer in one process. This grades all of them the way a
course without our grader would: a made-up class in which every student hands in one answer to each
exercise, by `nbgrader autograde`. Some 4 s for each student, hence no part of the tests::

    python -m tests.support.stock_variants activations

A line for each answer that fails other tests than those it names; exit code 1 if there is one.
"""

import argparse
import shutil
import sys
import tempfile
from collections.abc import Iterator
from itertools import zip_longest
from pathlib import Path

import nbformat

from tests.support import stock, variants
from tests.support.course import CONFIG
from tests.support.variants import EXERCISES, SOLUTIONS, CourseVariant

Class = dict[str, dict[str, CourseVariant | None]]


def students(set_name: str) -> Class:
    """A class in which each answer of the set is handed in once; None is the reference.

    Right and wrong answers are not mixed, so that a wrong one that leaves PyTorch changed, as stock
    lets it, costs no right one anything.
    """
    of_set = variants.variants_of(set_name)
    right = [answer for answer in of_set if not answer.fails]
    wrong = [answer for answer in of_set if answer.fails]
    answers = [*in_turns(set_name, right), *in_turns(set_name, wrong)]
    return {f"student-{number:03}": row for number, row in enumerate(answers)}


def in_turns(
    set_name: str, answers: list[CourseVariant]
) -> Iterator[dict[str, CourseVariant | None]]:
    """The first answers of all exercises, then the second ones, and so on."""
    exercises = list(variants.solutions(set_name))
    columns = [[a for a in answers if a.grade_id == exercise] for exercise in exercises]
    for row in zip_longest(*columns):
        yield dict(zip(exercises, row, strict=True))


def hand_in(course: Path, set_name: str, student: str, texts: dict[str, str]) -> None:
    """Write a notebook whose solution cells hold these texts."""
    notebook = nbformat.read(EXERCISES / set_name / f"{set_name}.ipynb", as_version=4)
    for cell in notebook.cells:
        grade_id = cell.metadata.get("nbgrader", {}).get("grade_id")
        if grade_id in texts:
            cell.source = texts[grade_id]
    folder = course / "submitted" / student / set_name
    folder.mkdir(parents=True)
    nbformat.write(notebook, folder / f"{set_name}.ipynb")


def texts_of(set_name: str, row: dict[str, CourseVariant | None]) -> dict[str, str]:
    """The text of each solution cell of one student."""
    texts = dict(variants.solutions(set_name))
    for grade_id, answer in row.items():
        if answer is not None:
            texts[grade_id] = answer.source
    return texts


def surprises(set_name: str, rows: Class) -> Iterator[tuple[CourseVariant, set[str]]]:
    """The answers that stock fails in other tests than those they name, and what it fails."""
    with tempfile.TemporaryDirectory() as folder:
        course = Path(folder)
        (course / "nbgrader_config.py").write_text(f"{CONFIG}c.Execute.timeout = 120\n")
        shutil.copytree(SOLUTIONS / set_name, course / "solutions" / set_name)
        for student, row in rows.items():
            hand_in(course, set_name, student, texts_of(set_name, row))
        points = stock.grade(course, set_name).points
    for student, row in rows.items():
        for grade_id, answer in row.items():
            if answer is None:
                continue
            tests = variants.tests_of(set_name, grade_id)
            failed = {test for test in tests if not points.get(student, {}).get(test)}
            if failed != answer.fails:
                yield answer, failed


def alone(answers: list[CourseVariant]) -> Class:
    """A class in which each student hands in one of these answers beside the reference."""
    return {f"alone-{i:03}": {answer.grade_id: answer} for i, answer in enumerate(answers)}


def main() -> int:
    """Grade the answers of the named sets, or of all."""
    parser = argparse.ArgumentParser(description="grade the variants by stock nbgrader")
    parser.add_argument("sets", nargs="*", default=variants.sets())
    parser.add_argument("--first", type=int, help="only the first students of each set")
    args = parser.parse_args()
    found = 0
    for set_name in args.sets:
        rows = dict(list(students(set_name).items())[: args.first])
        # beside other answers one may fail because of them: what is left is tried alone
        suspects = [answer for answer, _ in surprises(set_name, rows)]
        left = list(surprises(set_name, alone(suspects))) if suspects else []
        for answer, failed in left:
            print(f"{set_name}/{answer.grade_id}: {answer.how}: fails {sorted(failed)}")
        total = sum(answer is not None for row in rows.values() for answer in row.values())
        print(f"{set_name}: {total} answers, {len(rows)} students, {len(left)} surprises")
        found += len(left)
    return int(found > 0)


if __name__ == "__main__":
    sys.exit(main())

"""The instructor's commands about sets; `people.py` has those about students.

`terminal.py` is what all share: options, progress, what goes where, exit codes.

Data goes to stdout, messages and progress to stderr. Exit codes: 0 done; 1 it ran, and somebody
has to look: stdout or stderr says at what; 2 the command or the course is at fault; 3 the machine
is, or something that nobody has foreseen; 130 stopped by Ctrl-C.

A command imports what it needs when it runs, so that `--help` and messages come at once.
"""

import itertools
import json
import sys
import warnings
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mlpgrader.cli.people import people
from mlpgrader.cli.terminal import (
    COURSE,
    FILE,
    GROUP_SETTINGS,
    JOBS,
    JSON,
    NAME,
    SCHEMA_VERSION,
    SETS,
    Verbs,
    given,
    print_json,
    print_tables,
    print_texts,
    progress,
    say,
)
from mlpgrader.errors import UsageError

if TYPE_CHECKING:
    from mlpgrader.course.folders import Course
    from mlpgrader.course.regrade import Regrade
    from mlpgrader.results import SetResult


@click.group(cls=Verbs, context_settings=GROUP_SETTINGS)
def main() -> None:
    """Make, grade and return the problem sets of this course."""
    warnings.simplefilter("ignore", SyntaxWarning)  # of code that students wrote


@main.command()
@SETS
@COURSE
@click.option("--no-verify", is_flag=True, help="Release without proof that the set can be graded.")
@JSON
def release(sets: tuple[str, ...], folder: Path, no_verify: bool, as_json: bool) -> None:
    """Make the student version of each SET from its source.

    Before that, reference and stub are judged: the one has to get all points, the other none. For
    all that can be proved of a set, with answers, mutants and stock nbgrader: `mlpgrader verify`.

    This is what nbgrader calls generate_assignment; handing out the result is up to you.

    The source is only read, unless the course asks for canonical form (c.Mlpgrader.canonical):
    then it is stored without outputs, ids of cells equal to their grade_id, and with no metadata
    but what nbgrader needs. No cell's text is changed.
    """
    from mlpgrader.course.folders import Course
    from mlpgrader.course.release import release as make_student_version
    from mlpgrader.course.release import tidy_source
    from mlpgrader.course.sources import is_canonical

    course = Course.open(folder)
    tidied: list[str] = []
    released: list[str] = []
    for name in sets:
        if no_verify:
            say(f"{name} is not proved: --no-verify")
        else:
            prove(course, name)
        if is_canonical(course, name):
            tidied += map(str, tidy_source(course, name))
        released.append(str(make_student_version(course, name)))
    for path in tidied:
        say(f"{path} is now in canonical form: outputs, ids, metadata; no text has changed")
    if as_json:
        data = {"schema_version": SCHEMA_VERSION, "released": released, "tidied": tidied}
        return print_json(data)
    click.echo("\n".join(released))


def prove(course: "Course", name: str) -> None:
    """Refuse a set that is not fit to be released; say what is advised."""
    from mlpgrader.verify import advice_before_release

    for line in advice_before_release(course, name):
        say(f"{name}: {line}")


@main.command()
@NAME
@COURSE
@click.option("--quick", is_flag=True, help="Judge reference and stub alone, as release does.")
@JOBS
@JSON
def verify(name: str, folder: Path, quick: bool, jobs: int | None, as_json: bool) -> None:
    """Prove SET before it is released; list what is wrong with it.

    The reference has to get all points, the stub none, here and in stock nbgrader, whatever the
    random generators do. Right answers of variants/SET/ pass, each test refuses a wrong one, and
    no message tells what is hidden. Mutants that get full marks are listed. Exit code 1 where
    there are errors; advice alone is 0.
    """
    from mlpgrader.course.folders import Course
    from mlpgrader.reports.table import findings_table, verify_summary
    from mlpgrader.verify import VerifyOptions
    from mlpgrader.verify import verify as verify_set

    result = verify_set(Course.open(folder), name, VerifyOptions(quick=quick, jobs=jobs))
    if as_json:
        print_json({"schema_version": SCHEMA_VERSION, **result.to_json()})
    else:
        print_tables(findings_table(result))
        click.echo(verify_summary(result))
    sys.exit(bool(result.errors))


@main.command()
@NAME
@COURSE
@JSON
def new(name: str, folder: Path, as_json: bool) -> None:
    """Begin a new SET: a notebook of one exercise, with answers that prove it."""
    from mlpgrader.course.folders import Course
    from mlpgrader.course.skeleton import make_skeleton

    paths = list(map(str, make_skeleton(Course.open(folder), name)))
    if as_json:
        return print_json({"schema_version": SCHEMA_VERSION, "set": name, "written": paths})
    click.echo("\n".join(paths))
    say(f"next: change them, `mlpgrader verify {name}`, then `mlpgrader release {name}`")


def forgeable_text(name: str, points: float, total: float) -> str:
    """For how many points of a set a dishonest student could forge a verdict."""
    return (
        f"{name}: {points:g} of {total:g} points are judged inside the student's process, "
        "where a dishonest student could forge them, as in stock nbgrader"
    )


@main.command()
@NAME
@COURSE
@JOBS
@click.option("--timeout", type=float, help="CPU seconds after which a cell or a call has failed.")
@click.option("--matrix", is_flag=True, help="Judge variants/SET/: which answer fails which test.")
@JSON
def mutants(name: str, folder: Path, matrix: bool, as_json: bool, **options: Any) -> None:
    """Change one thing at a time in the solutions of SET; list what still gets full marks.

    Either a test has a hole there, or the change gives the same function: then an `equivalent`
    in variants/SET/ says why (see `mlpgrader.variants`). Exit code 1 if one has no reason.

    With --matrix: 1 if an answer fails other tests than it says.
    """
    from mlpgrader.course.folders import Course

    course = Course.open(folder)
    judge = judge_variants if matrix else judge_mutants
    sys.exit(judge(course, name, given(options), as_json))


def judge_mutants(course: "Course", name: str, options: dict[str, Any], as_json: bool) -> bool:
    """Print the mutants that get full marks; give whether one has no reason to."""
    from mlpgrader.reports.mutants import summary, survivors_listed
    from mlpgrader.runner import mutants as runner
    from mlpgrader.variants import explained, read_equivalents

    equivalents = read_equivalents(course.root / "variants" / name)
    with progress("judging") as step:
        judge_options = runner.JudgeOptions(progress=step, **options)
        result = runner.judge_mutants(course, name, judge_options)
    result.survivors, unused = explained(result.survivors, equivalents, name)
    result.unused = [[mutant.file, mutant.before, mutant.after] for mutant in unused]
    if as_json:
        print_json({"schema_version": SCHEMA_VERSION, **result.to_json()})
    else:
        print_texts(survivors_listed(result))
        click.echo(summary(result))
        for file, before, after in result.unused:
            say(f"{file}: no test lets this pass any more: {before} → {after or 'left out'}")
    return bool(result.unexplained)


def judge_variants(course: "Course", name: str, options: dict[str, Any], as_json: bool) -> bool:
    """Print which answer fails which test; give whether one fails others than it says."""
    from mlpgrader.reports.mutants import matrix_listed
    from mlpgrader.runner import mutants as runner
    from mlpgrader.variants import read_variants

    answers = read_variants(course.root / "variants" / name)
    with progress("judging") as step:
        judge_options = runner.JudgeOptions(progress=step, **options)
        result = runner.judge_answers(course, name, answers, judge_options)
    if as_json:
        print_json({"schema_version": SCHEMA_VERSION, **result.to_json()})
    else:
        print_texts(matrix_listed(result))
    return result.surprises > 0


@main.command()
@NAME
@COURSE
@click.option("--student", "students", multiple=True, help="Grade this one alone; can be repeated.")
@JOBS
@click.option("--scheduler", help="Address of a Dask scheduler to use instead.")
@click.option("--timeout", type=float, help="CPU seconds that a cell may take.")
@click.option("--memory", "memory_mb", type=click.IntRange(64), help="MB a student.")
@click.option("--force", is_flag=True, help="Grade again what is graded already.")
@click.option("--no-record", is_flag=True, help="Leave gradebook and autograded/ alone.")
@click.option("--diff", "only_diff", is_flag=True, help="Show which grades would change; no more.")
@click.option("--accept", is_flag=True, help="Record grades that change though no hand-in did.")
@click.option("--unsafe", is_flag=True, help="Run student code even where no sandbox can be had.")
@JSON
def grade(
    name: str,
    folder: Path,
    no_record: bool,
    only_diff: bool,
    accept: bool,
    as_json: bool,
    **options: Any,
) -> None:
    """Grade all submissions of SET and record them in nbgrader's gradebook.

    Where a test was mended since, so that grades change though the hand-ins are as they were, it
    says whose and by which cell, records nothing and ends with exit code 1; with --accept it
    records them. Before a run changes grades it keeps a copy: see `mlpgrader restore`.
    """
    from mlpgrader.course.folders import Course
    from mlpgrader.recording import held_back

    refuse_to_accept_unrecorded(accept, only_diff, no_record)
    course = Course.open(folder)
    result = graded_set(course, name, given(options))
    problems: list[str] = []
    held = None
    stored = InGradebook()
    try:
        if only_diff or not no_record:
            held = held_back(course, result, say, only_diff=only_diff, accept=accept)
        if held is None:
            problems = keep_result(course, result, only_verdicts=no_record)
            stored = in_gradebook(course, name, only_verdicts=no_record)
    finally:  # what cannot be kept or recorded is shown all the same
        show_result(result, held, as_json, stored)
    for problem in problems:
        say(problem)
    sys.exit(bool(problems) or has_to_look(result, held))


def refuse_to_accept_unrecorded(accept: bool, *others: bool) -> None:
    """Raise UsageError where somebody accepts grades that are not to be recorded."""
    if accept and any(others):
        raise UsageError("--accept records grades: it goes with neither --diff nor --no-record")


def has_to_look(result: "SetResult", held: "Regrade | None") -> bool:
    """Whether somebody has to look at a run that ended as it should."""
    if held is not None:
        return held.needs_consent
    return any(row.status != "graded" for row in result.submissions)


def graded_set(course: "Course", name: str, chosen: dict[str, Any]) -> "SetResult":
    """Grade a set with the options that are given."""
    from mlpgrader.named import known_mistakes
    from mlpgrader.runner import grade as runner
    from mlpgrader.runner.pool import notice_of_scheduler

    options = runner.GradeOptions(**chosen, known=known_mistakes(course, name, say))
    total = len(runner.chosen_students(course, name, options.students))
    if options.scheduler and (notice := notice_of_scheduler(options.scheduler)):
        say(notice)
    with progress("grading") as step:
        done = itertools.count(1)
        return runner.grade_set(course, name, options, progress=lambda _: step(next(done), total))


def keep_result(course: "Course", result: "SetResult", *, only_verdicts: bool) -> list[str]:
    """Keep a result, and record it unless only the verdicts are wanted; give what went wrong."""
    from mlpgrader.recording import record_result
    from mlpgrader.runner.store import save_summary

    if only_verdicts:
        save_summary(course, result)
        return []
    with progress("recording") as step:
        return record_result(course, result, step)


@dataclass(frozen=True)
class InGradebook:
    """What the gradebook says beyond the verdicts.

    Attributes:
        names: the full names of students.
        marked_otherwise: whose points are not those of the tests.
    """

    names: dict[str, str] = field(default_factory=dict)
    marked_otherwise: list[str] = field(default_factory=list)


def in_gradebook(course: "Course", name: str, *, only_verdicts: bool) -> InGradebook:
    """Read what belongs beside a set's verdicts; nothing where they are not recorded."""
    from mlpgrader.course.marks import marked_otherwise
    from mlpgrader.course.people.names import people_of

    if only_verdicts:
        return InGradebook()
    names = {student: person.name for student, person in people_of(course).items()}
    return InGradebook(names, marked_otherwise(course, name))


def show_result(
    result: "SetResult", held: "Regrade | None", as_json: bool, stored: InGradebook
) -> None:
    """Print a result, or what it would change if it is not recorded."""
    if as_json:
        regrade = {"regrade": held.to_json()} if held is not None else {}
        return print_json({**result.to_json(), **regrade})
    if held is not None:
        return show_regrade(held)
    show_tables(result, stored)


def show_tables(result: "SetResult", stored: InGradebook) -> None:
    """Print what a set came to, for a person."""
    from mlpgrader.reports import table

    print_tables(
        table.submissions_table(result, stored.names),
        table.most_failed_table(result),
        table.mistakes_table(result),
    )
    click.echo(f"sandbox: {result.sandbox}")
    if result.forgeable_points:
        click.echo(forgeable_text(result.set, result.forgeable_points, result.max_score))
    if stored.marked_otherwise:
        click.echo(
            "the gradebook has other points, by hand or by a penalty, for "
            f"{table.shortened(stored.marked_otherwise)}; feedback and export give these"
        )


def show_regrade(regrade: "Regrade") -> None:
    """Print whose grades would change, and which command records that."""
    from mlpgrader.reports.regrade import cells_table, regrade_text, students_table

    print_tables(students_table(regrade), cells_table(regrade))
    click.echo(regrade_text(regrade))
    if regrade.needs_consent:
        say(
            "nothing is recorded, and exports give the earlier grades; to record these: "
            f"mlpgrader grade {regrade.set} --accept"
        )


@main.command()
@click.argument("copy", required=False)
@COURSE
@click.option("--list", "only_list", is_flag=True, help="List the copies that are kept.")
@JSON
def restore(copy: str | None, folder: Path, only_list: bool, as_json: bool) -> None:
    """Put back the gradebook as it was before a run changed grades.

    That is the newest COPY unless another is named. The whole gradebook goes back, with all that
    was recorded or given by hand since, in other sets, too; so it is kept as a copy before.
    """
    from mlpgrader.course import copies
    from mlpgrader.course.folders import Course

    course = Course.open(folder)
    if only_list:
        names = [each.name for each in copies.copies_of(course)]
        if as_json:
            return print_json({"schema_version": SCHEMA_VERSION, "copies": names})
        return click.echo("\n".join(names), nl=bool(names))
    restored, until_now = copies.restore(course, copy)
    before = until_now.name if until_now else ""
    if as_json:
        data = {"restored": restored.name, "until_now": before}
        return print_json({"schema_version": SCHEMA_VERSION, **data})
    click.echo(
        f"the gradebook is as it was on {restored.time:%Y-%m-%d at %H:%M:%S} UTC, "
        f"before grades of {restored.set} changed"
    )
    if before:
        say(f"to undo this: mlpgrader restore {before}")


@main.command()
@NAME
@COURSE
@JSON
def feedback(name: str, folder: Path, as_json: bool) -> None:
    """Write a page of feedback for each graded submission of SET."""
    from mlpgrader.clean import visible
    from mlpgrader.reports.feedback import write_feedback

    problems: list[str] = []
    with progress("writing") as step:
        paths = write_feedback(folder, name, problems=problems, progress=step)
    pages = list(map(str, paths))
    if as_json:
        print_json({"schema_version": SCHEMA_VERSION, "set": name, "pages": pages})
    elif pages:
        click.echo(f"{len(pages)} pages of feedback, such as {visible(pages[0])}")
    for problem in problems:
        say(problem)
    sys.exit(bool(problems))


@main.command()
@NAME
@COURSE
@click.option("--to", type=FILE, help="Folder to write into; the default is solution-pages/SET.")
@JSON
def solutions(name: str, folder: Path, to: Path | None, as_json: bool) -> None:
    """Write pages with the solutions of SET and why they are written so, for after the due date."""
    from mlpgrader.reports.solutions import write_solutions

    pages = list(map(str, write_solutions(folder, name, to)))
    if as_json:
        return print_json({"schema_version": SCHEMA_VERSION, "set": name, "pages": pages})
    click.echo("\n".join(pages))


@main.command()
@NAME
@COURSE
@click.option("--to", type=FILE, help="File to write; the default is SET.html beside the results.")
@JSON
def report(name: str, folder: Path, to: Path | None, as_json: bool) -> None:
    """Write a page on how the class did in SET: scores, each test, and what to look at.

    It holds names and points, and is for teachers alone.
    """
    from mlpgrader.course.folders import Course
    from mlpgrader.reports.class_page import class_report, write_class_page

    course = Course.open(folder)
    found = class_report(course, name)
    if as_json:
        return print_json(found.to_json())
    click.echo(write_class_page(course, found, to))


@main.command()
@SETS
@COURSE
@click.option("--to", type=FILE, help="File to write; the default is stdout.")
@click.option("--fill", type=FILE, help="Grade sheet of Moodle or Canvas.")
@click.option("--key", help="With --fill: its column with the students' ids.")
@click.option("--column", help="With --fill: its column to fill with the final scores.")
@click.option("--gradescope", type=FILE, help="Folder for a results.json of each student.")
@JSON
def export(
    sets: tuple[str, ...],
    folder: Path,
    to: Path | None,
    fill: Path | None,
    key: str | None,
    column: str | None,
    gradescope: Path | None,
    as_json: bool,
) -> None:
    """Print the grades of each SET as CSV, or fill a column of a platform's grade sheet.

    With --gradescope, write FOLDER/STUDENT.json in the form of Gradescope's results.json.
    """
    if as_json and (fill or gradescope):
        raise UsageError("--json gives grades alone: leave out --fill and --gradescope")
    from mlpgrader.course.folders import Course

    course = Course.open(folder)
    problems: list[str] = []
    if gradescope is not None:
        problems = write_for_gradescope(course, sets, gradescope)
    elif fill is not None:
        problems = fill_sheet(course, sets, fill, key, column, to)
    else:
        write_content(all_grades(course, sets, problems, as_json), to)
    for problem in problems:
        say(problem)
    sys.exit(bool(problems))


def all_grades(
    course: "Course", sets: tuple[str, ...], problems: list[str], as_json: bool
) -> bytes:
    """The grades of all sets, as JSON or as CSV; what went wrong is added, a line each."""
    from mlpgrader.reports.export import grades, grades_csv

    if not as_json:
        return grades_csv(course, sets, problems).encode("utf-8", "replace")
    rows = [row for name in sets for row in grades(course, name, problems)]
    text = json.dumps({"schema_version": SCHEMA_VERSION, "grades": rows})
    return f"{text}\n".encode()


def fill_sheet(
    course: "Course",
    sets: tuple[str, ...],
    sheet: Path,
    key: str | None,
    column: str | None,
    to: Path | None,
) -> list[str]:
    """Fill a platform's sheet with the grades of one set; give what went wrong, a line each."""
    from mlpgrader.reports.sheet import filled_sheet

    if not key or not column or len(sets) != 1:
        raise UsageError("--fill needs one SET, --key and --column")
    filled = filled_sheet(course, sets[0], sheet, key, column)
    write_content(filled.content, to)
    return filled.notices


def write_for_gradescope(course: "Course", sets: tuple[str, ...], folder: Path) -> list[str]:
    """Write the files of one set; give what went wrong, a line each."""
    from mlpgrader.reports.gradescope import write_gradescope

    if len(sets) != 1:
        raise UsageError("--gradescope needs one SET")
    paths, problems = write_gradescope(course, sets[0], folder)
    click.echo(f"{len(paths)} files in {folder}")
    return problems


def write_content(content: bytes, to: Path | None) -> None:
    """Write a file's content to a file, or to stdout if there is none."""
    if to is None:
        click.echo(content, nl=False)
    else:
        to.write_bytes(content)


for _command in people.commands.values():
    main.add_command(_command)

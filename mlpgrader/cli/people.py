"""Commands about students: who they are, what they handed in, and how each of them stands."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mlpgrader.cli.terminal import (
    COURSE,
    FILE,
    JOBS,
    JSON,
    NAME,
    SCHEMA_VERSION,
    Verbs,
    given,
    print_json,
    print_tables,
    say,
)
from mlpgrader.errors import UsageError

if TYPE_CHECKING:
    from datetime import datetime

    from mlpgrader.course.folders import Course


@click.group(cls=Verbs)
def people() -> None:
    """Commands about students."""


@people.command("import")
@NAME
@click.argument("archive", type=FILE)
@COURSE
@click.option(
    "--from",
    "platform",
    type=click.Choice(["moodle", "canvas", "folders"]),
    help="Where the archive comes from; by default its names tell.",
)
@click.option("--new", "newcomers", is_flag=True, help="Take in those whom nobody knows, too.")
@click.option("--replace", is_flag=True, help="Replace hand-ins that may be later ones, too.")
@click.option("--times", "worksheet", type=FILE, help="Moodle's grading worksheet: who and when.")
@click.option("--zone", help="Time zone of --times: Europe/Berlin; by default the course's.")
@click.option("--dry-run", is_flag=True, help="Say what would be done, and change nothing.")
@JSON
def import_(
    name: str, archive: Path, folder: Path, dry_run: bool, as_json: bool, **options: Any
) -> None:
    """Put the hand-ins of ARCHIVE, a zip, in place.

    ARCHIVE is what Moodle or Canvas gives for download, or has a folder for each student. Students
    are found by id, address, the platform's id or full name, whatever the case. Later uploads
    replace earlier ones; what is there and may be later stays, and is named. Exit code 1 if
    somebody has to look: strangers, hand-ins that may be of either of two, files left out.
    """
    from mlpgrader.course.archives.importing import ImportOptions, import_archive

    import_options = ImportOptions(dry_run=dry_run, **options)
    done = import_archive(folder, name, archive, import_options)
    if as_json:
        print_json({"schema_version": SCHEMA_VERSION, "dry_run": dry_run, **done.to_json()})
    else:
        click.echo(
            f"{name}: {len(done.added)} new, {len(done.replaced)} replaced, "
            f"{len(done.unchanged)} as they were, {len(done.missing)} missing"
            f"{'; nothing was changed' if dry_run else ''}"
        )
        if done.late:
            say(f"late, says the platform, and not when: {', '.join(sorted(done.late))}")
    for notice in done.notices:
        say(notice)
    sys.exit(bool(done.notices))


@people.command()
@click.argument("sheet", metavar="FILE", type=FILE)
@COURSE
@click.option("--id", "id_column", help="The column with the names of students' folders.")
@JSON
def roster(sheet: Path, folder: Path, id_column: str | None, as_json: bool) -> None:
    """Put the students of FILE into the gradebook.

    FILE is a CSV with a header, such as a platform's list of participants. Columns are found by
    usual names: an id (username, login), first and last name or both in one, e-mail, the
    platform's id. Nobody is removed. Exit code 1 if a row is not clear.
    """
    from mlpgrader.course.people.roster import update_roster

    done = update_roster(folder, sheet, id_column)
    if as_json:
        print_json({"schema_version": SCHEMA_VERSION, **done.to_json()})
    else:
        click.echo(
            f"{len(done.added)} added, {len(done.updated)} updated, "
            f"{len(done.unchanged)} as they were"
        )
        if done.not_listed:
            say(f"not in {sheet}, and still here: {', '.join(done.not_listed)}")
    for line in done.unclear:
        say(line)
    sys.exit(bool(done.unclear))


@people.command()
@NAME
@click.argument("students", metavar="[STUDENT]...", nargs=-1)
@COURSE
@click.option("--by", help="How much longer: '2 days', '36 h'; 0 takes an extension away.")
@click.option("--until", help="The new due date: '2026-03-08 18:00 UTC'.")
@click.option("--group", type=FILE, help="A file with a student on each line.")
@click.option("--all", "everyone", is_flag=True, help="All students of the gradebook.")
@JSON
def extend(
    name: str,
    students: tuple[str, ...],
    folder: Path,
    by: str | None,
    until: str | None,
    group: Path | None,
    everyone: bool,
    as_json: bool,
) -> None:
    """Give each STUDENT more time for SET.

    It takes the place of an earlier extension. Lateness and its penalty follow at once, in exports,
    in formgrader and on new pages of feedback.
    """
    from mlpgrader.clean import visible
    from mlpgrader.course.folders import Course
    from mlpgrader.course.people.extensions import extend as give
    from mlpgrader.course.people.extensions import read_duration
    from mlpgrader.course.people.names import chosen_people
    from mlpgrader.reports.table import extension_text

    course = Course.open(folder)
    if (by is None) == (until is None):
        raise UsageError("say --by how much, or --until when")
    chosen = chosen_people(course, students, group, everyone=everyone)
    done = give(
        course,
        name,
        chosen,
        by=None if by is None else read_duration(by),
        until=None if until is None else read_until(course, until),
    )
    if as_json:
        rows = [row.to_json() for row in done]
        return print_json({"schema_version": SCHEMA_VERSION, "set": name, "students": rows})
    click.echo("\n".join(visible(extension_text(row)) for row in done))


def read_until(course: "Course", text: str) -> "datetime":
    """A due date in UTC that somebody typed."""
    from mlpgrader.course.timestamps import read_time

    time = read_time(text, course.timezone)
    if time is None:
        raise UsageError(f"{text!r} says no time for certain: write it as 2026-03-08 18:00 UTC")
    return time


@people.command()
@click.argument("student")
@COURSE
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option("--hand-ins", "handed_in", is_flag=True, help="Remove what was handed in, too.")
@JSON
def forget(student: str, folder: Path, yes: bool, handed_in: bool, as_json: bool) -> None:
    """Remove STUDENT, and say what remains.

    Rows of the gradebook, results and pages go. What was handed in stays, unless --hand-ins is
    given; as long as it is there, grading brings the student back. Exit code 1 if something of the
    student remains in the course folder.
    """
    from mlpgrader.clean import visible
    from mlpgrader.course.folders import Course
    from mlpgrader.course.people.forgetting import forget as remove
    from mlpgrader.course.people.forgetting import traces_of
    from mlpgrader.course.people.names import id_of

    course = Course.open(folder)
    traces = traces_of(course, student)
    if traces.is_nothing:  # perhaps a name or an address
        traces = traces_of(course, id_of(course, student))
    gone = [*traces.folders, *traces.files, *(traces.handed_in if handed_in else [])]
    if not yes:
        rows = f"the gradebook's rows of {', '.join(traces.sets) or 'no set'}"
        copies = f" and those of {len(traces.copies)} copies of it" if traces.copies else ""
        click.echo(visible(f"of {traces.student}: {rows}{copies}"), err=True)
        click.echo("".join(f"{visible(path)}\n" for path in gone), nl=False, err=True)
        click.confirm("Remove all this for good?", abort=True, err=True)
    remaining = remove(course, traces, handed_in=handed_in)
    if as_json:
        removed = {"sets": traces.sets, "removed": [*map(str, gone)]}
        left = [*map(str, remaining)]
        print_json(
            {"schema_version": SCHEMA_VERSION, "student": traces.student, **removed, "left": left}
        )
    else:
        click.echo(visible(f"{traces.student}: removed from {len(traces.sets)} sets"))
    for path in remaining:
        say(f"still there: {path}")
    say("and what left this folder: exports, returned pages, backups, the course platform")
    sys.exit(bool(remaining))


@people.command("class")
@COURSE
@JSON
def class_(folder: Path, as_json: bool) -> None:
    """Show what each student has in each set."""
    from mlpgrader.reports.overview import class_table, overview

    found = overview(folder)
    if as_json:
        print_json({"schema_version": SCHEMA_VERSION, **found.to_json()})
    else:
        print_tables(class_table(found))
    for problem in found.problems:
        say(problem)
    sys.exit(bool(found.problems))


@people.command()
@click.argument("name", metavar="STUDENT")
@COURSE
@JSON
def student(name: str, folder: Path, as_json: bool) -> None:
    """Show all sets of STUDENT: an id, address or name."""
    from mlpgrader.course.people.names import Directory
    from mlpgrader.reports.overview import overview, student_table

    found = overview(folder)
    person = Directory(found.people.values()).the_one(name)
    if as_json:
        data = found.student_json(person.id)
        return print_json({"schema_version": SCHEMA_VERSION, **data})
    print_tables(student_table(found, person.id))


@people.command()
@NAME
@COURSE
@JSON
def alike(name: str, folder: Path, as_json: bool) -> None:
    """List answers for SET that are equal.

    Names of variables, comments and layout do not count. What stands in variants/SET/ is usual and
    left out, as are stub and reference. The list says how long an answer is and how many wrote
    another: short ones, and those that many wrote, say little.
    """
    from mlpgrader.course.folders import Course
    from mlpgrader.course.people.alike import alike as equal_answers
    from mlpgrader.course.sources import source_notebooks
    from mlpgrader.reports.table import groups_table, pairs_table
    from mlpgrader.variants import read_variants

    course = Course.open(folder)
    source_notebooks(course, name)  # there is such a set
    known: dict[str, list[str]] = {}
    for variant in read_variants(course.root / "variants" / name):
        known.setdefault(variant.file, []).append(variant.source)
    found = equal_answers(course, name, known)
    if as_json:
        return print_json({"schema_version": SCHEMA_VERSION, **found.to_json()})
    print_tables(groups_table(found), pairs_table(found))
    if not found.groups:
        click.echo(f"{name}: no answers of {found.handed_in} hand-ins are equal and unusual")


@people.command()
@NAME
@COURSE
@click.option("--tries", type=click.IntRange(1), help="Texts of a student that are graded.")
@click.option("--every", default=10.0, type=click.FloatRange(0.1), help="Seconds between rounds.")
@click.option("--once", is_flag=True, help="Grade what is there, and end.")
@JOBS
@click.option("--timeout", type=float, help="CPU seconds that a cell may take.")
@JSON
def watch(
    name: str,
    folder: Path,
    tries: int | None,
    every: float,
    once: bool,
    as_json: bool,
    **options: Any,
) -> None:
    """Grade hand-ins for SET as they arrive.

    They are recorded and their pages written, until Ctrl-C. With --tries, only so many different
    texts of a student are graded; what comes after them waits for `mlpgrader grade`. What cannot be
    read, and a fault that is not the student's, cost none. With --json, a line for each hand-in.
    """
    from mlpgrader.course.folders import Course
    from mlpgrader.course.sources import plans_of
    from mlpgrader.named import known_mistakes
    from mlpgrader.reports.table import event_text
    from mlpgrader.runner.grade import GradeOptions
    from mlpgrader.watch import watch as look

    course = Course.open(folder)
    plans_of(course, name)  # there is such a set
    grade_options = GradeOptions(**given(options), known=known_mistakes(course, name, say))
    rounds = 2 if once else None
    is_to_look_at = False
    for event in look(course, name, grade_options, tries=tries, every=every, rounds=rounds):
        is_to_look_at |= event.is_to_look_at
        if as_json:
            print_json({"schema_version": SCHEMA_VERSION, "set": name, **event.to_json()})
        elif event.student:
            count = f"{event.tries} of {tries} tries" if tries else ""
            click.echo(event_text(event.what, event.student, event.score, count, event.message))
        else:
            say(f"{event.message}; that costs no try")
    sys.exit(is_to_look_at)

"""Commands about students: who they are, what they handed in, and how each of them stands."""

import sys
from pathlib import Path
from typing import Any

import click

from mlpgrader.cli.terminal import COURSE, FILE, JSON, NAME, SCHEMA_VERSION, Verbs, print_json, say


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
@click.option("--dry-run", is_flag=True, help="Say what would be done, and change nothing.")
@JSON
def import_(
    name: str, archive: Path, folder: Path, dry_run: bool, as_json: bool, **options: Any
) -> None:
    """Put the hand-ins for SET in ARCHIVE, a zip, where `mlpgrader grade` looks for them.

    ARCHIVE is what Moodle or Canvas gives for download, or has a folder for each student. Students
    are found by id, address, the platform's id or full name, whatever the case. Later uploads
    replace earlier ones; what is there and may be later stays, and is named. Exit code 1 if
    somebody has to look: strangers, hand-ins that may be of either of two, files left out.
    """
    from mlpgrader.course.importing import ImportOptions, import_archive

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
    """Put the students that FILE lists into the gradebook, with their names and addresses.

    FILE is a CSV with a header, such as a platform's list of participants. Columns are found by
    usual names: an id (username, login), first and last name or both in one, e-mail, the
    platform's id. Nobody is removed. Exit code 1 if a row is not clear.
    """
    from mlpgrader.course.roster import update_roster

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

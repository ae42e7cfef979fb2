"""The commands: `mlpgrader` with release, grade, feedback and export, and `mlpkit` with check.

Data goes to stdout, messages and progress to stderr. Exit codes: 0 done; 1 a submission is not
graded, or a visible test fails in `check`; 2 the command or the course is at fault; 3 the machine
is; 130 stopped by Ctrl-C.
"""

import itertools
import json
import sys
import warnings
from contextlib import contextmanager
from pathlib import Path

import click
from rich.console import Console
from rich.progress import MofNCompleteColumn, Progress

from mlpgrader.errors import MachineError, UnreadableError, UsageError

COURSE = click.option(
    "--course",
    default=".",
    type=click.Path(path_type=Path),
    help="Folder with solutions/ and submitted/.",
)
JSON = click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead.")
SETS = click.argument("sets", metavar="SET...", nargs=-1, required=True)
NAME = click.argument("name", metavar="SET")


class Verbs(click.Group):
    """A group of commands that turns each expected fault into one line and an exit code."""

    def invoke(self, context):
        """Run a command; say in one line what was wrong with it."""
        try:
            return super().invoke(context)
        except (UsageError, UnreadableError) as error:
            fail(error, 2)
        except (MachineError, OSError) as error:
            fail(error, 3)
        except KeyboardInterrupt:
            fail("stopped; finished results are kept, and the same command goes on from there", 130)
        except Exception as error:
            from sqlalchemy.exc import SQLAlchemyError  # slow to load, and seldom wanted

            if not isinstance(error, SQLAlchemyError):
                raise
            fail(f"the gradebook cannot be used: {str(error).splitlines()[0]}", 3)


def fail(message, code: int):
    """End with one line on stderr."""
    program = click.get_current_context().find_root().info_name
    click.echo(f"{program}: " + " ".join(str(message).split()), err=True)
    sys.exit(code)


@contextmanager
def progress(what: str):
    """A progress bar on stderr: gives a function to call with the number done and the total."""
    columns = [*Progress.get_default_columns()[:2], MofNCompleteColumn()]
    console = Console(stderr=True)
    quiet = not console.is_terminal
    with Progress(*columns, console=console, transient=True, disable=quiet) as bar:
        task = bar.add_task(what, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


def show(data, as_json: bool, *lines) -> None:
    """Print the JSON object, or else lines and tables for people."""
    if as_json:
        return click.echo(json.dumps(data))
    console = Console(highlight=False, soft_wrap=not sys.stdout.isatty())
    for line in lines:
        console.print(line)


@click.group(cls=Verbs, context_settings={"help_option_names": ["-h", "--help"]})
def main():
    """Release, grade and return the problem sets of this course."""
    warnings.simplefilter("ignore", SyntaxWarning)  # of code that students wrote


@main.command()
@SETS
@COURSE
@JSON
def release(sets, course, as_json):
    """Make the student version of each SET in exercises/ from solutions/."""
    from mlpgrader.course.release import release as make

    made = [str(make(course, name)) for name in sets]
    show({"schema_version": 1, "released": made}, as_json, *made)


@main.command()
@NAME
@COURSE
@click.option("--jobs", type=click.IntRange(1), help="Processes at once, by default one per core.")
@click.option("--scheduler", help="Address of a Dask scheduler to use instead.")
@click.option("--timeout", default=10.0, help="CPU seconds that a cell may take.")
@click.option("--memory", "memory_mb", default=None, type=click.IntRange(64), help="MB a student.")
@click.option("--force", is_flag=True, help="Grade again what is graded already.")
@click.option("--no-record", is_flag=True, help="Leave gradebook and autograded/ alone.")
@click.option("--unsafe", is_flag=True, help="Run student code even where no sandbox can be had.")
@JSON
def grade(name, course, no_record, as_json, **options):
    """Grade all submissions of SET and record them in nbgrader's gradebook."""
    from mlpgrader.course.folders import students
    from mlpgrader.runner import grade as run

    options = {key: value for key, value in options.items() if value is not None}
    total = len(students(course, name))
    with progress("grading") as step:
        done = itertools.count(1)
        result = run.grade_set(
            course, name, run.GradeOptions(**options), progress=lambda _: step(next(done), total)
        )
    from mlpgrader.reports import table as report

    if not no_record:
        from mlpgrader.course.gradebook import record

        with progress("recording") as step:
            record(course, result, progress=step)
    data = report.save(course, result)
    tables = filter(None, [report.table(data), report.most_failed(data)])
    show(data, as_json, *tables, f"sandbox: {data['sandbox']}")
    sys.exit(any(each["status"] != "graded" for each in data["submissions"]))


@main.command()
@NAME
@COURSE
@JSON
def feedback(name, course, as_json):
    """Write a page of feedback for each graded submission of SET."""
    from mlpgrader.reports.feedback import write_feedback

    with progress("writing") as step:
        made = [str(path) for path in write_feedback(course, name, progress=step)]
    lines = [f"{len(made)} pages of feedback, such as {made[0]}"] if made else ["nobody is graded"]
    show({"schema_version": 1, "set": name, "pages": made}, as_json, *lines)


@main.command()
@SETS
@COURSE
@click.option("--to", type=click.Path(path_type=Path), help="File to write; the default is stdout.")
@click.option("--fill", type=click.Path(path_type=Path), help="Grade sheet of Moodle or Canvas.")
@click.option("--key", help="With --fill: its column with the students' ids.")
@click.option("--column", help="With --fill: its column to fill with the final scores.")
@JSON
def export(sets, course, to, fill, key, column, as_json):
    """Print the grades of each SET as CSV, or fill a column of a platform's grade sheet."""
    from mlpgrader.reports import export as sheets

    if fill and not (key and column and len(sets) == 1):
        raise UsageError("--fill needs one SET, --key and --column")
    if as_json:
        rows = [each for name in sets for each in sheets.grades(course, name)]
        return show({"schema_version": 1, "grades": rows}, as_json)
    filled = fill and sheets.filled_csv(course, sets[0], fill, key, column)
    text = filled or sheets.grades_csv(course, sets)
    if to is None:
        return click.echo(text, nl=False)
    to.write_text(text, encoding="utf-8", newline="")


@click.group(cls=Verbs, context_settings={"help_option_names": ["-h", "--help"]})
def mlpkit():
    """Check your own work on the problem sets of this course."""


@mlpkit.command()
@click.argument("notebook", required=False, type=click.Path(path_type=Path))
@COURSE
@JSON
def check(notebook, course, as_json):
    """Run the visible tests of a student's NOTEBOOK and say which fail."""
    from mlpgrader.runner.check import check_notebook, only_notebook, table

    result = check_notebook(notebook or only_notebook(), course)
    if result.status == "unreadable":
        raise UsageError(f"{notebook}: {result.message}")
    show({"schema_version": 1, **result.to_json()}, as_json, table(result))
    sys.exit(any(test.status != "passed" for test in result.tests))

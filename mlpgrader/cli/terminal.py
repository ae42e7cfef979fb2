"""What all commands share: options, progress, what goes to stdout and stderr, exit codes."""

import contextlib
import io
import json
import os
import sys
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NoReturn

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.table import Table
from rich.text import Text

from mlpgrader.errors import MachineError, UnreadableError, UsageError

GROUP_SETTINGS = {"help_option_names": ["-h", "--help"]}
LINUX_MODULES = ("fcntl", "resource")  # of Python's own; other systems lack one or both
SCHEMA_VERSION = 1  # of the JSON that is put together here; results have their own

SHOW_TRACEBACK = "MLPGRADER_TRACEBACK"
Step = Callable[[int, int], None]

FILE = click.Path(path_type=Path)
COURSE = click.option(
    "--course",
    "folder",
    default=".",
    type=FILE,
    help="The course folder, laid out as its nbgrader_config.py says.",
)
JOBS = click.option(
    "--jobs", type=click.IntRange(1), help="Processes at once, by default one per core."
)
JSON = click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead.")
SETS = click.argument("sets", metavar="SET...", nargs=-1, required=True)
NAME = click.argument("name", metavar="SET")


class Verbs(click.Group):
    """A group of commands that turns each expected fault into one line and an exit code."""

    def main(self, *args: Any, **options: Any) -> Any:
        """Run a command; a console that lacks a character shows another in its place."""
        for stream in (sys.stdout, sys.stderr):
            if isinstance(stream, io.TextIOWrapper):
                stream.reconfigure(errors="replace")
        return super().main(*args, **options)

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command; say in one line what was wrong with it."""
        try:
            return super().invoke(ctx)
        except (UsageError, UnreadableError) as error:
            fail(error, 2)
        except (MachineError, OSError) as error:
            fail(error, 3)
        except ModuleNotFoundError as error:
            if error.name not in LINUX_MODULES:
                raise
            fail(f"this needs Linux: Python has no module {error.name!r} here", 3)
        except KeyboardInterrupt:
            fail("stopped; finished results are kept, and the same command goes on from there", 130)
        except (click.ClickException, click.exceptions.Exit, click.Abort):
            raise
        except Exception as error:
            if os.environ.get(SHOW_TRACEBACK):
                raise
            fail(unexpected(error), 3)


def unexpected(error: Exception) -> str:
    """What to say of an error that nobody has foreseen, or that the gradebook raised."""
    from sqlalchemy.exc import SQLAlchemyError  # slow to load, and seldom wanted

    text = (str(error).splitlines() or [""])[0]
    if isinstance(error, SQLAlchemyError):
        return f"the gradebook cannot be used: {text}"
    place = traceback.extract_tb(error.__traceback__)[-1]
    where = f"{Path(place.filename).name}:{place.lineno}"
    return (
        f"something that nobody has foreseen: {type(error).__name__}: {text} ({where}); "
        f"with {SHOW_TRACEBACK}=1 in the environment the whole traceback is shown"
    )


def fail(message: object, code: int) -> NoReturn:
    """End with one line on stderr."""
    say(message)
    sys.exit(code)


def say(message: object) -> None:
    """Print one line on stderr that begins with the command's name."""
    from mlpgrader.clean import visible  # names of students may hold codes for a terminal

    program = click.get_current_context().find_root().info_name
    line = " ".join(str(message).split())
    click.echo(f"{program}: {visible(line)}", err=True)


@contextlib.contextmanager
def progress(title: str) -> Iterator[Step]:
    """A progress bar on stderr: gives a function to call with the number done and the total."""
    console = Console(stderr=True)
    with Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    ) as bar:
        task = bar.add_task(title, total=None)

        def step(done: int, total: int) -> None:
            bar.update(task, completed=done, total=total)

        yield step


def given(options: dict[str, Any]) -> dict[str, Any]:
    """The options that somebody gave: what else there is keeps the default of its dataclass."""
    return {name: value for name, value in options.items() if value is not None}


def print_json(data: dict[str, Any]) -> None:
    """Print the one JSON object of a command."""
    click.echo(json.dumps(data))


def print_texts(*texts: Text) -> None:
    """Print texts for people, each line as long as it is; none that is empty."""
    console = Console(highlight=False, soft_wrap=True)
    for text in filter(None, texts):
        console.print(text)


def print_tables(*tables: Table | None) -> None:
    """Print tables for people; in a pipe, as wide as they are."""
    console = Console(highlight=False, soft_wrap=not sys.stdout.isatty())
    for table in tables:
        if table is not None:
            console.print(table)

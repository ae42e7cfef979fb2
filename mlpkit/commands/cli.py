"""The students' commands: ``mlpkit start``, ``check`` and ``doctor``.

Data goes to stdout, messages and progress to stderr. Exit codes: 0 done; 1 a visible test fails,
or something is missing; 2 the command was given something it cannot use; 3 the installation is at
fault; 130 stopped by Ctrl-C.

A command imports what it needs when it runs, so that ``--help`` and messages come at once.
"""

import io
import json
import sys
import time
from pathlib import Path
from typing import Any, NoReturn

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn

from mlpkit.commands.errors import CommandError, InstallationError

SCHEMA_VERSION = 1
LOOK = 0.5  # seconds between two looks at a watched file


class Commands(click.Group):
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
        except CommandError as error:
            fail(error, 2)
        except (InstallationError, OSError) as error:
            fail(error, 3)
        except KeyboardInterrupt:
            fail("stopped", 130)


def fail(message: object, code: int) -> NoReturn:
    """End with one line on stderr."""
    from mlpkit.commands.show import plain

    click.echo(f"mlpkit: {plain(' '.join(str(message).split()))}", err=True)
    sys.exit(code)


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="mlpkit")
def main() -> None:
    """Work the exercises of the course Multilayer Perceptrons."""


@main.command()
@click.argument("name", metavar="[SET]", required=False)
@click.option("--again", is_flag=True, help="Begin anew; your notebook is kept under another name.")
@click.option("--update", is_flag=True, help="Take your answers over into the present release.")
def start(name: str | None, again: bool, update: bool) -> None:
    """Copy problem sets to work/, never over a file of yours."""
    from mlpkit.commands import check, sets
    from mlpkit.commands import start as starting

    here = Path.cwd()
    known = sets.find_sets(here)
    work = here if here.name == "work" else here / "work"
    if name is None:
        _start_all(known, work, again or update)
        return
    if name not in known:
        raise CommandError(f"there is no problem set {name!r} (there are: {', '.join(known)})")
    problem_set = known[name]
    if update:
        _update(problem_set, check.find_notebook(name, here))
    elif again:
        path, kept = starting.start_again(problem_set, work)
        note = f" is new; your notebook is now {kept.name}" if kept else ""
        click.echo(f"{_from_here(path)}{note}")
    else:
        _start_one(problem_set, work)


def _start_one(problem_set: Any, work: Path) -> None:
    from mlpkit.commands.start import start as start_set

    made = start_set(problem_set, work)
    place = work / problem_set.name / f"{problem_set.name}.ipynb"
    note = "" if made else f" is there already and stays as it is{_if_older(place, problem_set)}"
    click.echo(f"{_from_here(place)}{note}")


def _update(problem_set: Any, path: Path) -> None:
    from mlpkit.commands.start import update as update_set

    done = update_set(problem_set, path)
    release = f"release {problem_set.release}" if problem_set.release else "the present release"
    click.echo(f"{_from_here(path)} has your answers in {release}; before: {done.kept.name}")
    for cell in done.changed:
        click.echo(f"  changed in this release: {cell}")


def _start_all(known: dict[str, Any], work: Path, is_change: bool) -> None:
    from mlpkit.commands.start import start as start_set

    if is_change:
        raise CommandError("say which set: mlpkit start SET --again, or --update")
    for number, (name, problem_set) in enumerate(known.items(), 1):
        made = start_set(problem_set, work)
        place = work / name / f"{name}.ipynb"
        older = "" if made else _if_older(place, problem_set)
        note = "" if made else f"   (there already, stays as it is{older})"
        click.echo(f"{number}  {_from_here(place)}{note}")


def _from_here(path: Path) -> str:
    """A path as one types it where the command runs."""
    here = Path.cwd()
    return str(path.relative_to(here) if path.is_relative_to(here) else path)


def _if_older(path: Path, problem_set: Any) -> str:
    """What to add about a student's notebook that is not of the course's release."""
    from mlpkit.commands.notebooks import read_notebook
    from mlpkit.commands.sets import other_release

    try:
        advice = other_release(read_notebook(path), problem_set)
    except CommandError:  # it is theirs, and stays as it is
        return ""
    return f": {advice}" if advice else ""


@main.command()
@click.argument("words", metavar="[SET | NOTEBOOK...] [EXERCISE]", nargs=-1)
@click.option("--watch", is_flag=True, help="Run again each time the notebook is saved.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead.")
def check(words: tuple[str, ...], watch: bool, as_json: bool) -> None:
    """Run the visible tests of a problem set on your notebook.

    Your answers run in a fresh kernel, with your own rights, just as when you open the notebook;
    the tests are those of the course, never those in the notebook. Hidden tests come on top when
    it is graded. The exit code is 0 exactly if all visible tests pass.
    """
    from mlpkit.commands import sets

    known = sets.find_sets(Path.cwd())
    paths, exercise = _meant(words, known)
    if watch:
        _watch(paths, exercise, known, as_json)
    passed = [_check_one(path, exercise, known, as_json) for path in paths]
    sys.exit(0 if all(passed) else 1)


def _meant(words: tuple[str, ...], known: dict[str, Any]) -> tuple[list[Path], str | None]:
    """The notebooks and the exercise that the words of `check` mean."""
    here = Path.cwd()
    found = {word: _notebook(word, here, known) for word in words}
    paths = [path for path in found.values() if path is not None]
    others = [word for word, path in found.items() if path is None]
    if len(others) > 1 or (others and len(paths) > 1):
        raise CommandError(f"there is no problem set {others[0]!r} (they are: {', '.join(known)})")
    exercise = others[0] if others else None
    return paths or _notebooks_here(here, known), exercise


def _notebook(word: str, here: Path, known: dict[str, Any]) -> Path | None:
    """The notebook that a word means: a file, a folder or a set; None if it means none."""
    from mlpkit.commands.check import find_notebook

    path = Path(word)
    inside = path / f"{path.name}.ipynb"
    if word.endswith(".ipynb") or path.is_file():
        return path
    if inside.is_file():
        return inside
    if word in known:
        return find_notebook(word, here)
    return None


def _notebooks_here(here: Path, known: dict[str, Any]) -> list[Path]:
    """The only notebook of this folder, or those of the sets in work/."""
    notebooks = sorted(here.glob("*.ipynb"))
    if len(notebooks) == 1:
        return notebooks
    started = [_started(work, known) for work in (here, here / "work")]
    for paths in started:
        if paths:
            return paths
    found = ", ".join(path.name for path in notebooks) or "none"
    raise CommandError(
        f"say which problem set or notebook to check (notebooks in this folder: {found}); "
        "`mlpkit start` makes them"
    )


def _started(work: Path, known: dict[str, Any]) -> list[Path]:
    """The notebooks of the sets in a student's folder."""
    if work.name == "exercises":  # those are the course's own
        return []
    paths = [work / name / f"{name}.ipynb" for name in known]
    return [path for path in paths if path.is_file()]


def _check_one(path: Path, exercise: str | None, known: dict[str, Any], as_json: bool) -> bool:
    """Check one notebook and print what came out; gives whether all visible tests pass."""
    from mlpkit.commands import check as checking
    from mlpkit.commands import show
    from mlpkit.commands.notebooks import read_notebook

    notebook = read_notebook(path)
    problem_set = checking.set_of(notebook, known)
    wanted = None if exercise is None else [_exercise(exercise, problem_set)]
    _say_if_older(notebook, problem_set)
    with _progress(problem_set.name) as bar:
        task = bar.add_task(problem_set.name, total=None)

        def advance(done: int, total: int) -> None:
            bar.update(task, completed=done, total=total)

        exercises = checking.check(notebook, problem_set, exercises=wanted, advance=advance)
    if as_json:
        made = {
            "schema_version": SCHEMA_VERSION,
            "set": problem_set.name,
            "release": problem_set.release,
            "notebook": str(path),
            "exercises": show.as_json(exercises),
        }
        click.echo(json.dumps(made, ensure_ascii=False))
    else:
        click.echo(f"{problem_set.name}: {show.plain(_from_here(path))}")
        others = len(problem_set.exercises) - len(exercises)
        show.print_exercises(Console(), exercises, others)
    return all(each.passed for each in exercises)


def _exercise(word: str, problem_set: Any) -> str:
    """The solution cell that a student calls so: `tanh_grad` and `tanh-grad` are the same."""
    name = word.replace("_", "-")
    if name not in problem_set.exercises:
        known = ", ".join(problem_set.exercises)
        raise CommandError(f"{problem_set.name} has no exercise {word!r} (it has: {known})")
    return name


def _say_if_older(notebook: Any, problem_set: Any) -> None:
    from mlpkit.commands.sets import other_release
    from mlpkit.commands.show import plain

    advice = other_release(notebook, problem_set)
    if advice:
        click.echo(f"mlpkit: this notebook is {plain(advice)}", err=True)


def _progress(title: str) -> Progress:
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.percentage:.0f} %"))
    console = Console(stderr=True)
    return Progress(*columns, console=console, transient=True, disable=not console.is_terminal)


def _watch(
    paths: list[Path], exercise: str | None, known: dict[str, Any], as_json: bool
) -> NoReturn:
    """Check again whenever a file changes, until Ctrl-C."""
    from mlpkit.commands.notebooks import read_notebook

    for path in paths:
        read_notebook(path)  # one that is not there would be waited for in vain
    seen: dict[Path, tuple[int, int]] = {}
    while True:
        now = {path: saved for path in paths if (saved := _saved(path)) is not None}
        for path in now:
            if seen.get(path) != now[path]:
                _check_anew(path, exercise, known, as_json)
        seen |= now
        time.sleep(LOOK)


def _check_anew(path: Path, exercise: str | None, known: dict[str, Any], as_json: bool) -> None:
    try:
        _check_one(path, exercise, known, as_json)
    except CommandError as error:  # an editor is saving it, or it is broken for now
        click.echo(f"mlpkit: {error}", err=True)
    click.echo("\nwaiting until it is saved again; Ctrl-C ends", err=True)


def _saved(path: Path) -> tuple[int, int] | None:
    """What tells one state of a file from the next; None while an editor has taken it away."""
    try:
        state = path.stat()
    except OSError:
        return None
    return state.st_mtime_ns, state.st_size


@main.command()
def doctor() -> None:
    """Say what of the installation is missing, and the command that mends it."""
    from mlpkit.commands.doctor import examine

    missing = 0
    for finding in examine():
        click.echo(f"{'✓' if finding.ok else '✗'} {finding.subject}: {finding.about}")
        if not finding.ok:
            missing += 1
            click.echo(f"    {finding.cure}")
    sys.exit(1 if missing else 0)


if __name__ == "__main__":
    main(prog_name="mlpkit")

"""Copies of the gradebook, kept before a run changes grades, and put back by a command.

A copy lies in a folder of `results/copies/`: the database, what is known of the set besides, and
its autograded notebooks as links that take no room. Where the gradebook is no SQLite file, whoever
runs its server keeps copies.
"""

import contextlib
import json
import os
import shutil
import sqlite3
import tempfile
import time
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from mlpgrader.course.folders import Course, is_name, one_at_a_time, write
from mlpgrader.course.recorded import read_recorded, recorded_file
from mlpgrader.errors import MachineError, UsageError

MOST_RECENT = 5  # copies that are kept
MOST_DAYS = 10  # of which the first copy is kept, too
MOST_SECONDS = 30  # that another program may keep the gradebook locked
DATABASE = "gradebook.db"
CONTENTS = "contents.json"
FORM = "%Y-%m-%dT%H%M%S.%fZ"


@dataclass(frozen=True)
class Copy:
    """A copy of the gradebook.

    Attributes:
        name: by which it is put back.
        time: when it was made, in UTC.
        set: the set whose grades were about to change.
        folder: where it lies.
    """

    name: str
    time: datetime
    set: str
    folder: Path


def copies_of(course: Course) -> list[Copy]:
    """The copies that are kept, the newest first."""
    found = []
    for folder in _place(course).glob("*"):
        made, _, set_name = folder.name.partition("-of-")
        with contextlib.suppress(ValueError):
            when = datetime.strptime(made, FORM).replace(tzinfo=UTC)
            found.append(Copy(folder.name, when, set_name, folder))
    return sorted(found, key=lambda copy: copy.time, reverse=True)


def keep_copy(course: Course, set_name: str) -> Copy | None:
    """Keep a copy of the gradebook as it is; None where there is none, or it is no SQLite file."""
    database = _file_of(course)
    if database is None or not database.is_file():
        return None
    name = f"{datetime.now(UTC).strftime(FORM)}-of-{set_name}"
    _place(course).mkdir(parents=True, exist_ok=True)
    half = Path(tempfile.mkdtemp(dir=_place(course), prefix="."))
    try:
        _copy_database(database, half / DATABASE)
        contents = {}
        for number, file in enumerate(_files_besides(course, set_name)):
            if file.is_file() and not file.is_symlink():
                contents[f"{number:05}"] = os.path.relpath(file, course.root)  # it may be moved
                _link(file, half / f"{number:05}")
        (half / CONTENTS).write_text(json.dumps(contents), encoding="utf-8")
        half.rename(_place(course) / name)
    except BaseException:
        shutil.rmtree(half, ignore_errors=True)
        raise
    _remove_old(course)
    return next(copy for copy in copies_of(course) if copy.name == name)


def restore(course: Course, name: str | None = None) -> tuple[Copy, Copy | None]:
    """Put a copy back, the newest if none is named.

    Args:
        course: the course.
        name: of the copy.

    Returns:
        The copy, and one of the gradebook as it was until now.

    Raises:
        UsageError: if there is no such copy.
    """
    database = _file_of(course)
    if database is None:
        raise UsageError("the gradebook is no SQLite file: its server keeps copies, or nobody")
    known = {copy.name: copy for copy in copies_of(course)}
    if not known:
        raise UsageError("no copy of the gradebook is kept: no run has changed grades yet")
    if name is not None and name not in known:
        raise UsageError(f"there is no copy {name!r}: the newest is {next(iter(known))}")
    chosen = known[name] if name else next(iter(known.values()))
    with (
        one_at_a_time(course, "recording"),
        tempfile.TemporaryDirectory(dir=_place(course), prefix=".") as folder,
    ):
        safe = Path(folder) / "copy"  # the next one may push it out
        shutil.copytree(chosen.folder, safe, copy_function=_link)
        until_now = keep_copy(course, chosen.set)
        _copy_database(safe / DATABASE, database)
        for file, place in kept_files(course, replace(chosen, folder=safe)).items():
            _put_back(file, place)
    return chosen, until_now


def kept_files(course: Course, copy: Copy) -> dict[Path, Path]:
    """The files of a copy besides the database, and where each of them belongs."""
    return {
        copy.folder / number: Path(os.path.normpath(course.root / place))
        for number, place in _contents(copy).items()
    }


def drop_files(copy: Copy, files: Collection[Path]) -> None:
    """Take files out of a copy, so that they are not put back."""
    dropped = {file.name for file in files}
    contents = {name: place for name, place in _contents(copy).items() if name not in dropped}
    write(copy.folder / CONTENTS, json.dumps(contents))
    for file in files:
        file.unlink(missing_ok=True)


def _contents(copy: Copy) -> dict[str, str]:
    """Where each file of a copy belongs, seen from the course."""
    contents: dict[str, str] = json.loads((copy.folder / CONTENTS).read_text(encoding="utf-8"))
    return contents


def _place(course: Course) -> Path:
    return course.results_folder() / "copies"


def _file_of(course: Course) -> Path | None:
    file = course.db_url.removeprefix("sqlite:///")
    return None if file == course.db_url else Path(file)


def _files_besides(course: Course, set_name: str) -> list[Path]:
    """What a recording of a set writes beside the database."""
    files = [course.results_folder() / f"{set_name}.json", recorded_file(course, set_name)]
    for student, row in read_recorded(course, set_name).items():
        folder = course.autograded_folder(student, set_name)
        files += [folder / name for name in row.files if is_name(name)]
    return files


def _copy_database(source: Path, target: Path) -> None:
    """Copy a database, whoever is using either of them."""
    end = time.monotonic() + MOST_SECONDS

    def wait(*_: int) -> None:
        if time.monotonic() > end:
            raise MachineError("the gradebook is locked by another program")

    try:
        with (
            contextlib.closing(sqlite3.connect(source)) as before,
            contextlib.closing(sqlite3.connect(target)) as after,
        ):
            before.backup(after, pages=1000, progress=wait)
    except sqlite3.Error as error:
        raise MachineError(f"the gradebook cannot be copied: {error}") from error


def _link(source: Path | str, target: Path | str) -> None:
    """A second name of a file, or a copy where the file system has none: it is never changed."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)


def _put_back(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    half = target.with_name(f".{target.name}.part")
    half.unlink(missing_ok=True)
    _link(source, half)
    half.replace(target)


def _remove_old(course: Course) -> None:
    """Remove all copies but the newest, and the first of each of the last days that have some."""
    copies = copies_of(course)
    first_of_day = {copy.time.date(): copy for copy in copies}
    kept = [*copies[:MOST_RECENT], *[*first_of_day.values()][:MOST_DAYS]]
    for copy in copies:
        if copy not in kept:
            shutil.rmtree(copy.folder, ignore_errors=True)

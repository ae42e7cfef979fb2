"""A course folder: what is read from it, and how a file is put into it."""

import contextlib
import os
import re
import stat
import tempfile
from pathlib import Path

from mlpgrader.assignment.plan import Plan, read_plan
from mlpgrader.errors import UnreadableError, UsageError

MOST_BYTES = 20 << 20  # of a submission


def plan_of(course: Path, set_name: str) -> Plan:
    """The plan of a set of a course.

    Raises:
        UsageError: if there is no such set, or it cannot be graded.
    """
    path = Path(course) / "solutions" / set_name / f"{set_name}.ipynb"
    if not set_name or Path(set_name).name != set_name or not path.is_file():
        raise UsageError(f"there is no set {set_name!r}: {path} is missing")
    return read_plan(path.read_text(encoding="utf-8"), set_name)


def students(course: Path, set_name: str) -> list[str]:
    """The names of the folders in submitted/ that hold this set."""
    folder = Path(course) / "submitted"
    if not folder.is_dir():
        raise UsageError(f"there are no submissions: {folder} is missing")
    names = sorted(path.name for path in folder.iterdir() if os.path.lexists(path / set_name))
    if odd := [name for name in names if re.search("[\ud800-\udfff]", name)]:
        raise UsageError(f"a folder in {folder} has a name that is not UTF-8: {odd[0]!r}")
    return names


def read_submitted(course: Path, student: str, set_name: str, name: str) -> str:
    """The text of a file that a student handed in, a regular file reached through no link.

    Raises:
        UnreadableError: if it is anything else, too large or no text.
    """
    flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK
    try:
        with contextlib.ExitStack() as stack:
            place = os.open(Path(course) / "submitted", os.O_RDONLY | os.O_DIRECTORY)
            for part in (student, set_name):
                stack.callback(os.close, place)
                place = os.open(part, flags | os.O_DIRECTORY, dir_fd=place)
            stack.callback(os.close, place)
            file = stack.enter_context(open(os.open(name, flags, dir_fd=place), "rb"))
            status = os.fstat(file.fileno())
            if not stat.S_ISREG(status.st_mode):
                raise UnreadableError(f"{name} is not a regular file")
            if status.st_size > MOST_BYTES:
                raise UnreadableError(f"{name} is larger than {MOST_BYTES >> 20} MB")
            return file.read(MOST_BYTES + 1).decode("utf-8-sig")
    except FileNotFoundError:
        raise UnreadableError(f"there is no {name} in its folder") from None
    except OSError as error:
        raise UnreadableError(f"{name} cannot be opened: {os.strerror(error.errno)}") from None
    except UnicodeDecodeError:
        raise UnreadableError(f"{name} is not UTF-8 text") from None


def write(path: Path, text: str) -> Path:
    """Replace a file in one step, so that no reader and no later run sees half of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, half = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=".part")
    try:
        with open(handle, "w", encoding="utf-8", errors="replace") as file:
            file.write(text)
        os.chmod(half, 0o444 if path.suffix == ".ipynb" else 0o644)
        return Path(half).replace(path)
    except BaseException:
        Path(half).unlink(missing_ok=True)  # it is there unless it has just been moved
        raise

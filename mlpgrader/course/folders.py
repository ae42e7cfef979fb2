"""A course folder: where its files lie, how a submission is read, how a file is written.

Where they lie is said by the course's ``nbgrader_config.py``, which is read here and nowhere else.
nbgrader itself is slow to import, so this module does without it: grading starts at once.
"""

import contextlib
import hashlib
import json
import os
import stat
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any, Literal

from traitlets.config.loader import (
    Config,
    JSONFileConfigLoader,
    LazyConfigValue,
    PyFileConfigLoader,
)

from mlpgrader.errors import UnreadableError, UsageError

if TYPE_CHECKING:
    from nbgrader.coursedir import CourseDirectory

CONFIG_FILE = "nbgrader_config.py"
LOADERS = {  # the later one counts more, as in nbgrader
    CONFIG_FILE: PyFileConfigLoader,
    "nbgrader_config.json": JSONFileConfigLoader,
}
MOST_BYTES = 20 << 20  # of a submission
MOST_FILES = 1000  # of a student's that are looked at, and folders that are looked into for more
MOST_NESTED = 3  # folders of a student's, one in the other, that are looked into
THROUGH_NO_LINK = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK
STUDENT = "\0"  # stands for a student's name in a path; no name holds it

NbgraderStep = Literal["source", "release", "submitted", "autograded", "feedback"]
NBGRADER_NAMES: dict[NbgraderStep, str] = {
    "source": "source",
    "release": "release",
    "submitted": "submitted",
    "autograded": "autograded",
    "feedback": "feedback",
}
OUR_NAMES: dict[NbgraderStep, str] = {
    **NBGRADER_NAMES,
    "source": "solutions",
    "release": "exercises",
}
STRUCTURE = "{nbgrader_step}/{student_id}/{assignment_id}"


class Course:
    """A course folder, laid out as its ``nbgrader_config.py`` says.

    Where that names no source folder, a course that has ``source/`` and no ``solutions/`` has
    nbgrader's own folders, and any other has ``solutions/`` and ``exercises/``.

    Attributes:
        root: the folder in which all others lie, unless they are named by an absolute path.
        config: all settings for nbgrader, with the folders as they are found here.
    """

    def __init__(self, folder: Path):
        folder = folder.resolve()
        self.config = read_config(folder)
        self.root = (folder / self._setting("root", "")).resolve()
        self._names = self._folder_names()
        self._structure = self._setting("directory_structure", STRUCTURE)
        self._refuse_odd_structure()
        self._complete_config()

    @classmethod
    def open(cls, course: "Course | Path | str") -> "Course":
        """The course in a folder; a course that is open already stays as it is.

        Raises:
            UsageError: if its ``nbgrader_config.py`` cannot be used.
        """
        if isinstance(course, Course):
            return course
        return cls(Path(course))

    @property
    def course_id(self) -> str:
        """The name of the course in nbgrader's gradebook."""
        return self._setting("course_id", "")

    @property
    def db_url(self) -> str:
        """The address of the gradebook's database."""
        url = self._setting("db_url", "") or "sqlite:///gradebook.db"
        file = url.removeprefix("sqlite:///")
        if file in (url, "", ":memory:"):
            return url
        return f"sqlite:///{self.root / file}"

    def directory(self) -> "CourseDirectory":
        """The same folders in nbgrader's form, an object of the caller's own.

        Raises:
            UsageError: if a setting has a value that nbgrader does not take.
        """
        from nbgrader.coursedir import CourseDirectory  # slow to import
        from traitlets import TraitError

        try:
            return CourseDirectory(config=self.config)
        except TraitError as error:
            raise UsageError(f"{CONFIG_FILE} cannot be used: {error}") from error

    def source_folder(self, set_name: str) -> Path:
        """Where the source of a set lies."""
        return self._path("source", ".", set_name)

    def release_folder(self, set_name: str) -> Path:
        """Where the student version of a set lies."""
        return self._path("release", ".", set_name)

    def submitted_folder(self, student: str, set_name: str) -> Path:
        """Where the files lie that a student handed in."""
        return self._path("submitted", student, set_name)

    def autograded_folder(self, student: str, set_name: str) -> Path:
        """Where nbgrader and formgrader look for a graded notebook."""
        return self._path("autograded", student, set_name)

    def feedback_folder(self, student: str, set_name: str) -> Path:
        """Where a student's page of feedback lies."""
        return self._path("feedback", student, set_name)

    def results_folder(self) -> Path:
        """Where verdicts are kept; nbgrader has no such folder."""
        return self.root / "results"

    def plans_folder(self) -> Path:
        """Where it is kept how the tests of a set are judged."""
        return self.results_folder() / "plans"

    def places(self) -> list[Path]:
        """The root, and the folders of the course that lie elsewhere."""
        names = [name for name in self._names.values() if Path(name).is_absolute()]
        return [self.root, *map(Path, names)]

    def _path(self, step: NbgraderStep, student: str, set_name: str) -> Path:
        path = self._structure.format(
            nbgrader_step=self._names[step],
            student_id=student,
            assignment_id=set_name,
        )
        return self.root / path

    @property
    def timezone(self) -> str:
        """The time zone of times that name none, as nbgrader's exchange writes them."""
        return str(self.config.Exchange.get("timezone", "UTC"))

    def _setting(self, name: str, default: str, section: str = "CourseDirectory") -> str:
        value = self.config[section].get(name, default)
        if not isinstance(value, str):
            raise UsageError(f"{CONFIG_FILE}: {section}.{name} is no text: {value!r}")
        return value

    def _folder_names(self) -> dict[NbgraderStep, str]:
        standard = OUR_NAMES
        named = "source_directory" in self.config.CourseDirectory
        has_source = (self.root / "source").is_dir()
        if named or (has_source and not (self.root / "solutions").is_dir()):
            standard = NBGRADER_NAMES
        return {step: self._setting(f"{step}_directory", name) for step, name in standard.items()}

    def _refuse_odd_structure(self) -> None:
        try:
            path = str(self._path("submitted", STUDENT, "\n"))
        except (AttributeError, LookupError, ValueError) as error:
            reason = f"directory_structure cannot be used: {error!r}"
            raise UsageError(f"{CONFIG_FILE}: {reason}") from None
        if STUDENT not in path or "\n" not in path:
            reason = "directory_structure needs {student_id} and {assignment_id}"
            raise UsageError(f"{CONFIG_FILE}: {reason}")

    def _complete_config(self) -> None:
        """Put in what nbgrader would take from elsewhere, such as the current folder."""
        section = self.config.CourseDirectory
        section.root = str(self.root)
        section.db_url = self.db_url
        for step, name in self._names.items():
            section[f"{step}_directory"] = name
        for part in ("header", "footer"):
            file = self._setting(part, "", "IncludeHeaderFooter")
            if file:
                self.config.IncludeHeaderFooter[part] = str(self.root / file)


def read_config(folder: Path) -> Config:
    """The settings in a course's ``nbgrader_config.py`` and its JSON form; none without a file.

    Raises:
        UsageError: if one of them is not a configuration.
    """
    config = Config()
    for name, loader in LOADERS.items():
        if not (folder / name).is_file():
            continue
        try:
            config.merge(loader(name, path=str(folder)).load_config())
        except Exception as error:  # it is a program, so it may raise anything
            raise UsageError(f"{name} cannot be used: {error}") from error
    return config


def setting(section: Config, name: str, default: Any) -> Any:
    """A setting; one that is a change of nbgrader's default, such as an `append`, is done here."""
    value = section.get(name, default)
    return value.get_value(default) if isinstance(value, LazyConfigValue) else value


def is_name(text: str) -> bool:
    """Whether a text is the name of a file or folder, not a path to one.

    Example:
        >>> is_name("activations"), is_name("../activations"), is_name(".."), is_name("")
        (True, False, False, False)
    """
    return bool(text) and Path(text).name == text and text != ".."


def students(course: Course, set_name: str) -> list[str]:
    """The names of all who handed in a set.

    A name that is not UTF-8 is written out, so that it is a text; no folder has that name, and the
    submission is unreadable.

    Raises:
        UsageError: if there is no folder of submissions.
    """
    above, _ = _around_students(course, set_name)
    if not above.is_dir():
        raise UsageError(f"there are no submissions: {above} is missing")
    names = _students_in(course, set_name)
    return sorted(name.encode("utf-8", "backslashreplace").decode() for name in names)


def _around_students(course: Course, set_name: str) -> tuple[Path, tuple[str, ...]]:
    """The folder in which students' folders lie, and the path from there to a submission."""
    parts = course.submitted_folder(STUDENT, set_name).parts
    place = next(number for number, part in enumerate(parts) if STUDENT in part)
    return Path(*parts[:place]), parts[place:]


def hand_in_root(course: Course, set_name: str) -> Path:
    """The folder in which all that students hand in for a set lies."""
    return _around_students(course, set_name)[0]


def is_below_links(course: Course, student: str, set_name: str) -> bool:
    """Whether a link lies on the way to a student's files, or something else that is no folder."""
    above, parts = _around_students(course, set_name)
    place = above
    for part in parts:
        place = place / part.replace(STUDENT, student)
        if place.is_symlink() or (place.exists() and not place.is_dir()):
            return True
    return False


def _students_in(course: Course, set_name: str) -> Iterator[str]:
    above, (pattern, *_) = _around_students(course, set_name)
    before, _, after = pattern.partition(STUDENT)
    for path in above.iterdir():
        student = path.name.removeprefix(before).removesuffix(after)
        fits = pattern.replace(STUDENT, student) == path.name
        if fits and os.path.lexists(course.submitted_folder(student, set_name)):
            yield student


def read_submitted(course: Course, student: str, set_name: str, name: str) -> str:
    """The text of a file that a student handed in, a regular file reached through no link.

    Raises:
        UnreadableError: if it is anything else, too large or no text.
    """
    content = read_file(course, student, set_name, PurePosixPath(name), MOST_BYTES)
    try:
        return decoded(content)
    except UnicodeDecodeError:
        raise UnreadableError(f"{name} is not UTF-8 text") from None


def decoded(content: bytes) -> str:
    """The text of a file in UTF-8, 16 or 32, with a byte order mark or without.

    It has to begin with a character of ASCII, as JSON and times do.

    Raises:
        UnicodeDecodeError: if it is in none of them.
    """
    return content.decode(json.detect_encoding(content))


def read_file(course: Course, student: str, set_name: str, file: PurePosixPath, most: int) -> bytes:
    """The content of a file that a student handed in, a regular file reached through no link.

    Args:
        course: the course.
        student: who handed it in.
        set_name: the set that it is for.
        file: its path in the student's folder.
        most: how many bytes it may have.

    Raises:
        UnreadableError: if it is anything else, or too large.
    """
    above, parts = _around_students(course, set_name)
    path = [part.replace(STUDENT, student) for part in parts]
    try:
        with open(_open_below(above, [*path, *file.parts]), "rb") as opened:
            _refuse_odd_file(os.fstat(opened.fileno()), file.name, most)
            return opened.read(most + 1)
    except FileNotFoundError:
        raise UnreadableError(f"there is no {file} in its folder") from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise UnreadableError(f"{file} cannot be opened: {reason}") from None


def is_own_file(course: Course, student: str, set_name: str, file: PurePosixPath) -> bool:
    """Whether a student's folder has a regular file of that path, reached through no link."""
    above, parts = _around_students(course, set_name)
    path = [part.replace(STUDENT, student) for part in parts]
    try:
        handle = _open_below(above, [*path, *file.parts])
    except (OSError, ValueError):
        return False
    try:
        return stat.S_ISREG(os.fstat(handle).st_mode)
    finally:
        os.close(handle)


def files_of(course: Course, student: str, set_name: str) -> list[PurePosixPath]:
    """The files that a student handed in, by their paths in the student's folder, in order.

    Files and folders whose names begin with a dot are left out, and no link is followed.
    """
    above, parts = _around_students(course, set_name)
    path = [part.replace(STUDENT, student) for part in parts]
    found: list[PurePosixPath] = []
    with contextlib.suppress(OSError):  # it is no folder, or cannot be opened
        folder = _open_below(above, path, os.O_DIRECTORY)
        try:
            for number, (place, folders, names) in enumerate(_walk(folder)):
                found += (place / name for name in sorted(names) if not name.startswith("."))
                if len(place.parts) >= MOST_NESTED or max(number, len(found)) > MOST_FILES:
                    folders.clear()
        finally:
            os.close(folder)
    return found[:MOST_FILES]


def _walk(folder: int) -> Iterator[tuple[PurePosixPath, list[str], list[str]]]:
    """`os.walk` for a folder that is open: paths in it, folders to go into, regular files."""
    for path, folders, names, place in os.fwalk(".", dir_fd=folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))[:MOST_FILES]
        regular = [name for name in names if _is_regular(name, place)]
        yield PurePosixPath(path), folders, regular


def _is_regular(name: str, folder: int) -> bool:
    with contextlib.suppress(OSError):
        return stat.S_ISREG(os.stat(name, dir_fd=folder, follow_symlinks=False).st_mode)
    return False


def _open_below(folder: Path, path: Sequence[str], flags: int = 0) -> int:
    """The descriptor of a file below a folder; no part of its path may be a link."""
    *folders, name = path
    with contextlib.ExitStack() as stack:
        place = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        stack.callback(os.close, place)
        for part in folders:
            place = os.open(part, THROUGH_NO_LINK | os.O_DIRECTORY, dir_fd=place)
            stack.callback(os.close, place)
        return os.open(name, THROUGH_NO_LINK | flags, dir_fd=place)


def _refuse_odd_file(status: os.stat_result, name: str, most: int) -> None:
    if not stat.S_ISREG(status.st_mode):
        raise UnreadableError(f"{name} is not a regular file")
    if status.st_size > most:
        raise UnreadableError(f"{name} is larger than {most >> 20} MB")


def hash_of_files(files: Iterable[Path]) -> str:
    """A hash of the files' content, one after another."""
    content = hashlib.sha256()
    for file in files:
        content.update(file.read_bytes())
    return content.hexdigest()


def write(path: Path, text: str, *, mode: int = 0o644) -> Path:
    """Replace a file in one step, so that no reader and no later run sees half of it.

    A file that is as it should be is left alone.
    """
    content = text.encode("utf-8", "replace")
    if _is_written(path, content, mode):
        return path
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, half = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=".part")
    try:
        with open(handle, "wb") as file:
            file.write(content)
        os.chmod(half, mode)
        return Path(half).replace(path)
    except BaseException:
        Path(half).unlink(missing_ok=True)  # it is there unless it has just been moved
        raise


@contextlib.contextmanager
def one_at_a_time(course: Course, what: str, *, wait: bool = True) -> Iterator[None]:
    """Let no other command be at something in this course meanwhile, such as recording grades.

    Args:
        course: the course.
        what: what the commands are at, a word.
        wait: wait for the other one.

    Raises:
        UsageError: if there is another one, and it is not waited for.
    """
    import fcntl  # Linux has it

    folder = course.results_folder()
    folder.mkdir(parents=True, exist_ok=True)
    with open(folder / f".{what}", "w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX if wait else fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise UsageError(f"another command is {what} here already") from None
        except OSError:  # a file system of a network may have no locks
            pass
        yield


def _is_written(path: Path, content: bytes, mode: int) -> bool:
    try:
        status = path.lstat()
        if not stat.S_ISREG(status.st_mode) or stat.S_IMODE(status.st_mode) != mode:
            return False
        return status.st_size == len(content) and path.read_bytes() == content
    except OSError:
        return False

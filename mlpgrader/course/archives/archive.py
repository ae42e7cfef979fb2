"""A zip archive of hand-ins, opened with nothing taken on trust.

What no course platform writes ends the import, in one line: a path that leads out of the archive, a
link, a password, a file that stands twice, more files or more data than a class hands in. What a
student alone decides, how large one file is and how far it can be packed, costs that file and no
other student's: a zipped gigabyte of zeros is no reason why a class cannot be graded.

Sizes are those that the archive states. Python reads no more of a file than that, and checks it.
"""

import contextlib
import re
import stat
import struct
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from mlpgrader.course.submitted import MOST_FILE
from mlpgrader.errors import UsageError

MOST_MEMBERS = 50_000
MOST_UNPACKED = 8 << 30  # bytes, of all files together
MOST_RATIO = 200  # bytes for each that is stored, where it matters:
LARGE = 10 << 20  # bytes from which a file's ratio counts
MOST_NAME = 255  # bytes of a name, as file systems have it
CHUNK = 1 << 20  # bytes
IS_ENCRYPTED = 0x1 | 0x40 | 0x2000  # in an entry's flags
IS_UTF8 = 0x800
METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
DRIVE = re.compile(r"[A-Za-z]:")
# what systems leave in archives; names with a dot in front are left out too
LITTER = {"__MACOSX", "__pycache__", "Thumbs.db", "desktop.ini"}
FAULTS = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    NotImplementedError,
    UnicodeError,
    OverflowError,
    RuntimeError,
    ValueError,
)


class Member(NamedTuple):
    """A file of an archive: where it says that it lies, and its entry."""

    path: PurePosixPath
    info: zipfile.ZipInfo


class Archive:
    """An archive that is open.

    Attributes:
        path: the file.
        members: its files, in its order.
        left_out: files that are too large or cannot be stored, and why.
    """

    def __init__(self, path: Path, opened: zipfile.ZipFile):
        self.path = path
        self._opened = opened
        self.members: list[Member] = []
        self.left_out: dict[PurePosixPath, str] = {}
        for info in opened.infolist():
            self._add(info)
        self._refuse_twice()
        self._refuse_much()

    def read(self, member: Member) -> Iterator[bytes]:
        """The content of a file of the archive, in pieces.

        Raises:
            UsageError: if the archive is damaged there.
        """
        with naming_faults(self.path), self._opened.open(member.info) as stream:
            while piece := stream.read(CHUNK):
                yield piece

    def _add(self, info: zipfile.ZipInfo) -> None:
        path = safe_path(self.path, info)
        self._refuse_kind(info)
        if info.is_dir() or not path.parts or is_litter(path):
            return
        reason = _too_much(info, path)
        if reason:
            self.left_out[path] = reason
        else:
            self.members.append(Member(path, info))

    def _refuse_kind(self, info: zipfile.ZipInfo) -> None:
        kind = stat.S_IFMT(info.external_attr >> 16)
        if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
            raise refused(self.path, f"{info.filename} is a link or a device")
        if info.flag_bits & IS_ENCRYPTED:
            raise refused(self.path, "it has a password")
        if info.compress_type not in METHODS:
            raise refused(
                self.path, f"{info.filename} is packed in a way that platforms do not use"
            )

    def _refuse_twice(self) -> None:
        uses = Counter(member.path for member in self.members)
        twice = [str(path) for path, count in uses.items() if count > 1]
        if twice:
            raise refused(self.path, f"it has two files {twice[0]}")
        folders = {folder for path in uses for folder in path.parents}
        if not folders.isdisjoint(uses):
            raise refused(self.path, "it has a file where it has a folder")

    def _refuse_much(self) -> None:
        if len(self.members) > MOST_MEMBERS:
            raise refused(self.path, f"it has more than {MOST_MEMBERS} files")
        size = sum(member.info.file_size for member in self.members)
        stored = self.path.stat().st_size
        if size > MOST_UNPACKED or (size > 100 * LARGE and size > MOST_RATIO * stored):
            raise refused(self.path, f"{stored} bytes would become {size}")


@contextlib.contextmanager
def open_archive(path: Path) -> Iterator[Archive]:
    """A zip archive, open as long as it is needed.

    Raises:
        UsageError: if it is none, or one that no platform writes.
    """
    if not path.is_file():
        raise UsageError(f"there is no file {path}")
    with naming_faults(path):
        opened = zipfile.ZipFile(path)
    with contextlib.closing(opened):
        yield Archive(path, opened)


@contextlib.contextmanager
def naming_faults(path: Path) -> Iterator[None]:
    """Say in one line that an archive cannot be read."""
    try:
        yield
    except FAULTS as error:
        text = (str(error).splitlines() or [""])[0]
        raise refused(path, f"it is damaged, or no zip: {text or type(error).__name__}") from error


def refused(path: Path, reason: str) -> UsageError:
    """Why nothing of an archive is imported."""
    return UsageError(f"nothing of {path} is imported: {reason}")


def safe_path(archive: Path, info: zipfile.ZipInfo) -> PurePosixPath:
    """Where a file of an archive lies in it, with whichever slashes.

    Raises:
        UsageError: if that is outside the archive.
    """
    text = decoded_name(info).replace("\\", "/")
    parts = [part for part in text.split("/") if part not in ("", ".")]
    if ".." in parts or text.startswith("/") or DRIVE.match(text) or "\0" in info.orig_filename:
        raise refused(archive, f"the path {info.orig_filename} leads out of it")
    return PurePosixPath(*parts)


def decoded_name(info: zipfile.ZipInfo) -> str:
    """The name of an entry; many programs write UTF-8 and do not say so."""
    if info.flag_bits & IS_UTF8:
        return info.filename
    with contextlib.suppress(UnicodeError):
        return info.filename.encode("cp437").decode("utf-8")
    return info.filename


def is_litter(path: PurePosixPath) -> bool:
    """Whether a file is none that a student wrote.

    Example:
        >>> [is_litter(PurePosixPath(name)) for name in ("__MACOSX/x", "a/.git/x", "a/x.ipynb")]
        [True, True, False]
    """
    return any(part in LITTER or part.startswith(".") for part in path.parts)


def _too_much(info: zipfile.ZipInfo, path: PurePosixPath) -> str:
    """Why a file is left out; nothing if it is not."""
    if any(len(part.encode("utf-8", "replace")) > MOST_NAME for part in path.parts):
        return "its name is too long"
    if info.file_size > MOST_FILE:
        return f"it is larger than {MOST_FILE >> 20} MB"
    if info.file_size > LARGE and info.file_size > MOST_RATIO * info.compress_size:
        return f"{info.compress_size} bytes would become {info.file_size}"
    return ""

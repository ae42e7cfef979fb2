"""Whose a file of an archive is, by the names that course platforms give to downloads.

- Moodle: `Jane Doe_123_assignsubmission_file_/a.ipynb`, or with the file's name behind the last
  `_`; the number is that of the student in one assignment.
- Canvas: `doejane_123_4567_a.ipynb`, or `doejane_late_123_…`: the number of the student, and of the
  upload; a later upload has a higher one, and may be called `a-1.ipynb`.
- Folders: `jane/a.ipynb`, `jane/<set>/a.ipynb` as nbgrader has it, or all that in one folder.

A student chooses the file's own name, so what comes first decides: neither platform lets the name
of a student hold what ends it.
"""

import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import Literal, NamedTuple

from mlpgrader.course.archives.archive import Member, refused
from mlpgrader.course.folders import is_name
from mlpgrader.course.submitted import original_name

Platform = Literal["moodle", "canvas", "folders"]
MOODLE = re.compile(r"(?P<name>[^_]+)_(?P<number>\d{1,18})_assignsubmission_[a-z]+_?(?P<file>.*)")
CANVAS = re.compile(
    r"(?P<name>.+?)_(?P<late>late_)?(?P<number>\d{1,18})_(?P<attempt>\d{1,18})_(?P<file>.+)",
    re.IGNORECASE,
)
# what tells when and by whom something was handed in: a student must not say it
NOT_THEIRS = {"timestamp.txt", "submission_secret.txt"}
MOST_NESTED = 4  # folders of one student's, the last with the file's name


class Owner(NamedTuple):
    """Whom an archive names: by what name, and by what number, where it has one."""

    name: str
    number: str = ""


class Entry(NamedTuple):
    """A file of an archive, and whose it is.

    Attributes:
        owner: the student as the archive says it.
        file: the path in the student's own folder.
        member: the file itself.
        attempt: the platform's number of the upload; 0 if it has none.
        is_late: whether the platform says so.
    """

    owner: Owner
    file: PurePosixPath
    member: Member
    attempt: int = 0
    is_late: bool = False


@dataclass
class HandIn:
    """What an archive has of one student.

    Attributes:
        owner: the student as the archive says it.
        files: each file by its path in the student's folder.
        attempt: the platform's number of the latest upload; 0 if it has none.
        is_late: whether the platform says so.
        time: when, in UTC, where a worksheet says it.
    """

    owner: Owner
    files: dict[PurePosixPath, Member] = field(default_factory=dict)
    attempt: int = 0
    is_late: bool = False
    time: datetime | None = None


def platform_of(archive: Path, members: Sequence[Member]) -> Platform:
    """Which platform an archive comes from, by the names of its files.

    Raises:
        UsageError: if they are of no form that is known.
    """
    if any(MOODLE.fullmatch(member.path.parts[0]) for member in members):
        return "moodle"
    if any(_of_canvas(member) for member in members):
        return "canvas"
    if members and all(len(member.path.parts) > 1 for member in members):
        return "folders"
    names = ", ".join(str(member.path) for member in members[:3])
    raise refused(
        archive,
        "its files are named neither as Moodle nor as Canvas does it, nor in a folder for each "
        f"student: {names or 'there are none'}",
    )


def hand_ins_of(
    platform: Platform, members: Sequence[Member], set_name: str, notebooks: Collection[str]
) -> tuple[list[HandIn], list[PurePosixPath]]:
    """What each student handed in, the latest upload of each file, and the files of nobody.

    Args:
        platform: where the archive comes from.
        members: its files.
        set_name: the set they are for.
        notebooks: the names of its notebooks.
    """
    read: Callable[[Member], Entry | None] = {
        "moodle": _of_moodle,
        "canvas": _of_canvas,
        "folders": _in_folders(members, set_name),
    }[platform]
    found: dict[Owner, HandIn] = {}
    nobodys = []
    entries = [(member, read(member)) for member in members]
    for member, entry in sorted(entries, key=lambda pair: pair[1].attempt if pair[1] else 0):
        if entry is None:
            nobodys.append(member.path)
            continue
        hand_in = found.setdefault(entry.owner, HandIn(entry.owner))
        file = entry.file
        if platform == "canvas":
            file = file.with_name(as_handed_in(file.name, notebooks))
        hand_in.files[file] = entry.member
        hand_in.attempt = max(hand_in.attempt, entry.attempt)
        hand_in.is_late |= entry.is_late
    return list(found.values()), nobodys


def as_handed_in(name: str, notebooks: Collection[str]) -> str:
    """The name of a file before Canvas numbered it; nobody would find it under the new one.

    Args:
        name: the file's name.
        notebooks: the names of the notebooks of the set.

    Examples:
        >>> as_handed_in("relu-1.ipynb", ["relu.ipynb"]), as_handed_in("helper-2.py", [])
        ('relu.ipynb', 'helper.py')
        >>> as_handed_in("part-1.ipynb", ["part-1.ipynb"]), as_handed_in("b-1.csv", [])
        ('part-1.ipynb', 'b-1.csv')
    """
    before = re.sub(r"-\d{1,3}(?=\.(ipynb|py)$)", "", name)
    if name in notebooks or (before not in notebooks and name.endswith(".ipynb")):
        return name
    return before


def is_theirs(file: PurePosixPath) -> bool:
    """Whether a student may decide what a file says."""
    return file.name.casefold() not in NOT_THEIRS


def _of_moodle(member: Member) -> Entry | None:
    top, *below = member.path.parts
    found = MOODLE.fullmatch(top)
    if not found or bool(found["file"]) == bool(below) or len(below) > MOST_NESTED:
        return None
    if not below and not is_name(found["file"]):
        return None
    file = PurePosixPath(*below) if below else PurePosixPath(found["file"])
    return Entry(Owner(found["name"], found["number"]), file, member)


def _of_canvas(member: Member) -> Entry | None:
    found = CANVAS.fullmatch(member.path.name)
    if not found or len(member.path.parts) > 1 or not is_name(found["file"]):
        return None
    return Entry(
        owner=Owner(found["name"], found["number"]),
        file=PurePosixPath(found["file"]),
        member=member,
        attempt=int(found["attempt"]),
        is_late=bool(found["late"]),
    )


def _in_folders(members: Sequence[Member], set_name: str) -> Callable[[Member], Entry | None]:
    """How to read an archive with a folder for each student."""
    tops = {member.path.parts[0] for member in members}
    is_wrapped = len(tops) == 1 and all(
        len(member.path.parts) > 2 and member.path.parts[1] != set_name for member in members
    )

    def read(member: Member) -> Entry | None:
        parts = member.path.parts[1:] if is_wrapped else member.path.parts
        if len(parts) > 2 and original_name(parts[1]) == original_name(set_name):
            parts = (parts[0], *parts[2:])
        if not 2 <= len(parts) <= MOST_NESTED + 1:
            return None
        return Entry(Owner(parts[0]), PurePosixPath(*parts[1:]), member)

    return read

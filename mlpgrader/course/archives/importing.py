"""Hand-ins out of an archive into submitted/: whose each is, which one counts, nothing half-done.

Everything is first written to a hidden folder beside the students', and only when all of it is
there do whole folders change places. What goes wrong before leaves all as it was; where the machine
stops in between, the next import puts back what was taken away.

A hand-in that is there is replaced by one that is known to be later: by its time, or by Canvas's
number of the upload. Where nobody can tell, it stays, and is named.
"""

import contextlib
import hashlib
import json
import os
import shutil
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import Any

from mlpgrader.clean import plain
from mlpgrader.course.archives.archive import Archive, Member, open_archive
from mlpgrader.course.archives.platforms import (
    HandIn,
    Platform,
    hand_ins_of,
    is_theirs,
    platform_of,
)
from mlpgrader.course.archives.worksheet import Worksheet, read_worksheet
from mlpgrader.course.folders import (
    Course,
    files_of,
    hand_in_root,
    is_below_links,
    one_at_a_time,
    read_file,
    read_submitted,
    students,
)
from mlpgrader.course.people.names import (
    Directory,
    Person,
    folded,
    is_student_id,
    names_of,
    orders,
    people_of,
    squeezed,
)
from mlpgrader.course.sources import source_notebooks
from mlpgrader.course.submitted import MOST_FILE
from mlpgrader.course.timestamps import read_time
from mlpgrader.errors import UnreadableError, UsageError

UPLOAD = ".upload"  # beside a hand-in: Canvas's number of it
TIMESTAMP = PurePosixPath("timestamp.txt")
MOST_TIMESTAMP = 1000  # bytes
HIDDEN_NAME = "participant"  # what Moodle calls everybody where names are hidden, with a number
# in the hidden folder: what comes, what goes, and whose; while the last is there, it can be undone
NEW, OLD, BEGUN = ".new", ".old", ".begun"


@dataclass
class Imported:
    """What an import did, or would do.

    Attributes:
        set: the set.
        platform: where the archive comes from.
        added: students who had handed nothing in so far.
        replaced: students whose hand-in was replaced.
        unchanged: students whose hand-in was there already.
        kept: students whose hand-in stays, though the archive has another, and why.
        strangers: names in the archive that are no student's here.
        duplicates: names in the archive that may be one student, or one that may be several.
        left_out: files that are not imported, and why.
        late: students whom the platform calls late.
        missing: students of the gradebook of whom nothing is there.
    """

    set: str
    platform: Platform
    added: list[str] = field(default_factory=list)
    replaced: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    kept: dict[str, str] = field(default_factory=dict)
    strangers: list[str] = field(default_factory=list)
    duplicates: dict[str, list[str]] = field(default_factory=dict)
    left_out: dict[str, str] = field(default_factory=dict)
    late: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)

    @property
    def notices(self) -> list[str]:
        """What somebody has to look at, a line each."""
        lines = [
            f"{student}: stays as it is, {reason}" for student, reason in sorted(self.kept.items())
        ]
        lines += [
            f"not imported, since it is not clear whose each is: {', '.join(names)} ({student})"
            for student, names in sorted(self.duplicates.items())
        ]
        lines += [f"left out: {file}: {reason}" for file, reason in sorted(self.left_out.items())]
        if self.strangers:
            lines.append(f"no student's here: {', '.join(sorted(self.strangers))}")
        return lines

    def to_json(self) -> dict[str, Any]:
        """What `mlpgrader import --json` prints."""
        return dict(vars(self))


@dataclass(frozen=True)
class ImportOptions:
    """How an archive is to be imported.

    Attributes:
        platform: where it comes from; told by its names where None.
        newcomers: take in those whom nobody knows, by the names that the archive has.
        replace: replace hand-ins that are there, later ones too.
        worksheet: Moodle's grading worksheet, for times and names.
        zone: the time zone of its times; that of the course's exchange where None.
        dry_run: change nothing.
    """

    platform: Platform | None = None
    newcomers: bool = False
    replace: bool = False
    worksheet: Path | None = None
    zone: str | None = None
    dry_run: bool = False


def import_archive(
    course: Course | Path, set_name: str, path: Path, options: ImportOptions | None = None
) -> Imported:
    """Put the hand-ins of an archive where `mlpgrader grade` looks for them.

    Raises:
        UsageError: if the set or the archive is at fault; nothing has changed then.
    """
    course = Course.open(course)
    options = options or ImportOptions()
    notebooks = [file.name for file in source_notebooks(course, set_name)]
    with open_archive(path) as archive, one_at_a_time(course, "importing"):
        put_back(course, set_name)
        platform = options.platform or platform_of(path, archive.members)
        hand_ins, nobodys = hand_ins_of(platform, archive.members, set_name, notebooks)
        done = Imported(set_name, platform)
        done.left_out = {plain(str(file)): reason for file, reason in archive.left_out.items()}
        done.left_out |= {plain(str(file)): f"{platform} names no file so" for file in nobodys}
        hand_ins = _with_what_is_theirs(hand_ins, done)
        people = _people(course, set_name)
        sheet = _worksheet(course, options, done)
        for hand_in in hand_ins:
            hand_in.time = sheet.time_of(*hand_in.owner)
        owners = _owners(hand_ins, platform, people, options, done, sheet)
        chosen = _chosen(course, archive, owners, options, done)
        if chosen and not options.dry_run:
            _put(course, set_name, archive, chosen)
        done.missing = sorted({*people} - {*owners} - {*_handed_in(course, set_name)})
    return done


def _worksheet(course: Course, options: ImportOptions, done: Imported) -> Worksheet:
    """The worksheet beside the archive; an empty one if there is none."""
    if options.worksheet is None:
        return Worksheet()
    zone = options.zone or course.timezone
    sheet = read_worksheet(options.worksheet, zone)
    done.left_out |= {f"{options.worksheet}: {line}": "no time" for line in sheet.unclear}
    return sheet


def _people(course: Course, set_name: str) -> dict[str, Person]:
    """All students of whom the course knows: those of the gradebook, and those who handed in."""
    handed_in = {student: Person(student) for student in _handed_in(course, set_name)}
    people = handed_in | people_of(course)
    return {student: person for student, person in people.items() if is_student_id(student)}


def _handed_in(course: Course, set_name: str) -> list[str]:
    with contextlib.suppress(UsageError):  # there is no folder yet
        return students(course, set_name)
    return []


def _with_what_is_theirs(hand_ins: list[HandIn], done: Imported) -> list[HandIn]:
    """The hand-ins that hold a file, without what a student of a platform must not say.

    They lose it themselves, and `done` learns of it.
    """
    for hand_in in hand_ins if done.platform != "folders" else ():
        for file in [file for file in hand_in.files if not is_theirs(file)]:
            name = f"{hand_in.owner.name}: {file}"
            done.left_out[plain(name)] = "a student does not say when or by whom it is handed in"
            del hand_in.files[file]
    return [hand_in for hand_in in hand_ins if hand_in.files]


# --- whose it is ---------------------------------------------------------------------------


def _owners(
    hand_ins: list[HandIn],
    platform: Platform,
    people: dict[str, Person],
    options: ImportOptions,
    done: Imported,
    sheet: Worksheet,
) -> dict[str, HandIn]:
    """The hand-in of each student, as far as that is certain; `done` learns of the others."""
    directory = Directory(people.values())
    found: dict[tuple[str, ...], list[HandIn]] = {}
    for hand_in in hand_ins:
        meant = _meant(hand_in, platform, directory, sheet)
        if not meant and options.newcomers and is_student_id(hand_in.owner.name):
            meant = {hand_in.owner.name}
        found.setdefault(tuple(sorted(meant)), []).append(hand_in)
    done.strangers = sorted(map(_called, found.pop((), [])))
    owners = {}
    for students_meant, several in found.items():
        latest = _latest(several)
        if latest is None or len(students_meant) > 1:
            name = " or ".join(map(plain, students_meant))
            done.duplicates[name] = sorted(map(_called, several))
        else:
            owners[students_meant[0]] = latest
    return owners


def _meant(hand_in: HandIn, platform: Platform, directory: Directory, sheet: Worksheet) -> set[str]:
    """Which students the archive may mean."""
    name, number = hand_in.owner
    for other in sheet.names_of(name, number):
        found = directory.find(other)
        if len(found) == 1:
            return found
    if platform == "canvas":
        return _on_canvas(name, number, directory)
    if platform == "moodle" and folded(name) == HIDDEN_NAME:
        return _of_hidden_name(folded(f"{name} {number}"), directory)
    return directory.find(name)


def _of_hidden_name(identifier: str, directory: Directory) -> set[str]:
    """Whom Moodle means by a number: no name counts, or a student could take another's."""
    people = directory.people.values()
    return {one.id for one in people if identifier in (folded(one.id), folded(one.lms_id))}


def _on_canvas(name: str, number: str, directory: Directory) -> set[str]:
    """Whom Canvas means: its number is surest, and a student with another one is not meant."""
    people = directory.people.values()
    by_number = {person.id for person in people if number and person.lms_id == number}
    if by_number:
        return by_number
    others = [person for person in people if not person.lms_id]
    names = names_of(others, lambda person: [squeezed(person.id), *map(squeezed, orders(person))])
    return {*names.get(squeezed(name), ())}


def _latest(hand_ins: list[HandIn]) -> HandIn | None:
    """The latest of one student's hand-ins; None if nobody can tell, or they are two people's."""
    if len(hand_ins) == 1:
        return hand_ins[0]
    if len({hand_in.owner.number for hand_in in hand_ins}) > 1:
        return None
    attempts = [hand_in.attempt for hand_in in hand_ins]
    if len({*attempts}) == len(attempts):
        return max(hand_ins, key=lambda hand_in: hand_in.attempt)
    return None


def _called(hand_in: HandIn) -> str:
    name, number = hand_in.owner
    return plain(f"{name} {number}".strip())


# --- which one counts ----------------------------------------------------------------------


def _chosen(
    course: Course,
    archive: Archive,
    owners: dict[str, HandIn],
    options: ImportOptions,
    done: Imported,
) -> dict[str, HandIn]:
    """The hand-ins that are to be written; `done` learns what becomes of the others."""
    chosen = {}
    for student, hand_in in sorted(owners.items()):
        if hand_in.is_late:
            done.late.append(student)
        if is_below_links(course, student, done.set):
            done.kept[student] = "since a link or a file lies in its folder's place"
        elif not os.path.lexists(course.submitted_folder(student, done.set)):
            done.added.append(student)
            chosen[student] = hand_in
        elif _is_there(course, done.set, archive, student, hand_in):
            done.unchanged.append(student)
        elif options.replace or _is_later(course, done.set, archive, student, hand_in):
            done.replaced.append(student)
            chosen[student] = hand_in
        else:
            done.kept[student] = "since what is there may be later (--replace takes the archive's)"
    return chosen


def _is_there(
    course: Course, set_name: str, archive: Archive, student: str, hand_in: HandIn
) -> bool:
    """Whether a hand-in is the one that is there, and nothing new is known of its time."""
    there = _time_there(course, set_name, student)
    if hand_in.time is not None and (there is None or hand_in.time > there):
        return False
    return _has_same_files(course, set_name, archive, student, hand_in)


def _has_same_files(
    course: Course, set_name: str, archive: Archive, student: str, hand_in: HandIn
) -> bool:
    """Whether the files of a hand-in are those that are there; a time need not be among them."""
    there = {*files_of(course, student, set_name)}
    if TIMESTAMP not in hand_in.files:
        there -= {TIMESTAMP}
    if there != {*hand_in.files}:
        return False
    with contextlib.suppress(UnreadableError):
        return all(
            _hash_there(course, set_name, student, file) == _hash(archive, member)
            for file, member in hand_in.files.items()
        )
    return False


def _hash_there(course: Course, set_name: str, student: str, file: PurePosixPath) -> str:
    return hashlib.sha256(read_file(course, student, set_name, file, MOST_FILE)).hexdigest()


def _hash(archive: Archive, member: Member) -> str:
    content = hashlib.sha256()
    for piece in archive.read(member):
        content.update(piece)
    return content.hexdigest()


def _is_later(
    course: Course, set_name: str, archive: Archive, student: str, hand_in: HandIn
) -> bool:
    """Whether a hand-in is known to be later than the one that is there."""
    said = _text_there(course, set_name, student, UPLOAD)
    if hand_in.attempt and said.isdecimal():
        return hand_in.attempt > int(said)
    there = _time_there(course, set_name, student)
    new = hand_in.time or _time_in(course, archive, hand_in)
    if new is None:
        return False
    if there is None:  # only the time is new
        return _has_same_files(course, set_name, archive, student, hand_in)
    return new > there


def _time_there(course: Course, set_name: str, student: str) -> datetime | None:
    return read_time(_text_there(course, set_name, student, str(TIMESTAMP)), course.timezone)


def _time_in(course: Course, archive: Archive, hand_in: HandIn) -> datetime | None:
    """When something was handed in, as far as the archive says it."""
    member = hand_in.files.get(TIMESTAMP)
    if member is None:
        return None
    text = next(archive.read(member), b"")[:MOST_TIMESTAMP].decode("utf-8-sig", "replace")
    return read_time(text, course.timezone)


def _text_there(course: Course, set_name: str, student: str, name: str) -> str:
    with contextlib.suppress(UnreadableError):
        return read_submitted(course, student, set_name, name)[:MOST_TIMESTAMP].strip()
    return ""


# --- into its place ------------------------------------------------------------------------


def _put(course: Course, set_name: str, archive: Archive, chosen: dict[str, HandIn]) -> None:
    """Write all hand-ins, then put each in its place; a fault takes all of it back."""
    stage = _stage(course, set_name)
    stage.mkdir(parents=True)
    try:
        for student, hand_in in chosen.items():
            _write(archive, hand_in, stage / NEW / student)
        (stage / BEGUN).write_text(json.dumps([*chosen]))
        (stage / OLD).mkdir()
        for student in chosen:
            place = course.submitted_folder(student, set_name)
            place.parent.mkdir(parents=True, exist_ok=True)
            with contextlib.suppress(FileNotFoundError):
                place.rename(stage / OLD / student)
            (stage / NEW / student).rename(place)
    except BaseException:
        _undo(course, set_name)
        raise
    (stage / BEGUN).unlink()
    shutil.rmtree(stage)


def _stage(course: Course, set_name: str) -> Path:
    """The hidden folder beside those of the students; it is there while an import is under way."""
    return hand_in_root(course, set_name) / f".import-{set_name}"


def _write(archive: Archive, hand_in: HandIn, folder: Path) -> None:
    """Write the files of one hand-in."""
    folder.mkdir(parents=True)
    for file, member in hand_in.files.items():
        path = folder / file
        path.parent.mkdir(parents=True, exist_ok=True)
        with open(path, "xb") as target:
            target.writelines(archive.read(member))
    if hand_in.time is not None:
        (folder / TIMESTAMP).write_text(f"{hand_in.time} UTC")
    if hand_in.attempt:
        (folder / UPLOAD).write_text(str(hand_in.attempt))


def put_back(course: Course, set_name: str) -> None:
    """Put back what an import that was killed had taken away."""
    if _stage(course, set_name).is_dir():
        _undo(course, set_name)


def _undo(course: Course, set_name: str) -> None:
    """Give each student the hand-in that was there before an import, and end the import."""
    stage = _stage(course, set_name)
    for student in _begun(stage):
        place = course.submitted_folder(student, set_name)
        is_moved = not (stage / NEW / student).exists()
        if is_moved and place.exists():
            place.rename(stage / NEW / student)
        with contextlib.suppress(FileNotFoundError):
            (stage / OLD / student).rename(place)
    shutil.rmtree(stage)


def _begun(stage: Path) -> list[str]:
    """The students whose folders an import may have moved."""
    with contextlib.suppress(OSError, ValueError):
        return [str(name) for name in json.loads((stage / BEGUN).read_text())]
    return []

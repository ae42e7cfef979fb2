"""The list of a course's students: names and addresses out of a sheet, into the gradebook.

Any sheet with a header will do, such as a platform's list of participants or nbgrader's own
`id,first_name,last_name,email`. An empty cell takes nothing away, and nobody is removed.
"""

import contextlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from nbgrader.api import Gradebook, Student

from mlpgrader.clean import plain
from mlpgrader.course.folders import Course, one_at_a_time
from mlpgrader.course.gradebook import MOST_NAME, open_gradebook
from mlpgrader.course.people.names import Person, folded, is_student_id, names_of, people_in
from mlpgrader.course.sheets import Cell, read_sheet, same_form, tables
from mlpgrader.errors import UsageError

# what a column may be called, the surest name first
COLUMNS: dict[str, tuple[str, ...]] = {
    "id": ("sis login id", "username", "user name", "login", "login id", "student id", "id"),
    "first_name": ("first name", "firstname", "given name", "vorname"),
    "last_name": ("last name", "lastname", "surname", "family name", "nachname"),
    "name": ("full name", "student", "name"),
    "email": ("email address", "e-mail address", "email", "e-mail", "mail"),
    "lms_id": ("lms user id", "lms id", "canvas user id", "identifier", "id"),
}
NO_STUDENT = "points possible"  # what Canvas writes below its header


@dataclass
class Roster:
    """What became of a sheet.

    Attributes:
        added: the ids of new students.
        updated: those of students of whom something is new.
        unchanged: those of whom nothing is.
        unclear: rows that are not used, and addresses that two students share, a line each.
        not_listed: the students of the gradebook who are not in the sheet; they stay.
    """

    added: list[str] = field(default_factory=list)
    updated: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    unclear: list[str] = field(default_factory=list)
    not_listed: list[str] = field(default_factory=list)

    def to_json(self) -> dict[str, Any]:
        """What `mlpgrader roster --json` prints."""
        return dict(vars(self))


def read_roster(sheet: Path, id_column: str | None = None) -> tuple[list[Person], list[str]]:
    """The students that a sheet lists, and a line for each row that is not clear.

    Args:
        sheet: the file.
        id_column: the column with the ids of students, the names of their folders.

    Raises:
        UsageError: if it is no sheet, or no column of it has ids.
    """
    columns, rows = _table(read_sheet(sheet), sheet, id_column)
    found: dict[str, Person] = {}
    unclear = []
    for number, row in enumerate(rows, 2):
        person = _person(row, columns)
        reason = _why_unclear(person, found)
        if any(folded(cell.text) == NO_STUDENT for cell in row) or not any(
            cell.text.strip() for cell in row
        ):
            continue
        if reason:
            unclear.append(f"row {number} of {sheet}: {reason}")
        else:
            found[folded(person.id)] = person
    return list(found.values()), unclear


def update_roster(course: Course | Path, sheet: Path, id_column: str | None = None) -> Roster:
    """Put the students of a sheet into the gradebook, with what is known of them.

    Raises:
        UsageError: if the sheet cannot be used; nothing has changed then.
    """
    course = Course.open(course)
    listed, unclear = read_roster(sheet, id_column)
    done = Roster(unclear=unclear)
    with (
        one_at_a_time(course, "recording"),
        contextlib.closing(open_gradebook(course)) as gradebook,
    ):
        known = {folded(student.id): student for student in gradebook.students}
        for person in listed:
            _save(gradebook, known.get(folded(person.id)), person, done)
        gradebook.db.commit()
        people = people_in(gradebook.db.connection())
    done.unclear += _shared_addresses(people)
    ids = {folded(person.id) for person in listed}
    done.not_listed = sorted(student for student in people if folded(student) not in ids)
    return done


# --- its columns ---------------------------------------------------------------------------


def _table(
    text: str, sheet: Path, id_column: str | None
) -> tuple[dict[str, int], list[list[Cell]]]:
    """Which column says what, and the rows below the header."""
    found = [rows for rows in tables(text).values() if rows]
    headers = [[same_form(cell.text) for cell in rows[0]] for rows in found]
    columns = [_columns(header, id_column) for header in headers]
    best = max(range(len(found)), key=lambda number: len(columns[number]))
    if columns[best]:
        return columns[best], found[best][1:]
    wanted = f"no column {id_column!r}" if id_column else "no column with ids: name it by --id"
    longest = headers[max(range(len(found)), key=lambda number: len(headers[number]))]
    there = ", ".join(filter(None, map(plain, longest)))
    raise UsageError(f"{sheet} has {wanted}; it has {there or 'nothing'}")


def _columns(header: list[str], id_column: str | None) -> dict[str, int]:
    """The number of each column that is known; none if there is none with ids."""
    names = [_as_column(name) for name in header]
    called_so = {"id": (_as_column(id_column),)} if id_column is not None else {}
    columns: dict[str, int] = {}
    for what, called in (COLUMNS | called_so).items():
        place = _place(names, called, {*columns.values()})
        if place is not None:
            columns[what] = place
    return columns if "id" in columns else {}


def _place(names: list[str], called: tuple[str, ...], taken: set[int]) -> int | None:
    """The number of the one column that is called so; None if there is none, or it is taken."""
    places = [names.index(name) for name in called if names.count(name) == 1]
    return next((place for place in places if place not in taken), None)


def _as_column(name: str) -> str:
    return folded(name).replace("_", " ")


def _person(row: list[Cell], columns: Mapping[str, int]) -> Person:
    said = {
        what: same_form(row[column].text) if column < len(row) else ""
        for what, column in columns.items()
    }
    first, last = said.get("first_name", ""), said.get("last_name", "")
    if not first and not last:
        first, last = _first_and_last(said.get("name", ""))
    return Person(said["id"], first, last, said.get("email", ""), said.get("lms_id", ""))


def _first_and_last(name: str) -> tuple[str, str]:
    """The parts of a full name, `Last, First` or with the last word for the last name."""
    last, comma, first = name.partition(",")
    if comma:
        return first.strip(), last.strip()
    first, _, last = name.rpartition(" ")
    return first.strip(), last


def _why_unclear(person: Person, found: Mapping[str, Person]) -> str:
    if not person.id:
        return "it has no id"
    if not is_student_id(person.id):
        return f"{plain(person.id)!r} cannot be the name of a folder"
    if any(len(text) > MOST_NAME for text in vars(person).values()):
        return f"it has a cell of more than {MOST_NAME} characters"
    other = found.get(folded(person.id))
    if other is not None and other != person:
        return f"{plain(person.id)} stands in an earlier row, with other words"
    return ""


# --- into the gradebook --------------------------------------------------------------------


def _save(gradebook: Gradebook, student: Student | None, person: Person, done: Roster) -> None:
    """Put what a sheet says of a student into the gradebook."""
    said = {
        "first_name": person.first_name,
        "last_name": person.last_name,
        "email": person.email,
        "lms_user_id": person.lms_id,
    }
    if student is None:
        gradebook.db.add(Student(id=person.id, **said))
        done.added.append(person.id)
        return
    new = {name: text for name, text in said.items() if text and text != getattr(student, name)}
    for name, text in new.items():
        setattr(student, name, text)
    (done.updated if new else done.unchanged).append(student.id)


def _shared_addresses(people: Mapping[str, Person]) -> Iterator[str]:
    """A line for each address or platform's id that two students have: it can find neither."""
    ways: list[Callable[[Person], list[str]]] = [
        lambda person: [folded(person.email)],
        lambda person: [folded(person.lms_id)],
    ]
    for way in ways:
        for text, ids in names_of(people.values(), way).items():
            if len(ids) > 1:
                yield f"{plain(text)} is that of {', '.join(map(plain, sorted(ids)))}"

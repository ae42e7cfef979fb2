"""The students of a course, and who is meant by a name: an id, a login, an address, a full name.

Course platforms write names in a form of their own, so case, Unicode form and the order of first
and last name do not count. Where two students have the same name, it means neither.
"""

import unicodedata
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, select

from mlpgrader.clean import plain
from mlpgrader.course.folders import Course, is_name
from mlpgrader.course.rows import STUDENT, connected
from mlpgrader.course.sheets import read_sheet
from mlpgrader.errors import UsageError

Names = dict[str, set[str]]  # the ids of the students that each name may mean


@dataclass(frozen=True)
class Person:
    """A student of the gradebook.

    Attributes:
        id: the name of the student's folder.
        first_name: empty if unknown, as are the others.
        last_name: the family name.
        email: an address.
        lms_id: what the course platform calls the student.
    """

    id: str
    first_name: str = ""
    last_name: str = ""
    email: str = ""
    lms_id: str = ""

    @property
    def name(self) -> str:
        """First and last name, as far as they are known."""
        return f"{self.first_name} {self.last_name}".strip()


def people_in(connection: Connection) -> dict[str, Person]:
    """The students of a gradebook by id."""
    order = (STUDENT.c.last_name, STUDENT.c.first_name)
    return {
        row.id: Person(
            row.id,
            row.first_name or "",
            row.last_name or "",
            row.email or "",
            row.lms_user_id or "",
        )
        for row in connection.execute(select(STUDENT).order_by(*order))
    }


def people_of(course: Course) -> dict[str, Person]:
    """The students of a course's gradebook by id; none if it has no gradebook."""
    with connected(course) as connection:
        return people_in(connection) if connection is not None else {}


def is_student_id(text: str) -> bool:
    """Whether a text can be the id of a student: the name of a folder that is not hidden."""
    return is_name(text) and not text.startswith(".") and plain(text) == text == text.strip()


# --- names ---------------------------------------------------------------------------------


def folded(text: str) -> str:
    """A name without what does not count: case, Unicode form, spaces around and in a row.

    Example:
        >>> folded(" Zoe\u0308  LI ") == folded("zoë li")
        True
    """
    text = unicodedata.normalize("NFC", text).casefold()
    return " ".join(unicodedata.normalize("NFC", text).split())


def squeezed(text: str) -> str:
    """The letters and digits of a name, as Canvas writes it.

    Example:
        >>> squeezed("O'Neil-Lee, Ann")
        'oneilleeann'
    """
    return "".join(letter for letter in folded(text) if letter.isalnum())


def local_part(name: str) -> str:
    """What stands before the @ of an address."""
    return name.partition("@")[0]


def names_of(people: Iterable[Person], names: Callable[[Person], Iterable[str]]) -> Names:
    """Whom each name means; the empty one means nobody."""
    found: Names = {}
    for person in people:
        for name in filter(None, names(person)):
            found.setdefault(name, set()).add(person.id)
    return found


def ways(people: Iterable[Person]) -> list[Names]:
    """The students by what else a platform may call them than by their ids, the surest way first.

    The first of them are the ids themselves, in another case or Unicode form.
    """
    everyone = list(people)
    return [
        names_of(everyone, lambda person: [folded(person.id)]),
        names_of(everyone, lambda person: [folded(person.email)]),
        names_of(everyone, lambda person: [folded(person.lms_id)]),
        names_of(everyone, lambda person: [local_part(folded(person.email))]),
        names_of(everyone, lambda person: [local_part(folded(person.id))]),
    ]


def orders(person: Person) -> Iterator[str]:
    """A full name in the orders in which it is written."""
    if person.name:
        yield folded(f"{person.first_name} {person.last_name}")
        yield folded(f"{person.last_name} {person.first_name}")
        yield folded(f"{person.last_name}, {person.first_name}")


class Directory:
    """Finds students by whatever they are called.

    Args:
        people: the students of the course.
    """

    def __init__(self, people: Iterable[Person]):
        self.people = {person.id: person for person in people}
        self._ways = [*ways(self.people.values()), names_of(self.people.values(), orders)]
        # Moodle leaves out what a file system may mind, as in O'Lee
        self._squeezed = names_of(self.people.values(), lambda one: map(squeezed, orders(one)))

    def find(self, text: str) -> set[str]:
        """The ids of those who may be meant; the surest way that tells anything decides."""
        if text in self.people:
            return {text}
        key = folded(text)
        surest = next((names[key] for names in self._ways if key in names), set())
        return {*(surest or self._squeezed.get(squeezed(text), set()))}

    def the_one(self, text: str) -> Person:
        """The student who is meant.

        Raises:
            UsageError: if nobody has that name, or several have.
        """
        found = sorted(self.find(text))
        if len(found) == 1:
            return self.people[found[0]]
        if found:
            several = ", ".join(map(plain, found))
            raise UsageError(f"{plain(text)} may be {several}: say the id")
        raise UsageError(f"there is no student {plain(text)!r} here: say an id, an address, a name")


def id_of(course: Course, text: str) -> str:
    """The id of the student of the gradebook who is meant.

    Raises:
        UsageError: if nobody has that name, or several have.
    """
    return Directory(people_of(course).values()).the_one(text).id


def chosen_people(
    course: Course, names: Iterable[str], group: Path | None = None, *, everyone: bool = False
) -> list[str]:
    """The ids of students who are named, stand in a file, or are all of the gradebook.

    Raises:
        UsageError: if one of them is not known, or there is none.
    """
    directory = Directory(people_of(course).values())
    if everyone:
        return sorted(directory.people)
    wanted = [*names, *(_lines(group) if group is not None else [])]
    if not wanted:
        raise UsageError("say which students: by name, by --group FILE, or --all")
    return list(dict.fromkeys(directory.the_one(name).id for name in wanted))


def _lines(file: Path) -> list[str]:
    """The lines of a file that are not empty."""
    return [line.strip() for line in read_sheet(file).splitlines() if line.strip()]

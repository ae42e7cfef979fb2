"""Moodle's grading worksheet: when each student handed in, and who each number is.

Moodle's archive of hand-ins tells neither. The worksheet, which it gives for download beside the
archive, has both: a row for each student, with `Participant 123` for the number in the archive.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from mlpgrader.clean import plain
from mlpgrader.course.people.names import folded, squeezed
from mlpgrader.course.sheets import Cell, read_sheet, same_form, tables
from mlpgrader.course.timestamps import read_time
from mlpgrader.errors import UsageError

NUMBER = "identifier"
NAMES = ("username", "id number", "email address", "full name", "name")  # the surest first
TIMES = ("last modified (submission)", "submitted at", "submission time", "timestamp")
NOTHING = ("", "-", "–")  # what Moodle writes of who has handed nothing in


class Columns(NamedTuple):
    """The numbers of the columns that count: times, names, and the archive's number, if any."""

    time: int
    names: list[int]
    number: list[int]


class Row(NamedTuple):
    """A student of a worksheet.

    Attributes:
        identifier: what an archive without names has, with its number.
        names: what else it calls the student.
        time: of the hand-in, in UTC.
    """

    identifier: str
    names: list[str]
    time: datetime | None

    def can_be(self, name: str) -> bool:
        """Whether an archive may call the student so: numbers are others in another assignment."""
        words = [_words(other) for other in (self.identifier, *self.names)]
        return not self.names or any(_words(name) <= other for other in words)


@dataclass
class Worksheet:
    """A worksheet that was read.

    Attributes:
        by_number: the rows by the number that the archive has.
        by_name: the rows by each name that only one row has.
        unclear: a line for each time that is none for certain.
    """

    by_number: dict[str, Row] = field(default_factory=dict)
    by_name: dict[str, Row | None] = field(default_factory=dict)
    unclear: list[str] = field(default_factory=list)

    def add(self, row: Row) -> None:
        """Add a row; a name that another row has, too, finds neither."""
        if digits := re.search(r"\d+$", row.identifier):
            self.by_number[digits[0]] = row
        for name in {*map(folded, row.names)}:
            self.by_name[name] = None if name in self.by_name else row

    def names_of(self, name: str, number: str) -> list[str]:
        """What else a student is called whom an archive calls so."""
        row = self._find(name, number)
        return row.names if row else []

    def time_of(self, name: str, number: str) -> datetime | None:
        """When a student handed in whom an archive calls so."""
        row = self._find(name, number)
        return row.time if row else None

    def _find(self, name: str, number: str) -> Row | None:
        row = self.by_number.get(number)
        return row if row and row.can_be(name) else self.by_name.get(folded(name))


def read_worksheet(sheet: Path, zone: str = "UTC") -> Worksheet:
    """Read a worksheet.

    Args:
        sheet: the file.
        zone: the time zone of its times, such as Europe/Berlin.

    Raises:
        UsageError: if it has no column with times, or none that says whose they are.
    """
    text = read_sheet(sheet)
    if "/" in zone and read_time(f"2026-01-01 00:00 {zone}") is None:
        raise UsageError(f"there is no time zone {zone!r}")
    for rows in tables(text).values():
        columns = _columns(rows)
        if columns is not None:
            return _read_rows(rows[1:], columns, zone)
    raise UsageError(f"{sheet} has no column {TIMES[0]!r}, or none with a number, address or name")


def _columns(rows: list[list[Cell]]) -> Columns | None:
    """The numbers of the columns that count; None if a sheet has not enough of them."""
    header = [folded(same_form(cell.text)) for cell in rows[0]] if rows else []
    times = _places(header, TIMES)
    names = _places(header, NAMES)
    numbers = _places(header, (NUMBER,))
    if not times or not names + numbers:
        return None
    return Columns(times[0], names, numbers)


def _places(header: list[str], names: Iterable[str]) -> list[int]:
    return [header.index(name) for name in names if name in header]


def _read_rows(rows: list[list[Cell]], columns: Columns, zone: str) -> Worksheet:
    found = Worksheet()
    for place, cells in enumerate(rows, 2):
        texts = [same_form(cell.text) for cell in cells]
        said = _at(texts, columns.time)
        row = _row(texts, columns, zone)
        if row.time is None and said not in NOTHING:
            found.unclear.append(f"row {place} says no time for certain: {plain(said)!r}")
        found.add(row)
    return found


def _row(texts: list[str], columns: Columns, zone: str) -> Row:
    identifier = "".join(_at(texts, column) for column in columns.number)
    names = [_at(texts, column) for column in columns.names if _at(texts, column)]
    return Row(identifier, names, _time(_at(texts, columns.time), zone))


def _words(name: str) -> set[str]:
    """The words of a name, without what Moodle leaves out of file names."""
    return {*map(squeezed, folded(name).split())}


def _at(texts: list[str], column: int) -> str:
    return texts[column] if column < len(texts) else ""


def _time(text: str, zone: str) -> datetime | None:
    """A time; where it has no zone of its own, it is that of the sheet."""
    if text in NOTHING:
        return None
    return (read_time(f"{text} {zone}") if "/" in zone else None) or read_time(text, zone)

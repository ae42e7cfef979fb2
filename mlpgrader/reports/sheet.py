"""A course platform's own grade sheet, with the final scores put into one of its columns.

Not a byte of any other cell changes: encoding, byte order mark, separator, quotes and line ends
stay as they came. So the sheet is not read and written by a CSV library, but searched for the
places of its cells.
"""

import re
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from mlpgrader.clean import plain
from mlpgrader.course.folders import Course
from mlpgrader.course.marks import stored_set
from mlpgrader.course.people.names import Names, Person, folded, local_part, ways
from mlpgrader.course.sheets import Cell, decoded, same_form, tables
from mlpgrader.errors import UsageError
from mlpgrader.reports.export import Row, grades

COMMA_NUMBER = re.compile(r"-?\d+,\d+")
POINT_NUMBER = re.compile(r"-?\d+\.\d+")
NO_CSV = {
    b"pk\x03\x04": "a workbook of Excel or LibreOffice",
    b"\xd0\xcf\x11\xe0": "a workbook of Excel",
    b"<": "a table in HTML or XML, whatever it is called",
}


@dataclass
class Filled:
    """A filled sheet.

    Attributes:
        content: the file's new content.
        notices: what somebody has to look at, a line each.
    """

    content: bytes
    notices: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Layout:
    """How a sheet is laid out.

    Attributes:
        rows: the cells of each row after the header.
        separator: what stands between two cells.
        key: the number of the column with the students.
        column: the number of the column to fill.
    """

    rows: list[list[Cell]]
    separator: str
    key: int
    column: int


def filled_sheet(
    course: Course | Path, set_name: str, sheet: Path, key: str, column: str
) -> Filled:
    """A platform's grade sheet (Moodle, Canvas) with the final scores of a set in one column.

    A submission that could not be read fills nothing: that is no zero.

    Args:
        course: the course, or its folder.
        set_name: the problem set.
        sheet: the CSV file that the platform exported.
        key: its column that names the students: their ids here, logins, or e-mail addresses.
        column: its column to fill; no other cell changes.

    Raises:
        UsageError: if the sheet lacks one of the columns, or has two of that name.
    """
    course = Course.open(course)
    problems: list[str] = []
    graded = {row["student"]: row for row in grades(course, set_name, problems)}
    people = stored_set(course, set_name).people
    content = sheet.read_bytes()
    _refuse_workbook(content, sheet)
    mark, encoding, text = decoded(content)
    layout = _layout(text, sheet, key, column)
    owners = _owners(layout, people)
    has_commas = _has_decimal_commas(layout)
    parts, place = [], 0
    for number, student in owners.items():
        row = graded.get(student, {})
        if row.get("status") in (None, "missing", "unreadable"):
            continue
        points = row["final"].replace(".", ",") if has_commas else row["final"]
        start, end, new = _replaced(layout, layout.rows[number], points)
        parts += [text[place:start], new]
        place = end
    parts.append(text[place:])
    content = mark + "".join(parts).encode(encoding)
    return Filled(content, problems + _notices(sheet, layout, owners, graded))


# --- its text ------------------------------------------------------------------------------


def _refuse_workbook(content: bytes, sheet: Path) -> None:
    """Raise UsageError for what spreadsheets save unless they are asked for CSV."""
    for first, kind in NO_CSV.items():
        if content.lstrip()[:20].lower().startswith(first):
            raise UsageError(f"{sheet} is {kind}: save it as CSV")


def _layout(text: str, sheet: Path, key: str, column: str) -> Layout:
    found = tables(text)
    headers = {
        separator: [same_form(cell.text) for cell in rows[0]]
        for separator, rows in found.items()
        if rows
    }
    wanted = (same_form(key), same_form(column))
    fitting = [each for each, header in headers.items() if set(wanted) <= set(header)]
    if not fitting:
        raise UsageError(_missing_columns(sheet, headers, key, column))
    header = headers[fitting[0]]
    twice = [name for name in wanted if header.count(name) > 1]
    if twice:
        raise UsageError(f"{sheet} has {header.count(twice[0])} columns {twice[0]!r}: rename one")
    rows = found[fitting[0]][1:]
    return Layout(rows, fitting[0], *map(header.index, wanted))


def _missing_columns(sheet: Path, headers: dict[str, list[str]], key: str, column: str) -> str:
    header = max(headers.values(), key=len, default=[])
    missing = [name for name in dict.fromkeys((key, column)) if same_form(name) not in header]
    there = ", ".join(filter(None, map(plain, header)))
    return f"{sheet} has no column {', '.join(missing)}; it has {there}"


def _has_decimal_commas(layout: Layout) -> bool:
    """Whether the numbers of a sheet are written with commas; if it has none, with points."""
    texts = [cell.text.strip() for row in layout.rows for cell in row]
    commas = sum(bool(COMMA_NUMBER.fullmatch(text)) for text in texts)
    points = sum(bool(POINT_NUMBER.fullmatch(text)) for text in texts)
    return commas > points


def _replaced(layout: Layout, row: list[Cell], points: str) -> tuple[int, int, str]:
    """Where the cell of a row is that is filled, and its new text; a short row gets longer."""
    if layout.column >= len(row):
        more = layout.separator * (layout.column + 1 - len(row))
        return row[-1].end, row[-1].end, more + _written(points, layout.separator, False)
    cell = row[layout.column]
    return cell.start, cell.end, _written(points, layout.separator, cell.is_quoted)


def _written(points: str, separator: str, is_quoted: bool) -> str:
    return f'"{points}"' if is_quoted or separator in points else points


# --- whose row it is -----------------------------------------------------------------------


def _owners(layout: Layout, people: dict[str, Person]) -> dict[int, str]:
    """The student of each row by its number, where that is certain.

    A student's id counts most, then the id in another case or Unicode form, an address, the
    platform's id, and the name before the @. Whoever would have two rows in a way that counts less
    than the id itself has none.
    """
    keys = {
        number: row[layout.key].text.strip()
        for number, row in enumerate(layout.rows)
        if layout.key < len(row) and row[layout.key].text.strip()
    }
    owners = {number: key for number, key in keys.items() if key in people}
    names = [_unique(way) for way in ways(people.values())]
    for way in names:
        owners |= _found({number: folded(key) for number, key in keys.items()}, way, owners)
    local = {number: local_part(folded(key)) for number, key in keys.items()}
    owners |= _found(local, names[0], owners)
    return dict(sorted(owners.items()))


def _found(keys: dict[int, str], names: dict[str, str], owners: dict[int, str]) -> dict[int, str]:
    """Who owns the rows that nobody owns yet, as far as some names tell."""
    taken = set(owners.values())
    found = {
        number: names[key] for number, key in keys.items() if number not in owners and key in names
    }
    uses = Counter(found.values())
    return {
        number: student
        for number, student in found.items()
        if uses[student] == 1 and student not in taken
    }


def _unique(names: Names) -> dict[str, str]:
    """The students by names that only one of them has."""
    return {name: next(iter(ids)) for name, ids in names.items() if len(ids) == 1}


def _strangers(layout: Layout, owners: dict[int, str]) -> list[str]:
    """The keys of the rows that are no student's here."""
    others = [row for number, row in enumerate(layout.rows) if number not in owners]
    keys = [row[layout.key].text for row in others if layout.key < len(row)]
    return [key for key in keys if key.strip()]


def _notices(
    sheet: Path, layout: Layout, owners: dict[int, str], graded: dict[str, Row]
) -> list[str]:
    """The rows of nobody, the students without a row, and those whose points are not there yet."""
    strangers = _strangers(layout, owners)
    found = set(owners.values())
    handed_in = [name for name, row in graded.items() if row["status"] != "missing"]
    lists = {
        f"rows of {sheet} that are no student's here": strangers,
        f"graded here, and in no row of {sheet}": [each for each in handed_in if each not in found],
        "left as they were, since nothing could be read": [
            name for name in found if graded.get(name, {}).get("status") == "unreadable"
        ],
        "filled with less than all, since a person has yet to grade": [
            name for name in found if graded.get(name, {}).get("pending")
        ],
    }
    return [
        f"{what}: {', '.join(map(plain, sorted(names)))}" for what, names in lists.items() if names
    ]

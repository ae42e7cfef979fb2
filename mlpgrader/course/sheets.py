"""The text of a table that somebody exported: its encoding, its separator, the places of its cells.

Spreadsheets and course platforms write UTF-8 or UTF-16, with a byte order mark or without, commas,
semicolons or tabs. The places are kept, so that a cell can be replaced and no other byte changes.
"""

import codecs
import re
import unicodedata
from pathlib import Path
from typing import NamedTuple

from mlpgrader.errors import UsageError

BYTE_ORDER_MARKS = {  # the longer ones first: that of UTF-32 begins like that of UTF-16
    codecs.BOM_UTF32_LE: "utf-32-le",
    codecs.BOM_UTF32_BE: "utf-32-be",
    codecs.BOM_UTF8: "utf-8",
    codecs.BOM_UTF16_LE: "utf-16-le",
    codecs.BOM_UTF16_BE: "utf-16-be",
}
MOST_SHEET = 50 << 20  # bytes
SEPARATORS = ",;\t|"
SEPARATOR_LINE = re.compile(r"sep=(.)(?:\r\n|\r|\n)")


class Cell(NamedTuple):
    """A cell's place in the text of a sheet, and what it says."""

    start: int
    end: int
    text: str
    is_quoted: bool


def read_sheet(path: Path) -> str:
    """The text of a sheet.

    Raises:
        UsageError: if there is no such file, or it is too large to be one.
    """
    if not path.is_file():
        raise UsageError(f"there is no file {path}")
    if path.stat().st_size > MOST_SHEET:
        raise UsageError(f"{path} is larger than {MOST_SHEET >> 20} MB")
    _, _, text = decoded(path.read_bytes())
    return text


def decoded(content: bytes) -> tuple[bytes, str, str]:
    """The byte order mark, the encoding and the text of a sheet."""
    for mark, encoding in BYTE_ORDER_MARKS.items():
        if content.startswith(mark):
            try:
                return mark, encoding, content[len(mark) :].decode(encoding)
            except UnicodeDecodeError:
                break
    for encoding in _likely_encodings(content):
        try:
            return b"", encoding, content.decode(encoding)
        except UnicodeDecodeError:
            continue
    return b"", "latin-1", content.decode("latin-1")


def _likely_encodings(content: bytes) -> list[str]:
    if b"\0" in content[1:200:2]:
        return ["utf-16-le"]
    if b"\0" in content[:200:2]:
        return ["utf-16-be"]
    return ["utf-8", "cp1252"]


def _cells(text: str, separator: str) -> list[list[Cell]]:
    """The cells of each row, empty rows included."""
    mark = re.escape(separator)
    pattern = re.compile(
        rf'(?:"(?P<quoted>(?:[^"]|"")*+)(?:"|\Z))?(?P<rest>[^{mark}\r\n]*)(?P<end>{mark}|\r\n|\r|\n|\Z)'
    )
    rows: list[list[Cell]] = [[]]
    place = 0
    while True:
        found = pattern.match(text, place)
        if found is None:  # it matches everywhere
            raise AssertionError(text[place : place + 20])
        is_quoted = found["quoted"] is not None
        value = (found["quoted"] or "").replace('""', '"') + found["rest"]
        rows[-1].append(Cell(place, found.start("end"), value, is_quoted))
        place = found.end()
        if not found["end"]:
            return rows
        if found["end"] != separator:
            rows.append([])


def tables(text: str) -> dict[str, list[list[Cell]]]:
    """The rows of a sheet, by each separator that it may have."""
    said = SEPARATOR_LINE.match(text)
    if said:
        return {said[1]: _cells(text, said[1])[1:]}
    return {separator: _cells(text, separator) for separator in SEPARATORS}


def same_form(text: str) -> str:
    """The text of a cell in one Unicode form, without the spaces around it."""
    return unicodedata.normalize("NFC", text).strip()

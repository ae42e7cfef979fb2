"""When something was handed in: the text of a `timestamp.txt`, read only where it is certain.

nbgrader hands such a text to a parser that guesses, and that a student's text can stop or lead to
any file of the machine. Here a text is a time in one of the forms that nbgrader and course
platforms write, or it is none, and the student's row says so.
"""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo

MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
CLOCK = (
    r"(?P<hour>\d{1,2})[:.](?P<minute>\d\d)(?:[:.](?P<second>\d\d)(?:[.,]\d{1,9})?)?"
    r"(?: ?(?P<half>[ap])\.?m\.?(?![a-z]))?"
)
ZONE = r"(?: ?(?P<zone>z|[+-]\d\d(?::?\d\d)?|[a-z]{2,5}|[a-z_]{2,20}(?:/[a-z_+\-]{2,30}){1,2}))?"
WEEKDAY = r"(?:(?:mon|tue|wed|thu|fri|sat|sun)[a-z]{0,6},? )?"
MONTH = r"(?P<name>jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]{0,6}\.?"
FORMS = [
    re.compile(form, re.IGNORECASE | re.ASCII)
    for form in (
        r"(?P<year>\d{4})(?P<mark>[-/.])(?P<month>\d\d?)(?P=mark)(?P<day>\d\d?)[ t]"
        rf"{CLOCK}{ZONE}",
        r"(?P<year>\d{4})(?P<month>\d\d)(?P<day>\d\d)t"
        r"(?P<hour>\d\d)(?P<minute>\d\d)(?P<second>\d\d)(?P<half>)(?P<zone>z|[+-]\d{4})?",
        r"(?P<year>\d{4})-(?P<month>\d\d)-(?P<day>\d\d)-"
        r"(?P<hour>\d\d)-(?P<minute>\d\d)-(?P<second>\d\d)(?P<half>)(?P<zone>)",
        rf"(?P<day>\d{{1,2}})\.(?P<month>\d{{1,2}})\.(?P<year>\d{{4}}),? {CLOCK}{ZONE}",
        rf"(?P<month>\d{{1,2}})/(?P<day>\d{{1,2}})/(?P<year>\d{{4}}),? {CLOCK}{ZONE}",
        rf"(?P<day>\d{{1,2}})/(?P<month>\d{{1,2}})/(?P<year>\d{{4}}),? {CLOCK}{ZONE}",
        rf"{WEEKDAY}(?P<day>\d{{1,2}})[ -]{MONTH}[ -](?P<year>\d{{4}}),? (?:at )?{CLOCK}{ZONE}",
        rf"{WEEKDAY}{MONTH} (?P<day>\d{{1,2}}),? (?P<year>\d{{4}}),? (?:at )?{CLOCK}{ZONE}",
        rf"{WEEKDAY}{MONTH} (?P<day>\d{{1,2}}) {CLOCK}{ZONE} (?P<year>\d{{4}})",
    )
]


def read_time(text: str, zone: str = "UTC") -> datetime | None:
    """The time in UTC that a text says, None if that is not certain.

    Without a time zone it is UTC, as nbgrader has it.

    Args:
        text: the text.
        zone: the time zone that the course gives to nbgrader's exchange; it tells what an
            abbreviation such as CET means.

    Example:
        >>> read_time("2026-03-06 18:00:30.25 +0100")
        datetime.datetime(2026, 3, 6, 17, 0, 30)
        >>> read_time("Friday, 6 March 2026, 6:00 PM")
        datetime.datetime(2026, 3, 6, 18, 0)
        >>> read_time("03/06/2026 18:00")  # in March, or in June?
    """
    text = " ".join(text.split())
    times = set(_readings(text, zone)) if len(text) <= 100 else set()
    return times.pop() if len(times) == 1 else None


def _readings(text: str, zone: str) -> Iterator[datetime]:
    for form in FORMS:
        found = form.fullmatch(text)
        time = _time(found.groupdict(), zone) if found else None
        if time is not None:
            yield time


def _time(parts: dict[str, str | None], zone: str) -> datetime | None:
    name = (parts.get("name") or "").lower()
    month = MONTHS.index(name) + 1 if name else int(parts["month"] or 0)
    date = (int(parts["year"] or 0), month, int(parts["day"] or 0))
    try:
        clock = (_hour(parts), int(parts["minute"] or 0), int(parts["second"] or 0))
        time = datetime(*date, *clock)
        offset = _zone(time, parts["zone"] or "UTC", zone)
        if offset is None:
            return None
        return time.replace(tzinfo=offset).astimezone(UTC).replace(tzinfo=None)
    except (ValueError, OverflowError):  # there is no such day, hour or offset
        return None


def _hour(parts: dict[str, str | None]) -> int:
    hour = int(parts["hour"] or 0)
    half = (parts["half"] or "").lower()
    if not half:
        return hour
    if not 1 <= hour <= 12:
        raise ValueError(f"there is no hour {hour} {half}m")
    return hour % 12 + 12 * (half == "p")


def _zone(time: datetime, text: str, zone: str) -> tzinfo | None:
    """What a text of a zone means; None if that is not certain."""
    if text.upper() in ("Z", "UTC", "GMT"):
        return UTC
    if text[0] in "+-":
        digits = text[1:].replace(":", "")
        offset = timedelta(hours=int(digits[:2]), minutes=int(digits[2:] or 0))
        return timezone(-offset if text[0] == "-" else offset)
    if "/" in text:
        return _place(text)
    place = _place(zone)
    name = time.replace(tzinfo=place).tzname() if place else None
    return place if name and name.upper() == text.upper() else None


def _place(name: str) -> tzinfo | None:
    """The time zone of a place such as Europe/Berlin."""
    try:
        return ZoneInfo(name)
    except (LookupError, ValueError, OSError):
        return None

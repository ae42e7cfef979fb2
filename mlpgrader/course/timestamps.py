"""When something was handed in: the text of a `timestamp.txt`, read only where it is certain.

nbgrader hands such a text to a parser that guesses, and that a student's text can stop or lead to
any file of the machine. Here a text is a time in one of the forms that nbgrader and course
platforms write, or it is none, and the student's row says so.
"""

import re
import unicodedata
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo

# how the months begin in the languages that platforms write: those of western Europe
MONTHS = (
    ("jan", "jän", "ene", "gen"),
    ("feb", "fev", "fév"),
    ("mar", "mär", "mrz", "maa"),
    ("apr", "avr", "abr"),
    ("may", "mai", "mei", "mag"),
    ("jun", "juin", "giu"),
    ("jul", "juil", "lug"),
    ("aug", "aoû", "ago"),
    ("sep", "set"),
    ("oct", "okt", "ott", "out"),
    ("nov",),
    ("dec", "dez", "déc", "dic"),
)
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
CLOCK = (
    r"(?P<hour>\d{1,2})(?:[:.](?P<minute>\d\d)(?:[:.](?P<second>\d\d)(?:[.,]\d{1,9})?)?"
    r"(?: ?(?P<half>[ap])\.?m\.?(?![a-z])| Uhr)?| ?(?P<bare>[ap])\.?m\.?(?![a-z]))"
)
ZONE = (
    r"(?:,? ?\(?(?P<zone>z|(?:utc|gmt)?[+-]\d{1,2}(?::?\d\d)?|[a-z]{2,5}"
    r"|[a-z_]{2,20}(?:/[a-z_+\-]{2,30}){1,2})\)?)?"
)
REMARK = r"(?: \([^()]{1,60}\))?"  # the name of the zone in words, as browsers add it
WEEKDAY = r"(?:(?P<weekday>[^\W\d_]{2,3})[^\W\d_]{0,9}[.,]{0,2} )?"
MONTH = rf"(?P<name>{'|'.join(name for names in MONTHS for name in names)})[^\W\d_]{{0,7}}\.?"
DAY = r"(?P<day>\d{1,2})(?:st|nd|rd|th|\.|er)?"
FORMS = [
    re.compile(form, re.IGNORECASE)
    for form in (
        r"(?P<year>\d{4})(?P<mark>[-/.])(?P<month>\d\d?)(?P=mark)(?P<day>\d\d?)[ t]"
        rf"{CLOCK}{ZONE}",
        r"(?P<year>\d{4})(?P<month>\d\d)(?P<day>\d\d)t"
        r"(?P<hour>\d\d)(?P<minute>\d\d)(?P<second>\d\d)(?P<zone>z|[+-]\d{4})?",
        r"(?P<year>\d{4})(?P<mark>-?)(?P<month>\d\d)(?P=mark)(?P<day>\d\d)[-_]?"
        r"(?P<hour>\d\d)(?P=mark)(?P<minute>\d\d)(?P=mark)(?P<second>\d\d)",
        rf"{WEEKDAY}(?P<day>\d{{1,2}})\.(?P<month>\d{{1,2}})\.(?P<year>\d{{4}}),? {CLOCK}{ZONE}",
        rf"{WEEKDAY}(?P<month>\d{{1,2}})/(?P<day>\d{{1,2}})/(?P<year>\d{{4}}),? {CLOCK}{ZONE}",
        rf"{WEEKDAY}(?P<day>\d{{1,2}})/(?P<month>\d{{1,2}})/(?P<year>\d{{4}}),? {CLOCK}{ZONE}",
        rf"{WEEKDAY}{DAY}(?:[ -]| de ){MONTH}(?:[ -]| de )(?P<year>\d{{4}}),? "
        rf"(?:at |um )?{CLOCK}{ZONE}",
        rf"{WEEKDAY}{MONTH} {DAY},? (?P<year>\d{{4}}),? (?:at )?{CLOCK}{ZONE}{REMARK}",
        rf"{WEEKDAY}{MONTH} {DAY} {CLOCK}{ZONE} (?P<year>\d{{4}})",
        rf"{WEEKDAY}{MONTH} {DAY} {CLOCK} (?P<year>\d{{4}}) (?P<zone>[+-]\d{{4}})",
    )
]
LONGEST = 100  # characters of a time
OFFSET = re.compile(r"(?:utc|gmt)?([+-])(\d{1,2}):?(\d\d)?", re.IGNORECASE)
ODD_DIGIT = re.compile(r"(?![0-9])\d")
SECONDS = re.compile(r"(\d{10})(?:\.\d{1,9}|\d{3})?", re.ASCII)  # since 1970, or milliseconds


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
    if len(text) > LONGEST:  # before normalizing, whose time grows as the square of accents
        return None
    text = unicodedata.normalize("NFC", text)
    seconds = SECONDS.fullmatch(text)
    if seconds:
        return datetime.fromtimestamp(int(seconds[1]), UTC).replace(tzinfo=None)
    times = set() if ODD_DIGIT.search(text) else set(_readings(text, zone))
    return times.pop() if len(times) == 1 else None


def _readings(text: str, zone: str) -> Iterator[datetime]:
    for form in FORMS:
        found = form.fullmatch(text)
        time = _time(found.groupdict(), zone) if found else None
        if time is not None:
            yield time


def _time(parts: dict[str, str | None], zone: str) -> datetime | None:
    date = (int(parts["year"] or 0), _month(parts), int(parts["day"] or 0))
    try:
        clock = (_hour(parts), int(parts["minute"] or 0), int(parts["second"] or 0))
        time = datetime(*date, *clock)
        offset = _zone(time, parts.get("zone") or "UTC", zone)
        if offset is None or not _is_on_its_weekday(time, parts):
            return None
        return time.replace(tzinfo=offset).astimezone(UTC).replace(tzinfo=None)
    except (ValueError, OverflowError):  # there is no such day, hour or offset
        return None


def _month(parts: dict[str, str | None]) -> int:
    name = (parts.get("name") or "").lower()
    if not name:
        return int(parts["month"] or 0)
    return next(number for number, names in enumerate(MONTHS, 1) if name in names)


def _is_on_its_weekday(time: datetime, parts: dict[str, str | None]) -> bool:
    """Whether a day of the week that is named in English is that of the date."""
    name = (parts.get("weekday") or "").lower()
    return name not in WEEKDAYS or WEEKDAYS.index(name) == time.weekday()


def _hour(parts: dict[str, str | None]) -> int:
    hour = int(parts["hour"] or 0)
    half = (parts.get("half") or parts.get("bare") or "").lower()
    if not half:
        return hour
    if not 1 <= hour <= 12:
        raise ValueError(f"there is no hour {hour} {half}m")
    return hour % 12 + 12 * (half == "p")


def _zone(time: datetime, text: str, zone: str) -> tzinfo | None:
    """What a text of a zone means; None if that is not certain."""
    if text.upper() in ("Z", "UTC", "GMT"):
        return UTC
    offset = OFFSET.fullmatch(text)
    if offset:
        distance = timedelta(hours=int(offset[2]), minutes=int(offset[3] or 0))
        return timezone(-distance if offset[1] == "-" else distance)
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

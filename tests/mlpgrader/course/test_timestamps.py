"""Times of hand-in: the forms that platforms write, and what is not certain."""

from datetime import datetime

import pytest

from mlpgrader.course.timestamps import read_time

SIX = datetime(2026, 3, 6, 18, 0)


@pytest.mark.parametrize(
    "text",
    [
        "2026-03-06 18:00:00.000000 UTC",
        "2026-03-06 18:00",
        "2026-03-06T18:00:00Z",
        "2026-03-06T19:00:00.123+01:00",
        "2026-03-06 12:30 -0530",
        "2026-03-06 19:00 Europe/Berlin",
        "2026-03-06 13:00 America/New_York",
        "2026-03-06-18-00-00",
        "2026/03/06 18:00:00",
        "2026.3.6 18:00",
        "20260306T180000Z",
        "20260306T190000+0100",
        "06-Mar-2026 18:00:00",
        "06.03.2026 18:00",
        "6.3.2026, 18:00:00",
        "Friday, 6 March 2026, 6:00 PM",
        "6 March 2026, 6:00 p.m.",
        "Mar 6, 2026 at 6:00pm",
        "Fri, 06 Mar 2026 19:00:00 +0100",
        "Fri Mar  6 18:00:00 UTC 2026",
        "Fri Mar 6 19:00:00 2026 +0100",  # git
        "Fri Mar 06 2026 19:00:00 GMT+0100 (Central European Standard Time)",  # a browser
        "Fri 03/06/2026 18:00:00.00",  # Windows; that day of March is a Friday, that of June not
        "Fri 06/03/2026 18:00",
        "2026/03/06 7:00:00 PM GMT+1",
        "2026-03-06 18:00:00 (UTC)",
        "March 6th, 2026 6pm",
        "Freitag, 6. März 2026, 18:00 Uhr",
        "Freitag, 6. Ma\u0308rz 2026 um 18:00",
        "vendredi 6 mars 2026, 18:00",
        "viernes, 6 de marzo de 2026, 18:00",
        "20260306_180000",
        "2026-03-06_18-00-00",
        "1772820000",
        "1772820000.25",
        "1772820000000",
    ],
)
def test_what_platforms_write_is_read(text):
    time = read_time(text + "\n")
    assert time is not None
    assert time.replace(microsecond=0) == SIX


@pytest.mark.parametrize("text", ["03/13/2026 18:00", "13/03/2026 18:00", "3/3/2026 6:00 PM"])
def test_slashes_are_read_where_they_can_mean_one_day(text):
    assert read_time(text) is not None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "no date at all",
        "2026-03-06",
        "03/06/2026 18:00",
        "2026-02-30 18:00",
        "Saturday, 6 March 2026, 18:00",
        "177282000",
        "2026-03-06 25:00",
        "2026-03-06 13:00 PM",
        "2026-03-06 18:00 +99:00",
        "0001-01-01 00:00 +0100",
        "2026-03-06 18:00 CET",
        "2026-03-06 18:00 /etc/shadow",
        "2026-03-06 18:00 ../../etc/passwd",
        "2026-03-06 18:00 No/Where",
        "24:009999999999999999999912345678901234",
        "٢٠٢٦-03-06 18:00",
        "2026-03-06 18:00" + " " * 200 + "x" * 200,
    ],
)
def test_what_is_not_certain_is_none(text):
    assert read_time(text) is None


def test_an_abbreviation_is_that_of_the_course():
    assert read_time("2026-03-06 19:00 CET", "Europe/Berlin") == SIX
    assert read_time("2026-07-06 19:00 CET", "Europe/Berlin") is None
    assert read_time("2026-07-06 20:00 CEST", "Europe/Berlin") == datetime(2026, 7, 6, 18)

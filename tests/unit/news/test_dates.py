from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.rss.dates import moment

NINE = datetime(2026, 3, 5, 9, 7, 30, tzinfo=UTC)  # neither daylight saving nor an ambiguous order of day and month


@pytest.mark.parametrize(
    ("date", "hours_behind"),
    [
        ("Thu, 05 Mar 2026 09:07:30 {}", 0),
        ("05 Mar 26 09:07:30 {}", 0),
        ("jeu., 5 mars 2026 09:07:30 {}", 0),
        ("Donnerstag, 5. März 2026 09:07:30 {}", 0),
        ("5 de marzo de 2026", None),
        ("Mar 5, 2026 9:07:30 AM {}", 0),
        ("Thursday, March 5, 2026 at 9:07:30 a.m. {}", 0),
        ("Thu, 05 Mar 2026 09:07:30 PM {}", 12),
        ("2026-03-05T09:07:30{}", 0),
        ("2026-03-05 09:07:30 {}", 0),
        ("2026/03/05 09:07:30 {}", 0),
        ("20260305T090730{}", 0),
        ("2026-03-05T09:07:30.000{}", 0),
        ("Thu Mar  5 09:07:30 {} 2026", 0),
    ],
)
@pytest.mark.parametrize(
    ("zone", "offset"),
    [
        ("GMT", 0), ("UT", 0), ("Z", 0), ("+0000", 0), ("EST", -5), ("PDT", -7), ("CET", 1), ("CEST", 2), ("MSK", 3),
        ("JST", 9), ("AEDT", 11), ("+05:30", 5.5), ("-0330", -3.5), ("+01", 1), ("GMT+2", 2), ("UTC-05:00", -5),
        ("Europe/Berlin", 1), ("America/New_York", -5), ("Asia/Kolkata", 5.5), ("ET", -5),
    ],
)  # fmt: skip
def test_dates_in_zones(date: str, hours_behind: int | None, zone: str, offset: float) -> None:
    expected = None if hours_behind is None else NINE + timedelta(hours=hours_behind - offset)
    assert moment(date.format(zone)) == expected


@pytest.mark.parametrize(
    ("date", "expected"),
    [
        ("Thu, 05 Mar 2026 09:07:30 -0500 (EST)", NINE + timedelta(hours=5)),
        ("2026-03-05 09:07:30 +0100 CET", NINE - timedelta(hours=1)),
        ("2026-03-05T09:07:30+01:00[Europe/Berlin]", NINE - timedelta(hours=1)),
        ("2026-03-05T09:07:30[Europe/Berlin]", NINE - timedelta(hours=1)),
        ("Mon, 05 Mar 2026 09:07:30 GMT", NINE),  # that day was a Thursday
        ("Wed, 04 Mar 2026 24:00:00 GMT", datetime(2026, 3, 5, tzinfo=UTC)),
        ("Wed, 04 Mar 2026 23:59:60 GMT", datetime(2026, 3, 5, tzinfo=UTC)),
        ("Thu, 05 Mar 2026 12:07 AM UTC", datetime(2026, 3, 5, 0, 7, tzinfo=UTC)),
        ("Wed, 15 Jul 2026 12:00:00 BST", datetime(2026, 7, 15, 11, tzinfo=UTC)),
        ("25/03/2026 10:00 GMT", datetime(2026, 3, 25, 10, tzinfo=UTC)),
        ("03/25/2026 10:00 GMT", datetime(2026, 3, 25, 10, tzinfo=UTC)),
        ("1772701650", NINE),
        ("1772701650000", NINE),
    ],
)
def test_odd_dates(date: str, expected: datetime) -> None:
    assert moment(date) == expected


@pytest.mark.parametrize(
    "date",
    [
        "", "soon", "yesterday", "2026", "2026-03-05", "Thu, 05 Mar 2026", "09:07:30 GMT",
        "2026-03-05T09:07:30", "Thu, 05 Mar 2026 09:07:30", "05/03/2026 09:07 GMT",  # no zone; the third of May, too
        "Thu, 05 Mar 2026 09:07:30 IST", "Thu, 05 Mar 2026 09:07:30 AST", "Thu, 05 Mar 2026 09:07:30 BST",
        "Thu, 05 Mar 2026 09:07:30 XYZ", "Thu, 05 Mar 2026 09:07:30 Mars/Olympus", "Thu, 05 Mar 2026 09:07:30 ../etc/x",
        "Thu, 05 Mar 2026 09:07:30 +9900", "Thu, 05 Mar 2026 09:07:30 +0090", "Thu, 05 Mar 2026 09:07:30 N",
        "Sun, 25 Oct 2026 02:30:00 Europe/Berlin", "Sun, 29 Mar 2026 02:30:00 Europe/Berlin",  # twice; never
        "Thu, 31 Feb 2026 09:07:30 GMT", "Thu, 05 Foo 2026 09:07:30 GMT", "Thu, 05 Mar 2026 25:07:30 GMT",
        "Thu, 05 Mar 2026 09:61:30 GMT", "0000-01-01T00:00:00Z", "9" * 90, "9999-12-31T23:59:59-14:00",
    ],
)  # fmt: skip
def test_what_cannot_be_known_is_no_time(date: str) -> None:
    assert moment(date) is None


@given(
    st.text(max_size=120)
    | st.lists(st.sampled_from(["05", "Mar", "2026", ":", "-", "T", " ", "+", "99", "GMT", "PM"])).map("".join)
)
def test_no_text_makes_it_raise(text: str) -> None:
    at = moment(text)
    assert at is None or at.tzinfo is UTC


@given(st.datetimes(datetime(2000, 1, 1), datetime(2040, 1, 1)), st.integers(-14 * 60, 14 * 60))  # noqa: DTZ001
def test_every_offset_comes_back(local: datetime, minutes: int) -> None:
    local = local.replace(microsecond=0)
    sign, (hours, rest) = "-" if minutes < 0 else "+", divmod(abs(minutes), 60)
    for zone in (f"{sign}{hours:02}{rest:02}", f"{sign}{hours:02}:{rest:02}"):
        expected = local.replace(tzinfo=UTC) - timedelta(minutes=minutes)
        assert moment(f"{local:%d %b %Y %H:%M:%S} {zone}") == moment(f"{local:%Y-%m-%dT%H:%M:%S}{zone}") == expected

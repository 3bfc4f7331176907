from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import InvalidValue
from domain.values import Pair, exact, not_negative, parse_time, percent_change, plain, positive, quotient, rfc3339, utc

fitting = st.decimals(allow_nan=False, allow_infinity=False, places=18, min_value=-(10**19), max_value=10**19)


@pytest.mark.parametrize("text", ["BTC/USD", "BTC-USD", "btc/usd", " BTC/USD "])
def test_a_pair_has_one_canonical_name(text: str) -> None:
    pair = Pair.parse(text)
    assert (pair, pair.base, pair.quote, pair.slug) == ("BTC/USD", "BTC", "USD", "BTC-USD")


@pytest.mark.parametrize("name", ["AAPLx/USD", "1INCH/EUR", "BRK.Bx/USD", "BTC/USDt"])
def test_a_venues_own_name_is_kept_as_it_is(name: str) -> None:
    assert Pair.parse(name) == Pair.exact(name) == name
    assert Pair.parse(name.replace("/", "-")).slug == name.replace("/", "-")


def test_names_are_compared_without_case_only_when_one_is_looked_up() -> None:
    known = [Pair("AAPLx/USD"), Pair("BTC/USD")]
    assert Pair("AAPLX/USD").found_in(known) == "AAPLx/USD"
    assert Pair("AAPL/USD").found_in(known) is None
    assert Pair("AAPLX/USD") != Pair("AAPLx/USD")
    both = [Pair("AAPLx/USD"), Pair("AAPLX/USD")]
    assert [pair.found_in(both) for pair in both] == both
    assert Pair("aaplX/USD").found_in(both) is None, "either could be meant"


@pytest.mark.parametrize("text", ["btc/usd", "BTC/USD ", "BTC/usd", "BTC-USD", "BTC /USD", "", "BTC"])
def test_what_a_venue_or_a_log_writes_has_one_form(text: str) -> None:
    with pytest.raises(InvalidValue, match="is not a pair"):
        Pair.exact(text)


@pytest.mark.parametrize(
    "text", ["", "BTC", "BTC/", "/USD", "BTC/USD/EUR", "B T/USD", "<script>/USD", "A" * 17 + "/USD"]
)
def test_what_is_not_a_pair_is_refused_by_name(text: str) -> None:
    with pytest.raises(InvalidValue, match="is not a pair: expected BASE/QUOTE") as refused:
        Pair.parse(text)
    assert refused.value.field == "pair"


@given(fitting)
def test_a_number_that_fits_is_never_changed(value: Decimal) -> None:
    assert exact(value, "price") is value
    assert Decimal(plain(value)) == value


@pytest.mark.parametrize("text", ["NaN", "sNaN", "Infinity", "-Infinity", "1e20", "1e-19", "123456789012345678901"])
def test_a_number_that_does_not_fit_is_refused_in_words(text: str) -> None:
    for check in (exact, positive, not_negative):
        with pytest.raises(InvalidValue, match=r"price is .*: expected a number.* that fits decimal\(38,18\)"):
            check(Decimal(text), "price")


def test_zero_and_below() -> None:
    assert not_negative(Decimal(0), "volume") == 0
    for value in (Decimal(0), Decimal("-0"), Decimal(-1)):
        with pytest.raises(InvalidValue):
            positive(value, "volume")
    with pytest.raises(InvalidValue):
        not_negative(Decimal("-0.000000000000000001"), "volume")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("1E+3", "1000"),
        ("1.500", "1.5"),
        ("0.00100000", "0.001"),
        ("0E-18", "0"),
        ("-0.0", "0"),
        ("1E-18", "0." + "0" * 17 + "1"),
    ],
)
def test_decimals_are_written_plain(value: str, text: str) -> None:
    assert plain(Decimal(value)) == text


def test_quotients_keep_the_18_places_of_a_price_and_are_rounded_half_even() -> None:
    assert quotient(Decimal(1), Decimal(3)) == Decimal("0.333333333333333333")
    assert quotient(Decimal("5e-19"), Decimal(1)) == 0
    assert quotient(Decimal("1.5e-18"), Decimal(1)) == Decimal("2e-18")
    assert percent_change(Decimal(200), Decimal(197)) == Decimal("-1.5")


@pytest.mark.parametrize("end", ["99999999999999999999", "-99999999999999999999"])
def test_a_quotient_beyond_what_tables_hold_is_the_largest_that_they_hold(end: str) -> None:
    change = percent_change(Decimal("1e-18"), Decimal(end))
    assert exact(change, "change") == change
    assert abs(change) > Decimal("9.9e19") and (change > 0) == (Decimal(end) > 0)


@given(st.datetimes(timezones=st.just(UTC)))
def test_times_survive_being_written_and_read(at: datetime) -> None:
    assert parse_time(rfc3339(at)) == at


def test_times_are_truncated_to_microseconds_and_brought_to_utc() -> None:
    assert parse_time("2026-09-25T19:48:26.8443599+02:00") == datetime(2026, 9, 25, 17, 48, 26, 844359, UTC)


@pytest.mark.parametrize(
    "text", ["", "now", "2026-09-25", "2026-09-25T17:48:26", "2026-02-31T00:00:00Z", "0001-01-01T00:00:00+23:00", "1e9"]
)
def test_what_is_not_a_time_is_refused(text: str) -> None:
    with pytest.raises(InvalidValue, match="expected RFC 3339"):
        parse_time(text, "start")


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(InvalidValue, match="has no time zone"):
        utc(datetime(2026, 1, 1))  # noqa: DTZ001  # the very thing that must be refused
    assert utc(datetime(2026, 1, 1, 2, tzinfo=timezone(timedelta(hours=2)))) == datetime(2026, 1, 1, tzinfo=UTC)

"""The dates of feeds, as they are written -> UTC. What cannot be known is no time, never a wrong one."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from adapters.rss.zones import in_utc

_LONGEST = 100
_MONTHS: dict[str, int] = {
    name: number
    for number, names in enumerate(
        (
            "jan janv ene gen januar january janvier enero gennaio januari janeiro jän jänner янв января",
            "feb febr fév févr fev februar february février febrero febbraio februari fevereiro фев февр февраля",
            "mar mär mrz mars march märz marzo maart março мар марта",
            "apr avr abr april avril abril aprile апр апреля",
            "may mai mag maj mei maggio mayo maio мая",
            "jun juin giu june juni junio giugno junho июн июня",
            "jul juil lug july juli juillet julio luglio julho июл июля",
            "aug aoû août ago august agosto augustus авг августа",
            "sep sept set september septembre septiembre settembre setembro сен сент сентября",
            "oct okt ott out october oktober octobre octubre ottobre outubro окт октября",
            "nov november novembre noviembre novembro ноя нояб ноября",
            "dec déc dez dic december dezember décembre diciembre dicembre dezembro дек декабря",
        ),
        1,
    )
    for name in names.split()
}
_TIME = (
    r"(?P<hour>[0-9]{1,2}):(?P<minute>[0-9]{2})(?::(?P<second>[0-9]{2})(?:[.,](?P<fraction>[0-9]+))?)?"
    r"(?:\s*(?P<half>[AaPp])\.?[Mm]\.?(?![A-Za-z]))?"
)
_ZONE = (
    r"(?:\s*(?P<zone>[+\-\u2212][0-9:]{1,8}|[^\s()\[\]]+(?:\s?[+\-][0-9:]{1,6})?)(?:(?<=[0-9])\s[A-Z]{1,5})?)?"
    r"(?:\s*\([^()]*\)|\[(?P<place>[A-Za-z0-9_/+\-]+)\])?"
)
_WEEKDAY = r"(?:[^\W\d]+\.?(?:\s*,\s*|\s+))?"
_WORD = r"(?P<month>[^\W\d]+)\.?"
_FORMS = tuple(
    re.compile(form)
    for form in (
        # RFC 822 and what is like it: Sat, 28 Nov 2026 16:18:00 +0100
        rf"{_WEEKDAY}(?P<day>[0-9]{{1,2}})(?:st|nd|rd|th|er|\.)?[\s\-]+{_WORD},?[\s\-]+(?P<year>[0-9]{{4}}|[0-9]{{2}}),?\s+(?:at\s+)?{_TIME}{_ZONE}",
        # November 28, 2026 4:18 PM EST
        rf"{_WEEKDAY}{_WORD}\s+(?P<day>[0-9]{{1,2}})(?:st|nd|rd|th)?,?\s+(?P<year>[0-9]{{4}}),?\s+(?:(?:at|-)\s+)?{_TIME}{_ZONE}",
        # ISO 8601 and RFC 3339, with a space or none before a zone
        rf"(?P<year>[0-9]{{4}})-(?P<number>[0-9]{{1,2}})-(?P<day>[0-9]{{1,2}})(?:\s*[Tt]\s*|\s+){_TIME}{_ZONE}",
        r"(?P<year>[0-9]{4})(?P<number>[0-9]{2})(?P<day>[0-9]{2})[Tt](?P<hour>[0-9]{2})(?P<minute>[0-9]{2})"
        rf"(?P<second>[0-9]{{2}})?(?P<fraction>(?!))?(?P<half>(?!))?{_ZONE}",
        # Year first with slashes or dots is one thing; day or month first is two (_slashed)
        rf"(?P<year>[0-9]{{4}})[/.](?P<number>[0-9]{{1,2}})[/.](?P<day>[0-9]{{1,2}}),?\s+{_TIME}{_ZONE}",
        # asctime with a zone: Sat Nov 28 16:18:00 EST 2026
        rf"{_WEEKDAY}{_WORD}\s+(?P<day>[0-9]{{1,2}})\s+{_TIME}\s+(?P<zone>[^\s()]+)\s+(?P<year>[0-9]{{4}})",
    )
)
_SLASHED = re.compile(
    rf"(?P<first>[0-9]{{1,2}})[/.\-](?P<other>[0-9]{{1,2}})[/.\-](?P<year>[0-9]{{4}}),?\s+{_TIME}{_ZONE}"
)
_UNIX = re.compile(r"[0-9]{9,10}(?:[0-9]{3})?(?:\.[0-9]+)?")


def moment(text: str) -> datetime | None:
    """The moment that a feed's date names, in UTC; None where date, time of day or zone cannot be known."""
    date = " ".join(text[: _LONGEST + 1].split())
    if not date or len(date) > _LONGEST:
        return None
    try:
        if _UNIX.fullmatch(date):
            return _since_1970(date)
        return next((found for found in _readings(date) if found), None)
    except (ValueError, OverflowError):
        return None


def _since_1970(date: str) -> datetime:
    whole, _, fraction = date.partition(".")
    micros = int(whole) * (1_000 if len(whole) > 10 else 1_000_000) + int((fraction + "000000")[:6])
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=micros)


def _readings(date: str) -> Iterator[datetime | None]:
    for form in _FORMS:
        if found := form.fullmatch(date):
            parts = found.groupdict()
            month = int(parts["number"]) if parts.get("number") else _MONTHS.get((parts.get("month") or "").lower())
            if month:
                yield _moment(parts, month, int(parts["day"]))
    if found := _SLASHED.fullmatch(date):
        first, other = int(found["first"]), int(found["other"])
        if first > 12 >= other or first == other:
            yield _moment(found.groupdict(), other, first)
        elif other > 12 >= first:
            yield _moment(found.groupdict(), first, other)


def _moment(parts: dict[str, str | None], month: int, day: int) -> datetime | None:
    zone = parts["zone"] or parts.get("place")
    if not zone:
        return None
    hour, minute, second = (int(parts[name] or 0) for name in ("hour", "minute", "second"))
    half = (parts["half"] or "").lower()
    if half and hour <= 12:
        hour = hour % 12 + (12 if half == "p" else 0)
    if hour > 24 or minute > 59 or second > 60 or (hour == 24 and (minute or second)):
        return None
    micros = int(((parts["fraction"] or "") + "000000")[:6])
    midnight = datetime(_year(parts["year"] or ""), month, day)  # noqa: DTZ001 - local, in the zone that follows
    return in_utc(midnight + timedelta(hours=hour, minutes=minute, seconds=second, microseconds=micros), zone)


def _year(digits: str) -> int:
    """RFC 5322, 4.3: two digits up to 49 are this century's."""
    year = int(digits)
    return year if len(digits) == 4 else year + (2000 if year < 50 else 1900)

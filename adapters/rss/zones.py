"""What the zones in feeds' dates mean. A name that stands for several zones means nothing (docs/decisions/0025)."""

import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

_HOURS = {
    # RFC 822, 5.1, which RSS refers to
    "UT": 0, "GMT": 0, "UTC": 0, "Z": 0, "ZULU": 0,
    "EST": -5, "EDT": -4, "CST": -6, "CDT": -5, "MST": -7, "MDT": -6, "PST": -8, "PDT": -7,
    # Names of one zone each
    "AKST": -9, "AKDT": -8, "HST": -10, "HDT": -9, "NST": -3.5, "NDT": -2.5, "BRT": -3, "BRST": -2, "ART": -3, "CLST": -3,
    "WET": 0, "WEST": 1, "CET": 1, "CEST": 2, "MEZ": 1, "MESZ": 2, "MET": 1, "MEST": 2, "EET": 2, "EEST": 3, "MSK": 3,
    "TRT": 3, "IDT": 3, "SAST": 2, "CAT": 2, "EAT": 3, "WAT": 1, "PKT": 5, "NPT": 5.75, "ICT": 7, "WIB": 7, "HKT": 8,
    "SGT": 8, "PHT": 8, "MYT": 8, "AWST": 8, "JST": 9, "KST": 9, "ACST": 9.5, "ACDT": 10.5, "AEST": 10, "AEDT": 11,
    "NZST": 12, "NZDT": 13,
}  # fmt: skip
_PLACES = {"ET": "America/New_York", "CT": "America/Chicago", "MT": "America/Denver", "PT": "America/Los_Angeles"}
_OFFSET = re.compile(r"(?:(?:GMT|UTC|UT)\s*)?([+\-\u2212])([0-9]{1,2})(?::?([0-9]{2}))?(?::?[0-9]{2})?", re.I)
_PLACE = re.compile(r"[A-Za-z]+(?:/[A-Za-z0-9_+\-]+){1,2}")
_FARTHEST = timedelta(hours=14)


def in_utc(local: datetime, zone: str) -> datetime | None:
    """The moment of a local time in a zone as a feed names it; None where that cannot be known."""
    name = zone.strip().upper().rstrip(".")
    if offset := _OFFSET.fullmatch(zone.strip()):
        return _at_offset(local, offset)
    if name in _HOURS:
        return local.replace(tzinfo=timezone(timedelta(hours=_HOURS[name]))).astimezone(UTC)
    if name == "BST":  # British in the British summer; in winter nobody knows, it may be Bangladesh's
        london = _placed(local, "Europe/London")
        return london if london and local - london.replace(tzinfo=None) == timedelta(hours=1) else None
    place = _PLACES.get(name) or (zone.strip() if _PLACE.fullmatch(zone.strip()) else None)
    return _placed(local, place) if place else None


def _at_offset(local: datetime, offset: re.Match[str]) -> datetime | None:
    hours, minutes = int(offset[2]), int(offset[3] or 0)
    distance = timedelta(hours=hours, minutes=minutes)
    if minutes > 59 or distance > _FARTHEST:
        return None
    return (local - (distance if offset[1] == "+" else -distance)).replace(tzinfo=UTC)


def _placed(local: datetime, place: str) -> datetime | None:
    try:
        zone: tzinfo = ZoneInfo(place)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None
    moments = {local.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1)}
    return moments.pop() if len(moments) == 1 else None  # the hour that a change of clocks repeats, or leaves out

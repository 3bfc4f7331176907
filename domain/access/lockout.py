"""How long sign-in must wait after failures: nothing at first, then longer and longer.

Failures are counted for a name at an address, and for an address whatever the name. So whoever guesses is slowed down,
and the user whose name he guesses at still signs in from everywhere else. Whoever has many addresses is stopped by a
third count, for the name at all addresses but those that its user has signed in from before: from these the user signs in
even then.
"""

import ipaddress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

_FIRST_WAIT = timedelta(seconds=15)
_LONGEST_WAIT = timedelta(hours=1)
_FORGOTTEN_AFTER = timedelta(hours=24)
FAMILIAR_FOR = timedelta(days=90)
"""How long an address stays one that a user signs in from, after the last time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Failures:
    """Failed attempts in a row, and until when the next must wait."""

    count: int = 0
    locked_until: datetime | None = None
    last_at: datetime | None = None

    def locks(self, now: datetime) -> bool:
        """Whether an attempt is refused now."""
        return self.locked_until is not None and now < self.locked_until

    def without(self, count: int) -> "Failures":
        """So many less; a wait that has begun goes on."""
        return replace(self, count=max(0, self.count - count))

    def another(self, now: datetime, *, free: int) -> "Failures":
        """One more failure; the first `free` cost nothing, then the wait doubles from 15 s to an hour."""
        count = 1 if self.last_at is None or now - self.last_at > _FORGOTTEN_AFTER else self.count + 1
        if count < free:
            return Failures(count=count, last_at=now)
        wait = min(_FIRST_WAIT * 2 ** min(count - free, 16), _LONGEST_WAIT)
        return Failures(count=count, locked_until=now + wait, last_at=now)


def subjects(name: str, address: str, *, familiar: bool) -> dict[str, int]:
    """What an attempt's failure is counted for, and how many of them are free. `familiar`: see FAMILIAR_FOR."""
    network = network_of(address)
    here = {f"{network} {name}"[:200]: 5, network: 20}
    return here if familiar else here | {f"name {name}"[:200]: 50}


def network_of(address: str) -> str:
    """An IPv4 address, or the /64 of an IPv6 one: a single customer has all of that."""
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return "unknown"
    if isinstance(parsed, ipaddress.IPv6Address):
        mapped = parsed.ipv4_mapped
        return str(mapped) if mapped else str(ipaddress.ip_network((parsed, 64), strict=False))
    return str(parsed)

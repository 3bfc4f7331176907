"""How long sign-in must wait after failures: nothing at first, then longer and longer.

Failures are counted for a name at an address, and for an address whatever the name. So an attacker is slowed down, and the
user whose password they guess still signs in from everywhere else. A third counter, for the name at all addresses, stops an
attacker with many addresses.

An address may be shared: by an office, by all behind a proxy, by all users of a machine. A user who has signed in from an
address is therefore not locked out there by what others do: for them only their own name at this address counts, with a
hundred attempts free and a wait of a minute at most. This still bounds guessing, at 1,440 attempts a day.
"""

import ipaddress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

_FIRST_WAIT = timedelta(seconds=15)
_LONGEST_WAIT = timedelta(hours=1)
_LONGEST_WAIT_OF_FAMILIAR = timedelta(minutes=1)
_FORGOTTEN_AFTER = timedelta(hours=24)
FAMILIAR_FOR = timedelta(days=90)
"""How long an address stays one that a user signs in from, after the last time."""


@dataclass(frozen=True, slots=True)
class Allowance:
    """How many failures are free, and how long the wait becomes at most."""

    free: int
    longest: timedelta = _LONGEST_WAIT


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

    def another(self, now: datetime, allowed: Allowance) -> "Failures":
        """One more failure; the first ones cost nothing, then the wait doubles from 15 s to the longest."""
        count = 1 if self.last_at is None or now - self.last_at > _FORGOTTEN_AFTER else self.count + 1
        if count < allowed.free:
            return Failures(count=count, last_at=now)
        wait = min(_FIRST_WAIT * 2 ** min(count - allowed.free, 16), allowed.longest)
        return Failures(count=count, locked_until=now + wait, last_at=now)


def subjects(name: str, address: str, *, familiar: bool) -> dict[str, Allowance]:
    """What an attempt's failure is counted for, the name at the address first. `familiar`: see FAMILIAR_FOR."""
    network = network_of(address)
    here = f"{network} {name}"[:200]
    if familiar:
        return {here: Allowance(100, _LONGEST_WAIT_OF_FAMILIAR)}
    return {here: Allowance(5), network: Allowance(20), f"name {name}"[:200]: Allowance(50)}


def own_password_subjects(name: str, address: str) -> dict[str, Allowance]:
    """What a wrong present password is counted for, when a session asks for another one."""
    return {f"change {network_of(address)} {name}"[:200]: Allowance(5)}


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

"""PostgreSQL does not run as root: who it runs as instead, and how it still gets to its files."""

import os
import pwd
from dataclasses import dataclass
from pathlib import Path

from entrypoints.local.missing import Missing
from entrypoints.local.programs import program

# Bits of a capability set, as <linux/capability.h> numbers them; the first that we hold is lent.
_MAY_SEARCH = (("dac_read_search", 2), ("dac_override", 1))


@dataclass(frozen=True, slots=True)
class ServerUser:
    """`launcher` stands before the server's command, and replaces itself by it; `uid` and `gid` own the server's files."""

    uid: int
    gid: int
    launcher: tuple[str, ...]


def server_user(*paths: Path) -> ServerUser:
    """Ourselves, or for root the user postgres or nobody, who can reach `paths`. Raises Missing."""
    if os.geteuid() != 0:
        return ServerUser(os.geteuid(), os.getegid(), ())
    user = _unprivileged()
    launcher = [program("setpriv", "util-linux"), f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups"]
    closed = next((parent for path in paths for parent in path.parents if _closed(parent)), None)
    if closed is not None:
        # Root's home is closed to others, so the one capability that looking a path up takes is lent.
        held = int(next(line for line in _status() if line.startswith("CapEff:")).split()[1], 16)
        lent = next((name for name, bit in _MAY_SEARCH if held >> bit & 1), None)
        if lent is None:
            raise Missing(
                f"the user {user.pw_name}, whom PostgreSQL runs as, cannot enter {closed}",
                "set CRYPTOVIZ_DATA_DIR and CRYPTOVIZ_CACHE_DIR to directories that others may enter",
            )
        # access(2), by which initdb looks for its programs, forgets capabilities without no_setuid_fixup.
        launcher += ["--securebits=+no_setuid_fixup", f"--inh-caps=+{lent}", f"--ambient-caps=+{lent}"]
    return ServerUser(user.pw_uid, user.pw_gid, tuple(launcher))


def _unprivileged() -> pwd.struct_passwd:
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise Missing("PostgreSQL does not run as root, and there is no user postgres or nobody", "add a user postgres")


def _closed(directory: Path) -> bool:
    # What is missing yet is made by us, for ourselves alone.
    return not directory.exists() or not directory.stat().st_mode & 0o001


def _status() -> list[str]:
    return Path("/proc/self/status").read_text(encoding="ascii").splitlines()

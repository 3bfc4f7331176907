"""Programs of a newer Debian, unpacked into a directory of their own and run with the C library they were built for.

No root, no chroot: apt resolves and verifies the packages with a state of its own, dpkg-deb unpacks them without running
anything, and each program is started through its own dynamic loader. The system's packages are neither used nor touched.
"""

from pathlib import Path

from entrypoints.local.missing import Missing
from entrypoints.local.programs import program, run

_KEYS = Path("/usr/share/keyrings/debian-archive-keyring.gpg")
_MIRROR = "http://deb.debian.org/debian"  # what is fetched is verified with Debian's keys

_WRAPPER = """\
#!/bin/sh
# Programs that start others by their path (initdb does) must go through the loader too.
here=$(CDPATH= cd -- "$(dirname -- "$0")" && pwd)
exec {tree}/{loader} --library-path {tree}/{libraries} --argv0 "$here/{name}" "$here/{name}.elf" "$@"
"""


def unpack(into: Path, suite: str, packages: list[str], wrapped: list[str]) -> None:
    """Unpack the packages with all they depend on; the programs `wrapped` (below `into`) can then be started by their path.

    Raises Missing.
    """
    apt, dpkg_deb = program("apt-get", "apt"), program("dpkg-deb", "dpkg")
    if not _KEYS.exists():
        raise Missing(f"{_KEYS} is missing", "on Debian and Ubuntu, `apt-get install debian-archive-keyring`")
    state = into / "apt"
    for directory in ("lists/partial", "cache/archives/partial", "state"):
        (state / directory).mkdir(parents=True)
    (state / "installed").touch()
    (state / "sources.list").write_text(f"deb [signed-by={_KEYS}] {_MIRROR} {suite} main\n", encoding="utf-8")
    options = {
        "Dir::Etc::sourcelist": state / "sources.list",
        "Dir::Etc::sourceparts": "/dev/null",
        "Dir::Etc::preferences": "/dev/null",
        "Dir::Etc::preferencesparts": "/dev/null",
        "Dir::State": state / "state",
        "Dir::State::lists": state / "lists",
        "Dir::State::status": state / "installed",
        "Dir::Cache": state / "cache",
        "Acquire::Languages": "none",
        "Acquire::Retries": 3,
        "APT::Update::Error-Mode": "any",  # otherwise a failed update succeeds, and the packages are merely unknown
        "APT::Sandbox::User": "root",  # apt's own user may not see the cache of a user
        "APT::Install-Recommends": "false",
    }
    command = [apt, "-q", *(f"-o{name}={value}" for name, value in options.items())]
    what = f"{' and '.join(packages)} could not be had from {_MIRROR} ({suite})"
    run(what, [*command, "update"], cwd=state)
    run(what, [*command, "install", "--yes", "--download-only", *packages], cwd=state)
    for package in sorted((state / "cache/archives").glob("*.deb")):
        run(f"{package.name} could not be unpacked", [dpkg_deb, "--extract", str(package), str(into)], cwd=state)
    run("apt's own files could not be removed", ["rm", "-rf", str(state)], cwd=into)
    for name in wrapped:
        _wrap(into, into / name)


def _wrap(tree: Path, path: Path) -> None:
    loader = next(tree.glob("usr/lib/*-linux-gnu*/ld-linux-*.so.*")).relative_to(tree)
    up = Path(*[".."] * len(path.parent.relative_to(tree).parts))
    path.rename(path.with_name(f"{path.name}.elf"))
    path.write_text(
        _WRAPPER.format(tree=f'"$here"/{up}', loader=loader, libraries=loader.parent, name=path.name), encoding="utf-8"
    )
    path.chmod(0o755)

"""Packages from npm that tests need, installed once, as a folder's package-lock.json pins them."""

import hashlib
import shutil
from pathlib import Path

from entrypoints.local.cache import kept
from entrypoints.local.programs import program, run


def node() -> str:
    """Where Node.js is. Raises Missing."""
    return program("node", "nodejs")


def node_modules(folder: Path) -> Path:
    """The `node_modules` of a folder's package.json, kept outside of it. Raises Missing."""
    npm = program("npm", "npm")
    lock = folder / "package-lock.json"

    def install(into: Path) -> None:
        for name in ("package.json", lock.name):
            shutil.copy(folder / name, into)
        run(
            f"The packages of {folder.name} could not be installed",
            [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"],
            cwd=into,
        )

    pinned = hashlib.sha256(lock.read_bytes()).hexdigest()[:12]
    return kept(f"node-{folder.name}-{pinned}", install) / "node_modules"

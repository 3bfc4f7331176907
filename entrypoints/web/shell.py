"""What the page is made of: the files that its service worker keeps, and the version that changes with any of them."""

import hashlib
from pathlib import Path

import msgspec

_KEPT = {".css", ".html", ".js", ".svg", ".woff2"}
_WORKER = "service-worker.js"


def shell_script(folder: Path) -> bytes:
    """The service worker as it is served: its file in `folder`, with what it is to keep written above.

    Another version makes another script, which is how a browser learns of it (https://w3c.github.io/ServiceWorker/#update).
    """
    kept = {path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(folder.rglob("*")) if _keep(path)}
    digest = hashlib.sha256()
    for name, body in kept.items():
        digest.update(f"{name} {len(body)} ".encode() + body)
    shell = {
        "version": digest.hexdigest()[:16],
        "files": ["/" if name == "index.html" else f"/static/{name}" for name in kept],
    }
    return b"const SHELL = " + msgspec.json.encode(shell) + b";\n" + (folder / _WORKER).read_bytes()


def _keep(path: Path) -> bool:
    """All that is sent to a browser, but for the admin pages: those are of no use without the server."""
    admin = any(part.startswith("admin") for part in path.parts[-2:])
    return path.suffix in _KEPT and path.name != _WORKER and not path.name.endswith(".d.ts") and not admin

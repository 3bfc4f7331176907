"""The dashboard: its page at `/` and its files under `/static`, as they lie in `static/`. No build step.

Scripts and styles of our own are sent without their comments and indentation (see slim.py).
"""

import gzip
import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from litestar import Request, Response, get
from litestar.datastructures import State
from litestar.exceptions import NotFoundException
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from entrypoints.api.access.needs import Need
from entrypoints.web.preload import with_preloads
from entrypoints.web.shell import shell_script
from entrypoints.web.slim import slim_page, slim_script, slim_style

STATIC = Path(__file__).parent / "static"

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; manifest-src 'self'; worker-src 'self'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types lit-html service-worker"
)
# A worker has the policy that it came with, not the page's.
_WORKER_POLICY = "default-src 'none'; connect-src 'self'; require-trusted-types-for 'script'; trusted-types 'none'"

_TYPES = {
    ".css": "text/css",
    ".html": "text/html",
    ".ico": "image/x-icon",
    ".jpg": "image/jpeg",
    ".js": "text/javascript",
    ".json": "application/json",
    ".mjs": "text/javascript",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".txt": "text/plain",
    ".webmanifest": "application/manifest+json",
    ".woff2": "font/woff2",
    "": "text/plain",  # LICENSE, NOTICE
}
_OPEN = {"needs": Need.OPEN}  # whoever is to sign in needs the page
_NAMED = re.compile(r'(?:href|src)="/static/([^"]+)"')
_COMPRESSIBLE = {".css", ".html", ".js", ".json", ".mjs", ".svg", ".txt", ".webmanifest", ""}


@dataclass(frozen=True, slots=True)
class _File:
    path: Path
    changed: tuple[int, int] | None
    body: bytes
    gzipped: bytes | None
    etag: str
    media_type: str


class StaticFiles:
    """Files below one folder, kept in memory until they change on disk."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder.resolve()
        self._files: dict[str, _File] = {}  # by the way from the folder, without detours

    def answer(self, name: str, request: Request[None, None, State], *, policy: str | None = None) -> Response[bytes]:
        """One file: compressed where the client takes it, 304 where it has it. Raises NotFoundException."""
        file = self._load(name)
        headers = {"ETag": file.etag, "Cache-Control": "no-cache", "Vary": "Accept-Encoding"}
        if policy:
            headers["Content-Security-Policy"] = policy
        if file.etag in request.headers.get("if-none-match", ""):
            return Response(b"", status_code=304, headers=headers, media_type=file.media_type)
        if file.gzipped and "gzip" in request.headers.get("accept-encoding", ""):
            headers["Content-Encoding"] = "gzip"
            return Response(file.gzipped, headers=headers, media_type=file.media_type)
        return Response(file.body, headers=headers, media_type=file.media_type)

    def read_ahead(self, page: str) -> None:
        """Have a page and all that it names in memory, for the first visitor too. Raises NotFoundException."""
        for name in _NAMED.findall(self.body(page).decode()):
            self._load(name)

    def body(self, name: str) -> bytes:
        """One file as it is sent, before compression. Raises NotFoundException."""
        return self._load(name).body

    def _load(self, name: str) -> _File:
        name = name.lstrip("/")
        if known := self._known(name):
            return known
        missing = NotFoundException(f"there is no file '{name[:80]}'")
        if "\0" in name or len(name) > 500:
            raise missing
        path = (self._folder / name).resolve()
        # Resolved first: neither `..` nor a symbolic link leads out of the folder.
        if not path.is_relative_to(self._folder) or path.suffix not in _TYPES or not path.is_file():
            raise missing
        place = path.relative_to(self._folder).as_posix()
        if known := self._known(place):  # it was asked for by a detour
            return known
        changed = _changed(path)
        body = self._slim(path)
        gzipped = gzip.compress(body, mtime=0) if path.suffix in _COMPRESSIBLE else None
        etag = f'W/"{hashlib.sha256(body).hexdigest()[:20]}"'
        file = self._files[place] = _File(path, changed, body, gzipped, etag, _TYPES[path.suffix])
        return file

    def _known(self, place: str) -> _File | None:
        file = self._files.get(place)
        return file if file and _changed(file.path) == file.changed else None

    def _slim(self, path: Path) -> bytes:
        body = path.read_bytes()
        if path.is_relative_to(self._folder / "vendor"):
            return body
        if path.suffix == ".html":
            return with_preloads(self._folder, slim_page(body.decode())).encode()
        if path.suffix == ".js":
            return slim_script(body.decode()).encode()
        return slim_style(body.decode()).encode() if path.suffix == ".css" else body


def _changed(path: Path) -> tuple[int, int] | None:
    """When it was changed and how long it is; None where it is not there."""
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_mtime_ns, status.st_size


@cache
def _files_of(folder: Path) -> StaticFiles:
    files = StaticFiles(folder)
    files.read_ahead("index.html")
    return files


def page_handlers(folder: Path = STATIC, *, opened: Callable[[], object] | None = None) -> list[HTTPRouteHandler]:
    """`/`, `/admin`, `/static/…` and `/service-worker.js`, which stands above all so that its scope is the page.

    `opened` is called as a dashboard is being opened.
    """
    files = _files_of(folder)

    # What is in memory is answered at once; a way to a thread and back would take longer.
    @get("/", include_in_schema=False, sync_to_thread=False, opt=_OPEN)
    def index(request: Request[None, None, State]) -> Response[bytes]:
        if opened:
            opened()
        return files.answer("index.html", request, policy=CONTENT_SECURITY_POLICY)

    @get(["/admin", "/admin/"], include_in_schema=False, sync_to_thread=False, opt=_OPEN)
    def admin(request: Request[None, None, State]) -> Response[bytes]:
        return files.answer("admin.html", request, policy=CONTENT_SECURITY_POLICY)

    @get("/static/{name:path}", include_in_schema=False, sync_to_thread=False, opt=_OPEN)
    def static(request: Request[None, None, State], name: FromPath[str]) -> Response[bytes]:
        return files.answer(name, request)

    @get("/service-worker.js", include_in_schema=False, sync_to_thread=True, opt=_OPEN)
    def service_worker() -> Response[bytes]:
        headers = {"Cache-Control": "no-cache", "Content-Security-Policy": _WORKER_POLICY}
        return Response(shell_script(folder), headers=headers, media_type=_TYPES[".js"])

    return [index, admin, static, service_worker]

"""Which modules a page needs from the start, so that its browser asks for them at once and not one import after the other."""

import re
from pathlib import Path, PurePosixPath

# `import … from '…'` and `export … from '…'`, and `import '…'`; not `import('…')`, which is for later. In a script that
# was made small several stand on one line.
_IMPORT = re.compile(r"""(?:^|;)(?:import|export)\b[^'"();]*?['"](\.[^'"]+)['"]""", re.MULTILINE)
_FIRST = re.compile(r'<script type="module" src="/static/(?P<main>[^"]+)"></script>')


def modules_of(folder: Path, main: str) -> list[str]:
    """What a module imports before it runs, and what that does, as paths below `folder`; `main` itself is left out."""
    found: dict[str, None] = {main: None}
    for name in (waiting := [main]):
        for other in _IMPORT.findall((folder / name).read_text(encoding="utf-8")):
            path = _joined(PurePosixPath(name).parent, other)
            if path not in found:
                found[path] = None
                waiting.append(path)
    return list(found)[1:]


def with_preloads(folder: Path, html: str) -> str:
    """The page with a link to each module that it needs from the start, before its script."""
    first = _FIRST.search(html)
    if first is None:
        return html
    links = "".join(f"<link rel=modulepreload href=/static/{name}>" for name in modules_of(folder, first["main"]))
    return html[: first.start()] + links + html[first.start() :]


def _joined(folder: PurePosixPath, relative: str) -> str:
    parts = list(folder.parts)
    for part in PurePosixPath(relative).parts:
        if part == "..":
            parts.pop()
        else:
            parts.append(part)
    return "/".join(parts)

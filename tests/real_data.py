"""Recordings that are not part of this repository: beside it, in `../shared/data`."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import pytest

Test = TypeVar("Test", bound=Callable[..., Any])

ROOT = Path(__file__).resolve().parents[2] / "shared" / "data"


def path(name: str) -> Path:
    """The path of a file such as `kraken/recorded_frames/ws_v2_frames.jsonl`."""
    return ROOT / name


def real_data(*names: str) -> Callable[[Test], Test]:
    """Marks a test that reads these files: it is `real_data`, and skips with a reason where one is absent."""
    absent = [name for name in names if not path(name).exists()]
    skip = pytest.mark.skipif(bool(absent), reason=f"not beside this repository: {ROOT / absent[0] if absent else ''}")

    def mark(test: Test) -> Test:
        marked: Test = pytest.mark.real_data(skip(test))
        return marked

    return mark

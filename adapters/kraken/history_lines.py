"""The lines of a file, plain or gzip, with their numbers: whatever else is wrong with them, they are counted right."""

import codecs
import gzip
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, NamedTuple

from adapters.kraken.errors import HistoryFileError

LONGEST_LINE = 64 * 1024


class HistoryLine(NamedTuple):
    """One line: `text` without white space and a byte order mark; `raw` as it stands, its beginning where it is too long."""

    number: int
    text: bytes
    raw: bytes
    too_long: bool


def history_lines(path: Path) -> Iterator[HistoryLine]:
    """The lines of `path`, from number 1 on. Raises HistoryFileError where it cannot be read, or not any further."""
    number = 0
    try:
        with _open(path) as file:
            while raw := file.readline(LONGEST_LINE):
                number += 1
                too_long = len(raw) == LONGEST_LINE and not raw.endswith(b"\n")
                rest = raw
                while too_long and len(rest) == LONGEST_LINE and not rest.endswith(b"\n"):
                    rest = file.readline(LONGEST_LINE)
                if number == 1 and raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
                    raise HistoryFileError(f"{path} is text in UTF-16: save it as UTF-8")
                text = raw.removeprefix(codecs.BOM_UTF8) if number == 1 else raw
                yield HistoryLine(number, text.strip(), raw, too_long)
    except (OSError, EOFError, zlib.error) as error:
        reason = getattr(error, "strerror", None) or error
        where = f"beyond line {number} " if number else ""
        raise HistoryFileError(
            f"{path} cannot be read {where}({reason}): expected Kraken's CSV or JSON Lines of trades"
        ) from error


def _open(path: Path) -> BinaryIO:
    with path.open("rb") as file:
        is_gzip = file.read(2) == b"\x1f\x8b"
    return gzip.open(path, "rb") if is_gzip else path.open("rb")  # type: ignore[return-value]

"""Avro's decimals as columns: variable-length big-endian bytes -> decimal(38,18), many at once, exact.

Spark's own conversion makes a BigDecimal of each value, and what does not fit becomes null without a word.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from domain.values import PRECISION, SCALE

Mask = npt.NDArray[np.bool_]

_BYTES = 16
_PLACES = np.arange(_BYTES)
_TOO_HIGH = 10**PRECISION >> 64  # the upper half of the first number that needs more digits
_NEGATIVE = 0x80


@dataclass(frozen=True, slots=True)
class Decimals:
    """A column of decimals, and which of them may be taken as they are: never one that does not fit."""

    values: pa.Array
    _readable: Mask
    _upper: npt.NDArray[np.int64]
    _lower: npt.NDArray[np.uint64]

    @property
    def positive(self) -> Mask:
        """Above zero."""
        return self.not_negative & ((self._upper > 0) | (self._lower > 0))

    @property
    def not_negative(self) -> Mask:
        """Zero or more."""
        return self._within(0)

    @property
    def exact(self) -> Mask:
        """Any number."""
        return self._within(-_TOO_HIGH)

    def _within(self, lowest: int) -> Mask:
        fitting: Mask = (self._upper >= lowest) & (self._upper < _TOO_HIGH)
        return self._readable & fitting


def decimals_of(column: Any) -> Decimals:
    """The decimals in a binary array of unscaled two's complement values. Nulls count as unreadable, and as zero."""
    rows = len(column)
    _, offset_buffer, data_buffer = column.buffers()
    if not rows or data_buffer is None or not data_buffer.size:
        nothing = np.zeros(rows, np.int64)
        return Decimals(_array(np.zeros((rows, _BYTES), np.uint8)), nothing > 0, nothing, nothing.astype(np.uint64))
    offsets = np.frombuffer(offset_buffer, np.int32)[column.offset : column.offset + rows + 1]
    data = np.frombuffer(data_buffer, np.uint8)
    begin, end = offsets[:-1], offsets[1:]
    lengths = end - begin
    sign = np.where(data[np.minimum(begin, data.size - 1)] & _NEGATIVE, np.uint8(0xFF), np.uint8(0))
    sign[lengths == 0] = 0
    from_the_end = np.maximum(end[:, None] - 1 - _PLACES, 0)  # big-endian there, little-endian here
    words = np.where(lengths[:, None] > _PLACES, data[from_the_end], sign[:, None])
    halves = words.view("<i8")
    readable = (lengths > 0) & (lengths <= _BYTES) & np.asarray(column.is_valid())
    return Decimals(_array(words), readable, halves[:, 1], words.view("<u8")[:, 0])


def _array(words: npt.NDArray[np.uint8]) -> Any:
    return pa.Array.from_buffers(pa.decimal128(PRECISION, SCALE), len(words), [None, pa.py_buffer(words)])

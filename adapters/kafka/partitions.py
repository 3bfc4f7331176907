"""Which partition a key belongs to: the same in every process, and in all topics alike."""

from collections.abc import Sequence
from zlib import crc32


def partition_of(key: str, placed: Sequence[str], partitions: int) -> int:
    """A placed key's position modulo `partitions`; any other key's CRC-32, as librdkafka's `consistent` partitioner.

    Hashing 8 pairs onto 3 partitions leaves one of them empty, so the configured pairs are placed by hand.
    """
    if key in placed:
        return placed.index(key) % partitions
    return crc32(key.encode()) % partitions


def moved(placed: Sequence[str], before: int, after: int) -> list[str]:
    """The placed keys whose partition is another when there are `after` partitions in place of `before`."""
    return [key for number, key in enumerate(placed) if number % before != number % after]

"""Where a key goes must never depend on the process, the machine or the language that asks."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.kafka.partitions import partition_of
from domain.values import Pair

PAIRS = tuple(Pair(f"{base}/USD") for base in ("BTC", "ETH", "SOL", "ADA", "XRP", "DOGE", "DOT", "LINK"))


def test_configured_pairs_are_spread_by_their_position() -> None:
    assert [partition_of(pair, PAIRS, 3) for pair in PAIRS] == [0, 1, 2, 0, 1, 2, 0, 1]


@pytest.mark.parametrize(
    ("key", "partition"),
    [("CoinDesk", 0), ("Cointelegraph", 1), ("The Block", 2), ("PEPE/EUR", 0), ("", 0), ("Börse", 2)],
)
def test_other_keys_go_where_their_crc_32_says(key: str, partition: int) -> None:
    assert partition_of(key, PAIRS, 3) == partition


@given(key=st.text(st.characters(codec="utf-8")), partitions=st.integers(1, 100))
def test_there_is_a_partition_for_every_key(key: str, partitions: int) -> None:
    assert 0 <= partition_of(key, PAIRS, partitions) < partitions
    assert partition_of(key, PAIRS, 1) == 0

"""What the column checks let pass is what codec, domain and admission would let pass, and as the very same rows."""

import io
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

pa = pytest.importorskip("pyarrow", reason="the spark extra is not installed: run `make setup`")

import numpy as np  # noqa: E402 - comes with the extra
from fastavro import schemaless_reader, schemaless_writer  # noqa: E402

from adapters.avro.codec import AvroCodec  # noqa: E402
from adapters.avro.errors import Undecodable  # noqa: E402
from adapters.avro.schemas import storage_schema  # noqa: E402
from adapters.avro.values import decimal_bytes  # noqa: E402
from adapters.memory.schema_ids import MemorySchemaIds  # noqa: E402
from adapters.spark.decimals import decimals_of  # noqa: E402
from adapters.spark.decoding import END  # noqa: E402
from adapters.spark.sift import Sifted, sift_moments, sift_tickers, sift_trades  # noqa: E402
from adapters.sql.copy import TICKER_COLUMNS, TRADE_COLUMNS  # noqa: E402
from adapters.sql.market_rows import ticker_row, trade_row  # noqa: E402
from application.topics import TICKERS, TRADES  # noqa: E402
from domain.admission import refusal  # noqa: E402
from domain.event import Event  # noqa: E402
from domain.values import EXACT  # noqa: E402
from schemas_avro import schema_text  # noqa: E402
from tests.builders import ticker, trade  # noqa: E402
from tests.strategies import tickers, trades  # noqa: E402

MARK = b"12345678"
NOW = datetime(2026, 11, 22, 15, 30, tzinfo=UTC)
_TYPES = {"string": pa.string(), "long": pa.int64(), "bytes": pa.binary()}

Sift = Callable[..., Sifted]


def fields_of(topic: str) -> dict[str, tuple[str, bool]]:
    """The fields of a topic's records: what they are on the wire, and whether they may be null."""
    fields: Any = storage_schema(schema_text(topic))
    types = {field["name"]: field["type"] for field in fields["fields"]}
    kinds = {name: kind[1] if isinstance(kind, list) else kind for name, kind in types.items()}
    return {
        name: (kind["type"] if isinstance(kind, dict) else kind, isinstance(types[name], list))
        for name, kind in kinds.items()
    }


def records(topic: str, values: Sequence[dict[str, Any] | None]) -> Any:
    """A struct array as `from_avro` makes it: where a value could not be decoded, all fields are null."""
    fields = [pa.field(name, _TYPES[kind]) for name, (kind, _) in fields_of(topic).items()]
    fields.append(pa.field(END, pa.binary()))
    rows = [dict.fromkeys(f.name for f in fields) if value is None else {END: MARK, **value} for value in values]
    return pa.array(rows, pa.struct(fields))


def record_of(event: Event, topic: str, codec: AvroCodec) -> dict[str, Any]:
    body = io.BytesIO(codec.encode(event)[5:])
    value: Any = schemaless_reader(body, storage_schema(schema_text(topic)), None)
    return dict(value)


def looks_good(topic: str, value: dict[str, Any], codec: AvroCodec) -> bool:
    """What the second look would say."""
    buffer = io.BytesIO()
    schemaless_writer(buffer, storage_schema(schema_text(topic)), value)
    header = codec.encode(trade() if topic == TRADES else ticker())[:5]
    try:
        return refusal(codec.decode(topic, header + buffer.getvalue()), NOW) is None
    except Undecodable:
        return False


codec = AvroCodec(MemorySchemaIds())
texts = st.sampled_from(
    ["", "kraken", "BTC/USD", "btc/usd", "BTC-USD", "live", "b", "s", "x", "é", "\u2028", 'a"b\n', "BTC/USD\n"]
)
blobs = st.binary(max_size=18) | st.integers(-(10**38), 10**38).map(
    lambda n: n.to_bytes((n.bit_length() + 8) // 8, "big", signed=True)
)
_EDGES = [
    datetime(2009, 1, 3, tzinfo=UTC), datetime(2009, 1, 2, 23, 59, 59, 999999, tzinfo=UTC), NOW,
    NOW + timedelta(minutes=5), NOW + timedelta(minutes=5, microseconds=1), datetime(1970, 1, 1, tzinfo=UTC),
]  # fmt: skip
moments = st.sampled_from(
    [(at - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1) for at in _EDGES]
) | st.integers(-(2**63), 2**63 - 1)


_SPOILED: dict[str, st.SearchStrategy[Any]] = {"string": texts, "long": moments, "bytes": blobs}


def _spoiled(draw: st.DrawFn, topic: str, value: dict[str, Any]) -> dict[str, Any]:
    for name, (kind, may_be_null) in draw(st.lists(st.sampled_from(list(fields_of(topic).items())), max_size=2)):
        value[name] = draw(st.none() | _SPOILED[kind] if may_be_null else _SPOILED[kind])
    return value


@st.composite
def values(draw: st.DrawFn, topic: str) -> dict[str, Any]:
    event = draw(trades if topic == TRADES else tickers)
    value = record_of(event, topic, codec)
    for name in ("timestamp", "recorded_at"):  # else most would be beyond what is admitted
        value[name] = draw(moments) if draw(st.booleans()) else 1_790_000_000_000_000
    return _spoiled(draw, topic, value)


@pytest.mark.parametrize(("topic", "sift"), [(TRADES, sift_trades), (TICKERS, sift_tickers)])
@settings(max_examples=60)
@given(st.data())
def test_nothing_passes_that_the_second_look_would_refuse_and_the_rows_are_the_same(
    topic: str, sift: Sift, data: st.DataObject
) -> None:
    given_values = data.draw(st.lists(values(topic), max_size=8))
    sifted = sift(records(topic, given_values), end=MARK, now=NOW)
    passed = [value for value, doubtful in zip(given_values, sifted.doubtful, strict=True) if not doubtful]
    assert all(looks_good(topic, value, codec) for value in passed)
    assert sifted.rows.num_rows == len(passed)
    for row, value in zip(sifted.rows.to_pylist(), passed, strict=True):
        assert row == stored_row(topic, value)


def stored_row(topic: str, value: dict[str, Any]) -> dict[str, object]:
    """What adapters/sql writes for the event."""
    buffer = io.BytesIO()
    schemaless_writer(buffer, storage_schema(schema_text(topic)), value)
    event: Any = codec.decode(topic, codec.encode(trade() if topic == TRADES else ticker())[:5] + buffer.getvalue())
    return trade_row(event) if topic == TRADES else ticker_row(event)


@settings(max_examples=40)
@given(st.lists(trades, max_size=8), st.lists(tickers, max_size=8))
def test_ordinary_events_pass_at_once(some_trades: list[Any], some_tickers: list[Any]) -> None:
    for topic, sift, events, columns in (
        (TRADES, sift_trades, some_trades, TRADE_COLUMNS),
        (TICKERS, sift_tickers, some_tickers, TICKER_COLUMNS),
    ):
        admitted = [event for event in events if not refusal(event, NOW)]
        sifted = sift(records(topic, [record_of(event, topic, codec) for event in admitted]), end=MARK, now=NOW)
        ordinary = np.array(
            [
                not any("\x00" in str(value) for value in (event.venue, getattr(event, "order_type", "")))
                and all(abs(v) < 10**19 for v in vars_of(event) if isinstance(v, Decimal))
                for event in admitted
            ],
            dtype=np.bool_,
        )
        assert not (sifted.doubtful & ordinary).any()
        assert set(sifted.rows.schema.names) == set(columns)


def vars_of(event: Any) -> list[Any]:
    return [getattr(event, name) for name in event.__dataclass_fields__]


def test_what_could_not_be_decoded_or_does_not_end_where_it_should_is_doubtful() -> None:
    good = record_of(trade(), TRADES, codec)
    given_records = records(TRADES, [None, good, {**good, END: b"87654321"}, {**good, "pair": None}])
    sifted = sift_trades(given_records, end=MARK, now=NOW)
    assert sifted.doubtful.tolist() == [True, False, True, True]
    assert sifted.rows.num_rows == 1


def test_text_that_is_not_utf8_makes_its_batch_doubtful_not_the_job_fail() -> None:
    good = record_of(trade(), TRADES, codec)
    batch = records(TRADES, [good, good])
    venue = pa.Array.from_buffers(pa.string(), 2, pa.array([b"\xff\xfe", b"ok"]).buffers())
    names = [field.name for field in batch.type]
    columns = [venue if name == "venue" else column for name, column in zip(names, batch.flatten(), strict=True)]
    sifted = sift_trades(pa.StructArray.from_arrays(columns, names), end=MARK, now=NOW)
    assert sifted.doubtful.all()


def test_moments_are_those_of_trades_that_may_be_good() -> None:
    minute = NOW.replace(second=0)
    good = [record_of(trade(n, occurred_at=minute + timedelta(seconds=n)), TRADES, codec) for n in (1, 59, 61)]
    spoiled = [None, {**good[0], "pair": "nothing"}, {**good[0], "timestamp": 0}]
    sifted = sift_moments(records(TRADES, [*good, *spoiled]), end=MARK, now=NOW + timedelta(hours=1))
    since = int(minute.timestamp()) * 1_000_000
    assert sifted.minutes.to_pylist() == [since, since, since + 60_000_000]
    assert sifted.pairs.to_pylist() == ["BTC/USD"] * 3
    assert sifted.doubtful.tolist() == [False, False, False, True, False, False]


@given(st.lists(st.none() | blobs, max_size=20))
def test_decimals_are_exact_or_refused(raw: list[bytes | None]) -> None:
    decimals = decimals_of(pa.array(raw, pa.binary()))
    for number, blob in enumerate(raw):
        if not decimals.exact[number]:
            continue
        assert blob is not None
        value = EXACT.scaleb(int.from_bytes(blob, "big", signed=True), -18)
        assert decimals.values[number].as_py() == value
        assert decimals.positive[number] == (value > 0)
        assert decimals.not_negative[number] == (value >= 0)
    for number in range(0, len(raw), 3):  # a slice of a column has an offset in its buffers
        part = decimals_of(pa.array(raw, pa.binary()).slice(number, 2))
        assert part.values.to_pylist() == decimals.values.slice(number, 2).to_pylist()


@pytest.mark.parametrize("value", ["0.000000000000000001", "97412.6", "99999999999999999999.999999999999999999"])
def test_the_usual_and_the_largest_decimals_pass(value: str) -> None:
    decimals = decimals_of(pa.array([decimal_bytes(Decimal(value)), decimal_bytes(Decimal(f"-{value}"))]))
    large = Decimal(value) > 10**19
    assert decimals.positive.tolist() == [not large, False]  # the largest are left to the second look
    assert decimals.values.to_pylist() == [Decimal(value), Decimal(f"-{value}")]

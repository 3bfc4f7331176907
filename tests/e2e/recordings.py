"""Recordings made for tests: trades of v2 with known counts."""

import json
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path

START = datetime(2026, 11, 1, 12, tzinfo=UTC)


def stamp(at: datetime) -> str:
    return at.isoformat(timespec="microseconds").replace("+00:00", "Z")


def row(
    trade_id: int, at: datetime, *, symbol: str = "BTC/USD", price: str = "97412.6", qty: str = "0.00100000"
) -> str:
    return (
        f'{{"symbol":"{symbol}","side":"buy","price":{price},"qty":{qty},"ord_type":"limit",'
        f'"trade_id":{trade_id},"timestamp":"{stamp(at)}"}}'
    )


def frame(*rows: str) -> str:
    return f'{{"channel":"trade","type":"update","data":[{",".join(rows)}]}}'


def line(raw: str, at: datetime) -> str:
    return json.dumps({"received_at": stamp(at), "raw": raw}) + "\n"


def write(path: Path, lines: Iterable[str]) -> Path:
    path.write_text("".join(lines))
    return path


def steady(count: int) -> list[str]:
    """One BTC/USD trade a frame and a second, ids from 1, with a price that changes by a tenth each time."""
    lines = []
    for number in range(count):
        at = START + timedelta(seconds=number)
        lines.append(line(frame(row(number + 1, at, price=f"{95_000 + number % 50 / 10}")), at))
    return lines
